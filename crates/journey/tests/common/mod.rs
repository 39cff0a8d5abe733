//! Lines in, journeys out, as the tests of this crate need it.

use correlate::{Correlator, Read, Settings, Sink};
use jiff::tz::TimeZone;
use journey::{Gathering, Journey, Refusal};
use model::{Line, LineId, Link, Row, Timestamp};

/// The whole way of a log: parser, correlator, gathering.
pub(crate) struct Way {
    clock: parse::Clock,
    correlator: Correlator,
    sink: Gatherer,
    lines: u64,
}

struct Gatherer {
    gathering: Gathering,
    unknown: Vec<String>,
}

impl Sink for Gatherer {
    fn row(&mut self, row: &Row<'_>) {
        if row.kind == model::Kind::Unknown && self.unknown.len() < 20 {
            let lines = row.lines.iter();
            self.unknown
                .extend(lines.map(|it| String::from_utf8_lossy(it.raw).into_owned()));
        }
        self.gathering.row(row);
    }

    fn link(&mut self, link: &Link) {
        self.gathering.link(link);
    }
}

/// What came out.
pub(crate) struct Came {
    pub(crate) journeys: Vec<Journey>,
    pub(crate) refusals: Vec<Refusal>,
    /// The first lines that no rule knows.
    pub(crate) unknown: Vec<String>,
}

impl Way {
    pub(crate) fn new(keep_lines: bool) -> Self {
        let latest = Timestamp::from_seconds(1_800_000_000);
        let gathering = match keep_lines {
            true => Gathering::with_lines(),
            false => Gathering::without_lines(),
        };
        Way {
            clock: parse::Clock::new(TimeZone::UTC, latest, None),
            correlator: Correlator::new(Settings {
                keep_text: keep_lines,
            }),
            sink: Gatherer {
                gathering,
                unknown: Vec::new(),
            },
            lines: 0,
        }
    }

    pub(crate) fn line(&mut self, raw: &[u8]) {
        let event = parse::line(raw);
        let (at, origin) = self.clock.understand(&event.stamp);
        let id = LineId(self.lines);
        self.lines += 1;
        let read = Read {
            event: &event,
            origin,
            line: Line { id, at, raw },
        };
        self.correlator.apply(read, &mut self.sink);
    }

    /// Reads a file as a user's logs are read.
    #[allow(dead_code, reason = "not every test target reads files")]
    pub(crate) fn file(mut self, path: &std::path::Path) -> Came {
        let settings = pipeline::Settings {
            zone: TimeZone::UTC,
            year: None,
            now: Timestamp::from_seconds(1_800_000_000),
            window_ms: pipeline::WINDOW_MS,
            host: None,
            workers: 1,
        };
        let sets = ingest::find(&[path.into()]).sets;
        let Way {
            correlator, sink, ..
        } = &mut self;
        pipeline::run(&sets, &settings, &Default::default(), |read| {
            correlator.apply(read, sink)
        });
        self.end()
    }

    pub(crate) fn end(mut self) -> Came {
        self.correlator.finish(&mut self.sink);
        let refusals = self.sink.gathering.refusals();
        Came {
            journeys: self.sink.gathering.journeys(),
            refusals,
            unknown: self.sink.unknown,
        }
    }
}
