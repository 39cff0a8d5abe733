//! What the mail store did with a message.

use crate::text::{Pool, Text};
use model::{Kind, MailboxAction, Row, Timestamp};

/// One thing that the mail store or the user's Sieve script did with a message.
#[derive(Clone, Debug)]
pub struct MailboxEntry {
    /// When.
    pub at: Timestamp,
    /// Host of the store as written.
    pub host: Text,
    /// One of the `mailbox.*`, `sieve.*` and `autoreply.*` kinds.
    pub kind: Kind,
    /// Mailbox user; empty where not logged.
    pub user: Text,
    /// Session id; `None` where none was logged.
    pub session: Option<Text>,
    /// Mailbox (folder); `None` where none was logged.
    pub mailbox: Option<Text>,
    /// Target address of a redirect, or recipient of a reply.
    pub target: Option<Text>,
    /// As written, for failures; `None` otherwise.
    pub text: Option<Text>,
}

impl MailboxEntry {
    pub(crate) fn new(row: &Row<'_>, it: &MailboxAction<'_>, pool: &mut Pool) -> Self {
        MailboxEntry {
            at: row.at,
            host: pool.text(row.host),
            kind: it.kind,
            user: pool.text(it.user),
            session: (!row.session_id.is_empty()).then(|| Text::new(row.session_id)),
            mailbox: pool.said(it.mailbox),
            target: pool.said(it.target),
            text: pool.said(it.text),
        }
    }
}

/// Whether the action is part of a delivery, not of a user's reading.
pub(crate) fn is_delivery(it: &MailboxAction<'_>) -> bool {
    *it.protocol == "lmtp" || *it.protocol == "lda"
}
