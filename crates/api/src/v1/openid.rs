//! Logging in at an OpenID Connect provider.
//!
//! What a login began with stands in a cookie that only the callback is sent, together with the place
//! of the page that one wanted; so only the browser that began a login can end it, on any server that
//! shares the database. Who comes back in vain is led to the page's login, which has words for why.

use crate::Api;
use crate::asker::cookie;
use crate::input::Params;
use crate::limits::{OPENID_SECS, PLACE_BYTES_MAX};
use crate::problem::{Problem, Result, chain};
use crate::security::From;
use crate::v1::session::with_session;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openid::{Error, Kept, Provider, Returned};
use serde::Deserialize;
use std::sync::Arc;
use tenancy::Vouched;
use url::{Position, Url, form_urlencoded};
use utoipa::IntoParams;

/// Name of the cookie of somebody who is on the way.
const COOKIE: &str = "waybill_openid";

/// Where one comes back to if nothing is said.
const HOME: &str = "/";

/// Where to go afterwards.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Wish {
    /// A place of the page, as `/queue?group=domain`.
    to: String,
}

/// What a provider sends along.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Back {
    /// The one that was sent there.
    state: String,
    /// What a token is given for.
    code: String,
    /// Why there is none.
    error: String,
    /// Who sends.
    iss: Option<String>,
}

/// Log in at the OpenID Connect provider: leads there
#[utoipa::path(get, path = "/session/openid", tag = "session", params(Wish), security(()), responses(
    (status = 303, description = "To the provider, or to the login with why not"), (status = 404, body = Problem)))]
pub(crate) async fn login_elsewhere(
    State(api): State<Api>,
    Params(wish): Params<Wish>,
) -> Result<Response> {
    let provider = provider(&api)?;
    let place = place(&wish.to);
    let begun = match provider.begin(api.daemon.now()).await {
        Ok(begun) => begun,
        Err(error) => return Ok(failed(&provider, &error, &place)),
    };
    let value = format!("{}.{}", begun.kept, BASE64_URL_SAFE_NO_PAD.encode(place));
    let there = Redirect::to(begun.url.as_str()).into_response();
    Ok(with_kept(there, &value, OPENID_SECS, &provider))
}

/// Where the OpenID Connect provider leads back to: begins a session, whose cookie comes with the answer
#[utoipa::path(get, path = "/session/openid/callback", tag = "session", params(Back), security(()), responses(
    (status = 303, description = "To the place that was wanted, or to the login with why not"),
    (status = 404, body = Problem)))]
pub(crate) async fn come_back(
    State(api): State<Api>,
    from: From,
    headers: HeaderMap,
    Params(back): Params<Back>,
) -> Result<Response> {
    let provider = provider(&api)?;
    let (kept, place) = kept(&headers);
    let response = match kept {
        Some(kept) => ended(&api, &from, &provider, (kept, back, &place)).await?,
        None => failed(&provider, &Error::NotBegun, &place),
    };
    // It is good once.
    Ok(with_kept(response, "", 0, &provider))
}

async fn ended(
    api: &Api,
    from: &From,
    provider: &Provider,
    (kept, back, place): (Kept, Back, &str),
) -> Result<Response> {
    let (address, now) = (Some(from.address), api.daemon.now());
    if let Err(error) = api.tenancy.may_try_elsewhere(address, now) {
        return refused(error, "", place);
    }
    let returned = Returned {
        state: back.state,
        code: back.code,
        error: back.error,
        iss: back.iss,
    };
    let login = match provider.end(&kept, &returned, now).await {
        Ok(login) => login,
        Err(error) => return Ok(failed(provider, &error, place)),
    };
    let vouched = Vouched {
        login: &login,
        by: provider.issuer(),
        address,
    };
    let session = match api.tenancy.login_vouched(&vouched, now).await {
        Ok(session) => session,
        Err(error) => return refused(error, &login, place),
    };
    let seconds = session.expires.as_second() - now.as_second();
    let response = Redirect::to(place).into_response();
    let token = session.token.expose();
    Ok(with_session(response, token, seconds, from))
}

fn provider(api: &Api) -> Result<Arc<Provider>> {
    let provider = api.settings.openid.clone();
    provider.ok_or_else(|| Problem::absent("OpenID Connect provider"))
}

/// What the browser kept: what the login began with, and where it leads to.
fn kept(headers: &HeaderMap) -> (Option<Kept>, String) {
    let text = cookie(headers, COOKIE).unwrap_or_default();
    let (kept, to) = text.rsplit_once('.').unwrap_or_default();
    let to = BASE64_URL_SAFE_NO_PAD.decode(to).unwrap_or_default();
    let to = String::from_utf8(to).unwrap_or_default();
    (Kept::parse(kept), place(&to))
}

/// A place of the page, as a browser reads it; whatever leads elsewhere is the first page.
fn place(to: &str) -> String {
    let here = || Url::parse("http://page.invalid").ok();
    let wanted = here().and_then(|here| here.join(to).ok());
    let wanted = wanted.filter(|it| here().is_some_and(|here| here.origin() == it.origin()));
    let place = wanted.as_ref().map(|it| &it[Position::BeforePath..]);
    // What begins with two would be a host, and the API is no page.
    let is_page = |it: &&str| !it.starts_with("//") && !it.starts_with("/api/");
    let place = place
        .filter(is_page)
        .filter(|it| it.len() <= PLACE_BYTES_MAX);
    place.unwrap_or(HOME).to_owned()
}

/// To the login of the page, with why nobody is logged in, and words to it.
fn to_login(trouble: &str, words: &str, place: &str) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("trouble", trouble);
    if place != HOME {
        query.append_pair("to", place);
    }
    let query = query.finish();
    // Behind the `#` it is in no log of a server.
    let words: String = form_urlencoded::byte_serialize(words.as_bytes()).collect();
    let mark = if words.is_empty() { "" } else { "#" };
    Redirect::to(&format!("/login?{query}{mark}{words}")).into_response()
}

/// Nobody came back whom the provider answers for.
fn failed(provider: &Provider, error: &Error, place: &str) -> Response {
    let trouble = match error {
        Error::Away { .. } => "away",
        Error::NotBegun => "stale",
        Error::Denied(_) => "denied",
        Error::NotVerified => "unverified",
        Error::NoClaim(_) | Error::CodeRefused(_) | Error::Untrue(_) | Error::Chance(_) => {
            "invalid"
        }
    };
    let issuer = provider.issuer();
    tracing::warn!(issuer, error = %chain(error), "nobody is logged in by OpenID Connect");
    to_login(trouble, "", place)
}

/// Who came back may not come in, or not now.
fn refused(error: tenancy::Error, login: &str, place: &str) -> Result<Response> {
    match error {
        tenancy::Error::LoginRefused => Ok(to_login("unknown", login, place)),
        tenancy::Error::TooManyTries { wait_secs } => {
            Ok(to_login("busy", &wait_secs.to_string(), place))
        }
        other => Err(other.into()),
    }
}

/// The answer that has a browser keep what a login began with, or forget it. The browser comes back from
/// another site, so `Strict` would hide it.
fn with_kept(mut response: Response, value: &str, seconds: i64, provider: &Provider) -> Response {
    let path = crate::OPENID_CALLBACK;
    let secure = if provider.is_https() { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE}={value}; Path=/{path}; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}"
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;

    #[test]
    fn one_comes_back_to_a_place_of_the_page_only() {
        for (to, wanted) in [
            ("/queue?group=domain", "/queue?group=domain"),
            ("/message/a%40b.example", "/message/a%40b.example"),
            ("/search?q=büro", "/search?q=b%C3%BCro"),
            ("/me#sessions", "/me#sessions"),
            ("queue", "/queue"),
        ] {
            assert_eq!(place(to), wanted, "{to}");
        }
        let long = format!("/search?q={}", "a".repeat(PLACE_BYTES_MAX));
        for to in [
            "",
            "https://evil.example/queue",
            "https://page.invalid/queue",
            "http://page.invalid:8080/queue",
            "//evil.example/",
            "/\\evil.example/",
            "\\\\evil.example/",
            "/\t/evil.example/",
            "\n//evil.example/",
            " //evil.example/",
            "/.//evil.example/",
            "/a/..//evil.example/",
            "/%2e//evil.example/",
            "http:evil.example",
            "http:///evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "//user@page.invalid/",
            "/api/v1/session/openid",
            &long,
        ] {
            let place = place(to);
            assert!(place == HOME || place == "/evil.example", "{to}: {place}");
        }
    }

    #[test]
    fn why_nobody_is_logged_in_goes_to_the_page() {
        let location = |response: Response| {
            assert_eq!(response.status(), StatusCode::SEE_OTHER);
            let location = response.headers()[header::LOCATION].to_str();
            location.expect("a text").to_owned()
        };
        assert_eq!(
            location(to_login("unknown", "a b@x.example", "/queue?a=b")),
            "/login?trouble=unknown&to=%2Fqueue%3Fa%3Db#a+b%40x.example"
        );
        assert_eq!(
            location(to_login("stale", "", HOME)),
            "/login?trouble=stale"
        );
    }
}
