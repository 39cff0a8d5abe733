//! Who one is, and how one logs in and likes what is shown.

use crate::Api;
use crate::asker::Asker;
use crate::input::{Body, Path};
use crate::problem::{Problem, Result};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tenancy::{Preferences, Reach, Secret};
use utoipa::ToSchema;

/// Who asks.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    /// `user 5`, `key 7`.
    who: String,
    /// Login, or name of the key.
    name: String,
    /// Number of the user; absent for keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<i64>,
    /// How one likes what is shown; absent for keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    preferences: Option<Likes>,
    /// Whether a code is wanted at each login.
    has_second_factor: bool,
    role: &'static str,
    rights: Vec<&'static str>,
    /// Number of the customer; absent for those who run the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<i64>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_name: Option<String>,
    /// Whose mail is seen.
    reach: MyReach,
}

/// Whose mail is seen.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MyReach {
    /// Everybody's.
    Everything,
    /// That of these domains, and of these accounts in others.
    Domains {
        domains: Vec<String>,
        accounts: Vec<String>,
    },
    /// That of these mailboxes.
    Mailboxes(Vec<String>),
}

/// Who asks
#[utoipa::path(get, path = "/me", tag = "session", responses(
    (status = 200, body = Me), (status = 401, body = Problem)))]
pub(crate) async fn me(State(api): State<Api>, asker: Asker) -> Result<Json<Me>> {
    let user = match asker.0.user() {
        Ok(id) => Some(api.tenancy.user(&asker.0, id).await?),
        Err(_) => None,
    };
    let principal = &asker.0.principal;
    let customer_name = match principal.customer {
        Some(id) => match api.tenancy.customer(&asker.0, id).await {
            Ok(customer) => Some(customer.name),
            // A mailbox does not know its customer.
            Err(tenancy::Error::NotFound(_)) => None,
            Err(error) => return Err(error.into()),
        },
        None => None,
    };
    let rights = principal.rights.iter().map(|it| it.as_str());
    Ok(Json(Me {
        who: principal.who.to_string(),
        name: principal.name.clone(),
        has_second_factor: user.as_ref().is_some_and(|it| it.has_second_factor),
        user: user.as_ref().map(|it| it.id.0),
        preferences: user.map(|it| Likes {
            language: it.preferences.language,
            time_zone: it.preferences.time_zone,
        }),
        role: principal.role.as_str(),
        rights: rights.collect(),
        customer: principal.customer.map(|it| it.0),
        customer_name,
        reach: match &principal.reach {
            Reach::Everything => MyReach::Everything,
            Reach::Domains {
                domains, accounts, ..
            } => MyReach::Domains {
                domains: domains.to_vec(),
                accounts: accounts.to_vec(),
            },
            Reach::Mailboxes(mailboxes) => MyReach::Mailboxes(mailboxes.to_vec()),
        },
    }))
}

/// A new password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Password {
    /// The one until now.
    #[schema(format = "password")]
    old: String,
    #[schema(format = "password")]
    new: String,
}

/// Change the own password
#[utoipa::path(put, path = "/me/password", tag = "session", request_body = Password, responses(
    (status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn change_password(
    State(api): State<Api>,
    asker: Asker,
    Body(password): Body<Password>,
) -> Result<StatusCode> {
    let (old, new) = (Secret::from(password.old), Secret::from(password.new));
    api.tenancy.change_password(&asker.0, &old, &new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How one likes what is shown.
#[derive(Deserialize, Serialize, ToSchema)]
pub(crate) struct Likes {
    /// A language tag: `it`.
    language: Option<String>,
    /// A time zone: `Europe/Rome`.
    time_zone: Option<String>,
}

/// Change how one likes what is shown
#[utoipa::path(put, path = "/me/preferences", tag = "session", request_body = Likes, responses(
    (status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn set_preferences(
    State(api): State<Api>,
    asker: Asker,
    Body(likes): Body<Likes>,
) -> Result<StatusCode> {
    let preferences = Preferences {
        language: likes.language,
        time_zone: likes.time_zone,
    };
    api.tenancy.set_preferences(&asker.0, &preferences).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A session.
#[derive(Serialize, ToSchema)]
pub(crate) struct Session {
    /// What names it; of no use as a token.
    handle: String,
    /// From where it was begun.
    address: Option<String>,
    /// When it was begun.
    created: String,
    /// To the minute.
    last_used: String,
    /// When it ends at the latest.
    expires: String,
    /// Whether it is the one that asks.
    is_own: bool,
}

/// The own sessions, the newest first
#[utoipa::path(get, path = "/me/sessions", tag = "session", responses(
    (status = 200, body = Vec<Session>), (status = "4XX", body = Problem)))]
pub(crate) async fn sessions(State(api): State<Api>, asker: Asker) -> Result<Json<Vec<Session>>> {
    let sessions = api.tenancy.sessions(&asker.0, asker.0.user()?).await?;
    let document = |it: tenancy::Session| Session {
        handle: it.handle,
        address: it.address,
        created: it.created.to_string(),
        last_used: it.last_used.to_string(),
        expires: it.expires.to_string(),
        is_own: it.is_own,
    };
    Ok(Json(sessions.into_iter().map(document).collect()))
}

/// End all own sessions but the one that asks
#[utoipa::path(delete, path = "/me/sessions", tag = "session", responses(
    (status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn end_sessions(State(api): State<Api>, asker: Asker) -> Result<StatusCode> {
    let user = asker.0.user()?;
    api.tenancy.end_sessions(&asker.0, user, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End an own session
#[utoipa::path(delete, path = "/me/sessions/{handle}", tag = "session", params(("handle" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn end_session(
    State(api): State<Api>,
    asker: Asker,
    Path(handle): Path<String>,
) -> Result<StatusCode> {
    let user = asker.0.user()?;
    api.tenancy
        .end_sessions(&asker.0, user, Some(&handle))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
