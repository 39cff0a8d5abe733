//! How far all logs were read, as of a position of the journal: in memory, and in a file.
//!
//! # Layout, version 1
//!
//! Integers are little-endian. A text is its length (u32) and its bytes. The file `follow.state` has: 8 bytes of magic
//! (`WBFOLLOW`), version (u32), the position of the journal (u64), the next number of a log (u64); the patterns that
//! were followed: how many (u32), their texts; the logs: how many (u32), and each: when its file was seen last (i64,
//! nanoseconds since 1970-01-01T00:00:00Z), length (u64) and time (i64, nanoseconds) of its file when it was closed
//! with nothing left to take (both 0 if it was not), and the source of its lines as text; at last the CRC-32C of all
//! before (u32).

use crate::Error;
use crate::limits::STATE_BYTES_MAX;
use crate::mark::Mark;
use journal::{Journal, Position};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"WBFOLLOW";
const VERSION: u32 = 1;
const NAME: &str = "follow.state";

/// Length and time of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp {
    bytes: u64,
    modified_ns: i64,
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let seconds = metadata.mtime().saturating_mul(1_000_000_000);
        Stamp {
            bytes: metadata.len(),
            modified_ns: seconds.saturating_add(metadata.mtime_nsec()),
        }
    }
}

/// What is known of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// The path under which it is written.
    pub(crate) path: PathBuf,
    pub(crate) mark: Mark,
    /// When its file was seen last, nanoseconds since 1970-01-01T00:00:00Z.
    pub(crate) seen_ns: i64,
    /// Its file when it was closed with nothing left to take.
    pub(crate) closed: Option<Stamp>,
}

/// All that is in the journal, of all logs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// All lines of files that stand before it are counted in.
    pub(crate) position: Position,
    /// No log has this number or a greater one.
    pub(crate) next_id: u64,
    /// Patterns of which all files that were there at first are known.
    pub(crate) patterns: BTreeSet<OsString>,
    pub(crate) logs: BTreeMap<u64, Known>,
}

impl State {
    /// Notes how far a log was read.
    pub(crate) fn note(&mut self, path: &Path, mark: &Mark, now_ns: i64) {
        self.next_id = self.next_id.max(mark.id + 1);
        let known = self.logs.entry(mark.id).or_insert_with(|| Known {
            path: path.to_owned(),
            mark: Mark::default(),
            seen_ns: now_ns,
            closed: None,
        });
        known.mark = mark.clone();
    }

    /// Reads on from what the journal tells behind the state's position.
    pub(crate) fn replay(&mut self, journal: &dyn Journal) -> Result<(), Error> {
        let end = journal.end();
        // A journal that is shorter is another one, and what was read of the files stays read.
        let from = if self.position > end {
            journal.start()
        } else {
            self.position.max(journal.start())
        };
        let mut reader = journal.reader(from)?;
        loop {
            let batch = match reader.next() {
                Ok(Some((_, batch))) => batch,
                Ok(None) => break,
                // What stood there of a file is taken again, unless later lines of it are left.
                Err(journal::Error::Damaged { lost, .. }) if !lost.is_empty() => {
                    reader = journal.reader(lost.end)?;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let mut last: &[u8] = &[];
            for record in batch.iter().filter(|it| !it.source.is_empty()) {
                if record.source != last
                    && let Some((path, mark)) = Mark::of_source(record.source)
                {
                    self.note(&path, &mark, record.received_ns);
                }
                last = record.source;
            }
        }
        self.position = end;
        Ok(())
    }

    /// The state in a folder; an empty one where there is none.
    pub(crate) fn load(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(NAME);
        let bytes = match fs::metadata(&path) {
            Ok(metadata) if metadata.len() > STATE_BYTES_MAX => return Err(Error::State(path)),
            Ok(_) => fs::read(&path).map_err(Error::io("read file", &path))?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(State::default()),
            Err(error) => return Err(Error::io("read file", path)(error)),
        };
        State::decode(&bytes).ok_or(Error::State(path))
    }

    /// Writes the state so that a crash leaves this or the former one whole.
    pub(crate) fn save(&self, folder: &Path) -> Result<(), Error> {
        let (path, new) = (folder.join(NAME), folder.join("follow.state.new"));
        let written = File::create(&new).and_then(|mut file| {
            file.write_all(&self.encode())?;
            file.sync_all()
        });
        written.map_err(Error::io("write file", &new))?;
        fs::rename(&new, &path).map_err(Error::io("rename file", new))?;
        // Else the former state may come back, while the journal is cut behind this one.
        let folder_synced = File::open(folder).and_then(|it| it.sync_all());
        folder_synced.map_err(Error::io("sync folder", folder))
    }

    fn encode(&self) -> Vec<u8> {
        let mut to = MAGIC.to_vec();
        let text = |to: &mut Vec<u8>, text: &[u8]| {
            to.extend((text.len() as u32).to_le_bytes());
            to.extend(text);
        };
        to.extend(VERSION.to_le_bytes());
        to.extend(self.position.as_u64().to_le_bytes());
        to.extend(self.next_id.to_le_bytes());
        to.extend((self.patterns.len() as u32).to_le_bytes());
        for pattern in &self.patterns {
            text(&mut to, pattern.as_bytes());
        }
        to.extend((self.logs.len() as u32).to_le_bytes());
        for known in self.logs.values() {
            let closed = known.closed.unwrap_or_default();
            to.extend(known.seen_ns.to_le_bytes());
            to.extend(closed.bytes.to_le_bytes());
            to.extend(closed.modified_ns.to_le_bytes());
            text(&mut to, &known.mark.source(&known.path));
        }
        let crc = crc32c::crc32c(&to);
        to.extend(crc.to_le_bytes());
        to
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (bytes, crc) = bytes.split_last_chunk()?;
        if crc32c::crc32c(bytes) != u32::from_le_bytes(*crc) {
            return None;
        }
        let mut from = Fields(bytes.strip_prefix(MAGIC)?);
        if from.u32()? != VERSION {
            return None;
        }
        let mut state = State {
            position: Position::from_u64(from.u64()?),
            next_id: from.u64()?,
            ..State::default()
        };
        for _ in 0..from.u32()? {
            state
                .patterns
                .insert(OsStr::from_bytes(from.text()?).into());
        }
        for _ in 0..from.u32()? {
            let (seen_ns, bytes, modified_ns) = (from.u64()? as i64, from.u64()?, from.u64()?);
            let closed = Stamp {
                bytes,
                modified_ns: modified_ns as i64,
            };
            let (path, mark) = Mark::of_source(from.text()?)?;
            let known = Known {
                path,
                mark,
                seen_ns,
                closed: Some(closed).filter(|it| *it != Stamp::default()),
            };
            state.logs.insert(known.mark.id, known);
        }
        from.0.is_empty().then_some(state)
    }
}

/// Reads what `encode` wrote.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn u32(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*head))
    }

    fn u64(&mut self) -> Option<u64> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*head))
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()? as usize;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        let mut state = State {
            position: Position::from_u64(9),
            next_id: 0,
            patterns: BTreeSet::from(["/var/log/mail.log".into()]),
            logs: BTreeMap::new(),
        };
        let mark = |id| Mark {
            id,
            ..Mark::default()
        };
        state.note(Path::new("/var/log/mail.log"), &mark(3), 5);
        state.note(Path::new("/var/log/mail.err"), &mark(4), -6);
        let closed = Stamp {
            bytes: 7,
            modified_ns: -1,
        };
        state.logs.get_mut(&4).unwrap().closed = Some(closed);
        state
    }

    #[test]
    fn a_state_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(State::load(folder.path()).unwrap(), State::default());
        state().save(folder.path()).unwrap();
        let read = State::load(folder.path()).unwrap();
        assert_eq!(read, state());
        assert_eq!(read.next_id, 5);
    }

    #[test]
    fn a_state_of_version_1_is_read_for_ever() {
        let frozen = include_bytes!("../tests/state-v1");
        assert_eq!(State::decode(frozen), Some(state()));
    }

    #[test]
    fn a_state_with_a_flipped_bit_is_refused() {
        let whole = state().encode();
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(State::decode(&bytes), None, "bit {bit}");
        }
        for end in 0..whole.len() {
            assert_eq!(State::decode(&whole[..end]), None);
        }
    }
}
