//! Lines from a journal into the archive, as they come, and the newest rows to whoever asks.

use crate::error::Error;
use crate::followers::Followers;
use crate::heard::Heard;
use crate::hot::HotRows;
use crate::limits::{
    FOLLOWER_LINE_LOTS_MAX, FOLLOWER_LOTS_MAX, OPEN_LOOK_SHARE, SHOW_SHARE, WAIT_MS,
};
use crate::recent::Recent;
use crate::recorder::{Done, Recorder, Upkeep};
use crate::state::State;
use journal::{Journal, Position, Reader};
use model::{LineId, Timestamp};
use pipeline::{Arrival, ArrivalSettings, Arrivals, Given};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use store::{Archive, Hot, Writer};

/// How lines are taken as they come.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How lines are understood and put in order.
    pub arrivals: ArrivalSettings,
    /// The part of a source's text that names it; it is the same for all lines of a log or client.
    pub name: fn(&[u8]) -> &[u8],
    /// How often new rows are shown, milliseconds.
    pub show_ms: i64,
    /// Commit after so many bytes of lines at the latest.
    pub commit_bytes: usize,
    /// Commit after so many milliseconds at the latest, if there is anything.
    pub commit_ms: i64,
}

/// What questions are asked of, and what is told, while lines come in.
pub struct View {
    archive: RwLock<Arc<Archive>>,
    followers: Followers<Hot>,
    line_followers: Followers<[Taken]>,
    heard: Mutex<Heard>,
    upkeep: Mutex<VecDeque<Upkeep>>,
}

/// A line as it was taken from the journal, before anything is joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// When it was received.
    pub received: Timestamp,
    /// Where it came from.
    pub source: Box<[u8]>,
    /// Its bytes.
    pub line: Box<[u8]>,
}

impl View {
    /// Of an archive to which nothing came yet.
    pub fn new(archive: &Archive) -> Self {
        View {
            archive: RwLock::new(Arc::new(archive.clone())),
            followers: Followers::new(FOLLOWER_LOTS_MAX),
            line_followers: Followers::new(FOLLOWER_LINE_LOTS_MAX),
            heard: Mutex::default(),
            upkeep: Mutex::default(),
        }
    }

    /// The archive as of now, with the rows that no commit has yet.
    pub fn archive(&self) -> Arc<Archive> {
        Arc::clone(&self.archive.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Rows from now on, as they become complete. Ends for a follower who does not keep up.
    pub fn follow(&self) -> Receiver<Arc<Hot>> {
        self.followers.follow()
    }

    /// Lines from now on, as soon as they are durable, in the order in which they came. Ends for a
    /// follower who does not keep up.
    pub fn follow_lines(&self) -> Receiver<Arc<[Taken]>> {
        self.line_followers.follow()
    }

    /// What was heard from whom.
    pub fn heard(&self) -> Heard {
        self.hearing().clone()
    }

    fn hearing(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has something done to stored rows, when what came until now is stored too.
    pub fn upkeep(&self, upkeep: Upkeep) {
        self.waiting().push_back(upkeep);
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Upkeep>> {
        self.upkeep.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, archive: Archive, new: &[Arc<Hot>]) {
        *self.archive.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(archive);
        new.iter().for_each(|hot| self.followers.tell(hot));
    }
}

/// Somebody who is told what happens.
pub trait Listener {
    /// Everything before this position of the journal is in the archive, and is not needed any more.
    fn committed(&mut self, before: Position);
    /// Lines of the journal could not be read, and are passed over.
    fn lost(&mut self, error: &journal::Error);
}

/// Takes lines from the journal until `stop`, and then what is left in it; commits as it goes on.
///
/// `clock` tells the time.
pub fn live(
    writer: Writer,
    journal: &dyn Journal,
    settings: &Settings,
    view: &View,
    clock: fn() -> Timestamp,
    stop: &AtomicBool,
    listener: &mut impl Listener,
) -> Result<Writer, Error> {
    let state = match writer.archive().state()? {
        Some(packed) => State::unpack(&packed)?,
        None => State::default(),
    };
    let base = writer.archive().clone();
    let classes = writer.classes().clone();
    let now = clock();
    let mut live = Live {
        recorder: Recorder::live(writer, state, settings.commit_bytes),
        arrivals: Arrivals::new(settings.arrivals.clone()),
        recent: settings.arrivals.once_ms.map(Recent::new),
        hot: HotRows::new(base, classes),
        settings,
        view,
        shown: now,
        show_after_ms: settings.show_ms,
        opened: now,
        look_after_ms: 0,
        lines_then: 0,
        committed: now,
        upkeep: None,
    };
    live.remember(journal)?;
    let mut lines = live.reader(journal, listener)?;
    loop {
        let is_stopping = stop.load(Ordering::Relaxed);
        let is_idle = match lines.next() {
            Ok(Some((position, batch))) => {
                live.tell(&batch);
                live.take(position, &batch);
                false
            }
            Ok(None) => true,
            Err(error @ journal::Error::Damaged { .. }) => {
                listener.lost(&error);
                lines = journal.reader(behind(&error, journal))?;
                false
            }
            Err(error) => return Err(error.into()),
        };
        live.go_on(clock, is_stopping && is_idle)?;
        while let Some(done) = live.recorder.done() {
            live.settle(done, listener);
        }
        live.recorder.check()?;
        if is_idle {
            if is_stopping {
                return live.finish(listener);
            }
            let end = Position::from_u64(live.recorder.kept.journal);
            journal.wait_for_lines(end, Duration::from_millis(WAIT_MS));
        }
    }
}

/// Where lines can be read again.
fn behind(error: &journal::Error, journal: &dyn Journal) -> Position {
    match error {
        journal::Error::Damaged { lost, .. } => lost.end,
        journal::Error::Cut { first } => *first,
        // Another journal, nothing of which is in the archive.
        journal::Error::Beyond { .. } if journal.start() == Position::ZERO => Position::ZERO,
        _ => journal.end(),
    }
}

/// What goes on while lines come in.
struct Live<'a> {
    recorder: Recorder,
    arrivals: Arrivals,
    /// Which lines of the journal are still to be known when they come again.
    recent: Option<Recent>,
    hot: HotRows,
    settings: &'a Settings,
    view: &'a View,
    /// When rows were shown last, and after how many milliseconds they are again.
    shown: Timestamp,
    show_after_ms: i64,
    /// When what is open was looked at last, and after how many milliseconds it is again.
    opened: Timestamp,
    look_after_ms: i64,
    /// Lines taken by then.
    lines_then: u64,
    /// Since when there is nothing, or when a commit was begun last.
    committed: Timestamp,
    /// Upkeep that is done when what is written now is written.
    upkeep: Option<Upkeep>,
}

impl Live<'_> {
    /// Has lines that are in the archive known when they come again by another way.
    fn remember(&mut self, journal: &dyn Journal) -> Result<(), Error> {
        let end = self.recorder.kept.journal;
        // A journal that ends before is another one.
        let is_there = journal.start().as_u64() < end && end <= journal.end().as_u64();
        if self.recent.is_none() || !is_there {
            return Ok(());
        }
        let mut lines = journal.reader(journal.start())?;
        loop {
            match lines.next() {
                Ok(Some((position, batch))) if position.as_u64() < end => {
                    self.take(position, &batch);
                    self.arrivals.give_all(|_| {});
                }
                Ok(_) => break,
                Err(error @ journal::Error::Damaged { .. }) => {
                    lines = journal.reader(behind(&error, journal))?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.recorder.kept.journal = end;
        Ok(())
    }

    /// Reads on from where the archive ends.
    fn reader(
        &mut self,
        journal: &dyn Journal,
        listener: &mut impl Listener,
    ) -> Result<Box<dyn Reader>, Error> {
        let from = Position::from_u64(self.recorder.kept.journal);
        match journal.reader(from) {
            Err(error @ (journal::Error::Cut { .. } | journal::Error::Beyond { .. })) => {
                listener.lost(&error);
                let from = behind(&error, journal);
                self.recorder.kept.journal = from.as_u64();
                Ok(journal.reader(from)?)
            }
            reader => Ok(reader?),
        }
    }

    fn take(&mut self, position: Position, batch: &journal::Batch) {
        let lines = (0..).zip(batch.iter()).map(|(number, line)| Arrival {
            id: LineId(position.plus(number).as_u64()),
            received: Timestamp::from_nanos(line.received_ns),
            source: (self.settings.name)(line.source),
            raw: line.line,
        });
        self.arrivals.add(lines);
        self.recorder.kept.journal = position.plus(batch.len()).as_u64();
        if let (Some(recent), Some(first)) = (&mut self.recent, batch.iter().next()) {
            recent.note(Timestamp::from_nanos(first.received_ns), position.as_u64());
        }
    }

    /// Shows lines to those who want each at once.
    fn tell(&self, batch: &journal::Batch) {
        if self.view.line_followers.is_empty() {
            return;
        }
        let lines = batch.iter().map(|line| Taken {
            received: Timestamp::from_nanos(line.received_ns),
            source: (self.settings.name)(line.source).into(),
            line: line.line.into(),
        });
        self.view.line_followers.tell(&lines.collect());
    }

    /// Takes lines whose turn has come by a time; all where there is none.
    fn give_out(&mut self, now: Option<Timestamp>) {
        let (recorder, mut heard) = (&mut self.recorder, self.view.hearing());
        let take = |given: Given<'_>| {
            heard.note(&given);
            if !given.is_again {
                recorder.line(given.read);
            }
        };
        match now {
            Some(now) => self.arrivals.give_out(now, take),
            None => self.arrivals.give_all(take),
        }
    }

    /// Does what the time has come for.
    fn go_on(&mut self, clock: fn() -> Timestamp, all: bool) -> Result<(), Error> {
        let now = clock();
        if !self.recorder.has_new() {
            self.committed = now;
        }
        self.give_out(Some(now).filter(|_| !all));
        let is_due = |since: Timestamp, after_ms| now.millis_since(since) >= after_ms;
        let is_old = is_due(self.committed, self.settings.commit_ms);
        let is_free = !self.recorder.is_writing();
        let is_asked = is_free && self.upkeep.is_none() && !self.view.waiting().is_empty();
        let is_due_now = is_old || is_asked || self.recorder.is_full();
        if self.recorder.has_new() && (is_due_now && is_free || self.recorder.is_over_full()) {
            self.commit(now)?;
        } else if all || is_due(self.shown, self.show_after_ms) {
            self.show(now, clock)?;
        }
        if is_asked {
            self.upkeep = self.view.waiting().pop_front();
        }
        // What came before it is stored first.
        if !self.recorder.is_writing()
            && let Some(upkeep) = self.upkeep.take()
        {
            self.recorder.upkeep(upkeep)?;
        }
        Ok(())
    }

    /// Commits all that was read.
    fn commit(&mut self, now: Timestamp) -> Result<(), Error> {
        // The position says that all before it is in the archive.
        self.give_out(None);
        self.show_rows()?;
        self.recorder.commit()?;
        self.committed = now;
        Ok(())
    }

    fn show(&mut self, now: Timestamp, clock: fn() -> Timestamp) -> Result<(), Error> {
        let lines = self.recorder.kept.lines;
        if now.millis_since(self.opened) >= self.look_after_ms && lines != self.lines_then {
            self.hot.set_open(self.recorder.open()?)?;
            (self.opened, self.lines_then) = (clock(), lines);
            self.look_after_ms = OPEN_LOOK_SHARE * self.opened.millis_since(now);
        }
        self.show_rows()?;
        self.shown = clock();
        let took = self.shown.millis_since(now);
        self.show_after_ms = self.settings.show_ms.max(SHOW_SHARE * took);
        Ok(())
    }

    /// Shows the rows that are new.
    fn show_rows(&mut self) -> Result<(), Error> {
        let (commit, fresh) = self.recorder.fresh();
        let new = self.hot.add(commit, fresh)?;
        if self.hot.is_changed() {
            self.view.show(self.hot.archive()?, &new);
        }
        Ok(())
    }

    fn settle(&mut self, done: Done, listener: &mut impl Listener) {
        self.hot.committed(done.number, done.archive);
        let needed = self.recent.as_ref().and_then(Recent::begins);
        let before = needed.map_or(done.journal, |needed| needed.min(done.journal));
        listener.committed(Position::from_u64(before));
    }

    fn finish(mut self, listener: &mut impl Listener) -> Result<Writer, Error> {
        if self.recorder.has_new() {
            self.show_rows()?;
            self.recorder.commit()?;
        }
        let finished = self.recorder.end()?;
        while let Some(done) = self.recorder.done() {
            self.settle(done, listener);
        }
        self.view.show(finished.writer.archive().clone(), &[]);
        Ok(finished.writer)
    }
}
