//! SEKOIA's intake formats for policy services, spamd, FortiMail and Cisco's gateway.

use crate::comparison::{Comparison, Counterpart, Table, part};
use crate::facts::Facts;
use crate::grok::without_brackets;
use crate::locate;
use crate::sekoia::{each_leaf, read, without_next_frame};
use Counterpart::{AnyOf, Made, Nothing, Part, Same};
use std::path::Path;

/// Compares the cases of a folder for which a line can be made.
fn compare(
    comparison: &mut Comparison,
    folder: &Path,
    line: impl Fn(&str, &serde_json::Value) -> Option<String>,
) {
    for path in locate::files(folder, false) {
        let name = locate::stem(&path);
        let case = read(&path);
        let Some(line) = line(&name, &case) else {
            comparison.leave_out("a case of another suite, or no line of these programs");
            continue;
        };
        let facts = Facts::of_line(line.as_bytes());
        comparison.case();
        each_leaf("", &case["expected"], &mut |field, theirs| {
            comparison.field(&name, renamed(field, &facts), theirs, &facts);
        });
    }
}

/// Fields that mean something else on some lines.
fn renamed<'f>(field: &'f str, facts: &Facts) -> &'f str {
    let rule = facts.get("rule").unwrap_or_default();
    let text = facts.get("text").unwrap_or_default();
    match field {
        "destination.address" | "destination.ip"
            if matches!(rule, "fortimail statistics" | "fortimail found") =>
        {
            "destination.* of a scan"
        }
        "action.name" if text.contains("  Reject action: ") => "action of a refusal",
        "event.message" | "action.outcome_reason"
            if matches!(
                rule,
                "fortimail to" | "fortimail from" | "fortimail starttls"
            ) =>
        {
            "text of the mail server"
        }
        _ => field,
    }
}

fn message(case: &serde_json::Value) -> &str {
    case["input"]["message"].as_str().expect("a message")
}

#[test]
fn sekoia_filters_agree() {
    let Some(root) = locate::root() else { return };
    let mut comparison = Comparison::new("sekoia filters", FILTERS);
    let folder = root.join("postfix/sekoia-intake");
    compare(&mut comparison, &folder, |name, case| {
        let appname = case["input"]["log"]["syslog"]["appname"].as_str()?;
        let is_ours = matches!(appname, "policyd-spf" | "postgrey" | "spamd");
        (is_ours && !name.starts_with("wo_appname_")).then(|| {
            let text = without_next_frame(message(case));
            format!("Nov 22 08:23:21 mx1 {appname}[1]: {text}")
        })
    });
    let folder = root.join("spamd/sekoia-spamassassin");
    compare(&mut comparison, &folder, |_, case| {
        Some(message(case).to_owned())
    });
    comparison.conclude(include_str!("deviations/sekoia_filters.txt"));
}

#[test]
fn sekoia_fortimail_agrees() {
    let Some(root) = locate::root() else { return };
    let mut comparison = Comparison::new("sekoia fortimail", FORTIMAIL);
    let folder = root.join("gateway/sekoia-fortimail");
    compare(&mut comparison, &folder, |_, case| {
        // The date is taken off in all of them.
        let text = message(case);
        text.starts_with("time=")
            .then(|| format!("date=2026-11-22 {text}"))
    });
    comparison.conclude(include_str!("deviations/sekoia_fortimail.txt"));
}

#[test]
fn sekoia_cisco_esa_agrees() {
    let Some(root) = locate::root() else { return };
    let mut comparison = Comparison::new("sekoia cisco esa", CISCO_ESA);
    let folder = root.join("gateway/sekoia-cisco-esa");
    compare(&mut comparison, &folder, |_, case| {
        Some(message(case).to_owned())
    });
    comparison.conclude(include_str!("deviations/sekoia_cisco_esa.txt"));
}

/// The lines in Wazuh's rule tests for FortiMail; what they expect are numbers of rules.
#[test]
fn lines_of_wazuh_fortimail_have_rules() {
    let Some(root) = locate::root() else { return };
    let tests = locate::text(&root.join("gateway/wazuh/fortimail.ini"));
    let lines = tests.lines().filter_map(|line| line.split_once(" pass = "));
    let mut read = 0;
    for (_, line) in lines {
        let event = parse::line(line.as_bytes());
        assert!(event.rule.starts_with("fortimail "), "{line}");
        read += 1;
    }
    assert_eq!(read, 6);
}

const PUBLIC_SUFFIX: Counterpart = Nothing("cut out of a name with a list of public suffixes");
const REPEATED: Counterpart = Nothing("repeats the other fields");
const CONSTANT: Counterpart = Nothing("the same word in each document");
const TEXT: Counterpart = Nothing("the message itself");
const DEVICE: Counterpart = Nothing("about the appliance, not the mail");
const NOT_KEPT: Counterpart = Nothing("not kept: of no use for the way of a message");
const FOUND_IN_MAIL: Counterpart = Nothing("files and links in the mail are not kept apart");

const FILTERS: Table = &[
    ("message", TEXT),
    ("event.category", CONSTANT),
    ("event.type", CONSTANT),
    ("event.outcome", CONSTANT),
    ("network.protocol", CONSTANT),
    ("action.outcome", CONSTANT),
    ("action.target", CONSTANT),
    ("related.hosts", REPEATED),
    ("related.ip", REPEATED),
    ("related.user", REPEATED),
    ("source.registered_domain", PUBLIC_SUFFIX),
    ("source.subdomain", PUBLIC_SUFFIX),
    ("source.top_level_domain", PUBLIC_SUFFIX),
    ("destination.registered_domain", PUBLIC_SUFFIX),
    ("destination.subdomain", PUBLIC_SUFFIX),
    ("destination.top_level_domain", PUBLIC_SUFFIX),
    ("log.syslog.appname", Same(&["program"])),
    ("postfix.queue_id.local", Same(&["queue_id"])),
    ("action.name", Made(action)),
    (
        "action of a refusal",
        Nothing("what a refusal would have been; the line's own action is to prepend"),
    ),
    ("action.outcome_reason", Part(&["text"])),
    ("event.reason", Part(&["text"])),
    ("email.from.address", Same(&["mail_from"])),
    ("email.to.address", Same(&["rcpt_to"])),
    ("email.message_id", Made(message_id)),
    ("source.address", Made(host)),
    ("source.domain", Made(host)),
    ("source.ip", AnyOf(&["client_address", "peer_address"])),
    ("source.port", AnyOf(&["client_port", "peer_port"])),
    ("destination.address", Made(target)),
    ("destination.domain", Made(target)),
    ("destination.port", Same(&["server_port"])),
    ("user.name", Same(&["user"])),
    (
        "user.id",
        Nothing("the numeric user that spamd ran as is not kept"),
    ),
];

/// Theirs is the result or the words in front of it: a line of SPF is a result for us.
fn action(ours: &Facts, theirs: &str) -> Option<String> {
    part(ours, &["action", "result", "text"], theirs)
}

fn message_id(ours: &Facts, theirs: &str) -> Option<String> {
    let id = ours.first(&["message_id", "about"])?;
    Some(match theirs.starts_with('<') {
        true => id.to_owned(),
        false => without_brackets(id),
    })
}

/// They take the name of the client, its HELO (without brackets), the address or the domain of the
/// sender or the Message-ID, whichever they find.
fn host(ours: &Facts, theirs: &str) -> Option<String> {
    let names = [
        "client_name",
        "helo",
        "peer_name",
        "client_address",
        "about",
        "message_id",
    ];
    let bare = |name: &str| name.trim_matches(['[', ']', '<', '>']).to_owned();
    let values: Vec<String> = names
        .iter()
        .filter_map(|name| ours.get(name).map(bare))
        .map(|value| match value.rsplit_once('@') {
            Some((_, domain)) => domain.to_owned(),
            None => value,
        })
        .collect();
    let equal = values.iter().find(|value| *value == theirs);
    equal.or(values.first()).cloned()
}

/// The domain of the recipient, or the name that a line of `dns:` is about.
fn target(ours: &Facts, _: &str) -> Option<String> {
    match ours.get("rcpt_to") {
        Some(address) => Some(address.rsplit_once('@')?.1.to_owned()),
        None => ours.get("about").map(str::to_owned),
    }
}

const FORTIMAIL: Table = &[
    ("message", TEXT),
    ("event.category", CONSTANT),
    ("event.type", CONSTANT),
    ("event.kind", NOT_KEPT),
    ("event.action", NOT_KEPT),
    ("event.message", Part(&["text", "tests", "reason"])),
    ("event.reason", Part(&["text", "reason"])),
    ("event.outcome", Same(&["actions"])),
    ("action.outcome", Same(&["actions"])),
    ("action.outcome_reason", Made(reason)),
    ("action.properties.device_id", DEVICE),
    ("action.properties.log_id", DEVICE),
    ("action.properties.session_id", Same(&["session"])),
    ("action.properties.user_identifier", DEVICE),
    ("action.properties.class", NOT_KEPT),
    ("action.properties.daemon", NOT_KEPT),
    ("action.properties.nrcpts", Part(&["recipients", "text"])),
    ("action.properties.relay", Made(relay)),
    ("action.properties.delay", Made(delay)),
    ("action.properties.xdelay", NOT_KEPT),
    ("action.properties.mailer", NOT_KEPT),
    ("action.properties.priority_level_msg", NOT_KEPT),
    ("action.properties.dsn_version", Same(&["enhanced_status"])),
    ("action.properties.start_tls", Made(direction)),
    ("action.properties.verify", Same(&["tls_trust"])),
    ("action.properties.bits_sent_ratio", Made(bits)),
    ("action.properties.event_status", Part(&["tests"])),
    ("action.properties.dns_resolution_attempt", NOT_KEPT),
    ("action.properties.host_sender", Same(&["header_from"])),
    ("action.properties.policy_id", Same(&["decided_by"])),
    ("action.properties.source_country", NOT_KEPT),
    ("action.properties.src_type", NOT_KEPT),
    ("network.direction", NOT_KEPT),
    ("network.protocol", Part(&["protocol"])),
    ("destination.address", Made(relay)),
    ("destination.domain", Made(relay)),
    (
        "destination.ip",
        AnyOf(&["relay_address", "client_address", "peer_address"]),
    ),
    (
        "destination.* of a scan",
        Nothing("the gateway's own address"),
    ),
    (
        "text of the mail server",
        Nothing("taken apart into the other fields"),
    ),
    ("destination.registered_domain", PUBLIC_SUFFIX),
    ("destination.subdomain", PUBLIC_SUFFIX),
    ("destination.top_level_domain", PUBLIC_SUFFIX),
    ("destination.size_in_char", NOT_KEPT),
    ("source.size_in_char", NOT_KEPT),
    ("source.address", Same(&["client_name"])),
    (
        "source.domain",
        Nothing("theirs is the domain that is protected, the recipient's"),
    ),
    ("source.ip", Same(&["client_address"])),
    ("source.registered_domain", PUBLIC_SUFFIX),
    ("source.subdomain", PUBLIC_SUFFIX),
    ("source.top_level_domain", PUBLIC_SUFFIX),
    ("email.from.address", Same(&["mail_from"])),
    ("email.to.address", Part(&["recipients", "rcpt_to"])),
    ("email.subject", Same(&["subject"])),
    ("user.email", Part(&["rcpt_to"])),
    ("file.size", Part(&["size", "text"])),
    ("http.request.bytes", Same(&["size"])),
    ("log.hostname", Nothing("not in the message")),
    ("log.level", NOT_KEPT),
    ("related.hosts", REPEATED),
    ("related.ip", REPEATED),
    ("related.hash", REPEATED),
    ("related.user", REPEATED),
    ("tls.cipher", Same(&["tls_cipher"])),
    ("tls.client.issuer", Part(&["text"])),
    ("tls.client.subject", Part(&["text"])),
    ("tls.server.issuer", Part(&["text"])),
    ("tls.server.subject", Part(&["text"])),
    ("file.hash.sha256", FOUND_IN_MAIL),
    ("file.name", FOUND_IN_MAIL),
    ("file.type", FOUND_IN_MAIL),
    ("url.domain", FOUND_IN_MAIL),
    ("url.full", FOUND_IN_MAIL),
    ("url.original", FOUND_IN_MAIL),
    ("url.path", FOUND_IN_MAIL),
    ("url.port", FOUND_IN_MAIL),
    ("url.scheme", FOUND_IN_MAIL),
    ("url.registered_domain", PUBLIC_SUFFIX),
    ("url.subdomain", PUBLIC_SUFFIX),
    ("url.top_level_domain", PUBLIC_SUFFIX),
];

fn reason(ours: &Facts, theirs: &str) -> Option<String> {
    match ours.get("rule") {
        Some("fortimail statistics") => ours.get("category").map(str::to_owned),
        _ => part(ours, &["tests", "text"], theirs),
    }
}

/// The host that the server's line tells, by name or else by address.
fn relay(ours: &Facts, _: &str) -> Option<String> {
    ours.first(&[
        "relay_name",
        "relay_address",
        "client_name",
        "client_address",
        "peer_name",
        "peer_address",
    ])
    .map(str::to_owned)
}

/// `HH:MM:SS` of our milliseconds.
fn delay(ours: &Facts, _: &str) -> Option<String> {
    let seconds = ours.get("delay_ms")?.parse::<u64>().ok()? / 1000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    Some(format!("{hours:02}:{minutes:02}:{:02}", seconds % 60))
}

fn direction(ours: &Facts, theirs: &str) -> Option<String> {
    match ours.get("direction") {
        Some("inbound") => Some("server".to_owned()),
        Some(_) => Some("client".to_owned()),
        None => part(ours, &["text"], theirs),
    }
}

fn bits(ours: &Facts, _: &str) -> Option<String> {
    let (used, total) = (ours.get("tls_bits_used")?, ours.get("tls_bits_total")?);
    Some(format!("{used}/{total}"))
}

const CISCO_ESA: Table = &[
    ("message", TEXT),
    ("event.category", CONSTANT),
    ("event.type", CONSTANT),
    ("event.kind", CONSTANT),
    ("event.severity", CONSTANT),
    (
        "event.action",
        Made(|ours, _| ours.get("actions").map(str::to_lowercase)),
    ),
    ("event.end", Made(ended)),
    ("event.start", NOT_KEPT),
    ("@timestamp", Nothing("the start, where theirs has one")),
    ("cisco.esa.authentication.dkim.verdict", NOT_KEPT),
    ("cisco.esa.authentication.dmarc.verdict", NOT_KEPT),
    ("cisco.esa.authentication.spf.verdict", NOT_KEPT),
    ("cisco.esa.delivery.connection_id", NOT_KEPT),
    ("cisco.esa.event.action_details", NOT_KEPT),
    ("cisco.esa.email.message_size", Same(&["size"])),
    ("cisco.esa.friendly.from", Same(&["header_from"])),
    ("cisco.esa.helo.domain", NOT_KEPT),
    ("cisco.esa.helo.ip", NOT_KEPT),
    ("cisco.esa.injection.connection_id", Same(&["session"])),
    ("cisco.esa.log_headers.X-ThreatScanner-Verdict", NOT_KEPT),
    ("cisco.esa.protection.amp.verdict", NOT_KEPT),
    ("cisco.esa.protection.antivirus.verdict", NOT_KEPT),
    ("cisco.esa.protection.dlp.verdict", NOT_KEPT),
    ("cisco.esa.protection.graymail.verdict", NOT_KEPT),
    ("cisco.esa.protection.spam.verdict", Same(&["category"])),
    ("cisco.esa.sender_group", NOT_KEPT),
    ("cisco.esa.source.domain.age", NOT_KEPT),
    ("cisco.esa.status", Same(&["actions"])),
    ("cisco.esa.url", FOUND_IN_MAIL),
    ("cisco.esa.url_domain", FOUND_IN_MAIL),
    ("email.attachments.file.hash.sha256", FOUND_IN_MAIL),
    ("email.attachments.file.name", FOUND_IN_MAIL),
    ("email.from.address", Same(&["mail_from"])),
    ("email.local_id", Same(&["queue_id"])),
    (
        "email.message_id",
        Made(|ours, _| ours.get("message_id").map(without_brackets)),
    ),
    ("email.reply_to.address", NOT_KEPT),
    ("email.subject", Same(&["subject"])),
    ("email.to.address", Part(&["recipients"])),
    ("host.hostname", Same(&["client_name"])),
    ("host.name", Same(&["client_name"])),
    ("host.id", DEVICE),
    ("network.direction", NOT_KEPT),
    ("observer.egress.interface.name", DEVICE),
    ("observer.ingress.interface.name", DEVICE),
    ("observer.type", DEVICE),
    ("observer.vendor", DEVICE),
    ("observer.version", DEVICE),
    ("related.hash", REPEATED),
    ("related.hosts", REPEATED),
    ("related.ip", REPEATED),
    ("related.user", REPEATED),
    ("rule.name", Same(&["decided_by"])),
    ("server.ip", DEVICE),
    ("source.address", Same(&["client_address"])),
    ("source.ip", Same(&["client_address"])),
    ("tls.cipher", NOT_KEPT),
    ("tls.client.supported_ciphers", NOT_KEPT),
    ("tls.established", NOT_KEPT),
    ("tls.version", NOT_KEPT),
    ("tls.version_protocol", NOT_KEPT),
];

/// The appliance's clock taken for UTC, as they do.
fn ended(ours: &Facts, _: &str) -> Option<String> {
    let stamp = ours.get("stamp")?;
    Some(format!("{}Z", stamp.get(..19)?))
}
