//! Lines a second on one core, in this process: parse, and parse with correlation.
//!
//! The file is read and framed by `ingest`; that is outside the figure for parsing, and shown in the
//! figure "read, frame, parse". Correlation includes everything: reading, framing, parsing, times,
//! with the text of open messages' lines kept, and is told in processor time. The log is in order, so
//! nothing is put in order here.

use super::log::Log;
use super::table::Table;
use super::timing::{Busy, Watch, median};
use correlate::{Correlator, Read, Settings, Sink};
use ingest::{Batch, SetReader};
use jiff::tz::TimeZone;
use model::{Line, LineId, Link, Row, Timestamp};
use std::hint::black_box;

pub(crate) fn parse(log: &Log, runs: u32, table: &mut Table) -> anyhow::Result<()> {
    let (mut parsing, mut all) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let whole = Watch::start();
        let (mut lines, mut seconds) = (0, 0.0);
        each_batch(log, |batch| {
            let watch = Watch::start();
            for line in batch.lines() {
                black_box(parse::line(black_box(line.readable)));
                lines += 1;
            }
            seconds += watch.seconds();
        });
        parsing.push(million_a_second(lines, seconds));
        all.push(million_a_second(lines, whole.seconds()));
        eprintln!("parse: {:.3} s of {:.3} s", seconds, whole.seconds());
    }
    table.add_alone(
        "parse, one core",
        &lines_a_second(median(parsing)),
        "1.5 M lines/s",
    );
    table.add_alone(
        "read, frame, parse, one core",
        &lines_a_second(median(all)),
        "",
    );
    Ok(())
}

pub(crate) fn correlate(log: &Log, runs: u32, table: &mut Table) -> anyhow::Result<()> {
    let mut rates = Vec::new();
    for _ in 0..runs {
        let watch = Busy::start();
        let mut clock = parse::Clock::new(TimeZone::UTC, Timestamp::MAX, None);
        let mut correlator = Correlator::new(Settings { keep_text: true });
        let mut counted = Counted::default();
        let mut lines = 0;
        each_batch(log, |batch| {
            for line in batch.lines() {
                let event = parse::line(line.readable);
                let (at, origin) = clock.understand(&event.stamp);
                let line = Line {
                    id: LineId(lines),
                    at,
                    raw: line.raw,
                };
                lines += 1;
                let read = Read {
                    event: &event,
                    origin,
                    line,
                };
                correlator.apply(read, &mut counted);
            }
        });
        correlator.finish(&mut counted);
        rates.push(million_a_second(lines, watch.seconds()));
        eprintln!(
            "correlate: {:.3} s, {} rows, {} links",
            watch.seconds(),
            counted.rows,
            counted.links
        );
        anyhow::ensure!(
            counted.lines == lines,
            "{lines} lines went in, {} came out in rows",
            counted.lines
        );
    }
    table.add_alone(
        "parse + correlate, one core",
        &lines_a_second(median(rates)),
        "1 M lines/s",
    );
    Ok(())
}

#[derive(Default)]
struct Counted {
    rows: u64,
    lines: u64,
    links: u64,
}

impl Sink for Counted {
    fn row(&mut self, row: &Row<'_>) {
        self.rows += 1;
        self.lines += row.lines.len() as u64;
    }

    fn link(&mut self, _: &Link) {
        self.links += 1;
    }
}

fn each_batch(log: &Log, mut take: impl FnMut(&Batch)) {
    let found = ingest::find(&[log.path.clone().into_os_string()]);
    for set in &found.sets {
        let mut reader: SetReader = set.reader();
        let mut reuse = None;
        while let Some(batch) = reader.next_batch(reuse.take()) {
            take(&batch);
            reuse = Some(batch);
        }
    }
}

pub(crate) fn million_a_second(lines: u64, seconds: f64) -> f64 {
    lines as f64 / seconds / 1e6
}

pub(crate) fn lines_a_second(million: f64) -> String {
    format!("{million:.2} M lines/s")
}
