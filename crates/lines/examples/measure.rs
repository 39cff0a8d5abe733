//! Bytes and time of the lines of a log, kept as the archive keeps them.
//!
//! `cargo run --release -p waybill-lines --example measure LOG...`; a log is made by
//! `cargo xtask gen --lines 1000000 --out DAY/`. The rows are those of the correlator, sorted by
//! account domain, account and time, in blocks of 4,096; their columns are all texts and numbers
//! that a row has. Each line is compared with what comes back. Not measured: the columns, and the time that it
//! takes to walk over them.

use correlate::{Correlator, Settings, Sink};
use lines::{Decoder, Encoder};
use model::{LineId, Link, Row, Value};
use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::Arc;

/// Rows of a block.
const BLOCK_ROWS: usize = 4_096;

/// A row as it is stored.
struct Stored {
    /// Domain and address of the account, for the order.
    account: (Vec<u8>, Vec<u8>),
    at: i64,
    /// Texts by slot.
    columns: Vec<(u16, Vec<u8>)>,
    lines: Vec<(i64, Vec<u8>)>,
}

#[derive(Default)]
struct Rows {
    all: Vec<Stored>,
    slots: HashMap<String, u16>,
    /// Times of the lines that are in no row yet.
    times: HashMap<LineId, i64>,
}

impl Rows {
    fn columns(&mut self, row: &Row<'_>) -> Vec<(u16, Vec<u8>)> {
        let mut columns = Vec::new();
        let mut put = |name: &str, value: &[u8]| {
            let next = self.slots.len() as u16;
            let slot = match self.slots.get(name) {
                Some(&slot) => slot,
                None => *self.slots.entry(name.to_owned()).or_insert(next),
            };
            if !value.is_empty() {
                columns.push((slot, value.to_owned()));
            }
        };
        put("host", row.host);
        put("label", row.label);
        put("program", row.program);
        put(
            "pid",
            row.pid
                .map(|pid| pid.to_string())
                .unwrap_or_default()
                .as_bytes(),
        );
        put("queue_id", row.queue_id.map_or(b"", |id| id.as_ref()));
        put("session_id", row.session_id);
        put("rcpt_to", row.rcpt_to.map_or(b"", |it| it.as_ref()));
        put(
            "orig_rcpt_to",
            row.orig_rcpt_to.map_or(b"", |it| it.as_ref()),
        );
        if let Some(facts) = row.message {
            for place in 0..14 {
                put(
                    &format!("message {place}"),
                    facts.texts().get(place).unwrap_or_default(),
                );
            }
            let numbers = [
                ("message size", facts.size),
                ("message recipients", facts.recipients.map(u64::from)),
                ("message uid", facts.uid.map(u64::from)),
                ("message port", facts.client_port.map(u64::from)),
            ];
            for (name, number) in numbers {
                put(
                    name,
                    number
                        .map(|it| it.to_string())
                        .unwrap_or_default()
                        .as_bytes(),
                );
            }
        }
        if let Some(facts) = row.session {
            for place in 0..8 {
                put(
                    &format!("session {place}"),
                    facts.texts().get(place).unwrap_or_default(),
                );
            }
            put(
                "session port",
                facts
                    .client_port
                    .map(|it| it.to_string())
                    .unwrap_or_default()
                    .as_bytes(),
            );
        }
        if let Some(facts) = row.tls {
            for place in 0..4 {
                put(
                    &format!("tls {place}"),
                    facts.texts().get(place).unwrap_or_default(),
                );
            }
        }
        if let Some(body) = row.body {
            body.each_field(&mut |name, value| match value {
                Value::Text(text) => put(name, text),
                Value::Word(word) => put(name, word.as_bytes()),
                Value::Number(number) => put(name, number.to_string().as_bytes()),
                Value::Signed(number) => put(name, number.to_string().as_bytes()),
                Value::Float(number) => put(name, number.to_string().as_bytes()),
                Value::Shown(it) => put(name, it.to_string().as_bytes()),
                Value::Flag(_) => {}
            });
        }
        columns
    }

    fn account(&self, columns: &[(u16, Vec<u8>)]) -> (Vec<u8>, Vec<u8>) {
        let names = [
            "rcpt_to",
            "user",
            "message 9",
            "session 7",
            "message 1",
            "mail_from",
        ];
        let find = |name: &str| {
            let slot = self.slots.get(name)?;
            columns
                .iter()
                .find(|(it, _)| it == slot)
                .map(|(_, text)| text.clone())
        };
        let address = names.iter().find_map(|name| find(name)).unwrap_or_default();
        let domain = address
            .rsplit(|&byte| byte == b'@')
            .next()
            .unwrap_or_default();
        (domain.to_owned(), address)
    }
}

impl Sink for Rows {
    fn row(&mut self, row: &Row<'_>) {
        let columns = self.columns(row);
        let lines = row.lines.iter().map(|line| {
            let time = self.times.remove(&line.id).expect("a line is in one row");
            (time, line.raw.to_owned())
        });
        let lines = lines.collect();
        self.all.push(Stored {
            account: self.account(&columns),
            at: row.at.as_nanos() / 1_000 * 1_000,
            columns,
            lines,
        });
    }

    fn link(&mut self, _: &Link) {}
}

fn rows_of(logs: &[OsString]) -> Rows {
    let found = ingest::find(logs);
    let settings = pipeline::Settings {
        zone: jiff::tz::TimeZone::UTC,
        year: None,
        now: model::Timestamp::from_seconds(1_795_000_000),
        window_ms: pipeline::WINDOW_MS,
        host: None,
        workers: 1,
    };
    let mut rows = Rows::default();
    let mut correlator = Correlator::new(Settings { keep_text: true });
    pipeline::run(&found.sets, &settings, &Arc::default(), |read| {
        rows.times.insert(read.line.id, read.at().as_nanos());
        correlator.apply(read, &mut rows);
    });
    correlator.finish(&mut rows);
    rows
}

/// Rows in their order, one after the other in memory as in a column store: else what is measured
/// is waiting for memory.
#[derive(Default)]
struct Sorted {
    bytes: Vec<u8>,
    /// Time of each row, and where its columns and lines end.
    rows: Vec<(i64, usize, usize)>,
    /// Slot and end of each text.
    columns: Vec<(u16, usize)>,
    /// Time and end of each line.
    lines: Vec<(i64, usize)>,
}

impl Sorted {
    fn of(mut rows: Vec<Stored>) -> Self {
        rows.sort_by(|a, b| (&a.account, a.at).cmp(&(&b.account, b.at)));
        let mut sorted = Sorted::default();
        for row in rows {
            for (slot, text) in row.columns {
                sorted.bytes.extend(text);
                sorted.columns.push((slot, sorted.bytes.len()));
            }
            for (at, line) in row.lines {
                sorted.bytes.extend(line);
                sorted.lines.push((at, sorted.bytes.len()));
            }
            let ends = (row.at, sorted.columns.len(), sorted.lines.len());
            sorted.rows.push(ends);
        }
        sorted
    }

    /// Shows time, columns and lines of each row from the start of a block on.
    fn each<'a>(
        &'a self,
        first: usize,
        slots: usize,
        mut show: impl FnMut(i64, &[&'a [u8]], &[(i64, &'a [u8])]),
    ) {
        let (mut columns, mut lines) = match first.checked_sub(1) {
            Some(before) => (self.rows[before].1, self.rows[before].2),
            None => (0, 0),
        };
        let line_end = lines
            .checked_sub(1)
            .map_or(0, |before| self.lines[before].1);
        let mut from = line_end;
        let mut known: Vec<&[u8]> = vec![b""; slots];
        let mut texts = Vec::new();
        for &(at, columns_end, lines_end) in self.rows[first..].iter().take(BLOCK_ROWS) {
            known.fill(b"");
            texts.clear();
            for &(slot, end) in &self.columns[columns..columns_end] {
                known[usize::from(slot)] = &self.bytes[from..end];
                from = end;
            }
            for &(time, end) in &self.lines[lines..lines_end] {
                texts.push((time, &self.bytes[from..end]));
                from = end;
            }
            (columns, lines) = (columns_end, lines_end);
            show(at, &known, &texts);
        }
    }
}

/// Nanoseconds that this thread has run.
fn ran_nanos() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("it runs on Linux");
    let first = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
    first.expect("it begins with a number")
}

fn main() {
    let logs: Vec<OsString> = std::env::args_os().skip(1).collect();
    let rows = rows_of(&logs);
    let slots = rows.slots.len();
    let rows = Sorted::of(rows.all);
    let firsts = || (0..rows.rows.len()).step_by(BLOCK_ROWS);

    let start = ran_nanos();
    for first in firsts() {
        rows.each(first, slots, |_, known, lines| {
            std::hint::black_box((known, lines));
        });
    }
    let walking = ran_nanos() - start;

    let mut encoder = Encoder::new();
    let start = ran_nanos();
    let mut blocks = Vec::new();
    for first in firsts() {
        rows.each(first, slots, |at, known, lines| {
            encoder.row(at, known, lines.iter().copied());
        });
        blocks.push(encoder.finish_block());
    }
    let counts = encoder.counts();
    let dictionary = encoder.finish();
    let encoding = ran_nanos() - start - walking;

    let start = ran_nanos();
    let decoder = Decoder::open(&dictionary).expect("it was just written");
    let mut same = 0;
    for (block, first) in blocks.iter().zip(firsts()) {
        let block = decoder.block(block).expect("it was just written");
        let mut row = 0;
        rows.each(first, slots, |at, known, lines| {
            let mut expected = lines.iter();
            let mut look = |time, line: &[u8]| {
                same += u64::from(expected.next() == Some(&(time, line)));
            };
            let read = block.lines(row, at, known, &mut look);
            read.expect("it was just written");
            row += 1;
        });
    }
    let rebuilding = ran_nanos() - start - walking;
    assert_eq!(same, counts.lines, "lines that came back");

    let lines = counts.lines as f64;
    println!("{slots} slots, {counts:?}");
    println!("dictionary: {} bytes", dictionary.len());
    let bytes = dictionary.len() as u64 + counts.block_bytes;
    println!("{:.3} bytes a line", bytes as f64 / lines);
    println!(
        "encoding {:.0} ns a line, rebuilding {:.0}",
        encoding / lines,
        rebuilding / lines
    );
}
