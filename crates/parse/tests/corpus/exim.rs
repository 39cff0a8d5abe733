//! Exim: its test suite's logs, two servers' logs, and what other projects expect of its lines.

use crate::comparison::{Comparison, Counterpart, Table, listed};
use crate::crowdsec::asserted;
use crate::facts::Facts;
use crate::locate;
use Counterpart::{Made, Nothing, Same};
use bstr::ByteSlice;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Of a file's lines, at most one in so many may be unknown.
const KNOWN_FOR_ONE_UNKNOWN: usize = 100;

#[test]
fn lines_of_exim_have_rules() {
    let Some(root) = locate::root() else { return };
    let excepted: BTreeSet<_> = listed(include_str!("deviations/exim-coverage.txt"))
        .into_iter()
        .flat_map(|(file, lines)| each_line(file, &lines))
        .collect();
    let mut still_unknown = BTreeSet::new();
    let mut wrong = String::new();
    let mut table = String::from("   lines     rule excepted  unknown  folder\n");
    let folders = locate::folders(&root.join("exim"));
    for folder in folders {
        let mut counts = [0; 4];
        for path in locate::files(&folder, true) {
            let name = path.strip_prefix(&root).expect("below the root");
            let name = name.to_string_lossy().into_owned();
            if is_expectation(&name) {
                continue;
            }
            let (mut known, mut unknown) = (0, 0);
            let mut shown = String::new();
            for (at, line) in locate::bytes(&path).lines().enumerate() {
                let line = as_logged(line);
                let event = parse::line(&line);
                event.each_field(&mut |_, _| {});
                let place = (name.clone(), (at + 1).to_string());
                if !event.rule.is_empty() {
                    known += 1;
                } else if excepted.contains(&place) {
                    counts[2] += 1;
                    still_unknown.insert(place);
                } else if is_logged(&line) {
                    unknown += 1;
                    writeln!(shown, "  {name} {}: {}", at + 1, line.as_bstr()).expect("takes all");
                }
            }
            counts[0] += known + unknown;
            counts[1] += known;
            counts[3] += unknown;
            if unknown * KNOWN_FOR_ONE_UNKNOWN > known {
                wrong += &shown;
            }
        }
        let [lines, known, excepted, unknown] = counts;
        let folder = folder.file_name().expect("a folder has a name");
        writeln!(
            table,
            "{lines:8} {known:8} {excepted:8} {unknown:8}  {}",
            folder.display()
        )
        .expect("takes all");
    }
    println!("{table}");
    let mended: Vec<_> = excepted.difference(&still_unknown).collect();
    assert!(mended.is_empty(), "listed, but has a rule now: {mended:#?}");
    assert!(wrong.is_empty(), "too many unknown lines:\n{wrong}");
}

/// The places of `FILE 3,5,8`.
fn each_line(file: String, lines: &str) -> Vec<(String, String)> {
    let lines = lines.split(',');
    lines.map(|line| (file.clone(), line.to_owned())).collect()
}

/// Whether a file holds what is expected of logs, and not a log.
fn is_expectation(name: &str) -> bool {
    name.contains("/exigrep-stdout/") || name.ends_with(".assert")
}

/// Whether a line stands at the start of an entry: with a stamp, or from syslog.
fn is_logged(line: &[u8]) -> bool {
    line.get(4) == Some(&b'-') && line.get(10) == Some(&b' ')
        || line.contains_str(" exim[") && line[0] != b'#'
}

/// The line as it was before the test suite put words in place of what differs between runs, and
/// OSSEC a name before it.
fn as_logged(line: &[u8]) -> Cow<'_, [u8]> {
    const EDITED: &[(&str, &str)] = &[
        (":PORT_D", ":1225"),
        (":PORT_S", ":1224"),
        (":PORT_N", ":1223"),
        ("QT=qqs", "QT=0s"),
        ("DT=qqs", "DT=0s"),
        ("RT=qqs", "RT=0s"),
        (" D=qqs", " D=0s"),
        ("QT=q.qqqs", "QT=0.123s"),
        ("DT=q.qqqs", "DT=0.123s"),
        ("RT=q.qqqs", "RT=0.123s"),
        (" D=q.qqqs", " D=0.123s"),
        (" S=sss", " S=317"),
        ("pid=pppp", "pid=1234"),
        ("defer (dd)", "defer (111)"),
        ("defer (-dd)", "defer (-44)"),
        ("defer (EEE)", "defer (2)"),
        ("] Network Error", "] Network is unreachable"),
        (
            "] Netwk addr not available",
            "] Cannot assign requested address",
        ),
    ];
    let ossec = line.starts_with(b"log ").then(|| line.find(" pass = "));
    let mut line = match ossec.flatten() {
        Some(at) => Cow::Borrowed(&line[at + " pass = ".len()..]),
        None => Cow::Borrowed(line),
    };
    for (edited, logged) in EDITED {
        if line.contains_str(edited) {
            line = line.replace(edited, logged).into();
        }
    }
    let pid = line.find("pid=p").or_else(|| line.find("pid p"));
    if let Some(at) = pid.map(|at| at + "pid=".len())
        && line.get(at + 1).is_some_and(u8::is_ascii_digit)
    {
        line.to_mut().remove(at);
    }
    line
}

#[test]
fn lines_of_others_are_left_to_them() {
    let Some(root) = locate::root() else { return };
    let mut taken = String::new();
    for path in locate::files(&root, true) {
        if path.starts_with(root.join("exim")) {
            continue;
        }
        for line in locate::bytes(&path).lines() {
            let event = parse::line(line);
            if event.program.starts_with(b"exim") || event.rule.starts_with("exim") {
                writeln!(taken, "  {}: {}", path.display(), line.as_bstr()).expect("takes all");
            }
        }
    }
    assert!(taken.is_empty(), "taken for Exim's:\n{taken}");
}

/// What `COUNTS.tsv` counted with grep in the log of a busy server.
#[test]
fn as_many_lines_of_each_kind_as_grep_counts() {
    let Some(root) = locate::root() else { return };
    const FILE: &str = "exim/regru-test-task/out.zst";
    let counted = locate::text(&root.join("COUNTS.tsv"));
    let mut rows = counted
        .lines()
        .map(|row| row.split('\t').collect::<Vec<_>>());
    let names = rows.next().expect("a row of names");
    let row = rows.find(|row| row[0] == FILE).expect("a row of the file");
    let mut ours: BTreeMap<&str, usize> = BTreeMap::new();
    for line in locate::bytes(&root.join(FILE)).lines() {
        *ours.entry(parse::line(line).rule).or_default() += 1;
    }
    for (name, rule) in [
        ("exim_arrive", "exim received"),
        ("exim_deliver", "exim delivered"),
        ("exim_defer", "exim deferred"),
        ("exim_fail", "exim failed"),
        ("exim_completed", "exim completed"),
    ] {
        let at = names.iter().position(|it| *it == name).expect("a column");
        assert_eq!(row[at], ours[rule].to_string(), "{name}");
    }
}

/// exigrep puts the lines of a message together, and an empty line behind it.
#[test]
fn lines_are_of_the_messages_that_exigrep_puts_them_to() {
    let Some(root) = locate::root() else { return };
    let suite = root.join("exim/exim-testsuite");
    let theirs = locate::text(&suite.join("exigrep-stdout/0551"));
    let groups: Vec<Vec<&str>> = theirs
        .split("\n\n")
        .map(|group| {
            group
                .lines()
                .filter(|it| it.starts_with(char::is_numeric))
                .collect()
        })
        .filter(|group: &Vec<_>| !group.is_empty())
        .collect();
    let log = locate::text(&suite.join("log/0551"));
    let mut ours: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for line in log.lines() {
        let id = Facts::of_line(line.as_bytes())
            .get("queue_id")
            .map(str::to_owned);
        ours.entry(id.expect("an id")).or_default().push(line);
    }
    assert_eq!(groups, ours.into_values().collect::<Vec<_>>());
}

#[test]
fn fail2ban_agrees() {
    const NAMES: Table = &[
        ("host", Same(&["client_address", "peer_address"])),
        (
            "time",
            Made(|ours, _| Some(ours.get("stamp")?[..19].to_owned())),
        ),
        ("user", Same(&["user"])),
        (
            "match",
            Nothing("whether it is to be counted against the client"),
        ),
        ("desc", Nothing("about their test")),
    ];
    let Some(root) = locate::root() else { return };
    let mut comparison = Comparison::new("fail2ban exim", NAMES);
    let file = locate::text(&root.join("exim/fail2ban/exim"));
    let mut expected = None;
    for (at, line) in file.lines().enumerate() {
        if let Some(json) = line.strip_prefix("# failJSON: ") {
            expected = Some(serde_json::from_str::<Value>(json).expect("JSON"));
            continue;
        }
        let Some(Value::Object(fields)) = expected.take() else {
            continue;
        };
        comparison.case();
        let facts = Facts::of_line(line.as_bytes());
        for (field, theirs) in &fields {
            let theirs = theirs.as_str().map_or(theirs.to_string(), str::to_owned);
            comparison.field(&(at + 1).to_string(), field, &theirs, &facts);
        }
    }
    comparison.conclude(include_str!("deviations/exim-fail2ban.txt"));
}

#[test]
fn crowdsec_agrees() {
    const CONSTANT: Counterpart = Nothing("a word of theirs for all lines of a kind");
    const FILE: Counterpart = Nothing("about the file that was read");
    const STAMP: Counterpart = Nothing("a part of the stamp");
    const IN_TEXT: Counterpart = Nothing("picked out of the postmaster's own words");
    const NAMES: Table = &[
        ("message", Nothing("the text itself")),
        ("log_type", CONSTANT),
        ("service", CONSTANT),
        ("datasource_path", FILE),
        ("datasource_type", FILE),
        ("program", Same(&["program"])),
        ("logsource", CONSTANT),
        ("machine", Same(&["host"])),
        ("pid", Same(&["pid"])),
        ("date", Made(date)),
        ("timestamp", Same(&["stamp"])),
        ("exim_year", STAMP),
        ("exim_month", STAMP),
        ("exim_day", STAMP),
        ("exim_time", STAMP),
        ("exim_auth", Same(&["auth_method"])),
        ("source_ip", Same(&["client_address"])),
        ("source_port", Same(&["client_port"])),
        ("source_dns", Same(&["client_name"])),
        ("source_helo", Same(&["helo"])),
        ("source_user", Same(&["mail_from"])),
        ("target_user", Same(&["user", "rcpt_to"])),
        ("username", Same(&["user", "rcpt_to"])),
        (
            "acl",
            Made(|ours, _| Some(ours.get("stage")?.to_lowercase())),
        ),
        ("rate_limit", IN_TEXT),
        ("rbl_url", IN_TEXT),
        ("target_port", IN_TEXT),
        (
            "tls_cipher",
            Nothing("the cipher of a client that was refused is not kept"),
        ),
    ];
    let Some(root) = locate::root() else { return };
    let mut comparison = Comparison::new("crowdsec exim", NAMES);
    for folder in ["exim-logs", "exim-syslog-logs"] {
        let folder_path = root.join("exim/crowdsec-hub").join(folder);
        let log = locate::text(&folder_path.join("exim-logs.log"));
        let lines: Vec<&str> = log.lines().collect();
        for (at, fields) in asserted(&locate::text(&folder_path.join("parser.assert"))) {
            comparison.case();
            let facts = Facts::of_line(lines[at].as_bytes());
            for (field, theirs) in &fields {
                comparison.field(&format!("{folder}#{at}"), field, theirs, &facts);
            }
        }
    }
    comparison.conclude(include_str!("deviations/exim-crowdsec.txt"));
}

/// The stamp as Exim writes it.
fn date(ours: &Facts, theirs: &str) -> Option<String> {
    Some(ours.get("stamp")?.replace('T', " ")[..theirs.len()].to_owned())
}
