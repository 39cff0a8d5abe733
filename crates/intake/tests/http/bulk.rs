//! Elasticsearch's `_bulk`, with bytes as its clients send them.

use crate::site::{HEARD, HEARD_MICROS, gzip, request, site, site_with};
use intake::http::Token;
use std::sync::atomic::Ordering;

const DOCUMENT: &str = r#"{"@timestamp":"2026-11-22T08:23:21.123456789Z","host":{"hostname":"mx1"},"process":{"name":"postfix/qmgr","pid":812},"message":"4bXyZ10QzKz1r: removed"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn logstash() {
    let site = site().await;
    let reply = site.send("HEAD /", &[], b"").await;
    assert_eq!((reply.status, reply.text().as_str()), (200, ""));
    let reply = site
        .send("GET /", &["User-Agent: Manticore 0.9.1"], b"")
        .await;
    assert!(
        reply.head.contains("x-elastic-product: elasticsearch"),
        "{}",
        reply.head
    );
    assert_eq!(reply.json()["version"]["number"], "8.11.0");
    let reply = site.send("GET /_license", &[], b"").await;
    assert_eq!(reply.json()["license"]["status"], "active");
    let reply = site
        .send("HEAD /_index_template/ecs-logstash", &[], b"")
        .await;
    assert_eq!(reply.status, 200);
    let body = format!(
        r#"{{"create":{{"_id":null,"_index":"ecs-logstash-2026.11.22","routing":null}}}}
{DOCUMENT}
{{"create":{{"_id":"a\"b","_index":"ecs-logstash-2026.11.22","routing":null}}}}
{DOCUMENT}
"#
    );
    let fields = [
        "Content-Type: application/json",
        "Content-Encoding: gzip",
        "User-Agent: Manticore 0.9.1",
        "x-elastic-event-count: 2",
    ];
    let reply = site
        .send(
            "POST /_bulk?filter_path=errors,items.*.error,items.*.status",
            &fields,
            &gzip(body.as_bytes()),
        )
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let text = reply.text();
    assert!(text.starts_with(r#"{"took":0,"errors":false,"items":[{"create":{"_index":"ecs-logstash-2026.11.22","_id":"0","#), "{text}");
    let items = reply.json()["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 2);
    assert_eq!(items[1]["create"]["_id"], "a\"b");
    assert_eq!(items[1]["create"]["status"], 201);
    assert_eq!(site.heard(), [HEARD, HEARD]);
    assert_eq!(
        site.stored()[0],
        ("bulk 127.0.0.1".to_owned(), DOCUMENT.to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rsyslog() {
    let site = site().await;
    // With the line break of its template, and `\/` for `/`.
    let body = r#"{"index":{"_index": "mail","_type":"events"}}
{"timereported":"2026-11-22T08:23:21.123456+00:00","host":"mx1","tag":"postfix\/qmgr[812]:","msg":" 4bXyZ10QzKz1r: removed"}

{"index":{"_index": "mail","_type":"events"}}
{"timereported":"2026-11-22T08:23:21.123456+00:00","host":"mx1","tag":"postfix\/qmgr[812]:","msg":" 4bXyZ10QzKz1r: removed"}

"#;
    let fields = [
        "Content-Type: application/json; charset=utf-8",
        "Expect: 100-continue",
    ];
    let reply = site.send("POST /_bulk", &fields, body.as_bytes()).await;
    assert_eq!(reply.status, 100, "{}", reply.text());
    assert!(
        reply.text().contains(r#""errors":false"#),
        "{}",
        reply.text()
    );
    assert_eq!(site.heard(), [HEARD_MICROS, HEARD_MICROS]);
    let reply = site.send("GET /_cat/health", &[], b"").await;
    assert_eq!(reply.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn fluent_bit_vector_and_filebeat() {
    let site = site().await;
    let fluent_bit = format!("{{\"create\":{{\"_index\":\"fluent-bit\"}}}}\n{DOCUMENT}\n");
    let reply = site
        .send(
            "POST /_bulk",
            &[
                "User-Agent: Fluent-Bit",
                "Content-Type: application/x-ndjson",
            ],
            fluent_bit.as_bytes(),
        )
        .await;
    assert!(
        reply.text().contains(r#""errors":false,"items":["#),
        "{}",
        reply.text()
    );
    let vector = format!(
        "{{\"index\":{{\"_index\":\"vector-2026.11.22\",\"_type\":\"_doc\"}}}}\n{DOCUMENT}\n"
    );
    let reply = site
        .send("GET /_cluster/health", &["User-Agent: Vector/0.50.0"], b"")
        .await;
    assert_eq!(reply.status, 200);
    let reply = site
        .send(
            "POST /_bulk?timeout=60s",
            &["Content-Type: application/x-ndjson"],
            vector.as_bytes(),
        )
        .await;
    assert!(
        !reply.text().contains(r#""errors":true"#),
        "{}",
        reply.text()
    );
    let agent = "User-Agent: Elastic-filebeat/7.17.28 (linux; amd64; 1; 2)";
    let reply = site.send("GET /", &[agent], b"").await;
    assert_eq!(reply.json()["version"]["number"], "7.17.28");
    for (first, status) in [
        ("GET /_xpack", 200),
        ("GET /_ilm/policy/filebeat", 200),
        ("HEAD /_index_template/filebeat-8.15.0", 200),
        ("PUT /_data_stream/filebeat-8.15.0", 200),
        ("GET /nothing/here", 404),
    ] {
        assert_eq!(
            site.send(first, &[agent], b"").await.status,
            status,
            "{first}"
        );
    }
    let filebeat = format!("{{\"create\":{{\"_index\":\"filebeat-8.15.0\"}}}}\n{DOCUMENT}\n");
    let reply = site
        .send(
            "POST /elastic/filebeat/_bulk",
            &[agent],
            filebeat.as_bytes(),
        )
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(site.heard(), [HEARD, HEARD, HEARD]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_verb_has_its_result_in_order() {
    let site = site().await;
    let body = r#"{"index":{}}
not json
{"delete":{"_id":"7"}}
{"update":{"_id":7}}
{"doc":{"message":"a"},"doc_as_upsert":true}
{"update":{"_id":"8"}}
{"script":"x"}
{"create":{}}
{}
"#;
    let reply = site.send("PUT /mail/_bulk", &[], body.as_bytes()).await;
    let told = reply.json();
    assert_eq!(told["errors"], true);
    let items = told["items"].as_array().unwrap();
    let told: Vec<_> = items
        .iter()
        .map(|item| {
            let (verb, result) = item.as_object().unwrap().iter().next().unwrap();
            format!(
                "{verb} {} {} {}",
                result["_index"], result["_id"], result["status"]
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            r#"index "mail" "0" 201"#,
            r#"delete "mail" "7" 400"#,
            r#"update "mail" "7" 200"#,
            r#"update "mail" "8" 200"#,
            r#"create "mail" "3" 201"#
        ]
    );
    assert_eq!(
        site.lines(),
        ["not json", r#"{"message":"a"}"#, r#"{"script":"x"}"#, "{}"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_bulk_is_refused_as_a_whole() {
    let site = site().await;
    for body in [
        "",
        "\n",
        "{}\n{}\n",
        "{\"index\":{}}\n",
        "{\"index\":{},\"create\":{}}\n{}\n",
        "{\"index\":{}}\n{}\n[]\n",
        "{\"drop\":{}}\n",
        "\u{fffd}",
    ] {
        let reply = site
            .send(
                "POST /_bulk",
                &["Accept: application/vnd.elasticsearch+json;compatible-with=9"],
                body.as_bytes(),
            )
            .await;
        assert_eq!(reply.status, 400, "{body}");
        assert!(
            reply
                .head
                .contains("content-type: application/vnd.elasticsearch+json;compatible-with=9"),
            "{}",
            reply.head
        );
        assert_eq!(reply.json()["status"], 400);
        assert_eq!(reply.json()["error"]["type"], "illegal_argument_exception");
    }
    assert_eq!(site.lines(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_all_is_refused_and_who_would_lose_lines_is_not_answered() {
    let site = site().await;
    site.tank.full.store(true, Ordering::SeqCst);
    let body = format!("{{\"index\":{{}}}}\n{DOCUMENT}\n");
    let reply = site
        .send(
            "POST /_bulk",
            &["User-Agent: Vector/0.50.0"],
            body.as_bytes(),
        )
        .await;
    assert_eq!(reply.status, 429);
    assert_eq!(
        reply.json()["error"]["type"],
        "es_rejected_execution_exception"
    );
    assert!(reply.head.contains("retry-after: 5"));
    let silent = site
        .exchange(&request("POST /_bulk", &[], body.as_bytes()))
        .await;
    assert!(silent.is_none(), "{silent:?}");
    site.tank.full.store(false, Ordering::SeqCst);
    assert_eq!(
        site.send("POST /_bulk", &[], body.as_bytes()).await.status,
        200
    );
    assert_eq!(site.heard(), [HEARD]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_asked_for_on_all_paths() {
    let site = site_with(vec![Token::new("secret")]).await;
    for first in [
        "GET /",
        "POST /_bulk",
        "GET /_license",
        "PUT /_index_template/a",
    ] {
        let reply = site.send(first, &[], b"").await;
        assert_eq!(reply.status, 401, "{first}");
        assert!(
            reply.head.contains("www-authenticate: bearer, basic"),
            "{}",
            reply.head
        );
        assert_eq!(reply.json()["error"]["type"], "security_exception");
    }
    // `elastic:secret`, as most clients send it.
    let basic = "Authorization: Basic ZWxhc3RpYzpzZWNyZXQ=";
    assert_eq!(site.send("GET /", &[basic], b"").await.status, 200);
    let body = format!("{{\"index\":{{}}}}\n{DOCUMENT}\n");
    // `id:secret`
    let key = "Authorization: ApiKey aWQ6c2VjcmV0";
    assert_eq!(
        site.send("POST /_bulk", &[key], body.as_bytes())
            .await
            .status,
        200
    );
}
