//! Keys: made, kept in files, shown to people.

use crate::limits::KEY_BYTES_MAX;
use crate::{Digest, Error, Fingerprint};
use ed25519_dalek as ed25519;
use ed25519_dalek::Signer as _;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{
    DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _,
    KeypairBytes,
};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use zeroize::Zeroizing;

/// Bits of a mode that let others than the owner do anything.
const OF_OTHERS: u32 = 0o077;

/// The secret half of an Ed25519 key; wiped from memory when dropped, and never shown.
pub struct SigningKey(ed25519::SigningKey);

impl SigningKey {
    /// Makes a key from the system's randomness.
    pub fn generate() -> Result<SigningKey, Error> {
        let mut seed = Zeroizing::new([0; ed25519::SECRET_KEY_LENGTH]);
        getrandom::fill(seed.as_mut()).map_err(Error::Random)?;
        Ok(SigningKey(ed25519::SigningKey::from_bytes(&seed)))
    }

    /// Reads what [`store`](Self::store) or `openssl genpkey -algorithm ed25519` wrote. A file whose mode lets group
    /// or others do anything is refused ([`Error::KeyIsOpen`]): `chmod 600`, if nobody has read it.
    pub fn open(path: &Path) -> Result<SigningKey, Error> {
        let mut file = File::open(path).map_err(Error::io("open key", path))?;
        let metadata = file.metadata().map_err(Error::io("look at key", path))?;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & OF_OTHERS != 0 {
            let path = path.to_owned();
            return Err(Error::KeyIsOpen { path, mode });
        }
        // As large as it may become: growing would leave copies in memory.
        let mut pem = Zeroizing::new(String::with_capacity(KEY_BYTES_MAX));
        let read = (&mut file)
            .take(KEY_BYTES_MAX as u64)
            .read_to_string(&mut pem);
        read.map_err(Error::io("read key", path))?;
        let key = ed25519::SigningKey::from_pkcs8_pem(&pem);
        key.map(SigningKey).map_err(|_| Error::NotAKey)
    }

    /// Writes the key as PKCS#8 PEM to a new file that only its owner can read (mode 0600), and syncs it. A file
    /// that is there is never overwritten.
    pub fn store(&self, path: &Path) -> Result<(), Error> {
        // Without the public half (RFC 5958 version 1): OpenSSL 3.0 does not read the form that has it.
        let pair = KeypairBytes {
            secret_key: self.0.to_bytes(),
            public_key: None,
        };
        let pem = pair.to_pkcs8_pem(LineEnding::LF);
        let pem = pem.expect("a key of fixed length can be written");
        // It gets its name when it is whole: half a key would be refused for ever.
        let new = path.with_added_extension("new");
        if path.exists() {
            return Err(Error::io("create key", path)(
                ErrorKind::AlreadyExists.into(),
            ));
        }
        let written = write_new(&new, pem.as_bytes())
            .and_then(|()| fs::rename(&new, path))
            .and_then(|()| sync_folder_of(path));
        written.map_err(Error::io("write key", path))
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key())
    }

    pub(crate) fn sign(&self, text: &[u8]) -> [u8; ed25519::SIGNATURE_LENGTH] {
        self.0.sign(text).to_bytes()
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What a crash left there.
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|it| *it != Path::new(""));
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.verifying_key().fingerprint())
    }
}

/// The public half of an Ed25519 key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey(ed25519::VerifyingKey);

impl VerifyingKey {
    /// Reads a SubjectPublicKeyInfo as PEM (RFC 8410), at most [`KEY_BYTES_MAX`] bytes.
    pub fn from_pem(pem: &str) -> Result<VerifyingKey, Error> {
        if pem.len() > KEY_BYTES_MAX {
            return Err(Error::NotAKey);
        }
        let key = ed25519::VerifyingKey::from_public_key_pem(pem);
        key.map(VerifyingKey).map_err(|_| Error::NotAKey)
    }

    /// The key as PEM, as `openssl pkey -pubout` writes it.
    pub fn to_pem(&self) -> String {
        let pem = self.0.to_public_key_pem(LineEnding::LF);
        pem.expect("a key of fixed length can be written")
    }

    /// What people compare.
    pub fn fingerprint(&self) -> Fingerprint {
        let der = self.0.to_public_key_der();
        let der = der.expect("a key of fixed length can be written");
        Fingerprint::new(Digest::of(der.as_bytes()))
    }

    /// Whether the 64 bytes are this key's signature of the text, by the strict rules of RFC 8032.
    pub(crate) fn has_signed(&self, text: &[u8], signature: &[u8]) -> bool {
        ed25519::Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify_strict(text, &signature).is_ok())
    }
}
