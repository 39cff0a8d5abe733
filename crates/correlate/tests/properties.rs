//! What must hold for any log: each line in exactly one row, the same rows whatever is in between,
//! wherever the state is written and read back, and however often the log is read.

mod told;

use correlate::{Correlator, Read, Settings};
use jiff::tz::TimeZone;
use model::{Line, LineId, Timestamp};
use proptest::prelude::*;
use told::{Telling, tell, tell_received};
use traffic::{Plan, write_day};

/// The lines of a generated piece of a day.
fn day(lines: u64, seed: u64) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let plan = Plan {
        lines,
        seed,
        ..Plan::default()
    };
    write_day(&plan, &mut |_, line| all.push(line.to_vec()), &mut |_| {});
    all
}

#[test]
fn each_line_is_in_exactly_one_row() {
    for seed in 1..4 {
        let lines = day(30_000, seed);
        let mut ids = tell(&lines, &[]).line_ids;
        ids.sort_unstable();
        let expected: Vec<u64> = (0..lines.len() as u64).collect();
        assert!(
            ids == expected,
            "seed {seed}: {} lines in, {} in rows",
            expected.len(),
            ids.len()
        );
    }
}

#[test]
fn a_host_whose_clock_is_ahead_does_not_end_what_others_wait_for() {
    let lines = [
        "2026-11-22T08:00:00Z mx1 postfix/smtpd[7]: 4AAA111111: client=a.example[192.0.2.1]",
        "2026-11-22T08:00:00Z mx1 postfix/cleanup[8]: 4AAA111111: message-id=<m1@a.example>",
        "2026-11-22T08:00:00Z mx1 postfix/qmgr[9]: 4AAA111111: from=<anna@a.example>, size=812, nrcpt=1 (queue active)",
        "2026-11-22T08:00:01Z mx1 postfix/smtp[9]: 4AAA111111: to=<bob@b.example>, relay=mx2.b.example[192.0.2.9]:25, delay=0.3, delays=0.1/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4BBB222222)",
        "2027-11-22T08:00:01Z odd postfix/qmgr[9]: 4CCC333333: removed",
        "2026-11-22T08:00:01Z mx2 postfix/smtpd[7]: 4BBB222222: client=mx1.a.example[192.0.2.2]",
        "2026-11-22T08:00:01Z mx2 postfix/cleanup[8]: 4BBB222222: message-id=<m1@a.example>",
    ];
    let lines = lines.map(|line| line.as_bytes().to_vec());
    let received = Timestamp::from_seconds(1_795_334_402);
    let of_all = |received| tell_received(&lines, &[], received).links.len();
    assert_eq!(of_all(Some(received)), 1);
    // From files nobody knows when lines were written, but by what they say.
    assert_eq!(of_all(None), 0);
}

#[test]
fn what_is_open_is_told_without_an_end() {
    // At each cut it is compared with an end (see `tell`): a delivery whose message is to come, an attempt whose
    // result is, a session, and lines of a process that has none.
    let lines = [
        "2026-11-22T08:00:00Z mx1 qmail: 1795334400.000001 new msg 100",
        "2026-11-22T08:00:00Z mx1 qmail: 1795334400.000002 info msg 100: bytes 812 from <anna@a.example> qp 5 uid 1",
        "2026-11-22T08:00:01Z mx1 qmail: 1795334401.000001 starting delivery 1: msg 100 to remote bob@b.example",
        "2026-11-22T08:00:01Z mx2 postfix/smtpd[7]: connect from a.example[192.0.2.1]",
        "2026-11-22T08:00:01Z mx2 postfix/smtp[9]: 4BBB222222: to=<bob@b.example>, relay=c.example[192.0.2.9]:25, delay=0.3, delays=0.1/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
        "2026-11-22T08:00:01Z mx2 postfix/smtp[11]: connect to c.example[192.0.2.9]:25: Connection timed out",
        "2026-11-22T08:00:02Z mx1 qmail: 1795334402.000001 delivery 1: success: 192.0.2.9_accepted_message./",
    ];
    let lines = lines.map(|line| line.as_bytes().to_vec());
    let cuts: Vec<usize> = (0..lines.len()).collect();
    let told = tell(&lines, &cuts);
    assert_eq!(told.line_ids.len(), lines.len());
}

#[test]
fn a_log_read_again_tells_the_same() {
    let lines = day(20_000, 7);
    assert!(tell(&lines, &[]).rows == tell(&lines, &[]).rows);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// A state written and read back goes on as if nothing had been.
    #[test]
    fn snapshots_change_nothing(seed in 0..1000u64, mut cuts in prop::collection::vec(0..6000usize, 1..5)) {
        let lines = day(6_000, seed);
        cuts.sort_unstable();
        let (whole, cut) = (tell(&lines, &[]), tell(&lines, &cuts));
        let differs = whole.rows.iter().zip(&cut.rows).find(|(one, other)| one != other);
        prop_assert!(differs.is_none(), "{:#?}", differs);
        prop_assert_eq!(whole.rows.len(), cut.rows.len());
        prop_assert!(whole.links == cut.links);
    }

    /// Messages that have nothing to do with each other tell the same in any interleaving.
    #[test]
    fn interleaving_changes_nothing(order in prop::collection::vec(0..STORIES.len(), 1..200)) {
        let stories: Vec<Vec<String>> = (0..STORIES.len()).map(story).collect();
        let mut next = vec![0; stories.len()];
        let mut lines = Vec::new();
        let all = order.into_iter().chain((0..STORIES.len()).flat_map(|it| [it; 40]));
        for (second, which) in all.enumerate() {
            if let Some(text) = stories[which].get(next[which]) {
                next[which] += 1;
                lines.push(stamped(second, text));
            }
        }
        let mixed = tell(&lines, &[]);
        for alone in stories {
            let lines: Vec<Vec<u8>> = alone.iter().enumerate().map(|(at, text)| stamped(at, text)).collect();
            let alone = tell(&lines, &[]);
            for told in &alone.timeless {
                prop_assert!(mixed.timeless.contains(told), "missing: {}", told);
            }
        }
        prop_assert_eq!(mixed.line_ids.len(), lines.len());
    }
}

fn stamped(second: usize, text: &str) -> Vec<u8> {
    format!(
        "2026-11-22T10:{:02}:{:02}.{:06}Z mx1 {text}",
        second / 600,
        second / 10 % 60,
        second % 10
    )
    .into_bytes()
}

/// One story with ids and process numbers of its own, so that it is independent of the others.
fn story(which: usize) -> Vec<String> {
    let own = |text: &str| {
        text.replace("{q}", &format!("4jXNLn0rVKz{which}a"))
            .replace("{r}", &format!("4jXNLn0rVKz{which}b"))
            .replace("{p}", &format!("{}", 100 + which * 10))
            .replace("{n}", &which.to_string())
    };
    STORIES[which].iter().map(|text| own(text)).collect()
}

const STORIES: &[&[&str]] = &[
    &[
        "postfix/smtpd[{p}]: connect from mail.a.test[192.0.2.{n}]",
        "postfix/smtpd[{p}]: {q}: client=mail.a.test[192.0.2.{n}]",
        "postfix/cleanup[{p}1]: {q}: message-id=<s{n}@a.test>",
        "postfix/qmgr[9]: {q}: from=<x{n}@a.test>, size=2201, nrcpt=1 (queue active)",
        "postfix/smtpd[{p}]: disconnect from mail.a.test[192.0.2.{n}] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5",
        "postfix/lmtp[{p}2]: {q}: to=<anna{n}@example.org>, relay=mx1.example.org[private/dovecot-lmtp], delay=0.12, delays=0.06/0.01/0/0.05, dsn=2.0.0, status=sent (250 2.0.0 <anna{n}@example.org> jJxbDXqmAms{n}bwAAg Saved)",
        "postfix/qmgr[9]: {q}: removed",
    ],
    &[
        "postfix/smtpd[{p}]: connect from mail.b.test[192.0.2.{n}]",
        "postfix/smtpd[{p}]: NOQUEUE: reject: RCPT from mail.b.test[192.0.2.{n}]: 550 5.1.1 <no{n}@example.org>: Recipient address rejected: User unknown in virtual mailbox table; from=<b{n}@b.test> to=<no{n}@example.org> proto=ESMTP helo=<mail.b.test>",
        "postfix/smtpd[{p}]: disconnect from mail.b.test[192.0.2.{n}] ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4",
    ],
    &[
        "postfix/smtpd[{p}]: {q}: client=localhost[127.0.0.1]",
        "postfix/cleanup[{p}1]: {q}: message-id=<f{n}@c.test>",
        "postfix/qmgr[9]: {q}: from=<c{n}@c.test>, size=300, nrcpt=1 (queue active)",
        "postfix/reinject/smtpd[{p}3]: {r}: client=localhost[127.0.0.1]",
        "postfix/cleanup[{p}1]: {r}: message-id=<f{n}@c.test>",
        "postfix/qmgr[9]: {r}: from=<c{n}@c.test>, size=510, nrcpt=1 (queue active)",
        "postfix/smtp[{p}4]: {q}: to=<bob{n}@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.39, delays=0.04/0.08/0.05/0.21, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as {r})",
        "postfix/qmgr[9]: {q}: removed",
        "postfix/smtp[{p}5]: {r}: to=<bob{n}@example.org>, relay=mx.d.test[198.51.100.7]:25, delay=1, delays=0/0/0.5/0.5, dsn=4.7.1, status=deferred (host mx.d.test[198.51.100.7] said: 451 4.7.1 Greylisted (in reply to RCPT TO command))",
        "postfix/qmgr[9]: {r}: from=<c{n}@c.test>, size=510, nrcpt=1 (queue active)",
        "postfix/smtp[{p}5]: {r}: to=<bob{n}@example.org>, relay=mx.d.test[198.51.100.7]:25, delay=300, delays=299/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 9ZZ{n})",
        "postfix/qmgr[9]: {r}: removed",
    ],
    &[
        "postfix/pickup[{p}]: {q}: uid=33 from=<www-data>",
        "postfix/cleanup[{p}1]: {q}: message-id=<g{n}@mx1.example.org>",
        "postfix/qmgr[9]: {q}: from=<www-data@mx1.example.org>, size=900, nrcpt=1 (queue active)",
        "postfix/smtp[{p}5]: {q}: to=<gone{n}@d.test>, relay=mx.d.test[198.51.100.7]:25, delay=1, delays=0/0/0.5/0.5, dsn=5.1.1, status=bounced (host mx.d.test[198.51.100.7] said: 550 5.1.1 User unknown (in reply to RCPT TO command))",
        "postfix/cleanup[{p}1]: {r}: message-id=<20261122.{r}@mx1.example.org>",
        "postfix/bounce[{p}7]: {q}: sender non-delivery notification: {r}",
        "postfix/qmgr[9]: {r}: from=<>, size=2362, nrcpt=1 (queue active)",
        "postfix/qmgr[9]: {q}: removed",
        "postfix/local[{p}8]: {r}: to=<www-data@mx1.example.org>, relay=local, delay=0.01, delays=0/0/0/0.01, dsn=2.0.0, status=sent (delivered to mailbox)",
        "postfix/qmgr[9]: {r}: removed",
    ],
];

/// The stories alone are what the properties compare with: so they must be right.
#[test]
fn the_stories_tell_what_they_say() {
    let of = |which: usize| -> Telling {
        let lines: Vec<Vec<u8>> = story(which)
            .iter()
            .enumerate()
            .map(|(at, text)| stamped(at, text))
            .collect();
        tell(&lines, &[])
    };
    assert_eq!(
        of(0).kinds(),
        "message.accepted session.closed delivery.delivered message.closed"
    );
    assert_eq!(of(1).kinds(), "message.rejected session.closed");
    assert_eq!(
        of(2).kinds(),
        "message.accepted message.accepted delivery.relayed message.closed delivery.deferred \
         delivery.relayed message.closed"
    );
    assert_eq!(of(2).links.len(), 1);
    assert_eq!(
        of(3).kinds(),
        "message.accepted delivery.bounced dsn.sent message.accepted message.closed \
         delivery.delivered message.closed"
    );
    assert_eq!(of(3).links.len(), 1);
}

/// A newsletter sends one Message-ID very often; the time that takes must not grow with the square.
#[test]
fn one_message_id_very_often() {
    let lines: Vec<Vec<u8>> = (0..20_000)
        .flat_map(|n| {
            let id = format!("4jXNLn{n:05}zyQd").replace(['a', 'e', 'i', 'o', 'u'], "b");
            [
                format!("postfix/pickup[5]: {id}: uid=33 from=<list-bounces+{n}@example.org>"),
                format!("postfix/cleanup[6]: {id}: message-id=<news@example.org>"),
                format!(
                    "postfix/qmgr[9]: {id}: from=<list-bounces+{n}@example.org>, size=900, nrcpt=1 (queue active)"
                ),
            ]
        })
        .enumerate()
        .map(|(at, text)| stamped(at / 600, &text))
        .collect();
    let telling = tell(&lines, &[30_000]);
    assert_eq!(telling.line_ids.len(), lines.len());
    assert_eq!(telling.kinds().matches("message.accepted").count(), 20_000);
}

/// Exim's daemon writes who calls, another process that the call is over or has broken off.
#[test]
fn a_host_with_very_many_closed_messages_takes_nothing_from_others() {
    const MANY: usize = 1_010_000;
    let mut correlator = Correlator::new(Settings { keep_text: true });
    let mut clock = parse::Clock::new(TimeZone::UTC, Timestamp::from_seconds(1_795_400_000), None);
    let mut telling = Telling::default();
    let mut take = |number: usize, text: &str| {
        let event = parse::line(text.as_bytes());
        let (at, origin) = clock.understand(&event.stamp);
        let line = Line {
            id: LineId(number as u64),
            at,
            raw: text.as_bytes(),
        };
        let event = &event;
        correlator.apply(
            Read {
                event,
                origin,
                line,
            },
            &mut telling,
        );
        telling.rows.clear();
        telling.timeless.clear();
    };
    take(
        0,
        "2026-11-22T08:00:00Z mx2 postfix/smtpd[7]: 4BBB222222: client=mx1.a.example[192.0.2.2]",
    );
    take(
        1,
        "2026-11-22T08:00:01Z mx2 postfix/qmgr[8]: 4BBB222222: removed",
    );
    for number in 0..MANY {
        let second = number / 30_000;
        take(
            2,
            &format!("2026-11-22T08:00:{second:02}Z bulk postfix/qmgr[9]: 4{number:09X}: removed"),
        );
    }
    take(
        3,
        "2026-11-22T08:01:00Z mx1 postfix/smtp[9]: 4AAA111111: to=<bob@b.example>, relay=mx2[192.0.2.9]:25, delay=0.3, delays=0.1/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4BBB222222)",
    );
    take(
        4,
        "2026-11-22T08:02:00Z mx1 postfix/qmgr[9]: 4AAA111111: removed",
    );
    let messages = correlator.sizes().messages;
    assert!((990_000..=1_000_002).contains(&messages), "{messages}");
    assert_eq!(telling.links.len(), 1);
}

#[test]
fn a_session_at_exim_is_over_with_its_last_line() {
    let lines: Vec<Vec<u8>> = [
        "exim[99]: SMTP connection from [192.0.2.10]:36192 (TCP/IP connection count = 1)",
        "exim[99]: SMTP connection from [192.0.2.11]:40001 (TCP/IP connection count = 2)",
        "exim[101]: SMTP connection from mx.example.net [192.0.2.10]:36192 closed by QUIT",
        "exim[102]: unexpected disconnection while reading SMTP command from (x) [192.0.2.11]:40001 D=1s",
    ]
    .iter()
    .enumerate()
    .map(|(at, text)| stamped(at, text))
    .collect();
    let telling = tell(&lines, &[3]);
    assert_eq!(telling.kinds(), "session.closed session.closed");
    assert!(telling.rows[0].contains("[99]") && telling.rows[0].contains("[101]"));
    assert!(telling.rows[1].contains("[99]") && telling.rows[1].contains("[102]"));
}

/// Zimbra deletes two messages that it names by their numbers in the mailbox.
#[test]
fn messages_of_a_mailbox_are_known_by_number_after_a_restart() {
    let lines: Vec<Vec<u8>> = [
        "2026-11-22 09:00:00,210 INFO  [LmtpServer-1] [name=anna@example.org;mid=3;ip=192.0.2.25;] mailop - Adding Message: id=257, Message-ID=<z1@sender.test>, parentId=-257, folderId=2, folderName=Inbox.",
        "2026-11-22 09:00:01,210 INFO  [LmtpServer-1] [name=anna@example.org;mid=3;ip=192.0.2.25;] mailop - Adding Message: id=258, Message-ID=<z2@sender.test>, parentId=-258, folderId=2, folderName=Inbox.",
        "2026-11-22 09:00:02,210 INFO  [LmtpServer-1] [name=carl@example.org;mid=5;ip=192.0.2.25;] mailop - Adding Message: id=257, Message-ID=<z3@sender.test>, parentId=-257, folderId=2, folderName=Inbox.",
        "2026-11-22 09:10:00,000 INFO  [ImapServer-7] [name=anna@example.org;mid=3;ip=192.0.2.9;] mailop - Deleting items: 257,258,900.",
    ]
    .map(|line| line.as_bytes().to_vec())
    .into();
    let telling = tell(&lines, &[3]);
    assert_eq!(
        telling.kinds(),
        "mailbox.saved mailbox.saved mailbox.saved mailbox.expunged mailbox.expunged"
    );
    assert_eq!(
        telling.stored[3..],
        ["<z1@sender.test>", "<z2@sender.test>"]
    );
    assert_eq!(telling.line_ids, [0, 1, 2, 3], "the line is in one row");
}
