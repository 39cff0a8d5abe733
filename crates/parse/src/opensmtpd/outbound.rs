//! Sessions with next hops: `SID mta ...`.
//! Source: OpenSMTPD `usr.sbin/smtpd/mta_session.c`.

use super::pairs::pair;
use super::peer;
use crate::notices::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memrchr;
use model::{AttemptFailed, Body, Kind, Notice, Peer};

pub(super) const RULES: &[Rule] = &[CONNECTING, TLS, ERROR, STATE];

const CONNECTING: Rule = rule(
    "opensmtpd connecting",
    connecting,
    "OpenSMTPD mta_session.c (mta_connect)",
    &[
        "5df87c972116a049 mta connecting address=smtp://192.0.2.25:25 host=mx.example.net",
        "5df87c972116a049 mta event=connecting address=smtp+tls://[2001:db8::25]:587 host=mx.example.net",
    ],
);

fn connecting<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("mta ")?;
    at.has("event=");
    let text = at.peek();
    at.lit("connecting address=")?;
    at.until_str("://")?;
    let target = at.word()?;
    at.lit(" host=")?;
    let host = at.remainder();
    Some(Body::Notice(Notice {
        peer: address_and_port(target, host)?,
        text: text.into(),
        ..Notice::default()
    }))
}

/// `192.0.2.25:25`, `[2001:db8::25]:25`.
pub(super) fn address_and_port<'a>(target: &'a BStr, host: &'a BStr) -> Option<Peer<'a>> {
    let colon = memrchr(b':', target)?;
    Some(Peer {
        port: Some(Scan::new(&target[colon + 1..], b"").number()?),
        ..peer(target[..colon].into(), host)
    })
}

const TLS: Rule = rule(
    "opensmtpd tls out",
    tls,
    "OpenSMTPD mta_session.c (mta_tls_started)",
    &[
        "5df87c972116a049 mta tls ciphers=TLSv1.3:TLS_AES_256_GCM_SHA384:256",
        "5df87c972116a049 mta event=starttls ciphers=\"version=TLSv1.2, cipher=ECDHE-RSA-AES256-GCM-SHA384, bits=256\"",
    ],
);

fn tls<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("mta ")?;
    at.has("event=");
    at.one_of(&["tls", "starttls"])?;
    let (key, value) = pair(at)?;
    at.end()?;
    (key == "ciphers").then_some(())?;
    let tls = super::inbound::encryption(value, false, Peer::default())?;
    Some(Body::Tls(tls))
}

const ERROR: Rule = rule(
    "opensmtpd attempt failed",
    error,
    "OpenSMTPD mta_session.c (mta_error)",
    &[
        "5df87c972116a049 mta error reason=Connection timeout",
        "5df87c972116a049 mta event=error reason=IO Error: Connection refused",
        "5df87c972116a049 mta host-rejects-all-mails",
        "5df87c972116a049 mta closing reason=tls-failure",
    ],
);

fn error<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("mta ")?;
    at.has("event=");
    let text = at.peek();
    let text = match at.one_of(&[
        "error reason=",
        "closing reason=",
        "closing, reason=",
        "host-rejects-all-mails",
    ])? {
        "host-rejects-all-mails" => text.into(),
        _ => at.remainder(),
    };
    Some(Body::AttemptFailed(AttemptFailed {
        text,
        ..AttemptFailed::default()
    }))
}

const STATE: Rule = rule(
    "opensmtpd session out",
    state,
    "OpenSMTPD mta_session.c",
    &[
        "5df87c972116a049 mta connected",
        "5df87c972116a049 mta disconnected reason=quit messages=1",
        "5df87c972116a049 mta cert-check result=\"valid\" fingerprint=\"SHA256:0a1b2c\"",
        "5df87c972116a049 mta event=closed reason=quit messages=0",
        "5df87c972116a049 mta event=server-cert-check result=\"success\"",
    ],
);

fn state<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("mta ")?;
    at.has("event=");
    let text = at.peek();
    at.one_of(&[
        "connected",
        "disconnected reason=",
        "closed reason=",
        "cert-check result=",
        "server-cert-check result=",
    ])?;
    Some(notice(Kind::ServiceInfo, text))
}
