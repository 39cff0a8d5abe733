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
        09:00:02 mx1 courierd: completed,id=000000000001E0F3.000000006B02C351.00001234
        09:00:02 mx1 courierd: started,id=000000000001E0F3.000000006B02C351.00001234,from=<>,module=dsn,host=,addr=<joe@sender.test>
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
            │  │   relay.example.org[192.0.2.25] (1 s here)
            │  ├─ anna@example.org: delivered, +1 s
            │  │    Message delivered.
            │  └─ eve@far.test: bounced, +2 s
            │       550 5.1.1 <eve@far.test>: no such user
            │
            └─ told the sender that it failed, +2 s
        "#]],
    );
}

#[test]
fn courier_goes_on_with_a_message_whose_attempts_it_calls_completed() {
    check(
        r"
        09:00:00 mx4 courieresmtpd: started,ip=[::ffff:192.0.2.10],port=[41146]
        09:00:00 mx4 courieresmtpd: error,relay=::ffff:192.0.2.10,port=41146,from=<erik@example.net>,to=<nobody@example.net>: 550 User <nobody@example.net> unknown
        09:00:00 mx4 courierd: newmsg,id=00000000009BE156.000000006B034CB1.00001152: dns; client.example.net ([::ffff:192.0.2.10])
        09:00:00 mx4 courierd: started,id=00000000009BE156.000000006B034CB1.00001152,from=<erik@example.net>,module=esmtp,host=example.org,addr=<bob@example.org>
        09:00:00 mx4 courierd: started,id=00000000009BE156.000000006B034CB1.00001152,from=<erik@example.net>,module=esmtp,host=example.org,addr=<later@example.org>
        09:00:01 mx1 smtpd[31551]: 9CDC79B8115: client=mx4.example.net[192.0.2.4]
        09:00:01 mx4 courieresmtp: id=00000000009BE156.000000006B034CB1.00001152,from=<erik@example.net>,addr=<later@example.org>: 450 4.2.0 <later@example.org>: Recipient address rejected: come again
        09:00:01 mx4 courieresmtp: id=00000000009BE156.000000006B034CB1.00001152,from=<erik@example.net>,addr=<later@example.org>,status: deferred
        09:00:01 mx1 cleanup[31713]: 9CDC79B8115: message-id=<five@example.net>
        09:00:01 mx4 courieresmtp: id=00000000009BE156.000000006B034CB1.00001152,from=<erik@example.net>,addr=<bob@example.org>: 250 2.0.0 Ok: queued as 9CDC79B8115
        09:00:01 mx4 courieresmtp: id=00000000009BE156.000000006B034CB1.00001152,from=<erik@example.net>,addr=<bob@example.org>,success: delivered: mx1.example.org [192.0.2.1]
        09:00:01 mx4 courieresmtp: id=00000000009BE156.000000006B034CB1.00001152,from=<erik@example.net>,addr=<bob@example.org>,status: success
        09:00:01 mx1 qmgr[31558]: 9CDC79B8115: from=<erik@example.net>, size=579, nrcpt=1 (queue active)
        09:00:01 mx4 courierd: completed,id=00000000009BE156.000000006B034CB1.00001152
        09:00:01 mx1 lmtp[31714]: 9CDC79B8115: to=<bob@example.org>, relay=mx1[private/lmtp], delay=0.02, delays=0.01/0.01/0/0, dsn=2.0.0, status=sent (250 2.0.0 <bob@example.org> Saved)
        09:00:01 mx1 qmgr[31558]: 9CDC79B8115: removed
        09:05:00 mx4 courierd: started,id=00000000009BE156.000000006B034CB1.00001152,from=<erik@example.net>,module=esmtp,host=example.org,addr=<later@example.org>
        09:05:00 mx4 courieresmtp: id=00000000009BE156.000000006B034CB1.00001152,from=<erik@example.net>,addr=<later@example.org>: 450 4.2.0 <later@example.org>: Recipient address rejected: come again
        09:05:00 mx4 courieresmtp: id=00000000009BE156.000000006B034CB1.00001152,from=<erik@example.net>,addr=<later@example.org>,status: deferred
        09:05:00 mx4 courierd: completed,id=00000000009BE156.000000006B034CB1.00001152
        09:07:00 mx4 courierd: id=00000000009BE156.000000006B034CB1.00001152,from=<erik@example.net>,addr=<later@example.org>: Message cancelled.
        09:07:00 mx4 courierd: id=00000000009BE156.000000006B034CB1.00001152,from=<erik@example.net>,addr=<later@example.org>,status: failure
        09:07:00 mx4 courierd: completed,id=00000000009BE156.000000006B034CB1.00001152
        09:07:00 mx4 courierd: started,id=00000000009BE156.000000006B034CB1.00001152,from=<>,module=dsn,host=,addr=<erik@example.net>
        09:07:01 mx4 courierd: newmsg,id=00000000009C00D7.000000006B034D23.00001808: dns; localhost (localhost [127.0.0.1])
        09:07:01 mx4 courierd: started,id=00000000009C00D7.000000006B034D23.00001808,from=<>,module=local,host=erik@example.net!!8!8!/home/erik!!,addr=<erik@example.net>
        09:07:01 mx4 courierd: completed,id=00000000009BE156.000000006B034CB1.00001152
        09:07:01 mx4 courierlocal: id=00000000009C00D7.000000006B034D23.00001808,from=<>,addr=<erik@example.net>,size=2961,success: Message delivered.
        09:07:01 mx4 courierd: completed,id=00000000009C00D7.000000006B034D23.00001808
        ",
        expect![[r#"

            erik@example.net → later@example.org and bob@example.org: delivered, bounced
            │  message-id  <five@example.net>
            │  came in     2026-11-22 09:00:00 UTC from [192.0.2.10], HELO client.example.net
            │
            ├─ later@example.org: bounced after 7 min: Message cancelled.; the sender was told
            │      (00000000009C00D7.000000006B034D23.00001808, delivered)
            ├─ bob@example.org: delivered to the mail store mx1[private/lmtp] on mx1 after 1 s
            │
            ├─ mx4/courierd 00000000009BE156.000000006B034CB1.00001152  09:00:00 (7 min here)
            │  ├─ later@example.org: deferred twice from 09:00:01 to 09:05:00
            │  │    450 4.2.0 <later@example.org>: Recipient address rejected: come again
            │  ├─ bob@example.org → mx1.example.org[192.0.2.1]: handed over as 9CDC79B8115, +1 s
            │  │    250 2.0.0 Ok: queued as 9CDC79B8115
            │  └─ later@example.org: bounced, +7 min
            │       Message cancelled.
            │
            ├─ mx1 9CDC79B8115  +1 s, relayed from mx4.example.net[192.0.2.4] (0 s here)
            │  └─ bob@example.org → mx1[private/lmtp]: delivered, +1 s
            │       250 2.0.0 <bob@example.org> Saved
            │
            └─ told the sender that it failed: 00000000009C00D7.000000006B034D23.00001808 +7 min, delivered to
                   erik@example.net

            <> → erik@example.net: delivered
            │  message-id  not logged
            │  came in     2026-11-22 09:07:01 UTC from localhost[127.0.0.1], HELO localhost
            │  this is     a notification about 00000000009BE156.000000006B034CB1.00001152 on mx4
            │
            ├─ erik@example.net: delivered on mx4 after 0 s
            │
            └─ mx4/courierd 00000000009C00D7.000000006B034D23.00001808  09:07:01 (0 s here)
               └─ erik@example.net: delivered, +0 s
                    Message delivered.

            erik@example.net → nobody@example.net: refused
               2026-11-22 09:00:00 UTC on mx4 from [192.0.2.10]:41146
               access, RCPT: 550 User <nobody@example.net> unknown
        "#]],
    );
}

#[test]
fn opensmtpd_tells_the_sender_that_it_failed() {
    check(
        r#"
        09:00:00 mx4 opensmtpd[6016]: f42e4337bf4f7a30 smtp connected address=192.0.2.10 host=client.example.net
        09:00:00 mx4 opensmtpd[6016]: f42e4337bf4f7a30 smtp message msgid=56c42a77 size=380 nrcpt=1 proto=ESMTP
        09:00:00 mx4 opensmtpd[6016]: f42e4337bf4f7a30 smtp envelope evpid=56c42a77838b9dd4 from=<erik@example.net> to=<refused@example.org>
        09:00:00 mx4 opensmtpd[6016]: f42e4337bf4f7a30 smtp disconnected reason=quit
        09:00:00 mx4 opensmtpd[6016]: f42e433fc92ad5d0 mta connecting address=smtp://192.0.2.25:25 host=mx1.example.org
        09:00:00 mx4 opensmtpd[6016]: f42e433fc92ad5d0 mta connected
        09:00:00 mx4 opensmtpd[6016]: f42e433fc92ad5d0 mta delivery evpid=56c42a77838b9dd4 from=<erik@example.net> to=<refused@example.org> rcpt=<-> source="192.0.2.4" relay="192.0.2.25 (mx1.example.org)" delay=0s result="PermFail" stat="550 5.1.1 <refused@example.org>: Recipient address rejected: gone"
        09:00:01 mx4 opensmtpd[6016]: f42e4340ee22187b smtp connected address=local host=mx4.example.net
        09:00:01 mx4 opensmtpd[6016]: f42e4340ee22187b smtp message msgid=13729e7e size=1711 nrcpt=1 proto=ESMTP
        09:00:01 mx4 opensmtpd[6016]: f42e4340ee22187b smtp envelope evpid=13729e7e7a1b7b90 from=<> to=<erik@example.net>
        09:00:01 mx4 opensmtpd[6016]: f42e4340ee22187b smtp disconnected reason=quit
        09:00:01 mx4 opensmtpd[6016]: f42e4342bd6cec41 mda delivery evpid=13729e7e7a1b7b90 from=<> to=<erik@example.net> rcpt=<erik@example.net> user=erik delay=0s result=Ok stat=Delivered
        09:00:02 mx4 opensmtpd[6001]: Exiting
        "#,
        expect![[r#"

            erik@example.net → refused@example.org: bounced
            │  message-id  not logged, 380 bytes
            │  came in     2026-11-22 09:00:00 UTC from client.example.net[192.0.2.10]
            │
            ├─ refused@example.org: bounced by mx1.example.org[192.0.2.25] after 0 s: 550 5.1.1
            │      <refused@example.org>: Recipient address rejected: gone; the sender was told (13729e7e,
            │      delivered)
            │
            ├─ mx4/opensmtpd 56c42a77  09:00:00 (0 s here)
            │  └─ refused@example.org → mx1.example.org[192.0.2.25]: bounced, +0 s
            │       550 5.1.1 <refused@example.org>: Recipient address rejected: gone
            │
            └─ told the sender that it failed: 13729e7e +1 s, delivered to erik@example.net

            <> → erik@example.net: delivered
            │  message-id  not logged, 1.7 kB
            │  came in     2026-11-22 09:00:01 UTC from mx4.example.net[local]
            │  this is     a notification about 56c42a77 on mx4
            │
            ├─ erik@example.net: delivered on mx4 after 0 s
            │
            └─ mx4/opensmtpd 13729e7e  09:00:01 (0 s here)
               └─ erik@example.net: delivered, +0 s
                    Delivered
        "#]],
    );
}

#[test]
fn ciscos_gateway_names_recipients_by_number() {
    let log = r"
        09:00:00 esa1 mail_logs: Info: New SMTP ICID 1001 interface Data1 (198.51.100.7) address 192.0.2.25 reverse dns host mx.sender.test verified yes
        09:00:00 esa1 mail_logs: Info: ICID 1001 ACCEPT SG UNKNOWNLIST match sbrs[-1.0:10.0] SBRS 3.5
        09:00:00 esa1 mail_logs: Info: Start MID 5001 ICID 1001
        09:00:00 esa1 mail_logs: Info: MID 5001 ICID 1001 From: <joe@sender.test>
        09:00:00 esa1 mail_logs: Info: MID 5001 ICID 1001 RID 0 To: <anna@example.org>
        09:00:00 esa1 mail_logs: Info: MID 5001 ICID 1001 To: <x@example.com> Rejected by RAT
        09:00:00 esa1 mail_logs: Info: MID 5001 ICID 1001 RID 1 To: <gone@example.org>
        09:00:00 esa1 mail_logs: Info: MID 5001 ICID 1001 RID 2 To: <carl@example.org>
        09:00:01 esa1 mail_logs: Info: MID 5001 Message-ID '<c1@sender.test>'
        09:00:01 esa1 mail_logs: Info: MID 5001 Subject 'hello'
        09:00:01 esa1 mail_logs: Info: MID 5001 ready 4875 bytes from <joe@sender.test>
        09:00:02 esa1 mail_logs: Info: MID 5001 using engine: CASE spam negative
        09:00:02 esa1 mail_logs: Info: MID 5001 antivirus negative
        09:00:02 esa1 mail_logs: Info: New SMTP DCID 2001 interface 198.51.100.7 address 192.0.2.26 port 25
        09:00:02 esa1 mail_logs: Info: Delivery start DCID 2001 MID 5001 to RID [0, 1, 2]
        09:00:03 esa1 mail_logs: Info: Bounced: DCID 2001 MID 5001 to RID 1 - 5.1.0 - Unknown address error ('550', ['5.1.1 no such user'])
        09:00:03 esa1 mail_logs: Info: Delayed: DCID 2001 MID 5001 to RID 2 - 4.1.0 - Unknown address error ('466', ['Mailbox temporarily full.'])
        09:00:03 esa1 mail_logs: Info: Message done DCID 2001 MID 5001 to RID [0]
        09:00:03 esa1 mail_logs: Info: MID 5001 RID [0] Response '2.0.0 Ok: queued as 4XyZab12cDz9Qx'
        09:00:08 esa1 mail_logs: Info: ICID 1001 close
        09:30:02 esa1 mail_logs: Info: New SMTP DCID 2002 interface 198.51.100.7 address 192.0.2.27 port 25
        09:30:02 esa1 mail_logs: Info: Delivery start DCID 2002 MID 5001 to RID [2]
        09:30:03 esa1 mail_logs: Info: MID 5001 RID [2] Response '2.0.0 Ok: queued as 4XyZab12cDz9Qy'
        09:30:03 esa1 mail_logs: Info: Message finished MID 5001 done
    ";
    check(
        log,
        expect![[r#"

            joe@sender.test → gone@example.org, carl@example.org and anna@example.org: relayed, bounced
            │  subject     hello
            │  message-id  <c1@sender.test>, 4.8 kB
            │  came in     2026-11-22 09:00:00 UTC from mx.sender.test[192.0.2.25]
            │
            ├─ gone@example.org: bounced by [192.0.2.26] after 3 s: Unknown address error ('550', ['5.1.1 no
            │      such user']); no line tells that the sender was told
            ├─ carl@example.org: accepted by [192.0.2.27] after 30 min 3 s: 2.0.0 Ok: queued as 4XyZab12cDz9Qy
            ├─ anna@example.org: accepted by [192.0.2.26] after 3 s: 2.0.0 Ok: queued as 4XyZab12cDz9Qx
            │
            └─ esa1/mail_logs 5001  09:00:00 (30 min 3 s here)
               ├─ access rule refused the recipient x@example.com: Rejected by RAT
               ├─ mail_logs let it pass as spam negative
               ├─ mail_logs let it pass as antivirus negative
               ├─ gone@example.org → [192.0.2.26]:25: bounced, +3 s
               │    Unknown address error ('550', ['5.1.1 no such user'])
               ├─ carl@example.org → [192.0.2.26]:25: deferred, +3 s
               │    Unknown address error ('466', ['Mailbox temporarily full.'])
               ├─ anna@example.org → [192.0.2.26]:25: accepted, +3 s
               │    2.0.0 Ok: queued as 4XyZab12cDz9Qx
               └─ carl@example.org → [192.0.2.27]:25: accepted, +30 min 3 s
                    2.0.0 Ok: queued as 4XyZab12cDz9Qy
        "#]],
    );
}

#[test]
fn exchange_tells_a_notification_by_the_message_id_of_what_it_is_about() {
    check(
        r"
        2026-11-22T08:23:20.949Z,192.0.2.25,mx.sender.test,198.51.100.7,EX1,08DC1DB12C345BE5;2026-11-22T08:23:21.544Z;0,EX1\Default EX1,SMTP,RECEIVE,70912345566403,<e1@sender.test>,1e6eb197-c6b4-1234-1b69-56dc1db88f50,anna@example.org;gone@example.org,,7229,2,,,hello,joe@sender.test,joe@sender.test,0cA: ,Incoming,,192.0.2.25,198.51.100.7,S:FromEntity=Internet,Email,05503123-c5b9-46fe-1234-56dc1db88f8f,15.02.0330.005
        2026-11-22T08:23:21.327Z,,,,EX1,,,ROUTING,FAIL,70912345566403,<e1@sender.test>,1e6eb197-c6b4-1234-1b69-56dc1db88f50,gone@example.org,550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found,7229,1,,,hello,joe@sender.test,joe@sender.test,,Incoming,,,,S:E2ELatency=0.5,Email,82f8feae-ef9b-41bf-8500-1e10946655ae,15.01.2507.039
        2026-11-22T08:23:21.427Z,198.51.100.7,EX1,198.51.100.7,EX1,08DC1DB12C345BE5,,STOREDRIVER,DELIVER,70912345566403,<e1@sender.test>,1e6eb197-c6b4-1234-1b69-56dc1db88f50,anna@example.org,,7229,1,,,hello,joe@sender.test,joe@sender.test,2026-11-22T08:23:20.814Z,Incoming,,,,S:E2ELatency=0.5,Email,82f8feae-ef9b-41bf-8500-1e10946655ae,15.01.2507.039
        2026-11-22T08:23:21.527Z,,,,EX1,,,DSN,DSN,70912345566404,<d1@ex1.example.org>,1e6eb197-c6b4-1234-1b69-56dc1db88f51,joe@sender.test,,7229,1,,<e1@sender.test>,Undeliverable: hello,postmaster@example.org,<>,,Originating,,,,S:E2ELatency=0.5
        2026-11-22T08:23:22.527Z,198.51.100.7,EX1,192.0.2.25,mx.sender.test,;250 2.6.0 <d1@ex1.example.org> Queued mail for delivery,Outbound,SMTP,SENDEXTERNAL,70912345566404,<d1@ex1.example.org>,1e6eb197-c6b4-1234-1b69-56dc1db88f51,joe@sender.test,250 2.1.5 Recipient OK,7229,1,,,Undeliverable: hello,postmaster@example.org,<>,,Originating,,,,S:E2ELatency=0.5
        ",
        expect![[r#"

            joe@sender.test → gone@example.org and anna@example.org: delivered, bounced
            │  subject     hello
            │  message-id  <e1@sender.test>, 7.2 kB
            │  came in     2026-11-22 08:23:20.949 UTC from mx.sender.test[192.0.2.25]
            │
            ├─ gone@example.org: bounced after 0.378 s: 550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found;
            │      the sender was told (70912345566404, relayed)
            ├─ anna@example.org: delivered by EX1[198.51.100.7] on EX1 after 0.478 s
            │
            ├─ EX1/exchange 70912345566403  08:23:20.949 (0.478 s here)
            │  ├─ gone@example.org: bounced, +0.378 s
            │  │    550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found
            │  └─ anna@example.org → EX1[198.51.100.7]: delivered, +0.478 s
            │
            └─ told the sender that it failed: 70912345566404 +0.578 s, relayed to joe@sender.test

            <> → joe@sender.test: relayed
            │  message-id  not logged
            │  came in     2026-11-22 08:23:21.527 UTC from the mail server itself
            │  this is     a notification about 70912345566403 on EX1
            │
            ├─ joe@sender.test: accepted by mx.sender.test[192.0.2.25] after 1 s: 250 2.1.5 Recipient OK
            │
            └─ EX1/exchange 70912345566404  08:23:21.527 (1 s here)
               └─ joe@sender.test → mx.sender.test[192.0.2.25]: accepted, +1 s
                    250 2.1.5 Recipient OK
        "#]],
    );
}

#[test]
fn a_record_for_each_recipient_tells_all_of_a_message() {
    check(
        r#"
        {"Organization":"example.onmicrosoft.test","MessageId":"<m1@sender.test>","Received":"2026-11-22T08:24:54.3750000","SenderAddress":"joe@sender.test","RecipientAddress":"anna@example.org","Subject":"hello","Status":"Delivered","ToIP":null,"FromIP":"192.0.2.25","Size":87680,"MessageTraceId":"3b4fc661-180d-4c2f-60c9-08da6e38dd10"}
        {"Organization":"example.onmicrosoft.test","MessageId":"<m1@sender.test>","Received":"2026-11-22T08:24:54.3750000","SenderAddress":"joe@sender.test","RecipientAddress":"gone@example.org","Subject":"hello","Status":"Failed","ToIP":null,"FromIP":"192.0.2.25","Size":87680,"MessageTraceId":"3b4fc661-180d-4c2f-60c9-08da6e38dd10"}
        "#,
        expect![[r#"

            joe@sender.test → anna@example.org and gone@example.org: delivered, bounced
            │  subject     hello
            │  message-id  <m1@sender.test>, 87 kB
            │  came in     2026-11-22 08:24:54.375 UTC from [192.0.2.25]
            │
            ├─ anna@example.org: delivered after 0 s
            ├─ gone@example.org: bounced after 0 s: Failed; no line tells that the sender was told
            │
            └─ exchange 3b4fc661-180d-4c2f-60c9-08da6e38dd10  08:24:54.375 (0 s here)
               ├─ exchange (3b4fc661-180d-4c2f-60c9-08da6e38dd10) tells Delivered for anna@example.org
               ├─ exchange (3b4fc661-180d-4c2f-60c9-08da6e38dd10) tells Failed for gone@example.org
               ├─ anna@example.org: delivered, +0 s
               │    Delivered
               └─ gone@example.org: bounced, +0 s
                    Failed
        "#]],
    );
}
