//! What a history keeps: rows, and links between queue items.

use crate::{Body, Delays, EnhancedStatus, Kind, LinesOf, Peer, Severity, TimeOrigin, Timestamp};
use bstr::BStr;
use std::fmt;

/// Names one queue item (one message in one queue of one server) for ever: a hash of host,
/// instance, queue id and time of its first line, so that the same log gives the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey(pub u64);

/// One thing that happened, with all that is known of the message and session it belongs to, and
/// the original lines that it was made of.
///
/// Every line read is in exactly one row. A row without lines was concluded ([`Row::derived`]).
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// What happened.
    pub kind: Kind,
    /// When: the time of the line that says so.
    pub at: Timestamp,
    /// How the time was found.
    pub time_origin: TimeOrigin,
    /// Host as written.
    pub host: &'a BStr,
    /// Label of the program: `postfix/submission`.
    pub label: &'a BStr,
    /// `smtpd`.
    pub program: &'a BStr,
    /// Process id.
    pub pid: Option<u32>,
    /// Severity of the line.
    pub severity: Severity,
    /// The queue item; `None` for what belongs to no message.
    pub item: Option<ItemKey>,
    /// Queue id; `None` where there is none.
    pub queue_id: Option<&'a BStr>,
    /// What is known of the message by now.
    pub message: Option<&'a MessageFacts>,
    /// Id of the session or check as the program prints it; empty where it prints none.
    pub session_id: &'a BStr,
    /// What is known of the session by now.
    pub session: Option<&'a SessionFacts>,
    /// The facts of the line that made the row; `None` for rows made of several
    /// (accepted, session) and for concluded ones.
    pub body: Option<&'a Body<'a>>,
    /// TLS of the connection that a delivery went over, where a line before it told.
    pub tls: Option<&'a TlsFacts>,
    /// Recipient of a concluded row.
    pub rcpt_to: Option<&'a BStr>,
    /// Recipient before aliases of a concluded row.
    pub orig_rcpt_to: Option<&'a BStr>,
    /// How often the line stands for itself (`message repeated N times`).
    pub repeated: u32,
    /// Whether the row was concluded by the correlator.
    pub derived: bool,
    /// The original lines.
    pub lines: LinesOf<'a>,
}

/// Why two queue items belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkKind {
    /// Through a content filter and back.
    Filter,
    /// Relayed to another own queue.
    Relay,
    /// `postsuper -r`.
    Requeue,
    /// local(8) forward.
    Forward,
    /// Redirected by the user's Sieve script.
    Resend,
    /// The second is a notification about the first.
    Dsn,
    /// The second is an automatic reply to the first.
    Autoreply,
    /// The second was sent out by a mailing list that got the first.
    List,
}

impl LinkKind {
    /// Whether both are the same message; otherwise the second is a new one, caused by the first.
    pub const fn is_transport(self) -> bool {
        match self {
            LinkKind::Filter
            | LinkKind::Relay
            | LinkKind::Requeue
            | LinkKind::Forward
            | LinkKind::Resend => true,
            LinkKind::Dsn | LinkKind::Autoreply | LinkKind::List => false,
        }
    }

    /// Lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            LinkKind::Filter => "filter",
            LinkKind::Relay => "relay",
            LinkKind::Requeue => "requeue",
            LinkKind::Forward => "forward",
            LinkKind::Resend => "resend",
            LinkKind::Dsn => "dsn",
            LinkKind::Autoreply => "autoreply",
            LinkKind::List => "list",
        }
    }
}

/// The evidence that two queue items belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The earlier item.
    pub from: ItemKey,
    /// The later item.
    pub to: ItemKey,
    /// Why.
    pub kind: LinkKind,
    /// 0 to 100, how sure.
    pub confidence: u8,
    /// When the evidence was complete.
    pub at: Timestamp,
}

/// A few texts in one allocation; who holds them names their places.
#[derive(Clone)]
pub struct Texts<const N: usize> {
    bytes: Vec<u8>,
    spans: [Span; N],
}

#[derive(Clone, Copy)]
struct Span {
    start: u32,
    len: u32,
}

const ABSENT: Span = Span {
    start: 0,
    len: u32::MAX,
};

/// Equal by what they say, not by how it lies in memory.
impl<const N: usize> PartialEq for Texts<N> {
    fn eq(&self, other: &Self) -> bool {
        (0..N).all(|place| self.get(place) == other.get(place))
    }
}

impl<const N: usize> Eq for Texts<N> {}

impl<const N: usize> fmt::Debug for Texts<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries((0..N).map(|place| self.get(place)))
            .finish()
    }
}

impl<const N: usize> Default for Texts<N> {
    fn default() -> Self {
        Texts {
            bytes: Vec::new(),
            spans: [ABSENT; N],
        }
    }
}

impl<const N: usize> Texts<N> {
    /// The text at a place, `None` where it was never set.
    pub fn get(&self, place: usize) -> Option<&BStr> {
        let Span { start, len } = self.spans[place];
        (len != u32::MAX)
            .then(|| BStr::new(&self.bytes[start as usize..start as usize + len as usize]))
    }

    /// Sets the text at a place; replacing one leaves the old bytes behind.
    pub fn set(&mut self, place: usize, text: &[u8]) {
        if self.bytes.capacity() == 0 {
            self.bytes.reserve(text.len().max(128));
        }
        self.spans[place] = Span {
            start: self.bytes.len() as u32,
            len: text.len() as u32,
        };
        self.bytes.extend_from_slice(text);
    }

    /// Forgets all, keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.spans = [ABSENT; N];
    }

    /// Bytes of memory held beside the struct itself.
    pub fn heap_bytes(&self) -> usize {
        self.bytes.capacity()
    }
}

macro_rules! text_fields {
    ($owner:ident, $count:literal: $($(#[$doc:meta])* $place:literal $get:ident / $set:ident,)*) => {
        impl $owner {
            /// All texts by place, for who keeps them elsewhere.
            pub fn texts(&self) -> &Texts<$count> { &self.texts }
            /// All texts by place, to be set by who kept them elsewhere.
            pub fn texts_mut(&mut self) -> &mut Texts<$count> { &mut self.texts }
            $(
                $(#[$doc])*
                pub fn $get(&self) -> Option<&BStr> { self.texts.get($place) }
                /// Sets it.
                pub fn $set(&mut self, text: &[u8]) { self.texts.set($place, text); }
            )*
        }
    };
}

/// What is known of a message in one queue; texts are absent where no line told them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageFacts {
    texts: Texts<14>,
    /// When it arrived: the first line's time, or counted back from `delay=` where the head of the
    /// log is missing.
    pub arrived: Timestamp,
    /// Content size in bytes.
    pub size: Option<u64>,
    /// Recipients in the queue file.
    pub recipients: Option<u32>,
    /// User id of a local submitter.
    pub uid: Option<u32>,
    /// The client's port.
    pub client_port: Option<u16>,
    /// When the session began that the message came in; with host and client it names the session.
    pub session_started: Option<Timestamp>,
    /// Whether lines that should have stood before the first one are missing.
    pub incomplete_head: bool,
    /// Whether it is an address probe.
    pub probe: bool,
}

text_fields! { MessageFacts, 14:
    /// Message-ID with its `<>`, also where the program leaves them out.
    0 message_id / set_message_id,
    /// Envelope sender; empty is the null sender.
    1 mail_from / set_mail_from,
    /// Subject as written.
    2 subject / set_subject,
    /// From header as written.
    3 header_from / set_header_from,
    /// Name of the client as written.
    4 client_name / set_client_name,
    /// Address of the client.
    5 client_address / set_client_address,
    /// HELO argument.
    6 helo / set_helo,
    /// `SMTP`, `ESMTP`.
    7 protocol / set_protocol,
    /// SASL mechanism.
    8 sasl_method / set_sasl_method,
    /// SASL user.
    9 sasl_username / set_sasl_username,
    /// The address that the client had at the hop before (XFORWARD).
    10 orig_client_address / set_orig_client_address,
    /// The name that the client had at the hop before (XFORWARD).
    11 orig_client_name / set_orig_client_name,
    /// TLS protocol and cipher of the client's session, as `TLSv1.3 TLS_AES_256_GCM_SHA384`.
    12 tls_version / set_tls_version,
    /// Name of the local user that submitted it.
    13 local_user / set_local_user,
}

impl MessageFacts {
    /// Facts of a message of which the first line is of this time.
    pub fn begun(at: Timestamp) -> Self {
        MessageFacts {
            arrived: at,
            ..MessageFacts::default()
        }
    }

    /// Begins anew for another message, in the same memory.
    pub fn begin_anew(&mut self, at: Timestamp) {
        let mut texts = std::mem::take(&mut self.texts);
        texts.clear();
        *self = MessageFacts {
            texts,
            ..MessageFacts::begun(at)
        };
    }

    /// The client as a peer.
    pub fn client(&self) -> Peer<'_> {
        Peer {
            name: self.client_name().unwrap_or_default(),
            address: self.client_address().unwrap_or_default(),
            port: self.client_port,
        }
    }

    /// Bytes of memory held beside the struct itself.
    pub fn heap_bytes(&self) -> usize {
        self.texts.heap_bytes()
    }
}

/// What is known of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionFacts {
    texts: Texts<8>,
    /// First line.
    pub started: Timestamp,
    /// Last line so far.
    pub ended: Timestamp,
    /// Port of the client.
    pub client_port: Option<u16>,
    /// Messages whose transaction began in it.
    pub transactions: u32,
    /// Recipients or messages refused in it.
    pub rejected: u32,
    /// Logins refused in it.
    pub auth_failures: u32,
    /// Whether it has TLS.
    pub tls: bool,
}

text_fields! { SessionFacts, 8:
    /// Name of the client as written.
    0 client_name / set_client_name,
    /// Address of the client.
    1 client_address / set_client_address,
    /// HELO argument.
    2 helo / set_helo,
    /// TLS protocol and cipher, as `TLSv1.3 TLS_AES_256_GCM_SHA384`.
    3 tls_version / set_tls_version,
    /// Command counters as written.
    4 counts / set_counts,
    /// Why it ended, where it ended badly: `lost connection`, `timeout`, ...
    5 reason / set_reason,
    /// The stage at which it ended badly.
    6 stage / set_stage,
    /// User that logged in.
    7 user / set_user,
}

impl SessionFacts {
    /// Facts of a session that began at this time.
    pub fn begun(at: Timestamp) -> Self {
        SessionFacts {
            started: at,
            ended: at,
            ..SessionFacts::default()
        }
    }

    /// Forgets all, keeps the memory.
    pub fn clear(&mut self) {
        let mut texts = std::mem::take(&mut self.texts);
        texts.clear();
        *self = SessionFacts {
            texts,
            ..SessionFacts::default()
        };
    }
}

/// TLS of an outgoing connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFacts {
    texts: Texts<4>,
}

text_fields! { TlsFacts, 4:
    /// Address of the other side.
    0 peer_address / set_peer_address,
    /// `Trusted`, `Untrusted`, `Verified`, `Anonymous`.
    1 trust / set_trust,
    /// `TLSv1.3`.
    2 protocol / set_protocol,
    /// Cipher.
    3 cipher / set_cipher,
}

impl Row<'_> {
    /// A row that no line makes, with nothing but its kind and time.
    pub fn concluded(kind: Kind, at: Timestamp) -> Self {
        Row {
            kind,
            at,
            time_origin: TimeOrigin::Written,
            host: BStr::new(b""),
            label: BStr::new(b""),
            program: BStr::new(b""),
            pid: None,
            severity: Severity::Info,
            item: None,
            queue_id: None,
            session_id: BStr::new(b""),
            message: None,
            session: None,
            body: None,
            tls: None,
            rcpt_to: None,
            orig_rcpt_to: None,
            repeated: 1,
            derived: true,
            lines: LinesOf::default(),
        }
    }

    /// Milliseconds from the message's arrival to the end of this attempt: as logged, else counted
    /// from the message's first line; `None` for what is no attempt.
    pub fn delay_ms(&self) -> Option<u64> {
        let Some(Body::Delivery(delivery)) = self.body else {
            return None;
        };
        let logged = delivery.delays;
        match (self.message, logged) {
            (
                Some(message),
                Delays {
                    total_ms: 0,
                    stages_ms: None,
                },
            ) => Some(u64::try_from(self.at.millis_since(message.arrived)).unwrap_or(0)),
            _ => Some(logged.total_ms),
        }
    }

    /// Enhanced status of the line, where it has one.
    pub fn enhanced(&self) -> Option<EnhancedStatus> {
        match self.body {
            Some(Body::Delivery(delivery)) => delivery.enhanced,
            Some(Body::Access(check)) => check.enhanced,
            Some(Body::AttemptFailed(failed)) => failed.enhanced,
            _ => None,
        }
    }
}
