//! What applications tell of the mail that they sent: `POST /events`, one JSON object an event.
//!
//! An event becomes a line byte for byte. Before, it is looked at whether a reader of the journal will understand it
//! (`parse`, "application event"), so that who sends it learns what is wrong with which.

use super::body::Packing;
use super::door::{Door, Plan, Taken};
use super::json;
use super::lines::Lines;
use super::own::{json_answer, problem};
use super::refusal::{Refusal, bounded};
use crate::limits::HTTP_RECORD_BYTES_MAX;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::net::IpAddr;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Door>> {
    Router::new().route("/events", post(take))
}

async fn take(State(door): State<Arc<Door>>, request: Request) -> Response {
    match take_events(&door, request).await {
        Ok(taken) => json_answer(
            "application/json",
            &format!(r#"{{"events":{}}}"#, taken.lines()),
        ),
        Err(refusal) => problem(&refusal),
    }
}

async fn take_events(door: &Door, request: Request) -> Result<Taken<()>, Refusal> {
    let plan = |headers: &HeaderMap| {
        Ok(Plan {
            packing: Packing::of(headers)?,
            decode,
        })
    };
    door.take("events", request, plan).await
}

/// Objects in an array, or one behind the other as in `application/x-ndjson`.
pub(super) fn decode(body: &[u8], lines: &mut Lines) -> Result<(), Refusal> {
    let body = json::text(body)?;
    let mut index = 0;
    let mut push = |event: &str| {
        bounded(event.len(), HTTP_RECORD_BYTES_MAX)?;
        check(event).map_err(|(field, why)| WrongEvent { index, field, why })?;
        index += 1;
        lines.push(event.as_bytes())
    };
    for value in serde_json::Deserializer::from_str(body).into_iter::<&RawValue>() {
        let value = value.map_err(|error| json::invalid(&error))?.get();
        if value.starts_with('[') {
            json::each(value, &mut push)?;
        } else {
            push(value)?;
        }
    }
    Ok(())
}

/// An event that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {index}: `{field}` {why}")]
pub(super) struct WrongEvent {
    /// Which of the request, from 0.
    pub(super) index: usize,
    /// Its name, with a dot before those inside others; empty for the whole.
    pub(super) field: String,
    why: String,
}

/// What is wrong: the field, and what it should be.
type Wrong = (String, String);

/// Events that are known.
const EVENTS: &[&str] = &[
    "accepted",
    "clicked",
    "complained",
    "delivered",
    "failed",
    "opened",
    "rejected",
    "stored",
    "unsubscribed",
];

/// Errs with what is wrong with an event.
fn check(event: &str) -> Result<(), Wrong> {
    let event: Value = serde_json::from_str(event).map_err(|error| {
        (
            String::new(),
            format!("is no JSON that can be read: {error}"),
        )
    })?;
    let Value::Object(whole) = &event else {
        return Err((String::new(), "must be an object".to_owned()));
    };
    let (told, before) = match whole.get("event-data") {
        None => (whole, ""),
        Some(Value::Object(inner)) => (inner, "event-data."),
        Some(_) => return wrong("event-data", "must be an object"),
    };
    let at = |name: &str| format!("{before}{name}");
    let event = told.get("event").and_then(Value::as_str);
    if !event.is_some_and(|event| EVENTS.contains(&event)) {
        return wrong(at("event"), format!("must be one of {}", EVENTS.join(", ")));
    }
    check_time(told).map_err(|(name, why)| (at(&name), why))?;
    let severity = told.get("severity");
    if event == Some("failed") && !is_one(severity, &["temporary", "permanent"]) {
        return wrong(at("severity"), "must be `temporary` or `permanent`");
    }
    check_names(told).map_err(|(name, why)| (at(&name), why))?;
    for (name, is_right, what) in FIELDS {
        let value = told.get(*name).filter(|value| !value.is_null());
        if value.is_some_and(|value| !is_right(value)) {
            return wrong(at(name), format!("must be {what}"));
        }
    }
    Ok(())
}

fn wrong<T>(field: impl Into<String>, why: impl Into<String>) -> Result<T, Wrong> {
    Err((field.into(), why.into()))
}

/// A field that may be absent: its name, whether a value is right, and what is.
type Field = (&'static str, fn(&Value) -> bool, &'static str);

const FIELDS: &[Field] = &[
    ("id", Value::is_string, "a string"),
    ("ip", is_address, "an IP address"),
    ("originating-ip", is_address, "an IP address"),
    ("url", Value::is_string, "a string"),
    ("reason", Value::is_string, "a string"),
    ("user-agent", Value::is_string, "a string"),
    ("user_agent", Value::is_string, "a string"),
    ("campaign", Value::is_string, "a string"),
    ("tags", are_strings, "an array of strings"),
    ("user-variables", is_object, "an object"),
    ("user_variables", is_object, "an object"),
    ("client-info", is_object, "an object"),
    ("delivery-status", is_object, "an object"),
    ("envelope", is_object, "an object"),
    ("geolocation", is_object, "an object"),
];

fn is_address(value: &Value) -> bool {
    let text = value.as_str();
    text.is_some_and(|text| text.parse::<IpAddr>().is_ok())
}

/// Also one written as a string, as Mailgun's logs have it.
fn is_object(value: &Value) -> bool {
    value.is_object() || value.as_str().is_some_and(|text| text.starts_with('{'))
}

fn are_strings(value: &Value) -> bool {
    let values = value.as_array();
    values.is_some_and(|values| values.iter().all(Value::is_string))
}

fn is_one(value: Option<&Value>, words: &[&str]) -> bool {
    let word = value.and_then(Value::as_str);
    word.is_some_and(|word| words.contains(&word))
}

/// Last second of the year 2286, as far as ten digits reach.
const SECONDS_MAX: f64 = 9_999_999_999.0;

/// `timestamp` or `@timestamp`: seconds since 1970, or RFC 3339.
fn check_time(told: &Map<String, Value>) -> Result<(), Wrong> {
    let names = ["timestamp", "@timestamp"];
    let found = names
        .iter()
        .find_map(|name| Some((*name, told.get(*name)?)));
    let (name, time) = found.unwrap_or(("timestamp", &Value::Null));
    let is_time = match time {
        Value::Number(number) => number.as_f64().is_some_and(is_seconds),
        Value::String(text) => is_date(text) || text.parse().is_ok_and(is_seconds),
        _ => false,
    };
    match is_time {
        true => Ok(()),
        false => wrong(
            name,
            "must be seconds since 1970 or a time as RFC 3339 has it",
        ),
    }
}

fn is_seconds(seconds: f64) -> bool {
    (0.0..=SECONDS_MAX).contains(&seconds)
}

/// With a zone of its own, and not one by name behind it.
fn is_date(text: &str) -> bool {
    text.as_bytes().get(10) == Some(&b'T')
        && !text.contains('[')
        && text.parse::<jiff::Timestamp>().is_ok()
}

/// Which message of whom it is about: one of both must be there, and be text.
fn check_names(told: &Map<String, Value>) -> Result<(), Wrong> {
    let present = |value: &&Value| !value.is_null();
    let message = told.get("message").filter(present);
    if message.is_some_and(|message| !message.is_object()) {
        return wrong("message", "must be an object");
    }
    let inner = |path: &[&str]| {
        path.iter()
            .try_fold(message?, |value, name| value.get(name))
    };
    let (headers, recipients) = (inner(&["headers"]), inner(&["recipients"]));
    let headers = headers.filter(present);
    if headers.is_some_and(|headers| !headers.is_object()) {
        return wrong("message.headers", "must be an object");
    }
    let texts = [
        ("recipient", told.get("recipient")),
        ("message-id", told.get("message-id")),
        ("message_id", told.get("message_id")),
        (
            "message.headers.message-id",
            inner(&["headers", "message-id"]),
        ),
        ("message.headers.to", inner(&["headers", "to"])),
    ];
    let mut is_named = false;
    for (name, value) in texts {
        match value {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => is_named |= !text.is_empty(),
            Some(_) => return wrong(name, "must be a string"),
        }
    }
    for (name, value) in [
        ("recipients", told.get("recipients")),
        ("message.recipients", recipients),
    ] {
        match value {
            None | Some(Value::Null) => {}
            Some(value) if are_strings(value) => {
                is_named |= value.as_array().is_some_and(|them| !them.is_empty());
            }
            Some(_) => return wrong(name, "must be an array of strings"),
        }
    }
    match is_named {
        true => Ok(()),
        false => wrong(
            "recipient",
            "must be there, or `message.headers.message-id`",
        ),
    }
}
