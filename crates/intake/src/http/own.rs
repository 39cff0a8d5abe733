//! Our own form: `POST /lines`, a line a line of the body, or JSON in arrays or one behind the other.

use super::body::Packing;
use super::door::{Decode, Door, Plan, Taken};
use super::json;
use super::lines::Lines;
use super::refusal::Refusal;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde_json::value::RawValue;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Door>> {
    Router::new().route("/lines", post(take))
}

async fn take(State(door): State<Arc<Door>>, request: Request) -> Response {
    match take_lines(&door, request).await {
        Ok(taken) => json_answer(
            "application/json",
            &format!(r#"{{"lines":{}}}"#, taken.lines()),
        ),
        Err(refusal) => problem(&refusal),
    }
}

async fn take_lines(door: &Door, request: Request) -> Result<Taken<()>, Refusal> {
    let plan = |headers: &HeaderMap| {
        Ok(Plan {
            packing: Packing::of(headers)?,
            decode: decoder(headers)?,
        })
    };
    door.take("http", request, plan).await
}

/// How bodies of the type that is named are read. What curl and simple clients send without a thought is text.
fn decoder(headers: &HeaderMap) -> Result<Decode<()>, Refusal> {
    let Some(named) = headers.get(CONTENT_TYPE) else {
        return Ok(decode);
    };
    let named = String::from_utf8_lossy(named.as_bytes()).to_ascii_lowercase();
    match named.split(';').next().unwrap_or_default().trim() {
        "application/json" => Ok(decode_json),
        "application/x-ndjson"
        | "application/ndjson"
        | "application/jsonl"
        | "application/x-jsonlines"
        | "application/jsonlines"
        | "application/json-lines"
        | "application/octet-stream"
        | "application/x-www-form-urlencoded"
        | "" => Ok(decode),
        text if text.starts_with("text/") => Ok(decode),
        other => Err(Refusal::Unsupported(format!(
            "`Content-Type: {other}` is not taken; text/plain, application/x-ndjson and application/json are"
        ))),
    }
}

/// Each line is a line; whether it is JSON is for the reader.
pub(super) fn decode(body: &[u8], lines: &mut Lines) -> Result<(), Refusal> {
    body.split(|&byte| byte == b'\n')
        .try_for_each(|line| lines.push(line))
}

/// Each value is a line; members of an array are values.
pub(super) fn decode_json(body: &[u8], lines: &mut Lines) -> Result<(), Refusal> {
    let body = json::text(body)?;
    for value in serde_json::Deserializer::from_str(body).into_iter::<&RawValue>() {
        let value = value.map_err(|error| json::invalid(&error))?.get();
        if value.starts_with('[') {
            json::each(value, |member| push_value(member, lines))?;
        } else {
            push_value(value, lines)?;
        }
    }
    Ok(())
}

/// Adds a value in one line: between its tokens a line break is but a space, and inside them there is none.
pub(super) fn push_value(value: &str, lines: &mut Lines) -> Result<(), Refusal> {
    if value.contains(['\n', '\r']) {
        lines.push(value.replace(['\n', '\r'], " ").as_bytes())
    } else {
        lines.push(value.as_bytes())
    }
}

/// Source: RFC 9457.
pub(super) fn problem(refusal: &Refusal) -> Response {
    let status = refusal.status();
    let mut body = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "detail": refusal.to_string(),
    });
    if let Refusal::Event(wrong) = refusal {
        body["index"] = wrong.index.into();
        body["field"] = wrong.field.as_str().into();
    }
    refusal.mark(json_answer("application/problem+json", &body.to_string()))
}

pub(super) fn json_answer(kind: &'static str, body: &str) -> Response {
    let kind = HeaderValue::from_static(kind);
    (StatusCode::OK, [(CONTENT_TYPE, kind)], body.to_owned()).into_response()
}
