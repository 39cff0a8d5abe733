//! Codes of an authenticator (TOTP, RFC 6238) at each login.

use crate::Api;
use crate::asker::Asker;
use crate::input::{Body, Path};
use crate::problem::{Problem, Result};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tenancy::{Secret, UserId};
use utoipa::ToSchema;

/// What an authenticator needs to know.
#[derive(Serialize, ToSchema)]
pub(crate) struct Enrolment {
    /// To type in, in base32.
    #[schema(format = "password")]
    secret: String,
    /// To show as a picture: `otpauth://totp/...`.
    #[schema(format = "password")]
    url: String,
}

/// Begin with a second factor: nothing is asked for until a code has proved that it works
#[utoipa::path(post, path = "/me/second-factor", tag = "session", responses(
    (status = 201, body = Enrolment), (status = "4XX", body = Problem)))]
pub(crate) async fn enrol(
    State(api): State<Api>,
    asker: Asker,
) -> Result<(StatusCode, Json<Enrolment>)> {
    let enrolment = api.tenancy.enrol_second_factor(&asker.0).await?;
    let text = |secret: Secret| secret.expose().to_owned();
    let enrolment = Enrolment {
        secret: text(enrolment.secret),
        url: text(enrolment.url),
    };
    Ok((StatusCode::CREATED, Json(enrolment)))
}

/// A code of the authenticator.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Code {
    #[schema(format = "password")]
    code: String,
}

/// What is told once.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    /// Each is good for one login where the authenticator is lost.
    recovery_codes: Vec<String>,
}

/// Prove that the authenticator works; from then on a code is wanted at each login
#[utoipa::path(put, path = "/me/second-factor", tag = "session", request_body = Code, responses(
    (status = 200, body = RecoveryCodes), (status = "4XX", body = Problem)))]
pub(crate) async fn confirm(
    State(api): State<Api>,
    asker: Asker,
    Body(code): Body<Code>,
) -> Result<Json<RecoveryCodes>> {
    let code = Secret::from(code.code);
    let codes = api.tenancy.confirm_second_factor(&asker.0, &code).await?;
    let recovery_codes = codes.iter().map(|it| it.expose().to_owned()).collect();
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// End the own second factor, with a code of it or a recovery code
#[utoipa::path(post, path = "/me/second-factor/removal", tag = "session", request_body = Code, responses(
    (status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove_own(
    State(api): State<Api>,
    asker: Asker,
    Body(code): Body<Code>,
) -> Result<StatusCode> {
    let (user, code) = (asker.0.user()?, Secret::from(code.code));
    let removed = api
        .tenancy
        .remove_second_factor(&asker.0, user, Some(&code));
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End the second factor of a user who has lost it
#[utoipa::path(delete, path = "/users/{id}/second-factor", tag = "administration", params(("id" = i64, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    let removed = api.tenancy.remove_second_factor(&asker.0, UserId(id), None);
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}
