//! Lines from a journal into the archive, as they come, and the newest rows to whoever asks.

use crate::error::Error;
use crate::followers::Followers;
use crate::heard::Heard;
use crate::hot::HotRows;
use crate::limits::{FOLLOWER_LOTS_MAX, OPEN_LOOK_SHARE, SHOW_SHARE, WAIT_MS};
use crate::recent::Recent;
use crate::recorder::{Recorder, Upkeep};
use crate::state::State;
use crate::taken::behind;
use journal::{Journal, Position, Reader};
use model::{LineId, Timestamp};
use pipeline::{Arrival, ArrivalSettings, Arrivals, Given};
use std::collections::VecDeque;
use std::ops::Range;
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
    /// How often new rows are shown.
    pub show_every: Duration,
    /// Commit after so many bytes of lines at the latest.
    pub commit_bytes: usize,
    /// Commit after so long at the latest, if there is anything.
    pub commit_every: Duration,
}

/// What tells the time.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    /// What time it is: what lines are compared with. It is put forward and back.
    pub wall: fn() -> Timestamp,
    /// How long it has been since some moment: by it is told what is due. It only goes on.
    pub steady: fn() -> Duration,
}

/// What questions are asked of, and what is told, while lines come in.
pub struct View {
    archive: RwLock<Arc<Archive>>,
    followers: Followers<Hot>,
    heard: Mutex<Heard>,
    upkeep: Mutex<VecDeque<Upkeep>>,
    /// How far the journal was read by a [`live`] that failed: what stands before was heard and shown.
    left: Mutex<Option<Position>>,
}

impl View {
    /// Of an archive to which nothing came yet.
    pub fn new(archive: &Archive) -> Self {
        View {
            archive: RwLock::new(Arc::new(archive.clone())),
            followers: Followers::new(FOLLOWER_LOTS_MAX),
            heard: Mutex::default(),
            upkeep: Mutex::default(),
            left: Mutex::default(),
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

    fn left(&self) -> MutexGuard<'_, Option<Position>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
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
    /// It goes on: told several times a second for as long as it does.
    fn alive(&mut self) {}
}

/// Takes lines from the journal until `stop`, and then what is left in it; commits as it goes on.
///
/// After an error that [passes](Error::passes) call it again with a new writer and the same view. What
/// was shown stays in answers meanwhile; what the archive does not have is read from the journal again,
/// without being told or counted twice, and committed at once, so that one knows.
///
/// Nothing but `clocks` tells the time.
pub fn live(
    writer: Writer,
    journal: &dyn Journal,
    settings: &Settings,
    view: &View,
    clocks: Clocks,
    stop: &AtomicBool,
    listener: &mut impl Listener,
) -> Result<Writer, Error> {
    let mut live = Live::new(writer, settings, view, clocks)?;
    let ended = live.run(journal, stop, listener);
    if ended.is_err() {
        live.leave(listener);
    }
    ended
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
    clocks: Clocks,
    /// What stands before it in the journal was heard and shown already; `None` behind it.
    seen: Option<Position>,
    /// Whether it is not known yet that commits can be made, for the last could not.
    is_proving: bool,
    /// When rows were shown last, by the steady clock, and after how long they are again.
    shown: Duration,
    show_after: Duration,
    /// When what is open was looked at last, and after how long it is again.
    opened: Duration,
    look_after: Duration,
    /// Lines taken by then.
    lines_then: u64,
    /// Since when there is nothing, or when a commit was begun last.
    committed: Duration,
    /// Upkeep that is done when what is written now is written.
    upkeep: Option<Upkeep>,
}

impl<'a> Live<'a> {
    fn new(
        writer: Writer,
        settings: &'a Settings,
        view: &'a View,
        clocks: Clocks,
    ) -> Result<Self, Error> {
        let state = State::of(writer.archive())?;
        let base = writer.archive().clone();
        let classes = writer.classes().clone();
        let (now, left) = ((clocks.steady)(), *view.left());
        Ok(Live {
            recorder: Recorder::live(writer, state, settings.commit_bytes),
            arrivals: Arrivals::new(settings.arrivals.clone()),
            recent: settings.arrivals.once_ms.map(Recent::new),
            hot: HotRows::new(base, classes),
            settings,
            view,
            clocks,
            seen: left,
            is_proving: left.is_some(),
            shown: now,
            show_after: settings.show_every,
            opened: now,
            look_after: Duration::ZERO,
            lines_then: 0,
            committed: now,
            upkeep: None,
        })
    }

    fn run(
        &mut self,
        journal: &dyn Journal,
        stop: &AtomicBool,
        listener: &mut impl Listener,
    ) -> Result<Writer, Error> {
        self.remember(journal)?;
        let mut lines = self.reader(journal, listener)?;
        loop {
            listener.alive();
            let is_stopping = stop.load(Ordering::Relaxed);
            // Memory is bounded by what is written at once.
            let is_held_up = self.recorder.is_over_full() && self.recorder.is_writing();
            let is_idle = !is_held_up && !self.read(&mut lines, journal, listener)?;
            self.go_on(is_stopping && is_idle)?;
            self.settle(listener);
            self.recorder.check()?;
            let wait = Duration::from_millis(WAIT_MS);
            if is_held_up {
                std::thread::park_timeout(wait);
            } else if is_idle && is_stopping {
                return self.finish(listener);
            } else if is_idle {
                let end = Position::from_u64(self.recorder.kept.journal);
                journal.wait_for_lines(end, wait);
            }
        }
    }

    /// Takes the next lines of the journal; whether there were any.
    fn read(
        &mut self,
        lines: &mut Box<dyn Reader>,
        journal: &dyn Journal,
        listener: &mut impl Listener,
    ) -> Result<bool, Error> {
        match lines.next() {
            Ok(Some((position, batch))) => self.take(position, &batch)?,
            Ok(None) => return Ok(false),
            Err(error @ journal::Error::Damaged { .. }) => {
                listener.lost(&error);
                *lines = journal.reader(behind(&error, journal))?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(true)
    }

    /// Reads on from where the archive ends.
    fn reader(
        &mut self,
        journal: &dyn Journal,
        listener: &mut impl Listener,
    ) -> Result<Box<dyn Reader>, Error> {
        let from = Position::from_u64(self.recorder.kept.journal);
        let reader = match journal.reader(from) {
            Err(error @ (journal::Error::Cut { .. } | journal::Error::Beyond { .. })) => {
                listener.lost(&error);
                let from = behind(&error, journal);
                self.recorder.kept.journal = from.as_u64();
                journal.reader(from)?
            }
            reader => reader?,
        };
        self.seen = self.seen.filter(|seen| from < *seen);
        if self.is_proving && self.seen.is_none() {
            // The commit that seemed to fail was made.
            self.is_proving = false;
            listener.committed(self.needed_from(from.as_u64()));
        }
        Ok(reader)
    }

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
                    // What came since is read later: twice by one way it would be two lines.
                    let known = (end - position.as_u64()) as usize;
                    self.add(position, &batch, 0..known.min(batch.len()));
                    self.arrivals.give_all(|_| {});
                }
                Ok(_) => break,
                Err(error @ journal::Error::Damaged { .. }) => {
                    lines = journal.reader(behind(&error, journal))?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Takes lines.
    fn take(&mut self, position: Position, batch: &journal::Batch) -> Result<(), Error> {
        let ahead = |seen: Position| seen.as_u64().saturating_sub(position.as_u64()) as usize;
        let again = self.seen.map_or(0, ahead).min(batch.len());
        let behind = position.plus(batch.len());
        self.add(position, batch, 0..again);
        if self.seen.is_some_and(|seen| seen <= behind) {
            self.catch_up()?;
        }
        self.add(position, batch, again..batch.len());
        self.recorder.kept.journal = behind.as_u64();
        Ok(())
    }

    /// Has some lines of a batch wait for their turn.
    fn add(&mut self, position: Position, batch: &journal::Batch, which: Range<usize>) {
        let name = self.settings.name;
        let lines = (0..).zip(batch.iter()).map(|(number, line)| Arrival {
            id: LineId(position.plus(number).as_u64()),
            received: Timestamp::from_nanos(line.received_ns),
            source: name(line.source),
            raw: line.line,
        });
        self.arrivals.add(lines.skip(which.start).take(which.len()));
        if let (Some(recent), Some(first)) = (&mut self.recent, batch.iter().next()) {
            recent.note(Timestamp::from_nanos(first.received_ns), position.as_u64());
        }
    }

    /// Has what was shown before it failed, and shows from here on.
    fn catch_up(&mut self) -> Result<(), Error> {
        self.give_out(None);
        self.show_rows()?;
        self.hot.set_open(self.recorder.open())?;
        self.seen = None;
        Ok(())
    }

    /// Takes lines whose turn has come by a time; all where there is none.
    fn give_out(&mut self, now: Option<Timestamp>) {
        let (recorder, mut heard) = (&mut self.recorder, self.view.hearing());
        let is_new = self.seen.is_none();
        let take = |given: Given<'_>| {
            if is_new {
                heard.note(&given);
            }
            if !given.is_again {
                recorder.line_received(given.read, given.received);
            }
        };
        match now {
            Some(now) => self.arrivals.give_out(now, take),
            None => self.arrivals.give_all(take),
        }
    }

    /// Does what the time has come for.
    fn go_on(&mut self, all: bool) -> Result<(), Error> {
        let now = (self.clocks.steady)();
        if !self.recorder.has_new() {
            self.committed = now;
        }
        self.give_out((!all).then(self.clocks.wall));
        let is_due = |since, after| now.saturating_sub(since) >= after;
        let is_old = is_due(self.committed, self.settings.commit_every);
        let is_free = !self.recorder.is_writing();
        let is_asked = is_free && self.upkeep.is_none() && !self.view.waiting().is_empty();
        let is_proof = self.is_proving && self.seen.is_none();
        let is_due_now = is_old || is_asked || is_proof || self.recorder.is_full();
        if self.recorder.has_new() && is_due_now && is_free {
            self.commit(now)?;
        } else if all || is_due(self.shown, self.show_after) {
            self.show(now)?;
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
    fn commit(&mut self, now: Duration) -> Result<(), Error> {
        // The position says that all before it is in the archive.
        self.give_out(None);
        self.commit_rows()?;
        self.committed = now;
        Ok(())
    }

    fn commit_rows(&mut self) -> Result<(), Error> {
        self.show_rows()?;
        let rows = self.hot.of_commit(self.recorder.next_commit());
        self.recorder.commit(rows)
    }

    fn show(&mut self, now: Duration) -> Result<(), Error> {
        let lines = self.recorder.kept.lines;
        let is_old = now.saturating_sub(self.opened) >= self.look_after;
        if is_old && lines != self.lines_then && self.seen.is_none() {
            self.hot.set_open(self.recorder.open())?;
            (self.opened, self.lines_then) = ((self.clocks.steady)(), lines);
            self.look_after = OPEN_LOOK_SHARE * self.opened.saturating_sub(now);
        }
        self.show_rows()?;
        self.shown = (self.clocks.steady)();
        let took = self.shown.saturating_sub(now);
        self.show_after = self.settings.show_every.max(SHOW_SHARE * took);
        Ok(())
    }

    /// Shows the rows that are new.
    fn show_rows(&mut self) -> Result<(), Error> {
        let new = self.hot.add(self.recorder.fresh())?;
        // Until it has caught up, the view has more.
        if self.seen.is_none() && self.hot.is_changed() {
            self.view.show(self.hot.archive()?, &new);
        }
        Ok(())
    }

    /// Takes note of what was written.
    fn settle(&mut self, listener: &mut impl Listener) {
        while let Some(done) = self.recorder.done() {
            let is_commit = done.number > 0;
            self.is_proving &= !is_commit;
            self.hot.committed(done.number, done.archive);
            listener.committed(self.needed_from(done.journal));
        }
    }

    /// From where the journal is needed, if all before a position is in the archive.
    fn needed_from(&self, stored: u64) -> Position {
        let needed = self.recent.as_ref().and_then(Recent::begins);
        Position::from_u64(needed.map_or(stored, |needed| needed.min(stored)))
    }

    fn finish(&mut self, listener: &mut impl Listener) -> Result<Writer, Error> {
        if self.recorder.has_new() {
            self.commit_rows()?;
        }
        let finished = self.recorder.end()?;
        self.settle(listener);
        self.view.show(finished.writer.archive().clone(), &[]);
        Ok(finished.writer)
    }

    /// Leaves what was read in answers, for the next one to go on from.
    fn leave(mut self, listener: &mut impl Listener) {
        self.settle(listener);
        if let Some(upkeep) = self.upkeep.take() {
            self.view.waiting().push_front(upkeep);
        }
        if self.seen.is_none() {
            self.give_out(None);
            // What cannot be shown now is when it was read again, without being told.
            let _ = self.show_rows();
            self.seen = Some(Position::from_u64(self.recorder.kept.journal));
        }
        *self.view.left() = self.seen;
    }
}
