use expect_test::{Expect, expect};
use model::Value;

/// Kind and fields of a line that `amavis` wrote.
fn check(text: &str, expected: Expect) {
    let line = format!("Nov 22 08:23:21 mx1 amavis[7]: {text}");
    let event = crate::line(line.as_bytes());
    let mut seen = format!("{} {}", event.severity.name(), event.kind().name());
    if let Some(id) = event.queue_id {
        seen += &format!(" queue_id={id}");
    }
    event.each_field(&mut |name, value| {
        seen += &match value {
            Value::Text(text) => format!(" {name}={text}"),
            Value::Word(word) => format!(" {name}={word}"),
            Value::Number(number) => format!(" {name}={number}"),
            Value::Signed(number) => format!(" {name}={number}"),
            Value::Float(number) => format!(" {name}={number}"),
            Value::Flag(flag) => format!(" {name}={flag}"),
            Value::Shown(shown) => format!(" {name}={shown}"),
        };
    });
    expected.assert_eq(&seen);
}

#[test]
fn a_verdict_in_the_long_form() {
    check(
        r#"(12345-09) Passed CLEAN {RelayedInternal}, ORIGINATING LOCAL [127.0.0.1]:41234 [2001:db8::1] /ESMTP <> -> <anna@example.org>,<bob@example.org>, (ESMTPSA://[2001:db8::1]:60214 < HTTP://192.0.2.1), Queue-ID: 4jXNLn0rVKzyQd, Message-ID: <[a, b]@example.net>, mail_id: AbCdEfGhIjKl, b: rd9wWj8JY, Hits: 2.1..7.1, size: 1154, queued_as: 4jXNLn2mG7zyQg/4jXNLn2mG7zyQh, Subject: "He said \"hi\", 3 ms", From: <root@example.net> (dkim:AUTHOR), helo=, Tests: [ALL_TRUSTED=-1,BAYES_00=-1.9], autolearn=ham autolearn_force=no, 5431 ms"#,
        expect![[
            r#"info filter.verdict queue_id=4jXNLn0rVKzyQd passed=true category=CLEAN actions=RelayedInternal client_address=127.0.0.1 client_port=41234 origin_address=2001:db8::1 mail_from= recipients=<anna@example.org>,<bob@example.org> message_id=<[a, b]@example.net> mail_id=AbCdEfGhIjKl score=7.1 size=1154 queued_as=4jXNLn2mG7zyQg/4jXNLn2mG7zyQh took_ms=5431 header_from=<root@example.net> (dkim:AUTHOR) subject=He said \"hi\", 3 ms tests=ALL_TRUSTED=-1,BAYES_00=-1.9 session=12345-09"#
        ]],
    );
}

#[test]
fn a_verdict_of_old() {
    check(
        "(12345-11) Blocked BANNED (a (1).zip | .exe,a.exe), LOCAL [192.0.2.10] [192.0.2.11] <bob@example.net> -> <anna@example.org>, quarantine: banned-x, Message-ID: <a1@example.net>, mail_id: AbCdEfGhIjKl, Hits: -, size: 2201, 512 ms",
        expect![
            "info filter.verdict passed=false category=BANNED found=a (1).zip | .exe,a.exe client_address=192.0.2.10 origin_address=192.0.2.11 mail_from=bob@example.net recipients=<anna@example.org> message_id=<a1@example.net> mail_id=AbCdEfGhIjKl quarantine=banned-x size=2201 took_ms=512 session=12345-11"
        ],
    );
}

#[test]
fn an_entry_in_two_lines() {
    check(
        "(12345-06) Passed CLEAN {RelayedInbound}, [192.0.2.10]:41234 <bob@example.net> -> <anna@example.org>, Queue-ID: 4jXNLn0rVKzyQd, size: 22...",
        expect![
            "info filter.verdict queue_id=4jXNLn0rVKzyQd passed=true category=CLEAN actions=RelayedInbound client_address=192.0.2.10 client_port=41234 mail_from=bob@example.net recipients=<anna@example.org> session=12345-06"
        ],
    );
    check(
        "(12345-06) ...01, 512 ms",
        expect!["info service.info text=01, 512 ms session=12345-06"],
    );
}

#[test]
fn a_warning() {
    check(
        "(12345-06) (!)Negative SMTP response to data-dot (<anna@example.org>): 451 4.3.0 Error",
        expect![
            "warning service.error text=Negative SMTP response to data-dot (<anna@example.org>): 451 4.3.0 Error session=12345-06"
        ],
    );
}

#[test]
fn every_category() {
    for category in [
        "CLEAN",
        "SPAMMY",
        "SPAM",
        "INFECTED (Win.Test.EICAR_HDB-1)",
        "BANNED (application/zip,.zip,a (1).zip)",
        "BAD-HEADER-7",
        "UNCHECKED",
        "UNCHECKED-ENCRYPTED",
        "OVERSIZED",
        "MTA-BLOCKED",
        "OTHER",
    ] {
        for passed in ["Passed", "Blocked"] {
            let line = format!(
                "Nov 22 08:23:21 mx1 amavis[7]: (12345-06) {passed} {category} {{TempFailedInbound,Quarantined}}, [192.0.2.10]:41234 <bob@example.net> -> <anna@example.org>, Hits: -, size: 2201, 512 ms"
            );
            let event = crate::line(line.as_bytes());
            assert_eq!(event.rule, "amavis verdict", "{line}");
        }
    }
}
