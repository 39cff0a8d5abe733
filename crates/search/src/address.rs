//! Tests of mail addresses.

use crate::pattern::{Pattern, bare, bare_bytes};

/// What an address must be; all in ASCII lower case, and values are compared without regard to it.
///
/// The local part too, though RFC 5321 §2.4 leaves its case to the receiver: no mailbox of this
/// century tells `Anna` from `anna`, and who searches does not mean to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AddressTest {
    /// `<>`: the null sender.
    Null,
    /// `anna@x.example`: this address.
    Whole(String),
    /// `anna@`, `anna`: this local part, or an address that is nothing else.
    Local(String),
    /// `x.example`, `@x.example`: this domain.
    Domain(String),
    /// `.x.example`: any domain below this one, not itself.
    Below(String),
    /// With `*`: the whole address as a text.
    Like(Pattern),
}

impl AddressTest {
    /// `None` for what can be no address: `@`, `.`.
    pub(crate) fn new(pattern: &Pattern) -> Option<Self> {
        let text = bare(&pattern.text).to_ascii_lowercase();
        if pattern.open_start || pattern.open_end {
            return Some(AddressTest::Like(Pattern { text, ..*pattern }));
        }
        if text.is_empty() {
            return Some(AddressTest::Null);
        }
        let domain = match text.rsplit_once('@') {
            Some(("", "")) => return None,
            Some(("", domain)) => domain,
            Some((local, "")) => return Some(AddressTest::Local(local.to_owned())),
            Some(_) => return Some(AddressTest::Whole(text)),
            None if text.contains('.') => &text,
            None => return Some(AddressTest::Local(text)),
        };
        match domain.strip_prefix('.') {
            Some("") => None,
            Some(parent) => Some(AddressTest::Below(parent.to_owned())),
            None => Some(AddressTest::Domain(domain.to_owned())),
        }
    }

    /// Whether an address as logged, with or without angle brackets, fits.
    pub fn matches(&self, address: &[u8]) -> bool {
        let address = bare_bytes(address).to_ascii_lowercase();
        let (local, domain) = match address.iter().rposition(|&byte| byte == b'@') {
            Some(at) => (&address[..at], &address[at + 1..]),
            None => (&address[..], &[][..]),
        };
        match self {
            AddressTest::Null => address.is_empty(),
            AddressTest::Whole(whole) => address == whole.as_bytes(),
            AddressTest::Local(wanted) => local == wanted.as_bytes(),
            AddressTest::Domain(wanted) => domain == wanted.as_bytes(),
            AddressTest::Below(parent) => domain
                .strip_suffix(parent.as_bytes())
                .is_some_and(|sub| sub.len() > 1 && sub.ends_with(b".")),
            AddressTest::Like(pattern) => pattern.matches(&address),
        }
    }
}
