//! Consolidated events: all of a message in one line of the Common Event Format.
//! Source: AsyncOS User Guide, "Consolidated Event Logs"; ArcSight Common Event Format.

use crate::filter::unquoted;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::{memchr_iter, memmem};
use model::{Body, Stamp, Verdict};

pub(crate) const RULES: &[Rule] = &[EVENT];

/// How each starts.
pub(super) const START: &[u8] = b"CEF:0|Cisco|";

/// The time at which the message was done, in the appliance's zone.
pub(super) fn stamp(line: &[u8]) -> Option<Stamp> {
    let starts = [&b" endTime="[..], b" end="];
    let (at, len) = starts
        .iter()
        .find_map(|it| Some((memmem::find(line, it)?, it.len())))?;
    Some(crate::stamp::ctime(&line[at + len..])?.0)
}

const EVENT: Rule = rule(
    "esa event",
    event,
    "AsyncOS User Guide, Consolidated Event Logs",
    &[
        "CEF:0|Cisco|C300V Email Security Virtual Appliance|13.0.0-252|ESA_CONSOLIDATED_LOG_EVENT|Consolidated Log Event|5|deviceExternalId=42 ESAMID=4631 ESAAMPVerdict=SKIPPED ESAASVerdict=NEGATIVE ESAAVVerdict=NEGATIVE ESADCID=66096 endTime=Sun Nov 22 08:33:19 2026 ESAFriendlyFrom=Bob <bob@example.net> ESAICID=36050 suser=bob@example.net cs1Label=MailPolicy cs1=DEFAULT act=BOUNCED ESAFinalActionDetails=5.1.0 - Unknown address error cs4Label=ExternalMsgID cs4='<a1@example.net>' duser=anna@example.org ESAMsgSize=2201 sourceHostName=mail.example.net sourceAddress=203.0.113.9 msg='a \\=b'",
        "Nov 22 08:23:21 esa1 CEF:0|Cisco|C300V Secure Email Gateway Virtual|16.0.2-112|ESA_CONSOLIDATED_LOG_EVENT|Consolidated Log Event|5|ESAMID=4631 ESAICID=36050 src=203.0.113.9 shost=mail.example.net suser=bob@example.net duser=anna@example.org;bob@example.org msg=x act=DELIVERED",
        "CEF:0|Cisco|C390 Email Security Appliance|14.2.1-015|ESA_CONSOLIDATED_LOG_EVENT|Consolidated Log Event|5|deviceExternalId=42 ESAMID=4631 ESADCID=66096 ESAStatus=QUEUED",
    ],
);

fn event<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("CEF:0|Cisco|")?;
    at.until_str("|ESA_CONSOLIDATED_LOG_EVENT|")?;
    at.until(b'|')?;
    at.until(b'|')?;
    let mut found = Verdict::default();
    let mut rest = at.remainder().trim_ascii();
    while !rest.is_empty() {
        let (key, value, behind) = field(rest)?;
        take(at, &mut found, key, value);
        rest = behind;
    }
    at.queue_id = found.queue_id;
    found.queue_id?;
    let stopped = ["BOUNCED", "DROPPED", "ABORTED", "QUARANTINED", "REJECTED"];
    let is_stopped = |word: &&str| memmem::find(found.actions, word.as_bytes()).is_some();
    found.passed = !stopped.iter().any(is_stopped);
    Some(Body::Verdict(Box::new(found)))
}

fn take<'a>(at: &mut Scan<'a>, found: &mut Verdict<'a>, key: &[u8], value: &'a BStr) {
    match key {
        b"ESAMID" => found.queue_id = Some(value),
        b"ESAICID" => at.session = value,
        b"ESAASVerdict" => found.category = value,
        b"act" | b"ESAStatus" => found.actions = value,
        b"cs1" => found.decided_by = value,
        b"cs4" => found.message_id = Some(unquoted(value)),
        b"suser" => found.mail_from = Some(value),
        b"duser" => found.recipients = value,
        b"ESAFriendlyFrom" => found.header_from = value,
        b"msg" => found.subject = unquoted(value),
        b"ESAMsgSize" => found.size = at.over(value).number(),
        b"sourceAddress" | b"src" => found.client.address = value,
        b"sourceHostName" | b"shost" => found.client.name = value,
        _ => {}
    }
}

/// Key, value and what is left. A value may hold spaces; it ends where the next key begins.
fn field(text: &[u8]) -> Option<(&[u8], &BStr, &[u8])> {
    let (key, rest) = key(text)?;
    let end = memchr_iter(b' ', rest)
        .find(|&end| self::key(&rest[end + 1..]).is_some())
        .unwrap_or(rest.len());
    let behind = rest.get(end + 1..).unwrap_or_default();
    Some((key, rest[..end].trim_ascii_end().into(), behind))
}

/// Takes `key=`; `\=` in a value is none.
fn key(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric();
    let len = text.iter().take_while(|byte| is_part(byte)).count();
    let rest = text[len..].strip_prefix(b"=")?;
    (len > 0).then_some((&text[..len], rest))
}
