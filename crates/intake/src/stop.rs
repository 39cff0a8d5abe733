//! The end of a listener.

use crate::limits::{STOP_QUIET_MS, STOP_READ_SECS};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Whether a listener is to stop: when the value is true, or its sender gone.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    asked: watch::Receiver<bool>,
    /// When reading ends, once it was asked for.
    until: Option<Instant>,
}

impl Stop {
    pub(crate) fn new(asked: watch::Receiver<bool>) -> Self {
        Stop { asked, until: None }
    }

    pub(crate) fn is_asked(&self) -> bool {
        *self.asked.borrow() || self.asked.has_changed().is_err()
    }

    /// Waits until it is asked for.
    pub(crate) async fn asked(&mut self) {
        // An error says that the sender is gone.
        let _ = self.asked.wait_for(|&is_asked| is_asked).await;
    }

    /// Waits until it is asked for and the caller has waited for some time, or was busy for too long.
    pub(crate) async fn asked_and_quiet(&mut self) {
        self.asked().await;
        let now = Instant::now();
        let latest = now + Duration::from_secs(STOP_READ_SECS);
        let latest = *self.until.get_or_insert(latest);
        sleep_until(latest.min(now + Duration::from_millis(STOP_QUIET_MS))).await;
    }
}
