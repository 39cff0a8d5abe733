//! Counts by reason, with what each was given for.

use crate::limits::{REASONS_MAX, VALUES_KEPT, VALUES_MAX};
use crate::ranking::{Counts, Ranking};
use crate::summary::{Reason, Reasons};
use bstr::{BString, ByteSlice};

/// Between stage and text in a key; cannot be in either.
const BETWEEN: u8 = 0x1f;

#[derive(Clone, Debug, Default)]
struct ReasonCount {
    count: u64,
    values: Option<Box<Ranking<u64>>>,
}

impl Counts for ReasonCount {
    fn merge(&mut self, other: &Self) {
        self.count += other.count;
    }

    fn weight(&self) -> u64 {
        self.count
    }
}

/// Counts by stage and reason.
#[derive(Clone, Debug)]
pub(crate) struct ReasonCounts {
    reasons: Ranking<ReasonCount>,
    count: u64,
    key: Vec<u8>,
    text: Vec<u8>,
}

impl ReasonCounts {
    pub(crate) fn new() -> Self {
        ReasonCounts {
            reasons: Ranking::new(REASONS_MAX),
            count: 0,
            key: Vec::new(),
            text: Vec::new(),
        }
    }

    /// Counts a reason; `write` writes stage and text.
    pub(crate) fn count(
        &mut self,
        times: u64,
        value: &[u8],
        write: impl FnOnce(&mut Vec<u8>, &mut Vec<u8>),
    ) {
        self.key.clear();
        self.text.clear();
        write(&mut self.key, &mut self.text);
        self.key.push(BETWEEN);
        self.key.extend_from_slice(&self.text);
        self.count += times;
        let reason = self.reasons.at(&self.key);
        reason.count += times;
        if !value.is_empty() {
            let values = reason
                .values
                .get_or_insert_with(|| Box::new(Ranking::new(VALUES_MAX)));
            *values.at(value) += times;
        }
    }

    pub(crate) fn summary(&self) -> Reasons {
        let mut reasons: Vec<Reason> = self
            .reasons
            .entries()
            .iter()
            .map(|entry| reason(&entry.name, &entry.counts))
            .collect();
        reasons.sort_by(|one, other| {
            (other.count.cmp(&one.count))
                .then_with(|| (&one.stage, &one.text).cmp(&(&other.stage, &other.text)))
        });
        reasons.truncate(crate::limits::TOP_KEPT);
        Reasons {
            count: self.count,
            reasons,
        }
    }
}

fn reason(key: &[u8], counts: &ReasonCount) -> Reason {
    let between = key.find_byte(BETWEEN).unwrap_or(0);
    Reason {
        stage: BString::from(&key[..between]),
        text: BString::from(&key[between + 1..]),
        count: counts.count,
        values: match &counts.values {
            Some(values) => values.first(VALUES_KEPT, |&it| it, |&it| it),
            None => Default::default(),
        },
    }
}
