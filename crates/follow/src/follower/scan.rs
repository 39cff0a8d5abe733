//! Looking for files: which log is where, and which are new.

use super::Follower;
use crate::Error;
use crate::files::{Files, Found};
use crate::limits::{FILES_MAX, FORGET, HEAD_BYTES, PATH_BYTES_MAX};
use crate::log::{Log, Open};
use crate::mark::{FileId, Mark};
use crate::recognise;
use ingest::ProblemKind;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;

impl Follower {
    /// Looks for files, and gives each to its log, or to a new one.
    pub(super) fn scan(&mut self) -> Result<(), Error> {
        self.scanned_ns = self.now_ns();
        let followed = self.logs.values().filter(|log| log.is_there);
        let mut followed: BTreeSet<_> = followed.map(|log| log.path.clone()).collect();
        let mut all = Vec::new();
        for pattern in &self.patterns.clone() {
            let mut files = Files::of_pattern(pattern);
            for problem in files.take_problems() {
                self.tell(problem);
            }
            let is_new_pattern = !self.state.patterns.contains(pattern);
            for found in &mut files.found {
                followed.remove(&found.log_path);
                found.is_new_pattern = is_new_pattern;
            }
            self.watch(&files);
            all.append(&mut files.found);
        }
        // Logs of which a pattern matches only the name that they had.
        let mut files = Files::of_logs(&followed);
        self.watch(&files);
        all.append(&mut files.found);
        self.place_all(&all);
        self.forget();
        let patterns = self.state.patterns.len();
        self.state.patterns.extend(self.patterns.iter().cloned());
        if self.state.patterns.len() > patterns {
            // Else a crash would make those that were passed over new ones.
            self.save()?;
        }
        Ok(())
    }

    fn watch(&self, files: &Files) {
        for folder in &files.folders {
            self.wake.watch_folder(folder);
        }
    }

    /// Gives files to logs that have them; then the others, for they may be copies of those.
    fn place_all(&mut self, all: &[Found]) {
        let by_file = self.by_file();
        for log in self.logs.values_mut() {
            (log.is_there, log.place) = (false, 0);
        }
        let mut placed = HashSet::new();
        let mut others = Vec::new();
        for (place, found) in (1..).zip(all) {
            // Several patterns may name it.
            if !placed.insert(found.file) {
                continue;
            }
            let id = by_file.get(&found.file).copied();
            match id.map_or(Ok(false), |id| self.is_still(id, found, place)) {
                Ok(true) => {}
                Ok(false) => others.push((place, found)),
                Err(cause) => self.unreadable(found, cause),
            }
        }
        self.copies.retain(|file, _| placed.contains(file));
        for (place, found) in others {
            if !self.is_known_copy(found)
                && let Err(cause) = self.begin(found, place)
            {
                self.unreadable(found, cause);
            }
        }
    }

    fn unreadable(&mut self, found: &Found, cause: io::Error) {
        // What was renamed since is found under its new name.
        if cause.kind() != io::ErrorKind::NotFound {
            self.tell_of(&found.path, ProblemKind::Unreadable { cause });
        }
    }

    /// Which log each file had last; one that is open has it surely.
    fn by_file(&self) -> HashMap<FileId, u64> {
        let (open, closed): (Vec<_>, Vec<_>) =
            self.logs.iter().partition(|(_, log)| log.open.is_some());
        let logs = closed.into_iter().chain(open);
        logs.map(|(&id, log)| (log.mark.file, id)).collect()
    }

    /// Whether a log still has the content of the file that it had; it is opened if it changed.
    fn is_still(&mut self, id: u64, found: &Found, place: usize) -> io::Result<bool> {
        let now_ns = self.now_ns();
        // Before anything is read: what is left of its content is older than what its file has now.
        if self.logs.get(&id).is_some_and(Log::is_replaced) {
            self.replaced(id);
            return Ok(false);
        }
        let Some(log) = self.logs.get_mut(&id) else {
            return Ok(false);
        };
        let is_same = log.open.is_some() || log.closed == Some(found.stamp);
        // If it cannot be opened it is taken to be the same until it can.
        log.is_there = true;
        if !is_same && log.mark.taken.bytes > 0 {
            let open = Open::new(&found.path, now_ns)?;
            if open.id()? != found.file || !log.reopen(open)? {
                log.is_there = false;
                return Ok(false);
            }
            self.opened(id);
        } else if !is_same {
            self.logs.remove(&id);
            return Ok(false);
        }
        if let Some(log) = self.logs.get_mut(&id) {
            log.place = place;
            log.is_current = !found.is_rotated;
            log.seen_ns = now_ns;
        }
        Ok(true)
    }

    /// Whether a file is known to be a copy; of one that changed, or whose original is gone, it is not known any more.
    fn is_known_copy(&mut self, found: &Found) -> bool {
        let Some((stamp, copied)) = self.copies.get(&found.file) else {
            return false;
        };
        let (seen_ns, original) = (self.scanned_ns, self.logs.get_mut(&copied.of));
        let is_known = *stamp == found.stamp
            && original.is_some_and(|log| {
                // For as long as there are copies they must be known as such.
                log.seen_ns = seen_ns;
                !(copied.is_whole && log.is_lost())
            });
        if !is_known {
            self.copies.remove(&found.file);
        }
        is_known
    }

    /// Begins a log with a file; what was there before its pattern was followed may only be remembered.
    fn begin(&mut self, found: &Found, place: usize) -> io::Result<()> {
        if found.path.as_os_str().len() > PATH_BYTES_MAX {
            return Err(io::ErrorKind::InvalidFilename.into());
        }
        if self.logs.len() >= FILES_MAX {
            let limit = FILES_MAX;
            self.tell_of(&found.path, ProblemKind::TooManyFiles { limit });
            return Ok(());
        }
        let open = Open::new(&found.path, self.now_ns())?;
        if open.id()? != found.file {
            return Ok(());
        }
        let is_old = found.is_new_pattern && found.is_rotated && !found.is_named;
        let is_passed = is_old && !self.settings.history;
        let mut log = Log {
            path: found.log_path.clone(),
            mark: Mark {
                id: self.next_id,
                file: found.file,
                is_passed,
                ..Mark::default()
            },
            seen_ns: self.scanned_ns,
            is_there: true,
            place,
            is_current: !found.is_rotated,
            is_ended: true,
            ..Log::default()
        };
        if is_passed {
            let mut head = recognise::head(&open)?;
            head.truncate(HEAD_BYTES as usize);
            log.mark.taken.add(&head);
            log.closed = Some(found.stamp);
        } else {
            log.open = Some(open);
        }
        self.logs.insert(self.next_id, log);
        self.opened(self.next_id);
        self.next_id += 1;
        Ok(())
    }

    /// Watches what was opened, and forgets its problems.
    pub(super) fn opened(&mut self, id: u64) {
        let log = self.logs.get_mut(&id);
        let Some(log) = log.filter(|log| log.open.is_some()) else {
            return;
        };
        log.is_ended = false;
        if log.mark.is_passed {
            let open = log.open.take();
            log.closed = open.and_then(|open| open.stamp().ok());
            log.is_ended = true;
            return;
        }
        if let Some(open) = &mut log.open {
            open.watch = self.wake.watch_file(&open.file);
            let path = &open.path;
            self.told.retain(|(told, _)| told != path);
        }
    }

    /// Leaves logs that are not there: those that are open are read to the end, others are remembered for some time.
    fn forget(&mut self) {
        let now_ns = self.scanned_ns;
        let is_old = |log: &Log| u128::from(now_ns.abs_diff(log.seen_ns)) > FORGET.as_nanos();
        self.logs.retain(|_, log| {
            log.is_current &= log.is_there;
            !log.is_lost() || log.mark.taken.bytes > 0 && !is_old(log)
        });
    }
}
