//! Whether an ID token is for us, for now and for this login. Source: OpenID Connect Core 1.0 section
//! 3.1.3.7.

use crate::error::Fault;
use crate::limits::CLOCK_SECS;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// For whom, by whom and for which login it must be.
pub(crate) struct Expected<'e> {
    pub(crate) issuer: &'e str,
    pub(crate) client_id: &'e str,
    pub(crate) nonce: &'e str,
    pub(crate) now: Timestamp,
}

/// Checks the claims of a token whose signature is right; gives its subject.
pub(crate) fn subject(
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<String, Fault> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let issuer = text("iss").unwrap_or_default();
    if issuer != expected.issuer {
        return Err(Fault::Issuer(issuer.to_owned()));
    }
    if !is_for(claims, expected.client_id) {
        let of = claims.get("aud").map(Value::to_string);
        return Err(Fault::Audience(of.unwrap_or_default()));
    }
    // Seconds may have fractions. Source: RFC 7519 section 2.
    let now = expected.now.as_second() as f64;
    let clock = CLOCK_SECS as f64;
    let time = |name: &str| claims.get(name).map(|it| it.as_f64().ok_or(Fault::Time));
    let expires = time("exp").unwrap_or(Err(Fault::Time))?;
    let begins = time("nbf").transpose()?.unwrap_or(f64::NEG_INFINITY);
    let issued = time("iat").unwrap_or(Err(Fault::Time))?;
    if expires + clock <= now || begins.max(issued) - clock > now {
        return Err(Fault::Time);
    }
    if text("nonce") != Some(expected.nonce) {
        return Err(Fault::Nonce);
    }
    let subject = text("sub").filter(|it| !it.is_empty());
    Ok(subject.ok_or(Fault::Subject)?.to_owned())
}

/// Whether it was made for a client; where it is for others too, that client must be who asked for it.
fn is_for(claims: &Map<String, Value>, client_id: &str) -> bool {
    let asked = claims.get("azp").map(|it| it.as_str() == Some(client_id));
    match claims.get("aud") {
        Some(Value::String(one)) => one == client_id && asked != Some(false),
        Some(Value::Array(all)) => {
            let is_ours = all.iter().any(|it| it.as_str() == Some(client_id));
            is_ours && (asked == Some(true) || asked.is_none() && all.len() == 1)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_700_000_000;

    /// A token that is good, with some claims changed; those that are null are left out.
    fn asked(changed: Value) -> Result<String, Fault> {
        let mut claims = json!({
            "iss": "https://login.example.org", "aud": "waybill", "sub": "u1", "nonce": "n1",
            "iat": NOW, "exp": NOW + 300 });
        for (name, value) in changed.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        let claims = claims.as_object().expect("an object").iter();
        let claims = claims.filter(|(_, value)| !value.is_null());
        let claims = claims.map(|(name, value)| (name.clone(), value.clone()));
        let expected = Expected {
            issuer: "https://login.example.org",
            client_id: "waybill",
            nonce: "n1",
            now: Timestamp::from_second(NOW).expect("a time"),
        };
        subject(&claims.collect(), &expected)
    }

    #[test]
    fn a_token_of_this_login_is_good() {
        for claims in [
            json!({}),
            json!({ "aud": ["waybill"] }),
            json!({ "aud": ["waybill", "other"], "azp": "waybill" }),
            json!({ "azp": "waybill", "exp": 1_700_000_001.5 }),
            json!({ "exp": NOW - CLOCK_SECS + 1 }),
            json!({ "iat": NOW + CLOCK_SECS, "nbf": NOW + CLOCK_SECS }),
        ] {
            assert_eq!(asked(claims.clone()), Ok("u1".to_owned()), "{claims}");
        }
    }

    #[test]
    fn any_other_token_is_not() {
        let other_issuer = "https://login.example.org/";
        let audience = |aud: &str| Fault::Audience(aud.to_owned());
        for (claims, fault) in [
            (
                json!({ "iss": other_issuer }),
                Fault::Issuer(other_issuer.to_owned()),
            ),
            (json!({ "iss": null }), Fault::Issuer(String::new())),
            (json!({ "aud": "other" }), audience("\"other\"")),
            (json!({ "aud": null }), audience("")),
            (json!({ "aud": [] }), audience("[]")),
            (
                json!({ "aud": ["waybill", "other"] }),
                audience("[\"waybill\",\"other\"]"),
            ),
            (
                json!({ "aud": ["other"], "azp": "waybill" }),
                audience("[\"other\"]"),
            ),
            (json!({ "azp": "other" }), audience("\"waybill\"")),
            (json!({ "exp": NOW - CLOCK_SECS }), Fault::Time),
            (json!({ "exp": null }), Fault::Time),
            (json!({ "exp": "never" }), Fault::Time),
            (json!({ "iat": NOW + CLOCK_SECS + 1 }), Fault::Time),
            (json!({ "iat": null }), Fault::Time),
            (json!({ "nbf": NOW + CLOCK_SECS + 1 }), Fault::Time),
            (json!({ "nonce": "n2" }), Fault::Nonce),
            (json!({ "nonce": null }), Fault::Nonce),
            (json!({ "sub": null }), Fault::Subject),
            (json!({ "sub": "" }), Fault::Subject),
        ] {
            assert_eq!(asked(claims.clone()), Err(fault), "{claims}");
        }
    }
}
