//! Where the records of a file end.

use crate::{Digest, tree};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::ops::Range;

/// How a file is cut into records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// A record ends at each line feed, as in NDJSON.
    Lines,
    /// A record ends at each line feed outside of double quotes (RFC 4180); the head line is record 0.
    Csv,
}

/// Cuts what passes by into records, and hashes each as a leaf. The line feed is no part of a record, a carriage
/// return before it is; bytes behind the last line feed are a record too.
pub(crate) struct Cutter {
    pub(crate) cut: Cut,
    hasher: Sha256,
    is_quoted: bool,
    /// Offsets in the file: where the record began, and where the next bytes will stand.
    start: u64,
    next: u64,
}

/// A record that has ended.
pub(crate) struct Found {
    pub(crate) leaf: Digest,
    /// Offsets in the file.
    pub(crate) bytes: Range<u64>,
}

impl Cutter {
    pub(crate) fn new(cut: Cut) -> Cutter {
        Cutter {
            cut,
            hasher: tree::leaf_hasher(),
            is_quoted: false,
            start: 0,
            next: 0,
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8], mut found: impl FnMut(Found)) {
        let mut rest = bytes;
        while let Some(end) = self.end(rest) {
            self.take(&rest[..end]);
            found(self.found());
            self.next += 1;
            self.start = self.next;
            rest = &rest[end + 1..];
        }
        self.take(rest);
    }

    pub(crate) fn finish(mut self, found: impl FnOnce(Found)) {
        if self.next > self.start {
            found(self.found());
        }
    }

    /// Where the record ends in these bytes.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        match self.cut {
            Cut::Lines => memchr::memchr(b'\n', bytes),
            Cut::Csv => memchr::memchr2_iter(b'"', b'\n', bytes).find(|&at| {
                self.is_quoted ^= bytes[at] == b'"';
                bytes[at] == b'\n' && !self.is_quoted
            }),
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.next += bytes.len() as u64;
    }

    fn found(&mut self) -> Found {
        let hasher = std::mem::replace(&mut self.hasher, tree::leaf_hasher());
        Found {
            leaf: Digest::end(hasher),
            bytes: self.start..self.next,
        }
    }
}
