//! B.8, B.9, B.14, B.15.

use crate::check;
use expect_test::expect;

#[test]
fn an_alias_to_a_command_a_file_and_an_address() {
    check(
        r"
        08:00:00 smtpd[10]: 8F0CEA14CB1: client=mail.sender.test[192.0.2.10]
        08:00:00 cleanup[11]: 8F0CEA14CB1: message-id=<t1@remote.test>
        08:00:00 qmgr[12]: 8F0CEA14CB1: from=<sender@remote.test>, size=347, nrcpt=1 (queue active)
        08:00:01 local[13]: 8F0CEA14CB1: to=<all@example.org>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered to command: /usr/local/bin/archive)
        08:00:01 local[13]: 8F0CEA14CB1: to=<all@example.org>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered to file: /var/spool/archive)
        08:00:01 cleanup[11]: 9A0CEA14CB2: message-id=<t1@remote.test>
        08:00:01 local[13]: 8F0CEA14CB1: to=<all@example.org>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (forwarded as 9A0CEA14CB2)
        08:00:01 qmgr[12]: 9A0CEA14CB2: from=<sender@remote.test>, size=480, nrcpt=1 (queue active)
        08:00:01 qmgr[12]: 8F0CEA14CB1: removed
        08:00:02 smtp[14]: 9A0CEA14CB2: to=<ann@far.test>, orig_to=<all@example.org>, relay=mx.far.test[198.51.100.7]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZab12cDz9Qw)
        08:00:02 qmgr[12]: 9A0CEA14CB2: removed
        ",
        expect![[r#"

            sender@remote.test → all@example.org: delivered, relayed
            │  message-id  <t1@remote.test>, 347 bytes
            │  came in     2026-11-22 08:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ all@example.org: delivered to file: /var/spool/archive on mx1 after 1 s
            ├─ ann@far.test (for all@example.org): accepted by mx.far.test[198.51.100.7] after 2 s: 250 2.0.0
            │      Ok: queued as 4XyZab12cDz9Qw
            │
            ├─ mx1 8F0CEA14CB1  08:00:00 (1 s here)
            │  ├─ all@example.org → local: delivered, +1 s
            │  │    delivered to command: /usr/local/bin/archive
            │  ├─ all@example.org → local: delivered, +1 s
            │  │    delivered to file: /var/spool/archive
            │  └─ all@example.org → local: handed over as 9A0CEA14CB2, +1 s
            │       forwarded as 9A0CEA14CB2
            │
            └─ mx1 9A0CEA14CB2  +1 s, forwarded (1 s here)
               └─ ann@far.test → mx.far.test[198.51.100.7]:25: accepted, +2 s
                    250 2.0.0 Ok: queued as 4XyZab12cDz9Qw
        "#]],
    );
}

#[test]
fn an_alias_of_three() {
    check(
        r"
        08:00:00 smtpd[10]: 8F0CEA14CB1: client=mail.sender.test[192.0.2.10]
        08:00:00 cleanup[11]: 8F0CEA14CB1: message-id=<t1@remote.test>
        08:00:00 qmgr[27645]: 8F0CEA14CB1: from=<sender@remote.test>, size=347, nrcpt=3 (queue active)
        08:00:01 smtp[28451]: 8F0CEA14CB1: to=<ext@remote.test>, orig_to=<team@alias.example.org>, relay=mx.remote.test[198.51.100.7]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZab12cDz9Qw)
        08:00:01 lmtp[28450]: 8F0CEA14CB1: to=<alice@example.org>, orig_to=<team@alias.example.org>, relay=mx1.example.org[private/dovecot-lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 <alice@example.org> kllaDXqmAmsmbwAAg+zDdQ Saved)
        08:00:01 lmtp[28450]: 8F0CEA14CB1: to=<bob@example.org>, orig_to=<team@alias.example.org>, relay=mx1.example.org[private/dovecot-lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 <bob@example.org> kllaDXqmAmsmbwAAg+zDdQ:R2 Saved)
        08:00:01 dovecot: lmtp(alice@example.org)<28470><kllaDXqmAmsmbwAAg+zDdQ>: msgid=<t1@remote.test>: saved mail to INBOX
        08:00:01 dovecot: lmtp(bob@example.org)<28470><kllaDXqmAmsmbwAAg+zDdQ:R2>: sieve: msgid=<t1@remote.test>: fileinto action: stored mail into mailbox 'Junk'
        08:00:02 qmgr[27645]: 8F0CEA14CB1: removed
        ",
        expect![[r#"

            sender@remote.test → team@alias.example.org: delivered, relayed
            │  message-id  <t1@remote.test>, 347 bytes
            │  came in     2026-11-22 08:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ ext@remote.test (for team@alias.example.org): accepted by mx.remote.test[198.51.100.7] after 1 s:
            │      250 2.0.0 Ok: queued as 4XyZab12cDz9Qw
            ├─ alice@example.org (for team@alias.example.org): delivered to INBOX on mx1 after 1 s
            ├─ bob@example.org (for team@alias.example.org): delivered to Junk on mx1 after 1 s
            │
            └─ mx1 8F0CEA14CB1  08:00:00 (2 s here)
               ├─ ext@remote.test → mx.remote.test[198.51.100.7]:25: accepted, +1 s
               │    250 2.0.0 Ok: queued as 4XyZab12cDz9Qw
               ├─ alice@example.org → mx1.example.org[private/dovecot-lmtp]: delivered, +1 s
               │  │ 250 2.0.0 <alice@example.org> kllaDXqmAmsmbwAAg+zDdQ Saved
               │  └─ alice@example.org on mx1: saved in INBOX
               └─ bob@example.org → mx1.example.org[private/dovecot-lmtp]: delivered, +1 s
                  │ 250 2.0.0 <bob@example.org> kllaDXqmAmsmbwAAg+zDdQ:R2 Saved
                  └─ bob@example.org on mx1: saved in Junk
        "#]],
    );
}

#[test]
fn local_forwards_to_a_store() {
    check(
        r"
        08:00:00 smtpd[10]: 4jXMcp15pmz1Xf9B: client=mail.sender.test[192.0.2.10]
        08:00:00 cleanup[11]: 4jXMcp15pmz1Xf9B: message-id=<l1@remote.test>
        08:00:00 qmgr[32722]: 4jXMcp15pmz1Xf9B: from=<sender@remote.test>, size=331, nrcpt=1 (queue active)
        08:00:03 cleanup[459]: 4jXMcp1740z1Xg9C: message-id=<l1@remote.test>
        08:00:03 qmgr[32722]: 4jXMcp1740z1Xg9C: from=<sender@remote.test>, size=461, nrcpt=2 (queue active)
        08:00:03 local[464]: 4jXMcp15pmz1Xf9B: to=<fwd@localhost>, relay=local, delay=3, delays=3/0/0/0, dsn=2.0.0, status=sent (forwarded as 4jXMcp1740z1Xg9C)
        08:00:03 qmgr[32722]: 4jXMcp15pmz1Xf9B: removed
        08:00:03 lmtp[491]: 4jXMcp1740z1Xg9C: to=<alice@example.org>, orig_to=<fwd@localhost>, relay=mx1.example.org[private/dovecot-lmtp], delay=0.3, delays=0/0/0/0.3, dsn=2.0.0, status=sent (250 2.0.0 <alice@example.org> eCQIC1qnAmvcfgAAg+zDdQ Saved)
        08:00:03 lmtp[491]: 4jXMcp1740z1Xg9C: to=<bob@example.org>, orig_to=<fwd@localhost>, relay=mx1.example.org[private/dovecot-lmtp], delay=0.3, delays=0/0/0/0.3, dsn=5.2.2, status=bounced (host mx1.example.org[private/dovecot-lmtp] said: 552 5.2.2 <bob@example.org> Quota exceeded (mailbox for user is full) (in reply to end of DATA command))
        08:00:03 qmgr[32722]: 4jXMcp1740z1Xg9C: removed
        ",
        expect![[r#"

            sender@remote.test → fwd@localhost: delivered, bounced
            │  message-id  <l1@remote.test>, 331 bytes
            │  came in     2026-11-22 08:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ alice@example.org (for fwd@localhost): delivered to the mail store
            │      mx1.example.org[private/dovecot-lmtp] on mx1 after 3 s
            ├─ bob@example.org (for fwd@localhost): bounced by mx1.example.org[private/dovecot-lmtp] after 3 s:
            │      552 5.2.2 <bob@example.org> Quota exceeded (mailbox for user is full); no line tells that the
            │      sender was told
            │
            ├─ mx1 4jXMcp15pmz1Xf9B  08:00:00 (3 s here)
            │  └─ fwd@localhost → local: handed over as 4jXMcp1740z1Xg9C, +3 s (3 s before this try)
            │       forwarded as 4jXMcp1740z1Xg9C
            │
            └─ mx1 4jXMcp1740z1Xg9C  +3 s, forwarded (0 s here)
               ├─ alice@example.org → mx1.example.org[private/dovecot-lmtp]: delivered, +3 s
               │    250 2.0.0 <alice@example.org> eCQIC1qnAmvcfgAAg+zDdQ Saved
               └─ bob@example.org → mx1.example.org[private/dovecot-lmtp]: bounced, +3 s
                    552 5.2.2 <bob@example.org> Quota exceeded (mailbox for user is full)
        "#]],
    );
}

#[test]
fn to_another_own_host_of_which_the_clock_is_slow() {
    check(
        r"
        10:00:06.900 mx1 smtpd[60]: 4jXPh00n4lzyVS: client=mail.sender.test[192.0.2.10]
        10:00:06.901 mx1 cleanup[60]: 4jXPh00n4lzyVS: message-id=<b2@sender.test>
        10:00:06.902 mx1 qmgr[60]: 4jXPh00n4lzyVS: from=<joe@sender.test>, size=461, nrcpt=1 (queue active)
        10:00:00.100 store1 smtpd[702]: 4jXPh01Z9VzyVT: client=mx1.example.org[10.0.0.2]
        10:00:00.110 store1 cleanup[705]: 4jXPh01Z9VzyVT: message-id=<b2@sender.test>
        10:00:00.120 store1 qmgr[706]: 4jXPh01Z9VzyVT: from=<joe@sender.test>, size=661, nrcpt=1 (queue active)
        10:00:07.300 mx1 smtp[611]: 4jXPh00n4lzyVS: to=<alice@example.org>, relay=store1.example.org[10.0.0.5]:25, delay=0.4, delays=0.1/0/0.1/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4jXPh01Z9VzyVT)
        10:00:07.301 mx1 qmgr[60]: 4jXPh00n4lzyVS: removed
        10:00:00.300 store1 lmtp[707]: 4jXPh01Z9VzyVT: to=<alice@example.org>, relay=store1.example.org[private/dovecot-lmtp], delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <alice@example.org> jJxbDXqmAms2bwAAg+zDdQ Saved)
        10:00:00.301 store1 dovecot: lmtp(alice@example.org)<28470><jJxbDXqmAms2bwAAg+zDdQ>: msgid=<b2@sender.test>: saved mail to INBOX
        10:00:00.310 store1 qmgr[706]: 4jXPh01Z9VzyVT: removed
        ",
        expect![[r#"

            joe@sender.test → alice@example.org: delivered
            │  message-id  <b2@sender.test>, 461 bytes
            │  came in     2026-11-22 10:00:06.900 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ alice@example.org: delivered to INBOX on store1
            │
            ├─ mx1 4jXPh00n4lzyVS  10:00:06.900 (0.401 s here)
            │  └─ alice@example.org → store1.example.org[10.0.0.5]:25: handed over as 4jXPh01Z9VzyVT, +0.4 s
            │       250 2.0.0 Ok: queued as 4jXPh01Z9VzyVT
            │
            └─ store1 4jXPh01Z9VzyVT  -6.8 s, relayed from mx1.example.org[10.0.0.2] (0.21 s here)
               └─ alice@example.org → store1.example.org[private/dovecot-lmtp]: delivered, -6.6 s
                  │ 250 2.0.0 <alice@example.org> jJxbDXqmAms2bwAAg+zDdQ Saved
                  └─ alice@example.org on store1: saved in INBOX
        "#]],
    );
}

#[test]
fn two_instances_on_one_host_with_equal_ids() {
    check(
        r"
        10:00:00.100 postfix-in/smtpd[60]: 2D0F120087: client=mail.sender.test[192.0.2.10]
        10:00:00.110 postfix-in/cleanup[60]: 2D0F120087: message-id=<i1@sender.test>
        10:00:00.120 postfix-in/qmgr[60]: 2D0F120087: from=<joe@sender.test>, size=461, nrcpt=1 (queue active)
        10:00:00.130 postfix-out/smtpd[77]: 2D0F120087: client=localhost[127.0.0.1]
        10:00:00.140 postfix-out/cleanup[78]: 2D0F120087: message-id=<i1@sender.test>
        10:00:00.150 postfix-out/qmgr[79]: 2D0F120087: from=<joe@sender.test>, size=661, nrcpt=1 (queue active)
        10:00:00.200 postfix-in/smtp[61]: 2D0F120087: to=<x@remote.test>, relay=127.0.0.1[127.0.0.1]:10026, delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 2D0F120087)
        10:00:00.210 postfix-in/qmgr[60]: 2D0F120087: removed
        10:00:01.200 postfix-out/smtp[80]: 2D0F120087: to=<x@remote.test>, relay=mx.remote.test[198.51.100.7]:25, delay=1.1, delays=0.1/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 3E1A020087)
        10:00:01.210 postfix-out/qmgr[79]: 2D0F120087: removed
        ",
        expect![[r#"

            joe@sender.test → x@remote.test: relayed
            │  message-id  <i1@sender.test>, 461 bytes
            │  came in     2026-11-22 10:00:00.100 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ x@remote.test: accepted by mx.remote.test[198.51.100.7] after 1.1 s: 250 2.0.0 Ok: queued as
            │      3E1A020087
            │
            ├─ mx1/postfix-in 2D0F120087  10:00:00.100 (0.11 s here)
            │  └─ x@remote.test → 127.0.0.1:10026: handed over as 2D0F120087, +0.1 s
            │       250 2.0.0 Ok: queued as 2D0F120087
            │
            └─ mx1/postfix-out 2D0F120087  +0.03 s, through the filter (1.08 s here)
               └─ x@remote.test → mx.remote.test[198.51.100.7]:25: accepted, +1.1 s
                    250 2.0.0 Ok: queued as 3E1A020087
        "#]],
    );
}

#[test]
fn handed_to_a_second_instance_that_does_not_log() {
    check(
        r"
        10:00:00.100 postfix-in/smtpd[60]: 2D0F120087: client=mail.sender.test[192.0.2.10]
        10:00:00.110 postfix-in/cleanup[60]: 2D0F120087: message-id=<i1@sender.test>
        10:00:00.120 postfix-in/qmgr[60]: 2D0F120087: from=<joe@sender.test>, size=461, nrcpt=1 (queue active)
        10:00:00.200 postfix-in/smtp[61]: 2D0F120087: to=<x@remote.test>, relay=127.0.0.1[127.0.0.1]:10026, delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 3E1A020087)
        10:00:00.210 postfix-in/qmgr[60]: 2D0F120087: removed
        ",
        expect![[r#"

            joe@sender.test → x@remote.test: handed over, end not seen
            │  message-id  <i1@sender.test>, 461 bytes
            │  came in     2026-11-22 10:00:00.100 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ x@remote.test: handed over to 127.0.0.1 as 3E1A020087 after 0.1 s; the logs do not show what came
            │      of it
            │
            └─ mx1/postfix-in 2D0F120087  10:00:00.100 (0.11 s here)
               └─ x@remote.test → 127.0.0.1:10026: handed over as 3E1A020087, +0.1 s
                    250 2.0.0 Ok: queued as 3E1A020087
        "#]],
    );
}

#[test]
fn a_mailing_list() {
    check(
        r"
        10:00:00 smtpd[60]: 1D61920087: client=mail.sender.test[192.0.2.10]
        10:00:00 cleanup[61]: 1D61920087: message-id=<a1@sender.test>
        10:00:00 qmgr[900]: 1D61920087: from=<joe@sender.test>, size=2900, nrcpt=1 (queue active)
        10:00:00 pipe[71]: 1D61920087: to=<staff@lists.example.org>, relay=mailman, delay=0.4, delays=0.1/0/0/0.3, dsn=2.0.0, status=sent (delivered via mailman service)
        10:00:00 qmgr[900]: 1D61920087: removed
        10:00:05 smtpd[75]: 5F3DF20089: client=localhost[127.0.0.1]
        10:00:05 cleanup[76]: 5F3DF20089: message-id=<a1@sender.test>
        10:00:05 qmgr[900]: 5F3DF20089: from=<staff-bounces+bob=remote.test@lists.example.org>, size=3300, nrcpt=1 (queue active)
        10:00:06 smtpd[75]: 60D0120090: client=localhost[127.0.0.1]
        10:00:06 cleanup[76]: 60D0120090: message-id=<a1@sender.test>
        10:00:06 qmgr[900]: 60D0120090: from=<staff-bounces+eve=example.net@lists.example.org>, size=3310, nrcpt=1 (queue active)
        ",
        expect![[r#"

            joe@sender.test → staff@lists.example.org: delivered
            │  message-id  <a1@sender.test>, 2.9 kB
            │  came in     2026-11-22 10:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ staff@lists.example.org: delivered by mailman on mx1 after 0 s
            │
            ├─ mx1 1D61920087  10:00:00 (0 s here)
            │  └─ staff@lists.example.org → mailman: delivered, +0 s
            │       delivered via mailman service
            │
            ├─ copy of a mailing list: 5F3DF20089 on mx1
            └─ copy of a mailing list: 60D0120090 on mx1

            staff-bounces+bob=remote.test@lists.example.org → an unknown recipient: still in the queue
            │  message-id  <a1@sender.test>, 3.3 kB
            │  came in     2026-11-22 10:00:05 UTC from localhost[127.0.0.1]
            │  this is     sent by a mailing list that got 1D61920087 on mx1
            │
            ├─ 1 recipient that no line names: still in the queue on mx1
            │
            └─ mx1 5F3DF20089  10:00:05

            staff-bounces+eve=example.net@lists.example.org → an unknown recipient: still in the queue
            │  message-id  <a1@sender.test>, 3.3 kB
            │  came in     2026-11-22 10:00:06 UTC from localhost[127.0.0.1]
            │  this is     sent by a mailing list that got 1D61920087 on mx1
            │
            ├─ 1 recipient that no line names: still in the queue on mx1
            │
            └─ mx1 60D0120090  10:00:06
        "#]],
    );
}
