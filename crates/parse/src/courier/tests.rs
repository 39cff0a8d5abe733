use expect_test::{Expect, expect};

/// What a line says behind time and host.
fn check(text: &str, expected: Expect) {
    crate::shown::check_facts(&format!("Nov 22 08:23:21 mx1 {text}"), expected);
}

#[test]
fn a_message_by_its_id() {
    check(
        "courierd: newmsg,id=0038C081.4D026173.000051A4, auth=anna: dns; laptop (mail.example.net [::ffff:192.0.2.10])",
        expect![
            "info message.accepted queue_id=0038C081.4D026173.000051A4 client_name=mail.example.net client_address=192.0.2.10 helo=laptop sasl_username=anna session=4D026173.000051A4"
        ],
    );
    check(
        "courierd: started,id=0038C081.4D026173.000051A4,from=<anna@example.org>,module=esmtp,host=example.net,addr=<bob@example.net>",
        expect![
            "info delivery.started queue_id=0038C081.4D026173.000051A4 mail_from=anna@example.org rcpt_to=bob@example.net remote=true session=4D026173.000051A4"
        ],
    );
    check(
        "courieresmtp: id=0038C081.4D026173.000051A4,from=<anna@example.org>,addr=<bob@example.net>: 250 2.0.0 Ok: queued as 4XyZab12cDz9Qw",
        expect![
            "info service.info queue_id=0038C081.4D026173.000051A4 rcpt_to=bob@example.net enhanced_status=2.0.0 status=sent code=250 remote_reply=true next_queue_id=4XyZab12cDz9Qw text=250 2.0.0 Ok: queued as 4XyZab12cDz9Qw session=4D026173.000051A4"
        ],
    );
    check(
        "courieresmtp: id=0038C081.4D026173.000051A4,from=<anna@example.org>,addr=<bob@example.net>,size=329,success: delivered: mx.example.net [::ffff:192.0.2.25]",
        expect![
            "info delivery.relayed queue_id=0038C081.4D026173.000051A4 rcpt_to=bob@example.net relay_name=mx.example.net relay_address=192.0.2.25 delay_ms=0 status=sent agent=smtp remote_reply=false text=delivered: mx.example.net [::ffff:192.0.2.25] session=4D026173.000051A4"
        ],
    );
    check(
        "courieresmtp: id=0038C081.4D026173.000051A4,from=<anna@example.org>,addr=<bob@example.net>,size=329,status: success",
        expect![
            "info service.info queue_id=0038C081.4D026173.000051A4 text=id=0038C081.4D026173.000051A4,from=<anna@example.org>,addr=<bob@example.net>,size=329,status: success session=4D026173.000051A4"
        ],
    );
    check(
        "courierlocal: id=0038C081.4D026173.000051A4,from=<bob@example.net>,addr=<anna@example.org>,size=329,success: Message delivered.",
        expect![
            "info delivery.delivered queue_id=0038C081.4D026173.000051A4 rcpt_to=anna@example.org delay_ms=0 status=sent agent=local remote_reply=false text=Message delivered. session=4D026173.000051A4"
        ],
    );
    check(
        "courierd: completed,id=0038C081.4D026173.000051A4",
        expect![
            "info message.closed queue_id=0038C081.4D026173.000051A4 session=4D026173.000051A4"
        ],
    );
}

#[test]
fn a_failure_has_its_words_before_it() {
    check(
        "courieresmtp: id=0038C081.4D026173.000051A4,from=<>,addr=<eve@example.net>: 550 5.1.1 <eve@example.net>: no such user",
        expect![
            "info delivery.attempt_failed queue_id=0038C081.4D026173.000051A4 rcpt_to=eve@example.net code=550 enhanced_status=5.1.1 text=550 5.1.1 <eve@example.net>: no such user session=4D026173.000051A4"
        ],
    );
    check(
        "courieresmtp: id=0038C081.4D026173.000051A4,from=<>,addr=<eve@example.net>,status: failure",
        expect![
            "info delivery.bounced queue_id=0038C081.4D026173.000051A4 rcpt_to=eve@example.net delay_ms=0 status=bounced agent=smtp remote_reply=false session=4D026173.000051A4"
        ],
    );
    check(
        "courierd: id=0038C081.4D026173.000051A4,from=<anna@example.org>,addr=<bob@example.net>: Message cancelled.",
        expect![
            "info delivery.attempt_failed queue_id=0038C081.4D026173.000051A4 rcpt_to=bob@example.net text=Message cancelled. session=4D026173.000051A4"
        ],
    );
    check(
        "courierd: id=0038C081.4D026173.000051A4,from=<anna@example.org>,addr=<bob@example.net>,status: failure",
        expect![
            "info delivery.bounced queue_id=0038C081.4D026173.000051A4 rcpt_to=bob@example.net delay_ms=0 status=bounced agent=error remote_reply=false session=4D026173.000051A4"
        ],
    );
}

#[test]
fn refusals() {
    check(
        "courieresmtpd: error,relay=::ffff:192.0.2.10,ident=anna,from=<bob@example.net>,to=<eve@example.org>: 550 User unknown.",
        expect![
            "info message.rejected action=reject source=access stage=RCPT client_address=192.0.2.10 code=550 text=User unknown. mail_from=bob@example.net rcpt_to=eve@example.org"
        ],
    );
    check(
        r#"courieresmtpd: error,relay=::ffff:192.0.2.10,port=41234,msg="535 Authentication failed.",cmd: AUTH LOGIN YW5uYQ=="#,
        expect![
            "info auth.failed client_address=192.0.2.10 client_port=41234 protocol=smtp auth_method=LOGIN reason=535 Authentication failed."
        ],
    );
    check(
        r#"courieresmtpd: error,relay=::ffff:192.0.2.10,msg="502 ESMTP command error",cmd: GET / HTTP/1.0"#,
        expect![
            "info session.violation client_address=192.0.2.10 violation=502 ESMTP command error text=GET / HTTP/1.0"
        ],
    );
}

#[test]
fn mailbox_sessions() {
    check(
        "imapd-ssl: LOGIN, user=anna@example.org, ip=[::ffff:192.0.2.10], port=[41234], protocol=IMAP, starttls=1",
        expect![
            "info auth.succeeded protocol=imap user=anna@example.org client_address=192.0.2.10 client_port=41234 tls=true"
        ],
    );
    check(
        "pop3d: INFO: LOGOUT, user=anna, ip=[2001:db8::10], port=[41234], top=0, retr=5120, rcvd=18, sent=5300, time=1",
        expect![
            "info session.closed protocol=pop3 user=anna client_address=2001:db8::10 client_port=41234 reason=LOGOUT bytes_in=18 bytes_out=5300 counts=top=0, retr=5120, rcvd=18, sent=5300, time=1"
        ],
    );
    check(
        "pop3d: LOGIN FAILED, user=eve@example.org, ip=[::ffff:192.0.2.10]",
        expect![
            "info auth.failed client_address=192.0.2.10 protocol=pop3 user=eve@example.org reason=LOGIN FAILED"
        ],
    );
    check(
        "imapd: LOGOUT, ip=[::ffff:192.0.2.10], rcvd=12, sent=307",
        expect!["info session.closed client_address=192.0.2.10 counts=rcvd=12, sent=307"],
    );
    check(
        "imapd: EXPUNGED, user=anna, ip=[::ffff:192.0.2.10], port=[41234], old_name=cur/1795335894.M1P2V3I4.mx1,S=734:2,ST",
        expect![
            "info mailbox.expunged user=anna protocol=imap size=734 client_address=192.0.2.10 client_port=41234 text=old_name=cur/1795335894.M1P2V3I4.mx1,S=734:2,ST"
        ],
    );
}

#[test]
fn passwords_are_not_told() {
    check(
        "authdaemond: DEBUG: Authenticated: clearpasswd=hush, passwd=$1$abc",
        expect!["debug service.info text=Authenticated: clearpasswd="],
    );
    check(
        "authdaemond: supplied password 'hush' does not match clearpasswd",
        expect!["info service.info text=supplied password"],
    );
}
