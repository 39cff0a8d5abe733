//! What a journey is looked for by.

use crate::Journey;
use crate::text::Text;
use bstr::{BString, ByteSlice};

/// What a journey is looked for by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A Message-ID, kept without `<>`; matched as it is.
    MessageId(BString),
    /// A queue id on any host, or the id that another server gave; matched as it is.
    QueueId(BString),
    /// A sender, recipient (before or after aliases) or login, case aside; `@domain` is all of a
    /// domain, an empty one the null sender.
    Address(BString),
}

impl What {
    /// Guesses what a text is: `<...>` is a Message-ID, what has an `@` an address, else a queue id.
    /// `<>` alone is the null sender.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        match without_brackets(text.as_bytes()) {
            [] => What::Address(BString::default()),
            inner if inner.len() < text.len() => What::message_id(text),
            inner if inner.contains(&b'@') => What::address(text),
            _ => What::QueueId(text.into()),
        }
    }

    /// A Message-ID, with or without `<>`.
    pub fn message_id(text: &str) -> Self {
        What::MessageId(without_brackets(text.trim().as_bytes()).into())
    }

    /// A queue id.
    pub fn queue_id(text: &str) -> Self {
        What::QueueId(text.trim().into())
    }

    /// An address, with or without `<>`.
    pub fn address(text: &str) -> Self {
        What::Address(without_brackets(text.trim().as_bytes()).into())
    }

    /// What the text can be as well: an address may be a Message-ID that lost its `<>`, and a
    /// Message-ID an address in `<>`.
    pub fn otherwise(&self) -> Option<What> {
        match self {
            What::Address(text) if text.contains(&b'@') => Some(What::MessageId(text.clone())),
            What::MessageId(text) if text.contains(&b'@') => Some(What::Address(text.clone())),
            What::QueueId(text) => Some(What::MessageId(text.clone())),
            What::Address(_) | What::MessageId(_) => None,
        }
    }
}

/// The journeys that match, in their order; where none does, those that match
/// [otherwise](What::otherwise).
pub fn find<'j>(journeys: &'j [Journey], what: &What) -> Vec<&'j Journey> {
    let matching =
        |what: &What| -> Vec<&Journey> { journeys.iter().filter(|it| it.matches(what)).collect() };
    let found = matching(what);
    match what.otherwise() {
        Some(otherwise) if found.is_empty() => matching(&otherwise),
        _ => found,
    }
}

impl Journey {
    /// Whether this is what is looked for.
    pub fn matches(&self, what: &What) -> bool {
        match what {
            What::MessageId(wanted) => self
                .message_id
                .as_ref()
                .is_some_and(|id| without_brackets(id) == wanted.as_bytes()),
            What::QueueId(wanted) => self.queue_ids().any(|id| **id == **wanted),
            What::Address(wanted) => self.addresses().any(|it| is_address(it, wanted)),
        }
    }

    fn queue_ids(&self) -> impl Iterator<Item = &Text> {
        let hops = (self.hops.iter()).flat_map(|it| [Some(&it.queue_id), it.told_id.as_ref()]);
        let hops = hops.flatten();
        let attempts = self.recipients.iter().flat_map(|it| &it.attempts);
        hops.chain(attempts.filter_map(|it| it.next_queue_id.as_ref()))
    }

    fn addresses(&self) -> impl Iterator<Item = &Text> {
        let user = self.handed_in.as_ref().and_then(|it| it.user.as_ref());
        let senders = self.mail_from.iter().chain(&self.sasl_username).chain(user);
        let recipients = self
            .recipients
            .iter()
            .flat_map(|it| [Some(&it.rcpt_to), it.orig_rcpt_to.as_ref()]);
        let hops = self.hops.iter().flat_map(|hop| {
            let refused = hop.decisions.iter().filter_map(|it| it.rcpt_to.as_ref());
            hop.mail_from.iter().chain(refused)
        });
        senders.chain(recipients.flatten()).chain(hops)
    }
}

fn without_brackets(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"<")
        .and_then(|it| it.strip_suffix(b">"))
        .unwrap_or(text)
}

/// Whether an address is the one wanted, case aside; `@domain` wants all of a domain.
pub fn is_address(address: &[u8], wanted: &[u8]) -> bool {
    if wanted.starts_with(b"@") && wanted.len() > 1 {
        let domain = address.rfind_byte(b'@').map(|at| &address[at..]);
        return domain.is_some_and(|it| it.eq_ignore_ascii_case(wanted));
    }
    address.eq_ignore_ascii_case(wanted)
}
