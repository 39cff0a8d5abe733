//! A journal in a folder of this machine.

use crate::limits::{JOURNAL_BYTES, QUEUE_BYTES_MAX, SEGMENT_BYTES, SEGMENT_BYTES_MAX};
use crate::reader::LocalReader;
use crate::recovery::{self, Whole};
use crate::segment::{self, HEADER_BYTES, Segment};
use crate::shared::{Shared, Waiting};
use crate::writer::{self, Outputs, Writer};
use crate::{Batch, Error, Journal, Position, Reader};
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How much disk a journal may use.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Bytes of all its files; at the bound, appends get [`Error::Full`]. [`JOURNAL_BYTES`] by default.
    ///
    /// At least `segment_bytes` and twice [`QUEUE_BYTES_MAX`], so that a journal of which all is cut always has room.
    pub bytes_max: u64,
    /// Bytes from which on a segment is followed by the next, at most [`SEGMENT_BYTES_MAX`]. [`SEGMENT_BYTES`] by
    /// default. It grows by a group beyond it.
    pub segment_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            bytes_max: JOURNAL_BYTES,
            segment_bytes: SEGMENT_BYTES,
        }
    }
}

/// A journal in a folder, written by one thread of its own; closed when dropped.
pub struct LocalJournal {
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
    /// Held for as long as the journal is open.
    _lock: File,
}

/// What becomes of acknowledged lines of the last segment that cannot be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Damage {
    Refuse,
    LeaveBehind,
}

impl LocalJournal {
    /// Opens the journal in a folder, or makes one.
    ///
    /// What a crash left half written, and was never acknowledged, is cut off. Errs with [`Error::Locked`] if it is
    /// open already, and with [`Error::Damaged`] if acknowledged lines at its end cannot be read. Damage further
    /// ahead is found when it is read.
    pub fn open(folder: &Path, settings: Settings) -> Result<Self, Error> {
        Self::open_with(folder, settings, Damage::Refuse, files())
    }

    /// Opens the journal in a folder though its last segment is damaged.
    ///
    /// The damaged segment stays as it is (but for one of which nothing can be read), and new lines go to a new one.
    /// Lines behind the damage keep their positions, and are read by a reader from there.
    pub fn open_damaged(folder: &Path, settings: Settings) -> Result<Self, Error> {
        Self::open_with(folder, settings, Damage::LeaveBehind, files())
    }

    fn open_with(
        folder: &Path,
        settings: Settings,
        damage: Damage,
        outputs: Outputs,
    ) -> Result<Self, Error> {
        check(settings)?;
        fs::create_dir_all(folder).map_err(Error::io("make folder", folder))?;
        if let Some(parent) = folder.parent().filter(|it| *it != Path::new("")) {
            // Else lines in it would be durable, and the folder not there.
            writer::sync_folder(parent)?;
        }
        let lock = lock(folder)?;
        remove_if_there(&folder.join(segment::NAME_NEW))?;
        let mut segments = segment::list(folder)?;
        if segments.is_empty() {
            writer::create(folder, Position::ZERO)?;
            segments = segment::list(folder)?;
        }
        let whole = recover_last(folder, &mut segments, damage)?;
        let last = segments[segments.len() - 1];
        let end = whole.end;
        let writer = Writer::go_on(
            folder,
            last,
            end,
            whole.sources,
            settings.segment_bytes,
            outputs,
        )?;
        let shared = Shared::new(folder.to_owned(), settings.bytes_max, segments.into(), end);
        let shared = Arc::new(shared);
        let theirs = shared.clone();
        let writer = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write(&theirs, writer))
            .map_err(Error::io("start thread", folder))?;
        Ok(LocalJournal {
            shared,
            writer: Some(writer),
            _lock: lock,
        })
    }
}

impl Journal for LocalJournal {
    fn append(&self, batch: &Batch) -> Result<Position, Error> {
        if batch.is_empty() {
            return self.shared.end_if_it_writes();
        }
        let fate = self.shared.enqueue(batch)?;
        // The writer's thread replies to each, even if it panics.
        fate.recv()
            .unwrap_or_else(|_| Err(writer_is_gone(&self.shared)))
    }

    fn reader(&self, from: Position) -> Result<Box<dyn Reader>, Error> {
        Ok(Box::new(LocalReader::open(self.shared.clone(), from)?))
    }

    fn cut(&self, before: Position) -> Result<(), Error> {
        let taken = self.shared.cut(before)?;
        // The oldest first: what a crash leaves has no gap.
        for first in &taken {
            remove_if_there(&segment::path(&self.shared.folder, *first))?;
        }
        if !taken.is_empty() {
            writer::sync_folder(&self.shared.folder)?;
            self.shared.announce_room();
        }
        Ok(())
    }

    fn start(&self) -> Position {
        self.shared.bounds().0
    }

    fn end(&self) -> Position {
        self.shared.bounds().1
    }

    fn wait_for_lines(&self, behind: Position, timeout: Duration) -> Position {
        self.shared.wait_for_lines(behind, timeout)
    }

    fn wait_for_room(&self, batch: &Batch, timeout: Duration) -> bool {
        self.shared.wait_for_room(batch, timeout)
    }
}

impl Drop for LocalJournal {
    fn drop(&mut self) {
        self.shared.close();
        if let Some(writer) = self.writer.take() {
            // A panic in it has been told as an error to all appenders.
            let _ = writer.join();
        }
    }
}

/// Segments that are files and nothing else.
fn files() -> Outputs {
    Box::new(|file| Box::new(file))
}

fn check(settings: Settings) -> Result<(), Error> {
    if settings.segment_bytes > SEGMENT_BYTES_MAX {
        return Err(Error::Settings("`segment_bytes` is too large"));
    }
    if settings.bytes_max < settings.segment_bytes + 2 * QUEUE_BYTES_MAX as u64 {
        return Err(Error::Settings(
            "`bytes_max` is too small for a segment and two groups",
        ));
    }
    Ok(())
}

fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    let file = file.map_err(Error::io("open file", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Locked(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(Error::io("lock file", path)(source)),
    }
}

fn remove_if_there(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Error::io("remove file", path)(error))
        }
        _ => Ok(()),
    }
}

/// Finds the end of the journal and makes all before it durable.
fn recover_last(
    folder: &Path,
    segments: &mut Vec<Segment>,
    damage: Damage,
) -> Result<Whole, Error> {
    let last = segments.len() - 1;
    let first = segments[last].first;
    let path = segment::path(folder, first);
    let bytes = fs::read(&path).map_err(Error::io("read file", &path))?;
    let whole = recovery::recover(&bytes, first);
    if let Err(error) = check_segments(folder, segments, &whole) {
        let is_passed = matches!(error, Error::Damaged { .. }) && damage == Damage::LeaveBehind;
        return if is_passed {
            leave_behind(folder, segments, &bytes, whole)
        } else {
            Err(error)
        };
    }
    // The process before may have ended between write and sync: what is read here stands in memory, perhaps not on
    // the disk, and would be promised to readers.
    cut_and_sync(&path, whole.bytes as u64).map_err(Error::io("recover file", &path))?;
    writer::sync_folder(folder)?;
    segments[last].bytes = whole.bytes as u64;
    Ok(whole)
}

/// Whether all versions are known and the last segment is not damaged.
fn check_segments(folder: &Path, segments: &[Segment], last: &Whole) -> Result<(), Error> {
    let mut result = Ok(());
    for segment in segments {
        // Only the header of the last one counts: nothing in it is needed to read the others.
        result = segment::check_header(&segment::path(folder, segment.first), segment.first);
        if let Err(Error::Version { .. } | Error::Io { .. }) = result {
            return result;
        }
    }
    match (&last.lost, segments.last()) {
        (Some(lost), Some(segment)) => result.and(Err(Error::Damaged {
            path: segment::path(folder, segment.first),
            offset: last.bytes as u64,
            lost: lost.clone(),
        })),
        _ => result,
    }
}

/// Lets the last segment be as it is, and begins one behind its last whole frame.
fn leave_behind(
    folder: &Path,
    segments: &mut Vec<Segment>,
    bytes: &[u8],
    whole: Whole,
) -> Result<Whole, Error> {
    let end = recovery::end_behind_damage(bytes, &whole);
    if segments.last().is_some_and(|it| it.first == end) {
        // Nothing in it can be read, and the new one has its name.
        segments.pop();
    }
    writer::create(folder, end)?;
    segments.push(Segment {
        first: end,
        bytes: HEADER_BYTES as u64,
    });
    Ok(Whole {
        bytes: HEADER_BYTES,
        end,
        sources: Vec::new(),
        lost: None,
    })
}

fn cut_and_sync(path: &Path, bytes: u64) -> io::Result<()> {
    let file = File::options().write(true).open(path)?;
    if file.metadata()?.len() > bytes {
        file.set_len(bytes)?;
    }
    file.sync_all()
}

/// The writer's thread.
fn write(shared: &Shared, mut writer: Writer) {
    let guard = PanicGuard(shared);
    while let Some(group) = shared.next_group() {
        let batches: Vec<Arc<Batch>> = group.iter().map(|it| it.batch.clone()).collect();
        let committed = writer.commit(&batches);
        shared.publish(&group, writer.segment(), writer.end());
        if let Err(error) = committed {
            fail(shared, &group, error);
            continue;
        }
        let mut next = committed;
        for waiting in &group {
            waiting.reply(next.clone());
            next = next.map(|it| it.plus(waiting.batch.len()));
        }
    }
    std::mem::forget(guard);
}

fn fail(shared: &Shared, group: &[Waiting], error: Error) {
    let error = match error {
        Error::Io { path, source, .. } => Error::Poisoned { path, source },
        error => error,
    };
    if let Error::Poisoned { .. } = error {
        shared.fail(error.clone());
    }
    for waiting in group {
        waiting.reply(Err(error.clone()));
    }
}

/// Tells all appenders when the writer's thread panics; else they would wait for ever.
struct PanicGuard<'a>(&'a Shared);

impl Drop for PanicGuard<'_> {
    fn drop(&mut self) {
        self.0.fail(writer_is_gone(self.0));
    }
}

fn writer_is_gone(shared: &Shared) -> Error {
    Error::Poisoned {
        path: PathBuf::from(&shared.folder),
        source: Arc::new(io::Error::other("the writer's thread panicked")),
    }
}

#[cfg(test)]
mod tests;
