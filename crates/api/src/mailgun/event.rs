//! Events, made of rows. What a row does not tell is absent.

use super::wanted::{Want, wants};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use query::{Column, Found, Kind, addresses};
use serde_json::{Map, Value, json};

/// What a kind of row is called.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub(super) event: &'static str,
    pub(super) severity: Option<&'static str>,
    pub(super) reason: Option<&'static str>,
    level: &'static str,
}

impl Told {
    /// What webhooks call it.
    pub(super) fn webhook(&self) -> &'static str {
        match self.severity {
            Some("temporary") => "temporary_fail",
            Some(_) => "permanent_fail",
            None => self.event,
        }
    }
}

const fn told(event: &'static str, level: &'static str) -> Told {
    Told {
        event,
        severity: None,
        reason: None,
        level,
    }
}

const fn failed(severity: &'static str, reason: &'static str, level: &'static str) -> Told {
    Told {
        severity: Some(severity),
        reason: Some(reason),
        ..told("failed", level)
    }
}

/// Rows that are events, in the order of [`Kind::ALL`].
pub(super) const KINDS: [(Kind, Told); 12] = [
    (Kind::MessageAccepted, told("accepted", "info")),
    (Kind::MessageStored, told("stored", "info")),
    (Kind::MessageRejected, told("rejected", "warn")),
    (Kind::Delivered, told("delivered", "info")),
    (Kind::Relayed, told("delivered", "info")),
    (Kind::Deferred, failed("temporary", "generic", "warn")),
    (Kind::Bounced, failed("permanent", "bounce", "error")),
    (Kind::Expired, failed("permanent", "old", "error")),
    (Kind::ComplaintReceived, told("complained", "warn")),
    (Kind::EngagementOpened, told("opened", "info")),
    (Kind::EngagementClicked, told("clicked", "info")),
    (Kind::EngagementUnsubscribed, told("unsubscribed", "info")),
];

/// What a row of a kind is called; `None` for what is no event.
pub(super) fn told_of(kind: &str) -> Option<&'static Told> {
    let found = KINDS.iter().find(|(it, _)| it.name() == kind);
    found.map(|(_, told)| told)
}

/// The program that lines of applications are told to be of.
const APPLICATION: &str = "application";

/// What an application told of its event beside what the archive has in columns, as it was written.
const AS_WRITTEN: [&str; 7] = [
    "campaigns",
    "client-info",
    "geolocation",
    "mailing-list",
    "storage",
    "tags",
    "user-variables",
];

/// An event, when it was in microseconds, and whose domain's it is.
pub(super) struct Event {
    pub(super) at: i64,
    pub(super) domain: String,
    pub(super) object: Map<String, Value>,
}

/// The events of a row, one for each recipient that is wanted; `before` counts those of rows that
/// nothing tells from this one.
pub(super) async fn of_row(
    row: &Found,
    all: &[Want],
    before: &mut u64,
) -> crate::problem::Result<Vec<Event>> {
    let Some(told) = row.text(Column::Kind).and_then(told_of) else {
        return Ok(Vec::new());
    };
    let written = as_written(row).await?;
    let list = row.text(Column::RcptTo).unwrap_or_default();
    let recipients = addresses(list).filter(|it| !it.is_empty());
    let mut recipients: Vec<Option<&str>> = recipients.map(Some).collect();
    if recipients.is_empty() {
        recipients.push(None);
    }
    let mut events = Vec::with_capacity(recipients.len());
    for recipient in recipients {
        let id = id(row.at(), row.id.wrapping_add(*before));
        *before += 1;
        if wants(all, recipient) {
            let mut object = written.clone();
            object.insert("id".to_owned(), id.into());
            fill(&mut object, row, told, recipient);
            events.push(Event {
                at: row.at(),
                domain: row
                    .text(Column::AccountDomain)
                    .unwrap_or_default()
                    .to_owned(),
                object,
            });
        }
    }
    Ok(events)
}

/// 22 characters; the same whenever the row is read.
fn id(at: i64, row: u64) -> String {
    let bytes = [at.to_be_bytes(), row.to_be_bytes()].concat();
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// What clients expect to be there, and what an application told.
async fn as_written(row: &Found) -> crate::problem::Result<Map<String, Value>> {
    let mut object = Map::new();
    object.insert("tags".to_owned(), json!([]));
    object.insert("campaigns".to_owned(), json!([]));
    object.insert("user-variables".to_owned(), json!({}));
    if row.text(Column::Program) != Some(APPLICATION) {
        return Ok(object);
    }
    let lines = row.lines().await?;
    let line = lines.first().map(|(_, line)| line.as_slice());
    let told: Option<Value> = line.and_then(|line| serde_json::from_slice(line).ok());
    let Some(mut told) = told else {
        return Ok(object);
    };
    if let Some(inner) = told.get_mut("event-data") {
        told = inner.take();
    }
    for name in AS_WRITTEN {
        let value = told.get_mut(name).map(Value::take);
        // Other applications may mean something else by a name.
        let usual = object.get(name).map(std::mem::discriminant);
        if let Some(value) = value
            && usual.is_none_or(|it| it == std::mem::discriminant(&value))
        {
            object.insert(name.to_owned(), value);
        }
    }
    Ok(object)
}

fn fill(object: &mut Map<String, Value>, row: &Found, told: &Told, recipient: Option<&str>) {
    let text = |column| row.text(column).filter(|it| !it.is_empty());
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            object.insert(name.to_owned(), value);
        }
    };
    put("event", Some(told.event.into()));
    put("timestamp", Some((row.at() as f64 / 1e6).into()));
    put("log-level", Some(told.level.into()));
    put("severity", told.severity.map(Value::from));
    put("reason", told.reason.map(Value::from));
    put("recipient", recipient.map(Value::from));
    let domain = recipient.and_then(|it| it.rsplit_once('@'));
    let domain = domain.map(|(_, domain)| domain.to_ascii_lowercase());
    put("recipient-domain", domain.map(Value::from));
    put("message", Some(message(row, told)));
    match told.event {
        "opened" | "clicked" | "unsubscribed" | "complained" => {
            put("ip", text(Column::ClientAddress).map(Value::from));
            put("url", text(Column::Path).map(Value::from));
            let agent = text(Column::UserAgent);
            if agent.is_some() && !object.contains_key("client-info") {
                object.insert("client-info".to_owned(), json!({ "user-agent": agent }));
            }
        }
        _ => {
            put("flags", Some(flags(row)));
            put("envelope", Some(envelope(row, recipient)));
            match told.event {
                "accepted" => {
                    put("method", is_smtp(row).then(|| "smtp".into()));
                    put(
                        "originating-ip",
                        text(Column::ClientAddress).map(Value::from),
                    );
                }
                "rejected" => put("reject", Some(reject(row))),
                "stored" => {}
                _ => put("delivery-status", Some(delivery_status(row))),
            }
        }
    }
}

/// An object of what is there.
fn of_present<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let present = members.into_iter();
    let present = present.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(present.collect())
}

fn message(row: &Found, told: &Told) -> Value {
    let text = |column| row.text(column).filter(|it| !it.is_empty());
    let id = text(Column::MessageId).map(|it| it.trim_matches(['<', '>']));
    let headers = of_present([
        ("message-id", id.map(Value::from)),
        ("from", text(Column::HeaderFrom).map(Value::from)),
        ("subject", text(Column::Subject).map(Value::from)),
    ]);
    let list = matches!(told.event, "accepted" | "stored").then(|| text(Column::RcptTo));
    let recipients = list.flatten().map(|it| addresses(it).collect::<Vec<_>>());
    of_present([
        ("headers", Some(headers)),
        ("size", row.number(Column::Size).map(Value::from)),
        ("recipients", recipients.map(Value::from)),
    ])
}

fn flags(row: &Found) -> Value {
    json!({
        "is-authenticated": row.text(Column::User).is_some_and(|it| !it.is_empty()),
        "is-delayed-bounce": false,
        "is-routed": false,
        "is-system-test": false,
        "is-test-mode": false,
    })
}

fn is_smtp(row: &Found) -> bool {
    let says = |column, word: &str| {
        let text = row.text(column).unwrap_or_default();
        text.to_ascii_lowercase().contains(word)
    };
    says(Column::Protocol, "smtp") || says(Column::Agent, "smtp")
}

fn envelope(row: &Found, recipient: Option<&str>) -> Value {
    of_present([
        ("sender", row.text(Column::MailFrom).map(Value::from)),
        ("targets", recipient.map(Value::from)),
        ("transport", is_smtp(row).then(|| "smtp".into())),
    ])
}

fn reject(row: &Found) -> Value {
    let code = row.number(Column::Code).map(|it| it.to_string());
    let enhanced = row.text(Column::EnhancedStatus).map(str::to_owned);
    let text = row.reply().map(|it| it.into_owned());
    let parts: Vec<String> = [code, enhanced, text].into_iter().flatten().collect();
    json!({ "reason": parts.join(" "), "description": "" })
}

fn delivery_status(row: &Found) -> Value {
    let text = |column| row.text(column).filter(|it| !it.is_empty());
    let reply = row.reply().map(|it| it.into_owned());
    let own = reply
        .clone()
        .filter(|_| row.flag(Column::RemoteReply) == Some(false));
    let milliseconds = row.number(Column::DelayTransmitMs);
    of_present([
        ("code", row.number(Column::Code).map(Value::from)),
        ("message", reply.map(Value::from)),
        ("description", own.map(Value::from)),
        (
            "enhanced-code",
            text(Column::EnhancedStatus).map(Value::from),
        ),
        ("mx-host", text(Column::RelayName).map(Value::from)),
        (
            "session-seconds",
            milliseconds.map(|it| (it as f64 / 1e3).into()),
        ),
        ("tls", text(Column::Tls).map(|_| true.into())),
    ])
}
