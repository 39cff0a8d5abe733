//! Groups of batches in, durable frames out; the only one that writes segments.

use crate::batch::{Batch, Source};
use crate::frame::{self, Place, Registered};
use crate::limits::{QUEUE_BYTES_MAX, SEGMENT_SOURCES_MAX};
use crate::segment::{self, HEADER_BYTES, Segment};
use crate::{Error, Position};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is done with the file of the last segment; in tests, what goes wrong with it.
pub(crate) trait Output: Send {
    /// Writes all of the bytes at an offset.
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Makes durable what was written.
    fn sync(&mut self) -> io::Result<()>;
    /// Forgets all bytes from an offset on.
    fn truncate(&mut self, bytes: u64) -> io::Result<()>;
}

impl Output for File {
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)
    }
}

/// Makes an output of a file.
pub(crate) type Outputs = Box<dyn Fn(File) -> Box<dyn Output> + Send>;

/// Writes the last segment and begins the next.
pub(crate) struct Writer {
    folder: PathBuf,
    outputs: Outputs,
    segment_bytes: u64,
    output: Box<dyn Output>,
    /// The last segment, as far as it is durable.
    segment: Segment,
    /// Position behind the last durable line.
    end: Position,
    registered: Registered,
    /// Frames of the group that is being written; kept for its memory.
    group: Vec<u8>,
}

impl Writer {
    /// Goes on in a segment behind its `segment.bytes`, all of which are durable.
    pub(crate) fn go_on(
        folder: &Path,
        segment: Segment,
        end: Position,
        sources: Vec<Source>,
        segment_bytes: u64,
        outputs: Outputs,
    ) -> Result<Self, Error> {
        let path = segment::path(folder, segment.first);
        let file = File::options().write(true).open(&path);
        let file = file.map_err(Error::io("open file", path))?;
        Ok(Writer {
            folder: folder.to_owned(),
            segment_bytes,
            output: outputs(file),
            outputs,
            segment,
            end,
            registered: (0..).zip(sources).map(|(id, text)| (text, id)).collect(),
            group: Vec::new(),
        })
    }

    /// The last segment, as far as it is durable.
    pub(crate) fn segment(&self) -> Segment {
        self.segment
    }

    /// Position behind the last durable line.
    pub(crate) fn end(&self) -> Position {
        self.end
    }

    /// Makes batches durable, all or none, and gives the position of the first line.
    ///
    /// After [`Error::NoSpace`] all is as before; after any other error the writer must not be used again.
    pub(crate) fn commit(&mut self, batches: &[Arc<Batch>]) -> Result<Position, Error> {
        let first = self.end;
        let sources: usize = batches.iter().map(|it| it.source_count()).sum();
        let is_full = self.segment.bytes >= self.segment_bytes
            || self.registered.len() + sources > SEGMENT_SOURCES_MAX;
        if is_full && self.segment.first < self.end {
            self.begin_segment()?;
        }
        let known = self.registered.len() as u32;
        let end = self.put_frames(batches);
        if let Err(source) = self.output.write(&self.group, self.segment.bytes) {
            self.registered.retain(|_, id| *id < known);
            return Err(self.take_back(source));
        }
        if let Err(source) = self.output.sync() {
            // What is not durable now never will be, though it can be read from memory: a later open must not
            // take it for durable. Best effort; the error stands in any case.
            let _ = self.output.truncate(self.segment.bytes);
            return Err(self.poisoned(source));
        }
        self.segment.bytes += self.group.len() as u64;
        self.end = end;
        Ok(first)
    }

    fn put_frames(&mut self, batches: &[Arc<Batch>]) -> Position {
        self.group.clear();
        let mut next = self.end;
        for batch in batches {
            let place = Place {
                offset: self.segment.bytes + self.group.len() as u64,
                first: next,
                durable: self.end,
            };
            frame::put(&mut self.group, place, batch, &mut self.registered);
            next = next.plus(batch.len());
        }
        debug_assert!(self.group.len() <= QUEUE_BYTES_MAX, "more than may wait");
        next
    }

    /// Undoes a write that failed, so that no frame of it is found by a later open.
    fn take_back(&mut self, source: io::Error) -> Error {
        let bytes = self.segment.bytes;
        let taken_back = self
            .output
            .truncate(bytes)
            .and_then(|()| self.output.sync());
        if taken_back.is_ok() && is_no_space(&source) {
            return no_space(self.path(), source);
        }
        self.poisoned(source)
    }

    fn begin_segment(&mut self) -> Result<(), Error> {
        let file = create(&self.folder, self.end)?;
        self.output = (self.outputs)(file);
        self.segment = Segment {
            first: self.end,
            bytes: HEADER_BYTES as u64,
        };
        self.registered.clear();
        Ok(())
    }

    fn path(&self) -> PathBuf {
        segment::path(&self.folder, self.segment.first)
    }

    fn poisoned(&self, source: io::Error) -> Error {
        Error::Poisoned {
            path: self.path(),
            source: Arc::new(source),
        }
    }
}

/// Makes a segment without lines.
///
/// It gets its name when its header is durable, so that a header that is not whole is never a torn one.
pub(crate) fn create(folder: &Path, first: Position) -> Result<File, Error> {
    let new = folder.join(segment::NAME_NEW);
    let path = segment::path(folder, first);
    match write_header(&new, first).and_then(|file| fs::rename(&new, &path).map(|()| file)) {
        Ok(file) => {
            // Else the lines in it would be durable, and the file not there.
            sync_folder(folder)?;
            Ok(file)
        }
        Err(source) if is_no_space(&source) => {
            // Left over, it is overwritten by the next try.
            let _ = fs::remove_file(&new);
            Err(no_space(new, source))
        }
        Err(source) => Err(Error::io("create file", new)(source)),
    }
}

fn write_header(path: &Path, first: Position) -> io::Result<File> {
    let mut file = File::create(path)?;
    file.write_all(&segment::header(first))?;
    file.sync_all()?;
    Ok(file)
}

/// Makes durable which files a folder has.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder)
        .and_then(|it| it.sync_all())
        .map_err(Error::io("sync folder", folder))
}

fn is_no_space(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded
    )
}

fn no_space(path: PathBuf, source: io::Error) -> Error {
    Error::NoSpace {
        path,
        source: Arc::new(source),
    }
}
