//! The lines of FortiMail's mail server, a Sendmail, in `msg` of events of subtype `smtp`.

use super::fields_of;
use crate::filter::notice;
use crate::rule::{Rule, first_match, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{
    AccessAction, AccessCheck, Body, Delays, Delivery, DeliveryStatus, Envelope, Kind, Peer,
    Received, Source, Tls, TlsFailed,
};

pub(crate) const RULES: &[Rule] = &[FROM, TO, STARTTLS];

/// Takes a line apart by the rule for what the server's own text starts with.
pub(super) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    const BEGIN: &[u8] = b" msg=\"";
    let message = memmem::rfind(at.peek(), BEGIN)? + BEGIN.len();
    match &at.peek()[message..] {
        [b'f', ..] => first_match(&[&[FROM]], at),
        [b't', ..] => first_match(&[&[TO]], at),
        [b'S', ..] => first_match(&[&[STARTTLS]], at),
        _ => None,
    }
}

/// The server's own text, if it starts so.
fn message<'a>(at: &mut Scan<'a>, start: &[u8]) -> Option<Scan<'a>> {
    let found = fields_of(at, &["event"])?;
    (*found.subtype == "smtp" && found.message.starts_with(start)).then_some(())?;
    Some(at.over(found.message))
}

const FROM: Rule = rule(
    "fortimail from",
    from,
    "sendmail sendmail/envelope.c (logsender)",
    &[
        "date=2026-11-22 time=08:23:21.932 device_id=FE1 log_id=0003014907 type=event subtype=smtp pri=information  user=mail ui=mail action=NONE status=N/A session_id=\"13KGXMHI007058-13KGXMHK007058\" msg=\"from=<bob@example.net>, size=2201, class=0, nrcpts=1, proto=ESMTP, daemon=SMTP_MTA, relay=mail.example.net [203.0.113.9]\"",
        "date=2026-11-22 time=08:23:21.932 device_id=FE1 log_id=0003014907 type=event subtype=smtp pri=information  user=mail ui=mail action=NONE status=N/A session_id=\"13KGXMHI007058\" msg=\"from=<>, size=0, class=0, nrcpts=0, msgid=<a1@example.net>, proto=SMTP, daemon=SMTP_MTA, relay=[203.0.113.9]\"",
    ],
);

fn from<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let mut text = message(at, b"from=")?;
    let whole = text.peek();
    text.lit("from=")?;
    let mut found = Received::default();
    let mail_from = text.until_str(", ")?;
    found.mail_from = unangled(mail_from);
    text.lit("size=")?;
    found.size = Some(text.number()?);
    while text.has(", ") {
        let key = text.until(b'=')?;
        let value = text.while_(|byte| byte != b',');
        match &**key {
            b"nrcpts" => found.recipients = Some(text.over(value).number()?),
            b"proto" => found.protocol = value,
            b"msgid" => found.message_id = Some(value),
            b"relay" => found.client = relay(text.over(value)),
            _ => {}
        }
    }
    text.end()?;
    if found.recipients == Some(0) {
        // No recipient was taken: nothing came into the queue.
        return Some(Body::Access(AccessCheck {
            action: AccessAction::Info,
            source: Source::Access,
            stage: BStr::new("MAIL"),
            client: found.client,
            text: whole.into(),
            envelope: Envelope {
                mail_from: Some(found.mail_from),
                protocol: Some(found.protocol),
                ..Envelope::default()
            },
            ..AccessCheck::default()
        }));
    }
    Some(Body::Received(Box::new(found)))
}

fn unangled(address: &BStr) -> &BStr {
    let inner = address
        .strip_prefix(b"<")
        .and_then(|it| it.strip_suffix(b">"));
    inner.map_or(address, BStr::new)
}

/// `HOST [ADDRESS]`, `[ADDRESS]`, also with `(may be forged)` behind.
fn relay<'a>(mut text: Scan<'a>) -> Peer<'a> {
    text.while_(|byte| byte == b' ');
    let name = text.while_(|byte| !matches!(byte, b' ' | b'['));
    text.while_(|byte| byte == b' ');
    let address = if text.has("[") {
        text.while_(|byte| byte != b']')
    } else {
        BStr::new("")
    };
    Peer {
        name,
        address,
        port: None,
    }
}

const TO: Rule = rule(
    "fortimail to",
    to,
    "sendmail sendmail/deliver.c (logdelivery)",
    &[
        "date=2026-11-22 time=08:23:21.615 device_id=FE1 log_id=0003007072 type=event subtype=smtp pri=information  user=mail ui=mail action=NONE status=N/A session_id=\"13KGXMHI007058-13KGXMHK007058\" msg=\"to=<anna@example.org>, delay=00:00:13, xdelay=00:00:12, mailer=esmtp, pri=50733, relay=mx1.example.org. [192.0.2.10], dsn=2.0.0, stat=Sent (Ok: queued as 4T9pxY2qZtz2XPBPX)\"",
        "date=2026-11-22 time=08:23:21.615 device_id=FE1 log_id=0003007072 type=event subtype=smtp pri=information  user=mail ui=mail action=NONE status=N/A session_id=\"13KGXMHI007058-13KGXMHK007058\" msg=\"to=<anna@example.org>,<bob@example.org>, delay=1+02:00:13, xdelay=00:00:12, mailer=esmtp, pri=50733, relay= [192.0.2.10], dsn=4.0.0, stat=Deferred: Connection timed out with mx1.example.org.\"",
        "date=2026-11-22 time=08:23:21.615 device_id=FE1 log_id=0003007072 type=event subtype=smtp pri=information  user=mail ui=mail action=NONE status=N/A session_id=\"13KGXMHI007058-13KGXMHK007058\" msg=\"to=<anna@example.org>, delay=00:00:13, xdelay=00:00:12, mailer=esmtp, pri=50733, relay=mx1.example.org. [192.0.2.10], dsn=5.1.1, stat=User unknown\"",
    ],
);

fn to<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let mut text = message(at, b"to=")?;
    text.lit("to=")?;
    let mut found = Delivery {
        rcpt_to: unangled(text.until_str(", delay=")?),
        ..Delivery::default()
    };
    found.delays = Delays {
        total_ms: clock_ms(&mut text)?,
        stages_ms: None,
    };
    let mut parts = text.over(text.peek());
    if parts.until_str(", relay=").is_some() {
        let host = parts.until_str(", dsn=")?;
        found.relay = relay(parts.over(host));
        found.enhanced = parts.enhanced();
    }
    text.until_str(", stat=")?;
    let stat = text.remainder();
    found.text = stat;
    found.status = status(stat)?;
    if found.status == DeliveryStatus::Sent {
        found.remote_reply = true;
        found.next_queue_id = queued_as(text.over(stat));
    }
    Some(Body::Delivery(found))
}

fn status(stat: &[u8]) -> Option<DeliveryStatus> {
    if stat.starts_with(b"Sent") {
        return Some(DeliveryStatus::Sent);
    }
    if stat.starts_with(b"Deferred") || stat.starts_with(b"queued") {
        return Some(DeliveryStatus::Deferred);
    }
    (!stat.is_empty()).then_some(DeliveryStatus::Bounced)
}

fn queued_as<'a>(mut text: Scan<'a>) -> Option<&'a BStr> {
    text.until_str("queued as ")?;
    let id = text.while_(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (!id.is_empty()).then_some(id)
}

/// Takes `DAYS+HH:MM:SS` or `HH:MM:SS`. Source: sendmail `sendmail/convtime.c`.
fn clock_ms(at: &mut Scan<'_>) -> Option<u64> {
    let first: u64 = at.number()?;
    let (days, hours) = if at.has("+") {
        (first, at.number()?)
    } else {
        (0, first)
    };
    at.lit(":")?;
    let minutes: u64 = at.number()?;
    at.lit(":")?;
    let seconds: u64 = at.number()?;
    let in_range = days < 1000 && hours < 100 && minutes < 60 && seconds < 61;
    in_range.then_some((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)
}

const STARTTLS: Rule = rule(
    "fortimail starttls",
    starttls,
    "sendmail sendmail/tls.c (tls_get_info)",
    &[
        "date=2026-11-22 time=08:23:21.601 device_id=FE1 log_id=0003007110 type=event subtype=smtp pri=information  user=mail ui=mail action=NONE status=N/A session_id=\"13KGXMHI007058\" msg=\"STARTTLS=server, relay=mail.example.net [203.0.113.9], version=TLSv1.2, verify=NO, cipher=ECDHE-RSA-AES256-GCM-SHA384, bits=256/256\"",
        "date=2026-11-22 time=08:23:21.153 device_id=FE1 log_id=0003007110 type=event subtype=smtp pri=information  user=mail ui=mail action=NONE status=N/A session_id=\"13KGXMHI007058-13KGXMHK007058\" msg=\"STARTTLS=client, cert-subject=/CN=mx1.example.org, cert-issuer=/CN=x, verifymsg=unable to get local issuer certificate\"",
        "date=2026-11-22 time=08:23:21.153 device_id=FE1 log_id=0003007110 type=event subtype=smtp pri=warning  user=mail ui=mail action=NONE status=N/A session_id=\"13KGXMHI007058\" msg=\"STARTTLS=server, error: accept failed=-1, reason=unknown, SSL_error=5\"",
    ],
);

fn starttls<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let mut text = message(at, b"STARTTLS=")?;
    let whole = text.peek();
    text.lit("STARTTLS=")?;
    let inbound = text.one_of(&["server, ", "client, "])? == "server, ";
    if text.has("cert-subject=") {
        return Some(Body::Notice(notice(Kind::ServiceInfo, whole)));
    }
    if !text.has("relay=") {
        memmem::find(whole, b"error").or_else(|| memmem::find(whole, b"fail"))?;
        return Some(Body::TlsFailed(TlsFailed {
            inbound,
            reason: text.remainder(),
            ..TlsFailed::default()
        }));
    }
    let host = text.until_str(", version=")?;
    let peer = relay(text.over(host));
    let protocol = text.until_str(", verify=")?;
    let trust = text.until_str(", cipher=")?;
    let cipher = text.until_str(", bits=")?;
    let bits_used = text.number()?;
    text.lit("/")?;
    let bits_total = text.number()?;
    text.end()?;
    Some(Body::Tls(Tls {
        inbound,
        peer,
        trust,
        protocol,
        cipher,
        bits_used,
        bits_total,
        ..Tls::default()
    }))
}
