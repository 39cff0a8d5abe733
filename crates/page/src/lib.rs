//! The page: the built files of `web/`, inside the binary, over HTTP.
//!
//! Every path that names no file is answered with `index.html`, which shows what the path says. It is not
//! for what the page asks: that is the API's, beside it on the same port.
//!
//! A build without the page (`web/dist` was empty) serves a small document that tells how to get it.

mod absent;
mod choose;
mod files;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri, header};
use axum::routing::get;
use choose::{Encoding, accepted};
use files::{FILES, File, Named};

/// Headers of all that is served here. What the page shows was written by strangers: nothing in it runs
/// but its own scripts, and it reaches nobody but its own server.
const FIXED: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (header::VARY, "accept-encoding"),
];

/// Whether the page was built into this binary.
pub fn is_there() -> bool {
    !FILES.is_empty()
}

/// Answers `GET` and `HEAD` of all paths that nobody else on the port does, to be merged with who else is.
pub fn router() -> Router {
    let serve = get(async |request: Request<Body>| answer(FILES, request.uri(), request.headers()));
    Router::new().fallback_service(serve)
}

/// What is answered with these files; `HEAD` loses the body elsewhere.
fn answer(files: &'static [File], uri: &Uri, asked: &HeaderMap) -> Response<Body> {
    let mut response = match files::find(files, uri.path()) {
        Named::File(file) => of_file(file, asked),
        Named::Nothing => {
            let mut response = Response::new(Body::from("there is no such file\n"));
            *response.status_mut() = StatusCode::NOT_FOUND;
            let plain = HeaderValue::from_static("text/plain");
            response.headers_mut().insert(header::CONTENT_TYPE, plain);
            response
        }
        Named::NoPage => absent::document(asked),
    };
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn of_file(file: &'static File, asked: &HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_static(file.tag));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(file.kept()));
    if is_known(file, asked) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind()));
    let (bytes, encoding) = match accepted(asked) {
        Encoding::Brotli if let Some(br) = file.br => (br, Some("br")),
        Encoding::Brotli | Encoding::Gzip if let Some(gzip) = file.gzip => (gzip, Some("gzip")),
        _ => (file.plain, None),
    };
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    *response.body_mut() = Body::from(bytes);
    response
}

/// Whether the asker has it. Source: RFC 9110, 13.1.2.
fn is_known(file: &File, asked: &HeaderMap) -> bool {
    let tags = asked.get_all(header::IF_NONE_MATCH).into_iter();
    let mut tags = tags
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(','));
    tags.any(|tag| tag.trim() == "*" || tag.trim() == file.tag)
}

#[cfg(test)]
mod tests;
