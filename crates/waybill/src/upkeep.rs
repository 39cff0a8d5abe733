//! `waybill retention`, `erase`, `compact` and `check`: what is done to stored rows.

use crate::Ended;
use crate::args::{Check, Commit, Compact, ERROR, Erase, NOTE, Retention, RetentionCommand};
use crate::asker::Asker;
use crate::input::{now, progress_bar};
use crate::serve::chain;
use ::upkeep::{Damage, Rules};
use indicatif::ProgressBar;
use std::collections::BTreeMap;
use std::io::Write;
use store::{Archive, Kept, Vacuumed};

fn bar(archive: &Archive, quiet: bool) -> ProgressBar {
    progress_bar(archive.files().iter().map(|file| file.size).sum(), quiet)
}

pub(crate) fn retention(command: &Retention, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    if let Some(RetentionCommand::Apply { dry_run }) = command.command {
        return apply(command, dry_run, asker);
    }
    let archive = command.data.open()?;
    let root = archive.root();
    let is_json = match &command.command {
        None => false,
        Some(RetentionCommand::Show { json }) => *json,
        Some(command) => {
            Rules::change(root, |rules| change(rules, command))?;
            false
        }
    };
    show(&archive, &Rules::load(root)?, is_json)
}

fn change(rules: &mut Rules, command: &RetentionCommand) -> ::upkeep::Result<()> {
    match command {
        RetentionCommand::Apply { .. } | RetentionCommand::Show { .. } => Ok(()),
        RetentionCommand::Class { name, days } => rules.set_class(name, days.0),
        RetentionCommand::RemoveClass { name } => rules.remove_class(name),
        RetentionCommand::Domain { class, domains } => domains
            .iter()
            .try_for_each(|it| rules.set_domain(it, class)),
        RetentionCommand::Hold { name, query } => rules.hold(name, &query.join(" "), now()),
        RetentionCommand::Release { name } => rules.release(name),
    }
}

/// Has the daemon put on disk what it has in memory.
pub(crate) fn commit(command: &Commit, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    asker.daemon(&command.data)?;
    // What came before is stored before it is done.
    asker.with_writer(&command.data, |_, _| Ok(()))?;
    Ok(Ended::Answered)
}

fn show(archive: &Archive, rules: &Rules, json: bool) -> anyhow::Result<Ended> {
    let mut out = anstream::stdout().lock();
    let mut stored: BTreeMap<&str, (u64, u64, &str)> = BTreeMap::new();
    for file in archive.files() {
        let (rows, bytes, oldest) = stored.entry(&file.class).or_insert((0, 0, &file.day));
        *rows += file.rows;
        *bytes += file.size;
        *oldest = (*oldest).min(&file.day);
    }
    if json {
        let stored = stored.iter().map(|(class, (rows, bytes, oldest))| {
            let of = serde_json::json!({"rows": rows, "bytes": bytes, "oldest_day": oldest});
            ((*class).to_owned(), of)
        });
        let stored: serde_json::Map<_, _> = stored.collect();
        let told = serde_json::json!({"rules": rules, "stored": stored});
        writeln!(out, "{told}")?;
        return Ok(Ended::Answered);
    }
    let classes = rules.classes.keys().map(String::as_str);
    let mut classes: Vec<&str> = classes.chain(stored.keys().copied()).collect();
    classes.sort_unstable();
    classes.dedup();
    for class in classes {
        let kept = match rules.days(class) {
            _ if class == ::upkeep::HELD => "while held".to_owned(),
            Some(days) => format!("{days} days"),
            None => "for ever".to_owned(),
        };
        write!(out, "{class:<20} {kept:<12}")?;
        match stored.get(class) {
            Some((rows, bytes, oldest)) => {
                writeln!(out, " {rows} rows since {oldest}, {bytes} bytes")?;
            }
            None => writeln!(out, " nothing stored")?,
        }
        for (domain, _) in rules.domains.iter().filter(|(_, of)| *of == class) {
            writeln!(out, "    {domain}")?;
        }
        let of_customers = rules.customers.values().filter(|of| *of == class).count();
        if of_customers > 0 {
            writeln!(out, "    {of_customers} domains of customers")?;
        }
    }
    for (name, hold) in &rules.holds {
        writeln!(out, "held for {name} since {}: {}", hold.since, hold.query)?;
    }
    Ok(Ended::Answered)
}

fn apply(command: &Retention, dry_run: bool, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let (expired, freed) = asker.with_writer(&command.data, move |writer, rules| {
        let expired = ::upkeep::expire(writer, rules, now(), dry_run)?;
        let freed = match dry_run {
            true => None,
            false => Some(writer.vacuum()?),
        };
        Ok((expired, freed))
    })?;
    let mut all = Kept::default();
    let mut damage = Vec::new();
    for part in expired {
        let Kept {
            rows,
            rows_gone,
            lines_gone,
            ..
        } = part.kept;
        let held = if rows > 0 {
            format!(", {rows} rows stay")
        } else {
            String::new()
        };
        writeln!(
            asker.out,
            "{} {:<20} {rows_gone} rows of {lines_gone} lines{held}",
            part.day, part.class
        )?;
        all += part.kept;
        damage.extend(part.damage);
    }
    let verb = if dry_run { "would go" } else { "went" };
    writeln!(
        asker.out,
        "{} rows of {} lines {verb}",
        all.rows_gone, all.lines_gone
    )?;
    freed.map_or(Ok(()), |freed| tell_freed(freed, asker))?;
    tell_left(&damage, asker)
}

/// What no version needed and was removed.
fn tell_freed(freed: Vacuumed, asker: &mut Asker<'_>) -> anyhow::Result<()> {
    let Vacuumed {
        files,
        bytes,
        files_in_use,
        ..
    } = freed;
    writeln!(asker.out, "{files} files of {bytes} bytes removed")?;
    if files_in_use > 0 {
        writeln!(
            asker.notes,
            "{NOTE}note:{NOTE:#} {files_in_use} files are still read by others; `waybill compact` \
             removes them later"
        )?;
    }
    Ok(())
}

pub(crate) fn compact(command: &Compact, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let is_quiet = command.quiet || asker.daemon.is_some();
    let (kept, damage, freed) = asker.with_writer(&command.data, move |writer, rules| {
        let bar = bar(writer.archive(), is_quiet);
        let total = bar.length().unwrap_or(0);
        let mut damage = Vec::new();
        let kept = ::upkeep::compact(writer, rules, now(), |done, left| {
            bar.set_position(total.saturating_sub(left));
            damage.extend(done.damage);
        })?;
        bar.finish_and_clear();
        Ok((kept, damage, writer.vacuum()?))
    })?;
    let Kept {
        files,
        bytes,
        bytes_now,
        rows,
        ..
    } = kept;
    writeln!(
        asker.out,
        "{files} files with {rows} rows written anew: {bytes} bytes became {bytes_now}"
    )?;
    tell_freed(freed, asker)?;
    tell_left(&damage, asker)
}

/// What is damaged and was left as it is.
fn tell_left(damage: &[Damage], asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    if damage.is_empty() {
        return Ok(Ended::Answered);
    }
    tell_damage(damage, asker.out)?;
    writeln!(
        asker.notes,
        "{NOTE}note:{NOTE:#} damaged files were left as they are; `waybill check --rebuild` mends \
         those of which all rows can be read"
    )?;
    Ok(Ended::Partly)
}

fn tell_damage(damage: &[Damage], out: &mut dyn Write) -> std::io::Result<()> {
    for damage in damage {
        writeln!(out, "{ERROR}damaged:{ERROR:#} {}", damage.file.path)?;
        for what in &damage.what {
            writeln!(out, "    {what}")?;
        }
    }
    Ok(())
}

pub(crate) fn erase(command: &Erase, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let is_quiet = command.quiet || asker.daemon.is_some();
    let (address, is_dry) = (command.address.clone(), !command.yes);
    let erased = asker.with_writer(&command.data, move |writer, rules| {
        let bar = bar(writer.archive(), is_quiet);
        let tell = |looked| bar.set_position(looked);
        let erased = ::upkeep::erase(writer, rules, &address, now(), is_dry, tell)?;
        bar.finish_and_clear();
        Ok(erased)
    })?;
    for (kind, rows) in &erased.kinds {
        writeln!(asker.out, "{rows:>10}  {kind}")?;
    }
    let (verb, kept) = (if command.yes { "erased" } else { "would go" }, erased.kept);
    let (rows, lines) = (kept.rows_gone, kept.lines_gone);
    writeln!(asker.out, "{rows:>10}  rows of {lines} lines {verb}")?;
    if erased.held > 0 {
        writeln!(
            asker.out,
            "{:>10}  rows stay, for they are held",
            erased.held
        )?;
    }
    if erased.open > 0 {
        writeln!(
            asker.out,
            "{:>10}  rows stay until they are complete (open sessions, queued messages): erase \
             again later",
            erased.open
        )?;
    }
    let in_use = erased.vacuumed.files_in_use;
    if in_use > 0 {
        writeln!(
            asker.notes,
            "{NOTE}note:{NOTE:#} {in_use} files with what was erased are still read by others; \
             `waybill compact` removes them when they are done"
        )?;
    }
    if !command.yes && rows > 0 {
        writeln!(
            asker.notes,
            "{NOTE}note:{NOTE:#} nothing was erased; `--yes` does it"
        )?;
    }
    match rows + erased.held + erased.open {
        0 if erased.damage.is_empty() => Ok(Ended::NothingFound),
        _ => tell_left(&erased.damage, asker),
    }
}

pub(crate) fn check(command: &Check) -> anyhow::Result<Ended> {
    let archive = command.data.open()?;
    let bar = bar(&archive, command.quiet);
    let findings = ::upkeep::check(&archive, |read| bar.set_position(read))?;
    bar.finish_and_clear();
    let mut out = anstream::stdout().lock();
    tell_damage(&findings.damage, &mut out)?;
    let (lines, gone, taken) = (findings.lines, findings.lines_gone, findings.lines_taken);
    writeln!(
        out,
        "{} rows of {lines} lines in {} files read, {} bytes",
        findings.rows, findings.files, findings.bytes
    )?;
    if gone > 0 {
        writeln!(out, "{gone} lines expired or were erased")?;
    }
    for error in &findings.unknown {
        let error = chain(error);
        writeln!(
            out,
            "{ERROR}damaged:{ERROR:#} it is not known how many lines there should be: {error}"
        )?;
    }
    if !findings.do_sums_agree() && findings.unknown.is_empty() {
        let missing = i128::from(taken) - i128::from(lines) - i128::from(gone);
        writeln!(
            out,
            "{ERROR}sums differ:{ERROR:#} {taken} lines were imported, {missing} are missing"
        )?;
    }
    if findings.is_clean() {
        writeln!(out, "all is as it was written")?;
        return Ok(Ended::Answered);
    }
    let agree = findings.do_sums_agree();
    let mended = command.rebuild && rebuild(command, archive, &findings.damage, &mut out)?;
    Ok(match mended && agree {
        true => Ended::Answered,
        false => Ended::Partly,
    })
}

/// Mends what can be mended; whether that was all.
fn rebuild(
    command: &Check,
    archive: Archive,
    damage: &[Damage],
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    drop(archive);
    let (mut writer, _) = command.data.open_to_write()?;
    let mended = ::upkeep::rebuild(&mut writer, damage, now())?;
    writeln!(
        out,
        "{mended} of {} damaged files written anew",
        damage.len()
    )?;
    let freed = writer.vacuum()?;
    writeln!(
        out,
        "{} files of {} bytes removed",
        freed.files, freed.bytes
    )?;
    Ok(mended == damage.len() as u64)
}
