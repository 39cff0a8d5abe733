//! Keys of programs.

use crate::Api;
use crate::asker::Asker;
use crate::input::{Body, Params, Path};
use crate::problem::{Problem, Result};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tenancy::{CustomerId, KeyId, KeyOwner, NewKey, Right, UserId};
use utoipa::{IntoParams, ToSchema};

/// Whose keys; the asker's own where nobody is named.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Owner {
    /// Number of a user.
    user: Option<i64>,
    /// Number of a customer.
    customer: Option<i64>,
}

/// A key that is wanted.
#[derive(Deserialize, ToSchema)]
pub(crate) struct KeyDetails {
    /// What it is for.
    name: String,
    /// What it may do, of what its owner may: `read_mail`, `read_events`, ...
    rights: Vec<String>,
    /// Number of the user whose it is; the asker where nobody is named.
    #[serde(default)]
    user: Option<i64>,
    /// Number of the customer whose it is.
    #[serde(default)]
    customer: Option<i64>,
    /// When it ends; never where it is absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "date-time")]
    expires: Option<jiff::Timestamp>,
}

/// A key that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeKey {
    id: i64,
    /// Told this once.
    key: String,
}

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct Key {
    id: i64,
    name: String,
    rights: Vec<&'static str>,
    /// How it begins.
    begins: String,
    created: String,
    expires: Option<String>,
    last_used: Option<String>,
    revoked: Option<String>,
}

fn owner(asker: &Asker, user: Option<i64>, customer: Option<i64>) -> Result<KeyOwner> {
    let principal = &asker.0.principal;
    match (user, customer) {
        (Some(_), Some(_)) => Err(Problem::wrong("a key is a user's or a customer's")),
        (Some(user), None) => Ok(KeyOwner::User(UserId(user))),
        (None, Some(customer)) => Ok(KeyOwner::Customer(CustomerId(customer))),
        (None, None) => match (principal.user, principal.customer) {
            (Some(user), _) => Ok(KeyOwner::User(user)),
            (None, Some(customer)) => Ok(KeyOwner::Customer(customer)),
            (None, None) => Err(Problem::wrong("name a user or a customer")),
        },
    }
}

/// Keys
#[utoipa::path(get, path = "/keys", tag = "administration", params(Owner), responses(
    (status = 200, body = Vec<Key>), (status = "4XX", body = Problem)))]
pub(crate) async fn keys(
    State(api): State<Api>,
    asker: Asker,
    Params(of): Params<Owner>,
) -> Result<Json<Vec<Key>>> {
    let owner = owner(&asker, of.user, of.customer)?;
    let document = |it: tenancy::Key| Key {
        id: it.id.0,
        name: it.name,
        rights: it.rights.iter().map(Right::as_str).collect(),
        begins: it.begins,
        created: it.created.to_string(),
        expires: it.expires.map(|it| it.to_string()),
        last_used: it.last_used.map(|it| it.to_string()),
        revoked: it.revoked.map(|it| it.to_string()),
    };
    let keys = api.tenancy.keys(&asker.0, owner).await?;
    Ok(Json(keys.into_iter().map(document).collect()))
}

/// Make a key
#[utoipa::path(post, path = "/keys", tag = "administration", request_body = KeyDetails, responses(
    (status = 201, body = MadeKey), (status = "4XX", body = Problem)))]
pub(crate) async fn add_key(
    State(api): State<Api>,
    asker: Asker,
    Body(body): Body<KeyDetails>,
) -> Result<(StatusCode, Json<MadeKey>)> {
    let right = |name: &String| {
        let unknown = || Problem::wrong(format!("`rights`: there is no right `{name}`"));
        Right::parse(name).ok_or_else(unknown)
    };
    let rights: Result<Vec<Right>> = body.rights.iter().map(right).collect();
    let new = NewKey {
        owner: owner(&asker, body.user, body.customer)?,
        name: body.name,
        rights: rights?.into_iter().collect(),
        expires: body.expires,
    };
    let (id, key) = api.tenancy.add_key(&asker.0, &new).await?;
    let key = key.expose().to_owned();
    Ok((StatusCode::CREATED, Json(MadeKey { id: id.0, key })))
}

/// Revoke a key
#[utoipa::path(delete, path = "/keys/{id}", tag = "administration", params(("id" = i64, Path)), responses(
    (status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn revoke_key(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    api.tenancy.revoke_key(&asker.0, KeyId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
