//! OTLP: `POST /v1/logs`, Protobuf or JSON. Source: opentelemetry.io, "OTLP Specification 1.9", OTLP/HTTP.
//!
//! A record whose text is a whole line of syslog becomes that line. Any other becomes a document with the record's
//! time to the nanosecond, host and program from its attributes or its resource, and all else that was sent.
//! A request is taken as a whole, so an answer never tells of a partial success.

mod message;
mod value;

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
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use message::{LogRecord, Resource, Scope, Status};
use prost::Message as _;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::sync::Arc;
use value::{AnyValue, named};

pub(super) fn routes() -> Router<Arc<Door>> {
    Router::new()
        .route("/v1/logs", post(take))
        .route("/otlp/v1/logs", post(take))
}

async fn take(State(door): State<Arc<Door>>, request: Request) -> Response {
    let form = Form::of(request.headers());
    let plan = |headers: &HeaderMap| {
        Ok(Plan {
            packing: Packing::of(headers)?,
            decode: match Form::of(headers) {
                Form::Json => decode_json as Decode<()>,
                Form::Protobuf => decode_protobuf,
                Form::Other => return Err(Refusal::Unsupported(OTHER.to_owned())),
            },
        })
    };
    let taken = door.take("otlp", request, plan).await;
    match (taken, form) {
        (Ok(_), Form::Json) => json_answer(JSON, "{}"),
        (Ok(_), Form::Protobuf | Form::Other) => protobuf_answer(Vec::new()),
        (Err(refusal), form) => refuse(&refusal, form),
    }
}

const JSON: &str = "application/json";
const PROTOBUF: &str = "application/x-protobuf";
const OTHER: &str = "`Content-Type` is neither application/x-protobuf nor application/json";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Protobuf,
    Other,
}

impl Form {
    fn of(headers: &HeaderMap) -> Self {
        let kind = headers.get(CONTENT_TYPE).map(|it| it.as_bytes());
        let kind = kind.unwrap_or_default().to_ascii_lowercase();
        match kind.split(|&byte| byte == b';').next() {
            Some(b"application/json") => Form::Json,
            Some(b"application/x-protobuf" | b"application/protobuf") => Form::Protobuf,
            _ => Form::Other,
        }
    }
}

fn protobuf_answer(body: Vec<u8>) -> Response {
    let kind = HeaderValue::from_static(PROTOBUF);
    ([(CONTENT_TYPE, kind)], body).into_response()
}

/// Source of the codes: `google/rpc/code.proto`.
fn refuse(refusal: &Refusal, form: Form) -> Response {
    let code = match refusal {
        Refusal::Invalid(_)
        | Refusal::Event(_)
        | Refusal::Unsupported(_)
        | Refusal::TooLarge(_) => 3,
        Refusal::Slow => 4,
        Refusal::Busy => 8,
        Refusal::Broken => 14,
        Refusal::Unauthorized => 16,
    };
    let message = refusal.to_string();
    refusal.mark(match form {
        Form::Protobuf => protobuf_answer(Status { code, message }.encode_to_vec()),
        Form::Json | Form::Other => {
            let status = serde_json::json!({"code": code, "message": message});
            json_answer(JSON, &status.to_string())
        }
    })
}

/// Reads `ExportLogsServiceRequest`.
pub(super) fn decode_protobuf(body: &[u8], lines: &mut Lines) -> Result<(), Refusal> {
    protobuf::each(body, 1, |logs| {
        let mut resource = Resource::default();
        protobuf::each(logs, 1, |it| {
            bounded(it.len(), HTTP_LABELS_BYTES_MAX)?;
            resource = protobuf::read(it)?;
            Ok(())
        })?;
        protobuf::each(logs, 2, |logs| {
            let mut scope = Scope::default();
            protobuf::each(logs, 1, |it| {
                bounded(it.len(), HTTP_LABELS_BYTES_MAX)?;
                scope = protobuf::read(it)?;
                Ok(())
            })?;
            protobuf::each(logs, 2, |record| {
                bounded(record.len(), HTTP_RECORD_BYTES_MAX)?;
                push(&resource, &scope, &protobuf::read(record)?, lines)
            })
        })
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogsData<'a> {
    #[serde(borrow)]
    resource_logs: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceLogs<'a> {
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
    #[serde(borrow)]
    scope_logs: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScopeLogs<'a> {
    #[serde(borrow)]
    scope: Option<&'a RawValue>,
    #[serde(borrow)]
    log_records: Option<&'a RawValue>,
}

/// Reads the same from JSON.
pub(super) fn decode_json(body: &[u8], lines: &mut Lines) -> Result<(), Refusal> {
    let data: LogsData<'_> = json::read(json::text(body)?)?;
    members(data.resource_logs, |logs| {
        let logs: ResourceLogs<'_> = json::read(logs)?;
        let resource: Resource = told(logs.resource)?;
        members(logs.scope_logs, |logs| {
            let logs: ScopeLogs<'_> = json::read(logs)?;
            let scope: Scope = told(logs.scope)?;
            members(logs.log_records, |record| {
                bounded(record.len(), HTTP_RECORD_BYTES_MAX)?;
                push(&resource, &scope, &json::read(record)?, lines)
            })
        })
    })
}

fn members<'a>(
    array: Option<&'a RawValue>,
    take: impl FnMut(&'a str) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    array.map_or(Ok(()), |array| json::each(array.get(), take))
}

fn told<'a, T: Deserialize<'a> + Default>(value: Option<&'a RawValue>) -> Result<T, Refusal> {
    let Some(value) = value else {
        return Ok(T::default());
    };
    bounded(value.get().len(), HTTP_LABELS_BYTES_MAX)?;
    json::read(value.get())
}

#[derive(Serialize)]
struct Rest<'a> {
    otlp: Told<'a>,
}

/// What stands beside the message.
#[derive(Serialize)]
struct Told<'a> {
    resource: &'a Resource,
    scope: &'a Scope,
    record: &'a LogRecord,
}

/// Names that the collector's receivers (syslog, journald, filelog) and the semantic conventions use.
const HOST: &[&str] = &[
    "hostname",
    "syslog.hostname",
    "host.name",
    "host",
    "_HOSTNAME",
];
const PROGRAM: &[&str] = &[
    "appname",
    "app_name",
    "syslog.appname",
    "program",
    "SYSLOG_IDENTIFIER",
    "_COMM",
    "service.name",
];
const PID: &[&str] = &[
    "proc_id",
    "procid",
    "syslog.procid",
    "pid",
    "SYSLOG_PID",
    "_PID",
    "process.pid",
];
const MESSAGE: &[&str] = &["MESSAGE", "message", "msg", "log"];
const ORIGINAL: &[&str] = &["log.record.original", "event.original"];

fn push(
    resource: &Resource,
    scope: &Scope,
    record: &LogRecord,
    lines: &mut Lines,
) -> Result<(), Refusal> {
    let body = record.body.as_ref();
    let places = [
        &record.attributes[..],
        body.map_or(&[], AnyValue::pairs),
        &resource.attributes,
    ];
    let found = |names| {
        first(names, |name| {
            let mut values = places.iter().filter_map(|pairs| named(pairs, name));
            // What a SDK says that was told no name.
            values.find(|it| !it.starts_with("unknown_service"))
        })
    };
    let times = [
        record.time_unix_nano.into(),
        record.observed_time_unix_nano.into(),
    ];
    let times = times.into_iter().chain([lines.received_ns().into()]);
    let original = first(ORIGINAL, |name| named(&record.attributes, name));
    let document = Document {
        time: times.map(time).find_map(|it| it).unwrap_or_default(),
        host: found(HOST),
        program: found(PROGRAM),
        pid: found(PID),
        message: original
            .filter(|it| super::document::is_whole_line(it.as_bytes()))
            .or_else(|| body.and_then(AnyValue::word))
            .or_else(|| found(MESSAGE))
            .or_else(|| body.map(as_json))
            .unwrap_or(Cow::Borrowed(&record.event_name)),
        rest: Rest {
            otlp: Told {
                resource,
                scope,
                record,
            },
        },
    };
    document.push(lines)
}

fn as_json(value: &AnyValue) -> Cow<'_, str> {
    serde_json::to_string(value).unwrap_or_default().into()
}
