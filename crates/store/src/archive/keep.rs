//! Upkeep: stored rows written anew, into larger files, other classes, or not at all.

use super::writer::{Partition, upkeep_path};
use super::{Archive, FileOf, UPKEEP, Writer};
use crate::error::{Error, Result};
use crate::file::write::FileWriter;
use crate::limits::{FILE_ROWS_MAX, KEPT};
use crate::merge::{Loaded, Picked, StoredRow, merge};
use object_store::path::Path;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What became of the rows of files that were written anew or left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Files that were replaced.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes of what stands for them now.
    pub bytes_now: u64,
    /// Rows that stay.
    pub rows: u64,
    /// Rows that went.
    pub rows_gone: u64,
    /// Original lines of the rows that went.
    pub lines_gone: u64,
}

impl std::ops::AddAssign for Kept {
    fn add_assign(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.bytes_now += other.bytes_now;
        self.rows += other.rows;
        self.rows_gone += other.rows_gone;
        self.lines_gone += other.lines_gone;
    }
}

/// One piece of upkeep, as the archive remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upkeep {
    /// What was done, in a word: `compact`, `expire`, `erase`.
    pub what: String,
    /// When, RFC 3339.
    pub at: String,
    /// What it was done for: a class, an address.
    pub why: String,
    /// What became of the rows.
    pub kept: Kept,
}

/// Files to be replaced by the next commit of upkeep.
#[derive(Debug, Default)]
pub struct Replaced {
    paths: Vec<Path>,
    /// What became of their rows.
    pub kept: Kept,
}

/// A file of one class that is being written.
#[derive(Default)]
struct Output {
    file: Option<FileWriter>,
    picked: Picked,
}

impl Archive {
    /// Everything that was done to stored rows, in order.
    pub fn upkeep(&self) -> Result<Vec<Upkeep>> {
        let done = 1..=self.sequence(UPKEEP)?;
        done.map(|number| {
            let path = upkeep_path(number);
            let bytes = self.get(&path)?;
            serde_json::from_slice(&bytes).map_err(|_| Error::Damaged {
                what: "record of upkeep",
                path: path.to_string(),
            })
        })
        .collect()
    }

    /// Shows each row of a file with its original lines, in the order of the file.
    pub fn each_row(&self, file: &FileOf, mut take: impl FnMut(StoredRow<'_>)) -> Result<()> {
        self.wait(async {
            let file = self.open_anew(file).await?;
            for number in 0..file.blocks() {
                let block = &Loaded::read(&file, number).await?;
                (0..block.block.view.rows()).for_each(|row| take(StoredRow { block, row }));
            }
            Ok(())
        })
    }
}

impl Writer {
    /// Writes the rows of files of one day anew, as few files; `fate` gives the class of each row, or
    /// `None` for one that goes.
    pub fn rewrite<'c>(
        &mut self,
        files: &[FileOf],
        replaced: &mut Replaced,
        fate: impl FnMut(StoredRow<'_>) -> Option<&'c str>,
    ) -> Result<()> {
        let before = self.written.len();
        let done = self.write_anew(files, replaced, fate);
        if done.is_err() {
            // No commit may add half of it beside what it was to replace.
            self.written.truncate(before);
        }
        done
    }

    fn write_anew<'c>(
        &mut self,
        files: &[FileOf],
        replaced: &mut Replaced,
        mut fate: impl FnMut(StoredRow<'_>) -> Option<&'c str>,
    ) -> Result<()> {
        let Some(day) = files.first().map(|file| file.day.clone()) else {
            return Ok(());
        };
        debug_assert!(files.iter().all(|file| file.day == day), "files of one day");
        let mut kept = Kept::default();
        let mut outputs: BTreeMap<&'c str, Output> = BTreeMap::new();
        let opened = files
            .iter()
            .map(|file| self.archive.wait(self.archive.open_anew(file)))
            .collect::<Result<Vec<_>>>()?;
        let runtime = Arc::clone(&self.archive.runtime);
        merge(&runtime, opened, |block, row| {
            let stored = StoredRow { block, row };
            let Some(class) = fate(stored) else {
                kept.rows_gone += 1;
                kept.lines_gone += stored.lines().count() as u64;
                return Ok(());
            };
            kept.rows += 1;
            let output = outputs.entry(class).or_default();
            output.picked.push(block, row);
            if output.picked.len() == KEPT.block_rows {
                output.flush()?;
                if output.rows() >= FILE_ROWS_MAX {
                    kept.bytes_now += self.finish(&day, class, output)?;
                }
            }
            Ok(())
        })?;
        for (class, mut output) in outputs {
            output.flush()?;
            kept.bytes_now += self.finish(&day, class, &mut output)?;
        }
        kept.files = files.len() as u64;
        kept.bytes = files.iter().map(|file| file.size).sum();
        replaced
            .paths
            .extend(files.iter().map(|it| it.path.clone()));
        replaced.kept += kept;
        Ok(())
    }

    fn finish(&mut self, day: &str, class: &str, output: &mut Output) -> Result<u64> {
        let to = Partition { day, class };
        match output.file.take() {
            Some(file) => self.add("full", to, file.finish()?),
            None => Ok(0),
        }
    }

    /// Leaves out whole files.
    pub fn drop_files(&mut self, files: &[FileOf], replaced: &mut Replaced) -> Result<()> {
        for file in files {
            let opened = self.archive.wait(self.archive.file(file))?;
            replaced.kept += Kept {
                files: 1,
                bytes: file.size,
                rows_gone: opened.rows(),
                lines_gone: self.archive.wait(opened.line_count())?,
                ..Kept::default()
            };
            replaced.paths.push(file.path.clone());
        }
        Ok(())
    }

    /// Makes it so: from now on the archive has what was written in place of what is replaced.
    pub fn commit_replaced(
        &mut self,
        replaced: Replaced,
        what: &str,
        why: &str,
        at: jiff::Timestamp,
    ) -> Result<()> {
        if replaced.paths.is_empty() {
            return Ok(());
        }
        let said = Upkeep {
            what: what.to_owned(),
            at: at.to_string(),
            why: why.to_owned(),
            kept: replaced.kept,
        };
        let said = serde_json::to_vec(&said).unwrap_or_default();
        let goes = replaced.kept.rows_gone > 0;
        self.commit_upkeep(&replaced.paths, said, goes)
    }
}

impl Output {
    /// How many rows are in the file so far.
    fn rows(&self) -> u64 {
        self.file.as_ref().map_or(0, FileWriter::rows)
    }

    fn flush(&mut self) -> Result<()> {
        let picked = std::mem::take(&mut self.picked);
        if picked.len() == 0 {
            return Ok(());
        }
        if self.file.is_none() {
            self.file = Some(FileWriter::new(KEPT)?);
        }
        match &mut self.file {
            Some(file) => file.block(
                &picked.batch()?,
                |row| picked.lines(row),
                |row| picked.is_of_long_stay(row),
            ),
            None => Ok(()),
        }
    }
}
