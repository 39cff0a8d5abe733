//! Every limit of this crate: unit in the name, reason above it.

/// Bytes of a file's name: room for a query's dates and a number, short enough for any file system.
pub const NAME_BYTES_MAX: usize = 128;

/// Files of a package, those that it writes itself counted. An export of a terabyte in files of 64 MiB.
pub const FILES_MAX: usize = 16 * 1024;

/// Bytes of a description as it stands in the manifest: 30,000 hosts with their times.
pub const DESCRIPTION_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes of a manifest, and of the journal of a package that is not sealed yet; held in memory whole.
pub const MANIFEST_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Bytes of one file's entry in the manifest: its name, two hashes, three numbers, the words around them.
pub(crate) const ENTRY_BYTES_MAX: usize = NAME_BYTES_MAX + 2 * 64 + 3 * 20 + 204;

/// Bytes of a record that a proof is made for: what `proof` holds in memory. The longest line is 2 MiB.
pub const RECORD_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Bytes of a proof: two paths of at most 64 hashes, an entry.
pub const PROOF_BYTES_MAX: usize = 16 * 1024;

/// Bytes of a key as PEM; an Ed25519 key needs some 120, tools put comments before it.
pub const KEY_BYTES_MAX: usize = 4 * 1024;

/// Faults that a report names; further ones are counted. A folder may hold millions of foreign files.
pub const FAULTS_MAX: usize = 1_000;

/// Bytes read at a time: beyond this, hashing becomes no quicker.
pub(crate) const READ_BYTES: usize = 256 * 1024;

const _: () =
    assert!(DESCRIPTION_BYTES_MAX + FILES_MAX * ENTRY_BYTES_MAX + 1024 <= MANIFEST_BYTES_MAX);
const _: () = assert!(2 * 64 * (64 + 3) + ENTRY_BYTES_MAX <= PROOF_BYTES_MAX);
