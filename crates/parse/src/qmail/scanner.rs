//! simscan, a scanner that qmail-smtpd runs in place of qmail-queue.
//! Source: simscan `simscan.c`.

use crate::notices::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use memchr::memrchr;
use model::{Body, Kind, Peer, Verdict};

pub(super) const RULES: &[Rule] = &[VERDICT, TALK];

const VERDICT: Rule = rule(
    "simscan verdict",
    verdict,
    "simscan simscan.c",
    &[
        "simscan:[4711]:CLEAN (-1.21/9.00):3.3608s:Re: your order:192.0.2.10:bob@example.net:anna@example.org",
        "simscan:[4711]:SPAM REJECT (15.20/9.00):1.0012s:win now:192.0.2.10:x@x.test:anna@example.org",
        "simscan:[4711]:RELAYCLIENT:0.0500s:hello:192.0.2.10:anna@example.org:bob@example.net",
        "simscan:[4711]:VIRUS:0.1234s:Eicar-Test-Signature:192.0.2.10:x@x.test:anna@example.org",
        "simscan:[4711]:CLEAN (0.00/5.00/12.00):0.2s::(null)::anna@example.org",
    ],
);

fn verdict<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("simscan:[")?;
    at.session = at.while_(|byte| byte.is_ascii_digit());
    at.lit("]:")?;
    let mut word = Scan::new(at.until(b':')?, b"");
    let took_ms = at.seconds_ms()?;
    at.lit("s:")?;
    let category = word.while_(|byte| byte.is_ascii_uppercase() || byte == b' ');
    let score = score(&mut word);
    // The subject may hold colons, an address of version 6 too.
    let rcpt_to = last(at)?;
    let mail_from = last(at)?;
    let address = last(at)?;
    let subject = at.remainder();
    let category: &BStr = category.trim_ascii_end().into();
    let infected = category.starts_with(b"VIRUS");
    let empty = BStr::new(b"");
    Some(Body::Verdict(Box::new(Verdict {
        passed: matches!(category.as_bytes(), b"CLEAN" | b"RELAYCLIENT" | b"PASSTHRU"),
        category,
        found: if infected { subject } else { empty },
        client: Peer {
            address: if address == "(null)" { empty } else { address },
            ..Peer::default()
        },
        mail_from: Some(mail_from),
        recipients: rcpt_to,
        score: score.map(|it| it.0),
        required: score.map(|it| it.1),
        took_ms: Some(took_ms),
        subject: if infected { empty } else { subject },
        ..Verdict::default()
    })))
}

/// Takes `(SCORE/REQUIRED)`; newer ones have a third figure.
fn score(at: &mut Scan<'_>) -> Option<(f32, f32)> {
    let figure = |text: &BStr| std::str::from_utf8(text).ok()?.parse().ok();
    at.lit("(")?;
    let score = figure(at.until(b'/')?)?;
    let required = figure(at.while_(|byte| !matches!(byte, b'/' | b')')))?;
    Some((score, required))
}

/// Takes the last field, up to its colon.
fn last<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let text = at.peek();
    let colon = memrchr(b':', text)?;
    *at = at.over(&text[..colon]);
    Some(text[colon + 1..].into())
}

const TALK: Rule = rule(
    "simscan talk",
    talk,
    "simscan simscan.c (SIMSCAN_DEBUG)",
    &[
        "simscan: calling clamdscan",
        "simscan:[4711]: cdb looking up version clamav",
        "simscan: qmail-queue exited 0",
    ],
);

fn talk<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("simscan:")?;
    if at.has("[") {
        at.session = at.while_(|byte| byte.is_ascii_digit());
        at.lit("]:")?;
    }
    at.lit(" ")?;
    let text = at.remainder();
    Some(notice(Kind::ServiceInfo, text))
}
