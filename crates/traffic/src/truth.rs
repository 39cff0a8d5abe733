//! What really happened: one record a message, and the sums of a run.

use serde::Serialize;
use std::collections::BTreeMap;

/// One message with all its queue items over filter, relay, requeue and forward links.
///
/// A notification (DSN) is a message of its own. A probe's recipient is `Relayed` if the answer was
/// *deliverable* and `Bounced` if not; nobody received anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrueMessage {
    /// As logged, with angle brackets; `None` if the message had none or ended before its header was read.
    pub message_id: Option<String>,
    /// Envelope sender at the first hop; empty for the null sender.
    pub mail_from: String,
    /// Address of the client of the first hop; `None` for mail that began on the host itself.
    pub client_address: Option<String>,
    /// Who submitted it.
    pub sasl_username: Option<String>,
    /// Subject as logged; `None` where no host on the way logged it.
    pub subject: Option<String>,
    /// All queue items, by the time of their first line.
    pub items: Vec<TrueItem>,
    /// Final recipients. Of an aborted message these were only ever said inside the SMTP session.
    pub recipients: Vec<TrueRecipient>,
    /// Notifications sent about this message.
    pub dsns: Vec<ItemKey>,
    /// Of a notification: the item it reports on.
    pub cause: Option<ItemKey>,
    /// Whether this only asked if the recipient exists.
    pub probe: bool,
    /// Number of log lines that begin with one of its queue ids, plus its amavis, Dovecot delivery and
    /// `proxy-accept` lines, as far as they name Message-ID or session.
    pub lines: u32,
}

/// One queue item; the id alone is not unique, as ids are used again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrueItem {
    /// Host as written in the log.
    pub host: &'static str,
    /// Postfix instance, `postfix`, `postfix-in` or `postfix-out`; `exim` for Exim's.
    pub instance: &'static str,
    /// Queue id.
    pub queue_id: String,
    /// True time of its first line, microseconds since 1970.
    pub first_seen_us: i64,
}

/// Names a queue item of the time in question.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct ItemKey {
    /// Host as written in the log.
    pub host: &'static str,
    /// Postfix instance, or `exim`.
    pub instance: &'static str,
    /// Queue id.
    pub queue_id: String,
}

/// One final recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrueRecipient {
    /// Address at the leaf item, as written: Exim names mailboxes that an alias leads to by local part
    /// alone, as long as no attempt fails.
    pub rcpt_to: String,
    /// The address before aliases, at the hop that expanded it.
    pub orig_rcpt_to: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Number of `status=deferred` and `==` lines for it over all hops.
    pub deferrals: u32,
    /// `dsn=` of the last delivery line for it, or what Exim's line quotes of the reply; `None` if there
    /// was none.
    pub enhanced_status: Option<String>,
    /// Mailbox it was stored in, where Dovecot said so.
    pub mailbox: Option<String>,
    /// The item it ended in.
    pub item: ItemKey,
}

/// How a recipient ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Stored here, or given to a command.
    Delivered,
    /// Accepted by a host that is not ours.
    Relayed,
    /// Failed for good.
    Bounced,
    /// Given up after the queue life.
    Expired,
    /// Dropped by a rule, a filter or a Sieve script.
    Discarded,
    /// Still queued at the end.
    Deferred,
    /// Still on hold at the end.
    Held,
    /// Removed by the administrator.
    Deleted,
    /// The client went away; never queued.
    Aborted,
    /// Refused by milter or header check after a queue id existed.
    Rejected,
}

/// Sums over a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// All lines.
    pub lines: u64,
    /// Their bytes, without line ends.
    pub bytes: u64,
    /// Lines by tag as written, without process id.
    pub lines_by_program: BTreeMap<String, u64>,
    /// `connect from` lines of smtpd, `SMTP connection from` lines of Exim's daemon.
    pub sessions: u64,
    /// `NOQUEUE: reject:` lines of smtpd and postscreen, `rejected` lines of Exim without message id.
    pub noqueue_rejects: u64,
    /// Failed SMTP authentications.
    pub sasl_failures: u64,
    /// IMAP and POP3 logins.
    pub logins: u64,
    /// Connections that ended with failed IMAP or POP3 authentication.
    pub logins_failed: u64,
    /// Messages, notifications and probes included.
    pub messages: u64,
    /// Queue items.
    pub items: u64,
    /// Recipients that ended delivered or relayed, without those of probes.
    pub deliveries: u64,
    /// `status=deferred` and `==` lines.
    pub deferral_lines: u64,
    /// `status=bounced` and `**` lines, but for those of expiry.
    pub bounces: u64,
    /// Items that ended by expiry; of Exim's the recipients.
    pub expired: u64,
    /// Notifications.
    pub notifications: u64,
    /// Queue items whose id the same instance had used before.
    pub queue_id_reuses: u64,
    /// Times that both instances of one host had an item of the same id at once.
    pub equal_ids: u64,
}
