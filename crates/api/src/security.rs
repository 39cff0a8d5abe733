//! What is around every request: who asks, how often, from where; and what browsers are told.

use crate::asker::{Identity, identify};
use crate::limits::BODY_BYTES_MAX;
use crate::problem::Problem;
use crate::refusal::{self, Refusal};
use crate::{Api, Shared, loki, unchanged};
use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{
    Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header,
};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tower_http::compression::{
    CompressionLayer, DefaultPredicate, Predicate, predicate::NotForContentType,
};
use tower_http::set_header::SetResponseHeaderLayer;

/// Puts it around.
pub(crate) fn around(router: Router<Api>, shared: &Api) -> Router<Api> {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let router = router
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(unchanged::tagged))
        .layer(from_fn_with_state(Arc::clone(shared), request));
    let router = fixed.into_iter().fold(router, |router, (name, value)| {
        let value = HeaderValue::from_static(value);
        router.layer(SetResponseHeaderLayer::if_not_present(name, value))
    });
    // Who goes on with a file counts its bytes as they are.
    let is_whole = |_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions| {
        !headers.contains_key(header::ACCEPT_RANGES)
    };
    // Events must go out one by one.
    let predicate = DefaultPredicate::new()
        .and(NotForContentType::const_new("text/event-stream"))
        .and(is_whole);
    router.layer(CompressionLayer::new().compress_when(predicate))
}

async fn request(State(api): State<Api>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let from = address(&api, &head);
    let identity = match identify(&api, &head.headers, from).await {
        Ok(identity) => identity,
        Err(problem) => return told(problem, &head),
    };
    if identity.is_by_cookie() && !is_own(&head) {
        let detail = "a page of another site asks";
        return Problem::new(StatusCode::FORBIDDEN, detail).into_response();
    }
    let left = api.desk.rates.count(&identity.name());
    let too_many = |seconds| {
        let detail = "more requests than a minute may have";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).retry_after(seconds)
    };
    head.extensions.insert::<Identity>(identity);
    let (mut response, left) = match left {
        Ok(left) => (next.run(Request::from_parts(head, body)).await, left),
        Err(seconds) => {
            let mut response = told(too_many(seconds), &head);
            let reset = api
                .daemon
                .now()
                .as_second()
                .saturating_add_unsigned(seconds);
            response.headers_mut().insert(RATE_RESET, reset.into());
            (response, 0)
        }
    };
    let headers = response.headers_mut();
    headers.insert(RATE_LIMIT, api.desk.rates.a_minute().into());
    headers.insert(RATE_LEFT, left.into());
    response
}

/// A problem in the form that who asks for this knows.
fn told(problem: Problem, request: &Parts) -> Response {
    let path = request.uri.path();
    match () {
        () if refusal::is_wanted(path) => Refusal::from(problem).into_response(),
        () if loki::refusal::is_wanted(path) => loki::refusal::Plain::from(problem).into_response(),
        () => problem.into_response(),
    }
}

/// As Mailgun, GitHub and most others name them.
const RATE_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const RATE_LEFT: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
/// When one may ask again, in seconds since 1970; mailgun-go reads it.
const RATE_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Where a request is from.
pub(crate) struct From {
    pub(crate) address: IpAddr,
    /// Whether it came by TLS, as far as a proxy tells.
    pub(crate) is_https: bool,
}

impl FromRequestParts<Api> for From {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Infallible> {
        let scheme = parts.headers.get("x-forwarded-proto");
        Ok(From {
            address: address(api, parts),
            is_https: api.settings.behind_proxy && scheme.is_some_and(|it| it == "https"),
        })
    }
}

fn address(api: &Shared, request: &Parts) -> IpAddr {
    let peer = request.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |it| {
        it.0.ip().to_canonical()
    });
    if !(api.settings.behind_proxy && peer.is_loopback()) {
        return peer;
    }
    let forwarded = request.headers.get("x-forwarded-for");
    let last = forwarded
        .and_then(|it| it.to_str().ok())
        .and_then(|it| it.rsplit(',').next());
    last.and_then(|it| it.trim().parse().ok()).unwrap_or(peer)
}

/// Whether a request that changes something comes from a page of ours (Fetch Metadata, else Origin).
fn is_own(request: &Parts) -> bool {
    if matches!(request.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    let text = |name: &str| request.headers.get(name).and_then(|it| it.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let host = text("host").unwrap_or_default();
    text("origin").is_some_and(|origin| {
        let origin = origin.split_once("://").map_or("", |(_, host)| host);
        !origin.is_empty() && origin == host
    })
}
