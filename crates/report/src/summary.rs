//! The summary of a log as plain data.

use crate::histogram::Percentiles;
use crate::ranking::{Counts, Top};
use crate::traffic::Traffic;
use bstr::BString;
use model::{Civil, Timestamp};

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files.
    pub files: u64,
    /// Lines.
    pub lines: u64,
    /// Lines that no rule knows.
    pub unknown: u64,
    /// First moment; `None` takes that of the first row by time.
    pub from: Option<Timestamp>,
    /// Last moment; `None` takes that of the last row by time.
    pub to: Option<Timestamp>,
    /// Name of the zone in which days and hours are meant, such as `UTC`.
    pub zone: String,
}

/// A day of local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Year, month, day.
    pub date: (i16, u8, u8),
    /// What happened on it.
    pub traffic: Traffic,
}

/// The summary of a log.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// What was read.
    pub coverage: Coverage,
    /// First and last moment in local time.
    pub span: Option<(Civil, Civil)>,
    /// Sums over all.
    pub totals: Totals,
    /// The sums as pflogsumm makes them.
    pub pflogsumm: PlainTotals,
    /// By hour of the day, all days together.
    pub hours: [Traffic; 24],
    /// By day, in order; days without mail are left out.
    pub days: Vec<Day>,
    /// Envelope senders by messages.
    pub senders: Top<MailCount>,
    /// Envelope senders by bytes.
    pub senders_by_bytes: Top<MailCount>,
    /// Domains of envelope senders by messages; a sender without domain counts for itself.
    pub sender_domains: Top<MailCount>,
    /// Recipients by deliveries.
    pub recipients: Top<RecipientCount>,
    /// Recipients by bytes.
    pub recipients_by_bytes: Top<RecipientCount>,
    /// Domains of recipients by attempts.
    pub recipient_domains: Top<RecipientCount>,
    /// Clients by messages.
    pub clients_by_messages: Top<ClientCount>,
    /// Clients by connections.
    pub clients_by_connections: Top<ClientCount>,
    /// Clients by refusals.
    pub clients_by_refusals: Top<ClientCount>,
    /// Next hops by attempts.
    pub relays: Top<RelayCount>,
    /// Time spent by deliveries that succeeded.
    pub delays: Delays,
    /// Refusals by stage and reason.
    pub rejections: Reasons,
    /// Refusals by reply code, in the order of codes.
    pub rejections_by_code: Vec<(u16, u64)>,
    /// Refusals that `warn_if_reject` only logged.
    pub reject_warnings: Reasons,
    /// Bounces by reason; the values are next hops.
    pub bounces: Reasons,
    /// Deferrals by reason; the values are next hops.
    pub deferrals: Reasons,
    /// SMTP sessions.
    pub sessions: Sessions,
    /// TLS.
    pub tls: TlsUse,
    /// Logins to send mail.
    pub submission: Logins,
    /// Logins to read mail.
    pub mailbox: Logins,
    /// Filter verdicts by category.
    pub verdicts: Top<VerdictCount>,
    /// SPF, DKIM, DMARC and ARC by result: `spf pass`, `dkim signed`.
    pub sender_checks: Top<u64>,
    /// Decisions of policy services: `postgrey greylist`.
    pub policies: Top<u64>,
    /// postscreen's results.
    pub screening: Top<u64>,
    /// Mailbox deliveries and Sieve actions: kind and count.
    pub mailbox_actions: Vec<(&'static str, u64)>,
    /// Warnings and worse; the stage is the daemon.
    pub warnings: Reasons,
    /// Messages that had not left the queue at the end.
    pub open: Open,
    /// Rows of each kind that occurred: its name and how many.
    pub kinds: Vec<(&'static str, u64)>,
}

/// Sums. A message that goes through a filter and back, or on to another own host, is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Messages that came from a client or a local user, and were queued.
    pub received: u64,
    /// Of those, by a client that had logged in.
    pub received_with_login: u64,
    /// Of those, submitted locally.
    pub received_locally: u64,
    /// Their bytes.
    pub bytes_received: u64,
    /// Deliveries that ended the way, or went to another's server: one per recipient.
    pub delivered: u64,
    /// Their bytes.
    pub bytes_delivered: u64,
    /// Deliveries to an own filter or own host, where the message went on.
    pub handed_over: u64,
    /// Deliveries that made a new message to other recipients (`.forward`, alias).
    pub forwarded: u64,
    /// Messages with at least one deferral.
    pub deferred: u64,
    /// Attempts that were deferred.
    pub deferrals: u64,
    /// Recipients that failed for good.
    pub bounced: u64,
    /// Messages that outlived the queue.
    pub expired: u64,
    /// Recipients that expired with them.
    pub expired_recipients: u64,
    /// Commands refused.
    pub rejected: u64,
    /// Commands that would have been refused.
    pub reject_warnings: u64,
    /// Messages put on hold.
    pub held: u64,
    /// Messages dropped by a rule.
    pub discarded: u64,
    /// Deliveries dropped on the way (`discard:`).
    pub discarded_deliveries: u64,
    /// Messages deleted by the administrator.
    pub deleted: u64,
    /// Transactions given up before the message was complete.
    pub aborted: u64,
    /// Notifications made about other messages.
    pub notifications: u64,
}

/// Sums as pflogsumm makes them: a message counts each time that it is put into a queue, at the
/// first recipient accepted, also if it was then refused; and only by daemons that are named
/// `postfix/DAEMON`, `postfix/smtps/DAEMON` or `postfix/submission/DAEMON`.
/// Source: pflogsumm 1.1.5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlainTotals {
    /// `client=` and `uid=` lines.
    pub received: u64,
    /// `status=sent`, but for forwards.
    pub delivered: u64,
    /// `status=sent (forwarded as ...`.
    pub forwarded: u64,
    /// Queue items with a deferral.
    pub deferred: u64,
    /// `status=deferred`.
    pub deferrals: u64,
    /// `status=bounced`.
    pub bounced: u64,
    /// `reject:` lines of smtpd, postscreen and cleanup.
    pub rejected: u64,
    /// Sizes of messages received.
    pub bytes_received: u64,
    /// Sizes of messages delivered, where the log tells them.
    pub bytes_delivered: u64,
}

/// Messages and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailCount {
    /// Messages.
    pub messages: u64,
    /// Bytes.
    pub bytes: u64,
}

/// What became of a recipient's mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecipientCount {
    /// Deliveries.
    pub delivered: u64,
    /// Bytes delivered.
    pub bytes: u64,
    /// Attempts deferred.
    pub deferred: u64,
    /// Failed for good.
    pub bounced: u64,
}

/// What a client did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientCount {
    /// Its name, where one was known when it first came.
    pub hostname: BString,
    /// Connections.
    pub connections: u64,
    /// Messages queued.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Commands refused.
    pub rejected: u64,
    /// Logins refused.
    pub login_failures: u64,
}

/// What happened with a next hop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RelayCount {
    /// Accepted by it.
    pub sent: u64,
    /// Bytes accepted.
    pub bytes: u64,
    /// Attempts deferred.
    pub deferred: u64,
    /// Failed for good.
    pub bounced: u64,
    /// Connection and transmission of what was accepted.
    pub delays: Percentiles,
}

/// Time spent by stage, by deliveries that succeeded. Those to a filter on the own host are counted
/// in `filter` only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    /// Before the queue manager, reception included.
    pub before_queue: Percentiles,
    /// In the queue.
    pub in_queue: Percentiles,
    /// Name lookup, connect, TLS, greeting.
    pub connect: Percentiles,
    /// Transmission.
    pub transmit: Percentiles,
    /// From arrival to delivery.
    pub total: Percentiles,
    /// In a filter on the own host: from arrival to hand-over.
    pub filter: Percentiles,
}

/// Counts by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    /// All.
    pub count: u64,
    /// Reasons, the most frequent first; at most 100.
    pub reasons: Vec<Reason>,
}

/// A reason with what it was given for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    /// SMTP stage, enhanced status or daemon; empty where none is known.
    pub stage: BString,
    /// The reason, without what is particular to one case.
    pub text: BString,
    /// How often.
    pub count: u64,
    /// Clients, addresses or hosts that it was given for, the most frequent first; at most 10.
    pub values: Top<u64>,
}

/// SMTP sessions with clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sessions {
    /// Sessions.
    pub count: u64,
    /// Distinct clients.
    pub clients: u64,
    /// Sessions that did not end by QUIT, by reason and stage.
    pub aborted: Top<u64>,
}

/// TLS used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsUse {
    /// Sessions of clients by protocol version; those without TLS are not among them.
    pub inbound: Top<u64>,
    /// Sessions of clients without TLS.
    pub inbound_without: u64,
    /// Deliveries by SMTP and protocol version.
    pub outbound: Top<u64>,
    /// Deliveries by SMTP for which no TLS was logged.
    pub outbound_without: u64,
}

/// Logins done and refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logins {
    /// Logins; for sending, messages sent after a login.
    pub succeeded: u64,
    /// Logins refused.
    pub failed: u64,
    /// Logins given up by the client.
    pub aborted: u64,
    /// By protocol and mechanism.
    pub methods: Top<LoginCount>,
    /// Users by logins.
    pub users: Top<LoginCount>,
    /// Users by failures.
    pub failed_users: Top<LoginCount>,
    /// Clients by failures.
    pub failed_clients: Top<LoginCount>,
}

/// Logins of one user, client or mechanism.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoginCount {
    /// Logins; for sending, messages sent after a login.
    pub succeeded: u64,
    /// Logins refused or given up.
    pub failed: u64,
}

/// Verdicts of one category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerdictCount {
    /// The message went on.
    pub passed: u64,
    /// It did not.
    pub blocked: u64,
}

/// Messages that had not left the queue at the end of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Queued and not deferred yet.
    pub queued: OpenCount,
    /// Waiting for another attempt.
    pub deferred: OpenCount,
    /// On hold.
    pub held: OpenCount,
    /// Being received.
    pub incoming: OpenCount,
    /// Domains that deferred messages wait for, by recipients.
    pub destinations: Top<u64>,
    /// Messages whose end the log does not tell, and that cannot be in the queue any more.
    pub lost: u64,
}

/// Messages in one state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenCount {
    /// Messages.
    pub messages: u64,
    /// Arrival of the oldest; `None` if there is none.
    pub oldest: Option<Timestamp>,
}

impl Counts for MailCount {
    fn merge(&mut self, other: &Self) {
        self.messages += other.messages;
        self.bytes += other.bytes;
    }

    fn weight(&self) -> u64 {
        self.messages
    }
}

impl RecipientCount {
    /// All attempts.
    pub fn attempts(&self) -> u64 {
        self.delivered + self.deferred + self.bounced
    }
}

impl Counts for RecipientCount {
    fn merge(&mut self, other: &Self) {
        self.delivered += other.delivered;
        self.bytes += other.bytes;
        self.deferred += other.deferred;
        self.bounced += other.bounced;
    }

    fn weight(&self) -> u64 {
        self.attempts()
    }
}

impl Counts for ClientCount {
    fn merge(&mut self, other: &Self) {
        self.connections += other.connections;
        self.messages += other.messages;
        self.bytes += other.bytes;
        self.rejected += other.rejected;
        self.login_failures += other.login_failures;
    }

    fn weight(&self) -> u64 {
        self.connections + self.messages + self.rejected + self.login_failures
    }
}

impl RelayCount {
    /// All attempts.
    pub fn attempts(&self) -> u64 {
        self.sent + self.deferred + self.bounced
    }
}

impl Counts for RelayCount {
    fn merge(&mut self, other: &Self) {
        self.sent += other.sent;
        self.bytes += other.bytes;
        self.deferred += other.deferred;
        self.bounced += other.bounced;
        self.delays = Percentiles::default();
    }

    fn weight(&self) -> u64 {
        self.attempts()
    }
}

impl Counts for LoginCount {
    fn merge(&mut self, other: &Self) {
        self.succeeded += other.succeeded;
        self.failed += other.failed;
    }

    fn weight(&self) -> u64 {
        self.succeeded + self.failed
    }
}

impl Counts for VerdictCount {
    fn merge(&mut self, other: &Self) {
        self.passed += other.passed;
        self.blocked += other.blocked;
    }

    fn weight(&self) -> u64 {
        self.passed + self.blocked
    }
}

impl Logins {
    /// Whether nobody tried.
    pub fn is_empty(&self) -> bool {
        self.succeeded + self.failed + self.aborted == 0
    }
}

impl Open {
    /// Whether the queue was empty, as far as the log tells.
    pub fn is_empty(&self) -> bool {
        [self.queued, self.deferred, self.held, self.incoming]
            .iter()
            .all(|it| it.messages == 0)
    }
}
