//! Headers of files that programs write themselves, without syslog.
//!
//! Each reader knows the one form of its program and gives a header whose tag is that program's
//! name, or `None`. They are asked for lines that do not start like syslog's, and for those that
//! start with a date and a space (`2026-11-22 08:23:21 `), as many programs write it.

use crate::exim;
use crate::header::{self, Header};
use crate::qmail;

/// Reads the header of one program's own files.
type Reader = for<'a> fn(&'a [u8]) -> Option<Header<'a>>;

const READERS: &[Reader] = &[
    exim::header,
    qmail::header::tai64n,
    qmail::header::tai64nlocal,
];

/// The header of a line: syslog's, or a program's own.
#[inline]
pub(crate) fn header(line: &[u8]) -> Header<'_> {
    let starts_with_own_date = line.get(10) == Some(&b' ') && line.get(4) == Some(&b'-');
    if starts_with_own_date && let Some(own) = read(line) {
        return own;
    }
    let header = header::header(line);
    if header.stamp.is_present() || !header.tag.is_empty() {
        return header;
    }
    read(line).unwrap_or(header)
}

fn read(line: &[u8]) -> Option<Header<'_>> {
    READERS.iter().find_map(|read| read(line))
}
