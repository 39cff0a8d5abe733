//! OpenSMTPD, qmail and Courier, each in its own way of telling.

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

#[test]
fn qmail_tells_others_the_process_that_queued() {
    check(
        r"
        09:00:00 relay smtpd[10]: 8F0CEA14CB1: client=mail.sender.test[192.0.2.10]
        09:00:00 relay cleanup[11]: 8F0CEA14CB1: message-id=<q1@sender.test>
        09:00:00 relay qmgr[12]: 8F0CEA14CB1: from=<joe@sender.test>, size=900, nrcpt=1 (queue active)
        09:00:01 mx1 qmail: 1795338001.100000 new msg 123456
        09:00:01 mx1 qmail: 1795338001.100100 info msg 123456: bytes 1100 from <joe@sender.test> qp 4711 uid 89
        09:00:01 relay smtp[13]: 8F0CEA14CB1: to=<anna@example.org>, relay=mx1.example.org[192.0.2.25]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok 1795338001 qp 4711)
        09:00:01 relay qmgr[12]: 8F0CEA14CB1: removed
        09:00:01 mx1 qmail: 1795338001.100200 starting delivery 1: msg 123456 to local anna@example.org
        09:00:01 mx1 qmail: 1795338001.200000 new msg 123457
        09:00:01 mx1 qmail: 1795338001.200100 info msg 123457: bytes 1200 from <joe@sender.test> qp 4713 uid 1000
        09:00:01 mx1 qmail: 1795338001.300300 delivery 1: success: did_0+1+0/qp_4713/
        09:00:01 mx1 qmail: 1795338001.300400 end msg 123456
        09:00:01 mx1 qmail: 1795338001.300500 starting delivery 2: msg 123457 to remote bob@remote.test
        09:00:02 mx1 qmail: 1795338002.100300 delivery 2: failure: 198.51.100.7_does_not_like_recipient./Remote_host_said:_550_5.1.1_no_such_user/Giving_up_on_198.51.100.7./
        09:00:02 mx1 qmail: 1795338002.200000 bounce msg 123457 qp 4720
        09:00:02 mx1 qmail: 1795338002.200100 end msg 123457
        09:00:02 mx1 qmail: 1795338002.300000 new msg 123456
        09:00:02 mx1 qmail: 1795338002.300100 info msg 123456: bytes 2000 from <> qp 4720 uid 90
        09:00:02 mx1 qmail: 1795338002.300200 starting delivery 3: msg 123456 to remote joe@sender.test
        09:00:03 mx1 qmail: 1795338003.100300 delivery 3: success: 192.0.2.10_accepted_message./Remote_host_said:_250_2.0.0_Ok:_queued_as_4XyZab12cDz9Qw/
        09:00:03 mx1 qmail: 1795338003.100400 end msg 123456
        ",
        expect![[r#"

            joe@sender.test → anna@example.org: bounced
            │  message-id  <q1@sender.test>, 900 bytes
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ bob@remote.test (for anna@example.org): bounced by [198.51.100.7] after 2 s:
            │      198.51.100.7_does_not_like_recipient./Remote_host_said:_550_5.1.1_no_such_user/Giving_up_on_198.51.100.7./;
            │      the sender was told (123456, relayed)
            │
            ├─ relay 8F0CEA14CB1  09:00:00 (1 s here)
            │  └─ anna@example.org → mx1.example.org[192.0.2.25]:25: handed over as 4711, +1 s
            │       250 ok 1795338001 qp 4711
            │
            ├─ mx1/qmail 123456  +1 s, relayed (0 s here)
            │  └─ anna@example.org: handed over as 4713, +1 s
            │       did_0+1+0/qp_4713/
            │
            ├─ mx1/qmail 123457  +1 s, forwarded (1 s here)
            │  └─ bob@remote.test → [198.51.100.7]: bounced, +2 s
            │       198.51.100.7_does_not_like_recipient./Remote_host_said:_550_5.1.1_no_such_user/Giving_up_on_198.51.100.7./
            │
            └─ told the sender that it failed: 123456 +2 s, relayed to joe@sender.test

            <> → joe@sender.test: relayed
            │  message-id  not logged, 2.0 kB
            │  came in     2026-11-22 09:00:02 UTC from a program of user id 90 on the host
            │  this is     a notification about 123457 on mx1
            │
            ├─ joe@sender.test: accepted by [192.0.2.10] after 1 s:
            │      192.0.2.10_accepted_message./Remote_host_said:_250_2.0.0_Ok:_queued_as_4XyZab12cDz9Qw/
            │
            └─ mx1/qmail 123456  09:00:02 (1 s here)
               └─ joe@sender.test → [192.0.2.10]: accepted, +1 s
                    192.0.2.10_accepted_message./Remote_host_said:_250_2.0.0_Ok:_queued_as_4XyZab12cDz9Qw/
        "#]],
    );
}

#[test]
fn courier_says_why_before_it_says_that() {
    check(
        r"
        09:00:00 relay smtpd[10]: 8F0CEA14CB1: client=mail.sender.test[192.0.2.10]
        09:00:00 relay cleanup[11]: 8F0CEA14CB1: message-id=<c1@sender.test>
        09:00:00 relay qmgr[12]: 8F0CEA14CB1: from=<joe@sender.test>, size=900, nrcpt=2 (queue active)
        09:00:01 mx1 courierd: newmsg,id=000000000001E0F3.000000006B02C351.00001234: dns; relay.example.org (relay.example.org [::ffff:192.0.2.25])
        09:00:01 relay smtp[13]: 8F0CEA14CB1: to=<anna@example.org>, relay=mx1.example.org[192.0.2.25]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 Ok. 000000006B02C351.00001234)
        09:00:01 relay smtp[13]: 8F0CEA14CB1: to=<eve@far.test>, relay=mx1.example.org[192.0.2.25]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 Ok. 000000006B02C351.00001234)
        09:00:01 relay qmgr[12]: 8F0CEA14CB1: removed
        09:00:01 mx1 courierd: started,id=000000000001E0F3.000000006B02C351.00001234,from=<joe@sender.test>,module=local,host=anna!!1000!1000!/home/anna!!,addr=<anna@example.org>
        09:00:01 mx1 courierlocal: id=000000000001E0F3.000000006B02C351.00001234,from=<joe@sender.test>,addr=<anna@example.org>,size=1100,success: Message delivered.
        09:00:01 mx1 courierd: started,id=000000000001E0F3.000000006B02C351.00001234,from=<joe@sender.test>,module=esmtp,host=far.test,addr=<eve@far.test>
        09:00:02 mx1 courieresmtp: id=000000000001E0F3.000000006B02C351.00001234,from=<joe@sender.test>,addr=<eve@far.test>: 550 5.1.1 <eve@far.test>: no such user
        09:00:02 mx1 courieresmtp: id=000000000001E0F3.000000006B02C351.00001234,from=<joe@sender.test>,addr=<eve@far.test>,status: failure
        09:00:02 mx1 courierd: started,id=000000000001E0F3.000000006B02C351.00001234,from=<>,module=dsn,host=,addr=<joe@sender.test>
        09:00:03 mx1 courierdsn: id=000000000001E0F3.000000006B02C351.00001234,from=<>,addr=<joe@sender.test>,status: success
        09:00:03 mx1 courierd: completed,id=000000000001E0F3.000000006B02C351.00001234
        ",
        expect![[r#"

            joe@sender.test → anna@example.org and eve@far.test: delivered, bounced
            │  message-id  <c1@sender.test>, 900 bytes
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ anna@example.org: delivered on mx1 after 1 s
            ├─ eve@far.test: bounced after 2 s: 550 5.1.1 <eve@far.test>: no such user; the sender was told
            │
            ├─ relay 8F0CEA14CB1  09:00:00 (1 s here)
            │  └─ anna@example.org and eve@far.test → mx1.example.org[192.0.2.25]:25: handed over as
            │         000000006B02C351.00001234, +1 s
            │       250 Ok. 000000006B02C351.00001234
            │
            ├─ mx1/courierd 000000000001E0F3.000000006B02C351.00001234  +1 s, relayed from
            │  │   relay.example.org[192.0.2.25] (2 s here)
            │  ├─ anna@example.org: delivered, +1 s
            │  │    Message delivered.
            │  └─ eve@far.test: bounced, +2 s
            │       550 5.1.1 <eve@far.test>: no such user
            │
            └─ told the sender that it failed, +3 s
        "#]],
    );
}
