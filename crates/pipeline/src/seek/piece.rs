//! Whole lines of a plain file that lie in memory.

use super::Hit;
use super::texts::Texts;
use crate::Place;
use memchr::{memchr, memchr_iter, memrchr};

/// Some lines of a file, one behind the other.
pub(super) struct Piece<'b> {
    /// The first line.
    pub(super) first: Place,
    /// Where the first line begins in the file.
    pub(super) offset: u64,
    pub(super) bytes: &'b [u8],
}

impl Piece<'_> {
    /// Adds the lines that hold one of the texts.
    pub(super) fn find(&self, texts: &Texts, found: &mut Vec<Hit>) {
        // Lines are counted on from the hit before: hits may be many.
        let mut counted = 0;
        let mut line = self.first.line;
        let hit_at = |at: usize| {
            let start = memrchr(b'\n', &self.bytes[..at]).map_or(0, |end| end + 1);
            line += memchr_iter(b'\n', &self.bytes[counted..start]).count() as u64;
            counted = start;
            self.hit(start, line)
        };
        texts.find_lines(self.bytes, hit_at, found);
    }

    fn hit(&self, start: usize, line: u64) -> Hit {
        let rest = &self.bytes[start..];
        let raw = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
        Hit {
            place: Place { line, ..self.first },
            offset: Some(self.offset + start as u64),
            raw: raw.into(),
            readable: raw.strip_suffix(b"\r").map(Into::into),
            own: false,
        }
    }
}
