//! Segment files: their names and headers.

use crate::limits::POSITION_MAX;
use crate::line::{take_u32, take_u64};
use crate::{Error, Position};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"WBJOURNL";
const VERSION: u32 = 1;

/// Bytes before the first frame.
pub(crate) const HEADER_BYTES: usize = 8 + 4 + 8 + 4;

const ENDING: &str = "journal";

/// What a segment is called until its header is durable.
pub(crate) const NAME_NEW: &str = "segment.new";

/// A segment as the running journal knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    /// Position of its first line, which is its name.
    pub(crate) first: Position,
    /// Its durable bytes.
    pub(crate) bytes: u64,
}

/// The file of the segment that begins at this position.
pub(crate) fn path(folder: &Path, first: Position) -> PathBuf {
    // All digits of `u64`, so that names sort as positions do.
    folder.join(format!("{:020}.{ENDING}", first.as_u64()))
}

/// All segments of a folder, in order; files of other names are left alone.
pub(crate) fn list(folder: &Path) -> Result<Vec<Segment>, Error> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io("list folder", folder))? {
        let entry = entry.map_err(Error::io("list folder", folder))?;
        let path = entry.path();
        let is_ours = path.extension().is_some_and(|it| it == ENDING);
        let number = path.file_stem().and_then(|it| it.to_str()?.parse().ok());
        if let (true, Some(number)) = (is_ours, number.filter(|it| *it <= POSITION_MAX)) {
            let metadata = entry.metadata().map_err(Error::io("look at file", &path))?;
            segments.push(Segment {
                first: Position::from_u64(number),
                bytes: metadata.len(),
            });
        }
    }
    segments.sort_by_key(|it| it.first);
    Ok(segments)
}

/// The header of a segment.
pub(crate) fn header(first: Position) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    header.extend(VERSION.to_le_bytes());
    header.extend(first.as_u64().to_le_bytes());
    header.extend(crc32c::crc32c(&header).to_le_bytes());
    header
}

/// Checks the header of the segment that begins at this position.
pub(crate) fn check_header(path: &Path, first: Position) -> Result<(), Error> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Error::io("open file", path))?;
    file.take(HEADER_BYTES as u64)
        .read_to_end(&mut bytes)
        .map_err(Error::io("read file", path))?;
    match parse_header(&bytes) {
        Some((VERSION, named)) if named == first.as_u64() => Ok(()),
        Some((version, _)) if version != VERSION => Err(Error::Version {
            path: path.to_owned(),
            version,
        }),
        _ => Err(Error::Damaged {
            path: path.to_owned(),
            offset: 0,
            lost: first..first,
        }),
    }
}

/// Version and first position.
fn parse_header(bytes: &[u8]) -> Option<(u32, u64)> {
    let (checked, checksum) = bytes.split_last_chunk()?;
    let mut rest = checked.strip_prefix(MAGIC)?;
    let version = take_u32(&mut rest)?;
    let first = take_u64(&mut rest)?;
    (crc32c::crc32c(checked) == u32::from_le_bytes(*checksum)).then_some((version, first))
}
