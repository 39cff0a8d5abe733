use expect_test::{Expect, expect};

/// What a line of `smtpd` says.
fn check(text: &str, expected: Expect) {
    crate::shown::check_facts(&format!("Nov 22 08:23:21 mx1 smtpd[7]: {text}"), expected);
}

#[test]
fn a_message_comes_in() {
    check(
        "5df87c903d709659 smtp connected address=[2001:db8::10] host=<unknown>",
        expect![
            "info session.opened client_name=unknown client_address=2001:db8::10 session=5df87c903d709659"
        ],
    );
    check(
        "5df87c903d709659 smtp message msgid=c405e39a size=303 nrcpt=1 proto=ESMTP",
        expect![
            "info message.accepted queue_id=c405e39a protocol=ESMTP size=303 recipients=1 session=5df87c903d709659"
        ],
    );
    check(
        "5df87c903d709659 smtp envelope evpid=c405e39ad6bbc64f from=<> to=<anna@example.org>",
        expect![
            "info message.accepted queue_id=c405e39a mail_from= rcpt_to=anna@example.org session=5df87c903d709659"
        ],
    );
    check(
        "5df87c903d709659 smtp disconnected reason=quit",
        expect!["info session.closed session=5df87c903d709659"],
    );
}

#[test]
fn attempts_belong_to_the_message_of_their_envelope() {
    check(
        r#"5df87c972116a049 mta delivery evpid=3d4c4a424797fe79 from=<anna@example.org> to=<bob@example.net> rcpt=<team@example.org> source="192.0.2.1" relay="192.0.2.25 (mx.example.net)" delay=1d2h3m4s result="Ok" stat="250 2.0.0: 88d01c66 Message accepted for delivery""#,
        expect![
            "info delivery.relayed queue_id=3d4c4a42 rcpt_to=bob@example.net orig_rcpt_to=team@example.org relay_name=mx.example.net relay_address=192.0.2.25 delay_ms=93784000 enhanced_status=2.0.0 status=sent agent=smtp code=250 remote_reply=true next_queue_id=88d01c66 text=250 2.0.0: 88d01c66 Message accepted for delivery session=5df87c972116a049"
        ],
    );
    check(
        r#"5df87c972116a049 mta delivery evpid=3d4c4a424797fe79 from=<> to=<bob@example.net> rcpt=<-> source="-" relay="[2001:db8::25] (mx.example.net)" delay=2s result="TempFail" stat="451 4.7.1 Say "hello" again""#,
        expect![[
            r#"info delivery.deferred queue_id=3d4c4a42 rcpt_to=bob@example.net relay_name=mx.example.net relay_address=2001:db8::25 delay_ms=2000 enhanced_status=4.7.1 status=deferred agent=smtp code=451 remote_reply=true text=451 4.7.1 Say "hello" again session=5df87c972116a049"#
        ]],
    );
    check(
        "5df87c9250bba470 mda delivery evpid=c405e39ad6bbc64f from=<bob@example.net> to=<anna@example.org> rcpt=<-> user=anna delay=0s result=Ok stat=Delivered",
        expect![
            "info delivery.delivered queue_id=c405e39a rcpt_to=anna@example.org delay_ms=0 status=sent agent=local remote_reply=false text=Delivered session=5df87c9250bba470"
        ],
    );
    check(
        "delivery: Expire for c405e39ad6bbc64f: from=<@>, to=<anna@example.org>, rcpt=<->, delay=4d, stat=Envelope expired",
        expect![
            "info delivery.expired queue_id=c405e39a rcpt_to=anna@example.org delay_ms=345600000 status=expired agent=error remote_reply=false text=Envelope expired"
        ],
    );
    check(
        "relay: Remove for c405e39ad6bbc64f: from=<bob@example.net>, to=<anna@example.org>, rcpt=<->, delay=2h, stat=Removed by administrator",
        expect!["info message.deleted queue_id=c405e39a"],
    );
}

#[test]
fn refusals_name_the_command() {
    check(
        r#"5df87c903d709659 smtp failed-command command="RCPT TO:<eve@example.org> " result="550 5.1.1 Invalid recipient: <eve@example.org>""#,
        expect![
            "info message.rejected action=reject source=access stage=RCPT code=550 enhanced_status=5.1.1 text=Invalid recipient: <eve@example.org> rcpt_to=eve@example.org session=5df87c903d709659"
        ],
    );
    check(
        r#"5df87c903d709659 smtp failed-command command="" result="550 no rDNS please fix""#,
        expect![
            "info session.rejected action=reject source=access stage=CONNECT code=550 text=no rDNS please fix session=5df87c903d709659"
        ],
    );
}

#[test]
fn forms_of_5x() {
    check(
        "smtp-in: New session 08d856b172f69c5c from host mail.example.net [192.0.2.10]",
        expect![
            "info session.opened client_name=mail.example.net client_address=192.0.2.10 session=08d856b172f69c5c"
        ],
    );
    check(
        "smtp-in: Accepted message 4296f490 on session 08d856b172f69c5c: from=<bob@example.net>, to=<anna@example.org>, size=1746, ndest=1, proto=ESMTP",
        expect![
            "info message.accepted queue_id=4296f490 protocol=ESMTP mail_from=bob@example.net size=1746 rcpt_to=anna@example.org session=08d856b172f69c5c"
        ],
    );
    check(
        "relay: Ok for 3d4c4a424797fe79: session=5df87c972116a049, from=<anna@example.org>, to=<bob@example.net>, rcpt=<->, source=192.0.2.1, relay=192.0.2.25 (mx.example.net), delay=3s, stat=250 2.0.0 Ok: queued as 4XyZab12cDz9Qw",
        expect![
            "info delivery.relayed queue_id=3d4c4a42 rcpt_to=bob@example.net relay_name=mx.example.net relay_address=192.0.2.25 delay_ms=3000 enhanced_status=2.0.0 status=sent agent=smtp code=250 remote_reply=true next_queue_id=4XyZab12cDz9Qw text=250 2.0.0 Ok: queued as 4XyZab12cDz9Qw"
        ],
    );
    check(
        "smtp-in: session b9ed0d5b1b2d66d1: connection from host mail.example.net [192.0.2.10] closed (IO error: Connection reset by peer)",
        expect![
            "info session.aborted client_name=mail.example.net client_address=192.0.2.10 reason=IO error: Connection reset by peer session=b9ed0d5b1b2d66d1"
        ],
    );
    check(
        r#"smtp-in: Failed command on session 1f55bdcdf16e28a3: "MAIL FROM:<root@mx1.example.org>  " => 421 4.3.0: Temporary Error"#,
        expect![
            "info message.rejected action=reject source=access stage=MAIL code=421 enhanced_status=4.3.0 text=Temporary Error mail_from=root@mx1.example.org session=1f55bdcdf16e28a3"
        ],
    );
}

#[test]
fn forms_of_6_0() {
    check(
        "5df87c903d709659 smtp event=message address=192.0.2.10 host=mail.example.net msgid=c405e39a from=<bob@example.net> to=<anna@example.org> size=303 ndest=1 proto=ESMTP",
        expect![
            "info message.accepted queue_id=c405e39a client_name=mail.example.net client_address=192.0.2.10 protocol=ESMTP mail_from=bob@example.net size=303 rcpt_to=anna@example.org session=5df87c903d709659"
        ],
    );
    check(
        "5df87c903d709659 smtp event=authentication user=anna@example.org address=192.0.2.10 host=mail.example.net result=permfail",
        expect![
            "info auth.failed client_name=mail.example.net client_address=192.0.2.10 protocol=smtp user=anna@example.org reason=permfail session=5df87c903d709659"
        ],
    );
}

#[test]
fn postfix_smtpd_is_another() {
    crate::shown::check_facts(
        "Nov 22 08:23:21 mx1 postfix/smtpd[7]: connect from mail.example.net[192.0.2.10]",
        expect!["info session.opened client_name=mail.example.net client_address=192.0.2.10"],
    );
}
