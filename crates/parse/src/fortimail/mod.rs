//! FortiMail: a message's statistics, what its scanners found, the mail server's own lines.
//!
//! A line is a row of `key=value`, values mostly in quotes; its kind stands in `type`. All lines of a
//! message have the `session_id` that the server gave it, two queue ids of Sendmail's form with `-`
//! between them; it is the event's queue id.
//! Source: FortiMail Log Reference 6.4 ("Log message syntax").

mod fields;
mod mail;

use crate::filter::{address, notice};
use crate::header::Header;
use crate::rule::{Rule, first_match, rule};
use crate::scan::Scan;
use crate::stamp;
use bstr::BStr;
use fields::Fields;
use memchr::memmem;
use model::{AuthFailure, Body, Kind, Login, Peer, Verdict};

/// All tables with the program that each is for. Samples are whole lines.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[("", RULES), ("", mail::RULES), ("", OTHERS)];

const RULES: &[Rule] = &[STATISTICS, FOUND];

const OTHERS: &[Rule] = &[LOGIN, ENCRYPTED, EVENT];

/// `date=2026-11-22 time=08:23:21[.123] device_id=`, also behind `<PRI>`.
pub(crate) fn header(line: &[u8]) -> Option<Header<'_>> {
    let text = match line.strip_prefix(b"<") {
        Some(rest) => &rest[memchr::memchr(b'>', rest.get(..4)?)? + 1..],
        None => line,
    };
    let mut at = Scan::new(text, b"");
    at.lit("date=")?;
    let (date, rest) = at.peek().split_at_checked(10)?;
    let rest = rest.strip_prefix(b" time=")?;
    let stamp = stamp::date_and_time(date, rest)?;
    names_device(rest).then_some(())?;
    Some(Header {
        stamp,
        tag: BStr::new("fortimail"),
        text,
        ..Header::default()
    })
}

/// Whether a text without a program is one of these: behind a relay's header it starts so too.
pub(crate) fn is_own(text: &[u8]) -> bool {
    text.starts_with(b"date=") && names_device(text)
}

/// Whether `device_id=` is among the first fields.
fn names_device(text: &[u8]) -> bool {
    behind_spaces(text).any(|field| field.starts_with(b"device_id="))
}

/// What stands behind the first spaces: before the type there are date, time, device, number of the log.
fn behind_spaces(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let spaces = memchr::memchr_iter(b' ', text).take(8);
    spaces.map(|space| &text[space + 1..])
}

/// Takes a text apart by the rules for lines of its type.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    *at = at.over(at.peek().trim_ascii_end());
    let (kind, behind) = kind(at.peek())?;
    match kind {
        b"statistics" => first_match(&[&[STATISTICS]], at),
        b"spam" | b"virus" => first_match(&[&[FOUND]], at),
        b"encrypt" => first_match(&[&[ENCRYPTED]], at),
        b"event" | b"kevent" => {
            let of_server = behind.starts_with(b" subtype=smtp ");
            let known = of_server.then(|| mail::text(at)).flatten();
            known.or_else(|| first_match(&[&[LOGIN, EVENT]], at))
        }
        _ => None,
    }
}

/// A line's `type`, and what stands behind it.
fn kind(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let value = behind_spaces(text).find_map(|field| field.strip_prefix(b"type="))?;
    let end = memchr::memchr(b' ', value).unwrap_or(value.len());
    Some(value.split_at(end))
}

/// The fields of a line of some types; notes session and queue id.
fn fields_of<'a>(at: &mut Scan<'a>, types: &[&str]) -> Option<Fields<'a>> {
    // All fields are read only for lines of the type.
    let (kind, _) = kind(at.peek())?;
    types.iter().any(|it| kind == it.as_bytes()).then_some(())?;
    let found = Fields::read(at.peek())?;
    at.session = found.session_id;
    at.queue_id = found.session_id.contains(&b'-').then_some(found.session_id);
    Some(found)
}

const STATISTICS: Rule = rule(
    "fortimail statistics",
    statistics,
    "FortiMail Log Reference, History (statistics)",
    &[
        "date=2026-11-22 time=08:23:21.846 device_id=FEVM1 log_id=0200027993 type=statistics pri=information  session_id=\"168GjLEk027992-168GjLEl027992\" client_name=\"mail.example.net\" client_ip=\"203.0.113.9\" client_cc=\"ZZ\" dst_ip=\"192.0.2.10\" from=\"bob@example.net\" hfrom=\"bob@example.net\" to=\"anna@example.org\" polid=\"2:2:5:SYSTEM\" domain=\"example.org\" mailer=\"mta\" resolved=\"OK\" src_type=\"ext\" direction=\"in\" virus=\"\" disposition=\"Accept\" classifier=\"Not Spam\" message_length=\"23951\" subject=\"He said \"hi\" to us\" message_id=\"a1@example.net\" recv_time=\"\" scan_time=\"0.008128\"",
        "<190>date=2026-11-22 time=08:23:21 device_id=FEVM1 log_id=0200017947 type=statistics pri=information session_id=\"168GjLEk027992-168GjLEl027992\" client_name=\"x.test\" client_ip=\"203.0.113.9\" from=\"\" to=\"anna@example.org\" virus=\"EICAR_TEST_FILE\" disposition=\"Reject\" classifier=\"Virus\" message_length=\"3100\" subject=no quotes here",
        "2026-11-22T08:23:21.966330+01:00 192.0.2.7 date=2026-11-22 time=08:23:21.846 device_id=FEVM1 log_id=0200027993 type=statistics pri=information session_id=\"1\" client_ip=\"203.0.113.9\" from=\"\" to=\"anna@example.org\" disposition=\"Quarantine\" classifier=\"FortiGuard AntiSpam\"",
    ],
);

fn statistics<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let found = fields_of(at, &["statistics"])?;
    let stopped = ["Reject", "Discard", "Quarantine", "Delay", "Defer", "Fail"];
    let is_stopped = |word: &&str| memmem::find(found.disposition, word.as_bytes()).is_some();
    Some(Body::Verdict(Box::new(Verdict {
        passed: !stopped.iter().any(is_stopped),
        category: found.classifier,
        actions: found.disposition,
        found: found.virus,
        decided_by: found.policy,
        size: at.over(found.message_length).number(),
        ..verdict(&found)
    })))
}

/// What all lines on a message may tell.
fn verdict<'a>(found: &Fields<'a>) -> Verdict<'a> {
    Verdict {
        client: Peer {
            name: unbracketed(found.client_name),
            address: found.client_ip,
            port: None,
        },
        mail_from: found.from,
        recipients: found.to,
        header_from: found.header_from,
        message_id: (!found.message_id.is_empty()).then_some(found.message_id),
        subject: found.subject,
        ..Verdict::default()
    }
}

/// A client without a name is told as `[ADDRESS]`.
fn unbracketed(name: &BStr) -> &BStr {
    if name.starts_with(b"[") {
        BStr::new("")
    } else {
        name
    }
}

const FOUND: Rule = rule(
    "fortimail found",
    found,
    "FortiMail Log Reference, AntiVirus and AntiSpam logs",
    &[
        "date=2026-11-22 time=08:23:21 device_id=FEVM1 log_id=0300000924 type=spam pri=information session_id=\"q6KIXPZe008097-q6KIXPZf008097\" client_name=\"[203.0.113.9]\" dst_ip=\"192.0.2.10\" endpoint=\"\" from=\"bob@example.net\" to=\"anna@example.org\" subject=\"x\" msg=\"Detected by BannedWord test\"",
        "date=2026-11-22 time=08:23:21 device_id=FEVM1 log_id=0100000924 type=virus subtype=infected pri=information from=\"bob@example.net\" to=\"anna@example.org\" src=203.0.113.9 session_id=\"q6OL7fsQ018870-q6OL7fsR018870\" msg=\"The file inline-16-69.dat is infected with EICAR_TEST_FILE.\"",
        "date=2026-11-22 time=08:23:21.183 device_id=FEVM1 log_id=0103021373 type=virus subtype=fortisandbox pri=information  scope=o365 from=\"\" to=\"\" client_name=\"\" client_ip=\"\" session_id=\"q6OL7fsQ018870-q6OL7fsR018870\" msg=\"URL https://x.test/a.jpg has been scanned by FortiSandbox. Scan result: rating=CLEAN\"",
    ],
);

/// What a scanner saw. What is done with the message tells the line of type `statistics`.
fn found<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let found = fields_of(at, &["spam", "virus"])?;
    let mut result = verdict(&found);
    result.passed = true;
    result.category = found.kind;
    result.tests = found.message;
    if result.client.address.is_empty() {
        result.client.address = found.source;
    }
    let is_empty = found.from.is_some_and(|from| from.is_empty()) && found.to.is_empty();
    if is_empty {
        // Sandboxes know the session alone.
        result.mail_from = None;
    }
    let mut text = at.over(found.message);
    if text.until_str(" is infected with ").is_some() {
        let name = text.remainder();
        result.found = name.strip_suffix(b".").unwrap_or(name).into();
    }
    Some(Body::Verdict(Box::new(result)))
}

const LOGIN: Rule = rule(
    "fortimail login",
    login,
    "FortiMail Log Reference, Event logs",
    &[
        "date=2026-11-22 time=08:23:21 device_id=FE1 log_id=0001001623 type=kevent subtype=admin pri=information user=admin ui=GUI(192.0.2.26) action=login status=success reason=none msg=\"User admin login successfully from GUI (192.0.2.26)\"",
        "date=2026-11-22 time=08:23:21 device_id=FE1 log_id=0001001624 type=kevent subtype=admin pri=warning user=admin ui=ssh(203.0.113.9) action=login status=failure reason=passwd_invalid msg=\"User admin login failed from ssh (203.0.113.9)\"",
    ],
);

fn login<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let found = fields_of(at, &["kevent", "event"])?;
    (*found.action == "login").then_some(())?;
    let mut place = at.over(found.place);
    let protocol = place.while_(|byte| byte != b'(');
    place.lit("(")?;
    let client = address(place.until(b')')?);
    match &**found.status {
        b"success" => Some(Body::Login(Login {
            protocol,
            user: found.user,
            client,
            ..Login::default()
        })),
        _ => Some(Body::AuthFailure(AuthFailure {
            protocol,
            user: found.user,
            client,
            reason: found.message,
            ..AuthFailure::default()
        })),
    }
}

const ENCRYPTED: Rule = rule(
    "fortimail encrypted",
    encrypted,
    "FortiMail Log Reference, Encryption logs",
    &[
        "date=2026-11-22 time=08:23:21 device_id=FE1 log_id=0400005355 type=encrypt pri=information session_id=\"q79EiV8S007017-q79EiV8T007017\" msg=\"User bob@example.net read secure message, id:'q79EiV8S007017-q79EiV8T007017', sent from: 'anna@example.org', subject: 'x'\"",
    ],
);

fn encrypted<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let found = fields_of(at, &["encrypt"])?;
    Some(Body::Notice(notice(Kind::ServiceInfo, found.message)))
}

const EVENT: Rule = rule(
    "fortimail event",
    event,
    "FortiMail Log Reference, Event logs",
    &[
        "date=2026-11-22 time=08:23:21 device_id=FE1 log_id=0004001036 type=kevent subtype=ha pri=notice user=ha ui=ha action=none status=success msg=\"hahbd: heart beat status changed to primary-hearbeat-port1=FAILED;secondary-hearbeat-port2=OK\"",
        "date=2026-11-22 time=08:23:21 device_id=FE1 log_id=0001001623 type=kevent subtype=config pri=information user=admin ui=GUI(192.0.2.26) action=edit status=success msg=\"x\"",
    ],
);

fn event<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let found = fields_of(at, &["kevent", "event"])?;
    let kind = match (&**found.subtype, &**found.level) {
        (b"admin" | b"config", _) => Kind::AdminAction,
        (_, b"warning") => Kind::ServiceWarning,
        (_, b"error" | b"critical" | b"alert" | b"emergency") => Kind::ServiceError,
        _ => Kind::ServiceInfo,
    };
    let mut told = notice(kind, found.message);
    told.about = found.subtype;
    Some(Body::Notice(told))
}

#[cfg(test)]
mod tests;
