use crate::filter::described;
use expect_test::{Expect, expect};

fn check(line: &str, expected: Expect) {
    expected.assert_eq(&described(line));
}

#[test]
fn a_message_in_a_text_mail_log() {
    check(
        r#"Sun Nov 22 08:33:19 2026 Info: New SMTP ICID 5 interface Management (192.0.2.7) address 203.0.113.9 reverse dns host mail.example.net verified yes"#,
        expect![
            "info session.opened client_name=mail.example.net client_address=203.0.113.9 server_name=Management server_address=192.0.2.7 session=5"
        ],
    );
    check(
        r#"Sun Nov 22 08:33:19 2026 Info: Start MID 6 ICID 5"#,
        expect!["info message.started queue_id=6 session=5"],
    );
    check(
        r#"Sun Nov 22 08:33:19 2026 Info: MID 6 ICID 5 From: <bob@example.net>"#,
        expect![
            "info policy.decision queue_id=6 action=permit source=access stage=MAIL mail_from=bob@example.net session=5"
        ],
    );
    check(
        r#"Sun Nov 22 08:33:19 2026 Info: MID 6 ICID 5 RID 0 To: <anna@example.org>"#,
        expect![
            "info policy.decision queue_id=6 action=permit source=access stage=RCPT rcpt_to=anna@example.org session=5"
        ],
    );
    check(
        r#"Sun Nov 22 08:33:19 2026 Info: MID 6 Subject 'It's time'"#,
        expect![
            "info message.header queue_id=6 action=info part=header header_name=Subject content=It's time"
        ],
    );
    check(
        r#"Sun Nov 22 08:33:19 2026 Info: MID 6 ready 2201 bytes from <bob@example.net>"#,
        expect!["info message.accepted queue_id=6 mail_from=bob@example.net size=2201"],
    );
    check(
        r#"Sun Nov 22 08:33:19 2026 Info: MID 6 RID [0] Response '2.0.0 Ok: queued as 4T9pxY2qZtz2XPBPX'"#,
        expect![
            "info delivery.delivered queue_id=6 delivery_number=0 enhanced_status=2.0.0 status=sent remote_reply=true next_queue_id=4T9pxY2qZtz2XPBPX text=2.0.0 Ok: queued as 4T9pxY2qZtz2XPBPX"
        ],
    );
    check(
        r#"Sun Nov 22 08:33:19 2026 Info: Message finished MID 6 done"#,
        expect!["info message.closed queue_id=6"],
    );
}

#[test]
fn deliveries_that_failed() {
    check(
        r#"Nov 22 08:23:21 mail_logs: Info: Bounced: DCID 8 MID 6 to RID 0 - 5.1.0 - Unknown address error ('550', ['5.1.1 User unknown'])"#,
        expect![
            "info delivery.bounced queue_id=6 delivery_number=0 enhanced_status=5.1.0 status=bounced code=550 remote_reply=true text=Unknown address error ('550', ['5.1.1 User unknown'])"
        ],
    );
    check(
        r#"Nov 22 08:23:21 mail_logs: Info: New SMTP DCID 8 interface 192.0.2.7 address 192.0.2.10 port 25"#,
        expect![
            "info service.info peer_address=192.0.2.10 peer_port=25 about=192.0.2.7 text=New SMTP DCID 8 interface 192.0.2.7 address 192.0.2.10 port 25 session=DCID 8"
        ],
    );
}

#[test]
fn other_numbers_of_a_message() {
    check(
        r#"Nov 22 08:23:21 mail_logs: Info: MID 6 rewritten to MID 7 by antispam"#,
        expect![
            "info filter.verdict queue_id=6 passed=true category=rewritten queued_as=7 decided_by=by antispam"
        ],
    );
    check(
        r#"Nov 22 08:23:21 mail_logs: Info: MID 7 generated based on MID 6 by bcc filter 'archive'"#,
        expect![
            "info filter.verdict queue_id=6 passed=true category=generated queued_as=7 decided_by=by bcc filter 'archive'"
        ],
    );
}

#[test]
fn a_consolidated_event() {
    check(
        r#"CEF:0|Cisco|C300V Email Security Virtual Appliance|13.0.0-252|ESA_CONSOLIDATED_LOG_EVENT|Consolidated Log Event|5|deviceExternalId=42 ESAMID=4631 ESAASVerdict=NEGATIVE endTime=Sun Nov 22 08:33:19 2026 ESAFriendlyFrom=Bob <bob@example.net> ESAICID=36050 suser=bob@example.net cs1Label=MailPolicy cs1=DEFAULT act=BOUNCED cs4Label=ExternalMsgID cs4='<a1@example.net>' duser=anna@example.org ESAMsgSize=2201 sourceAddress=203.0.113.9 ESAURLDetails={'http://x.test/?a=1&b=2': {}} msg='a \=b c'"#,
        expect![[
            r#"info filter.verdict queue_id=4631 passed=false category=NEGATIVE actions=BOUNCED client_address=203.0.113.9 mail_from=bob@example.net recipients=anna@example.org message_id=<a1@example.net> size=2201 header_from=Bob <bob@example.net> subject=a \=b c decided_by=DEFAULT session=36050"#
        ]],
    );
}
