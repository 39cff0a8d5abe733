//! The one loop: lines are read, taken apart, put in order of time, and handed on one by one.
//!
//! Sets of rotated files are read side by side. Workers frame and parse batches in parallel; the
//! caller's thread puts the events in order ([`Ordering`](mod@self): by time, then by place in the
//! file, within a window) and takes them, so that what it does with them needs no lock. Memory is
//! bounded by the batches that lie within the window.
//!
//! It is not for what lines mean (`parse`), nor for joining them (`correlate`).

mod arrivals;
mod limits;
mod once;
mod order;
mod parsed;
mod scan;
mod seek;
mod workers;

pub use arrivals::{Arrival, ArrivalSettings, Arrivals, Given};
pub use scan::scan;
pub use seek::{Found, Seed, seek};

use bstr::BString;
use correlate::Read;
use ingest::{LogSet, Problem};
use jiff::tz::TimeZone;
use model::{Event, Timestamp};
use order::Order;
use parsed::ParsedBatch;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{SystemTime, UNIX_EPOCH};
use workers::Workers;

/// How logs are read.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Zone of stamps that have none.
    pub zone: TimeZone,
    /// Year of the first stamp that has none; `None` to infer it from the file's time.
    pub year: Option<i16>,
    /// The time of what has no file time (standard input).
    pub now: Timestamp,
    /// Lines are put in order within this many milliseconds of log time.
    pub window_ms: i64,
    /// Host of lines that name none; `None` to leave it empty.
    pub host: Option<BString>,
    /// Threads that read and parse beside the caller's own; at least one is used.
    pub workers: usize,
}

/// Lines of hosts and processes get out of order by seconds at the most when syslog daemons write
/// them; five is what E.3 of the correlation reference asks for.
pub const WINDOW_MS: i64 = 5_000;

/// A file that is read, by the number that a [`model::LineId`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index of the set.
    pub set: usize,
    /// Index of the file in the set.
    pub file: usize,
    /// Line number in the file, from 1.
    pub line: u64,
}

const LINE_BITS: u32 = 40;
const FILE_BITS: u32 = 10;

impl Place {
    /// The id that stands for this place: 14 bits of set, 10 of file, 40 of line.
    fn id(self) -> model::LineId {
        let set_and_file = ((self.set as u64) << FILE_BITS) | self.file as u64;
        model::LineId((set_and_file << LINE_BITS) | (self.line & ((1 << LINE_BITS) - 1)))
    }

    /// The place that an id stands for.
    pub fn of(id: model::LineId) -> Self {
        let set_and_file = id.0 >> LINE_BITS;
        Place {
            set: (set_and_file >> FILE_BITS) as usize,
            file: (set_and_file & ((1 << FILE_BITS) - 1)) as usize,
            line: id.0 & ((1 << LINE_BITS) - 1),
        }
    }
}

/// What was read.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Lines read; each was handed on once.
    pub lines: u64,
    /// Bytes of lines, without line ends.
    pub bytes: u64,
    /// What could not be read, or only in part.
    pub problems: Vec<Problem>,
}

/// Where a line stands among those of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Index of the set.
    pub set: usize,
    /// Index of the file in the set.
    pub file: usize,
    /// How many lines of the file are before it.
    pub index: u64,
}

/// Reads all sets and hands each line on, in order of time. `progress` counts bytes as on disk.
pub fn run(
    sets: &[LogSet],
    settings: &Settings,
    progress: &Arc<AtomicU64>,
    mut take: impl FnMut(Read<'_>),
) -> Outcome {
    run_with_positions(sets, settings, progress, |read, _| take(read))
}

/// As [`run`], and tells of each line where it stands.
pub fn run_with_positions(
    sets: &[LogSet],
    settings: &Settings,
    progress: &Arc<AtomicU64>,
    mut take: impl FnMut(Read<'_>, Position),
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut workers = Workers::start(sets, settings.workers.max(1), progress);
    let mut order = Order::new(sets, settings);
    while let Some(set) = order.most_behind() {
        match workers.next_batch(set) {
            Some(batch) => order.add(set, batch),
            None => order.end(set),
        }
        order.give_out(&mut |batch: &ParsedBatch, line: u32, (at, origin)| {
            outcome.lines += 1;
            let position = batch.position(line);
            batch.with(line, at, |event, raw| {
                outcome.bytes += raw.raw.len() as u64;
                with_host(event, settings, |event| {
                    let read = Read {
                        event,
                        origin,
                        line: raw,
                    };
                    take(read, position);
                });
            });
        });
        workers.recycle(order.spent());
    }
    outcome.problems = workers.finish();
    outcome
}

/// Shows an event with the host that lines without one are from.
#[inline]
fn with_host(event: &Event<'_>, settings: &Settings, show: impl FnOnce(&Event<'_>)) {
    match &settings.host {
        Some(host) if event.host.is_empty() => show(&Event {
            host: host.as_ref(),
            ..event.clone()
        }),
        _ => show(event),
    }
}

/// A file time as a timestamp.
pub fn timestamp(time: SystemTime) -> Timestamp {
    let seconds = time
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
}
