//! Lines that come by more than one way, as by RELP and from a file that is followed: each is one.
//!
//! The same line has the same host, time, program, process id and text. Times are compared by the
//! second in UTC, since one way may tell `Nov 22 08:00:00` and another microseconds and a zone; both cut
//! what they do not tell. Of a program's tag only what stands before the first `/` counts: rsyslog sends
//! `postfix` for `postfix/smtpd`.
//!
//! Where one way tells parts of a second and another does not, the former's is kept if it comes within the
//! hold: times that are told less well would put lines of a message into the wrong order.
//!
//! Lines of one way are never the same. A line that is kept stands for one line of each other way: the
//! n-th that came by one way is the n-th of each other, so that two equal lines of a second stay two,
//! whichever of them came first by which way.

use crate::limits::REMEMBERED_MAX;
use bstr::ByteSlice;
use model::{Event, Timestamp};
use std::collections::hash_map::{Entry, RandomState};
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;

/// What came within the window.
pub(crate) struct Once {
    window_ms: i64,
    /// Nobody can make up lines of equal hash.
    hasher: RandomState,
    /// How many of the kept lines of a hash came by each way: those are its oldest. The greatest is how
    /// many were kept.
    ways: HashMap<u64, Vec<(usize, u32)>>,
    /// The kept lines, the oldest first.
    kept: VecDeque<(Timestamp, u64)>,
}

impl Once {
    pub(crate) fn new(window_ms: i64) -> Self {
        Once {
            window_ms,
            hasher: RandomState::new(),
            ways: HashMap::new(),
            kept: VecDeque::new(),
        }
    }

    /// Whether a line came before by another way. `second` is when it was written, `None` where it does
    /// not say.
    pub(crate) fn is_again(
        &mut self,
        (event, second, text): (&Event<'_>, Option<i64>, &[u8]),
        way: usize,
        received: Timestamp,
    ) -> bool {
        self.forget(received);
        let program = event.label.split_str("/").next();
        let text = text.trim_ascii();
        let hash = self
            .hasher
            .hash_one((second, event.host, program, event.pid, text));
        let ways = self.ways.entry(hash).or_default();
        let kept = ways.iter().map(|(_, count)| *count).max().unwrap_or(0);
        let known = ways.iter().position(|(of, _)| *of == way);
        let at = known.unwrap_or(ways.len());
        if known.is_none() {
            ways.push((way, 0));
        }
        ways[at].1 += 1;
        let is_again = ways[at].1 <= kept;
        if !is_again {
            self.kept.push_back((received, hash));
        }
        is_again
    }

    /// Forgets kept lines that are too old, with what came of them by other ways.
    fn forget(&mut self, now: Timestamp) {
        while let Some(&(received, hash)) = self.kept.front()
            && (now.millis_since(received) > self.window_ms || self.kept.len() > REMEMBERED_MAX)
        {
            self.kept.pop_front();
            if let Entry::Occupied(mut ways) = self.ways.entry(hash) {
                ways.get_mut().retain_mut(|(_, count)| {
                    *count -= 1;
                    *count > 0
                });
                if ways.get().is_empty() {
                    ways.remove();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A line: which text, by which way, how many milliseconds after the one before.
    type Came = (u8, usize, i64);

    fn is_again(once: &mut Once, text: u8, way: usize, received_ms: i64) -> bool {
        let event = parse::line(b"");
        let received = Timestamp::from_seconds(0).plus_millis(received_ms);
        once.is_again((&event, None, &[text]), way, received)
    }

    /// As it is told in words: a line that was kept, and by which ways it came.
    struct Kept {
        text: u8,
        at: i64,
        ways: Vec<usize>,
    }

    fn naive(lines: &[Came], window_ms: i64) -> Vec<bool> {
        let (mut now, mut kept) = (0, Vec::<Kept>::new());
        let again = lines.iter().map(|&(text, way, later)| {
            now += later;
            let same = kept
                .iter_mut()
                .find(|it| it.text == text && now - it.at <= window_ms && !it.ways.contains(&way));
            let ways = vec![way];
            match same {
                Some(it) => it.ways.push(way),
                None => kept.push(Kept {
                    text,
                    at: now,
                    ways,
                }),
            }
            kept.iter().all(|it| it.at != now || it.ways != [way])
        });
        again.collect()
    }

    proptest! {
        #[test]
        fn each_kept_line_stands_for_one_of_each_other_way(
            lines in prop::collection::vec((0..3_u8, 0..3_usize, 1..40_i64), 0..200),
            window_ms in 1..300_i64,
        ) {
            let mut once = Once::new(window_ms);
            let mut now = 0;
            let again: Vec<_> = lines.iter().map(|&(text, way, later)| {
                now += later;
                is_again(&mut once, text, way, now)
            }).collect();
            prop_assert_eq!(again, naive(&lines, window_ms));
            prop_assert!(once.ways.len() <= once.kept.len());
        }

        #[test]
        fn lines_of_one_way_are_all_kept(
            texts in prop::collection::vec((0..3_u8, 0..40_i64), 0..200),
        ) {
            let mut once = Once::new(1_000);
            let mut now = 0;
            for (text, later) in texts {
                now += later;
                prop_assert!(!is_again(&mut once, text, 7, now));
            }
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut once = Once::new(i64::MAX);
        let event = parse::line(b"");
        let mut line = |number: usize, way| {
            let text = number.to_le_bytes();
            once.is_again((&event, None, &text), way, Timestamp::from_seconds(0))
        };
        for number in 0..=REMEMBERED_MAX + 1 {
            assert!(!line(number, 0));
        }
        assert!(line(REMEMBERED_MAX + 1, 1), "the newest is known");
        assert!(!line(0, 1), "the oldest is forgotten");
        assert!(once.kept.len() <= REMEMBERED_MAX + 1);
    }
}
