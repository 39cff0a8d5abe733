//! Keys of a provider, and whether one of them signed a token. Source: RFC 7515, 7517, 7518, 8037.
//!
//! Signatures are checked by AWS-LC, with which TLS is spoken too. Only those of key pairs are taken:
//! whoever can check `HS256` can also make it, and `none` is nobody's.

use crate::error::Fault;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    EcdsaVerificationAlgorithm, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// All that a provider has.
pub(crate) struct Keys(Vec<Key>);

/// A public key.
#[derive(Deserialize)]
struct Key {
    kty: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    kid: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// What stands before the claims.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// What must be understood; nothing of it is.
    crit: Option<Value>,
}

/// How a signature is checked.
enum Algorithm {
    Rsa(&'static RsaParameters),
    /// On a curve, with as many bytes a coordinate.
    Ecdsa(&'static str, &'static EcdsaVerificationAlgorithm, usize),
    Ed25519,
}

impl<'de> Deserialize<'de> for Keys {
    /// Leaves out keys of kinds that are not known.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let keys = Set::deserialize(from)?.keys.into_iter();
        Ok(Keys(
            keys.filter_map(|it| serde_json::from_value(it).ok())
                .collect(),
        ))
    }
}

impl Keys {
    /// The claims of a token that one of these keys signed.
    pub(crate) fn claims(&self, token: &str) -> Result<Map<String, Value>, Fault> {
        let (signed, signature) = token.rsplit_once('.').ok_or(Fault::Form)?;
        let (header, claims) = signed.split_once('.').ok_or(Fault::Form)?;
        let header: Header = json(header)?;
        let algorithm = Algorithm::named(&header.alg);
        let algorithm = algorithm.filter(|_| header.crit.is_none());
        let algorithm = algorithm.ok_or_else(|| Fault::Algorithm(header.alg.clone()))?;
        let signature = bytes(signature).ok_or(Fault::Form)?;
        let mut keys = self.0.iter().filter(|key| key.may(&header)).peekable();
        if keys.peek().is_none() {
            return Err(Fault::Key);
        }
        let signs = |key: &Key| algorithm.signs(key, signed.as_bytes(), &signature);
        if !keys.any(|key| signs(key).is_some()) {
            return Err(Fault::Signature);
        }
        json(claims)
    }
}

impl Key {
    /// Whether it may have signed a token.
    fn may(&self, header: &Header) -> bool {
        let is_named = header.kid.is_none() || header.kid == self.kid;
        let is_for_it = self.alg.as_ref().is_none_or(|alg| *alg == header.alg);
        let is_for_signing = self.purpose.as_ref().is_none_or(|it| it == "sig");
        is_named && is_for_it && is_for_signing
    }
}

impl Algorithm {
    fn named(alg: &str) -> Option<Self> {
        Some(match alg {
            "RS256" => Algorithm::Rsa(&RSA_PKCS1_2048_8192_SHA256),
            "RS384" => Algorithm::Rsa(&RSA_PKCS1_2048_8192_SHA384),
            "RS512" => Algorithm::Rsa(&RSA_PKCS1_2048_8192_SHA512),
            "PS256" => Algorithm::Rsa(&RSA_PSS_2048_8192_SHA256),
            "PS384" => Algorithm::Rsa(&RSA_PSS_2048_8192_SHA384),
            "PS512" => Algorithm::Rsa(&RSA_PSS_2048_8192_SHA512),
            "ES256" => Algorithm::Ecdsa("P-256", &ECDSA_P256_SHA256_FIXED, 32),
            "ES384" => Algorithm::Ecdsa("P-384", &ECDSA_P384_SHA384_FIXED, 48),
            "ES512" => Algorithm::Ecdsa("P-521", &ECDSA_P521_SHA512_FIXED, 66),
            "EdDSA" | "Ed25519" => Algorithm::Ed25519,
            _ => return None,
        })
    }

    /// Nothing if it does not, or if the key is of another kind.
    fn signs(&self, key: &Key, signed: &[u8], signature: &[u8]) -> Option<()> {
        let part = |text: &Option<String>| text.as_deref().and_then(bytes);
        let is = |kty: &str, curve: &str| key.kty == kty && key.crv.as_deref() == Some(curve);
        match self {
            Algorithm::Rsa(parameters) if key.kty == "RSA" => {
                let (n, e) = (part(&key.n)?, part(&key.e)?);
                let key = RsaPublicKeyComponents { n, e };
                key.verify(parameters, signed, signature).ok()
            }
            Algorithm::Ecdsa(curve, algorithm, length) if is("EC", curve) => {
                let (x, y) = (part(&key.x)?, part(&key.y)?);
                let is_whole = x.len() == *length && y.len() == *length;
                // Not compressed. Source: SEC 1 section 2.3.3.
                let point = is_whole.then(|| [&[4], x.as_slice(), y.as_slice()].concat())?;
                let key = UnparsedPublicKey::new(*algorithm, point);
                key.verify(signed, signature).ok()
            }
            Algorithm::Ed25519 if is("OKP", "Ed25519") => {
                let key = UnparsedPublicKey::new(&ED25519, part(&key.x)?);
                key.verify(signed, signature).ok()
            }
            _ => None,
        }
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Fault> {
    let bytes = bytes(text).ok_or(Fault::Form)?;
    serde_json::from_slice(&bytes).map_err(|_| Fault::Form)
}

#[cfg(test)]
mod tests;
