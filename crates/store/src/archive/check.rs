//! Reads all of a data file and says what is not as it was written.

use super::{Archive, FileOf};
use crate::Column;
use crate::error::{Error, Result};
use crate::file::read::DataFile;
use crate::index::write::IndexWriter;
use crate::merge::Loaded;
use crate::stays::Steps;
use object_store::ObjectStoreExt;
use std::error::Error as _;
use std::fmt::Write;
use twox_hash::XxHash3_64;

/// What was found in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Rows that could be read.
    pub rows: u64,
    /// Original lines that could be read.
    pub lines: u64,
    /// What is damaged, in words; nothing where it is as it was written.
    pub damage: Vec<String>,
    /// Whether all rows and lines could be read, so that writing them anew mends what is damaged.
    pub is_whole: bool,
}

impl Archive {
    /// Reads all of a file. Damage is told in the answer, not as an error.
    pub fn check(&self, file: &FileOf) -> Checked {
        let mut checked = Checked::default();
        if let Err(error) = self.wait(self.check_into(file, &mut checked)) {
            checked.damage.push(words(&error));
        }
        checked
    }

    /// Errs unless a file has the bytes that were written: what is written anew of others would look
    /// whole, and be wrong.
    pub fn prove(&self, file: &FileOf) -> Result<()> {
        let got = self.wait(async { self.store.get(&file.path).await?.bytes().await });
        let bytes = match got {
            Err(object_store::Error::NotFound { .. }) => {
                Err(damaged("data file is not there", file))
            }
            got => Ok(got?),
        }?;
        let is_other = file
            .hash()
            .is_some_and(|said| said != XxHash3_64::oneshot(&bytes));
        match bytes.len() as u64 != file.size || is_other {
            true => Err(damaged("data file", file)),
            false => Ok(()),
        }
    }

    async fn check_into(&self, file: &FileOf, checked: &mut Checked) -> Result<()> {
        let bytes = self.store.get(&file.path).await?.bytes().await?;
        if bytes.len() as u64 != file.size {
            let said = format!("{} bytes, not {}", bytes.len(), file.size);
            checked.damage.push(said);
        }
        let hash = XxHash3_64::oneshot(&bytes);
        if file.hash().is_some_and(|said| said != hash) {
            let said = "bytes are not those that were written (XXH3-64 differs)";
            checked.damage.push(said.to_owned());
        }
        drop(bytes);
        let opened = self.open_anew(file).await?;
        let mut index = IndexWriter::default();
        let (long, mut found) = (opened.long_steps().await, Steps::default());
        let wanted = long.as_ref().ok().and_then(Option::as_ref);
        let wanted = wanted.map(Steps::places).unwrap_or_default();
        let mut is_readable = true;
        for number in 0..opened.blocks() {
            match Loaded::read(&opened, number).await {
                Ok(loaded) => {
                    checked.block(number, &loaded, &mut index);
                    let first = opened.rows_of(number).start;
                    let place = |row| (first + row) as u64;
                    let place = |row| Some(place(row)).filter(|it| wanted.contains(it));
                    found.rows(&loaded.block.view, place);
                }
                Err(error) => {
                    is_readable = false;
                    let rows = opened.rows_of(number);
                    let said = format!("rows {} to {}: {}", rows.start, rows.end, words(&error));
                    checked.damage.push(said);
                }
            }
        }
        if checked.rows != opened.rows() || file.rows != opened.rows() {
            let said = format!(
                "{} rows could be read of {}; the table's log says {}",
                checked.rows,
                opened.rows(),
                file.rows
            );
            checked.damage.push(said);
        }
        checked.is_whole = is_readable && checked.rows == opened.rows();
        if is_readable && !is_index_of(&opened, index).await.unwrap_or(false) {
            let said = "the index is not the one of these rows";
            checked.damage.push(said.to_owned());
        }
        let are_of_rows = match long {
            Ok(long) => !is_readable || long.unwrap_or_default().are(found),
            Err(_) => false,
        };
        if !are_of_rows {
            let said = "what tells of queues is not of these rows";
            checked.damage.push(said.to_owned());
        }
        Ok(())
    }
}

impl Checked {
    fn block(&mut self, number: u32, loaded: &Loaded, index: &mut IndexWriter) {
        let view = &loaded.block.view;
        let mut wrong = 0;
        for row in 0..view.rows() {
            index.row_of(view, row);
            let lines = loaded.lines(row).count() as u64;
            let said = view.number(Column::Lines, row).unwrap_or(0).max(0) as u64;
            wrong += u64::from(lines != said);
            self.lines += lines;
        }
        index.finish_block();
        self.rows += view.rows() as u64;
        if wrong > 0 {
            let said = format!("block {number}: {wrong} rows have not all their lines");
            self.damage.push(said);
        }
    }
}

fn damaged(what: &'static str, file: &FileOf) -> Error {
    let path = file.path.to_string();
    Error::Damaged { what, path }
}

async fn is_index_of(file: &DataFile, index: IndexWriter) -> Result<bool> {
    let index = index.finish()?;
    let (filters, terms, lists) = file.index_bytes().await?;
    Ok(filters == index.all_filters() && terms == index.terms && lists == index.lists)
}

/// An error with its causes.
fn words(error: &Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a text does not fail.
        let _ = write!(said, ": {error}");
        cause = error.source();
    }
    said
}
