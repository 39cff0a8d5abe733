//! A journal of journald's, made in a folder, and read while it grows.

use follow::{JOURNALD, Journald, JournaldSettings};
use ingest::journald::Wanted;
use journal::{Journal, LocalJournal, Position};
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// Names the folder to a child process of these tests.
const FOLDER: &str = "WAYBILL_JOURNALD_KILLED_IN";
/// Writes journals; users do not call it themselves.
const REMOTE: &str = "/lib/systemd/systemd-journal-remote";

fn entry(number: u32, program: &str) -> String {
    format!(
        "__REALTIME_TIMESTAMP={}\n__MONOTONIC_TIMESTAMP={number}\n\
         _BOOT_ID=0123456789abcdef0123456789abcdef\n_HOSTNAME=mx1\n_CMDLINE=long\n\
         SYSLOG_IDENTIFIER={program}\n_PID=812\nMESSAGE=number {number}\n\n",
        1_795_335_801_000_000_u64 + u64::from(number)
    )
}

fn line(number: u32) -> String {
    format!("2026-11-22T08:23:21.{number:06}Z mx1 postfix/qmgr[812]: number {number}")
}

struct World(TempDir);

impl World {
    /// A folder; `None`, and why, where its journal cannot be made or read.
    fn new() -> Option<Self> {
        let runs = |name: &str| {
            let version = Command::new(name).arg("--version").output();
            version.is_ok_and(|it| it.status.success())
        };
        if !runs(REMOTE) || !runs("journalctl") {
            println!("skipped: systemd-journal-remote or journalctl is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("var")).unwrap();
        Some(World(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Adds entries to the journal of the machine.
    fn write(&self, entries: &str) {
        let mut remote = Command::new(REMOTE)
            .arg(format!(
                "--output={}",
                self.path().join("var/mx1.journal").display()
            ))
            .arg("-")
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = remote.stdin.take().unwrap();
        stdin.write_all(entries.as_bytes()).unwrap();
        drop(stdin);
        assert!(remote.wait().unwrap().success());
    }

    fn write_numbers(&self, numbers: Range<u32>) {
        let entries: String = numbers.map(|it| entry(it, "postfix/qmgr")).collect();
        self.write(&entries);
    }

    /// What is in our journal as a parser reads it, by times that it is there. The process that writes may be alive.
    fn lines(&self) -> BTreeMap<String, u32> {
        let copy = tempfile::tempdir().unwrap();
        let mut lines = BTreeMap::new();
        let Ok(files) = fs::read_dir(self.path().join("journal")) else {
            return lines;
        };
        for file in files {
            let file = file.unwrap();
            fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
        }
        let journal = LocalJournal::open(copy.path(), journal::Settings::default()).unwrap();
        let mut reader = journal.reader(Position::ZERO).unwrap();
        while let Some((_, batch)) = reader.next().unwrap() {
            for record in batch.iter() {
                assert_eq!(record.source, JOURNALD.as_bytes());
                let readable = ingest::readable(record.line);
                let text = String::from_utf8_lossy(&readable).into_owned();
                *lines.entry(text).or_default() += 1;
            }
        }
        lines
    }

    #[track_caller]
    fn until(&self, numbers: Range<u32>) {
        let expected: BTreeMap<_, _> = numbers.map(|it| (line(it), 1)).collect();
        for _ in 0..600 {
            if self.lines() == expected {
                return;
            }
            thread::park_timeout(Duration::from_millis(20));
        }
        assert_eq!(self.lines(), expected);
    }

    fn start(&self) -> Child {
        Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "journald::reads_until_it_is_killed",
                "--nocapture",
            ])
            .env(FOLDER, self.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }
}

fn open(folder: &Path, settings: JournaldSettings) -> Journald {
    let journal = LocalJournal::open(&folder.join("journal"), journal::Settings::default());
    let journal: Arc<dyn Journal> = Arc::new(journal.unwrap());
    Journald::open(
        &folder.join("follow"),
        journal,
        settings,
        crate::support::clock,
    )
    .unwrap()
}

fn settings(folder: &Path) -> JournaldSettings {
    JournaldSettings {
        arguments: vec![format!("--directory={}", folder.join("var").display()).into()],
        wanted: Wanted::new(&["postfix*".to_owned()], &[]).unwrap(),
        ..JournaldSettings::default()
    }
}

/// Not a test of its own: the child that is killed.
#[test]
fn reads_until_it_is_killed() {
    if let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) {
        open(&folder, settings(&folder)).run().unwrap();
    }
}

#[test]
fn each_entry_is_there_once_after_each_kill() {
    let Some(world) = World::new() else { return };
    world.write_numbers(0..200);
    let mut next = 200;
    for round in 0..6 {
        let mut child = world.start();
        if round % 2 == 0 {
            // While it reads, or has just begun to.
            thread::park_timeout(Duration::from_millis(10 + 30 * round));
        } else {
            world.until(0..next);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        world.write_numbers(next..next + 100);
        next += 100;
    }
    let mut child = world.start();
    world.until(0..next);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn entries_are_taken_as_they_are_written_and_a_stop_is_heard() {
    let Some(world) = World::new() else { return };
    world.write(&(entry(0, "postfix/qmgr") + &entry(1, "cron")));
    let journald = open(world.path(), settings(world.path()));
    let handle = journald.handle();
    thread::scope(|scope| {
        let running = scope.spawn(move || journald.run());
        world.until(0..1);
        world.write(&entry(1, "postfix/qmgr"));
        world.until(0..2);
        handle.stop();
        running.join().unwrap().unwrap();
    });
    let counts = handle.counts();
    assert_eq!((counts.lines, counts.passed, counts.cut), (2, 1, 0));
    assert_eq!(handle.take_problems(), Vec::<String>::new());
    assert_eq!(handle.cut_before(), Position::from_u64(2));
    // Nothing is wanted of what was passed over, also by the next.
    let again = open(world.path(), settings(world.path()));
    let handle = again.handle();
    thread::scope(|scope| {
        let running = scope.spawn(move || again.run());
        world.write(&entry(2, "postfix/qmgr"));
        world.until(0..3);
        handle.stop();
        running.join().unwrap().unwrap();
    });
    assert_eq!((handle.counts().lines, handle.counts().passed), (1, 0));
}

#[test]
fn a_journal_that_is_not_there_is_told() {
    let Some(world) = World::new() else { return };
    let journald = open(world.path(), settings(world.path()));
    let handle = journald.handle();
    thread::scope(|scope| {
        let running = scope.spawn(move || journald.run());
        let mut told = Vec::new();
        while told.is_empty() {
            thread::park_timeout(Duration::from_millis(10));
            told = handle.take_problems();
        }
        assert!(told[0].contains("No journal files were found"), "{told:?}");
        // What comes later is read.
        world.write_numbers(0..2);
        world.until(0..2);
        handle.stop();
        running.join().unwrap().unwrap();
    });
}

#[test]
fn what_journald_deleted_meanwhile_does_not_hide_what_it_has() {
    let Some(world) = World::new() else { return };
    world.write_numbers(0..3);
    let mut child = world.start();
    world.until(0..3);
    child.kill().unwrap();
    child.wait().unwrap();
    fs::remove_file(world.path().join("var/mx1.journal")).unwrap();
    world.write_numbers(3..6);
    let mut child = world.start();
    world.until(0..6);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_journalctl_that_fails_is_told_and_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("ran");
    let script = format!(
        "echo no way >&2; [ -e {0} ] && touch {0}2; touch {0}; exit 3",
        marker.display()
    );
    // `sh -c SCRIPT` takes what else it is given as names.
    for (program, says) in [("sh", "no way"), ("/nowhere/journalctl", "cannot be run")] {
        let sh = folder.path().join("sh");
        fs::write(&sh, format!("#!/bin/sh\n{script}\n")).unwrap();
        let mut permissions = fs::metadata(&sh).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
        fs::set_permissions(&sh, permissions).unwrap();
        let settings = JournaldSettings {
            program: folder.path().join(program).into(),
            ..JournaldSettings::default()
        };
        let journald = open(folder.path(), settings);
        let handle = journald.handle();
        thread::scope(|scope| {
            let running = scope.spawn(move || journald.run());
            let mut told = Vec::new();
            for _ in 0..500 {
                told.extend(handle.take_problems());
                let again = told
                    .iter()
                    .filter(|it| it.contains("started again"))
                    .count();
                if again > 1 {
                    break;
                }
                thread::park_timeout(Duration::from_millis(10));
            }
            handle.stop();
            running.join().unwrap().unwrap();
            assert!(
                told.iter()
                    .filter(|it| it.contains("started again"))
                    .count()
                    > 1,
                "{told:?}"
            );
            assert!(told.iter().any(|it| it.contains(says)), "{told:?}");
        });
    }
}
