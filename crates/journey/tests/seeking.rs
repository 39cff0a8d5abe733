//! `waybill trace` on files takes few lines apart: what it tells of a message must be what all lines
//! tell.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use correlate::{Correlator, Read, Sink};
use expect_test::{Expect, expect};
use ingest::LogSet;
use jiff::tz::TimeZone;
use journey::draw::{Style, tree};
use journey::{Gathering, What};
use model::{Link, Row, Timestamp};
use pipeline::{Seed, Settings, WINDOW_MS};
use std::path::Path;
use std::sync::Arc;

struct Collecting(Gathering);

impl Sink for Collecting {
    fn row(&mut self, row: &Row<'_>) {
        self.0.row(row);
    }

    fn link(&mut self, link: &Link) {
        self.0.link(link);
    }
}

fn settings() -> Settings {
    Settings {
        zone: TimeZone::UTC,
        year: None,
        now: Timestamp::from_seconds(1_800_000_000),
        window_ms: WINDOW_MS,
        host: Some("mx1".into()),
        workers: 1,
    }
}

/// The journeys of what is looked for, of the lines that `read` hands on.
fn drawn(what: &str, read: impl FnOnce(&mut dyn FnMut(Read<'_>))) -> String {
    let mut gathering = Collecting(Gathering::without_lines());
    let mut correlator = Correlator::new(correlate::Settings { keep_text: false });
    read(&mut |read| correlator.apply(read, &mut gathering));
    correlator.finish(&mut gathering);
    let journeys = gathering.0.journeys();
    let found = journey::find(&journeys, &What::parse(what));
    let trees: Vec<String> = found.iter().map(|it| tree(it, &Style::plain())).collect();
    format!("\n{}", trees.join("\n"))
}

/// Writes lines that are set in for people.
fn write(path: &Path, log: &str) {
    let lines = log.lines().map(str::trim).filter(|it| !it.is_empty());
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    std::fs::write(path, text).unwrap();
}

/// What is told of all lines, and what of those that are sought, which must be the same.
fn told(log: &str, what: &str) -> String {
    told_of(&[("mail.log", log)], what)
}

/// The same of several files.
fn told_of(logs: &[(&str, &str)], what: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, log) in logs {
        write(&folder.path().join(name), log);
    }
    let sets: Vec<LogSet> = ingest::find(&[folder.path().into()]).sets;
    let whole = drawn(what, |take| {
        pipeline::run(&sets, &settings(), &Arc::default(), take);
    });
    let seed = Seed {
        text: what.trim_matches(['<', '>']).into(),
        ignore_case: false,
        followed_max: 100,
    };
    let sought = drawn(what, |take| {
        pipeline::seek(&sets, &settings(), &Arc::default(), &seed, take);
    });
    assert_eq!(sought, whole, "sought, and of all lines");
    sought
}

fn check(log: &str, what: &str, expect: Expect) {
    expect.assert_eq(&told(log, what));
}

/// A message to two, of which one is refused, and its notification; beside it mail of the same sender
/// and a notification to another.
const OPENSMTPD: &str = r#"
    Nov 22 09:00:00 mx1 smtpd[7]: 1111111111111111 smtp message msgid=aaaaaaa1 size=700 nrcpt=1 proto=ESMTP
    Nov 22 09:00:00 mx1 smtpd[7]: 1111111111111111 smtp envelope evpid=aaaaaaa100000001 from=<erik@example.net> to=<fine@remote.test>
    Nov 22 09:00:01 mx1 smtpd[7]: 2222222222222222 mta delivery evpid=aaaaaaa100000001 from=<erik@example.net> to=<fine@remote.test> rcpt=<-> source="192.0.2.1" relay="198.51.100.7 (mx.remote.test)" delay=1s result="Ok" stat="250 2.0.0 Ok: queued as 4XyZab12cDz9Qw"
    Nov 22 09:10:00 mx1 smtpd[7]: 3333333333333333 smtp connected address=192.0.2.10 host=pc.example.net
    Nov 22 09:10:00 mx1 smtpd[7]: 3333333333333333 smtp message msgid=bbbbbbb2 size=900 nrcpt=2 proto=ESMTP
    Nov 22 09:10:00 mx1 smtpd[7]: 3333333333333333 smtp envelope evpid=bbbbbbb200000001 from=<erik@example.net> to=<bob@remote.test>
    Nov 22 09:10:00 mx1 smtpd[7]: 3333333333333333 smtp envelope evpid=bbbbbbb200000002 from=<erik@example.net> to=<gone@remote.test>
    Nov 22 09:10:00 mx1 smtpd[7]: 3333333333333333 smtp disconnected reason=quit
    Nov 22 09:10:01 mx1 smtpd[7]: 4444444444444444 mta delivery evpid=bbbbbbb200000001 from=<erik@example.net> to=<bob@remote.test> rcpt=<-> source="192.0.2.1" relay="198.51.100.7 (mx.remote.test)" delay=1s result="Ok" stat="250 2.0.0 Ok: queued as 4XyZab12cDz9Qx"
    Nov 22 09:10:01 mx1 smtpd[7]: 4444444444444444 mta delivery evpid=bbbbbbb200000002 from=<erik@example.net> to=<gone@remote.test> rcpt=<-> source="192.0.2.1" relay="198.51.100.7 (mx.remote.test)" delay=1s result="PermFail" stat="550 5.1.1 no such user"
    Nov 22 09:10:02 mx1 smtpd[7]: 5555555555555555 smtp connected address=local host=mx1.example.net
    Nov 22 09:10:02 mx1 smtpd[7]: 5555555555555555 smtp message msgid=ccccccc3 size=1716 nrcpt=1 proto=ESMTP
    Nov 22 09:10:02 mx1 smtpd[7]: 5555555555555555 smtp envelope evpid=ccccccc300000001 from=<> to=<erik@example.net>
    Nov 22 09:10:02 mx1 smtpd[7]: 5555555555555555 smtp disconnected reason=quit
    Nov 22 09:10:02 mx1 smtpd[7]: 6666666666666666 mda delivery evpid=ccccccc300000001 from=<> to=<erik@example.net> rcpt=<erik@example.net> user=erik delay=0s result=Ok stat=Delivered
    Nov 22 09:10:02 mx1 smtpd[7]: 7777777777777777 smtp connected address=local host=mx1.example.net
    Nov 22 09:10:02 mx1 smtpd[7]: 7777777777777777 smtp message msgid=ddddddd4 size=1700 nrcpt=1 proto=ESMTP
    Nov 22 09:10:02 mx1 smtpd[7]: 7777777777777777 smtp envelope evpid=ddddddd400000001 from=<> to=<fiona@example.net>
    Nov 22 09:10:02 mx1 smtpd[7]: 8888888888888888 mda delivery evpid=ddddddd400000001 from=<> to=<fiona@example.net> rcpt=<fiona@example.net> user=fiona delay=0s result=Ok stat=Delivered
"#;

#[test]
fn a_notification_of_opensmtpd_is_found_from_its_message_and_the_message_from_it() {
    check(
        OPENSMTPD,
        "bbbbbbb2",
        expect![[r#"

        erik@example.net → bob@remote.test and gone@remote.test: relayed, bounced
        │  message-id  not logged, 900 bytes
        │  came in     2026-11-22 09:10:00 UTC from pc.example.net[192.0.2.10]
        │
        ├─ bob@remote.test: accepted by mx.remote.test[198.51.100.7] after 1 s: 250 2.0.0 Ok: queued as
        │      4XyZab12cDz9Qx
        ├─ gone@remote.test: bounced by mx.remote.test[198.51.100.7] after 1 s: 550 5.1.1 no such user; the
        │      sender was told (ccccccc3, delivered)
        │
        ├─ mx1/smtpd bbbbbbb2  09:10:00 (1 s here)
        │  ├─ bob@remote.test → mx.remote.test[198.51.100.7]: accepted, +1 s
        │  │    250 2.0.0 Ok: queued as 4XyZab12cDz9Qx
        │  └─ gone@remote.test → mx.remote.test[198.51.100.7]: bounced, +1 s
        │       550 5.1.1 no such user
        │
        └─ told the sender that it failed: ccccccc3 +2 s, delivered to erik@example.net
    "#]],
    );
    check(
        OPENSMTPD,
        "ccccccc3",
        expect![[r#"

        <> → erik@example.net: delivered
        │  message-id  not logged, 1.7 kB
        │  came in     2026-11-22 09:10:02 UTC from mx1.example.net[local]
        │  this is     a notification about bbbbbbb2 on mx1
        │
        ├─ erik@example.net: delivered on mx1 after 0 s
        │
        └─ mx1/smtpd ccccccc3  09:10:02 (0 s here)
           └─ erik@example.net: delivered, +0 s
                Delivered
    "#]],
    );
}

#[test]
fn whose_a_notification_is_stays_open_where_two_messages_failed_at_once() {
    let other = r#"
        Nov 22 09:09:59 mx1 smtpd[7]: 9999999999999999 smtp message msgid=eeeeeee5 size=700 nrcpt=1 proto=ESMTP
        Nov 22 09:09:59 mx1 smtpd[7]: 9999999999999999 smtp envelope evpid=eeeeeee500000001 from=<erik@example.net> to=<none@remote.test>
        Nov 22 09:10:01 mx1 smtpd[7]: 4444444444444444 mta delivery evpid=eeeeeee500000001 from=<erik@example.net> to=<none@remote.test> rcpt=<-> source="192.0.2.1" relay="198.51.100.7 (mx.remote.test)" delay=2s result="PermFail" stat="550 5.1.1 no such user"
    "#;
    let log = format!("{other}{OPENSMTPD}");
    let journey = told(&log, "bbbbbbb2");
    assert!(journey.contains("550 5.1.1 no such user"), "{journey}");
    assert!(!journey.contains("ccccccc3"), "{journey}");
}

/// The first failure was two days before the notification, which waited for another recipient.
const COURIER: &str = r"
    Nov 20 09:00:00 mx1 courierd: newmsg,id=0000000000000001.000000006B000001.00000001: dns; pc.example.net (pc.example.net [::ffff:192.0.2.10])
    Nov 20 09:00:00 mx1 courierd: started,id=0000000000000001.000000006B000001.00000001,from=<erik@example.net>,module=esmtp,host=remote.test,addr=<gone@remote.test>
    Nov 20 09:00:00 mx1 courierd: started,id=0000000000000001.000000006B000001.00000001,from=<erik@example.net>,module=esmtp,host=remote.test,addr=<later@remote.test>
    Nov 20 09:00:01 mx1 courieresmtp: id=0000000000000001.000000006B000001.00000001,from=<erik@example.net>,addr=<gone@remote.test>: 550 5.1.1 no such user
    Nov 20 09:00:01 mx1 courieresmtp: id=0000000000000001.000000006B000001.00000001,from=<erik@example.net>,addr=<gone@remote.test>,status: failure
    Nov 20 09:00:01 mx1 courieresmtp: id=0000000000000001.000000006B000001.00000001,from=<erik@example.net>,addr=<later@remote.test>: 450 4.2.0 come again
    Nov 20 09:00:01 mx1 courieresmtp: id=0000000000000001.000000006B000001.00000001,from=<erik@example.net>,addr=<later@remote.test>,status: deferred
    Nov 20 09:00:01 mx1 courierd: completed,id=0000000000000001.000000006B000001.00000001
    Nov 22 09:00:00 mx1 courierd: started,id=0000000000000001.000000006B000001.00000001,from=<erik@example.net>,module=esmtp,host=remote.test,addr=<later@remote.test>
    Nov 22 09:00:01 mx1 courieresmtp: id=0000000000000001.000000006B000001.00000001,from=<erik@example.net>,addr=<later@remote.test>: 250 2.0.0 Ok: queued as 4XyZab12cDz9Qx
    Nov 22 09:00:01 mx1 courieresmtp: id=0000000000000001.000000006B000001.00000001,from=<erik@example.net>,addr=<later@remote.test>,success: delivered: mx.remote.test [198.51.100.7]
    Nov 22 09:00:01 mx1 courieresmtp: id=0000000000000001.000000006B000001.00000001,from=<erik@example.net>,addr=<later@remote.test>,status: success
    Nov 22 09:00:01 mx1 courierd: completed,id=0000000000000001.000000006B000001.00000001
    Nov 22 09:00:01 mx1 courierd: started,id=0000000000000001.000000006B000001.00000001,from=<>,module=dsn,host=,addr=<erik@example.net>
    Nov 22 09:00:01 mx1 courierd: newmsg,id=0000000000000002.000000006B000002.00000002: dns; localhost (localhost [127.0.0.1])
    Nov 22 09:00:01 mx1 courierd: started,id=0000000000000002.000000006B000002.00000002,from=<>,module=local,host=erik!!1000!1000!/home/erik!!,addr=<erik@example.net>
    Nov 22 09:00:01 mx1 courierd: completed,id=0000000000000001.000000006B000001.00000001
    Nov 22 09:00:02 mx1 courierlocal: id=0000000000000002.000000006B000002.00000002,from=<>,addr=<erik@example.net>,size=2961,success: Message delivered.
    Nov 22 09:00:02 mx1 courierd: completed,id=0000000000000002.000000006B000002.00000002
    Nov 22 11:00:00 mx1 courierd: newmsg,id=0000000000000003.000000006B000003.00000003: dns; mx.other.test (mx.other.test [::ffff:192.0.2.20])
    Nov 22 11:00:00 mx1 courierd: started,id=0000000000000003.000000006B000003.00000003,from=<>,module=local,host=erik!!1000!1000!/home/erik!!,addr=<erik@example.net>
    Nov 22 11:00:01 mx1 courierlocal: id=0000000000000003.000000006B000003.00000003,from=<>,addr=<erik@example.net>,size=2961,success: Message delivered.
    Nov 22 11:00:01 mx1 courierd: completed,id=0000000000000003.000000006B000003.00000003
";

#[test]
fn a_notification_of_courier_is_found_however_late_it_is_written() {
    check(
        COURIER,
        "0000000000000001.000000006B000001.00000001",
        expect![[r#"

            erik@example.net → gone@remote.test and later@remote.test: relayed, bounced
            │  message-id  not logged
            │  came in     2026-11-20 09:00:00 UTC from pc.example.net[192.0.2.10], HELO pc.example.net
            │
            ├─ gone@remote.test: bounced after 1 s: 550 5.1.1 no such user; the sender was told
            │      (0000000000000002.000000006B000002.00000002, delivered)
            ├─ later@remote.test: accepted by mx.remote.test[198.51.100.7] after 2 d: 250 2.0.0 Ok: queued as
            │      4XyZab12cDz9Qx
            │
            ├─ mx1/courierd 0000000000000001.000000006B000001.00000001  09:00:00 (2 d here)
            │  ├─ gone@remote.test: bounced, +1 s
            │  │    550 5.1.1 no such user
            │  ├─ later@remote.test: deferred, +1 s
            │  │    450 4.2.0 come again
            │  └─ later@remote.test → mx.remote.test[198.51.100.7]: accepted, +2 d
            │       250 2.0.0 Ok: queued as 4XyZab12cDz9Qx
            │
            └─ told the sender that it failed: 0000000000000002.000000006B000002.00000002 +2 d, delivered to
                   erik@example.net
        "#]],
    );
    check(
        COURIER,
        "0000000000000002.000000006B000002.00000002",
        expect![[r#"

            <> → erik@example.net: delivered
            │  message-id  not logged
            │  came in     2026-11-22 09:00:01 UTC from localhost[127.0.0.1], HELO localhost
            │  this is     a notification about 0000000000000001.000000006B000001.00000001 on mx1
            │
            ├─ erik@example.net: delivered on mx1 after 1 s
            │
            └─ mx1/courierd 0000000000000002.000000006B000002.00000002  09:00:01 (1 s here)
               └─ erik@example.net: delivered, +1 s
                    Message delivered.
        "#]],
    );
}

#[test]
fn a_filters_own_log_of_whole_seconds_judges_what_began_within_the_second() {
    let mail = r"
        2026-11-22T09:00:00.115968+00:00 mx1 postfix/smtpd[1]: 1209AA0A332: client=mail.sender.test[192.0.2.10]
        2026-11-22T09:00:00.215968+00:00 mx1 postfix/cleanup[2]: 1209AA0A332: message-id=<good@sender.test>
        2026-11-22T09:00:00.416110+00:00 mx1 postfix/qmgr[3]: 1209AA0A332: from=<joe@sender.test>, size=364, nrcpt=1 (queue active)
        2026-11-22T09:00:00.555968+00:00 mx1 postfix/lmtp[4]: 1209AA0A332: to=<anna@example.org>, relay=mx1[private/lmtp], delay=0.5, delays=0.4/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Saved)
        2026-11-22T09:00:00.557162+00:00 mx1 postfix/qmgr[3]: 1209AA0A332: removed
    ";
    let rspamd = "2026-11-22 09:00:00 #7(rspamd_proxy) <16f223>; proxy; rspamd_task_write_log: id: <good@sender.test>, qid: <1209AA0A332>, ip: 192.0.2.10, from: <joe@sender.test>, (default: F (no action): [1.20/15.00] [R_SPF_ALLOW(-0.20){},MISSING_TO(1.40){}]), len: 152, time: 95.299ms, dns req: 0, digest: <4bab4a6c9f168a8ee7b110eda6adbbbd>";
    let spamd = "Sun Nov 22 09:00:00 2026 [8] info: spamd: result: . -1 - BAYES_00,SPF_PASS scantime=0.1,size=364,user=anna,uid=8,required_score=5.0,rhost=127.0.0.1,raddr=127.0.0.1,rport=4711,mid=<good@sender.test>,autolearn=no";
    let logs = [
        ("mail.log", mail),
        ("rspamd.log", rspamd),
        ("spamd.log", spamd),
    ];
    expect![[r#"

        joe@sender.test → anna@example.org: delivered
        │  message-id  <good@sender.test>, 364 bytes
        │  came in     2026-11-22 09:00:00.115 UTC from mail.sender.test[192.0.2.10]
        │
        ├─ anna@example.org: delivered to the mail store mx1[private/lmtp] on mx1 after 0.44 s
        │
        └─ mx1 1209AA0A332  09:00:00.115 (0.441 s here)
           ├─ rspamd (16f223) let it pass as no action: score 1.2, took 0.095 s
           ├─ spamd let it pass as CLEAN: score -1, took 0.1 s
           └─ anna@example.org → mx1[private/lmtp]: delivered, +0.44 s
                250 2.0.0 Saved
    "#]]
    .assert_eq(&told_of(&logs, "<good@sender.test>"));
}

#[test]
fn a_message_of_ciscos_gateway_is_found_by_its_numbers() {
    let log = r"
        Nov 22 09:00:00 esa1 mail_logs: Info: New SMTP ICID 101 interface Data1 (198.51.100.7) address 192.0.2.25 reverse dns host mx.sender.test verified yes
        Nov 22 09:00:00 esa1 mail_logs: Info: Start MID 501 ICID 101
        Nov 22 09:00:00 esa1 mail_logs: Info: MID 501 ICID 101 From: <joe@sender.test>
        Nov 22 09:00:00 esa1 mail_logs: Info: MID 501 ICID 101 RID 0 To: <anna@example.org>
        Nov 22 09:00:01 esa1 mail_logs: Info: MID 501 Message-ID '<c1@sender.test>'
        Nov 22 09:00:01 esa1 mail_logs: Info: MID 501 ready 501 bytes from <joe@sender.test>
        Nov 22 09:00:01 esa1 mail_logs: Info: MID 5011 ready 501 bytes from <joe@sender.test>
        Nov 22 09:00:02 esa1 mail_logs: Info: New SMTP DCID 201 interface 198.51.100.7 address 192.0.2.26 port 25
        Nov 22 09:00:02 esa1 mail_logs: Info: Delivery start DCID 201 MID 501 to RID [0]
        Nov 22 09:00:02 esa1 mail_logs: Info: Delivery start DCID 201 MID 502 to RID [0]
        Nov 22 09:00:03 esa1 mail_logs: Info: MID 501 RID [0] Response '2.0.0 Ok: queued as 8F0CEA14CB1'
        Nov 22 09:00:03 esa1 mail_logs: Info: Message finished MID 501 done
        Nov 22 09:00:02 mx1 postfix/smtpd[1]: 8F0CEA14CB1: client=esa1.example.org[198.51.100.7]
        Nov 22 09:00:02 mx1 postfix/cleanup[2]: 8F0CEA14CB1: message-id=<c1@sender.test>
        Nov 22 09:00:02 mx1 postfix/qmgr[3]: 8F0CEA14CB1: from=<joe@sender.test>, size=700, nrcpt=1 (queue active)
        Nov 22 09:00:03 mx1 postfix/qmgr[3]: 8F0CEA14CB1: removed
    ";
    let journey = told(log, "<c1@sender.test>");
    assert!(
        journey.contains("from mx.sender.test[192.0.2.25]"),
        "{journey}"
    );
    assert!(journey.contains("→ [192.0.2.26]:25"), "{journey}");
    assert!(journey.contains("handed over as 8F0CEA14CB1"), "{journey}");
}

#[test]
fn what_was_done_by_number_in_a_zimbra_mailbox_is_found_by_the_message_id() {
    let mta = r"
        2026-11-22T09:00:00.000+00:00 mx1 postfix/smtpd[10]: 8F0CEA14CB1: client=mail.sender.test[192.0.2.10]
        2026-11-22T09:00:00.100+00:00 mx1 postfix/cleanup[11]: 8F0CEA14CB1: message-id=<z1@sender.test>
        2026-11-22T09:00:00.110+00:00 mx1 postfix/qmgr[12]: 8F0CEA14CB1: from=<joe@sender.test>, size=900, nrcpt=1 (queue active)
        2026-11-22T09:00:00.300+00:00 mx1 postfix/lmtp[13]: 8F0CEA14CB1: to=<anna@example.org>, relay=mx1.example.org[192.0.2.25]:7025, delay=0.3, delays=0.1/0/0/0.2, dsn=2.1.5, status=sent (250 2.1.5 Delivery OK)
        2026-11-22T09:00:00.310+00:00 mx1 postfix/qmgr[12]: 8F0CEA14CB1: removed
    ";
    let store = r"
        2026-11-22 09:00:00,210 INFO  [LmtpServer-1] [name=anna@example.org;mid=3;ip=192.0.2.25;] mailop - Adding Message: id=257, Message-ID=<z1@sender.test>, parentId=-257, folderId=2, folderName=Inbox.
        2026-11-22 09:00:00,250 INFO  [LmtpServer-2] [name=carl@example.org;mid=5;ip=192.0.2.25;] mailop - Adding Message: id=257, Message-ID=<z2@sender.test>, parentId=-257, folderId=2, folderName=Inbox.
        2026-11-24 09:05:00,000 INFO  [qtp1-137:https://mail.example.org/service/soap/MsgActionRequest] [name=carl@example.org;mid=5;oip=192.0.2.11;soapId=9fd8100;] mailop - Deleting Message (id=257).
        2026-11-24 09:15:00,000 INFO  [ImapServer-7] [name=anna@example.org;mid=3;ip=192.0.2.9;cid=42;] mailop - Performing IMAP copy of Message (id=257): copyId=302, folderId=3, folderName=Trash, parentId=-302.
        2026-11-24 09:15:01,000 INFO  [ImapServer-7] [name=anna@example.org;mid=3;ip=192.0.2.9;cid=42;] mailop - Deleting items: 255,257.
        2026-11-25 09:20:00,000 INFO  [qtp1-138:https://mail.example.org/service/soap/MsgActionRequest] [name=anna@example.org;mid=3;oip=203.0.113.9;soapId=9fd8102;] mailop - Deleting Message (id=302).
    ";
    let logs = [("mail.log", mta), ("mailbox.log", store)];
    expect![[r#"

        joe@sender.test → anna@example.org: delivered
        │  message-id  <z1@sender.test>, 900 bytes
        │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
        │
        ├─ anna@example.org: delivered to Inbox on mx1 after 0.3 s
        │
        ├─ mx1 8F0CEA14CB1  09:00:00 (0.31 s here)
        │  ├─ anna@example.org on mx1: saved in Inbox
        │  └─ anna@example.org → mx1.example.org[192.0.2.25]:7025: delivered, +0.3 s
        │       250 2.1.5 Delivery OK
        │
        └─ in the mailbox afterwards
           ├─ anna@example.org on mx1: copied to Trash, +2 d, by imap from [192.0.2.9]
           ├─ anna@example.org on mx1: removed for good, +2 d, by imap from [192.0.2.9]
           └─ anna@example.org on mx1: removed for good, +3 d, by http from [203.0.113.9]
    "#]]
    .assert_eq(&told_of(&logs, "<z1@sender.test>"));
}
