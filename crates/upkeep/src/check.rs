//! Reads the whole archive, and says whether all is there.

use crate::error::{Error, Result};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{Archive, Checked, FileOf, Replaced, Writer};

/// What was found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Files that were read.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Rows in them.
    pub rows: u64,
    /// Original lines in them.
    pub lines: u64,
    /// Lines that imports took.
    pub lines_taken: u64,
    /// Lines of rows that expired or were erased.
    pub lines_gone: u64,
    /// Files that are not as they were written.
    pub damage: Vec<Damage>,
    /// Why it is not known how many lines there should be.
    pub unknown: Vec<Error>,
}

/// What is wrong with a file.
#[derive(Debug)]
pub struct Damage {
    /// Which.
    pub file: FileOf,
    /// In words.
    pub what: Vec<String>,
    /// Whether all its rows and lines could be read: then [`rebuild`] mends it.
    pub can_be_mended: bool,
}

impl Findings {
    /// Whether each line that was taken is there, or is known to have gone.
    pub fn do_sums_agree(&self) -> bool {
        self.unknown.is_empty() && self.lines + self.lines_gone == self.lines_taken
    }

    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.damage.is_empty() && self.do_sums_agree()
    }

    fn add(&mut self, file: &FileOf, checked: Checked) {
        self.files += 1;
        self.bytes += file.size;
        self.rows += checked.rows;
        self.lines += checked.lines;
        if !checked.damage.is_empty() {
            self.damage.push(Damage {
                file: file.clone(),
                what: checked.damage,
                can_be_mended: checked.is_whole,
            });
        }
    }
}

/// Reads every file; `tell` is called with the bytes that were read so far.
pub fn check(archive: &Archive, tell: impl Fn(u64) + Sync) -> Result<Findings> {
    let mut findings = Findings::default();
    match record::lines_taken(archive) {
        Ok(lines) => findings.lines_taken = lines,
        Err(error) => findings.unknown.push(error.into()),
    }
    match archive.upkeep() {
        Ok(done) => findings.lines_gone = done.iter().map(|it| it.kept.lines_gone).sum(),
        Err(error) => findings.unknown.push(error.into()),
    }
    let findings = Mutex::new(findings);
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(file) = archive.files().get(next.fetch_add(1, Ordering::Relaxed)) {
            let checked = archive.check(file);
            let mut findings = findings.lock().unwrap_or_else(PoisonError::into_inner);
            findings.add(file, checked);
            tell(findings.bytes);
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers.min(archive.files().len()) {
            scope.spawn(work);
        }
    });
    let mut findings = findings
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    findings
        .damage
        .sort_by(|a, b| a.file.path.cmp(&b.file.path));
    Ok(findings)
}

/// What was found in a file; `None`, and noted once, where that is damaged.
pub(crate) fn unless_damaged<T>(
    writer: &Writer,
    file: &FileOf,
    found: Result<T>,
    damage: &mut Vec<Damage>,
) -> Result<Option<T>> {
    let error = match found {
        Ok(found) => return Ok(Some(found)),
        Err(error) => error,
    };
    if damage.iter().any(|it| it.file.path == file.path) {
        return Ok(None);
    }
    // What passes is no damage, and is found whole when it is looked at again.
    let checked = writer.archive().check(file);
    if checked.damage.is_empty() {
        return Err(error);
    }
    damage.push(Damage {
        file: file.clone(),
        what: checked.damage,
        can_be_mended: checked.is_whole,
    });
    Ok(None)
}

/// Writes damaged files anew of which all rows and lines can be read; gives how many.
pub fn rebuild(writer: &mut Writer, damage: &[Damage], now: jiff::Timestamp) -> Result<u64> {
    let mut mended = 0;
    for damage in damage.iter().filter(|it| it.can_be_mended) {
        let mut replaced = Replaced::default();
        let class = damage.file.class.as_str();
        let file = std::slice::from_ref(&damage.file);
        writer.rewrite(file, &mut replaced, |_| Some(class))?;
        writer.commit_replaced(replaced, "rebuild", damage.file.path.as_ref(), now)?;
        mended += 1;
    }
    Ok(mended)
}
