//! One log: a content that is read as it grows, in whatever file it stands.

use crate::cut::Cut;
use crate::limits::CHUNK_BYTES;
use crate::mark::{FileId, Mark};
use crate::state::{Known, Stamp};
use crate::taken::Likeness;
use ingest::Unpacked;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A content, and what is open of it.
#[derive(Default)]
pub(crate) struct Log {
    /// The path under which it is written.
    pub(crate) path: PathBuf,
    /// How far it was read; what is not in the journal yet is ahead of the state's.
    pub(crate) mark: Mark,
    pub(crate) seen_ns: i64,
    pub(crate) open: Option<Open>,
    /// Its file when it was closed with nothing left to take.
    pub(crate) closed: Option<Stamp>,
    /// Its file was found when files were looked for last.
    pub(crate) is_there: bool,
    /// Where its file stands among all, those of one path in order of age; before all if it was not found.
    pub(crate) place: usize,
    /// Its file has the name under which logs are written.
    pub(crate) is_current: bool,
    /// Nothing is left to be read for now.
    pub(crate) is_ended: bool,
}

/// A file that is read.
pub(crate) struct Open {
    pub(crate) file: File,
    /// The path when it was opened, for people.
    pub(crate) path: PathBuf,
    /// If it is packed: what follows what was taken and `carry`.
    pub(crate) unpacked: Option<Unpacked>,
    carry: Vec<u8>,
    length: u64,
    /// When its length changed last.
    changed_ns: i64,
    pub(crate) watch: Option<i32>,
}

/// What was found behind what was taken.
pub(crate) enum Look {
    /// Some bytes; whether they are all that there are, and why no more can be read.
    Bytes(bool, Option<io::Error>),
    /// The content is gone: the file was truncated, or written anew.
    Replaced,
}

impl Open {
    pub(crate) fn new(path: &Path, now_ns: i64) -> io::Result<Self> {
        Ok(Open {
            file: File::open(path)?,
            path: path.to_owned(),
            unpacked: None,
            carry: Vec::new(),
            length: 0,
            changed_ns: now_ns,
            watch: None,
        })
    }

    /// The content from its first byte on.
    pub(crate) fn content(&self) -> io::Result<Unpacked> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Unpacked::new(file)
    }

    /// Reads from here on, where a content stands behind what was taken.
    pub(crate) fn go_on(&mut self, content: Unpacked) {
        self.unpacked = content.format().is_some().then_some(content);
        self.carry.clear();
    }

    pub(crate) fn stamp(&self) -> io::Result<Stamp> {
        Ok(Stamp::of(&self.file.metadata()?))
    }

    pub(crate) fn id(&self) -> io::Result<FileId> {
        Ok(FileId::of(&self.file.metadata()?))
    }
}

impl Log {
    /// One of which something was taken before.
    pub(crate) fn of_known(known: Known) -> Self {
        Log {
            path: known.path,
            mark: known.mark,
            seen_ns: known.seen_ns,
            closed: known.closed,
            is_ended: true,
            ..Log::default()
        }
    }

    /// Whether no file is known that has its content.
    pub(crate) fn is_lost(&self) -> bool {
        !self.is_there && self.open.is_none()
    }

    /// Opens its file again, if that still has its content.
    pub(crate) fn reopen(&mut self, mut open: Open) -> io::Result<bool> {
        let mut content = open.content()?;
        let is_same = match content.format() {
            None => self.mark.taken.begins(&open.file)?,
            Some(_) => self.mark.taken.compare(&mut content)? == Likeness::Same,
        };
        if is_same {
            open.go_on(content);
            self.closed = None;
            self.open = Some(open);
        }
        Ok(is_same)
    }

    /// Reads what stands behind what was taken.
    pub(crate) fn look(&mut self, bytes: &mut Vec<u8>, now_ns: i64) -> io::Result<Look> {
        bytes.clear();
        let Some(open) = &mut self.open else {
            return Ok(Look::Bytes(true, None));
        };
        let length = open.file.metadata()?.len();
        if length != open.length {
            open.length = length;
            open.changed_ns = now_ns;
        }
        if let Some(unpacked) = &mut open.unpacked {
            bytes.append(&mut open.carry);
            let room = CHUNK_BYTES - bytes.len();
            let read = unpacked.take(room as u64).read_to_end(bytes);
            return Ok(Look::Bytes(bytes.len() < CHUNK_BYTES, read.err()));
        }
        let start = self.mark.taken.bytes;
        if length > start {
            open.file.seek(SeekFrom::Start(start))?;
            (&open.file).take(CHUNK_BYTES as u64).read_to_end(bytes)?;
        }
        // Only now: it may have been truncated just before it was read.
        if !self.mark.taken.begins(&open.file)? {
            return Ok(Look::Replaced);
        }
        Ok(Look::Bytes(bytes.len() < CHUNK_BYTES, None))
    }

    /// Whether its file is open and has other content by now.
    pub(crate) fn is_replaced(&self) -> bool {
        let plain = self.open.as_ref().filter(|it| it.unpacked.is_none());
        plain.is_some_and(|open| matches!(self.mark.taken.begins(&open.file), Ok(false)))
    }

    /// Takes what was cut of the bytes that were looked at.
    pub(crate) fn take(&mut self, bytes: &[u8], cut: &Cut) {
        self.mark.taken.add(&bytes[..cut.taken]);
        self.mark.is_in_long_line = cut.is_in_long_line;
        if let Some(open) = self.open.as_mut().filter(|it| it.unpacked.is_some()) {
            open.carry.extend_from_slice(&bytes[cut.taken..]);
        }
    }

    /// Whether what was read up to the end of the file has no more to come: a line without newline is taken then.
    pub(crate) fn is_complete(&self, torn_wait: Duration, now_ns: i64) -> bool {
        let is_packed = self.open.as_ref().is_some_and(|it| it.unpacked.is_some());
        is_packed || !self.is_current && self.is_quiet(torn_wait, now_ns)
    }

    /// Whether its file has not changed for some time; one that is not open never does.
    pub(crate) fn is_quiet(&self, time: Duration, now_ns: i64) -> bool {
        let quiet_ns = |open: &Open| u128::from(now_ns.abs_diff(open.changed_ns));
        let open = self.open.as_ref();
        open.is_none_or(|open| quiet_ns(open) >= time.as_nanos())
    }
}
