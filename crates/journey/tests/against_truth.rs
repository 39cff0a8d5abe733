//! Journeys of a generated day against what truly happened in it.
//!
//! `DIFFERENCES=50 cargo test -p waybill-journey --test against_truth -- --nocapture` explains more.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;
mod truth;

use common::Way;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use traffic::{Plan, Stamps, write_day};

/// Writes a plan's lines to a file, reads it as a user's logs are read, and panics with the first
/// differences.
fn check_from_file(plan: &Plan) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.log");
    let mut file = BufWriter::new(File::create(&path).unwrap());
    let mut true_messages = Vec::new();
    write_day(
        plan,
        &mut |_, line| {
            file.write_all(line).unwrap();
            file.write_all(b"\n").unwrap();
        },
        &mut |message| true_messages.push(message.clone()),
    );
    file.into_inner().unwrap();
    let came = Way::new(false).file(&path);
    assert_eq!(came.unknown, Vec::<String>::new());
    let differences = truth::compare(&came.journeys, &true_messages);
    println!(
        "{} messages, {} differences",
        true_messages.len(),
        differences.len()
    );
    if !differences.is_empty() {
        let ids: Vec<&String> = differences.iter().take(20).flat_map(|it| &it.ids).collect();
        let lines = BufReader::new(File::open(&path).unwrap())
            .lines()
            .map(Result::unwrap);
        let named = |line: &String| ids.iter().any(|id| line.contains(id.as_str()));
        panic!(
            "{}",
            truth::explain(&differences, &lines.filter(named).collect::<Vec<_>>())
        );
    }
}

/// Runs a plan and panics with the first differences.
fn check(plan: &Plan, keep_lines: bool) {
    let mut way = Way::new(keep_lines);
    let mut lines: Vec<String> = Vec::new();
    let mut true_messages = Vec::new();
    write_day(
        plan,
        &mut |_, line| {
            way.line(line);
            lines.push(String::from_utf8(line.to_vec()).unwrap());
        },
        &mut |message| true_messages.push(message.clone()),
    );
    let came = way.end();
    assert!(
        true_messages.len() as u64 > plan.lines / 30,
        "a day has mail"
    );
    assert_eq!(came.unknown, Vec::<String>::new());
    assert!(!came.refusals.is_empty());
    let differences = truth::compare(&came.journeys, &true_messages);
    if !differences.is_empty() {
        panic!("{}", truth::explain(&differences, &lines));
    }
    let of_readers = lines.iter().filter(|it| is_of_reader(it)).count();
    let recipients = came.journeys.iter().flat_map(|it| &it.recipients);
    let afterwards: usize = recipients.map(|it| it.afterwards.len()).sum();
    assert!(of_readers > 100);
    assert_eq!(afterwards, of_readers);
}

/// Whether a user did something with a message.
fn is_of_reader(line: &str) -> bool {
    line.contains(" dovecot: imap(") && line.contains(", msgid=<")
}

fn plan(lines: u64, seed: u64) -> Plan {
    Plan {
        lines,
        seed,
        ..Plan::default()
    }
}

#[test]
fn a_day_of_seed_1() {
    check(&plan(200_000, 1), false);
}

#[test]
fn a_day_of_seed_2() {
    check(&plan(200_000, 2), true);
}

#[test]
fn a_day_of_seed_3_in_traditional_stamps() {
    check(
        &Plan {
            stamps: Stamps::Rfc3164,
            ..plan(200_000, 3)
        },
        false,
    );
}

/// As the files of a central syslog server have them: any line up to two seconds late, put in order
/// again by the pipeline. `LINES=10000000` makes the day as long as one wants.
#[test]
fn long_lines_shuffled_within_two_seconds() {
    let lines = std::env::var("LINES").map_or(1_000_000, |it| it.parse().unwrap());
    check_from_file(&Plan {
        shuffle_ms: 2_000,
        ..plan(lines, 4)
    });
}

#[test]
fn hosts_that_come_late() {
    check(
        &Plan {
            shuffle_ms: 3_000,
            hosts_separate: true,
            ..plan(200_000, 5)
        },
        false,
    );
}
