//! B.2, B.16, B.18, B.19.

use crate::check;
use expect_test::expect;

#[test]
fn one_session_three_transactions_one_refused() {
    check(
        r"
        08:00:00 smtpd[910]: connect from mail.partner.test[192.0.2.44]
        08:00:00 smtpd[910]: Trusted TLS connection established from mail.partner.test[192.0.2.44]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
        08:00:01 smtpd[910]: 1C9C820087: client=mail.partner.test[192.0.2.44]
        08:00:01 cleanup[915]: 1C9C820087: message-id=<n1@partner.test>
        08:00:01 qmgr[900]: 1C9C820087: from=<b@partner.test>, size=900, nrcpt=1 (queue active)
        08:00:01 smtpd[910]: NOQUEUE: reject: RCPT from mail.partner.test[192.0.2.44]: 550 5.1.1 <old@example.org>: Recipient address rejected: User unknown in virtual mailbox table; from=<b@partner.test> to=<old@example.org> proto=ESMTP helo=<mail.partner.test>
        08:00:02 smtpd[910]: 5F5E120088: client=mail.partner.test[192.0.2.44]
        08:00:02 smtpd[910]: 5F5E120088: reject: RCPT from mail.partner.test[192.0.2.44]: 550 5.1.1 <gone@example.org>: Recipient address rejected: User unknown in virtual mailbox table; from=<b@partner.test> to=<gone@example.org> proto=ESMTP helo=<mail.partner.test>
        08:00:02 cleanup[915]: 5F5E120088: message-id=<n3@partner.test>
        08:00:02 qmgr[900]: 5F5E120088: from=<b@partner.test>, size=900, nrcpt=1 (queue active)
        08:00:02 smtpd[910]: disconnect from mail.partner.test[192.0.2.44] ehlo=2 starttls=1 mail=3 rcpt=2/3 data=2 rset=1 quit=1 commands=11/12
        08:00:03 virtual[916]: 5F5E120088: to=<anna@example.org>, relay=virtual, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (delivered to maildir)
        08:00:03 qmgr[900]: 5F5E120088: removed
        08:00:09 smtpd[910]: connect from unknown[203.0.113.66]
        08:00:09 smtpd[910]: disconnect from unknown[203.0.113.66] ehlo=1 quit=1 commands=2
        ",
        expect![[r#"

            b@partner.test → an unknown recipient: still in the queue
            │  message-id  <n1@partner.test>, 900 bytes
            │  came in     2026-11-22 08:00:01 UTC from mail.partner.test[192.0.2.44], TLSv1.3
            │              TLS_AES_256_GCM_SHA384
            │
            ├─ 1 recipient that no line names: still in the queue on mx1
            │
            └─ mx1 1C9C820087  08:00:01

            b@partner.test → anna@example.org: delivered
            │  message-id  <n3@partner.test>, 900 bytes
            │  came in     2026-11-22 08:00:02 UTC from mail.partner.test[192.0.2.44], HELO mail.partner.test,
            │              TLSv1.3 TLS_AES_256_GCM_SHA384
            │
            ├─ anna@example.org: delivered to maildir on mx1 after 1 s
            │
            └─ mx1 5F5E120088  08:00:02 (1 s here)
               ├─ access rule refused the recipient gone@example.org: 550 5.1.1 <gone@example.org>: Recipient
               │      address rejected: User unknown in virtual mailbox table
               └─ anna@example.org → virtual: delivered, +1 s
                    delivered to maildir

            b@partner.test → old@example.org: refused
               2026-11-22 08:00:01 UTC on mx1 from mail.partner.test[192.0.2.44], HELO mail.partner.test
               access, RCPT: 550 5.1.1 <old@example.org>: Recipient address rejected: User unknown in virtual
                 mailbox table
        "#]],
    );
}

#[test]
fn held_by_an_access_rule_that_came_before_the_queue_id() {
    check(
        r"
        08:00:00 smtpd[29773]: connect from localhost[127.0.0.1]
        08:00:00 smtpd[29773]: NOQUEUE: hold: RCPT from localhost[127.0.0.1]: <hold@example.org>: Recipient address suspicious; from=<sender@remote.test> to=<hold@example.org> proto=ESMTP helo=<client.example.net>
        08:00:00 smtpd[29773]: 4jXMZG2sDtz1Xf29: client=localhost[127.0.0.1]
        08:00:00 cleanup[29769]: 4jXMZG2sDtz1Xf29: message-id=<acl-hold@remote.test>
        08:00:00 smtpd[29773]: disconnect from localhost[127.0.0.1] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5
        ",
        expect![[r#"

            sender@remote.test → hold@example.org: on hold
            │  message-id  <acl-hold@remote.test>
            │  came in     2026-11-22 08:00:00 UTC from localhost[127.0.0.1], HELO client.example.net
            │
            ├─ hold@example.org: on hold on mx1: <hold@example.org>: Recipient address suspicious
            │
            └─ mx1 4jXMZG2sDtz1Xf29  08:00:00
               └─ access rule put it on hold: <hold@example.org>: Recipient address suspicious

            sender@remote.test → hold@example.org: to be put on hold
               2026-11-22 08:00:00 UTC on mx1 from localhost[127.0.0.1], HELO client.example.net
               access, RCPT: <hold@example.org>: Recipient address suspicious
        "#]],
    );
}

#[test]
fn an_address_probe() {
    check(
        r"
        08:00:00 postfix/verify/smtpd[455]: connect from localhost[127.0.0.1]
        08:00:00 cleanup[459]: 4jXMch054Cz1Xf52: message-id=<4jXMch054Cz1Xf52@mx1.example.org>
        08:00:00 qmgr[32722]: 4jXMch054Cz1Xf52: from=<double-bounce@mx1.example.org>, size=231, nrcpt=1 (queue active)
        08:00:00 smtp[460]: 4jXMch054Cz1Xf52: to=<okuser@remote.test>, relay=mx.remote.test[198.51.100.7]:25, delay=0.05, delays=0.01/0/0.02/0.02, dsn=2.1.5, status=deliverable (250 2.1.5 Ok)
        08:00:00 qmgr[32722]: 4jXMch054Cz1Xf52: removed
        08:00:03 postfix/verify/smtpd[455]: 4jXMcl05sbz1Xf94: client=localhost[127.0.0.1]
        ",
        expect![[r#"

            double-bounce@mx1.example.org → okuser@remote.test: address takes mail (probe)
            │  message-id  <4jXMch054Cz1Xf52@mx1.example.org>, 231 bytes
            │  came in     2026-11-22 08:00:00 UTC from the mail server itself
            │
            ├─ okuser@remote.test: takes mail, says the probe on mx1: 250 2.1.5 Ok
            │
            └─ mx1 4jXMch054Cz1Xf52  08:00:00 (0 s here)
               └─ okuser@remote.test → mx.remote.test[198.51.100.7]:25: asked only, +0 s
                    250 2.1.5 Ok

            unknown sender → unknown recipients: end not seen
            │  message-id  not logged
            │  came in     2026-11-22 08:00:03 UTC from localhost[127.0.0.1]
            │
            ├─ coming in on mx1 when the log ended, not queued yet
            │
            └─ mx1 4jXMcl05sbz1Xf94  08:00:03
        "#]],
    );
}

#[test]
fn the_client_goes_away_in_the_middle() {
    check(
        r"
        08:00:00 smtpd[10]: connect from unknown[203.0.113.9]
        08:00:01 smtpd[10]: 4jXMbY26r9z1Xf94: client=unknown[203.0.113.9]
        08:00:02 smtpd[10]: 4jXMbY26r9z1Xf94: lost connection after DATA (12 bytes) from unknown[203.0.113.9]
        08:00:02 cleanup[11]: 4jXMbY26r9z1Xf94: removed (canceled)
        08:00:02 smtpd[10]: disconnect from unknown[203.0.113.9] ehlo=1 mail=1 rcpt=1 data=0/1 commands=3/4
        08:20:00 smtpd[10]: connect from unknown[203.0.113.9]
        ",
        expect![[r#"

            unknown sender → unknown recipients: aborted
            │  message-id  not logged
            │  came in     2026-11-22 08:00:01 UTC from unknown[203.0.113.9]
            │
            ├─ not completed by the client: lost connection after DATA, at 08:00:02
            │
            └─ mx1 4jXMbY26r9z1Xf94  08:00:01 (1 s here)
               └─ the client did not complete it  +1 s
        "#]],
    );
}

#[test]
fn a_header_check_refuses_and_another_drops() {
    check(
        r"
        08:00:00 smtpd[10]: connect from unknown[203.0.113.9]
        08:00:01 smtpd[10]: 42201A14CBC: client=unknown[203.0.113.9]
        08:00:01 cleanup[11]: 42201A14CBC: message-id=<h1@remote.test>
        08:00:01 cleanup[11]: 42201A14CBC: reject: header Subject: hc rejectme from unknown[203.0.113.9]; from=<sender@remote.test> to=<alice@example.org> proto=ESMTP helo=<y>: 5.7.1 message content rejected
        08:00:02 smtpd[10]: 42BCDA14CBC: client=unknown[203.0.113.9]
        08:00:02 cleanup[11]: 42BCDA14CBC: message-id=<h2@remote.test>
        08:00:02 cleanup[11]: 42BCDA14CBC: discard: header Subject: hc dropme from unknown[203.0.113.9]; from=<sender@remote.test> to=<alice@example.org> proto=ESMTP helo=<y>: known junk
        08:00:03 smtpd[10]: disconnect from unknown[203.0.113.9] ehlo=1 mail=2 rcpt=2 data=1/2 quit=1 commands=7/8
        ",
        expect![[r#"

            sender@remote.test → alice@example.org: rejected
            │  subject     hc rejectme
            │  message-id  <h1@remote.test>
            │  came in     2026-11-22 08:00:01 UTC from unknown[203.0.113.9], HELO y
            │
            ├─ alice@example.org: refused in the SMTP session: 5.7.1 message content rejected (Subject: hc
            │      rejectme)
            │
            └─ mx1 42201A14CBC  08:00:01 (0 s here)
               └─ content check refused it: 5.7.1 message content rejected (Subject: hc rejectme)

            sender@remote.test → alice@example.org: discarded
            │  subject     hc dropme
            │  message-id  <h2@remote.test>
            │  came in     2026-11-22 08:00:02 UTC from unknown[203.0.113.9], HELO y
            │
            ├─ alice@example.org: dropped by a rule: known junk (Subject: hc dropme)
            │
            └─ mx1 42BCDA14CBC  08:00:02 (0 s here)
               └─ content check dropped it: known junk (Subject: hc dropme)
        "#]],
    );
}

#[test]
fn an_access_rule_drops_it_in_silence() {
    check(
        r"
        08:00:00 smtpd[10]: connect from unknown[203.0.113.9]
        08:00:01 smtpd[10]: NOQUEUE: discard: RCPT from unknown[203.0.113.9]: <alice@example.org>: Recipient address triggers DISCARD action; from=<sender@remote.test> to=<alice@example.org> proto=ESMTP helo=<y>
        08:00:01 smtpd[10]: 3E9A4A14CBB: client=unknown[203.0.113.9]
        08:00:03 smtpd[10]: disconnect from unknown[203.0.113.9] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5
        ",
        expect![[r#"

            sender@remote.test → alice@example.org: discarded
            │  message-id  not logged
            │  came in     2026-11-22 08:00:01 UTC from unknown[203.0.113.9], HELO y
            │
            ├─ alice@example.org: dropped by a rule: <alice@example.org>: Recipient address triggers DISCARD
            │      action
            │
            └─ mx1 3E9A4A14CBB  08:00:01 (0 s here)
               └─ access rule dropped it: <alice@example.org>: Recipient address triggers DISCARD action

            sender@remote.test → alice@example.org: to be dropped
               2026-11-22 08:00:01 UTC on mx1 from unknown[203.0.113.9], HELO y
               access, RCPT: <alice@example.org>: Recipient address triggers DISCARD action
        "#]],
    );
}

#[test]
fn mail_of_a_program_on_the_host() {
    check(
        r"
        08:00:00 pickup[50]: 4jXPh00n4lzyVS: uid=33 from=<www-data>
        08:00:00 cleanup[76]: 4jXPh00n4lzyVS: message-id=<4jXPh00n4lzyVS@mx1.example.org>
        08:00:00 qmgr[900]: 4jXPh00n4lzyVS: from=<www-data@mx1.example.org>, size=900, nrcpt=1 (queue active)
        08:00:02 smtp[901]: 4jXPh00n4lzyVS: to=<x@remote.test>, relay=mx.remote.test[198.51.100.7]:25, delay=2.1, delays=0.01/0/0.4/1.7, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZab12cDz9Qw)
        08:00:02 qmgr[900]: 4jXPh00n4lzyVS: removed
        ",
        expect![[r#"

            www-data@mx1.example.org → x@remote.test: relayed
            │  message-id  <4jXPh00n4lzyVS@mx1.example.org>, 900 bytes
            │  came in     2026-11-22 08:00:00 UTC from a program of user id 33 on the host
            │
            ├─ x@remote.test: accepted by mx.remote.test[198.51.100.7] after 2 s: 250 2.0.0 Ok: queued as
            │      4XyZab12cDz9Qw
            │
            └─ mx1 4jXPh00n4lzyVS  08:00:00 (2 s here)
               └─ x@remote.test → mx.remote.test[198.51.100.7]:25: accepted, +2 s (1.7 s sending)
                    250 2.0.0 Ok: queued as 4XyZab12cDz9Qw
        "#]],
    );
}
