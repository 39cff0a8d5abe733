//! What lines a piece of a log has, and how far it is taken with them.

use crate::limits::CHUNK_LINES;
use ingest::LINE_BYTES_MAX;
use std::ops::Range;

/// Lines at the beginning of some bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Where they stand, without newlines; a carriage return is kept.
    pub(crate) lines: Vec<Range<usize>>,
    /// Bytes that are taken with them.
    pub(crate) taken: usize,
    /// The rest of a line that was cut is still to come.
    pub(crate) is_in_long_line: bool,
    /// Lines that were cut, for they were longer than [`LINE_BYTES_MAX`].
    pub(crate) lines_cut: u64,
}

impl Cut {
    /// Whole lines of `bytes`, the first [`CHUNK_LINES`] of them; if they are the `last` bytes, also one without
    /// newline. `is_in_long_line` says that they begin within a line of which no more is kept.
    pub(crate) fn of(bytes: &[u8], is_in_long_line: bool, last: bool) -> Self {
        let mut cut = Cut::nothing(is_in_long_line);
        for end in memchr::memchr_iter(b'\n', bytes) {
            if cut.lines.len() == CHUNK_LINES {
                return cut;
            }
            if !cut.is_in_long_line {
                cut.line(end);
            }
            cut.is_in_long_line = false;
            cut.taken = end + 1;
        }
        let rest = bytes.len() - cut.taken;
        if cut.is_in_long_line {
            cut.taken = bytes.len();
        } else if rest > LINE_BYTES_MAX || last && rest > 0 {
            cut.line(bytes.len());
            cut.taken = bytes.len();
            cut.is_in_long_line = !last;
        }
        cut
    }

    /// Nothing is taken for now.
    pub(crate) fn nothing(is_in_long_line: bool) -> Self {
        Cut {
            is_in_long_line,
            ..Cut::default()
        }
    }

    /// Whether there may be more whole lines behind.
    pub(crate) fn is_full(&self) -> bool {
        self.lines.len() >= CHUNK_LINES
    }

    /// The line from what is taken up to `end`.
    fn line(&mut self, end: usize) {
        let start = self.taken;
        let kept = end.min(start + LINE_BYTES_MAX);
        self.lines_cut += u64::from(kept < end);
        self.lines.push(start..kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines<'a>(bytes: &'a [u8], cut: &Cut) -> Vec<&'a [u8]> {
        cut.lines.iter().map(|it| &bytes[it.clone()]).collect()
    }

    #[test]
    fn a_torn_line_waits_until_it_is_the_last() {
        let bytes = b"one\r\n\nthr";
        let cut = Cut::of(bytes, false, false);
        assert_eq!(lines(bytes, &cut), [&b"one\r"[..], b""]);
        assert_eq!(cut.taken, 6);
        let cut = Cut::of(bytes, false, true);
        assert_eq!(lines(bytes, &cut), [&b"one\r"[..], b"", b"thr"]);
        assert_eq!((cut.taken, cut.is_in_long_line), (9, false));
    }

    #[test]
    fn the_longest_line_is_whole_and_a_longer_one_is_cut() {
        let mut bytes = vec![b'a'; LINE_BYTES_MAX];
        assert_eq!(Cut::of(&bytes, false, false), Cut::default());
        bytes.push(b'\n');
        let cut = Cut::of(&bytes, false, false);
        assert_eq!((cut.lines.len(), cut.lines_cut), (1, 0));
        bytes[LINE_BYTES_MAX] = b'a';
        let cut = Cut::of(&bytes, false, false);
        assert_eq!(cut.lines, std::slice::from_ref(&(0..LINE_BYTES_MAX)));
        assert_eq!((cut.lines_cut, cut.is_in_long_line), (1, true));
        assert_eq!(cut.taken, bytes.len());
        bytes.extend(b"\nb\n");
        let cut = Cut::of(&bytes, false, false);
        assert_eq!((cut.lines.len(), cut.lines_cut), (2, 1));
        assert!(!cut.is_in_long_line);
    }

    #[test]
    fn the_rest_of_a_long_line_is_passed_over() {
        let cut = Cut::of(b"more", true, false);
        assert_eq!((cut.taken, cut.is_in_long_line), (4, true));
        let bytes = b"end\nnext\n";
        let cut = Cut::of(bytes, true, false);
        assert_eq!(lines(bytes, &cut), [b"next"]);
        assert_eq!((cut.taken, cut.is_in_long_line), (9, false));
    }
}
