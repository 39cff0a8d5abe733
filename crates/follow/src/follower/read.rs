//! Reading one log: what its file is, and what is new in it.

use super::{Follower, Taking};
use crate::Error;
use crate::cut::Cut;
use crate::limits::SETTLED;
use crate::log::{Log, Look, Open};
use crate::mark::FileId;
use crate::recognise::{Verdict, judge};
use ingest::{ProblemKind, Unpacked};
use journal::{BATCH_BYTES_MAX, BATCH_LINES_MAX, Record, SOURCE_BYTES_MAX};
use std::io::{self, ErrorKind};
use std::mem;

impl Follower {
    /// Takes the next lines of a log; whether there was anything to do.
    pub(super) fn read(&mut self, id: u64) -> Result<bool, Error> {
        let Some(log) = self.logs.get(&id).filter(|log| log.open.is_some()) else {
            return Ok(false);
        };
        if log.mark.taken.bytes == 0 && !self.recognise(id) {
            return Ok(self.is_scan_due);
        }
        let now_ns = self.now_ns();
        let mut bytes = mem::take(&mut self.bytes);
        let look = match self.logs.get_mut(&id) {
            Some(log) => log.look(&mut bytes, now_ns),
            None => return Ok(true),
        };
        let is_busy = match look {
            Ok(Look::Bytes(is_all, failure)) => self.take(id, &bytes, is_all, failure)?,
            Ok(Look::Replaced) => self.replaced(id),
            Err(cause) => self.failed(id, cause),
        };
        self.bytes = bytes;
        Ok(is_busy)
    }

    /// Puts whole lines into the batch.
    fn take(
        &mut self,
        id: u64,
        bytes: &[u8],
        is_all: bool,
        failure: Option<io::Error>,
    ) -> Result<bool, Error> {
        let now_ns = self.now_ns();
        let Some(log) = self.logs.get(&id) else {
            return Ok(false);
        };
        let is_last =
            is_all && failure.is_none() && log.is_complete(self.settings.torn_wait, now_ns);
        let is_in_long_line = log.mark.is_in_long_line;
        let cut = Cut::of(bytes, is_in_long_line, is_last);
        // Before the log counts as read further: what is saved must be in the journal.
        if !self.make_room(&cut)? {
            self.with(id, |log| log.take(bytes, &Cut::nothing(is_in_long_line)));
            return Ok(false);
        }
        // An archive fails again when its lines are taken.
        let failure = failure.filter(|_| !cut.is_full());
        self.with(id, |log| {
            log.take(bytes, &cut);
            log.is_ended = failure.is_some() || is_all && !cut.is_full();
        });
        if !cut.lines.is_empty() {
            self.push(id, bytes, &cut, now_ns)?;
        }
        if let Some(cause) = failure {
            self.unpacking_failed(id, cause);
        }
        self.close_if_done(id, now_ns);
        Ok(cut.taken > 0)
    }

    /// Whether lines fit into the batch, which is made durable if they do not; `false` if that was stopped.
    fn make_room(&mut self, cut: &Cut) -> Result<bool, Error> {
        let lines = cut.lines.len();
        // What a batch adds to each line is less than this.
        let bytes = cut.taken + 32 * lines + SOURCE_BYTES_MAX;
        let is_full = self.batch.bytes() + bytes > BATCH_BYTES_MAX
            || self.batch.len() + lines > BATCH_LINES_MAX;
        if is_full {
            self.flush()?;
        }
        Ok(!is_full || self.batch.is_empty())
    }

    /// Puts lines into the batch, all of them into one: the source says how far the log was read with all of them.
    fn push(&mut self, id: u64, bytes: &[u8], cut: &Cut, now_ns: i64) -> Result<(), Error> {
        let Log { path, mark, .. } = &self.logs[&id];
        let (source, mark) = (mark.source(path), mark.clone());
        for line in &cut.lines {
            self.batch.push(Record {
                received_ns: now_ns,
                source: &source,
                line: &bytes[line.clone()],
            })?;
        }
        let taking = Taking {
            mark,
            lines: cut.lines.len() as u64,
            bytes: cut.lines.iter().map(|it| it.len() as u64).sum(),
            cut: cut.lines_cut,
        };
        self.pending.push((id, taking));
        self.is_state_changed = true;
        Ok(())
    }

    /// Finds out what a file is of which nothing was taken; whether it may be read now.
    fn recognise(&mut self, id: u64) -> bool {
        let Some(log) = self.logs.get_mut(&id) else {
            return false;
        };
        log.is_ended = true;
        let (is_current, open) = (log.is_current, log.open.take());
        let Some(mut open) = open else {
            return false;
        };
        let verdict = judge(&open, is_current, &self.logs);
        match verdict {
            Ok(Verdict::New(content)) => {
                open.go_on(content);
                self.put_back(id, open);
                return true;
            }
            Ok(Verdict::Empty) => self.put_back(id, open),
            Ok(Verdict::NotLines(what)) => {
                self.tell_of(&open.path, what);
                let stamp = open.stamp().ok();
                self.put_back(id, open);
                self.close(id);
                self.with(id, |log| log.closed = stamp);
            }
            Ok(Verdict::Continues(original, content)) => {
                self.continues(id, open, original, content)
            }
            Ok(Verdict::Copy(copied)) => {
                if let (Ok(file), Ok(stamp)) = (open.id(), open.stamp()) {
                    self.copies.insert(file, (stamp, copied));
                }
                self.put_back(id, open);
                self.close(id);
                self.logs.remove(&id);
            }
            Err(cause) => {
                self.put_back(id, open);
                self.failed(id, cause);
            }
        }
        false
    }

    fn put_back(&mut self, id: u64, open: Open) {
        self.with(id, |log| log.open = Some(open));
    }

    pub(super) fn with(&mut self, id: u64, change: impl FnOnce(&mut Log)) {
        if let Some(log) = self.logs.get_mut(&id) {
            change(log);
        }
    }

    /// A file has the content of a log, and more of it than was taken.
    fn continues(&mut self, id: u64, mut open: Open, original: u64, content: Unpacked) {
        let Some(candidate) = self.logs.remove(&id) else {
            return;
        };
        self.close(original);
        open.go_on(content);
        self.with(original, |log| {
            log.mark.file = candidate.mark.file;
            log.is_there = candidate.is_there;
            log.place = candidate.place;
            log.is_current = candidate.is_current;
            log.seen_ns = candidate.seen_ns;
            log.closed = None;
            log.open = Some(open);
        });
        self.opened(original);
        self.is_state_changed = true;
        // The file that the log had may be somebody's copy, or new.
        self.is_scan_due = true;
    }

    /// The file of a log has other content now: the rest of the old one may be in a copy.
    pub(super) fn replaced(&mut self, id: u64) -> bool {
        self.close(id);
        self.with(id, |log| {
            log.mark.file = FileId::default();
            (log.is_there, log.place) = (false, 0);
            log.is_current = false;
            log.is_ended = true;
            log.closed = None;
        });
        if let Some(log) = self.logs.get(&id) {
            self.shared.count(&log.path, |it| it.replaced += 1);
        }
        self.is_state_changed = true;
        self.is_scan_due = true;
        true
    }

    /// Reading failed; it is tried again when something changes.
    fn failed(&mut self, id: u64, cause: io::Error) -> bool {
        self.with(id, |log| log.is_ended = true);
        if let Some(open) = self.logs.get(&id).and_then(|log| log.open.as_ref()) {
            let path = open.path.clone();
            self.tell_of(&path, ProblemKind::ReadFailed { cause });
        }
        false
    }

    /// An archive is damaged, or not whole yet.
    fn unpacking_failed(&mut self, id: u64, cause: io::Error) {
        let Some(open) = self.logs.get(&id).and_then(|log| log.open.as_ref()) else {
            return;
        };
        let format = open.unpacked.as_ref().and_then(Unpacked::format);
        let what = match format {
            None => ProblemKind::ReadFailed { cause },
            Some(format) if cause.kind() == ErrorKind::UnexpectedEof => {
                ProblemKind::TruncatedArchive { format, cause }
            }
            Some(format) => ProblemKind::CorruptArchive { format, cause },
        };
        let path = open.path.clone();
        self.tell_of(&path, what);
    }

    /// Closes a log of which all was taken and to which nobody writes.
    fn close_if_done(&mut self, id: u64, now_ns: i64) {
        let Some(log) = self.logs.get(&id).filter(|log| log.is_ended) else {
            return;
        };
        let is_packed = |open: &Open| open.unpacked.is_some();
        let is_settled = !log.is_current && log.is_quiet(SETTLED, now_ns);
        if log.open.as_ref().is_some_and(is_packed) || is_settled {
            let stamp = log.open.as_ref().and_then(|open| open.stamp().ok());
            self.close(id);
            self.with(id, |log| log.closed = stamp.filter(|_| log.is_there));
            self.is_state_changed = true;
        }
    }

    fn close(&mut self, id: u64) {
        let open = self.logs.get_mut(&id).and_then(|log| log.open.take());
        if let Some(watch) = open.and_then(|open| open.watch) {
            self.wake.unwatch(watch);
        }
    }
}
