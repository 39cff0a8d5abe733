//! Something that failed is tried again: when, and how that is told.

use crate::limits::{PAUSE_MAX, PAUSE_MIN, PAUSE_STEP};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tracing::{error, info};

/// Each pause is twice as long as the one before, up to a bound.
pub(super) struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Pause(PAUSE_MIN)
    }
}

impl Pause {
    /// Waits, or until `stop`; `alive` is told meanwhile.
    pub(super) fn wait(&mut self, stop: &AtomicBool, alive: impl Fn()) {
        let mut left = self.0;
        while !left.is_zero() && !stop.load(Ordering::Relaxed) {
            alive();
            let step = left.min(PAUSE_STEP);
            std::thread::park_timeout(step);
            left -= step;
        }
        self.0 = (2 * self.0).min(PAUSE_MAX);
    }
}

/// Tries again to follow what cannot be followed, until it can, or is to end.
#[derive(Default)]
pub(super) struct Patience {
    pause: Pause,
    is_failing: bool,
}

impl Patience {
    /// It worked until now.
    pub(super) fn is_well(&mut self, what: &str) {
        self.pause = Pause::default();
        if std::mem::take(&mut self.is_failing) {
            info!("{what} again");
        }
    }

    /// Tells why it failed, once, and waits. Errs if it is not to be tried again.
    pub(super) fn failed(
        &mut self,
        what: &str,
        error: follow::Error,
        stop: &AtomicBool,
    ) -> Result<(), follow::Error> {
        let passes = match &error {
            follow::Error::Io { .. } => true,
            follow::Error::Journal(error) => matches!(error, journal::Error::Io { .. }),
            follow::Error::State(_) => false,
        };
        if !passes || stop.load(Ordering::Relaxed) {
            return Err(error);
        }
        if !std::mem::replace(&mut self.is_failing, true) {
            error!(
                "not any more: {what}; it is tried again: {}",
                super::chain(&error)
            );
        }
        self.pause.wait(stop, || ());
        Ok(())
    }
}
