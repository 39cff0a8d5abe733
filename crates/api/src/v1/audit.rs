//! Who looked at what, and did what.

use crate::Api;
use crate::ask::{range, zone};
use crate::asker::Asker;
use crate::input::Params;
use crate::problem::{Problem, Result};
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenancy::{Action, AuditFilter, CustomerId, Who};
use utoipa::{IntoParams, ToSchema};

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditParams {
    /// Of this action alone: `search`, `user.add`.
    action: Option<String>,
    /// About this customer alone.
    customer: Option<i64>,
    /// What this one did alone: `user 5`, `key 7`.
    who: Option<String>,
    /// Of this time alone: `yesterday`, as a question's.
    range: Option<String>,
    /// As of a question.
    zone: Option<String>,
    /// Before this entry: the last of the page before.
    before: Option<i64>,
    /// At the most; 0 for as many as a page may have.
    #[serde(default)]
    limit: u32,
}

/// What somebody did.
#[derive(Serialize, ToSchema)]
pub(crate) struct Entry {
    /// Its number; none is missing.
    entry: i64,
    at: String,
    who: String,
    name: String,
    role: String,
    action: String,
    customer: Option<i64>,
    /// With which words.
    #[schema(value_type = Object)]
    detail: Value,
    address: Option<String>,
}

/// The audit log, newest first
#[utoipa::path(get, path = "/audit", tag = "administration", params(AuditParams), responses(
    (status = 200, body = Vec<Entry>), (status = "4XX", body = Problem)))]
pub(crate) async fn audit(
    State(api): State<Api>,
    asker: Asker,
    Params(params): Params<AuditParams>,
) -> Result<Json<Vec<Entry>>> {
    let action = match &params.action {
        None => None,
        Some(name) => {
            let unknown = || Problem::wrong(format!("`action`: there is no action `{name}`"));
            Some(Action::parse(name).ok_or_else(unknown)?)
        }
    };
    let zone = zone(params.zone.as_deref())?;
    let range = range(params.range.as_deref(), api.daemon.now(), &zone)?;
    let time = |micros| Timestamp::from_microsecond(micros).ok();
    let filter = AuditFilter {
        action,
        who: params.who.as_deref().map(who).transpose()?,
        from: time(range.from),
        to: time(range.until),
        customer: params.customer.map(CustomerId),
        before: params.before,
        limit: params.limit,
    };
    let document = |it: tenancy::AuditEntry| Entry {
        entry: it.entry,
        at: it.at.to_string(),
        who: it.who,
        name: it.name,
        role: it.role,
        action: it.action,
        customer: it.customer.map(|it| it.0),
        detail: it.detail,
        address: it.address,
    };
    let entries = api.tenancy.audit(&asker.0, &filter).await?;
    Ok(Json(entries.into_iter().map(document).collect()))
}

fn who(text: &str) -> Result<Who> {
    let wrong = || {
        let problem = Problem::wrong(format!("`who`: `{text}` is nobody"));
        problem.hint("`user 5`, `key 7`, `console`, `nobody`")
    };
    Who::parse(text).ok_or_else(wrong)
}

/// What a look at the whole log has found.
#[derive(Serialize, ToSchema)]
pub(crate) struct Chain {
    entries: i64,
    /// Who notes it elsewhere can tell later that nobody wrote the log anew.
    hash: String,
    /// The first entry that is not as it was written, or is missing.
    broken: Option<i64>,
}

/// Whether the audit log is as it was written
#[utoipa::path(get, path = "/audit/chain", tag = "administration", responses(
    (status = 200, body = Chain), (status = "4XX", body = Problem)))]
pub(crate) async fn chain(State(api): State<Api>, asker: Asker) -> Result<Json<Chain>> {
    let chain = api.tenancy.verify_audit(&asker.0).await?;
    Ok(Json(Chain {
        entries: chain.entries,
        hash: chain.hash,
        broken: chain.broken,
    }))
}
