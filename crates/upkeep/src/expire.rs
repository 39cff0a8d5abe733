//! Rows of a class whose time is over go, a day at a time; those that are held stay.

use crate::check::{Damage, unless_damaged};
use crate::error::Result;
use crate::rules::{HELD, Holds, Rules};
use jiff::civil::Date;
use std::collections::BTreeMap;
use store::{Column, FileOf, Kept, Replaced, StoredRow, Writer};

/// A day of a class that expired.
#[derive(Debug)]
pub struct Expired {
    /// The day, as `2026-11-01`.
    pub day: String,
    /// The class.
    pub class: String,
    /// What became of its rows; those that stay are held.
    pub kept: Kept,
    /// Files that are damaged, and stay: what would go with them is not known.
    pub damage: Vec<Damage>,
}

/// Lets go what is older than its class allows on a day; with `dry` it only tells what would.
pub fn expire(
    writer: &mut Writer,
    rules: &Rules,
    now: jiff::Timestamp,
    dry: bool,
) -> Result<Vec<Expired>> {
    let holds = rules.filters()?;
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut due: BTreeMap<(String, String), Vec<FileOf>> = BTreeMap::new();
    for file in writer.archive().files().iter().filter(|it| !it.is_open()) {
        if file.class == HELD || is_due(rules, &file.class, &file.day, today) {
            let part = (file.day.clone(), file.class.clone());
            due.entry(part).or_default().push(file.clone());
        }
    }
    let mut expired = Vec::new();
    for ((day, class), files) in due {
        let mut replaced = Replaced::default();
        let mut part = Part {
            writer,
            holds: &holds,
            replaced: &mut replaced,
            damage: Vec::new(),
            dry,
        };
        match class == HELD {
            true => part.let_go(rules, today, &files)?,
            false => part.expire(&files)?,
        }
        let damage = part.damage;
        if replaced.kept == Kept::default() && damage.is_empty() {
            continue;
        }
        let kept = replaced.kept;
        if !dry {
            writer.commit_replaced(replaced, "expire", &class, now)?;
        }
        expired.push(Expired {
            day,
            class,
            kept,
            damage,
        });
    }
    Ok(expired)
}

/// Whether rows of a day have been kept as long as their class says.
fn is_due(rules: &Rules, class: &str, day: &str, today: Date) -> bool {
    let (Some(days), Ok(day)) = (rules.days(class), day.parse::<Date>()) else {
        return false;
    };
    let age = today.since(day).map_or(0, |span| span.get_days());
    age > i32::try_from(days).unwrap_or(i32::MAX)
}

/// A day of a class at work.
struct Part<'a> {
    writer: &'a mut Writer,
    holds: &'a Holds,
    replaced: &'a mut Replaced,
    damage: Vec<Damage>,
    dry: bool,
}

impl Part<'_> {
    /// All goes but what is held.
    fn expire(&mut self, files: &[FileOf]) -> Result<()> {
        let mut without = Vec::new();
        let mut with_held = Vec::new();
        for file in files {
            let proof = self.prove(file).and_then(|()| self.may_be_held(file));
            match unless_damaged(self.writer, file, proof, &mut self.damage)? {
                Some(true) => with_held.push(file.clone()),
                Some(false) => without.push(file.clone()),
                None => {}
            }
        }
        self.writer.drop_files(&without, self.replaced)?;
        let holds = self.holds;
        self.rewrite(&with_held, |row| holds.ask_for(row).then_some(HELD))
    }

    /// Rows that no hold asks for any longer go back to their class, or go.
    fn let_go(&mut self, rules: &Rules, today: Date, files: &[FileOf]) -> Result<()> {
        let classes = rules.classes();
        let holds = self.holds;
        for file in files {
            let mut is_all_held = true;
            let look = |row: StoredRow<'_>| is_all_held &= holds.ask_for(row);
            let looked = self.prove(file);
            let looked = looked.and_then(|()| Ok(self.writer.archive().each_row(file, look)?));
            let is_whole = unless_damaged(self.writer, file, looked, &mut self.damage)?.is_some();
            if is_all_held || !is_whole {
                continue;
            }
            self.rewrite(std::slice::from_ref(file), |row| {
                if holds.ask_for(row) {
                    return Some(HELD);
                }
                let class = classes.of(row.text(Column::AccountDomain).unwrap_or_default());
                (!is_due(rules, class, &file.day, today)).then_some(class)
            })?;
        }
        Ok(())
    }

    fn prove(&self, file: &FileOf) -> Result<()> {
        Ok(self.writer.archive().prove(file)?)
    }

    fn may_be_held(&self, file: &FileOf) -> Result<bool> {
        if self.holds.is_empty() {
            return Ok(false);
        }
        let archive = self.writer.archive();
        let filter = self.holds.filter();
        let candidates =
            archive.wait(async { archive.file(file).await?.candidates(&filter).await })?;
        Ok(!candidates.is_empty())
    }

    fn rewrite<'c>(
        &mut self,
        files: &[FileOf],
        mut fate: impl FnMut(StoredRow<'_>) -> Option<&'c str>,
    ) -> Result<()> {
        if !self.dry {
            return Ok(self.writer.rewrite(files, self.replaced, fate)?);
        }
        let kept = &mut self.replaced.kept;
        for file in files {
            kept.files += 1;
            kept.bytes += file.size;
            self.writer
                .archive()
                .each_row(file, |row| match fate(row) {
                    Some(_) => kept.rows += 1,
                    None => {
                        kept.rows_gone += 1;
                        kept.lines_gone += row.lines().count() as u64;
                    }
                })?;
        }
        Ok(())
    }
}
