//! The fast search finds what the ordinary one finds, wherever the borders of chunks are.

use super::*;
use crate::seek::hit_in_batch;
use std::collections::HashSet;
use std::sync::Arc;
use tempfile::TempDir;
use traffic::{Plan, write_day};

/// Number, bytes, and whether the line names what is looked for.
type Line = (u64, Vec<u8>, bool);

fn set_of(dir: &TempDir, text: &[u8]) -> Vec<LogSet> {
    std::fs::write(dir.path().join("mail.log"), text).unwrap();
    ingest::find(&[dir.path().into()]).sets
}

fn lines(hits: Vec<Hit>) -> Vec<Line> {
    let mut lines: Vec<Line> = hits
        .into_iter()
        .map(|hit| (hit.place.line, hit.readable().to_vec(), hit.own))
        .collect();
    lines.sort();
    lines
}

fn fast(sets: &[LogSet], texts: &Texts, chunk_bytes: u64) -> Option<Searched> {
    let progress = AtomicU64::new(0);
    let reading = Reading {
        workers: 2,
        chunk_bytes,
        progress: &progress,
    };
    let searched = search(sets, (0, 0), texts, reading);
    let counted = searched.as_ref().map_or(0, |_| sets[0].bytes_on_disk());
    assert_eq!(progress.into_inner(), counted, "each byte is counted once");
    searched
}

fn ordinary(sets: &[LogSet], texts: &Texts) -> Searched {
    let progress = Arc::new(AtomicU64::new(0));
    let (hits, problems) = crate::scan(sets, &HashSet::new(), 2, &progress, |set, batch, found| {
        let hit_at = |offset| hit_in_batch(set, batch, offset);
        texts.find_lines(batch.raw_bytes(), hit_at, found);
    });
    let problem = problems.into_iter().next();
    Searched { hits, problem }
}

/// Both searches find the same, with chunks of some sizes; gives the lines.
fn check(text: &[u8], needles: &[&[u8]], ignore_case: bool, chunks: &[u64]) -> Vec<Line> {
    let dir = TempDir::new().unwrap();
    let sets = set_of(&dir, text);
    let texts = Texts::new(needles, 1, ignore_case).unwrap();
    let expected = ordinary(&sets, &texts);
    let problem = format!("{:?}", expected.problem);
    let expected = lines(expected.hits);
    for &chunk_bytes in chunks {
        let found = fast(&sets, &texts, chunk_bytes).expect("the file is plain");
        assert_eq!(format!("{:?}", found.problem), problem);
        for hit in &found.hits {
            let at = usize::try_from(hit.offset.unwrap()).unwrap();
            assert!(at == 0 || text[at - 1] == b'\n');
            assert!(text[at..].starts_with(&hit.raw), "the offset is the line's");
        }
        assert_eq!(lines(found.hits), expected, "chunks of {chunk_bytes}");
    }
    expected
}

#[test]
fn borders_of_chunks_hide_nothing() {
    let text = b"ABC1\nx ABC1 y ABC1\n\nABC12\nother\nXABC1\n\n\nABC1 OTHER\n";
    let every: Vec<u64> = (1..=text.len() as u64 + 1).collect();
    let found = check(text, &[b"ABC1", b"other"], false, &every);
    let numbers: Vec<(u64, bool)> = found.iter().map(|it| (it.0, it.2)).collect();
    assert_eq!(numbers, [(1, true), (2, true), (5, false), (9, true)]);
}

#[test]
fn last_line_may_lack_its_end() {
    let every: Vec<u64> = (1..=20).collect();
    for text in [&b"a\nb ID1"[..], b"ID1", b"a\n\nID1 "] {
        assert_eq!(check(text, &[b"ID1"], false, &every).len(), 1);
    }
    assert!(check(b"", &[b"ID1"], false, &every).is_empty());
    assert!(check(b"\n", &[b"ID1"], false, &every).is_empty());
}

#[test]
fn lines_of_windows_programs_are_found_without_carriage_return() {
    let every: Vec<u64> = (1..=20).collect();
    let found = check(b"a ID1\r\nb\r\nc ID1\r\n", &[b"ID1"], false, &every);
    assert_eq!(
        found,
        [(1, b"a ID1".to_vec(), true), (3, b"c ID1".to_vec(), true)]
    );
}

#[test]
fn addresses_are_found_in_any_case() {
    let text = b"to=<Anna@Example.COM>\nto=<joanna@example.com>\nto=<anna@example.com>\n";
    let every: Vec<u64> = (1..=text.len() as u64).collect();
    let found = check(text, &[b"anna@example.com"], true, &every);
    assert_eq!(found.iter().map(|it| it.0).collect::<Vec<_>>(), [1, 3]);
    for (address, count) in [("@Example.com", 3), ("A@b", 1), ("@", 4), ("from=<>", 1)] {
        let text = [&text[..], b"a@b a@B A@\nFrom=<>"].concat();
        let found = check(&text, &[address.as_bytes()], true, &every);
        assert_eq!(found.len(), count, "{address}");
    }
}

#[test]
fn what_is_not_so_plain_is_given_up() {
    let dir = TempDir::new().unwrap();
    let texts = Texts::new(&[b"ID1"], 1, false).unwrap();
    let sets = set_of(&dir, b"a\n{\"log\":\"ID1\"}\n");
    assert!(fast(&sets, &texts, 8).is_none(), "JSON");
    let long = [b"a\n", &[b'x'; LINE_BYTES_MAX + 1][..], b"\nID1\n"].concat();
    let sets = set_of(&dir, &long);
    for chunk_bytes in [1 << 10, CHUNK_BYTES] {
        assert!(fast(&sets, &texts, chunk_bytes).is_none(), "a long line");
    }
    std::fs::remove_file(dir.path().join("mail.log")).unwrap();
    assert!(fast(&sets, &texts, 8).is_none(), "no file");
}

#[test]
fn a_day_is_searched_as_by_the_ordinary_reader() {
    let mut text = Vec::new();
    let plan = Plan {
        lines: 20_000,
        seed: 8,
        ..Plan::default()
    };
    write_day(
        &plan,
        &mut |_, line| {
            text.extend_from_slice(line);
            text.push(b'\n');
        },
        &mut |_| {},
    );
    // Words of the day itself, some rare and some in most lines.
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric();
    let words: Vec<&[u8]> = text
        .split(|byte| !is_word(byte))
        .filter(|it| it.len() > 3)
        .collect();
    let mut state = 1_u64;
    let mut random_word = || {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        words[(state >> 33) as usize % words.len()]
    };
    for round in 0..24 {
        let needles: Vec<&[u8]> = (0..=round % 4).map(|_| random_word()).collect();
        let found = check(
            &text,
            &needles,
            round % 3 == 0,
            &[997, 64 << 10, CHUNK_BYTES],
        );
        assert!(!found.is_empty());
    }
}
