use super::TABLES;
use expect_test::{Expect, expect};
use model::Value;

/// Program, pid, queue id, kind and fields of a line of Exim's own files.
fn check(text: &str, expected: Expect) {
    check_line(&format!("2026-11-22 08:23:21 {text}"), expected);
}

fn check_line(line: &str, expected: Expect) {
    let event = crate::line(line.as_bytes());
    let mut seen = format!("{} {}", event.program, event.kind().name());
    if let Some(pid) = event.pid {
        seen += &format!(" pid={pid}");
    }
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
fn a_message_from_a_user_that_is_logged_in() {
    check(
        r#"[2259] 1xV2wi-0000aR-0j <= anna@example.org H=(client.example.net) [192.0.2.10]:36192 I=[192.0.2.1]:587 P=esmtpsa X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no A=plain:anna S=296 RT=1.2s id=e3@example.org T="a \"b\" for you" for bob@example.net "c d"@example.net"#,
        expect![[
            r#"exim message.accepted pid=2259 queue_id=1xV2wi-0000aR-0j client_address=192.0.2.10 client_port=36192 helo=client.example.net server_address=192.0.2.1 server_port=587 protocol=esmtpsa tls=TLS1.3:TLS_AES_256_GCM_SHA384:256 sasl_method=plain sasl_username=anna mail_from=anna@example.org size=296 recipients=2 rcpt_to=bob@example.net "c d"@example.net message_id=e3@example.org subject=a \"b\" for you took_ms=1200"#
        ]],
    );
}

#[test]
fn a_bounce_names_the_message_that_it_is_about() {
    check(
        "1xV2wi-0000aaaaR6B-0j2k <= <> R=1xV2wi-0000aaaaR5A-0j2k U=Debian-exim P=local S=1822",
        expect![
            "exim message.accepted queue_id=1xV2wi-0000aaaaR6B-0j2k protocol=local local_user=Debian-exim mail_from= size=1822 orig_queue_id=1xV2wi-0000aaaaR5A-0j2k"
        ],
    );
}

#[test]
fn a_host_of_the_clients_choice_in_its_helo() {
    check(
        "1xV2wi-0000aR-0j <= bob@example.net H=(x [198.51.100.9) [) [192.0.2.10] P=esmtp S=296",
        expect![
            "exim message.accepted queue_id=1xV2wi-0000aR-0j client_address=192.0.2.10 helo=x [198.51.100.9) [ protocol=esmtp mail_from=bob@example.net size=296"
        ],
    );
    check(
        r#"SMTP protocol error in "auth login" H=(x) [198.51.100.9]" H=(y) [192.0.2.10] AUTH command used when not advertised"#,
        expect![[
            r#"exim session.violation client_address=192.0.2.10 violation=SMTP protocol error stage=auth login" H=(x) [198.51.100.9] text=AUTH command used when not advertised"#
        ]],
    );
}

#[test]
fn deliveries_by_who_made_them() {
    check(
        r#"1xV2wi-0000aR-0j => bob@example.net F=<anna@example.org> R=remote T=remote_smtp H=mx.example.net [192.0.2.25]:25* X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes C="250 OK id=1xV2wj-0000dl-2f" QT=1m2s DT=2s"#,
        expect![
            "exim delivery.relayed queue_id=1xV2wi-0000aR-0j rcpt_to=bob@example.net relay_name=mx.example.net relay_address=192.0.2.25 relay_port=25 connection_use=2 delay_ms=62000 delay_before_queue_ms=0 delay_queue_ms=60000 delay_connect_ms=0 delay_transmit_ms=2000 tls=TLS1.3:TLS_AES_256_GCM_SHA384:256 status=sent agent=smtp code=250 remote_reply=true next_queue_id=1xV2wj-0000dl-2f text=250 OK id=1xV2wj-0000dl-2f"
        ],
    );
    check(
        "1xV2wi-0000aR-0j => anna <anna@example.org> R=local_user T=mail_spool QT=0s",
        expect![
            "exim delivery.delivered queue_id=1xV2wi-0000aR-0j rcpt_to=anna@example.org relay_name=mail_spool delay_ms=0 status=sent agent=local remote_reply=false"
        ],
    );
    check(
        "1xV2wi-0000aR-0j => anna <team@example.org> R=local_user T=mail_spool",
        expect![
            "exim delivery.delivered queue_id=1xV2wi-0000aR-0j rcpt_to=anna orig_rcpt_to=team@example.org relay_name=mail_spool delay_ms=0 status=sent agent=local remote_reply=false"
        ],
    );
    check(
        "1xV2wi-0000aR-0j => |/usr/bin/filter -R=x: y <anna@example.org> R=userforward T=address_pipe",
        expect![
            "exim delivery.delivered queue_id=1xV2wi-0000aR-0j rcpt_to=anna@example.org relay_name=address_pipe delay_ms=0 status=sent agent=pipe remote_reply=false text=|/usr/bin/filter -R=x: y"
        ],
    );
    check(
        r#"1xV2wi-0000aR-0j => anna <anna@example.org> R=virtual T=dovecot_delivery C="250 2.0.0 <anna@example.org> jJxbDXqmAms2bwAAg+zDdQ Saved""#,
        expect![
            "exim delivery.delivered queue_id=1xV2wi-0000aR-0j rcpt_to=anna@example.org relay_name=dovecot_delivery delay_ms=0 enhanced_status=2.0.0 status=sent agent=lmtp code=250 remote_reply=true next_queue_id=jJxbDXqmAms2bwAAg+zDdQ text=250 2.0.0 <anna@example.org> jJxbDXqmAms2bwAAg+zDdQ Saved"
        ],
    );
    check(
        "1xV2wi-0000aR-0j => :blackhole: <hole@example.org> R=aliases",
        expect![
            "exim delivery.discarded queue_id=1xV2wi-0000aR-0j rcpt_to=hole@example.org delay_ms=0 status=sent agent=discard remote_reply=false text=:blackhole:"
        ],
    );
}

#[test]
fn failures_with_the_separators_of_all_versions() {
    check(
        "1xV2wi-0000aR-0j ** bob@example.net R=remote T=remote_smtp H=mx.example.net [192.0.2.25] X=TLS1.2:x:256 CV=yes: SMTP error from remote mail server after RCPT TO:<bob@example.net>: 550-5.1.1 no\\n550 5.1.1 such user DT=0s",
        expect![[
            r#"exim delivery.bounced queue_id=1xV2wi-0000aR-0j rcpt_to=bob@example.net relay_name=mx.example.net relay_address=192.0.2.25 delay_ms=0 tls=TLS1.2:x:256 enhanced_status=5.1.1 status=bounced agent=smtp code=550 remote_reply=true text=SMTP error from remote mail server after RCPT TO:<bob@example.net>: 550-5.1.1 no\n550 5.1.1 such user"#
        ]],
    );
    check(
        "1xV2wi-0000aR-0j ** bob@example.net R=remote T=remote_smtp H=mx.example.net [192.0.2.25] : SMTP error from remote mail server after end of data: 554 5.7.1 spam",
        expect![
            "exim delivery.bounced queue_id=1xV2wi-0000aR-0j rcpt_to=bob@example.net relay_name=mx.example.net relay_address=192.0.2.25 delay_ms=0 enhanced_status=5.7.1 status=bounced agent=smtp code=554 remote_reply=true text=SMTP error from remote mail server after end of data: 554 5.7.1 spam"
        ],
    );
    check(
        "1xV2wi-0000aR-0j ** bob@example.net R=remote T=remote_smtp: SMTP error from remote mail server after MAIL FROM:<anna@example.org> SIZE=1: host mx.example.net [192.0.2.25]: 550 no",
        expect![
            "exim delivery.bounced queue_id=1xV2wi-0000aR-0j rcpt_to=bob@example.net relay_name=mx.example.net relay_address=192.0.2.25 delay_ms=0 status=bounced agent=smtp code=550 remote_reply=true text=SMTP error from remote mail server after MAIL FROM:<anna@example.org> SIZE=1: host mx.example.net [192.0.2.25]: 550 no"
        ],
    );
    check(
        "1xV2wi-0000aR-0j ** nobody@example.org: Unrouteable address",
        expect![
            "exim delivery.bounced queue_id=1xV2wi-0000aR-0j rcpt_to=nobody@example.org delay_ms=0 status=bounced agent=error remote_reply=false text=Unrouteable address"
        ],
    );
}

#[test]
fn what_was_tried_for_too_long_has_expired() {
    check(
        "1xV2wi-0000aR-0j ** bob@example.net: retry timeout exceeded",
        expect![
            "exim delivery.expired queue_id=1xV2wi-0000aR-0j rcpt_to=bob@example.net delay_ms=0 status=expired agent=error remote_reply=false text=retry timeout exceeded"
        ],
    );
}

#[test]
fn deferrals_with_and_without_an_attempt() {
    check(
        "1xV2wi-0000aR-0j == bob@example.net R=remote T=remote_smtp defer (-44) H=mx.example.net [192.0.2.25] DT=0s: SMTP error from remote mail server after RCPT TO:<bob@example.net>: 451 4.7.1 Greylisted",
        expect![
            "exim delivery.deferred queue_id=1xV2wi-0000aR-0j rcpt_to=bob@example.net relay_name=mx.example.net relay_address=192.0.2.25 delay_ms=0 enhanced_status=4.7.1 status=deferred agent=smtp code=451 remote_reply=true text=SMTP error from remote mail server after RCPT TO:<bob@example.net>: 451 4.7.1 Greylisted"
        ],
    );
    check(
        "1xV2wi-0000aR-0j == bob@example.net R=remote T=remote_smtp defer (110): Connection timed out H=mx.example.net [192.0.2.25]: SMTP timeout after initial connection",
        expect![
            "exim delivery.deferred queue_id=1xV2wi-0000aR-0j rcpt_to=bob@example.net relay_name=mx.example.net relay_address=192.0.2.25 delay_ms=0 status=deferred agent=smtp remote_reply=false text=Connection timed out H=mx.example.net [192.0.2.25]: SMTP timeout after initial connection"
        ],
    );
    check(
        "1xV2wi-0000aR-0j == bob@example.net R=remote T=remote_smtp defer (111): Connection refused DT=0s",
        expect![
            "exim delivery.deferred queue_id=1xV2wi-0000aR-0j rcpt_to=bob@example.net relay_name=remote_smtp delay_ms=0 status=deferred agent=smtp remote_reply=false text=Connection refused"
        ],
    );
    check(
        "1xV2wi-0000aR-0j == bob@example.net R=remote T=out defer (111): Connection refused",
        expect![
            "exim delivery.deferred queue_id=1xV2wi-0000aR-0j rcpt_to=bob@example.net relay_name=out delay_ms=0 status=deferred agent=smtp remote_reply=false text=Connection refused"
        ],
    );
    check(
        "1xV2wi-0000aR-0j == anna@example.org R=user T=box defer (13): Permission denied",
        expect![
            "exim delivery.deferred queue_id=1xV2wi-0000aR-0j rcpt_to=anna@example.org relay_name=box delay_ms=0 status=deferred agent=local remote_reply=false text=Permission denied"
        ],
    );
    check(
        "1xV2wi-0000aR-0j == bob@example.net routing defer (-52): retry time not reached",
        expect![
            "exim delivery.deferred queue_id=1xV2wi-0000aR-0j rcpt_to=bob@example.net delay_ms=0 status=deferred agent=error remote_reply=false suspended=true text=retry time not reached"
        ],
    );
}

#[test]
fn refusals_for_good_and_for_now() {
    check(
        "H=mail.example.net (mx.example.net) [192.0.2.10]:36192 X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no F=<bob@example.net> rejected RCPT <carl@example.com>: relay not permitted",
        expect![
            "exim message.rejected action=reject source=access stage=RCPT client_name=mail.example.net client_address=192.0.2.10 client_port=36192 text=relay not permitted mail_from=bob@example.net rcpt_to=carl@example.com helo=mx.example.net"
        ],
    );
    check(
        "H=(mx.example.net) [192.0.2.10] F=<> temporarily rejected RCPT <anna@example.org>: 450 4.7.1 greylisted",
        expect![
            "exim message.rejected action=reject source=access stage=RCPT client_address=192.0.2.10 code=450 enhanced_status=4.7.1 text=greylisted mail_from= rcpt_to=anna@example.org helo=mx.example.net"
        ],
    );
    check(
        "1xV2wi-0000ai-2r H=(x.test) [192.0.2.10] F=<x@x.test> temporarily rejected after DATA",
        expect![
            "exim message.rejected queue_id=1xV2wi-0000ai-2r action=reject source=access stage=END-OF-MESSAGE client_address=192.0.2.10 code=451 mail_from=x@x.test helo=x.test"
        ],
    );
    check(
        r#"H=[2001:db8::7]:36192 temporarily rejected connection in "connect" ACL: slow down"#,
        expect![
            "exim session.rejected action=reject source=access stage=CONNECT client_address=2001:db8::7 client_port=36192 code=451 text=slow down"
        ],
    );
}

#[test]
fn a_login_that_fails_for_want_of_a_lookup() {
    check(
        "dovecot_login authenticator failed for (User) [192.0.2.10]:41556: 535 Incorrect authentication data (set_id=a (b)@example.org)",
        expect![
            "exim auth.failed client_address=192.0.2.10 client_port=41556 helo=User protocol=smtp auth_method=dovecot_login user=a (b)@example.org reason=535 Incorrect authentication data"
        ],
    );
    check(
        "plain authenticator failed for H=(x.test) [192.0.2.10]: 435 Unable to authenticate at present (set_id=anna): lookup failed",
        expect![
            "exim auth.failed client_address=192.0.2.10 helo=x.test protocol=smtp auth_method=plain user=anna reason=435 Unable to authenticate at present (set_id=anna): lookup failed"
        ],
    );
}

#[test]
fn stamps_with_zone_and_milliseconds() {
    let event = crate::line(b"2026-11-22 08:23:21.123 +0100 [77] 1xV2wi-0000aR-0j Completed");
    assert_eq!(event.stamp.offset_minutes, Some(60));
    assert_eq!(event.stamp.nanos, 123_000_000);
    assert_eq!(event.pid, Some(77));
    assert_eq!(event.queue_id, Some("1xV2wi-0000aR-0j".into()));
    assert_eq!(event.rule, "exim completed");
}

#[test]
fn through_syslog_with_a_stamp_in_the_text_or_without() {
    check_line(
        "Nov 22 08:23:21 mx1 exim[7]: 2026-11-22 08:23:21 [7] 1xV2wi-0000aR-0j Completed",
        expect!["exim message.closed pid=7 queue_id=1xV2wi-0000aR-0j"],
    );
    check_line(
        "2026-11-22T08:23:21.123456+01:00 mx1 exim4[7]: 1xV2wi-0000aR-0j Completed QT=3s",
        expect!["exim4 message.closed pid=7 queue_id=1xV2wi-0000aR-0j"],
    );
    check_line(
        "2026-11-22 08:23:21 mx1 exim[7]: SMTP connection from [192.0.2.10] closed by QUIT",
        expect!["exim session.closed pid=7 client_address=192.0.2.10"],
    );
}

#[test]
fn a_long_entry_in_parts() {
    check_line(
        "Nov 22 08:23:21 mx1 exim[7]: [1/2] 2026-11-22 08:23:21 1xV2wi-0000aR-0j <= anna@example.org U=anna P=local S=296 T=\"a b\" for bob@example.net carl@exam",
        expect![
            "exim message.accepted pid=7 queue_id=1xV2wi-0000aR-0j protocol=local local_user=anna mail_from=anna@example.org size=296 rcpt_to=bob@example.net subject=a b"
        ],
    );
    check_line(
        "Nov 22 08:23:21 mx1 exim[7]: [2\\2] ple.net",
        expect!["exim service.info pid=7 text=ple.net"],
    );
    check_line(
        "Nov 22 08:23:21 mx1 exim[7]: [1\\3] 1xV2wi-0000aR-0j H=(x.test) [192.0.2.10] F=<x@x.test> rejected after DATA: spam",
        expect![
            "exim message.rejected pid=7 queue_id=1xV2wi-0000aR-0j action=reject source=access stage=END-OF-MESSAGE client_address=192.0.2.10 text=spam mail_from=x@x.test helo=x.test"
        ],
    );
    check_line(
        "Nov 22 08:23:21 mx1 exim[7]: [2\\3] F From: X <x@x.test>",
        expect![
            "exim message.header pid=7 action=info part=header header_name=From content=X <x@x.test>"
        ],
    );
}

#[test]
fn the_reject_log_has_the_header_of_what_was_refused() {
    check_line(
        "Envelope-to: <anna@example.org>",
        expect![
            "exim message.header action=info part=envelope header_name=Envelope-to content=<anna@example.org>"
        ],
    );
    check_line(
        "  Subject: an offer",
        expect!["exim message.header action=info part=header header_name=Subject content=an offer"],
    );
    check_line(
        "I Message-ID: <a1@example.net>",
        expect![
            "exim message.header action=info part=header header_name=Message-ID content=<a1@example.net>"
        ],
    );
}

/// Stamps alike, programs others.
#[test]
fn lines_of_others_are_left_to_them() {
    for line in [
        "2026-11-22 08:23:21 mx1 postfix/qmgr[7]: 4jXNLn0rVKzyQd: removed",
        "2026-11-22 08:23:21 INFO server started",
        "2026-11-22 08:23:21 #77(normal) <abcdef>; task; rspamd_task_write_log: id: <a@x>",
        "2026-11-22 08:23:21,123 fail2ban.actions [7]: NOTICE [exim] Ban 192.0.2.10",
        "2026-11-22 08:23:21 [7] LOG:  connection received: host=192.0.2.10",
        "2026-11-22 08:23:21   smtp: anna [192.0.2.10] authentication failure",
        "  Caused by: java.io.IOException",
        "F From",
    ] {
        assert_ne!(crate::line(line.as_bytes()).program, "exim", "{line}");
    }
}

#[test]
fn any_byte_anywhere_does_no_harm() {
    let samples = TABLES.iter().flat_map(|(_, rules)| rules.iter());
    for sample in samples.flat_map(|rule| rule.samples) {
        let line = format!("2026-11-22 08:23:21 {sample}").into_bytes();
        for at in 0..line.len() {
            for byte in *b"\0 \"\\<>[]():=*|\xff" {
                let mut line = line.clone();
                line[at] = byte;
                crate::line(&line).each_field(&mut |_, _| {});
            }
        }
    }
}
