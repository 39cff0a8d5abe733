//! A rule: one format of one program's lines, in one item.

use crate::record::Record;
use crate::scan::Scan;
use model::Body;

/// How one kind of line is read: the step function, the source that writes it, and samples.
///
/// Tests and the reference page are made from these items.
pub struct Rule {
    /// Unique name, `program what`: `qmgr removed`.
    pub name: &'static str,
    /// Where the line is written: `postfix src/qmgr/qmgr_active.c`.
    pub source: &'static str,
    /// Texts that the rule reads, as they stand behind `tag[pid]: `.
    pub samples: &'static [&'static str],
    /// Takes the text apart; `None` if it is not of this format.
    pub(crate) read: Read,
    /// Takes a JSON record apart; `None` if it is not of this format.
    pub(crate) read_record: ReadRecord,
}

/// A rule's step function. It starts behind the severity prefix and the queue id; where the text
/// itself names queue id or session it sets them in the scan.
pub(crate) type Read = for<'a> fn(&mut Scan<'a>) -> Option<Body<'a>>;

/// The step function of a rule for JSON records. It sets what it knows of the event's head in the
/// record, only where it reads it.
pub(crate) type ReadRecord = for<'a> fn(&mut Record<'a>) -> Option<Body<'a>>;

/// Makes a rule.
pub(crate) const fn rule(
    name: &'static str,
    read: Read,
    source: &'static str,
    samples: &'static [&'static str],
) -> Rule {
    Rule {
        name,
        source,
        samples,
        read,
        read_record: |_| None,
    }
}

/// Makes a rule for JSON records; its samples are whole lines.
pub(crate) const fn record_rule(
    name: &'static str,
    read_record: ReadRecord,
    source: &'static str,
    samples: &'static [&'static str],
) -> Rule {
    Rule {
        name,
        source,
        samples,
        read: |_| None,
        read_record,
    }
}

/// Tries the rules of some tables in order; `at` then knows what the rule found out of the line's
/// queue id and session.
#[inline]
pub(crate) fn first_match<'a>(
    tables: &'static [&'static [Rule]],
    at: &mut Scan<'a>,
) -> Option<(&'static Rule, Body<'a>)> {
    for rule in tables.iter().copied().flatten() {
        let mut ahead = *at;
        if let Some(body) = (rule.read)(&mut ahead) {
            *at = ahead;
            return Some((rule, body));
        }
    }
    None
}
