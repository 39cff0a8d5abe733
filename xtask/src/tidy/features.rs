//! One set of features for the binary and for tests, so that the engines are built once for both.

use super::none;
use crate::shell::{cargo, output};
use std::collections::BTreeSet;

/// Packages with their features.
fn packages(edges: &str) -> BTreeSet<String> {
    let args = "tree --workspace --prefix none --format {p}|{f} --edges";
    let tree = cargo(args.split(' ').chain([edges]));
    let tree = output(tree).expect("cargo tells its tree");
    let lines = tree.lines().map(|line| line.trim_end_matches(" (*)"));
    lines.map(str::to_owned).collect()
}

#[test]
fn tests_turn_on_no_features_of_what_the_binary_needs() {
    let (of_binary, of_tests) = (packages("normal,build"), packages("normal,build,dev"));
    let others = of_binary.difference(&of_tests);
    let problem = |it: &String| {
        let (package, _) = it.split_once('|').unwrap_or((it, ""));
        format!("tests turn on features of {package}: it, and all over it, is built twice")
    };
    none(&others.map(problem).collect::<Vec<_>>());
}
