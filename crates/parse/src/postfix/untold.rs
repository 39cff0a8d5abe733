//! Lines whose daemon's name was lost on the way: `postfix` alone, or the name of an instance.
//!
//! rsyslog's `programname`, and so the APP-NAME of `RSYSLOG_SyslogProtocol23Format`, ends at a slash
//! unless `parser.permitSlashInProgramName` is on. Which daemon it was is told by the text. Source:
//! rsyslog `runtime/msg.c`, `aquireProgramName`.

use super::{
    anvil, bounce, cleanup, delivery, master, milter, minor, pickup, postscreen, postsuper, qmgr,
    queue_id, severity, smtpd, tls,
};
use crate::choose::Known;
use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use memchr::memmem::find;

/// Tables and whose they are, the first of which reads the line; `None`: its words tell.
const TABLES: &[(Option<&str>, &[Rule])] = &[
    (Some("smtpd"), smtpd::RULES),
    (Some("cleanup"), cleanup::RULES),
    (Some("qmgr"), qmgr::RULES),
    (Some("pickup"), pickup::RULES),
    (None, delivery::RULES),
    (Some("bounce"), bounce::RULES),
    (None, tls::FREQUENT),
    (None, tls::RULES),
    (Some("postscreen"), postscreen::RULES),
    (Some("anvil"), anvil::RULES),
    (Some("postsuper"), postsuper::RULES),
    (Some("cleanup"), milter::RULES),
    (Some("master"), master::RULES),
    (Some("postfix"), minor::RULES),
];

/// Whether a tag is that of all daemons of an instance (postmulti(1): names begin with `postfix-`).
pub(crate) fn is_own(tag: &[u8]) -> bool {
    tag == b"postfix" || tag.starts_with(b"postfix-") && tag != b"postfix-script"
}

/// Takes a text apart; the daemon is then the scan's program.
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Known<'a> {
    severity(at);
    queue_id(at);
    let start = *at;
    TABLES.iter().find_map(|(daemon, rules)| {
        *at = start;
        at.program = match daemon {
            Some(daemon) => daemon.as_bytes(),
            None => client(start.peek()),
        };
        first_match(std::slice::from_ref(rules), at)
    })
}

/// The daemon that delivers or speaks TLS so.
fn client(text: &[u8]) -> &'static [u8] {
    if find(text, b" TLS connection established from ").is_some() {
        return b"smtpd";
    }
    let Some(relay) = find(text, b"relay=").map(|start| &text[start + 6..]) else {
        return b"smtp";
    };
    let end = relay.iter().position(|&byte| byte == b',');
    match &relay[..end.unwrap_or(relay.len())] {
        b"local" => b"local",
        b"virtual" => b"virtual",
        b"none" => b"smtp",
        relay if find(relay, b"[/").is_some() || find(relay, b"[private/").is_some() => b"lmtp",
        // The name of a `pipe` transport; of a host an address follows.
        relay if !relay.contains(&b'[') => b"pipe",
        _ => b"smtp",
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    #[test]
    fn the_text_tells_the_daemon() {
        let texts = [
            "connect from a.example[192.0.2.1]",
            "4F1ABC1234: client=a.example[192.0.2.1]",
            "NOQUEUE: reject: RCPT from a.example[192.0.2.1]: 554 5.7.1 <b@x.example>: Relay access denied; from=<a@a.example> to=<b@x.example> proto=ESMTP helo=<a>",
            "4F1ABC1234: message-id=<m@a.example>",
            "4F1ABC1234: from=<a@a.example>, size=812, nrcpt=1 (queue active)",
            "4F1ABC1234: removed",
            "4F1ABC1234: uid=33 from=<www-data>",
            "4F1ABC1234: to=<b@b.example>, relay=mx.b.example[192.0.2.7]:25, delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (250 ok)",
            "4F1ABC1234: to=<b@b.example>, relay=b.example[private/dovecot-lmtp], delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (250 2.0.0 Saved)",
            "4F1ABC1234: to=<b@b.example>, relay=local, delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (delivered to mailbox)",
            "4F1ABC1234: to=<b@b.example>, relay=maildrop, delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (delivered via maildrop service)",
            "4F1ABC1234: sender non-delivery notification: 4F1ABC1235",
            "Untrusted TLS connection established to mx.b.example[192.0.2.7]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
            "Anonymous TLS connection established from a.example[192.0.2.1]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
            "CONNECT from [192.0.2.1]:4711 to [192.0.2.2]:25",
            "statistics: max connection rate 1/60s for (smtp:192.0.2.1) at Nov 22 08:00:00",
            "warning: dict_nis_init: NIS domain name not set - NIS lookups disabled",
            "no text of any daemon",
        ];
        let told = texts.map(|text| {
            let line = format!("<22>1 2026-11-22T08:00:00.1Z mx1 postfix 7 - -  {text}");
            let event = crate::line(line.as_bytes());
            let of_instance = line.replace(" postfix ", " postfix-out ");
            let same = crate::line(of_instance.as_bytes());
            if !event.rule.is_empty() {
                assert_eq!((same.program, same.rule), (event.program, event.rule));
            }
            assert_eq!(same.label, "postfix-out");
            format!("{} | {}\n", event.program, event.rule)
        });
        expect![[r#"
            smtpd | smtpd connect
            smtpd | smtpd client
            smtpd | smtpd decision
            cleanup | cleanup message-id
            qmgr | qmgr queued
            qmgr | qmgr removed
            pickup | pickup submission
            smtp | delivery status
            lmtp | delivery status
            local | delivery status
            pipe | delivery status
            bounce | bounce sent
            smtp | tls established
            smtpd | tls established
            postscreen | postscreen connect
            anvil | anvil client statistics
            postfix | table driver
            postfix | 
        "#]]
        .assert_eq(&told.concat());
    }
}
