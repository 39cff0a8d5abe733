//! What one log line says.

mod access;
mod application;
mod delivery;
mod filter;
mod mailbox;
mod queue;
mod session;

pub use access::{AccessAction, AccessCheck, ContentCheck, Envelope, Source};
pub use application::MailEvent;
pub use delivery::{
    Agent, AttemptFailed, Delays, Delivery, DeliveryEnded, DeliveryStarted, DeliveryStatus,
    is_gateway_reply,
};
pub use filter::{AuthResult, Became, Verdict};
pub use mailbox::{MailboxAction, WebRequest};
pub use queue::{
    AdminAction, ListedInQueue, MessageIdLogged, Notification, NotificationKind, PickedUp,
    QueueExpired, Queued, Received, Removed, RemovedBy, Submitted, Transaction,
};
pub use session::{
    AuthFailure, Connected, Disconnected, Login, Logout, Screened, SessionAborted, Tls, TlsFailed,
    Violation,
};

use crate::{Kind, Peer, Stamp};
use bstr::BStr;

/// One line taken apart; all text points into the line.
#[derive(Clone, Debug, PartialEq)]
pub struct Event<'a> {
    /// The time as written.
    pub stamp: Stamp,
    /// Host name as written by syslog; empty where the form has none.
    pub host: &'a BStr,
    /// Program tag up to the last `/`: `postfix`, `postfix/submission`, `postfix-out`; for programs
    /// without such a tag the program's own name. Source: postfix `src/global/mail_task.c`.
    pub label: &'a BStr,
    /// What follows the last `/` of the tag: `smtpd`; for others the whole tag: `dovecot`.
    pub program: &'a BStr,
    /// Process id; `None` where not logged.
    pub pid: Option<u32>,
    /// From the text's prefix (`warning: `, ...), else [`Severity::Info`].
    pub severity: Severity,
    /// The queue id that the line starts with, or that names its message; `None` also for `NOQUEUE`.
    pub queue_id: Option<&'a BStr>,
    /// Id of the session (Dovecot, OpenSMTPD, Haraka) or check (amavis) that the line belongs to, or
    /// the id that clients are told where that is not the queue id (qmail's `qp`, Courier's
    /// `TIME.PID`); empty where the program prints none.
    pub session: &'a BStr,
    /// How often the line stands for itself: 1, or N of `message repeated N times: [ ... ]`.
    pub repeated: u32,
    /// Name of the rule that took the text apart; empty for none.
    pub rule: &'static str,
    /// What happened.
    pub body: Body<'a>,
}

/// Severity of a line. Source: postfix `src/util/msg_syslog.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// For developers.
    Debug,
    /// Business as usual.
    #[default]
    Info,
    /// `warning: `
    Warning,
    /// `error: `
    Error,
    /// `fatal: `
    Fatal,
    /// `panic: `
    Panic,
}

impl Severity {
    /// Lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Debug => "debug",
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
            Severity::Fatal => "fatal",
            Severity::Panic => "panic",
        }
    }
}

/// What happened, by the shape of the facts. Each variant maps to one [`Kind`] per content.
#[derive(Clone, Debug, PartialEq)]
pub enum Body<'a> {
    /// No rule knows the text.
    Unknown,
    /// A client connected.
    Connected(Connected<'a>),
    /// A client left.
    Disconnected(Disconnected<'a>),
    /// A session ended before its time.
    SessionAborted(SessionAborted<'a>),
    /// A client broke the protocol.
    Violation(Violation<'a>),
    /// postscreen's view of a client.
    Screened(Screened<'a>),
    /// A TLS handshake done.
    Tls(Tls<'a>),
    /// A TLS handshake or certificate check that failed.
    TlsFailed(TlsFailed<'a>),
    /// A login refused or given up.
    AuthFailure(AuthFailure<'a>),
    /// A login to a mailbox server.
    Login(Login<'a>),
    /// The end of a mailbox session.
    Logout(Logout<'a>),
    /// A message's transaction began (`client=`).
    Transaction(Transaction<'a>),
    /// Local submission or requeue taken up by pickup.
    PickedUp(PickedUp<'a>),
    /// A queue id came into use; nothing else is told yet (qmail's `new msg`).
    Begun,
    /// A message taken in, all in one line (Exim's `<=`, Sendmail's `from=`).
    Received(Box<Received<'a>>),
    /// A message that a program of the user's handed in (Roundcube, SOGo).
    Submitted(Box<Submitted<'a>>),
    /// A Message-ID.
    MessageId(MessageIdLogged<'a>),
    /// An access decision of smtpd, postscreen, a Milter or a proxy filter.
    Access(AccessCheck<'a>),
    /// A header or body check of cleanup.
    Content(ContentCheck<'a>),
    /// Message (again) in the active queue.
    Queued(Queued<'a>),
    /// Message has outlived the queue.
    QueueExpired(QueueExpired<'a>),
    /// Message left the queue.
    Removed(Removed),
    /// A delivery attempt began, whose result another line tells (qmail).
    DeliveryStarted(DeliveryStarted<'a>),
    /// The result of an attempt that another line began (qmail).
    DeliveryEnded(DeliveryEnded<'a>),
    /// A delivery attempt's result for one recipient.
    Delivery(Delivery<'a>),
    /// A host that could not be used; the attempt goes on with another.
    AttemptFailed(AttemptFailed<'a>),
    /// A notification about a message.
    Notification(Notification<'a>),
    /// A command of the administrator on one message (postsuper).
    Admin(AdminAction),
    /// A message in a listing of the queue (`postqueue -j`).
    Listed(Box<ListedInQueue<'a>>),
    /// A content filter's verdict.
    Verdict(Box<Verdict<'a>>),
    /// A check of the sender's domain: SPF, DKIM, DMARC, ARC; or a signature made.
    AuthResult(AuthResult<'a>),
    /// A request to a webmail or to its server.
    Web(Box<WebRequest<'a>>),
    /// Something done in or to a mailbox.
    Mailbox(MailboxAction<'a>),
    /// What an application that sends mail tells of a message.
    MailEvent(Box<MailEvent<'a>>),
    /// What a daemon tells of itself: start, stop, limit, statistics, warning.
    Notice(Notice<'a>),
}

/// What a daemon tells of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice<'a> {
    /// One of the `service.*` and `admin.*` kinds, of the `dsn.*` ones, or
    /// `complaint.received`.
    pub kind: Kind,
    /// The host it is about; empty where none.
    pub peer: Peer<'a>,
    /// What it is about (a limit, a table, a service, a command) as written; empty where none.
    pub about: &'a BStr,
    /// A count or level; `None` where none.
    pub number: Option<u64>,
    /// Seconds in which `number` was counted; `None` where it is no rate.
    pub period_secs: Option<u64>,
    /// The service of master.cf that it is about, as written; empty where not logged.
    pub service: &'a BStr,
    /// The text or the rest of it, as written.
    pub text: &'a BStr,
}

impl Default for Notice<'_> {
    fn default() -> Self {
        Notice {
            kind: Kind::ServiceInfo,
            peer: Peer::default(),
            about: BStr::new(b""),
            number: None,
            period_secs: None,
            service: BStr::new(b""),
            text: BStr::new(b""),
        }
    }
}

impl Event<'_> {
    /// What happened.
    pub fn kind(&self) -> Kind {
        self.body.kind()
    }
}

impl Body<'_> {
    /// What happened.
    pub fn kind(&self) -> Kind {
        match self {
            Body::Unknown => Kind::Unknown,
            Body::Connected(_) => Kind::SessionOpened,
            Body::Disconnected(_) => Kind::SessionClosed,
            Body::SessionAborted(_) => Kind::SessionAborted,
            Body::Violation(_) => Kind::SessionViolation,
            Body::Screened(_) => Kind::SessionScreened,
            Body::Tls(_) => Kind::TlsEstablished,
            Body::TlsFailed(_) => Kind::TlsFailed,
            Body::AuthFailure(failure) if failure.aborted => Kind::AuthAborted,
            Body::AuthFailure(_) => Kind::AuthFailed,
            Body::Login(_) => Kind::AuthSucceeded,
            Body::Logout(_) => Kind::SessionClosed,
            Body::Transaction(_) | Body::PickedUp(_) => Kind::MessageStarted,
            Body::Begun => Kind::MessageStarted,
            Body::Received(it) if it.recipients == Some(0) => Kind::MessageAborted,
            Body::Received(_) => Kind::MessageAccepted,
            Body::Submitted(_) => Kind::MessageSubmitted,
            Body::DeliveryStarted(_) => Kind::DeliveryStarted,
            Body::DeliveryEnded(ended) => ended.kind(),
            Body::AuthResult(result) if result.signed => Kind::FilterSigned,
            Body::AuthResult(_) => Kind::FilterAuthResult,
            Body::Web(request) => request.kind,
            Body::MessageId(_) => Kind::MessageHeader,
            Body::Access(check) => check.kind(),
            Body::Content(check) => check.kind(),
            Body::Queued(_) => Kind::MessageAccepted,
            Body::QueueExpired(_) => Kind::MessageExpired,
            Body::Removed(removed) => removed.kind(),
            Body::Delivery(delivery) => delivery.kind(),
            Body::AttemptFailed(_) => Kind::AttemptFailed,
            Body::Notification(told) if told.dsn_queue_id.is_none() => Kind::DsnSuppressed,
            Body::Notification(_) => Kind::DsnSent,
            Body::Admin(action) => action.kind(),
            Body::Listed(_) => Kind::MessageListed,
            Body::Verdict(_) => Kind::FilterVerdict,
            Body::Mailbox(action) => action.kind,
            Body::MailEvent(event) => event.kind,
            Body::Notice(notice) => notice.kind,
        }
    }
}
