//! An export that anyone can check: files, a manifest with a hash for each, a Merkle root and a signature.
//!
//! Not for finding what is exported, nor for the formats of files: whoever has the rows writes them into a
//! [`FileWriter`].
//!
//! [`Package`] takes files one after the other and can be killed at any point: what was finished is there when it
//! resumes. [`Package::seal`] signs. [`verify`] says everything that is wrong with a folder, [`proof`] shows that one
//! record belongs to it. Nothing here asks a clock; only [`SigningKey::generate`] asks for chance.
//!
//! # Layout, version 1
//!
//! One folder without folders. A stranger checks it with `sha256sum` and `openssl`, as its `README.txt` says.
//!
//! | file | |
//! |---|---|
//! | what was exported | any bytes; NDJSON and CSV have a tree over their records |
//! | `README.txt` | how a stranger checks the package |
//! | `signer.pem` | the public key: SubjectPublicKeyInfo (RFC 8410) as PEM |
//! | `SHA256SUMS` | hashes of all files above, for `sha256sum -c` |
//! | `manifest.sig` | 64 bytes: Ed25519 (RFC 8032) over all bytes of `manifest.json` |
//! | `manifest.json` | [`Manifest`]; lists all files but itself and its signature |
//!
//! The manifest is written last: where it is, the package is sealed. Before, there are `unsealed.journal`, with a line
//! for each finished file, and `unsealed.part`, the file that is being written.
//!
//! # `manifest.json`
//!
//! | field | |
//! |---|---|
//! | `version` | 1 |
//! | `description` | what was asked: `archive_id`, `query`, `since` and `until` (RFC 3339 or null), `asked_by`, `asked_at`, `coverage` |
//! | `description.coverage` | `hosts`, each with `host_name`, `first_line_at`, `last_line_at`; `lines` of all days that are touched; `lines_unknown` of them |
//! | `signer` | fingerprint: SHA-256 of the public key's SubjectPublicKeyInfo (DER) |
//! | `files` | each with `name`, `bytes`, `sha256` and, where it is cut into records, `records` |
//! | `files.records` | `cut`: `lines` or `csv`; `count`; `root` of their tree |
//! | `root` | root of the tree over `files`, in their order |
//!
//! Hashes are 64 lower-case hex digits. Trees are those of RFC 6962, section 2.1: SHA-256 with a zero byte before a
//! leaf and a one before a node. The leaf of a file is its entry as JSON without spaces; that of a record its bytes
//! without the line feed.

mod limits;

mod description;
mod package;
mod proof;
mod verify;

mod check;
mod digest;
mod entry;
mod error;
mod fault;
mod fingerprint;
mod folder;
mod journal;
mod key;
mod manifest;
mod name;
mod records;
mod tree;

pub use description::{Coverage, Description, HostCoverage};
pub use digest::{Digest, NotADigest};
pub use entry::{Entry, Records};
pub use error::Error;
pub use fault::{Fault, Wrong};
pub use fingerprint::Fingerprint;
pub use key::{SigningKey, VerifyingKey};
pub use limits::{
    DESCRIPTION_BYTES_MAX, FAULTS_MAX, FILES_MAX, KEY_BYTES_MAX, MANIFEST_BYTES_MAX,
    NAME_BYTES_MAX, PROOF_BYTES_MAX, RECORD_BYTES_MAX,
};
pub use manifest::{Malformed, Manifest};
pub use name::{MANIFEST, SIGNATURE};
pub use package::{FileWriter, Package};
pub use proof::{Proof, proof, verify_proof};
pub use records::Cut;
pub use verify::{Report, signed_manifest, verify};
