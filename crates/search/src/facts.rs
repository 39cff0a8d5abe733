//! The naive evaluation: what a filter means, row by row. Answers of an engine are compared with it.

use crate::field::Field;
use crate::filter::{Filter, Term, Test};
use crate::pattern::bare_bytes;
use model::{Kind, Severity};

/// What a row says.
pub trait Facts {
    /// Gives each value that the row has of a field; none for what it does not say. An empty text
    /// is a value: that of `from` is the null sender.
    ///
    /// A field that gathers others ([`Field::Address`], [`Field::Id`], [`Field::Ip`],
    /// [`Field::Text`]) gives the values of each. Hosts give their name and their address, both as
    /// texts.
    fn each(&self, field: Field, take: &mut dyn FnMut(FieldValue<'_>));
}

/// One value of a field.
#[derive(Clone, Copy, Debug)]
pub enum FieldValue<'a> {
    /// Of [`Field::Kind`].
    Kind(Kind),
    /// Of [`Field::Severity`].
    Severity(Severity),
    /// Of [`Field::Time`]: microseconds since 1970 in UTC.
    Time(i64),
    /// Of numbers, in the base of their unit.
    Number(f64),
    /// Of all others, as logged; IP addresses too.
    Text(&'a [u8]),
}

impl Filter {
    /// Whether a row is wanted.
    pub fn matches(&self, row: &dyn Facts) -> bool {
        match self {
            Filter::All => true,
            Filter::And(all) => all.iter().all(|it| it.matches(row)),
            Filter::Or(any) => any.iter().any(|it| it.matches(row)),
            Filter::Not(inner) => !inner.matches(row),
            Filter::Term(term) => term.matches(row),
        }
    }
}

impl Term {
    /// Whether some value that the row has of the field passes the test.
    pub fn matches(&self, row: &dyn Facts) -> bool {
        let mut is_found = false;
        row.each(self.field, &mut |value| {
            is_found |= self.test.matches(value)
        });
        is_found
    }
}

impl Test {
    /// Whether a value passes.
    pub fn matches(&self, value: FieldValue<'_>) -> bool {
        match (self, value) {
            (Test::Present, _) => true,
            (Test::Address(test), FieldValue::Text(text)) => test.matches(text),
            (Test::Net(net), FieldValue::Text(text)) => net.matches(text),
            (Test::Name(pattern), FieldValue::Text(text)) => pattern.matches_folded(text),
            (Test::Id(pattern), FieldValue::Text(text)) => pattern.matches(bare_bytes(text)),
            (Test::Words(phrase), FieldValue::Text(text)) => phrase.matches(text),
            (Test::Number(test), FieldValue::Number(number)) => test.matches(number),
            (Test::Kind(kinds), FieldValue::Kind(kind)) => kinds.contains(&kind),
            (Test::Severity(least), FieldValue::Severity(severity)) => severity >= *least,
            (Test::Time(range), FieldValue::Time(moment)) => range.contains(moment),
            _ => false,
        }
    }
}
