//! `waybill status`: how the daemon does. Its exit code is 0 if lines are taken into the archive, 1 if
//! they wait in the journal, 2 if there is no daemon.

use crate::Ended;
use crate::args::{ERROR, Status};
use crate::asker::Asker;
use crate::serve::Daemon;
use crate::shown::{instant, second, visible};
use serde_json::{Value, json};

pub(crate) fn run(command: &Status, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let daemon = asker.daemon(&command.data)?;
    let trouble = daemon.storing.trouble();
    if command.json {
        writeln!(asker.out, "{}", document(daemon))?;
        return Ok(Ended::by(trouble.is_some()));
    }
    let archive = daemon.view.archive();
    let files = archive.files();
    let bytes: u64 = files.iter().map(|file| file.size).sum();
    let began = daemon.began.as_nanos() / 1_000;
    let (lines, held) = (daemon.journal_lines(), daemon.journal_bytes());
    let held_max = daemon.journal_bytes_max;
    let (hot, free) = (daemon.hot_rows(), daemon.free_bytes());
    match &trouble {
        None => writeln!(asker.out, "lines are taken into the archive")?,
        Some(trouble) => writeln!(asker.out, "{ERROR}{}{ERROR:#}", visible(trouble))?,
    }
    let began = second(began, &asker.manner.zone);
    let mb = |bytes: u64| bytes as f64 / 1e6;
    writeln!(asker.out, "since    {began}")?;
    writeln!(
        asker.out,
        "journal  {lines} lines, {:.1} MB of {:.0} MB",
        mb(held),
        mb(held_max)
    )?;
    writeln!(asker.out, "memory   {hot} rows")?;
    writeln!(
        asker.out,
        "archive  {:.1} MB in {} files",
        mb(bytes),
        files.len()
    )?;
    if let Some(free) = free {
        writeln!(asker.out, "disk     {:.0} MB are free", mb(free))?;
    }
    Ok(Ended::by(trouble.is_some()))
}

/// The same for programs.
pub(crate) fn document(daemon: &Daemon) -> Value {
    let trouble = daemon.storing.trouble();
    let archive = daemon.view.archive();
    let bytes: u64 = archive.files().iter().map(|file| file.size).sum();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "is_ready": trouble.is_none(), "trouble": trouble,
        "began": instant(daemon.began.as_nanos() / 1_000),
        "journal_lines": daemon.journal_lines(), "journal_bytes": daemon.journal_bytes(),
        "journal_bytes_max": daemon.journal_bytes_max, "hot_rows": daemon.hot_rows(),
        "archive_files": archive.files().len(), "archive_bytes": bytes,
        "disk_free_bytes": daemon.free_bytes(),
    })
}
