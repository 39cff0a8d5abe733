use crate::shown::check;
use expect_test::expect;

#[test]
fn a_transaction_from_sender_to_queue() {
    check(
        r##"Nov 22 08:23:21 mx1 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] sender <bob@example.net> code=CONT msg="""##,
        expect![
            "11-22 08:23:21 host=mx1 program=haraka info message.started queue_id=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1 mail_from=bob@example.net session=3E6A027F-8307-4DA4-B105-2A39EC4B58D4"
        ],
    );
    check(
        r##"Nov 22 08:23:21 mx1 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <anna@example.org> code=OK msg="" sender="bob@example.net""##,
        expect![
            "11-22 08:23:21 host=mx1 program=haraka info policy.decision queue_id=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1 action=permit source=access stage=RCPT mail_from=bob@example.net rcpt_to=anna@example.org session=3E6A027F-8307-4DA4-B105-2A39EC4B58D4"
        ],
    );
    check(
        r##"Nov 22 08:23:21 mx1 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] message mid="<a1@example.net>" size=173692 rcpts=1/0/0 delay=8.925 code=CONT msg="""##,
        expect![
            "11-22 08:23:21 host=mx1 program=haraka info message.header queue_id=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1 message_id=<a1@example.net> size=173692 session=3E6A027F-8307-4DA4-B105-2A39EC4B58D4"
        ],
    );
    check(
        r##"Nov 22 08:23:21 mx1 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] queue code=OK msg="2.0.0 Ok: queued as 4jXMbQ4gQcz1Xf52 (3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1)""##,
        expect![
            "11-22 08:23:21 host=mx1 program=haraka info delivery.relayed queue_id=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1 rcpt_to= delay_ms=0 enhanced_status=2.0.0 status=sent agent=smtp remote_reply=true next_queue_id=4jXMbQ4gQcz1Xf52 text=2.0.0 Ok: queued as 4jXMbQ4gQcz1Xf52 (3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1) session=3E6A027F-8307-4DA4-B105-2A39EC4B58D4"
        ],
    );
}

#[test]
fn a_recipient_refused() {
    check(
        r##"Nov 22 08:23:21 mx1 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <x@example.org> code=DENY msg="no \"such\" user" sender="bob@example.net""##,
        expect![[
            r#"11-22 08:23:21 host=mx1 program=haraka info message.rejected queue_id=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1 action=reject source=access stage=RCPT text=no \"such\" user mail_from=bob@example.net rcpt_to=x@example.org session=3E6A027F-8307-4DA4-B105-2A39EC4B58D4"#
        ]],
    );
}

#[test]
fn an_outbound_copy_keeps_the_id_of_its_message() {
    check(
        r##"[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.2] [outbound] delivered file=1795_1_mx1 domain=example.net host=mx.example.net ip=192.0.2.25 port=25 mode=SMTP tls=Y auth=N response="2.0.0 Ok: queued as 4jXMbQ4gQcz1Xf52" delay=0.512 fails=0 rcpts=1/0/0"##,
        expect![
            "00-00 00:00:00 host= program=haraka info delivery.relayed queue_id=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1 rcpt_to=example.net copy=2 relay_name=mx.example.net relay_address=192.0.2.25 relay_port=25 delay_ms=512 enhanced_status=2.0.0 status=sent agent=smtp remote_reply=true next_queue_id=4jXMbQ4gQcz1Xf52 text=2.0.0 Ok: queued as 4jXMbQ4gQcz1Xf52 session=3E6A027F-8307-4DA4-B105-2A39EC4B58D4"
        ],
    );
    check(
        r##"2026-11-22T08:23:21.123Z [INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.2] [outbound] recipient <bob@example.net> deferred: 450 4.2.0 greylisted"##,
        expect![
            "2026-11-22 08:23:21.123000000 +0 host= program=haraka info delivery.deferred queue_id=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1 rcpt_to=bob@example.net copy=2 delay_ms=0 enhanced_status=4.2.0 status=deferred agent=smtp code=450 remote_reply=true text=450 4.2.0 greylisted session=3E6A027F-8307-4DA4-B105-2A39EC4B58D4"
        ],
    );
}

#[test]
fn what_becomes_of_a_whole_copy() {
    check(
        r##"2026-11-22T08:23:21.123Z [INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.2] [outbound] Temp failing 1795_1_mx1 for 64 seconds: Upstream error: 450 4.2.0 greylisted"##,
        expect![
            "2026-11-22 08:23:21.123000000 +0 host= program=haraka info delivery.deferred queue_id=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1 rcpt_to= copy=2 delay_ms=0 enhanced_status=4.2.0 status=deferred agent=smtp code=450 remote_reply=true text=Upstream error: 450 4.2.0 greylisted session=3E6A027F-8307-4DA4-B105-2A39EC4B58D4"
        ],
    );
    check(
        r##"level=INFO uuid=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.2 origin=outbound message="bouncing mail: Too many failures (Some recipients temp failed: <bob@example.net>, <carl@example.net>)""##,
        expect![
            "00-00 00:00:00 host= program=haraka info delivery.expired queue_id=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1 rcpt_to=<bob@example.net>, <carl@example.net> copy=2 delay_ms=0 status=expired agent=smtp remote_reply=false text=Too many failures (Some recipients temp failed: <bob@example.net>, <carl@example.net>) session=3E6A027F-8307-4DA4-B105-2A39EC4B58D4"
        ],
    );
}

#[test]
fn the_same_as_logfmt_and_json() {
    check(
        r##"level=NOTICE uuid=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1 origin=core message="sender <>" code=DENYSOFT msg="not now""##,
        expect![
            "00-00 00:00:00 host= program=haraka info message.rejected queue_id=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1 action=reject source=access stage=MAIL text=not now mail_from= session=3E6A027F-8307-4DA4-B105-2A39EC4B58D4"
        ],
    );
    check(
        r##"{"level":"NOTICE","uuid":"3E6A027F-8307-4DA4-B105-2A39EC4B58D4","origin":"core","message":"connect","ip":"192.0.2.10","port":21957,"local_ip":"198.51.100.7","local_port":25}"##,
        expect![
            "00-00 00:00:00 host= program=haraka info session.opened client_address=192.0.2.10 client_port=21957 server_address=198.51.100.7 server_port=25 session=3E6A027F-8307-4DA4-B105-2A39EC4B58D4"
        ],
    );
}

#[test]
fn what_plugins_find() {
    check(
        r##"Nov 22 08:23:21 mx1 haraka[7]: [INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [rspamd] is_spam: false, is_skipped: false, score: 2.5, required_score: 15, action: no action, R_SPF_ALLOW: -0.2"##,
        expect![
            "11-22 08:23:21 host=mx1 program=haraka info filter.verdict queue_id=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1 passed=true category=no action score=2.5 score_required=15 tests=R_SPF_ALLOW: -0.2 session=3E6A027F-8307-4DA4-B105-2A39EC4B58D4"
        ],
    );
    check(
        r##"Nov 22 08:23:21 mx1 haraka[7]: [INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [spf] identity=mfrom ip=192.0.2.10 domain="example.net" mfrom=<bob@example.net> result=Pass"##,
        expect![
            "11-22 08:23:21 host=mx1 program=haraka info filter.auth_result queue_id=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1 method=spf result=Pass domain=example.net mail_from=bob@example.net client_address=192.0.2.10 session=3E6A027F-8307-4DA4-B105-2A39EC4B58D4"
        ],
    );
    check(
        r##"Nov 22 08:23:21 mx1 haraka[7]: [INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [somebodys.plugin] text"##,
        expect!["11-22 08:23:21 host=mx1 program=haraka info unknown"],
    );
}
