//! Which crate may name which, and what none of the pure ones may drag in.

use super::none;
use crate::shell::{cargo, output, root};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The arrows of ARCHITECTURE.md. A new one is a decision: draw it there first.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("parse", &["model"]),
    ("correlate", &["model"]),
    ("journey", &["model"]),
    ("report", &["model"]),
    ("search", &["model"]),
    ("ingest", &[]),
    ("lines", &[]),
    ("journal", &[]),
    ("intake", &["ingest", "journal"]),
    ("follow", &["ingest", "journal"]),
    ("evidence", &[]),
    ("pipeline", &["ingest", "parse", "correlate", "model"]),
    ("store", &["model", "lines", "search"]),
    (
        "record",
        &[
            "model",
            "correlate",
            "ingest",
            "journal",
            "pipeline",
            "store",
        ],
    ),
    ("query", &["model", "search", "store"]),
    ("upkeep", &["query", "record", "search", "store"]),
    ("tenancy", &[]),
    ("openid", &[]),
    ("desk", &["query", "search", "tenancy"]),
    (
        "api",
        &[
            "alerts",
            "desk",
            "jobs",
            "openid",
            "query",
            "schedules",
            "search",
            "tenancy",
        ],
    ),
    ("postgres", &["desk", "query", "tenancy"]),
    ("page", &[]),
    ("places", &["search"]),
    ("hooks", &["search", "tenancy"]),
    ("relay", &[]),
    ("alerts", &["hooks", "relay", "search", "tenancy"]),
    ("schedules", &["relay", "tenancy"]),
    ("jobs", &["query", "search", "tenancy"]),
    ("traffic", &[]),
    (
        "e2e",
        &["model", "correlate", "journey", "ingest", "pipeline"],
    ),
    (
        "waybill",
        &[
            "model",
            "parse",
            "correlate",
            "journey",
            "report",
            "ingest",
            "intake",
            "follow",
            "journal",
            "pipeline",
            "search",
            "store",
            "record",
            "query",
            "upkeep",
            "evidence",
            "tenancy",
            "desk",
            "api",
            "postgres",
            "page",
            "places",
            "hooks",
            "alerts",
            "jobs",
            "openid",
            "relay",
            "schedules",
        ],
    ),
    (
        "xtask",
        &["model", "parse", "correlate", "ingest", "traffic"],
    ),
];

/// Crates that know no runtime.
const PURE: &[&str] = &[
    "model",
    "parse",
    "correlate",
    "journey",
    "search",
    "lines",
    "evidence",
];

/// Runtimes, and what brings them.
const RUNTIMES: &[&str] = &[
    "tokio",
    "async-std",
    "smol",
    "futures",
    "futures-executor",
    "mio",
];

/// Names that say nothing, so that everything ends there.
const NAMES_BANNED: &[&str] = &[
    "common", "core", "util", "utils", "helper", "helpers", "misc",
];

fn metadata(args: &[&str]) -> Value {
    let mut command = cargo(["metadata", "--format-version", "1"]);
    command.args(args);
    serde_json::from_str(&output(command).unwrap()).unwrap()
}

/// `waybill-model` is called `model` here.
fn short(name: &str) -> &str {
    name.strip_prefix("waybill-").unwrap_or(name)
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Our crates, each with those of ours that it names outside its tests.
fn edges() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata(&["--no-deps"]);
    let packages = array(&metadata["packages"]).iter();
    packages
        .map(|package| {
            let ours = array(&package["dependencies"])
                .iter()
                .filter(|it| it["path"].is_string() && text(&it["kind"]) != "dev");
            let names = ours.map(|it| short(text(&it["name"])).to_owned());
            (short(text(&package["name"])).to_owned(), names.collect())
        })
        .collect()
}

fn edge_problems(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, named) in edges {
        let may = MAY_NAME.iter().find(|(it, _)| it == name);
        let Some((_, may)) = may else {
            problems.push(format!(
                "crate `{name}` is new: add its arrows here and in ARCHITECTURE.md"
            ));
            continue;
        };
        for other in named.iter().filter(|other| !may.contains(&other.as_str())) {
            problems.push(format!("crate `{name}` must not name `{other}`"));
        }
    }
    problems
}

#[test]
fn crates_name_only_those_below_them() {
    none(&edge_problems(&edges()));
}

#[test]
fn a_forbidden_arrow_is_found() {
    let of = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let edges = BTreeMap::from([
        ("correlate".to_owned(), of(&["model", "parse"])),
        ("shed".to_owned(), of(&[])),
    ]);
    let problems = edge_problems(&edges);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert_eq!(problems[0], "crate `correlate` must not name `parse`");
}

#[test]
fn crates_are_named_by_what_they_are_for() {
    let bad: Vec<String> = edges()
        .into_keys()
        .filter(|name| NAMES_BANNED.contains(&name.as_str()))
        .map(|name| format!("crate `{name}`: what is in it that belongs together?"))
        .collect();
    none(&bad);
}

#[test]
fn each_crate_is_on_the_map() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let missing: Vec<String> = edges()
        .into_keys()
        .filter(|name| !map.contains(&format!("`{name}`")))
        .map(|name| format!("ARCHITECTURE.md does not name the crate `{name}`"))
        .collect();
    none(&missing);
}

#[test]
fn pure_crates_know_no_runtime() {
    let metadata = metadata(&["--all-features"]);
    let names: BTreeMap<&str, &str> = array(&metadata["packages"])
        .iter()
        .map(|package| (text(&package["id"]), text(&package["name"])))
        .collect();
    let nodes: BTreeMap<&str, &Value> = array(&metadata["resolve"]["nodes"])
        .iter()
        .map(|node| (text(&node["id"]), node))
        .collect();
    let mut problems = Vec::new();
    for pure in PURE {
        let start = names.iter().find(|(_, name)| short(name) == *pure);
        let mut open: Vec<&str> = start.map(|(&id, _)| id).into_iter().collect();
        assert!(!open.is_empty(), "no crate `{pure}`");
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let name = names[id];
            if RUNTIMES.contains(&name) {
                problems.push(format!("`{pure}` stands on the runtime `{name}`"));
            }
            let deps = array(&nodes[id]["deps"]).iter();
            open.extend(
                deps.filter(|dep| is_built_in(dep))
                    .map(|dep| text(&dep["pkg"])),
            );
        }
    }
    none(&problems);
}

/// Whether a dependency is one of the program, not of its tests.
fn is_built_in(dep: &Value) -> bool {
    let kinds = array(&dep["dep_kinds"]);
    kinds.iter().any(|kind| text(&kind["kind"]) != "dev")
}
