//! Where events of customers are sent.

use crate::Api;
use crate::asker::Asker;
use crate::input::{Body, Params, Path};
use crate::openapi::instant;
use crate::problem::{Problem, Result};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenancy::{CustomerId, DeadEventId, NewWebhook, WebhookId};
use utoipa::{IntoParams, ToSchema};

/// Whose webhooks; the asker's customer's where nobody is named.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Of {
    /// Number of a customer.
    pub(super) customer: Option<i64>,
}

/// Where events are to be sent.
#[derive(Deserialize, ToSchema)]
pub(crate) struct WebhookDetails {
    /// `https://...`; in networks that are not of the Internet only where the configuration allows it.
    url: String,
    /// Which: `accepted`, `delivered`, `temporary_fail`, `permanent_fail`, `rejected`, `stored`, `opened`,
    /// `clicked`, `unsubscribed`, `complained`; all where none is named.
    #[serde(default)]
    events: Vec<String>,
    /// Whether nothing is sent for now; what happens meanwhile is sent later.
    #[serde(default)]
    is_disabled: bool,
}

impl From<WebhookDetails> for NewWebhook {
    fn from(it: WebhookDetails) -> Self {
        NewWebhook {
            url: it.url,
            events: it.events,
            disabled: it.is_disabled,
        }
    }
}

/// A webhook that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeWebhook {
    id: i64,
    /// With what events are signed; told this once.
    signing_key: String,
}

/// A webhook, without its key.
#[derive(Serialize, ToSchema)]
pub(crate) struct Webhook {
    id: i64,
    /// Number of the customer.
    customer: i64,
    url: String,
    events: Vec<String>,
    is_disabled: bool,
    created: String,
    /// Up to when all events were taken.
    until: String,
    /// How often the next event was sent in vain.
    tries: i64,
    /// When it is sent again.
    next_try: Option<String>,
    /// What was wrong the last time.
    failure: Option<String>,
}

/// An event that a receiver did not take.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeadEvent {
    id: i64,
    /// As it was sent.
    #[schema(value_type = Object)]
    event: Value,
    /// What was wrong the last time.
    failure: String,
    /// When it was given up.
    at: String,
}

fn customer(asker: &Asker, named: Option<i64>) -> Result<CustomerId> {
    let own = asker.0.principal.customer;
    let customer = named.map(CustomerId).or(own);
    customer.ok_or_else(|| Problem::wrong("name a `customer`"))
}

/// Webhooks
#[utoipa::path(get, path = "/webhooks", tag = "administration", params(Of), responses(
    (status = 200, body = Vec<Webhook>), (status = "4XX", body = Problem)))]
pub(crate) async fn webhooks(
    State(api): State<Api>,
    asker: Asker,
    Params(of): Params<Of>,
) -> Result<Json<Vec<Webhook>>> {
    let customer = customer(&asker, of.customer)?;
    let document = |it: tenancy::Webhook| Webhook {
        id: it.id.0,
        customer: it.customer.0,
        url: it.url,
        events: it.events,
        is_disabled: it.disabled,
        created: it.created.to_string(),
        until: instant(it.until.as_microsecond()),
        tries: it.tries,
        next_try: it.next_try.map(|it| it.to_string()),
        failure: it.failure,
    };
    let webhooks = api.tenancy.webhooks(&asker.0, customer).await?;
    Ok(Json(webhooks.into_iter().map(document).collect()))
}

/// Make a webhook, which is sent what happens from now on
#[utoipa::path(post, path = "/webhooks", tag = "administration", params(Of),
    request_body = WebhookDetails, responses(
    (status = 201, body = MadeWebhook), (status = "4XX", body = Problem)))]
pub(crate) async fn add_webhook(
    State(api): State<Api>,
    asker: Asker,
    Params(of): Params<Of>,
    Body(body): Body<WebhookDetails>,
) -> Result<(StatusCode, Json<MadeWebhook>)> {
    let customer = customer(&asker, of.customer)?;
    let new = body.into();
    let (id, key) = api.tenancy.add_webhook(&asker.0, customer, &new).await?;
    let made = MadeWebhook {
        id: id.0,
        signing_key: key.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Change a webhook; what failed is sent again at once
#[utoipa::path(put, path = "/webhooks/{id}", tag = "administration", params(("id" = i64, Path)),
    request_body = WebhookDetails, responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn set_webhook(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
    Body(body): Body<WebhookDetails>,
) -> Result<StatusCode> {
    let new = body.into();
    api.tenancy
        .set_webhook(&asker.0, WebhookId(id), &new)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a webhook
#[utoipa::path(delete, path = "/webhooks/{id}", tag = "administration", params(("id" = i64, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove_webhook(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    api.tenancy.remove_webhook(&asker.0, WebhookId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// From when on.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Since {
    #[schema(value_type = String, format = "date-time")]
    from: jiff::Timestamp,
}

/// Send all events from a time on again, in order
#[utoipa::path(post, path = "/webhooks/{id}/replay", tag = "administration", params(("id" = i64, Path)),
    request_body = Since, responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn replay_webhook(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
    Body(since): Body<Since>,
) -> Result<StatusCode> {
    let replayed = api
        .tenancy
        .replay_webhook(&asker.0, WebhookId(id), since.from);
    replayed.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which part of the list.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Part {
    /// Only those behind this one.
    after: i64,
    /// As many at the most, 1 to 1,000.
    #[param(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

/// Events that the receiver did not take, the oldest first
#[utoipa::path(get, path = "/webhooks/{id}/dead", tag = "administration", params(("id" = i64, Path), Part),
    responses((status = 200, body = Vec<DeadEvent>), (status = "4XX", body = Problem)))]
pub(crate) async fn dead_events(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
    Params(part): Params<Part>,
) -> Result<Json<Vec<DeadEvent>>> {
    let (after, limit) = (DeadEventId(part.after), part.limit.unwrap_or(100).max(1));
    let dead = api
        .tenancy
        .dead_events(&asker.0, WebhookId(id), after, limit);
    let document = |it: tenancy::DeadEvent| DeadEvent {
        id: it.id.0,
        event: serde_json::from_str(&it.body).unwrap_or_default(),
        failure: it.failure,
        at: it.at.to_string(),
    };
    Ok(Json(dead.await?.into_iter().map(document).collect()))
}

/// Which of them; all where none is named.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Which {
    #[serde(default)]
    id: Option<i64>,
}

/// How many.
#[derive(Serialize, ToSchema)]
pub(crate) struct Replayed {
    events: u64,
}

/// Send events that were not taken once more
#[utoipa::path(post, path = "/webhooks/{id}/dead/replay", tag = "administration",
    params(("id" = i64, Path)), request_body = Which,
    responses((status = 200, body = Replayed), (status = "4XX", body = Problem)))]
pub(crate) async fn replay_dead_events(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
    Body(which): Body<Which>,
) -> Result<Json<Replayed>> {
    let one = which.id.map(DeadEventId);
    let replayed = api.tenancy.replay_dead_events(&asker.0, WebhookId(id), one);
    let events = replayed.await?;
    Ok(Json(Replayed { events }))
}
