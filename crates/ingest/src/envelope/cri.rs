//! The line format of Kubernetes container runtimes: `2026-11-22T08:23:21.123456789Z stdout F text`.
//! Source: kubernetes `staging/src/k8s.io/cri-client/pkg/logs/logs.go`, `parseCRILog`.

use std::borrow::Cow;

use super::container::{Piece, has_date};

/// A line of a container log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// RFC 3339 with nanoseconds.
    pub(crate) time: &'a [u8],
    /// `stdout` or `stderr`.
    pub(crate) stream: &'a [u8],
    /// The tag is `P`: the text goes on in the next line of the stream.
    pub(crate) partial: bool,
    pub(crate) text: &'a [u8],
}

impl<'a> Line<'a> {
    /// Takes a line apart; `None` if it is another kind of line.
    pub(crate) fn parse(raw: &'a [u8]) -> Option<Self> {
        // `2026-11-22T08:23:21Z` at least, `2026-11-22T08:23:21.123456789+01:00` at most.
        if !has_date(raw) {
            return None;
        }
        let blank = memchr::memchr(b' ', &raw[..raw.len().min(36)]).filter(|&blank| blank >= 20)?;
        let (time, rest) = (&raw[..blank], &raw[blank + 1..]);
        let stream = rest
            .get(..6)
            .filter(|&stream| stream == b"stdout" || stream == b"stderr")?;
        let rest = rest[6..].strip_prefix(b" ")?;
        let tag_end = memchr::memchr(b' ', rest).unwrap_or(rest.len());
        // Tags are separated by colons; only the first has a meaning so far.
        let partial = match &rest[..tag_end] {
            [b'P'] | [b'P', b':', ..] => true,
            [b'F'] | [b'F', b':', ..] => false,
            _ => return None,
        };
        let text = rest.get(tag_end + 1..).unwrap_or_default();
        Some(Self {
            time,
            stream,
            partial,
            text,
        })
    }

    /// The line as a piece of a container's output.
    pub(crate) fn piece(&self) -> Piece<'a> {
        Piece {
            stream: Cow::Borrowed(self.stream),
            time: Cow::Borrowed(self.time),
            text: Cow::Borrowed(self.text),
            partial: self.partial,
        }
    }
}
