//! Documents: one title each, links that lead somewhere, fragments of the changelog well named.

use super::{files, none};
use crate::shell::root;
use std::fs;
use std::path::Path;

/// How a fragment's name ends, by what it tells.
const FRAGMENT_KINDS: &[&str] = &[
    "added", "changed", "fixed", "removed", "breaking", "security",
];

/// Lines outside blocks of code.
fn prose(text: &str) -> Vec<&str> {
    let mut in_code = false;
    text.lines()
        .filter(|line| {
            let fence = line.trim_start().starts_with("```");
            in_code ^= fence;
            !in_code && !fence
        })
        .collect()
}

fn titles(text: &str) -> usize {
    let is_title = |line: &&&str| line.starts_with("# ");
    prose(text).iter().filter(is_title).count()
}

/// Targets of links to other files.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    for line in prose(text) {
        for part in line.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or_default();
            let file = target.split('#').next().unwrap_or_default();
            if !file.is_empty() && !file.contains("://") && !file.starts_with("mailto:") {
                links.push(file.to_owned());
            }
        }
    }
    links
}

#[test]
fn each_document_has_one_title() {
    let bad: Vec<String> = files::with_ending("md")
        .iter()
        .filter(|path| !is_fragment(path))
        .map(|path| (files::shown(path), titles(&files::read(path))))
        .filter(|(_, titles)| *titles != 1)
        .map(|(path, titles)| format!("{path}: {titles} titles, should be 1"))
        .collect();
    none(&bad);
}

#[test]
fn links_lead_to_files() {
    let mut bad = Vec::new();
    for path in files::with_ending("md") {
        let folder = path.parent().unwrap_or(root());
        for link in links(&files::read(&path)) {
            if !folder.join(&link).exists() {
                bad.push(format!("{}: no file `{link}`", files::shown(&path)));
            }
        }
    }
    none(&bad);
}

#[test]
fn titles_and_links_are_seen() {
    let text = "# One\n```sh\n# no title\n```\nSee [a](b.md#c), [d](https://e) and [f](#g).\n";
    assert_eq!(titles(text), 1);
    assert_eq!(links(text), ["b.md"]);
}

fn is_fragment(path: &Path) -> bool {
    path.parent() == Some(&root().join("changelog.d")) && !path.ends_with("README.md")
}

/// `what-is-new.added.md`
fn is_well_named(name: &str) -> bool {
    let mut parts = name.split('.');
    let (Some(what), Some(kind), Some("md"), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let is_slug = !what.is_empty()
        && what
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    is_slug && FRAGMENT_KINDS.contains(&kind)
}

#[test]
fn fragments_of_the_changelog_are_well_named() {
    let bad: Vec<String> = fs::read_dir(root().join("changelog.d"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name != "README.md" && !is_well_named(name))
        .map(|name| format!("changelog.d/{name}: see changelog.d/README.md for names"))
        .collect();
    none(&bad);
    assert!(is_well_named("trace-by-address.added.md"));
    assert!(!is_well_named("Trace.added.md") && !is_well_named("trace.new.md"));
}
