//! Answers that are the same as before: who asks again with `If-None-Match` is told so (RFC 9110 section
//! 13.1.2), and is sent nothing. The question is answered all the same; what is spared is the way.

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

pub(crate) async fn tagged(request: Request, next: Next) -> Response {
    let is_read = *request.method() == Method::GET;
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_document = kind.is_some_and(|it| it.as_bytes().starts_with(b"application/json"));
    // What comes bit by bit has no end to wait for.
    let is_whole = response.body().size_hint().exact().is_some();
    if !is_read || response.status() != StatusCode::OK || !is_document || !is_whole {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let tag = tag(&bytes);
    let is_known = known.is_some_and(|it| names(&it, &tag));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        head.headers.insert(header::ETAG, tag);
    }
    if is_known {
        head.status = StatusCode::NOT_MODIFIED;
        head.headers.remove(header::CONTENT_TYPE);
        head.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(head, Body::empty());
    }
    Response::from_parts(head, Body::from(bytes))
}

/// A weak one, since it may be packed on its way.
fn tag(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let half = digest[..16].iter().map(|it| format!("{it:02x}"));
    format!("W/\"{}\"", half.collect::<String>())
}

/// Whether `If-None-Match` names a tag, weakly compared (RFC 9110 section 8.8.3.2).
fn names(header: &HeaderValue, tag: &str) -> bool {
    let opaque = |it: &str| it.trim().trim_start_matches("W/").to_owned();
    let text = header.to_str().unwrap_or_default();
    text.split(',')
        .any(|it| it.trim() == "*" || opaque(it) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_of_several_tags_is_known() {
        let tag = tag(b"{}");
        let strong = tag.trim_start_matches("W/");
        for header in [&tag, strong, "*", &format!("\"a\", {tag}")] {
            let header = HeaderValue::from_str(header).expect("a header");
            assert!(names(&header, &tag), "{header:?}");
        }
        for header in ["", "\"a\"", "W/\"a\", \"b\""] {
            assert!(!names(&HeaderValue::from_static(header), &tag), "{header}");
        }
        assert_ne!(super::tag(b"{ }"), tag);
    }
}
