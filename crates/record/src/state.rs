//! What a commit leaves to go on from.
//!
//! Bytes, version 1, packed with zstd and its checksum: magic `WBSTATE`, version (u8), length of the ledger (u32,
//! little-endian), the ledger as JSON, then the correlator's snapshot.

use crate::error::Error;
use crate::ledger::Ledger;
use crate::limits::STATE_ZSTD_LEVEL;
use correlate::{Correlator, Settings};
use serde::{Deserialize, Serialize};
use std::io::Write;

const MAGIC: &[u8] = b"WBSTATE";
const VERSION: u8 = 1;

/// Ledger and correlator.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) kept: Kept,
    pub(crate) correlator: Correlator,
}

/// What is kept as text.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) ledger: Ledger,
    /// Latest time of a line that the correlator was given, seconds; `None` before the first.
    pub(crate) come_to: Option<i64>,
    /// Lines that are in the archive.
    pub(crate) lines: u64,
    /// Position of the journal before which all lines are in the archive.
    #[serde(default)]
    pub(crate) journal: u64,
}

impl Default for State {
    fn default() -> Self {
        State {
            kept: Kept::default(),
            correlator: empty(),
        }
    }
}

/// How many lines were taken into an archive since it was made.
pub fn lines_taken(archive: &store::Archive) -> Result<u64, Error> {
    Ok(State::of(archive)?.kept.lines)
}

/// A correlator that knows nothing yet.
pub(crate) fn empty() -> Correlator {
    Correlator::new(Settings { keep_text: true })
}

/// Packs a state.
pub(crate) fn pack(kept: &Kept, snapshot: &[u8]) -> Result<Vec<u8>, Error> {
    let ledger = serde_json::to_vec(kept)?;
    let mut bytes = Vec::from(MAGIC);
    bytes.push(VERSION);
    bytes.extend((ledger.len() as u32).to_le_bytes());
    bytes.extend(ledger);
    bytes.extend_from_slice(snapshot);
    let mut packer = zstd::Encoder::new(Vec::new(), STATE_ZSTD_LEVEL)?;
    // Without it a flipped bit may well unpack to another state.
    packer.include_checksum(true)?;
    packer.write_all(&bytes)?;
    Ok(packer.finish()?)
}

impl State {
    /// What the last commit of an archive left.
    pub(crate) fn of(archive: &store::Archive) -> Result<Self, Error> {
        let Some((path, packed)) = archive.state()? else {
            return Ok(State::default());
        };
        State::unpack(&packed).map_err(|source| Error::State {
            path,
            source: Box::new(source),
        })
    }

    fn unpack(packed: &[u8]) -> Result<Self, Error> {
        let bytes = zstd::decode_all(packed)?;
        let rest = bytes.strip_prefix(MAGIC).ok_or(Error::ForeignState)?;
        let (&version, rest) = rest.split_first().ok_or(Error::ForeignState)?;
        if version != VERSION {
            return Err(Error::StateVersion(version));
        }
        let (length, rest) = rest.split_first_chunk().ok_or(Error::ForeignState)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (ledger, snapshot) = rest.split_at_checked(length).ok_or(Error::ForeignState)?;
        Ok(State {
            kept: serde_json::from_slice(ledger)?,
            correlator: Correlator::restore(snapshot)?,
        })
    }
}
