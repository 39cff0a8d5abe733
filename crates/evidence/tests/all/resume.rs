//! A job that was killed goes on behind its last finished file. Kills at each step: `src/package/tests.rs`.

use crate::support::{FILES, begin, description, folder, write};
use evidence::{Error, Package, SigningKey, verify};
use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Names the folder to a child process of these tests.
const FOLDER: &str = "WAYBILL_EVIDENCE_KILLED_IN";

fn names(package: &Package) -> Vec<&str> {
    package.files().iter().map(|it| it.name.as_str()).collect()
}

fn resume(folder: &Path) -> Result<Package, Error> {
    Package::create_or_resume(folder, description())
}

#[test]
fn a_file_that_was_not_finished_is_gone() {
    let folder = folder();
    let mut package = begin(folder.path());
    write(&mut package, "first", b"1", None);
    let mut file = package.begin_file("second", None).unwrap();
    file.write_all(b"half").unwrap();
    drop(file);
    drop(package);
    let mut package = resume(folder.path()).unwrap();
    assert_eq!(names(&package), ["first"]);
    write(&mut package, "second", b"2", None);
    assert_eq!(names(&package), ["first", "second"]);
    let key = SigningKey::generate().unwrap();
    package.seal(&key).unwrap();
    assert!(verify(folder.path(), None).unwrap().is_sound());
    assert_eq!(fs::read(folder.path().join("second")).unwrap(), b"2");
}

#[test]
fn two_cannot_write_one_package() {
    let folder = folder();
    let package = begin(folder.path());
    assert!(matches!(resume(folder.path()), Err(Error::InUse(_))));
    drop(package);
    assert!(resume(folder.path()).is_ok());
}

#[test]
fn another_question_does_not_go_on_with_the_first_ones_files() {
    let folder = folder();
    drop(begin(folder.path()));
    let mut other = description();
    other.query.push('x');
    let refused = Package::create_or_resume(folder.path(), other);
    assert!(matches!(refused, Err(Error::OtherExport(_))));
}

#[test]
fn a_finished_file_that_was_changed_is_not_signed() {
    let change: [fn(&Path); 4] = [
        |path| fs::write(path, b"2").unwrap(),
        |path| fs::write(path, b"12").unwrap(),
        |path| fs::remove_file(path).unwrap(),
        |path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        },
    ];
    for change in change {
        let folder = folder();
        let mut package = begin(folder.path());
        write(&mut package, "first", b"1", None);
        write(&mut package, "second", b"2", None);
        drop(package);
        change(&folder.path().join("first"));
        let refused = resume(folder.path());
        assert!(matches!(refused, Err(Error::Changed { name, .. }) if name == "first"));
    }
}

#[test]
fn a_folder_with_foreign_files_is_left_alone() {
    let folder = folder();
    let foreign = folder.path().join("foreign");
    fs::write(&foreign, b"mine").unwrap();
    assert!(matches!(resume(folder.path()), Err(Error::Foreign(path)) if path == foreign));
    assert_eq!(fs::read(&foreign).unwrap(), b"mine");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_put_in_while_it_was_made_is_not_sealed_over() {
    let folder = folder();
    let package = begin(folder.path());
    let foreign = folder.path().join("foreign");
    fs::write(&foreign, b"mine").unwrap();
    let refused = package.seal(&SigningKey::generate().unwrap());
    assert!(matches!(refused, Err(Error::Foreign(path)) if path == foreign));
    fs::remove_file(&foreign).unwrap();
    let package = resume(folder.path()).unwrap();
    package.seal(&SigningKey::generate().unwrap()).unwrap();
}

/// The journal cut at each byte: what is whole is there, and what is not is cut off.
#[test]
fn a_torn_journal_loses_the_last_file_only() {
    let folder = folder();
    let mut package = begin(folder.path());
    let journal = folder.path().join("unsealed.journal");
    write(&mut package, "first", b"1", None);
    let one = fs::read(&journal).unwrap().len();
    write(&mut package, "second", b"2", None);
    drop(package);
    let whole = fs::read(&journal).unwrap();
    for length in one..whole.len() {
        fs::write(&journal, &whole[..length]).unwrap();
        let mut package = resume(folder.path()).unwrap();
        assert_eq!(names(&package), ["first"], "{length}");
        write(&mut package, "second", b"2", None);
        drop(package);
        assert_eq!(fs::read(&journal).unwrap(), whole);
    }
}

/// What a crash left behind the last whole line would else stand behind a shorter one.
#[test]
fn the_rest_of_a_torn_line_is_cut_off() {
    let folder = folder();
    let mut package = begin(folder.path());
    let journal = folder.path().join("unsealed.journal");
    write(&mut package, "first", b"1", None);
    drop(package);
    let whole = fs::read(&journal).unwrap();
    let torn = [&whole[..], &[0; 4096], b"\n"].concat();
    fs::write(&journal, torn).unwrap();
    let package = resume(folder.path()).unwrap();
    assert_eq!(names(&package), ["first"]);
    assert_eq!(fs::read(&journal).unwrap(), whole);
}

#[test]
fn a_damaged_journal_is_refused() {
    let folder = folder();
    let mut package = begin(folder.path());
    write(&mut package, "first", b"1", None);
    write(&mut package, "second", b"2", None);
    drop(package);
    let journal = folder.path().join("unsealed.journal");
    let whole = fs::read_to_string(&journal).unwrap();
    let damaged = [
        String::new(),
        whole.replacen("version\":1", "version\":9", 1),
        whole.replacen("\"first\"", "first", 1),
        " ".repeat(evidence::MANIFEST_BYTES_MAX + 1),
    ];
    for text in damaged {
        fs::write(&journal, text).unwrap();
        assert!(matches!(resume(folder.path()), Err(Error::Journal(_))));
    }
    let elsewhere = whole.replacen("\"first\"", "\"../first\"", 1);
    fs::write(&journal, elsewhere).unwrap();
    assert!(matches!(resume(folder.path()), Err(Error::Journal(_))));
}

/// Not a test of its own: the child that is killed. Tells each file that is finished.
#[test]
fn writes_until_it_is_killed() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let mut package = begin(&folder);
    for number in package.files().len().. {
        write(
            &mut package,
            &format!("file-{number}"),
            FILES[1].1,
            FILES[1].2,
        );
        // One write a line: a pipe does not tear it.
        let told = format!("told {number}\n");
        std::io::stdout().write_all(told.as_bytes()).unwrap();
    }
}

#[test]
fn what_was_finished_survives_kill() {
    let folder = folder();
    let mut told = 0;
    for round in 0..10 {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args([
            "--exact",
            "resume::writes_until_it_is_killed",
            "--nocapture",
        ]);
        command.env(FOLDER, folder.path()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told_of = |line: String| line.strip_prefix("told ").and_then(|it| it.parse().ok());
        let mut numbers = lines.map_while(Result::ok).filter_map(told_of);
        told = numbers.nth(round).unwrap();
        child.kill().unwrap();
        told = numbers.last().unwrap_or(told);
        child.wait().unwrap();
        let package = resume(folder.path()).unwrap();
        assert!(package.files().len() > told, "round {round}");
    }
    let key = SigningKey::generate().unwrap();
    let manifest = resume(folder.path()).unwrap().seal(&key).unwrap();
    assert!(manifest.files.len() > told);
    let report = verify(folder.path(), Some(&key.verifying_key())).unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
}
