//! A row of comma-separated values. Source: RFC 4180.

use bstr::BStr;
use memchr::memchr;

/// Columns that a row may have; what follows is passed over.
const COLUMNS_MAX: usize = 32;

/// Columns that tell the logs apart.
const HEAD_COLUMNS: usize = 8;

/// The columns of a row; quoted ones without their quotes, doubled quotes in them as written.
pub(super) struct Row<'a> {
    columns: [&'a [u8]; COLUMNS_MAX],
    len: usize,
}

impl<'a> Row<'a> {
    /// All columns; `None` where the row ends in a quoted one.
    pub(super) fn whole(text: &'a [u8]) -> Option<Self> {
        Self::read(text, COLUMNS_MAX)
    }

    /// The first columns.
    pub(super) fn head(text: &'a [u8]) -> Self {
        Self::read(text, HEAD_COLUMNS).unwrap_or(Row {
            columns: [b""; COLUMNS_MAX],
            len: 0,
        })
    }

    fn read(text: &'a [u8], max: usize) -> Option<Self> {
        let mut row = Row {
            columns: [b""; COLUMNS_MAX],
            len: 0,
        };
        let mut rest = text.strip_suffix(b"\r").unwrap_or(text);
        while row.len < max {
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
        let row = Row::whole(br#"a,"b,""c""",,"d""#).unwrap();
        assert_eq!(row.len(), 4);
        assert_eq!(row.get(1), r#"b,""c"""#);
        assert_eq!(row.get(2), "");
        assert_eq!(row.get(3), "d");
        assert_eq!(row.get(4), "");
        assert!(Row::whole(br#"a,"b"#).is_none());
        assert!(Row::whole(br#"a,"b"c"#).is_none());
        assert_eq!(Row::whole(b"a,\r").unwrap().len(), 2);
    }
}
