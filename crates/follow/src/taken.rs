//! How far a content was read, and how that content is known again, whatever its file is called.

use crate::limits::{HEAD_BYTES, POINT_BYTES, POINTS_MAX};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

/// The first bytes of a content: how many, their checksum, and those of shorter beginnings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// How many, unpacked.
    pub(crate) bytes: u64,
    /// CRC-32C of them.
    pub(crate) crc: u32,
    /// CRC-32C of the first 64, 256, 1,024 … of them.
    pub(crate) points: Vec<u32>,
}

/// What a content has to do with what was taken of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// Nothing, or it is too short to tell.
    Other,
    /// It ends within what was taken, and is the same up to there: a copy, or one that is being made.
    Beginning,
    /// All that was taken stands at its beginning.
    Same,
}

/// Bytes of the point with this index.
fn point_bytes(index: usize) -> u64 {
    POINT_BYTES << (2 * index)
}

impl Taken {
    /// Adds the bytes that stand behind.
    pub(crate) fn add(&mut self, mut bytes: &[u8]) {
        while self.points.len() < POINTS_MAX {
            let missing = point_bytes(self.points.len()) - self.bytes;
            if missing > bytes.len() as u64 {
                break;
            }
            let (before, behind) = bytes.split_at(missing as usize);
            self.append(before);
            self.points.push(self.crc);
            bytes = behind;
        }
        self.append(bytes);
    }

    fn append(&mut self, bytes: &[u8]) {
        self.crc = crc32c::crc32c_append(self.crc, bytes);
        self.bytes += bytes.len() as u64;
    }

    /// Beginnings that are known: bytes and checksum, the shortest first.
    fn beginnings(&self) -> impl Iterator<Item = (u64, u32)> {
        let points = self.points.iter().enumerate();
        let points = points.map(|(index, &crc)| (point_bytes(index), crc));
        points.chain([(self.bytes, self.crc)])
    }

    /// The longest known beginning of at most [`HEAD_BYTES`].
    fn head(&self) -> (u64, u32) {
        let short = self.beginnings().take_while(|it| it.0 <= HEAD_BYTES);
        short.last().unwrap_or_default()
    }

    /// Whether a plain file still begins with what was taken, as far as its head tells.
    pub(crate) fn begins(&self, file: &File) -> io::Result<bool> {
        let (bytes, crc) = self.head();
        let mut head = [0; HEAD_BYTES as usize];
        let head = &mut head[..bytes as usize];
        match file.read_exact_at(head, 0) {
            Ok(()) => Ok(crc32c::crc32c(head) == crc && file.metadata()?.len() >= self.bytes),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether a content of which the head is at hand, as bytes and taken, may be the same or a beginning of it;
    /// `false` is certain.
    pub(crate) fn may_be(&self, bytes: &[u8], head: &Taken) -> bool {
        match self.points.len().min(head.points.len()).checked_sub(1) {
            Some(last) => self.points[last] == head.points[last],
            None if self.points.is_empty() => {
                let known = bytes.get(..self.bytes as usize);
                known.is_some_and(|known| crc32c::crc32c(known) == self.crc)
            }
            None => false,
        }
    }

    /// Compares with a content from its first byte on. If it is the same, the content then stands behind what was taken.
    pub(crate) fn compare(&self, content: &mut impl Read) -> io::Result<Likeness> {
        let mut likeness = Likeness::Other;
        let (mut at, mut sum) = (0, 0);
        for (bytes, crc) in self.beginnings() {
            if !add_up_to(content, &mut at, bytes, &mut sum)? {
                return Ok(likeness);
            }
            if sum != crc {
                return Ok(Likeness::Other);
            }
            likeness = Likeness::Beginning;
        }
        Ok(Likeness::Same)
    }
}

/// Adds the bytes from `at` up to `end` to a checksum; `false` if the content ends before.
fn add_up_to(content: &mut impl Read, at: &mut u64, end: u64, sum: &mut u32) -> io::Result<bool> {
    let mut buffer = [0; 32 * 1024];
    while *at < end {
        let wanted = buffer.len().min((end - *at) as usize);
        match content.read(&mut buffer[..wanted]) {
            Ok(0) => return Ok(false),
            Ok(read) => {
                *sum = crc32c::crc32c_append(*sum, &buffer[..read]);
                *at += read as u64;
            }
            Err(error) => match error.kind() {
                io::ErrorKind::Interrupted => {}
                // An archive that is being written, or is damaged.
                io::ErrorKind::UnexpectedEof
                | io::ErrorKind::InvalidData
                | io::ErrorKind::InvalidInput => return Ok(false),
                _ => return Err(error),
            },
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: usize) -> Vec<u8> {
        (0..bytes).map(|at| (at * at % 251) as u8).collect()
    }

    fn taken(text: &[u8], pieces: usize) -> Taken {
        let mut taken = Taken::default();
        text.chunks(pieces).for_each(|piece| taken.add(piece));
        taken
    }

    #[test]
    fn pieces_do_not_matter() {
        let text = text(5_000);
        assert_eq!(taken(&text, 1), taken(&text, 5_000));
        assert_eq!(taken(&text, 7).points.len(), 4);
    }

    #[test]
    fn contents_are_compared_as_far_as_they_are_known() {
        let text = text(100_000);
        let half = taken(&text[..50_000], 1_000);
        let like = |content: &[u8]| half.compare(&mut &*content).unwrap();
        assert_eq!(like(&text), Likeness::Same);
        assert_eq!(like(&text[..50_000]), Likeness::Same);
        assert_eq!(like(&text[..49_999]), Likeness::Beginning);
        assert_eq!(like(&text[..64]), Likeness::Beginning);
        assert_eq!(like(&text[..63]), Likeness::Other);
        assert_eq!(like(b""), Likeness::Other);
        let mut other = text.clone();
        other[40_000] ^= 1;
        assert_eq!(like(&other), Likeness::Other);
        assert_eq!(like(&other[..30_000]), Likeness::Beginning);
    }

    #[test]
    fn what_is_the_same_stands_behind_what_was_taken() {
        let text = text(1_000);
        let mut content = &text[..];
        let likeness = taken(&text[..300], 300).compare(&mut content).unwrap();
        assert_eq!((likeness, content), (Likeness::Same, &text[300..]));
    }

    #[test]
    fn a_head_rules_others_out() {
        let text = text(10_000);
        let may_be = |known: usize, bytes: &[u8]| {
            taken(&text[..known], known).may_be(bytes, &taken(bytes, bytes.len()))
        };
        assert!(may_be(5_000, &text[..4_096]));
        assert!(may_be(5_000, &text[..100]));
        assert!(!may_be(5_000, &text[1..4_097]));
        assert!(!may_be(5_000, &text[..10]));
        assert!(may_be(10, &text[..4_096]));
        assert!(may_be(10, &text[..10]));
        assert!(!may_be(10, &text[..9]));
        assert!(!may_be(10, &text[1..100]));
    }
}
