use crate::shown::check;
use expect_test::expect;

#[test]
fn a_delivery_names_the_next_hops_id_and_how_long_it_took() {
    check(
        r##"{"type":"Delivery","id":"1d98076abbbc11ed940250ebf67f93bd","sender":"anna@example.org","recipient":"bob@example.net","response":{"code":250,"enhanced_code":{"class":2,"subject":0,"detail":0},"content":"OK ids=8a5475ccbbc611eda12250ebf67f93bd","command":"."},"peer_address":{"name":"mx.example.net.","addr":"192.0.2.25"},"timestamp":1795335894,"event_time":"2026-11-22T08:24:54.440526026Z","created":1795335893,"created_time":"2026-11-22T08:24:53.140526026Z","delivery_protocol":"ESMTP","nodeid":"557f3ad4","session_id":"s1"}"##,
        expect![
            "2026-11-22 08:24:54.440526026 +0 host=557f3ad4 program=kumomta info delivery.relayed queue_id=1d98076abbbc11ed940250ebf67f93bd rcpt_to=bob@example.net relay_name=mx.example.net. relay_address=192.0.2.25 delay_ms=1300 enhanced_status=2.0.0 status=sent agent=smtp code=250 remote_reply=true next_queue_id=8a5475ccbbc611eda12250ebf67f93bd text=OK ids=8a5475ccbbc611eda12250ebf67f93bd session=s1"
        ],
    );
    check(
        r##"{"type":"Bounce","id":"1d98","sender":"anna@example.org","recipient":["bob@example.net","carl@example.net"],"response":{"code":550,"enhanced_code":null,"content":"no such \"user\"","command":null},"timestamp":1795335894,"created":1795335834}"##,
        expect![[
            r#"2026-11-22 08:24:54 +0 host= program=kumomta info delivery.bounced queue_id=1d98 rcpt_to=bob@example.net","carl@example.net delay_ms=60000 status=bounced agent=smtp code=550 remote_reply=true text=no such \"user\""#
        ]],
    );
}

#[test]
fn what_the_server_says_itself_is_no_reply() {
    check(
        r##"{"type":"TransientFailure","id":"1d98","sender":"","recipient":"bob@example.net","response":{"code":451,"enhanced_code":{"class":4,"subject":4,"detail":1},"content":"KumoMTA internal: failed to connect to any candidate hosts","command":null},"peer_address":null,"timestamp":1795335894,"created":1795335890}"##,
        expect![
            "2026-11-22 08:24:54 +0 host= program=kumomta info delivery.deferred queue_id=1d98 rcpt_to=bob@example.net delay_ms=4000 enhanced_status=4.4.1 status=deferred agent=error code=451 remote_reply=false text=KumoMTA internal: failed to connect to any candidate hosts"
        ],
    );
    check(
        r##"{"type":"Expiration","id":"1d98","sender":"anna@example.org","recipient":"bob@example.net","response":{"code":551,"content":"KumoMTA internal: expired"},"timestamp":1795335894,"created":1794731094}"##,
        expect![
            "2026-11-22 08:24:54 +0 host= program=kumomta info delivery.expired queue_id=1d98 rcpt_to=bob@example.net delay_ms=0 status=expired agent=smtp code=551 remote_reply=false text=KumoMTA internal: expired"
        ],
    );
}

#[test]
fn a_reception_and_a_rejection() {
    check(
        r##"{"type":"Reception","id":"d7ef","sender":"","recipient":"bob@example.net","size":0,"response":{"code":250,"enhanced_code":null,"content":"","command":null},"peer_address":{"name":"pc.example.org","addr":"2001:db8::10"},"timestamp":1795335894,"created":1795335894,"headers":{"Subject":["one","two"],"Message-ID":"<a1@example.org>"},"meta":{"timestamp":1},"reception_protocol":"ESMTP"}"##,
        expect![
            "2026-11-22 08:24:54 +0 host= program=kumomta info message.accepted queue_id=d7ef client_name=pc.example.org client_address=2001:db8::10 helo=pc.example.org protocol=ESMTP mail_from= recipients=1 rcpt_to=bob@example.net message_id=<a1@example.org> subject=one"
        ],
    );
    check(
        r##"{"type":"Rejection","id":"d7ef","sender":"","recipient":"","response":{"code":421,"enhanced_code":{"class":4,"subject":7,"detail":0},"content":"too many connections","command":"EHLO x"},"peer_address":{"name":"","addr":"203.0.113.9"},"timestamp":1795335894}"##,
        expect![
            "2026-11-22 08:24:54 +0 host= program=kumomta info session.rejected queue_id=d7ef action=reject source=access stage=EHLO client_address=203.0.113.9 code=421 enhanced_status=4.7.0 text=too many connections"
        ],
    );
}

#[test]
fn a_complaint() {
    check(
        r##"{"type":"Feedback","id":"d7ef","sender":"","recipient":"fbl@example.org","response":{"code":250,"enhanced_code":null,"content":"","command":null},"timestamp":1795335894,"feedback_report":{"feedback_type":"abuse"}}"##,
        expect![[
            r#"2026-11-22 08:24:54 +0 host= program=kumomta info complaint.received queue_id=d7ef about=fbl@example.org text={"feedback_type":"abuse"}"#
        ]],
    );
}

#[test]
fn json_of_others_stays_unknown() {
    check(
        r##"{"type":"Reception"}"##,
        expect!["00-00 00:00:00 host= program= info unknown"],
    );
    check(
        r##"{"type":"Delivery","id":"x"} "##,
        expect!["00-00 00:00:00 host= program= info unknown"],
    );
    check(
        r##"{"log":"text","stream":"stdout"}"##,
        expect!["00-00 00:00:00 host= program= info unknown"],
    );
    check(
        r##"Nov 22 08:23:21 mx1 relay[7]: {"type":"Delayed","id":"1d98","recipient":"bob@example.net","response":{"code":451,"content":"KumoMTA internal: held"},"timestamp":1795335894,"created":1795335894}"##,
        expect![
            "2026-11-22 08:24:54 +0 host=mx1 program=kumomta info delivery.deferred queue_id=1d98 rcpt_to=bob@example.net delay_ms=0 status=deferred agent=error code=451 remote_reply=false suspended=true text=KumoMTA internal: held"
        ],
    );
}

#[test]
fn headers_are_known_in_any_case() {
    check(
        r##"{"type":"Reception","id":"1d98","sender":"anna@example.org","recipient":"bob@example.net","size":320,"response":{"code":250,"content":""},"timestamp":1795335894,"created":1795335894,"headers":{"subject":"hello","Message-id":"<a1@example.org>","FROM":"Anna <anna@example.org>"}}"##,
        expect![
            "2026-11-22 08:24:54 +0 host= program=kumomta info message.accepted queue_id=1d98 mail_from=anna@example.org size=320 recipients=1 rcpt_to=bob@example.net message_id=<a1@example.org> subject=hello header_from=Anna <anna@example.org>"
        ],
    );
}
