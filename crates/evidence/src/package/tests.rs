use super::{Package, README_TEXT};
use crate::folder::crash;
use crate::{Coverage, Cut, Description, Error, Manifest, SigningKey, VerifyingKey, verify};
use jiff::Timestamp;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use tempfile::TempDir;

const FILES: [(&str, &str, Option<Cut>); 3] = [
    ("a.ndjson", "{\"n\":1}\n{\"n\":2}\n", Some(Cut::Lines)),
    ("b.csv", "n,text\n1,\"two\nlines\"\n", Some(Cut::Csv)),
    ("c.parquet", "PAR1 and more", None),
];

fn description() -> Description {
    Description {
        archive_id: "a1".to_owned(),
        query: "to:bert@example.org".to_owned(),
        since: None,
        until: None,
        asked_by: "support".to_owned(),
        asked_at: Timestamp::UNIX_EPOCH,
        coverage: Coverage::default(),
    }
}

/// The job: writes what is not there yet, in two strokes each, and seals.
fn export(folder: &Path, key: &SigningKey) -> Result<Manifest, Error> {
    let mut package = Package::create_or_resume(folder, description())?;
    for (name, text, cut) in &FILES[package.files().len()..] {
        let mut file = package.begin_file(name, *cut)?;
        let (first, rest) = text.split_at(5);
        for part in [first, rest] {
            // Flushed, so that a crash leaves half of a file.
            let written = file.write_all(part.as_bytes()).and_then(|()| file.flush());
            written.map_err(Error::io("write", *name))?;
        }
        file.finish()?;
    }
    package.seal(key)
}

/// The same, but the disk does nothing from step `steps` on.
fn crash_at(steps: u64, folder: &Path, key: &SigningKey) -> Result<Manifest, Error> {
    crash::after(steps);
    let result = export(folder, key);
    crash::never();
    result
}

fn assert_whole(folder: &Path, key: &VerifyingKey) {
    let report = verify(folder, Some(key)).unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    let manifest = report.manifest.unwrap();
    for ((name, text, cut), entry) in FILES.iter().zip(&manifest.files) {
        assert_eq!((*name, *cut), (entry.name.as_str(), entry.cut()));
        assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), *text);
    }
}

fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

/// How many steps the whole job has.
fn steps(key: &SigningKey) -> u64 {
    let is_done = |&steps: &u64| crash_at(steps, folder().path(), key).is_ok();
    (0..).find(is_done).unwrap()
}

#[test]
fn a_job_killed_at_any_step_is_finished_by_the_next() {
    let key = SigningKey::generate().unwrap();
    let all = steps(&key);
    assert!(all > 60, "{all}");
    for at in 0..all {
        let folder = folder();
        assert!(crash_at(at, folder.path(), &key).is_err(), "step {at}");
        match export(folder.path(), &key) {
            Ok(_) | Err(Error::Sealed(_)) => assert_whole(folder.path(), &key.verifying_key()),
            Err(error) => panic!("step {at}: {error:?}"),
        }
    }
}

#[test]
fn a_job_killed_twice_is_finished_by_the_third() {
    let key = SigningKey::generate().unwrap();
    let all = steps(&key);
    for first in (0..all).step_by(3) {
        for second in 0..all {
            let folder = folder();
            assert!(crash_at(first, folder.path(), &key).is_err());
            // The second may come through, as it has less to do.
            let _ = crash_at(second, folder.path(), &key);
            match export(folder.path(), &key) {
                Ok(_) | Err(Error::Sealed(_)) => assert_whole(folder.path(), &key.verifying_key()),
                Err(error) => panic!("steps {first}, {second}: {error:?}"),
            }
        }
    }
}

#[test]
fn finished_files_are_not_written_again() {
    let key = SigningKey::generate().unwrap();
    let mut resumed_with = Vec::new();
    for at in 0..steps(&key) {
        let folder = folder();
        let _ = crash_at(at, folder.path(), &key);
        if let Ok(package) = Package::create_or_resume(folder.path(), description()) {
            resumed_with.push(package.files().len());
        }
    }
    assert!(resumed_with.is_sorted(), "{resumed_with:?}");
    resumed_with.dedup();
    assert_eq!(resumed_with, [0, 1, 2, 3]);
}

/// A write that fails while the process lives, such as on a full disk.
#[test]
fn a_step_that_fails_once_is_taken_again_or_asks_for_a_resume() {
    let key = SigningKey::generate().unwrap();
    let mut broken = 0;
    for at in 0.. {
        let folder = folder();
        let mut package = Package::create_or_resume(folder.path(), description()).unwrap();
        crash::after(at);
        let first = package.begin_file("first", None).and_then(|it| it.finish());
        crash::never();
        if first.is_ok() {
            break;
        }
        if matches!(package.begin_file("second", None), Err(Error::Broken(_))) {
            broken += 1;
            drop(package);
            package = Package::create_or_resume(folder.path(), description()).unwrap();
        }
        let mut file = package.begin_file("second", None).unwrap();
        file.write_all(b"more").unwrap();
        file.finish().unwrap();
        package.seal(&key).unwrap();
        let report = verify(folder.path(), Some(&key.verifying_key())).unwrap();
        assert!(report.is_sound(), "step {at}: {:?}", report.faults);
    }
    // Three of the journal's line, the name and its sync.
    assert_eq!(broken, 5);
}

#[test]
fn the_readme_is_plain_text_for_any_screen() {
    assert!(README_TEXT.is_ascii());
    assert!(README_TEXT.lines().all(|line| line.len() <= 80));
}
