//! Reads lines and keeps what the correlator tells, as text that can be compared.

use correlate::{Correlator, Read, Settings, Sink};
use jiff::tz::TimeZone;
use model::{Line, LineId, Link, Row, Timestamp};

/// All that was told of some lines.
#[derive(Default)]
pub(crate) struct Telling {
    /// Each row with all it holds.
    pub(crate) rows: Vec<String>,
    /// Each row without times and keys.
    pub(crate) timeless: Vec<String>,
    /// Kinds of the rows.
    kinds: Vec<&'static str>,
    /// Message-ID of each thing that was done in a mailbox.
    pub(crate) stored: Vec<String>,
    /// Each link.
    pub(crate) links: Vec<String>,
    /// Numbers of the lines in rows.
    pub(crate) line_ids: Vec<u64>,
}

impl Telling {
    /// Kinds of the rows, in order.
    pub(crate) fn kinds(&self) -> String {
        self.kinds.join(" ")
    }
}

impl Sink for Telling {
    fn row(&mut self, row: &Row<'_>) {
        let lines: Vec<String> = row
            .lines
            .iter()
            .map(|line| String::from_utf8_lossy(line.raw).into_owned())
            .collect();
        self.line_ids.extend(row.lines.iter().map(|line| line.id.0));
        self.kinds.push(row.kind.name());
        self.rows.push(format!(
            "{} {} {:?} {:?} {:?} {:?} {lines:?}",
            row.at, row.host, row.kind, row.item, row.message, row.session
        ));
        if let Some(model::Body::Mailbox(it)) = row.body {
            self.stored.push(it.message_id.to_string());
        }
        let texts: Vec<&str> = lines
            .iter()
            .filter_map(|line| line.split_once(' '))
            .map(|it| it.1)
            .collect();
        self.timeless.push(format!(
            "{:?} {:?} {:?} {:?} {texts:?}",
            row.kind,
            row.queue_id,
            row.message.and_then(|it| it.mail_from()),
            row.message.and_then(|it| it.message_id()),
        ));
    }

    fn link(&mut self, link: &Link) {
        self.links.push(format!("{link:?}"));
    }
}

/// Reads lines; at each cut (a number of lines) the state is written and read back, and the rows of what is open are
/// those that an end would give.
pub(crate) fn tell(lines: &[Vec<u8>], cuts: &[usize]) -> Telling {
    tell_received(lines, cuts, None)
}

/// The same of lines that were received at a time.
pub(crate) fn tell_received(
    lines: &[Vec<u8>],
    cuts: &[usize],
    received: Option<Timestamp>,
) -> Telling {
    let mut telling = Telling::default();
    let mut correlator = Correlator::new(Settings { keep_text: true });
    let mut clock = parse::Clock::new(TimeZone::UTC, Timestamp::from_seconds(1_795_000_000), None);
    for (at, raw) in lines.iter().enumerate() {
        if cuts.contains(&at) {
            let snapshot = correlator.snapshot();
            let mut open = Telling::default();
            correlator.rows_of_open(&mut open);
            let mut ended = Telling::default();
            let restored = Correlator::restore(&snapshot);
            restored
                .expect("what was written can be read")
                .finish(&mut ended);
            assert_eq!(open.rows, ended.rows, "what is open is what would end here");
            correlator = Correlator::restore(&snapshot).expect("what was written can be read");
            let (read, again) = (correlator.snapshot(), Correlator::restore(&snapshot));
            assert!(
                again.expect("it was read before").snapshot() == read,
                "a state read back is the same each time"
            );
            let again = Correlator::restore(&read).expect("what was written can be read");
            assert!(
                read.len() == snapshot.len() && again.snapshot() == read,
                "a state read back is the state written"
            );
        }
        let event = parse::line(raw);
        let (time, origin) = clock.understand(&event.stamp);
        let line = Line {
            id: LineId(at as u64),
            at: time,
            raw,
        };
        received
            .into_iter()
            .for_each(|at| correlator.no_later_than(at));
        correlator.apply(
            Read {
                event: &event,
                origin,
                line,
            },
            &mut telling,
        );
    }
    correlator.finish(&mut telling);
    telling
}
