//! The verdict on a message, also where its line is split.
//! Source: amavis `lib/Amavis.pm` (`$log_short_templ`, `$log_verbose_templ`).

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::{memchr, memmem};
use model::{Body, Kind, Notice, Verdict};

pub(crate) const RULES: &[Rule] = &[VERDICT, VERDICT_BEGUN, CONTINUED];

const VERDICT: Rule = rule(
    "amavis verdict",
    verdict,
    "amavis lib/Amavis.pm (log_short_templ, log_verbose_templ)",
    &[
        "(12345-06) Passed CLEAN {RelayedInbound}, [192.0.2.10]:41234 [192.0.2.10] <bob@example.net> -> <anna@example.org>, Queue-ID: 4jXNLn0rVKzyQd, Message-ID: <a1@example.net>, mail_id: AbCdEfGhIjKl, Hits: -1.9, size: 2201, queued_as: 4jXNLn2mG7zyQg, dkim_sd=s1:example.net, 512 ms",
        "(12345-07) Blocked SPAM {DiscardedInbound,Quarantined}, [203.0.113.9]:5566 [203.0.113.9] <x@spam.test> -> <anna@example.org>,<bob@example.org>, quarantine: Z/spam-ZzYyXxWwVvUu.gz, Queue-ID: 4jXNLp07Ncz3wYP, Message-ID: <q@spam.test>, mail_id: ZzYyXxWwVvUu, Hits: 18.334, size: 3100, pt: 4, 812 ms",
        "(12345-08-2) Blocked INFECTED (Win.Test.EICAR_HDB-1, Other(x)) {DiscardedInbound,Quarantined}, [203.0.113.9]:5566 <x@spam.test> -> <anna@example.org>, quarantine: 7/virus-7AueO3, Hits: -, size: 5098, 981 ms",
        "(12345-09) Passed CLEAN {RelayedInternal}, ORIGINATING LOCAL [127.0.0.1] [2001:db8::1] /ESMTP <> -> <anna@example.org>, (ESMTPSA://[2001:db8::1]:60214 < HTTP://192.0.2.1), Message-ID: <a1@example.net>, mail_id: AbCdEfGhIjKl, b: rd9wWj8JY, Hits: 2.1..7.1, size: 1154, queued_as: 4jXNLn2mG7zyQg/4jXNLn2mG7zyQh, Subject: \"He said \\\"hi\\\", 3 ms\", From: <root@example.net> (dkim:AUTHOR), User-Agent: Heirloom_mailx_12.5, helo=mx.example.net, Tests: [ALL_TRUSTED=-1,BAYES_00=-1.9], autolearn=ham autolearn_force=no, autolearnscore=0, dkim_new=dkim:example.org, 5431 ms",
        "(12345-10) Passed BAD-HEADER-7, [192.0.2.10] [192.0.2.10] <bob@example.net> -> <anna@example.org>, quarantine: badh-x, Message-ID: <a1@example.net>, mail_id: AbCdEfGhIjKl, Hits: 5.1, size: 2201, queued_as: 3F2A1C0D, 512 ms",
        "(12345-11) Blocked BANNED (multipart/mixed | application/zip,.zip,a (1).zip | .exe,a.exe), LOCAL [192.0.2.10] <bob@example.net> -> <anna@example.org>, quarantine: banned-x, Message-ID: <a1@example.net>, mail_id: AbCdEfGhIjKl, Hits: -, size: 2201, 512 ms",
    ],
);

fn verdict<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if at.peek().ends_with(b"...") {
        return None;
    }
    let mut found = head(at)?;
    while at.end().is_none() {
        item(at, &mut found)?;
    }
    at.queue_id = found.queue_id;
    Some(Body::Verdict(Box::new(found)))
}

const VERDICT_BEGUN: Rule = rule(
    "amavis verdict begun",
    verdict_begun,
    "amavis lib/Amavis/Log.pm (write_log)",
    &[
        "(12345-06) Passed CLEAN {RelayedInbound}, [192.0.2.10]:41234 [192.0.2.10] <bob@example.net> -> <anna@example.org>, Queue-ID: 4jXNLn0rVKzyQd, Message-ID: <a1@example.net>, Tests: [BAYES_00=-1.9,HTML_MES...",
        "(12345-06) Passed CLEAN {RelayedInbound}, [192.0.2.10]:41234 [192.0.2.10] <bob@example.net> -> <anna@example.org>, Queue-ID: 4jXNLn0...",
        "(12345-06) Passed CLEAN {RelayedInbound}, [192.0.2.10]:41234 [192.0.2.10] <bob@example.net> -> <anna@example.org>,<bob@exam...",
    ],
);

/// The first part of a long entry: what is complete in it. The item that the cut went through is
/// left out, since half a value is a wrong one.
fn verdict_begun<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek().strip_suffix(b"...")?;
    *at = at.over(text);
    let mut found = head(at)?;
    loop {
        let mut ahead = found.clone();
        if item(at, &mut ahead).is_none() || at.end().is_some() {
            at.queue_id = found.queue_id;
            return Some(Body::Verdict(Box::new(found)));
        }
        found = ahead;
    }
}

const CONTINUED: Rule = rule(
    "amavis continued",
    continued,
    "amavis lib/Amavis/Log.pm (write_log)",
    &[
        "(12345-06) ...SAGE=0.001], autolearn=ham autolearn_force=no, dkim_sd=s1:example.net, 512 ms",
        "(12345-06) ...GE=0.001,SPF_PASS=-0.001,T_SCC_BODY_TEXT_LINE=-0.01...",
    ],
);

/// A further part of a long entry; the parts have the id of the check in common.
fn continued<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("...")?;
    (!at.session.is_empty()).then_some(())?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        text: at.remainder(),
        ..Notice::default()
    }))
}

/// Takes all up to the recipients, which every verdict has.
fn head<'a>(at: &mut Scan<'a>) -> Option<Verdict<'a>> {
    let passed = at.has("Passed ");
    if !passed {
        at.lit("Blocked ")?;
    }
    let mut found = Verdict {
        passed,
        ..Verdict::default()
    };
    found.category = at.while_(|byte| !matches!(byte, b' ' | b','));
    if at.has(" (") {
        found.found = in_parentheses(at)?;
    }
    if at.has(" {") {
        found.actions = at.until(b'}')?;
    }
    at.lit(",")?;
    peers(at, &mut found)?;
    found.mail_from = Some(sender(at)?);
    found.recipients = recipients(at);
    if at.has(", (") {
        // The hosts on the way here; the first two are known by now.
        at.until(b')')?;
    }
    Some(found)
}

/// Takes names of malware or parts up to the parenthesis that closes them: they may hold others.
fn in_parentheses<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let text = at.peek();
    let len = memmem::find(text, b") {").or_else(|| memmem::find(text, b"), "))?;
    *at = at.over(text.get(len + 1..)?);
    Some(text[..len].into())
}

/// Takes ` POLICY/BANKS`, ` LOCAL`, ` [CLIENT]:PORT`, ` [ORIGIN]`, ` PROTO/PROTO` and the space
/// before the sender; each may be absent.
fn peers<'a>(at: &mut Scan<'a>, found: &mut Verdict<'a>) -> Option<()> {
    loop {
        at.lit(" ")?;
        match at.peek().first()? {
            b'<' => return Some(()),
            b'[' => {
                let peer = at.peer()?;
                if found.client.is_empty() {
                    found.client = peer;
                } else {
                    found.origin = peer;
                }
            }
            _ => {
                at.word()?;
            }
        }
    }
}

fn sender<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let sender = at.angle()?;
    at.lit(" -> ")?;
    Some(sender)
}

/// Takes `<a>,<b>`; of a list that is cut, what there is.
fn recipients<'a>(at: &mut Scan<'a>) -> &'a BStr {
    let text = at.peek();
    loop {
        let mut ahead = *at;
        if ahead.angle().is_none() {
            break;
        }
        *at = ahead;
        if !(ahead.has(",") && ahead.peek().first() == Some(&b'<')) {
            break;
        }
        *at = ahead;
    }
    let len = text.len() - at.peek().len();
    let list = &text[..len];
    list.strip_suffix(b",").unwrap_or(list).into()
}

/// Takes `, KEY: VALUE`, `, KEY=VALUE` or, at the end, `, N ms`.
fn item<'a>(at: &mut Scan<'a>, found: &mut Verdict<'a>) -> Option<()> {
    at.lit(", ")?;
    let key = at.while_(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    if at.has(" ms") {
        at.end()?;
        found.took_ms = Some(at.over(key).number()?);
        return Some(());
    }
    if !at.has(": ") {
        at.lit("=")?;
    }
    let value = value(at);
    match &**key {
        b"quarantine" => found.quarantine = value,
        b"Queue-ID" => found.queue_id = Some(value),
        b"Message-ID" => found.message_id = Some(value),
        b"mail_id" => found.mail_id = value,
        b"Hits" => found.score = score(value),
        b"size" => found.size = at.over(value).number(),
        b"queued_as" => found.queued_as = value,
        b"From" => found.header_from = value,
        b"Subject" => found.subject = unquoted(value),
        b"Tests" => found.tests = unbracketed(value),
        _ => {}
    }
    Some(())
}

/// Takes a value up to the next item. Quoted strings and bracketed lists may hold commas; the
/// other values have `_` for spaces or none.
fn value<'a>(at: &mut Scan<'a>) -> &'a BStr {
    let text = at.peek();
    let from = match text.first() {
        Some(b'"') => quoted_end(text),
        Some(b'[') => memchr(b']', text),
        Some(b'<') => memmem::find(text, b">, ").or_else(|| memchr(b'>', text)),
        _ => Some(0),
    };
    // An opening without its end reaches as far as the line does.
    let len = match from {
        Some(from) => memmem::find(&text[from..], b", ").map_or(text.len(), |len| from + len),
        None => text.len(),
    };
    *at = at.over(&text[len..]);
    text[..len].into()
}

/// Where the quoted string ends that `text` starts with: the index of its closing quote.
fn quoted_end(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at),
            _ => at += 1,
        }
    }
}

fn unquoted(value: &BStr) -> &BStr {
    let inner = value
        .strip_prefix(b"\"")
        .and_then(|v| v.strip_suffix(b"\""));
    inner.map_or(value, BStr::new)
}

fn unbracketed(value: &BStr) -> &BStr {
    let inner = value.strip_prefix(b"[").and_then(|v| v.strip_suffix(b"]"));
    inner.map_or(value, BStr::new)
}

/// `-` is none; of `MIN..MAX`, where recipients differ, the higher one.
fn score(value: &BStr) -> Option<f32> {
    let number = match memmem::find(value, b"..") {
        Some(dots) => value.get(dots + 2..)?,
        None => value,
    };
    std::str::from_utf8(number).ok()?.parse().ok()
}
