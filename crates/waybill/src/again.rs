//! Lines that were stored, taken apart and correlated again.

use correlate::{Correlator, Read, Sink};
use model::{Line, LineId, TimeOrigin, Timestamp};

/// Takes lines in order of time.
pub(crate) struct Again {
    correlator: Correlator,
    /// Lines taken.
    pub(crate) lines: u64,
    /// Lines that no rule knows.
    pub(crate) unknown: u64,
}

impl Again {
    /// `keep_text`: whether rows have their lines.
    pub(crate) fn new(keep_text: bool) -> Self {
        Again {
            correlator: Correlator::new(correlate::Settings { keep_text }),
            lines: 0,
            unknown: 0,
        }
    }

    /// Takes a line; its time in nanoseconds.
    pub(crate) fn line(&mut self, at: i64, raw: &[u8], out: &mut impl Sink) {
        let readable = ingest::readable(raw);
        let event = parse::line(&readable);
        let line = Line {
            id: LineId(self.lines),
            at: Timestamp::from_nanos(at),
            raw,
        };
        self.lines += 1;
        self.unknown += u64::from(event.rule.is_empty());
        let read = Read {
            event: &event,
            origin: TimeOrigin::Written,
            line,
        };
        self.correlator.apply(read, out);
    }

    /// Gives what is open.
    pub(crate) fn finish(mut self, out: &mut impl Sink) {
        self.correlator.finish(out);
    }
}
