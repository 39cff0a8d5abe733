//! Loki's push: streams of lines with labels. Source: Loki's "HTTP API", `pkg/push/push.proto`.
//!
//! An entry whose text is a whole line of syslog becomes that line. Any other becomes a document with the entry's
//! time to the nanosecond, host and program from labels or structured metadata, and all labels and metadata.

use super::body::Packing;
use super::document::{Document, first, time};
use super::door::{Decode, Door, Plan};
use super::lines::Lines;
use super::own::json_answer;
use super::refusal::{Refusal, bounded};
use super::{json, protobuf};
use crate::limits::{HTTP_LABELS_BYTES_MAX, HTTP_RECORD_BYTES_MAX};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Door>> {
    Router::new().route("/loki/api/v1/push", post(take))
}

async fn take(State(door): State<Arc<Door>>, request: Request) -> Response {
    match door.take("loki", request, plan).await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refusal.mark(json_answer(
            "text/plain; charset=utf-8",
            &format!("{refusal}\n"),
        )),
    }
}

/// Protobuf is always packed by snappy, and some say so too; JSON is packed as the head says.
fn plan(headers: &HeaderMap) -> Result<Plan<()>, Refusal> {
    let kind = headers.get(CONTENT_TYPE).map(|it| it.as_bytes());
    let is_json = kind.is_some_and(|it| it.to_ascii_lowercase().starts_with(b"application/json"));
    let packing = Packing::of(headers)?;
    Ok(match (is_json, packing) {
        (true, packing) => Plan {
            packing,
            decode: decode_json as Decode<()>,
        },
        (false, Packing::None | Packing::Snappy) => Plan {
            packing: Packing::Snappy,
            decode: decode_protobuf,
        },
        (false, _) => {
            let why =
                "Protobuf is packed by snappy alone; JSON is `Content-Type: application/json`";
            return Err(Refusal::Unsupported(why.to_owned()));
        }
    })
}

type Names<'a> = BTreeMap<Cow<'a, str>, Cow<'a, str>>;

#[derive(Serialize)]
struct Rest<'a> {
    loki: Told<'a>,
}

/// What stands beside the line.
#[derive(Serialize)]
struct Told<'a> {
    labels: &'a Names<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: Names<'a>,
}

/// Names of labels under which Promtail, Alloy, Fluent Bit, Vector and Docker's driver keep the host.
const HOST: &[&str] = &[
    "hostname",
    "host",
    "host_name",
    "nodename",
    "node_name",
    "_HOSTNAME",
];
const PROGRAM: &[&str] = &[
    "program",
    "appname",
    "app_name",
    "application",
    "ident",
    "syslog_identifier",
    "SYSLOG_IDENTIFIER",
    "app",
];
const PID: &[&str] = &[
    "pid",
    "procid",
    "proc_id",
    "process_pid",
    "SYSLOG_PID",
    "_PID",
];

fn push(
    nanos: i128,
    text: &str,
    labels: &Names<'_>,
    metadata: Names<'_>,
    lines: &mut Lines,
) -> Result<(), Refusal> {
    let found = |names| {
        first(names, |name| {
            let value = metadata.get(name).or_else(|| labels.get(name));
            value.map(|it| Cow::Owned(it.to_string()))
        })
    };
    let document = Document {
        time: time(nanos)
            .or_else(|| time(lines.received_ns().into()))
            .unwrap_or_default(),
        host: found(HOST),
        program: found(PROGRAM),
        pid: found(PID),
        message: text.into(),
        rest: Rest {
            loki: Told { labels, metadata },
        },
    };
    document.push(lines)
}

#[derive(Deserialize)]
struct Push<'a> {
    #[serde(borrow)]
    streams: &'a RawValue,
}

#[derive(Deserialize)]
struct Stream<'a> {
    #[serde(borrow)]
    stream: &'a RawValue,
    #[serde(borrow)]
    values: &'a RawValue,
}

/// Time in nanoseconds as text, the line, and perhaps structured metadata.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry<'a> {
    Plain(#[serde(borrow)] Cow<'a, str>, #[serde(borrow)] Cow<'a, str>),
    Told(
        #[serde(borrow)] Cow<'a, str>,
        #[serde(borrow)] Cow<'a, str>,
        #[serde(borrow)] Names<'a>,
    ),
}

/// Reads the form of JSON.
pub(super) fn decode_json(body: &[u8], lines: &mut Lines) -> Result<(), Refusal> {
    let push: Push<'_> = json::read(json::text(body)?)?;
    json::each(push.streams.get(), |stream| {
        let stream: Stream<'_> = json::read(stream)?;
        bounded(stream.stream.get().len(), HTTP_LABELS_BYTES_MAX)?;
        let labels: Names<'_> = json::read(stream.stream.get())?;
        json::each(stream.values.get(), |entry| {
            bounded(entry.len(), HTTP_RECORD_BYTES_MAX)?;
            take_entry(entry, &labels, lines)
        })
    })
}

fn take_entry(entry: &str, labels: &Names<'_>, lines: &mut Lines) -> Result<(), Refusal> {
    let (time, text, metadata) = match json::read(entry)? {
        Entry::Plain(time, text) => (time, text, Names::new()),
        Entry::Told(time, text, metadata) => (time, text, metadata),
    };
    let nanos = time.parse().map_err(|_| {
        Refusal::Invalid(format!(
            "a time is text of nanoseconds since 1970, not `{time}`"
        ))
    })?;
    push(nanos, &text, labels, metadata, lines)
}

/// `logproto.StreamAdapter`, without its entries.
#[derive(Clone, PartialEq, prost::Message)]
struct StreamAdapter {
    #[prost(string, tag = "1")]
    labels: String,
}

/// `logproto.EntryAdapter`.
#[derive(Clone, PartialEq, prost::Message)]
struct EntryAdapter {
    #[prost(message, optional, tag = "1")]
    timestamp: Option<Timestamp>,
    #[prost(string, tag = "2")]
    line: String,
    #[prost(message, repeated, tag = "3")]
    metadata: Vec<LabelPair>,
}

/// `google.protobuf.Timestamp`.
#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Timestamp {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

/// `logproto.LabelPairAdapter`.
#[derive(Clone, PartialEq, prost::Message)]
struct LabelPair {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

/// Reads the form of Protobuf, unpacked.
pub(super) fn decode_protobuf(body: &[u8], lines: &mut Lines) -> Result<(), Refusal> {
    protobuf::each(body, 1, |stream| {
        let StreamAdapter { labels } = protobuf::read(stream)?;
        bounded(labels.len(), HTTP_LABELS_BYTES_MAX)?;
        let labels = labels_of(&labels);
        protobuf::each(stream, 2, |entry| {
            bounded(entry.len(), HTTP_RECORD_BYTES_MAX)?;
            let entry: EntryAdapter = protobuf::read(entry)?;
            let at = entry.timestamp.unwrap_or_default();
            let nanos = i128::from(at.seconds) * 1_000_000_000 + i128::from(at.nanos);
            let metadata = entry.metadata.into_iter();
            let metadata = metadata.map(|pair| (pair.name.into(), pair.value.into()));
            push(nanos, &entry.line, &labels, metadata.collect(), lines)
        })
    })
}

/// Reads `{a="b", c="d"}`, whose values are quoted as Go does. What cannot be read stands whole under `labels`.
fn labels_of(text: &str) -> Names<'_> {
    read_labels(text).unwrap_or_else(|| Names::from([("labels".into(), text.into())]))
}

fn read_labels(text: &str) -> Option<Names<'_>> {
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let mut names = Names::new();
    while !rest.is_empty() {
        let (name, behind) = rest.split_once('=')?;
        let behind = behind.trim_start().strip_prefix('"')?;
        let mut escaped = false;
        let end = behind.find(|letter| {
            let ends = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends
        })?;
        let value = &behind[..end];
        let unescaped = value
            .contains('\\')
            .then(|| serde_json::from_str(&format!("\"{value}\"")).ok());
        let value = unescaped.flatten().map_or(Cow::Borrowed(value), Cow::Owned);
        names.insert(name.trim().into(), value);
        rest = behind[end + 1..].trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_as_go_writes_them() {
        for (text, expected) in [
            (r#"{}"#, &[][..]),
            (
                r#"{job="mail", host="mx1"}"#,
                &[("host", "mx1"), ("job", "mail")],
            ),
            (r#"{a="}\",b=",c="\\"}"#, &[("a", "}\",b="), ("c", "\\")]),
            (r#"{a="\x07"}"#, &[("a", r"\x07")]),
            (r#"{a="b}"#, &[("labels", r#"{a="b}"#)]),
            ("job", &[("labels", "job")]),
        ] {
            let read = labels_of(text);
            let read: Vec<_> = read
                .iter()
                .map(|(name, value)| (&**name, &**value))
                .collect();
            assert_eq!(read, expected, "{text}");
        }
    }
}
