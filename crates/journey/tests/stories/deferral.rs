//! B.10, B.11, B.12, B.13.

use crate::check;
use expect_test::expect;

#[test]
fn a_bounce_and_its_notification() {
    check(
        r"
        08:23:20 postfix/submission/smtpd[28452]: 38A70A14CB7: client=pc.example.org[192.0.2.77], sasl_method=PLAIN, sasl_username=alice@example.org
        08:23:20 cleanup[28446]: 38A70A14CB7: message-id=<o1@example.org>
        08:23:20 qmgr[27645]: 38A70A14CB7: from=<alice@example.org>, size=306, nrcpt=1 (queue active)
        08:23:21 smtp[28447]: Untrusted TLS connection established to mx.remote.test[198.51.100.7]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
        08:23:22 smtp[28447]: 38A70A14CB7: to=<multi@remote.test>, relay=mx.remote.test[198.51.100.7]:25, delay=2, delays=0.1/0/0.9/1, dsn=5.7.1, status=bounced (host mx.remote.test[198.51.100.7] said: 550-5.7.1 line one 550 5.7.1 line two <https://x.test/?q=a b> (in reply to RCPT TO command))
        08:23:22 cleanup[28446]: 586CDA14CBA: message-id=<20261122082322.586CDA14CBA@mx1.example.org>
        08:23:22 bounce[28475]: 38A70A14CB7: sender non-delivery notification: 586CDA14CBA
        08:23:22 qmgr[27645]: 586CDA14CBA: from=<>, size=2362, nrcpt=1 (queue active)
        08:23:22 qmgr[27645]: 38A70A14CB7: removed
        08:23:22 lmtp[28463]: 586CDA14CBA: to=<alice@example.org>, relay=mx1.example.org[private/dovecot-lmtp], delay=0.1, delays=0.05/0/0/0.05, dsn=2.0.0, status=sent (250 2.0.0 <alice@example.org> 4LjcFnqmAmsmbwAAg+zDdQ Saved)
        08:23:22 qmgr[27645]: 586CDA14CBA: removed
        ",
        expect![[r#"

            alice@example.org → multi@remote.test: bounced
            │  message-id  <o1@example.org>, 306 bytes
            │  came in     2026-11-22 08:23:20 UTC from pc.example.org[192.0.2.77], logged in as
            │              alice@example.org
            │
            ├─ multi@remote.test: bounced by mx.remote.test[198.51.100.7] after 2 s: 550-5.7.1 line one 550
            │      5.7.1 line two <https://x.test/?q=a b>; the sender was told (586CDA14CBA, delivered)
            │
            ├─ mx1 38A70A14CB7  08:23:20 (2 s here)
            │  └─ multi@remote.test → mx.remote.test[198.51.100.7]:25: bounced, +2 s, Untrusted TLSv1.3
            │         TLS_AES_256_GCM_SHA384
            │       550-5.7.1 line one 550 5.7.1 line two <https://x.test/?q=a b>
            │
            └─ told the sender that it failed: 586CDA14CBA +2 s, delivered to alice@example.org

            <> → alice@example.org: delivered
            │  message-id  <20261122082322.586CDA14CBA@mx1.example.org>, 2.3 kB
            │  came in     2026-11-22 08:23:22 UTC from the mail server itself
            │  this is     a notification about 38A70A14CB7 on mx1
            │
            ├─ alice@example.org: delivered to the mail store mx1.example.org[private/dovecot-lmtp] on mx1 after
            │      0 s
            │
            └─ mx1 586CDA14CBA  08:23:22 (0 s here)
               └─ alice@example.org → mx1.example.org[private/dovecot-lmtp]: delivered, +0 s
                    250 2.0.0 <alice@example.org> 4LjcFnqmAmsmbwAAg+zDdQ Saved
        "#]],
    );
}

#[test]
fn one_accepted_one_bounced_one_deferred_until_it_expires() {
    check(
        r"
        Nov 22 08:00:00 postfix/submission/smtpd[28452]: 2F922A14CB6: client=localhost[127.0.0.1], sasl_method=PLAIN, sasl_username=alice@example.org
        Nov 22 08:00:00 cleanup[28446]: 2F922A14CB6: message-id=<p1@example.org>
        Nov 22 08:00:00 qmgr[27645]: 2F922A14CB6: from=<alice@example.org>, size=306, nrcpt=3 (queue active)
        Nov 22 08:00:01 smtp[28451]: 2F922A14CB6: to=<grey@remote.test>, relay=mx.remote.test[198.51.100.7]:25, delay=1.16, delays=0.1/0/0.06/1, dsn=4.7.1, status=deferred (host mx.remote.test[198.51.100.7] said: 451 4.7.1 Greylisting in action, please come back later (in reply to RCPT TO command))
        Nov 22 08:00:01 smtp[28451]: 2F922A14CB6: to=<nouser@remote.test>, relay=mx.remote.test[198.51.100.7]:25, delay=1.16, delays=0.1/0/0.06/1, dsn=5.1.1, status=bounced (host mx.remote.test[198.51.100.7] said: 550 5.1.1 <nouser@remote.test>: Recipient address rejected: User unknown (in reply to RCPT TO command))
        Nov 22 08:00:01 smtp[28451]: 2F922A14CB6: to=<ok@remote.test>, relay=mx.remote.test[198.51.100.7]:25, delay=1.2, delays=0.1/0/0.06/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZab12cDz9Qw)
        Nov 22 08:00:01 bounce[28477]: 2F922A14CB6: sender non-delivery notification: 5C352A14275
        Nov 22 12:00:00 qmgr[27645]: 2F922A14CB6: from=<alice@example.org>, size=306, nrcpt=3 (queue active)
        Nov 22 12:00:01 smtp[28447]: 2F922A14CB6: to=<grey@remote.test>, relay=mx.remote.test[198.51.100.7]:25, delay=14401, delays=14400/0/0.5/0.5, dsn=4.7.1, status=deferred (host mx.remote.test[198.51.100.7] said: 451 4.7.1 Greylisting in action, please come back later (in reply to RCPT TO command))
        Nov 22 12:00:01 bounce[28474]: 2F922A14CB6: sender delay notification: 5E1D0A14CB7
        Nov 27 08:00:01 qmgr[27645]: 2F922A14CB6: from=<alice@example.org>, status=expired, returned to sender
        Nov 27 08:00:01 bounce[28474]: 2F922A14CB6: sender non-delivery notification: 36362A14CCC
        Nov 27 08:00:01 qmgr[27645]: 2F922A14CB6: removed
        ",
        expect![[r#"

            alice@example.org → grey@remote.test, nouser@remote.test and ok@remote.test: relayed, bounced,
              expired
            │  message-id  <p1@example.org>, 306 bytes
            │  came in     2026-11-22 08:00:00 UTC from localhost[127.0.0.1], logged in as alice@example.org
            │
            ├─ grey@remote.test: given up on mx1 after 5 d, last reason: 451 4.7.1 Greylisting in action, please
            │      come back later; the sender was told (36362A14CCC)
            ├─ nouser@remote.test: bounced by mx.remote.test[198.51.100.7] after 1 s: 550 5.1.1
            │      <nouser@remote.test>: Recipient address rejected: User unknown; the sender was told
            │      (5C352A14275)
            ├─ ok@remote.test: accepted by mx.remote.test[198.51.100.7] after 1 s: 250 2.0.0 Ok: queued as
            │      4XyZab12cDz9Qw
            │
            ├─ mx1 2F922A14CB6  08:00:00 (5 d here)
            │  ├─ grey@remote.test → mx.remote.test[198.51.100.7]:25: deferred twice from 08:00:01 to 12:00:01
            │  │    451 4.7.1 Greylisting in action, please come back later
            │  ├─ nouser@remote.test → mx.remote.test[198.51.100.7]:25: bounced, +1 s
            │  │    550 5.1.1 <nouser@remote.test>: Recipient address rejected: User unknown
            │  ├─ ok@remote.test → mx.remote.test[198.51.100.7]:25: accepted, +1 s
            │  │    250 2.0.0 Ok: queued as 4XyZab12cDz9Qw
            │  └─ queue life over, given up  +5 d
            │
            ├─ told the sender that it failed: 5C352A14275 +1 s, its end not seen
            ├─ told the sender that it is late: 5E1D0A14CB7 +4 h, its end not seen
            └─ told the sender that it failed: 36362A14CCC +5 d, its end not seen
        "#]],
    );
}

#[test]
fn deferred_for_days_and_still_there() {
    check(
        r"
        Nov 22 09:00:02 smtpd[10]: 4jXNLp07Ncz3wYP: client=pc.example.org[192.0.2.77], sasl_method=PLAIN, sasl_username=alice@example.org
        Nov 22 09:00:02 cleanup[11]: 4jXNLp07Ncz3wYP: message-id=<q1@example.org>
        Nov 22 09:00:02 qmgr[900]: 4jXNLp07Ncz3wYP: from=<alice@example.org>, size=4100, nrcpt=2 (queue active)
        Nov 22 09:00:32 smtp[930]: connect to mx.slow.test[198.51.100.77]:25: Connection timed out
        Nov 22 09:00:32 smtp[930]: 4jXNLp07Ncz3wYP: to=<x@slow.test>, relay=none, delay=30, delays=0.1/0/30/0, dsn=4.4.1, status=deferred (connect to mx.slow.test[198.51.100.77]:25: Connection timed out)
        Nov 22 09:05:33 qmgr[900]: 4jXNLp07Ncz3wYP: from=<alice@example.org>, size=4100, nrcpt=2 (queue active)
        Nov 22 09:05:33 error[931]: 4jXNLp07Ncz3wYP: to=<x@slow.test>, relay=none, delay=331, delays=331/0/0/0, dsn=4.4.1, status=deferred (delivery temporarily suspended: connect to mx.slow.test[198.51.100.77]:25: Connection timed out)
        Nov 24 09:05:33 qmgr[900]: 4jXNLp07Ncz3wYP: from=<alice@example.org>, size=4100, nrcpt=2 (queue active)
        Nov 24 09:05:33 error[931]: 4jXNLp07Ncz3wYP: to=<x@slow.test>, relay=none, delay=173131, delays=173131/0/0/0, dsn=4.4.1, status=deferred (delivery temporarily suspended: connect to mx.slow.test[198.51.100.77]:25: Connection timed out)
        ",
        expect![[r#"

            alice@example.org → x@slow.test (and 1 unknown): still in the queue
            │  message-id  <q1@example.org>, 4.1 kB
            │  came in     2026-11-22 09:00:02 UTC from pc.example.org[192.0.2.77], logged in as
            │              alice@example.org
            │
            ├─ x@slow.test: still in the queue on mx1: deferred 3 times, last at Nov 24 09:05:33: connect to
            │      mx.slow.test[198.51.100.77]:25: Connection timed out
            ├─ 1 recipient that no line names: still in the queue on mx1
            │
            └─ mx1 4jXNLp07Ncz3wYP  09:00:02
               └─ x@slow.test: deferred 3 times from 09:00:32 to Nov 24 09:05:33, 2 of them without asking
                    connect to mx.slow.test[198.51.100.77]:25: Connection timed out
        "#]],
    );
}

#[test]
fn held_released_delivered() {
    check(
        r"
        08:00:00 smtpd[10]: 407EFA14CBB: client=mail.sender.test[192.0.2.10]
        08:00:00 cleanup[28446]: 407EFA14CBB: message-id=<h3@remote.test>
        08:00:00 cleanup[28446]: 407EFA14CBB: hold: header Subject: hc holdme? folded line from mail.sender.test[192.0.2.10]; from=<sender@remote.test> to=<alice@example.org> proto=ESMTP helo=<client.example.net>: manual review
        08:03:12 postsuper[32368]: 407EFA14CBB: released from hold
        08:03:13 qmgr[32180]: 407EFA14CBB: from=<sender@remote.test>, size=355, nrcpt=1 (queue active)
        08:03:13 lmtp[32475]: 407EFA14CBB: to=<alice@example.org>, relay=mx1.example.org[private/dovecot-lmtp], delay=193, delays=193/0.01/0.13/0.19, dsn=2.0.0, status=sent (250 2.0.0 <alice@example.org> xxJxbDXqmAms2bwAAg+zDdQ Saved)
        08:03:13 qmgr[32180]: 407EFA14CBB: removed
        ",
        expect![[r#"

            sender@remote.test → alice@example.org: delivered
            │  subject     hc holdme? folded line
            │  message-id  <h3@remote.test>, 355 bytes
            │  came in     2026-11-22 08:00:00 UTC from mail.sender.test[192.0.2.10], HELO client.example.net
            │
            ├─ alice@example.org: delivered to the mail store mx1.example.org[private/dovecot-lmtp] on mx1 after
            │      3 min 13 s
            │
            └─ mx1 407EFA14CBB  08:00:00 (3 min 13 s here)
               ├─ content check put it on hold: manual review (Subject: hc holdme? folded line)
               ├─ released from hold  +3 min 12 s
               └─ alice@example.org → mx1.example.org[private/dovecot-lmtp]: delivered, +3 min 13 s (3 min 13 s
                      before this try)
                    250 2.0.0 <alice@example.org> xxJxbDXqmAms2bwAAg+zDdQ Saved
        "#]],
    );
}

#[test]
fn requeued_and_bounced() {
    check(
        r"
        08:00:00 smtpd[29773]: connect from localhost[127.0.0.1]
        08:00:00 smtpd[29773]: NOQUEUE: hold: RCPT from localhost[127.0.0.1]: <hold@example.org>: Recipient address suspicious; from=<sender@remote.test> to=<hold@example.org> proto=ESMTP helo=<client.example.net>
        08:00:00 smtpd[29773]: 4jXMZG2sDtz1Xf29: client=localhost[127.0.0.1]
        08:00:00 cleanup[29769]: 4jXMZG2sDtz1Xf29: message-id=<acl-hold@remote.test>
        08:00:00 smtpd[29773]: disconnect from localhost[127.0.0.1] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5
        08:01:40 postsuper[32499]: 4jXMZG2sDtz1Xf29: requeued
        08:01:42 pickup[32182]: 4jXMcF15qZz1Xf2Q: uid=102 from=<sender@remote.test> orig_id=4jXMZG2sDtz1Xf29
        08:01:42 cleanup[32505]: 4jXMcF15qZz1Xf2Q: message-id=<acl-hold@remote.test>
        08:01:42 qmgr[32180]: 4jXMcF15qZz1Xf2Q: from=<sender@remote.test>, size=460, nrcpt=1 (queue active)
        08:01:43 lmtp[32475]: 4jXMcF15qZz1Xf2Q: to=<hold@example.org>, relay=mx1.example.org[private/dovecot-lmtp], delay=103, delays=102/0.01/0.13/0.19, dsn=5.1.1, status=bounced (host mx1.example.org[private/dovecot-lmtp] said: 550 5.1.1 <hold@example.org> User doesn't exist: hold@example.org (in reply to RCPT TO command))
        08:01:43 qmgr[32180]: 4jXMcF15qZz1Xf2Q: removed
        ",
        expect![[r#"

            sender@remote.test → hold@example.org: bounced
            │  message-id  <acl-hold@remote.test>
            │  came in     2026-11-22 08:00:00 UTC from localhost[127.0.0.1], HELO client.example.net
            │
            ├─ hold@example.org: bounced by mx1.example.org[private/dovecot-lmtp] after 1 min 43 s: 550 5.1.1
            │      <hold@example.org> User doesn't exist: hold@example.org; no line tells that the sender was
            │      told
            │
            ├─ mx1 4jXMZG2sDtz1Xf29  08:00:00 (1 min 40 s here)
            │  ├─ access rule put it on hold: <hold@example.org>: Recipient address suspicious
            │  └─ put into the queue again (postsuper -r)  +1 min 40 s
            │
            └─ mx1 4jXMcF15qZz1Xf2Q  +1 min 42 s, requeued (1 s here)
               └─ hold@example.org → mx1.example.org[private/dovecot-lmtp]: bounced, +1 min 43 s (1 min 42 s
                      before this try)
                    550 5.1.1 <hold@example.org> User doesn't exist: hold@example.org

            sender@remote.test → hold@example.org: to be put on hold
               2026-11-22 08:00:00 UTC on mx1 from localhost[127.0.0.1], HELO client.example.net
               access, RCPT: <hold@example.org>: Recipient address suspicious
        "#]],
    );
}

#[test]
fn requeued_while_one_recipient_was_done() {
    check(
        r"
        08:00:00 smtpd[10]: 4jXMZG2sDtz1Xf29: client=mail.sender.test[192.0.2.10]
        08:00:00 cleanup[11]: 4jXMZG2sDtz1Xf29: message-id=<rq@remote.test>
        08:00:00 qmgr[12]: 4jXMZG2sDtz1Xf29: from=<sender@remote.test>, size=460, nrcpt=2 (queue active)
        08:00:01 smtp[13]: 4jXMZG2sDtz1Xf29: to=<a@one.test>, relay=mx.one.test[198.51.100.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
        08:00:31 smtp[14]: 4jXMZG2sDtz1Xf29: to=<b@two.test>, relay=none, delay=31, delays=0/0/31/0, dsn=4.4.1, status=deferred (connect to mx.two.test[198.51.100.2]:25: Connection timed out)
        08:01:40 postsuper[15]: 4jXMZG2sDtz1Xf29: requeued
        08:01:42 pickup[16]: 4jXMcF15qZz1Xf2Q: uid=102 from=<sender@remote.test> orig_id=4jXMZG2sDtz1Xf29
        08:01:42 cleanup[17]: 4jXMcF15qZz1Xf2Q: message-id=<rq@remote.test>
        08:01:42 qmgr[12]: 4jXMcF15qZz1Xf2Q: from=<sender@remote.test>, size=560, nrcpt=1 (queue active)
        ",
        expect![[r#"

            sender@remote.test → a@one.test and b@two.test: relayed, still in the queue
            │  message-id  <rq@remote.test>, 460 bytes
            │  came in     2026-11-22 08:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ a@one.test: accepted by mx.one.test[198.51.100.1] after 1 s: 250 ok
            ├─ b@two.test: still in the queue on mx1: deferred once, last at 08:00:31: connect to
            │      mx.two.test[198.51.100.2]:25: Connection timed out
            │
            ├─ mx1 4jXMZG2sDtz1Xf29  08:00:00 (1 min 40 s here)
            │  ├─ a@one.test → mx.one.test[198.51.100.1]:25: accepted, +1 s
            │  │    250 ok
            │  ├─ b@two.test: deferred, +31 s (31 s connecting)
            │  │    connect to mx.two.test[198.51.100.2]:25: Connection timed out
            │  └─ put into the queue again (postsuper -r)  +1 min 40 s
            │
            └─ mx1 4jXMcF15qZz1Xf2Q  +1 min 42 s, requeued
        "#]],
    );
}

#[test]
fn deleted_by_the_administrator() {
    check(
        r"
        08:00:00 smtpd[10]: 4jXMZG2sDtz1Xf29: client=mail.sender.test[192.0.2.10]
        08:00:00 cleanup[11]: 4jXMZG2sDtz1Xf29: message-id=<del@remote.test>
        08:00:00 qmgr[12]: 4jXMZG2sDtz1Xf29: from=<sender@remote.test>, size=460, nrcpt=3 (queue active)
        08:00:31 smtp[14]: 4jXMZG2sDtz1Xf29: to=<b@two.test>, relay=none, delay=31, delays=0/0/31/0, dsn=4.4.1, status=deferred (connect to mx.two.test[198.51.100.2]:25: Connection timed out)
        08:01:40 postsuper[15]: 4jXMZG2sDtz1Xf29: removed
        ",
        expect![[r#"

            sender@remote.test → b@two.test (and 2 unknown): deleted
            │  message-id  <del@remote.test>, 460 bytes
            │  came in     2026-11-22 08:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ b@two.test: deleted by the administrator on mx1 at 08:01:40
            ├─ 2 recipients that no line names: deleted by the administrator on mx1
            │
            └─ mx1 4jXMZG2sDtz1Xf29  08:00:00 (1 min 40 s here)
               ├─ b@two.test: deferred, +31 s (31 s connecting)
               │    connect to mx.two.test[198.51.100.2]:25: Connection timed out
               └─ deleted by the administrator (postsuper -d)  +1 min 40 s
        "#]],
    );
}

#[test]
fn expired_by_the_administrator() {
    check(
        r"
        08:00:00 smtpd[10]: 4jXMZG2sDtz1Xf29: client=mail.sender.test[192.0.2.10]
        08:00:00 cleanup[11]: 4jXMZG2sDtz1Xf29: message-id=<exp@remote.test>
        08:00:00 qmgr[12]: 4jXMZG2sDtz1Xf29: from=<sender@remote.test>, size=460, nrcpt=1 (queue active)
        08:00:31 smtp[14]: 4jXMZG2sDtz1Xf29: to=<b@two.test>, relay=none, delay=31, delays=0/0/31/0, dsn=4.4.1, status=deferred (connect to mx.two.test[198.51.100.2]:25: Connection timed out)
        08:01:40 postsuper[15]: 4jXMZG2sDtz1Xf29: expired
        08:01:41 error[16]: 4jXMZG2sDtz1Xf29: to=<b@two.test>, relay=none, delay=101, delays=101/0/0/0, dsn=4.7.0, status=deferred (message is administratively expired)
        08:01:41 qmgr[12]: 4jXMZG2sDtz1Xf29: from=<sender@remote.test>, status=force-expired, returned to sender
        08:01:41 cleanup[11]: 4jXMcF15qZz1Xf2Q: message-id=<4jXMcF15qZz1Xf2Q@mx1.example.org>
        08:01:41 bounce[17]: 4jXMZG2sDtz1Xf29: sender non-delivery notification: 4jXMcF15qZz1Xf2Q
        08:01:41 qmgr[12]: 4jXMcF15qZz1Xf2Q: from=<>, size=2460, nrcpt=1 (queue active)
        08:01:41 qmgr[12]: 4jXMZG2sDtz1Xf29: removed
        ",
        expect![[r#"

            sender@remote.test → b@two.test: expired
            │  message-id  <exp@remote.test>, 460 bytes
            │  came in     2026-11-22 08:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ b@two.test: given up on mx1 after 1 min 41 s, last reason: message is administratively expired;
            │      the sender was told (4jXMcF15qZz1Xf2Q, still in the queue)
            │
            ├─ mx1 4jXMZG2sDtz1Xf29  08:00:00 (1 min 41 s here)
            │  ├─ b@two.test: deferred, +31 s (31 s connecting)
            │  │    connect to mx.two.test[198.51.100.2]:25: Connection timed out
            │  ├─ told to expire (postsuper -e)  +1 min 40 s
            │  ├─ queue life over, given up  +1 min 41 s
            │  └─ b@two.test: deferred, +1 min 41 s (1 min 41 s before this try)
            │       message is administratively expired
            │
            └─ told the sender that it failed: 4jXMcF15qZz1Xf2Q +1 min 41 s, still in the queue

            <> → an unknown recipient: still in the queue
            │  message-id  <4jXMcF15qZz1Xf2Q@mx1.example.org>, 2.4 kB
            │  came in     2026-11-22 08:01:41 UTC from the mail server itself
            │  this is     a notification about 4jXMZG2sDtz1Xf29 on mx1
            │
            ├─ 1 recipient that no line names: still in the queue on mx1
            │
            └─ mx1 4jXMcF15qZz1Xf2Q  08:01:41
        "#]],
    );
}
