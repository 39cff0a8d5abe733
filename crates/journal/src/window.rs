//! A segment file, read piece by piece.

use crate::Error;
use crate::frame::{self, Frame};
use crate::limits::READ_BYTES;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Some bytes of a segment file.
pub(crate) struct Window {
    path: PathBuf,
    file: File,
    bytes: Vec<u8>,
    /// Where the bytes stand in the file.
    offset: u64,
}

impl Window {
    /// Opens a file; reads nothing yet.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        Ok(Window {
            path: path.to_owned(),
            file: File::open(path).map_err(Error::io("open file", path))?,
            bytes: Vec::new(),
            offset: 0,
        })
    }

    /// The frame at an offset, if there is a whole one before `end`.
    ///
    /// Bytes before `end` must not change any more.
    pub(crate) fn frame(&mut self, offset: u64, end: u64) -> Result<Option<Frame<'_>>, Error> {
        self.show(offset, frame::HEAD_BYTES, end)?;
        let head = self.at(offset).first_chunk();
        let Some(length) = head.and_then(frame::length) else {
            return Ok(None);
        };
        self.show(offset, length, end)?;
        Ok(frame::read(self.at(offset), offset))
    }

    /// All bytes before `end`.
    pub(crate) fn all(&self, end: u64) -> Result<Vec<u8>, Error> {
        self.read(0, end as usize)
    }

    fn at(&self, offset: u64) -> &[u8] {
        let skipped = offset.checked_sub(self.offset);
        skipped
            .and_then(|it| self.bytes.get(it as usize..))
            .unwrap_or_default()
    }

    /// Sees to it that so many bytes from an offset on are there, if the file has them before `end`.
    fn show(&mut self, offset: u64, count: usize, end: u64) -> Result<(), Error> {
        if self.at(offset).len() < count {
            let left = end.saturating_sub(offset) as usize;
            self.bytes = self.read(offset, left.min(count.max(READ_BYTES)))?;
            self.offset = offset;
        }
        Ok(())
    }

    /// Bytes from an offset on, fewer where the file ends.
    fn read(&self, offset: u64, count: usize) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; count];
        let mut filled = 0;
        while filled < count {
            match self
                .file
                .read_at(&mut bytes[filled..], offset + filled as u64)
            {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::io("read file", &self.path)(source)
    }
}
