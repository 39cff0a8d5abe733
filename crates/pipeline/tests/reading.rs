//! Logs on disk are handed on completely, in order of time, whatever their order in the files; and
//! a search for one message finds every line of it.

use ingest::LogSet;
use jiff::tz::TimeZone;
use model::Timestamp;
use pipeline::{Place, Seed, Settings, WINDOW_MS};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tempfile::TempDir;
use traffic::{Plan, TrueMessage, write_day};

fn settings() -> Settings {
    Settings {
        zone: TimeZone::UTC,
        year: None,
        now: Timestamp::from_seconds(1_800_000_000),
        window_ms: WINDOW_MS,
        host: None,
        workers: 2,
    }
}

/// A generated piece of a day, one file for all hosts or one for each.
fn day(dir: &Path, plan: &Plan, by_host: bool) -> (Vec<LogSet>, Vec<TrueMessage>, u64) {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut truth = Vec::new();
    let mut lines = 0;
    write_day(
        plan,
        &mut |host, line| {
            let name = if by_host {
                format!("{host}.log")
            } else {
                "mail.log".to_owned()
            };
            let file = files.entry(name).or_default();
            file.extend_from_slice(line);
            file.push(b'\n');
            lines += 1;
        },
        &mut |message| truth.push(message.clone()),
    );
    for (name, text) in files {
        std::fs::write(dir.join(name), text).expect("a temporary folder can be written");
    }
    (ingest::find(&[dir.into()]).sets, truth, lines)
}

fn read(sets: &[LogSet]) -> Vec<(Timestamp, Place)> {
    let mut read = Vec::new();
    let outcome = pipeline::run(sets, &settings(), &Arc::new(AtomicU64::new(0)), |line| {
        read.push((line.at(), Place::of(line.line.id)));
    });
    assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
    assert_eq!(outcome.lines as usize, read.len());
    read
}

#[test]
fn shuffled_lines_are_put_in_order() {
    let dir = TempDir::new().unwrap();
    let plan = Plan {
        lines: 40_000,
        seed: 3,
        shuffle_ms: 2_000,
        ..Plan::default()
    };
    let (sets, _, lines) = day(dir.path(), &plan, false);
    let read = read(&sets);
    assert_eq!(read.len() as u64, lines);
    assert!(read.is_sorted_by_key(|(at, _)| *at));
    assert!(
        !read.is_sorted_by_key(|(_, place)| place.line),
        "the file itself is out of order"
    );
    let places: HashSet<u64> = read.iter().map(|(_, place)| place.line).collect();
    assert_eq!(places.len() as u64, lines, "each line once");
}

#[test]
fn files_of_several_hosts_are_read_side_by_side() {
    let dir = TempDir::new().unwrap();
    let plan = Plan {
        lines: 40_000,
        seed: 4,
        ..Plan::default()
    };
    let (sets, _, lines) = day(dir.path(), &plan, true);
    assert!(sets.len() > 3);
    let read = read(&sets);
    assert_eq!(read.len() as u64, lines);
    assert!(read.is_sorted_by_key(|(at, _)| *at));
}

#[test]
fn a_search_finds_every_line_of_a_message() {
    let dir = TempDir::new().unwrap();
    let plan = Plan {
        lines: 30_000,
        seed: 5,
        ..Plan::default()
    };
    let (sets, truth, _) = day(dir.path(), &plan, true);
    let all: Vec<Vec<u8>> = {
        let mut all = Vec::new();
        pipeline::run(&sets, &settings(), &Arc::default(), |line| {
            all.push(line.line.raw.to_vec())
        });
        all
    };
    for message in truth
        .iter()
        .filter(|it| it.message_id.is_some())
        .step_by(97)
    {
        let ids: Vec<&str> = message.items.iter().map(|item| &*item.queue_id).collect();
        let expected: HashSet<&Vec<u8>> = all
            .iter()
            .filter(|line| ids.iter().any(|id| names(line, id)))
            .collect();
        let seeds = [message.message_id.as_deref().unwrap(), ids[ids.len() - 1]];
        for text in seeds {
            let seed = Seed {
                text: text.into(),
                ignore_case: false,
                followed_max: 100,
            };
            let mut found = HashSet::new();
            pipeline::seek(&sets, &settings(), &Arc::default(), &seed, |line| {
                assert!(
                    found.insert(line.line.raw.to_vec()),
                    "a line was found twice"
                );
            });
            let missing: Vec<String> = expected
                .iter()
                .filter(|line| !found.contains(**line))
                .map(|line| String::from_utf8_lossy(line).into_owned())
                .collect();
            assert!(
                missing.is_empty(),
                "{text} ({ids:?}): not found: {missing:#?}"
            );
        }
    }
}

/// Whether a line begins with the queue id.
fn names(line: &[u8], queue_id: &str) -> bool {
    let text = String::from_utf8_lossy(line);
    text.contains(&format!("]: {queue_id}: "))
}

#[test]
fn lines_that_name_no_host_are_of_the_one_that_is_told() {
    let dir = TempDir::new().unwrap();
    let log = "2026-11-22 08:00:00 1abcde-000001-AB <= anna@example.org U=anna P=local S=900\n\
        Nov 22 08:00:01 mx1 postfix/qmgr[7]: 1C9C820087: removed\n";
    std::fs::write(dir.path().join("mail.log"), log).unwrap();
    let sets = ingest::find(&[dir.path().into()]).sets;
    let told = Settings {
        host: Some("mx2".into()),
        ..settings()
    };
    let progress = Arc::new(AtomicU64::new(0));
    let mut hosts = Vec::new();
    pipeline::run(&sets, &told, &progress, |read| {
        hosts.push(read.event.host.to_string());
    });
    assert_eq!(hosts, ["mx2", "mx1"]);
    let seed = Seed {
        text: b"1abcde-000001-AB".to_vec(),
        ignore_case: false,
        followed_max: 10,
    };
    let mut found = Vec::new();
    pipeline::seek(&sets, &told, &progress, &seed, |read| {
        found.push(read.event.host.to_string());
    });
    assert_eq!(found, ["mx2"]);
}

#[test]
fn a_search_finds_the_session_that_haraka_names_by_its_own_id() {
    let uuid = "3E6A027F-8307-4DA4-B105-2A39EC4B58D4";
    let line = |id: &str, text: &str| {
        format!("Nov 22 08:00:00 mx1 haraka[7]: [NOTICE] [{id}] [core] {text}\n")
    };
    let message = format!("{uuid}.1");
    let log = [
        line(
            uuid,
            "connect ip=192.0.2.10 port=21957 local_ip=198.51.100.5 local_port=25",
        ),
        line(&message, "sender <joe@sender.test> code=CONT msg=\"\""),
        line(
            &message,
            "message mid=\"<h1@sender.test>\" size=9 rcpts=1/0/0 delay=0.5 code=CONT msg=\"\"",
        ),
        line(
            "0E6A027F-8307-4DA4-B105-2A39EC4B58D4",
            "connect ip=192.0.2.11 port=21957 local_ip=198.51.100.5 local_port=25",
        ),
    ];
    assert_eq!(lines_found(&log.concat(), "h1@sender.test"), 3);
}

#[test]
fn a_search_follows_numbers_that_are_short() {
    let log = "\
Nov 22 08:00:01 mx1 qmail: 1795338001.100000 new msg 1234
Nov 22 08:00:01 mx1 qmail: 1795338001.200000 info msg 1234: bytes 900 from <joe@sender.test> qp 4711 uid 89
Nov 22 08:00:01 mx1 qmail: 1795338001.300000 starting delivery 1: msg 1234 to local anna@example.org
Nov 22 08:00:01 mx1 qmail: 1795338001.400000 info msg 5678: bytes 990 from <joe@sender.test> qp 4713 uid 89
Nov 22 08:00:02 mx1 qmail: 1795338002.100000 delivery 1: success: did_0+1+0/qp_4713/
Nov 22 08:00:02 mx1 qmail: 1795338002.200000 end msg 1234
Nov 22 08:00:03 mx1 qmail: 1795338003.100000 info msg 9012: bytes 900 from <kim@sender.test> qp 4730 uid 89
";
    assert_eq!(lines_found(log, "anna@example.org"), 6);
}

#[test]
fn a_search_finds_the_answer_of_sieve() {
    let log = "\
Nov 22 08:00:01 mx1 postfix/cleanup[7]: 8F0CEA14CB1: message-id=<a1@sender.test>
Nov 22 08:00:02 mx1 dovecot: lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@sender.test>: vacation action: sent vacation response to <joe@sender.test>
Nov 22 08:00:02 mx1 postfix/pickup[8]: 9A0CEA14CB2: uid=1000 from=<>
Nov 22 08:00:02 mx1 postfix/cleanup[7]: 9A0CEA14CB2: message-id=<dovecot-sieve-1795338002-1-0@mx1>
Nov 22 08:00:03 mx1 postfix/qmgr[9]: 9A0CEA14CB2: removed
Nov 22 08:00:03 mx1 postfix/qmgr[9]: 7B0CEA14CB2: removed
";
    assert_eq!(lines_found(log, "a1@sender.test"), 5);
}

/// How many lines of a log a search for a text finds.
fn lines_found(log: &str, text: &str) -> usize {
    let dir = TempDir::new().expect("a folder for the log");
    std::fs::write(dir.path().join("mail.log"), log).expect("the log can be written");
    let sets = ingest::find(&[dir.path().into()]).sets;
    let seed = Seed {
        text: text.into(),
        ignore_case: false,
        followed_max: 10,
    };
    let mut lines = 0;
    pipeline::seek(&sets, &settings(), &Arc::default(), &seed, |_| lines += 1);
    lines
}
