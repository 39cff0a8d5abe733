//! Manifests: versions stand in the workspace's and nowhere else.

use super::{files, none};

fn problems(path: &str, text: &str) -> Vec<String> {
    let mut section = "";
    let mut problems = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if let Some(head) = line.strip_prefix('[') {
            section = head.trim_end_matches(']');
        }
        let of_crate = section.ends_with("dependencies") && !section.starts_with("workspace");
        let entry = line.split_once('=').filter(|_| !line.starts_with('#'));
        if of_crate && entry.is_some() && !line.contains("workspace = true") {
            problems.push(format!(
                "{path}:{}: version outside `[workspace.dependencies]`: {line}",
                at + 1
            ));
        }
    }
    problems
}

#[test]
fn versions_stand_in_the_workspace_only() {
    let all: Vec<String> = files::with_ending("toml")
        .iter()
        .filter(|path| path.ends_with("Cargo.toml"))
        .flat_map(|path| problems(&files::shown(path), &files::read(path)))
        .collect();
    none(&all);
}

#[test]
fn a_version_elsewhere_is_found() {
    let text =
        "[workspace.dependencies]\na = \"1\"\n[dependencies]\na.workspace = true\nb = \"1\"\n";
    assert_eq!(problems("Cargo.toml", text).len(), 1);
}
