//! What is sealed is sound, and says what it was told.

use crate::support::{FILES, begin, description, folder, sealed, write};
use evidence::{Cut, Error, SigningKey, verify};
use std::io::Write as _;

#[test]
fn a_sealed_package_is_sound_for_who_knows_the_key() {
    let sealed = sealed();
    let report = verify(sealed.path(), Some(&sealed.key)).unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    assert_eq!(report.signer, Some(sealed.key.fingerprint()));
    assert!(report.is_known_key);
    let manifest = report.manifest.unwrap();
    assert_eq!(manifest, sealed.manifest);
    assert_eq!(manifest.description, description());
    for (name, bytes, _) in FILES {
        assert_eq!(sealed.read(name), bytes);
        assert_eq!(manifest.file(name).unwrap().bytes, bytes.len() as u64);
    }
}

#[test]
fn who_does_not_know_the_key_is_told_so() {
    let sealed = sealed();
    let report = verify(sealed.path(), None).unwrap();
    assert!(report.is_sound() && !report.is_known_key);
    assert_eq!(report.signer, Some(sealed.key.fingerprint()));
}

#[test]
fn the_folder_has_the_files_listed_and_no_others() {
    let sealed = sealed();
    let mut found: Vec<String> = std::fs::read_dir(sealed.path())
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    let listed = sealed.manifest.files.iter().map(|it| it.name.as_str());
    let mut listed: Vec<&str> = listed.chain(["manifest.json", "manifest.sig"]).collect();
    listed.sort_unstable();
    assert_eq!(found, listed);
}

#[test]
fn records_are_counted_by_their_format() {
    let sealed = sealed();
    let count = |name: &str| {
        let records = sealed.manifest.file(name).unwrap().records.as_ref();
        records.map(|it| it.count)
    };
    assert_eq!(count("events-1.ndjson"), Some(3));
    assert_eq!(count("events-1.csv"), Some(3));
    assert_eq!(count("events-1.parquet"), None);
    assert_eq!(count("empty.ndjson"), Some(0));
}

#[test]
fn how_the_bytes_were_handed_in_makes_no_difference() {
    let (name, bytes, cut) = FILES[1];
    let mut roots = Vec::new();
    for step in [1, 2, 7, bytes.len()] {
        let folder = folder();
        let mut package = begin(folder.path());
        let mut file = package.begin_file(name, cut).unwrap();
        for part in bytes.chunks(step) {
            file.write_all(part).unwrap();
        }
        roots.push(file.finish().unwrap());
    }
    roots.dedup();
    assert_eq!(roots.len(), 1);
}

#[test]
fn an_export_of_nothing_is_a_package_too() {
    let folder = folder();
    let key = SigningKey::generate().unwrap();
    begin(folder.path()).seal(&key).unwrap();
    let report = verify(folder.path(), Some(&key.verifying_key())).unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
}

#[test]
fn nothing_can_be_added_to_what_is_sealed() {
    let sealed = sealed();
    let again = evidence::Package::create_or_resume(sealed.path(), description());
    assert!(matches!(again, Err(Error::Sealed(_))));
    sealed.assert_faults(&[]);
}

#[test]
fn names_that_a_package_cannot_have_are_refused() {
    let folder = folder();
    let mut package = begin(folder.path());
    write(&mut package, "a.csv", b"", Some(Cut::Csv));
    for name in [
        "",
        "..",
        "../a",
        "a/b",
        "a\\b",
        "a\nb",
        "a\0",
        ".a",
        "Manifest.JSON",
        "unsealed.part",
    ] {
        let refused = package.begin_file(name, None);
        assert!(matches!(refused, Err(Error::Name(_))), "{name:?}");
    }
    for name in ["a.csv", "A.CSV"] {
        let refused = package.begin_file(name, None);
        assert!(matches!(refused, Err(Error::Exists(_))), "{name:?}");
    }
}

#[test]
fn a_package_has_not_more_files_than_can_be_read_again() {
    let folder = folder();
    let mut package = begin(folder.path());
    for at in 0..evidence::FILES_MAX - 3 {
        write(&mut package, &at.to_string(), b"", None);
    }
    let refused = package.begin_file("more", None);
    assert!(matches!(refused, Err(Error::TooManyFiles)));
    drop(refused);
    let key = SigningKey::generate().unwrap();
    package.seal(&key).unwrap();
    let report = verify(folder.path(), Some(&key.verifying_key())).unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
}

#[test]
fn a_description_that_is_too_long_is_refused() {
    let folder = folder();
    let mut long = description();
    long.query = "q".repeat(evidence::DESCRIPTION_BYTES_MAX);
    let refused = evidence::Package::create_or_resume(folder.path(), long);
    assert!(matches!(refused, Err(Error::DescriptionTooLong(_))));
}
