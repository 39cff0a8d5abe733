//! The daemon is killed at random, under load by RELP and HTTP, with compaction and expiry going on.

use crate::commands::difference_of;
use crate::daemon::relp::Relp;
use crate::daemon::{Daemon, answer, ask};
use crate::disk::{Chance, is_long};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

/// Kills after which it is looked at what is there.
const KILLS_OF_ROUND: u32 = 10;

/// Lines of a round, each sent once; those that were acknowledged, and the others.
#[derive(Default)]
struct Round {
    number: u32,
    next: AtomicU32,
    sent: Mutex<BTreeMap<u32, bool>>,
}

impl Round {
    /// Lines that nobody has sent yet.
    fn lines(&self, count: u32) -> (std::ops::Range<u32>, Vec<String>) {
        let first = self.next.fetch_add(count, Ordering::Relaxed);
        let round = self.number;
        let line = |it| {
            let (minute, second) = (it / 60 % 60, it % 60);
            format!(
                "<22>1 2026-11-22T08:{minute:02}:{second:02}Z mx1 odd{round} 7 - - line number{it}"
            )
        };
        let numbers = first..first + count;
        (numbers.clone(), numbers.map(line).collect())
    }

    fn note(&self, numbers: std::ops::Range<u32>, is_acknowledged: bool) {
        let mut sent = self.sent.lock().expect("nobody panicked");
        sent.extend(numbers.map(|it| (it, is_acknowledged)));
    }

    /// What the archive has of it, against what was acknowledged; gives how many lines that were.
    fn compared(&self, folder: &Path) -> Result<usize, String> {
        let question = format!("program:odd{}", self.number);
        let all = ["--lines", "--format", "json", "--limit", "10000000"];
        let told = answer(folder, &[&["search", &question], &all[..]].concat());
        let mut found = BTreeMap::new();
        for row in told.lines() {
            let row: serde_json::Value = serde_json::from_str(row).expect("rows are JSON");
            for line in row["original_lines"].as_array().expect("lines") {
                *found
                    .entry(line.as_str().expect("text").to_owned())
                    .or_default() += 1;
            }
        }
        let sent = self.sent.lock().expect("nobody panicked");
        let mut wanted = BTreeMap::new();
        self.next.store(0, Ordering::Relaxed);
        for (number, is_acknowledged) in &*sent {
            self.next.store(*number, Ordering::Relaxed);
            let line = self.lines(1).1.remove(0);
            if *is_acknowledged || found.contains_key(&line) {
                wanted.insert(line, 1);
            }
        }
        difference_of(&found, &wanted)?;
        Ok(sent.values().filter(|it| **it).count())
    }
}

fn by_http(daemon: &Daemon, round: &Round, is_over: &AtomicBool) {
    while !is_over.load(Ordering::Relaxed) {
        let (numbers, lines) = round.lines(50);
        let answer = daemon.http("POST /lines", lines.join("\n").as_bytes());
        let is_taken = answer.is_ok_and(|it| it.starts_with("HTTP/1.1 2"));
        round.note(numbers, is_taken);
        // Else it takes longer to look at all lines than to send them.
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

fn by_relp(daemon: &Daemon, round: &Round, is_over: &AtomicBool) {
    let Ok(mut relp) = Relp::open(daemon.port("relp")) else {
        return;
    };
    while !is_over.load(Ordering::Relaxed) {
        let (numbers, lines) = round.lines(1);
        let answer = relp.send("syslog", &lines[0]);
        let answer = answer.and_then(|()| relp.is_acknowledged(Duration::from_secs(20)));
        round.note(numbers, matches!(answer, Ok(true)));
        if answer.is_err() {
            return;
        }
    }
}

/// Lines that expire at once: of them only the sums are looked at.
fn by_upkeep(daemon: &Daemon, folder: &Path, is_over: &AtomicBool) {
    let work: [&[&str]; 3] = [&["commit"], &["retention", "apply"], &["compact"]];
    for turn in 0.. {
        let line = format!(
            "<22>1 2026-01-02T08:00:00Z mx1 postfix/lmtp 9 - - 4F{turn:08X}: to=<bob@old.example>, \
             relay=store[192.0.2.9]:24, delay=0.3, delays=0.1/0/0.1/0.1, dsn=2.0.0, status=sent (250 OK)\n"
        );
        let _ = daemon.http("POST /lines", line.as_bytes());
        ask(folder, work[turn % work.len()]);
        if is_over.load(Ordering::Relaxed) {
            return;
        }
    }
}

/// Kills a daemon so many times; gives how many lines it acknowledged.
fn kills(count: u32, seed: u64) -> usize {
    // On a real disk: there a sync takes its time.
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let folder = folder.path();
    let config = "[commit]\nmegabytes = 1";
    Daemon::start(folder, config).end();
    for rule in [["class", "short", "30"], ["domain", "short", "old.example"]] {
        assert!(
            ask(folder, &[&["retention"], &rule[..]].concat())
                .status
                .success()
        );
    }
    let (mut chance, mut rounds, mut acknowledged) = (Chance(seed), Vec::new(), 0);
    for number in 0..count.div_ceil(KILLS_OF_ROUND) {
        let round = Round {
            number,
            ..Round::default()
        };
        for _ in 0..KILLS_OF_ROUND {
            let mut daemon = Daemon::start(folder, config);
            let is_over = AtomicBool::new(false);
            let pid = daemon.child.id().to_string();
            std::thread::scope(|scope| {
                let (daemon, round, is_over) = (&daemon, &round, &is_over);
                scope.spawn(|| by_http(daemon, round, is_over));
                scope.spawn(|| by_http(daemon, round, is_over));
                scope.spawn(|| by_relp(daemon, round, is_over));
                scope.spawn(|| by_upkeep(daemon, folder, is_over));
                std::thread::park_timeout(Duration::from_millis(chance.below(700) as u64));
                let killed = std::process::Command::new("kill")
                    .args(["-9", &pid])
                    .status();
                assert!(killed.expect("there is `kill`").success());
                is_over.store(true, Ordering::Relaxed);
            });
            daemon.child.wait().expect("it was killed");
        }
        // While it answers, and from the disk when it has ended.
        let daemon = Daemon::start(folder, config);
        let is_shown = (0..600).any(|_| {
            std::thread::park_timeout(Duration::from_millis(50));
            round.compared(folder).is_ok()
        });
        assert!(is_shown, "round {number}: {:?}", round.compared(folder));
        daemon.end();
        acknowledged += round
            .compared(folder)
            .expect("it is the same when the daemon has ended");
        rounds.push(round);
    }
    for round in &rounds {
        round.compared(folder).expect("it is the same in the end");
    }
    let checked = ask(folder, &["check"]);
    assert!(checked.status.success(), "{checked:?}");
    println!("{count} kills, seed {seed}: {acknowledged} acknowledged lines, each there once");
    acknowledged
}

#[test]
fn what_is_acknowledged_is_there_once_after_random_kills() {
    assert!(kills(10, 3) > 500);
}

#[test]
fn long_five_hundred_random_kills() {
    if !is_long() {
        println!("skipped: five hundred kills take ten minutes; `WAYBILL_LONG=1` runs them");
        return;
    }
    kills(500, 5);
}
