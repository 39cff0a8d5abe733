//! What appenders, readers and the writer's thread share: the queue, the segments, the end.

use crate::limits::QUEUE_BYTES_MAX;
use crate::segment::{HEADER_BYTES, Segment};
use crate::{Batch, Error, Position, frame};
use std::collections::VecDeque;
use std::mem;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A batch that waits for the disk.
pub(crate) struct Waiting {
    pub(crate) batch: Arc<Batch>,
    /// Bytes that it needs at most.
    bytes: u64,
    reply: SyncSender<Result<Position, Error>>,
}

impl Waiting {
    /// Tells its appender how it ended.
    pub(crate) fn reply(&self, result: Result<Position, Error>) {
        // One reply has its place, and an appender waits for it.
        let _ = self.reply.send(result);
    }
}

struct State {
    queue: VecDeque<Waiting>,
    /// Bytes of what is queued or being written.
    waiting_bytes: u64,
    /// In order; never empty.
    segments: VecDeque<Segment>,
    end: Position,
    /// Why nothing is written any more.
    failed: Option<Error>,
    is_closing: bool,
}

/// The state of an open journal; its methods take the lock, none of them while it does I/O.
pub(crate) struct Shared {
    pub(crate) folder: PathBuf,
    bytes_max: u64,
    state: Mutex<State>,
    /// The writer has something to do.
    work: Condvar,
    /// Anything else: lines became durable, there is room, the writer failed.
    change: Condvar,
}

impl Shared {
    pub(crate) fn new(
        folder: PathBuf,
        bytes_max: u64,
        segments: VecDeque<Segment>,
        end: Position,
    ) -> Self {
        let state = State {
            queue: VecDeque::new(),
            waiting_bytes: 0,
            segments,
            end,
            failed: None,
            is_closing: false,
        };
        Shared {
            folder,
            bytes_max,
            state: Mutex::new(state),
            work: Condvar::new(),
            change: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is whole before anything could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a batch into the queue, waiting for a place in it; where its fate will be told.
    pub(crate) fn enqueue(
        &self,
        batch: &Batch,
    ) -> Result<Receiver<Result<Position, Error>>, Error> {
        let bytes = bytes_needed(batch);
        let has_place = |state: &mut State| {
            state.waiting_bytes == 0 || state.waiting_bytes + bytes <= QUEUE_BYTES_MAX as u64
        };
        let (reply, fate) = mpsc::sync_channel(1);
        let batch = Arc::new(batch.clone());
        let mut state = self
            .change
            .wait_while(self.lock(), |state| {
                state.failed.is_none() && !has_place(state)
            })
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = &state.failed {
            return Err(error.clone());
        }
        if !self.has_room(&state, bytes) {
            return Err(Error::Full(self.bytes_max));
        }
        state.waiting_bytes += bytes;
        state.queue.push_back(Waiting {
            batch,
            bytes,
            reply,
        });
        self.work.notify_one();
        Ok(fate)
    }

    fn has_room(&self, state: &State, bytes: u64) -> bool {
        let used: u64 = state.segments.iter().map(|it| it.bytes).sum();
        used + state.waiting_bytes + bytes <= self.bytes_max
    }

    /// Waits until there is room for a batch.
    pub(crate) fn wait_for_room(&self, batch: &Batch, timeout: Duration) -> bool {
        let bytes = bytes_needed(batch);
        let is_shut = |state: &mut State| state.failed.is_none() && !self.has_room(state, bytes);
        let waited = self
            .change
            .wait_timeout_while(self.lock(), timeout, is_shut);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.failed.is_some() || self.has_room(&state, bytes)
    }

    /// Waits until the end lies behind a position.
    pub(crate) fn wait_for_lines(&self, behind: Position, timeout: Duration) -> Position {
        let is_short = |state: &mut State| state.end <= behind;
        let waited = self
            .change
            .wait_timeout_while(self.lock(), timeout, is_short);
        waited.unwrap_or_else(PoisonError::into_inner).0.end
    }

    /// All batches that wait, for the writer; `None` when the journal closes.
    pub(crate) fn next_group(&self) -> Option<Vec<Waiting>> {
        let is_idle = |state: &mut State| state.queue.is_empty() && !state.is_closing;
        let waited = self.work.wait_while(self.lock(), is_idle);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        let group: Vec<Waiting> = mem::take(&mut state.queue).into();
        (!group.is_empty()).then_some(group)
    }

    /// Publishes what the writer has done with a group.
    pub(crate) fn publish(&self, group: &[Waiting], segment: Segment, end: Position) {
        let mut state = self.lock();
        match state.segments.back_mut() {
            Some(last) if last.first == segment.first => *last = segment,
            _ => state.segments.push_back(segment),
        }
        state.end = end;
        state.waiting_bytes -= group.iter().map(|it| it.bytes).sum::<u64>();
        self.change.notify_all();
    }

    /// Ends all writing: what waits and what comes gets the error.
    pub(crate) fn fail(&self, error: Error) {
        let mut state = self.lock();
        for waiting in mem::take(&mut state.queue) {
            waiting.reply(Err(error.clone()));
        }
        state.failed.get_or_insert(error);
        self.change.notify_all();
    }

    /// The position behind the last durable line; errs if nothing is written any more.
    pub(crate) fn end_if_it_writes(&self) -> Result<Position, Error> {
        let state = self.lock();
        match &state.failed {
            Some(error) => Err(error.clone()),
            None => Ok(state.end),
        }
    }

    /// Lets the writer end when the queue is empty.
    pub(crate) fn close(&self) {
        self.lock().is_closing = true;
        self.work.notify_one();
    }

    /// Takes away the segments whose lines all stand before a position, but never the last; their first positions.
    pub(crate) fn cut(&self, before: Position) -> Result<Vec<Position>, Error> {
        let mut state = self.lock();
        if before > state.end {
            return Err(Error::Beyond { end: state.end });
        }
        let mut taken = Vec::new();
        while state.segments.get(1).is_some_and(|it| it.first <= before) {
            taken.extend(state.segments.pop_front().map(|it| it.first));
        }
        Ok(taken)
    }

    /// Tells those that wait for room that files are gone.
    pub(crate) fn announce_room(&self) {
        let _state = self.lock();
        self.change.notify_all();
    }

    /// The first position that can be read and the one behind the last.
    pub(crate) fn bounds(&self) -> (Position, Position) {
        let state = self.lock();
        let start = state.segments.front().map_or(state.end, |it| it.first);
        (start, state.end)
    }

    /// The segment that holds a position, and the position behind its last line.
    ///
    /// The end of the journal belongs to the last segment.
    pub(crate) fn segment_of(&self, position: Position) -> Result<(Segment, Position), Error> {
        let state = self.lock();
        if position > state.end {
            return Err(Error::Beyond { end: state.end });
        }
        let behind = state.segments.partition_point(|it| it.first <= position);
        let end = state.segments.get(behind).map_or(state.end, |it| it.first);
        match behind.checked_sub(1) {
            Some(index) => Ok((state.segments[index], end)),
            None => Err(Error::Cut { first: end }),
        }
    }
}

/// With a frame of its own in a segment of its own.
fn bytes_needed(batch: &Batch) -> u64 {
    (batch.bytes() + frame::FIXED_BYTES + HEADER_BYTES) as u64
}
