//! Whatever goes in comes back; what is damaged does not come back as something else.

use lines::{Decoder, Encoder, Error};
use proptest::collection::vec;
use proptest::prelude::*;

/// 2026-11-05 06:25:01 UTC.
const AT: i64 = 1_793_859_901_000_000_000;

#[derive(Clone, Debug)]
struct Row {
    at: i64,
    columns: Vec<Vec<u8>>,
    lines: Lines,
}

impl Row {
    fn new(at: i64, columns: &[&str], lines: &[(i64, &str)]) -> Self {
        Row {
            at,
            columns: columns.iter().map(|&text| text.into()).collect(),
            lines: lines.iter().map(|&(at, line)| (at, line.into())).collect(),
        }
    }

    fn columns(&self) -> Vec<&[u8]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }
}

fn put(encoder: &mut Encoder, rows: &[Row]) -> Vec<u8> {
    for row in rows {
        let lines = row.lines.iter().map(|(at, line)| (*at, line.as_slice()));
        encoder.row(row.at, &row.columns(), lines);
    }
    encoder.finish_block()
}

/// Lines of a row with their times.
type Lines = Vec<(i64, Vec<u8>)>;

fn read(dictionary: &[u8], block: &[u8], rows: &[Row]) -> Result<Vec<Lines>, Error> {
    let decoder = Decoder::open(dictionary)?;
    let block = decoder.block(block)?;
    assert_eq!(block.rows(), rows.len());
    let mut all = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let mut lines = Vec::new();
        let mut take = |at, line: &[u8]| lines.push((at, line.to_vec()));
        block.lines(number, row.at, &row.columns(), &mut take)?;
        assert_eq!(block.lines_of(number), lines.len());
        all.push(lines);
    }
    assert_eq!(
        block.lines(rows.len(), 0, &[], &mut |_, _| {}),
        Err(Error::Row(rows.len()))
    );
    Ok(all)
}

fn check(blocks: &[Vec<Row>]) {
    let mut encoder = Encoder::new();
    let packed: Vec<Vec<u8>> = blocks.iter().map(|rows| put(&mut encoder, rows)).collect();
    let dictionary = encoder.finish();
    for (packed, rows) in packed.iter().zip(blocks) {
        let expected: Vec<_> = rows.iter().map(|row| row.lines.clone()).collect();
        assert_eq!(read(&dictionary, packed, rows).as_ref(), Ok(&expected));
    }
}

/// A day of rows as they are.
fn deliveries(rows: i64) -> Vec<Row> {
    (0..rows)
        .map(|number| {
            let at = AT + number * 1_000_000_000;
            let id = format!("3F2A1C{number:04X}");
            let to = format!("user{}@example.org", number % 7);
            let delay = number * 130;
            let stages = format!("delay={}, delays=0.1/0/0.05/1.25", delay as f64 / 1000.0);
            let sent = format!(
                "Nov  5 {:02}:{:02}:{:02} mx1 postfix/smtp[{}]: {id}: to=<{to}>, relay=mx.example.net[192.0.2.1]:25, {stages}, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
                6 + (25 * 60 + 1 + number) / 3600,
                (25 * 60 + 1 + number) / 60 % 60,
                (1 + number) % 60,
                700 + number % 3
            );
            let removed = format!("postfix/qmgr[1042]: {id}: removed");
            let columns = ["mx1", "postfix/smtp", &id, &to, &delay.to_string(), "250 2.0.0 Ok"];
            Row::new(at, &columns, &[(at, &sent), (at + 5_000_000, &removed)])
        })
        .collect()
}

#[test]
fn lines_of_few_kinds_take_few_bytes() {
    let rows = deliveries(2_000);
    let mut encoder = Encoder::new();
    let block = put(&mut encoder, &rows);
    let counts = encoder.counts();
    assert_eq!(
        (counts.rows, counts.lines, counts.lines_whole),
        (2_000, 4_000, 0)
    );
    assert!(counts.lines_rare < 10, "{counts:?}");
    assert!(block.len() < 2_000, "{} bytes", block.len());
    assert_eq!(counts.block_bytes, block.len() as u64);
    check(&[rows]);
}

#[test]
fn blocks_share_their_dictionary_and_are_read_alone() {
    let rows = deliveries(300);
    check(&rows.chunks(100).map(<[Row]>::to_vec).collect::<Vec<_>>());
}

#[test]
fn odd_lines_come_back() {
    let long = "a1 ".repeat(400_000);
    let texts = [
        "",
        "\n",
        "a\nb 1",
        "0",
        "007",
        "1.",
        ".1",
        "1.50",
        "1.5 1.5.5 1.5.5.5",
        "2026-11-05T06:25:01Z",
        "<",
        "<>",
        "<22>",
        "<22>1 ",
        "[",
        "[2026-11-05 06:25:01] x",
        "12345678901234567890 1",
        &long,
    ];
    let lines: Vec<(i64, &str)> = texts.iter().map(|&text| (AT, text)).collect();
    let columns = ["1500", "<1.5>", "1.5", "0", "007", "<>", "", "a1 a1 a1"];
    check(&[
        vec![
            Row::new(AT, &columns, &lines),
            Row::new(AT, &[], &lines),
            Row::new(0, &[], &[]),
        ],
        vec![],
    ]);
}

#[test]
fn any_times_come_back() {
    let times = [i64::MIN, -1, 0, 1, 999, 1_000_000, AT, AT + 1_000, i64::MAX];
    let lines: Vec<(i64, &str)> = times.iter().map(|&at| (at, "same 1")).collect();
    check(&[times
        .iter()
        .map(|&at| Row::new(at, &["same"], &lines))
        .collect()]);
}

#[test]
fn more_columns_than_there_is_room_for_are_harmless() {
    let columns: Vec<String> = (0..10_000).map(|slot| format!("c{slot}")).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let line = columns.join(" ");
    let (whole, _) = line.split_at(15_000);
    check(&[vec![Row::new(AT, &columns, &[(AT, whole)])]]);
}

#[test]
fn a_damaged_byte_is_an_error() {
    let rows = deliveries(20);
    let mut encoder = Encoder::new();
    let block = put(&mut encoder, &rows);
    let dictionary = encoder.finish();
    let right = read(&dictionary, &block, &rows);
    let damaged = |bytes: &[u8], at: usize, bit: u32| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1 << bit;
        bytes
    };
    // zstd has bits that mean nothing: then what comes is right.
    let mut errors = 0;
    for bit in 0..8 {
        for at in 0..block.len() {
            let found = read(&dictionary, &damaged(&block, at, bit), &rows);
            errors += usize::from(found.is_err());
            assert!(
                found.is_err() || found == right,
                "block, byte {at}, bit {bit}"
            );
        }
        for at in 0..dictionary.len() {
            let found = read(&damaged(&dictionary, at, bit), &block, &rows);
            errors += usize::from(found.is_err());
            assert!(
                found.is_err() || found == right,
                "dictionary, byte {at}, bit {bit}"
            );
        }
    }
    assert!(
        errors > 7 * (block.len() + dictionary.len()),
        "{errors} errors"
    );
    for len in 0..block.len() {
        assert!(
            read(&dictionary, &block[..len], &rows).is_err(),
            "cut at {len}"
        );
    }
    assert_eq!(Decoder::open(&[9]).err(), Some(Error::Version(9)));
}

#[test]
fn a_block_of_another_file_is_an_error() {
    let packed = |columns: &[&str]| {
        let mut encoder = Encoder::new();
        let rows = vec![Row::new(AT, columns, &[(AT, "connect from host1 now"); 9])];
        let block = put(&mut encoder, &rows);
        (rows, block, encoder.finish())
    };
    let (rows, block, _) = packed(&["host1", "other2"]);
    let (_, _, other) = packed(&["other2", "host1"]);
    assert_eq!(read(&other, &block, &rows), Err(Error::Damaged));
}

#[test]
fn a_missing_column_is_an_error() {
    let rows = vec![Row::new(
        AT,
        &["x", "host1", "1500"],
        &[(AT, "host1 took 1.5 s")],
    )];
    let mut encoder = Encoder::new();
    let block = put(&mut encoder, &rows);
    let dictionary = encoder.finish();
    for columns in [vec!["x"], vec!["x", "host1", "soon"]] {
        let fewer = vec![Row::new(AT, &columns, &[])];
        let found = read(&dictionary, &block, &fewer);
        assert_eq!(found, Err(Error::Columns));
    }
}

/// `block` and `dictionary` are of the first rows of [`deliveries`], as version 1 was first written.
#[test]
fn version_1_is_read_for_ever() {
    let dictionary = include_bytes!("version-1/dictionary");
    let block = include_bytes!("version-1/block");
    let rows = deliveries(25);
    let expected: Vec<_> = rows.iter().map(|row| row.lines.clone()).collect();
    assert_eq!(read(dictionary, block, &rows), Ok(expected));
}

/// Pieces of which lines are made, so that columns and numbers are found in them.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => "[a-c]{1,4}".prop_map(String::into_bytes),
        3 => "[0-9]{1,3}(\\.[0-9]{1,4}){0,3}".prop_map(String::into_bytes),
        2 => "<?[a-b0-2@.]{1,6}>?".prop_map(String::into_bytes),
        2 => "[ :=,/\\[\\]<>]".prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..8),
    ]
}

fn any_row() -> impl Strategy<Value = Row> {
    let text = || vec(piece(), 0..8).prop_map(|pieces| pieces.concat());
    let time = prop_oneof![
        any::<i64>(),
        (0..100_i64).prop_map(|step| AT + step * 1_000_000)
    ];
    let columns = vec(prop_oneof![text(), piece()], 0..8);
    let lines = vec(
        (
            time.clone(),
            vec(text(), 1..4),
            vec(any::<prop::sample::Index>(), 0..4),
        ),
        0..5,
    );
    (time, columns, lines).prop_map(|(at, columns, lines)| {
        let line = |(at, texts, slots): (i64, Vec<Vec<u8>>, Vec<prop::sample::Index>)| {
            let mut line = Vec::new();
            for (place, text) in texts.into_iter().enumerate() {
                line.extend(text);
                if let Some(slot) = slots.get(place).filter(|_| !columns.is_empty()) {
                    line.extend(slot.get(&columns));
                    line.push(b' ');
                }
            }
            (at, line)
        };
        let lines = lines.into_iter().map(line).collect();
        Row { at, columns, lines }
    })
}

proptest! {
    #[test]
    fn anything_comes_back(blocks in vec(vec(any_row(), 0..12), 1..4)) {
        check(&blocks);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        let _ = Decoder::open(&bytes);
        let decoder = Decoder::open(&Encoder::new().finish()).unwrap();
        let _ = decoder.block(&[&[1], bytes.as_slice()].concat());
    }
}
