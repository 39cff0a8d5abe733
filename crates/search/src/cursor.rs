//! Where a page ended.

use std::fmt;
use std::str::FromStr;

/// The last row of a page; the next one goes on behind it. Rows are ordered by time, then by id, so
/// a cursor stays right when rows come or go.
///
/// As text: 32 hexadecimal digits that say nothing to who passes them on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    /// Microseconds since 1970 in UTC.
    pub moment: i64,
    /// The row's id.
    pub row: u64,
}

/// A text that no cursor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor")]
pub struct NotACursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.moment, self.row)
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let both = u128::from_str_radix(text, 16).ok().filter(|_| is_hex);
        let both = both.ok_or(NotACursor)?;
        Ok(Cursor {
            moment: (both >> 64) as i64,
            row: both as u64,
        })
    }
}
