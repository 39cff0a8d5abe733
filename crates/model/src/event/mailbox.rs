//! What is done in and to mailboxes.

use crate::{Kind, Peer};
use bstr::BStr;

/// Something done in or to a mailbox: a delivery, a Sieve action, an IMAP command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailboxAction<'a> {
    /// One of the `mailbox.*`, `folder.*`, `sieve.*` and `autoreply.*` kinds, or `delivery.discarded`
    /// for a duplicate that was not saved again (Cyrus).
    pub kind: Kind,
    /// Mailbox user.
    pub user: &'a BStr,
    /// `lmtp`, `lda`, `imap`, `pop3`, `sieve`.
    pub protocol: &'a BStr,
    /// Message-ID as written; empty where not logged.
    pub message_id: &'a BStr,
    /// Mailbox (folder); empty where not logged.
    pub mailbox: &'a BStr,
    /// Mailbox that a copy came from, or old name of a renamed one; empty otherwise.
    pub source_mailbox: &'a BStr,
    /// Target address of a redirect, or recipient of a reply; empty otherwise.
    pub target: &'a BStr,
    /// UID in the mailbox, or the item's number (Zimbra); `None` where not logged.
    pub uid: Option<u32>,
    /// Numbers of further messages that it was done to, with commas between, as written; empty for
    /// none.
    pub further_uids: &'a BStr,
    /// Number that a copy was given; `None` where not logged.
    pub copy_uid: Option<u32>,
    /// Bytes; `None` where not logged.
    pub size: Option<u64>,
    /// Who did it; empty where not logged.
    pub client: Peer<'a>,
    /// Author as written; empty where not logged.
    pub header_from: &'a BStr,
    /// Subject as written; empty where not logged.
    pub subject: &'a BStr,
    /// As written, for failures and flags; empty otherwise.
    pub text: &'a BStr,
}

impl Default for MailboxAction<'_> {
    fn default() -> Self {
        MailboxAction {
            kind: Kind::MailboxSaved,
            user: BStr::new(b""),
            protocol: BStr::new(b""),
            message_id: BStr::new(b""),
            mailbox: BStr::new(b""),
            source_mailbox: BStr::new(b""),
            target: BStr::new(b""),
            uid: None,
            further_uids: BStr::new(b""),
            copy_uid: None,
            size: None,
            client: Peer::default(),
            header_from: BStr::new(b""),
            subject: BStr::new(b""),
            text: BStr::new(b""),
        }
    }
}

impl<'a> MailboxAction<'a> {
    /// The numbers of all messages that it was done to.
    pub fn uids(&self) -> impl Iterator<Item = u32> + use<'a> {
        let further = self.further_uids.split(|byte| *byte == b',');
        let number = |text: &'a [u8]| std::str::from_utf8(text.trim_ascii()).ok()?.parse().ok();
        self.uid.into_iter().chain(further.filter_map(number))
    }
}

/// A request to a webmail or another web application of the mail system, from its own log or its
/// web server's.
#[derive(Clone, Debug, PartialEq)]
pub struct WebRequest<'a> {
    /// What the request did, where path and method tell: `mailbox.*`, `auth.*`, `message.submitted`;
    /// else [`Kind::WebRequest`].
    pub kind: Kind,
    /// Who asked.
    pub client: Peer<'a>,
    /// User that is logged in; empty where not logged.
    pub user: &'a BStr,
    /// Name of the site asked for; empty where not logged.
    pub site: &'a BStr,
    /// `GET`, `POST`.
    pub method: &'a BStr,
    /// Path and query as written.
    pub path: &'a BStr,
    /// Status of the answer; `None` where not logged.
    pub status: Option<u16>,
    /// Bytes of the answer; `None` where not logged.
    pub bytes: Option<u64>,
    /// Milliseconds until the answer; `None` where not logged.
    pub took_ms: Option<u64>,
    /// Page that the request came from, as written; empty where not logged.
    pub referer: &'a BStr,
    /// Browser or program as written; empty where not logged.
    pub user_agent: &'a BStr,
}

impl Default for WebRequest<'_> {
    fn default() -> Self {
        WebRequest {
            kind: Kind::WebRequest,
            client: Peer::default(),
            user: BStr::new(b""),
            site: BStr::new(b""),
            method: BStr::new(b""),
            path: BStr::new(b""),
            status: None,
            bytes: None,
            took_ms: None,
            referer: BStr::new(b""),
            user_agent: BStr::new(b""),
        }
    }
}
