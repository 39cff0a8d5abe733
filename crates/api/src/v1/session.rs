//! Logging in and out, the first run, and who one is.

use crate::Api;
use crate::asker::Asker;
use crate::input::{Body, Params};
use crate::openapi::COOKIE;
use crate::problem::{Problem, Result};
use crate::security::From;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tenancy::{Login, Preferences, Reach, Secret};
use utoipa::{IntoParams, ToSchema};

/// Who asks.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    /// `user 5`, `key 7`.
    who: String,
    /// Login, or name of the key.
    name: String,
    role: &'static str,
    rights: Vec<&'static str>,
    /// Number of the customer; absent for those who run the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<i64>,
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
pub(crate) async fn me(asker: Asker) -> Json<Me> {
    let principal = &asker.0.principal;
    let rights = principal.rights.iter().map(|it| it.as_str());
    Json(Me {
        who: principal.who.to_string(),
        name: principal.name.clone(),
        role: principal.role.as_str(),
        rights: rights.collect(),
        customer: principal.customer.map(|it| it.0),
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
    })
}

/// A try to log in.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Credentials {
    login: String,
    #[schema(format = "password")]
    password: String,
    /// Code of the second factor, once it is asked for.
    code: Option<String>,
}

/// Log in: begins a session, whose cookie comes with the answer
#[utoipa::path(post, path = "/session", tag = "session", request_body = Credentials, security(()), responses(
    (status = 204), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn login(
    State(api): State<Api>,
    from: From,
    Body(credentials): Body<Credentials>,
) -> Result<Response> {
    let login = Login {
        login: credentials.login,
        password: Secret::from(credentials.password),
        code: credentials.code.map(Secret::from),
        address: Some(from.address),
    };
    let now = api.daemon.now();
    let session = api.tenancy.login(&login, now).await?;
    let seconds = session.expires.as_second() - now.as_second();
    Ok(with_cookie(session.token.expose(), seconds, &from))
}

/// The answer that gives a browser its session, or takes it.
fn with_cookie(token: &str, seconds: i64, from: &From) -> Response {
    let secure = if from.is_https { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Log out: ends the session
#[utoipa::path(delete, path = "/session", tag = "session", responses(
    (status = 204), (status = 401, body = Problem)))]
pub(crate) async fn logout(State(api): State<Api>, from: From, asker: Asker) -> Result<Response> {
    api.tenancy.logout(&asker.0).await?;
    Ok(with_cookie("", 0, &from))
}

/// Whether there is somebody who may log in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SetUp {
    /// Until there is, the link that the daemon tells at its start makes the first user.
    is_set_up: bool,
}

/// Whether there is somebody who may log in
#[utoipa::path(get, path = "/setup", tag = "session", security(()), responses((status = 200, body = SetUp)))]
pub(crate) async fn is_set_up(State(api): State<Api>) -> Result<Json<SetUp>> {
    let is_set_up = api.tenancy.is_set_up().await?;
    Ok(Json(SetUp { is_set_up }))
}

/// The first user.
#[derive(Deserialize, ToSchema)]
pub(crate) struct First {
    /// What the link has.
    #[schema(format = "password")]
    token: String,
    login: String,
    #[schema(format = "password")]
    password: String,
}

/// Make the first user, an owner
#[utoipa::path(post, path = "/setup", tag = "session", request_body = First, security(()), responses(
    (status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn setup(
    State(api): State<Api>,
    from: From,
    Body(first): Body<First>,
) -> Result<StatusCode> {
    let (token, password) = (Secret::from(first.token), Secret::from(first.password));
    let (address, now) = (Some(from.address), api.daemon.now());
    let made = api
        .tenancy
        .setup(&token, &first.login, &password, address, now)
        .await;
    made.map_err(|error| match error {
        tenancy::Error::Refused => Problem::new(StatusCode::FORBIDDEN, "the link is not valid")
            .hint("the daemon tells a new one when it starts"),
        other => other.into(),
    })?;
    Ok(StatusCode::NO_CONTENT)
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

/// A new password by a link.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Reset {
    /// What the link has.
    #[schema(format = "password")]
    token: String,
    #[schema(format = "password")]
    password: String,
}

/// Set a password with a link that an administrator gave
#[utoipa::path(post, path = "/password", tag = "session", request_body = Reset, security(()), responses(
    (status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn use_reset_link(
    State(api): State<Api>,
    from: From,
    Body(reset): Body<Reset>,
) -> Result<StatusCode> {
    let (token, password) = (Secret::from(reset.token), Secret::from(reset.password));
    let (address, now) = (Some(from.address), api.daemon.now());
    let used = api
        .tenancy
        .use_reset_link(&token, &password, address, now)
        .await;
    used.map_err(|error| match error {
        tenancy::Error::Refused => {
            Problem::new(StatusCode::FORBIDDEN, "the link is not valid").hint("ask for a new one")
        }
        other => other.into(),
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct ListParams {
    /// Only names that hold this.
    text: String,
    /// Only names behind this one: the last of the page before.
    after: String,
    /// At the most; 0 for as many as a page may have.
    limit: u32,
}

impl ListParams {
    pub(crate) fn page(self) -> tenancy::Page {
        tenancy::Page {
            text: self.text,
            after: self.after,
            limit: self.limit,
        }
    }
}

/// The page of a list, for the handlers of lists.
pub(crate) type List = Params<ListParams>;
