//! Each fuzz target over its seeds and over what was found with it.

use std::fs;
use std::path::Path;

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

#[test]
fn line() {
    replay("line");
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
