//! `POST /lines`.

use crate::site::{HEARD, HEARD_MICROS, gzip, heard, site, site_with};
use intake::http::Token;
use std::io::Write as _;
use std::sync::atomic::Ordering;

const LINES: &str = "2026-11-22T08:23:21.123456789Z mx1 postfix/qmgr[812]: 4bXyZ10QzKz1r: removed\r\n\n<22>1 2026-11-22T08:23:21.123456Z mx1 postfix/qmgr 812 - - 4bXyZ10QzKz1r: removed";

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_text_are_taken_as_they_are() {
    let site = site().await;
    let reply = site
        .send(
            "POST /lines",
            &["Content-Type: text/plain"],
            LINES.as_bytes(),
        )
        .await;
    assert_eq!(
        (reply.status, reply.text().as_str()),
        (200, r#"{"lines":2}"#)
    );
    let expected: Vec<_> = LINES
        .split("\r\n\n")
        .map(|line| ("http 127.0.0.1".to_owned(), line.to_owned()))
        .collect();
    assert_eq!(site.stored(), expected);
    assert_eq!(site.heard(), [HEARD, HEARD_MICROS]);
    let counts = site.intake.source("http 127.0.0.1").counts();
    assert_eq!(counts.lines, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_unpacked() {
    let zlib = |bytes: &[u8]| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let deflate = |bytes: &[u8]| {
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let frames = |bytes: &[u8]| {
        let mut encoder = snap::write::FrameEncoder::new(Vec::new());
        encoder.write_all(bytes).unwrap();
        encoder.into_inner().unwrap()
    };
    let bytes = LINES.as_bytes();
    let two = [gzip(&bytes[..9]), gzip(&bytes[9..])].concat();
    for (encoding, packed) in [
        ("identity", bytes.to_vec()),
        ("gzip", gzip(bytes)),
        ("gzip", two),
        ("deflate", zlib(bytes)),
        ("deflate", deflate(bytes)),
        ("zstd", zstd::encode_all(bytes, 1).unwrap()),
        (
            "snappy",
            snap::raw::Encoder::new().compress_vec(bytes).unwrap(),
        ),
        ("snappy", frames(bytes)),
    ] {
        let site = site().await;
        let field = format!("Content-Encoding: {encoding}");
        let reply = site.send("POST /lines", &[&field], &packed).await;
        assert_eq!(reply.status, 200, "{encoding}: {}", reply.text());
        assert_eq!(site.heard(), [HEARD, HEARD_MICROS], "{encoding}");
        let reply = site
            .send("POST /lines", &[&field], &packed[..packed.len() / 2])
            .await;
        let expected = if encoding == "identity" { 200 } else { 400 };
        assert_eq!(reply.status, expected, "{encoding}: {}", reply.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_of_json_stay_as_they_came() {
    let document = r#"{"@timestamp":"2026-11-22T08:23:21.123456789Z","host":"mx1","program":"postfix/qmgr","pid":812,"message":"4bXyZ10QzKz1r: removed","new":[1]}"#;
    let long = document.replace(',', ",\r\n  ");
    for (kind, body) in [
        ("application/x-ndjson", format!("{document}\n{document}\n")),
        ("application/json", format!("[{document},{document}]")),
        (
            "application/json; charset=utf-8",
            format!("{document}{document}"),
        ),
        ("application/json", format!("[{long}]\n{long}")),
    ] {
        let site = site().await;
        let field = format!("Content-Type: {kind}");
        let reply = site.send("POST /lines", &[&field], body.as_bytes()).await;
        assert_eq!(
            (reply.status, reply.text().as_str()),
            (200, r#"{"lines":2}"#),
            "{body}"
        );
        assert_eq!(site.heard(), [HEARD, HEARD], "{body}");
        assert!(site.lines().iter().all(|line| !line.contains('\n')));
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert!(
            site.lines()
                .iter()
                .all(|line| value(line) == value(document))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_problem_details() {
    let site = site_with(vec![Token::new("secret")]).await;
    let allowed = "Authorization: Bearer secret";
    for (fields, body, status, says) in [
        (&[][..], "a", 401, "token"),
        (&["Authorization: Bearer secre"], "a", 401, "token"),
        (
            &[allowed, "Content-Type: application/msgpack"],
            "a",
            415,
            "application/msgpack",
        ),
        (
            &[allowed, "Content-Encoding: br"],
            "a",
            415,
            "`Content-Encoding: br`",
        ),
        (&[allowed, "Content-Encoding: gzip"], "a", 400, "unpacked"),
        (
            &[allowed, "Content-Type: application/json"],
            "{\"a\":1}{",
            400,
            "JSON",
        ),
        (
            &[allowed, "Content-Type: application/json"],
            "[1,2,}",
            400,
            "JSON",
        ),
    ] {
        let reply = site.send("POST /lines", fields, body.as_bytes()).await;
        assert_eq!(reply.status, status, "{body}");
        assert!(
            reply
                .head
                .contains("content-type: application/problem+json"),
            "{}",
            reply.head
        );
        assert_eq!(reply.json()["status"], status);
        let detail = reply.json()["detail"].to_string();
        assert!(detail.contains(says), "{detail}");
    }
    assert_eq!(site.lines(), [""; 0]);
    let reply = site.send("POST /lines", &[allowed], b"a").await;
    assert_eq!(reply.status, 200);
    assert_eq!(site.lines(), ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_journal_refuses_and_takes_when_there_is_room() {
    let site = site().await;
    site.tank.full.store(true, Ordering::SeqCst);
    let reply = site.send("POST /lines", &[], b"a\nb").await;
    assert_eq!(reply.status, 429);
    assert!(reply.head.contains("retry-after: 5"), "{}", reply.head);
    let counts = site.intake.source("http 127.0.0.1").counts();
    assert_eq!((counts.refused, counts.lines), (1, 0));
    site.tank.full.store(false, Ordering::SeqCst);
    let reply = site.send("POST /lines", &[], b"a\nb").await;
    assert_eq!(reply.status, 200);
    assert_eq!(site.lines(), ["a", "b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_batch_of_the_journal_is_taken_in_order() {
    let site = site().await;
    let lines: Vec<_> = (0..150_000)
        .map(|at| format!("{at} {}", "x".repeat(60)))
        .collect();
    let reply = site
        .send("POST /lines", &[], lines.join("\n").as_bytes())
        .await;
    assert_eq!(
        (reply.status, reply.text().as_str()),
        (200, r#"{"lines":150000}"#)
    );
    assert!(site.lines() == lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_too_long_is_cut_and_told() {
    let site = site().await;
    let long = "x".repeat(journal::LINE_BYTES_MAX + 1);
    let reply = site
        .send("POST /lines", &[], format!("{long}\nshort").as_bytes())
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(site.lines(), [&long[1..], "short"]);
    assert_eq!(site.intake.source("http 127.0.0.1").counts().cut, 1);
}

#[test]
fn a_line_without_fields_is_heard_too() {
    assert!(
        heard("Nov 22 08:23:21 mx1 postfix/qmgr[812]: 4bXyZ10QzKz1r: removed").contains("host mx1")
    );
}
