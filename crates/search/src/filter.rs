//! What is asked: a tree of conditions.

use crate::address::AddressTest;
use crate::field::Field;
use crate::net::Net;
use crate::number::NumberTest;
use crate::pattern::Pattern;
use crate::time::TimeRange;
use crate::words::Phrase;
use model::{Kind, Severity};

/// Which rows are wanted.
///
/// [`Filter::and`], [`Filter::or`] and [`Filter::not`] make trees in their simplest form; the grammar
/// makes no others, and canonical text gives just those back.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Each row.
    All,
    /// Rows that all of these want.
    And(Vec<Filter>),
    /// Rows that any of these wants.
    Or(Vec<Filter>),
    /// Rows that this does not want.
    Not(Box<Filter>),
    /// Rows that fit a condition.
    Term(Term),
}

/// A condition: some value of the field passes the test. A row without the field fails it, and so
/// is wanted by its negation.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// About what.
    pub field: Field,
    /// Which values.
    pub test: Test,
}

/// What a value must be. Each type of field takes its own; one of another type is never passed.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// There is a value, whichever.
    Present,
    /// An address.
    Address(AddressTest),
    /// An address or network.
    Net(Net),
    /// A text as a whole, without regard to ASCII case; the pattern is in lower case.
    Name(Pattern),
    /// An identifier, byte by byte, without angle brackets on either side.
    Id(Pattern),
    /// Words of a text.
    Words(Phrase),
    /// A number.
    Number(NumberTest),
    /// One of these kinds, in the order of [`Kind::ALL`].
    Kind(Vec<Kind>),
    /// This severity, or a worse one.
    Severity(Severity),
    /// A time within.
    Time(TimeRange),
}

impl Filter {
    /// A condition.
    pub fn term(field: Field, test: Test) -> Filter {
        Filter::Term(Term { field, test })
    }

    /// All of these; of none, each row.
    pub fn and(filters: impl IntoIterator<Item = Filter>) -> Filter {
        let mut all = Vec::new();
        for filter in filters {
            match filter {
                Filter::All => {}
                Filter::And(inner) => all.extend(inner),
                other => all.push(other),
            }
        }
        match all.len() {
            0 => Filter::All,
            1 => all.remove(0),
            _ => Filter::And(all),
        }
    }

    /// Any of these; of none, no row.
    pub fn or(filters: impl IntoIterator<Item = Filter>) -> Filter {
        let mut any = Vec::new();
        for filter in filters {
            match filter {
                Filter::All => return Filter::All,
                Filter::Or(inner) => any.extend(inner),
                other => any.push(other),
            }
        }
        match any.len() {
            0 => Filter::All.not(),
            1 => any.remove(0),
            _ => Filter::Or(any),
        }
    }

    /// What this does not want.
    #[expect(
        clippy::should_implement_trait,
        reason = "`!filter` would be found by nobody"
    )]
    pub fn not(self) -> Filter {
        match self {
            Filter::Not(inner) => *inner,
            other => Filter::Not(Box::new(other)),
        }
    }

    /// Levels of the tree; a condition alone has one.
    pub fn depth(&self) -> usize {
        let below = match self {
            Filter::All | Filter::Term(_) => None,
            Filter::And(inner) | Filter::Or(inner) => inner.iter().map(Filter::depth).max(),
            Filter::Not(inner) => Some(inner.depth()),
        };
        1 + below.unwrap_or(0)
    }
}
