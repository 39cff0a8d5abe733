//! Passwords: which are good enough, how they are stored and compared.

use crate::error::{Error, Result};
use crate::limits::{
    HASHES_AT_ONCE, PASSWORD_BYTES_MAX, PASSWORD_CHARS_DIFFERENT_MIN, PASSWORD_CHARS_MIN,
};
use crate::secret::Secret;
use crate::token::random;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use std::collections::BTreeSet;
use tokio::sync::Semaphore;

/// What people choose most, without the digits and signs that they put round it to satisfy a rule. Those of eleven
/// letters and fewer are longer with their digits.
const COMMONEST: &[&str] = &[
    "abc",
    "abcd",
    "abcdefghijkl",
    "abcdefghijklm",
    "admin",
    "administrator",
    "asdfghjkl",
    "autumn",
    "baseball",
    "changeme",
    "charlie",
    "dragon",
    "fall",
    "football",
    "fuckyou",
    "hello",
    "iloveyou",
    "letmein",
    "login",
    "mail",
    "mailserver",
    "master",
    "monkey",
    "mustermann",
    "mypassword",
    "pass",
    "passw",
    "passwort",
    "password",
    "passwordpassword",
    "postmaster",
    "princess",
    "q1w2e3r4t5y6",
    "qazwsx",
    "qazwsxedc",
    "qazwsxedcrfv",
    "qwer",
    "qwert",
    "qwertyuiop",
    "qwerty",
    "qwertyqwerty",
    "qwertz",
    "qwertzuiop",
    "root",
    "secret",
    "server",
    "spring",
    "starwars",
    "summer",
    "sunshine",
    "superman",
    "support",
    "test",
    "testtest",
    "trustno",
    "user",
    "waybill",
    "welcome",
    "winter",
    "zaq12wsxcde3",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "p@ssw0rd",
    "p4ssw0rd",
    "passw0rd",
    "pa$$word",
    "pa$$w0rd",
];

/// Whether it may be the password of this login.
pub(crate) fn check(password: &Secret, login: &str) -> Result<()> {
    let text = password.expose();
    let lower = text.to_lowercase();
    let word = lower.trim_matches(|it: char| !it.is_alphabetic());
    let different: BTreeSet<char> = lower.chars().collect();
    let local = login.split('@').next().unwrap_or(login);
    let why = if text.chars().count() < PASSWORD_CHARS_MIN {
        "it has fewer than 12 characters"
    } else if text.len() > PASSWORD_BYTES_MAX {
        "it is longer than 1024 bytes"
    } else if different.len() < PASSWORD_CHARS_DIFFERENT_MIN {
        "it has fewer than 5 different characters"
    } else if lower == login || word == login || word == local {
        "it is the login"
    } else if word.is_empty() || COMMONEST.contains(&word) || COMMONEST.contains(&lower.as_str()) {
        "many others use it"
    } else {
        return Ok(());
    };
    Err(Error::WeakPassword(why))
}

/// Hashes passwords, few at once, away from the threads that answer.
pub(crate) struct Hasher {
    room: Semaphore,
    /// Compared with where there is no user, so that it takes as long.
    nobody: String,
}

impl Hasher {
    pub(crate) async fn new() -> Result<Self> {
        let mut this = Self {
            room: Semaphore::new(HASHES_AT_ONCE),
            nobody: String::new(),
        };
        let random = crate::token::hex(&*random::<32>()?);
        this.nobody = this.hash(&random.into()).await?;
        Ok(this)
    }

    /// The password as it is stored: argon2id with its salt, in the form of PHC.
    pub(crate) async fn hash(&self, password: &Secret) -> Result<String> {
        let password = password.clone();
        self.away(move || {
            let salt = random::<16>()?;
            argon()?
                .hash_password_with_salt(password.expose().as_bytes(), &*salt)
                .map(|hash| hash.to_string())
                .map_err(|_| Error::Secret("password cannot be hashed"))
        })
        .await?
    }

    /// Whether it is the password that was stored; takes as long if none was.
    pub(crate) async fn is(&self, password: &Secret, stored: Option<&str>) -> Result<bool> {
        let hash = stored.unwrap_or(&self.nobody).to_owned();
        // Longer ones cannot have been set; nobody shall make us read megabytes.
        let is_short = password.expose().len() <= PASSWORD_BYTES_MAX;
        let password = if is_short {
            password.clone()
        } else {
            "".into()
        };
        let same = self
            .away(move || {
                let argon = argon()?;
                Ok::<_, Error>(
                    argon
                        .verify_password(password.expose().as_bytes(), hash.as_str())
                        .is_ok(),
                )
            })
            .await??;
        Ok(same && is_short && stored.is_some())
    }

    async fn away<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let _room = self.room.acquire().await;
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|_| Error::Secret("hashing was given up"))
    }
}

/// 19 MiB, twice over. Source: OWASP Password Storage Cheat Sheet.
fn argon() -> Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None);
    let params = params.map_err(|_| Error::Secret("argon2 does not take its settings"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::password_hash::phc::PasswordHash;

    #[test]
    fn what_is_easy_to_guess_is_refused() {
        for password in [
            "short",
            "123456789012",
            "password1234",
            "Password2026!!",
            "1234iloveyou!",
            "p@ssw0rd2026",
            "1q2w3e4r5t6y",
            "aaaaaaaaaaaaaaaa",
            "abababababab",
            "anna@example.org",
            "Anna@Example.org1",
            "anna12345678",
            &"long".repeat(300),
        ] {
            let checked = check(&password.into(), "anna@example.org");
            assert!(matches!(checked, Err(Error::WeakPassword(_))), "{password}");
        }
        for password in [
            "correct horse battery",
            "ein langer Satz, mehr nicht",
            "Tr0ub4dor&3xyz",
        ] {
            check(&password.into(), "anna@example.org").unwrap();
        }
    }

    #[tokio::test]
    async fn a_password_is_known_again() {
        let hasher = Hasher::new().await.unwrap();
        let (one, other) = (
            "correct horse battery".into(),
            "correct horse buttery".into(),
        );
        let stored = hasher.hash(&one).await.unwrap();
        assert!(hasher.is(&one, Some(&stored)).await.unwrap());
        assert!(!hasher.is(&other, Some(&stored)).await.unwrap());
        assert!(!hasher.is(&one, None).await.unwrap());
        assert_ne!(stored, hasher.hash(&one).await.unwrap(), "no salt");
    }

    /// What takes time is memory and rounds: nobody's hash has the same.
    #[tokio::test]
    async fn nobody_takes_as_long_as_somebody() {
        let hasher = Hasher::new().await.unwrap();
        let stored = hasher.hash(&"correct horse battery".into()).await.unwrap();
        let (nobody, somebody) = (
            PasswordHash::new(&hasher.nobody),
            PasswordHash::new(&stored),
        );
        let (nobody, somebody) = (nobody.unwrap(), somebody.unwrap());
        assert_eq!(nobody.algorithm.as_str(), "argon2id");
        assert_eq!(nobody.algorithm, somebody.algorithm);
        assert_eq!(nobody.params, somebody.params);
        assert!(
            stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{stored}"
        );
    }
}
