//! Which lines belong to which message, and how it ended: the expected output of the tracker of
//! Proxmox Mail Gateway, which names lines by their numbers.
//!
//! Of a message (`QENTRY`) is compared: its `QMGR:` lines and its `client=` line are exactly the
//! lines of our queue item with that id; the other `SMTP:` lines are exactly those of the one
//! session of ours that it came in, and of other items begun in that session. Of a session without
//! message (`SMTPD`): its lines are exactly those of one session of ours and of what was refused in
//! it. Of both: each recipient, with its sender and how it ended.
//!
//! Of the lines of `pmg-smtp-filter` is compared that each has a rule. Which message the filter made
//! of the one that it took is found by the Message-ID that comes back.

use crate::locate;
use crate::read::{self, Came};
use journey::{Hop, Outcome};
use model::Kind;
use std::collections::BTreeSet;

const PAIRS: [&str; 4] = [
    "after_queue_duplicate_msgid",
    "before_queue_syntax_reject",
    "foreign_lines",
    "misleading_lines",
];

/// What differs, by pair and place, and why.
const DEVIATIONS: [(&str, &str, &str); 2] = [
    (
        "misleading_lines",
        "session 1: not in it: [7]",
        "smtpd warns of a client's host name before it logs the connect: a row of its own",
    ),
    (
        "misleading_lines",
        "session of message 1: not in it: [1]",
        "as above",
    ),
];

type Lines = BTreeSet<u64>;

/// A block of the expected output.
#[derive(Debug, Default)]
struct Block {
    /// Of a message its queue id.
    queue_id: Option<String>,
    recipients: Vec<Expected>,
    /// Lines by section: `SMTP`, `FILTER`, `QMGR`, `LOGS`.
    smtp: Lines,
    filter: Lines,
    qmgr: Lines,
    logs: Lines,
}

#[derive(Debug)]
struct Expected {
    /// `2` a success, `A` accepted by the filter, `Q` quarantined, `B` blocked, `N` refused.
    ended: String,
    mail_from: String,
    rcpt_to: String,
    /// The next hop; behind the filter the next queue id.
    next: String,
}

#[test]
fn messages_and_sessions_have_the_lines_that_the_tracker_gives_them() {
    let Some(root) = locate::root() else { return };
    let folder = root.join("proxmox-mail-gateway/pmg-log-tracker");
    let mut found = Vec::new();
    let (mut messages, mut sessions) = (0, 0);
    for pair in PAIRS {
        let blocks = blocks(&locate::text(&folder.join(format!("test_output_{pair}"))));
        let came = read::file(&folder.join(format!("test_input_{pair}")));
        let of_message = blocks.iter().filter(|it| it.queue_id.is_some());
        let of_session = blocks.iter().filter(|it| it.queue_id.is_none());
        let mut differs = Vec::new();
        for (at, block) in of_message.enumerate() {
            compare_message(&came, block, at + 1, &mut differs);
            messages += 1;
        }
        for (at, block) in of_session.enumerate() {
            compare_session(&came, block, at + 1, &mut differs);
            sessions += 1;
        }
        found.extend(differs.into_iter().map(|it| (pair, it)));
    }
    println!(
        "{messages} messages, {sessions} sessions, {} deviations",
        found.len()
    );
    assert_eq!((messages, sessions), (3, 4));
    let known = DEVIATIONS.map(|(pair, what, _)| (pair, what.to_owned()));
    found.sort();
    assert_eq!(found, known);
}

/// The same in own words, for where there is no corpus: the filter takes the message by LMTP, and
/// no line that is read tells what it made of it but the Message-ID that comes back.
#[test]
fn what_a_gateway_filter_gives_back_is_the_same_message() {
    const LOG: &str = "\
Nov 22 08:00:00 mx1 postfix/smtpd[910]: 1C9C820087: client=mail.partner.test[192.0.2.44]
Nov 22 08:00:00 mx1 postfix/cleanup[915]: 1C9C820087: message-id=<n1@partner.test>
Nov 22 08:00:00 mx1 postfix/qmgr[900]: 1C9C820087: from=<b@partner.test>, size=900, nrcpt=1 (queue active)
Nov 22 08:00:02 mx1 postfix/smtpd[930]: 5F5E120088: client=localhost[127.0.0.1], orig_client=mail.partner.test[192.0.2.44]
Nov 22 08:00:02 mx1 postfix/cleanup[915]: 5F5E120088: message-id=<n1@partner.test>
Nov 22 08:00:02 mx1 postfix/qmgr[900]: 5F5E120088: from=<b@partner.test>, size=1200, nrcpt=1 (queue active)
Nov 22 08:00:02 mx1 postfix/smtp[940]: 5F5E120088: to=<alice@example.org>, relay=store1.example.org[198.51.100.5]:25, delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 3E1A020087)
Nov 22 08:00:02 mx1 postfix/qmgr[900]: 5F5E120088: removed
Nov 22 08:00:02 mx1 postfix/lmtp[920]: 1C9C820087: to=<alice@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=2, delays=0/0/0/2, dsn=2.5.0, status=sent (250 2.5.0 OK (1A2B3C0FFE))
Nov 22 08:00:02 mx1 postfix/qmgr[900]: 1C9C820087: removed
";
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("mail.log");
    std::fs::write(&path, LOG).expect("it can be written to");
    let came = read::file(&path);
    let [journey] = &came.journeys[..] else {
        panic!("{} messages", came.journeys.len());
    };
    assert_eq!(journey.hops.len(), 2);
    assert_eq!(journey.outcome(), Some(Outcome::Relayed));
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut section = String::new();
    for line in text.lines() {
        let (name, rest) = line.split_once(':').unwrap_or((line, ""));
        match name {
            "QENTRY" | "SMTPD" => blocks.push(Block {
                queue_id: (name == "QENTRY").then(|| rest.trim().to_owned()),
                ..Block::default()
            }),
            "SMTP" | "FILTER" | "QMGR" | "LOGS" => name.clone_into(&mut section),
            "TO" => {
                let block = blocks.last_mut().expect("a block has begun");
                block.recipients.push(expected(rest));
            }
            _ if line.starts_with('L') && line.as_bytes().get(9) == Some(&b' ') => {
                let number = u64::from_str_radix(&line[1..9], 16).expect("a line number");
                let block = blocks.last_mut().expect("a block has begun");
                let lines = match section.as_str() {
                    "SMTP" => &mut block.smtp,
                    "FILTER" => &mut block.filter,
                    "QMGR" => &mut block.qmgr,
                    _ => &mut block.logs,
                };
                lines.insert(number);
            }
            _ => {}
        }
    }
    blocks
}

/// `TIME:ID:ENDED: from <...> to <...> (NEXT)`.
fn expected(rest: &str) -> Expected {
    let mut parts = rest.splitn(4, ':');
    let ended = parts.nth(2).expect("how it ended").to_owned();
    let words = parts.next().expect("sender and recipient");
    let (sender, behind) = words.split_once("> to <").expect("both addresses");
    let (rcpt_to, next) = behind.split_once('>').expect("a whole address");
    Expected {
        ended,
        mail_from: sender.trim_start_matches(" from <").to_owned(),
        rcpt_to: rcpt_to.to_owned(),
        next: next.trim().trim_matches(['(', ')']).to_owned(),
    }
}

fn compare_message(came: &Came, block: &Block, number: usize, differs: &mut Vec<String>) {
    let queue_id = block.queue_id.as_deref().expect("a message");
    let hops = came.journeys.iter().flat_map(|it| &it.hops);
    let mut hops = hops.filter(|it| *it.queue_id == queue_id);
    let (Some(hop), None) = (hops.next(), hops.next()) else {
        differs.push(format!("message {number}: not one hop"));
        return;
    };
    let ours = item_lines(came, hop);
    let theirs: Lines = block
        .qmgr
        .iter()
        .copied()
        .chain(ours.intersection(&block.smtp).copied())
        .collect();
    if ours != theirs || ours.intersection(&block.smtp).count() != 1 {
        differs.push(format!("message {number}: {theirs:?}, ours {ours:?}"));
    }
    let session: Lines = block.smtp.difference(&ours).copied().collect();
    compare_with_session(
        came,
        session,
        &format!("session of message {number}"),
        differs,
    );
    differs.extend(unread(came, &block.filter));
    for (at, expected) in block.recipients.iter().enumerate() {
        let ours = ended(came, hop, expected);
        if !agrees(&expected.ended, &ours) {
            let at = at + 1;
            differs.push(format!(
                "recipient {at} of message {number}: {}, ours {ours}",
                expected.ended
            ));
        }
    }
}

/// The lines of an item, without those of its session.
fn item_lines(came: &Came, hop: &Hop) -> Lines {
    let rows = came.rows.iter().filter(|it| it.item == Some(hop.key));
    rows.flat_map(|it| it.lines.iter().copied()).collect()
}

/// How a recipient ended at a hop, or `handed over` to the hop that is expected.
fn ended(came: &Came, hop: &Hop, expected: &Expected) -> String {
    let journey = came.journeys.iter().find(|it| it.hop(hop.key).is_some());
    let journey = journey.expect("the hop is from there");
    let sender = hop.mail_from.as_ref().map(ToString::to_string);
    if sender.as_deref() != Some(&expected.mail_from) {
        return "from another sender".to_owned();
    }
    let is = |it: &&journey::Recipient| *it.rcpt_to == expected.rcpt_to.as_str();
    let Some(recipient) = journey.recipients.iter().find(is) else {
        return "nobody".to_owned();
    };
    let at_hop = recipient.attempts.iter().rfind(|it| it.item == hop.key);
    let next = at_hop.and_then(|it| journey.hop(it.next?));
    match next {
        Some(next) if *next.queue_id == expected.next.as_str() => "handed over".to_owned(),
        Some(_) => "handed over elsewhere".to_owned(),
        None => recipient.outcome.name().to_owned(),
    }
}

fn agrees(theirs: &str, ours: &str) -> bool {
    match theirs {
        "2" => ours == Outcome::Relayed.name() || ours == Outcome::Delivered.name(),
        "A" => ours == "handed over",
        "B" | "N" => ours == Outcome::Rejected.name(),
        "Q" => ours == Outcome::Discarded.name(),
        _ => false,
    }
}

fn compare_session(came: &Came, block: &Block, number: usize, differs: &mut Vec<String>) {
    let filter: Lines = came
        .rows
        .iter()
        .filter(|it| it.program == "pmg-smtp-filter")
        .flat_map(|it| it.lines.iter().copied())
        .collect();
    let mut lines: Lines = block.logs.difference(&filter).copied().collect();
    differs.extend(unread(
        came,
        &block.logs.intersection(&filter).copied().collect(),
    ));
    if block.recipients.is_empty() && lines.len() == 1 {
        // A line that no rule knows, of a process that serves nobody.
        let row = row_of(came, *lines.first().expect("one"));
        if row.kind != Kind::Unknown || row.item.is_some() || row.session.is_some() {
            differs.push(format!("session {number}: the line is known"));
        }
        return;
    }
    for (at, expected) in block.recipients.iter().enumerate() {
        let refused = came.refusals.iter().find(|it| {
            it.rcpt_to
                .as_ref()
                .is_some_and(|it| **it == expected.rcpt_to.as_str())
                && it
                    .mail_from
                    .as_ref()
                    .is_some_and(|it| **it == expected.mail_from.as_str())
        });
        let ours = match refused {
            Some(it) if it.kind == Kind::MessageRejected => Outcome::Rejected.name(),
            Some(it) => it.kind.name(),
            None => "nobody",
        };
        if !agrees(&expected.ended, ours) {
            let at = at + 1;
            differs.push(format!(
                "recipient {at} of session {number}: {}, ours {ours}",
                expected.ended
            ));
        }
    }
    // What was refused or warned of in the session has a row of its own, which tells of the session.
    let sessions: BTreeSet<_> = lines
        .iter()
        .filter_map(|&it| row_of(came, it).session.as_ref())
        .collect();
    if sessions.len() != 1 {
        differs.push(format!("session {number}: {} sessions", sessions.len()));
    }
    lines.retain(|&it| {
        let row = row_of(came, it);
        row.kind == Kind::SessionClosed || row.session.is_none()
    });
    compare_with_session(came, lines, &format!("session {number}"), differs);
}

/// Lines that should be exactly those of one session, but for those that are items' own.
fn compare_with_session(came: &Came, mut lines: Lines, name: &str, differs: &mut Vec<String>) {
    let is_item = |it: &u64| row_of(came, *it).item.is_some();
    lines.retain(|it| !is_item(it));
    let rows = came.rows.iter().filter(|it| {
        it.kind == Kind::SessionClosed && it.lines.iter().any(|line| lines.contains(line))
    });
    let ours: Vec<Lines> = rows.map(|it| it.lines.iter().copied().collect()).collect();
    let [ours] = &ours[..] else {
        differs.push(format!("{name}: {} sessions", ours.len()));
        return;
    };
    let missing: Vec<u64> = lines.difference(ours).copied().collect();
    let more: Vec<u64> = ours.difference(&lines).copied().collect();
    if !missing.is_empty() {
        differs.push(format!("{name}: not in it: {missing:?}"));
    }
    if !more.is_empty() {
        differs.push(format!("{name}: in it too: {more:?}"));
    }
}

/// Says which of the filter's lines no rule reads.
fn unread(came: &Came, lines: &Lines) -> Option<String> {
    let unread = |it: &&u64| row_of(came, **it).kind == Kind::Unknown;
    let unread: Vec<&u64> = lines.iter().filter(unread).collect();
    (!unread.is_empty()).then(|| format!("the filter's lines {unread:?} are not read"))
}

fn row_of(came: &Came, line: u64) -> &read::RowTold {
    let row = came.rows.iter().find(|it| it.lines.contains(&line));
    row.expect("each line is in a row")
}
