//! Whatever is changed in a sealed package is found, and named.

use crate::support::{FILES, Sealed, sealed};
use evidence::{Digest, SigningKey, Wrong, verify};
use std::fs;

/// Each byte changed, by one bit and by all: there is a fault of this file.
fn each_byte_counts(sealed: &Sealed, name: &str) {
    let bytes = sealed.read(name);
    for at in 0..bytes.len() {
        for flip in [1, 0xff] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            sealed.put(name, &changed);
            for known in [Some(&sealed.key), None] {
                let report = verify(sealed.path(), known).unwrap();
                assert!(!report.is_sound(), "{name} byte {at} flip {flip}");
                let is_signed = report.signer.is_some();
                let is_of_data = name != "manifest.json" && name != "manifest.sig";
                let is_of_key = name == "signer.pem" && known.is_none();
                assert!(is_signed == is_of_data || is_of_key, "{name} byte {at}");
            }
        }
    }
    sealed.put(name, &bytes);
    sealed.assert_faults(&[]);
}

#[test]
fn each_byte_of_the_manifest_counts() {
    each_byte_counts(&sealed(), "manifest.json");
}

#[test]
fn each_byte_of_the_signature_counts() {
    each_byte_counts(&sealed(), "manifest.sig");
}

#[test]
fn each_byte_of_each_file_counts() {
    let sealed = sealed();
    for file in sealed.manifest.files.clone() {
        each_byte_counts(&sealed, &file.name);
    }
}

#[test]
fn a_changed_file_is_named_with_both_hashes() {
    let sealed = sealed();
    let (name, bytes, _) = FILES[0];
    let changed = bytes.to_ascii_uppercase();
    sealed.put(name, &changed);
    let listed = Digest::of(bytes);
    let found = Digest::of(&changed);
    sealed.assert_faults(&[(name, Wrong::Hash { listed, found })]);
}

#[test]
fn a_removed_file_is_named() {
    for at in 0.. {
        let sealed = sealed();
        let Some(file) = sealed.manifest.files.get(at) else {
            return;
        };
        fs::remove_file(sealed.of(&file.name)).unwrap();
        sealed.assert_faults(&[(&file.name, Wrong::Missing)]);
    }
}

#[test]
fn without_manifest_or_signature_it_is_no_package() {
    let sealed = sealed();
    fs::remove_file(sealed.of("manifest.sig")).unwrap();
    sealed.assert_faults(&[("manifest.sig", Wrong::Missing)]);
    fs::remove_file(sealed.of("manifest.json")).unwrap();
    sealed.assert_faults(&[("manifest.json", Wrong::Missing)]);
}

#[test]
fn an_added_file_is_named() {
    let sealed = sealed();
    sealed.put("more.csv", b"");
    sealed.put(".hidden", b"");
    fs::create_dir(sealed.of("folder")).unwrap();
    sealed.assert_faults(&[
        (".hidden", Wrong::Unlisted),
        ("folder", Wrong::Unlisted),
        ("more.csv", Wrong::Unlisted),
    ]);
}

#[test]
fn a_renamed_file_is_missing_and_unlisted() {
    let sealed = sealed();
    fs::rename(sealed.of("events-1.csv"), sealed.of("events-2.csv")).unwrap();
    sealed.assert_faults(&[
        ("events-1.csv", Wrong::Missing),
        ("events-2.csv", Wrong::Unlisted),
    ]);
}

#[test]
fn a_file_that_is_cut_or_grown_is_named_with_its_length() {
    let sealed = sealed();
    let (name, bytes, _) = FILES[2];
    let listed = bytes.len() as u64;
    for length in 0..bytes.len() {
        sealed.put(name, &bytes[..length]);
        let found = length as u64;
        sealed.assert_faults(&[(name, Wrong::Length { listed, found })]);
    }
    sealed.put(name, &[bytes, b"\n"].concat());
    let found = listed + 1;
    sealed.assert_faults(&[(name, Wrong::Length { listed, found })]);
}

#[test]
fn a_signature_that_is_cut_or_grown_is_none() {
    let sealed = sealed();
    let signature = sealed.read("manifest.sig");
    for length in 0..signature.len() {
        sealed.put("manifest.sig", &signature[..length]);
        sealed.assert_faults(&[("manifest.sig", Wrong::Signature)]);
    }
    sealed.put("manifest.sig", &[&signature[..], b"\n"].concat());
    sealed.assert_faults(&[("manifest.sig", Wrong::Signature)]);
}

/// Whoever changes a file and seals the package anew with his own key.
#[test]
fn a_package_sealed_by_another_is_not_the_signers() {
    let sealed = sealed();
    let stranger = SigningKey::generate().unwrap().verifying_key();
    let report = verify(sealed.path(), Some(&stranger)).unwrap();
    assert_eq!(report.signer, None);
    let expected = stranger.fingerprint();
    let found = sealed.key.fingerprint();
    let faults: Vec<_> = report
        .faults
        .into_iter()
        .map(|it| (it.file, it.what))
        .collect();
    let of = |name: &str, what| (name.to_owned(), what);
    assert_eq!(
        faults,
        [
            of("manifest.sig", Wrong::Signature),
            of("signer.pem", Wrong::OtherKey { expected, found }),
            of("manifest.json", Wrong::OtherKey { expected, found }),
        ]
    );
}

/// Not only is the key's file changed: who takes the key out of the package must not be misled.
#[test]
fn another_key_in_the_package_is_named() {
    let sealed = sealed();
    let other = SigningKey::generate().unwrap().verifying_key();
    sealed.put("signer.pem", other.to_pem().as_bytes());
    let report = verify(sealed.path(), Some(&sealed.key)).unwrap();
    assert_eq!(report.signer, Some(sealed.key.fingerprint()));
    let names: Vec<&str> = report.faults.iter().map(|it| it.file.as_str()).collect();
    assert_eq!(names, ["signer.pem", "signer.pem"]);
    assert_eq!(verify(sealed.path(), None).unwrap().signer, None);
}

#[test]
fn faults_are_bounded_and_the_rest_counted() {
    let sealed = sealed();
    for at in 0..evidence::FAULTS_MAX + 7 {
        sealed.put(&format!("more-{at}"), b"");
    }
    let report = verify(sealed.path(), Some(&sealed.key)).unwrap();
    assert_eq!(report.faults.len(), evidence::FAULTS_MAX);
    assert_eq!(report.faults_untold, 7);
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    assert!(verify(&sealed().of("nowhere"), None).is_err());
}
