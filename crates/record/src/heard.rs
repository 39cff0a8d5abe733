//! What was heard from whom: lines of each source, by the host and program that they name.

use crate::limits::HEARD_MAX;
use model::Timestamp;
use pipeline::Given;
use std::collections::HashMap;
use twox_hash::XxHash3_64;

/// Who wrote lines: where they came from, and what they say themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Who {
    /// Where lines came from: a protocol and an address, or a file.
    pub source: String,
    /// Host that the lines name; a forged one stands beside the true source.
    pub host: String,
    /// Program that the lines name.
    pub program: String,
}

/// What was heard from one of them since the daemon began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Speaker {
    /// Lines.
    pub lines: u64,
    /// Those of them that no rule knows.
    pub unknown: u64,
    /// Those of them that had come by another way before, and are not stored again.
    pub again: u64,
    /// When the last was received.
    pub received: Timestamp,
    /// The time that the last one says.
    pub at: Timestamp,
    /// Minute of `received`, and lines in it.
    minute: (i64, u64),
    /// Lines in the minute before it.
    before: u64,
}

/// All that were heard, by the hash of their names: each line is looked up.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    speakers: HashMap<u64, (Who, Speaker)>,
}

const MINUTE: i64 = 60;

/// The key of all that are too many to be told apart.
const OTHERS: u64 = 0;

impl Heard {
    /// Who was heard, and what of them, by their names.
    pub fn all(&self) -> impl Iterator<Item = &(Who, Speaker)> {
        let mut all: Vec<_> = self.speakers.values().collect();
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        all.into_iter()
    }

    pub(crate) fn note(&mut self, given: &Given<'_>) {
        let &Given {
            ref read,
            source,
            received,
            is_again,
        } = given;
        let names = [source, read.event.host, read.event.program];
        let mut key = names.iter().fold(0, |seed, name| {
            XxHash3_64::oneshot_with_seed(seed, name) ^ name.len() as u64
        });
        let is_known = self.speakers.contains_key(&key);
        let is_one_of_many = !is_known && self.speakers.len() >= HEARD_MAX;
        key = if is_one_of_many { OTHERS } else { key };
        let (_, speaker) = self.speakers.entry(key).or_insert_with(|| {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let who = match is_one_of_many {
                true => Who {
                    source: "(others)".to_owned(),
                    ..Who::default()
                },
                false => Who {
                    source: text(source),
                    host: text(read.event.host),
                    program: text(read.event.program),
                },
            };
            (who, Speaker::default())
        });
        speaker.lines += 1;
        speaker.unknown += u64::from(read.event.rule.is_empty());
        speaker.again += u64::from(is_again);
        speaker.received = received;
        speaker.at = read.at();
        let minute = received.as_seconds().div_euclid(MINUTE);
        if speaker.minute.0 != minute {
            let was_just_before = speaker.minute.0 + 1 == minute;
            speaker.before = if was_just_before { speaker.minute.1 } else { 0 };
            speaker.minute = (minute, 0);
        }
        speaker.minute.1 += 1;
    }
}

impl Speaker {
    /// Lines a second, over the last minute or two.
    pub fn rate(&self, now: Timestamp) -> f64 {
        let minute = now.as_seconds().div_euclid(MINUTE);
        let seconds = now.as_seconds().rem_euclid(MINUTE);
        let (lines, over) = match minute - self.minute.0 {
            0 => (self.before + self.minute.1, MINUTE + seconds),
            1 => (self.minute.1, MINUTE + seconds),
            _ => (0, 1),
        };
        lines as f64 / over.max(1) as f64
    }

    /// By how many milliseconds its clock seems to be ahead; lines that wait on their way look as if it
    /// were behind.
    pub fn skew_ms(&self) -> i64 {
        self.at.millis_since(self.received)
    }
}
