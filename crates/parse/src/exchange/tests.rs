use crate::shown::check;
use expect_test::expect;

#[test]
fn a_message_received_and_sent_on() {
    check(
        r##"2026-11-22T08:23:21.949Z,192.0.2.25,mx.example.net,198.51.100.7,ex1,08DC;2026-11-22T08:23:21.544Z;0,ex1\Default ex1,SMTP,RECEIVE,709,<a1@example.net>,1e6eb197-c6b4-1234-1b69-56dc1db88f50,anna@example.org;carl@example.org,,7229,2,,,"hello, ""you""",bob@example.net,<>,0cA: ,Incoming,,192.0.2.25,198.51.100.7,S:FromEntity=Internet,Email,05503123-c5b9-46fe-1234-56dc1db88f8f,15.02.0330.005"##,
        expect![[
            r#"2026-11-22 08:23:21.949000000 +0 host=ex1 program=exchange info message.accepted queue_id=709 client_name=mx.example.net client_address=192.0.2.25 server_name=ex1 server_address=198.51.100.7 protocol=SMTP mail_from= size=7229 recipients=2 rcpt_to=anna@example.org;carl@example.org message_id=<a1@example.net> subject=hello, ""you"" header_from=bob@example.net session=1e6eb197-c6b4-1234-1b69-56dc1db88f50"#
        ]],
    );
    check(
        r##"2026-11-22T08:23:21.327Z,198.51.100.7,EX1,192.0.2.25,mx.example.net,";250 2.6.0 <a1@example.org> [InternalId=5450, Hostname=ex2.example.net] Queued mail for delivery",Outbound,SMTP,SEND,877,<a1@example.org>,cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd202,bob@example.net,250 2.1.5 Recipient OK,136349,1,,,hello,anna@example.org,anna@example.org,,Originating,,,,S:E2ELatency=0.5"##,
        expect![
            "2026-11-22 08:23:21.327000000 +0 host=EX1 program=exchange info delivery.relayed queue_id=877 rcpt_to=bob@example.net relay_name=mx.example.net relay_address=192.0.2.25 delay_ms=0 enhanced_status=2.1.5 status=sent agent=smtp code=250 remote_reply=true next_queue_id=5450 text=250 2.1.5 Recipient OK session=cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd202"
        ],
    );
}

#[test]
fn the_columns_of_2007_have_no_network_message_id() {
    check(
        r##"2026-11-22T08:23:21.949Z,198.51.100.7,ex1,198.51.100.8,ex2,,,STOREDRIVER,DELIVER,17,<a1@example.org>,bob@example.org,,7229,1,,,hello,anna@example.org,anna@example.org,04I: "##,
        expect![
            "2026-11-22 08:23:21.949000000 +0 host=ex1 program=exchange info delivery.delivered queue_id=17 rcpt_to=bob@example.org relay_name=ex2 relay_address=198.51.100.8 delay_ms=0 status=sent agent=local remote_reply=false"
        ],
    );
}

#[test]
fn a_copy_with_an_id_of_its_own() {
    check(
        r##"2026-11-22T08:23:21.327Z,,,,EX1,,,ROUTING,TRANSFER,878,<a1@example.net>,cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd202,anna@example.org,,7229,1,,877,hello,bob@example.net,bob@example.net,,Incoming,,,,S:E2ELatency=0.5"##,
        expect![
            "2026-11-22 08:23:21.327000000 +0 host=EX1 program=exchange info delivery.expanded queue_id=877 rcpt_to=anna@example.org delay_ms=0 status=expanded agent=other remote_reply=false next_queue_id=878 session=cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd202"
        ],
    );
}

#[test]
fn a_failure_told_in_marks() {
    check(
        r##"2026-11-22T08:23:21.327Z,,,,EX1,,,ROUTING,FAIL,877,<a1@example.net>,cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd202,x@example.org,[{LRT=};{LED=550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found}],7229,1,,,hello,bob@example.net,bob@example.net,,Incoming,,,,S:E2ELatency=0.5"##,
        expect![
            "2026-11-22 08:23:21.327000000 +0 host=EX1 program=exchange info delivery.bounced queue_id=877 rcpt_to=x@example.org delay_ms=0 enhanced_status=5.1.10 status=bounced agent=error code=550 remote_reply=false text=[{LRT=};{LED=550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found}] session=cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd202"
        ],
    );
}

#[test]
fn a_notification_is_about_another_message() {
    check(
        r##"2026-11-22T08:23:21.327Z,,,,EX1,,,DSN,DSN,880,<d1@ex1.example.org>,cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd203,anna@example.org,,7229,1,,<a1@example.org>,Undeliverable: hello,postmaster@example.org,<>,,Originating,,,,S:E2ELatency=0.5"##,
        expect![
            "2026-11-22 08:23:21.327000000 +0 host=EX1 program=exchange info dsn.sent notification=non_delivery to_postmaster=false dsn_queue_id=880 orig_message_id=<a1@example.org> session=cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd203"
        ],
    );
}

#[test]
fn the_smtp_protocol_log_seen_from_both_sides() {
    check(
        r##"2026-11-22T08:23:21.270Z,EX1\Default Frontend EX1,08DA4F7C11473A60,9,198.51.100.7:25,203.0.113.9:53722,>,535 5.7.3 Authentication unsuccessful,"##,
        expect![
            "2026-11-22 08:23:21.270000000 +0 host=EX1 program=exchange info auth.failed client_address=203.0.113.9 client_port=53722 server_address=198.51.100.7 server_port=25 protocol=smtp reason=Authentication unsuccessful session=08DA4F7C11473A60"
        ],
    );
    check(
        r##"2026-11-22T08:23:21.270Z,EX1\Default EX1,08DA4F7C11473A60,20,198.51.100.7:2525,192.0.2.25:53722,>,"250 2.6.0 <a1@example.net> [InternalId=709, Hostname=ex1.example.org] 8251 bytes in 0.123, 65.510 KB/sec Queued mail for delivery","##,
        expect![
            "2026-11-22 08:23:21.270000000 +0 host=EX1 program=exchange info message.header queue_id=709 message_id=<a1@example.net> session=08DA4F7C11473A60"
        ],
    );
    check(
        r##"2026-11-22T08:23:21.270Z,Outbound,08DA4F7C11473A61,9,198.51.100.7:41234,[2001:db8::25]:25,<,450 4.2.0 try later,"##,
        expect![
            "2026-11-22 08:23:21.270000000 +0 host= program=exchange info delivery.attempt_failed peer_address=2001:db8::25 peer_port=25 code=450 enhanced_status=4.2.0 text=try later session=08DA4F7C11473A61"
        ],
    );
}

#[test]
fn an_imap_login_refused() {
    check(
        r##"2026-11-22T08:23:21.530Z,000000000000000E,2,198.51.100.7:143,203.0.113.9:35070,root,168,31,31,authenticate,PLAIN,"R=""2 NO AUTHENTICATE failed."";Msg=""AuthFailed:LogonDenied,User: root"";ErrMsg=AuthFailed:LogonDenied","##,
        expect![
            "2026-11-22 08:23:21.530000000 +0 host= program=exchange info auth.failed client_address=203.0.113.9 client_port=35070 server_address=198.51.100.7 server_port=143 protocol=imap auth_method=PLAIN user=root reason=AuthFailed:LogonDenied session=000000000000000E"
        ],
    );
}

#[test]
fn iis_tells_of_activesync() {
    check(
        r##"2026-11-22 08:23:21 198.51.100.7 POST /Microsoft-Server-ActiveSync/default.eas Cmd=SendMail&User=anna&DeviceId=A1 443 EXAMPLE\anna 192.0.2.10 Apple-iPhone - 200 0 0 312"##,
        expect![[
            r#"2026-11-22 08:23:21 +0 host= program=exchange info message.submitted client_address=192.0.2.10 user=EXAMPLE\anna http_method=POST path=/Microsoft-Server-ActiveSync/default.eas Cmd=SendMail&User=anna&DeviceId=A1 http_status=200 took_ms=312 user_agent=Apple-iPhone"#
        ]],
    );
    check(
        r##"2026-11-22 08:23:21 1abcde-000001-AB <= anna@example.org H=mx.example.org [192.0.2.25] P=esmtp S=1"##,
        expect![
            "2026-11-22 08:23:21 host= program=exim info message.accepted queue_id=1abcde-000001-AB client_name=mx.example.org client_address=192.0.2.25 protocol=esmtp mail_from=anna@example.org size=1"
        ],
    );
}

#[test]
fn a_record_of_the_message_trace() {
    check(
        r##"{"Organization":"example.onmicrosoft.test","MessageId":"<a1@example.net>","Received":"/Date(1795335894375)/","SenderAddress":"bob@example.net","RecipientAddress":"anna@example.org","Subject":null,"Status":"Quarantined","ToIP":null,"FromIP":"192.0.2.25","Size":87680,"MessageTraceId":"3b4fc661-180d-4c2f-60c9-08da6e38dd10"}"##,
        expect![
            "2026-11-22 08:24:54.375000000 +0 host= program=exchange info filter.verdict passed=false category=Quarantined client_address=192.0.2.25 mail_from=bob@example.net recipients=anna@example.org message_id=<a1@example.net> mail_id=3b4fc661-180d-4c2f-60c9-08da6e38dd10 size=87680 session=3b4fc661-180d-4c2f-60c9-08da6e38dd10"
        ],
    );
}
