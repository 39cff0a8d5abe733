//! What a drawing must never do, whatever the log holds; and the JSON of a journey.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;

use common::{Came, Way};
use expect_test::{Expect, expect};
use journey::draw::{Style, tree};
use journey::{What, find, json};

const MAIL: &str = "\
2026-11-22T09:00:00.100+00:00 mx1 postfix/smtpd[1]: 83C17A14284: client=mail.sender.test[192.0.2.10], sasl_method=PLAIN, sasl_username=joe@sender.test
2026-11-22T09:00:00.120+00:00 mx1 postfix/cleanup[2]: 83C17A14284: message-id=<Abc.1@remote.test>
2026-11-22T09:00:00.121+00:00 mx1 postfix/cleanup[2]: 83C17A14284: warning: header Subject: SUBJECT from mail.sender.test[192.0.2.10]; from=<joe@sender.test> to=<team@example.org> proto=ESMTP helo=<mail.sender.test>
2026-11-22T09:00:00.140+00:00 mx1 postfix/qmgr[3]: 83C17A14284: from=<joe@sender.test>, size=335, nrcpt=1 (queue active)
2026-11-22T09:00:00.145+00:00 mx1 postfix/smtp[4]: Trusted TLS connection established to mx.remote.test[198.51.100.7]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
2026-11-22T09:00:01.150+00:00 mx1 postfix/smtp[4]: 83C17A14284: to=<Alice@remote.test>, orig_to=<team@example.org>, relay=mx.remote.test[198.51.100.7]:25, delay=1.1, delays=0.1/0/0/1, dsn=5.1.1, status=bounced (host mx.remote.test[198.51.100.7] said: 550 5.1.1 REPLY (in reply to RCPT TO command))
2026-11-22T09:00:01.160+00:00 mx1 postfix/bounce[5]: 83C17A14284: sender non-delivery notification: 586CDA14CBA
2026-11-22T09:00:01.170+00:00 mx1 postfix/qmgr[3]: 83C17A14284: removed
";

fn read(log: &[u8]) -> Came {
    let mut way = Way::new(true);
    for line in log.split(|&byte| byte == b'\n').filter(|it| !it.is_empty()) {
        way.line(line);
    }
    let came = way.end();
    assert!(came.unknown.is_empty() && came.refusals.is_empty());
    came
}

fn replace(log: &str, word: &str, by: &[u8]) -> Vec<u8> {
    let (before, after) = log.split_once(word).unwrap();
    [before.as_bytes(), by, after.as_bytes()].concat()
}

#[test]
fn a_hostile_subject_and_reply_reach_no_terminal() {
    let hostile =
        "\x1b]0;owned\x07\x1b[2J\u{9b}31m\u{202e}txt.exe\r\u{2066}\u{200b}\u{7f}".as_bytes();
    let mut subject = hostile.to_vec();
    subject.extend_from_slice(b"\xff\x9b");
    let log = replace(MAIL, "SUBJECT", &subject);
    let log = replace(&String::from_utf8_lossy(&log), "REPLY", hostile);
    let style = Style {
        lines: true,
        ..Style::plain()
    };
    let drawn = tree(&read(&log).journeys[0], &style);
    let dangerous = |it: &char| {
        (it.is_control() && *it != '\n')
            || matches!(it, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert_eq!(drawn.chars().find(dangerous), None, "{drawn:?}");
    assert!(drawn.contains(r"\u{1b}[2J"), "{drawn}");
    // With colours there are escapes, but only those of the palette.
    let coloured = tree(
        &read(&log).journeys[0],
        &Style {
            lines: true,
            ..Style::coloured()
        },
    );
    for escape in coloured.split('\x1b').skip(1) {
        let (code, _) = escape.split_once('m').unwrap();
        assert!(
            code.strip_prefix('[')
                .unwrap()
                .bytes()
                .all(|it| it.is_ascii_digit() || it == b';')
        );
    }
}

#[test]
fn colours_change_nothing_but_colours() {
    let journey = &read(MAIL.as_bytes()).journeys[0];
    let mut plain = String::new();
    let mut rest = tree(journey, &Style::coloured());
    assert!(rest.contains('\x1b'));
    while let Some((before, after)) = rest.clone().split_once('\x1b') {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1.to_owned();
    }
    plain.push_str(&rest);
    assert_eq!(plain, tree(journey, &Style::plain()));
}

#[test]
fn words_stay_within_the_width() {
    let journey = &read(MAIL.as_bytes()).journeys[0];
    for width in [60, 80, 120] {
        let drawn = tree(
            journey,
            &Style {
                width,
                ..Style::plain()
            },
        );
        let longest = drawn.lines().map(|it| it.chars().count()).max().unwrap();
        assert!(longest <= width, "{width}\n{drawn}");
    }
    let endless = tree(
        journey,
        &Style {
            width: 0,
            ..Style::plain()
        },
    );
    assert!(
        endless.lines().any(|it| it.chars().count() > 120),
        "{endless}"
    );
}

fn check(what: &str, drawn: &str, expect: &Expect) {
    expect.assert_eq(&format!("{what}\n{drawn}"));
}

#[test]
fn with_lines_and_in_another_zone() {
    let style = Style {
        lines: true,
        utc_offset_seconds: 19_800,
        ..Style::plain()
    };
    check(
        "UTC+05:30",
        &tree(&read(MAIL.as_bytes()).journeys[0], &style),
        &expect![[r#"
            UTC+05:30
            joe@sender.test → team@example.org: bounced
            │  subject     SUBJECT
            │  message-id  <Abc.1@remote.test>, 335 bytes
            │  came in     2026-11-22 14:30:00.100 +05:30 from mail.sender.test[192.0.2.10], logged in as
            │              joe@sender.test, HELO mail.sender.test
            │
            ├─ Alice@remote.test (for team@example.org): bounced by mx.remote.test[198.51.100.7] after 1.05 s:
            │      550 5.1.1 REPLY; the sender was told (586CDA14CBA)
            │
            ├─ mx1 83C17A14284  14:30:00.100 (1.07 s here)
            │  └─ Alice@remote.test → mx.remote.test[198.51.100.7]:25: bounced, +1.05 s, Trusted TLSv1.3
            │         TLS_AES_256_GCM_SHA384
            │       550 5.1.1 REPLY
            │
            ├─ told the sender that it failed: 586CDA14CBA +1.06 s, its end not seen
            │
            └─ original lines
                 2026-11-22T09:00:00.100+00:00 mx1 postfix/smtpd[1]: 83C17A14284: client=mail.sender.test[192.0.2.10], sasl_method=PLAIN, sasl_username=joe@sender.test
                 2026-11-22T09:00:00.120+00:00 mx1 postfix/cleanup[2]: 83C17A14284: message-id=<Abc.1@remote.test>
                 2026-11-22T09:00:00.121+00:00 mx1 postfix/cleanup[2]: 83C17A14284: warning: header Subject: SUBJECT from mail.sender.test[192.0.2.10]; from=<joe@sender.test> to=<team@example.org> proto=ESMTP helo=<mail.sender.test>
                 2026-11-22T09:00:00.140+00:00 mx1 postfix/qmgr[3]: 83C17A14284: from=<joe@sender.test>, size=335, nrcpt=1 (queue active)
                 2026-11-22T09:00:00.145+00:00 mx1 postfix/smtp[4]: Trusted TLS connection established to mx.remote.test[198.51.100.7]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
                 2026-11-22T09:00:01.150+00:00 mx1 postfix/smtp[4]: 83C17A14284: to=<Alice@remote.test>, orig_to=<team@example.org>, relay=mx.remote.test[198.51.100.7]:25, delay=1.1, delays=0.1/0/0/1, dsn=5.1.1, status=bounced (host mx.remote.test[198.51.100.7] said: 550 5.1.1 REPLY (in reply to RCPT TO command))
                 2026-11-22T09:00:01.160+00:00 mx1 postfix/bounce[5]: 83C17A14284: sender non-delivery notification: 586CDA14CBA
                 2026-11-22T09:00:01.170+00:00 mx1 postfix/qmgr[3]: 83C17A14284: removed
        "#]],
    );
}

#[test]
fn a_journey_as_json() {
    let value = json::journey(&read(MAIL.as_bytes()).journeys[0]);
    let mut value = value;
    value.as_object_mut().unwrap().remove("lines").unwrap();
    check(
        "",
        &serde_json::to_string_pretty(&value).unwrap(),
        &expect![[r#"

            {
              "arrived": "2026-11-22T09:00:00.100Z",
              "client": {
                "address": "192.0.2.10",
                "name": "mail.sender.test"
              },
              "helo": "mail.sender.test",
              "hops": [
                {
                  "client": {
                    "address": "192.0.2.10",
                    "name": "mail.sender.test"
                  },
                  "closed": "2026-11-22T09:00:01.170Z",
                  "events": [
                    {
                      "at": "2026-11-22T09:00:00.140Z",
                      "kind": "message.accepted"
                    },
                    {
                      "at": "2026-11-22T09:00:01.170Z",
                      "kind": "message.closed"
                    }
                  ],
                  "host": "mx1",
                  "incomplete_head": false,
                  "instance": "postfix",
                  "item": "87b44e102027958b",
                  "mail_from": "joe@sender.test",
                  "opened": "2026-11-22T09:00:00.100Z",
                  "queue_id": "83C17A14284",
                  "recipients": 1,
                  "size": 335,
                  "state": "closed"
                }
              ],
              "incomplete_head": false,
              "line_count": 8,
              "mail_from": "joe@sender.test",
              "message_id": "<Abc.1@remote.test>",
              "notifications": [
                {
                  "about": "87b44e102027958b",
                  "at": "2026-11-22T09:00:01.160Z",
                  "kind": "non_delivery",
                  "queue_id": "586CDA14CBA",
                  "to_postmaster": false
                }
              ],
              "open": false,
              "outcome": "bounced",
              "probe": false,
              "recipients": [
                {
                  "attempts": [
                    {
                      "agent": "smtp",
                      "at": "2026-11-22T09:00:01.150Z",
                      "code": 550,
                      "delay_ms": 1100,
                      "enhanced_status": "5.1.1",
                      "item": "87b44e102027958b",
                      "kind": "delivery.bounced",
                      "rcpt_to": "Alice@remote.test",
                      "relay": {
                        "address": "198.51.100.7",
                        "name": "mx.remote.test",
                        "port": 25
                      },
                      "remote_reply": true,
                      "stages_ms": [
                        100,
                        0,
                        0,
                        1000
                      ],
                      "suspended": false,
                      "text": "host mx.remote.test[198.51.100.7] said: 550 5.1.1 REPLY (in reply to RCPT TO command)",
                      "tls": "TLSv1.3 TLS_AES_256_GCM_SHA384",
                      "tls_trust": "Trusted"
                    }
                  ],
                  "ended": "2026-11-22T09:00:01.150Z",
                  "host": "mx1",
                  "item": "87b44e102027958b",
                  "orig_rcpt_to": "team@example.org",
                  "outcome": "bounced",
                  "queue_id": "83C17A14284",
                  "rcpt_to": "Alice@remote.test"
                }
              ],
              "sasl_method": "PLAIN",
              "sasl_username": "joe@sender.test",
              "size": 335,
              "subject": "SUBJECT"
            }"#]],
    );
}

#[test]
fn journeys_are_found_by_what_people_have() {
    let journeys = read(MAIL.as_bytes()).journeys;
    let found = |what: &What| find(&journeys, what).len() == 1;
    for text in [
        "<Abc.1@remote.test>",
        "Abc.1@remote.test",
        "83C17A14284",
        "joe@sender.test",
        "<joe@sender.test>",
        "JOE@Sender.TEST",
        "alice@remote.test",
        "team@example.org",
        "@example.org",
    ] {
        assert!(found(&What::parse(text)), "{text}");
    }
    for text in [
        "<>",
        "83C17A14285",
        "abc.1@remote.test",
        "le.org",
        "@ample.org",
        "@",
    ] {
        assert!(!found(&What::parse(text)), "{text}");
    }
    assert!(!journeys[0].matches(&What::message_id("joe@sender.test")));
    assert!(!journeys[0].matches(&What::address("Abc.1@remote.test")));
    assert!(journeys[0].matches(&What::message_id("Abc.1@remote.test")));
}
