//! What was found out about a message's sender, and who handed the message in.

use crate::attempt::PeerName;
use crate::text::{Pool, Text};
use model::{AuthResult, Row, Submitted, Timestamp};

/// A check of the sender's domain (RFC 8601), or a signature made.
#[derive(Clone, Debug)]
pub struct SenderCheck {
    /// When.
    pub at: Timestamp,
    /// Who checked: `opendkim`.
    pub program: Text,
    /// `spf`, `dkim`, `dmarc`, `arc`.
    pub method: Text,
    /// `pass`, `fail`, ... as written.
    pub result: Text,
    /// Whether the message was signed here, not checked.
    pub signed: bool,
    /// Domain that was checked or signed for.
    pub domain: Option<Text>,
    /// DKIM selector.
    pub selector: Option<Text>,
    /// Why, or what follows from it, as written.
    pub text: Option<Text>,
}

impl SenderCheck {
    pub(crate) fn new(row: &Row<'_>, it: &AuthResult<'_>, pool: &mut Pool) -> Self {
        SenderCheck {
            at: row.at,
            program: pool.text(row.program),
            method: pool.text(it.method),
            result: pool.text(it.result),
            signed: it.signed,
            domain: pool.said(it.domain),
            selector: pool.said(it.selector),
            text: pool.said(it.text),
        }
    }
}

/// Who handed a message in through a webmail.
#[derive(Clone, Debug)]
pub struct HandedIn {
    /// When.
    pub at: Timestamp,
    /// Host of the webmail as written.
    pub host: Text,
    /// The webmail: `roundcube`.
    pub program: Text,
    /// User that is logged in there.
    pub user: Option<Text>,
    /// The user's own address, which the mail server never sees.
    pub client: Option<PeerName>,
}

impl HandedIn {
    pub(crate) fn new(row: &Row<'_>, it: &Submitted<'_>, pool: &mut Pool) -> Self {
        HandedIn {
            at: row.at,
            host: pool.text(row.host),
            program: pool.text(row.program),
            user: pool.said(it.user),
            client: PeerName::new(&it.client, pool),
        }
    }
}
