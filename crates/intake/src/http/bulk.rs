//! Elasticsearch's `_bulk`: each document is a line, as it came.
//!
//! A request is taken or refused as a whole, and never for want of room in part: Fluent Bit takes a mixed answer for
//! success, Vector drops what failed. What is not a document is kept as a line too, for somebody may want to see it.
//! Source: Elasticsearch's REST API, "Bulk API"; the sources of the clients for what they read of the answer.

use super::body::Packing;
use super::door::{Door, Plan, Taken};
use super::elastic;
use super::json;
use super::lines::Lines;
use super::refusal::Refusal;
use crate::limits::HTTP_BULK_ITEMS_MAX;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::USER_AGENT;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use journal::Position;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::sync::Arc;

/// Asks the server to close the connection without an answer.
///
/// rsyslog up to 8.2302 puts a batch aside for good, whatever the answer is that refuses it; when the connection
/// breaks it sends the batch again. It is the one client that does not say its name.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no room, and a client that would lose its lines if it was told")]
pub(super) struct HangUp;

pub(super) fn routes() -> Router<Arc<Door>> {
    let bulk = || post(take).put(take);
    Router::new()
        .route("/_bulk", bulk())
        .route("/{index}/_bulk", bulk())
        .route("/{index}/{type}/_bulk", bulk())
}

async fn take(State(door): State<Arc<Door>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let index = index_of(request.uri().path()).to_owned();
    let plan = |headers: &HeaderMap| {
        Ok(Plan {
            packing: Packing::of(headers)?,
            decode,
        })
    };
    match door.take("bulk", request, plan).await {
        Ok(taken) => elastic::answer(&headers, StatusCode::OK, results(&index, &taken)),
        Err(refusal) => {
            let passes = matches!(refusal, Refusal::Busy | Refusal::Broken);
            let mut response = elastic::refuse(&headers, &refusal);
            if passes && !headers.contains_key(USER_AGENT) {
                response.extensions_mut().insert(HangUp);
            }
            response
        }
    }
}

/// The index that the path names; clients want one to be told.
fn index_of(path: &str) -> &str {
    let first = path.trim_start_matches('/').split('/').next();
    first.filter(|it| *it != "_bulk").unwrap_or("waybill")
}

/// What is asked to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Index,
    Create,
    Update,
    Delete,
}

impl Verb {
    fn name(self) -> &'static str {
        match self {
            Verb::Index => "index",
            Verb::Create => "create",
            Verb::Update => "update",
            Verb::Delete => "delete",
        }
    }
}

/// An operation, of which an answer tells.
pub(super) struct Item {
    verb: Verb,
    index: Option<Box<str>>,
    id: Option<Box<str>>,
}

/// An action line: one verb and where its document goes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Action<'a> {
    #[serde(borrow)]
    index: Option<Target<'a>>,
    #[serde(borrow)]
    create: Option<Target<'a>>,
    #[serde(borrow)]
    update: Option<Target<'a>>,
    #[serde(borrow)]
    delete: Option<Target<'a>>,
}

#[derive(Deserialize)]
struct Target<'a> {
    #[serde(borrow, rename = "_index")]
    index: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "_id")]
    id: Option<Id<'a>>,
}

/// Text, or a number where a client is sloppy.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Number(u64),
}

#[derive(Deserialize)]
struct Update<'a> {
    #[serde(borrow)]
    doc: Option<&'a RawValue>,
    #[serde(borrow)]
    upsert: Option<&'a RawValue>,
}

/// Reads operations, and makes a line of each document.
pub(super) fn decode(body: &[u8], lines: &mut Lines) -> Result<Vec<Item>, Refusal> {
    let mut items = Vec::new();
    let all = body.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    // rsyslog's templates end with a line break of their own.
    let mut all = all.filter(|line| !line.is_empty());
    while let Some(line) = all.next() {
        if items.len() >= HTTP_BULK_ITEMS_MAX {
            let why = format!("at most {HTTP_BULK_ITEMS_MAX} operations are taken at once");
            return Err(Refusal::Invalid(why));
        }
        let item = item(line)?;
        lines.hold(ITEM_BYTES + line.len())?;
        if item.verb != Verb::Delete {
            let missing = || Refusal::Invalid("the last operation has no document".to_owned());
            let document = all.next().ok_or_else(missing)?;
            lines.push(match item.verb {
                Verb::Update => inner(document),
                Verb::Index | Verb::Create | Verb::Delete => document,
            })?;
        }
        items.push(item);
    }
    if items.is_empty() {
        return Err(Refusal::Invalid("the body has no operation".to_owned()));
    }
    Ok(items)
}

/// Bytes of an item and of what the answer says of it, but for its names.
const ITEM_BYTES: usize = 300;

fn item(line: &[u8]) -> Result<Item, Refusal> {
    let action: Action<'_> = json::read(json::text(line)?)?;
    let all = [
        (Verb::Index, action.index),
        (Verb::Create, action.create),
        (Verb::Update, action.update),
        (Verb::Delete, action.delete),
    ];
    let mut all = all.into_iter().filter_map(|(verb, to)| Some((verb, to?)));
    let (Some((verb, to)), None) = (all.next(), all.next()) else {
        return Err(Refusal::Invalid("an operation has one verb".to_owned()));
    };
    Ok(Item {
        verb,
        index: to.index.map(Box::from),
        id: to.id.map(|id| match id {
            Id::Text(text) => Box::from(text),
            Id::Number(number) => number.to_string().into(),
        }),
    })
}

/// The document inside an update; all of it where there is none.
fn inner(update: &[u8]) -> &[u8] {
    let read = serde_json::from_slice::<Update<'_>>(update).ok();
    let document = read.and_then(|it| it.doc.or(it.upsert));
    document.map_or(update, |it| it.get().as_bytes())
}

/// The answer, without blanks and with `errors` first, as clients look for it.
fn results(index: &str, taken: &Taken<Vec<Item>>) -> String {
    let items = &taken.read;
    let errors = items.iter().any(|item| item.verb == Verb::Delete);
    let mut out = String::with_capacity(items.len() * ITEM_BYTES);
    out.push_str(&format!(r#"{{"took":0,"errors":{errors},"items":["#));
    let mut positions = positions(&taken.places);
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        let index = quoted(item.index.as_deref().unwrap_or(index));
        let position = (item.verb != Verb::Delete)
            .then(|| positions.next())
            .flatten();
        let id = match (&item.id, position) {
            (Some(id), _) => quoted(id),
            (None, Some(position)) => format!("\"{position}\""),
            (None, None) => "null".to_owned(),
        };
        let verb = item.verb.name();
        out.push_str(&format!(r#"{{"{verb}":{{"_index":{index},"_id":{id},"#));
        out.push_str(match item.verb {
            Verb::Index | Verb::Create => STORED,
            Verb::Update => UPDATED,
            Verb::Delete => NOT_DELETED,
        });
    }
    out.push_str("]}");
    out
}

const STORED: &str = r#""_version":1,"result":"created","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":0,"_primary_term":1,"status":201}}"#;
const UPDATED: &str = r#""_version":1,"result":"updated","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":0,"_primary_term":1,"status":200}}"#;
const NOT_DELETED: &str = r#""status":400,"error":{"type":"illegal_argument_exception","reason":"lines of a log are not deleted here"}}}"#;

fn positions(places: &[(Position, usize)]) -> impl Iterator<Item = Position> {
    places
        .iter()
        .flat_map(|&(first, lines)| (0..lines).map(move |line| first.plus(line)))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
