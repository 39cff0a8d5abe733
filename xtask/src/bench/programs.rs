//! Whole programs beside their peers: wall time and memory.

use super::log::Log;
use super::table::Table;
use super::timing::{Run, median, run};
use crate::install;
use crate::shell::{self, cargo, program};
use std::path::PathBuf;

/// pflogsumm needs about nine seconds for a million lines; what it needs grows with the lines.
const LINES_FOR_PFLOGSUMM: u64 = 1_000_000;

pub(crate) fn report(log: &Log, runs: u32, full: bool, table: &mut Table) -> anyhow::Result<()> {
    install::run();
    let waybill = waybill()?;
    let ours = repeated(runs, || {
        let mut command = program(&waybill, ["report", "--quiet", "--timezone", "UTC"]);
        command.arg(&log.path);
        run(command)
    })?;
    let seconds = median(ours.iter().map(|run| run.seconds).collect());
    let peak = median(ours.iter().map(|run| run.peak_bytes as f64).collect());
    let rate = log.lines as f64 / seconds / 1e6;
    let own = format!("{seconds:.2} s ({rate:.2} M lines/s)");
    if shell::has("pflogsumm") {
        let lines = if full {
            log.lines
        } else {
            log.lines.min(LINES_FOR_PFLOGSUMM)
        };
        let part = log.beginning(lines)?;
        let peer = repeated(runs, || run(program("pflogsumm", [&part])))?;
        let measured = median(peer.iter().map(|run| run.seconds).collect());
        let scaled = measured * log.lines as f64 / lines as f64;
        let told = match lines == log.lines {
            true => format!("pflogsumm {measured:.1} s"),
            false => format!(
                "pflogsumm {scaled:.0} s ({measured:.1} s for the first {lines} lines, scaled)"
            ),
        };
        let times = format!("{:.1} times faster", scaled / seconds);
        table.add("`report`, wall", &own, &told, &times, "20 times faster");
    } else {
        table.add(
            "`report`, wall",
            &own,
            "no pflogsumm",
            "",
            "20 times faster",
        );
    }
    let peak = format!("{:.0} MB", peak / 1e6);
    table.add_alone("`report`, peak memory", &peak, "under 500 MB");
    Ok(())
}

pub(crate) fn trace(log: &Log, runs: u32, table: &mut Table) -> anyhow::Result<()> {
    install::run();
    let waybill = waybill()?;
    let message_id = log.message_id()?;
    let ours = repeated(runs, || {
        let mut command = program(&waybill, ["trace", "--quiet", "--timezone", "UTC"]);
        command.arg(&message_id).arg(&log.path);
        run(command)
    })?;
    let seconds = median(ours.iter().map(|run| run.seconds).collect());
    let own = format!("{seconds:.2} s");
    if shell::has("rg") {
        let peer = repeated(runs, || {
            let mut command = program("rg", ["--no-config", "-F", "--", &message_id]);
            command.arg(&log.path);
            run(command)
        })?;
        let peer = median(peer.iter().map(|run| run.seconds).collect());
        let told = format!("`rg -F` {peer:.2} s");
        let times = format!("{:.1} times as long", seconds / peer);
        table.add(
            "`trace` of a Message-ID",
            &own,
            &told,
            &times,
            "within 3 times",
        );
    } else {
        table.add(
            "`trace` of a Message-ID",
            &own,
            "no rg",
            "",
            "within 3 times",
        );
    }
    Ok(())
}

fn waybill() -> anyhow::Result<PathBuf> {
    shell::run(cargo([
        "build",
        "--quiet",
        "--release",
        "--package",
        "waybill",
    ]))?;
    Ok(shell::target_dir().join("release/waybill"))
}

fn repeated(runs: u32, mut once: impl FnMut() -> anyhow::Result<Run>) -> anyhow::Result<Vec<Run>> {
    (0..runs).map(|_| once()).collect()
}
