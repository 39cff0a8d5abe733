//! B.3's caution and B.17: what the mail store made of it.

use crate::{check, journeys};
use expect_test::expect;

/// Mail to bob at the store; what Dovecot says, goes in between.
fn to_bob(dovecot: &str) -> String {
    format!(
        r"
        09:00:00.000 smtpd[60]: 4jXMZG3fZ5z1Xf28: client=mail.sender.test[192.0.2.10]
        09:00:00.010 cleanup[61]: 4jXMZG3fZ5z1Xf28: message-id=<sw-1@remote.test>
        09:00:00.020 qmgr[62]: 4jXMZG3fZ5z1Xf28: from=<sender@remote.test>, size=2900, nrcpt=1 (queue active)
        {dovecot}
        09:00:00.200 lmtp[29783]: 4jXMZG3fZ5z1Xf28: to=<bob@example.org>, relay=mx1.example.org[private/dovecot-lmtp], delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <bob@example.org> cDWCKNamAmtQdAAAg+zDdQ Saved)
        09:00:00.210 qmgr[62]: 4jXMZG3fZ5z1Xf28: removed
        "
    )
}

const SENT_ON: &str = r"
        09:00:00.100 postfix/submit2/smtpd[29814]: 4jXMZG56cDz1Xf2J: client=localhost[127.0.0.1]
        09:00:00.110 cleanup[29769]: 4jXMZG56cDz1Xf2J: message-id=<sw-1@remote.test>
        09:00:00.120 qmgr[62]: 4jXMZG56cDz1Xf2J: from=<sender@remote.test>, size=2990, nrcpt=1 (queue active)
        09:00:01.120 smtp[64]: 4jXMZG56cDz1Xf2J: to=<ext@remote.test>, relay=mx.remote.test[198.51.100.7]:25, delay=1, delays=0/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZab12cDz9Qw)
        09:00:01.130 qmgr[62]: 4jXMZG56cDz1Xf2J: removed";

#[test]
fn the_mail_log_tells_of_a_saving_too() {
    check(
        r"
        09:00:00 smtpd[10]: 8F0CEA14CB1: client=mail.sender.test[192.0.2.10]
        09:00:00 cleanup[11]: 8F0CEA14CB1: message-id=<s1@sender.test>
        09:00:00 qmgr[12]: 8F0CEA14CB1: from=<joe@sender.test>, size=900, nrcpt=1 (queue active)
        09:00:01 dovecot: lmtp(anna@example.org)<997><jJxbDXqmAms2bwAAg+zDdQ>: save: box=INBOX, uid=5, msgid=<s1@sender.test>, size=930
        09:00:01 dovecot: lmtp(anna@example.org)<997><jJxbDXqmAms2bwAAg+zDdQ>: msgid=<s1@sender.test>: saved mail to INBOX
        09:00:01 lmtp[13]: 8F0CEA14CB1: to=<anna@example.org>, relay=mx1.example.org[private/dovecot-lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 <anna@example.org> jJxbDXqmAms2bwAAg+zDdQ Saved)
        09:00:01 qmgr[12]: 8F0CEA14CB1: removed
        ",
        expect![[r#"

            joe@sender.test → anna@example.org: delivered
            │  message-id  <s1@sender.test>, 900 bytes
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ anna@example.org: delivered to INBOX on mx1 after 1 s
            │
            └─ mx1 8F0CEA14CB1  09:00:00 (1 s here)
               └─ anna@example.org → mx1.example.org[private/dovecot-lmtp]: delivered, +1 s
                  │ 250 2.0.0 <anna@example.org> jJxbDXqmAms2bwAAg+zDdQ Saved
                  └─ anna@example.org on mx1: saved in INBOX
        "#]],
    );
}

#[test]
fn redirected_without_a_copy() {
    let dovecot = "09:00:00.150 dovecot: lmtp(bob@example.org)<29776><cDWCKNamAmtQdAAAg+zDdQ>: sieve: msgid=<sw-1@remote.test>: redirect action: forwarded to <ext@remote.test>";
    check(
        &(to_bob(dovecot) + SENT_ON),
        expect![[r#"

            sender@remote.test → bob@example.org: relayed
            │  message-id  <sw-1@remote.test>, 2.9 kB
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ ext@remote.test (for bob@example.org): accepted by mx.remote.test[198.51.100.7] after 1.12 s: 250
            │      2.0.0 Ok: queued as 4XyZab12cDz9Qw
            │
            ├─ mx1 4jXMZG3fZ5z1Xf28  09:00:00 (0.21 s here)
            │  └─ bob@example.org → mx1.example.org[private/dovecot-lmtp]: delivered, +0.2 s
            │     │ 250 2.0.0 <bob@example.org> cDWCKNamAmtQdAAAg+zDdQ Saved
            │     └─ bob@example.org on mx1: Sieve redirected it to ext@remote.test
            │
            └─ mx1 4jXMZG56cDz1Xf2J  +0.1 s, redirected by Sieve, by its Message-ID (1.03 s here)
               └─ ext@remote.test → mx.remote.test[198.51.100.7]:25: accepted, +1.12 s
                    250 2.0.0 Ok: queued as 4XyZab12cDz9Qw
        "#]],
    );
}

#[test]
fn redirected_and_kept() {
    let dovecot = "09:00:00.150 dovecot: lmtp(bob@example.org)<29776><cDWCKNamAmtQdAAAg+zDdQ>: sieve: msgid=<sw-1@remote.test>: redirect action: forwarded to <ext@remote.test>
        09:00:00.151 dovecot: lmtp(bob@example.org)<29776><cDWCKNamAmtQdAAAg+zDdQ>: sieve: msgid=<sw-1@remote.test>: stored mail into mailbox 'INBOX'";
    check(
        &(to_bob(dovecot) + SENT_ON),
        expect![[r#"

            sender@remote.test → bob@example.org: delivered, relayed
            │  message-id  <sw-1@remote.test>, 2.9 kB
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ bob@example.org: delivered to INBOX on mx1 after 0.2 s
            ├─ ext@remote.test (for bob@example.org): accepted by mx.remote.test[198.51.100.7] after 1.12 s: 250
            │      2.0.0 Ok: queued as 4XyZab12cDz9Qw
            │
            ├─ mx1 4jXMZG3fZ5z1Xf28  09:00:00 (0.21 s here)
            │  └─ bob@example.org → mx1.example.org[private/dovecot-lmtp]: delivered, +0.2 s
            │     │ 250 2.0.0 <bob@example.org> cDWCKNamAmtQdAAAg+zDdQ Saved
            │     ├─ bob@example.org on mx1: Sieve redirected it to ext@remote.test
            │     └─ bob@example.org on mx1: saved in INBOX
            │
            └─ mx1 4jXMZG56cDz1Xf2J  +0.1 s, redirected by Sieve, by its Message-ID (1.03 s here)
               └─ ext@remote.test → mx.remote.test[198.51.100.7]:25: accepted, +1.12 s
                    250 2.0.0 Ok: queued as 4XyZab12cDz9Qw
        "#]],
    );
}

/// The outcome of bob in one word.
fn outcome_of_bob(dovecot: &str) -> String {
    let came = journeys(&to_bob(dovecot));
    let bob = &came.journeys[0].recipients[0];
    let mailbox = bob.saved_in().map(|it| it.to_string());
    format!("{} {}", bob.outcome.name(), mailbox.unwrap_or_default())
}

#[test]
fn the_mailbox_tells_the_truth() {
    let prefix = "09:00:00.150 dovecot: lmtp(bob@example.org)<29776><cDWCKNamAmtQdAAAg+zDdQ>:";
    let said = |what: &str| outcome_of_bob(&format!("{prefix} {what}"));
    assert_eq!(outcome_of_bob(""), "delivered ");
    assert_eq!(
        said("msgid=<sw-1@remote.test>: saved mail to INBOX"),
        "delivered INBOX"
    );
    assert_eq!(
        said(
            "sieve: msgid=<sw-1@remote.test>: discard action: Marked message to be discarded if not explicitly delivered (discard action)"
        ),
        "discarded "
    );
    assert_eq!(
        said(
            "sieve: msgid=<sw-1@remote.test>: reject action: rejected message from <sender@remote.test> (reject)"
        ),
        "rejected "
    );
    assert_eq!(
        said("sieve: msgid=<sw-1@remote.test>: redirect action: forwarded to <ext@remote.test>"),
        "handed_over "
    );
}

#[test]
fn the_session_counts_not_the_message_id() {
    // A line of another delivery of the same Message-ID, to another session of the same user.
    let other = "09:00:00.150 dovecot: lmtp(bob@example.org)<29776><cDWCKNamAmtQdAAAg+zDdQ:R2>: msgid=<sw-1@remote.test>: saved mail to Elsewhere
        09:00:00.160 dovecot: lmtp(bob@example.org)<29776><cDWCKNamAmtQdAAAg+zDdQ>: msgid=<sw-1@remote.test>: saved mail to INBOX";
    let came = journeys(&to_bob(other));
    let bob = &came.journeys[0].recipients[0];
    let own: Vec<String> = bob
        .mailbox
        .iter()
        .filter(|it| it.session == bob.attempts[0].next_queue_id)
        .filter_map(|it| it.mailbox.as_ref().map(|it| it.to_string()))
        .collect();
    assert_eq!(own, ["INBOX"]);
    assert_eq!(
        bob.saved_in().map(|it| it.to_string()).as_deref(),
        Some("INBOX")
    );
}

#[test]
fn what_the_user_did_with_it_afterwards() {
    let dovecot = "09:00:00.150 dovecot: lmtp(bob@example.org)<29776><cDWCKNamAmtQdAAAg+zDdQ>: msgid=<sw-1@remote.test>: saved mail to INBOX";
    let read = "
        10:30:00.000 dovecot: imap-login: Login: user=<bob@example.org>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, mpid=997, TLS, session=<5S0tQdlgFsR/AAAB>
        10:30:05.000 dovecot: imap(bob@example.org)<997><5S0tQdlgFsR/AAAB>: copy from INBOX: box=Trash, uid=7, msgid=<sw-1@remote.test>, size=2900
        10:30:05.100 dovecot: imap(bob@example.org)<997><5S0tQdlgFsR/AAAB>: expunge: box=INBOX, uid=7, msgid=<sw-1@remote.test>, size=2900
        10:31:00.000 dovecot: imap(carl@example.org)<998><6T1uRemgGtS/AAAC>: expunge: box=INBOX, uid=9, msgid=<sw-1@remote.test>, size=2900";
    check(
        &(to_bob(dovecot) + read),
        expect![[r#"

        sender@remote.test → bob@example.org: delivered
        │  message-id  <sw-1@remote.test>, 2.9 kB
        │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
        │
        ├─ bob@example.org: delivered to INBOX on mx1 after 0.2 s
        │
        ├─ mx1 4jXMZG3fZ5z1Xf28  09:00:00 (0.21 s here)
        │  └─ bob@example.org → mx1.example.org[private/dovecot-lmtp]: delivered, +0.2 s
        │     │ 250 2.0.0 <bob@example.org> cDWCKNamAmtQdAAAg+zDdQ Saved
        │     └─ bob@example.org on mx1: saved in INBOX
        │
        └─ in the mailbox afterwards
           ├─ bob@example.org on mx1: copied to Trash, +1 h 30 min, by imap from [203.0.113.7]
           └─ bob@example.org on mx1: removed for good from INBOX, +1 h 30 min, by imap from [203.0.113.7]
    "#]],
    );
}

#[test]
fn redirected_by_a_copy_that_was_queued_before_dovecot_says_so() {
    let dovecot = format!(
        "{SENT_ON}
        09:00:00.150 dovecot: lmtp(bob@example.org)<29776><cDWCKNamAmtQdAAAg+zDdQ>: sieve: msgid=<sw-1@remote.test>: redirect action: forwarded to <ext@remote.test>"
    );
    let came = journeys(&to_bob(&dovecot));
    let [journey] = &came.journeys[..] else {
        panic!("{} messages", came.journeys.len());
    };
    assert_eq!(journey.hops.len(), 2);
    assert_eq!(journey.recipients[0].outcome.name(), "relayed");
}

#[test]
fn the_store_speaks_first_where_files_have_whole_seconds() {
    check(
        r"
        09:00:00 dovecot: lmtp(anna@example.org)<15254><UB1vAD9QA2uWOwAAg+zDdQ>: sieve: msgid=<fwd@example.org>: redirect action: forwarded to <bob@example.org>
        09:00:00 dovecot: lmtp(anna@example.org)<15254><UB1vAD9QA2uWOwAAg+zDdQ:T2>: sieve: msgid=<no@example.org>: reject action: rejected message from <carol@example.org> (reject)
        09:00:00 smtpd[15247]: C48939E66DA: client=mail.sender.test[192.0.2.10]
        09:00:00 cleanup[15251]: C48939E66DA: message-id=<fwd@example.org>
        09:00:00 qmgr[15245]: C48939E66DA: from=<carol@example.org>, size=326, nrcpt=1 (queue active)
        09:00:00 smtpd[15248]: 089279E66F2: client=localhost[127.0.0.1]
        09:00:00 cleanup[15255]: 089279E66F2: message-id=<fwd@example.org>
        09:00:00 qmgr[15245]: 089279E66F2: from=<carol@example.org>, size=781, nrcpt=1 (queue active)
        09:00:00 lmtp[15252]: C48939E66DA: to=<anna@example.org>, relay=mx1.example.org[private/lmtp], delay=0.24, delays=0.2/0.01/0/0.03, dsn=2.0.0, status=sent (250 2.0.0 <anna@example.org> UB1vAD9QA2uWOwAAg+zDdQ Saved)
        09:00:00 qmgr[15245]: C48939E66DA: removed
        09:00:00 lmtp[15253]: 089279E66F2: to=<bob@example.org>, relay=mx1.example.org[private/lmtp], delay=0.08, delays=0.02/0.01/0.01/0.04, dsn=2.0.0, status=sent (250 2.0.0 <bob@example.org> 6DAlAz9QA2uWOwAAg+zDdQ Saved)
        09:00:00 qmgr[15245]: 089279E66F2: removed
        09:00:00 smtpd[15247]: D70419E66DB: client=mail.sender.test[192.0.2.10]
        09:00:00 cleanup[15251]: D70419E66DB: message-id=<no@example.org>
        09:00:00 qmgr[15245]: D70419E66DB: from=<carol@example.org>, size=326, nrcpt=1 (queue active)
        09:00:00 smtpd[15248]: DC1239EE59D: client=localhost[127.0.0.1]
        09:00:00 cleanup[15255]: DC1239EE59D: message-id=<dovecot-1795379312-899625-0@mx1>
        09:00:00 qmgr[15245]: DC1239EE59D: from=<>, size=1614, nrcpt=1 (queue active)
        09:00:00 lmtp[15252]: D70419E66DB: to=<anna@example.org>, relay=mx1.example.org[private/lmtp], delay=0.24, delays=0.2/0.01/0/0.03, dsn=2.0.0, status=sent (250 2.0.0 <anna@example.org> UB1vAD9QA2uWOwAAg+zDdQ:T2 Saved)
        09:00:00 qmgr[15245]: D70419E66DB: removed
        ",
        expect![[r#"

            <> → an unknown recipient: still in the queue
            │  message-id  <dovecot-1795379312-899625-0@mx1>, 1.6 kB
            │  came in     2026-11-22 09:00:00 UTC from localhost[127.0.0.1]
            │  this is     an automatic reply to D70419E66DB on mx1
            │
            ├─ 1 recipient that no line names: still in the queue on mx1
            │
            └─ mx1 DC1239EE59D  09:00:00

            carol@example.org → anna@example.org: rejected
            │  message-id  <no@example.org>, 326 bytes
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ anna@example.org: refused by the Sieve script of anna@example.org: reject
            │
            ├─ mx1 D70419E66DB  09:00:00 (0 s here)
            │  └─ anna@example.org → mx1.example.org[private/lmtp]: delivered, +0 s
            │     │ 250 2.0.0 <anna@example.org> UB1vAD9QA2uWOwAAg+zDdQ:T2 Saved
            │     └─ anna@example.org on mx1: Sieve refused it: reject
            │
            └─ automatic reply: DC1239EE59D on mx1

            carol@example.org → anna@example.org: delivered
            │  message-id  <fwd@example.org>, 326 bytes
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ bob@example.org (for anna@example.org): delivered to the mail store mx1.example.org[private/lmtp]
            │      on mx1 after 0 s
            │
            ├─ mx1 C48939E66DA  09:00:00 (0 s here)
            │  └─ anna@example.org → mx1.example.org[private/lmtp]: delivered, +0 s
            │     │ 250 2.0.0 <anna@example.org> UB1vAD9QA2uWOwAAg+zDdQ Saved
            │     └─ anna@example.org on mx1: Sieve redirected it to bob@example.org
            │
            └─ mx1 089279E66F2  +0 s, redirected by Sieve, by its Message-ID (0 s here)
               └─ bob@example.org → mx1.example.org[private/lmtp]: delivered, +0 s
                    250 2.0.0 <bob@example.org> 6DAlAz9QA2uWOwAAg+zDdQ Saved
        "#]],
    );
}
