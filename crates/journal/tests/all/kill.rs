//! A process that is killed while it appends: what it was told is durable is there.

use crate::support::{Read, batch, folder, line, open, read_from};
use journal::Journal;
use std::collections::HashSet;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

/// Names the folder to a child process of these tests.
const FOLDER: &str = "WAYBILL_JOURNAL_KILLED_IN";

const THREADS: u64 = 4;

#[test]
fn what_was_acknowledged_survives_kill() {
    rounds(20);
}

#[test]
fn long_what_was_acknowledged_survives_kill() {
    rounds(500);
}

/// Not a test of its own: the child that is killed. Each thread tells its lines' numbers as they are durable.
#[test]
fn appends_until_it_is_killed() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let journal = open(&folder);
    let start = journal.end().as_u64();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let journal = &journal;
            scope.spawn(move || {
                // Numbers that no other thread and no earlier round has used.
                for turn in 0.. {
                    let number = ((start * 1_000 + turn) * THREADS + thread) * 4;
                    let count = turn % 4 + 1;
                    let first = journal.append(&batch(number..number + count)).unwrap();
                    // One write a line: a pipe does not tear it.
                    let told = format!("told {first} {number} {count}\n");
                    std::io::stdout().write_all(told.as_bytes()).unwrap();
                }
            });
        }
    });
}

fn rounds(rounds: u64) {
    let folder = folder();
    let mut told = Vec::new();
    for round in 0..rounds {
        let before = open(folder.path()).end().as_u64();
        let new = one_round(folder.path(), round);
        assert_told(
            &read_from(&open(folder.path()), before).unwrap(),
            before,
            &new,
        );
        told.extend(new);
    }
    let all = read_from(&open(folder.path()), 0).unwrap();
    assert_told(&all, 0, &told);
    let different: HashSet<_> = all.iter().map(|it| &it.line).collect();
    assert_eq!(different.len(), all.len(), "a line is there twice");
    assert!(told.len() as u64 > rounds, "{} batches", told.len());
}

/// Whether all batches that were told stand where it was told among what was read from a position on.
fn assert_told(all: &[Read], from: u64, told: &[(u64, u64, u64)]) {
    for (position, read) in (from..).zip(all) {
        assert_eq!(read.position, position);
    }
    for &(first, number, count) in told {
        for index in 0..count {
            let mut expected = line(number + index);
            expected.position = first + index;
            assert_eq!(all.get((first + index - from) as usize), Some(&expected));
        }
    }
}

/// Lets a child append, kills it at some time, and gives what it told before.
fn one_round(folder: &Path, round: u64) -> Vec<(u64, u64, u64)> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "kill::appends_until_it_is_killed", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut told = Vec::new();
    // A number of lines that differs from round to round; the child does not wait for us to read them.
    let until = (round * 7919 % 97) as usize;
    let mut is_killed = false;
    for text in BufReader::new(child.stdout.take().unwrap()).lines() {
        let text = text.unwrap();
        // The harness prints around; a line of it may stand before ours.
        if let Some((_, numbers)) = text.split_once("told ") {
            let mut numbers = numbers.split(' ').map(|it| it.parse().unwrap());
            let mut next = || numbers.next().unwrap();
            told.push((next(), next(), next()));
        }
        if told.len() > until && !is_killed {
            child.kill().unwrap();
            is_killed = true;
        }
    }
    child.wait().unwrap();
    assert!(is_killed, "the child ended by itself");
    told
}
