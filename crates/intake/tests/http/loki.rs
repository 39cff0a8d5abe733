//! Loki's push, as its clients send it.

use crate::site::{HEARD, field, gzip, site, site_with, varint};
use intake::http::Token;
use std::sync::atomic::Ordering;

/// `PushRequest` of one stream, packed as Promtail does.
fn pushed(labels: &str, entries: &[Vec<u8>]) -> Vec<u8> {
    let entries: Vec<_> = entries.iter().map(|it| field(2, it)).collect();
    let stream = [field(1, labels.as_bytes()), entries.concat()].concat();
    snap::raw::Encoder::new()
        .compress_vec(&field(1, &stream))
        .unwrap()
}

fn entry(line: &str, metadata: &[(&str, &str)]) -> Vec<u8> {
    let time = [
        &[1 << 3][..],
        &varint(1_795_335_801),
        &[2 << 3],
        &varint(123_456_789),
    ]
    .concat();
    let metadata = metadata.iter().map(|(name, value)| {
        field(
            3,
            &[field(1, name.as_bytes()), field(2, value.as_bytes())].concat(),
        )
    });
    [
        field(1, &time),
        field(2, line.as_bytes()),
        metadata.collect::<Vec<_>>().concat(),
    ]
    .concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn protobuf_and_snappy() {
    let site = site().await;
    let whole = "2026-11-22T08:23:21.123456789Z mx1 postfix/qmgr[812]: 4bXyZ10QzKz1r: removed";
    let body = pushed(
        r#"{job="postfix", host="mx1"}"#,
        &[
            entry(whole, &[]),
            entry("postfix/qmgr[812]: 4bXyZ10QzKz1r: removed\n", &[]),
            entry(
                "4bXyZ10QzKz1r: removed",
                &[("app_name", "postfix/qmgr"), ("proc_id", "812")],
            ),
        ],
    );
    for fields in [
        &[
            "Content-Type: application/x-protobuf",
            "User-Agent: promtail/3.5.0",
        ][..],
        &[
            "Content-Type: application/x-protobuf",
            "Content-Encoding: snappy",
        ],
    ] {
        let reply = site.send("POST /loki/api/v1/push", fields, &body).await;
        assert_eq!((reply.status, reply.text().as_str()), (204, ""));
    }
    assert_eq!(site.heard(), [HEARD; 6]);
    let stored = site.stored();
    assert_eq!(stored[0], ("loki 127.0.0.1".to_owned(), whole.to_owned()));
    assert_eq!(
        stored[2].1,
        r#"{"@timestamp":"2026-11-22T08:23:21.123456789Z","hostname":"mx1","program":"postfix/qmgr","pid":"812","message":"4bXyZ10QzKz1r: removed","loki":{"labels":{"host":"mx1","job":"postfix"},"metadata":{"app_name":"postfix/qmgr","proc_id":"812"}}}"#
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn json() {
    let site = site().await;
    let body = r#"{"streams":[{"stream":{"host":"mx1","program":"postfix/qmgr","pid":"812"},"values":[["1795335801123456789","4bXyZ10QzKz1r: removed"],["1795335801123456789","4bXyZ10QzKz1r: removed",{"k":"v"}]]},{"stream":{},"values":[]}]}"#;
    let reply = site
        .send(
            "POST /loki/api/v1/push",
            &["Content-Type: application/json"],
            body.as_bytes(),
        )
        .await;
    assert_eq!(reply.status, 204);
    let packed = ["Content-Type: application/json", "Content-Encoding: gzip"];
    let reply = site
        .send("POST /loki/api/v1/push", &packed, &gzip(body.as_bytes()))
        .await;
    assert_eq!(reply.status, 204);
    assert_eq!(site.heard(), [HEARD; 4]);
    assert!(
        site.lines()[1].ends_with(r#""metadata":{"k":"v"}}}"#),
        "{:?}",
        site.lines()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_text() {
    let site = site_with(vec![Token::new("secret")]).await;
    let (allowed, json) = (
        "Authorization: Basic bG9raTpzZWNyZXQ=",
        "Content-Type: application/json",
    );
    let good = pushed("{}", &[entry("a", &[])]);
    for (fields, body, status, says) in [
        (&[][..], &good[..], 401, "token"),
        (&[allowed], b"not snappy", 400, "unpacked"),
        (
            &[allowed],
            &snap::raw::Encoder::new().compress_vec(b"\x0a\x05").unwrap(),
            400,
            "Protobuf",
        ),
        (
            &[allowed, "Content-Encoding: gzip"],
            &gzip(b""),
            415,
            "snappy",
        ),
        (
            &[allowed, json],
            br#"{"streams":[{"stream":{},"values":[[1795335801123456789,"a"]]}]}"#,
            400,
            "JSON",
        ),
        (
            &[allowed, json],
            br#"{"streams":[{"stream":{},"values":[["yesterday","a"]]}]}"#,
            400,
            "`yesterday`",
        ),
        (
            &[allowed, json],
            br#"{"streams":[{"stream":{},"values":[["1","a"],["2"]]}]}"#,
            400,
            "JSON",
        ),
        (&[allowed, json], b"{}", 400, "streams"),
    ] {
        let reply = site.send("POST /loki/api/v1/push", fields, body).await;
        assert_eq!(reply.status, status, "{}", reply.text());
        assert!(reply.text().contains(says), "{}", reply.text());
    }
    assert_eq!(site.lines(), [""; 0]);
    site.tank.full.store(true, Ordering::SeqCst);
    let reply = site.send("POST /loki/api/v1/push", &[allowed], &good).await;
    assert_eq!(reply.status, 429);
    assert!(reply.head.contains("retry-after: 5"));
    site.tank.full.store(false, Ordering::SeqCst);
    assert_eq!(
        site.send("POST /loki/api/v1/push", &[allowed], &good)
            .await
            .status,
        204
    );
    assert_eq!(site.lines().len(), 1);
}
