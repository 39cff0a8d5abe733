use expect_test::{Expect, expect};

/// What a line of multilog says.
fn check(text: &str, expected: Expect) {
    crate::shown::check_facts(&format!("@400000006b01a6c11c3d5e6f {text}"), expected);
}

#[test]
fn a_message_by_its_number() {
    check(
        "new msg 2638346",
        expect!["info message.started queue_id=2638346"],
    );
    check(
        "info msg 2638346: bytes 1234 from <list-return-1-@example.org-@[]> qp 4711 uid 89",
        expect![
            "info message.accepted queue_id=2638346 uid=89 mail_from=list-return-1-@example.org-@[] size=1234 session=4711"
        ],
    );
    check(
        "starting delivery 3: msg 2638346 to remote anna@example.org",
        expect![
            "info delivery.started queue_id=2638346 delivery_number=3 rcpt_to=anna@example.org remote=true"
        ],
    );
    check(
        "delivery 3: success: 192.0.2.25_accepted_message./Remote_host_said:_250_2.0.0_Ok:_queued_as_4XyZab12cDz9Qw/",
        expect![
            "info delivery.delivered delivery_number=3 relay_address=192.0.2.25 enhanced_status=2.0.0 status=sent code=250 remote_reply=true next_queue_id=4XyZab12cDz9Qw text=192.0.2.25_accepted_message./Remote_host_said:_250_2.0.0_Ok:_queued_as_4XyZab12cDz9Qw/"
        ],
    );
    check(
        "end msg 2638346",
        expect!["info message.closed queue_id=2638346"],
    );
    check(
        "bounce msg 2638346 qp 4712",
        expect![
            "info dsn.sent queue_id=2638346 notification=non_delivery to_postmaster=false dsn_queue_id=4712"
        ],
    );
}

#[test]
fn ids_that_the_next_hop_gave() {
    check(
        "delivery 3: success: 192.0.2.25_accepted_message./Remote_host_said:_250_ok_1795335894_qp_4713/",
        expect![
            "info delivery.delivered delivery_number=3 relay_address=192.0.2.25 status=sent code=250 remote_reply=true next_queue_id=4713 text=192.0.2.25_accepted_message./Remote_host_said:_250_ok_1795335894_qp_4713/"
        ],
    );
    check(
        "delivery 3: success: 192.0.2.25_accepted_message./Remote_host_said:_250_OK_id=1uBcDe-0001Ab-2C/",
        expect![
            "info delivery.delivered delivery_number=3 relay_address=192.0.2.25 status=sent code=250 remote_reply=true next_queue_id=1uBcDe-0001Ab-2C text=192.0.2.25_accepted_message./Remote_host_said:_250_OK_id=1uBcDe-0001Ab-2C/"
        ],
    );
    check(
        "delivery 3: success: 192.0.2.25_accepted_message./Remote_host_said:_250_2.0.0_OK__1795335894_t3si12733181vcr.13_-_gsmtp/",
        expect![
            "info delivery.delivered delivery_number=3 relay_address=192.0.2.25 enhanced_status=2.0.0 status=sent code=250 remote_reply=true next_queue_id=t3si12733181vcr.13 text=192.0.2.25_accepted_message./Remote_host_said:_250_2.0.0_OK__1795335894_t3si12733181vcr.13_-_gsmtp/"
        ],
    );
    check(
        "delivery 3: success: did_0+1+0/qp_4714/",
        expect![
            "info delivery.delivered delivery_number=3 status=sent remote_reply=false next_queue_id=4714 text=did_0+1+0/qp_4714/"
        ],
    );
}

#[test]
fn failures_tell_codes() {
    check(
        "delivery 3: deferral: Connected_to_2001:db8::25_but_sender_was_rejected./Remote_host_said:_450_4.7.1_Greylisted/",
        expect![
            "info delivery.deferred delivery_number=3 relay_address=2001:db8::25 enhanced_status=4.7.1 status=deferred code=450 remote_reply=true text=Connected_to_2001:db8::25_but_sender_was_rejected./Remote_host_said:_450_4.7.1_Greylisted/"
        ],
    );
    check(
        "delivery 3: failure: Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/",
        expect![
            "info delivery.bounced delivery_number=3 enhanced_status=5.1.1 status=bounced remote_reply=false text=Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/"
        ],
    );
    check(
        "delivery 3: report mangled, will defer",
        expect!["info delivery.deferred delivery_number=3 status=deferred remote_reply=false"],
    );
}

#[test]
fn before_the_smtp_server() {
    check(
        "tcpserver: ok 26162 mx1.example.org:192.0.2.1:25 mail.example.net:192.0.2.10::41234",
        expect![
            "info session.opened client_name=mail.example.net client_address=192.0.2.10 client_port=41234 server_name=mx1.example.org server_address=192.0.2.1 server_port=25 session=26162"
        ],
    );
    check(
        "tcpserver: deny 26163 mx1.example.org:2001:db8::1:25 :2001:db8::10::41234",
        expect![
            "info session.rejected action=reject source=access stage=CONNECT client_address=2001:db8::10 client_port=41234 session=26163"
        ],
    );
    check(
        "tcpserver: end 26162 status 0",
        expect!["info session.closed session=26162"],
    );
    check(
        "rblsmtpd: 192.0.2.10 pid 26162 list.x.test: 451 http://x.test/query?ip=192.0.2.10",
        expect![
            "info session.rejected action=reject source=access stage=CONNECT client_address=192.0.2.10 code=451 text=http://x.test/query?ip=192.0.2.10 session=26162"
        ],
    );
}

#[test]
fn patches_and_companions() {
    check(
        "CHKUSER rejected rcpt: from <bob@example.net::> remote <mail.example.net:unknown:192.0.2.10> rcpt <eve@example.org> : not existing recipient",
        expect![
            "info message.rejected action=reject source=access stage=RCPT client_name=unknown client_address=192.0.2.10 text=not existing recipient mail_from=bob@example.net rcpt_to=eve@example.org helo=mail.example.net"
        ],
    );
    check(
        "simscan:[4711]:CLEAN (-1.21/9.00):3.3608s:Re: your order:192.0.2.10:bob@example.net:anna@example.org",
        expect![
            "info filter.verdict passed=true category=CLEAN client_address=192.0.2.10 mail_from=bob@example.net recipients=anna@example.org score=-1.21 score_required=9 took_ms=3360 subject=Re: your order session=4711"
        ],
    );
    check(
        "spamdyke[12]: ALLOWED from: bob@example.net to: anna@example.org origin_ip: 192.0.2.10 origin_rdns: mail.example.net auth: (unknown) encryption: TLS reason: 250_ok_1795335894_qp_4711",
        expect![
            "info policy.decision action=accept source=access stage=RCPT client_name=mail.example.net client_address=192.0.2.10 code=250 text=250_ok_1795335894_qp_4711 next_queue_id=4711 mail_from=bob@example.net rcpt_to=anna@example.org"
        ],
    );
    check(
        "qmail-smtpd: pid 4711 Reject::RCPT::Failed_Rcpt P:ESMTPS S:2001:db8::10:unknown H:x.test F:bob@example.net T:eve@example.org",
        expect![
            "info message.rejected action=reject source=access stage=RCPT client_name=unknown client_address=2001:db8::10 text=Reject::RCPT::Failed_Rcpt mail_from=bob@example.net rcpt_to=eve@example.org protocol=ESMTPS helo=x.test session=4711"
        ],
    );
    check(
        "INFO: LOGIN, user=anna, ip=[::ffff:192.0.2.10], protocol=IMAP",
        expect!["info auth.succeeded protocol=imap user=anna client_address=192.0.2.10"],
    );
}

#[test]
fn a_password_is_not_told() {
    crate::shown::check_facts(
        "Nov 22 08:23:21 mx1 vpopmail[7]: vchkpw-smtp: password fail (pass: 'hush') anna@example.org:192.0.2.10",
        expect![
            "info auth.failed client_address=192.0.2.10 protocol=smtp user=anna@example.org reason=password fail"
        ],
    );
}

#[test]
fn splogger_puts_seconds_before_the_text() {
    crate::shown::check_facts(
        "Nov 22 08:23:21 mx1 qmail: 1795335894.123456 starting delivery 3: msg 2638346 to local example.org-bob@example.org",
        expect![
            "info delivery.started queue_id=2638346 delivery_number=3 rcpt_to=example.org-bob@example.org remote=false"
        ],
    );
    crate::shown::check_facts(
        "Nov 22 08:23:21 mx1 smtpd: 1795335894.123456 tcpserver: status: 1/20",
        expect!["info service.statistics number=1 text=status: 1/20"],
    );
}

#[test]
fn stamps_of_multilog() {
    let stamp = |line: &str| {
        let event = crate::line(line.as_bytes());
        format!("{} {:?}", event.program, event.stamp)
    };
    // daemontools' own example. Its clock counted leap seconds; clocks that do not are ten seconds
    // behind the label.
    let expected = expect![
        "qmail Stamp { year: Some(1999), month: 8, day: 24, hour: 4, minute: 4, second: 5, precision: Nanos, nanos: 787492500, offset_minutes: Some(0) }"
    ];
    expected.assert_eq(&stamp("@4000000037c219bf2ef02e94 end msg 7"));
    let expected = expect![
        "tcpserver Stamp { year: Some(2026), month: 11, day: 22, hour: 8, minute: 33, second: 19, precision: Nanos, nanos: 123456789, offset_minutes: None }"
    ];
    expected.assert_eq(&stamp(
        "2026-11-22 08:33:19.123456789 tcpserver: status: 1/20",
    ));
    let expected = expect![
        " Stamp { year: None, month: 0, day: 0, hour: 0, minute: 0, second: 0, precision: Seconds, nanos: 0, offset_minutes: None }"
    ];
    expected.assert_eq(&stamp("@4000000037c219bf2ef02e9 end msg 7"));
    let expected = expect![
        " Stamp { year: None, month: 0, day: 0, hour: 0, minute: 0, second: 0, precision: Seconds, nanos: 0, offset_minutes: None }"
    ];
    expected.assert_eq(&stamp("@3000000037c219bf2ef02e94 end msg 7"));
    let expected = expect![
        " Stamp { year: Some(2026), month: 11, day: 22, hour: 8, minute: 33, second: 19, precision: Micros, nanos: 123456000, offset_minutes: None }"
    ];
    expected.assert_eq(&stamp("2026-11-22 08:33:19.123456 mx1 new msg 7"));
    let expected = expect![
        " Stamp { year: Some(1999), month: 8, day: 24, hour: 4, minute: 4, second: 5, precision: Nanos, nanos: 787492500, offset_minutes: Some(0) }"
    ];
    expected.assert_eq(&stamp("@4000000037c219bf2ef02e94 [12] info: spamd: x"));
}
