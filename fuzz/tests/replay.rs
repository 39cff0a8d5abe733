//! Each fuzz target over its seeds and over what was found with it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// How the samples of a family are given to target `correlate`: as they stand, their text kept.
const AS_WRITTEN: u8 = 5;

/// 10 ms from line to line; a snapshot before each.
const STEP: u8 = 243;

fn replay(name: &str) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("seeds")
        .join(name);
    let run = targets::TARGETS.iter().find(|(target, _)| *target == name);
    let (_, run) = run.expect("the target is in the list");
    let mut files: Vec<_> = fs::read_dir(&seeds)
        .expect("the target has seeds")
        .map(|entry| entry.expect("a folder can be listed").path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{name} has no seeds");
    for file in files {
        let input = fs::read(&file).expect("a seed can be read");
        println!("{}", file.display());
        run(&input);
        // Whatever a whole input does, its pieces must do no harm either.
        for end in [0, 1, input.len() / 3, input.len() / 2] {
            run(&input[..end.min(input.len())]);
        }
    }
}

/// The lines of a family's samples.
fn samples(family: &parse::Family) -> Vec<Vec<u8>> {
    let lines = family.samples();
    lines.map(|(_, line)| line.into_bytes()).collect()
}

/// Harm that a line takes on its way, or that somebody does to it on purpose.
fn harmed(line: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let places = 0..line.len();
    let put = |place: usize, byte: u8| {
        let mut harmed = line.to_vec();
        harmed[place] = byte;
        harmed
    };
    places.flat_map(move |place| {
        let doubled = [&line[..place], &line[place / 2..]].concat();
        let lost = [&line[..place], &line[place + 1..]].concat();
        let flipped = put(place, line[place] ^ 0x80);
        let blank = put(place, b' ');
        let quoted = put(place, b'"');
        let digit = put(place, b'9');
        [
            line[..place].to_vec(),
            doubled,
            lost,
            flipped,
            blank,
            quoted,
            digit,
        ]
    })
}

#[test]
fn no_family_is_left_out_of_target_line() {
    for family in parse::families() {
        let samples = samples(family);
        let rules: BTreeSet<&str> = family
            .tables
            .iter()
            .flat_map(|(_, rules)| *rules)
            .map(|it| it.name)
            .collect();
        let mut reached = BTreeSet::new();
        for line in &samples {
            targets::line(line);
            reached.insert(parse::line(line).rule);
            harmed(line).for_each(|line| targets::line(&line));
        }
        println!(
            "{}: {} of {} rules by {} samples",
            family.name,
            reached.len(),
            rules.len(),
            samples.len()
        );
        assert!(
            reached.is_superset(&rules),
            "{}: {:?}",
            family.name,
            rules.difference(&reached)
        );
    }
}

#[test]
fn no_family_is_left_out_of_target_correlate() {
    let lines = |family| samples(family).into_iter();
    let all: Vec<Vec<u8>> = parse::families().iter().flat_map(lines).collect();
    for family in parse::families() {
        let own = samples(family);
        assert!(!own.is_empty(), "{} has no sample", family.name);
        // Its own lines in turn, backwards, and each again.
        let again = own.iter().chain(own.iter().rev()).chain(&own);
        targets::correlate(&as_written(again));
    }
    // Lines of one family among those of the others.
    for start in 0..7 {
        targets::correlate(&as_written(all.iter().skip(start).step_by(7)));
    }
}

fn as_written<'a>(lines: impl Iterator<Item = &'a Vec<u8>>) -> Vec<u8> {
    let mut input = vec![AS_WRITTEN];
    for line in lines {
        input.push(STEP);
        input.extend(line);
        input.push(b'\n');
    }
    input
}

#[test]
fn line() {
    replay("line");
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds/line");
    for seed in fs::read_dir(seeds).expect("the target has seeds") {
        let seed = fs::read(seed.expect("a folder can be listed").path());
        harmed(&seed.expect("a seed can be read")).for_each(|line| targets::line(&line));
    }
}

#[test]
fn lines() {
    replay("lines");
}

#[test]
fn header() {
    replay("header");
}

#[cfg(feature = "network")]
#[test]
fn http() {
    replay("http");
}

#[test]
fn archive() {
    replay("archive");
}

#[test]
fn journal() {
    replay("journal");
}

#[test]
fn manifest() {
    replay("manifest");
}

#[test]
fn correlate() {
    replay("correlate");
}

#[test]
fn question() {
    replay("question");
}

#[cfg(feature = "network")]
#[test]
fn streams() {
    replay("streams");
}
