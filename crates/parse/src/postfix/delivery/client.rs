//! What the SMTP and LMTP client tells of its work beside the status line.

use crate::postfix::notice::{counted, fixed, notice, warning};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use model::{AccessAction, Body, ContentCheck, Kind, Notice, Peer};

pub(super) const EHLO_KEYWORDS: Rule = rule(
    "smtp EHLO keywords discarded",
    ehlo_keywords,
    "postfix src/smtp/smtp_proto.c",
    &["discarding EHLO keywords: 8BITMIME STARTTLS"],
);

fn ehlo_keywords<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    // smtpd has the same line.
    if at.program == b"smtpd" {
        return None;
    }
    at.lit("discarding EHLO keywords: ")?;
    notice(Kind::ServiceInfo, at.remainder(), BStr::new(b""))
}

pub(super) const PASSING: Rule = rule(
    "smtp passing",
    passing,
    "postfix src/global/deliver_pass.c",
    &["2F922A14CB6: passing <bob@example.net> to transport=uucp"],
);

fn passing<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    at.lit("passing ")?;
    let rcpt_to = at.angle()?;
    at.lit(" to transport=")?;
    notice(Kind::ServiceInfo, at.remainder(), rcpt_to)
}

pub(super) const WORKAROUND: Rule = rule(
    "smtp PIX workaround",
    workaround,
    "postfix src/smtp/smtp_proto.c",
    &[
        "2F922A14CB6: enabling PIX workarounds: disable_esmtp delay_dotcrlf for mx.example.net[192.0.2.25]:25",
        "2F922A14CB6: enabling PIX <CRLF>.<CRLF> workaround for mx.example.net[192.0.2.25]:25",
    ],
);

fn workaround<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    at.lit("enabling PIX ")?;
    let about = if at.has("workarounds: ") {
        at.until_str(" for ")?
    } else {
        at.until_str(" workaround for ")?
    };
    let peer = at.peer()?;
    at.end()?;
    Some(Body::Notice(Notice {
        peer,
        about,
        ..Notice::default()
    }))
}

pub(super) const BREAKING_LINE: Rule = rule(
    "smtp breaking line",
    breaking_line,
    "postfix src/smtp/smtp_proto.c",
    &["2F922A14CB6: breaking line > 998 bytes with <CR><LF>SPACE"],
);

fn breaking_line<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    at.lit("breaking line > ")?;
    let bytes = at.number()?;
    at.lit(" bytes with ")?;
    counted(
        Kind::ServiceInfo,
        BStr::new(b""),
        Some(bytes),
        at.remainder(),
    )
}

pub(super) const NO_MX_ADDRESS: Rule = rule(
    "smtp no MX address",
    no_mx_address,
    "postfix src/smtp/smtp_addr.c",
    &["warning: no MX host for example.net has a valid address record"],
);

fn no_mx_address<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("no MX host for ")?;
    let domain = at.word()?;
    at.lit(" has a valid address record")?;
    at.end()?;
    notice(Kind::ServiceWarning, domain, BStr::new(b""))
}

pub(super) const OWN_HOSTNAME: Rule = rule(
    "smtp own hostname met",
    own_hostname,
    "postfix src/smtp/smtp_proto.c",
    &[
        "warning: host mx.example.net[192.0.2.25]:25 greeted me with my own hostname mx1.example.org",
        "warning: host mx.example.net[192.0.2.25]:25 replied to HELO/EHLO with my own hostname mx1.example.org",
    ],
);

fn own_hostname<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("host ")?;
    let peer = at.peer()?;
    at.lit(" ")?;
    let text = at.peek();
    at.one_of(&["greeted me", "replied to HELO/EHLO"])?;
    at.lit(" with my own hostname ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceWarning,
        peer,
        about: at.remainder(),
        text: text.into(),
        ..Notice::default()
    }))
}

pub(super) const ODD_RESPONSE: Rule = rule(
    "smtp odd response",
    odd_response,
    "postfix src/smtp/smtp_chat.c",
    &["warning: 2F922A14CB6: non-ESMTP response from mx.example.net[192.0.2.25]:25: hello"],
);

fn odd_response<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.queue_id?;
    at.lit("non-")?;
    let about = at.one_of(&["ESMTP", "LMTP"])?;
    at.lit(" response from ")?;
    let peer = at.peer()?;
    at.lit(": ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceWarning,
        peer,
        about: about.into(),
        text: at.remainder(),
        ..Notice::default()
    }))
}

pub(super) const ODD_RESPONSE_ADVICE: Rule = rule(
    "smtp odd response advice",
    odd_response_advice,
    "postfix src/smtp/smtp_chat.c",
    &[
        "warning: to prevent loss of mail, turn off command pipelining for 192.0.2.25 with the smtp_discard_ehlo_keyword_address_maps parameter",
    ],
);

fn odd_response_advice<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("to prevent loss of mail, turn off command pipelining for ")?;
    let address = at.word()?;
    at.lit(" with the ")?;
    let about = at.word()?;
    at.lit(" parameter")?;
    at.end()?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceWarning,
        peer: Peer {
            address,
            ..Peer::default()
        },
        about,
        ..Notice::default()
    }))
}

pub(super) const RELAY_SETTING: Rule = rule(
    "smtp relay setting",
    relay_setting,
    "postfix src/smtp/smtp_connect.c",
    &["warning: relayhost configuration problem"],
);

fn relay_setting<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    fixed(
        at,
        Kind::ServiceError,
        &[
            "relayhost configuration problem",
            "smtp_fallback_relay configuration problem",
            "lmtp_fallback_relay configuration problem",
        ],
    )
}

pub(super) const SASL_LIBRARY: Rule = rule(
    "smtp SASL library",
    sasl_library,
    "postfix src/xsasl/xsasl_cyrus_log.c",
    &["warning: SASL authentication failure: No worthy mechs found"],
);

fn sasl_library<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("SASL authentication failure: ")?;
    notice(
        Kind::ServiceWarning,
        BStr::new(b"SASL authentication failure"),
        at.remainder(),
    )
}

pub(super) const DNSSEC: Rule = rule(
    "smtp DNSSEC",
    dnssec,
    "postfix src/smtp/smtp_tls_policy.c, src/dns/dns_sec.c",
    &[
        "warning: TLSA lookup error for mx.example.net:25",
        "warning: DNSSEC validation may be unavailable",
        "warning: reason: dnssec_probe 'ns:.' received a response that is not DNSSEC validated",
    ],
);

fn dnssec<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    let text = at.peek();
    let about = if at.has("TLSA lookup error for ") {
        at.remainder()
    } else if at.has("reason: dnssec_probe '") {
        at.until(b'\'')?
    } else {
        at.lit("DNSSEC validation may be unavailable")?;
        at.end()?;
        BStr::new(b"")
    };
    notice(Kind::ServiceWarning, about, text.into())
}

/// What `%.60s` leaves of the content. Source: postfix `src/smtp/smtp_proto.c` (`smtp_hbc_logger`).
const CONTENT_BYTES_MAX: usize = 60;

pub(super) const CONTENT_CHECK: Rule = rule(
    "smtp content check",
    content_check,
    "postfix src/smtp/smtp_proto.c",
    &[
        "2F922A14CB6: warning: header Subject: invoice",
        "2F922A14CB6: replace: header From: Anna <anna@mx1.example.org>: From: Anna <anna@example.org>",
        "2F922A14CB6: info: body Dear: all: seen",
        "2F922A14CB6: strip: header X-Long: 0123456789012345678901234567890123456789012345678901: too long",
    ],
);

fn content_check<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    // cleanup's lines, which have more behind the content, start alike.
    if at.program != b"smtp" && at.program != b"lmtp" {
        return None;
    }
    let action = match at.one_of(&["warning: ", "info: ", "replace: ", "prepend: ", "strip: "])? {
        "warning: " => AccessAction::Warn,
        "info: " => AccessAction::Info,
        "replace: " => AccessAction::Replace,
        "prepend: " => AccessAction::Prepend,
        _ => AccessAction::Strip,
    };
    let part = at.one_of(&["header", "body"])?;
    at.lit(" ")?;
    let header_name = if part == "header" {
        let name = at.until(b':')?;
        at.has(" ");
        name
    } else {
        BStr::new(b"")
    };
    let name_bytes = match header_name.len() {
        0 => 0,
        len => len + ": ".len(),
    };
    let (content, text) = content_and_text(at.remainder(), name_bytes);
    Some(Body::Content(ContentCheck {
        action,
        part: part.into(),
        header_name,
        content,
        text,
        ..ContentCheck::default()
    }))
}

/// Splits the content from the rule's text: where the content was cut, else at the first colon.
fn content_and_text(rest: &BStr, before: usize) -> (&BStr, &BStr) {
    const BETWEEN: &[u8] = b": ";
    let cut = CONTENT_BYTES_MAX.saturating_sub(before);
    let at = match rest.get(cut..) {
        Some(behind) if behind.starts_with(BETWEEN) => Some(cut),
        _ => rest.find(BETWEEN),
    };
    match at {
        Some(at) => (rest[..at].into(), rest[at + BETWEEN.len()..].into()),
        None => (rest, BStr::new(b"")),
    }
}
