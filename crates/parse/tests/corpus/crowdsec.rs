//! CrowdSec's hub: a log and assertions about the fields parsed out of its lines.
//!
//! Scenario assertions (which alarms a log raises) are about their engine and not read.

use crate::comparison::{Comparison, Counterpart, Table, part};
use crate::facts::Facts;
use crate::locate;
use Counterpart::{Made, Nothing, Part, Same};
use std::collections::BTreeMap;

#[test]
fn crowdsec_parsers_agree() {
    let Some(root) = locate::root() else { return };
    let mut comparison = Comparison::new("crowdsec", TABLE);
    for family in ["postfix", "dovecot", "amavis", "mailscanner"] {
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
            let lines: Vec<&str> = log.lines().collect();
            let folder = locate::stem(folder);
            for (at, asserted) in asserted(&locate::text(&path)) {
                let message = asserted.get("message").map_or("", String::as_str);
                assert!(lines[at].ends_with(message), "{folder}: line {at}");
                comparison.case();
                let facts = Facts::of_line(lines[at].as_bytes());
                for (field, theirs) in &asserted {
                    comparison.field(&format!("{folder}#{at}"), field, theirs, &facts);
                }
            }
        }
    }
    comparison.conclude(include_str!("deviations/crowdsec.txt"));
}

const CONSTANT: Counterpart = Nothing("a word of theirs for all lines of a kind");
const FILE: Counterpart = Nothing("about the file that was read");

const TABLE: Table = &[
    ("message", Nothing("the text itself")),
    ("logsource", CONSTANT),
    ("log_type", CONSTANT),
    ("log_type_enh", CONSTANT),
    ("service", CONSTANT),
    ("datasource_path", FILE),
    ("datasource_type", FILE),
    ("machine", Same(&["host"])),
    ("program", Made(tag)),
    ("pid", Same(&["pid"])),
    (
        "timestamp",
        Made(|ours, theirs| Some(spaced_like(theirs, ours.get("stamp")?))),
    ),
    ("timestamp8601", Same(&["stamp"])),
    ("source_ip", Same(&["client_address"])),
    ("source_hostname", Same(&["client_name"])),
    ("remote_addr", Same(&["client_address"])),
    ("remote_host", Same(&["client_name"])),
    ("port", Same(&["client_port"])),
    ("src_port", Same(&["client_port"])),
    ("action", Same(&["action"])),
    ("command", Same(&["stage", "text"])),
    ("helo", Same(&["helo"])),
    ("kvItems", Made(|ours, _| trailer(ours))),
    ("reason", Part(&["text"])),
    (
        "message_failure",
        Made(|ours, theirs| part(ours, &["reason"], theirs.trim()).map(|_| theirs.into())),
    ),
    ("smtp_basic_status_code", Same(&["code"])),
    ("smtp_enhanced_status_code", Same(&["enhanced_status"])),
    ("smtp_return_codes", Made(|ours, _| codes(ours))),
    ("pregreet", Same(&["violation"])),
    ("message_attempt", Same(&["text"])),
    (
        "count",
        Nothing("bytes sent before the greeting; their text is kept"),
    ),
    (
        "time_attempt",
        Nothing("seconds before the greeting are not kept"),
    ),
    ("dovecot_user", Same(&["user"])),
    ("dovecot_remote_ip", Same(&["client_address"])),
    ("dovecot_local_ip", Same(&["server_address"])),
    ("dovecot_login_message", Part(&["reason", "text"])),
    ("dovecot_login_result", Made(|ours, _| login(ours))),
    (
        "dovecot_user_backend",
        Nothing("which password database refused is not kept apart"),
    ),
    (
        "auth_func",
        Nothing("which function of PAM refused is not kept apart"),
    ),
    ("protocol", Same(&["protocol"])),
    (
        "amavis_action",
        Made(|ours, _| ours.get("passed").map(passed)),
    ),
    ("amavis_acions", Same(&["actions"])),
    ("amavis_category", Same(&["category"])),
    ("amavis_match", Same(&["found"])),
    ("message_id", Same(&["queue_id"])),
    ("from_email", Same(&["mail_from"])),
    ("to_domain", Same(&["recipients"])),
    ("spam_reason", Same(&["decided_by"])),
    (
        "spam_score",
        Made(|ours, _| Some(format!("{:.6}", ours.get("score")?.parse::<f64>().ok()?))),
    ),
    ("amavis_id", Same(&["session"])),
    ("amavis_relay_ip", Same(&["client_address"])),
    ("amavis_amavis_origin_ip", Same(&["origin_address"])),
    ("amavis_from", Same(&["mail_from"])),
    (
        "amavis_to",
        Made(|ours, _| Some(ours.get("recipients")?.replace(['<', '>'], ""))),
    ),
    ("amavis_size", Same(&["size"])),
    ("amavis_elapsedtime", Same(&["took_ms"])),
    (
        "amavis_quarantine",
        Nothing("`mail_id` names what was set aside; its file is not kept"),
    ),
];

/// The fields asserted of each line by their second stage, `s01-parse`, under the line's number.
pub(crate) fn asserted(assertions: &str) -> BTreeMap<usize, BTreeMap<String, String>> {
    let mut lines: BTreeMap<usize, BTreeMap<String, String>> = BTreeMap::new();
    for assertion in assertions.lines() {
        if let Some((line, field, value)) = field(assertion) {
            lines
                .entry(line)
                .or_default()
                .insert(field.to_owned(), value);
        }
    }
    lines
}

/// `results["s01-parse"]["PARSER"][LINE].Evt.Parsed["FIELD"] == "VALUE"`, or `Meta`.
fn field(assertion: &str) -> Option<(usize, &str, String)> {
    let rest = assertion.strip_prefix("results[\"s01-parse\"][")?;
    let (line, rest) = rest.split_once("][")?.1.split_once("].Evt.")?;
    let rest = rest
        .strip_prefix("Parsed[\"")
        .or_else(|| rest.strip_prefix("Meta[\""))?;
    let (field, rest) = rest.split_once("\"] == \"")?;
    let line = line.parse().expect("a line's number");
    let quoted = rest.strip_suffix('"').expect("a quoted value");
    Some((line, field, unquoted(quoted)))
}

fn unquoted(quoted: &str) -> String {
    let mut text = String::new();
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        text.push(match c {
            '\\' => match chars.next() {
                Some(escaped @ ('"' | '\\')) => escaped,
                other => panic!("unknown escape {other:?} in `{quoted}`"),
            },
            c => c,
        });
    }
    text
}

/// The tag as a whole.
fn tag(ours: &Facts, _: &str) -> Option<String> {
    let (label, program) = (ours.get("label")?, ours.get("program")?);
    Some(match label == program {
        true => program.to_owned(),
        false => format!("{label}/{program}"),
    })
}

/// `Jun 04` or `Jun 4`: the same day.
fn spaced_like(theirs: &str, stamp: &str) -> String {
    match theirs
        .split(' ')
        .nth(1)
        .is_some_and(|day| day.starts_with('0'))
    {
        true => stamp.replacen(' ', " 0", 1),
        false => stamp.to_owned(),
    }
}

/// The trailer as smtpd writes it.
fn trailer(ours: &Facts) -> Option<String> {
    Some(format!(
        "from=<{}> to=<{}> proto={} helo=<{}>",
        ours.get("mail_from")?,
        ours.get("rcpt_to")?,
        ours.get("protocol")?,
        ours.get("helo")?
    ))
}

fn codes(ours: &Facts) -> Option<String> {
    Some(format!(
        "{} {}",
        ours.get("code")?,
        ours.get("enhanced_status")?
    ))
}

/// Theirs is `auth_failed` for a login refused or given up after refusals.
fn login(ours: &Facts) -> Option<String> {
    match ours.get("kind")? {
        "auth.failed" => Some("auth_failed".to_owned()),
        "auth.succeeded" => Some("auth_success".to_owned()),
        kind => Some(kind.to_owned()),
    }
}

fn passed(passed: &str) -> String {
    match passed {
        "true" => "Passed".to_owned(),
        _ => "Blocked".to_owned(),
    }
}
