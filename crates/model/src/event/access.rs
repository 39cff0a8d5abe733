//! Decisions on clients, commands and content.

use crate::{EnhancedStatus, Kind, Peer, ReplyCode};
use bstr::BStr;

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
    /// Refused for now, for being new here.
    Greylist,
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
            AccessAction::Greylist => "greylist",
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
    /// The server's own rules: smtpd's restrictions and access maps, Exim's ACLs.
    #[default]
    Access,
    /// A Milter.
    Milter,
    /// `smtpd_proxy_filter`.
    Proxy,
    /// postscreen.
    Postscreen,
    /// A policy service that a server asks (postgrey, policyd-spf, postfwd); what comes of it the
    /// server's own lines tell.
    Policy,
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
            Source::Policy => "policy",
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

impl AccessCheck<'_> {
    /// What happened: a refusal before RCPT is the session's, one from RCPT on the message's, also
    /// where the sender stands in another line (Sendmail).
    pub fn kind(&self) -> Kind {
        match self.action {
            AccessAction::Reject | AccessAction::Hangup | AccessAction::Abort => {
                if self.envelope.rcpt_to.is_some()
                    || self.envelope.mail_from.is_some()
                    || self.stage == "DATA"
                    || self.stage == "END-OF-MESSAGE"
                {
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
            | AccessAction::Greylist
            | AccessAction::Pass
            | AccessAction::Accept => Kind::PolicyDecision,
        }
    }
}
