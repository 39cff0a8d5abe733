//! A process that is killed at any moment while it follows files that are written and rotated.

use crate::support::{append, line, lines_from, pack};
use follow::{Follower, Settings};
use journal::{Journal, LocalJournal, Position};
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Names the folder to a child process of these tests.
const FOLDER: &str = "WAYBILL_FOLLOW_KILLED_IN";

fn open(folder: &Path) -> (Arc<dyn Journal>, Follower) {
    let settings = journal::Settings {
        segment_bytes: 100_000,
        ..journal::Settings::default()
    };
    let journal: Arc<dyn Journal> =
        Arc::new(LocalJournal::open(&folder.join("journal"), settings).unwrap());
    let follower = Follower::open(
        &folder.join("follow"),
        journal.clone(),
        vec![folder.join("logs/mail.log").into()],
        Settings::default(),
        crate::support::clock,
    );
    (journal, follower.unwrap())
}

/// Not a test of its own: the child that is killed.
#[test]
fn follows_until_it_is_killed() {
    if let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) {
        open(&folder).1.run().unwrap();
    }
}

#[test]
fn a_killed_follower_goes_on() {
    rounds(25);
}

#[test]
fn long_a_killed_follower_goes_on() {
    rounds(500);
}

fn rounds(rounds: u64) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("logs")).unwrap();
    let log = folder.join("logs/mail.log");
    fs::write(&log, "").unwrap();
    open(folder).1.catch_up().unwrap();
    let mut next = 0;
    let mut seen = BTreeSet::new();
    let mut rotated = Vec::new();
    for round in 0..rounds {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "kill::follows_until_it_is_killed", "--nocapture"])
            .env(FOLDER, folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        for step in 0..40 + round * 7 % 60 {
            let text: String = (next..next + 50)
                .map(|it| format!("{}\n", line(it)))
                .collect();
            next += 50;
            append(&log, text.as_bytes());
            thread::park_timeout(Duration::from_micros(round * 131 % 1_500));
            if (round + step) % 31 == 0 {
                rotate(&folder.join("logs"), next);
                rotated.push(next);
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        seen.insert(open(folder).0.end());
    }
    open(folder).1.catch_up().unwrap();
    let (journal, _) = open(folder);
    let lines = lines_from(&*journal, Position::ZERO).0;
    let lines: Vec<String> = lines.into_iter().map(|it| it.1).collect();
    // Each file is read in order, but one that is rotated while names are listed is found after the next.
    let mut sorted = lines;
    sorted.sort_by_key(|it| rotated.partition_point(|first| line(*first) <= *it));
    let expected: Vec<String> = (0..next).map(line).collect();
    if sorted != expected {
        let at = sorted.iter().zip(&expected).position(|(a, b)| a != b);
        let at = at.unwrap_or(sorted.len().min(expected.len()));
        let (is, was) = (sorted.get(at), expected.get(at));
        panic!(
            "{} of {next} lines; at {at}: {is:?}, not {was:?}",
            sorted.len()
        );
    }
    assert!(
        seen.len() as u64 > rounds / 4,
        "the child did nothing: {seen:?}"
    );
}

/// Rotates by names and packs the one before, under names that do not change again.
fn rotate(logs: &Path, number: u64) {
    let rotated = logs.join(format!("mail.log.{}", 99_999 - number / 50));
    let before = fs::read_dir(logs).unwrap().map(|it| it.unwrap().path());
    let plain = |path: &PathBuf| path.extension().is_some_and(|it| it != "log" && it != "gz");
    for path in before.filter(plain) {
        pack(&path, "gz");
    }
    fs::rename(logs.join("mail.log"), rotated).unwrap();
}
