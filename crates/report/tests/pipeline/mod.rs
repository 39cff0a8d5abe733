//! A log through parser, correlator and tally.

use correlate::{Correlator, Read, Settings, Sink};
use model::{Line, LineId, Link, Row, Timestamp};
use report::{Coverage, Summary, Tally};

struct Counting(Tally);

impl Sink for Counting {
    fn row(&mut self, row: &Row<'_>) {
        self.0.row(row);
    }

    fn link(&mut self, link: &Link) {
        self.0.link(link);
    }
}

/// What we say of a log.
pub(crate) fn summary_of(log: &[u8]) -> Summary {
    let late = Timestamp::from_seconds(1_795_000_000);
    let mut clock = parse::Clock::new(jiff::tz::TimeZone::UTC, late, None);
    let mut correlator = Correlator::new(Settings { keep_text: false });
    let mut counting = Counting(Tally::new());
    let mut coverage = Coverage {
        files: 1,
        zone: "UTC".to_owned(),
        ..Coverage::default()
    };
    for raw in log.split(|&byte| byte == b'\n') {
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        if raw.is_empty() {
            continue;
        }
        let event = parse::line(raw);
        let (at, origin) = clock.understand(&event.stamp);
        let id = LineId(coverage.lines);
        coverage.lines += 1;
        coverage.unknown += u64::from(event.rule.is_empty());
        let line = Line { id, at, raw };
        let read = Read {
            event: &event,
            origin,
            line,
        };
        correlator.apply(read, &mut counting);
    }
    correlator.finish(&mut counting);
    counting.0.finish(coverage)
}
