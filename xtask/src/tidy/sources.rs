//! Rust files: short, with a first word on what they are for, and nothing left over.

use super::{files, none};
use crate::shell::root;
use std::fs;

const LINES_MAX: usize = 900;

/// Files that are longer, and how long they may be. May only get shorter.
const LONGER: &[(&str, usize)] = &[("crates/model/src/event.rs", 1_050)];

/// What is for the moment only. In two parts, so that this file does not hold them.
const LEFT_OVER: &[(&str, &str)] = &[
    ("FIX", "ME"),
    ("todo", "!("),
    ("unimplemented", "!("),
    ("dbg", "!("),
];

fn problems(path: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    // `x/tests.rs` says by its name what it is for.
    if !text.starts_with("//! ") && !path.ends_with("/tests.rs") {
        problems.push(format!("{path}: begins without `//!` and what it is for"));
    }
    let longer = LONGER.iter().find(|(it, _)| *it == path);
    let max = longer.map_or(LINES_MAX, |&(_, lines)| lines);
    let lines = text.lines().count();
    if lines > max {
        problems.push(format!("{path}: {lines} lines, at most {max}: divide it"));
    }
    for (first, second) in LEFT_OVER {
        let word = format!("{first}{second}");
        if let Some(at) = text.lines().position(|line| line.contains(&word)) {
            problems.push(format!("{path}:{}: `{word}` left over", at + 1));
        }
    }
    problems
}

#[test]
fn source_files_are_whole() {
    let all: Vec<String> = files::with_ending("rs")
        .iter()
        .flat_map(|path| problems(&files::shown(path), &files::read(path)))
        .collect();
    none(&all);
}

#[test]
fn what_is_not_whole_is_found() {
    assert!(problems("a.rs", "//! A thing.\n").is_empty());
    assert_eq!(problems("a.rs", "mod a;\n").len(), 1);
    assert_eq!(
        problems("a.rs", &format!("//! A.\ndb{}x);\n", "g!(")).len(),
        1
    );
    let long = format!("//! A.\n{}", "//\n".repeat(LINES_MAX));
    assert_eq!(problems("a.rs", &long).len(), 1);
}

#[test]
fn each_crate_says_first_what_it_is_for() {
    let mut all = Vec::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let lib = folder.join("src/lib.rs");
        let main = folder.join("src/main.rs");
        let text = files::read(if lib.exists() { &lib } else { &main });
        let paragraph: Vec<&str> = text
            .lines()
            .map_while(|line| line.strip_prefix("//! "))
            .collect();
        if !paragraph.join(" ").ends_with(['.', '?']) {
            all.push(format!("{}: no first sentence", files::shown(&folder)));
        }
    }
    none(&all);
}
