//! `waybill parse --stats`: lines per program and rule, and what no rule knows.

use crate::Ended;
use crate::input::Logs;
use bstr::{BString, ByteSlice};
use pipeline::Place;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;

/// Lines of one program.
#[derive(Default)]
struct Program {
    lines: u64,
    rules: HashMap<&'static str, u64>,
    samples: Vec<(Place, BString)>,
}

pub(super) fn run(logs: &Logs, samples: usize) -> anyhow::Result<Ended> {
    let mut programs: BTreeMap<BString, Program> = BTreeMap::new();
    let outcome = logs.with_progress(|progress| {
        pipeline::run(&logs.sets, &logs.settings, progress, |read| {
            let event = read.event;
            let program = match programs.get_mut(event.program.as_bytes()) {
                Some(program) => program,
                None => programs.entry(event.program.to_owned()).or_default(),
            };
            program.lines += 1;
            *program.rules.entry(event.rule).or_default() += 1;
            if event.rule.is_empty() && program.samples.len() < samples {
                let start = read.line.raw.len().min(SAMPLE_BYTES_MAX);
                let sample = BString::from(&read.line.raw[..start]);
                program.samples.push((Place::of(read.line.id), sample));
            }
        })
    });
    let mut out = anstream::stdout().lock();
    let mut by_lines: Vec<_> = programs.iter().collect();
    by_lines.sort_by_key(|(name, program)| (std::cmp::Reverse(program.lines), *name));
    for (name, program) in by_lines {
        write_program(&mut out, &shown(name), program, outcome.lines, logs)?;
    }
    let unknown: u64 = programs
        .values()
        .filter_map(|program| program.rules.get(""))
        .sum();
    writeln!(
        out,
        "{:>12}  lines in all, {unknown} ({:.3} %) not known",
        outcome.lines,
        percent(unknown, outcome.lines)
    )?;
    Ok(logs.tell_problems(&outcome.problems, outcome.lines))
}

/// So much of an unknown line is shown.
const SAMPLE_BYTES_MAX: usize = 300;

fn write_program(
    out: &mut impl Write,
    name: &str,
    program: &Program,
    all: u64,
    logs: &Logs,
) -> std::io::Result<()> {
    let bold = anstyle::Style::new().bold();
    let dim = anstyle::Style::new().dimmed();
    let name = if name.is_empty() {
        "(no program)"
    } else {
        name
    };
    writeln!(
        out,
        "{:>12}  {bold}{name}{bold:#}  {dim}{:.2} %{dim:#}",
        program.lines,
        percent(program.lines, all)
    )?;
    let mut rules: Vec<_> = program.rules.iter().collect();
    rules.sort_by_key(|&(rule, lines)| (std::cmp::Reverse(*lines), *rule));
    for (rule, lines) in rules {
        let rule = if rule.is_empty() { "not known" } else { rule };
        writeln!(out, "{lines:>16}  {rule}")?;
    }
    for (place, sample) in &program.samples {
        let path = logs.path(*place);
        writeln!(
            out,
            "{:16}  {dim}{path}:{}:{dim:#} {}",
            "",
            place.line,
            shown(sample)
        )?;
    }
    Ok(())
}

fn percent(part: u64, all: u64) -> f64 {
    if all == 0 {
        0.0
    } else {
        part as f64 * 100.0 / all as f64
    }
}

/// Text of a log, made harmless for a terminal.
fn shown(text: &[u8]) -> String {
    text.to_str_lossy()
        .chars()
        .flat_map(|c| {
            if c.is_control() {
                c.escape_default().collect::<Vec<_>>()
            } else {
                vec![c]
            }
        })
        .collect()
}
