//! OTLP, as collectors and libraries send it.

use crate::site::{HEARD, field, gzip, site, site_with};
use intake::http::Token;
use std::sync::atomic::Ordering;

const TIME_NS: u64 = 1_795_335_801_123_456_789;
const MESSAGE: &str = "4bXyZ10QzKz1r: removed";

/// `KeyValue` with text, as field `number`.
fn pair(number: u8, key: &str, value: &str) -> Vec<u8> {
    let value = field(1, value.as_bytes());
    field(
        number,
        &[field(1, key.as_bytes()), field(2, &value)].concat(),
    )
}

fn record(time_ns: u64, body: &str, more: &[Vec<u8>]) -> Vec<u8> {
    let mut record = vec![1 << 3 | 1];
    record.extend(time_ns.to_le_bytes());
    // severity_number 9.
    record.extend([2 << 3, 9]);
    record.extend(field(5, &field(1, body.as_bytes())));
    record.extend(more.concat());
    record
}

fn logs(resource: &[Vec<u8>], records: &[Vec<u8>]) -> Vec<u8> {
    let scope = [field(1, b"syslogreceiver"), field(2, b"0.120.0")].concat();
    let records: Vec<_> = records.iter().map(|it| field(2, it)).collect();
    let scope_logs = [field(1, &scope), records.concat()].concat();
    field(
        1,
        &[field(1, &resource.concat()), field(2, &scope_logs)].concat(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_protobuf() {
    let site = site().await;
    let attributes = [
        pair(6, "appname", "postfix/qmgr"),
        pair(6, "proc_id", "812"),
        field(9, &[0xab; 16]),
    ];
    let body = logs(
        &[
            pair(1, "host.name", "mx1"),
            pair(1, "service.name", "unknown_service:x"),
        ],
        &[
            record(TIME_NS, MESSAGE, &attributes),
            record(
                0,
                "2026-11-22T08:23:21.123456789Z mx1 postfix/qmgr[812]: 4bXyZ10QzKz1r: removed\n",
                &attributes,
            ),
        ],
    );
    let fields = [
        "Content-Type: application/x-protobuf",
        "Content-Encoding: gzip",
        "User-Agent: OTel-OTLP-Exporter-Python/1.45.2",
    ];
    let reply = site.send("POST /v1/logs", &fields, &gzip(&body)).await;
    assert_eq!((reply.status, &reply.body[..]), (200, &b""[..]));
    assert!(
        reply.head.contains("content-type: application/x-protobuf"),
        "{}",
        reply.head
    );
    assert_eq!(site.heard(), [HEARD, HEARD]);
    let stored = site.stored();
    assert_eq!(stored[0].0, "otlp 127.0.0.1");
    assert_eq!(
        stored[0].1,
        r#"{"@timestamp":"2026-11-22T08:23:21.123456789Z","hostname":"mx1","program":"postfix/qmgr","pid":"812","message":"4bXyZ10QzKz1r: removed","otlp":{"resource":{"attributes":{"host.name":"mx1","service.name":"unknown_service:x"}},"scope":{"name":"syslogreceiver","version":"0.120.0"},"record":{"timeUnixNano":1795335801123456789,"severityNumber":9,"attributes":{"appname":"postfix/qmgr","proc_id":"812"},"traceId":"abababababababababababababababab"}}}"#
    );
    assert!(stored[1].1.starts_with("2026-"), "{}", stored[1].1);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_json() {
    let site = site().await;
    let body = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"mx1"}}]},
        "scopeLogs":[{"scope":{"name":"a"},"logRecords":[
        {"timeUnixNano":"1795335801123456789","severityNumber":9,"body":{"stringValue":"4bXyZ10QzKz1r: removed"},
         "attributes":[{"key":"appname","value":{"stringValue":"postfix/qmgr"}},{"key":"proc_id","value":{"intValue":"812"}},
          {"key":"all","value":{"arrayValue":{"values":[{"doubleValue":0.5},{"boolValue":true},{"bytesValue":"AQI="},{"kvlistValue":{"values":[{"key":"a","value":{}}]}}]}}}],
         "traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","unknown":1},
        {"timeUnixNano":0,"observedTimeUnixNano":1795335801123456789,"body":{"kvlistValue":{"values":[
          {"key":"MESSAGE","value":{"stringValue":"4bXyZ10QzKz1r: removed"}},{"key":"_HOSTNAME","value":{"stringValue":"mx1"}},
          {"key":"SYSLOG_IDENTIFIER","value":{"stringValue":"postfix/qmgr"}},{"key":"SYSLOG_PID","value":{"stringValue":"812"}}]}}}]}]}]}"#;
    let reply = site
        .send(
            "POST /otlp/v1/logs",
            &["Content-Type: application/json"],
            body.as_bytes(),
        )
        .await;
    assert_eq!((reply.status, reply.text().as_str()), (200, "{}"));
    assert_eq!(site.heard(), [HEARD, HEARD]);
    let lines = site.lines();
    let told: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
    let record = &told["otlp"]["record"];
    assert_eq!(
        record["attributes"]["all"].to_string(),
        r#"[0.5,true,"AQI=",{"a":null}]"#
    );
    assert_eq!(record["spanId"], "eee19b7ec3c1b174");
    let told: serde_json::Value = serde_json::from_str(&lines[1]).unwrap();
    assert_eq!(told["otlp"]["record"]["body"]["SYSLOG_PID"], "812");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_without_time_has_that_of_its_reception() {
    let site = site().await;
    let body = logs(&[], &[record(0, "text", &[])]);
    let reply = site
        .send(
            "POST /v1/logs",
            &["Content-Type: application/x-protobuf"],
            &body,
        )
        .await;
    assert_eq!(reply.status, 200);
    assert!(
        site.lines()[0].starts_with(r#"{"@timestamp":"2026-11-22T08:23:21.5Z","message":"text""#),
        "{:?}",
        site.lines()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_a_status_in_the_encoding_of_the_request() {
    let site = site_with(vec![Token::new("secret")]).await;
    let allowed = "Authorization: Bearer secret";
    let protobuf = "Content-Type: application/x-protobuf";
    let good = logs(&[], &[record(1, "a", &[])]);
    for (fields, body, status, code) in [
        (&[protobuf][..], &good[..], 401, 16),
        (&[allowed, protobuf], &good[..good.len() - 1], 400, 3),
        (&[allowed, protobuf], b"\x0a\xff", 400, 3),
    ] {
        let reply = site.send("POST /v1/logs", fields, body).await;
        assert_eq!(reply.status, status);
        assert_eq!(&reply.body[..2], [8, code]);
    }
    let reply = site
        .send(
            "POST /v1/logs",
            &[allowed, "Content-Type: application/json"],
            b"{",
        )
        .await;
    assert_eq!(
        (reply.status, reply.json()["code"].as_i64()),
        (400, Some(3))
    );
    assert_eq!(
        site.send("POST /v1/logs", &[allowed], b"").await.status,
        415
    );
    site.tank.full.store(true, Ordering::SeqCst);
    let reply = site
        .send("POST /v1/logs", &[allowed, protobuf], &good)
        .await;
    assert_eq!((reply.status, &reply.body[..2]), (429, &[8, 8][..]));
    assert!(reply.head.contains("retry-after: 5"));
    assert_eq!(site.lines(), [""; 0]);
    site.tank.full.store(false, Ordering::SeqCst);
    assert_eq!(
        site.send("POST /v1/logs", &[allowed, protobuf], &good)
            .await
            .status,
        200
    );
    assert_eq!(site.lines().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_body_does_not_become_much_memory() {
    let site = site().await;
    // A resource that is told again with each of many records.
    let large = pair(1, "a", &"x".repeat(60_000));
    let body = logs(&[large], &vec![Vec::new(); 10_000]);
    let reply = site
        .send(
            "POST /v1/logs",
            &["Content-Type: application/x-protobuf"],
            &body,
        )
        .await;
    assert_eq!(reply.status, 413);
    let larger = pair(1, "a", &"x".repeat(70_000));
    let body = logs(&[larger], &[Vec::new()]);
    let reply = site
        .send(
            "POST /v1/logs",
            &["Content-Type: application/x-protobuf"],
            &body,
        )
        .await;
    assert_eq!(reply.status, 400);
}
