//! A small package to begin with.

use evidence::{
    Coverage, Cut, Description, Fault, HostCoverage, Manifest, Package, SigningKey, VerifyingKey,
    Wrong, verify,
};
use jiff::Timestamp;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(crate) const FILES: [(&str, &[u8], Option<Cut>); 4] = [
    (
        "events-1.ndjson",
        b"{\"rcpt_to\":\"anna@example.org\"}\n{\"rcpt_to\":\"bert@example.org\"}\n{}\n",
        Some(Cut::Lines),
    ),
    (
        "events-1.csv",
        b"rcpt_to,lines\r\nanna@example.org,\"one\ntwo \"\"quoted\"\"\"\r\nbert@example.org,",
        Some(Cut::Csv),
    ),
    ("events-1.parquet", b"PAR1\x00\xff\nPAR1", None),
    ("empty.ndjson", b"", Some(Cut::Lines)),
];

pub(crate) fn description() -> Description {
    let at = |seconds| Timestamp::from_second(seconds).unwrap();
    let host = HostCoverage {
        host_name: "mx1.example.org".to_owned(),
        first_line_at: at(1_700_000_000),
        last_line_at: at(1_700_086_400),
    };
    Description {
        archive_id: "archive-1".to_owned(),
        query: "to:anna@example.org after:2023-11-14 \"quoted\"".to_owned(),
        since: Some(at(1_700_000_000)),
        until: Some(at(1_700_086_400)),
        asked_by: "Ämter & Söhne".to_owned(),
        asked_at: at(1_700_090_000),
        coverage: Coverage {
            hosts: vec![host],
            lines: 1_000,
            lines_unknown: 3,
        },
    }
}

/// A folder for a package, in memory where there is such: a sync costs nothing there.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

pub(crate) fn begin(folder: &Path) -> Package {
    Package::create_or_resume(folder, description()).unwrap()
}

pub(crate) fn write(package: &mut Package, name: &str, bytes: &[u8], cut: Option<Cut>) {
    let mut file = package.begin_file(name, cut).unwrap();
    file.write_all(bytes).unwrap();
    file.finish().unwrap();
}

/// A sealed package with [`FILES`].
pub(crate) struct Sealed {
    folder: TempDir,
    pub(crate) key: VerifyingKey,
    pub(crate) manifest: Manifest,
}

pub(crate) fn sealed() -> Sealed {
    let folder = folder();
    let key = SigningKey::generate().unwrap();
    let mut package = begin(folder.path());
    for (name, bytes, cut) in FILES {
        write(&mut package, name, bytes, cut);
    }
    let manifest = package.seal(&key).unwrap();
    Sealed {
        folder,
        key: key.verifying_key(),
        manifest,
    }
}

impl Sealed {
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn of(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.of(name)).unwrap()
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.of(name), bytes).unwrap();
    }

    /// Faults that are found with the signer's key known.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        verify(self.path(), Some(&self.key)).unwrap().faults
    }

    pub(crate) fn assert_faults(&self, expected: &[(&str, Wrong)]) {
        let found = self.faults();
        let found: Vec<(&str, Wrong)> = found
            .iter()
            .map(|it| (it.file.as_str(), it.what.clone()))
            .collect();
        assert_eq!(found, expected);
    }
}
