use super::*;

static BUILT: &[File] = &[
    File {
        path: "assets/index-1a2b.js",
        tag: "W/\"1\"",
        plain: b"plain",
        br: Some(b"br"),
        gzip: Some(b"gzip"),
    },
    File {
        path: "favicon.svg",
        tag: "W/\"2\"",
        plain: b"<svg>",
        br: None,
        gzip: None,
    },
    File {
        path: "index.html",
        tag: "W/\"3\"",
        plain: b"<html>",
        br: None,
        gzip: None,
    },
];

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|it| it.to_str().unwrap());
        value.unwrap_or("")
    }
}

fn ask(files: &'static [File], path: &str, asked: &[(&'static str, &str)]) -> Answer {
    let headers = asked.iter().map(|(name, value)| {
        let name = HeaderName::from_static(name);
        (name, HeaderValue::from_str(value).unwrap())
    });
    let uri = path.parse().unwrap();
    let (head, body) = answer(files, &uri, &headers.collect()).into_parts();
    let body = axum::body::to_bytes(body, usize::MAX);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let body = runtime.unwrap().block_on(body).unwrap();
    Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

#[test]
fn paths_of_the_page_give_the_page() {
    for path in [
        "/",
        "/search?q=status:bounced",
        "/account/anna@example.org",
        "/message/%3Ca.b@example.org%3E",
        "/admin/users",
        "/index.html",
    ] {
        let answer = ask(BUILT, path, &[]);
        assert_eq!((answer.status, &answer.body[..]), (200, "<html>"), "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-cache");
        assert_eq!(answer.header("etag"), "W/\"3\"");
    }
}

#[test]
fn what_names_a_file_gives_it_or_nothing() {
    let script = ask(BUILT, "/assets/index-1a2b.js", &[]);
    assert_eq!(script.body, "plain");
    assert_eq!(
        script.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    let kept = "public, max-age=31536000, immutable";
    assert_eq!(script.header("cache-control"), kept);
    assert_eq!(ask(BUILT, "/favicon.svg", &[]).body, "<svg>");
    for path in ["/assets/index-0000.js", "/favicon.ico", "/robots.txt"] {
        assert_eq!(ask(BUILT, path, &[]).status, 404, "{path}");
    }
}

#[test]
fn a_browser_that_has_it_is_told_so() {
    for tags in ["W/\"1\"", "W/\"9\", W/\"1\"", "*"] {
        let answer = ask(BUILT, "/assets/index-1a2b.js", &[("if-none-match", tags)]);
        assert_eq!((answer.status, &answer.body[..]), (304, ""), "{tags}");
        assert_eq!(answer.header("etag"), "W/\"1\"");
    }
    let other = ask(BUILT, "/", &[("if-none-match", "W/\"1\"")]);
    assert_eq!(other.status, 200);
}

#[test]
fn a_file_goes_out_as_small_as_the_asker_takes_it() {
    for (asked, body, encoding) in [
        ("gzip, deflate, br, zstd", "br", "br"),
        ("gzip;q=1.0, br;q=0", "gzip", "gzip"),
        ("gzip", "gzip", "gzip"),
        ("identity", "plain", ""),
        ("br;q=0.0, gzip; q=0", "plain", ""),
        ("", "plain", ""),
    ] {
        let answer = ask(
            BUILT,
            "/assets/index-1a2b.js",
            &[("accept-encoding", asked)],
        );
        assert_eq!(answer.body, body, "{asked}");
        assert_eq!(answer.header("content-encoding"), encoding, "{asked}");
        assert_eq!(answer.header("vary"), "accept-encoding");
    }
}

#[test]
fn all_answers_have_the_headers_that_keep_strangers_out() {
    for (files, path) in [
        (BUILT, "/"),
        (BUILT, "/assets/index-1a2b.js"),
        (BUILT, "/assets/none.js"),
        (&[], "/"),
    ] {
        let answer = ask(files, path, &[]);
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"));
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
    }
}

#[test]
fn without_the_page_it_is_told_how_to_get_it() {
    let answer = ask(&[], "/setup", &[("host", "192.0.2.1:8580")]);
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("cargo xtask page"), "{}", answer.body);
    let line = "curl http://192.0.2.1:8580/api/v1/setup";
    assert!(answer.body.contains(line), "{}", answer.body);
    assert_eq!(ask(&[], "/favicon.ico", &[]).status, 404);
}

#[test]
fn a_host_that_is_none_is_not_written_into_a_document() {
    let answer = ask(&[], "/", &[("host", "a\"><script>")]);
    assert!(!answer.body.contains("<script>"), "{}", answer.body);
}
