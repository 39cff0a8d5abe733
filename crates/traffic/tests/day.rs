//! The generated day against its own truth, read with nothing but string splitting.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::{HashMap, HashSet};
use traffic::{ItemKey, Outcome, Plan, Stamps, Summary, TrueMessage, write_day};

struct Day {
    lines: Vec<String>,
    truth: Vec<TrueMessage>,
    summary: Summary,
}

fn day(plan: &Plan) -> Day {
    let (mut lines, mut truth) = (Vec::new(), Vec::new());
    let summary = write_day(
        plan,
        &mut |_, line| lines.push(String::from_utf8(line.to_vec()).unwrap()),
        &mut |message| truth.push(message.clone()),
    );
    Day {
        lines,
        truth,
        summary,
    }
}

fn plan(lines: u64) -> Plan {
    Plan {
        lines,
        ..Plan::default()
    }
}

/// FNV-1a of all lines and all truth.
fn fingerprint(day: &Day) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    let mut add = |bytes: &[u8]| {
        for byte in bytes.iter().chain(b"\n") {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        }
    };
    for line in &day.lines {
        add(line.as_bytes());
    }
    for message in &day.truth {
        add(&serde_json::to_vec(message).unwrap());
    }
    hash
}

/// Stamp, host, instance, program with its process id, text.
fn parts(line: &str) -> (&str, &str, &str, &str, &str) {
    let (stamp, rest) = line.split_once(' ').unwrap();
    let (host, rest) = rest.split_once(' ').unwrap();
    let (tag, text) = rest.split_once(": ").unwrap();
    let (instance, program) = tag.split_once('/').unwrap_or(("", tag));
    (stamp, host, instance, program, text)
}

/// The message id an Exim line begins with.
fn exim_id(text: &str) -> Option<&str> {
    let (id, _) = text.split_once(' ')?;
    let dashes: Vec<usize> = id.match_indices('-').map(|it| it.0).collect();
    let fits = matches!((id.len(), &dashes[..]), (16, [6, 13]) | (23, [6, 18]));
    fits.then_some(id)
}

/// The queue id a Postfix line begins with.
fn queue_id(text: &str) -> Option<&str> {
    let (id, _) = text.split_once(": ")?;
    let plain = id.len() >= 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (plain && id.bytes().any(|byte| byte.is_ascii_digit())).then_some(id)
}

fn key(line: &str) -> Option<(&str, &str, &str)> {
    let (_, host, instance, program, text) = parts(line);
    if program.starts_with("exim[") {
        return Some((host, "exim", exim_id(text)?));
    }
    let id = queue_id(text).filter(|_| instance.starts_with("postfix"))?;
    Some((host, instance, id))
}

#[test]
fn a_seed_gives_the_same_bytes_for_ever() {
    let first = day(&plan(20_000));
    assert_eq!(fingerprint(&first), fingerprint(&day(&plan(20_000))));
    assert_eq!(format!("{:016x}", fingerprint(&first)), "83be38e891538ca2");
    let other = day(&Plan {
        seed: 2,
        ..plan(20_000)
    });
    assert_ne!(fingerprint(&first), fingerprint(&other));
}

#[test]
fn lines_are_as_many_as_planned_and_in_order_of_time() {
    for wanted in [5_000, 20_000, 200_000] {
        let day = day(&plan(wanted));
        let off = day.lines.len().abs_diff(wanted as usize);
        assert!(
            off * 50 <= wanted as usize,
            "{wanted} lines wanted, {} given",
            day.lines.len()
        );
        assert_eq!(day.summary.lines, day.lines.len() as u64);
        let programs: u64 = day.summary.lines_by_program.values().sum();
        assert_eq!(programs, day.summary.lines);
        assert!(
            day.lines
                .windows(2)
                .all(|pair| pair[0][..32] <= pair[1][..32])
        );
        let mut last = HashMap::new();
        for line in &day.lines {
            let (stamp, host, ..) = parts(line);
            if let Some(before) = last.insert(host, stamp) {
                assert!(before < stamp, "stamp repeated: {line}");
            }
        }
    }
}

#[test]
fn truth_and_lines_name_the_same_items() {
    let day = day(&plan(100_000));
    let told: HashSet<_> = day.lines.iter().filter_map(|line| key(line)).collect();
    let mut true_items = HashSet::new();
    let mut lines_of = 0;
    for message in &day.truth {
        lines_of += u64::from(message.lines);
        for item in &message.items {
            assert!(item.first_seen_us >= plan(0).start * 1_000_000, "{item:?}");
            true_items.insert((item.host, item.instance, item.queue_id.as_str()));
        }
    }
    assert_eq!(told, true_items);
    let mut counted = 0;
    for line in &day.lines {
        let (_, _, _, program, text) = parts(line);
        let amavis = program.starts_with("amavis");
        let stored = program == "dovecot"
            && text.starts_with("lmtp(")
            && text.contains("msgid=")
            && !text.contains("msgid=unspecified: failed ");
        let accepted = text.starts_with("proxy-accept: ");
        counted += u64::from(key(line).is_some() || amavis || stored || accepted);
    }
    assert_eq!(counted, lines_of);
}

#[test]
fn an_item_is_removed_once_and_nothing_follows() {
    let day = day(&plan(100_000));
    let mut removed = HashMap::new();
    for line in &day.lines {
        let Some(key) = key(line) else { continue };
        let (.., program, text) = parts(line);
        if key.1 == "exim" {
            continue;
        }
        let head = text.contains(": client=") || text.contains(": uid=");
        if head || (text.contains(": message-id=") && removed.contains_key(&key)) {
            removed.remove(&key);
        }
        assert!(!removed.contains_key(&key), "line after `removed`: {line}");
        if text.ends_with(": removed") || text.contains(": removed (") {
            assert!(!program.starts_with("smtp["), "{line}");
            removed.insert(key, line);
        }
    }
}

/// Whether the last line told a status of a class; Exim tells none where nobody replied.
fn has_status(rcpt: &traffic::TrueRecipient, class: char) -> bool {
    match &rcpt.enhanced_status {
        Some(status) => status.starts_with(class),
        None => rcpt.item.instance == "exim",
    }
}

#[test]
fn outcomes_agree_with_the_last_items() {
    let day = day(&plan(200_000));
    let mut seen = HashSet::new();
    for message in &day.truth {
        assert!(!message.items.is_empty() && !message.recipients.is_empty());
        assert!(
            message
                .items
                .windows(2)
                .all(|pair| pair[0].first_seen_us <= pair[1].first_seen_us)
        );
        for rcpt in &message.recipients {
            seen.insert(rcpt.outcome);
            let leaf = &rcpt.item;
            let same = |key: &ItemKey, item: &traffic::TrueItem| {
                (key.host, key.instance, &key.queue_id)
                    == (item.host, item.instance, &item.queue_id)
            };
            assert!(
                message.items.iter().any(|item| same(leaf, item)),
                "{message:?}"
            );
            match rcpt.outcome {
                Outcome::Delivered | Outcome::Relayed => {
                    assert!(has_status(rcpt, '2'), "{message:?}");
                }
                Outcome::Bounced if !message.probe => {
                    assert!(has_status(rcpt, '5'), "{message:?}");
                }
                Outcome::Expired => assert!(rcpt.deferrals > 3, "{message:?}"),
                Outcome::Aborted => assert_eq!(rcpt.enhanced_status, None),
                _ => {}
            }
        }
    }
    for outcome in [
        Outcome::Delivered,
        Outcome::Relayed,
        Outcome::Bounced,
        Outcome::Expired,
        Outcome::Discarded,
        Outcome::Held,
        Outcome::Deleted,
        Outcome::Aborted,
        Outcome::Rejected,
    ] {
        assert!(seen.contains(&outcome), "{outcome:?} never happened");
    }
    let told: usize = day.truth.iter().map(|message| message.dsns.len()).sum();
    let caused = day
        .truth
        .iter()
        .filter(|message| message.cause.is_some())
        .count();
    assert_eq!((told, caused as u64), (caused, day.summary.notifications));
    assert!(day.summary.equal_ids > 0);
}

#[test]
fn sums_can_be_counted_in_the_lines() {
    let day = day(&plan(50_000));
    let count =
        |what: &dyn Fn(&str) -> bool| day.lines.iter().filter(|line| what(line)).count() as u64;
    let sums = &day.summary;
    assert_eq!(
        sums.deferral_lines,
        count(&|line| line.contains(", status=deferred (") || is_of_exim(line, " == "))
    );
    assert_eq!(
        sums.bounces,
        count(&|line| {
            let expired = line.ends_with(": retry timeout exceeded");
            line.contains(", status=bounced (") || is_of_exim(line, " ** ") && !expired
        })
    );
    assert_eq!(
        sums.expired,
        count(&|line| {
            line.contains(", status=expired, ") || line.ends_with(": retry timeout exceeded")
        })
    );
    assert_eq!(
        sums.sessions,
        count(&|line| {
            line.contains("smtpd[") && line.contains("]: connect from ")
                || line.contains(" (TCP/IP connection count = ")
        })
    );
    assert_eq!(
        sums.noqueue_rejects,
        count(&|line| {
            let of_exim = line.contains(" rejected ") && line.contains("]: H=");
            line.contains("]: NOQUEUE: reject: ") || of_exim && !line.contains(" input=")
        })
    );
    assert_eq!(
        sums.sasl_failures,
        count(&|line| {
            line.contains(" authentication failed: ") || line.contains(" authenticator failed for ")
        })
    );
    assert_eq!(sums.logins, count(&|line| line.contains("-login: Login: ")));
    assert_eq!(
        sums.logins_failed,
        count(&|line| line.contains("-login: Disconnected: ") && line.contains("(auth failed"))
    );
    assert_eq!(
        sums.notifications,
        count(&|line| line.contains(" notification: ") || is_of_exim(line, " <= <> R="))
    );
    assert_eq!(sums.messages, day.truth.len() as u64);
}

/// Whether an Exim line has a flag behind its message id.
fn is_of_exim(line: &str, flag: &str) -> bool {
    let (.., program, text) = parts(line);
    program.starts_with("exim[")
        && exim_id(text).is_some_and(|id| text[id.len()..].starts_with(flag))
}

#[test]
fn a_process_serves_one_session_at_a_time() {
    let day = day(&plan(50_000));
    let mut busy = HashSet::new();
    for line in &day.lines {
        let (_, host, instance, program, text) = parts(line);
        if !program.contains("smtpd[") {
            continue;
        }
        let process = (host, instance, program);
        if text.starts_with("connect from ") {
            assert!(busy.insert(process), "already connected: {line}");
        } else if text.starts_with("disconnect from ") {
            assert!(busy.remove(&process), "not connected: {line}");
        } else if !text.starts_with("warning: hostname ") {
            assert!(busy.contains(&process), "outside a session: {line}");
        }
    }
    assert!(busy.is_empty());
}

#[test]
fn ids_are_used_again_after_a_rest() {
    let day = day(&Plan {
        seed: 5,
        ..plan(700_000)
    });
    assert!(
        day.summary.queue_id_reuses >= 10,
        "{}",
        day.summary.queue_id_reuses
    );
    let mut items: Vec<_> = day
        .truth
        .iter()
        .flat_map(|message| &message.items)
        .map(|item| {
            (
                (item.host, item.instance, item.queue_id.as_str()),
                item.first_seen_us,
            )
        })
        .collect();
    items.sort_unstable();
    let mut reuses = 0;
    for pair in items.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        assert!(pair[1].1 - pair[0].1 > 2_000_000, "{pair:?}");
        reuses += 1;
    }
    assert_eq!(reuses, day.summary.queue_id_reuses);
}

#[test]
fn exims_message_ids_tell_their_time_and_are_never_used_again() {
    let day = day(&plan(200_000));
    let mut seen = HashSet::new();
    let items = day.truth.iter().flat_map(|message| &message.items);
    for item in items.filter(|item| item.instance == "exim") {
        assert!(seen.insert(&item.queue_id), "{item:?}");
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => i64::from(byte - b'0'),
            b'A'..=b'Z' => i64::from(byte - b'A') + 10,
            _ => i64::from(byte - b'a') + 36,
        };
        let id = item.queue_id.as_bytes();
        let second = id[..6].iter().fold(0, |sum, byte| sum * 62 + digit(*byte));
        assert!(
            (0..2).contains(&(item.first_seen_us / 1_000_000 - second)),
            "{item:?}"
        );
        assert_eq!(
            item.queue_id.len(),
            if item.host == "exim1" { 16 } else { 23 }
        );
    }
    assert!(seen.len() > 500);
}

#[test]
fn mail_goes_between_exim_and_postfix_both_ways() {
    let day = day(&plan(200_000));
    let mut ways = HashSet::new();
    for message in &day.truth {
        let names = message.items.iter().map(|item| item.instance == "exim");
        let names: Vec<bool> = names.collect();
        ways.extend(names.windows(2).map(|pair| (pair[0], pair[1])));
    }
    assert_eq!(ways.len(), 4);
}

#[test]
fn shuffling_keeps_the_lines_and_bounds_the_delay() {
    let straight = day(&plan(20_000));
    for hosts_separate in [false, true] {
        let shuffled = day(&Plan {
            shuffle_ms: 1_500,
            hosts_separate,
            ..plan(20_000)
        });
        assert_eq!(shuffled.lines.len(), straight.lines.len());
        assert_ne!(shuffled.lines, straight.lines);
        let mut latest: HashMap<&str, &str> = HashMap::new();
        let mut late = 0;
        for line in &shuffled.lines {
            let (stamp, host, ..) = parts(line);
            let last = latest.entry(host).or_insert(stamp);
            late += usize::from(stamp < *last);
            *last = stamp.max(last);
        }
        assert_eq!(
            late == 0,
            hosts_separate,
            "{late} lines out of order within a host"
        );
    }
}

#[test]
fn each_head_is_written_as_its_standard_says() {
    for (stamps, begin) in [
        (Stamps::Rfc3339Micros, "2026-11-16T0"),
        (Stamps::Rfc3339, "2026-11-16T0"),
        (Stamps::Rfc3164, "Nov 16 0"),
        (Stamps::Rfc5424, "<22>1 2026-11-16T0"),
    ] {
        let day = day(&Plan {
            stamps,
            ..plan(2_000)
        });
        assert!(day.lines[0].starts_with(begin), "{}", day.lines[0]);
        if stamps == Stamps::Rfc5424 {
            assert!(
                day.lines
                    .iter()
                    .all(|line| line.contains(" - - ") && line.as_bytes()[0] == b'<')
            );
            assert!(
                day.lines
                    .iter()
                    .any(|line| line.starts_with("<20>1 ") && line.contains("warning: "))
            );
            assert!(
                day.lines
                    .iter()
                    .any(|line| line.contains(" dovecot - - - "))
            );
        }
    }
}

#[test]
fn messages_are_told_when_they_end_not_at_the_end() {
    let lines = std::cell::Cell::new(0u64);
    let mut told_by_half = 0u64;
    let summary = write_day(
        &plan(200_000),
        &mut |_, _| lines.set(lines.get() + 1),
        &mut |_| {
            told_by_half += u64::from(lines.get() <= 100_000);
        },
    );
    assert!(
        told_by_half * 10 > summary.messages * 4,
        "{told_by_half} of {}",
        summary.messages
    );
}
