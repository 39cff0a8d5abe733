//! What is watched, and who is told.

use crate::Api;
use crate::asker::Asker;
use crate::input::{Body, Params, Path};
use crate::problem::{Problem, Result};
use crate::v1::webhooks::Of;
use ::alerts::{CUSTOMER, Kind, QUIET_SECS_USUAL, Rule, Wrong};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use query::Column;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenancy::{AlertId, CustomerId, NewAlert, Right};
use utoipa::{IntoParams, ToSchema};

/// What is to be watched.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AlertDetails {
    name: String,
    /// `search`, `many_addresses`, `many_countries`, `many_failures`, `sudden_sending`,
    /// `destination_bounces`, `blocklist`, `queue_growth`, `silent_host`, `silent_customer`.
    kind: String,
    /// Which rows, as in `/api/v1/rows`; needed for a `search`, narrows the other kinds.
    #[serde(default)]
    q: String,
    /// The column by which the rows of a `search` are counted, as `account`; all together where none is named.
    #[serde(default)]
    by: Option<String>,
    /// The rule holds from so many on; what is usual for the kind where it is absent, as are those below.
    #[serde(default)]
    threshold: Option<i64>,
    /// Of bounces the share of all attempts, of sending and queue the growth.
    #[serde(default)]
    percent: Option<i64>,
    /// How far is looked back, 1 to 10,080.
    #[serde(default)]
    window_minutes: Option<i64>,
    /// For how long the same is not told again, 5 to 43,200; four hours where it is absent.
    #[serde(default)]
    quiet_minutes: Option<i64>,
    /// One to ten of `https://...` (JSON, signed), `slack:https://...` (`{"text": ...}`), `mailto:...`.
    receivers: Vec<String>,
    /// Whether it is not watched for now.
    #[serde(default)]
    is_disabled: bool,
}

impl From<AlertDetails> for NewAlert {
    fn from(it: AlertDetails) -> Self {
        // An unknown kind is refused by who reads the rule.
        let usual = Kind::named(&it.kind).unwrap_or(Kind::Search).usual();
        let secs = |minutes: i64| minutes.saturating_mul(60);
        NewAlert {
            name: it.name,
            kind: it.kind,
            question: it.q,
            by: it.by.filter(|it| !it.is_empty()),
            threshold: it.threshold.unwrap_or(usual.threshold),
            percent: it.percent.unwrap_or(usual.percent),
            window_secs: it.window_minutes.map_or(usual.window_secs, secs),
            quiet_secs: it.quiet_minutes.map_or(QUIET_SECS_USUAL, secs),
            receivers: it.receivers,
            disabled: it.is_disabled,
        }
    }
}

/// An alert that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeAlert {
    id: i64,
    /// With what messages to webhooks are signed; told this once.
    signing_key: String,
}

/// An alert, and how it stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct Alert {
    id: i64,
    /// Number of the customer whose mail is watched; absent for that of the whole installation.
    customer: Option<i64>,
    name: String,
    kind: String,
    q: String,
    by: Option<String>,
    threshold: i64,
    percent: i64,
    window_minutes: i64,
    quiet_minutes: i64,
    receivers: Vec<String>,
    is_disabled: bool,
    created: String,
    /// When it was looked at last.
    checked: Option<String>,
    /// Since when it has been told that it holds; absent where it does not.
    firing_since: Option<String>,
    /// What was told the last time that it held, as webhooks get it.
    #[schema(value_type = Object)]
    evidence: Option<Value>,
    /// Why it could not be looked at.
    trouble: Option<String>,
    /// Why a receiver was not told.
    failure: Option<String>,
}

impl From<tenancy::Alert> for Alert {
    fn from(it: tenancy::Alert) -> Self {
        let rule = it.rule;
        Alert {
            id: it.id.0,
            customer: it.customer.map(|it| it.0),
            name: rule.name,
            kind: rule.kind,
            q: rule.question,
            by: rule.by,
            threshold: rule.threshold,
            percent: rule.percent,
            window_minutes: rule.window_secs / 60,
            quiet_minutes: rule.quiet_secs / 60,
            receivers: rule.receivers,
            is_disabled: rule.disabled,
            created: it.created.to_string(),
            checked: it.checked.map(|it| it.to_string()),
            firing_since: it.firing_since.map(|it| it.to_string()),
            evidence: it.evidence.and_then(|it| serde_json::from_str(&it).ok()),
            trouble: it.trouble,
            failure: it.failure,
        }
    }
}

impl From<Wrong> for Problem {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Question(error) => error.into(),
            wrong @ Wrong::Value { .. } => Problem::wrong(wrong.to_string()),
        }
    }
}

/// Whose alerts: the customer's who is named, else the asker's own, else those of the whole installation.
fn owner(asker: &Asker, of: &Of) -> Option<CustomerId> {
    let named = of.customer.map(CustomerId);
    named.or(asker.0.principal.customer)
}

/// The rule; errs where it cannot be watched, or the asker may not have it watched.
fn rule(asker: &Asker, new: &NewAlert, owner: Option<CustomerId>) -> Result<Rule> {
    asker.needs(Right::ManageAlerts)?;
    let is_column = |name: &str| name == CUSTOMER || Column::named(name).is_some();
    Ok(Rule::read(new, owner, is_column, asker.0.now)?)
}

/// Alerts, and how they stand
#[utoipa::path(get, path = "/alerts", tag = "administration", params(Of), responses(
    (status = 200, body = Vec<Alert>), (status = "4XX", body = Problem)))]
pub(crate) async fn alerts(
    State(api): State<Api>,
    asker: Asker,
    Params(of): Params<Of>,
) -> Result<Json<Vec<Alert>>> {
    let alerts = api.tenancy.alerts(&asker.0, owner(&asker, &of)).await?;
    Ok(Json(alerts.into_iter().map(Alert::from).collect()))
}

/// Make an alert, of a customer's mail or of all
#[utoipa::path(post, path = "/alerts", tag = "administration", params(Of),
    request_body = AlertDetails, responses(
    (status = 201, body = MadeAlert), (status = "4XX", body = Problem)))]
pub(crate) async fn add_alert(
    State(api): State<Api>,
    asker: Asker,
    Params(of): Params<Of>,
    Body(body): Body<AlertDetails>,
) -> Result<(StatusCode, Json<MadeAlert>)> {
    let (owner, new) = (owner(&asker, &of), NewAlert::from(body));
    rule(&asker, &new, owner)?;
    let (id, key) = api.tenancy.add_alert(&asker.0, owner, &new).await?;
    let made = MadeAlert {
        id: id.0,
        signing_key: key.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// An alert, and how it stands
#[utoipa::path(get, path = "/alerts/{id}", tag = "administration", params(("id" = i64, Path)),
    responses((status = 200, body = Alert), (status = "4XX", body = Problem)))]
pub(crate) async fn alert(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<Json<Alert>> {
    let alert = api.tenancy.alert(&asker.0, AlertId(id)).await?;
    Ok(Json(alert.into()))
}

/// Change an alert, which then begins anew
#[utoipa::path(put, path = "/alerts/{id}", tag = "administration", params(("id" = i64, Path)),
    request_body = AlertDetails, responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn set_alert(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
    Body(body): Body<AlertDetails>,
) -> Result<StatusCode> {
    let alert = api.tenancy.alert(&asker.0, AlertId(id)).await?;
    let new = NewAlert::from(body);
    rule(&asker, &new, alert.customer)?;
    api.tenancy.set_alert(&asker.0, alert.id, &new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove an alert
#[utoipa::path(delete, path = "/alerts/{id}", tag = "administration", params(("id" = i64, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove_alert(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    api.tenancy.remove_alert(&asker.0, AlertId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether a receiver took a message.
#[derive(Serialize, ToSchema)]
pub(crate) struct Told {
    receiver: String,
    /// Why not; absent where it did.
    failure: Option<String>,
}

/// Send all receivers of an alert a test
#[utoipa::path(post, path = "/alerts/{id}/test", tag = "administration", params(("id" = i64, Path)),
    responses((status = 200, body = Vec<Told>), (status = "4XX", body = Problem)))]
pub(crate) async fn test_alert(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<Json<Vec<Told>>> {
    let (alert, key) = api.tenancy.test_alert(&asker.0, AlertId(id)).await?;
    let rule = rule(&asker, &alert.rule, alert.customer)?;
    let told = api.teller.test((&alert, &rule), &key, asker.0.now).await;
    let receivers = alert.rule.receivers.into_iter();
    let told = receivers.zip(told).map(|(receiver, told)| Told {
        receiver,
        failure: told.err().map(|it| it.why),
    });
    Ok(Json(told.collect()))
}

/// How many.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Last {
    /// As many at the most, 1 to 1,000.
    #[param(minimum = 1, maximum = 1_000)]
    pub(super) limit: Option<u32>,
}

/// A time for which an alert held.
#[derive(Serialize, ToSchema)]
pub(crate) struct Firing {
    began: String,
    /// Absent where it still holds.
    ended: Option<String>,
    /// What was told the last time, as webhooks get it.
    #[schema(value_type = Object)]
    evidence: Value,
}

/// When an alert held, the newest first
#[utoipa::path(get, path = "/alerts/{id}/firings", tag = "administration",
    params(("id" = i64, Path), Last),
    responses((status = 200, body = Vec<Firing>), (status = "4XX", body = Problem)))]
pub(crate) async fn firings(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
    Params(last): Params<Last>,
) -> Result<Json<Vec<Firing>>> {
    let limit = last.limit.unwrap_or(100).max(1);
    let firings = api.tenancy.firings(&asker.0, AlertId(id), limit);
    let document = |it: tenancy::Firing| Firing {
        began: it.began.to_string(),
        ended: it.ended.map(|it| it.to_string()),
        evidence: serde_json::from_str(&it.evidence).unwrap_or_default(),
    };
    Ok(Json(firings.await?.into_iter().map(document).collect()))
}
