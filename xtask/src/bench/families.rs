//! Lines a second on one core for each family of programs: the samples of its rules, each as often
//! as the others, from memory, in processor time. A real log is faster, as its frequent lines are the first rules.

use super::lines::{lines_a_second, million_a_second};
use super::table::Table;
use super::timing::{Busy, median};
use std::hint::black_box;

/// Lines of one run; the samples are gone through as often as it takes.
const LINES: usize = 500_000;

pub(crate) fn parse(runs: u32, table: &mut Table) {
    for family in parse::families() {
        let samples: Vec<String> = family.samples().map(|(_, line)| line).collect();
        let rate = |_| {
            let watch = Busy::start();
            for line in samples.iter().cycle().take(LINES) {
                black_box(parse::line(black_box(line.as_bytes())));
            }
            million_a_second(LINES as u64, watch.seconds())
        };
        let rate = median((0..runs).map(rate).collect());
        eprintln!("{}: {}", family.name, lines_a_second(rate));
        table.add_alone(
            &format!("parse, samples of {}", family.name),
            &lines_a_second(rate),
            "1 M lines/s",
        );
    }
}
