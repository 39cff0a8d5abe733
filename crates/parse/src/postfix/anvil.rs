//! Anvil: the most that clients did, counted per service.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memchr;
use model::{Body, Kind, Notice, Peer};

pub(crate) const RULES: &[Rule] = &[CLIENT, CACHE];

const CLIENT: Rule = rule(
    "anvil client statistics",
    client,
    "postfix src/anvil/anvil.c",
    &[
        "statistics: max connection rate 243/3600s for (smtps:192.0.2.7) at Nov 22 10:15:39",
        "statistics: max connection count 6 for (smtp:2001:db8::7) at Nov 22 10:11:45",
        "statistics: max message rate 1/60s for (127.0.0.1:10025:192.0.2.7) at Nov 22 10:54:20",
        "statistics: max recipient rate 501/3600s for ([::1]:10025:2001:db8::7) at Nov 22 10:06:46",
        "statistics: max newtls rate 1/60s for (submission:192.0.2.7) at Nov 22 10:06:46",
        "statistics: max connection rate 1/2h for (smtp:192.0.2.7) at Nov 22 10:06:46",
        "statistics: max auth rate 1/60s for (10025:unknown) at Nov  2 10:06:46",
    ],
);

fn client<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("statistics: max ")?;
    let about = at.one_of(&[
        "connection rate",
        "connection count",
        "message rate",
        "recipient rate",
        "newtls rate",
        "auth rate",
    ])?;
    at.lit(" ")?;
    let number = at.number()?;
    let mut period_secs = None;
    if at.has("/") {
        period_secs = Some(period(at)?);
    }
    at.lit(" for (")?;
    let (service, address) = service_and_address(at.until(b')')?)?;
    at.lit(" at ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceStatistics,
        peer: Peer {
            address,
            ..Peer::default()
        },
        about: about.into(),
        number: Some(number),
        period_secs,
        service,
        text: at.remainder(),
    }))
}

/// Takes a time as main.cf writes it: `60s`; an edited log may have another unit.
fn period(at: &mut Scan<'_>) -> Option<u64> {
    let count: u64 = at.number()?;
    let unit = match at.one_of(&["s", "m", "h", "d"])? {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => 86_400,
    };
    count.checked_mul(unit)
}

/// Splits `SERVICE:ADDRESS`. Both may hold colons: a service with a host is `HOST:PORT`, where the
/// host is a dotted address or in brackets; what is left is the address.
fn service_and_address(text: &BStr) -> Option<(&BStr, &BStr)> {
    let host = match text.first()? {
        b'[' => memchr(b']', text)? + 1,
        _ => memchr(b':', text)?,
    };
    let has_port = text.first() == Some(&b'[') || text[..host].contains(&b'.');
    let end = if has_port {
        let port = text.get(host + 1..)?;
        host + 1 + memchr(b':', port)?
    } else {
        host
    };
    let address = text.get(end + 1..)?;
    Some((text[..end].into(), address.into()))
}

const CACHE: Rule = rule(
    "anvil cache statistics",
    cache,
    "postfix src/anvil/anvil.c",
    &["statistics: max cache size 425 at Nov 22 10:15:49"],
);

fn cache<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("statistics: max cache size ")?;
    let number = at.number()?;
    at.lit(" at ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceStatistics,
        about: "cache size".into(),
        number: Some(number),
        text: at.remainder(),
        ..Notice::default()
    }))
}
