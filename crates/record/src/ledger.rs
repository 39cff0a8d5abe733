//! Which lines of which files were taken.

use crate::limits::HEAD_BYTES;
use ingest::LogSet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use twox_hash::XxHash3_64;

/// All files of which lines were taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ledger {
    pub(crate) files: Vec<Taken>,
}

/// What was taken of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Taken {
    /// Name when it was read last, for people.
    pub(crate) name: String,
    /// Length and hash of its first bytes.
    head: (usize, u64),
    /// All lines before this one.
    pub(crate) until: u64,
    /// Lines behind it that came out of order.
    beyond: BTreeSet<u64>,
    /// Sum of the hashes of all these lines, each with its index.
    digest: u64,
}

/// What a line adds to the digest.
fn digest(index: u64, raw: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(index, raw)
}

impl Taken {
    /// Notes a line; `false` where it was taken before.
    pub(crate) fn take(&mut self, index: u64, raw: &[u8]) -> bool {
        if index == self.until {
            self.until += 1;
            while self.beyond.remove(&self.until) {
                self.until += 1;
            }
        } else if index < self.until || !self.beyond.insert(index) {
            return false;
        }
        self.digest = self.digest.wrapping_add(digest(index, raw));
        true
    }

    fn has(&self, index: u64) -> bool {
        index < self.until || self.beyond.contains(&index)
    }

    fn lines(&self) -> u64 {
        self.until + self.beyond.len() as u64
    }
}

impl Ledger {
    /// The place of a file in the ledger: that of the same content, else a new one.
    ///
    /// Of the files that begin alike the one of which most lines are there is taken.
    pub(crate) fn place_of(&mut self, set: &LogSet, file: usize, anew: bool) -> usize {
        let content = LogSet {
            name: set.name.clone(),
            files: vec![set.files[file].clone()],
        };
        let name = set.files[file].path.display().to_string();
        let known = if anew || !content.is_rereadable() {
            None
        } else {
            self.recognise(&content)
        };
        if let Some(place) = known {
            self.files[place].name = name;
            return place;
        }
        self.files.push(Taken {
            name,
            head: head(&content, HEAD_BYTES),
            ..Taken::default()
        });
        self.files.len() - 1
    }

    fn recognise(&self, content: &LogSet) -> Option<usize> {
        let begins_alike = |taken: &&(usize, &Taken)| {
            let (length, hash) = taken.1.head;
            taken.1.lines() > 0 && head(content, length) == (length, hash)
        };
        let alike: Vec<_> = self
            .files
            .iter()
            .enumerate()
            .filter(|it| begins_alike(&it))
            .collect();
        if alike.is_empty() {
            return None;
        }
        let mut digests = vec![(0_u64, 0_u64); alike.len()];
        let mut reader = content.reader();
        let mut batch = None;
        while let Some(read) = reader.next_batch(batch.take()) {
            for at in 0..read.len() {
                let index = read.first_index + at as u64;
                let (_, raw) = read.original(at);
                let line = digest(index, raw);
                for ((_, taken), (lines, sum)) in alike.iter().zip(&mut digests) {
                    if taken.has(index) {
                        *lines += 1;
                        *sum = sum.wrapping_add(line);
                    }
                }
            }
            batch = Some(read);
        }
        let same = alike
            .iter()
            .zip(&digests)
            .filter(|((_, taken), found)| **found == (taken.lines(), taken.digest));
        same.max_by_key(|((_, taken), _)| taken.lines())
            .map(|((place, _), _)| *place)
    }
}

/// Length and hash of the first bytes of a file, unpacked; at most so many.
fn head(content: &LogSet, bytes_max: usize) -> (usize, u64) {
    let mut reader = content.reader();
    let batch = reader.next_batch(None);
    let bytes = batch.as_ref().map_or(&[][..], ingest::Batch::raw_bytes);
    let head = &bytes[..bytes.len().min(bytes_max)];
    (head.len(), XxHash3_64::oneshot(head))
}
