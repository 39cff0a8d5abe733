//! spamdyke, a filter between tcpserver and qmail-smtpd: one line for each recipient.
//! Source: spamdyke `spamdyke.c` (`SPAMDYKE_LOG_INFO`).

use crate::notices::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use model::{AccessAction, AccessCheck, Body, Envelope, Kind, Peer, Severity, Source};

pub(super) const RULES: &[Rule] = &[DECISION, TROUBLE];

const DECISION: Rule = rule(
    "spamdyke decision",
    decision,
    "spamdyke spamdyke.c",
    &[
        "ALLOWED from: bob@example.net to: anna@example.org origin_ip: 192.0.2.10 origin_rdns: mail.example.net auth: (unknown) encryption: TLS reason: 250_ok_1795335894_qp_4711",
        "DENIED_RDNS_MISSING from: bob@example.net to: anna@example.org origin_ip: 192.0.2.10 origin_rdns: (unknown) auth: (unknown) encryption: (none)",
        "DENIED_GRAYLISTED from: (unknown) to: anna@example.org origin_ip: 192.0.2.10 origin_rdns: mail.example.net auth: (unknown)",
        "DENIED_OTHER from: bob@example.net to: anna@example.org origin_ip: 192.0.2.10 origin_rdns: mail.example.net auth: anna encryption: (none) reason: 550_no_such_user",
        "TIMEOUT from: bob@example.net to: (unknown) origin_ip: 192.0.2.10 origin_rdns: mail.example.net auth: (unknown) encryption: (none) reason: TIMEOUT",
    ],
);

fn decision<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let word = at.word()?;
    let action = match word.as_bytes() {
        b"ALLOWED" | b"ALLOWED_AUTHENTICATED" | b"ALLOWED_TLS" => AccessAction::Accept,
        b"DENIED_GRAYLISTED" => AccessAction::Greylist,
        b"TIMEOUT" => AccessAction::Hangup,
        denied if denied.starts_with(b"DENIED_") => AccessAction::Reject,
        other if other.starts_with(b"FILTER_") => AccessAction::Reject,
        _ => return None,
    };
    at.lit(" from: ")?;
    let mail_from = known(at.until_str(" to: ")?);
    let rcpt_to = known(at.until_str(" origin_ip: ")?);
    let address = at.until_str(" origin_rdns: ")?;
    let name = at.until_str(" auth: ")?;
    let user = at.word()?;
    if at.has(" encryption: ") {
        at.word()?;
    }
    let mut check = AccessCheck {
        action,
        source: Source::Access,
        stage: "RCPT".into(),
        client: Peer {
            name: known(name).unwrap_or_default(),
            address: known(address).unwrap_or_default(),
            port: None,
        },
        text: word,
        envelope: Envelope {
            mail_from,
            rcpt_to,
            sasl_username: known(user),
            ..Envelope::default()
        },
        ..AccessCheck::default()
    };
    if at.has(" reason: ") {
        reason(at, &mut check);
    }
    Some(Body::Access(check))
}

/// `(unknown)` is nothing.
fn known(value: &BStr) -> Option<&BStr> {
    (value != "(unknown)").then_some(value)
}

/// The server's reply with underscores for spaces; one that accepts the message names the process
/// of qmail-queue.
fn reason<'a>(at: &mut Scan<'a>, check: &mut AccessCheck<'a>) {
    check.text = at.peek().into();
    check.code = at.code();
    at.has("_");
    check.enhanced = at.enhanced();
    if at.until_str("_qp_").is_some() {
        let id = at.while_(|byte| byte.is_ascii_digit());
        check.next_queue_id = Some(id).filter(|it| !it.is_empty());
    }
}

const TROUBLE: Rule = rule(
    "spamdyke trouble",
    trouble,
    "spamdyke log.h",
    &[
        "ERROR: unable to open file /etc/spamdyke.conf: Permission denied",
        "ERROR(load_config_file()@configuration.c:1234): unknown option",
        "DEBUG(filter_rdns_missing()@filter.c:947): checking for missing rDNS; rdns: mail.example.net",
    ],
);

fn trouble<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let (kind, severity) = match at.one_of(&["ERROR", "WARNING", "DEBUG", "VERBOSE"])? {
        "ERROR" => (Kind::ServiceError, Severity::Error),
        "WARNING" => (Kind::ServiceWarning, Severity::Warning),
        _ => (Kind::ServiceInfo, Severity::Debug),
    };
    if at.has("(") {
        at.until_str("): ")?;
    } else {
        at.lit(": ")?;
    }
    at.severity = severity;
    Some(notice(kind, text))
}
