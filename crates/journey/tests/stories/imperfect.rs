//! C.1 to C.5.

use crate::check;
use expect_test::expect;

#[test]
fn lines_of_one_second_upside_down() {
    check(
        r"
        10:00:00 qmgr[900]: 3E1A020087: removed
        10:00:00 lmtp[81]: 3E1A020087: to=<alice@example.org>, relay=mx1.example.org[private/dovecot-lmtp], delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <alice@example.org> eCQIC1qnAmvcfgAAg+zDdQ Saved)
        10:00:00 cleanup[76]: 3E1A020087: message-id=<z@sender.test>
        10:00:00 smtpd[75]: 3E1A020087: client=mail.sender.test[192.0.2.10]
        10:00:00 qmgr[900]: 3E1A020087: from=<z@sender.test>, size=900, nrcpt=1 (queue active)
        ",
        expect![[r#"

            z@sender.test → alice@example.org: delivered
            │  message-id  <z@sender.test>, 900 bytes
            │  came in     2026-11-22 10:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ alice@example.org: delivered to the mail store mx1.example.org[private/dovecot-lmtp] on mx1 after
            │      0 s
            │
            └─ mx1 3E1A020087  10:00:00 (0 s here)
               └─ alice@example.org → mx1.example.org[private/dovecot-lmtp]: delivered, +0 s
                    250 2.0.0 <alice@example.org> eCQIC1qnAmvcfgAAg+zDdQ Saved
        "#]],
    );
}

#[test]
fn delivered_twice() {
    check(
        r"
        09:59:58 smtpd[75]: 3E1A020087: client=mail.sender.test[192.0.2.10]
        09:59:58 cleanup[76]: 3E1A020087: message-id=<z@sender.test>
        09:59:58 qmgr[900]: 3E1A020087: from=<z@sender.test>, size=900, nrcpt=1 (queue active)
        10:00:00 smtp[81]: 3E1A020087: to=<x@remote.test>, relay=mx.remote.test[198.51.100.7]:25, delay=1.1, delays=0/0/0.1/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZab12cDz9Qw)
        10:07:31 smtp[99]: 3E1A020087: to=<x@remote.test>, relay=mx.remote.test[198.51.100.7]:25, delay=452, delays=451/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZbc34fGz9Rx)
        10:07:31 qmgr[900]: 3E1A020087: removed
        ",
        expect![[r#"

            z@sender.test → x@remote.test: relayed
            │  message-id  <z@sender.test>, 900 bytes
            │  came in     2026-11-22 09:59:58 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ x@remote.test: accepted by mx.remote.test[198.51.100.7] after 7 min 33 s: 250 2.0.0 Ok: queued as
            │      4XyZbc34fGz9Rx; brought twice: the recipient may have it as often
            │
            └─ mx1 3E1A020087  09:59:58 (7 min 33 s here)
               ├─ x@remote.test → mx.remote.test[198.51.100.7]:25: accepted, +2 s
               │    250 2.0.0 Ok: queued as 4XyZab12cDz9Qw
               └─ x@remote.test → mx.remote.test[198.51.100.7]:25: accepted, +7 min 33 s (7 min 31 s before this
                      try)
                    250 2.0.0 Ok: queued as 4XyZbc34fGz9Rx
        "#]],
    );
}

#[test]
fn a_queue_id_used_again() {
    check(
        r"
        10:00:00 smtpd[75]: 1A2B3C0FFE: client=a.test[192.0.2.1]
        10:00:00 cleanup[76]: 1A2B3C0FFE: message-id=<1@a.test>
        10:00:00 qmgr[900]: 1A2B3C0FFE: from=<a@a.test>, size=900, nrcpt=1 (queue active)
        10:00:01 virtual[90]: 1A2B3C0FFE: to=<ann@example.org>, relay=virtual, delay=0.3, delays=0.1/0/0/0.2, dsn=2.0.0, status=sent (delivered to maildir)
        10:00:01 qmgr[900]: 1A2B3C0FFE: removed
        10:41:17 smtpd[88]: 1A2B3C0FFE: client=b.test[192.0.2.2]
        10:41:17 cleanup[76]: 1A2B3C0FFE: message-id=<2@b.test>
        10:41:17 qmgr[900]: 1A2B3C0FFE: from=<b@b.test>, size=900, nrcpt=1 (queue active)
        10:41:18 virtual[90]: 1A2B3C0FFE: to=<bob@example.org>, relay=virtual, delay=0.3, delays=0.1/0/0/0.2, dsn=2.0.0, status=sent (delivered to maildir)
        10:41:18 qmgr[900]: 1A2B3C0FFE: removed
        ",
        expect![[r#"

            a@a.test → ann@example.org: delivered
            │  message-id  <1@a.test>, 900 bytes
            │  came in     2026-11-22 10:00:00 UTC from a.test[192.0.2.1]
            │
            ├─ ann@example.org: delivered to maildir on mx1 after 1 s
            │
            └─ mx1 1A2B3C0FFE  10:00:00 (1 s here)
               └─ ann@example.org → virtual: delivered, +1 s
                    delivered to maildir

            b@b.test → bob@example.org: delivered
            │  message-id  <2@b.test>, 900 bytes
            │  came in     2026-11-22 10:41:17 UTC from b.test[192.0.2.2]
            │
            ├─ bob@example.org: delivered to maildir on mx1 after 1 s
            │
            └─ mx1 1A2B3C0FFE  10:41:17 (1 s here)
               └─ bob@example.org → virtual: delivered, +1 s
                    delivered to maildir
        "#]],
    );
}

#[test]
fn a_log_cut_at_both_ends() {
    check(
        r"
        00:00:03 smtp[81]: 2B67A2008C: to=<x@remote.test>, relay=mx.remote.test[198.51.100.7]:25, delay=86403, delays=86401/0/1/1, dsn=2.0.0, status=sent (250 ok)
        00:00:03 qmgr[900]: 2B67A2008C: removed
        23:59:58 smtpd[75]: 7A120200A1: client=c.test[192.0.2.3]
        23:59:58 cleanup[76]: 7A120200A1: message-id=<c1@c.test>
        23:59:59 qmgr[900]: 7A120200A1: from=<c@c.test>, size=500, nrcpt=2 (queue active)
        23:59:59 virtual[90]: 7A120200A1: to=<bob@example.org>, relay=virtual, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (delivered to maildir)
        ",
        expect![[r#"

            unknown sender → x@remote.test: relayed
            │  message-id  not logged
            │  came in     2026-11-21 00:00:00 UTC (counted back: its first lines are missing)
            │
            ├─ x@remote.test: accepted by mx.remote.test[198.51.100.7] after 1 d: 250 ok
            │
            └─ mx1 2B67A2008C  00:00:00 (1 d here) (its first lines are missing)
               └─ x@remote.test → mx.remote.test[198.51.100.7]:25: accepted, +1 d (1 d before this try)
                    250 ok

            c@c.test → bob@example.org (and 1 unknown): delivered, still in the queue
            │  message-id  <c1@c.test>, 500 bytes
            │  came in     2026-11-22 23:59:58 UTC from c.test[192.0.2.3]
            │
            ├─ bob@example.org: delivered to maildir on mx1 after 1 s
            ├─ 1 recipient that no line names: still in the queue on mx1
            │
            └─ mx1 7A120200A1  23:59:58
               └─ bob@example.org → virtual: delivered, +1 s
                    delivered to maildir
        "#]],
    );
}

#[test]
fn a_delivery_line_is_lost() {
    check(
        r"
        23:59:58 smtpd[75]: 7A120200A1: client=c.test[192.0.2.3]
        23:59:58 cleanup[76]: 7A120200A1: message-id=<c1@c.test>
        23:59:59 qmgr[900]: 7A120200A1: from=<c@c.test>, size=500, nrcpt=2 (queue active)
        23:59:59 virtual[90]: 7A120200A1: to=<bob@example.org>, relay=virtual, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (delivered to maildir)
        23:59:59 qmgr[900]: 7A120200A1: removed
        ",
        expect![[r#"

            c@c.test → bob@example.org (and 1 unknown): delivered, end not seen
            │  message-id  <c1@c.test>, 500 bytes
            │  came in     2026-11-22 23:59:58 UTC from c.test[192.0.2.3]
            │
            ├─ bob@example.org: delivered to maildir on mx1 after 1 s
            ├─ 1 recipient that no line names: end not seen on mx1
            │
            └─ mx1 7A120200A1  23:59:58 (1 s here)
               └─ bob@example.org → virtual: delivered, +1 s
                    delivered to maildir
        "#]],
    );
}
