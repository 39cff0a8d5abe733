//! Whether a package is what was sealed: everything that is wrong with it, by name.

use crate::check::check_file;
use crate::folder::Folder;
use crate::limits::{FAULTS_MAX, KEY_BYTES_MAX, MANIFEST_BYTES_MAX};
use crate::name::{MANIFEST, SIGNATURE, SIGNER, SUMS};
use crate::{Error, Fault, Fingerprint, Malformed, Manifest, VerifyingKey, Wrong};
use std::collections::HashSet;
use std::path::Path;

/// What [`verify`] found.
#[derive(Debug)]
pub struct Report {
    /// What the package says of itself; believe it if there are no faults. `None` if it cannot be read.
    pub manifest: Option<Manifest>,
    /// The key whose signature is valid; `None` if none is.
    pub signer: Option<Fingerprint>,
    /// Whether that is a key that the caller knew. If not, anybody may have made the package: compare the
    /// fingerprint with one that the signer gave by another way.
    pub is_known_key: bool,
    /// All that is wrong, the first [`FAULTS_MAX`].
    pub faults: Vec<Fault>,
    /// How many faults there are beyond those.
    pub faults_untold: u64,
}

impl Report {
    /// Whether the package is whole and unchanged. Whose it is, `signer` and `is_known_key` say.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    fn fault(&mut self, file: &str, what: Wrong) {
        if self.faults.len() == FAULTS_MAX {
            self.faults_untold += 1;
            return;
        }
        let file = file.to_owned();
        self.faults.push(Fault { file, what });
    }
}

/// Checks a package: each file listed is there with its length, hash and records, nothing else is there, and root and
/// signature are right. With a key, that the signature is that key's; without, that it is that of the key in the
/// package, which only tells that the package is in one piece.
///
/// Reads each file once, and nothing outside of the folder; nothing but key and signature if the manifest is not valid.
/// An error only if the folder itself cannot be read.
pub fn verify(folder: &Path, known: Option<&VerifyingKey>) -> Result<Report, Error> {
    let folder = Folder::open(folder)?;
    let mut report = Report {
        manifest: None,
        signer: None,
        is_known_key: known.is_some(),
        faults: Vec::new(),
        faults_untold: 0,
    };
    let carried = or_fault(&mut report, SIGNER, carried_key(&folder));
    let text = or_fault(&mut report, MANIFEST, manifest_text(&folder));
    if let Some(text) = text {
        check_signature(&folder, &text, known.or(carried.as_ref()), &mut report);
        let manifest = Manifest::from_json(&text).map_err(Wrong::Manifest);
        report.manifest = or_fault(&mut report, MANIFEST, manifest);
    }
    if let Some(manifest) = report.manifest.take() {
        check_keys(&manifest, known, carried.as_ref(), &mut report);
        for entry in &manifest.files {
            let checked =
                check_file(&folder, entry, |_| {}).and_then(|()| match entry.name.as_str() {
                    SUMS => check_sums(&folder, &manifest),
                    _ => Ok(()),
                });
            or_fault(&mut report, &entry.name, checked);
        }
        check_unlisted(&folder, &manifest, &mut report)?;
        report.manifest = Some(manifest);
    }
    Ok(report)
}

/// Reads a manifest that this key has signed: all that is needed to trust its root, without the files.
pub fn signed_manifest(
    text: &[u8],
    signature: &[u8],
    key: &VerifyingKey,
) -> Result<Manifest, Error> {
    if !key.has_signed(text, signature) {
        return Err(Error::Signature);
    }
    Ok(Manifest::from_json(text)?)
}

/// The value, or its fault in the report; a fault that the report has is not told twice.
fn or_fault<T>(report: &mut Report, file: &str, value: Result<T, Wrong>) -> Option<T> {
    match value {
        Ok(value) => Some(value),
        Err(what) => {
            let is_told = |it: &Fault| it.file == file && it.what == what;
            if !report.faults.iter().any(is_told) {
                report.fault(file, what);
            }
            None
        }
    }
}

fn manifest_text(folder: &Folder) -> Result<Vec<u8>, Wrong> {
    let text = folder.read_whole(MANIFEST, MANIFEST_BYTES_MAX)?;
    text.ok_or(Wrong::Manifest(Malformed::TooLarge))
}

fn carried_key(folder: &Folder) -> Result<VerifyingKey, Wrong> {
    let pem = folder.read_whole(SIGNER, KEY_BYTES_MAX)?;
    let pem = pem.and_then(|pem| String::from_utf8(pem).ok());
    let key = pem.map(|pem| VerifyingKey::from_pem(&pem));
    key.and_then(Result::ok).ok_or(Wrong::NotAKey)
}

fn check_signature(folder: &Folder, text: &[u8], key: Option<&VerifyingKey>, report: &mut Report) {
    let signature = folder.read_whole(SIGNATURE, 64).map_err(Wrong::from);
    let Some(signature) = or_fault(report, SIGNATURE, signature) else {
        return;
    };
    let is_valid = |key: &&VerifyingKey| key.has_signed(text, &signature.unwrap_or_default());
    match key.filter(is_valid) {
        Some(key) => report.signer = Some(key.fingerprint()),
        None => report.fault(SIGNATURE, Wrong::Signature),
    }
}

/// The key that was expected, the one carried and the one named must be one.
fn check_keys(
    manifest: &Manifest,
    known: Option<&VerifyingKey>,
    carried: Option<&VerifyingKey>,
    report: &mut Report,
) {
    let Some(expected) = known.or(carried).map(VerifyingKey::fingerprint) else {
        return;
    };
    let carried = carried.map(|it| (SIGNER, it.fingerprint()));
    let named = (MANIFEST, manifest.signer);
    for (file, found) in carried.into_iter().chain([named]) {
        if found != expected {
            report.fault(file, Wrong::OtherKey { expected, found });
        }
    }
}

fn check_sums(folder: &Folder, manifest: &Manifest) -> Result<(), Wrong> {
    let expected = manifest.sums();
    let found = folder.read_whole(SUMS, expected.len())?;
    if found.is_none_or(|found| found != expected.as_bytes()) {
        return Err(Wrong::Sums);
    }
    Ok(())
}

fn check_unlisted(folder: &Folder, manifest: &Manifest, report: &mut Report) -> Result<(), Error> {
    let listed = manifest.files.iter().map(|it| it.name.as_str());
    let listed: HashSet<&str> = listed.chain([MANIFEST, SIGNATURE]).collect();
    let mut unlisted = Vec::new();
    for name in folder.names()? {
        let name = name.map_err(Error::io("list folder", folder.path()))?;
        if name.to_str().is_some_and(|name| listed.contains(name)) {
            continue;
        }
        match unlisted.len() {
            FAULTS_MAX => report.faults_untold += 1,
            _ => unlisted.push(name.to_string_lossy().into_owned()),
        }
    }
    unlisted.sort_unstable();
    for name in unlisted {
        report.fault(&name, Wrong::Unlisted);
    }
    Ok(())
}
