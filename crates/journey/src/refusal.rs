//! Mail and sessions that were refused before there was a queue id.

use crate::attempt::PeerName;
use crate::journey::JourneyLine;
use crate::text::{Pool, Text};
use model::{AccessAction, AccessCheck, EnhancedStatus, Kind, ReplyCode, Row, Source, Timestamp};

/// A decision on a session or recipient that has no queue id: a journey of one line.
///
/// A `hold` or `discard` is one too; it is for the message that the session sends next, whose
/// journey tells of it as well.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// When.
    pub at: Timestamp,
    /// Host as written.
    pub host: Text,
    /// Label of the program: `postfix/submission`.
    pub label: Text,
    /// `message.rejected`, `session.rejected`, `message.held` or `message.discarded`.
    pub kind: Kind,
    /// What was decided.
    pub action: AccessAction,
    /// By whom.
    pub source: Source,
    /// SMTP stage: `RCPT`, `CONNECT`, ...
    pub stage: Text,
    /// The client.
    pub client: Option<PeerName>,
    /// HELO argument.
    pub helo: Option<Text>,
    /// Envelope sender; empty is the null sender.
    pub mail_from: Option<Text>,
    /// Envelope recipient.
    pub rcpt_to: Option<Text>,
    /// SASL user.
    pub sasl_username: Option<Text>,
    /// Code of the reply.
    pub code: Option<ReplyCode>,
    /// Enhanced status of the reply.
    pub enhanced: Option<EnhancedStatus>,
    /// Text of the reply.
    pub text: Text,
    /// How often the line stands for itself.
    pub repeated: u32,
    /// The original lines, where the gathering keeps them.
    pub lines: Vec<JourneyLine>,
}

impl Refusal {
    pub(crate) fn new(row: &Row<'_>, it: &AccessCheck<'_>, pool: &mut Pool) -> Self {
        let said = &it.envelope;
        Refusal {
            at: row.at,
            host: pool.text(row.host),
            label: pool.text(row.label),
            kind: row.kind,
            action: it.action,
            source: it.source,
            stage: pool.text(it.stage),
            client: PeerName::new(&it.client, pool),
            helo: said.helo.map(|text| pool.text(text)),
            mail_from: said.mail_from.map(|text| pool.text(text)),
            rcpt_to: said.rcpt_to.map(|text| pool.text(text)),
            sasl_username: said.sasl_username.map(|text| pool.text(text)),
            code: it.code,
            enhanced: it.enhanced,
            text: pool.text(it.text),
            repeated: row.repeated,
            lines: Vec::new(),
        }
    }
}
