//! Correlates lines, gathers rows, and has them written and committed beside.

use crate::error::Error;
use crate::limits::WRITES_WAITING;
use crate::state::{self, Kept, State};
use correlate::{Correlator, Read, Sink};
use model::{Link, Row, Timestamp};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use store::{Gathered, Writer};

/// Rows as they come from the correlator; links are found again when they are asked for.
#[derive(Default)]
struct Gathering(Gathered);

impl Sink for Gathering {
    fn row(&mut self, row: &Row<'_>) {
        self.0.row(row);
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
    open: Gathered,
    state: Vec<u8>,
}

/// Takes lines; commits by itself when there is enough.
pub(crate) struct Recorder {
    pub(crate) kept: Kept,
    correlator: Correlator,
    rows: Gathering,
    turn: Turn,
    commit_bytes: usize,
    commits: Option<SyncSender<Commit>>,
    writing: Option<JoinHandle<Result<(Writer, u64), Error>>>,
    rows_given: u64,
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
        let (commits, to_write) = sync_channel::<Commit>(WRITES_WAITING);
        let writing = std::thread::spawn(move || write(writer, to_write.into_iter()));
        Recorder {
            kept: state.kept,
            correlator: state.correlator,
            rows: Gathering::default(),
            turn: Turn::default(),
            commit_bytes,
            commits: Some(commits),
            writing: Some(writing),
            rows_given: 0,
        }
    }

    /// Takes the next line.
    pub(crate) fn line(&mut self, mut read: Read<'_>) {
        let at = read.at().as_seconds();
        read.line.at = self.turn.of(read.at());
        self.kept.come_to = Some(self.kept.come_to.map_or(at, |come_to| come_to.max(at)));
        self.kept.lines += 1;
        self.correlator.apply(read, &mut self.rows);
    }

    /// Whether there is enough for a commit.
    pub(crate) fn is_full(&self) -> bool {
        self.rows.0.is_full() || self.rows.0.line_bytes() >= self.commit_bytes
    }

    /// Has all rows written, and what is open beside them.
    pub(crate) fn commit(&mut self) -> Result<(), Error> {
        let snapshot = self.correlator.snapshot();
        let mut open = Gathering::default();
        Correlator::restore(&snapshot)?.finish(&mut open);
        let anew = self.rows.0.anew();
        let rows = std::mem::replace(&mut self.rows.0, anew);
        self.rows_given += rows.rows() as u64;
        let commit = Commit {
            rows,
            open: open.0,
            state: state::pack(&self.kept, &snapshot)?,
        };
        let commits = self.commits.as_ref().ok_or(Error::WriterGone)?;
        commits.send(commit).map_err(|_| self.join_error())
    }

    /// Closes what is open where it stands, for what comes is older.
    pub(crate) fn begin_anew(&mut self) {
        let mut before = std::mem::replace(&mut self.correlator, state::empty());
        before.finish(&mut self.rows);
        self.kept.come_to = None;
    }

    /// Commits the rest.
    pub(crate) fn finish(mut self) -> Result<Finished, Error> {
        self.commit()?;
        self.commits = None;
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
    commits: impl Iterator<Item = Commit>,
) -> Result<(Writer, u64), Error> {
    let mut bytes = 0;
    for commit in commits {
        bytes += writer.write(commit.rows)?;
        writer.commit(commit.open, commit.state)?;
    }
    Ok((writer, bytes))
}
