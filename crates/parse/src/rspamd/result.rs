//! What came of a scan. Source: rspamd `src/libserver/task.c` (`rspamd_task_write_log`).

use crate::filter::{address, decimal, notice};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{Body, Kind, Notice, Verdict};

pub(crate) const RULES: &[Rule] = &[RESULT, LOADED];

const RESULT: Rule = rule(
    "rspamd result",
    result,
    "rspamd src/libserver/task.c (rspamd_task_write_log), conf/logging.inc",
    &[
        "2026-11-22 08:23:21 #1234(normal) <a1b2c3>; task; rspamd_task_write_log: id: <a1@example.net>, qid: <4jXNLn0rVKzyQd>, ip: 203.0.113.9, from: <bob@example.net>, (default: F (no action): [-1.20/15.00] [BAYES_HAM(-3.00){100.00%;},R_SPF_ALLOW(-0.20){+ip4:203.0.113.0/24;},ARC_NA(0.00){}]), len: 3100, time: 182.331ms, dns req: 34, digest: <0123456789abcdef0123456789abcdef>, rcpts: <anna@example.org>, mime_rcpts: <anna@example.org,>",
        "Nov 22 08:23:21 mx1 rspamd[1234]: <a1b2c3>; task; rspamd_task_write_log: id: <undef>, ip: 2001:db8::9, user: anna, from: <>, (default: T (soft reject): [17.60/nan] [X(1.00){a, b]), len: 7;},...;]), len: 3100, time: 123.4ms real, 5.6ms virtual, dns req: 0, digest: <0123456789abcdef0123456789abcdef>, rcpts: <anna@example.org,bob@example.org>, mime_rcpts: <>, forced: reject \"Malicious\"; score=nan (set by clamav)",
        "2026-11-22 08:23:21.100 [INFO] #1234(normal) <a1b2c3>; rspamd_task_write_log: id: <a1@example.net>, qid: <4jXNLn0rVKzyQd>, ip: 203.0.113.9, (add header): [8.2/15.0] [BAYES_SPAM(5.0)], len: 3456, time: 12.10ms",
        "{\"ts\": 1795335801.25, \"pid\": 1234, \"severity\": \"info\", \"worker_type\": \"normal\", \"id\": \"a1b2c3\", \"module\": \"task\", \"function\": \"rspamd_task_write_log\", \"message\": \"id: <a1@example.net>, ip: 203.0.113.9, from: <bob@example.net>, (default: F (no action): [-1.20/15.00] [X(1.00){\\\"a\\\";}]), len: 3100, time: 182.331ms, dns req: 34, digest: <0123456789abcdef0123456789abcdef>\"}",
    ],
);

fn result<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("id: ")?;
    let message_id = message_id(at)?;
    at.lit(", ")?;
    let mut found = Verdict::default();
    if *message_id != "<undef>" {
        found.message_id = Some(message_id);
    }
    while !at.has("(") {
        origin(at, &mut found)?;
    }
    action(at, &mut found)?;
    at.lit(" [")?;
    symbols(at, &mut found)?;
    while at.end().is_none() {
        item(at, &mut found)?;
    }
    at.queue_id = found.queue_id;
    Some(Body::Verdict(Box::new(found)))
}

/// Takes `<ID>` with its brackets, as the MTA logs it; ids may hold `>` themselves.
fn message_id<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let text = at.peek();
    text.starts_with(b"<").then_some(())?;
    let end = memmem::find(text, b">, ").or_else(|| memmem::find(text, b">; "))?;
    *at = at.over(&text[end + 1..]);
    Some(text[..=end].into())
}

/// Takes `qid: <QID>, `, `ip: IP, `, `user: USER, ` or `from: <ADDRESS>, `.
fn origin<'a>(at: &mut Scan<'a>, found: &mut Verdict<'a>) -> Option<()> {
    match at.one_of(&["qid: <", "ip: ", "user: ", "from: <", "smtp_from: <"])? {
        "qid: <" => found.queue_id = Some(at.until_str(">, ")?),
        "ip: " => found.client = address(at.until_str(", ")?),
        "user: " => found.user = at.until_str(", ")?,
        _ => found.mail_from = Some(at.until_str(">, ")?),
    }
    Some(())
}

/// Takes `default: T (reject): [17.60/15.00]`, of old without the first two words.
fn action<'a>(at: &mut Scan<'a>, found: &mut Verdict<'a>) -> Option<()> {
    let mut ahead = *at;
    let word = ahead.while_(|byte| byte != b'(' && byte != b')');
    if word.ends_with(b": T ") || word.ends_with(b": F ") || word.ends_with(b": S ") {
        ahead.lit("(")?;
        *at = ahead;
    }
    found.category = at.until_str("): [")?;
    found.passed = !matches!(
        &**found.category,
        b"reject" | b"soft reject" | b"greylist" | b"discard" | b"quarantine"
    );
    found.score = decimal(at.until(b'/')?);
    found.required = decimal(at.until(b']')?);
    Some(())
}

/// Takes the symbols up to `])` or `]`; their options may hold anything.
fn symbols<'a>(at: &mut Scan<'a>, found: &mut Verdict<'a>) -> Option<()> {
    let text = at.peek();
    let (end, len) = match memmem::rfind(text, b"]), len: ") {
        Some(end) => (end, 2),
        None => (memmem::rfind(text, b"], len: ")?, 1),
    };
    found.tests = text[..end].into();
    *at = at.over(&text[end + len..]);
    Some(())
}

/// Takes `, KEY: VALUE`; a comma at the end belongs to an item that is absent.
fn item<'a>(at: &mut Scan<'a>, found: &mut Verdict<'a>) -> Option<()> {
    if matches!(at.peek(), b"," | b", ") {
        at.remainder();
        return Some(());
    }
    at.lit(",")?;
    at.has(" ");
    let key = at.until_str(": ")?;
    match &**key {
        b"len" => found.size = Some(at.number()?),
        b"time" => {
            found.took_ms = Some(at.number()?);
            at.has(".");
            at.while_(|byte| byte.is_ascii_digit());
            at.lit("ms")?;
            if at.has(" real, ") {
                at.until_str("ms virtual")?;
            }
        }
        b"rcpts" => found.recipients = in_angles(at)?,
        b"digest" | b"mime_rcpts" => {
            in_angles(at)?;
        }
        b"forced" => found.actions = until_settings(at),
        b"dns req" | b"file" | b"settings_id" => {
            at.while_(|byte| byte != b',');
        }
        _ => return None,
    }
    Some(())
}

fn in_angles<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    at.lit("<")?;
    at.until(b'>')
}

fn until_settings<'a>(at: &mut Scan<'a>) -> &'a BStr {
    let text = at.peek();
    let len = memmem::find(text, b", settings_id: ").unwrap_or(text.len());
    *at = at.over(&text[len..]);
    text[..len].into()
}

const LOADED: Rule = rule(
    "rspamd loaded",
    loaded,
    "rspamd src/libmime/message.c (rspamd_message_parse)",
    &[
        "2026-11-22 08:23:21 #1234(rspamd_proxy) <a1b2c3>; task; rspamd_message_parse: loaded message; id: <a1@example.net>; queue-id: <4jXNLn0rVKzyQd>; size: 3100; checksum: <0123456789abcdef0123456789abcdef>",
        "2026-11-22T08:23:21.123456+01:00 mx1 rspamd[1234]: (normal) <a1b2c3>; task; rspamd_message_parse: loaded message; id: <a1@example.net>; size: 3100; checksum: <0123456789abcdef0123456789abcdef>",
    ],
);

/// The start of a scan: ties the task to queue id and Message-ID even where the result is lost.
fn loaded<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("loaded message; id: ")?;
    let message_id = message_id(at)?;
    at.lit("; ")?;
    if at.has("queue-id: <") {
        at.queue_id = Some(at.until_str(">; ")?);
    }
    at.lit("size: ")?;
    let size = at.number()?;
    at.lit("; checksum: <")?;
    at.while_(|byte| byte.is_ascii_hexdigit());
    at.lit(">")?;
    at.end()?;
    Some(Body::Notice(Notice {
        about: message_id,
        number: Some(size),
        ..notice(Kind::ServiceInfo, text)
    }))
}
