//! Rows between commits, as questions see them.

use crate::error::Error;
use crate::limits::{HOT_PARTS_JOINED, HOT_ROWS_MAX};
use crate::recorder::{Fresh, line_hash};
use std::collections::HashSet;
use std::sync::Arc;
use store::{Archive, Classes, Gathered, Hot};

/// Rows that no commit has yet, or of which it is not yet known.
pub(crate) struct HotRows {
    base: Archive,
    classes: Classes,
    /// Rows with the number of the commit that will have them.
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

    /// Takes rows that are complete.
    pub(crate) fn add(&mut self, fresh: Fresh) -> Result<Vec<Arc<Hot>>, Error> {
        self.completed.extend(fresh.lines);
        let new: Vec<_> = fresh
            .rows
            .hot(&self.classes)?
            .into_iter()
            .map(Arc::new)
            .collect();
        self.changed |= !new.is_empty();
        for hot in &new {
            self.rows.push((fresh.commit, Arc::clone(hot)));
            self.join()?;
        }
        Ok(new)
    }

    /// Joins the last rows with those like them, as soon as there are so many parts that are not larger:
    /// so there are few parts, and each row is copied a few times only.
    fn join(&mut self) -> Result<(), Error> {
        while let Some((commit, last)) = self.rows.last().cloned() {
            let is_like = |(of, it): &(u64, Arc<Hot>)| {
                *of == commit && it.is_beside(&last) && tier(it) <= tier(&last)
            };
            if self.rows.iter().filter(|it| is_like(it)).count() < HOT_PARTS_JOINED {
                break;
            }
            let mut rows = 0;
            let fits = |it: &mut (u64, Arc<Hot>)| {
                let fits = is_like(it) && rows + it.1.rows() <= HOT_ROWS_MAX;
                rows += if fits { it.1.rows() } else { 0 };
                fits
            };
            let parts: Vec<_> = self.rows.extract_if(.., fits).map(|(_, it)| it).collect();
            let joined = match &parts[..] {
                [] => break,
                [one] => Arc::clone(one),
                parts => Arc::new(Hot::joined(parts)?),
            };
            self.rows.push((commit, joined));
            if parts.len() == 1 {
                break;
            }
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

    /// The rows of a commit.
    pub(crate) fn of_commit(&self, number: u64) -> Vec<Arc<Hot>> {
        let rows = self.rows.iter().filter(|(commit, _)| *commit == number);
        rows.map(|(_, hot)| Arc::clone(hot)).collect()
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

/// How large a part is, as a power of the number that are joined.
fn tier(hot: &Hot) -> u32 {
    hot.rows().max(1).ilog(HOT_PARTS_JOINED)
}
