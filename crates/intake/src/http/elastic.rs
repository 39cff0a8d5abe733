//! What clients of Elasticsearch ask before they send, answered so that they do.

use super::door::Door;
use super::own::json_answer;
use super::refusal::Refusal;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{any, get};
use std::sync::Arc;

/// Version that is told to whoever does not say his own: Beats refuse older servers, and Logstash older than 7.9
/// for data streams.
const VERSION: &str = "8.11.0";

/// Paths that are looked at, made and written by clients that set up what Elasticsearch would need.
const SET_UP: &[&str] = &[
    "/_template/{name}",
    "/_index_template/{name}",
    "/_component_template/{name}",
    "/_data_stream/{name}",
    "/_alias/{name}",
    "/_ilm/policy/{name}",
    "/_ingest/pipeline/{name}",
];

pub(super) fn routes() -> Router<Arc<Door>> {
    let fixed = |body: &'static str| {
        get(
            move |State(door): State<Arc<Door>>, request: Request| async move {
                admitted(&door, &request, || body.to_owned())
            },
        )
    };
    let routes = Router::new()
        .route("/", get(root))
        .route("/_license", fixed(LICENSE))
        .route("/_xpack", fixed(XPACK))
        .route("/_cluster/health", fixed(HEALTH))
        .route("/_cat/health", fixed("1 00:00:00 waybill green 1 1\n"));
    let set_up = |routes: Router<Arc<Door>>, path: &&str| routes.route(path, any(set_up));
    SET_UP.iter().fold(routes, set_up)
}

const LICENSE: &str = r#"{"license":{"status":"active","uid":"waybill","type":"basic","mode":"basic","issued_to":"waybill","issuer":"waybill"}}"#;
const XPACK: &str = r#"{"build":{},"license":{"uid":"waybill","type":"basic","mode":"basic","status":"active"},"features":{"ilm":{"available":true,"enabled":false},"security":{"available":true,"enabled":false}}}"#;
const HEALTH: &str = r#"{"cluster_name":"waybill","status":"green","timed_out":false,"number_of_nodes":1,"number_of_data_nodes":1,"active_primary_shards":1,"active_shards":1,"relocating_shards":0,"initializing_shards":0,"unassigned_shards":0}"#;

async fn root(State(door): State<Arc<Door>>, request: Request) -> Response {
    let version = version_of(request.headers());
    admitted(&door, &request, || {
        format!(
            r#"{{"name":"waybill","cluster_name":"waybill","cluster_uuid":"waybill","version":{{"number":"{version}","build_flavor":"default","build_type":"tar","lucene_version":"9.8.0","minimum_wire_compatibility_version":"7.17.0","minimum_index_compatibility_version":"7.0.0"}},"tagline":"You Know, for Search"}}"#
        )
    })
}

/// Says that what would be set up is there, and takes what is sent without keeping it.
async fn set_up(State(door): State<Arc<Door>>, request: Request) -> Response {
    admitted(&door, &request, || r#"{"acknowledged":true}"#.to_owned())
}

fn admitted(door: &Door, request: &Request, body: impl FnOnce() -> String) -> Response {
    match door.admit(request.headers()) {
        Ok(()) => answer(request.headers(), StatusCode::OK, body()),
        Err(refusal) => refuse(request.headers(), &refusal),
    }
}

/// The version of a Beat, which wants a server that is not older: `Elastic-filebeat/8.15.1 (linux; ...)`.
fn version_of(headers: &HeaderMap) -> &str {
    let agent = headers.get(USER_AGENT).and_then(|it| it.to_str().ok());
    let version = agent
        .and_then(|it| it.strip_prefix("Elastic-"))
        .and_then(|it| it.split([' ', '/']).nth(1));
    let is_version = |it: &&str| {
        let is_number = |word: &str| !word.is_empty() && word.bytes().all(|it| it.is_ascii_digit());
        it.len() < 16 && it.split('.').count() == 3 && it.split('.').all(is_number)
    };
    version.filter(is_version).unwrap_or(VERSION)
}

/// An answer as clients want it: from Elasticsearch, and in the type that they asked for.
pub(super) fn answer(headers: &HeaderMap, status: StatusCode, body: String) -> Response {
    let mut response = json_answer("application/json", &body);
    *response.status_mut() = status;
    let product = HeaderName::from_static("x-elastic-product");
    let told = response.headers_mut();
    told.insert(product, HeaderValue::from_static("Elasticsearch"));
    let accepted = headers.get(ACCEPT).filter(|it| {
        let prefix = b"application/vnd.elasticsearch+json";
        it.as_bytes().starts_with(prefix) && !it.as_bytes().contains(&b',')
    });
    if let Some(accepted) = accepted {
        told.insert(CONTENT_TYPE, accepted.clone());
    }
    response
}

pub(super) fn refuse(headers: &HeaderMap, refusal: &Refusal) -> Response {
    let kind = match refusal {
        Refusal::Unauthorized => "security_exception",
        Refusal::Invalid(_) | Refusal::Event(_) | Refusal::Unsupported(_) => {
            "illegal_argument_exception"
        }
        Refusal::TooLarge(_) => "content_too_long_exception",
        Refusal::Slow => "timeout_exception",
        Refusal::Busy => "es_rejected_execution_exception",
        Refusal::Broken => "unavailable_shards_exception",
    };
    let status = refusal.status();
    let reason = refusal.to_string();
    let error = serde_json::json!({
        "error": {"root_cause": [{"type": kind, "reason": reason}], "type": kind, "reason": reason},
        "status": status.as_u16(),
    });
    refusal.mark(answer(headers, status, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beat_is_told_its_own_version() {
        for (agent, expected) in [
            ("Elastic-filebeat/7.17.1 (linux; amd64; 1; 2)", "7.17.1"),
            ("Elastic-Filebeat/8.15.10", "8.15.10"),
            ("Elastic-x/\"8\".1.1", VERSION),
            ("Elastic-x/8.1", VERSION),
            ("Elastic-x", VERSION),
            ("elasticsearch-py/9.5.1", VERSION),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, agent.parse().unwrap());
            assert_eq!(version_of(&headers), expected, "{agent}");
        }
    }
}
