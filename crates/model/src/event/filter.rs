//! What content filters found.

use crate::{DeliveryStatus, Peer};
use bstr::BStr;

/// A content filter's verdict on one message (amavis' `Passed CLEAN`, `Blocked SPAM`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict<'a> {
    /// Whether the message went on.
    pub passed: bool,
    /// `CLEAN`, `SPAM`, `SPAMMY`, `INFECTED`, `BANNED`, `BAD-HEADER`, ... as written.
    pub category: &'a BStr,
    /// Name of the malware or banned part; empty where none.
    pub found: &'a BStr,
    /// What was done with it (`{DiscardedInbound,Quarantined}`), without braces.
    pub actions: &'a BStr,
    /// The client that the filter saw; empty where not logged.
    pub client: Peer<'a>,
    /// The message's origin as the filter read it from the headers; empty where not logged.
    pub origin: Peer<'a>,
    /// Envelope sender; empty is the null sender.
    pub mail_from: Option<&'a BStr>,
    /// Envelope recipients as written, `<a>,<b>`.
    pub recipients: &'a BStr,
    /// Queue id that the message had when it came; `None` where not logged.
    pub queue_id: Option<&'a BStr>,
    /// Message-ID as written.
    pub message_id: Option<&'a BStr>,
    /// Id under which the filter keeps it; empty where not logged.
    pub mail_id: &'a BStr,
    /// Where the quarantine keeps it, as written; empty where it does not.
    pub quarantine: &'a BStr,
    /// Spam score; `None` where not scored.
    pub score: Option<f32>,
    /// Score from which on a message is spam; `None` where not logged.
    pub required: Option<f32>,
    /// Bytes.
    pub size: Option<u64>,
    /// Queue ids under which it was put in again, as written, `A/B`; empty where it was not.
    pub queued_as: &'a BStr,
    /// Milliseconds that the filter took.
    pub took_ms: Option<u64>,
    /// Author as written; empty where not logged.
    pub header_from: &'a BStr,
    /// Subject as written; empty where not logged.
    pub subject: &'a BStr,
    /// Rules that hit, as written; empty where not logged.
    pub tests: &'a BStr,
    /// User who sent it or whose settings the filter used; empty where not logged.
    pub user: &'a BStr,
    /// The filter's or administrator's rule that decided, by name; empty where not logged.
    pub decided_by: &'a BStr,
    /// What became of the message for these recipients, where one record tells all of it (message trace
    /// of Microsoft 365); `None` where lines of their own tell that.
    pub became: Option<Became>,
    /// The server that took it from the filter; empty where not logged.
    pub next_hop: Peer<'a>,
    /// Whether the filter looks at what another server has delivered (Vade for Microsoft 365): its record
    /// is about that one's message where that is known.
    pub looks_after: bool,
}

/// What became of a message for a recipient, in a record that tells all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// It was tried, with this result, and is where the service itself delivers.
    Tried(DeliveryStatus),
    /// It was accepted by the next hop.
    Relayed,
    /// It was dropped.
    Dropped,
    /// The record does not tell, or has a word that nobody knows.
    Untold,
}

/// What a check of the sender's domain found (RFC 8601), or that a signature was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuthResult<'a> {
    /// `spf`, `dkim`, `dmarc`, `arc`.
    pub method: &'a BStr,
    /// `pass`, `fail`, `softfail`, `none`, ... as written.
    pub result: &'a BStr,
    /// Whether the message was signed here, not checked.
    pub signed: bool,
    /// Domain that was checked or signed for; empty where not logged.
    pub domain: &'a BStr,
    /// DKIM selector; empty where not logged.
    pub selector: &'a BStr,
    /// Envelope sender; `None` where not logged.
    pub mail_from: Option<&'a BStr>,
    /// Envelope recipient; `None` where not logged.
    pub rcpt_to: Option<&'a BStr>,
    /// HELO argument; empty where not logged.
    pub helo: &'a BStr,
    /// The client; empty where not logged.
    pub client: Peer<'a>,
    /// What follows from it, or why, as written; empty where not logged.
    pub text: &'a BStr,
}
