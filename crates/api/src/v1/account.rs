//! The story of an account.

use crate::Api;
use crate::ask::{answered, range, zone};
use crate::asker::Asker;
use crate::input::{Params, Path};
use crate::openapi::instant;
use crate::problem::{Problem, Result};
use axum::Json;
use axum::extract::State;
use query::Sight;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use tenancy::Action;
use utoipa::{IntoParams, ToSchema};

/// Of which time.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct When {
    /// As of a question.
    pub(crate) range: Option<String>,
    /// As of a question.
    pub(crate) zone: Option<String>,
}

/// What happened to an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Story {
    account: String,
    /// Rows of each kind.
    kinds: BTreeMap<String, u64>,
    /// What was done from each address, the one used last first.
    addresses: Vec<Used>,
}

/// What was done from an address.
#[derive(Serialize, ToSchema)]
pub(crate) struct Used {
    /// IP address.
    address: String,
    /// Its country (ISO 3166-1, two letters), where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    first: String,
    last: String,
    logins: u64,
    failures: u64,
    /// Messages handed in.
    sent: u64,
    /// Messages read or taken away, as far as sessions tell it.
    fetched: u64,
    /// Messages deleted, as far as sessions tell it.
    deleted: u64,
    /// Protocols, browsers, programs.
    programs: BTreeSet<String>,
}

/// How an account was used, and from where
#[utoipa::path(get, path = "/accounts/{account}", tag = "questions",
    params(("account" = String, Path, description = "its address"), When), responses(
    (status = 200, body = Story), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(crate) async fn account(
    State(api): State<Api>,
    asker: Asker,
    Path(account): Path<String>,
    Params(when): Params<When>,
) -> Result<Json<Story>> {
    let zone = zone(when.zone.as_deref())?;
    let range = range(when.range.as_deref(), api.daemon.now(), &zone)?;
    let sight = asker.sight(&api, Action::ReadHistory, &account).await?;
    let daemon = std::sync::Arc::clone(&api.daemon);
    let ask = move |sight: Sight| async move {
        let story = query::account(&sight, &account, range).await?;
        let used = |it: query::Used| Used {
            country: daemon.country(&it.address),
            address: it.address,
            first: instant(it.first),
            last: instant(it.last),
            logins: it.logins,
            failures: it.failures,
            sent: it.sent,
            fetched: it.fetched,
            deleted: it.deleted,
            programs: it.programs,
        };
        Ok(Story {
            account,
            kinds: story.kinds,
            addresses: story.addresses.into_iter().map(used).collect(),
        })
    };
    Ok(Json(answered(&api, sight, ask).await?))
}
