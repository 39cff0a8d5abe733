//! Names as they are stored, so that equal ones compare equal.

use crate::error::{Error, Result};
use crate::limits::NAME_BYTES_MAX;
use url::Host;

/// A domain in lower case, as A-labels, without the last dot.
pub(crate) fn domain(text: &str) -> Result<String> {
    let invalid = |why| Error::invalid("domain", why, text);
    let trimmed = text.trim().trim_end_matches('.');
    match Host::parse(trimmed) {
        Ok(Host::Domain(domain)) if is_domain(&domain) => Ok(domain),
        Ok(Host::Domain(_)) => Err(invalid("it should be like `example.org`")),
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) => Err(invalid("it is an address of a host")),
        Err(_) => Err(invalid("it should be like `example.org`")),
    }
}

/// Source: RFC 1035 section 2.3.4, the lengths; underscores stand in the names of some hosts.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len()) && label.bytes().all(known)
    };
    domain.len() <= 253 && domain.split('.').all(is_label)
}

/// A mailbox address, both parts in ASCII lower case, the domain as A-labels.
pub(crate) fn address(text: &str) -> Result<String> {
    let invalid = |why| Error::invalid("address", why, text);
    let (local, host) = text
        .trim()
        .rsplit_once('@')
        .ok_or_else(|| invalid("it should be like `anna@example.org`"))?;
    let is_odd = |it: char| it.is_control() || it.is_whitespace();
    // RFC 5321 section 4.5.3.1.1
    if local.is_empty() || local.len() > 64 || local.contains(is_odd) {
        return Err(invalid("what stands before the `@` is no local part"));
    }
    let host = domain(host)?;
    Ok(format!("{}@{host}", local.to_ascii_lowercase()))
}

/// The domain of a stored address.
pub(crate) fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// A login in lower case. It may be an address.
pub(crate) fn login(text: &str) -> Result<String> {
    let login = text.trim().to_lowercase();
    let is_odd = |it: char| it.is_control() || it.is_whitespace() || it == ':';
    if login.contains(is_odd) {
        let why = "it may not have spaces or colons";
        return Err(Error::invalid("login", why, text));
    }
    shown("login", &login)
}

/// A name for people.
pub(crate) fn shown(what: &'static str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid(what, "it is empty", text));
    }
    if text.len() > NAME_BYTES_MAX || text.contains(char::is_control) {
        return Err(Error::invalid(what, "it is too long, or no text", text));
    }
    Ok(text.to_owned())
}

/// A name for people that may be absent.
pub(crate) fn shown_or_none(what: &'static str, text: Option<&str>) -> Result<Option<String>> {
    text.map(|text| shown(what, text)).transpose()
}

/// Sorted, each once.
pub(crate) fn set(
    texts: &[String],
    normal: impl Fn(&str) -> Result<String>,
) -> Result<Vec<String>> {
    let mut set: Vec<String> = texts
        .iter()
        .map(|text| normal(text))
        .collect::<Result<_>>()?;
    set.sort_unstable();
    set.dedup();
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_told_in_one_way() {
        for text in ["Example.ORG", " example.org. ", "example.org"] {
            assert_eq!(domain(text).unwrap(), "example.org");
        }
        assert_eq!(domain("Bücher.example").unwrap(), "xn--bcher-kva.example");
        assert_eq!(
            domain("xn--bcher-kva.example").unwrap(),
            "xn--bcher-kva.example"
        );
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        for text in [
            "",
            ".",
            "a b.example",
            "192.0.2.1",
            "[2001:db8::1]",
            "a..b",
            "*.example.org",
            "a@b",
            "a/b",
        ] {
            assert!(domain(text).is_err(), "{text}");
        }
    }

    #[test]
    fn addresses_are_lower_case() {
        assert_eq!(address("Anna@Example.ORG").unwrap(), "anna@example.org");
        assert_eq!(
            address("\"a@b\"@example.org").unwrap(),
            "\"a@b\"@example.org"
        );
        for text in ["anna", "@example.org", "anna@", "an na@example.org"] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
