//! Signatures as Mailgun has them: receivers know by them who sent an event, and when.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use tenancy::Secret;

/// Bytes of a token; as text twice as many characters.
const TOKEN_BYTES: usize = 25;

/// What is sent: a JSON body under its name, signed anew each time, for a receiver may refuse a token that it knows.
/// Errs where the machine has no random bytes.
pub fn signed(name: &str, body: &str, key: &Secret, now: Timestamp) -> Result<String, String> {
    let mut token = [0; TOKEN_BYTES];
    getrandom::fill(&mut token).map_err(|_| "no random bytes".to_owned())?;
    let (timestamp, token) = (now.as_second().to_string(), hex(&token));
    let signature = signature(key, &timestamp, &token);
    Ok(format!(
        r#"{{"signature":{{"timestamp":"{timestamp}","token":"{token}","signature":"{signature}"}},"{name}":{body}}}"#
    ))
}

/// The HMAC-SHA256 of timestamp and token, in hexadecimal digits.
fn signature(key: &Secret, timestamp: &str, token: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes());
    let mut mac = mac.expect("a key may have any length");
    mac.update(timestamp.as_bytes());
    mac.update(token.as_bytes());
    hex(&mac.finalize().into_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `printf 1529006854abc | openssl dgst -sha256 -hmac key` tells.
    #[test]
    fn the_signature_is_mailguns() {
        let signature = signature(&Secret::from("key"), "1529006854", "abc");
        assert_eq!(signature, EXPECTED);
    }
    const EXPECTED: &str = "8a0d9f9554607949b466b10ed94e6c36abe9ddc7677aa0b532e262599e59da6f";
}
