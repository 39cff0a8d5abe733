//! Real lines come back: those of other projects' test data, read where they lie; where they are
//! absent the test says so and passes.

use lines::{Decoder, Encoder};
use std::path::{Path, PathBuf};

/// 2026-11-05 06:25:01.123456 UTC.
const AT: i64 = 1_793_859_901_123_456_000;

const BLOCK_ROWS: usize = 4_096;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Some parts of a line, or none: what columns might have of it.
fn parts(line: &[u8], number: usize) -> Vec<&[u8]> {
    let end = |part: usize| (number * 7 + part * 13) % (line.len() + 1);
    (0..number % 4)
        .map(|part| {
            let (a, b) = (end(part), end(part + 5));
            &line[a.min(b)..a.max(b)]
        })
        .collect()
}

fn check(bytes: &[u8]) -> (usize, usize) {
    let lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
    let mut encoder = Encoder::new();
    let mut blocks = Vec::new();
    for lines in lines.chunks(BLOCK_ROWS) {
        for (number, &line) in lines.iter().enumerate() {
            encoder.row(AT, &parts(line, number), [(AT - 1_000, line)]);
        }
        blocks.push(encoder.finish_block());
    }
    assert_eq!(encoder.counts().lines, lines.len() as u64);
    let dictionary = encoder.finish();
    let decoder = Decoder::open(&dictionary).expect("it is read");
    for (block, lines) in blocks.iter().zip(lines.chunks(BLOCK_ROWS)) {
        let block = decoder.block(block).expect("it is read");
        for (number, &line) in lines.iter().enumerate() {
            let mut back = None;
            let mut take = |at, text: &[u8]| back = Some((at, text.to_vec()));
            let known = parts(line, number);
            let read = block.lines(number, AT, &known, &mut take);
            read.expect("it is read");
            assert_eq!(back, Some((AT - 1_000, line.to_vec())));
        }
    }
    let packed: usize = blocks.iter().map(Vec::len).sum();
    (bytes.len(), packed + dictionary.len())
}

#[test]
fn long_each_line_of_the_corpus_comes_back() {
    let root = std::env::var_os("WAYBILL_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    let mut found = Vec::new();
    files(&root, &mut found);
    if found.is_empty() {
        println!("skipped: no corpus at {}", root.display());
        return;
    }
    for path in found {
        let (raw, packed) = check(&std::fs::read(&path).unwrap());
        println!("{raw} {packed} {}", path.display());
    }
}
