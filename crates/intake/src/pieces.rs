//! A line that comes in pieces, of which only so many bytes are kept.

use std::borrow::Cow;

/// What stood between the framing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    bytes: Cow<'a, [u8]>,
    /// Whether there was more than is kept.
    pub is_cut: bool,
}

impl Line<'_> {
    /// The bytes, but for what senders put behind a message as if it were a line of a file: LF, CR LF or NUL.
    pub fn bytes(&self) -> &[u8] {
        trimmed(&self.bytes)
    }
}

/// A message without the LF, CR LF or NUL behind it.
pub(crate) fn trimmed(message: &[u8]) -> &[u8] {
    let line = message.strip_suffix(b"\n");
    let line = line.or_else(|| message.strip_suffix(b"\0"));
    let line = line.unwrap_or(message);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The beginning of a line whose end has not come.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    kept: Vec<u8>,
    is_cut: bool,
}

impl Pieces {
    /// What is kept so far.
    pub(crate) fn kept(&self) -> &[u8] {
        &self.kept
    }

    /// Adds a piece, of which bytes beyond `max` of the line are not kept, nor any after them.
    pub(crate) fn add(&mut self, piece: &[u8], max: usize) {
        let room = if self.is_cut {
            0
        } else {
            max.saturating_sub(self.kept.len())
        };
        let taken = &piece[..piece.len().min(room)];
        self.kept.extend_from_slice(taken);
        self.is_cut |= taken.len() < piece.len();
    }

    /// The line that ends with this piece; copied only if there were others.
    pub(crate) fn finish<'a>(&mut self, last: &'a [u8], max: usize) -> Line<'a> {
        if self.kept.is_empty() && !self.is_cut {
            return Line {
                bytes: Cow::Borrowed(&last[..last.len().min(max)]),
                is_cut: last.len() > max,
            };
        }
        self.add(last, max);
        let Pieces { kept, is_cut } = std::mem::take(self);
        Line {
            bytes: Cow::Owned(kept),
            is_cut,
        }
    }
}
