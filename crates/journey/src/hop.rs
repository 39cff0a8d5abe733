//! One queue that a message went through.

use crate::attempt::PeerName;
use crate::text::{Pool, Text};
use crate::{Outcome, SenderCheck};
use model::{
    AccessAction, AccessCheck, ContentCheck, EnhancedStatus, ItemKey, Kind, LinkKind, ReplyCode,
    Row, Source, Timestamp, Verdict,
};

/// One queue that a message went through.
#[derive(Clone, Debug)]
pub struct Hop {
    /// Names the queue item for ever.
    pub key: ItemKey,
    /// Host as written.
    pub host: Text,
    /// Postfix instance: `postfix`, `postfix-out`.
    pub instance: Text,
    /// Queue id.
    pub queue_id: Text,
    /// The id by which other servers know it (qmail's `qp`, Courier's `TIME.PID`), or that of the
    /// session (OpenSMTPD); `None` where there is none but the queue id.
    pub told_id: Option<Text>,
    /// When it came in.
    pub opened: Timestamp,
    /// When it left; `None` while it is there, and where no line tells.
    pub closed: Option<Timestamp>,
    /// How it came from another hop; `None` for the first one.
    pub came_by: Option<CameBy>,
    /// Whether the lines that should stand before the first one are missing.
    pub incomplete_head: bool,
    /// How it stands with the queue item.
    pub state: HopState,
    /// How the client's session broke off (`lost connection after DATA`), where a line told.
    pub broken_off: Option<Text>,
    /// Sender of the envelope here, which a forward may have changed.
    pub mail_from: Option<Text>,
    /// Client that brought it here.
    pub client: Option<PeerName>,
    /// Size here in bytes.
    pub size: Option<u64>,
    /// Recipients in the queue file.
    pub recipients: Option<u32>,
    /// Verdicts of content filters, in order of time.
    pub verdicts: Vec<FilterVerdict>,
    /// Checks of the sender's domain and signatures made, in order of time.
    pub checks: Vec<SenderCheck>,
    /// Decisions of access rules, Milters and header checks, in order of time.
    pub decisions: Vec<Decision>,
    /// What happened to the queue item as a whole (accepted, held, released, ...), in order of time.
    pub events: Vec<(Timestamp, Kind)>,
}

/// How a queue item came from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CameBy {
    /// Through what.
    pub kind: LinkKind,
    /// The queue item before.
    pub from: ItemKey,
    /// 0 to 100, how sure.
    pub confidence: u8,
}

/// How it stands with a queue item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HopState {
    /// The transaction goes on.
    Receiving,
    /// In the queue.
    Queued,
    /// On hold.
    Held,
    /// Done.
    Closed,
    /// Moved to a new queue id.
    Requeued,
    /// The client did not complete it.
    Aborted,
    /// Dropped by a rule; the client saw success.
    Discarded,
    /// Refused in the SMTP session.
    Rejected,
    /// Deleted by the administrator.
    Deleted,
}

/// A content filter's verdict.
#[derive(Clone, Debug)]
pub struct FilterVerdict {
    /// When.
    pub at: Timestamp,
    /// The filter: `amavis`.
    pub program: Text,
    /// The filter's own id of the check.
    pub filter_id: Option<Text>,
    /// Whether the message went on.
    pub passed: bool,
    /// `CLEAN`, `SPAM`, ... as written.
    pub category: Text,
    /// Name of the malware or banned part.
    pub found: Option<Text>,
    /// What was done with it, as written.
    pub actions: Option<Text>,
    /// Where the quarantine keeps it, as written.
    pub quarantine: Option<Text>,
    /// The recipients that it is on, as written; `None` where it names none.
    pub recipients: Option<Text>,
    /// Spam score.
    pub score: Option<f32>,
    /// Milliseconds that the filter took.
    pub took_ms: Option<u64>,
    /// Rules that hit, as written.
    pub tests: Option<Text>,
    /// Whether the server itself tells what became of the message for these recipients.
    pub is_record: bool,
}

/// A decision of an access rule, Milter, proxy filter or header check.
#[derive(Clone, Debug)]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// The program that decided: `smtpd`, `postgrey`.
    pub program: Text,
    /// What happened: `message.held`, `message.rejected`, ...
    pub kind: Kind,
    /// What was decided.
    pub action: AccessAction,
    /// By whom.
    pub source: Source,
    /// SMTP stage, or the part of the message that a header check looked at.
    pub stage: Text,
    /// The recipient that it is on, or the last one that the session had named.
    pub rcpt_to: Option<Text>,
    /// Whether it is on the message, not on one recipient.
    pub whole_message: bool,
    /// Code of the reply.
    pub code: Option<ReplyCode>,
    /// Enhanced status of the reply.
    pub enhanced: Option<EnhancedStatus>,
    /// The reply, or the rule's own text.
    pub text: Text,
    /// The header or part of the content that matched, as written.
    pub content: Option<Text>,
}

impl HopState {
    /// Stable lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            HopState::Receiving => "receiving",
            HopState::Queued => "queued",
            HopState::Held => "held",
            HopState::Closed => "closed",
            HopState::Requeued => "requeued",
            HopState::Aborted => "aborted",
            HopState::Discarded => "discarded",
            HopState::Rejected => "rejected",
            HopState::Deleted => "deleted",
        }
    }

    /// What it means for a recipient that no other line tells of.
    pub const fn outcome(self) -> Outcome {
        match self {
            HopState::Queued | HopState::Requeued => Outcome::Deferred,
            HopState::Held => Outcome::Held,
            HopState::Deleted => Outcome::Deleted,
            HopState::Rejected => Outcome::Rejected,
            HopState::Discarded => Outcome::Discarded,
            HopState::Aborted => Outcome::Aborted,
            HopState::Receiving | HopState::Closed => Outcome::Unknown,
        }
    }

    /// Whether more may come.
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            HopState::Receiving | HopState::Queued | HopState::Held
        )
    }
}

impl FilterVerdict {
    pub(crate) fn new(row: &Row<'_>, it: &Verdict<'_>, pool: &mut Pool) -> Self {
        FilterVerdict {
            at: row.at,
            program: pool.text(row.program),
            filter_id: (!row.session_id.is_empty()).then(|| Text::new(row.session_id)),
            passed: it.passed,
            category: pool.text(it.category),
            found: pool.said(it.found),
            actions: pool.said(it.actions),
            quarantine: (!it.quarantine.is_empty()).then(|| Text::new(it.quarantine)),
            recipients: pool.said(it.recipients),
            score: it.score,
            took_ms: it.took_ms,
            tests: pool.said(it.tests),
            is_record: it.became.is_some() && !it.looks_after,
        }
    }
}

impl Decision {
    pub(crate) fn of_access(row: &Row<'_>, it: &AccessCheck<'_>, pool: &mut Pool) -> Self {
        // A refusal before the end of the message is on one recipient; the others go on.
        let refuses = row.kind == Kind::MessageRejected || row.kind == Kind::SessionRejected;
        Decision {
            at: row.at,
            program: pool.text(row.program),
            kind: row.kind,
            action: it.action,
            source: it.source,
            stage: pool.text(it.stage),
            rcpt_to: it.envelope.rcpt_to.map(|text| pool.text(text)),
            whole_message: !refuses || is_end_of_message(it.stage),
            code: it.code,
            enhanced: it.enhanced,
            text: pool.text(it.text),
            content: None,
        }
    }

    pub(crate) fn of_content(row: &Row<'_>, it: &ContentCheck<'_>, pool: &mut Pool) -> Self {
        let mut content = it.header_name.to_vec();
        if !content.is_empty() {
            content.extend_from_slice(b": ");
        }
        content.extend_from_slice(it.content);
        Decision {
            at: row.at,
            program: pool.text(row.program),
            kind: row.kind,
            action: it.action,
            source: Source::ContentCheck,
            stage: pool.text(it.part),
            rcpt_to: it.envelope.rcpt_to.map(|text| pool.text(text)),
            whole_message: true,
            code: None,
            enhanced: None,
            text: pool.text(it.text),
            content: pool.said(&content),
        }
    }
}

fn is_end_of_message(stage: &[u8]) -> bool {
    stage.starts_with(b"END-OF-") || stage.starts_with(b"DATA") || stage == b"BDAT"
}
