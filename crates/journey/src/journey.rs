//! One message from its first line to its last, over all its queues.

use crate::attempt::PeerName;
use crate::recipient::Unnamed;
use crate::text::Text;
use crate::{HandedIn, Hop, Notification, Outcome, Recipient};
use model::{ItemKey, LineId, LinkKind, Timestamp};

/// One message from its first line to its last, over all its queues.
#[derive(Clone, Debug)]
pub struct Journey {
    /// Message-ID as written, usually with `<>`; `None` where no line told one.
    pub message_id: Option<Text>,
    /// Envelope sender at the first hop; empty is the null sender, `None` that no line told one.
    pub mail_from: Option<Text>,
    /// From header as written.
    pub header_from: Option<Text>,
    /// Subject as written.
    pub subject: Option<Text>,
    /// The client that brought it to the first hop; `None` for mail that began on the host itself.
    pub client: Option<PeerName>,
    /// HELO argument of that client.
    pub helo: Option<Text>,
    /// TLS protocol and cipher of that client's session; `None` where no line told.
    pub tls: Option<Text>,
    /// SASL mechanism.
    pub sasl_method: Option<Text>,
    /// SASL user.
    pub sasl_username: Option<Text>,
    /// User id of a local submitter.
    pub uid: Option<u32>,
    /// Name of a local submitter.
    pub local_user: Option<Text>,
    /// Who handed it in through a webmail; `None` where no webmail's line tells.
    pub handed_in: Option<HandedIn>,
    /// Size at the first hop in bytes.
    pub size: Option<u64>,
    /// When it came to the first hop.
    pub arrived: Timestamp,
    /// The queues that it went through: each behind the one that it came from, else by time.
    pub hops: Vec<Hop>,
    /// Recipients, in the order in which the first hop tried them.
    pub recipients: Vec<Recipient>,
    /// Recipients that no line names.
    pub unnamed: Vec<Unnamed>,
    /// What sender and postmaster were told, in order of time.
    pub notifications: Vec<Notification>,
    /// New messages that it caused, notifications apart: automatic replies, copies of a list.
    pub caused: Vec<Related>,
    /// Of a notification, reply or list copy: what caused it.
    pub cause: Option<Cause>,
    /// Whether it is an address probe, which brings nobody mail.
    pub probe: bool,
    /// Whether the lines that should stand before the first one are missing.
    pub incomplete_head: bool,
    /// How many lines tell of it.
    pub line_count: u32,
    /// The original lines in order of time; empty where the gathering does not keep them.
    pub lines: Vec<JourneyLine>,
}

/// Another message that a journey points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// In what way it belongs to this one.
    pub kind: LinkKind,
    /// Its first queue item.
    pub item: ItemKey,
    /// Host of that.
    pub host: Text,
    /// Queue id of that.
    pub queue_id: Text,
}

/// What caused a message.
pub type Cause = Related;

/// An original line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JourneyLine {
    /// When the row was complete that the line is part of.
    pub at: Timestamp,
    /// Which line it is.
    pub id: LineId,
    /// Host of the row.
    pub host: Text,
    /// Byte for byte as read.
    pub raw: Box<[u8]>,
}

impl Journey {
    /// The hop with a key.
    pub fn hop(&self, key: ItemKey) -> Option<&Hop> {
        self.hops.iter().find(|it| it.key == key)
    }

    /// Whether something may still come of it.
    pub fn is_open(&self) -> bool {
        self.hops.iter().any(|it| it.state.is_open())
    }

    /// How it ended for all recipients, or as a whole where none is known; `None` where it ended in
    /// different ways.
    pub fn outcome(&self) -> Option<Outcome> {
        let mut outcomes = self.outcomes();
        let Some(first) = outcomes.next() else {
            return self.hops.last().map(|it| it.state.outcome());
        };
        outcomes.all(|it| it == first).then_some(first)
    }

    /// How it ended for each recipient, the unnamed included, each group of which counts once.
    pub fn outcomes(&self) -> impl Iterator<Item = Outcome> {
        let named = self.recipients.iter().map(|it| it.outcome);
        named.chain(self.unnamed.iter().map(|it| it.outcome))
    }
}
