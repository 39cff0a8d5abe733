//! The before-queue filter (`smtpd_proxy_filter`).

use crate::postfix::decision;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{AccessCheck, Body, Kind, Notice, Peer, Source};

pub(super) const DECISION: Rule = rule(
    "smtpd proxy decision",
    decision,
    "postfix src/smtpd/smtpd.c",
    &[
        "proxy-accept: END-OF-MESSAGE: 250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 3F2A1C0D; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
        "proxy-accept: END-OF-MESSAGE: 250 2.5.0 OK; from=<> to=<b@example.org> proto=SMTP helo=<x> sasl_username=<anna>",
        "proxy-reject: END-OF-MESSAGE: 554 5.7.1 id=1 - spam; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
        "4bXyZ10QzKz1r: proxy-reject: END-OF-MESSAGE: 451 4.3.0 Error: queue file write error; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
    ],
);

fn decision<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("proxy-")?;
    let action = decision::action(at.until(b':')?)?;
    at.lit(" ")?;
    let stage = at.until_str(": ")?;
    let (code, enhanced) = decision::reply(at);
    let (text, envelope) = decision::text_and_envelope(at);
    Some(Body::Access(AccessCheck {
        action,
        source: Source::Proxy,
        stage,
        client: Peer::default(),
        code,
        enhanced,
        text,
        next_queue_id: queued_as(at.over(text)),
        envelope,
    }))
}

/// The queue id behind `queued as `.
fn queued_as<'a>(mut at: Scan<'a>) -> Option<&'a BStr> {
    at.until_str("queued as ")?;
    let id = at.while_(|byte| byte.is_ascii_alphanumeric());
    (!id.is_empty()).then_some(id)
}

pub(super) const FAILED: Rule = rule(
    "smtpd proxy failed",
    failed,
    "postfix src/smtpd/smtpd_proxy.c",
    &[
        "warning: connect to proxy filter 127.0.0.1:10024: Connection refused",
        "warning: lost connection with proxy 127.0.0.1:10024",
        "warning: timeout talking to proxy 127.0.0.1:10024",
        "warning: received garbage from proxy 127.0.0.1:10024: hello",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.one_of(&[
        "connect to proxy filter ",
        "lost connection with proxy ",
        "timeout talking to proxy ",
        "received garbage from proxy ",
    ])?;
    let mut ahead = *at;
    let (service, text) = match ahead.until_str(": ") {
        Some(service) => (service, ahead.remainder()),
        None => (at.remainder(), BStr::new(b"")),
    };
    Some(Body::Notice(Notice {
        kind: Kind::ServiceWarning,
        about: "proxy filter".into(),
        service,
        text,
        ..Notice::default()
    }))
}

pub(super) const REJECTED: Rule = rule(
    "smtpd proxy rejected",
    rejected,
    "postfix src/smtpd/smtpd_proxy.c (smtpd_proxy_cmd_error)",
    &[
        r#"warning: proxy 127.0.0.1:10024 rejected "connection request": "421 4.3.2 busy""#,
        r#"warning: proxy 127.0.0.1:10024 rejected "MAIL FROM:<a@example.net>": "550 5.1.0 no""#,
    ],
);

fn rejected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("proxy ")?;
    let service = at.until_str(" rejected \"")?;
    let about = at.until_str("\": \"")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceWarning,
        about,
        service,
        text: closed(at.remainder()),
        ..Notice::default()
    }))
}

/// Without the closing quote, which a cut line lacks.
fn closed(text: &BStr) -> &BStr {
    text.strip_suffix(b"\"").unwrap_or(text).into()
}
