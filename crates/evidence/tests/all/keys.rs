//! Keys: kept for their owner only, and the same for OpenSSL.

use evidence::{Error, SigningKey, VerifyingKey};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

#[test]
fn a_stored_key_is_for_its_owner_only_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let key = SigningKey::generate().unwrap();
    key.store(&path).unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    let again = SigningKey::open(&path).unwrap();
    assert_eq!(again.verifying_key(), key.verifying_key());
}

#[test]
fn a_key_that_others_can_read_or_write_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    SigningKey::generate().unwrap().store(&path).unwrap();
    for bit in [0o001, 0o002, 0o004, 0o010, 0o020, 0o040] {
        fs::set_permissions(&path, Permissions::from_mode(0o600 | bit)).unwrap();
        let refused = SigningKey::open(&path);
        assert!(matches!(refused, Err(Error::KeyIsOpen { mode, .. }) if mode == 0o600 | bit));
    }
    fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
    assert!(SigningKey::open(&path).is_ok());
}

#[test]
fn a_key_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let first = SigningKey::generate().unwrap();
    first.store(&path).unwrap();
    let second = SigningKey::generate().unwrap();
    assert!(matches!(second.store(&path), Err(Error::Io { .. })));
    let kept = SigningKey::open(&path).unwrap();
    assert_eq!(kept.verifying_key(), first.verifying_key());
    assert_ne!(first.verifying_key(), second.verifying_key());
}

#[test]
fn what_is_no_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let key = SigningKey::generate().unwrap();
    let public = key.verifying_key().to_pem();
    for text in ["", "no key", &public, &"x".repeat(100_000)] {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(SigningKey::open(&path), Err(Error::NotAKey)));
    }
    for text in ["", "no key", &"\n".repeat(100_000), &public[1..]] {
        assert!(matches!(VerifyingKey::from_pem(text), Err(Error::NotAKey)));
    }
}

/// RFC 8410, section 10: a secret key, and the public key that belongs to it.
#[test]
fn the_key_of_rfc_8410_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let secret = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
        -----END PRIVATE KEY-----\n";
    let public = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
        -----END PUBLIC KEY-----\n";
    fs::write(&path, secret).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let key = SigningKey::open(&path).unwrap();
    assert_eq!(key.verifying_key().to_pem(), public);
    let again = folder.path().join("again.pem");
    key.store(&again).unwrap();
    assert_eq!(fs::read_to_string(again).unwrap(), secret);
}

#[test]
fn openssl_reads_our_keys_and_we_read_its() {
    let folder = tempfile::tempdir().unwrap();
    let ours = folder.path().join("ours.pem");
    let theirs = folder.path().join("theirs.pem");
    let key = SigningKey::generate().unwrap();
    key.store(&ours).unwrap();
    let mut openssl = Command::new("openssl");
    openssl.args(["pkey", "-pubout", "-in"]).arg(&ours);
    let output = match openssl.output() {
        Ok(output) => output,
        Err(error) => return println!("skipped: openssl: {error}"),
    };
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, key.verifying_key().to_pem().as_bytes());
    let mut openssl = Command::new("openssl");
    openssl.args(["genpkey", "-algorithm", "ed25519", "-out"]);
    assert!(openssl.arg(&theirs).status().unwrap().success());
    fs::set_permissions(&theirs, Permissions::from_mode(0o600)).unwrap();
    assert!(SigningKey::open(&theirs).is_ok());
}

#[test]
fn a_fingerprint_is_shown_in_groups() {
    let key = SigningKey::generate().unwrap().verifying_key();
    let shown = key.fingerprint().to_string();
    assert!(shown.split(' ').all(|group| group.len() == 4));
    assert_eq!(
        shown.replace(' ', ""),
        key.fingerprint().digest().to_string()
    );
}
