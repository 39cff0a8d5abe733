use super::{Malformed, Manifest, description_bytes};
use crate::limits::{
    DESCRIPTION_BYTES_MAX, ENTRY_BYTES_MAX, FILES_MAX, MANIFEST_BYTES_MAX, NAME_BYTES_MAX,
};
use crate::name::{OWN, is_name};
use crate::{
    Coverage, Cut, Description, Digest, Entry, HostCoverage, Records, SigningKey, VerifyingKey,
};
use expect_test::expect;
use jiff::Timestamp;

/// A fixed key: RFC 8410, section 10.3.
fn key() -> VerifyingKey {
    let pem = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
        -----END PUBLIC KEY-----\n";
    VerifyingKey::from_pem(pem).unwrap()
}

fn description() -> Description {
    let host = HostCoverage {
        host_name: "mx1.example.org".to_owned(),
        first_line_at: Timestamp::UNIX_EPOCH,
        last_line_at: Timestamp::from_nanosecond(1_500_000_000).unwrap(),
    };
    Description {
        archive_id: "a1".to_owned(),
        query: "from:anna@example.org".to_owned(),
        since: Some(Timestamp::UNIX_EPOCH),
        until: None,
        asked_by: "court".to_owned(),
        asked_at: Timestamp::UNIX_EPOCH,
        coverage: Coverage {
            hosts: vec![host],
            lines: 3,
            lines_unknown: 1,
        },
    }
}

fn entry(name: &str) -> Entry {
    Entry {
        name: name.to_owned(),
        bytes: 0,
        sha256: Digest::of(b""),
        records: None,
    }
}

/// A manifest of these files and the package's own.
fn manifest(names: &[&str]) -> Manifest {
    let files = names.iter().chain(&OWN).map(|name| entry(name)).collect();
    Manifest::new(description(), key().fingerprint(), files)
}

fn read(manifest: &Manifest) -> Result<Manifest, Malformed> {
    Manifest::from_json(&manifest.to_json())
}

#[test]
fn version_1_reads_the_same_for_ever() {
    let mut manifest = manifest(&["a.ndjson"]);
    manifest.files[0].records = Some(Records {
        cut: Cut::Lines,
        count: 0,
        root: Digest::of(b""),
    });
    let manifest = Manifest::new(description(), key().fingerprint(), manifest.files);
    let text = String::from_utf8(manifest.to_json()).unwrap();
    expect![[r#"
        {
          "version": 1,
          "description": {
            "archive_id": "a1",
            "query": "from:anna@example.org",
            "since": "1970-01-01T00:00:00Z",
            "until": null,
            "asked_by": "court",
            "asked_at": "1970-01-01T00:00:00Z",
            "coverage": {
              "hosts": [
                {
                  "host_name": "mx1.example.org",
                  "first_line_at": "1970-01-01T00:00:00Z",
                  "last_line_at": "1970-01-01T00:00:01.5Z"
                }
              ],
              "lines": 3,
              "lines_unknown": 1
            }
          },
          "signer": "a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f",
          "files": [
            {
              "name": "a.ndjson",
              "bytes": 0,
              "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
              "records": {
                "cut": "lines",
                "count": 0,
                "root": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
              }
            },
            {
              "name": "README.txt",
              "bytes": 0,
              "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            },
            {
              "name": "signer.pem",
              "bytes": 0,
              "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            },
            {
              "name": "SHA256SUMS",
              "bytes": 0,
              "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            }
          ],
          "root": "8a92c6b852cbedd8d890a1543f3b892f44d112f12deaab06cdc286f7ccf12bdc"
        }
    "#]]
    .assert_eq(&text);
    assert_eq!(Manifest::from_json(text.as_bytes()), Ok(manifest));
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let long = "a".repeat(NAME_BYTES_MAX + 1);
    for name in [
        "",
        ".",
        "..",
        "../a",
        "/etc/passwd",
        "a/b",
        "a\\b",
        ".a",
        "-a",
        "a.",
        "a b",
        "a\nb",
        "a\0b",
        "a\u{202e}b",
        "ä",
        "C:a",
        long.as_str(),
    ] {
        assert!(!is_name(name), "{name:?}");
        let refused = Err(Malformed::Name(name.to_owned()));
        assert_eq!(read(&manifest(&[name])), refused, "{name:?}");
    }
    assert!(is_name(&long[1..]) && is_name("2026-11-22_anna.csv") && is_name("a"));
}

#[test]
fn names_of_the_package_and_names_twice_are_refused() {
    for names in [
        &["manifest.json"][..],
        &["README.TXT"],
        &["unsealed.part"],
        &["a", "A"],
    ] {
        let refused = Malformed::Name(names[names.len() - 1].to_owned());
        assert_eq!(read(&manifest(names)), Err(refused));
    }
}

#[test]
fn a_manifest_without_the_own_files_is_refused() {
    let of = |files| read(&Manifest::new(description(), key().fingerprint(), files));
    let mut files = manifest(&[]).files;
    files.pop();
    assert_eq!(of(files.clone()), Err(Malformed::OwnFiles));
    files.push(entry("a"));
    assert_eq!(of(files), Err(Malformed::OwnFiles));
    assert_eq!(of(vec![]), Err(Malformed::OwnFiles));
}

#[test]
fn another_root_is_refused() {
    let mut manifest = manifest(&["a"]);
    manifest.files.swap(0, 0);
    manifest.root = Digest::of(b"other");
    assert_eq!(read(&manifest), Err(Malformed::Root));
}

#[test]
fn the_same_said_in_another_way_is_refused() {
    let text = String::from_utf8(manifest(&["a"]).to_json()).unwrap();
    for (what, with) in [
        ("\"version\": 1", "\"version\":1"),
        ("\"lines\": 3", "\"lines\": 3 "),
        ("1970-01-01T00:00:01.5Z", "1970-01-01T01:00:01.5+01:00"),
        ("court", "\\u0063ourt"),
    ] {
        let other = text.replace(what, with);
        assert_ne!(other, text);
        let refused = Err(Malformed::NotCanonical);
        assert_eq!(Manifest::from_json(other.as_bytes()), refused, "{with}");
    }
    let twice = text.replacen("\"version\": 1,", "\"version\": 1,\n  \"version\": 1,", 1);
    let unknown = text.replacen("\"version\": 1,", "\"version\": 1,\n  \"more\": 1,", 1);
    for other in [&twice, &unknown, "", "{}", "[", &text[..text.len() - 2]] {
        let read = Manifest::from_json(other.as_bytes());
        assert!(matches!(read, Err(Malformed::Json { .. })), "{read:?}");
    }
}

#[test]
fn a_later_version_is_named() {
    let text = br#"{"version":2,"something":"new"}"#;
    assert_eq!(Manifest::from_json(text), Err(Malformed::Version(2)));
}

#[test]
fn what_is_huge_is_not_read() {
    let text = vec![b'['; MANIFEST_BYTES_MAX + 1];
    assert_eq!(Manifest::from_json(&text), Err(Malformed::TooLarge));
    let deep = vec![b'['; MANIFEST_BYTES_MAX];
    assert!(Manifest::from_json(&deep).is_err());
    let names: Vec<String> = (0..FILES_MAX).map(|at| at.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(read(&manifest(&names)), Err(Malformed::TooMuch));
    assert!(read(&manifest(&names[OWN.len()..])).is_ok());
    let mut long = manifest(&[]);
    long.description.query = "q".repeat(DESCRIPTION_BYTES_MAX);
    assert_eq!(read(&long), Err(Malformed::TooMuch));
}

#[test]
fn an_entry_and_a_description_have_the_room_that_limits_give_them() {
    let long = Entry {
        name: "a".repeat(NAME_BYTES_MAX),
        bytes: u64::MAX,
        sha256: Digest::of(b""),
        records: Some(Records {
            cut: Cut::Lines,
            count: u64::MAX,
            root: Digest::of(b""),
        }),
    };
    let bytes = |count| {
        let files = vec![long.clone(); count];
        let manifest = Manifest::new(description(), key().fingerprint(), files);
        manifest.to_json().len()
    };
    let entry = bytes(3) - bytes(2);
    assert!(entry <= ENTRY_BYTES_MAX, "{entry}");
    let rest = bytes(0) - description_bytes(&description());
    assert!(rest <= 1024, "{rest}");
}

#[test]
fn a_signing_key_shows_nothing_but_its_fingerprint() {
    let key = SigningKey::generate().unwrap();
    let shown = format!("{key:?}");
    assert_eq!(
        shown,
        format!("SigningKey({})", key.verifying_key().fingerprint())
    );
}
