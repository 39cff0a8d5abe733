//! Where in the journal the lines of the last while are.

use crate::limits::{MARKS_APART_MS, RECENT_LINES_MAX};
use model::Timestamp;
use std::collections::VecDeque;

/// Marks of times and positions, no closer than they need to be.
pub(crate) struct Recent {
    keep_ms: i64,
    marks: VecDeque<(Timestamp, u64)>,
}

impl Recent {
    /// For lines that are known for `window_ms`: as long again, for whether a line was stored depends
    /// on those before it.
    pub(crate) fn new(window_ms: i64) -> Self {
        Recent {
            keep_ms: window_ms.saturating_mul(2),
            marks: VecDeque::new(),
        }
    }

    /// Takes note of when the line of a position was received.
    pub(crate) fn note(&mut self, received: Timestamp, position: u64) {
        let last = self.marks.back();
        if last.is_none_or(|(at, _)| received.millis_since(*at) >= MARKS_APART_MS) {
            self.marks.push_back((received, position));
        }
        // The first mark stays as long as lines behind it are wanted.
        while let Some(&(next, at)) = self.marks.get(1)
            && (received.millis_since(next) > self.keep_ms || position - at > RECENT_LINES_MAX)
        {
            self.marks.pop_front();
        }
    }

    /// The position before which nothing is wanted.
    pub(crate) fn begins(&self) -> Option<u64> {
        self.marks.front().map(|(_, position)| *position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begins(notes: &[(i64, u64)]) -> Option<u64> {
        let mut recent = Recent::new(60_000);
        for &(second, position) in notes {
            recent.note(Timestamp::from_seconds(second), position);
        }
        recent.begins()
    }

    #[test]
    fn what_came_within_two_windows_is_wanted() {
        assert_eq!(begins(&[]), None);
        assert_eq!(begins(&[(0, 7), (0, 9), (120, 11)]), Some(7));
        // Lines behind the mark of second 0 may be of second 50.
        assert_eq!(begins(&[(0, 7), (50, 8), (170, 11)]), Some(7));
        assert_eq!(begins(&[(0, 7), (50, 8), (171, 11)]), Some(8));
        assert_eq!(
            begins(&[(0, 7), (1, 8), (2, 9 + RECENT_LINES_MAX)]),
            Some(8)
        );
    }
}
