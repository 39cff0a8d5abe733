//! Trouble that is told now and then, not each time.

use crate::limits::REPORT_SECS;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Counts a trouble between two reports of it.
///
/// Static, beside the code that tells it: all clients in trouble make one report.
#[derive(Debug)]
pub(crate) struct Seldom(Mutex<(u64, Option<Instant>)>);

impl Seldom {
    pub(crate) const fn new() -> Self {
        Seldom(Mutex::new((0, None)))
    }

    /// Counts so many more; gives all since the last report if it is time for one.
    pub(crate) fn count(&self, more: u64) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, last) = &mut *state;
        *count += more;
        let now = Instant::now();
        let is_due = last.is_none_or(|last| now - last >= Duration::from_secs(REPORT_SECS));
        if *count == 0 || !is_due {
            return None;
        }
        *last = Some(now);
        Some(std::mem::take(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    #[tokio::test(start_paused = true)]
    async fn what_was_not_told_is_told_later() {
        let seldom = Seldom::new();
        assert_eq!(seldom.count(0), None);
        assert_eq!(seldom.count(1), Some(1));
        assert_eq!(seldom.count(2), None);
        advance(Duration::from_secs(REPORT_SECS)).await;
        assert_eq!(seldom.count(3), Some(5));
    }
}
