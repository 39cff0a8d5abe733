//! Logging in and out, the first run, and links that set a password.

use crate::Api;
use crate::asker::Asker;
use crate::input::Body;
use crate::openapi::COOKIE;
use crate::problem::{Problem, Result};
use crate::security::From;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tenancy::{Login, Secret};
use utoipa::ToSchema;

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
    let done = StatusCode::NO_CONTENT.into_response();
    Ok(with_session(done, session.token.expose(), seconds, &from))
}

/// The answer that gives a browser its session, or takes it.
pub(crate) fn with_session(
    mut response: Response,
    token: &str,
    seconds: i64,
    from: &From,
) -> Response {
    let secure = if from.is_https { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Log out: ends the session
#[utoipa::path(delete, path = "/session", tag = "session", responses(
    (status = 204), (status = 401, body = Problem)))]
pub(crate) async fn logout(State(api): State<Api>, from: From, asker: Asker) -> Result<Response> {
    api.tenancy.logout(&asker.0).await?;
    let done = StatusCode::NO_CONTENT.into_response();
    Ok(with_session(done, "", 0, &from))
}

/// Whether there is somebody who may log in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SetUp {
    /// Until there is, the link that the daemon tells at its start makes the first user.
    is_set_up: bool,
    /// Where one may log in beside here: the name of an OpenID Connect provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    openid: Option<String>,
}

/// Whether there is somebody who may log in, and where beside here
#[utoipa::path(get, path = "/setup", tag = "session", security(()), responses((status = 200, body = SetUp)))]
pub(crate) async fn is_set_up(State(api): State<Api>) -> Result<Json<SetUp>> {
    let is_set_up = api.tenancy.is_set_up().await?;
    let openid = api.settings.openid.as_ref().map(|it| it.name().to_owned());
    Ok(Json(SetUp { is_set_up, openid }))
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
