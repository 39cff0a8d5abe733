//! A row of comma-separated values. Source: RFC 4180.

use crate::eight::all_equal;
use bstr::BStr;
use memchr::memchr;

/// The columns of a row, as many as there is room for; quoted ones without their quotes, doubled
/// quotes in them as written.
pub(super) struct Columns<'a, const ROOM: usize> {
    columns: [&'a [u8]; ROOM],
    len: usize,
}

/// All columns of a row; what follows the 32nd is passed over.
pub(super) type Row<'a> = Columns<'a, 32>;

/// The columns that tell the logs apart.
pub(super) type Head<'a> = Columns<'a, 8>;

impl<'a, const ROOM: usize> Columns<'a, ROOM> {
    /// Takes columns as long as there is room; `None` where the row ends in a quoted one.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        let mut row = Self::none();
        let mut rest = text.strip_suffix(b"\r").unwrap_or(text);
        if memchr(b'"', rest).is_none() {
            row.split(rest);
            return Some(row);
        }
        while row.len < ROOM {
            let column = match rest.strip_prefix(b"\"") {
                Some(inner) => quoted(inner)?,
                None => &rest[..memchr(b',', rest).unwrap_or(rest.len())],
            };
            row.columns[row.len] = column;
            row.len += 1;
            let taken = column.len() + 2 * usize::from(rest.starts_with(b"\""));
            rest = match &rest[taken..] {
                [b',', behind @ ..] => behind,
                [] => return Some(row),
                _ => return None,
            };
        }
        Some(row)
    }

    /// Splits a row none of whose columns is quoted. Columns are short: eight bytes are looked at at once.
    fn split(&mut self, text: &'a [u8]) {
        let (mut from, mut at) = (0, 0);
        while let Some(chunk) = text[at..].first_chunk() {
            let mut commas = all_equal(u64::from_le_bytes(*chunk), b',');
            while commas != 0 {
                let comma = at + (commas.trailing_zeros() / 8) as usize;
                if !self.push(&text[from..comma]) {
                    return;
                }
                from = comma + 1;
                commas &= commas - 1;
            }
            at += 8;
        }
        for column in text[from..].split(|byte| *byte == b',') {
            if !self.push(column) {
                return;
            }
        }
    }

    /// Adds a column; whether there was room.
    #[inline]
    fn push(&mut self, column: &'a [u8]) -> bool {
        let Some(place) = self.columns.get_mut(self.len) else {
            return false;
        };
        *place = column;
        self.len += 1;
        true
    }

    /// A row without columns.
    pub(super) fn none() -> Self {
        Columns {
            columns: [b""; ROOM],
            len: 0,
        }
    }

    /// How many columns there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// A column; empty where the row has not so many.
    pub(super) fn get(&self, at: usize) -> &'a BStr {
        self.columns.get(at).copied().unwrap_or_default().into()
    }
}

/// What stands before the closing quote; two quotes stand for one.
fn quoted(inner: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    loop {
        at += memchr(b'"', inner.get(at..)?)?;
        if inner.get(at + 1) != Some(&b'"') {
            return Some(&inner[..at]);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_columns_hold_commas() {
        let row = Row::read(br#"a,"b,""c""",,"d""#).unwrap();
        assert_eq!(row.len(), 4);
        assert_eq!(row.get(1), r#"b,""c"""#);
        assert_eq!(row.get(2), "");
        assert_eq!(row.get(3), "d");
        assert_eq!(row.get(4), "");
        assert!(Row::read(br#"a,"b"#).is_none());
        assert!(Row::read(br#"a,"b"c"#).is_none());
        assert_eq!(Row::read(b"a,\r").unwrap().len(), 2);
        let row = Row::read(b"first,,a column longer than that,,1,2,3,4,,last").unwrap();
        let columns: Vec<&[u8]> = (0..row.len()).map(|at| &**row.get(at)).collect();
        assert_eq!(
            columns.join(&b'|'),
            b"first||a column longer than that||1|2|3|4||last"
        );
        assert_eq!(Head::read(b"1,2,3,4,5,6,7,8,9,10").unwrap().get(7), "8");
        assert_eq!(Head::read(b"").unwrap().len(), 1);
    }
}
