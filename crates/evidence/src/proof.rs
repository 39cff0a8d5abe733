//! That one record belongs to a sealed package, shown without the other records.

use crate::check::check_file;
use crate::folder::Folder;
use crate::limits::{MANIFEST_BYTES_MAX, PROOF_BYTES_MAX, RECORD_BYTES_MAX};
use crate::name::MANIFEST;
use crate::tree::{self, Path as TreePath};
use crate::{Digest, Entry, Error, Malformed, Manifest};
use serde::{Deserialize, Serialize};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;

const VERSION: u32 = 1;

/// The way from a record to the root of a package. The fields are those of its JSON, in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Version of this format, 1.
    pub version: u32,
    /// Number of the record in the file, from 0.
    pub record_number: u64,
    /// Audit path (RFC 6962, section 2.1.1) from the record to `file.records.root`, nearest first.
    pub record_path: Vec<Digest>,
    /// The file as the manifest lists it.
    pub file: Entry,
    /// Number of the file in the manifest, from 0.
    pub file_number: u64,
    /// How many files the manifest lists.
    pub files_count: u64,
    /// Audit path from the file to the root of the package, nearest first.
    pub file_path: Vec<Digest>,
}

impl Proof {
    /// The proof as JSON, to be kept beside the record.
    pub fn to_json(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).expect("a proof is text and numbers");
        text.push(b'\n');
        text
    }

    /// Reads a proof, at most [`PROOF_BYTES_MAX`] bytes; that it proves anything, [`verify_proof`] says.
    pub fn from_json(text: &[u8]) -> Result<Proof, Error> {
        if text.len() > PROOF_BYTES_MAX {
            return Err(Error::NotAProof);
        }
        let proof: Proof = serde_json::from_slice(text).map_err(|_| Error::NotAProof)?;
        if proof.version != VERSION {
            return Err(Error::NotAProof);
        }
        Ok(proof)
    }
}

/// Reads record `number` (from 0) of a file of a sealed package, and makes its proof; the record is without its line
/// feed. Reads the file once and checks it, not the signature.
pub fn proof(folder: &Path, name: &str, number: u64) -> Result<(Vec<u8>, Proof), Error> {
    let folder = Folder::open(folder)?;
    let manifest = read_manifest(&folder)?;
    let no_record = || Error::NoRecord {
        name: name.to_owned(),
        number,
    };
    let place = manifest.files.iter().position(|it| it.name == name);
    let file_number = place.ok_or_else(no_record)?;
    let entry = &manifest.files[file_number];
    let records = entry.records.as_ref().filter(|it| number < it.count);
    let count = records.ok_or_else(no_record)?.count;
    let (record, record_path) = read_record(&folder, entry, number, count)?;
    let files_count = manifest.files.len() as u64;
    let mut file_path = TreePath::new(file_number as u64, files_count);
    for file in &manifest.files {
        file_path.push(file.leaf());
    }
    let proof = Proof {
        version: VERSION,
        record_number: number,
        record_path,
        file: entry.clone(),
        file_number: file_number as u64,
        files_count,
        file_path: file_path.finish(),
    };
    Ok((record, proof))
}

/// Whether the bytes are the record that the proof speaks of, in a package of this root. Where the root comes from is
/// the caller's: [`signed_manifest`](crate::signed_manifest), or a place where the signer published it.
pub fn verify_proof(record: &[u8], proof: &Proof, root: &Digest) -> bool {
    let Some(records) = &proof.file.records else {
        return false;
    };
    let found = tree::root_by_path(
        tree::leaf(record),
        proof.record_number,
        records.count,
        &proof.record_path,
    );
    let found_root = tree::root_by_path(
        proof.file.leaf(),
        proof.file_number,
        proof.files_count,
        &proof.file_path,
    );
    found == Some(records.root) && found_root == Some(*root)
}

fn read_manifest(folder: &Folder) -> Result<Manifest, Error> {
    let text = folder.read_whole(MANIFEST, MANIFEST_BYTES_MAX);
    let text = text.map_err(Error::io("read manifest", folder.of(MANIFEST)))?;
    Ok(Manifest::from_json(&text.ok_or(Malformed::TooLarge)?)?)
}

/// The record and its path, if the file is the one listed.
fn read_record(
    folder: &Folder,
    entry: &Entry,
    number: u64,
    count: u64,
) -> Result<(Vec<u8>, Vec<Digest>), Error> {
    let mut path = TreePath::new(number, count);
    let mut place = 0..0;
    let mut next = 0;
    let checked = check_file(folder, entry, |found| {
        if next == number {
            place = found.bytes;
        }
        next += 1;
        path.push(found.leaf);
    });
    checked.map_err(Error::changed(&entry.name))?;
    let bytes = place.end - place.start;
    if bytes > RECORD_BYTES_MAX {
        return Err(Error::RecordTooLong(bytes));
    }
    let record = read_range(folder, &entry.name, place);
    let record = record.map_err(Error::io("read file", folder.of(&entry.name)))?;
    Ok((record, path.finish()))
}

fn read_range(folder: &Folder, name: &str, place: Range<u64>) -> io::Result<Vec<u8>> {
    let (mut file, _) = folder.read(name)?;
    file.seek(SeekFrom::Start(place.start))?;
    let mut record = Vec::new();
    file.take(place.end - place.start)
        .read_to_end(&mut record)?;
    Ok(record)
}
