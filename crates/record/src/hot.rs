//! Rows between commits, as questions see them.

use crate::error::Error;
use crate::limits::HOT_ROWS_MAX;
use crate::recorder::{Fresh, line_hash};
use std::collections::HashSet;
use std::sync::Arc;
use store::{Archive, Classes, Gathered, Hot};

/// Rows that no commit has yet, or of which it is not yet known.
pub(crate) struct HotRows {
    base: Archive,
    classes: Classes,
    /// Rows with the number of the commit that will have them, in that order.
    rows: Vec<(u64, Arc<Hot>)>,
    /// What is not complete, as it was when it was looked at last.
    open: Vec<Arc<Hot>>,
    /// Lines of rows that were complete since then.
    completed: HashSet<u64>,
    /// Whether there is something that nobody was shown.
    changed: bool,
}

impl HotRows {
    pub(crate) fn new(base: Archive, classes: Classes) -> Self {
        HotRows {
            base,
            classes,
            rows: Vec::new(),
            open: Vec::new(),
            completed: HashSet::new(),
            changed: true,
        }
    }

    /// Whether [`HotRows::archive`] would give something new.
    pub(crate) fn is_changed(&self) -> bool {
        self.changed
    }

    /// Takes rows that are complete, for a commit.
    pub(crate) fn add(&mut self, commit: u64, fresh: Fresh) -> Result<Vec<Arc<Hot>>, Error> {
        self.completed.extend(fresh.lines);
        let new: Vec<_> = fresh
            .rows
            .hot(&self.classes)?
            .into_iter()
            .map(Arc::new)
            .collect();
        self.changed |= !new.is_empty();
        for hot in &new {
            self.rows.push((commit, Arc::clone(hot)));
            self.join()?;
        }
        Ok(new)
    }

    /// Joins the last rows with those before, while these are not more: so there are few parts, and
    /// each row is copied a few times only.
    fn join(&mut self) -> Result<(), Error> {
        while let [.., (commit, before), (last_commit, last)] = &self.rows[..] {
            let rows = before.rows() + last.rows();
            let fit = commit == last_commit && before.is_beside(last) && rows <= HOT_ROWS_MAX;
            if !fit || before.rows() > 2 * last.rows() {
                break;
            }
            let joined = (*commit, Arc::new(before.joined(last)?));
            self.rows.truncate(self.rows.len() - 2);
            self.rows.push(joined);
        }
        Ok(())
    }

    /// Takes what is not complete now.
    pub(crate) fn set_open(&mut self, open: Gathered) -> Result<(), Error> {
        let open = open.hot(&self.classes)?;
        self.open = open.into_iter().map(Arc::new).collect();
        self.completed.clear();
        self.changed = true;
        Ok(())
    }

    /// Lets go what a commit has, of which this is the archive.
    pub(crate) fn committed(&mut self, commit: u64, archive: Archive) {
        self.base = archive;
        self.rows.retain(|(of, _)| *of > commit);
        self.changed = true;
    }

    /// The archive with all rows.
    pub(crate) fn archive(&mut self) -> Result<Archive, Error> {
        let mut hot: Vec<_> = self.rows.iter().map(|(_, hot)| Arc::clone(hot)).collect();
        for open in &self.open {
            let is_open = |at, line: &[u8]| !self.completed.contains(&line_hash(at, line));
            let open = open.retained(is_open)?;
            if open.rows() > 0 {
                hot.push(Arc::new(open));
            }
        }
        self.changed = false;
        Ok(self.base.with_hot(&hot))
    }
}
