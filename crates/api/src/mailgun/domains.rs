//! `GET /v3/domains`: the caller's domains.

use super::caller::Caller;
use crate::Api;
use crate::input::Params;
use crate::limits::DOMAINS_MAX;
use crate::refusal::Refusal;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use tenancy::{Reach, Right};

/// Which part of the list.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Part {
    limit: Option<u32>,
    skip: u32,
}

pub(super) async fn domains(
    State(api): State<Api>,
    caller: Caller,
    Params(part): Params<Part>,
) -> Result<Json<Value>, Refusal> {
    caller.0.needs(Right::ReadEvents)?;
    let asker = &caller.0.0;
    let limit = part.limit.unwrap_or(DOMAINS_MAX).clamp(1, DOMAINS_MAX);
    let (domains, count) = match &asker.principal.reach {
        Reach::Domains { domains, .. } => {
            let part = domains.iter().skip(part.skip as usize);
            let part = part.take(limit as usize).cloned();
            (part.collect(), domains.len() as i64)
        }
        Reach::Mailboxes(_) => (Vec::new(), 0),
        Reach::Everything => api.tenancy.all_domains(asker, part.skip, limit).await?,
    };
    let document = |name: String| json!({ "name": name, "state": "active" });
    let items: Vec<Value> = domains.into_iter().map(document).collect();
    Ok(Json(json!({ "total_count": count, "items": items })))
}
