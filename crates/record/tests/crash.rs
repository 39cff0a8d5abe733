//! An import that is killed at any moment loses nothing and takes nothing twice.

mod common;

use common::{day, lines_in, lines_of, put, sets, settings, take};
use record::{Options, import};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use store::Archive;

const ARCHIVE: &str = "WAYBILL_CRASH_ARCHIVE";
const LOG: &str = "WAYBILL_CRASH_LOG";
/// Some ten commits for the log below.
const COMMIT_BYTES: usize = 1 << 20;

/// Not a test by itself: what the others start and kill.
#[test]
fn child_imports() {
    let (Some(archive), Some(log)) = (std::env::var_os(ARCHIVE), std::env::var_os(LOG)) else {
        return;
    };
    let writer = Archive::open_or_create(Path::new(&archive))
        .and_then(Archive::writer)
        .expect("the one before was killed and holds no lock");
    let options = Options {
        commit_bytes: COMMIT_BYTES,
        ..Options::default()
    };
    let sets = sets(&[Path::new(&log)]);
    let progress = Arc::new(AtomicU64::new(0));
    import(writer, &sets, &settings(), options, &progress).expect("it can be imported");
}

/// Starts an import, and kills it after a time; whether it was still going on.
fn killed_after(archive: &Path, log: &Path, after: Duration) -> bool {
    let mut child = Command::new(std::env::current_exe().expect("this test has a program"))
        .args(["--exact", "child_imports", "--nocapture"])
        .env(ARCHIVE, archive)
        .env(LOG, log)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it can be started");
    std::thread::park_timeout(after);
    let goes_on = child.try_wait().expect("it is ours").is_none();
    child.kill().expect("it is ours");
    child.wait().expect("it is ours");
    goes_on
}

fn kills(rounds: u64, seed: u64) {
    let log_folder = tempfile::tempdir().expect("there is room for temporary files");
    let text = day(80_000, seed);
    let log = put(log_folder.path(), "mail.log", &text);
    let was = lines_in(&sets(&[&log]));
    let mut chance = seed;
    let mut killed = 0;
    let mut archive = tempfile::tempdir().expect("there is room for temporary files");
    for _ in 0..rounds {
        // Xorshift: moments from the first millisecond to about the end.
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        let after = Duration::from_millis(1 + chance % 900);
        if killed_after(archive.path(), &log, after) {
            killed += 1;
        } else {
            take(archive.path(), &[&log]);
            assert!(lines_of(archive.path()) == was, "seed {seed}");
            archive = tempfile::tempdir().expect("there is room for temporary files");
            continue;
        }
        if Archive::open(archive.path()).is_ok() {
            let there = lines_of(archive.path());
            let too_often = there.iter().find(|(line, n)| was.get(*line) < Some(n));
            let line = too_often.map(|(line, _)| String::from_utf8_lossy(line));
            assert!(line.is_none(), "seed {seed}: {line:?}");
        }
    }
    assert!(killed > rounds / 4, "{killed} of {rounds} were killed");
    take(archive.path(), &[&log]);
    assert!(lines_of(archive.path()) == was, "seed {seed}");
}

#[test]
fn an_import_that_is_killed_goes_on() {
    kills(12, 3);
}

#[test]
fn long_five_hundred_kills() {
    if std::env::var_os("WAYBILL_LONG").is_none() {
        eprintln!("skipped: five hundred kills take half an hour; `WAYBILL_LONG=1` runs them");
        return;
    }
    kills(500, 5);
}
