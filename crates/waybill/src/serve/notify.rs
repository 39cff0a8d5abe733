//! What systemd is told, where it has started the daemon (sd_notify(3)).

use sd_notify::NotifyState;
use tracing::warn;

/// It listens, and has all that it needs.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// It reads its configuration anew; [`ready`] follows.
pub(super) fn reloading() {
    // Since version 253 it wants the time too.
    let at = NotifyState::monotonic_usec_now().into_iter();
    let states: Vec<_> = [NotifyState::Reloading].into_iter().chain(at).collect();
    tell(&states);
}

/// It ends.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("ending")]);
}

/// How it does, in `systemctl status`.
pub(super) fn status(text: &str) {
    tell(&[NotifyState::Status(text)]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        warn!(%error, "systemd cannot be told");
    }
}

/// Lets systemd start it again if it is stuck.
pub(super) struct Watchdog {
    is_wanted: bool,
    turns: u64,
}

impl Watchdog {
    pub(super) fn new() -> Self {
        Watchdog {
            is_wanted: sd_notify::watchdog_enabled().is_some(),
            turns: 0,
        }
    }

    /// Says that it goes on, if it does: `turns` have grown since the last call.
    pub(super) fn look(&mut self, turns: u64) {
        let is_alive = std::mem::replace(&mut self.turns, turns) != turns;
        if self.is_wanted && is_alive {
            tell(&[NotifyState::Watchdog]);
        }
    }
}
