//! fluent-plugin-sendmail: ten lines of one message, and the record that comes of each attempt.

use crate::comparison::{Comparison, Counterpart, Table};
use crate::facts::Facts;
use crate::locate;
use Counterpart::{Made, Nothing, Part, Same};

const TABLE: Table = &[
    ("mta", Same(&["host"])),
    ("qid", Same(&["queue_id"])),
    (
        "from",
        Made(|ours, _| Some(format!("<{}>", ours.get("mail_from")?))),
    ),
    ("size", Same(&["size"])),
    ("nrcpts", Same(&["recipients"])),
    ("msgid", Same(&["message_id"])),
    ("proto", Same(&["protocol"])),
    ("relay_from.ip", Same(&["client_address"])),
    ("relay_to.ip", Same(&["relay_address"])),
    (
        "to",
        Made(|ours, theirs| {
            let to = ours.get("rcpt_to")?;
            Some(match theirs.contains('<') && !to.contains('<') {
                true => format!("<{to}>"),
                false => to.to_owned(),
            })
        }),
    ),
    ("dsn", Same(&["enhanced_status"])),
    ("stat", Part(&["text"])),
    (
        "delay_in_sec",
        Made(|ours, _| {
            let ms: u64 = ours.get("delay_ms")?.parse().ok()?;
            Some((ms / 1000).to_string())
        }),
    ),
    (
        "status_canonical",
        Made(|ours, _| {
            Some(match (ours.get("status")?, ours.get("agent")?) {
                ("sent", "local") => "sent_local".to_owned(),
                (status, _) => status.to_owned(),
            })
        }),
    ),
    (
        "time",
        Nothing("seconds of a year and a zone of their choice"),
    ),
    ("class", Nothing("the queue's precedence is not kept")),
    ("daemon", Nothing("the listener's name is not kept")),
    ("delay", Nothing("as `delay_in_sec`")),
    ("xdelay", Nothing("the attempt's own time is not kept")),
    ("mailer", Nothing("`agent` says what it is")),
    ("pri", Nothing("the queue's priority is not kept")),
    (
        "ctladdr",
        Nothing("the user on whose behalf it is delivered is not kept"),
    ),
    ("canonical_status", Nothing("a slip of theirs")),
];

#[test]
fn fluent_sendmail_records_agree() {
    let Some(root) = locate::root() else { return };
    let folder = root.join("sendmail/fluent-plugin-sendmail");
    let log = locate::text(&folder.join("data"));
    let facts: Vec<Facts> = log
        .lines()
        .map(|line| Facts::of_line(line.as_bytes()))
        .collect();
    let received = facts
        .iter()
        .find(|it| it.get("rule") == Some("sendmail from"))
        .expect("a message received");
    let mut attempts = facts
        .iter()
        .filter(|it| it.get("rule") == Some("sendmail to"));
    let mut comparison = Comparison::new("fluent-plugin-sendmail", TABLE);
    for (at, line) in locate::text(&folder.join("result")).lines().enumerate() {
        let record: serde_json::Value = serde_json::from_str(line).expect("a record");
        let attempt = attempts.next().expect("an attempt for each record");
        comparison.case();
        let record = record.as_object().expect("an object");
        for (field, theirs) in record {
            let ours = match received_tells(field) {
                true => received,
                false => attempt,
            };
            let case = format!("result#{}", at + 1);
            for (field, theirs) in values(field, theirs) {
                comparison.field(&case, &field, &theirs, ours);
            }
        }
    }
    assert!(attempts.next().is_none(), "an attempt without a record");
    comparison.conclude(include_str!("deviations/fluent_sendmail.txt"));
}

fn received_tells(field: &str) -> bool {
    matches!(
        field,
        "from" | "size" | "nrcpts" | "msgid" | "proto" | "relay_from"
    )
}

/// A field's values as text; those of a host by the names of its parts, without what is null.
fn values(field: &str, value: &serde_json::Value) -> Vec<(String, String)> {
    match value {
        serde_json::Value::Object(parts) => parts
            .iter()
            .filter_map(|(part, value)| Some((format!("{field}.{part}"), value.as_str()?.into())))
            .collect(),
        serde_json::Value::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(|it| it.as_str()).collect();
            vec![(field.into(), items.join(","))]
        }
        serde_json::Value::String(text) => vec![(field.into(), text.clone())],
        other => vec![(field.into(), other.to_string())],
    }
}
