//! What the manifest says of a file, and how it is found out.

use crate::Digest;
use crate::limits::READ_BYTES;
use crate::records::{Cut, Cutter, Found};
use crate::tree::{self, Tree};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::io::{self, Read};

/// A file of a package. As JSON without spaces, fields in this order, it is the file's leaf in the package's tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Name in the package's folder.
    pub name: String,
    /// Length in bytes.
    pub bytes: u64,
    /// Hash of the whole file.
    pub sha256: Digest,
    /// The tree of its records; `None` (absent in JSON) for formats that have no lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<Records>,
}

/// The records of a file as leaves of a Merkle tree (RFC 6962, section 2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Records {
    /// Where a record ends.
    pub cut: Cut,
    /// How many there are; the first is number 0.
    pub count: u64,
    /// The root; of no records the SHA-256 of nothing.
    pub root: Digest,
}

impl Entry {
    /// The file's leaf in the tree of the package.
    pub(crate) fn leaf(&self) -> Digest {
        tree::leaf(&serde_json::to_vec(self).expect("an entry is text and numbers"))
    }

    /// The tree over files, in this order.
    pub(crate) fn tree(files: &[Entry]) -> Tree {
        files.iter().map(Entry::leaf).collect()
    }

    /// Reads a file to its end, and tells each record.
    pub(crate) fn measure(
        name: &str,
        cut: Option<Cut>,
        mut file: impl Read,
        mut each: impl FnMut(Found),
    ) -> io::Result<Entry> {
        let mut measure = Measure::new(cut);
        let mut buffer = vec![0; READ_BYTES];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(measure.finish(name, each)),
                Ok(count) => measure.push(&buffer[..count], &mut each),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// How the file is cut into records.
    pub(crate) fn cut(&self) -> Option<Cut> {
        self.records.as_ref().map(|it| it.cut)
    }
}

/// Hashes a file and its records as the bytes pass by.
pub(crate) struct Measure {
    bytes: u64,
    hasher: Sha256,
    records: Option<(Cutter, Tree)>,
}

impl Measure {
    pub(crate) fn new(cut: Option<Cut>) -> Measure {
        Measure {
            bytes: 0,
            hasher: Sha256::new(),
            records: cut.map(|cut| (Cutter::new(cut), Tree::default())),
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8], mut each: impl FnMut(Found)) {
        self.bytes += bytes.len() as u64;
        self.hasher.update(bytes);
        if let Some((cutter, tree)) = &mut self.records {
            cutter.push(bytes, |found| {
                tree.push(found.leaf);
                each(found);
            });
        }
    }

    pub(crate) fn finish(self, name: &str, each: impl FnOnce(Found)) -> Entry {
        let records = self.records.map(|(cutter, mut tree)| {
            let cut = cutter.cut;
            cutter.finish(|found| {
                tree.push(found.leaf);
                each(found);
            });
            Records {
                cut,
                count: tree.count(),
                root: tree.root(),
            }
        });
        Entry {
            name: name.to_owned(),
            bytes: self.bytes,
            sha256: Digest::end(self.hasher),
            records,
        }
    }
}
