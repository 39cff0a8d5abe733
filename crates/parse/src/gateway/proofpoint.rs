//! Proofpoint on Demand: records of its filter (`message`), and of its sendmail (`maillog`).
//!
//! `filter.qid` of the one is `sm.qid` of the other.
//! Source: Proofpoint "PoD Log API" schema 20200420; Sekoia intake format.

use crate::json::{self, Object};
use crate::record::Record;
use crate::rule::{Rule, record_rule};
use crate::stamp;
use bstr::BStr;
use model::{
    Agent, Body, Delays, Delivery, DeliveryStatus, EnhancedStatus, Kind, Notice, Peer, Received,
    Verdict,
};

pub(crate) const RULES: &[Rule] = &[MESSAGE, MAILLOG, PART];

const MESSAGE: Rule = record_rule(
    "proofpoint message",
    message,
    "Proofpoint PoD Log API, type message",
    &[
        r#"{"connection":{"protocol":"smtp:smtp","ip":"192.0.2.25","host":"mx.example.net","sid":"3j6jew035h","helo":"mx.example.net","country":"us"},"filter":{"delivered":{"rcpts":["anna@example.org"]},"qid":"27Q0O7ss000303","modules":{"spam":{"scores":{"overall":12}}},"routes":["outbound"],"durationSecs":0.169678,"disposition":"continue","msgSizeBytes":4857,"routeDirection":"outbound"},"guid":"rkuzwIede_tYDQ-P7qUoNlwm6Hz3u1R5","msg":{"header":{"message-id":["<a1@example.net>"],"from":["\"B\" <bob@example.net>"],"subject":["hello"]},"sizeBytes":4275},"ts":"2026-11-22T01:23:21.071953-0700","metadata":{"origin":{"data":{"agent":"m1.pps.test"}}},"envelope":{"rcpts":["anna@example.org","carl@example.org"],"from":"bob@example.net"},"type":"message"}"#,
    ],
);

fn message<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let filter = record.get("filter")?;
    let connection = record.get("connection")?;
    let message = record.get("msg")?;
    let envelope = record.get("envelope")?;
    record.is("type", "message").then_some(())?;
    head(record)?;
    let filter = Told::of(Some(filter));
    let connection = Told::of(Some(connection));
    let envelope = Told::of(Some(envelope));
    let header = Told::of(json::member(message, "header"));
    record.queue_id = filter.text("qid");
    record.session = connection.text_or_empty("sid");
    let disposition = filter.text_or_empty("disposition");
    Some(Body::Verdict(Box::new(Verdict {
        passed: disposition == "continue",
        category: disposition,
        client: Peer {
            name: connection.text_or_empty("host"),
            address: connection.text_or_empty("ip"),
            port: None,
        },
        mail_from: envelope.get("from").and_then(json::text),
        recipients: envelope.texts("rcpts"),
        queue_id: record.queue_id,
        message_id: header.text("message-id"),
        mail_id: record.text_or_empty("guid"),
        score: overall_score(&filter),
        size: filter.number("msgSizeBytes"),
        took_ms: filter.get("durationSecs").and_then(millis),
        header_from: header.text_or_empty("from"),
        subject: header.text_or_empty("subject"),
        ..Verdict::default()
    })))
}

/// An object in a record.
type Told<'a> = Object<'a, 24>;

/// `filter.modules.spam.scores.overall`, 0 to 100.
fn overall_score(filter: &Told<'_>) -> Option<f32> {
    let spam = json::member(filter.get("modules")?, "spam")?;
    let scores = json::member(spam, "scores")?;
    json::decimal(json::member(scores, "overall")?)
}

/// Seconds with decimals as milliseconds.
fn millis(seconds: &[u8]) -> Option<u64> {
    let millis = json::decimal(seconds)? * 1000.0;
    (0.0..1e12).contains(&millis).then_some(millis as u64)
}

fn head(record: &mut Record<'_>) -> Option<()> {
    record.stamp = stamp::whole_iso(record.text("ts")?)?;
    record.program = "proofpoint";
    let metadata = record.get("metadata").unwrap_or(b"{}");
    let agent = json::member(metadata, "origin")
        .and_then(|origin| json::member(origin, "data"))
        .and_then(|data| json::text(json::member(data, "agent")?));
    record.host = agent.unwrap_or_default();
    Some(())
}

const MAILLOG: Rule = record_rule(
    "proofpoint maillog",
    maillog,
    "Proofpoint PoD Log API, type maillog; sendmail sendmail/envelope.c, deliver.c",
    &[
        r#"{"data":"2026-11-22T01:23:21.935763-07:00 m1 sendmail[22003]: 27PNO8ta032355: to=<anna@example.org>, delay=00:00:03, xdelay=00:00:01, mailer=esmtp, pri=32434, relay=mx.example.org. [192.0.2.25], dsn=2.0.0, stat=Sent (OK: queued as 4jXMbQ4gQcz1Xf52)","tls":{"version":"NONE"},"sm":{"delay":"00:00:03","to":["<anna@example.org>"],"pri":"32434","dsn":"2.0.0","relay":"mx.example.org. [192.0.2.25]","qid":"27PNO8ta032355","xdelay":"00:00:01","stat":"Sent (OK: queued as 4jXMbQ4gQcz1Xf52)","mailer":"esmtp"},"pps":{"cid":"c1","agent":"m1.pps.test"},"ts":"2026-11-22T01:23:21.935763-0700","id":"41K7tSNs","metadata":{"origin":{"data":{"agent":"m1.pps.test"}}},"type":"maillog"}"#,
        r#"{"data":"...","sm":{"to":["REDACTED"],"dsn":"4.0.0","qid":"27PNO8ta032355","stat":"Deferred: Connection timed out","mailer":"esmtp"},"pps":{"agent":"m1.pps.test"},"ts":"2026-11-22T01:23:21.935763-0700","type":"maillog"}"#,
        r#"{"data":"...","sm":{"from":"<bob@example.net>","sizeBytes":"2434","nrcpts":"1","msgid":"<a1@example.net>","proto":"ESMTP","daemon":"MTA","relay":"mx.example.net [192.0.2.10]","qid":"27PNO8ta032355"},"pps":{"agent":"m1.pps.test"},"ts":"2026-11-22T01:23:21.935763-0700","type":"maillog"}"#,
    ],
);

fn maillog<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let written = record.get("sm")?;
    record.is("type", "maillog").then_some(())?;
    head(record)?;
    let sendmail = Told::of(Some(written));
    record.queue_id = sendmail.text("qid");
    match (sendmail.text("stat"), sendmail.text("from")) {
        (Some(stat), _) => Some(sent(&sendmail, stat)),
        (None, Some(mail_from)) => Some(taken(&sendmail, mail_from)),
        (None, None) => Some(Body::Notice(Notice {
            text: sendmail.text("note").unwrap_or_else(|| written.into()),
            ..Notice::default()
        })),
    }
}

fn sent<'a>(sendmail: &Told<'a>, stat: &'a BStr) -> Body<'a> {
    let status = match &**stat {
        stat if stat.starts_with(b"Sent") => DeliveryStatus::Sent,
        stat if stat.starts_with(b"Deferred") || stat.starts_with(b"queued") => {
            DeliveryStatus::Deferred
        }
        _ => DeliveryStatus::Bounced,
    };
    let agent = match sendmail.text("mailer").map(|mailer| &**mailer) {
        Some(b"local" | b"*file*") => Agent::Local,
        Some(b"prog") => Agent::Pipe,
        _ => Agent::Smtp,
    };
    Body::Delivery(Delivery {
        rcpt_to: bare(sendmail.texts("to")),
        relay: relay(sendmail.text_or_empty("relay")),
        delays: Delays {
            total_ms: sendmail.text("delay").and_then(clock_ms).unwrap_or(0),
            stages_ms: None,
        },
        enhanced: sendmail.text("dsn").and_then(enhanced),
        status,
        agent,
        text: stat,
        remote_reply: stat.contains(&b'('),
        next_queue_id: queued_as(stat),
        ..Delivery::default()
    })
}

/// `D+HH:MM:SS` or `HH:MM:SS`. Source: sendmail `sendmail/convtime.c` (`pintvl`).
fn clock_ms(text: &BStr) -> Option<u64> {
    let text: &[u8] = text;
    let (days, clock) = match text.iter().position(|byte| *byte == b'+') {
        Some(at) => (json::number::<u64>(&text[..at])?, &text[at + 1..]),
        None => (0, text),
    };
    let [hours, minutes, seconds] = three(clock)?;
    let hours = days.checked_mul(24)?.checked_add(hours)?;
    let seconds = hours
        .checked_mul(3600)?
        .checked_add(minutes * 60 + seconds)?;
    seconds.checked_mul(1000)
}

fn three(clock: &[u8]) -> Option<[u64; 3]> {
    let mut parts = clock.split(|byte| *byte == b':');
    let mut next = || json::number::<u64>(parts.next()?).filter(|part| *part < 100);
    Some([next()?, next()?, next()?])
}

fn enhanced(text: &BStr) -> Option<EnhancedStatus> {
    crate::scan::Scan::new(text, b"").enhanced()
}

fn queued_as(stat: &BStr) -> Option<&BStr> {
    let at = memchr::memmem::find(stat, b"queued as ")?;
    let id = stat[at + 10..]
        .split(|byte| !byte.is_ascii_alphanumeric())
        .next()?;
    (!id.is_empty()).then(|| id.into())
}

/// An address without the angle brackets round it.
fn bare(address: &BStr) -> &BStr {
    let inner = address
        .strip_prefix(b"<")
        .and_then(|it| it.strip_suffix(b">"));
    inner.map_or(address, |it| it.into())
}

/// `mx.example.org. [192.0.2.25]`.
fn relay(text: &BStr) -> Peer<'_> {
    let Some(open) = memchr::memchr(b'[', text) else {
        return Peer {
            name: text,
            ..Peer::default()
        };
    };
    Peer {
        name: text[..open].trim_ascii_end().into(),
        address: text[open + 1..]
            .split(|byte| *byte == b']')
            .next()
            .unwrap_or_default()
            .into(),
        port: None,
    }
}

fn taken<'a>(sendmail: &Told<'a>, mail_from: &'a BStr) -> Body<'a> {
    Body::Received(Box::new(Received {
        client: relay(sendmail.text_or_empty("relay")),
        protocol: sendmail.text_or_empty("proto"),
        mail_from: bare(mail_from),
        size: sendmail.number("sizeBytes"),
        recipients: sendmail.number("nrcpts"),
        message_id: sendmail.text("msgid"),
        ..Received::default()
    }))
}

const PART: Rule = record_rule(
    "proofpoint message part",
    part,
    "Proofpoint PoD Log API, type msgParts",
    &[
        r#"{"msgParts":{"structureId":"0","labeledName":"text.html","detectedSizeBytes":2118,"urls":[{"url":"http://x.test/","src":["filter"]}]}, "type": "msgParts", "guid": "rkuzwIede_tYDQ", "uuid": "eb99b626-c278-4af3-96f8-5a194e016a43","disposition":"continue"}"#,
    ],
);

fn part<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let part = record.get("msgParts")?;
    record.is("type", "msgParts").then_some(())?;
    record.program = "proofpoint";
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        about: record.text_or_empty("guid"),
        text: part.into(),
        ..Notice::default()
    }))
}
