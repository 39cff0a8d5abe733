//! What postscreen and dnsblog tell of themselves.

use crate::postfix::notice::{counted, notice};
use crate::postfix::smtpd::{discarded_keywords, haproxy, replaced_command};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind, Notice, Peer};

pub(super) const LIST_TIMEOUT: Rule = rule(
    "postscreen dnsblog timeout",
    list_timeout,
    "postfix src/postscreen/postscreen_dnsbl.c",
    &["warning: dnsblog reply timeout 10s for dnsbl.example.test"],
);

fn list_timeout<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("dnsblog reply timeout ")?;
    let seconds = at.number()?;
    at.lit("s for ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceWarning,
        about: "dnsblog reply timeout".into(),
        period_secs: Some(seconds),
        text: at.remainder(),
        ..Notice::default()
    }))
}

pub(super) const LIST_FAILED: Rule = rule(
    "dnsblog lookup failed",
    list_failed,
    "postfix src/dnsblog/dnsblog.c",
    &[
        "warning: dnsblog_query: lookup error for DNS query 7.2.0.192.dnsbl.example.test: Host or domain name not found. Name service error for name=7.2.0.192.dnsbl.example.test type=A: Host not found, try again",
    ],
);

fn list_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("dnsblog_query: lookup error for DNS query ")?;
    let about = at.until_str(": ")?;
    notice(Kind::ServiceWarning, about, at.remainder())
}

pub(super) const CACHE_DELAY: Rule = rule(
    "postscreen cache delay",
    cache_delay,
    "postfix src/postscreen/postscreen_dict.c",
    &[
        "warning: psc_cache_update: btree:/var/lib/postfix/postscreen_cache update average delay is 147 ms",
    ],
);

fn cache_delay<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("psc_")?;
    at.until_str(": ")?;
    let about = at.until_str(" average delay is ")?;
    let millis = at.number()?;
    at.lit(" ms")?;
    at.end()?;
    counted(
        Kind::ServiceWarning,
        about,
        Some(millis),
        "average delay in ms".into(),
    )
}

pub(super) const STRESS: Rule = rule(
    "postscreen stress",
    stress,
    "postfix src/postscreen/postscreen_state.c",
    &[
        "entering STRESS mode with 90 connections",
        "leaving STRESS mode with 70 connections",
    ],
);

fn stress<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let about = at.one_of(&["entering STRESS mode", "leaving STRESS mode"])?;
    at.lit(" with ")?;
    let connections = at.number()?;
    at.lit(" connections")?;
    at.end()?;
    counted(
        Kind::ServiceLimitReached,
        about.into(),
        Some(connections),
        BStr::new(b""),
    )
}

pub(super) const NAME_LOST: Rule = rule(
    "postscreen client lost",
    name_lost,
    "postfix src/postscreen/postscreen_endpt.c",
    &[
        "warning: getpeername: Transport endpoint is not connected -- dropping this connection",
        "warning: getsockname: Transport endpoint is not connected -- dropping this connection",
        "warning: cannot convert client address/port to string: bad value -- dropping this connection",
    ],
);

fn name_lost<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let about = at.one_of(&[
        "getpeername",
        "getsockname",
        "cannot convert client address/port to string",
        "cannot convert server address/port to string",
    ])?;
    at.lit(": ")?;
    let text = at.until_str(" -- dropping this connection")?;
    at.end()?;
    notice(Kind::ServiceWarning, about.into(), text)
}

pub(super) const HANDOFF: Rule = rule(
    "postscreen handoff failed",
    handoff,
    "postfix src/postscreen/postscreen_send.c, src/postscreen/postscreen_starttls.c",
    &[
        "warning: cannot connect to service private/smtpd: Connection refused",
        "warning: cannot pass connection to service private/smtpd: Broken pipe",
        "warning: timeout sending connection to service private/smtpd",
        "warning: problem sending file handle to tlsproxy service",
    ],
);

fn handoff<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let about = at.one_of(&[
        "cannot connect to service",
        "cannot pass connection to service",
        "timeout sending connection to service",
        "problem sending file handle to",
    ])?;
    at.lit(" ")?;
    let mut ahead = *at;
    let (service, text) = match ahead.until_str(": ") {
        Some(service) => (service, ahead.remainder()),
        None => (at.remainder(), BStr::new(b"")),
    };
    Some(Body::Notice(Notice {
        kind: Kind::ServiceWarning,
        about: about.into(),
        service,
        text,
        ..Notice::default()
    }))
}

pub(super) const HAPROXY: Rule = rule(
    "postscreen haproxy read",
    haproxy,
    "postfix src/postscreen/postscreen_haproxy.c",
    &["warning: haproxy read: time limit exceeded"],
);

pub(super) const EHLO_KEYWORDS: Rule = rule(
    "postscreen ehlo keywords",
    ehlo_keywords,
    "postfix src/postscreen/postscreen_smtpd.c",
    &[
        "[192.0.2.7]36942: discarding EHLO keywords: CHUNKING",
        "[192.0.2.7]:36942: discarding EHLO keywords: CHUNKING",
    ],
);

// The format lacks a colon before the port in most versions.
fn ehlo_keywords<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("[")?;
    let address = at.until(b']')?;
    at.has(":");
    let port = Some(at.number()?);
    at.lit(": ")?;
    let client = Peer {
        name: BStr::new(b""),
        address,
        port,
    };
    discarded_keywords(at, client)
}

pub(super) const REPLACED_COMMAND: Rule = rule(
    "postscreen replaced command",
    replaced_command,
    "postfix src/postscreen/postscreen_smtpd.c (postscreen_command_filter)",
    &[r#"[192.0.2.7]:36942: replacing command "HELO x" with "HELO y""#],
);
