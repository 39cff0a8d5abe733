//! What applications that send mail tell of it.

use crate::{EnhancedStatus, Kind, Peer, ReplyCode};
use bstr::BStr;

/// What an application tells of a message, in the words of webhooks: `opened`, `clicked`, `failed`.
///
/// What the servers did stands in their own lines; this is what the sender of many messages was told,
/// or saw itself. Source: Mailgun's event types.
#[derive(Clone, Debug, PartialEq)]
pub struct MailEvent<'a> {
    /// What happened.
    pub kind: Kind,
    /// Its word as written: `opened`.
    pub word: &'a BStr,
    /// Message-ID as written, often without its `<>`; empty where not told.
    pub message_id: &'a BStr,
    /// Envelope sender; `None` where not told.
    pub mail_from: Option<&'a BStr>,
    /// Recipient, or several as written; empty where not told.
    pub rcpt_to: &'a BStr,
    /// From header as written; empty where not told.
    pub header_from: &'a BStr,
    /// Subject as written; empty where not told.
    pub subject: &'a BStr,
    /// Bytes of the message; `None` where not told.
    pub size: Option<u64>,
    /// Where the reader or the sending program was.
    pub client: Peer<'a>,
    /// The reader's program as written; empty where not told.
    pub user_agent: &'a BStr,
    /// The link that was followed, as written; empty where not told.
    pub url: &'a BStr,
    /// Server that took or refused it.
    pub relay: Peer<'a>,
    /// Its reply code, or one of the application's own; `None` where not told.
    pub code: Option<ReplyCode>,
    /// Enhanced status; `None` where not told.
    pub enhanced: Option<EnhancedStatus>,
    /// Reply or reason as written; empty where not told.
    pub text: &'a BStr,
    /// Tags as written, of an array the strings; empty where there are none.
    pub tags: &'a BStr,
    /// Campaign as written; empty where there is none.
    pub campaign: &'a BStr,
    /// Variables that the sender gave the message, JSON as written; empty where there are none.
    pub variables: &'a BStr,
}

impl MailEvent<'_> {
    /// Nothing but what happened.
    pub fn of(kind: Kind) -> Self {
        let empty = BStr::new(b"");
        MailEvent {
            kind,
            word: empty,
            message_id: empty,
            mail_from: None,
            rcpt_to: empty,
            header_from: empty,
            subject: empty,
            size: None,
            client: Peer::default(),
            user_agent: empty,
            url: empty,
            relay: Peer::default(),
            code: None,
            enhanced: None,
            text: empty,
            tags: empty,
            campaign: empty,
            variables: empty,
        }
    }
}
