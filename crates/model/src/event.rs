//! What one log line says.

use crate::{EnhancedStatus, Kind, Peer, ReplyCode, Stamp};
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
    /// Something done in or to a mailbox.
    Mailbox(MailboxAction<'a>),
    /// What a daemon tells of itself: start, stop, limit, statistics, warning.
    Notice(Notice<'a>),
}

/// `connect from NAMADDR`; postscreen's `CONNECT from [A]:P to [A]:P`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connected<'a> {
    /// Who connected.
    pub client: Peer<'a>,
    /// Our side; empty where not logged.
    pub server: Peer<'a>,
}

/// `disconnect from NAMADDR ehlo=1 ... commands=5/6`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Disconnected<'a> {
    /// Who left.
    pub client: Peer<'a>,
    /// Command counters as written, `name=ok[/total]` separated by spaces; empty before Postfix 3.0.
    pub counts: &'a BStr,
}

/// `lost connection after WHERE from NAMADDR`, timeouts, too many errors, postscreen's HANGUP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionAborted<'a> {
    /// Who was connected.
    pub client: Peer<'a>,
    /// `lost connection`, `timeout`, `too many errors`, `hangup`, ...
    pub reason: &'a BStr,
    /// SMTP command or stage after which it happened (`RCPT`, `DATA`, `CONNECT`).
    pub stage: &'a BStr,
    /// Bytes of message content received by then; `None` outside DATA and BDAT.
    pub bytes: Option<u64>,
    /// Milliseconds since the connection began; `None` where not logged.
    pub after_ms: Option<u64>,
}

/// Pipelining, non-SMTP commands, pregreet, bare line feeds, bad syntax.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Violation<'a> {
    /// Who did it.
    pub client: Peer<'a>,
    /// Words of the log: `improper command pipelining`, `non-SMTP command`, `PREGREET`, ...
    pub violation: &'a BStr,
    /// Command or stage; empty where not logged.
    pub stage: &'a BStr,
    /// What was sent, as far as logged; empty where it was not.
    pub text: &'a BStr,
    /// Bytes sent too early (PREGREET), or the limit exceeded; `None` where not logged.
    pub bytes: Option<u64>,
    /// Milliseconds since the connection began; `None` where not logged.
    pub after_ms: Option<u64>,
}

/// postscreen and dnsblog results for a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Screened<'a> {
    /// Who was screened.
    pub client: Peer<'a>,
    /// `PASS NEW`, `PASS OLD`, `ALLOWLISTED`, `DENYLISTED`, `ALLOWLIST VETO`, `DNSBL rank`, `listed`.
    pub verdict: &'a BStr,
    /// DNS list score; `None` where not said.
    pub rank: Option<i32>,
    /// DNS list's domain; empty where not said.
    pub dns_list: &'a BStr,
    /// What the DNS list answered; empty where not said.
    pub answer: &'a BStr,
}

/// `Trusted TLS connection established from NAMADDR: TLSv1.3 with cipher X (256/256 bits) ...`.
/// Source: postfix `src/tls/tls_misc.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tls<'a> {
    /// Whether we are the server (`from`).
    pub inbound: bool,
    /// The other side.
    pub peer: Peer<'a>,
    /// `Anonymous`, `Untrusted`, `Trusted`, `Verified`; empty before Postfix 2.5.
    pub trust: &'a BStr,
    /// `established` or `reused`.
    pub action: &'a BStr,
    /// Server name asked for (SNI); empty where none.
    pub sni: &'a BStr,
    /// `TLSv1.3`.
    pub protocol: &'a BStr,
    /// `TLS_AES_256_GCM_SHA384`.
    pub cipher: &'a BStr,
    /// Key bits in use.
    pub bits_used: u16,
    /// Key bits of the algorithm.
    pub bits_total: u16,
    /// Key exchange, signatures and digests as written; empty before Postfix 3.4.
    pub details: &'a BStr,
}

/// `SSL_accept error from NAMADDR: ...`, failed certificate checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TlsFailed<'a> {
    /// Whether we are the server.
    pub inbound: bool,
    /// The other side.
    pub peer: Peer<'a>,
    /// As written.
    pub reason: &'a BStr,
}

/// A login that failed, was denied or was given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuthFailure<'a> {
    /// Who tried.
    pub client: Peer<'a>,
    /// Our side; empty where not logged.
    pub server: Peer<'a>,
    /// `smtp`, `imap`, `pop3`, `sieve`, `submission`, `lmtp`.
    pub protocol: &'a BStr,
    /// SASL mechanism as the client gave it; empty where not logged.
    pub method: &'a BStr,
    /// User name tried; empty where not logged.
    pub user: &'a BStr,
    /// As written.
    pub reason: &'a BStr,
    /// How the connection ended, as written (`Connection closed`, `Inactivity`); empty where not
    /// logged.
    pub ending: &'a BStr,
    /// Attempts in this session; `None` where not logged.
    pub attempts: Option<u32>,
    /// Whether the client gave up, rather than being refused.
    pub aborted: bool,
    /// Whether the connection was encrypted, as far as logged.
    pub tls: Option<bool>,
    /// The server's session id; empty where it prints none.
    pub session: &'a BStr,
}

/// A login to IMAP, POP3, ManageSieve or Dovecot's submission service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Login<'a> {
    /// `imap`, `pop3`, `sieve`, `submission`.
    pub protocol: &'a BStr,
    /// Mailbox user.
    pub user: &'a BStr,
    /// SASL mechanism; empty where not logged.
    pub method: &'a BStr,
    /// Who logged in.
    pub client: Peer<'a>,
    /// Our side.
    pub server: Peer<'a>,
    /// Process id of the mail process that took over; `None` where not logged.
    pub mail_pid: Option<u32>,
    /// Whether the connection was encrypted, as far as logged.
    pub tls: Option<bool>,
    /// The server's session id; empty where it prints none.
    pub session: &'a BStr,
}

/// The end of a mailbox session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logout<'a> {
    /// `imap`, `pop3`, `sieve`, `lmtp`, `submission`.
    pub protocol: &'a BStr,
    /// Mailbox user; empty where not logged.
    pub user: &'a BStr,
    /// `Logged out`, `Connection closed`, `Disconnected for inactivity`, as written.
    pub reason: &'a BStr,
    /// Bytes from the client.
    pub bytes_in: Option<u64>,
    /// Bytes to the client.
    pub bytes_out: Option<u64>,
    /// The counters as written (`deleted=0 expunged=0 ...`, `top=0/0, retr=0/0, ...`).
    pub counts: &'a BStr,
    /// The server's session id; empty where it prints none.
    pub session: &'a BStr,
}

/// `QID: client=NAMADDR[, sasl_method=...][, orig_queue_id=...]`: logged at the first accepted
/// recipient. Source: postfix `src/smtpd/smtpd.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transaction<'a> {
    /// Who sends.
    pub client: Peer<'a>,
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
}

/// What an access rule, Milter, proxy filter or header check did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AccessAction {
    /// Refused; by the reply's first digit for now (4) or for good (5).
    #[default]
    Reject,
    /// Would have been refused (`warn_if_reject`).
    RejectWarning,
    /// Allowed.
    Permit,
    /// Put on hold.
    Hold,
    /// Accepted and dropped.
    Discard,
    /// Sent through a filter.
    Filter,
    /// Sent to another recipient.
    Redirect,
    /// A copy sent.
    Bcc,
    /// Only logged, as a warning.
    Warn,
    /// Only logged.
    Info,
    /// Connection dropped.
    Hangup,
    /// Delivery delayed.
    Delay,
    /// A header put in front.
    Prepend,
    /// A line replaced.
    Replace,
    /// A line removed.
    Strip,
    /// Passed without more checks.
    Pass,
    /// Accepted by the before-queue filter.
    Accept,
    /// Set aside (Milter).
    Quarantine,
    /// Session aborted (TLS policy).
    Abort,
}

impl AccessAction {
    /// The word of the log.
    pub const fn name(self) -> &'static str {
        match self {
            AccessAction::Reject => "reject",
            AccessAction::RejectWarning => "reject_warning",
            AccessAction::Permit => "permit",
            AccessAction::Hold => "hold",
            AccessAction::Discard => "discard",
            AccessAction::Filter => "filter",
            AccessAction::Redirect => "redirect",
            AccessAction::Bcc => "bcc",
            AccessAction::Warn => "warn",
            AccessAction::Info => "info",
            AccessAction::Hangup => "hangup",
            AccessAction::Delay => "delay",
            AccessAction::Prepend => "prepend",
            AccessAction::Replace => "replace",
            AccessAction::Strip => "strip",
            AccessAction::Pass => "pass",
            AccessAction::Accept => "accept",
            AccessAction::Quarantine => "quarantine",
            AccessAction::Abort => "abort",
        }
    }
}

/// Who took an access decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Source {
    /// smtpd's restrictions, access maps and policy services.
    #[default]
    Access,
    /// A Milter.
    Milter,
    /// `smtpd_proxy_filter`.
    Proxy,
    /// postscreen.
    Postscreen,
    /// `header_checks`, `mime_header_checks`, `body_checks`, `milter_header_checks`,
    /// `smtp_header_checks`.
    ContentCheck,
}

impl Source {
    /// Lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Source::Access => "access",
            Source::Milter => "milter",
            Source::Proxy => "proxy",
            Source::Postscreen => "postscreen",
            Source::ContentCheck => "content_check",
        }
    }
}

/// The trailer ` from=<> to=<> proto= helo=<> sasl_username=` of decisions; `None` where not logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Envelope sender; empty is the null sender.
    pub mail_from: Option<&'a BStr>,
    /// Envelope recipient at hand (the last one where there are several).
    pub rcpt_to: Option<&'a BStr>,
    /// `SMTP`, `ESMTP`, `QMQP`.
    pub protocol: Option<&'a BStr>,
    /// HELO or EHLO argument as given.
    pub helo: Option<&'a BStr>,
    /// SASL mechanism (Postfix 3.10).
    pub sasl_method: Option<&'a BStr>,
    /// SASL user.
    pub sasl_username: Option<&'a BStr>,
    /// `AUTH=` argument of MAIL FROM.
    pub sasl_sender: Option<&'a BStr>,
}

/// `{QID|NOQUEUE}: ACTION: WHERE from NAMADDR: TEXT; from=<...> ...`.
/// Source: postfix `src/smtpd/smtpd_check.c` (`log_whatsup`), `src/cleanup/cleanup_milter.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccessCheck<'a> {
    /// What was decided.
    pub action: AccessAction,
    /// By whom.
    pub source: Source,
    /// SMTP stage: `CONNECT`, `HELO`, `MAIL`, `RCPT`, `DATA`, `END-OF-MESSAGE`, ...
    pub stage: &'a BStr,
    /// The client.
    pub client: Peer<'a>,
    /// Code of the reply; `None` where the action makes none, or it is not logged.
    pub code: Option<ReplyCode>,
    /// Enhanced status of the reply.
    pub enhanced: Option<EnhancedStatus>,
    /// The text behind the codes, without trailing `;`.
    pub text: &'a BStr,
    /// For `queued as X` of a proxy filter: X.
    pub next_queue_id: Option<&'a BStr>,
    /// What the session had said by then.
    pub envelope: Envelope<'a>,
}

/// `QID: ACTION: {header|body|content} TEXT from ORIGIN; from=<...> ...[: optional text]`.
/// Source: postfix `src/cleanup/cleanup_message.c` (`cleanup_act_log`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContentCheck<'a> {
    /// What was decided; `Warn` and `Info` are the way to log a header.
    pub action: AccessAction,
    /// `header`, `body`, `content`, `mime-error`, `nested-header`, ...
    pub part: &'a BStr,
    /// Header name where `part` is a header (`Subject`); else empty.
    pub header_name: &'a BStr,
    /// Header value, or the text that matched, as written (up to 200 bytes).
    pub content: &'a BStr,
    /// Who sent it; `local` for local submissions.
    pub client: Peer<'a>,
    /// What the session had said by then.
    pub envelope: Envelope<'a>,
    /// The rule's own text; empty where it has none.
    pub text: &'a BStr,
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
    /// Final envelope recipient.
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
    /// Why none was made, as written; empty where one was.
    pub reason: &'a BStr,
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

/// A content filter's verdict on one message (amavis' `Passed CLEAN`, `Blocked SPAM`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict<'a> {
    /// The filter's own id of the check.
    pub filter_id: &'a BStr,
    /// Whether the message went on.
    pub passed: bool,
    /// `CLEAN`, `SPAM`, `SPAMMY`, `INFECTED`, `BANNED`, `BAD-HEADER`, ... as written.
    pub category: &'a BStr,
    /// Name of the malware or banned part; empty where none.
    pub found: &'a BStr,
    /// What was done with it (`{DiscardedInbound,Quarantined}`), without braces.
    pub actions: &'a BStr,
    /// The client that the filter saw; empty where not logged.
    pub client: Peer<'a>,
    /// The message's origin as the filter read it from the headers; empty where not logged.
    pub origin: Peer<'a>,
    /// Envelope sender; empty is the null sender.
    pub mail_from: Option<&'a BStr>,
    /// Envelope recipients as written, `<a>,<b>`.
    pub recipients: &'a BStr,
    /// Queue id that the message had when it came; `None` where not logged.
    pub queue_id: Option<&'a BStr>,
    /// Message-ID as written.
    pub message_id: Option<&'a BStr>,
    /// Id under which the filter keeps it; empty where not logged.
    pub mail_id: &'a BStr,
    /// Where the quarantine keeps it, as written; empty where it does not.
    pub quarantine: &'a BStr,
    /// Spam score; `None` where not scored.
    pub score: Option<f32>,
    /// Bytes.
    pub size: Option<u64>,
    /// Queue ids under which it was put in again, as written, `A/B`; empty where it was not.
    pub queued_as: &'a BStr,
    /// Milliseconds that the filter took.
    pub took_ms: Option<u64>,
    /// Author as written; empty where not logged.
    pub header_from: &'a BStr,
    /// Subject as written; empty where not logged.
    pub subject: &'a BStr,
    /// Rules that hit, as written; empty where not logged.
    pub tests: &'a BStr,
}

/// Something done in or to a mailbox: a delivery, a Sieve action, an IMAP command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailboxAction<'a> {
    /// One of the `mailbox.*`, `folder.*`, `sieve.*` and `autoreply.*` kinds.
    pub kind: Kind,
    /// Mailbox user.
    pub user: &'a BStr,
    /// `lmtp`, `lda`, `imap`, `pop3`, `sieve`.
    pub protocol: &'a BStr,
    /// The server's session id; empty where it prints none.
    pub session: &'a BStr,
    /// Message-ID as written; empty where not logged.
    pub message_id: &'a BStr,
    /// Mailbox (folder); empty where not logged.
    pub mailbox: &'a BStr,
    /// Mailbox that a copy came from, or old name of a renamed one; empty otherwise.
    pub source_mailbox: &'a BStr,
    /// Target address of a redirect, or recipient of a reply; empty otherwise.
    pub target: &'a BStr,
    /// UID in the mailbox; `None` where not logged.
    pub uid: Option<u32>,
    /// Bytes; `None` where not logged.
    pub size: Option<u64>,
    /// Author as written; empty where not logged.
    pub header_from: &'a BStr,
    /// Subject as written; empty where not logged.
    pub subject: &'a BStr,
    /// As written, for failures and flags; empty otherwise.
    pub text: &'a BStr,
}

/// What a daemon tells of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice<'a> {
    /// One of the `service.*` and `admin.*` kinds, or `dsn.suppressed`.
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

impl Default for MailboxAction<'_> {
    fn default() -> Self {
        MailboxAction {
            kind: Kind::MailboxSaved,
            user: BStr::new(b""),
            protocol: BStr::new(b""),
            session: BStr::new(b""),
            message_id: BStr::new(b""),
            mailbox: BStr::new(b""),
            source_mailbox: BStr::new(b""),
            target: BStr::new(b""),
            uid: None,
            size: None,
            header_from: BStr::new(b""),
            subject: BStr::new(b""),
            text: BStr::new(b""),
        }
    }
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
            Body::Notice(notice) => notice.kind,
        }
    }
}

impl AccessCheck<'_> {
    /// What happened: a refusal before RCPT is the session's, one from RCPT on the message's.
    pub fn kind(&self) -> Kind {
        match self.action {
            AccessAction::Reject | AccessAction::Hangup | AccessAction::Abort => {
                if self.envelope.rcpt_to.is_some() || self.envelope.mail_from.is_some() {
                    Kind::MessageRejected
                } else {
                    Kind::SessionRejected
                }
            }
            action => action.kind(),
        }
    }
}

impl ContentCheck<'_> {
    /// What happened; a header only logged is [`Kind::MessageHeader`].
    pub fn kind(&self) -> Kind {
        match self.action {
            AccessAction::Warn | AccessAction::Info if !self.header_name.is_empty() => {
                Kind::MessageHeader
            }
            action => action.kind(),
        }
    }
}

impl AccessAction {
    const fn kind(self) -> Kind {
        match self {
            AccessAction::Reject | AccessAction::Hangup | AccessAction::Abort => {
                Kind::MessageRejected
            }
            AccessAction::Hold | AccessAction::Quarantine => Kind::MessageHeld,
            AccessAction::Discard => Kind::MessageDiscarded,
            AccessAction::Filter
            | AccessAction::Redirect
            | AccessAction::Bcc
            | AccessAction::Prepend
            | AccessAction::Replace
            | AccessAction::Strip => Kind::MessageRewritten,
            AccessAction::RejectWarning
            | AccessAction::Permit
            | AccessAction::Warn
            | AccessAction::Info
            | AccessAction::Delay
            | AccessAction::Pass
            | AccessAction::Accept => Kind::PolicyDecision,
        }
    }
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
