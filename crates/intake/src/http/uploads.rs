//! How far the journals of other hosts were taken, so that what they send again is not taken again.
//!
//! `systemd-journal-upload` sends all from where the last answer reached it, after each break. An entry's cursor has
//! the id of the journal's sequence, the boot, and a number that grows: an entry of a sequence and boot whose number
//! was passed is a repetition.
//!
//! # Layout, version 1
//!
//! A text of lines: `waybill journald uploads 1`; for each journal `SEQUENCE BOOT NUMBER` in hexadecimal; at last
//! `sha256 DIGEST` of all before.

use crate::limits::{UPLOADED_FILE_BYTES_MAX, UPLOADED_JOURNALS_MAX};
use journal::Journal;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;

/// How the source of uploaded lines begins; the address follows.
pub(super) const SOURCE: &str = "journald ";

const HEAD: &str = "waybill journald uploads 1";

/// How far the journals of other hosts were taken.
#[derive(Debug, Default)]
pub struct Uploads {
    path: Option<PathBuf>,
    /// Held while entries are looked at, appended and noted.
    pub(super) taken: Mutex<Taken>,
}

/// The number of the last entry by journal.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Taken(BTreeMap<(u128, u128), u64>);

/// Where an entry stands: its journal, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The sequence and the boot.
    of: (u128, u128),
    number: u64,
}

impl Place {
    /// Reads `s=SEQUENCE;i=NUMBER;b=BOOT;...`. Source: systemd `sd_journal_get_cursor`.
    pub(super) fn of_cursor(cursor: &str) -> Option<Self> {
        let part = |name: &str| {
            let mut parts = cursor.split(';');
            parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        };
        let id = |name| u128::from_str_radix(part(name)?, 16).ok();
        Some(Place {
            of: (id("s")?, id("b")?),
            number: u64::from_str_radix(part("i")?, 16).ok()?,
        })
    }
}

impl Taken {
    /// Whether an entry was taken before.
    pub(super) fn has(&self, place: Place) -> bool {
        let last = self.0.get(&place.of);
        last.is_some_and(|last| place.number <= *last)
    }

    pub(super) fn note(&mut self, place: Place) {
        // Senders can make journals up; what is forgotten may come twice.
        if self.0.len() >= UPLOADED_JOURNALS_MAX && !self.0.contains_key(&place.of) {
            self.0.clear();
        }
        let last = self.0.entry(place.of).or_default();
        *last = place.number.max(*last);
    }

    /// Notes what the journal has.
    fn replay(&mut self, journal: &dyn Journal) -> Result<(), journal::Error> {
        let mut reader = journal.reader(journal.start())?;
        loop {
            let batch = match reader.next() {
                Ok(Some((_, batch))) => batch,
                Ok(None) => return Ok(()),
                Err(journal::Error::Damaged { lost, .. }) if !lost.is_empty() => {
                    reader = journal.reader(lost.end)?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let uploaded = |source: &[u8]| source.starts_with(SOURCE.as_bytes());
            for record in batch.iter().filter(|it| uploaded(it.source)) {
                let cursor = ingest::journald::cursor(record.line);
                if let Some(place) = cursor.and_then(Place::of_cursor) {
                    self.note(place);
                }
            }
        }
    }

    fn encode(&self) -> String {
        let mut text = format!("{HEAD}\n");
        for ((sequence, boot), number) in &self.0 {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{sequence:x} {boot:x} {number:x}");
        }
        let digest = digest(&text);
        let _ = writeln!(text, "sha256 {digest}");
        text
    }

    fn decode(text: &str) -> Option<Self> {
        let (told, written) = text.rsplit_once("sha256 ")?;
        if written.trim_end() != digest(told) {
            return None;
        }
        let mut lines = told.lines();
        if lines.next()? != HEAD {
            return None;
        }
        let mut taken = Taken::default();
        for line in lines {
            let mut words = line.split(' ');
            let mut id = || u128::from_str_radix(words.next()?, 16).ok();
            let of = (id()?, id()?);
            let number = u64::try_from(id()?).ok()?;
            taken.0.insert(of, number);
        }
        Some(taken)
    }
}

fn digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Uploads {
    /// What a file tells, and the journal behind it; nothing where there is no file yet.
    ///
    /// Errs if the file cannot be read or is damaged: move it away to go on, then entries may be taken twice.
    pub fn open(path: &Path, journal: &dyn Journal) -> io::Result<Self> {
        let mut taken = match fs::metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Taken::default(),
            Err(error) => return Err(error),
            Ok(metadata) => {
                let is_ours = metadata.len() <= UPLOADED_FILE_BYTES_MAX;
                let text = is_ours.then(|| fs::read_to_string(path)).transpose()?;
                let taken = text.and_then(|text| Taken::decode(&text));
                let why = "it is damaged; without it uploaded entries may be taken twice";
                taken.ok_or_else(|| io::Error::new(ErrorKind::InvalidData, why))?
            }
        };
        taken.replay(journal).map_err(io::Error::other)?;
        Ok(Uploads {
            path: Some(path.to_owned()),
            taken: Mutex::new(taken),
        })
    }

    /// Writes the file, so that the journal may be cut: call it before each cut, outside of a runtime.
    pub fn save(&self) -> io::Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let text = self.taken.blocking_lock().encode();
        if fs::read(path).is_ok_and(|former| former == text.as_bytes()) {
            return Ok(());
        }
        let new = path.with_extension("new");
        let mut file = File::create(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        // Else the former file may come back, while the journal is cut behind this one.
        let folder = path.parent().unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(cursor: &str) -> Place {
        Place::of_cursor(cursor).expect("a cursor")
    }

    #[test]
    fn what_was_passed_in_a_journal_is_a_repetition() {
        let mut taken = Taken::default();
        let (one, two) = (place("s=a;i=f;b=1;m=3;t=4;x=5"), place("s=a;i=10;b=1;m=9"));
        assert!(!taken.has(one));
        taken.note(two);
        assert!(taken.has(one) && taken.has(two));
        taken.note(one);
        assert!(taken.has(two));
        // A machine that was cloned counts on from the same number, after a boot of its own.
        assert!(!taken.has(place("s=a;i=f;b=2")));
        assert!(!taken.has(place("s=b;i=f;b=1")));
        for none in ["", "s=a;i=1", "s=x;i=1;b=1", "s=a;i=;b=1"] {
            assert_eq!(Place::of_cursor(none), None);
        }
    }

    #[test]
    fn a_file_is_read_back_and_damage_is_seen() {
        let mut taken = Taken::default();
        for number in 0..3_u64 {
            let text = format!("s={number:x};i={};b={:x}", number * 7, u128::MAX);
            taken.note(place(&text));
        }
        let text = taken.encode();
        assert_eq!(Taken::decode(&text), Some(taken));
        for at in 0..text.len() - 1 {
            assert_eq!(Taken::decode(&text[..at]), None);
            let mut damaged = text.clone().into_bytes();
            damaged[at] ^= 1;
            let damaged = String::from_utf8_lossy(&damaged);
            assert_eq!(Taken::decode(&damaged), None, "{at}");
        }
    }
}
