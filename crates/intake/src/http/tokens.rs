//! Who may hand in lines.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::{Choice, ConstantTimeEq};

/// A secret that allows to hand in lines; only its digest is kept.
#[derive(Clone)]
pub struct Token([u8; 32]);

impl Token {
    /// Keeps a secret, whose bytes are taken as they are.
    pub fn new(secret: &str) -> Self {
        Token::of(secret.as_bytes())
    }

    fn of(secret: &[u8]) -> Self {
        Token(Sha256::digest(secret).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Whether a request carries one of the tokens, or none is needed. How long that takes tells nothing about them.
///
/// A token is sent as `Bearer TOKEN`, as the password of `Basic`, or as `ApiKey`: as it is, or in the form of
/// Elasticsearch, where it stands behind an id and a colon in Base64.
pub(super) fn admit(tokens: &[Token], headers: &HeaderMap) -> bool {
    tokens.is_empty() || headers.get(AUTHORIZATION).is_some_and(|it| any(tokens, it))
}

fn any(tokens: &[Token], authorization: &HeaderValue) -> bool {
    let value = authorization.as_bytes();
    let Some(space) = value.iter().position(|&byte| byte == b' ') else {
        return false;
    };
    let (scheme, sent) = (&value[..space], value[space..].trim_ascii());
    let behind_colon = || {
        let text = STANDARD.decode(sent).ok()?;
        let colon = text.iter().position(|&byte| byte == b':')?;
        Some(text[colon + 1..].to_vec())
    };
    let is = |name: &str| scheme.eq_ignore_ascii_case(name.as_bytes());
    let plain = is("Bearer") || is("ApiKey");
    let packed = is("Basic") || is("ApiKey");
    let secrets = [
        plain.then(|| sent.to_vec()),
        packed.then(behind_colon).flatten(),
    ];
    let mut found = Choice::from(0);
    for secret in secrets.into_iter().flatten() {
        let digest = Token::of(&secret).0;
        for token in tokens {
            found |= token.0.ct_eq(&digest);
        }
    }
    found.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(authorization: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        admit(&[Token::new("other"), Token::new("s:1")], &headers)
    }

    #[test]
    fn a_token_is_taken_in_each_scheme() {
        for (authorization, expected) in [
            ("Bearer s:1", true),
            ("bearer  other", true),
            ("Basic YW55Ym9keTpzOjE=", true),
            ("ApiKey aWQ6czox", true),
            ("ApiKey s:1", true),
            ("Bearer s:2", false),
            ("Bearer", false),
            ("Bearer ", false),
            ("Basic s:1", false),
            ("Basic czox", false),
            ("Basic ????", false),
            ("Digest s:1", false),
        ] {
            assert_eq!(admitted(authorization), expected, "{authorization}");
        }
    }

    #[test]
    fn without_tokens_all_are_taken_and_with_them_none_without() {
        assert!(admit(&[], &HeaderMap::new()));
        assert!(!admit(&[Token::new("a")], &HeaderMap::new()));
    }

    #[test]
    fn a_token_is_not_shown() {
        assert_eq!(format!("{:?}", Token::new("secret")), "Token(..)");
    }
}
