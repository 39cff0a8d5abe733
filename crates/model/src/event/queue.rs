//! A message in a queue: in, out, what is told of it on the way.

use crate::{Kind, Peer, ReplyCode};
use bstr::BStr;

/// `QID: client=NAMADDR[, sasl_method=...][, orig_queue_id=...]`: logged at the first accepted
/// recipient. Source: postfix `src/smtpd/smtpd.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transaction<'a> {
    /// Who sends; empty where only the session's own line tells.
    pub client: Peer<'a>,
    /// Envelope sender; `None` where a later line tells it.
    pub mail_from: Option<&'a BStr>,
    /// SASL mechanism; empty where there was no login.
    pub sasl_method: &'a BStr,
    /// SASL user; empty where there was no login.
    pub sasl_username: &'a BStr,
    /// `AUTH=` argument of MAIL FROM; empty where none.
    pub sasl_sender: &'a BStr,
    /// Queue id at the sender, told by XFORWARD; `None` where not.
    pub orig_queue_id: Option<&'a BStr>,
    /// The client that the sender had, told by XFORWARD; empty where not.
    pub orig_client: Peer<'a>,
}

/// `QID: uid=N from=<...>[ orig_id=OLD]`. Source: postfix `src/pickup/pickup.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PickedUp<'a> {
    /// Numeric user id of the submitter.
    pub uid: u32,
    /// As submitted, often without a domain; empty is the null sender.
    pub mail_from: &'a BStr,
    /// The queue id that the message had before `postsuper -r`.
    pub orig_queue_id: Option<&'a BStr>,
}

/// `QID: message-id=<...>`. Source: postfix `src/cleanup/cleanup_message.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageIdLogged<'a> {
    /// As written, usually with `<>`; `<>` alone means that the message has none.
    pub message_id: &'a BStr,
    /// Whether it is a Resent-Message-ID.
    pub resent: bool,
    /// Bytes of the message; `None` where the line does not say (Haraka's does).
    pub size: Option<u64>,
}

/// `QID: from=<...>, size=N, nrcpt=N (queue active)`. Source: postfix `src/qmgr/qmgr_active.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queued<'a> {
    /// Envelope sender after rewriting; empty is the null sender.
    pub mail_from: &'a BStr,
    /// Content size in bytes, our own Received header included.
    pub size: u64,
    /// Recipients in the queue file, those already done included.
    pub recipients: u32,
}

/// `QID: from=<...>, status=expired, returned to sender`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueExpired<'a> {
    /// Envelope sender; empty is the null sender.
    pub mail_from: &'a BStr,
    /// Whether the administrator made it expire (`postsuper -e`).
    pub forced: bool,
}

/// `QID: removed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Who removed it.
    pub by: RemovedBy,
}

/// Why a queue file went away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RemovedBy {
    /// All recipients are done (qmgr).
    #[default]
    QueueManager,
    /// `postsuper -d`.
    Administrator,
    /// The transaction was not completed (cleanup, Postfix 3.10).
    Canceled,
    /// DISCARD action (cleanup, Postfix 3.10).
    Discarded,
}

/// What a notification tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NotificationKind {
    /// Delivery failed.
    #[default]
    NonDelivery,
    /// Delivery is late.
    Delay,
    /// Delivery succeeded (DSN SUCCESS, `sendmail -v`).
    DeliveryStatus,
}

impl NotificationKind {
    /// Lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            NotificationKind::NonDelivery => "non_delivery",
            NotificationKind::Delay => "delay",
            NotificationKind::DeliveryStatus => "delivery_status",
        }
    }
}

/// `QID: sender non-delivery notification: NEW`. Source: postfix `src/bounce/*.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notification<'a> {
    /// What it tells.
    pub kind: NotificationKind,
    /// Whether the postmaster gets it, not the sender.
    pub to_postmaster: bool,
    /// Queue id of the notification; `None` where none was made.
    pub dsn_queue_id: Option<&'a BStr>,
    /// Whether no line tells of the notification's own reception, so that its life begins here
    /// (Sendmail).
    pub begins: bool,
    /// Why none was made, as written; empty where one was.
    pub reason: &'a BStr,
    /// Message-ID of the message that it is about; empty where not logged.
    pub orig_message_id: &'a BStr,
}

/// A command of the administrator on one message. Source: postfix `src/postsuper/postsuper.c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AdminAction {
    /// `requeued`
    Requeued,
    /// `placed on hold`
    Held,
    /// `released from hold`
    Released,
    /// `expired`: is to expire at the next look.
    ForceExpired,
}

/// One object of `postqueue -j`. Source: postfix `src/postqueue/showq_json.c`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedInQueue<'a> {
    /// The message's queue id; a listing without one is not read.
    pub queue_id: Option<&'a BStr>,
    /// `incoming`, `active`, `deferred`, `hold`, `maildrop`.
    pub queue_name: &'a BStr,
    /// Seconds since the epoch.
    pub arrived: i64,
    /// Bytes.
    pub size: u64,
    /// Whether it is to expire.
    pub forced_expire: bool,
    /// Envelope sender; empty is the null sender. JSON escapes are left as written.
    pub mail_from: &'a BStr,
    /// The recipients' array as written, JSON.
    pub recipients: &'a BStr,
}

impl Removed {
    /// What happened.
    pub const fn kind(self) -> Kind {
        match self.by {
            RemovedBy::QueueManager => Kind::MessageClosed,
            RemovedBy::Administrator => Kind::MessageDeleted,
            RemovedBy::Canceled => Kind::MessageAborted,
            RemovedBy::Discarded => Kind::MessageDiscarded,
        }
    }
}

impl AdminAction {
    /// What happened.
    pub const fn kind(self) -> Kind {
        match self {
            AdminAction::Requeued => Kind::MessageRequeued,
            AdminAction::Held => Kind::MessageHeld,
            AdminAction::Released => Kind::MessageReleased,
            AdminAction::ForceExpired => Kind::AdminAction,
        }
    }
}

/// A message taken in, with all that one line tells of it. Source: exim `src/receive.c`, sendmail
/// `sendmail/envelope.c` (`logsender`), qmail `qmail-send.c` (`info msg`), and their like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Received<'a> {
    /// Who sent it; empty for local submissions.
    pub client: Peer<'a>,
    /// HELO or EHLO argument; empty where not logged.
    pub helo: &'a BStr,
    /// Our side; empty where not logged.
    pub server: Peer<'a>,
    /// As written: `esmtps`, `ESMTP`, `local`; empty where not logged.
    pub protocol: &'a BStr,
    /// TLS version and cipher as written; empty where there was none.
    pub tls: &'a BStr,
    /// SASL mechanism or the server's own name of it; empty where there was no login.
    pub sasl_method: &'a BStr,
    /// SASL user; empty where there was no login.
    pub sasl_username: &'a BStr,
    /// Name of the local user that submitted it; empty where not logged.
    pub local_user: &'a BStr,
    /// Numeric id of that user; `None` where not logged.
    pub uid: Option<u32>,
    /// Envelope sender; empty is the null sender.
    pub mail_from: &'a BStr,
    /// Whether the sender stands in lines of its own, with the recipients, and not here (OpenSMTPD).
    pub sender_follows: bool,
    /// Bytes; `None` where not logged.
    pub size: Option<u64>,
    /// Number of recipients, 0 where all were refused (Sendmail); `None` where not logged.
    pub recipients: Option<u32>,
    /// Envelope recipients as written, separated by spaces or commas; empty where not logged.
    pub rcpt_to: &'a BStr,
    /// Message-ID as written; `None` where not logged.
    pub message_id: Option<&'a BStr>,
    /// Subject as written; empty where not logged.
    pub subject: &'a BStr,
    /// From header as written; empty where not logged.
    pub header_from: &'a BStr,
    /// For a bounce the queue id of the message that it is about.
    pub orig_queue_id: Option<&'a BStr>,
    /// Milliseconds that the reception took; `None` where not logged.
    pub took_ms: Option<u64>,
    /// Whether the server logs a line of its own when it is done with the message (Exim's
    /// `Completed`, qmail's `end msg`); else it is done with the last recipient.
    pub end_is_logged: bool,
}

/// A message handed in by a user's program, told by that program (Roundcube `sendmail.log`, SOGo).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Submitted<'a> {
    /// User that is logged in.
    pub user: &'a BStr,
    /// The user's address.
    pub client: Peer<'a>,
    /// Message-ID as written; empty where not logged.
    pub message_id: &'a BStr,
    /// Envelope sender; `None` where not logged.
    pub mail_from: Option<&'a BStr>,
    /// Recipients as written, separated by commas; empty where not logged.
    pub rcpt_to: &'a BStr,
    /// The submission server's reply as written; empty where not logged.
    pub reply: &'a BStr,
    /// Reply code; `None` where not logged.
    pub code: Option<ReplyCode>,
    /// Queue id in the reply; `None` where it has none.
    pub next_queue_id: Option<&'a BStr>,
}
