//! The machine and the day, without which a figure says nothing.

use crate::shell::{self, program};
use std::fs;
use std::time::SystemTime;

/// Date, processor, memory, compiler and commit, as a sentence each.
pub(crate) fn described() -> anyhow::Result<String> {
    let rustc = shell::output(program("rustc", ["--version"]))?;
    let commit = shell::output(program("git", ["describe", "--always", "--dirty"]))?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(format!(
        "{}, commit {}. {}, {cores} cores, {:.0} GB memory. {}.",
        today()?,
        commit.trim(),
        value("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned()),
        memory_gb(),
        rustc.trim(),
    ))
}

#[expect(clippy::disallowed_methods, reason = "figures carry their date")]
fn today() -> anyhow::Result<String> {
    let now = jiff::Timestamp::try_from(SystemTime::now())?;
    Ok(now.strftime("%Y-%m-%d").to_string())
}

fn memory_gb() -> f64 {
    let kib = value("/proc/meminfo", "MemTotal").unwrap_or_default();
    let kib: f64 = kib
        .split_whitespace()
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0.0);
    kib * 1024.0 / 1e9
}

/// What stands behind `name :` in a file of /proc.
fn value(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
