//! Hosts that could not be used; the attempt goes on with another, or `==` tells its end.
//! Source: exim `src/transports/smtp.c`, `src/deliver.c` (`remote_post_process`).

use super::item::{Host, host};
use super::outcome::reply;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{AttemptFailed, Body};

pub(crate) const RULES: &[Rule] = &[AT_HOST, REPLIED, REFUSED_RECIPIENT];

const AT_HOST: Rule = rule(
    "exim host failed",
    at_host,
    "exim src/transports/smtp.c (write_logs)",
    &[
        "1xV2wi-0000aR-0j H=mx.example.net [192.0.2.25]:25 Connection refused",
        "1xV2wi-0000aR-0j mx.example.net [192.0.2.25] Operation timed out",
        "1xV2wi-0000aR-0j H=mx.example.net [192.0.2.25]: SMTP error from remote mail server after initial connection: 421 4.7.0 too many connections",
        "1xV2wi-0000aR-0j H=mx.example.net [192.0.2.25]: SMTP timeout after EHLO mx1.example.org",
        "1xV2wi-0000aR-0j H=mx.example.net [2001:db8::25]: Remote host closed connection in response to initial connection",
        "1xV2wi-0000aR-0j H=mx.example.net [192.0.2.25]: a TLS session is required, but the server did not offer TLS support",
        "1xV2wi-0000aR-0j Remote host mx.example.net [192.0.2.25] closed connection in response to end of data",
        "1xV2wi-0000aR-0j SMTP timeout while connected to mx.example.net [192.0.2.25] after RCPT TO:<bob@example.net>",
    ],
);

fn at_host<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if at.has("Remote host ") {
        let host = host(at)?;
        at.lit(" closed connection")?;
        return Some(failed(host, text));
    }
    if at.has("SMTP timeout while connected to ") {
        let host = host(at)?;
        at.lit(" after ")?;
        return Some(failed(host, text));
    }
    at.has("H=");
    let host = host(at).filter(|host| host.helo.is_empty() && !host.peer.name.is_empty())?;
    at.has(":");
    at.lit(" ")?;
    let known =
        is_system_error(at.peek()) || SAID.iter().any(|it| at.peek().starts_with(it.as_bytes()));
    known.then(|| failed(host, at.peek()))
}

fn failed<'a>(host: Host<'a>, text: &'a [u8]) -> Body<'a> {
    let text = BStr::new(text);
    let reply = reply(text);
    Body::AttemptFailed(AttemptFailed {
        peer: host.peer,
        code: reply.code,
        enhanced: reply.enhanced,
        text,
        ..AttemptFailed::default()
    })
}

/// What the SMTP transport says of a host.
const SAID: &[&str] = &[
    "SMTP error from remote mail server after ",
    "LMTP error after ",
    "SMTP timeout after ",
    "Remote host closed connection",
    "Malformed SMTP reply ",
    "a TLS session is required, but ",
    "utf8 support required but not offered",
    "smtp send to ",
    "DANE error: ",
    "unknown errno value ",
    "SMTP connection closed",
    "smart pipelining",
    "response to \"EHLO\" did not include",
    "authentication required but ",
    "retry time not reached",
    "Event requests alternate response",
];

/// Words of the system for errors of sockets, of Linux, BSD and Solaris; a text in parentheses may
/// follow. Source: strerror(3).
fn is_system_error(text: &[u8]) -> bool {
    const ERRORS: &[&str] = &[
        "Connection refused",
        "Connection timed out",
        "Operation timed out",
        "Connection reset by peer",
        "No route to host",
        "Network is unreachable",
        "Network is down",
        "Host is down",
        "Host is unreachable",
        "Broken pipe",
        "Permission denied",
        "Operation not permitted",
        "Cannot assign requested address",
        "Can't assign requested address",
        "Address family not supported by protocol",
        "Software caused connection abort",
        "Protocol not available",
        "Invalid argument",
        "Interrupted system call",
        "Success",
    ];
    ERRORS.iter().any(|error| {
        let rest = text.strip_prefix(error.as_bytes());
        rest.is_some_and(|it| it.is_empty() || it.starts_with(b": ") || it.starts_with(b" ("))
    })
}

const REPLIED: Rule = rule(
    "exim host replied",
    replied,
    "exim src/transports/smtp.c (write_logs, check_response)",
    &[
        "1xV2wi-0000aR-0j SMTP error from remote mail server after RCPT TO:<bob@example.net>: host mx.example.net [192.0.2.25]: 450 4.7.1 Greylisted",
        "1xV2wi-0000aR-0j LMTP error after RCPT TO:<anna@example.org>: 452 4.2.2 Quota exceeded",
    ],
);

/// A reply of a host that the text names (before 4.80).
fn replied<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = BStr::new(at.peek());
    at.one_of(&[
        "SMTP error from remote mail server after ",
        "LMTP error after ",
    ])?;
    let reply = reply(text);
    reply.code?;
    Some(Body::AttemptFailed(AttemptFailed {
        peer: reply.relay.unwrap_or_default(),
        code: reply.code,
        enhanced: reply.enhanced,
        text,
        ..AttemptFailed::default()
    }))
}

const REFUSED_RECIPIENT: Rule = rule(
    "exim prdr",
    |at| {
        let text = at.peek();
        at.lit("PRDR R=")?;
        at.angle()?;
        at.one_of(&[" acceptance", " refusal", " temporary refusal"])?;
        at.end()?;
        Some(super::notice(model::Kind::ServiceInfo, text))
    },
    "exim src/receive.c (PRDR)",
    &["1xV2wi-0000aR-0j PRDR R=<anna@example.org> temporary refusal"],
);
