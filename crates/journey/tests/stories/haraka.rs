//! Haraka, which names recipients in the session and what it sends out by domains.

use crate::check;
use expect_test::expect;

#[test]
fn copies_name_their_domain_only() {
    check(
        r#"
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] connect ip=192.0.2.10 port=21957 local_ip=198.51.100.5 local_port=25
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] sender <joe@sender.test> code=CONT msg=""
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <ann@far.test> code=OK msg="" sender="joe@sender.test"
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <bob@far.test> code=OK msg="" sender="joe@sender.test"
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <carl@other.test> code=OK msg="" sender="joe@sender.test"
        09:00:01 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] message mid="<h1@sender.test>" size=1200 rcpts=3/0/0 delay=0.5 code=CONT msg=""
        09:00:01 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] queue code=OK msg="Message Queued (3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1)"
        09:00:02 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] disconnect ip=192.0.2.10 rdns="mail.sender.test" helo="mail.sender.test" relay=N early=N esmtp=Y tls=N pipe=N errors=0 txns=1 rcpts=1/0/0 msgs=1/0/0 bytes=1200 lr="" time=1.9
        09:00:03 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] delivered file=1795338000_1_mx1 domain=far.test host=mx.far.test ip=198.51.100.7 port=25 mode=SMTP tls=Y auth=N response="2.0.0 Ok: queued as 4XyZab12cDz9Qw" delay=2.5 fails=0 rcpts=2/0/0
        09:00:04 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.2] [outbound] delivered file=1795338000_1_mx1 domain=other.test host=mx.other.test ip=198.51.100.7 port=25 mode=SMTP tls=Y auth=N response="2.0.0 Ok: queued as 4XyZcc12cDz9Qw" delay=2.5 fails=0 rcpts=1/0/0
        "#,
        expect![[r#"

            joe@sender.test → ann@far.test, bob@far.test and carl@other.test: relayed
            │  message-id  <h1@sender.test>, 1.2 kB
            │  came in     2026-11-22 09:00:00 UTC from [192.0.2.10]
            │
            ├─ ann@far.test: accepted by mx.far.test[198.51.100.7] after 3 s: 2.0.0 Ok: queued as 4XyZab12cDz9Qw
            ├─ bob@far.test: accepted by mx.far.test[198.51.100.7] after 3 s: 2.0.0 Ok: queued as 4XyZab12cDz9Qw
            ├─ carl@other.test: accepted by mx.other.test[198.51.100.7] after 4 s: 2.0.0 Ok: queued as
            │      4XyZcc12cDz9Qw
            │
            └─ mx1/haraka 3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1  09:00:00 (4 s here)
               ├─ ann@far.test and bob@far.test → mx.far.test[198.51.100.7]:25: accepted, +3 s
               │    2.0.0 Ok: queued as 4XyZab12cDz9Qw
               └─ carl@other.test → mx.other.test[198.51.100.7]:25: accepted, +4 s
                    2.0.0 Ok: queued as 4XyZcc12cDz9Qw
        "#]],
    );
}

#[test]
fn a_copy_waits_and_is_tried_again() {
    check(
        r#"
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] connect ip=192.0.2.10 port=21957 local_ip=198.51.100.5 local_port=25
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] sender <joe@sender.test> code=CONT msg=""
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <ann@far.test> code=OK msg="" sender="joe@sender.test"
        09:00:01 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] message mid="<h1@sender.test>" size=1200 rcpts=1/0/0 delay=0.5 code=CONT msg=""
        09:00:01 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] queue code=OK msg="Message Queued (3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1)"
        09:00:02 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] disconnect ip=192.0.2.10 rdns="mail.sender.test" helo="mail.sender.test" relay=N early=N esmtp=Y tls=N pipe=N errors=0 txns=1 rcpts=1/0/0 msgs=1/0/0 bytes=1200 lr="" time=1.9
        09:00:03 haraka[7]: [INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] Temp failing 1795338000_1_mx1 for 64 seconds: Upstream error: 450 4.2.0 greylisted
        09:01:08 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] delivered file=1795338000_1_mx1 domain=far.test host=mx.far.test ip=198.51.100.7 port=25 mode=SMTP tls=Y auth=N response="2.0.0 Ok: queued as 4XyZab12cDz9Qw" delay=2.5 fails=1 rcpts=1/0/0
        "#,
        expect![[r#"

            joe@sender.test → ann@far.test: relayed
            │  message-id  <h1@sender.test>, 1.2 kB
            │  came in     2026-11-22 09:00:00 UTC from [192.0.2.10]
            │
            ├─ ann@far.test: accepted by mx.far.test[198.51.100.7] after 1 min 8 s: 2.0.0 Ok: queued as
            │      4XyZab12cDz9Qw
            │
            └─ mx1/haraka 3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1  09:00:00 (1 min 8 s here)
               ├─ ann@far.test: deferred, +3 s
               │    Upstream error: 450 4.2.0 greylisted
               └─ ann@far.test → mx.far.test[198.51.100.7]:25: accepted, +1 min 8 s
                    2.0.0 Ok: queued as 4XyZab12cDz9Qw
        "#]],
    );
}

#[test]
fn one_recipient_of_a_copy_waits() {
    check(
        r#"
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] connect ip=192.0.2.10 port=21957 local_ip=198.51.100.5 local_port=25
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] sender <joe@sender.test> code=CONT msg=""
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <ann@far.test> code=OK msg="" sender="joe@sender.test"
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <bob@far.test> code=OK msg="" sender="joe@sender.test"
        09:00:01 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] message mid="<h1@sender.test>" size=1200 rcpts=2/0/0 delay=0.5 code=CONT msg=""
        09:00:01 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] queue code=OK msg="Message Queued (3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1)"
        09:00:02 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] disconnect ip=192.0.2.10 rdns="mail.sender.test" helo="mail.sender.test" relay=N early=N esmtp=Y tls=N pipe=N errors=0 txns=1 rcpts=1/0/0 msgs=1/0/0 bytes=1200 lr="" time=1.9
        09:00:03 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] recipient <bob@far.test> deferred: 450 4.2.1 mailbox busy
        09:00:03 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] delivered file=1795338000_1_mx1 domain=far.test host=mx.far.test ip=198.51.100.7 port=25 mode=SMTP tls=Y auth=N response="2.0.0 Ok: queued as 4XyZab12cDz9Qw" delay=2.5 fails=0 rcpts=1/1/0
        09:00:03 haraka[7]: [INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] Temp failing 1795338001_1_mx1 for 64 seconds: Some recipients temp failed: <bob@far.test>
        09:01:08 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] recipient <bob@far.test> rejected: 550 5.1.1 no such user
        09:01:08 haraka[7]: [INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] bouncing mail: Some recipients failed: <bob@far.test>
        "#,
        expect![[r#"

            joe@sender.test → bob@far.test and ann@far.test: relayed, bounced
            │  message-id  <h1@sender.test>, 1.2 kB
            │  came in     2026-11-22 09:00:00 UTC from [192.0.2.10]
            │
            ├─ bob@far.test: bounced after 1 min 8 s: 550 5.1.1 no such user; the sender was told
            ├─ ann@far.test: accepted by mx.far.test[198.51.100.7] after 3 s: 2.0.0 Ok: queued as 4XyZab12cDz9Qw
            │
            ├─ mx1/haraka 3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1  09:00:00 (1 min 8 s here)
            │  ├─ bob@far.test: deferred, +3 s
            │  │    450 4.2.1 mailbox busy
            │  ├─ ann@far.test → mx.far.test[198.51.100.7]:25: accepted, +3 s
            │  │    2.0.0 Ok: queued as 4XyZab12cDz9Qw
            │  └─ bob@far.test: bounced, +1 min 8 s
            │       550 5.1.1 no such user
            │
            └─ told the sender that it failed, +1 min 8 s
        "#]],
    );
}

#[test]
fn a_copy_is_given_up() {
    check(
        r#"
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] connect ip=192.0.2.10 port=21957 local_ip=198.51.100.5 local_port=25
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] sender <joe@sender.test> code=CONT msg=""
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <ann@far.test> code=OK msg="" sender="joe@sender.test"
        09:00:01 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] message mid="<h1@sender.test>" size=1200 rcpts=1/0/0 delay=0.5 code=CONT msg=""
        09:00:01 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] queue code=OK msg="Message Queued (3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1)"
        09:00:02 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] disconnect ip=192.0.2.10 rdns="mail.sender.test" helo="mail.sender.test" relay=N early=N esmtp=Y tls=N pipe=N errors=0 txns=1 rcpts=1/0/0 msgs=1/0/0 bytes=1200 lr="" time=1.9
        09:00:03 haraka[7]: [INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] Temp failing 1795338000_1_mx1 for 64 seconds: Tried all MXs
        09:59:03 haraka[7]: [INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] bouncing mail: Too many failures (Tried all MXs)
        "#,
        expect![[r#"

            joe@sender.test → ann@far.test: expired
            │  message-id  <h1@sender.test>, 1.2 kB
            │  came in     2026-11-22 09:00:00 UTC from [192.0.2.10]
            │
            ├─ ann@far.test: given up on mx1 after 59 min 3 s, last reason: Tried all MXs; no line tells that
            │      the sender was told
            │
            └─ mx1/haraka 3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1  09:00:00 (59 min 3 s here)
               ├─ ann@far.test: deferred, +3 s
               │    Tried all MXs
               └─ ann@far.test: given up, +59 min 3 s
                    Too many failures (Tried all MXs)
        "#]],
    );
}

#[test]
fn the_number_of_a_copy_tells_for_whom_it_failed() {
    check(
        r#"
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] connect ip=192.0.2.10 port=21957 local_ip=198.51.100.5 local_port=25
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] sender <joe@sender.test> code=CONT msg=""
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <ann@far.test> code=OK msg="" sender="joe@sender.test"
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <carl@other.test> code=OK msg="" sender="joe@sender.test"
        09:00:01 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] message mid="<h1@sender.test>" size=1200 rcpts=2/0/0 delay=0.5 code=CONT msg=""
        09:00:01 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] queue code=OK msg="Message Queued (3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1)"
        09:00:02 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] disconnect ip=192.0.2.10 rdns="mail.sender.test" helo="mail.sender.test" relay=N early=N esmtp=Y tls=N pipe=N errors=0 txns=1 rcpts=1/0/0 msgs=1/0/0 bytes=1200 lr="" time=1.9
        09:00:03 haraka[7]: [INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.2] [outbound] Temp failing 1795338000_2_mx1 for 64 seconds: Tried all MXs
        09:00:04 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] delivered file=1795338000_1_mx1 domain=far.test host=mx.far.test ip=198.51.100.7 port=25 mode=SMTP tls=Y auth=N response="2.0.0 Ok: queued as 4XyZab12cDz9Qw" delay=2.5 fails=0 rcpts=1/0/0
        10:09:03 haraka[7]: [INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.2] [outbound] bouncing mail: 550 5.7.1 not from you
        "#,
        expect![[r#"

            joe@sender.test → carl@other.test and ann@far.test: relayed, bounced
            │  message-id  <h1@sender.test>, 1.2 kB
            │  came in     2026-11-22 09:00:00 UTC from [192.0.2.10]
            │
            ├─ carl@other.test: bounced after 1 h 9 min: 550 5.7.1 not from you; no line tells that the sender
            │      was told
            ├─ ann@far.test: accepted by mx.far.test[198.51.100.7] after 4 s: 2.0.0 Ok: queued as 4XyZab12cDz9Qw
            │
            └─ mx1/haraka 3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1  09:00:00 (1 h 9 min here)
               ├─ carl@other.test: deferred, +3 s
               │    Tried all MXs
               ├─ ann@far.test → mx.far.test[198.51.100.7]:25: accepted, +4 s
               │    2.0.0 Ok: queued as 4XyZab12cDz9Qw
               └─ carl@other.test: bounced, +1 h 9 min
                    550 5.7.1 not from you
        "#]],
    );
}

#[test]
fn who_failed_is_not_told_where_a_copy_may_be_for_a_recipient_or_a_domain() {
    check(
        r#"
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] connect ip=192.0.2.10 port=21957 local_ip=198.51.100.5 local_port=25
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] sender <joe@sender.test> code=CONT msg=""
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <ann@far.test> code=OK msg="" sender="joe@sender.test"
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <bob@far.test> code=OK msg="" sender="joe@sender.test"
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <carl@other.test> code=OK msg="" sender="joe@sender.test"
        09:00:01 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] message mid="<h1@sender.test>" size=1200 rcpts=3/0/0 delay=0.5 code=CONT msg=""
        09:00:01 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] queue code=OK msg="Message Queued (3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1)"
        09:00:02 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] disconnect ip=192.0.2.10 rdns="mail.sender.test" helo="mail.sender.test" relay=N early=N esmtp=Y tls=N pipe=N errors=0 txns=1 rcpts=1/0/0 msgs=1/0/0 bytes=1200 lr="" time=1.9
        09:00:05 haraka[7]: [INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.2] [outbound] Temp failing 1795338000_2_mx1 for 64 seconds: Tried all MXs
        "#,
        expect![[r#"

            joe@sender.test → ann@far.test, bob@far.test and carl@other.test: still in the queue
            │  message-id  <h1@sender.test>, 1.2 kB
            │  came in     2026-11-22 09:00:00 UTC from [192.0.2.10]
            │
            ├─ ann@far.test: still in the queue on mx1: not tried yet
            ├─ bob@far.test: still in the queue on mx1: not tried yet
            ├─ carl@other.test: still in the queue on mx1: not tried yet
            │
            └─ mx1/haraka 3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1  09:00:00
        "#]],
    );
}

#[test]
fn the_next_server_takes_the_message_from_the_session() {
    check(
        r#"
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] connect ip=192.0.2.10 port=21957 local_ip=198.51.100.5 local_port=25
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] sender <joe@sender.test> code=CONT msg=""
        09:00:00 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <anna@example.org> code=OK msg="" sender="joe@sender.test"
        09:00:01 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] message mid="<h1@sender.test>" size=1200 rcpts=1/0/0 delay=0.5 code=CONT msg=""
        09:00:01 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] queue code=OK msg="2.0.0 Ok: queued as 4XyZab12cDz9Qw (3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1)"
        09:00:02 haraka[7]: [NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] disconnect ip=192.0.2.10 rdns="mail.sender.test" helo="mail.sender.test" relay=N early=N esmtp=Y tls=N pipe=N errors=0 txns=1 rcpts=1/0/0 msgs=1/0/0 bytes=1200 lr="" time=1.9
        09:00:01 store1 smtpd[1]: 4XyZab12cDz9Qw: client=mx1.example.org[192.0.2.25]
        09:00:01 store1 cleanup[2]: 4XyZab12cDz9Qw: message-id=<h1@sender.test>
        09:00:01 store1 qmgr[3]: 4XyZab12cDz9Qw: from=<joe@sender.test>, size=1400, nrcpt=1 (queue active)
        09:00:02 store1 local[4]: 4XyZab12cDz9Qw: to=<anna@example.org>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered to mailbox)
        09:00:02 store1 qmgr[3]: 4XyZab12cDz9Qw: removed
        "#,
        expect![[r#"

            joe@sender.test → anna@example.org: delivered
            │  message-id  <h1@sender.test>, 1.2 kB
            │  came in     2026-11-22 09:00:00 UTC from [192.0.2.10]
            │
            ├─ anna@example.org: delivered to mailbox on store1 after 2 s
            │
            ├─ mx1/haraka 3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1  09:00:00 (1 s here)
            │  └─ anna@example.org: handed over as 4XyZab12cDz9Qw, +1 s
            │       2.0.0 Ok: queued as 4XyZab12cDz9Qw (3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1)
            │
            └─ store1 4XyZab12cDz9Qw  +1 s, relayed from mx1.example.org[192.0.2.25] (1 s here)
               └─ anna@example.org → local: delivered, +2 s
                    delivered to mailbox
        "#]],
    );
}
