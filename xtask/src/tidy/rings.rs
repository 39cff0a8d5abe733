//! No ring of modules inside a crate: what two modules need of each other belongs to a third, or
//! they are one.
//!
//! Edges are read from the text: `crate::name` names the module `name` that the crate's root
//! declares. Items that the root itself holds make no edge, nor do tests.

use super::{files, none};
use crate::shell::root;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

type Edges = BTreeMap<String, BTreeSet<String>>;

/// Rings that are there; each may only get smaller, and none may be added.
///
/// The places of `traffic` hand messages to each other as hosts do, in a circle.
const KNOWN: &[(&str, &[&str])] = &[
    ("traffic", &["clock", "plan"]),
    (
        "traffic",
        &["delivery", "filter", "session", "store", "world"],
    ),
];

#[test]
fn no_crate_has_a_ring_of_modules() {
    let mut problems = Vec::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let name = files::shown(&folder).replace("crates/", "");
        for ring in rings(&edges_of(&folder.join("src"))) {
            let known = KNOWN.iter().any(|(crate_name, modules)| {
                *crate_name == name && ring.iter().all(|it| modules.contains(&it.as_str()))
            });
            if !known {
                problems.push(format!("crate `{name}`, ring: {}", ring.join(", ")));
            }
        }
    }
    for ring in rings(&edges_of(&root().join("xtask/src"))) {
        problems.push(format!("crate `xtask`, ring: {}", ring.join(", ")));
    }
    none(&problems);
}

#[test]
fn a_ring_is_found() {
    let edges = |text: &str| {
        let modules = ["a", "b", "c", "d"].map(str::to_owned).into();
        named_in(text, &modules)
    };
    let all = Edges::from([
        ("a".to_owned(), edges("use crate::{Thing, b::{B, c}, d};")),
        ("b".to_owned(), edges("// crate::a\nuse crate::c::C;")),
        ("c".to_owned(), edges("fn f() { crate::a::g() }")),
        (
            "d".to_owned(),
            edges("#[cfg(test)]\nmod tests { use crate::a; }"),
        ),
    ]);
    assert_eq!(rings(&all), [["a", "b", "c"]]);
}

/// The modules of a crate that its root declares, each with those that it names.
fn edges_of(src: &Path) -> Edges {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for path in files::with_ending("rs") {
        let Ok(inside) = path.strip_prefix(src) else {
            continue;
        };
        let first = inside.iter().next().unwrap_or_default().to_string_lossy();
        let module = first.trim_end_matches(".rs").to_owned();
        let is_test = inside.iter().any(|it| it == "tests.rs" || it == "tests");
        let is_program = module == "bin" || module == "main" || module == "lib";
        if !is_test && !is_program {
            texts
                .entry(module)
                .or_default()
                .push_str(&files::read(&path));
        }
    }
    let modules: BTreeSet<String> = texts.keys().cloned().collect();
    texts
        .iter()
        .map(|(module, text)| {
            let mut named = named_in(text, &modules);
            named.remove(module);
            (module.clone(), named)
        })
        .collect()
}

/// Modules that a text names by `crate::`, comments and tests left out.
fn named_in(text: &str, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let code: String = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default()
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    let mut named = BTreeSet::new();
    for (at, found) in code.match_indices("crate::") {
        let rest = &code[at + found.len()..];
        match rest.strip_prefix('{') {
            Some(group) => named.extend(group_heads(group)),
            None => named.extend(head(rest)),
        }
    }
    named.retain(|name| modules.contains(name));
    named
}

/// The first word of each member of `{a::b, c::{d, e}}`, behind its opening brace.
fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut start) = (0, 0);
    let mut heads = Vec::new();
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                heads.extend(head(group[start..at].trim_start()));
                start = at + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    heads
}

fn head(path: &str) -> Option<String> {
    let end = path
        .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .unwrap_or(path.len());
    (end > 0).then(|| path[..end].to_owned())
}

/// All modules that reach themselves, grouped by whom they share it with.
fn rings(edges: &Edges) -> Vec<Vec<String>> {
    let reached: BTreeMap<&String, BTreeSet<String>> = edges
        .keys()
        .map(|from| (from, reach(edges, from)))
        .collect();
    let mut rings = Vec::new();
    let mut seen = BTreeSet::new();
    for (from, to) in &reached {
        if !to.contains(*from) || seen.contains(*from) {
            continue;
        }
        let ring: Vec<String> = to
            .iter()
            .filter(|other| reached.get(other).is_some_and(|back| back.contains(*from)))
            .cloned()
            .collect();
        seen.extend(ring.iter().cloned());
        rings.push(ring);
    }
    rings
}

fn reach(edges: &Edges, from: &String) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        for next in edges.get(module).into_iter().flatten() {
            if reached.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    reached
}
