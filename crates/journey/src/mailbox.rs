//! What the mail store did with a message.

use crate::attempt::PeerName;
use crate::text::{Pool, Text};
use bstr::{BStr, ByteSlice};
use model::{Kind, MailEvent, MailboxAction, Peer, Row, Timestamp};

/// One thing that the mail store or the user's Sieve script did with a message.
#[derive(Clone, Debug)]
pub struct MailboxEntry {
    /// When.
    pub at: Timestamp,
    /// Host of the store as written.
    pub host: Text,
    /// One of the `mailbox.*`, `sieve.*` and `autoreply.*` kinds; or what the sender's application tells.
    pub kind: Kind,
    /// `lmtp`, `lda`, `imap`, `pop3`, ..., `application` for what the sender's application tells; empty where not
    /// logged.
    pub protocol: Text,
    /// Mailbox user; empty where not logged.
    pub user: Text,
    /// Where the user was; `None` for what the store did by itself.
    pub client: Option<PeerName>,
    /// Session id; `None` where none was logged.
    pub session: Option<Text>,
    /// Mailbox (folder); `None` where none was logged.
    pub mailbox: Option<Text>,
    /// Target address of a redirect, or recipient of a reply.
    pub target: Option<Text>,
    /// As written, for failures; `None` otherwise.
    pub text: Option<Text>,
}

/// The protocol of what the sender's application tells.
const APPLICATION: &str = "application";

impl MailboxEntry {
    pub(crate) fn new(row: &Row<'_>, it: &MailboxAction<'_>, pool: &mut Pool) -> Self {
        MailboxEntry {
            at: row.at,
            host: pool.text(row.host),
            kind: it.kind,
            protocol: pool.text(it.protocol),
            user: pool.text(user(row, it)),
            client: client(row, it, pool),
            session: (!row.session_id.is_empty()).then(|| Text::new(row.session_id)),
            mailbox: pool.said(it.mailbox),
            target: pool.said(it.target),
            text: pool.said(it.text),
        }
    }
}

impl MailboxEntry {
    /// What the sender's application tells of a recipient.
    pub(crate) fn told(row: &Row<'_>, it: &MailEvent<'_>, pool: &mut Pool) -> Self {
        let text = [it.url, it.text].into_iter().find(|text| !text.is_empty());
        MailboxEntry {
            at: row.at,
            host: pool.text(row.host),
            kind: row.kind,
            protocol: pool.text(APPLICATION.as_bytes()),
            user: pool.text(it.rcpt_to),
            client: PeerName::new(&it.client, pool),
            session: None,
            mailbox: None,
            target: None,
            text: text.map(|text| pool.text(text)),
        }
    }

    /// Whether the sender's application tells it.
    pub(crate) fn is_told(&self) -> bool {
        *self.protocol == *APPLICATION.as_bytes()
    }

    /// Whether it says of a saving what another line of the delivery has said: Dovecot's mail_log
    /// tells of it too.
    pub(crate) fn tells_again(&self, known: &MailboxEntry) -> bool {
        self.kind == Kind::MailboxSaved
            && known.kind == Kind::MailboxSaved
            && self.session.is_some()
            && self.session == known.session
            && (&self.user, &self.mailbox) == (&known.user, &known.mailbox)
    }
}

/// The user that the line names, else who logged in (Cyrus).
fn user<'a>(row: &Row<'a>, it: &MailboxAction<'a>) -> &'a BStr {
    let of_session = || row.session.and_then(|session| session.user());
    let named = Some(it.user).filter(|user| !user.is_empty());
    named.or_else(of_session).unwrap_or_default()
}

/// The client that the line names, else that of the session.
fn client(row: &Row<'_>, it: &MailboxAction<'_>, pool: &mut Pool) -> Option<PeerName> {
    let of_session = || {
        let address = row.session?.client_address()?;
        let peer = Peer {
            address,
            ..Peer::default()
        };
        Some(peer)
    };
    let named = Some(it.client).filter(|it| !it.is_empty());
    PeerName::new(&named.or_else(of_session)?, pool)
}

/// Whether the action is part of a delivery, not of a user's reading.
pub(crate) fn is_delivery(it: &MailboxAction<'_>) -> bool {
    *it.protocol == "lmtp" || *it.protocol == "lda"
}

/// Whether a mailbox user is the one with an address.
pub(crate) fn is_user(user: &Text, address: &Text) -> bool {
    let local_part = address
        .rfind_byte(b'@')
        .map_or(&address[..], |at| &address[..at]);
    user.eq_ignore_ascii_case(address) || user.eq_ignore_ascii_case(local_part)
}
