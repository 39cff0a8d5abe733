//! The daemon, with a fault at each call that changes the disk: what it has acknowledged is there once.

use crate::commands::{difference_of, lines_of};
use crate::daemon::relp::Relp;
use crate::daemon::{Daemon, ask, message, odd_line};
use crate::disk::{Fault, Faults, folder, is_long, share};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

/// What was sent, line by line, and whether it was acknowledged.
#[derive(Default)]
struct Sent(BTreeMap<String, bool>);

impl Sent {
    fn note(&mut self, lines: &str, is_acknowledged: bool) {
        let lines = lines.lines().map(|line| (line.to_owned(), is_acknowledged));
        self.0.extend(lines);
    }

    fn http(&mut self, daemon: &Daemon, lines: &str) {
        let answer = daemon.http("POST /lines", lines.as_bytes());
        self.note(lines, answer.is_ok_and(|it| it.starts_with("HTTP/1.1 2")));
    }

    fn relp(&mut self, relp: &mut Option<Relp>, line: &str) {
        let answer = relp.as_mut().map(|relp| {
            relp.send("syslog", line.trim_end())?;
            relp.is_acknowledged(Duration::from_secs(20))
        });
        self.note(line, matches!(answer, Some(Ok(true))));
    }

    /// What is not there once though it was acknowledged, or twice, or was never sent.
    fn wrong(&self, folder: &Path) -> Result<(), String> {
        let found = lines_of(folder)?;
        let wanted = self.0.iter().filter_map(|(line, is_acknowledged)| {
            let is_there = found.contains_key(line);
            (*is_acknowledged || is_there).then(|| (line.clone(), 1))
        });
        difference_of(&found, &wanted.collect())
    }
}

/// Sends lines, has them committed and put together, and ends the daemon; gives how it ended.
fn day(folder: &Path, daemon: Daemon, sent: &mut Sent) -> std::process::ExitStatus {
    let mut relp = Relp::open(daemon.port("relp")).ok();
    sent.http(&daemon, &(message(1) + &odd_line(1)));
    sent.relp(&mut relp, &odd_line(2));
    ask(folder, &["commit"]);
    // What is not complete yet.
    let begun: String = message(2)
        .lines()
        .take(3)
        .map(|it| format!("{it}\n"))
        .collect();
    sent.http(&daemon, &begun);
    sent.relp(&mut relp, &odd_line(3));
    ask(folder, &["commit"]);
    ask(folder, &["compact"]);
    sent.http(&daemon, &(message(3) + &odd_line(4)));
    sent.relp(&mut relp, &odd_line(5));
    daemon.ended()
}

/// Tries a fault at a call.
fn tried(folder: &Path, faults: &Faults, fault: Fault, at: usize) -> Result<(), String> {
    let _ = std::fs::remove_dir_all(folder.join("data"));
    std::fs::create_dir(folder.join("data")).expect("a temporary folder can be written");
    let mut sent = Sent::default();
    let variables = faults.variables(Some((fault, at)));
    let started = std::thread::scope(|scope| {
        if fault == Fault::NoRoom {
            scope.spawn(|| {
                std::thread::park_timeout(Duration::from_millis(1_500));
                faults.make_room();
            });
        }
        let daemon = Daemon::try_start(folder, "", &variables)?;
        Ok::<_, Vec<String>>(day(folder, daemon, &mut sent))
    });
    let is_killed = !matches!(fault, Fault::NoRoom | Fault::Fails);
    match started {
        Err(said) if !is_killed && !said.iter().any(|it| it.contains("error")) => {
            return Err(format!("it does not tell why it ends: {said:?}"));
        }
        Ok(status) if fault == Fault::NoRoom && !status.success() => {
            return Err(format!("it does not go on when there is room: {status}"));
        }
        _ => faults.lose_power(fault),
    }
    let daemon = Daemon::try_start::<&str>(folder, "", &[]).map_err(|said| format!("{said:?}"))?;
    sent.http(&daemon, &odd_line(6));
    let status = daemon.ended();
    if !status.success() {
        return Err(format!("it does not end well: {status}"));
    }
    sent.wrong(folder)?;
    let checked = ask(folder, &["check"]);
    match checked.status.success() {
        true => Ok(()),
        false => Err(format!("check: {checked:?}")),
    }
}

#[test]
fn a_daemon_is_taken_up_after_any_fault() {
    let folder = folder();
    let Some(faults) = Faults::new(&folder.path().join("data")) else {
        return;
    };
    let daemon = Daemon::start_with(folder.path(), "", &faults.variables(None));
    let mut sent = Sent::default();
    assert!(day(folder.path(), daemon, &mut sent).success());
    let left: Vec<_> = sent.0.iter().filter(|it| !*it.1).collect();
    assert!(left.is_empty(), "not acknowledged: {left:?}");
    assert_eq!(sent.wrong(folder.path()), Ok(()));
    let calls = faults.calls();

    let (mut kinds, mut wrong, mut turn, mut tries) = (BTreeSet::new(), Vec::new(), 0, 0);
    for (at, call) in (1..).zip(&calls) {
        for fault in Fault::ALL {
            // The database has its own tests, of those who made it.
            let is_new = !call.contains(".db") && kinds.insert((call.clone(), fault));
            turn += 1;
            let is_chosen = turn % share() == 0 && (is_new || is_long());
            if !is_chosen || (fault == Fault::Torn && !call.starts_with("write")) {
                continue;
            }
            tries += 1;
            let tried = tried(folder.path(), &faults, fault, at);
            wrong.extend(
                tried
                    .err()
                    .map(|why| format!("{fault:?} at {at}, {call}: {why}")),
            );
        }
    }
    println!("{} calls, {tries} faults", calls.len());
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
