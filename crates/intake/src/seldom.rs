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
        self.count_at(more, Instant::now())
    }

    fn count_at(&self, more: u64, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, last) = &mut *state;
        *count += more;
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

    #[test]
    fn what_was_not_told_is_told_later() {
        let (seldom, now) = (Seldom::new(), Instant::now());
        assert_eq!(seldom.count_at(0, now), None);
        assert_eq!(seldom.count_at(1, now), Some(1));
        assert_eq!(seldom.count_at(2, now), None);
        let later = now + Duration::from_secs(REPORT_SECS);
        assert_eq!(seldom.count_at(3, later), Some(5));
    }
}
