//! Webmails, Zimbra, Haraka, KumoMTA, Exchange and rarer servers: coverage of their logs, CrowdSec's
//! assertions about them, and the host, user and time that fail2ban's tests expect of each line.

use crate::comparison::{Comparison, Counterpart, Table, listed};
use crate::crowdsec::asserted;
use crate::facts::Facts;
use crate::locate;
use Counterpart::{AnyOf, Made, Nothing, Part, Same};
use std::collections::BTreeSet;
use std::path::Path;

const FOLDERS: &[&str] = &[
    "webmail", "zimbra", "haraka", "kumomta", "exchange", "other",
];

/// Of a file's lines at least so many out of a hundred have a rule.
const KNOWN_PERCENT_MIN: usize = 99;

#[test]
fn lines_of_webmails_and_others_have_rules() {
    let Some(root) = locate::root() else { return };
    let excepted = listed(include_str!("deviations/webmail_coverage.txt"));
    let mut still_unknown = BTreeSet::new();
    let mut wrong = String::new();
    for path in FOLDERS
        .iter()
        .flat_map(|it| locate::files(&root.join(it), true))
    {
        let name = path
            .strip_prefix(&root)
            .expect("below the root")
            .to_string_lossy()
            .into_owned();
        let foreign = [".assert", ".json", ".ini", "ossec/log-entries/mail-errors"];
        if foreign.iter().any(|end| name.ends_with(end)) {
            continue;
        }
        let text = locate::text(&path);
        let (mut lines, mut ruled, mut unknown) = (0, 0, 0);
        for (at, line) in text.lines().enumerate() {
            let remark = name.contains("/fail2ban/") && line.starts_with('#');
            if line.is_empty() || remark || line.contains(" rspamd[") {
                continue;
            }
            lines += 1;
            let place = (name.clone(), (at + 1).to_string());
            if !parse::line(line.as_bytes()).rule.is_empty() {
                ruled += 1;
            } else if excepted.contains(&place) {
                still_unknown.insert(place);
            } else {
                unknown += 1;
                wrong += &format!("  {name}:{}: {line}\n", at + 1);
            }
        }
        println!("{lines:5} lines {ruled:5} ruled {unknown:4} unknown  {name}");
        assert!(
            (lines - unknown) * 100 >= lines * KNOWN_PERCENT_MIN,
            "{name}: too many unknown lines:\n{wrong}"
        );
    }
    assert!(wrong.is_empty(), "unknown lines:\n{wrong}");
    let mended: Vec<_> = excepted.difference(&still_unknown).collect();
    assert!(mended.is_empty(), "listed, but has a rule now: {mended:#?}");
}

#[test]
fn crowdsec_parsers_of_webmails_and_others_agree() {
    let Some(root) = locate::root() else { return };
    let mut comparison = Comparison::new("crowdsec webmail", CROWDSEC);
    for family in ["webmail", "zimbra", "exchange", "other"] {
        for path in locate::files(&root.join(family).join("crowdsec-hub"), true) {
            if path.file_name().is_none_or(|name| name != "parser.assert") {
                continue;
            }
            let folder = path.parent().expect("a file lies in a folder");
            let log = locate::files(folder, false)
                .into_iter()
                .find(|it| it.extension().is_some_and(|it| it == "log"))
                .expect("a log beside its assertions");
            let log = locate::text(&log);
            let name = locate::stem(folder);
            for (at, fields) in asserted(&locate::text(&path)) {
                let message = fields.get("message").expect("a message");
                // They cut the message out; its time tells which line it was.
                let time = fields.get("time").map_or("", String::as_str);
                let line = log
                    .lines()
                    .find(|line| line.starts_with(time) && line.contains(message.as_str()))
                    .expect("a line with that message");
                comparison.case();
                let facts = Facts::of_line(line.as_bytes());
                for (field, theirs) in &fields {
                    let field = of_another_line(field, &facts);
                    comparison.field(&format!("{name}#{at}"), &field, theirs, &facts);
                }
            }
        }
    }
    comparison.conclude(include_str!("deviations/webmail.txt"));
}

/// What another line of the session has told, and is not kept again.
fn of_another_line(field: &str, facts: &Facts) -> String {
    let ended = facts.get("rule") == Some("nginx proxied session done");
    let notice = facts.get("rule") == Some("nginx client error");
    let ends = [
        "remote_addr",
        "source_ip",
        "dest_ip",
        "dest_port",
        "proxy_ip",
        "proxy_port",
    ];
    if (ended && ends.contains(&field)) || (notice && ends[2..].contains(&field)) {
        return "an end of the connection".to_owned();
    }
    if facts.get("rule") == Some("zimbra authentication failed")
        && facts.get("kind") == Some("service.error")
        && field == "proto"
    {
        return "an end of the connection".to_owned();
    }
    field.to_owned()
}

const CONSTANT: Counterpart = Nothing("a word of theirs for all lines of a kind");
const FILE: Counterpart = Nothing("about the file that was read");
const NOT_KEPT: Counterpart = Nothing("size, duration or place that is not kept");

const CROWDSEC: Table = &[
    ("message", Nothing("the text itself")),
    ("datasource_path", FILE),
    ("datasource_type", FILE),
    ("log_type", CONSTANT),
    ("sub_type", CONSTANT),
    ("service", CONSTANT),
    (
        "program",
        Nothing("the name that they give the file's program"),
    ),
    (
        "an end of the connection",
        Nothing("told by the session's line that began it"),
    ),
    ("source_ip", AnyOf(&["client_address", "peer_address"])),
    ("src_ip", AnyOf(&["client_address", "peer_address"])),
    ("remote_addr", AnyOf(&["client_address", "peer_address"])),
    ("remote_port", Same(&["client_port"])),
    ("client_ip", Same(&["client_address"])),
    ("client_port", Same(&["client_port"])),
    ("server_ip", Same(&["server_address"])),
    ("server_port", Same(&["server_port"])),
    ("dest_ip", Same(&["server_address"])),
    ("dest_port", Same(&["server_port"])),
    ("proxy_ip", Nothing("the server behind the proxy")),
    ("proxy_port", Nothing("the server behind the proxy")),
    ("user", AnyOf(&["user", "about"])),
    ("username", Same(&["user"])),
    ("auth_result", Same(&["reason"])),
    ("smtp_message", Same(&["reason"])),
    ("smtp_code", Nothing("a login refused is that code")),
    ("event", Nothing("the direction is in the kind")),
    ("connector_id", NOT_KEPT),
    ("session_id", Same(&["session"])),
    ("cid", Same(&["session"])),
    ("pid", Same(&["pid"])),
    ("tid", NOT_KEPT),
    ("loglevel", Same(&["severity"])),
    ("time", Made(same_digits)),
    ("time_local", Made(same_digits)),
    ("date", Made(same_digits)),
    ("timestamp8601", Made(same_digits)),
    ("command", Nothing("a login is that command")),
    ("parameters", Same(&["auth_method"])),
    ("duration", NOT_KEPT),
    ("rqsize", NOT_KEPT),
    ("rpsize", NOT_KEPT),
    ("sequence_number", NOT_KEPT),
    ("server", Nothing("the host of the request's address")),
    ("port", Nothing("the port of the request's address")),
    ("proto", Part(&["protocol"])),
];

/// Theirs, if the stamp begins with its digits.
fn same_digits(ours: &Facts, theirs: &str) -> Option<String> {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let stamp = ours.get("stamp")?;
    Some(match digits(stamp).starts_with(&digits(theirs)) {
        true => theirs.to_owned(),
        false => stamp.to_owned(),
    })
}

#[test]
fn fail2ban_filters_of_webmails_and_others_agree() {
    let Some(root) = locate::root() else { return };
    let mut comparison = Comparison::new("fail2ban webmail", FAIL2BAN);
    for family in ["webmail", "other"] {
        for path in locate::files(&root.join(family).join("fail2ban"), false) {
            expected_lines(&path, &mut comparison);
        }
    }
    comparison.conclude(include_str!("deviations/webmail_fail2ban.txt"));
}

/// `# failJSON: {...}` tells of the line behind it.
fn expected_lines(path: &Path, comparison: &mut Comparison) {
    let name = locate::stem(path);
    let text = locate::text(path);
    let mut expected: Option<serde_json::Value> = None;
    for (at, line) in text.lines().enumerate() {
        if let Some(told) = line.strip_prefix("# failJSON:") {
            expected = Some(serde_json::from_str(told).expect("JSON"));
            continue;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let expected = expected.take().expect("an expectation before each line");
        if expected.get("host").is_none() {
            comparison.leave_out("nothing expected but that it is no attack");
            continue;
        }
        comparison.case();
        let facts = Facts::of_line(line.as_bytes());
        for field in ["host", "user", "time", "match"] {
            if let Some(theirs) = expected.get(field) {
                let theirs = theirs
                    .as_str()
                    .map_or_else(|| theirs.to_string(), str::to_owned);
                comparison.field(&format!("{name}:{}", at + 1), field, &theirs, &facts);
            }
        }
    }
}

const FAIL2BAN: Table = &[
    ("host", AnyOf(&["client_address", "peer_address"])),
    ("user", Same(&["user"])),
    ("time", Made(same_moment)),
    ("match", Made(|ours, _| Some(is_attack(ours).to_string()))),
];

/// Whether they would count it: a login refused, a client rejected, or an error that names one.
fn is_attack(ours: &Facts) -> bool {
    matches!(
        ours.get("kind"),
        Some("auth.failed" | "session.rejected" | "service.error")
    )
}

/// Theirs is in the zone of their tests, `Europe/Zurich`, and of 2004 or 2005 where the line has no
/// year.
fn same_moment(ours: &Facts, theirs: &str) -> Option<String> {
    let stamp = ours.get("stamp")?;
    let shown = || Some(stamp.to_owned());
    if stamp
        .as_bytes()
        .first()
        .is_some_and(u8::is_ascii_alphabetic)
    {
        let local: jiff::civil::DateTime = theirs.parse().expect("a date");
        let wanted = local.strftime("%b %-d %H:%M:%S").to_string();
        return if stamp == wanted {
            Some(theirs.to_owned())
        } else {
            shown()
        };
    }
    let (local, ours): (jiff::civil::DateTime, jiff::Timestamp) = (
        theirs.parse().expect("a date"),
        stamp.parse().expect("a stamp"),
    );
    let as_written = ours.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let zone = jiff::tz::TimeZone::get("Europe/Zurich").expect("a zone");
    let there = ours.to_zoned(zone).datetime();
    let whole =
        |time: jiff::civil::DateTime| time.with().subsec_nanosecond(0).build().expect("a time");
    if whole(as_written) == local || whole(there) == local {
        return Some(theirs.to_owned());
    }
    shown()
}
