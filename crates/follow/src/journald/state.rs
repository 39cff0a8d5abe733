//! How far the journal of this machine was read, as of a position of ours: in memory, and in a file.
//!
//! # Layout, version 1
//!
//! The file `journald.state` has: 8 bytes of magic (`WBJRNLD` and a NUL), version (u32), the position of the journal
//! (u64), the cursor: its length (u32) and its bytes; at last the CRC-32C of all before (u32). Integers are
//! little-endian.

use super::JOURNALD;
use crate::Error;
use crate::limits::JOURNALD_STATE_BYTES_MAX;
use ingest::journald::cursor;
use journal::{Journal, Position};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

const MAGIC: &[u8; 8] = b"WBJRNLD\0";
const VERSION: u32 = 1;
const NAME: &str = "journald.state";

/// What is in our journal.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// All lines of journald that stand before it are counted in.
    pub(super) position: Position,
    /// The last entry that was taken or passed over; empty before the first.
    pub(super) cursor: String,
}

impl State {
    /// Reads on from what the journal tells behind the state's position.
    pub(super) fn replay(&mut self, journal: &dyn Journal) -> Result<(), Error> {
        let end = journal.end();
        // A journal that is shorter is another one, and what was read stays read.
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
                // What stood there is taken again, unless later lines are left.
                Err(journal::Error::Damaged { lost, .. }) if !lost.is_empty() => {
                    reader = journal.reader(lost.end)?;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let ours = batch.iter().filter(|it| it.source == JOURNALD.as_bytes());
            if let Some(last) = ours.filter_map(|it| cursor(it.line)).last() {
                self.cursor = last.to_owned();
            }
        }
        self.position = end;
        Ok(())
    }

    /// The state in a folder; an empty one where there is none.
    pub(super) fn load(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(NAME);
        let bytes = match fs::metadata(&path) {
            Ok(it) if it.len() > JOURNALD_STATE_BYTES_MAX => return Err(Error::State(path)),
            Ok(_) => fs::read(&path).map_err(Error::io("read file", &path))?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(State::default()),
            Err(error) => return Err(Error::io("read file", path)(error)),
        };
        State::decode(&bytes).ok_or(Error::State(path))
    }

    /// Writes the state so that a crash leaves this or the former one whole.
    pub(super) fn save(&self, folder: &Path) -> Result<(), Error> {
        let (path, new) = (folder.join(NAME), folder.join("journald.state.new"));
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
        to.extend(VERSION.to_le_bytes());
        to.extend(self.position.as_u64().to_le_bytes());
        to.extend((self.cursor.len() as u32).to_le_bytes());
        to.extend(self.cursor.as_bytes());
        let crc = crc32c::crc32c(&to);
        to.extend(crc.to_le_bytes());
        to
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (told, crc) = bytes.split_last_chunk()?;
        if crc32c::crc32c(told) != u32::from_le_bytes(*crc) {
            return None;
        }
        let (version, rest) = told.strip_prefix(MAGIC)?.split_first_chunk()?;
        let (position, rest) = rest.split_first_chunk()?;
        let (length, cursor) = rest.split_first_chunk()?;
        let is_whole = u32::from_le_bytes(*length) as usize == cursor.len();
        if u32::from_le_bytes(*version) != VERSION || !is_whole {
            return None;
        }
        Some(State {
            position: Position::from_u64(u64::from_le_bytes(*position)),
            cursor: String::from_utf8(cursor.to_vec()).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_back_and_damage_is_seen() {
        let state = State {
            position: Position::from_u64(77),
            cursor: "s=1;i=2".to_owned(),
        };
        let bytes = state.encode();
        assert_eq!(State::decode(&bytes), Some(state));
        for at in 0..bytes.len() {
            assert_eq!(State::decode(&bytes[..at]), None);
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(State::decode(&damaged), None);
        }
    }
}
