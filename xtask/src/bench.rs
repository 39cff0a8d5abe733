//! `cargo xtask bench`: speed and memory on a generated log, each beside its peer in the same run.
//!
//! Measured are parsing and correlation on one core (no peer), `waybill report` beside pflogsumm,
//! and `waybill trace` beside `rg -F`. Each figure is the median of several runs over a file in the
//! page cache. Not measured: reading from a cold disk, compressed files.

#[cfg(feature = "bench")]
mod families;
#[cfg(feature = "bench")]
mod lines;
#[cfg(feature = "bench")]
mod log;
#[cfg(feature = "bench")]
mod machine;
#[cfg(feature = "bench")]
mod programs;
#[cfg(feature = "bench")]
mod table;
#[cfg(feature = "bench")]
mod timing;

use crate::shell;

/// Measures speed and memory beside the peers (pflogsumm, ripgrep).
#[derive(clap::Args)]
pub(crate) struct Bench {
    /// Which figures [default: all].
    #[arg(value_enum)]
    names: Vec<Name>,
    /// Length of the generated log.
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    lines: u64,
    /// Runs of each; the median counts.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Gives pflogsumm the whole log too, not its beginning.
    #[arg(long)]
    full: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Name {
    /// Lines taken apart a second, one core.
    Parse,
    /// Lines of each family of programs taken apart a second, one core.
    Families,
    /// Lines taken apart and joined a second, one core.
    Correlate,
    /// `waybill report` beside pflogsumm, and its memory.
    Report,
    /// `waybill trace` of one Message-ID beside `rg -F`.
    Trace,
}

pub(crate) fn run(verb: &Bench) -> anyhow::Result<()> {
    if let Some(result) = shell::again_in_release(&["bench"]) {
        return result;
    }
    measure(verb)
}

#[cfg(not(feature = "bench"))]
fn measure(verb: &Bench) -> anyhow::Result<()> {
    let Bench {
        names,
        lines,
        runs,
        full,
    } = verb;
    anyhow::bail!(
        "built without the feature `bench`: cannot measure {} figures of {lines} lines \
         {runs} times (full: {full})",
        names.len()
    )
}

#[cfg(feature = "bench")]
fn measure(verb: &Bench) -> anyhow::Result<()> {
    let log = log::Log::ready(verb.lines)?;
    let wanted = |name| verb.names.is_empty() || verb.names.contains(&name);
    let mut table = table::Table::default();
    if wanted(Name::Parse) {
        lines::parse(&log, verb.runs, &mut table)?;
    }
    if wanted(Name::Families) {
        families::parse(verb.runs, &mut table);
    }
    if wanted(Name::Correlate) {
        lines::correlate(&log, verb.runs, &mut table)?;
    }
    if wanted(Name::Report) {
        programs::report(&log, verb.runs, verb.full, &mut table)?;
    }
    if wanted(Name::Trace) {
        programs::trace(&log, verb.runs, &mut table)?;
    }
    println!("{}\n", machine::described()?);
    println!("{}\n", log.described()?);
    println!("{table}");
    Ok(())
}
