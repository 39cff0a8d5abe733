//! OpenSMTPD and qmail, each in its own way of telling.

use crate::check;
use expect_test::expect;

#[test]
fn qmail_uses_an_id_again_at_once() {
    check(
        r"
        09:00:00 mx1 qmail: 1795338000.100000 new msg 123456
        09:00:00 mx1 qmail: 1795338000.100100 info msg 123456: bytes 900 from <joe@sender.test> qp 52000 uid 1000
        09:00:00 mx1 qmail: 1795338000.100200 starting delivery 1: msg 123456 to local anna@example.org
        09:00:00 mx1 qmail: 1795338000.100300 starting delivery 2: msg 123456 to remote bob@remote.test
        09:00:01 mx1 qmail: 1795338001.100300 delivery 1: success: did_1+0+0/
        09:00:02 mx1 qmail: 1795338002.100300 delivery 2: success: 198.51.100.7_accepted_message./Remote_host_said:_250_2.0.0_Ok:_queued_as_4XyZab12cDz9Qw/
        09:00:02 mx1 qmail: 1795338002.100400 end msg 123456
        09:00:02 mx1 qmail: 1795338002.100500 new msg 123456
        09:00:02 mx1 qmail: 1795338002.100600 info msg 123456: bytes 700 from <eve@sender.test> qp 52001 uid 1000
        09:00:02 mx1 qmail: 1795338002.100700 starting delivery 3: msg 123456 to remote carl@remote.test
        09:00:03 mx1 qmail: 1795338003.100300 delivery 3: failure: 198.51.100.7_does_not_like_recipient./Remote_host_said:_550_5.1.1_no_such_user/Giving_up_on_198.51.100.7./
        ",
        expect![[r#"

            joe@sender.test → anna@example.org and bob@remote.test: delivered, relayed
            │  message-id  not logged, 900 bytes
            │  came in     2026-11-22 09:00:00 UTC from a program of user id 1000 on the host
            │
            ├─ anna@example.org: delivered on mx1 after 1 s
            ├─ bob@remote.test: accepted by [198.51.100.7] after 2 s:
            │      198.51.100.7_accepted_message./Remote_host_said:_250_2.0.0_Ok:_queued_as_4XyZab12cDz9Qw/
            │
            └─ mx1/qmail 123456  09:00:00 (2 s here)
               ├─ anna@example.org: delivered, +1 s
               │    did_1+0+0/
               └─ bob@remote.test → [198.51.100.7]: accepted, +2 s (2 s sending)
                    198.51.100.7_accepted_message./Remote_host_said:_250_2.0.0_Ok:_queued_as_4XyZab12cDz9Qw/

            eve@sender.test → carl@remote.test: bounced
            │  message-id  not logged, 700 bytes
            │  came in     2026-11-22 09:00:02 UTC from a program of user id 1000 on the host
            │
            ├─ carl@remote.test: bounced by [198.51.100.7] after 1 s:
            │      198.51.100.7_does_not_like_recipient./Remote_host_said:_550_5.1.1_no_such_user/Giving_up_on_198.51.100.7./;
            │      no line tells that the sender was told
            │
            └─ mx1/qmail 123456  09:00:02
               └─ carl@remote.test → [198.51.100.7]: bounced, +1 s
                    198.51.100.7_does_not_like_recipient./Remote_host_said:_550_5.1.1_no_such_user/Giving_up_on_198.51.100.7./
        "#]],
    );
}

#[test]
fn opensmtpd_in_and_out() {
    check(
        r#"
        09:00:00 ob opensmtpd[7]: 0f1e2d3c4b5a6978 smtp connected address=192.0.2.10 host=mail.sender.test
        09:00:01 ob opensmtpd[7]: 0f1e2d3c4b5a6978 smtp message msgid=c405e39a size=900 nrcpt=1 proto=ESMTP
        09:00:01 ob opensmtpd[7]: 0f1e2d3c4b5a6978 smtp envelope evpid=c405e39ad6bbc64f from=<joe@sender.test> to=<bob@remote.test>
        09:00:02 ob opensmtpd[7]: 0f1e2d3c4b5a6978 smtp disconnected reason=quit
        09:00:03 ob opensmtpd[7]: 1a2b3c4d5e6f7081 mta delivery evpid=c405e39ad6bbc64f from=<joe@sender.test> to=<bob@remote.test> rcpt=<-> source="192.0.2.25" relay="198.51.100.7 (mx.remote.test)" delay=2s result="Ok" stat="250 2.0.0 Ok: queued as 4XyZab12cDz9Qw"
        "#,
        expect![[r#"

            joe@sender.test → bob@remote.test: relayed
            │  message-id  not logged, 900 bytes
            │  came in     2026-11-22 09:00:01 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ bob@remote.test: accepted by mx.remote.test[198.51.100.7] after 2 s: 250 2.0.0 Ok: queued as
            │      4XyZab12cDz9Qw
            │
            └─ ob/opensmtpd c405e39a  09:00:01 (2 s here)
               └─ bob@remote.test → mx.remote.test[198.51.100.7]: accepted, +2 s
                    250 2.0.0 Ok: queued as 4XyZab12cDz9Qw
        "#]],
    );
}
