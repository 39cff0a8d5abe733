use expect_test::{Expect, expect};

/// What a line of `sm-mta` says.
fn check(text: &str, expected: Expect) {
    crate::shown::check_facts(&format!("Nov 22 08:23:21 mx1 sm-mta[7]: {text}"), expected);
}

#[test]
fn a_message_comes_in_and_goes_out() {
    check(
        "6AM8XJIE008151: from=<alice@example.org>, size=96, class=0, nrcpts=3, msgid=<s3, b@example.org>, proto=ESMTP, daemon=MTA, relay=mail.example.net [192.0.2.10] (may be forged)",
        expect![
            "info message.accepted queue_id=6AM8XJIE008151 client_name=mail.example.net client_address=192.0.2.10 protocol=ESMTP mail_from=alice@example.org size=96 recipients=3 message_id=<s3, b@example.org>"
        ],
    );
    check(
        "6AM8XJIE008151: to=<ok@remote.test>, ctladdr=<alice@example.org> (1000/1000), delay=1+02:03:04, xdelay=00:00:10, mailer=esmtp, pri=90096, relay=mx.remote.test. [192.0.2.25], dsn=2.0.0, stat=Sent (2.0.0 Ok: queued as 4XyZab12cDz9Qw)",
        expect![
            "info delivery.relayed queue_id=6AM8XJIE008151 rcpt_to=ok@remote.test relay_name=mx.remote.test relay_address=192.0.2.25 delay_ms=93784000 enhanced_status=2.0.0 status=sent agent=smtp remote_reply=true next_queue_id=4XyZab12cDz9Qw text=Sent (2.0.0 Ok: queued as 4XyZab12cDz9Qw)"
        ],
    );
    check(
        "6AM8XJIE008151: done; delay=1+02:03:04, ntries=2",
        expect!["info message.closed queue_id=6AM8XJIE008151"],
    );
}

#[test]
fn several_recipients_stay_in_one_event() {
    check(
        "6AM8XJIE008151: to=<a@remote.test>,<b@remote.test>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=90096, relay=[192.0.2.25] [192.0.2.25], dsn=2.0.0, stat=Sent (6AM8XJBG008146 Message accepted for delivery)",
        expect![
            "info delivery.relayed queue_id=6AM8XJIE008151 rcpt_to=<a@remote.test>,<b@remote.test> relay_address=192.0.2.25 delay_ms=1000 enhanced_status=2.0.0 status=sent agent=smtp remote_reply=true next_queue_id=6AM8XJBG008146 text=Sent (6AM8XJBG008146 Message accepted for delivery)"
        ],
    );
}

#[test]
fn the_reply_tells_more_than_the_words_of_the_status() {
    check(
        "6AM8XJIE008151: to=<eve@remote.test>, delay=00:00:00, xdelay=00:00:00, mailer=esmtp, pri=90096, relay=mx.remote.test. [IPv6:2001:db8::25], dsn=5.1.1, reply=550 5.1.1 <eve@remote.test>: unknown, really, stat=User unknown",
        expect![
            "info delivery.bounced queue_id=6AM8XJIE008151 rcpt_to=eve@remote.test relay_name=mx.remote.test relay_address=2001:db8::25 delay_ms=0 enhanced_status=5.1.1 status=bounced agent=smtp code=550 remote_reply=true text=550 5.1.1 <eve@remote.test>: unknown, really"
        ],
    );
    check(
        "6AM8XJIE008151: to=<eve@remote.test>, delay=00:00:00, xdelay=00:00:00, mailer=prog, pri=90096, dsn=4.0.0, stat=Operating system error",
        expect![
            "info delivery.deferred queue_id=6AM8XJIE008151 rcpt_to=eve@remote.test delay_ms=0 enhanced_status=4.0.0 status=deferred agent=pipe remote_reply=false text=Operating system error"
        ],
    );
    check(
        "6AM8XJIE008151: to=<eve@remote.test>, delay=5+00:00:00, xdelay=00:00:00, mailer=esmtp, pri=90096, relay=remote.test., dsn=4.4.7, stat=Cannot send message for 5 days",
        expect![
            "info delivery.expired queue_id=6AM8XJIE008151 rcpt_to=eve@remote.test relay_name=remote.test delay_ms=432000000 enhanced_status=4.4.7 status=expired agent=smtp remote_reply=false text=Cannot send message for 5 days"
        ],
    );
}

#[test]
fn all_recipients_refused() {
    check(
        "6AM8XJIE008152: <eve@example.org>... User unknown",
        expect![
            "info message.rejected queue_id=6AM8XJIE008152 action=reject source=access stage=RCPT text=User unknown rcpt_to=eve@example.org"
        ],
    );
    check(
        "6AM8XJIE008152: from=<bob@example.net>, size=0, class=0, nrcpts=0, proto=ESMTP, daemon=MTA, relay=[192.0.2.10]",
        expect![
            "info message.aborted queue_id=6AM8XJIE008152 client_address=192.0.2.10 protocol=ESMTP mail_from=bob@example.net size=0 recipients=0"
        ],
    );
}

#[test]
fn a_local_submission_names_the_user() {
    check(
        "6AM8XJBG008146: from=root, size=28, class=0, nrcpts=3, msgid=<202611220833.6AM8XJBG008146@mx1.example.org>, relay=root@localhost",
        expect![
            "info message.accepted queue_id=6AM8XJBG008146 local_user=root mail_from=root size=28 recipients=3 message_id=<202611220833.6AM8XJBG008146@mx1.example.org>"
        ],
    );
    check(
        "6AM8XJBG008147: from=<>, size=28, class=0, nrcpts=1, relay=IDENT:anna@mail.example.net [192.0.2.10]",
        expect![
            "info message.accepted queue_id=6AM8XJBG008147 client_name=mail.example.net client_address=192.0.2.10 mail_from= size=28 recipients=1"
        ],
    );
}

#[test]
fn notifications_and_clones_name_the_new_message() {
    check(
        "6AM8XJBG008146: 6AM8XJBH008146: sender notify: Warning: could not send message for past 4 hours",
        expect![
            "info dsn.sent queue_id=6AM8XJBG008146 notification=delay to_postmaster=false dsn_queue_id=6AM8XJBH008146"
        ],
    );
    check(
        "6AM8XJBG008146: 6AM8XJBH008146: clone: owner=<owner-list@example.org>",
        expect![
            "info message.accepted queue_id=6AM8XJBH008146 mail_from=owner-list@example.org orig_queue_id=6AM8XJBG008146"
        ],
    );
}

#[test]
fn a_ruleset_refuses() {
    check(
        "6AM8XJBG008146: ruleset=check_rcpt, arg1=<anna@example.net>, relay=[192.0.2.123] (may be forged), reject=550 5.7.1 <anna@example.net>... Relaying denied",
        expect![
            "info message.rejected queue_id=6AM8XJBG008146 action=reject source=access stage=RCPT client_address=192.0.2.123 code=550 enhanced_status=5.7.1 text=<anna@example.net>... Relaying denied rcpt_to=anna@example.net"
        ],
    );
    check(
        "ruleset=check_relay, arg1=host.example.com, arg2=192.0.2.123, relay=host.example.com [192.0.2.123], reject=421 4.3.2 Connection rate limit exceeded.",
        expect![
            "info session.rejected action=reject source=access stage=CONNECT client_name=host.example.com client_address=192.0.2.123 code=421 enhanced_status=4.3.2 text=Connection rate limit exceeded."
        ],
    );
}

#[test]
fn logins_and_encryption() {
    check(
        "AUTH=server, relay=host.example.com [192.0.2.123], authid=anna@example.org, mech=PLAIN, bits=0",
        expect![
            "info auth.succeeded protocol=smtp user=anna@example.org auth_method=PLAIN client_name=host.example.com client_address=192.0.2.123"
        ],
    );
    check(
        "6AM8XJBG008146: AUTH failure (PLAIN): user not found (-20) SASL(-13): user not found: checkpass failed, user=anna@example.org, relay=[192.0.2.123]",
        expect![
            "warning auth.failed queue_id=6AM8XJBG008146 client_address=192.0.2.123 protocol=smtp auth_method=PLAIN user=anna@example.org reason=user not found (-20) SASL(-13): user not found: checkpass failed"
        ],
    );
    check(
        "STARTTLS=server, relay=mx.example.net [192.0.2.25], version=TLSv1.3, verify=NO, cipher=TLS_AES_256_GCM_SHA384, bits=256/256",
        expect![
            "info tls.established direction=inbound peer_name=mx.example.net peer_address=192.0.2.25 tls_trust=NO tls_action=established tls_protocol=TLSv1.3 tls_cipher=TLS_AES_256_GCM_SHA384 tls_bits_used=256 tls_bits_total=256"
        ],
    );
}

#[test]
fn milters_decide() {
    check(
        "6AM8XJBG008146: Milter: to=<anna@example.org>, reject=451 4.7.1 Greylisting in action",
        expect![
            "info message.rejected queue_id=6AM8XJBG008146 action=reject source=milter stage=RCPT code=451 enhanced_status=4.7.1 text=Greylisting in action rcpt_to=anna@example.org"
        ],
    );
    check(
        "6AM8XJBG008146: milter=spamd, action=body, reject=550 5.7.1 Blocked",
        expect![
            "info message.rejected queue_id=6AM8XJBG008146 action=reject source=milter stage=END-OF-MESSAGE code=550 enhanced_status=5.7.1 text=Blocked"
        ],
    );
}

#[test]
fn sessions_that_go_wrong() {
    check(
        "6AM8XJBG008146: lost input channel from host.example.com [192.0.2.123] to MTA-v4 after rcpt",
        expect![
            "info session.aborted queue_id=6AM8XJBG008146 client_name=host.example.com client_address=192.0.2.123 reason=lost input channel stage=rcpt"
        ],
    );
    check(
        "6AM8XJBG008146: rejecting commands from  [192.0.2.123] due to pre-greeting traffic after 6 seconds",
        expect![
            "info session.violation queue_id=6AM8XJBG008146 client_address=192.0.2.123 violation=pre-greeting traffic after_ms=6000"
        ],
    );
    check(
        "6AM8XJBG008146: [192.0.2.123]: vrfy info [rejected]",
        expect![
            "info session.rejected queue_id=6AM8XJBG008146 action=reject source=access stage=vrfy client_address=192.0.2.123 text=info"
        ],
    );
    check(
        "6AM8XJBG008146: [192.0.2.123]: possible SMTP attack: command=AUTH, count=6",
        expect![
            "info session.violation queue_id=6AM8XJBG008146 client_address=192.0.2.123 violation=possible SMTP attack text=AUTH, count=6"
        ],
    );
}

#[test]
fn parts_of_a_long_line_keep_the_queue_id() {
    check(
        "6AM8XJBG008146[2]: ...,<carl@example.org>, delay=00:00:01, stat=Sent",
        expect![
            "info service.info queue_id=6AM8XJBG008146 text=...,<carl@example.org>, delay=00:00:01, stat=Sent"
        ],
    );
}
