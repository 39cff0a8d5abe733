//! Random texts that stand for a key, a session, or the right to do a thing once.
//!
//! `wb_KIND_` and 80 hexadecimal digits: a handle of 64 bits, by which it is found, and a secret of 256. Stored are the
//! handle and the SHA-256 of the whole. A scanner for leaks finds it by `wb_(key|session|reset|setup)_[0-9a-f]{80}`.

use crate::error::{Error, Result};
use crate::secret::Secret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const HANDLE_BYTES: usize = 8;
const SECRET_BYTES: usize = 32;

/// What a token stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Key,
    Session,
    Reset,
    Setup,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Key, Self::Session, Self::Reset, Self::Setup];

    fn prefix(self) -> &'static str {
        match self {
            Self::Key => "wb_key_",
            Self::Session => "wb_session_",
            Self::Reset => "wb_reset_",
            Self::Setup => "wb_setup_",
        }
    }
}

/// A token that was just made: its text is seen this once.
pub(crate) struct Token {
    pub(crate) text: Secret,
    pub(crate) handle: String,
    pub(crate) hash: String,
}

impl Token {
    pub(crate) fn new(kind: Kind) -> Result<Self> {
        let handle = hex(&*random::<HANDLE_BYTES>()?);
        let secret = Zeroizing::new(hex(&*random::<SECRET_BYTES>()?));
        let text = Secret::from(format!("{}{handle}{}", kind.prefix(), &*secret));
        let hash = sha256(text.expose());
        Ok(Self { text, handle, hash })
    }
}

/// A token that somebody showed.
pub(crate) struct Shown {
    pub(crate) kind: Kind,
    pub(crate) handle: String,
    hash: String,
}

impl Shown {
    /// `None` if the text is not of the form of a token.
    pub(crate) fn read(text: &Secret) -> Option<Self> {
        let text = text.expose();
        let (kind, digits) = Kind::ALL
            .into_iter()
            .find_map(|kind| Some((kind, text.strip_prefix(kind.prefix())?)))?;
        let is_whole = digits.len() == 2 * (HANDLE_BYTES + SECRET_BYTES)
            && digits
                .bytes()
                .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        is_whole.then(|| Self {
            kind,
            handle: digits[..2 * HANDLE_BYTES].to_owned(),
            hash: sha256(text),
        })
    }

    /// Whether it is the token with this stored hash; takes the same time wherever they differ.
    pub(crate) fn is(&self, stored: &str) -> bool {
        self.hash.as_bytes().ct_eq(stored.as_bytes()).into()
    }
}

/// Random bytes of the system.
pub(crate) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut *bytes).map_err(|_| Error::Secret("no random bytes"))?;
    Ok(bytes)
}

/// The SHA-256 of a text, in hexadecimal digits.
pub(crate) fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)].into());
        text.push(DIGITS[usize::from(byte & 15)].into());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_by_its_handle_and_known_by_its_hash() {
        let token = Token::new(Kind::Key).unwrap();
        let shown = Shown::read(&token.text).unwrap();
        assert_eq!((shown.kind, &shown.handle), (Kind::Key, &token.handle));
        assert!(shown.is(&token.hash));
        assert!(!shown.is(&Token::new(Kind::Key).unwrap().hash));
        assert!(!token.hash.contains(&token.text.expose()[23..]));
    }

    #[test]
    fn another_text_is_no_token() {
        let token = Token::new(Kind::Session).unwrap();
        let text = token.text.expose();
        let upper = text.to_uppercase();
        for other in [
            "",
            "wb_key_",
            &text[1..],
            &text[..text.len() - 1],
            &upper,
            "wb_key_ä",
        ] {
            assert!(Shown::read(&other.into()).is_none(), "{other}");
        }
        // The kind is part of what is hashed.
        let other = text.replace("session", "key");
        assert!(!Shown::read(&other.as_str().into()).unwrap().is(&token.hash));
    }

    #[test]
    fn secrets_are_not_printed() {
        let token = Token::new(Kind::Reset).unwrap();
        assert_eq!(format!("{:?}", token.text), "Secret(..)");
    }
}
