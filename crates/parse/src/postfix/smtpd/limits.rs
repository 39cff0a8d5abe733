//! Limits that clients, messages and the disk run into.

use crate::postfix::notice::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind, Notice, TlsFailed};

pub(super) const CLIENT: Rule = rule(
    "smtpd client limit",
    client,
    "postfix src/smtpd/smtpd.c",
    &[
        "warning: Connection concurrency limit exceeded: 51 from unknown[192.0.2.7] for service smtp",
        "warning: Connection rate limit exceeded: 31 from unknown[192.0.2.7] for service smtp",
        "warning: Message delivery request rate limit exceeded: 101 from unknown[192.0.2.7] for service submission",
        "warning: Recipient address rate limit exceeded: 1501 from unknown[192.0.2.7] for service submission",
        "warning: New TLS session rate limit exceeded: 11 from unknown[192.0.2.7] for service smtps",
        "warning: AUTH command rate limit exceeded: 21 from unknown[192.0.2.7] for service submission",
    ],
);

fn client<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let about = at.one_of(&[
        "Connection concurrency",
        "Connection rate",
        "Message delivery request rate",
        "Recipient address rate",
        "New TLS session rate",
        "AUTH command rate",
    ])?;
    at.lit(" limit exceeded: ")?;
    let number = at.number()?;
    at.lit(" from ")?;
    let peer = at.peer()?;
    at.lit(" for service ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceLimitReached,
        peer,
        about: about.into(),
        number: Some(number),
        service: at.remainder(),
        ..Notice::default()
    }))
}

pub(super) const TLS_REFUSED: Rule = rule(
    "smtpd tls refused",
    tls_refused,
    "postfix src/smtpd/smtpd.c",
    &[
        "warning: Refusing STARTTLS request from unknown[192.0.2.7] for service smtp",
        "warning: Refusing TLS service request from unknown[192.0.2.7] for service smtps",
        "warning: Wrapper-mode request dropped from unknown[192.0.2.7] for service smtps. TLS context initialization failed. For details see earlier warnings in your logs.",
    ],
);

fn tls_refused<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let reason = at.one_of(&[
        "Refusing STARTTLS request",
        "Refusing TLS service request",
        "Wrapper-mode request dropped",
    ])?;
    at.lit(" from ")?;
    let peer = at.peer()?;
    at.lit(" for service ")?;
    Some(Body::TlsFailed(TlsFailed {
        inbound: true,
        peer,
        reason: reason.into(),
    }))
}

pub(super) const QUEUE_FILE_SIZE: Rule = rule(
    "smtpd queue file size",
    queue_file_size,
    "postfix src/smtpd/smtpd.c",
    &[
        "warning: 3F2A1C0D: queue file size limit exceeded",
        "warning: NOQUEUE: queue file size limit exceeded",
    ],
);

pub(in crate::postfix) fn queue_file_size<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("queue file size limit exceeded")?;
    at.end()?;
    notice(
        Kind::ServiceLimitReached,
        "queue file size".into(),
        BStr::new(b""),
    )
}
