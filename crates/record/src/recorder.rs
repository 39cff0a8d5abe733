//! Correlates lines, gathers rows, and has them written and committed beside.

use crate::error::Error;
use crate::limits::{DONE_WAITING, WRITES_WAITING};
use crate::state::{self, Kept, State};
use correlate::{Correlator, Read, Sink};
use model::{Link, Row, Timestamp};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use store::{Archive, Gathered, Hot, Writer};
use twox_hash::XxHash3_64;

/// Rows as they come from the correlator; links are found again when they are asked for.
#[derive(Default)]
struct Gathering {
    rows: Gathered,
    /// What tells their lines from others, if that is asked for.
    lines: Option<Vec<u64>>,
}

/// Rows since they were asked for last.
pub(crate) struct Fresh {
    /// The commit that will have them.
    pub(crate) commit: u64,
    pub(crate) rows: Gathered,
    /// What tells their lines from others.
    pub(crate) lines: Vec<u64>,
}

/// What tells a line from others.
pub(crate) fn line_hash(at: i64, line: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(at.cast_unsigned(), line)
}

impl Sink for Gathering {
    fn row(&mut self, row: &Row<'_>) {
        self.rows.row(row);
        if let Some(known) = &mut self.lines {
            let lines = row.lines.iter();
            let hashes = lines.map(|line| line_hash(line.at.as_nanos(), line.raw));
            known.extend(hashes);
        }
    }
    fn link(&mut self, _: &Link) {}
}

/// Keeps lines of one stamp in their order: each after the first is a nanosecond later, up to a
/// microsecond, which no server's stamp tells.
#[derive(Default)]
struct Turn {
    at: Timestamp,
    before: i64,
}

/// Less than a microsecond, so that no time that is shown changes.
const TURNS_MAX: i64 = 999;

impl Turn {
    fn of(&mut self, at: Timestamp) -> Timestamp {
        let tells_less = at.as_nanos() % 1_000 == 0;
        self.before = match self.at == at && tells_less {
            true => (self.before + 1).min(TURNS_MAX),
            false => 0,
        };
        self.at = at;
        Timestamp::from_nanos(at.as_nanos().saturating_add(self.before))
    }
}

/// What goes into one commit.
struct Commit {
    rows: Gathered,
    /// Those that were given out before ([`Recorder::fresh`]).
    shown: Vec<Arc<Hot>>,
    open: Gathered,
    /// With `snapshot` what the commit leaves to go on from.
    kept: Kept,
    snapshot: Vec<u8>,
    /// See [`Done`].
    number: u64,
}

/// Something to do with stored rows, between two commits.
pub type Upkeep = Box<dyn FnOnce(&mut Writer) + Send>;

/// What the writing thread is asked for.
enum Work {
    Commit(Box<Commit>),
    Upkeep(Upkeep),
}

/// What the archive is after a commit, or after upkeep.
pub(crate) struct Done {
    /// The last commit, counted from 1; 0 before the first.
    pub(crate) number: u64,
    /// Position of the journal before which all is in the archive.
    pub(crate) journal: u64,
    /// The archive after it.
    pub(crate) archive: Archive,
}

/// Takes lines; commits by itself when there is enough.
pub(crate) struct Recorder {
    pub(crate) kept: Kept,
    correlator: Correlator,
    rows: Gathering,
    turn: Turn,
    /// No line was written later, whatever its clock says.
    latest: Timestamp,
    commit_bytes: usize,
    /// Rows that were given out since the last commit, and bytes of their lines.
    shown: (usize, usize),
    work: Option<SyncSender<Work>>,
    writing: Option<JoinHandle<Result<(Writer, u64), Error>>>,
    done: Receiver<Done>,
    rows_given: u64,
    /// Commits that were asked for, and lines at the last of them.
    asked: u64,
    lines_then: u64,
    /// What the writing thread has not told of yet.
    waiting: u64,
}

/// What came of it.
pub(crate) struct Finished {
    pub(crate) writer: Writer,
    /// Rows written.
    pub(crate) rows: u64,
    /// Bytes written for them.
    pub(crate) bytes: u64,
}

impl Recorder {
    /// Goes on from the archive's state.
    pub(crate) fn new(writer: Writer, state: State, commit_bytes: usize) -> Self {
        let (work, to_do) = sync_channel::<Work>(WRITES_WAITING);
        // Whoever does not ask what was done loses nothing.
        let (told, done) = sync_channel(DONE_WAITING);
        let from = (0, state.kept.journal);
        let writing = std::thread::spawn(move || write(writer, from, to_do.into_iter(), &told));
        Recorder {
            lines_then: state.kept.lines,
            kept: state.kept,
            correlator: state.correlator,
            rows: Gathering::default(),
            turn: Turn::default(),
            latest: Timestamp::MAX,
            commit_bytes,
            shown: (0, 0),
            work: Some(work),
            writing: Some(writing),
            done,
            rows_given: 0,
            asked: 0,
            waiting: 0,
        }
    }

    /// As [`Recorder::new`]; rows can be had before they are committed, and are then given back.
    pub(crate) fn live(writer: Writer, state: State, commit_bytes: usize) -> Self {
        let mut recorder = Recorder::new(writer, state, commit_bytes);
        recorder.rows.lines = Some(Vec::new());
        recorder
    }

    /// Takes the next line, which was received at a time.
    pub(crate) fn line_received(&mut self, read: Read<'_>, at: Timestamp) {
        self.latest = at;
        self.correlator.no_later_than(at);
        self.line(read);
    }

    /// Takes the next line.
    pub(crate) fn line(&mut self, mut read: Read<'_>) {
        let at = read.at().min(self.latest).as_seconds();
        read.line.at = self.turn.of(read.at());
        self.kept.come_to = Some(self.kept.come_to.map_or(at, |come_to| come_to.max(at)));
        self.kept.lines += 1;
        self.correlator.apply(read, &mut self.rows);
    }

    /// Whether there is enough for a commit.
    pub(crate) fn is_full(&self) -> bool {
        self.rows.rows.is_full() || self.line_bytes() >= self.commit_bytes
    }

    /// Whether no more should be taken before a commit.
    pub(crate) fn is_over_full(&self) -> bool {
        self.rows.rows.is_full() || self.line_bytes() / 2 >= self.commit_bytes
    }

    /// Bytes of lines since the last commit.
    fn line_bytes(&self) -> usize {
        self.shown.1 + self.rows.rows.line_bytes()
    }

    /// Whether lines came since the last commit was asked for.
    pub(crate) fn has_new(&self) -> bool {
        self.kept.lines > self.lines_then
    }

    /// Rows since they were asked for last, which are given back with the commit.
    pub(crate) fn fresh(&mut self) -> Fresh {
        let rows = self.take_rows();
        self.shown.0 += rows.rows();
        self.shown.1 += rows.line_bytes();
        Fresh {
            commit: self.next_commit(),
            rows,
            lines: self.rows.lines.replace(Vec::new()).unwrap_or_default(),
        }
    }

    /// The number of the next commit.
    pub(crate) fn next_commit(&self) -> u64 {
        self.asked + 1
    }

    fn take_rows(&mut self) -> Gathered {
        let anew = self.rows.rows.anew();
        std::mem::replace(&mut self.rows.rows, anew)
    }

    /// The rows of what is not complete, as it would end here.
    pub(crate) fn open(&self) -> Gathered {
        let mut open = Gathering::default();
        self.correlator.rows_of_open(&mut open);
        open.rows
    }

    /// The next thing that was done.
    pub(crate) fn done(&mut self) -> Option<Done> {
        let done = self.done.try_recv().ok()?;
        self.waiting = self.waiting.saturating_sub(1);
        Some(done)
    }

    /// Errs where the writing thread has failed: nothing would be stored any more.
    pub(crate) fn check(&mut self) -> Result<(), Error> {
        match self.writing.as_ref().is_some_and(JoinHandle::is_finished) {
            true => Err(self.join_error()),
            false => Ok(()),
        }
    }

    /// Whether a commit or upkeep is under way.
    pub(crate) fn is_writing(&self) -> bool {
        self.waiting > 0
    }

    /// Has something done to stored rows, after the commits that were asked for.
    pub(crate) fn upkeep(&mut self, upkeep: Upkeep) -> Result<(), Error> {
        self.send(Work::Upkeep(upkeep))
    }

    fn send(&mut self, what: Work) -> Result<(), Error> {
        let work = self.work.as_ref().ok_or(Error::WriterGone)?;
        self.waiting += 1;
        work.send(what).map_err(|_| self.join_error())
    }

    /// Has all rows written, those that were given out among them, and what is open beside them.
    pub(crate) fn commit(&mut self, shown: Vec<Arc<Hot>>) -> Result<(), Error> {
        let open = self.open();
        let rows = self.take_rows();
        let (shown_rows, _) = std::mem::take(&mut self.shown);
        self.rows_given += (rows.rows() + shown_rows) as u64;
        self.asked += 1;
        self.lines_then = self.kept.lines;
        let commit = Commit {
            rows,
            shown,
            open,
            kept: self.kept.clone(),
            snapshot: self.correlator.snapshot(),
            number: self.asked,
        };
        self.send(Work::Commit(Box::new(commit)))
    }

    /// Closes what is open where it stands, for what comes is older.
    pub(crate) fn begin_anew(&mut self) {
        let mut before = std::mem::replace(&mut self.correlator, state::empty());
        before.finish(&mut self.rows);
        self.kept.come_to = None;
    }

    /// Commits the rest.
    pub(crate) fn finish(mut self) -> Result<Finished, Error> {
        self.commit(Vec::new())?;
        self.end()
    }

    /// Waits until all commits that were asked for are made.
    pub(crate) fn end(&mut self) -> Result<Finished, Error> {
        self.work = None;
        let (writer, bytes) = self.join()?;
        Ok(Finished {
            writer,
            rows: self.rows_given,
            bytes,
        })
    }

    fn join(&mut self) -> Result<(Writer, u64), Error> {
        match self.writing.take().ok_or(Error::WriterGone)?.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// Why the writing thread went.
    fn join_error(&mut self) -> Error {
        self.join().err().unwrap_or(Error::WriterGone)
    }
}

fn write(
    mut writer: Writer,
    (mut number, mut journal): (u64, u64),
    work: impl Iterator<Item = Work>,
    told: &SyncSender<Done>,
) -> Result<(Writer, u64), Error> {
    let mut bytes = 0;
    for work in work {
        match work {
            Work::Commit(commit) => {
                bytes += writer.write(commit.rows)? + writer.write_hot(&commit.shown)?;
                let state = state::pack(&commit.kept, &commit.snapshot)?;
                writer.commit(commit.open, state)?;
                (number, journal) = (commit.number, commit.kept.journal);
            }
            Work::Upkeep(upkeep) => {
                upkeep(&mut writer);
                // Where it failed halfway: the next commit must not add what was to replace others.
                writer.forget_written();
            }
        }
        let _ = told.try_send(Done {
            number,
            journal,
            archive: writer.archive().clone(),
        });
    }
    Ok((writer, bytes))
}
