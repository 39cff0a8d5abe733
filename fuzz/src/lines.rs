//! Target `lines`: any lines of any rows, and any bytes as what was stored.

use ::lines::{Decoder, Encoder};

/// What divides the input into rows; in a row the first part is its columns.
const ROW_END: u8 = b'\n';
const PART_END: u8 = b'\t';

/// How far apart the times of lines are: seconds, and something below.
const STEP_NANOS: i64 = 1_000_000_001;

/// 2026-11-05 06:25:01 UTC.
const START_NANOS: i64 = 1_793_859_901_000_000_000;

struct Row<'a> {
    at: i64,
    columns: Vec<&'a [u8]>,
    lines: Vec<(i64, &'a [u8])>,
}

/// Stores rows made of any bytes and reads them back; then reads the bytes themselves.
pub fn lines(input: &[u8]) {
    let rows: Vec<Row<'_>> = input.split(|&byte| byte == ROW_END).map(row).collect();
    let mut encoder = Encoder::new();
    for row in &rows {
        encoder.row(row.at, &row.columns, row.lines.iter().copied());
    }
    let block = encoder.finish_block();
    let dictionary = encoder.finish();
    let decoder = Decoder::open(&dictionary).expect("a dictionary is read");
    let block = decoder.block(&block).expect("a block is read");
    assert_eq!(block.rows(), rows.len());
    for (number, row) in rows.iter().enumerate() {
        assert_eq!(block.lines_of(number), row.lines.len());
        let mut back = Vec::new();
        let mut take = |at, line: &[u8]| back.push((at, line.to_vec()));
        let read = block.lines(number, row.at, &row.columns, &mut take);
        read.expect("a row is read");
        let lines = row.lines.iter().map(|&(at, line)| (at, line.to_vec()));
        assert_eq!(back, lines.collect::<Vec<_>>());
    }
    assert!(Decoder::open(input).is_err() || !input.is_empty());
    let _ = decoder.block(input);
}

fn row(text: &[u8]) -> Row<'_> {
    let mut parts = text.split(|&byte| byte == PART_END);
    let columns = parts.next().unwrap_or_default().split(|&byte| byte == b'|');
    let time = |place: i64| START_NANOS + place * STEP_NANOS;
    let lines = parts.enumerate();
    Row {
        at: time(i64::from(text.first().copied().unwrap_or(0))),
        columns: columns.collect(),
        lines: lines.map(|(at, line)| (time(at as i64), line)).collect(),
    }
}
