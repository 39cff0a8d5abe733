//! What is shown where the page was not built.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, header};

/// A document that tells how to get the page, and what there is without it.
pub(crate) fn document(asked: &HeaderMap) -> Response<Body> {
    let host = asked.get(header::HOST).and_then(|it| it.to_str().ok());
    let host = host.filter(|it| is_plain(it)).unwrap_or("127.0.0.1:8580");
    let mut response = Response::new(Body::from(TEXT.replace("HOST", host)));
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Whether it is written into a document as it is.
fn is_plain(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:-[]".contains(&byte);
    host.bytes().all(plain)
}

const TEXT: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Waybill</title>
<h1>Waybill</h1>
<p>This binary was built without the page. With Node 20.19 or later, in the sources:</p>
<pre>cargo xtask page
cargo build --release --workspace --bin waybill</pre>
<p>The API is here all the same, under <code>/api/v1</code>;
<a href="/api/v1/openapi.json">openapi.json</a> describes it.
The first user is made with the token of the link that <code>waybill serve</code> told, the part behind
<code>#</code>:</p>
<pre>curl http://HOST/api/v1/setup --json '{"token": "TOKEN", "login": "you@example.org", "password": "..."}'</pre>
<p>Without a browser: <code>waybill search</code>, <code>waybill trace</code>, <code>waybill queue</code>.</p>
</html>
"#;
