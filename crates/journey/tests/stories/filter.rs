//! B.4, B.5, B.6, B.7.

use crate::check;
use expect_test::expect;

#[test]
fn simple_mail_to_a_store() {
    check(
        r"
        09:00:01.100 smtpd[4101]: connect from mail.sender.test[192.0.2.10]
        09:00:01.200 smtpd[4101]: 4jXNLn0rVKzyQd: client=mail.sender.test[192.0.2.10]
        09:00:01.210 cleanup[4105]: 4jXNLn0rVKzyQd: message-id=<a1@sender.test>
        09:00:01.260 qmgr[900]: 4jXNLn0rVKzyQd: from=<joe@sender.test>, size=2201, nrcpt=1 (queue active)
        09:00:01.270 smtpd[4101]: disconnect from mail.sender.test[192.0.2.10] ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7
        09:00:01.320 lmtp[4108]: 4jXNLn0rVKzyQd: to=<alice@example.org>, relay=mx1.example.org[private/dovecot-lmtp], delay=0.12, delays=0.06/0.01/0/0.05, dsn=2.0.0, status=sent (250 2.0.0 <alice@example.org> jJxbDXqmAms2bwAAg+zDdQ Saved)
        09:00:01.325 dovecot: lmtp(alice@example.org)<28470><jJxbDXqmAms2bwAAg+zDdQ>: msgid=<a1@sender.test>: saved mail to INBOX
        09:00:01.330 qmgr[900]: 4jXNLn0rVKzyQd: removed
        ",
        expect![[r#"

            joe@sender.test → alice@example.org: delivered
            │  message-id  <a1@sender.test>, 2.2 kB
            │  came in     2026-11-22 09:00:01.200 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ alice@example.org: delivered to INBOX on mx1 after 0.12 s
            │
            └─ mx1 4jXNLn0rVKzyQd  09:00:01.200 (0.13 s here)
               └─ alice@example.org → mx1.example.org[private/dovecot-lmtp]: delivered, +0.12 s
                  │ 250 2.0.0 <alice@example.org> jJxbDXqmAms2bwAAg+zDdQ Saved
                  └─ alice@example.org on mx1: saved in INBOX
        "#]],
    );
}

#[test]
fn the_filter_names_the_host_with_its_domain() {
    check(
        r"
        08:00:00 mx1.example.org amavis[3210]: starting. /usr/sbin/amavisd-new at mx1.example.org amavisd-new-2.13.0
        08:59:59 mx1.example.org amavis[3210]: (03210-03) Blocked BANNED (.exe,a.exe) {DiscardedInbound,Quarantined}, [192.0.2.10]:41000 [192.0.2.10] <sender@remote.test> -> <alice@example.org>, quarantine: banned-0.gz, Queue-ID: 72C17A14284, Message-ID: <m0@remote.test>, mail_id: 44ANc2jv1W0H, Hits: -, size: 335, 211 ms
        08:59:59.2 smtpd[10]: 72C17A14284: client=mail.sender.test[192.0.2.10]
        08:59:59.3 cleanup[11]: 72C17A14284: message-id=<m0@remote.test>
        08:59:59.4 qmgr[12]: 72C17A14284: from=<sender@remote.test>, size=335, nrcpt=1 (queue active)
        08:59:59.8 smtp[13]: 72C17A14284: to=<alice@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.7.0, status=sent (250 2.7.0 Ok, discarded, id=03210-03 - BANNED: .exe,a.exe)
        08:59:59.9 qmgr[12]: 72C17A14284: removed
        09:00:00 smtpd[10]: 83C17A14284: client=mail.sender.test[192.0.2.10]
        09:00:00 cleanup[11]: 83C17A14284: message-id=<m1@remote.test>
        09:00:00 qmgr[12]: 83C17A14284: from=<sender@remote.test>, size=335, nrcpt=1 (queue active)
        09:00:01 mx1.example.org amavis[3210]: (03210-04) Blocked BANNED (.exe,a.exe) {DiscardedInbound,Quarantined}, [192.0.2.10]:41000 [192.0.2.10] <sender@remote.test> -> <alice@example.org>, quarantine: banned-1.gz, Queue-ID: 83C17A14284, Message-ID: <m1@remote.test>, mail_id: 33ANc2jv1W0H, Hits: -, size: 335, 211 ms
        09:00:01 smtp[13]: 83C17A14284: to=<alice@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.7.0, status=sent (250 2.7.0 Ok, discarded, id=03210-04 - BANNED: .exe,a.exe)
        09:00:01 qmgr[12]: 83C17A14284: removed
        ",
        expect![[r#"

            sender@remote.test → alice@example.org: discarded
            │  message-id  <m0@remote.test>, 335 bytes
            │  came in     2026-11-22 08:59:59.200 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ alice@example.org: dropped by the content filter as BANNED (.exe,a.exe); the quarantine has it as
            │      banned-0.gz
            │
            └─ mx1 72C17A14284  08:59:59.200 (0.7 s here)
               ├─ amavis (03210-03) blocked it as BANNED: .exe,a.exe, DiscardedInbound,Quarantined, kept as
               │      banned-0.gz, took 0.211 s
               └─ alice@example.org → 127.0.0.1:10024: dropped, +0.6 s
                    250 2.7.0 Ok, discarded, id=03210-03 - BANNED: .exe,a.exe

            sender@remote.test → alice@example.org: discarded
            │  message-id  <m1@remote.test>, 335 bytes
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ alice@example.org: dropped by the content filter as BANNED (.exe,a.exe); the quarantine has it as
            │      banned-1.gz
            │
            └─ mx1 83C17A14284  09:00:00 (1 s here)
               ├─ amavis (03210-04) blocked it as BANNED: .exe,a.exe, DiscardedInbound,Quarantined, kept as
               │      banned-1.gz, took 0.211 s
               └─ alice@example.org → 127.0.0.1:10024: dropped, +1 s
                    250 2.7.0 Ok, discarded, id=03210-04 - BANNED: .exe,a.exe
        "#]],
    );
}

#[test]
fn through_the_filter_by_smtp() {
    check(
        r"
        09:00:00 smtpd[28440]: connect from mail.sender.test[192.0.2.10]
        09:00:00.100 smtpd[28440]: 83C17A14284: client=mail.sender.test[192.0.2.10]
        09:00:00.120 cleanup[28446]: 83C17A14284: message-id=<m1@remote.test>
        09:00:00.121 cleanup[28446]: 83C17A14284: warning: header Subject: Invoice 2026-11 from mail.sender.test[192.0.2.10]; from=<sender@remote.test> to=<alice@example.org> proto=ESMTP helo=<mail.sender.test>
        09:00:00.140 qmgr[27645]: 83C17A14284: from=<sender@remote.test>, size=335, nrcpt=1 (queue active)
        09:00:00.280 postfix/reinject/smtpd[28456]: connect from localhost[127.0.0.1]
        09:00:00.290 postfix/reinject/smtpd[28456]: AFADAA14CB5: client=localhost[127.0.0.1]
        09:00:00.300 cleanup[28446]: AFADAA14CB5: message-id=<m1@remote.test>
        09:00:00.320 qmgr[27645]: AFADAA14CB5: from=<sender@remote.test>, size=510, nrcpt=1 (queue active)
        09:00:00.330 postfix/reinject/smtpd[28456]: disconnect from localhost[127.0.0.1] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5
        09:00:00.480 amavis[3210]: (03210-04) Passed CLEAN {RelayedInbound}, [192.0.2.10]:41000 [192.0.2.10] <sender@remote.test> -> <alice@example.org>, Queue-ID: 83C17A14284, Message-ID: <m1@remote.test>, mail_id: 33ANc2jv1W0H, Hits: -2.9, size: 335, queued_as: AFADAA14CB5, 211 ms
        09:00:00.490 smtp[28447]: 83C17A14284: to=<alice@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.39, delays=0.04/0.08/0.05/0.21, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as AFADAA14CB5)
        09:00:00.500 qmgr[27645]: 83C17A14284: removed
        09:00:00.820 lmtp[28463]: AFADAA14CB5: to=<alice@example.org>, relay=mx1.example.org[private/dovecot-lmtp], delay=0.53, delays=0.18/0.01/0.32/0.02, dsn=2.0.0, status=sent (250 2.0.0 <alice@example.org> jJxbDXqmAms2bwAAg+zDdQ Saved)
        09:00:00.815 dovecot: lmtp(alice@example.org)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<m1@remote.test>: fileinto action: stored mail into mailbox 'Invoices'
        09:00:00.830 qmgr[27645]: AFADAA14CB5: removed
        ",
        expect![[r#"

            sender@remote.test → alice@example.org: delivered
            │  subject     Invoice 2026-11
            │  message-id  <m1@remote.test>, 335 bytes
            │  came in     2026-11-22 09:00:00.100 UTC from mail.sender.test[192.0.2.10], HELO mail.sender.test
            │
            ├─ alice@example.org: delivered to Invoices on mx1 after 0.72 s
            │
            ├─ mx1 83C17A14284  09:00:00.100 (0.4 s here)
            │  ├─ amavis (03210-04) let it pass as CLEAN: score -2.9, RelayedInbound, took 0.211 s
            │  └─ alice@example.org → 127.0.0.1:10024: handed over as AFADAA14CB5, +0.39 s
            │       250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as AFADAA14CB5
            │
            └─ mx1 AFADAA14CB5  +0.19 s, through the filter (0.54 s here)
               └─ alice@example.org → mx1.example.org[private/dovecot-lmtp]: delivered, +0.72 s
                  │ 250 2.0.0 <alice@example.org> jJxbDXqmAms2bwAAg+zDdQ Saved
                  └─ alice@example.org on mx1: saved in Invoices
        "#]],
    );
}

#[test]
fn the_filter_tells_its_parent_by_xforward_and_splits() {
    check(
        r"
        09:00:00.100 smtpd[28440]: 4jXMZG2fzbz1Xf28: client=mail.sender.test[192.0.2.10]
        09:00:00.120 cleanup[28446]: 4jXMZG2fzbz1Xf28: message-id=<m2@remote.test>
        09:00:00.140 qmgr[27645]: 4jXMZG2fzbz1Xf28: from=<sender@remote.test>, size=335, nrcpt=3 (queue active)
        09:00:00.290 postfix/reinject/smtpd[28456]: 4jXMZG3Tr8z1Xf2K: client=localhost[127.0.0.1], orig_queue_id=4jXMZG2fzbz1Xf28, orig_client=mail.sender.test[192.0.2.10]
        09:00:00.300 cleanup[28446]: 4jXMZG3Tr8z1Xf2K: message-id=<m2@remote.test>
        09:00:00.320 qmgr[27645]: 4jXMZG3Tr8z1Xf2K: from=<sender@remote.test>, size=510, nrcpt=1 (queue active)
        09:00:00.390 postfix/reinject/smtpd[28456]: 4jXMZG3Tr9z1Xf2L: client=localhost[127.0.0.1], orig_queue_id=4jXMZG2fzbz1Xf28, orig_client=mail.sender.test[192.0.2.10]
        09:00:00.400 cleanup[28446]: 4jXMZG3Tr9z1Xf2L: message-id=<m2@remote.test>
        09:00:00.420 qmgr[27645]: 4jXMZG3Tr9z1Xf2L: from=<sender@remote.test>, size=530, nrcpt=1 (queue active)
        09:00:00.480 lmtp[28463]: 4jXMZG3Tr8z1Xf2K: to=<alice@example.org>, relay=mx1.example.org[private/dovecot-lmtp], delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <alice@example.org> aaxbDXqmAms2bwAAg+zDdQ Saved)
        09:00:00.485 qmgr[27645]: 4jXMZG3Tr8z1Xf2K: removed
        09:00:00.490 smtp[28447]: 4jXMZG2fzbz1Xf28: to=<alice@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.39, delays=0.04/0.08/0.05/0.21, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4jXMZG3Tr8z1Xf2K)
        09:00:00.491 smtp[28447]: 4jXMZG2fzbz1Xf28: to=<bob@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.39, delays=0.04/0.08/0.05/0.21, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4jXMZG3Tr9z1Xf2L)
        09:00:00.492 smtp[28447]: 4jXMZG2fzbz1Xf28: to=<carl@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.39, delays=0.04/0.08/0.05/0.21, dsn=2.7.0, status=sent (250 2.7.0 Ok, discarded, id=12345-06 - spam)
        09:00:00.500 qmgr[27645]: 4jXMZG2fzbz1Xf28: removed
        09:00:00.520 lmtp[28463]: 4jXMZG3Tr9z1Xf2L: to=<bob@example.org>, relay=mx1.example.org[private/dovecot-lmtp], delay=0.2, delays=0.1/0/0/0.1, dsn=4.2.0, status=deferred (host mx1.example.org[private/dovecot-lmtp] said: 451 4.2.0 <bob@example.org> Temporary internal error (in reply to end of DATA command))
        ",
        expect![[r#"

            sender@remote.test → alice@example.org, bob@example.org and carl@example.org: delivered, still in
              the queue, discarded
            │  message-id  <m2@remote.test>, 335 bytes
            │  came in     2026-11-22 09:00:00.100 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ alice@example.org: delivered to the mail store mx1.example.org[private/dovecot-lmtp] on mx1 after
            │      0.38 s
            ├─ bob@example.org: still in the queue on mx1: deferred once, last at 09:00:00.520: 451 4.2.0
            │      <bob@example.org> Temporary internal error
            ├─ carl@example.org: dropped by the filter 127.0.0.1: 250 2.7.0 Ok, discarded, id=12345-06 - spam
            │
            ├─ mx1 4jXMZG2fzbz1Xf28  09:00:00.100 (0.4 s here)
            │  ├─ alice@example.org → 127.0.0.1:10024: handed over as 4jXMZG3Tr8z1Xf2K, +0.39 s
            │  │    250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4jXMZG3Tr8z1Xf2K
            │  ├─ bob@example.org → 127.0.0.1:10024: handed over as 4jXMZG3Tr9z1Xf2L, +0.391 s
            │  │    250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4jXMZG3Tr9z1Xf2L
            │  └─ carl@example.org → 127.0.0.1:10024: dropped, +0.392 s
            │       250 2.7.0 Ok, discarded, id=12345-06 - spam
            │
            ├─ mx1 4jXMZG3Tr8z1Xf2K  +0.19 s, through the filter (0.195 s here)
            │  └─ alice@example.org → mx1.example.org[private/dovecot-lmtp]: delivered, +0.38 s
            │       250 2.0.0 <alice@example.org> aaxbDXqmAms2bwAAg+zDdQ Saved
            │
            └─ mx1 4jXMZG3Tr9z1Xf2L  +0.29 s, through the filter
               └─ bob@example.org → mx1.example.org[private/dovecot-lmtp]: deferred, +0.42 s
                    451 4.2.0 <bob@example.org> Temporary internal error
        "#]],
    );
}

#[test]
fn the_filter_drops_it() {
    check(
        r"
        09:00:00.100 smtpd[28440]: 83C17A14284: client=unknown[203.0.113.9]
        09:00:00.120 cleanup[28446]: 83C17A14284: message-id=<spam@remote.test>
        09:00:00.140 qmgr[27645]: 83C17A14284: from=<sender@remote.test>, size=3350, nrcpt=2 (queue active)
        09:00:01.480 amavis[12345]: (12345-06) Blocked SPAM {DiscardedInbound,Quarantined}, [203.0.113.9]:41000 [203.0.113.9] <sender@remote.test> -> <alice@example.org>,<bob@example.org>, quarantine: s/spam-sNuGVVlCvGE7.gz, Queue-ID: 83C17A14284, Message-ID: <spam@remote.test>, mail_id: sNuGVVlCvGE7, Hits: 17.6, size: 3350, 1311 ms
        09:00:01.490 smtp[28447]: 83C17A14284: to=<alice@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=1.4, delays=0.04/0/0.05/1.3, dsn=2.7.0, status=sent (250 2.7.0 Ok, discarded, id=12345-06 - spam)
        09:00:01.491 smtp[28447]: 83C17A14284: to=<bob@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=1.4, delays=0.04/0/0.05/1.3, dsn=2.7.0, status=sent (250 2.7.0 Ok, discarded, id=12345-06 - spam)
        09:00:01.500 qmgr[27645]: 83C17A14284: removed
        ",
        expect![[r#"

            sender@remote.test → alice@example.org and bob@example.org: discarded
            │  message-id  <spam@remote.test>, 3.3 kB
            │  came in     2026-11-22 09:00:00.100 UTC from unknown[203.0.113.9]
            │
            ├─ alice@example.org: dropped by the content filter as SPAM; the quarantine has it as
            │      s/spam-sNuGVVlCvGE7.gz
            ├─ bob@example.org: dropped by the content filter as SPAM; the quarantine has it as
            │      s/spam-sNuGVVlCvGE7.gz
            │
            └─ mx1 83C17A14284  09:00:00.100 (1.4 s here)
               ├─ amavis (12345-06) blocked it as SPAM: score 17.6, DiscardedInbound,Quarantined, kept as
               │      s/spam-sNuGVVlCvGE7.gz, took 1.31 s
               └─ alice@example.org and bob@example.org → 127.0.0.1:10024: dropped, +1.39 s (1.3 s sending)
                    250 2.7.0 Ok, discarded, id=12345-06 - spam
        "#]],
    );
}

#[test]
fn the_filter_refuses_it_and_the_sender_is_told() {
    check(
        r"
        09:00:00.100 smtpd[28440]: 83C17A14284: client=mail.sender.test[192.0.2.10]
        09:00:00.120 cleanup[28446]: 83C17A14284: message-id=<virus@remote.test>
        09:00:00.140 qmgr[27645]: 83C17A14284: from=<sender@remote.test>, size=3350, nrcpt=1 (queue active)
        09:00:01.490 smtp[28447]: 83C17A14284: to=<alice@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=1.4, delays=0.04/0/0.05/1.3, dsn=5.7.0, status=bounced (host 127.0.0.1[127.0.0.1] said: 554 5.7.0 Reject, id=12345-06 - INFECTED: Eicar (in reply to end of DATA command))
        09:00:01.500 cleanup[28446]: 586CDA14CBA: message-id=<20261122090001.586CDA14CBA@mx1.example.org>
        09:00:01.510 bounce[28475]: 83C17A14284: sender non-delivery notification: 586CDA14CBA
        09:00:01.515 qmgr[27645]: 586CDA14CBA: from=<>, size=5362, nrcpt=1 (queue active)
        09:00:01.520 qmgr[27645]: 83C17A14284: removed
        09:00:02.520 smtp[28450]: 586CDA14CBA: to=<sender@remote.test>, relay=mail.sender.test[192.0.2.10]:25, delay=1, delays=0/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZab12cDz9Qw)
        09:00:02.530 qmgr[27645]: 586CDA14CBA: removed
        ",
        expect![[r#"

            sender@remote.test → alice@example.org: bounced
            │  message-id  <virus@remote.test>, 3.3 kB
            │  came in     2026-11-22 09:00:00.100 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ alice@example.org: bounced by 127.0.0.1 after 1.39 s: 554 5.7.0 Reject, id=12345-06 - INFECTED:
            │      Eicar; the sender was told (586CDA14CBA, relayed)
            │
            ├─ mx1 83C17A14284  09:00:00.100 (1.42 s here)
            │  └─ alice@example.org → 127.0.0.1:10024: bounced, +1.39 s (1.3 s sending)
            │       554 5.7.0 Reject, id=12345-06 - INFECTED: Eicar
            │
            └─ told the sender that it failed: 586CDA14CBA +1.41 s, relayed to sender@remote.test

            <> → sender@remote.test: relayed
            │  message-id  <20261122090001.586CDA14CBA@mx1.example.org>, 5.3 kB
            │  came in     2026-11-22 09:00:01.500 UTC from the mail server itself
            │  this is     a notification about 83C17A14284 on mx1
            │
            ├─ sender@remote.test: accepted by mail.sender.test[192.0.2.10] after 1.02 s: 250 2.0.0 Ok: queued
            │      as 4XyZab12cDz9Qw
            │
            └─ mx1 586CDA14CBA  09:00:01.500 (1.03 s here)
               └─ sender@remote.test → mail.sender.test[192.0.2.10]:25: accepted, +1.02 s
                    250 2.0.0 Ok: queued as 4XyZab12cDz9Qw
        "#]],
    );
}

#[test]
fn a_before_queue_filter_passes_it() {
    check(
        r"
        09:00:00.000 postfix/proxy/smtpd[28553]: connect from mail.sender.test[192.0.2.10]
        09:00:00.100 postfix/proxy/smtpd[28553]: NOQUEUE: client=mail.sender.test[192.0.2.10]
        09:00:00.110 postfix/afterproxy/smtpd[28555]: connect from localhost[127.0.0.1]
        09:00:00.120 postfix/afterproxy/smtpd[28555]: 5A1F2A14CBE: client=localhost[127.0.0.1], orig_client=mail.sender.test[192.0.2.10]
        09:00:00.130 cleanup[28446]: 5A1F2A14CBE: message-id=<m5@remote.test>
        09:00:00.140 qmgr[27645]: 5A1F2A14CBE: from=<sender@remote.test>, size=501, nrcpt=1 (queue active)
        09:00:00.150 postfix/proxy/smtpd[28553]: proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as 5A1F2A14CBE; from=<sender@remote.test> to=<alice@example.org> proto=ESMTP helo=<client.example.net>
        09:00:00.160 postfix/proxy/smtpd[28553]: disconnect from mail.sender.test[192.0.2.10] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5
        09:00:00.170 local[464]: 5A1F2A14CBE: to=<alice@example.org>, relay=local, delay=0.05, delays=0.03/0/0/0.02, dsn=2.0.0, status=sent (delivered to command: /usr/bin/procmail)
        09:00:00.180 qmgr[27645]: 5A1F2A14CBE: removed
        ",
        expect![[r#"

            sender@remote.test → alice@example.org: delivered
            │  message-id  <m5@remote.test>, 501 bytes
            │  came in     2026-11-22 09:00:00.120 UTC from mail.sender.test[192.0.2.10], HELO
            │              client.example.net
            │
            ├─ alice@example.org: delivered to command: /usr/bin/procmail on mx1 after 0.05 s
            │
            └─ mx1 5A1F2A14CBE  09:00:00.120 (0.06 s here)
               ├─ before-queue filter let it pass: 250 2.0.0 Ok: queued as 5A1F2A14CBE
               └─ alice@example.org → local: delivered, +0.05 s
                    delivered to command: /usr/bin/procmail
        "#]],
    );
}

#[test]
fn a_milter_refuses_it() {
    check(
        r"
        09:00:00 smtpd[5001]: connect from unknown[203.0.113.9]
        09:00:01 smtpd[5001]: 4jXNSX009dzySV: client=unknown[203.0.113.9]
        09:00:02 cleanup[5003]: 4jXNSX009dzySV: message-id=<x@y>
        09:00:03 cleanup[5003]: 4jXNSX009dzySV: milter-reject: END-OF-MESSAGE from unknown[203.0.113.9]: 5.7.1 Spam message rejected; from=<s@y> to=<alice@example.org> proto=ESMTP helo=<y>
        09:00:04 smtpd[5001]: disconnect from unknown[203.0.113.9] ehlo=1 mail=1 rcpt=1 data=0/1 quit=1 commands=4/5
        ",
        expect![[r#"

            s@y → alice@example.org: rejected
            │  message-id  <x@y>
            │  came in     2026-11-22 09:00:01 UTC from unknown[203.0.113.9], HELO y
            │
            ├─ alice@example.org: refused in the SMTP session: 5.7.1 Spam message rejected
            │
            └─ mx1 4jXNSX009dzySV  09:00:01 (2 s here)
               └─ Milter refused it: 5.7.1 Spam message rejected
        "#]],
    );
}

#[test]
fn through_a_pipe_and_back_by_sendmail() {
    check(
        r"
        09:00:00.000 smtpd[28448]: 5B5DAA14CBF: client=mail.sender.test[192.0.2.10]
        09:00:00.010 cleanup[28479]: 5B5DAA14CBF: message-id=<m6@remote.test>
        09:00:00.020 qmgr[27645]: 5B5DAA14CBF: from=<sender@remote.test>, size=346, nrcpt=1 (queue active)
        09:00:00.030 pickup[27644]: 67A22A14CC1: uid=65534 from=<sender@remote.test>
        09:00:00.040 cleanup[28446]: 67A22A14CC1: message-id=<m6@remote.test>
        09:00:00.050 qmgr[27645]: 67A22A14CC1: from=<sender@remote.test>, size=461, nrcpt=1 (queue active)
        09:00:00.060 pipe[28556]: 5B5DAA14CBF: to=<pipeuser@pipe.test>, orig_to=<pipe@alias.example.org>, relay=pipefilter, delay=0.05, delays=0/0.01/0/0.04, dsn=2.0.0, status=sent (delivered via pipefilter service)
        09:00:00.070 qmgr[27645]: 5B5DAA14CBF: removed
        09:00:00.080 virtual[28560]: 67A22A14CC1: to=<pipeuser@pipe.test>, relay=virtual, delay=0.05, delays=0.02/0.01/0/0.02, dsn=2.0.0, status=sent (delivered to maildir)
        09:00:00.090 qmgr[27645]: 67A22A14CC1: removed
        ",
        expect![[r#"

            sender@remote.test → pipe@alias.example.org: delivered
            │  message-id  <m6@remote.test>, 346 bytes
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ pipeuser@pipe.test (for pipe@alias.example.org): delivered to maildir on mx1 after 0.08 s
            │
            ├─ mx1 5B5DAA14CBF  09:00:00 (0.07 s here)
            │  └─ pipeuser@pipe.test → pipefilter: handed over, +0.06 s
            │       delivered via pipefilter service
            │
            └─ mx1 67A22A14CC1  +0.03 s, through the filter, by its Message-ID (0.06 s here)
               └─ pipeuser@pipe.test → virtual: delivered, +0.08 s
                    delivered to maildir
        "#]],
    );
}
