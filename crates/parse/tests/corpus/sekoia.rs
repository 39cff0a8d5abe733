//! SEKOIA's intake format for Postfix: one JSON file for each case, with a message and the document
//! in the Elastic Common Schema expected of it.

use crate::comparison::{Comparison, Counterpart, Table, part};
use crate::facts::Facts;
use crate::grok::without_brackets;
use crate::locate;
use Counterpart::{AnyOf, Made, Nothing, Part, Same};
use serde_json::Value;
use std::path::Path;

#[test]
fn sekoia_intake_agrees() {
    let Some(root) = locate::root() else { return };
    let folder = root.join("postfix/sekoia-intake");
    let mut comparison = Comparison::new("sekoia", TABLE);
    for path in locate::files(&folder, false) {
        let name = locate::stem(&path);
        let case = read(&path);
        if let Some(twin) = name.strip_prefix(WITHOUT_PROGRAM) {
            let twin = read(&folder.join(format!("{twin}.json")));
            assert_eq!(case["input"]["message"], twin["input"]["message"], "{name}");
            comparison.leave_out("the message of another case, without its program");
            continue;
        }
        let appname = case["input"]["log"]["syslog"]["appname"].as_str();
        let Some(tag) = tag(&name, appname) else {
            comparison.leave_out("not a Postfix daemon (policyd-spf, postgrey, spamd)");
            continue;
        };
        let message = case["input"]["message"].as_str().expect("a message");
        let message = without_next_frame(message);
        if matches!(name.as_str(), "postfix3" | "postfix8") {
            comparison.leave_out("a message that no Postfix source has");
            continue;
        }
        let facts = Facts::of_line(format!("Nov 22 08:23:21 mx1 {tag}[1]: {message}").as_bytes());
        comparison.case();
        let outbound = facts
            .get("kind")
            .is_some_and(|it| it.starts_with("delivery."));
        each_leaf("", &case["expected"], &mut |field, theirs| {
            let field = match outbound && field.starts_with("source.") {
                true => "source.* of a delivery",
                false => field,
            };
            comparison.field(&name, field, theirs, &facts);
        });
    }
    comparison.conclude(include_str!("deviations/sekoia.txt"));
}

/// Files that repeat a message and have no `appname`: no syslog line lacks a tag.
const WITHOUT_PROGRAM: &str = "wo_appname_";

const PUBLIC_SUFFIX: Counterpart = Nothing("cut out of a name with a list of public suffixes");
const REPEATED: Counterpart = Nothing("repeats the other fields");
const CONSTANT: Counterpart = Nothing("the same word in each document");
const ATTACHMENT: Counterpart = Nothing("read out of a header's content, which we keep as written");
const INVENTED: Counterpart = Nothing("words of theirs that are not in the message");

const TABLE: Table = &[
    ("message", Nothing("the message itself")),
    ("event.category", CONSTANT),
    ("event.type", CONSTANT),
    ("event.outcome", CONSTANT),
    ("network.protocol", CONSTANT),
    ("action.outcome", CONSTANT),
    ("action.target", CONSTANT),
    ("action.outcome_reason", INVENTED),
    ("related.hosts", REPEATED),
    ("related.ip", REPEATED),
    (
        "log.syslog.appname",
        Nothing("the tag; chosen here where theirs names no daemon"),
    ),
    ("source.registered_domain", PUBLIC_SUFFIX),
    ("source.subdomain", PUBLIC_SUFFIX),
    ("source.top_level_domain", PUBLIC_SUFFIX),
    ("destination.registered_domain", PUBLIC_SUFFIX),
    ("destination.subdomain", PUBLIC_SUFFIX),
    ("destination.top_level_domain", PUBLIC_SUFFIX),
    ("file.created", ATTACHMENT),
    ("file.ctime", ATTACHMENT),
    ("file.name", ATTACHMENT),
    ("file.size", ATTACHMENT),
    ("postfix.queue_id.local", Same(&["queue_id"])),
    ("postfix.queue_id.remote", Same(&["next_queue_id"])),
    ("postfix.orig_to", Same(&["orig_rcpt_to"])),
    ("postfix.headers.from", Part(&["content", "text"])),
    ("email.from.address", Part(&["mail_from", "content"])),
    ("email.to.address", Same(&["rcpt_to"])),
    (
        "email.message_id",
        Made(|ours, _| ours.get("message_id").map(without_brackets)),
    ),
    ("action.name", Made(action)),
    ("action.type", Made(stage)),
    ("event.reason", Part(&["text", "reason"])),
    // They take the name from the client, its HELO or the sender, whichever they find, and for the
    // destination the relay or the recipient; an address stands in where there is no name.
    (
        "source.* of a delivery",
        Nothing("a host named in the text of a reply, which we keep as written"),
    ),
    ("source.address", Made(source)),
    ("source.domain", Made(source)),
    ("source.ip", AnyOf(&["client_address", "peer_address"])),
    ("source.port", AnyOf(&["client_port", "peer_port"])),
    ("destination.address", Made(destination)),
    ("destination.domain", Made(destination)),
    (
        "destination.ip",
        AnyOf(&["relay_address", "peer_address", "client_address"]),
    ),
    (
        "destination.port",
        Part(&["relay_port", "peer_port", "about"]),
    ),
];

pub(crate) fn read(path: &Path) -> Value {
    serde_json::from_str(&locate::text(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The syslog tag of a case. Theirs is `postfix`, `-` or nothing in a few: the daemon is then the
/// one that writes such a message.
fn tag(name: &str, appname: Option<&str>) -> Option<String> {
    let daemon = match name {
        "postfix3" | "postfix6" | "postfix8" | "smtp3" | "smtp7" => "postfix/smtp",
        "postfix4" | "postfix5" | "postfix7" => "postfix/smtpd",
        // Messages of smtp and of smtpd that bear another daemon's name.
        "nospam" | "smtpd_tls2" | "replace_header_1" => "postfix/smtp",
        "sasl_login" => "postfix/smtpd",
        _ => appname?,
    };
    daemon.starts_with("postfix").then(|| daemon.to_owned())
}

/// Some messages end in a blank and a number: the length of the next frame in octet-counted syslog
/// (RFC 6587 §3.4.1), which their collector left at the end of this one. No Postfix message does.
pub(crate) fn without_next_frame(message: &str) -> &str {
    match message.rsplit_once(' ') {
        Some((text, length))
            if (2..=3).contains(&length.len())
                && length.bytes().all(|b| b.is_ascii_digit())
                && !text.ends_with("signal") =>
        {
            text
        }
        _ => message,
    }
}

/// Walks a document; the values of a list stand under the list's name.
pub(crate) fn each_leaf(path: &str, value: &Value, take: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                each_leaf(&format!("{path}{dot}{name}"), value, take);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| each_leaf(path, value, take)),
        Value::String(text) => take(path, text),
        other => take(path, &other.to_string()),
    }
}

/// Status, decision or the session's end, in their words.
fn action(ours: &Facts, _: &str) -> Option<String> {
    match ours.get("kind") {
        Some("session.closed") => Some("disconnect".to_owned()),
        _ => ours
            .first(&["status", "action", "reason"])
            .map(str::to_owned),
    }
}

/// Of what another host said the stage is left in the text.
fn stage(ours: &Facts, theirs: &str) -> Option<String> {
    match ours.get("stage") {
        Some(stage) => Some(stage.to_owned()),
        None => part(ours, &["text"], theirs),
    }
}

fn source(ours: &Facts, theirs: &str) -> Option<String> {
    any_name(
        ours,
        theirs,
        &[
            "client_name",
            "peer_name",
            "helo",
            "client_address",
            "peer_address",
        ],
        "mail_from",
    )
}

/// What is not a peer is what a notice is about: the server of a table, `ADDRESS:PORT`.
fn destination(ours: &Facts, theirs: &str) -> Option<String> {
    let named = any_name(
        ours,
        theirs,
        &[
            "relay_name",
            "peer_name",
            "relay_address",
            "peer_address",
            "client_address",
        ],
        "rcpt_to",
    );
    named.or_else(|| part(ours, &["about"], theirs))
}

/// One of these facts that equals theirs, or the domain of the envelope's address.
fn any_name(ours: &Facts, theirs: &str, names: &[&str], address: &str) -> Option<String> {
    let domain = |address: &str| Some(address.rsplit_once('@')?.1.to_owned());
    let named = names
        .iter()
        .filter_map(|it| ours.get(it))
        .map(str::to_owned);
    let values: Vec<String> = named.chain(ours.get(address).and_then(domain)).collect();
    values
        .iter()
        .find(|value| *value == theirs)
        .or(values.first())
        .cloned()
}
