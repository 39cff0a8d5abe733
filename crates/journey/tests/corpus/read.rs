//! The whole way of a log file: reader, parser, order, correlator, gathering.

use correlate::{Correlator, Sink};
use jiff::tz::TimeZone;
use journey::{Gathering, Journey, Refusal};
use model::{Body, ItemKey, Kind, Line, Link, NotificationKind, Row, Timestamp};
use pipeline::{Place, Settings, WINDOW_MS};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// What a file was read to.
pub(crate) struct Came {
    /// Lines that the reader gave.
    pub(crate) lines: u64,
    pub(crate) rows: Vec<RowTold>,
    pub(crate) journeys: Vec<Journey>,
    pub(crate) refusals: Vec<Refusal>,
}

/// What the tests want of a row.
pub(crate) struct RowTold {
    pub(crate) kind: Kind,
    pub(crate) program: String,
    /// Whether a Postfix daemon wrote the line.
    pub(crate) is_postfix: bool,
    pub(crate) item: Option<ItemKey>,
    /// Whether the message's client is known.
    pub(crate) has_client: bool,
    /// Process and begin of the session; `None` where the row tells of none.
    pub(crate) session: Option<(String, Option<u32>, Timestamp)>,
    /// Whether it tells of a non-delivery notification to the sender.
    pub(crate) non_delivery: bool,
    /// The lines by their numbers in the file, from 1.
    pub(crate) lines: Vec<u64>,
}

struct Told {
    gathering: Gathering,
    rows: Vec<RowTold>,
}

impl Sink for Told {
    fn row(&mut self, row: &Row<'_>) {
        self.rows.push(RowTold::new(row));
        self.gathering.row(row);
    }

    fn link(&mut self, link: &Link) {
        self.gathering.link(link);
    }
}

impl RowTold {
    fn new(row: &Row<'_>) -> Self {
        let process = || (row.label.to_string(), row.pid);
        RowTold {
            kind: row.kind,
            program: row.program.to_string(),
            is_postfix: row.label.starts_with(b"postfix") && row.label != row.program,
            item: row.item,
            has_client: row.message.is_some_and(|it| it.client_address().is_some()),
            session: row.session.map(|it| (process().0, process().1, it.started)),
            non_delivery: matches!(
                row.body,
                Some(Body::Notification(it))
                    if it.kind == NotificationKind::NonDelivery && !it.to_postmaster
            ),
            lines: row.lines.iter().map(number).collect(),
        }
    }
}

fn number(line: Line<'_>) -> u64 {
    Place::of(line.id).line
}

/// Reads a file, which may be packed.
pub(crate) fn file(path: &Path) -> Came {
    let found = ingest::find(&[path.into()]);
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    // The year of stamps that have none is fixed: the file's own time differs between copies.
    let settings = Settings {
        zone: TimeZone::UTC,
        year: Some(2024),
        now: Timestamp::from_seconds(1_800_000_000),
        window_ms: WINDOW_MS,
        host: None,
        workers: 1,
    };
    let mut correlator = Correlator::new(correlate::Settings { keep_text: true });
    let mut told = Told {
        gathering: Gathering::with_lines(),
        rows: Vec::new(),
    };
    let progress = Arc::new(AtomicU64::new(0));
    let outcome = pipeline::run(&found.sets, &settings, &progress, |read| {
        correlator.apply(read, &mut told);
    });
    correlator.finish(&mut told);
    let refusals = told.gathering.refusals();
    Came {
        lines: outcome.lines,
        rows: told.rows,
        journeys: told.gathering.journeys(),
        refusals,
    }
}

impl Came {
    /// How many rows are of a kind.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        let rows = self.rows.iter().filter(|it| it.is_postfix);
        rows.filter(|it| it.kind == kind).count()
    }

    /// How many queue items have a client.
    pub(crate) fn clients(&self) -> usize {
        let mut items: HashMap<ItemKey, bool> = HashMap::new();
        for row in self.rows.iter().filter(|it| it.is_postfix) {
            if let Some(item) = row.item {
                *items.entry(item).or_default() |= row.has_client;
            }
        }
        items.values().filter(|it| **it).count()
    }
}

/// The numbers of a journey's lines in the file.
pub(crate) fn line_numbers(journey: &Journey) -> Vec<u64> {
    let numbers = journey.lines.iter().map(|it| Place::of(it.id).line);
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    numbers
}
