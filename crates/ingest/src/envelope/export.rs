//! journald's export format, `journalctl --output=export`: fields, a newline behind each, an empty line behind the
//! record. A field is `NAME=value`, or, if the value has bytes that would not fit a line, the name, a newline, the
//! length as 64-bit little-endian number, and the value.
//! Source: systemd `docs/JOURNAL_EXPORT_FORMATS.md`.

use std::borrow::Cow;

use crate::limits::EXPORT_FIELD_BYTES_MAX;

use super::entry::{self, Entry, number};

/// Tells whether a file begins as this format does: with one of the address fields.
pub(crate) fn begins(head: &[u8]) -> bool {
    [
        &b"__CURSOR="[..],
        b"__REALTIME_TIMESTAMP=",
        b"__MONOTONIC_TIMESTAMP=",
    ]
    .iter()
    .any(|field| head.starts_with(field))
}

/// Finds the ends of records; keeps its place between the blocks of a long record.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scan {
    state: State,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    /// Before a field or the empty line.
    #[default]
    Field,
    /// In a field, before its `=`.
    Name,
    /// In a value that ends with the line.
    Value,
    /// In the length of a binary value.
    Length { seen: u32, bytes: u64 },
    /// In a binary value, its newline included.
    Data { left: u64 },
}

impl Scan {
    /// Whether a field or the empty line comes next.
    pub(crate) fn is_before_field(&self) -> bool {
        matches!(self.state, State::Field | State::Data { left: 0 })
    }

    /// Where the record ends: the place of the newline that is its empty line. `None` if it ends beyond `bytes`,
    /// all of which are then behind us.
    pub(crate) fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            match self.state {
                State::Field if rest[0] == b'\n' => return Some(at),
                State::Field => self.state = State::Name,
                State::Name => {
                    let found = memchr::memchr2(b'=', b'\n', rest)?;
                    let equals = rest[found] == b'=';
                    self.state = if equals {
                        State::Value
                    } else {
                        State::Length { seen: 0, bytes: 0 }
                    };
                    at += found + 1;
                }
                State::Value => {
                    at += memchr::memchr(b'\n', rest)? + 1;
                    self.state = State::Field;
                }
                State::Length { seen: 8, bytes } => {
                    // Lost our place: the next newline is the best to go on from.
                    let sane = bytes <= EXPORT_FIELD_BYTES_MAX;
                    self.state = if sane {
                        State::Data { left: bytes + 1 }
                    } else {
                        State::Value
                    };
                }
                State::Length { seen, bytes } => {
                    let bytes = bytes | u64::from(rest[0]) << (8 * seen);
                    self.state = State::Length {
                        seen: seen + 1,
                        bytes,
                    };
                    at += 1;
                }
                State::Data { left: 0 } => self.state = State::Field,
                State::Data { left } => {
                    let taken = left.min(rest.len() as u64);
                    self.state = State::Data { left: left - taken };
                    at += taken as usize;
                }
            }
        }
        None
    }
}

/// Reads a record; `None` if it has no message or no time.
pub(crate) fn entry(record: &[u8]) -> Option<Entry<'_>> {
    let mut entry = Entry::default();
    let (mut received, mut sent, mut message, mut comm, mut pid) = (None, None, None, None, None);
    for (name, value) in fields(record) {
        match name {
            b"__REALTIME_TIMESTAMP" => received = number(value),
            b"_SOURCE_REALTIME_TIMESTAMP" => sent = number(value),
            b"_HOSTNAME" => entry.hostname = Some(Cow::Borrowed(value)),
            b"SYSLOG_IDENTIFIER" => entry.identifier = Some(Cow::Borrowed(value)),
            b"SYSLOG_PID" => entry.pid = Some(Cow::Borrowed(value)),
            b"_COMM" => comm = Some(Cow::Borrowed(value)),
            b"_PID" => pid = Some(Cow::Borrowed(value)),
            b"MESSAGE" => message = Some(Cow::Borrowed(value)),
            _ => {}
        }
    }
    entry.realtime_us = entry::time(received?, sent);
    entry.message = message?;
    entry.identifier = entry.identifier.or(comm);
    entry.pid = entry.pid.or(pid);
    entry.has_sane_time().then_some(entry)
}

pub(crate) fn fields(mut record: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let name_end = memchr::memchr2(b'=', b'\n', record)?;
        let (name, rest) = (&record[..name_end], &record[name_end + 1..]);
        let (value, behind) = match (record[name_end], rest.split_first_chunk::<8>()) {
            (b'=', _) => {
                let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                (&rest[..end], &rest[end..])
            }
            (_, Some((length, data))) => {
                let length = u64::from_le_bytes(*length).min(data.len() as u64) as usize;
                data.split_at(length)
            }
            (_, None) => return None,
        };
        record = behind.strip_prefix(b"\n").unwrap_or(behind);
        Some((name, value))
    })
}
