//! One record shown to belong to a package.

use crate::support::{FILES, sealed};
use evidence::{Cut, Error, Proof, proof, signed_manifest, verify_proof};

/// Records of the files of the package, cut by hand.
const RECORDS: [(&str, &[&str]); 2] = [
    (
        "events-1.ndjson",
        &[
            "{\"rcpt_to\":\"anna@example.org\"}",
            "{\"rcpt_to\":\"bert@example.org\"}",
            "{}",
        ],
    ),
    (
        "events-1.csv",
        &[
            "rcpt_to,lines\r",
            "anna@example.org,\"one\ntwo \"\"quoted\"\"\"\r",
            "bert@example.org,",
        ],
    ),
];

#[test]
fn each_record_of_each_file_has_a_proof() {
    let sealed = sealed();
    for (name, records) in RECORDS {
        for (number, expected) in records.iter().enumerate() {
            let (record, proof) = proof(sealed.path(), name, number as u64).unwrap();
            assert_eq!(record, expected.as_bytes(), "{name} {number}");
            let read = Proof::from_json(&proof.to_json()).unwrap();
            assert_eq!(read, proof);
            assert!(verify_proof(&record, &read, &sealed.manifest.root));
        }
    }
}

/// What a court gets: record, proof, manifest and signature, without the files.
#[test]
fn a_proof_leads_to_the_signature() {
    let sealed = sealed();
    let (record, proof) = proof(sealed.path(), "events-1.csv", 1).unwrap();
    let text = sealed.read("manifest.json");
    let signature = sealed.read("manifest.sig");
    let manifest = signed_manifest(&text, &signature, &sealed.key).unwrap();
    assert!(verify_proof(&record, &proof, &manifest.root));
    let other = evidence::SigningKey::generate().unwrap().verifying_key();
    let refused = signed_manifest(&text, &signature, &other);
    assert!(matches!(refused, Err(Error::Signature)));
}

#[test]
fn a_proof_holds_for_nothing_else() {
    let sealed = sealed();
    let root = sealed.manifest.root;
    let (record, good) = proof(sealed.path(), "events-1.ndjson", 1).unwrap();
    let is_refused = |change: &dyn Fn(&mut Proof)| {
        let mut bad = good.clone();
        change(&mut bad);
        assert_ne!(bad, good);
        !verify_proof(&record, &bad, &root)
    };
    assert!(verify_proof(&record, &good, &root));
    assert!(!verify_proof(b"{}", &good, &root));
    assert!(!verify_proof(&[&record[..], b"\n"].concat(), &good, &root));
    assert!(!verify_proof(&record, &good, &good.file.sha256));
    assert!(is_refused(&|it| it.record_number = 0));
    assert!(is_refused(&|it| it.record_number = 3));
    assert!(is_refused(&|it| it.file_number = 1));
    assert!(is_refused(&|it| it.file_path.reverse()));
    assert!(is_refused(&|it| it.record_path.truncate(1)));
    assert!(is_refused(&|it| it.record_path.push(root)));
    assert!(is_refused(&|it| it.file.name.push('x')));
    assert!(is_refused(&|it| it.file.bytes += 1));
    assert!(is_refused(&|it| it.file.records = None));
    assert!(is_refused(&|it| {
        if let Some(records) = &mut it.file.records {
            records.cut = Cut::Csv;
        }
    }));
    let (other, _) = proof(sealed.path(), "events-1.ndjson", 0).unwrap();
    assert!(!verify_proof(&other, &good, &root));
}

#[test]
fn there_is_no_proof_of_what_is_not_there() {
    let sealed = sealed();
    for (name, number) in [
        ("events-1.ndjson", 3),
        ("events-1.ndjson", u64::MAX),
        ("empty.ndjson", 0),
        ("events-1.parquet", 0),
        ("nothing", 0),
        ("manifest.json", 0),
    ] {
        let refused = proof(sealed.path(), name, number);
        assert!(matches!(refused, Err(Error::NoRecord { .. })), "{name}");
    }
}

#[test]
fn there_is_no_proof_from_a_changed_file() {
    let sealed = sealed();
    let (name, bytes, _) = FILES[0];
    sealed.put(name, &bytes.to_ascii_uppercase());
    let changed = proof(sealed.path(), name, 0);
    assert!(matches!(changed, Err(Error::Changed { .. })), "{changed:?}");
    sealed.put(name, &[bytes, b"{}\n"].concat());
    let grown = proof(sealed.path(), name, 0);
    assert!(matches!(grown, Err(Error::Changed { .. })), "{grown:?}");
}

#[test]
fn what_is_no_proof_is_refused() {
    let sealed = sealed();
    let (_, proof) = proof(sealed.path(), "events-1.ndjson", 0).unwrap();
    let text = String::from_utf8(proof.to_json()).unwrap();
    let later = text.replacen("\"version\": 1", "\"version\": 2", 1);
    let huge = format!("{text}{}", " ".repeat(evidence::PROOF_BYTES_MAX));
    for text in ["", "{}", &later, &huge] {
        let read = Proof::from_json(text.as_bytes());
        assert!(matches!(read, Err(Error::NotAProof)));
    }
}
