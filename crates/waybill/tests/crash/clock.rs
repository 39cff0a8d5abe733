//! The wall clock jumps, a year begins, summer time ends, and a week passes in seconds.

use crate::commands::{answer_of, lines_of};
use crate::daemon::{DELIVERED, until_it_tells};
use crate::daemon::{Daemon, answer, ask, until};
use crate::disk::{Wall, folder, is_long};
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::BTreeMap;
use std::path::Path;
use traffic::{Outcome, Plan, Stamps, TrueMessage, write_day};

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// A line as old syslog writes it, without year and zone, by a clock in Rome.
fn line(at: Timestamp, number: usize) -> String {
    let here = at.in_tz("Europe/Rome").expect("there are zones");
    format!(
        "<22>{} mx1 odd[7]: line number{number}\n",
        here.strftime("%b %e %H:%M:%S")
    )
}

/// When each line was, by its number.
fn times(folder: &Path) -> BTreeMap<usize, String> {
    let told = answer(
        folder,
        &[
            "search",
            "program:odd",
            "--format",
            "json",
            "--limit",
            "100000",
        ],
    );
    let rows = told.lines().map(serde_json::from_str::<serde_json::Value>);
    rows.map(|row| {
        let row = row.expect("rows are JSON");
        let number = row["text"]
            .as_str()
            .and_then(|it| it.rsplit("number").next());
        let number = number.and_then(|it| it.parse().ok()).expect("a number");
        (number, row["at"].as_str().expect("a time").to_owned())
    })
    .collect()
}

const CONFIG: &str = "timezone = 'Europe/Rome'\n[upkeep]\nhour = 3";

#[test]
fn lines_are_shown_though_the_clock_is_put_back_or_forward() {
    let folder = folder();
    let Some(wall) = Wall::new(time("2026-06-10T10:00:00Z")) else {
        return;
    };
    let daemon = Daemon::start_with(folder.path(), CONFIG, &wall.variables());
    let mut sent = BTreeMap::new();
    // An hour back is what a wrong clock is put right by; a day forward is a machine that slept.
    for (number, jump) in [0, -1, 0, 24, -24, -1].into_iter().enumerate() {
        let at = wall.step(SignedDuration::from_hours(jump));
        let (before, behind) = (2 * number, 2 * number + 1);
        daemon.send_tcp(&line(at, before));
        // What waits for its turn while the clock jumps.
        daemon.send_tcp(&line(at, behind));
        sent.extend([(before, at), (behind, at)]);
        until(folder.path(), &["search", "program:odd"], sent.len());
    }
    daemon.end();
    let wanted = sent.into_iter().map(|(number, at)| {
        (
            number,
            at.round(jiff::Unit::Second).expect("it can be").to_string(),
        )
    });
    let wanted: BTreeMap<_, _> = wanted.collect();
    let found = times(folder.path());
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        wanted.keys().collect::<Vec<_>>()
    );
    for (number, at) in &wanted {
        assert_eq!(found[number][..17], at[..17], "line {number}");
    }
}

#[test]
fn a_year_begins_and_summer_time_ends() {
    let folder = folder();
    for (begin, end) in [
        ("2026-12-31T22:58:30Z", "2026-12-31T23:01:00Z"),
        ("2026-03-29T00:58:30Z", "2026-03-29T01:01:00Z"),
        ("2026-10-25T01:58:30Z", "2026-10-25T02:01:00Z"),
    ] {
        let Some(wall) = Wall::new(time(begin)) else {
            return;
        };
        let folder = folder.path().join(&begin[..10]);
        std::fs::create_dir(&folder).expect("a temporary folder can be written");
        let daemon = Daemon::start_with(&folder, CONFIG, &wall.variables());
        let mut sent = BTreeMap::new();
        while wall.now() < time(end) {
            let at = wall.step(SignedDuration::from_secs(15));
            let at = at.round(jiff::Unit::Second).expect("it can be");
            daemon.send_tcp(&line(at, sent.len()));
            sent.insert(sent.len(), at.to_string());
            until(&folder, &["search", "program:odd"], sent.len());
        }
        daemon.end();
        assert_eq!(times(&folder), sent, "{begin}");
    }
}

/// Hosts, and by how many seconds their clocks are wrong in June 2026.
const HOSTS: [(&str, i64); 5] = [
    ("right", 0),
    ("fast", 3 * 3_600),
    ("slow", -2 * 86_400),
    ("next-year", 365 * 86_400),
    // It began with 1970.
    ("no-battery", -1_781_085_600),
];

/// A message at a host, a line each.
fn message_at(host: &str, at: Timestamp) -> [String; 5] {
    let line = |ms: i64, text: &str| {
        let at = at + SignedDuration::from_millis(ms);
        format!("<22>1 {at:.3} {host} postfix/{text}\n")
    };
    [
        line(1, "smtpd 7 - - 4F00000001: client=a.example[192.0.2.1]"),
        line(
            2,
            &format!("cleanup 8 - - 4F00000001: message-id=<{host}@a.example>"),
        ),
        line(
            3,
            "qmgr 9 - - 4F00000001: from=<anna@a.example>, size=812, nrcpt=1 (queue active)",
        ),
        line(
            4,
            "lmtp 9 - - 4F00000001: to=<bob@b.example>, relay=store[192.0.2.9]:24, delay=0.3, delays=0.1/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 OK)",
        ),
        line(5, "qmgr 9 - - 4F00000001: removed"),
    ]
}

#[test]
fn hosts_with_wrong_clocks_are_told_and_put_nobody_out_of_order() {
    let folder = folder();
    let now = time("2026-06-10T10:00:00Z");
    let Some(wall) = Wall::new(now) else { return };
    let daemon = Daemon::start_with(folder.path(), CONFIG, &wall.variables());
    // By one relay, a line of each after the other.
    let messages = HOSTS.map(|(host, wrong_by)| {
        let now = wall.now();
        message_at(host, now + SignedDuration::from_secs(wrong_by))
    });
    let mut lines: String = (0..5)
        .flat_map(|number| messages.iter().map(move |it| it[number].as_str()))
        .collect();
    // Who forgot the zone: it is summer in Rome, and this is UTC.
    let zoneless = wall.now();
    lines += &format!(
        "<22>{} zoneless odd[7]: a line\n",
        zoneless.strftime("%b %e %H:%M:%S")
    );
    daemon.send_tcp(&lines);
    let delivered = until(folder.path(), &DELIVERED, HOSTS.len());
    for (host, _) in HOSTS {
        // Complete: each knows its sender, who stands in another line.
        let told = answer(
            folder.path(),
            &[
                "search",
                &format!("host:{host} from:anna@a.example kind:delivery.delivered"),
            ],
        );
        assert_eq!(told.lines().count(), 1, "{host}: {delivered}");
    }
    let told = until_it_tells(folder.path(), &["sources", "--json"], &["zoneless"]);
    let off: BTreeMap<String, i64> = told
        .lines()
        .map(|line| {
            let it: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
            let clock = it["clock_ms"].as_i64().expect("a number");
            (it["host"].as_str().expect("a name").to_owned(), clock)
        })
        .collect();
    for (host, wrong_by) in HOSTS.into_iter().chain([("zoneless", -2 * 3_600)]) {
        assert!(
            (off[host] - wrong_by * 1_000).abs() < 5_000,
            "{host}: {off:?}"
        );
    }
    // They are put right, and those without year are in this one; what they said before stays.
    let now = wall.step(SignedDuration::from_secs(60));
    let right = |host: &str, number: usize| {
        let here = now.in_tz("Europe/Rome").expect("there are zones");
        format!(
            "<22>{} {host} odd[7]: line number{number}\n",
            here.strftime("%b %e %H:%M:%S")
        )
    };
    let lines: String = (0..3)
        .flat_map(|number| HOSTS.map(|(host, _)| right(host, number)))
        .collect();
    daemon.send_tcp(&format!(
        "<22>Jan  1 00:00:10 no-battery odd[7]: began\n{lines}"
    ));
    let odd = [
        "search",
        "program:odd after:2026-06-01 -host:zoneless",
        "--format",
        "json",
    ];
    let told = until(folder.path(), &odd, 3 * HOSTS.len());
    for line in told.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
        let at = row["at"].as_str().expect("a time");
        assert_eq!(at[..16], now.to_string()[..16], "{row}");
    }
    daemon.end();
    let lines = lines_of(folder.path()).expect("it answers");
    let all = 5 * HOSTS.len() + 1 + 1 + 3 * HOSTS.len();
    assert_eq!(lines.values().sum::<u64>(), all as u64);
    assert!(lines.values().all(|times| *times == 1), "{lines:?}");
}

/// Files of the archive, and their bytes.
fn size(folder: &Path) -> (u64, u64) {
    let told = answer_of(&["stats"], &ask(folder, &["stats", "--json"])).expect("it answers");
    let told: serde_json::Value = serde_json::from_str(&told).expect("it is JSON");
    let of = |name: &str| told[name].as_u64().expect("a number");
    (of("files"), of("bytes"))
}

#[test]
fn days_pass_in_seconds_and_what_is_kept_is_what_was_predicted() {
    const DAYS: i64 = 10;
    const KEPT: i64 = 3;
    const LINES: usize = 400;
    let folder = folder();
    // Over the end of the year, from one midnight to the next.
    let begin = time("2026-12-27T00:00:10Z");
    let Some(wall) = Wall::new(begin) else { return };
    let daemon = Daemon::start_with(folder.path(), CONFIG, &wall.variables());
    let class = ["retention", "class", "standard", &KEPT.to_string()];
    assert!(ask(folder.path(), &class).status.success());
    let mut sizes = Vec::new();
    for day in 0..DAYS {
        let midnight = begin + (24 * day).hours();
        wall.set(midnight + 90.minutes());
        // In Rome it is between two and three: upkeep is due in half an hour.
        let lines: String = (0..LINES)
            .map(|it| line(midnight + (it as i64).seconds(), it))
            .collect();
        daemon.send_tcp(&lines);
        let wanted = LINES * (day.min(KEPT + 1) as usize + 1);
        until(
            folder.path(),
            &["search", "program:odd", "--limit", "100000"],
            wanted,
        );
        wall.set(midnight + 125.minutes());
        daemon.until_it_says("upkeep is done");
        let left = LINES * (day.min(KEPT) as usize + 1);
        until(
            folder.path(),
            &["search", "program:odd", "--limit", "100000"],
            left,
        );
        sizes.push(size(folder.path()));
    }
    daemon.end();
    let lines = lines_of(folder.path()).expect("it answers");
    assert_eq!(
        lines.values().sum::<u64>(),
        (LINES as u64) * (KEPT as u64 + 1)
    );
    let checked = answer_of(&["check"], &ask(folder.path(), &["check"])).expect("it is clean");
    let gone = LINES as i64 * (DAYS - KEPT - 1);
    assert!(
        checked.contains(&format!("{gone} lines expired")),
        "{checked}"
    );
    // A file a day, and as many bytes each. Before something expires the last day is in memory.
    let (settled, last) = (sizes[KEPT as usize + 1], sizes[sizes.len() - 1]);
    assert_eq!(last.0, settled.0, "{sizes:?}");
    assert!(last.1.abs_diff(settled.1) < settled.1 / 20, "{sizes:?}");
}

/// A message of a day, and how it ended for its recipients, by address.
struct Known {
    day: i64,
    message_id: String,
    outcomes: Vec<(String, &'static str)>,
}

/// The log of a day as syslog, and a sample of its messages that ended well within it.
fn traffic_of(day: i64, begin: Timestamp, lines: u64) -> (String, u64, Vec<Known>) {
    let plan = Plan {
        lines,
        seed: day as u64 + 1,
        start: begin.as_second(),
        stamps: Stamps::Rfc5424,
        ..Plan::default()
    };
    let (mut log, mut sent, mut known) = (String::new(), 0, Vec::new());
    let mut put = |_: &str, line: &[u8]| {
        log += &String::from_utf8_lossy(line);
        log.push('\n');
        sent += 1;
    };
    let noon = (begin + 12.hours()).as_microsecond();
    let mut note = |message: &TrueMessage| {
        let recipients = message.recipients.iter();
        let outcomes = recipients.map(|it| match it.outcome {
            Outcome::Delivered => Some((it.rcpt_to.clone(), "delivered")),
            Outcome::Bounced => Some((it.rcpt_to.clone(), "bounced")),
            _ => None,
        });
        let outcomes: Option<Vec<_>> = outcomes.collect();
        let (Some(outcomes), Some(message_id)) = (outcomes, message.message_id.clone()) else {
            return;
        };
        let is_of_exim = message.items.iter().any(|it| it.instance == "exim");
        let is_of_midday = message
            .items
            .first()
            .is_some_and(|it| (it.first_seen_us - noon).abs() < 6 * 3_600_000_000);
        if is_of_midday
            && !is_of_exim
            && !message.probe
            && message.cause.is_none()
            && known.len() < 25
        {
            known.push(Known {
                day,
                message_id,
                outcomes,
            });
        }
    };
    write_day(&plan, &mut put, &mut note);
    (log, sent, known)
}

/// Lines and bytes of the archive, and the lines that were heard.
fn amounts(folder: &Path) -> (u64, u64, u64) {
    let json = |arguments: &[&str]| -> Vec<serde_json::Value> {
        let told = answer(folder, arguments);
        let told = told.lines().map(serde_json::from_str);
        told.map(|it| it.expect("it is JSON")).collect()
    };
    let of = |it: &serde_json::Value, name: &str| it[name].as_u64().expect("a number");
    let hosts = json(&["coverage", "--json"]);
    let hosts = hosts
        .iter()
        .filter_map(|it| it["hosts"].as_array())
        .flatten();
    let lines = hosts.map(|it| of(it, "lines")).sum();
    let heard = json(&["sources", "--json"]);
    let heard = heard.iter().map(|it| of(it, "lines")).sum();
    (lines, size(folder).1, heard)
}

#[test]
fn long_a_week_of_mail_passes_and_answers_are_what_was_predicted() {
    const DAYS: i64 = 7;
    const KEPT: i64 = 3;
    if !is_long() {
        println!("skipped: WAYBILL_LONG is not set");
        return;
    }
    let lines = std::env::var("WAYBILL_LINES")
        .ok()
        .and_then(|it| it.parse().ok());
    let lines = lines.unwrap_or(200_000);
    let folder = folder();
    let begin = time("2026-11-16T00:00:00Z");
    let Some(wall) = Wall::new(begin) else { return };
    let daemon = Daemon::start_with(
        folder.path(),
        "timezone = 'UTC'\n[upkeep]\nhour = 2",
        &wall.variables(),
    );
    let class = ["retention", "class", "standard", &KEPT.to_string()];
    assert!(ask(folder.path(), &class).status.success());
    let (mut known, mut sent, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
    for day in 0..DAYS {
        let midnight = begin + (24 * (day + 1)).hours();
        let (log, count, of_day) = traffic_of(day, begin + (24 * day).hours(), lines);
        known.extend(of_day);
        sent.push(count);
        // What was written by day comes soon after midnight.
        wall.set(midnight + 30.minutes());
        daemon.send_tcp(&log);
        let all: u64 = sent.iter().sum();
        let heard = (0..6_000).any(|_| {
            std::thread::park_timeout(std::time::Duration::from_millis(100));
            amounts(folder.path()).2 == all
        });
        assert!(heard, "day {day}: {:?} of {all}", amounts(folder.path()));
        wall.set(midnight + 125.minutes());
        daemon.until_it_says("upkeep is done");
        // Days whose end is more than three days past are gone, with all that was of them.
        let first = (day + 1 - KEPT).max(0);
        let wanted: u64 = sent[first as usize..].iter().sum();
        let is_it = (0..300).any(|_| {
            std::thread::park_timeout(std::time::Duration::from_millis(20));
            // Messages go on over midnight, where one day is kept and the other is not.
            let may_differ = if first == 0 { 0 } else { wanted / 100 };
            amounts(folder.path()).0.abs_diff(wanted) <= may_differ
        });
        let amounts = amounts(folder.path());
        assert!(is_it, "day {day}: {amounts:?}, wanted are {wanted}");
        println!(
            "day {day}: {wanted} lines wanted, {} there, {} bytes",
            amounts.0, amounts.1
        );
        sizes.push(amounts.1);
        for it in &known {
            let told = answer(folder.path(), &["trace", &it.message_id, "--json"]);
            assert_eq!(
                told.is_empty(),
                it.day < first,
                "day {day}, of {}: {}",
                it.day,
                it.message_id
            );
            // A sender may give several messages one id.
            let journeys = told.lines().map(serde_json::from_str::<serde_json::Value>);
            let journeys: Vec<_> = journeys.map(|it| it.expect("it is JSON")).collect();
            for (recipient, outcome) in it.outcomes.iter().filter(|_| !told.is_empty()) {
                let recipients = journeys.iter().filter_map(|it| it["recipients"].as_array());
                let is_told = (recipients.flatten())
                    .any(|it| it["rcpt_to"] == **recipient && it["outcome"] == **outcome);
                assert!(is_told, "{recipient} {outcome}: {told}");
            }
        }
    }
    daemon.end();
    let checked = answer_of(&["check"], &ask(folder.path(), &["check"])).expect("it is clean");
    println!("{checked}");
    let stored = amounts_stored(folder.path());
    let expired = checked
        .split(" lines expired")
        .next()
        .and_then(|it| it.rsplit(char::is_whitespace).next());
    let expired: u64 = expired.and_then(|it| it.parse().ok()).expect("a number");
    assert_eq!(stored + expired, sent.iter().sum::<u64>(), "{checked}");
    // As many bytes each day, once as many days are there as are kept.
    let settled = &sizes[KEPT as usize..];
    for bytes in settled {
        assert!(bytes.abs_diff(settled[0]) < settled[0] / 20, "{sizes:?}");
    }
}

/// Lines in the archive, counted one by one.
fn amounts_stored(folder: &Path) -> u64 {
    let told = answer(
        folder,
        &[
            "sql",
            "select sum(lines) as lines from events",
            "--format",
            "json",
        ],
    );
    let told: serde_json::Value = serde_json::from_str(told.trim()).expect("a row");
    told["lines"].as_u64().expect("a number")
}
