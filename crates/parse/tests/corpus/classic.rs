//! Sendmail, OpenSMTPD, qmail, Courier, Cyrus and UW IMAP: how many lines of real logs a rule reads,
//! and how many of a kind there are by the corpus' own counts.

use crate::comparison::listed;
use crate::locate;
use bstr::ByteSlice;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Of a file's lines at most one in so many may be unknown.
const KNOWN_FOR_ONE_UNKNOWN: usize = 100;

/// Unknown lines shown for each file.
const SHOWN_MAX: usize = 40;

/// Folders that hold one family's logs only.
const FOLDERS: &[&str] = &[
    "sendmail",
    "opensmtpd",
    "qmail",
    "courier",
    "cyrus",
    "uw-imap",
];

/// Folders with lines of others, of which those with one of these tags count.
const MIXED: &[&str] = &["mixed/infohtreasure-dump", "mixed/fonylew-mailgateway"];
const MIXED_TAGS: &[&str] = &[" sendmail[", " sm-msp-queue[", " sm-mta["];

/// A tag stands near the line's start.
const TAG_BYTES_MAX: usize = 80;

#[test]
fn lines_of_classic_servers_have_rules() {
    let Some(root) = locate::root() else { return };
    let excepted = listed(include_str!("deviations/classic_coverage.txt"));
    let mut still_unknown = BTreeSet::new();
    let mut table = String::from("   lines     rule unknown  file\n");
    let mut wrong = String::new();
    for folder in FOLDERS.iter().chain(MIXED) {
        for path in locate::files(&root.join(folder), true) {
            let name = path.strip_prefix(&root).expect("below the root");
            let name = name.to_string_lossy().into_owned();
            let (mut lines, mut unknown, mut shown) = (0, 0, String::new());
            for (at, line) in locate::bytes(&path).lines().enumerate() {
                let Some(line) = as_logged(line, folder.starts_with("mixed/")) else {
                    continue;
                };
                lines += 1;
                let event = parse::line(line);
                event.each_field(&mut |_, _| {});
                let place = (name.clone(), (at + 1).to_string());
                if !event.rule.is_empty() {
                    continue;
                }
                if excepted.contains(&place) {
                    still_unknown.insert(place);
                    continue;
                }
                unknown += 1;
                if unknown <= SHOWN_MAX {
                    writeln!(shown, "  {name}:{}: {}", at + 1, line.as_bstr())
                        .expect("a string takes all");
                }
            }
            let ruled = lines - unknown;
            writeln!(table, "{lines:8} {ruled:8} {unknown:7}  {name}").expect("a string takes all");
            print!("{shown}");
            if unknown * KNOWN_FOR_ONE_UNKNOWN > lines {
                wrong += &shown;
            }
        }
    }
    println!("{table}");
    let mended: Vec<_> = excepted.difference(&still_unknown).collect();
    assert!(mended.is_empty(), "listed, but has a rule now: {mended:#?}");
    assert!(
        wrong.is_empty(),
        "too many unknown lines:\n{table}\n{wrong}"
    );
}

/// The line as a log would have it; `None` for remarks, for what is expected of lines, and for lines
/// of other families.
fn as_logged(line: &[u8], mixed: bool) -> Option<&[u8]> {
    if mixed {
        let head = &line[..line.len().min(TAG_BYTES_MAX)];
        return MIXED_TAGS
            .iter()
            .any(|tag| head.contains_str(tag))
            .then_some(line);
    }
    if let Some(at) = line.find(" pass = ") {
        return Some(&line[at + b" pass = ".len()..]);
    }
    let is_log = match line.first()? {
        b'@' => true,
        first => first.is_ascii_uppercase() && line.get(3) == Some(&b' '),
    };
    is_log.then_some(line)
}

/// The rules that stand for the columns of `COUNTS.tsv`.
fn count(path: &std::path::Path) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for line in locate::bytes(path).lines() {
        let event = parse::line(line);
        let column = match (event.rule, event.kind().name()) {
            ("qmail new", _) => "qmail_new_msg",
            ("qmail delivery ended", "delivery.delivered") => "qmail_delivery_success",
            ("qmail delivery ended", "delivery.bounced") => "qmail_delivery_failure",
            ("qmail delivery ended", "delivery.deferred") => "qmail_delivery_deferral",
            ("sendmail to", "delivery.delivered" | "delivery.relayed") => "sendmail_stat_sent",
            _ => continue,
        };
        *counts.entry(column).or_default() += event.repeated as usize;
    }
    counts
}

#[test]
fn counts_of_classic_servers_agree() {
    let Some(root) = locate::root() else { return };
    let counts = locate::text(&root.join("COUNTS.tsv"));
    let mut lines = counts.lines();
    let columns: Vec<&str> = lines.next().expect("a head").split('\t').collect();
    let mut compared = 0;
    for row in lines {
        let cells: Vec<&str> = row.split('\t').collect();
        let theirs: Vec<(&str, usize)> = columns
            .iter()
            .zip(&cells)
            .filter(|(column, _)| column.starts_with("qmail_") || **column == "sendmail_stat_sent")
            .filter_map(|(column, cell)| Some((*column, cell.parse().ok()?)))
            .filter(|(_, count)| *count > 0)
            .collect();
        if theirs.is_empty() {
            continue;
        }
        let ours = count(&root.join(cells[0]));
        for (column, theirs) in theirs {
            let ours = ours.get(column).copied().unwrap_or(0);
            println!("{}: {column}: {theirs}, ours {ours}", cells[0]);
            assert_eq!(ours, theirs, "{}: {column}", cells[0]);
            compared += 1;
        }
    }
    assert!(compared >= 6, "{compared} counts compared");
}

/// OSSEC's rules for OpenSMTPD, by what they are about.
const OSSEC_KINDS: &[(&str, &[&str])] = &[
    ("53500", &["session.aborted", "tls.established"]),
    ("53501", &["message.rejected"]),
    ("53502", &["session.opened"]),
    ("53503", &["session.closed"]),
    ("53504", &["message.accepted"]),
    ("53507", &["session.aborted"]),
];

#[test]
fn ossec_rules_of_opensmtpd_agree() {
    let Some(root) = locate::root() else { return };
    let cases = locate::text(&root.join("opensmtpd/ossec/opensmtpd.ini"));
    let mut event = None;
    let mut compared = 0;
    for line in cases.lines() {
        if let Some((_, logged)) = line.split_once(" pass = ") {
            event = Some(parse::line(logged.as_bytes()));
        } else if let Some(rule) = line.strip_prefix("rule = ") {
            let event = event.take().expect("a line before its rule");
            let (_, kinds) = OSSEC_KINDS
                .iter()
                .find(|(id, _)| *id == rule)
                .unwrap_or_else(|| panic!("rule {rule} is not known"));
            let kind = event.kind().name();
            assert!(kinds.contains(&kind), "{rule}: {kind}");
            compared += 1;
        }
    }
    println!("ossec: {compared} lines");
    assert!(compared > 0);
}
