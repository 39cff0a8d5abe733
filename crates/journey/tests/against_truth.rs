//! Journeys of a generated day against what truly happened in it.
//!
//! `DIFFERENCES=50 cargo test -p waybill-journey --test against_truth -- --nocapture` explains more.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;
mod truth;

use common::Way;
use traffic::{Plan, Stamps, write_day};

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
    let of_messages = |line: &&String| !line.contains("full cleanup: ");
    assert_eq!(came.unknown.iter().find(of_messages), None, "unknown lines");
    assert!(!came.refusals.is_empty());
    let differences = truth::compare(&came.journeys, &true_messages);
    if !differences.is_empty() {
        panic!("{}", truth::explain(&differences, &lines));
    }
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

#[test]
fn lines_that_come_late() {
    check(
        &Plan {
            shuffle_ms: 500,
            ..plan(200_000, 4)
        },
        false,
    );
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
