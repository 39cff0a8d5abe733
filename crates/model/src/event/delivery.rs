//! Attempts to hand a message on, and what came of them.

use crate::{EnhancedStatus, Kind, Peer, ReplyCode};
use bstr::BStr;

/// Result of a delivery attempt. Source: postfix `src/global/log_adhoc.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DeliveryStatus {
    /// Handed to the next hop, mailbox or command.
    #[default]
    Sent,
    /// Failed for now; `SOFTBOUNCE` counts as this.
    Deferred,
    /// Failed for good.
    Bounced,
    /// Alias expanded (`sendmail -bv`).
    Expanded,
    /// Probe: the address takes mail.
    Deliverable,
    /// Probe: the address takes none.
    Undeliverable,
}

impl DeliveryStatus {
    /// The word of the log.
    pub const fn name(self) -> &'static str {
        match self {
            DeliveryStatus::Sent => "sent",
            DeliveryStatus::Deferred => "deferred",
            DeliveryStatus::Bounced => "bounced",
            DeliveryStatus::Expanded => "expanded",
            DeliveryStatus::Deliverable => "deliverable",
            DeliveryStatus::Undeliverable => "undeliverable",
        }
    }
}

/// What kind of program made an attempt, as far as it tells what `sent` means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Agent {
    /// To another server by SMTP.
    #[default]
    Smtp,
    /// To a mail store by LMTP.
    Lmtp,
    /// `local(8)`: mailbox, command, alias, forward.
    Local,
    /// `virtual(8)`: mailbox.
    Virtual,
    /// `pipe(8)`: an external program.
    Pipe,
    /// `error(8)`, `retry(8)`, or the queue manager itself: nobody was contacted.
    Error,
    /// `discard(8)`.
    Discard,
    /// `cleanup(8)` or another program.
    Other,
}

impl Agent {
    /// Lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Agent::Smtp => "smtp",
            Agent::Lmtp => "lmtp",
            Agent::Local => "local",
            Agent::Virtual => "virtual",
            Agent::Pipe => "pipe",
            Agent::Error => "error",
            Agent::Discard => "discard",
            Agent::Other => "other",
        }
    }
}

/// Time spent, in milliseconds; parts are `None` where not logged (before Postfix 2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    /// Since arrival (`delay=`).
    pub total_ms: u64,
    /// Before the queue manager, reception included: `a` of `delays=a/b/c/d`, then `b`, `c`, `d`:
    /// in the active queue; connection setup (DNS, connect, TLS, EHLO); transmission.
    pub stages_ms: Option<[u64; 4]>,
}

/// `QID: to=<...>[, orig_to=<...>], relay=..., delay=..., delays=..., dsn=..., status=WORD (TEXT)`.
/// Source: postfix `src/global/log_adhoc.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery<'a> {
    /// Final envelope recipient; several, separated by commas, where one line tells of all
    /// (Sendmail).
    pub rcpt_to: &'a BStr,
    /// The one before aliases; `None` where it is the same.
    pub orig_rcpt_to: Option<&'a BStr>,
    /// Next hop; for local, virtual and pipe the name is the service; empty for `none`.
    pub relay: Peer<'a>,
    /// How often this connection has been used, 2 or more; `None` for the first time.
    pub connection_use: Option<u32>,
    /// Time spent.
    pub delays: Delays,
    /// `tls=` as written (Postfix 3.11); empty where not logged.
    pub tls: &'a BStr,
    /// What the server decided (`dsn=`); `None` before Postfix 2.3.
    pub enhanced: Option<EnhancedStatus>,
    /// Result.
    pub status: DeliveryStatus,
    /// Who tried.
    pub agent: Agent,
    /// Text in the outer parentheses.
    pub text: &'a BStr,
    /// Reply code found in the text; `None` where nobody replied.
    pub code: Option<ReplyCode>,
    /// Whether the text quotes the other side (`host X said:`, or the reply to a success).
    pub remote_reply: bool,
    /// Queue or session id that the next hop gave the message (`queued as X`, `forwarded as X`,
    /// Exim's `id=X`, Dovecot's LMTP session); `None` where it told none.
    pub next_queue_id: Option<&'a BStr>,
    /// Whether the text says that no attempt was made (`delivery temporarily suspended`).
    pub suspended: bool,
}

/// `QID: host X said: ...` without recipient, `connect to X: Connection timed out`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttemptFailed<'a> {
    /// The host that failed.
    pub peer: Peer<'a>,
    /// Reply code; `None` where nobody replied.
    pub code: Option<ReplyCode>,
    /// Enhanced status in the reply.
    pub enhanced: Option<EnhancedStatus>,
    /// As written.
    pub text: &'a BStr,
}

impl Delivery<'_> {
    /// What happened. `sent` is a delivery where the agent ends the way, else a relay; whether the
    /// relay is an own filter or host is for the correlator to find out.
    pub const fn kind(&self) -> Kind {
        match self.status {
            DeliveryStatus::Deferred => Kind::Deferred,
            DeliveryStatus::Bounced => Kind::Bounced,
            DeliveryStatus::Expanded => Kind::Expanded,
            DeliveryStatus::Deliverable | DeliveryStatus::Undeliverable => Kind::Probed,
            DeliveryStatus::Sent => match self.agent {
                Agent::Smtp => Kind::Relayed,
                Agent::Discard => Kind::Discarded,
                Agent::Lmtp
                | Agent::Local
                | Agent::Virtual
                | Agent::Pipe
                | Agent::Error
                | Agent::Other => Kind::Delivered,
            },
        }
    }
}

/// `starting delivery N: msg M to remote ADDRESS`. Source: qmail `qmail-send.c` (`del_start`),
/// courier `courier/cdmsgq3.C`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryStarted<'a> {
    /// Number of the delivery, by which its result is known; used again after a restart. 0 where the
    /// result names message and recipient (Courier).
    pub number: u64,
    /// Envelope sender; `None` where not logged (qmail).
    pub mail_from: Option<&'a BStr>,
    /// Recipient; for local ones with the prefix that virtual domains put in front.
    pub rcpt_to: &'a BStr,
    /// Whether it goes to another host.
    pub remote: bool,
}

/// `delivery N: success: TEXT`. Source: qmail `qmail-send.c` (`del_dochan`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryEnded<'a> {
    /// Number of the delivery.
    pub number: u64,
    /// Result.
    pub status: DeliveryStatus,
    /// The server that answered; empty where none did.
    pub relay: Peer<'a>,
    /// Reply code found in the text; `None` where nobody replied.
    pub code: Option<ReplyCode>,
    /// Enhanced status found in the text.
    pub enhanced: Option<EnhancedStatus>,
    /// As written, `_` for spaces and `/` for line ends.
    pub text: &'a BStr,
    /// Whether the text quotes the other side.
    pub remote_reply: bool,
    /// Queue id that the next hop gave the message; `None` where it told none.
    pub next_queue_id: Option<&'a BStr>,
}

impl DeliveryEnded<'_> {
    /// What happened; whether a success was a delivery or a relay the line that began it tells.
    pub const fn kind(&self) -> Kind {
        match self.status {
            DeliveryStatus::Deferred => Kind::Deferred,
            DeliveryStatus::Bounced => Kind::Bounced,
            _ => Kind::Delivered,
        }
    }
}
