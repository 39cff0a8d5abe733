//! SEKOIA's intake formats for gateways and clouds that log JSON: a record and the document in the
//! Elastic Common Schema expected of it.

use crate::comparison::{Comparison, Counterpart, Table};
use crate::facts::Facts;
use crate::grok::without_brackets;
use crate::locate;
use crate::sekoia::each_leaf;
use Counterpart::{AnyOf, Made, Nothing, Part, Same};
use serde_json::Value;

#[test]
fn sekoia_gateways_agree() {
    let Some(root) = locate::root() else { return };
    let mut comparison = Comparison::new("sekoia gateways", TABLE);
    for folder in [
        "exchange/sekoia-o365-message-trace",
        "gateway/sekoia-mimecast",
        "gateway/sekoia-proofpoint-pod",
        "gateway/sekoia-retarus",
        "gateway/sekoia-trend-email",
        "gateway/sekoia-vade-m365",
    ] {
        for path in locate::files(&root.join(folder), false) {
            let case: Value = serde_json::from_str(&locate::text(&path)).expect("JSON");
            let message = case["input"]["message"].as_str().expect("a message");
            let facts = Facts::of_line(message.trim_end().as_bytes());
            let (_, short) = folder.split_once("sekoia-").expect("a folder of theirs");
            let name = format!("{short}/{}", locate::stem(&path));
            assert_ne!(facts.get("rule"), Some(""), "{name} has no rule");
            comparison.case();
            each_leaf("", &case["expected"], &mut |field, theirs| {
                let field = of_kind(field, &facts);
                comparison.field(&name, &field, theirs, &facts);
            });
        }
    }
    comparison.conclude(include_str!("deviations/gateway.txt"));
}

/// A delivery tells what the reception has not told; the headers' recipients are not kept.
fn of_kind(field: &str, facts: &Facts) -> String {
    let told = [
        "email.from.address",
        "email.message_id",
        "email.subject",
        "source.user.domain",
    ];
    if facts.get("rule") == Some("mimecast delivery") && told.contains(&field) {
        return "told by the reception".to_owned();
    }
    if facts.get("rule") == Some("proofpoint message") && field == "email.to.address" {
        return "a header that is not kept".to_owned();
    }
    if [
        "email.attachments.",
        "file.",
        "url.",
        "mimecast.siem.spam.",
        "vadesecure.attachments.",
        "vadesecure.auth_results",
    ]
    .iter()
    .any(|start| field.starts_with(start))
    {
        return "attachments, addresses of pages, scores in detail".to_owned();
    }
    if field.starts_with("proofpoint.pod.threat.") {
        return "attachments, addresses of pages, scores in detail".to_owned();
    }
    field.to_owned()
}

const REPEATED: Counterpart = Nothing("repeats the other fields");
const CONSTANT: Counterpart = Nothing("the same word in each document");
const PUBLIC_SUFFIX: Counterpart = Nothing("cut out of a name with a list of public suffixes");
const NOT_KEPT: Counterpart = Nothing("settings, direction or marks of the gateway, not kept");

const TABLE: Table = &[
    ("message", Nothing("the record itself")),
    (
        "told by the reception",
        Nothing("the message's reception has told it"),
    ),
    (
        "a header that is not kept",
        Nothing("the To header; the envelope is kept"),
    ),
    (
        "attachments, addresses of pages, scores in detail",
        Nothing("not kept one by one"),
    ),
    ("@timestamp", Made(same_moment)),
    ("event.action", Made(action)),
    ("event.category", CONSTANT),
    ("event.type", CONSTANT),
    ("event.kind", CONSTANT),
    ("event.outcome", CONSTANT),
    ("event.provider", CONSTANT),
    ("event.dataset", NOT_KEPT),
    ("event.reason", NOT_KEPT),
    ("action.name", CONSTANT),
    ("action.outcome", CONSTANT),
    ("action.outcome_reason", CONSTANT),
    ("action.target", CONSTANT),
    ("action.type", CONSTANT),
    ("error.code", Same(&["enhanced_status"])),
    ("email.attachments", NOT_KEPT),
    ("email.direction", NOT_KEPT),
    ("email.from.address", Part(&["header_from", "mail_from"])),
    ("email.to.address", Part(&["rcpt_to", "recipients"])),
    ("email.sender.address", Same(&["mail_from"])),
    ("email.reply_to.address", NOT_KEPT),
    ("email.x_mailer", Nothing("the mailer is in `agent`")),
    ("email.subject", Same(&["subject"])),
    (
        "email.message_id",
        Made(|ours, theirs| {
            let ours = ours.get("message_id")?;
            let bare = without_brackets(ours);
            Some(if ours == theirs {
                theirs.to_owned()
            } else {
                bare.trim_end_matches('>').to_owned()
            })
        }),
    ),
    ("email.local_id", AnyOf(&["queue_id", "mail_id", "about"])),
    ("source.ip", Same(&["client_address"])),
    ("source.address", Made(source)),
    ("source.domain", Made(source)),
    ("source.user.domain", Made(source)),
    ("source.registered_domain", PUBLIC_SUFFIX),
    ("source.subdomain", PUBLIC_SUFFIX),
    ("source.top_level_domain", PUBLIC_SUFFIX),
    ("destination.ip", Same(&["relay_address"])),
    ("destination.address", Made(destination)),
    ("destination.domain", Made(destination)),
    ("destination.user.domain", Made(destination)),
    ("destination.registered_domain", PUBLIC_SUFFIX),
    ("destination.subdomain", PUBLIC_SUFFIX),
    ("destination.top_level_domain", PUBLIC_SUFFIX),
    ("network.direction", NOT_KEPT),
    ("network.protocol", CONSTANT),
    ("network.transport", CONSTANT),
    ("organization.id", NOT_KEPT),
    ("organization.name", NOT_KEPT),
    ("observer.hostname", Same(&["host"])),
    ("observer.product", CONSTANT),
    ("observer.vendor", CONSTANT),
    ("observer.version", CONSTANT),
    ("related.ip", REPEATED),
    ("related.hosts", REPEATED),
    ("related.hash", REPEATED),
    ("office365.message_trace.MessageTraceId", Same(&["session"])),
    ("office365.message_trace.Size", Same(&["size"])),
    ("mimecast.siem.aggregate_id", Same(&["queue_id"])),
    ("mimecast.siem.processing_id", Same(&["session"])),
    ("mimecast.siem.subtype", REPEATED),
    (
        "mimecast.siem.delivered",
        Made(|ours, _| Some((ours.get("status")? == "sent").to_string())),
    ),
    ("mimecast.siem.hold_reason", Same(&["found"])),
    ("mimecast.siem.scan_results", Same(&["found"])),
    ("mimecast.siem.url_category", Part(&["found"])),
    ("mimecast.siem.virus_found", Same(&["text", "found"])),
    ("mimecast.siem.rejection.code", Same(&["code"])),
    ("mimecast.siem.rejection.info", Same(&["text"])),
    ("mimecast.siem.rejection.type", Same(&["stage"])),
    ("proofpoint.pod.cluster.id", NOT_KEPT),
    ("proofpoint.pod.modules", NOT_KEPT),
    ("proofpoint.pod.routes", NOT_KEPT),
    ("proofpoint.pod.msgpart.id", NOT_KEPT),
    ("proofpoint.pod.urls", NOT_KEPT),
    ("proofpoint.pod.smtp.sender", Same(&["mail_from"])),
    ("proofpoint.pod.smtp.recipients", Part(&["recipients"])),
    (
        "retarus.dkim.result",
        Nothing("a check of the sender is an event of its own"),
    ),
    (
        "retarus.spf.status",
        Nothing("a check of the sender is an event of its own"),
    ),
    ("retarus.class", NOT_KEPT),
    ("retarus.email_direction", NOT_KEPT),
    ("retarus.timestamp", REPEATED),
    ("retarus.message_id", Same(&["queue_id"])),
    ("retarus.mime_message_id", Same(&["message_id"])),
    ("retarus.recipient", Same(&["rcpt_to", "recipients"])),
    ("retarus.sender", Same(&["mail_from"])),
    ("retarus.status", Made(action)),
    (
        "retarus.type",
        Made(|ours, theirs| Some(ours.get("category").unwrap_or(theirs).to_owned())),
    ),
    ("retarus.virus_name", Same(&["found"])),
    ("trendmicro.email.embedded_urls", NOT_KEPT),
    (
        "vadesecure.status",
        Made(|ours, theirs| {
            // A remediation's status is the reason for it.
            Some(ours.get("category").unwrap_or(theirs).to_owned())
        }),
    ),
    ("vadesecure.attachments", NOT_KEPT),
    ("vadesecure.folder", Same(&["quarantine"])),
    ("vadesecure.from_header", Same(&["header_from"])),
    ("vadesecure.to_header", NOT_KEPT),
    ("vadesecure.last_report_date", NOT_KEPT),
    ("vadesecure.overdict", NOT_KEPT),
    ("vadesecure.urls", NOT_KEPT),
    ("vadesecure.whitelist", NOT_KEPT),
    ("vadesecure.campaign.id", Same(&["about"])),
    ("vadesecure.campaign.actions.action", Part(&["text"])),
    ("vadesecure.campaign.actions_labels", REPEATED),
    (
        "vadesecure.campaign.nb_messages_remediated",
        Same(&["number"]),
    ),
    ("vadesecure.campaign.nb_messages_remediated_read", NOT_KEPT),
    (
        "vadesecure.campaign.nb_messages_remediated_unread",
        NOT_KEPT,
    ),
];

fn same_moment(ours: &Facts, theirs: &str) -> Option<String> {
    let stamp = ours.get("stamp")?;
    let moment = |text: &str| text.parse::<jiff::Timestamp>();
    let equal = matches!((moment(stamp), moment(theirs)), (Ok(a), Ok(b)) if a == b);
    Some(if equal { theirs } else { stamp }.to_owned())
}

/// What the gateway did, in its words: a verdict keeps them, other kinds are them.
fn action(ours: &Facts, theirs: &str) -> Option<String> {
    let words = ["actions", "category", "text"];
    let mut told = words.iter().filter_map(|name| ours.get(name));
    if told.any(|it| it.eq_ignore_ascii_case(theirs) || it.contains(&theirs.to_uppercase())) {
        return Some(theirs.to_owned());
    }
    Some(match ours.get("kind")? {
        "message.rejected" => "Rej".to_owned(),
        "message.accepted" if theirs == "ACCEPTED" => theirs.to_owned(),
        "message.accepted" => "Acc".to_owned(),
        kind => kind.to_owned(),
    })
}

fn source(ours: &Facts, theirs: &str) -> Option<String> {
    either(
        ours,
        theirs,
        &["client_name", "client_address"],
        &["mail_from", "header_from"],
    )
}

fn destination(ours: &Facts, theirs: &str) -> Option<String> {
    either(ours, theirs, &["relay_address"], &["rcpt_to", "recipients"])
}

/// One of these facts that equals theirs, or the domain of one of these addresses.
fn either(ours: &Facts, theirs: &str, names: &[&str], addresses: &[&str]) -> Option<String> {
    let domains = addresses
        .iter()
        .filter_map(|name| Some(ours.get(name)?.rsplit_once('@')?.1));
    let values: Vec<&str> = names
        .iter()
        .filter_map(|name| ours.get(name))
        .chain(domains)
        .collect();
    let value = values
        .iter()
        .find(|value| **value == theirs)
        .or(values.first());
    value.map(|value| (*value).to_owned())
}
