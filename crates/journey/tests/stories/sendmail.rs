//! Sendmail, which tells a reception in one line and refuses what it has told of.

use crate::check;
use expect_test::expect;

#[test]
fn an_alias_of_which_one_recipient_waits() {
    check(
        r"
        09:00:00 mx1 sm-mta[60]: 6AM8XJIE008151: from=<joe@sender.test>, size=900, class=0, nrcpts=1, msgid=<s1@sender.test>, proto=ESMTP, daemon=MTA, relay=mail.sender.test [192.0.2.10]
        09:00:01 mx1 sm-mta[61]: 6AM8XJIE008151: to=joe, delay=00:00:01, xdelay=00:00:00, mailer=local, pri=30900, dsn=2.0.0, stat=Sent
        09:00:02 mx1 sm-mta[61]: 6AM8XJIE008151: to=<ann@far.test>, delay=00:00:02, xdelay=00:00:01, mailer=esmtp, pri=30900, relay=mx.far.test. [198.51.100.7], dsn=4.2.0, stat=Deferred: 450 4.2.0 come again
        09:10:02 mx1 sm-mta[75]: 6AM8XJIE008151: to=<ann@far.test>, delay=00:10:02, xdelay=00:00:01, mailer=esmtp, pri=120900, relay=mx.far.test. [198.51.100.7], dsn=2.0.0, stat=Sent (Ok: queued as 4XyZab12cDz9Qw)
        ",
        expect![[r#"

            joe@sender.test → joe and ann@far.test: delivered, relayed
            │  message-id  <s1@sender.test>, 900 bytes
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ joe: delivered on mx1 after 1 s
            ├─ ann@far.test: accepted by mx.far.test[198.51.100.7] after 10 min 2 s: Sent (Ok: queued as
            │      4XyZab12cDz9Qw)
            │
            └─ mx1/sm-mta 6AM8XJIE008151  09:00:00 (10 min 2 s here)
               ├─ joe: delivered, +1 s
               │    Sent
               ├─ ann@far.test → mx.far.test[198.51.100.7]: deferred, +2 s
               │    Deferred: 450 4.2.0 come again
               └─ ann@far.test → mx.far.test[198.51.100.7]: accepted, +10 min 2 s
                    Sent (Ok: queued as 4XyZab12cDz9Qw)
        "#]],
    );
}

#[test]
fn a_milter_refuses_at_the_end_of_the_message() {
    check(
        r"
        09:00:00 mx1 sm-mta[60]: 6AM8XJIE008151: from=<joe@sender.test>, size=900, class=0, nrcpts=2, msgid=<s1@sender.test>, proto=ESMTP, daemon=MTA, relay=mail.sender.test [192.0.2.10]
        09:00:01 mx1 sm-mta[60]: 6AM8XJIE008151: Milter: data, reject=550 5.7.1 looks like spam
        09:00:01 mx1 sm-mta[60]: 6AM8XJIE008151: to=<anna@example.org>, delay=00:00:01, pri=60900, stat=looks like spam
        09:00:01 mx1 sm-mta[60]: 6AM8XJIE008151: to=<bob@example.org>, delay=00:00:01, pri=60900, stat=looks like spam
        ",
        expect![[r#"

            joe@sender.test → anna@example.org and bob@example.org: rejected
            │  message-id  <s1@sender.test>, 900 bytes
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ anna@example.org: refused in the SMTP session: 550 5.7.1 looks like spam
            ├─ bob@example.org: refused in the SMTP session: 550 5.7.1 looks like spam
            │
            └─ mx1/sm-mta 6AM8XJIE008151  09:00:00 (1 s here)
               └─ Milter refused it: 550 5.7.1 looks like spam
        "#]],
    );
}

#[test]
fn a_milter_says_come_again() {
    check(
        r"
        09:00:00 mx1 sm-mta[60]: 6AM8XJIE008151: from=<joe@sender.test>, size=900, class=0, nrcpts=1, msgid=<s1@sender.test>, proto=ESMTP, daemon=MTA, relay=mail.sender.test [192.0.2.10]
        09:00:01 mx1 sm-mta[60]: 6AM8XJIE008151: Milter: data, reject=451 4.3.2 Please try again later
        09:00:01 mx1 sm-mta[60]: 6AM8XJIE008151: to=<anna@example.org>, delay=00:00:01, pri=30900, dsn=4.3.2, stat=Please try again later
        ",
        expect![[r#"

            joe@sender.test → anna@example.org: rejected
            │  message-id  <s1@sender.test>, 900 bytes
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ anna@example.org: refused in the SMTP session: 451 4.3.2 Please try again later
            │
            └─ mx1/sm-mta 6AM8XJIE008151  09:00:00 (1 s here)
               └─ Milter refused it: 451 4.3.2 Please try again later
        "#]],
    );
}

#[test]
fn a_milter_drops() {
    check(
        r"
        09:00:00 mx1 sm-mta[60]: 6AM8XJIE008151: from=<joe@sender.test>, size=900, class=0, nrcpts=1, msgid=<s1@sender.test>, proto=ESMTP, daemon=MTA, relay=mail.sender.test [192.0.2.10]
        09:00:01 mx1 sm-mta[60]: 6AM8XJIE008151: Milter: data, discard
        09:00:01 mx1 sm-mta[60]: 6AM8XJIE008151: to=<anna@example.org>, delay=00:00:01, pri=30900, stat=discarded
        09:00:10 mx1 sm-mta[61]: 6AM8XJIE008152: from=<joe@sender.test>, size=901, class=0, nrcpts=1, msgid=<s2@sender.test>, proto=ESMTP, daemon=MTA, relay=mail.sender.test [192.0.2.10]
        09:00:11 mx1 sm-mta[61]: 6AM8XJIE008152: Milter: data, discard
        09:00:11 mx1 sm-mta[61]: 6AM8XJIE008152: discarded
        ",
        expect![[r#"

            joe@sender.test → anna@example.org: discarded
            │  message-id  <s1@sender.test>, 900 bytes
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ anna@example.org: dropped by a rule: discarded
            │
            └─ mx1/sm-mta 6AM8XJIE008151  09:00:00 (1 s here)
               ├─ Milter dropped it: discard
               └─ anna@example.org: dropped, +1 s
                    discarded

            joe@sender.test → an unknown recipient: discarded
            │  message-id  <s2@sender.test>, 901 bytes
            │  came in     2026-11-22 09:00:10 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ 1 recipient that no line names: discarded on mx1
            │
            └─ mx1/sm-mta 6AM8XJIE008152  09:00:10 (1 s here)
               └─ Milter dropped it: discard
        "#]],
    );
}

#[test]
fn all_recipients_are_refused() {
    check(
        r"
        09:00:00 mx1 sm-mta[60]: 6AM8XJIE008151: ruleset=check_rcpt, arg1=<eve@far.test>, relay=mail.sender.test [192.0.2.10], reject=550 5.7.1 <eve@far.test>... Relaying denied
        09:00:01 mx1 sm-mta[60]: 6AM8XJIE008151: <nobody@example.org>... User unknown
        09:00:02 mx1 sm-mta[60]: 6AM8XJIE008151: from=<joe@sender.test>, size=0, class=0, nrcpts=0, proto=ESMTP, daemon=MTA, relay=mail.sender.test [192.0.2.10]
        09:00:10 mx1 sm-mta[61]: 6AM8XJIE008152: from=<kim@sender.test>, size=0, class=0, nrcpts=0, proto=ESMTP, daemon=MTA, relay=mail.sender.test [192.0.2.10]
        ",
        expect![[r#"

            joe@sender.test → eve@far.test and nobody@example.org: rejected
            │  message-id  not logged, 0 bytes
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ eve@far.test: refused in the SMTP session: 550 5.7.1 <eve@far.test>... Relaying denied
            ├─ nobody@example.org: refused in the SMTP session: User unknown
            │
            └─ mx1/sm-mta 6AM8XJIE008151  09:00:00 (2 s here)
               ├─ access rule refused the recipient eve@far.test: 550 5.7.1 <eve@far.test>... Relaying denied
               └─ access rule refused the recipient nobody@example.org: User unknown

            kim@sender.test → unknown recipients: aborted
            │  message-id  not logged, 0 bytes
            │  came in     2026-11-22 09:00:10 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ not completed by the client, at 09:00:10
            │
            └─ mx1/sm-mta 6AM8XJIE008152  09:00:10 (0 s here)
               └─ the client did not complete it  +0 s
        "#]],
    );
}

#[test]
fn some_recipients_are_refused() {
    check(
        r"
        09:00:00 mx1 sm-mta[60]: 6AM8XJIE008151: Milter: to=<eve@example.org>, reject=550 5.7.1 not for her
        09:00:02 mx1 sm-mta[60]: 6AM8XJIE008151: from=<joe@sender.test>, size=900, class=0, nrcpts=1, msgid=<s1@sender.test>, proto=ESMTP, daemon=MTA, relay=mail.sender.test [192.0.2.10]
        09:00:03 mx1 sm-mta[61]: 6AM8XJIE008151: to=<anna@example.org>, delay=00:00:01, xdelay=00:00:00, mailer=local, pri=30900, dsn=2.0.0, stat=Sent
        ",
        expect![[r#"

            joe@sender.test → anna@example.org: delivered
            │  message-id  <s1@sender.test>, 900 bytes
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ anna@example.org: delivered on mx1 after 3 s
            │
            └─ mx1/sm-mta 6AM8XJIE008151  09:00:00 (3 s here)
               ├─ Milter refused the recipient eve@example.org: 550 5.7.1 not for her
               └─ anna@example.org: delivered, +3 s
                    Sent
        "#]],
    );
}

#[test]
fn five_days_are_over() {
    check(
        r"
        Nov 17 09:00:00 mx1 sm-mta[60]: 6AM8XJIE008151: from=<joe@sender.test>, size=900, class=0, nrcpts=1, msgid=<s1@sender.test>, proto=ESMTP, daemon=MTA, relay=mail.sender.test [192.0.2.10]
        Nov 17 09:00:02 mx1 sm-mta[61]: 6AM8XJIE008151: to=<ann@far.test>, delay=00:00:02, xdelay=00:00:01, mailer=esmtp, pri=30900, relay=mx.far.test. [198.51.100.7], dsn=4.0.0, stat=Deferred: Connection refused by mx.far.test.
        09:10:02 mx1 sm-mta[75]: 6AM8XJIE008151: to=<ann@far.test>, delay=5+00:10:02, xdelay=00:00:00, mailer=esmtp, pri=7890000, relay=mx.far.test., dsn=4.4.7, stat=Message could not be delivered for 5 days
        09:10:02 mx1 sm-mta[75]: 6AM8XJIE008151: 6AM9A2BF008170: return to sender: Cannot send message for 5 days
        ",
        expect![[r#"

            joe@sender.test → ann@far.test: expired
            │  message-id  <s1@sender.test>, 900 bytes
            │  came in     2026-11-17 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ ann@far.test: given up on mx1 after 5 d, last reason: Deferred: Connection refused by
            │      mx.far.test.; the sender was told (6AM9A2BF008170)
            │
            ├─ mx1/sm-mta 6AM8XJIE008151  09:00:00 (5 d here)
            │  ├─ ann@far.test → mx.far.test[198.51.100.7]: deferred, +2 s
            │  │    Deferred: Connection refused by mx.far.test.
            │  └─ ann@far.test → mx.far.test: given up, +5 d
            │       Message could not be delivered for 5 days
            │
            └─ told the sender that it failed: 6AM9A2BF008170 +5 d, its end not seen
        "#]],
    );
}

#[test]
fn the_submission_queue_hands_over_to_the_server() {
    check(
        r"
        09:00:00 mx1 sendmail[70]: 6AM900AB000070: from=anna, size=300, class=0, nrcpts=1, msgid=<202611220900.6AM900AB000070@mx1.example.org>, relay=anna@localhost
        09:00:01 mx1 sm-mta[71]: 6AM901CD000071: from=<anna@mx1.example.org>, size=560, class=0, nrcpts=1, msgid=<202611220900.6AM900AB000070@mx1.example.org>, proto=ESMTP, daemon=MTA-v4, relay=localhost [127.0.0.1]
        09:00:01 mx1 sendmail[70]: 6AM900AB000070: to=bob@far.test, ctladdr=anna (1000/1000), delay=00:00:01, xdelay=00:00:00, mailer=relay, pri=30300, relay=[127.0.0.1] [127.0.0.1], dsn=2.0.0, stat=Sent (6AM901CD000071 Message accepted for delivery)
        09:00:02 mx1 sm-mta[72]: 6AM901CD000071: to=<bob@far.test>, ctladdr=<anna@mx1.example.org> (1000/1000), delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=120560, relay=mx.far.test. [198.51.100.7], dsn=2.0.0, stat=Sent (Ok: queued as 4XyZab12cDz9Qw)
        ",
        expect![[r#"

            anna → bob@far.test: relayed
            │  message-id  <202611220900.6AM900AB000070@mx1.example.org>, 300 bytes
            │  came in     2026-11-22 09:00:00 UTC from a program of anna on the host
            │
            ├─ bob@far.test: accepted by mx.far.test[198.51.100.7] after 2 s: Sent (Ok: queued as
            │      4XyZab12cDz9Qw)
            │
            ├─ mx1/sendmail 6AM900AB000070  09:00:00 (1 s here)
            │  └─ bob@far.test → [127.0.0.1]: handed over as 6AM901CD000071, +1 s
            │       Sent (6AM901CD000071 Message accepted for delivery)
            │
            └─ mx1/sm-mta 6AM901CD000071  +1 s, relayed (1 s here)
               └─ bob@far.test → mx.far.test[198.51.100.7]: accepted, +2 s
                    Sent (Ok: queued as 4XyZab12cDz9Qw)
        "#]],
    );
}
