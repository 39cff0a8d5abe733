//! D.1: Exim, alone and beside Postfix.

use crate::check;
use expect_test::expect;

#[test]
fn to_a_maildir_and_to_another_server() {
    check(
        r#"
        09:00:00 exim1 exim[2259]: 1xV2wi-0000aR-0j <= joe@sender.test H=mail.sender.test [192.0.2.10] P=esmtps X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no S=2201 id=a1@sender.test T="say \"hello\" for me" for anna@example.org bob@remote.test
        09:00:00 exim1 exim[2260]: 1xV2wi-0000aR-0j => anna <anna@example.org> R=local_user T=maildir_home QT=0s DT=0s
        09:00:02 exim1 exim[2260]: 1xV2wi-0000aR-0j => bob@remote.test R=dnslookup T=remote_smtp H=mx.remote.test [198.51.100.7] X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes C="250 2.0.0 Ok: queued as 4XyZab12cDz9Qw" QT=2s DT=2s
        09:00:02 exim1 exim[2260]: 1xV2wi-0000aR-0j Completed QT=2s
        "#,
        expect![[r#"

            joe@sender.test → anna@example.org and bob@remote.test: delivered, relayed
            │  subject     say \"hello\" for me
            │  message-id  <a1@sender.test>, 2.2 kB
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10],
            │              TLS1.3:TLS_AES_256_GCM_SHA384:256
            │
            ├─ anna@example.org: delivered by maildir_home on exim1 after 0 s
            ├─ bob@remote.test: accepted by mx.remote.test[198.51.100.7] after 2 s: 250 2.0.0 Ok: queued as
            │      4XyZab12cDz9Qw
            │
            └─ exim1/exim 1xV2wi-0000aR-0j  09:00:00 (2 s here)
               ├─ anna@example.org → maildir_home: delivered, +0 s
               └─ bob@remote.test → mx.remote.test[198.51.100.7]: accepted, +2 s (2 s sending),
                      TLS1.3:TLS_AES_256_GCM_SHA384:256
                    250 2.0.0 Ok: queued as 4XyZab12cDz9Qw
        "#]],
    );
}

#[test]
fn put_off_then_delivered_to_dovecot() {
    check(
        r#"
        09:00:00 exim2 exim[2259]: 1xV2wi-000000000aR-0jFc <= joe@sender.test H=mail.sender.test [192.0.2.10] P=esmtp K S=2201 id=a2@sender.test
        09:00:00 exim2 exim[2260]: 1xV2wi-000000000aR-0jFc == anna@example.org R=dovecot_user T=dovecot_lmtp defer (-46): LMTP error after end of data: 451 4.2.0 <anna@example.org> Execution of Sieve filters was aborted due to temporary failure
        09:30:00 exim2 exim[2400]: Start queue run: pid=2400
        09:30:00 exim2 dovecot: lmtp(anna@example.org)<28470><jJxbDXqmAms2bwAAg+zDdQ>: msgid=<a2@sender.test>: saved mail to INBOX
        09:30:00 exim2 exim[2401]: 1xV2wi-000000000aR-0jFc => anna@example.org R=dovecot_user T=dovecot_lmtp C="250 2.0.0 <anna@example.org> jJxbDXqmAms2bwAAg+zDdQ Saved"
        09:30:00 exim2 exim[2401]: 1xV2wi-000000000aR-0jFc Completed
        09:30:00 exim2 exim[2400]: End queue run: pid=2400
        "#,
        expect![[r#"

            joe@sender.test → anna@example.org: delivered
            │  message-id  <a2@sender.test>, 2.2 kB
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ anna@example.org: delivered to INBOX on exim2 after 30 min
            │
            └─ exim2/exim 1xV2wi-000000000aR-0jFc  09:00:00 (30 min here)
               ├─ anna@example.org → dovecot_lmtp: deferred, +0 s
               │    LMTP error after end of data: 451 4.2.0 <anna@example.org> Execution of Sieve filters was
               │      aborted due to temporary failure
               └─ anna@example.org → dovecot_lmtp: delivered, +30 min
                  │ 250 2.0.0 <anna@example.org> jJxbDXqmAms2bwAAg+zDdQ Saved
                  └─ anna@example.org on exim2: saved in INBOX
        "#]],
    );
}

#[test]
fn a_failure_of_which_the_sender_is_told() {
    check(
        r#"
        09:00:00 exim1 exim[2259]: 1xV2wi-0000aR-0j <= anna@example.org H=(laptop.lan) [198.51.100.9] P=esmtpsa A=plain:anna S=2201 id=a3@example.org
        09:00:01 exim1 exim[2260]: 1xV2wi-0000aR-0j ** nobody@remote.test R=dnslookup T=remote_smtp H=mx.remote.test [198.51.100.7]: SMTP error from remote mail server after RCPT TO:<nobody@remote.test>: 550 5.1.1 <nobody@remote.test>: User unknown DT=1s
        09:00:01 exim1 exim[2263]: 1xV2wj-0000aV-1H <= <> R=1xV2wi-0000aR-0j U=Debian-exim P=local S=1822 T="Mail delivery failed: returning message to sender"
        09:00:01 exim1 exim[2260]: 1xV2wi-0000aR-0j Completed
        09:00:01 exim1 exim[2264]: 1xV2wj-0000aV-1H => anna <anna@example.org> R=local_user T=maildir_home
        09:00:01 exim1 exim[2264]: 1xV2wj-0000aV-1H Completed
        "#,
        expect![[r#"

            anna@example.org → nobody@remote.test: bounced
            │  message-id  <a3@example.org>, 2.2 kB
            │  came in     2026-11-22 09:00:00 UTC from [198.51.100.9], logged in as anna, HELO laptop.lan
            │
            ├─ nobody@remote.test: bounced by mx.remote.test[198.51.100.7] after 1 s: SMTP error from remote
            │      mail server after RCPT TO:<nobody@remote.test>: 550 5.1.1 <nobody@remote.test>: User unknown;
            │      the sender was told (1xV2wj-0000aV-1H, delivered)
            │
            ├─ exim1/exim 1xV2wi-0000aR-0j  09:00:00 (1 s here)
            │  └─ nobody@remote.test → mx.remote.test[198.51.100.7]: bounced, +1 s
            │       SMTP error from remote mail server after RCPT TO:<nobody@remote.test>: 550 5.1.1
            │         <nobody@remote.test>: User unknown
            │
            └─ told the sender that it failed: 1xV2wj-0000aV-1H +1 s, delivered to anna@example.org

            <> → anna@example.org: delivered
            │  subject     Mail delivery failed: returning message to sender
            │  message-id  not logged, 1.8 kB
            │  came in     2026-11-22 09:00:01 UTC from the mail server itself
            │  this is     a notification about 1xV2wi-0000aR-0j on exim1
            │
            ├─ anna@example.org: delivered by maildir_home on exim1 after 0 s
            │
            └─ exim1/exim 1xV2wj-0000aV-1H  09:00:01 (0 s here)
               └─ anna@example.org → maildir_home: delivered, +0 s
        "#]],
    );
}

#[test]
fn a_delay_of_which_the_sender_is_warned() {
    check(
        r#"
        09:00:00 exim1 exim[2259]: 1xV2wi-0000aR-0j <= anna@example.org U=anna P=local S=2201
        09:00:30 exim1 exim[2260]: 1xV2wi-0000aR-0j == bob@remote.test R=dnslookup T=remote_smtp defer (110): Connection timed out DT=30s
        Nov 23 09:00:30 exim1 exim[3260]: 1xV2wi-0000aR-0j == bob@remote.test R=dnslookup T=remote_smtp defer (110): Connection timed out DT=30s
        Nov 23 09:00:30 exim1 exim[3263]: 1xVPJ8-0000qV-1H <= <> R=1xV2wi-0000aR-0j U=Debian-exim P=local S=1822
        Nov 23 09:00:31 exim1 exim[3264]: 1xVPJ8-0000qV-1H => anna <anna@example.org> R=local_user T=maildir_home
        Nov 23 09:00:31 exim1 exim[3264]: 1xVPJ8-0000qV-1H Completed
        Nov 23 10:00:00 exim1 exim[3360]: 1xV2wi-0000aR-0j => bob@remote.test R=dnslookup T=remote_smtp H=mx.remote.test [198.51.100.7] C="250 OK"
        Nov 23 10:00:00 exim1 exim[3360]: 1xV2wi-0000aR-0j Completed
        "#,
        expect![[r#"

            anna@example.org → bob@remote.test: relayed
            │  message-id  not logged, 2.2 kB
            │  came in     2026-11-22 09:00:00 UTC from a program of anna on the host
            │
            ├─ bob@remote.test: accepted by mx.remote.test[198.51.100.7] after 1 d 1 h: 250 OK
            │
            ├─ exim1/exim 1xV2wi-0000aR-0j  09:00:00 (1 d 1 h here)
            │  ├─ bob@remote.test → remote_smtp: deferred twice from 09:00:30 to Nov 23 09:00:30
            │  │    Connection timed out
            │  └─ bob@remote.test → mx.remote.test[198.51.100.7]: accepted, +1 d 1 h
            │       250 OK
            │
            └─ told the sender that it is late: 1xVPJ8-0000qV-1H +1 d, delivered to anna@example.org

            <> → anna@example.org: delivered
            │  message-id  not logged, 1.8 kB
            │  came in     2026-11-23 09:00:30 UTC from the mail server itself
            │  this is     a notification about 1xV2wi-0000aR-0j on exim1
            │
            ├─ anna@example.org: delivered by maildir_home on exim1 after 1 s
            │
            └─ exim1/exim 1xVPJ8-0000qV-1H  09:00:30 (1 s here)
               └─ anna@example.org → maildir_home: delivered, +1 s
        "#]],
    );
}

#[test]
fn tried_for_too_long() {
    check(
        r#"
        09:00:00 exim1 exim[2259]: 1xV2wi-0000aR-0j <= anna@example.org U=anna P=local S=2201
        09:00:30 exim1 exim[2260]: 1xV2wi-0000aR-0j H=mx.remote.test [198.51.100.7] Connection timed out
        09:00:30 exim1 exim[2260]: 1xV2wi-0000aR-0j == bob@remote.test R=dnslookup T=remote_smtp defer (110): Connection timed out DT=30s
        Nov 26 09:30:00 exim1 exim[3260]: 1xV2wi-0000aR-0j == bob@remote.test R=dnslookup T=remote_smtp defer (110): Connection timed out DT=30s
        Nov 26 09:30:00 exim1 exim[3260]: 1xV2wi-0000aR-0j ** bob@remote.test: retry timeout exceeded
        Nov 26 09:30:00 exim1 exim[3263]: 1xWV8Y-0000qV-1H <= <> R=1xV2wi-0000aR-0j U=Debian-exim P=local S=1822
        Nov 26 09:30:00 exim1 exim[3260]: 1xV2wi-0000aR-0j Completed
        "#,
        expect![[r#"

            anna@example.org → bob@remote.test: expired
            │  message-id  not logged, 2.2 kB
            │  came in     2026-11-22 09:00:00 UTC from a program of anna on the host
            │
            ├─ bob@remote.test: given up on exim1 after 4 d, last reason: Connection timed out; the sender was
            │      told (1xWV8Y-0000qV-1H, still in the queue)
            │
            ├─ exim1/exim 1xV2wi-0000aR-0j  09:00:00 (4 d here)
            │  ├─ bob@remote.test → remote_smtp: deferred twice from 09:00:30 to Nov 26 09:30:00
            │  │    Connection timed out
            │  └─ bob@remote.test: given up, +4 d
            │       retry timeout exceeded
            │
            └─ told the sender that it failed: 1xWV8Y-0000qV-1H +4 d, still in the queue

            <> → unknown recipients: still in the queue
            │  message-id  not logged, 1.8 kB
            │  came in     2026-11-26 09:30:00 UTC from the mail server itself
            │  this is     a notification about 1xV2wi-0000aR-0j on exim1
            │
            ├─ in the queue on exim1: not tried yet
            │
            └─ exim1/exim 1xWV8Y-0000qV-1H  09:30:00
        "#]],
    );
}

#[test]
fn from_exim_to_postfix() {
    check(
        r#"
        09:00:00 exim1 exim[2259]: 1xV2wi-0000aR-0j <= anna@example.org H=(laptop.lan) [198.51.100.9] P=esmtpsa A=plain:anna S=2201 id=a4@example.org
        09:00:00 out1 smtpd[702]: 4jXPh01Z9VzyVT: client=exim1.example.org[10.0.2.51]
        09:00:00 out1 cleanup[705]: 4jXPh01Z9VzyVT: message-id=<a4@example.org>
        09:00:00 out1 qmgr[706]: 4jXPh01Z9VzyVT: from=<anna@example.org>, size=2401, nrcpt=1 (queue active)
        09:00:00 exim1 exim[2260]: 1xV2wi-0000aR-0j => bob@remote.test R=smarthost T=remote_smtp_smarthost H=out1.example.org [10.0.0.31] C="250 2.0.0 Ok: queued as 4jXPh01Z9VzyVT"
        09:00:00 exim1 exim[2260]: 1xV2wi-0000aR-0j Completed
        09:00:01 out1 smtp[707]: 4jXPh01Z9VzyVT: to=<bob@remote.test>, relay=mx.remote.test[198.51.100.7]:25, delay=1, delays=0.1/0/0.4/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZab12cDz9Qw)
        09:00:01 out1 qmgr[706]: 4jXPh01Z9VzyVT: removed
        "#,
        expect![[r#"

            anna@example.org → bob@remote.test: relayed
            │  message-id  <a4@example.org>, 2.2 kB
            │  came in     2026-11-22 09:00:00 UTC from [198.51.100.9], logged in as anna, HELO laptop.lan
            │
            ├─ bob@remote.test: accepted by mx.remote.test[198.51.100.7] after 1 s: 250 2.0.0 Ok: queued as
            │      4XyZab12cDz9Qw
            │
            ├─ exim1/exim 1xV2wi-0000aR-0j  09:00:00 (0 s here)
            │  └─ bob@remote.test → out1.example.org[10.0.0.31]: handed over as 4jXPh01Z9VzyVT, +0 s
            │       250 2.0.0 Ok: queued as 4jXPh01Z9VzyVT
            │
            └─ out1 4jXPh01Z9VzyVT  +0 s, relayed from exim1.example.org[10.0.2.51] (1 s here)
               └─ bob@remote.test → mx.remote.test[198.51.100.7]:25: accepted, +1 s
                    250 2.0.0 Ok: queued as 4XyZab12cDz9Qw
        "#]],
    );
}

#[test]
fn from_postfix_to_exim_and_there_through_an_alias() {
    check(
        r#"
        09:00:00 out1 submission/smtpd[702]: 4jXPh01Z9VzyVT: client=unknown[198.51.100.9], sasl_method=PLAIN, sasl_username=carl@example.com
        09:00:00 out1 cleanup[705]: 4jXPh01Z9VzyVT: message-id=<a5@example.com>
        09:00:00 out1 qmgr[706]: 4jXPh01Z9VzyVT: from=<carl@example.com>, size=2401, nrcpt=1 (queue active)
        09:00:00 exim1 exim[2259]: 1xV2wi-0000aR-0j <= carl@example.com H=out1.example.org [10.0.0.31] P=esmtp S=2601 id=a5@example.com for team@example.org
        09:00:00 out1 smtp[707]: 4jXPh01Z9VzyVT: to=<team@example.org>, relay=exim1.example.org[10.0.2.51]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 OK id=1xV2wi-0000aR-0j)
        09:00:00 out1 qmgr[706]: 4jXPh01Z9VzyVT: removed
        09:00:00 exim1 exim[2260]: 1xV2wi-0000aR-0j => anna <team@example.org> R=local_user T=maildir_home
        09:00:00 exim1 exim[2260]: 1xV2wi-0000aR-0j == bob@example.org <team@example.org> R=local_user T=maildir_home defer (13): Permission denied: unable to open lock file
        09:30:00 exim1 exim[2301]: 1xV2wi-0000aR-0j => bob <team@example.org> R=local_user T=maildir_home
        09:30:00 exim1 exim[2301]: 1xV2wi-0000aR-0j Completed
        "#,
        expect![[r#"

            carl@example.com → team@example.org: delivered
            │  message-id  <a5@example.com>, 2.4 kB
            │  came in     2026-11-22 09:00:00 UTC from unknown[198.51.100.9], logged in as carl@example.com
            │
            ├─ anna (for team@example.org): delivered by maildir_home on exim1 after 0 s
            ├─ bob@example.org (for team@example.org): delivered by maildir_home on exim1 after 30 min
            │
            ├─ out1 4jXPh01Z9VzyVT  09:00:00 (0 s here)
            │  └─ team@example.org → exim1.example.org[10.0.2.51]:25: handed over as 1xV2wi-0000aR-0j, +0 s
            │       250 OK id=1xV2wi-0000aR-0j
            │
            └─ exim1/exim 1xV2wi-0000aR-0j  +0 s, relayed from out1.example.org[10.0.0.31] (30 min here)
               ├─ anna → maildir_home: delivered, +0 s
               ├─ bob@example.org → maildir_home: deferred, +0 s
               │    Permission denied: unable to open lock file
               └─ bob → maildir_home: delivered, +30 min
        "#]],
    );
}

#[test]
fn refused_when_all_of_it_was_there() {
    check(
        r"
        09:00:00 exim1 exim[2259]: 1xV2wi-0000ai-2r H=mail.sender.test [192.0.2.10] F=<joe@sender.test> rejected after DATA: spam score 12.3
        ",
        expect![[r#"

            joe@sender.test → unknown recipients: rejected
            │  message-id  not logged
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ refused on exim1: spam score 12.3, at 09:00:00
            │
            └─ exim1/exim 1xV2wi-0000ai-2r  09:00:00 (0 s here)
               └─ access rule refused it: spam score 12.3
        "#]],
    );
}

#[test]
fn an_administrator_gives_a_message_up() {
    check(
        r#"
        09:00:00 exim1 exim[2263]: 1xV2wi-0000aV-1H <= joe@sender.test H=mail.sender.test [192.0.2.10] P=esmtp S=1822 id=e1@sender.test
        09:00:01 exim1 exim[2264]: 1xV2wi-0000aV-1H == ann@far.test R=dnslookup T=remote defer (111): Connection refused
        10:00:00 exim1 exim[2400]: 1xV2wi-0000aV-1H cancelled by root
        10:00:00 exim1 exim[2401]: 1xV2wi-0000aV-1H ** ann@far.test: delivery cancelled by administrator
        10:00:00 exim1 exim[2401]: 1xV2wi-0000aV-1H Completed
        "#,
        expect![[r#"

            joe@sender.test → ann@far.test: bounced
            │  message-id  <e1@sender.test>, 1.8 kB
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ ann@far.test: bounced after 1 h: delivery cancelled by administrator; no line tells that the
            │      sender was told
            │
            └─ exim1/exim 1xV2wi-0000aV-1H  09:00:00 (1 h here)
               ├─ ann@far.test → remote: deferred, +1 s
               │    Connection refused
               ├─ given up by hand (exim -Mg)  +1 h
               └─ ann@far.test: bounced, +1 h
                    delivery cancelled by administrator
        "#]],
    );
}

#[test]
fn a_bounce_that_is_frozen() {
    check(
        r#"
        09:00:00 exim1 exim[2263]: 1xV2wi-0000aV-1H <= <> R=1xV2wi-0000aR-0j U=Debian-exim P=local S=1822
        09:00:01 exim1 exim[2264]: 1xV2wi-0000aV-1H ** forged@remote.test R=dnslookup T=remote_smtp H=mx.remote.test [198.51.100.7]: SMTP error from remote mail server after RCPT TO:<forged@remote.test>: 550 5.1.1 <forged@remote.test>: User unknown
        09:00:01 exim1 exim[2264]: 1xV2wi-0000aV-1H Frozen (delivery error message)
        09:30:00 exim1 exim[2300]: 1xV2wi-0000aV-1H Message is frozen
        10:00:00 exim1 exim[2400]: 1xV2wi-0000aV-1H cancelled by timeout_frozen_after
        10:00:00 exim1 exim[2400]: 1xV2wi-0000aV-1H Completed
        "#,
        expect![[r#"

            <> → forged@remote.test: bounced
            │  message-id  not logged, 1.8 kB
            │  came in     2026-11-22 09:00:00 UTC from the mail server itself
            │
            ├─ forged@remote.test: bounced by mx.remote.test[198.51.100.7] after 1 s: SMTP error from remote
            │      mail server after RCPT TO:<forged@remote.test>: 550 5.1.1 <forged@remote.test>: User unknown
            │
            └─ exim1/exim 1xV2wi-0000aV-1H  09:00:00 (1 h here)
               ├─ put on hold  +1 s
               ├─ forged@remote.test → mx.remote.test[198.51.100.7]: bounced, +1 s
               │    SMTP error from remote mail server after RCPT TO:<forged@remote.test>: 550 5.1.1
               │      <forged@remote.test>: User unknown
               └─ removed, or frozen for too long  +1 h
        "#]],
    );
}
