//! syslog-ng's pattern database: its example messages of Postfix with the values expected of them.

use crate::comparison::{Comparison, Counterpart, Table};
use crate::facts::Facts;
use crate::grok::{period, seconds};
use crate::locate;
use Counterpart::{Made, Part, Same};
use serde_json::Value;

#[test]
fn pattern_database_agrees() {
    let Some(root) = locate::root() else { return };
    let path = root.join("postfix/syslog-ng-patterndb/postfix-examples.json");
    let examples: Vec<Value> =
        serde_json::from_str(&locate::text(&path)).expect("a list of examples");
    let mut comparison = Comparison::new("patterndb", TABLE);
    for (at, example) in examples.iter().enumerate() {
        comparison.case();
        let word = |name: &str| example[name].as_str().expect("a text").to_owned();
        let (program, message) = (word("program"), word("message"));
        let line = format!("Nov 22 08:23:21 mx1 {program}[1]: {message}");
        let facts = Facts::of_line(line.as_bytes());
        let expected = example["expected"].as_object().expect("values by name");
        for (field, theirs) in expected {
            let theirs = theirs.as_str().expect("values are texts");
            comparison.field(&format!("#{at}"), field, theirs, &facts);
        }
    }
    comparison.conclude(include_str!("deviations/patterndb.txt"));
}

const TABLE: Table = &[
    ("postfix.qid", Same(&["queue_id"])),
    ("postfix.client.hostname", Same(&["client_name"])),
    (
        "postfix.client.ip",
        Same(&["client_address", "peer_address"]),
    ),
    ("postfix.sender", Same(&["mail_from"])),
    ("postfix.recipient", Same(&["rcpt_to"])),
    ("postfix.recipient2", Same(&["rcpt_to"])),
    ("postfix.proto", Same(&["protocol"])),
    ("postfix.helo", Same(&["helo"])),
    ("postfix.header.name", Same(&["header_name"])),
    ("postfix.header.value", Same(&["content"])),
    ("postfix.relay.hostname", Same(&["peer_name"])),
    ("postfix.relay.ip", Same(&["peer_address"])),
    ("postfix.relay.msg", Part(&["text"])),
    ("postfix.result.code", Same(&["code"])),
    ("postfix.result.dsn", Same(&["enhanced_status"])),
    ("postfix.result.msg", Part(&["text"])),
    ("postfix.command", Same(&["stage"])),
    ("postfix.bytes", Same(&["bytes"])),
    ("postfix.status", Made(|ours, _| status(ours))),
    ("postfix.statusmsg", Same(&["text"])),
    ("postfix.uid", Same(&["uid"])),
    ("postfix.to", Same(&["rcpt_to"])),
    ("postfix.orig_to", Same(&["orig_rcpt_to"])),
    ("postfix.relay", Same(&["relay_name"])),
    (
        "postfix.delay",
        Made(|ours, _| ours.get("delay_ms").map(seconds)),
    ),
    (
        "postfix.delays.1",
        Made(|ours, _| ours.get("delay_before_queue_ms").map(seconds)),
    ),
    (
        "postfix.delays.2",
        Made(|ours, _| ours.get("delay_queue_ms").map(seconds)),
    ),
    (
        "postfix.delays.3",
        Made(|ours, _| ours.get("delay_connect_ms").map(seconds)),
    ),
    (
        "postfix.delays.4",
        Made(|ours, _| ours.get("delay_transmit_ms").map(seconds)),
    ),
    ("postfix.dsn", Same(&["enhanced_status"])),
    ("postfix.anvil.connrate", Made(rate)),
    ("postfix.anvil.conncount", Same(&["number"])),
    ("postfix.anvil.cachesize", Same(&["number"])),
    ("postfix.anvil.proto", Same(&["service"])),
    ("postfix.anvil.date", Part(&["about", "text"])),
    ("postfix.server.ip", Part(&["service"])),
    ("postfix.server.port", Part(&["service"])),
];

fn status(ours: &Facts) -> Option<String> {
    match ours.get("kind") {
        Some("message.expired") => Some("expired, returned to sender".to_owned()),
        _ => ours.get("status").map(str::to_owned),
    }
}

/// `2/60s`: the number and its period.
fn rate(ours: &Facts, theirs: &str) -> Option<String> {
    let (_, theirs) = theirs.split_once('/')?;
    let period = period(ours.get("period_secs")?, theirs)?;
    Some(format!("{}/{period}", ours.get("number")?))
}
