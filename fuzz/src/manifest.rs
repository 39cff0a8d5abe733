//! Target `manifest`: any bytes as the manifest, the key or the proof of an export, and as the manifest in a folder.

use evidence::{Manifest, Proof, VerifyingKey, verify, verify_proof};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// What is read is written the same, names only files of the folder, and none of it makes a package sound.
pub fn manifest(input: &[u8]) {
    if let Ok(manifest) = Manifest::from_json(input) {
        assert_eq!(manifest.to_json(), input);
        for file in &manifest.files {
            assert!(!file.name.contains(['/', '\\', '\0']) && file.name != "..");
            assert_eq!(Path::new(&file.name).components().count(), 1);
        }
    }
    if let Ok(proof) = Proof::from_json(input) {
        assert_eq!(Proof::from_json(&proof.to_json()).ok(), Some(proof.clone()));
        let root = proof.file.sha256;
        assert!(!verify_proof(input, &proof, &root));
    }
    if let Some(key) = str::from_utf8(input)
        .ok()
        .and_then(|it| VerifyingKey::from_pem(it).ok())
    {
        assert_eq!(VerifyingKey::from_pem(&key.to_pem()).ok(), Some(key));
    }
    look(input);
}

/// A folder with the bytes as manifest, and with a signature of zeros.
fn look(input: &[u8]) {
    let folder = folder();
    let put = |name: &str, bytes: &[u8]| {
        let is_written = fs::write(folder.path().join(name), bytes);
        assert!(is_written.is_ok(), "{is_written:?}");
    };
    put("manifest.json", input);
    put("manifest.sig", &[0; 64]);
    let report = verify(folder.path(), None).expect("the folder is there");
    assert!(!report.is_sound() && report.signer.is_none());
    assert_eq!(report.manifest, Manifest::from_json(input).ok());
}

/// A new folder, in memory where there is such.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("the system has a folder for temporary files")
}
