//! `waybill import`: logs into the archive.

use crate::Ended;
use crate::archive::open_or_create;
use crate::args::Import;
use crate::input::Logs;
use record::{Imported, Options};
use std::time::Instant;

#[expect(
    clippy::disallowed_methods,
    reason = "how long it took is told to people, and nothing depends on it"
)]
pub(crate) fn run(command: &Import) -> anyhow::Result<Ended> {
    let logs = Logs::find(&command.input)?;
    let folder = command.data.folder();
    let writer = open_or_create(&folder)?;
    let options = Options {
        anew: command.force,
        ..Options::default()
    };
    let begun = Instant::now();
    let (_, imported) = logs.with_progress(|progress| {
        record::import(writer, &logs.sets, &logs.settings, options, progress)
    })?;
    tell(&imported, begun.elapsed().as_secs_f64(), &folder);
    Ok(logs.tell_problems(&imported.problems, imported.lines_read))
}

fn tell(imported: &Imported, seconds: f64, folder: &std::path::Path) {
    let Imported {
        lines_read,
        lines_taken,
        unknown,
        bytes_taken,
        rows,
        bytes_written,
        ..
    } = *imported;
    let there = lines_read - lines_taken;
    let mut out = format!("{lines_taken} lines imported into {}", folder.display());
    if there > 0 {
        out += &format!("; {there} were there already");
    }
    anstream::println!("{out}");
    if lines_taken > 0 {
        let rate = lines_taken as f64 / seconds.max(1e-3);
        let per_line = bytes_written as f64 / lines_taken as f64;
        anstream::println!(
            "{rows} rows, {unknown} lines that no rule knows; {bytes_taken} bytes of log became \
             {bytes_written} ({per_line:.1} a line), {seconds:.1} s, {rate:.0} lines/s"
        );
    }
}
