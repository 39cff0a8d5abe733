//! Our totals against those of Debian's pflogsumm, on real logs.
//!
//! `Summary::pflogsumm` must be equal to what pflogsumm prints, to the last byte. Our own totals
//! tell what happened to mail instead; where they differ from pflogsumm's, [`LOGS`] lists by how
//! much and why, and a difference that is not listed fails.
//!
//! Skipped, with a reason printed, where pflogsumm or the corpus is missing.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod corpus;
mod logs;
mod pipeline;

use corpus::Log;
use logs::LOGS;
use pipeline::summary_of;
use report::{PlainTotals, Summary, Totals};
use std::path::{Path, PathBuf};
use std::process::Command;

const PFLOGSUMM: &str = "/usr/sbin/pflogsumm";

/// The nine numbers, in the order of [`NAMES`].
type Nine = [u64; 9];

const NAMES: [&str; 9] = [
    "received",
    "delivered",
    "forwarded",
    "deferred",
    "deferrals",
    "bounced",
    "rejected",
    "bytes received",
    "bytes delivered",
];

fn plain(it: &PlainTotals) -> Nine {
    [
        it.received,
        it.delivered,
        it.forwarded,
        it.deferred,
        it.deferrals,
        it.bounced,
        it.rejected,
        it.bytes_received,
        it.bytes_delivered,
    ]
}

fn own(it: &Totals) -> Nine {
    [
        it.received,
        it.delivered,
        it.forwarded,
        it.deferred,
        it.deferrals,
        it.bounced,
        it.rejected,
        it.bytes_received,
        it.bytes_delivered,
    ]
}

#[test]
fn totals_are_those_of_pflogsumm() {
    let Some(script) = exact_pflogsumm() else {
        println!("skipped: `{PFLOGSUMM}` is not installed");
        return;
    };
    let Some(root) = corpus::root() else {
        println!("skipped: no corpus; set WAYBILL_CORPUS");
        return;
    };
    let mut faults = String::new();
    for log in LOGS {
        let bytes = corpus::read(&root, log);
        let theirs = run_pflogsumm(script.path(), &bytes);
        compare(log, &summary_of(&bytes), &theirs, &mut faults);
    }
    assert!(faults.is_empty(), "\n{faults}");
}

fn compare(log: &Log, summary: &Summary, theirs: &Nine, faults: &mut String) {
    let plain = plain(&summary.pflogsumm);
    let own = own(&summary.totals);
    println!("{}", log.path);
    for (at, name) in NAMES.iter().enumerate() {
        println!(
            "  {name:<16} pflogsumm {:>12}  in its way {:>12}  in truth {:>12}",
            theirs[at], plain[at], own[at]
        );
        if plain[at] != theirs[at] {
            let line = format!("{}: {name}: {} for {}\n", log.path, plain[at], theirs[at]);
            faults.push_str(&line);
        }
        let explained: i64 = log
            .deviations
            .iter()
            .filter(|it| it.what == *name)
            .map(|it| it.by)
            .sum();
        let found = own[at].cast_signed() - theirs[at].cast_signed();
        if found != explained {
            let line = format!(
                "{}: {name} in truth: differs by {found}, explained {explained}\n",
                log.path
            );
            faults.push_str(&line);
        }
    }
}

/// A copy of the installed script that prints numbers in full, not as `6685k`.
fn exact_pflogsumm() -> Option<tempfile::NamedTempFile> {
    let script = std::fs::read(PFLOGSUMM).ok()?;
    let script = String::from_utf8_lossy(&script)
        .replace("$divByOneKAt   = 524288;", "$divByOneKAt = 1e18;")
        .replace("$divByOneMegAt = 536870912;", "$divByOneMegAt = 1e18;");
    assert_eq!(script.matches("1e18").count(), 2, "another pflogsumm");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), script).unwrap();
    Some(file)
}

fn run_pflogsumm(script: &Path, log: &[u8]) -> Nine {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), log).unwrap();
    let out = Command::new("perl")
        .arg(script)
        .args(["--detail", "0"])
        .arg(file.path())
        .env("LC_ALL", "C")
        .output()
        .expect("perl is where pflogsumm is");
    totals_of(&String::from_utf8_lossy(&out.stdout))
}

/// Reads `  123   received` and `  12   deferred  (34  deferrals)`.
fn totals_of(printed: &str) -> Nine {
    let mut nine = [None; 9];
    for line in printed.lines().take_while(|line| !line.starts_with("Per-")) {
        let words = line.replace(['(', ')'], " ");
        let words: Vec<&str> = words.split_whitespace().collect();
        for (number, name) in words.iter().zip(&words[1.min(words.len())..]) {
            let name = match (*name, words.get(2)) {
                ("bytes", Some(&what)) => format!("bytes {what}"),
                (name, _) => name.to_owned(),
            };
            if let Some(at) = NAMES.iter().position(|it| *it == name)
                && let Ok(number) = number.parse()
            {
                nine[at] = Some(number);
            }
        }
    }
    // Deferrals are printed only if there are some.
    nine[4] = nine[4].or(Some(0));
    nine.map(|it| it.expect("pflogsumm prints all totals"))
}

#[test]
fn printed_totals_are_read() {
    let printed = "Grand Totals\n messages\n\n     12   received\n     11   delivered\n      0   \
        forwarded\n      3   deferred  (7  deferrals)\n      2   bounced\n      9   rejected (14%)\n\
        \x20  100   bytes received\n    200   bytes delivered\n      4   senders\n\nPer-Day\n";
    assert_eq!(totals_of(printed), [12, 11, 0, 3, 7, 2, 9, 100, 200]);
}

#[test]
fn the_corpus_is_found_beside_the_workspace() {
    let found: Option<PathBuf> = corpus::root();
    if let Some(root) = found {
        assert!(root.join(LOGS[0].path).exists(), "{}", root.display());
    }
}
