//! One try to bring a message to one recipient.

use crate::text::{Pool, Text};
use model::{
    Agent, Delays, Delivery, DeliveryStatus, EnhancedStatus, ItemKey, Kind, Peer, ReplyCode, Row,
    Timestamp, TlsFacts,
};

/// Another host, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerName {
    /// As written; `None` where none was logged.
    pub name: Option<Text>,
    /// As written, for LMTP over a UNIX-domain socket its path; `None` where none was logged.
    pub address: Option<Text>,
    /// `None` where none was logged.
    pub port: Option<u16>,
}

/// One try to bring a message to one recipient.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The queue item that was tried.
    pub item: ItemKey,
    /// The recipient, as its address was in that queue.
    pub rcpt_to: Text,
    /// When the result was logged.
    pub at: Timestamp,
    /// One of the `delivery.*` kinds; [`Kind::HandedOver`] where the next hop is our own.
    pub kind: Kind,
    /// Who tried.
    pub agent: Agent,
    /// The next hop; `None` where nobody was contacted.
    pub relay: Option<PeerName>,
    /// Time spent.
    pub delays: Delays,
    /// `dsn=` of the line.
    pub enhanced: Option<EnhancedStatus>,
    /// Code of the other side's reply; `None` where nobody replied.
    pub code: Option<ReplyCode>,
    /// The reason or reply as written.
    pub text: Text,
    /// Whether `text` quotes the other side.
    pub remote_reply: bool,
    /// `Trusted`, `Verified`, ...; `None` where no line told.
    pub tls_trust: Option<Text>,
    /// TLS protocol and cipher, separated by a space; `None` where no line told of TLS.
    pub tls: Option<Text>,
    /// Id that the next hop gave the message; of an IMAP store the LMTP session.
    pub next_queue_id: Option<Text>,
    /// The queue item that took the message, where the logs show it.
    pub next: Option<ItemKey>,
    /// Whether nobody was contacted since an attempt before had failed.
    pub suspended: bool,
}

/// An attempt as a queue item keeps it.
#[derive(Debug)]
pub(crate) struct Tried {
    pub(crate) orig_rcpt_to: Option<Text>,
    pub(crate) status: DeliveryStatus,
    pub(crate) seq: u32,
    pub(crate) attempt: Attempt,
}

impl PeerName {
    pub(crate) fn new(peer: &Peer<'_>, pool: &mut Pool) -> Option<Self> {
        (!peer.is_empty()).then(|| PeerName {
            name: pool.said(peer.name),
            address: pool.said(peer.address),
            port: peer.port,
        })
    }

    /// Whether it is this very host.
    pub fn is_loopback(&self) -> bool {
        self.address
            .as_ref()
            .is_some_and(|it| it.starts_with(b"127.") || **it == "::1")
    }
}

impl Attempt {
    /// Whether the other side took the message.
    pub fn is_success(&self) -> bool {
        matches!(
            self.kind,
            Kind::Delivered | Kind::Relayed | Kind::HandedOver | Kind::Discarded | Kind::Expanded
        )
    }
}

impl Tried {
    pub(crate) fn new(
        item: ItemKey,
        row: &Row<'_>,
        it: &Delivery<'_>,
        seq: u32,
        pool: &mut Pool,
    ) -> Self {
        // Most replies to a success hold an id of their own; reasons of a failure repeat.
        let text = match it.status {
            DeliveryStatus::Sent => Text::new(it.text),
            _ => pool.text(it.text),
        };
        let orig = it.orig_rcpt_to.filter(|orig| *orig != it.rcpt_to);
        Tried {
            orig_rcpt_to: orig.map(|text| pool.text(text)),
            status: it.status,
            seq,
            attempt: Attempt {
                item,
                rcpt_to: pool.text(it.rcpt_to),
                at: row.at,
                kind: row.kind,
                agent: it.agent,
                relay: PeerName::new(&it.relay, pool),
                delays: Delays {
                    total_ms: row.delay_ms().unwrap_or_default(),
                    ..it.delays
                },
                enhanced: it.enhanced,
                code: it.code,
                text,
                remote_reply: it.remote_reply,
                tls_trust: row
                    .tls
                    .and_then(TlsFacts::trust)
                    .and_then(|it| pool.said(it)),
                tls: tls(row.tls, it, pool),
                next_queue_id: it.next_queue_id.map(|id| pool.text(id)),
                next: None,
                suspended: it.suspended,
            },
        }
    }

    /// Whether it ended in a mailbox, file or command of the host.
    pub(crate) fn is_local_end(&self) -> bool {
        let attempt = &self.attempt;
        self.status == DeliveryStatus::Sent
            && attempt.agent == Agent::Local
            && attempt.next_queue_id.is_none()
    }

    /// Whether nothing more is to be tried.
    pub(crate) fn is_final(&self) -> bool {
        self.status != DeliveryStatus::Deferred
    }
}

fn tls(known: Option<&TlsFacts>, it: &Delivery<'_>, pool: &mut Pool) -> Option<Text> {
    let Some(known) = known else {
        return pool.said(it.tls);
    };
    let mut text = known.protocol()?.to_vec();
    text.push(b' ');
    text.extend_from_slice(known.cipher().unwrap_or_default());
    Some(pool.text(&text))
}
