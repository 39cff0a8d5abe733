//! Counts the logs named, as `waybill report` does, and says how long each part took.
//!
//! `cargo run --release -p waybill-report --example speed -- FILE...`

use correlate::{Correlator, Settings, Sink};
use model::{Link, Row};
use report::Tally;
use std::sync::Arc;

struct Counting(Tally);

impl Sink for Counting {
    fn row(&mut self, row: &Row<'_>) {
        self.0.row(row);
    }

    fn link(&mut self, link: &Link) {
        self.0.link(link);
    }
}

struct Nothing;

impl Sink for Nothing {
    fn row(&mut self, _: &Row<'_>) {}
    fn link(&mut self, _: &Link) {}
}

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn main() {
    let mut args: Vec<std::ffi::OsString> = std::env::args_os().skip(1).collect();
    let what = args.remove(0);
    let sets = ingest::find(&args).sets;
    let settings = pipeline::Settings {
        zone: jiff::tz::TimeZone::UTC,
        year: None,
        now: model::Timestamp::from_seconds(1_800_000_000),
        window_ms: pipeline::WINDOW_MS,
        host: None,
        workers: 1,
    };
    let begun = std::time::Instant::now();
    let mut correlator = Correlator::new(Settings { keep_text: false });
    let mut counting = Counting(Tally::new());
    let mut lines = 0u64;
    let progress = Arc::default();
    pipeline::run(&sets, &settings, &progress, |read| {
        lines += 1;
        match what.to_str() {
            Some("order") => {}
            Some("correlate") => correlator.apply(read, &mut Nothing),
            _ => correlator.apply(read, &mut counting),
        }
    });
    correlator.finish(&mut counting);
    let seconds = begun.elapsed().as_secs_f64();
    // Nanoseconds on a processor come first. Source: Linux `Documentation/scheduler/sched-stats.rst`.
    let of_thread = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let busy = of_thread
        .split(' ')
        .next()
        .and_then(|it| it.parse::<f64>().ok());
    println!(
        "{what:?}: {lines} lines in {seconds:.2} s, this thread busy {:.2} s",
        busy.unwrap_or_default() / 1e9
    );
}
