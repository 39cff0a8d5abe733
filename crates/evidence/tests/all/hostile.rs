//! Packages made to harm whoever checks them: validly signed, or with links in the place of files.

use crate::support::{FILES, Sealed, sealed};
use evidence::{Cut, Digest, Malformed, Manifest, Records, SigningKey, Wrong, verify};
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

/// Signs any text as the manifest, as an evil signer would: with `openssl`, for this crate does not.
fn sign_by_hand(sealed: &Sealed, text: &[u8]) -> bool {
    let key = SigningKey::generate().unwrap();
    let secret = tempfile::tempdir().unwrap();
    let pem = secret.path().join("key.pem");
    key.store(&pem).unwrap();
    sealed.put("manifest.json", text);
    sealed.put("signer.pem", key.verifying_key().to_pem().as_bytes());
    let mut openssl = Command::new("openssl");
    openssl.args(["pkeyutl", "-sign", "-rawin", "-inkey"]);
    openssl.arg(&pem).arg("-in").arg(sealed.of("manifest.json"));
    openssl.arg("-out").arg(sealed.of("manifest.sig"));
    match openssl.output() {
        Ok(output) => {
            assert!(output.status.success(), "{output:?}");
            true
        }
        Err(error) => {
            println!("skipped: openssl: {error}");
            false
        }
    }
}

#[test]
fn a_signed_manifest_never_leads_outside_the_folder() {
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret");
    fs::write(&secret, FILES[0].1).unwrap();
    for name in [
        secret.to_str().unwrap(),
        "../secret",
        "..",
        "a/../../secret",
        "unsealed.part",
    ] {
        let sealed = sealed();
        let mut manifest = sealed.manifest.clone();
        manifest.files[0].name = name.to_owned();
        if !sign_by_hand(&sealed, &manifest.to_json()) {
            return;
        }
        let report = verify(sealed.path(), None).unwrap();
        assert!(report.signer.is_some() && report.manifest.is_none());
        let what = Wrong::Manifest(Malformed::Name(name.to_owned()));
        assert_eq!(report.faults.len(), 1, "{:?}", report.faults);
        assert_eq!(report.faults[0].what, what);
        assert!(evidence::proof(sealed.path(), name, 0).is_err());
    }
}

#[test]
fn a_signed_manifest_with_a_wrong_root_is_refused() {
    let sealed = sealed();
    let mut manifest = sealed.manifest.clone();
    manifest.root = Digest::of(b"");
    if sign_by_hand(&sealed, &manifest.to_json()) {
        let report = verify(sealed.path(), None).unwrap();
        assert_eq!(report.faults.len(), 1);
        assert_eq!(report.faults[0].what, Wrong::Manifest(Malformed::Root));
    }
}

#[test]
fn links_and_folders_and_pipes_are_not_opened() {
    let outside = tempfile::tempdir().unwrap();
    for (name, bytes, _) in FILES {
        let sealed = sealed();
        let target = outside.path().join(name);
        fs::write(&target, bytes).unwrap();
        let place = sealed.of(name);
        fs::remove_file(&place).unwrap();
        symlink(&target, &place).unwrap();
        sealed.assert_faults(&[(name, Wrong::NotAFile)]);
        fs::remove_file(&place).unwrap();
        fs::create_dir(&place).unwrap();
        sealed.assert_faults(&[(name, Wrong::NotAFile)]);
        fs::remove_dir(&place).unwrap();
        if Command::new("mkfifo")
            .arg(&place)
            .status()
            .is_ok_and(|it| it.success())
        {
            // Whoever opened it would wait for ever.
            sealed.assert_faults(&[(name, Wrong::NotAFile)]);
        }
    }
}

#[test]
fn manifest_and_key_behind_links_are_not_read() {
    let outside = tempfile::tempdir().unwrap();
    for name in ["manifest.json", "manifest.sig", "signer.pem"] {
        let sealed = sealed();
        let target = outside.path().join(name);
        fs::write(&target, sealed.read(name)).unwrap();
        fs::remove_file(sealed.of(name)).unwrap();
        symlink(&target, sealed.of(name)).unwrap();
        sealed.assert_faults(&[(name, Wrong::NotAFile)]);
    }
}

#[test]
fn a_huge_manifest_is_not_read_whole() {
    let sealed = sealed();
    // Sparse: a terabyte that takes no room.
    let file = fs::File::options()
        .write(true)
        .open(sealed.of("manifest.json"))
        .unwrap();
    file.set_len(1 << 40).unwrap();
    sealed.assert_faults(&[("manifest.json", Wrong::Manifest(Malformed::TooLarge))]);
}

#[test]
fn names_of_foreign_files_are_harmless_on_a_terminal() {
    let sealed = sealed();
    sealed.put("\u{1b}[2Jgone\n", b"");
    let shown = sealed.faults()[0].to_string();
    assert_eq!(shown, "\\u{1b}[2Jgone\\n: is not part of the package");
}

#[test]
fn sums_that_differ_from_the_manifest_are_named() {
    let sealed = sealed();
    let sums = sealed.read("SHA256SUMS").to_ascii_uppercase();
    let mut manifest = sealed.manifest.clone();
    let last = manifest.files.last_mut().unwrap();
    last.sha256 = Digest::of(&sums);
    sealed.put("SHA256SUMS", &sums);
    // Root and signature are made right by who signs, the sums are not.
    let manifest = with_root(manifest);
    if sign_by_hand(&sealed, &manifest.to_json()) {
        let report = verify(sealed.path(), None).unwrap();
        let of_sums = report.faults.iter().filter(|it| it.file == "SHA256SUMS");
        let of_sums: Vec<&Wrong> = of_sums.map(|it| &it.what).collect();
        assert_eq!(of_sums, [&Wrong::Sums]);
    }
}

#[test]
fn records_that_are_not_those_of_the_file_are_named() {
    let (name, _, _) = FILES[0];
    let change: [fn(&mut Records); 3] = [
        |it| it.count += 1,
        |it| it.root = Digest::of(b""),
        |it| it.cut = Cut::Csv,
    ];
    for (change, is_wrong) in change.into_iter().zip([true, true, false]) {
        let sealed = sealed();
        let mut manifest = sealed.manifest.clone();
        change(manifest.files[0].records.as_mut().unwrap());
        if !sign_by_hand(&sealed, &with_root(manifest).to_json()) {
            return;
        }
        let report = verify(sealed.path(), None).unwrap();
        let mut of_file = report.faults.iter().filter(|it| it.file == name);
        // Without line feeds in quotes both cuts are the same records.
        let found = of_file.next().map(|it| &it.what);
        assert_eq!(found, is_wrong.then_some(&Wrong::Records));
    }
}

/// The manifest with the root of its files, by the only way that a stranger has: RFC 6962 over the entries.
fn with_root(mut manifest: Manifest) -> Manifest {
    fn root(leaves: &[Digest]) -> Digest {
        if let [leaf] = leaves {
            return *leaf;
        }
        let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
        let (left, right) = (root(left), root(right));
        Digest::of(&[&[1][..], left.as_bytes(), right.as_bytes()].concat())
    }
    let leaf = |entry| Digest::of(&[&[0][..], &serde_json::to_vec(entry).unwrap()].concat());
    let leaves: Vec<Digest> = manifest.files.iter().map(leaf).collect();
    manifest.root = root(&leaves);
    manifest
}

#[test]
fn the_root_is_what_a_stranger_computes() {
    let sealed = sealed();
    assert_eq!(with_root(sealed.manifest.clone()), sealed.manifest);
}
