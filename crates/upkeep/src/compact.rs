//! Small files become large ones, packed harder, each row in the class that it has now. What is damaged
//! stays as it is.

use crate::check::{Damage, unless_damaged};
use crate::error::{Error, Result};
use crate::limits::{FILES_AT_A_TIME, SMALL_FILE_ROWS};
use crate::rules::{HELD, Rules};
use std::collections::{BTreeMap, BTreeSet};
use store::{Classes, Column, FileOf, Kept, Replaced, StoredRow, Writer};

/// What was done for a day.
#[derive(Debug)]
pub struct Compacted {
    /// The day, as `2026-11-01`.
    pub day: String,
    /// What became of its files.
    pub kept: Kept,
    /// Files that are damaged, and left as they are.
    pub damage: Vec<Damage>,
}

/// Puts files together, day by day; `tell` is called after each day with what is done and the bytes
/// of days that are not.
pub fn compact(
    writer: &mut Writer,
    rules: &Rules,
    now: jiff::Timestamp,
    mut tell: impl FnMut(Compacted, u64),
) -> Result<Kept> {
    let classes = rules.classes();
    let days = days(writer);
    let bytes = |files: &[FileOf]| files.iter().map(|it| it.size).sum::<u64>();
    let mut left: u64 = days.values().map(|files| bytes(files)).sum();
    let mut all = Kept::default();
    for (day, files) in days {
        let mut replaced = Replaced::default();
        let mut damage = Vec::new();
        for files in wanted(writer, &classes, &files, &mut damage)?.chunks(FILES_AT_A_TIME) {
            writer.rewrite(files, &mut replaced, |row| {
                Some(class_of(&classes, files, row))
            })?;
        }
        let kept = replaced.kept;
        writer.commit_replaced(replaced, "compact", &day, now)?;
        left = left.saturating_sub(bytes(&files));
        all += kept;
        tell(Compacted { day, kept, damage }, left);
    }
    Ok(all)
}

/// What is held stays held; `files` are all of that class or none is.
fn class_of<'a>(classes: &'a Classes, files: &[FileOf], row: StoredRow<'_>) -> &'a str {
    match files.first().is_some_and(|file| file.class == HELD) {
        true => HELD,
        false => classes.of(row.text(Column::AccountDomain).unwrap_or_default()),
    }
}

fn days(writer: &Writer) -> BTreeMap<String, Vec<FileOf>> {
    let mut days: BTreeMap<String, Vec<FileOf>> = BTreeMap::new();
    for file in writer.archive().files().iter().filter(|it| !it.is_open()) {
        days.entry(file.day.clone()).or_default().push(file.clone());
    }
    days
}

/// Files of a day that are better written anew: those of imports, small ones if there are others, and
/// those with rows of another class.
fn wanted(
    writer: &Writer,
    classes: &Classes,
    files: &[FileOf],
    damage: &mut Vec<Damage>,
) -> Result<Vec<FileOf>> {
    let mut wanted = BTreeSet::new();
    let of_class: BTreeSet<&str> = files.iter().map(|file| file.class.as_str()).collect();
    for class in of_class.into_iter().filter(|class| *class != HELD) {
        let here = || files.iter().filter(|file| file.class == class);
        let small = || here().filter(|file| file.is_part() || file.rows < SMALL_FILE_ROWS);
        if here().any(FileOf::is_part) || small().count() > 1 {
            wanted.extend(small().map(|file| file.path.clone()));
        }
        for file in here() {
            let is_of_others = is_of_others(writer, classes, file);
            if unless_damaged(writer, file, is_of_others, damage)? == Some(true) {
                wanted.insert(file.path.clone());
            }
        }
    }
    let mut whole = Vec::new();
    for file in files.iter().filter(|file| wanted.contains(&file.path)) {
        let proof = writer.archive().prove(file).map_err(Error::from);
        if unless_damaged(writer, file, proof, damage)?.is_some() {
            whole.push(file.clone());
        }
    }
    Ok(whole)
}

/// Whether a file has rows that belong to another class by now.
fn is_of_others(writer: &Writer, classes: &Classes, file: &FileOf) -> Result<bool> {
    let archive = writer.archive();
    let blocks = archive.wait(async {
        let opened = archive.file(file).await?;
        let all: Vec<u32> = (0..opened.blocks()).collect();
        opened.read(&all, &[Column::AccountDomain]).await
    })?;
    let is_other = |block: &store::Block| {
        (0..block.view.rows()).any(|row| {
            let domain = block.view.text(Column::AccountDomain, row);
            classes.of(domain.unwrap_or_default()) != file.class
        })
    };
    Ok(blocks.iter().any(is_other))
}
