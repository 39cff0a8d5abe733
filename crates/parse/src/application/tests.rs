use crate::shown::check;
use expect_test::expect;

#[test]
fn what_a_reader_did_is_told_with_where_and_how() {
    check(
        r##"{"event":"clicked","timestamp":1795335801.908181,"log-level":"info","url":"https://shop.example.org/a?b=1","ip":"203.0.113.9","geolocation":{"country":"IT"},"recipient":"bob@example.net","client-info":{"client-type":"browser","user-agent":"Mozilla/5.0 (X11)"},"message":{"headers":{"message-id":"a1@example.org"}},"campaigns":[],"tags":["news","march"],"user-variables":{"order":"77"}}"##,
        expect![[
            r#"2026-11-22 08:23:21.908181000 +0 host= program=application info engagement.clicked message_id=a1@example.org rcpt_to=bob@example.net client_address=203.0.113.9 url=https://shop.example.org/a?b=1 user_agent=Mozilla/5.0 (X11) tags=news","march variables={"order":"77"}"#
        ]],
    );
    check(
        r##"{"event":"unsubscribed","timestamp":"2026-11-22T09:23:21.5+01:00","recipient":"bob@example.net","message_id":"<a1@example.org>","user_agent":"x","campaign":"march","ip":"203.0.113.9","host":"shop1"}"##,
        expect![
            "2026-11-22 09:23:21.500000000 +60 host=shop1 program=application info engagement.unsubscribed message_id=<a1@example.org> rcpt_to=bob@example.net client_address=203.0.113.9 user_agent=x campaign=march"
        ],
    );
}

#[test]
fn what_became_of_a_message_has_the_kind_of_the_servers_lines() {
    for (severity, expected) in [
        (
            r#""severity":"temporary","reason":"generic","#,
            expect![
                "2026-11-22 08:23:21 +0 host= program=application info delivery.deferred message_id=a1@example.org mail_from=news@example.org rcpt_to=bob@example.net header_from=News <news@example.org> subject=hello size=320 relay_name=mx.example.net code=452 enhanced_status=4.2.2 text=mailbox full"
            ],
        ),
        (
            r#""severity":"permanent","reason":"bounce","#,
            expect![
                "2026-11-22 08:23:21 +0 host= program=application info delivery.bounced message_id=a1@example.org mail_from=news@example.org rcpt_to=bob@example.net header_from=News <news@example.org> subject=hello size=320 relay_name=mx.example.net code=452 enhanced_status=4.2.2 text=mailbox full"
            ],
        ),
        (
            r#""severity":"permanent","reason":"old","#,
            expect![
                "2026-11-22 08:23:21 +0 host= program=application info delivery.expired message_id=a1@example.org mail_from=news@example.org rcpt_to=bob@example.net header_from=News <news@example.org> subject=hello size=320 relay_name=mx.example.net code=452 enhanced_status=4.2.2 text=mailbox full"
            ],
        ),
    ] {
        let line = format!(
            r##"{{"event":"failed",{severity}"timestamp":1795335801,"recipient":"bob@example.net","envelope":{{"sender":"news@example.org"}},"delivery-status":{{"code":452,"enhanced-code":"4.2.2","message":"mailbox full","mx-host":"mx.example.net"}},"message":{{"headers":{{"message-id":"a1@example.org","from":"News <news@example.org>","subject":"hello"}},"size":320}}}}"##
        );
        check(&line, expected);
    }
}

#[test]
fn a_webhook_has_the_event_inside() {
    check(
        r##"{"signature":{"timestamp":"1795335800","token":"0a","signature":"0b"},"event-data":{"event":"complained","timestamp":1795335801.5,"recipient":"bob@example.net","message":{"headers":{"message-id":"a1@example.org"}}}}"##,
        expect![
            "2026-11-22 08:23:21.500000000 +0 host= program=application info complaint.received message_id=a1@example.org rcpt_to=bob@example.net"
        ],
    );
    check(
        r##"{"event":"stored","timestamp":1795335801.5,"message":{"headers":{"message-id":"a2@example.net","from":"bob@example.net"},"recipients":["anna@example.org","carl@example.org"],"size":320}}"##,
        expect![[
            r#"2026-11-22 08:23:21.500000000 +0 host= program=application info message.stored message_id=a2@example.net rcpt_to=anna@example.org","carl@example.org header_from=bob@example.net size=320"#
        ]],
    );
}

#[test]
fn what_is_no_event_of_mail_is_not_read() {
    for line in [
        r#"{"event":"opened","timestamp":1795335801}"#,
        r#"{"event":"opened","recipient":"bob@example.net"}"#,
        r#"{"event":"opened","recipient":"bob@example.net","timestamp":"yesterday"}"#,
        r#"{"event":"opened","recipient":"bob@example.net","timestamp":-1}"#,
        r#"{"event":"opened","recipient":"bob@example.net","timestamp":1e300}"#,
        r#"{"event":"door opened","recipient":"bob@example.net","timestamp":1795335801}"#,
        r#"{"event":7,"recipient":"bob@example.net","timestamp":1795335801}"#,
        r#"{"event-data":"opened","recipient":"bob@example.net","timestamp":1795335801}"#,
        r#"{"event-data":{"event-data":{}}}"#,
    ] {
        let event = crate::line(line.as_bytes());
        assert_eq!(event.kind(), model::Kind::Unknown, "{line}");
    }
}
