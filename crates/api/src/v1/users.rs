//! Users, and links with which they set their passwords.

use crate::Api;
use crate::asker::Asker;
use crate::input::{Body, List, ListParams, Path};
use crate::problem::{Problem, Result};
use crate::v1::customers::{Disabled, Made};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tenancy::{CustomerId, NewUser, Role, UserId};
use utoipa::ToSchema;

/// What is said of a user.
#[derive(Deserialize, ToSchema)]
pub(crate) struct UserDetails {
    /// What one logs in with; does not change.
    login: String,
    /// A name for people.
    #[serde(default)]
    name: String,
    /// `owner`, `operator`, `support`, `auditor`, `customer_admin`, `mailbox_user`.
    role: String,
    /// Number of the customer.
    #[serde(default)]
    customer: Option<i64>,
    /// The mailboxes of a mailbox user.
    #[serde(default)]
    mailboxes: Vec<String>,
}

/// A user.
#[derive(Serialize, ToSchema)]
pub(crate) struct User {
    id: i64,
    login: String,
    name: String,
    role: &'static str,
    customer: Option<i64>,
    mailboxes: Vec<String>,
    disabled: bool,
    created: String,
    last_login: Option<String>,
    has_password: bool,
    has_second_factor: bool,
}

fn details(body: UserDetails) -> Result<NewUser> {
    let role = Role::parse(&body.role);
    let unknown = || {
        let roles: Vec<_> = Role::ALL.iter().map(|it| it.as_str()).collect();
        Problem::wrong(format!("`role`: there is no role `{}`", body.role)).hint(roles.join(", "))
    };
    Ok(NewUser {
        role: role.ok_or_else(unknown)?,
        name: match body.name.is_empty() {
            true => body.login.clone(),
            false => body.name,
        },
        login: body.login,
        customer: body.customer.map(CustomerId),
        mailboxes: body.mailboxes,
    })
}

fn document(it: tenancy::User) -> User {
    User {
        id: it.id.0,
        login: it.login,
        name: it.name,
        role: it.role.as_str(),
        customer: it.customer.map(|it| it.0),
        mailboxes: it.mailboxes,
        disabled: it.disabled,
        created: it.created.to_string(),
        last_login: it.last_login.map(|it| it.to_string()),
        has_password: it.has_password,
        has_second_factor: it.has_second_factor,
    }
}

/// Users by login
#[utoipa::path(get, path = "/users", tag = "administration", params(ListParams), responses(
    (status = 200, body = Vec<User>), (status = "4XX", body = Problem)))]
pub(crate) async fn users(
    State(api): State<Api>,
    asker: Asker,
    list: List,
) -> Result<Json<Vec<User>>> {
    let users = api.tenancy.users(&asker.0, None, &list.0.page()).await?;
    Ok(Json(users.into_iter().map(document).collect()))
}

/// Add a user, who has no password yet
#[utoipa::path(post, path = "/users", tag = "administration", request_body = UserDetails, responses(
    (status = 201, body = Made), (status = "4XX", body = Problem)))]
pub(crate) async fn add_user(
    State(api): State<Api>,
    asker: Asker,
    Body(body): Body<UserDetails>,
) -> Result<(StatusCode, Json<Made>)> {
    let id = api.tenancy.add_user(&asker.0, &details(body)?).await?;
    Ok((StatusCode::CREATED, Json(Made { id: id.0 })))
}

/// A user
#[utoipa::path(get, path = "/users/{id}", tag = "administration", params(("id" = i64, Path)), responses(
    (status = 200, body = User), (status = "4XX", body = Problem)))]
pub(crate) async fn user(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<Json<User>> {
    let user = api.tenancy.user(&asker.0, UserId(id)).await?;
    Ok(Json(document(user)))
}

/// Change a user: as told as a whole
#[utoipa::path(put, path = "/users/{id}", tag = "administration", params(("id" = i64, Path)),
    request_body = UserDetails, responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn set_user(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
    Body(body): Body<UserDetails>,
) -> Result<StatusCode> {
    let user = details(body)?;
    api.tenancy.set_user(&asker.0, UserId(id), &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shut a user out, or let in again
#[utoipa::path(put, path = "/users/{id}/disabled", tag = "administration", params(("id" = i64, Path)),
    request_body = Disabled, responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn set_user_disabled(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
    Body(body): Body<Disabled>,
) -> Result<StatusCode> {
    let id = UserId(id);
    api.tenancy
        .set_user_disabled(&asker.0, id, body.disabled)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a user, with keys and sessions
#[utoipa::path(delete, path = "/users/{id}", tag = "administration", params(("id" = i64, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove_user(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    api.tenancy.remove_user(&asker.0, UserId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A token that sets a password once.
#[derive(Serialize, ToSchema)]
pub(crate) struct Link {
    /// For `POST /password`; told this once.
    token: String,
}

/// Make a link with which a user sets the password
#[utoipa::path(post, path = "/users/{id}/link", tag = "administration", params(("id" = i64, Path)), responses(
    (status = 201, body = Link), (status = "4XX", body = Problem)))]
pub(crate) async fn link(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<(StatusCode, Json<Link>)> {
    let token = api.tenancy.reset_link(&asker.0, UserId(id)).await?;
    let token = token.expose().to_owned();
    Ok((StatusCode::CREATED, Json(Link { token })))
}
