use crate::filter::described;
use expect_test::{Expect, expect};

fn check(line: &str, expected: Expect) {
    expected.assert_eq(&described(line));
}

#[test]
fn a_message_with_quotes_in_its_subject() {
    check(
        r#"date=2026-11-22 time=08:23:21.846 device_id=FEVM1 log_id=0200027993 type=statistics pri=information  session_id="168GjLEk027992-168GjLEl027992" client_name="mail.example.net" client_ip="203.0.113.9" dst_ip="192.0.2.10" from="bob@example.net" hfrom="bob@example.net" to="anna@example.org" polid="2:2:5:SYSTEM" virus="" disposition="System Quarantine" classifier="FortiGuard AntiSpam" message_length="23951" subject="He said "hi" to us" message_id="a1@example.net" scan_time="0.008128""#,
        expect![[
            r#"info filter.verdict queue_id=168GjLEk027992-168GjLEl027992 passed=false category=FortiGuard AntiSpam actions=System Quarantine client_name=mail.example.net client_address=203.0.113.9 mail_from=bob@example.net recipients=anna@example.org message_id=a1@example.net size=23951 header_from=bob@example.net subject=He said "hi" to us decided_by=2:2:5:SYSTEM session=168GjLEk027992-168GjLEl027992"#
        ]],
    );
}

#[test]
fn a_delivery() {
    check(
        r#"date=2026-11-22 time=08:23:21.615 device_id=FE1 log_id=0003007072 type=event subtype=smtp pri=information  user=mail ui=mail action=NONE status=N/A session_id="13KGXMHI007058-13KGXMHK007058" msg="to=<anna@example.org>, delay=1+02:00:13, xdelay=00:00:12, mailer=esmtp, pri=50733, relay=mx1.example.org. [192.0.2.10], dsn=2.0.0, stat=Sent (Ok: queued as 4T9pxY2qZtz2XPBPX)""#,
        expect![
            "info delivery.relayed queue_id=13KGXMHI007058-13KGXMHK007058 rcpt_to=anna@example.org relay_name=mx1.example.org. relay_address=192.0.2.10 delay_ms=93613000 enhanced_status=2.0.0 status=sent agent=smtp remote_reply=true next_queue_id=4T9pxY2qZtz2XPBPX text=Sent (Ok: queued as 4T9pxY2qZtz2XPBPX) session=13KGXMHI007058-13KGXMHK007058"
        ],
    );
}

#[test]
fn a_login_that_failed() {
    check(
        r#"<188>date=2026-11-22 time=08:23:21 device_id=FE1 log_id=0001001624 type=kevent subtype=admin pri=warning user=admin ui=ssh(203.0.113.9) action=login status=failure reason=passwd_invalid msg="User admin login failed from ssh (203.0.113.9)""#,
        expect![
            "info auth.failed client_address=203.0.113.9 protocol=ssh user=admin reason=User admin login failed from ssh (203.0.113.9)"
        ],
    );
}
