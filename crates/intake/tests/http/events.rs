//! `POST /events`.

use crate::site::{gzip, site, site_with};
use intake::http::{Form, Token, lines_of};
use model::Kind;
use proptest::prelude::*;
use serde_json::{Value, json};

const OPENED: &str = r#"{"event":"opened","timestamp":1795335801.908181,"ip":"203.0.113.9","recipient":"bob@example.net","message":{"headers":{"message-id":"a1@example.org"}},"unknown":{"field":[1,null]}}"#;
/// As a person writes it.
const CLICKED: &str = "{\n  \"event\": \"clicked\",\n  \"timestamp\": \"2026-11-22T08:23:21Z\",\n  \"url\": \"https:\\/\\/shop.example.org\\/\",\n  \"message-id\": \"<a1@example.org>\"\n}";

/// What a parser reads of a line: the kind, and the Message-ID.
fn heard(line: &[u8]) -> (Kind, String) {
    let readable = ingest::readable(line);
    let event = parse::line(&readable);
    let mut message_id = String::new();
    event.each_field(&mut |name, value| {
        if let ("message_id", model::Value::Text(text)) = (name, value) {
            message_id = text.to_string();
        }
    });
    (event.kind(), message_id)
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_kept_byte_for_byte_in_whatever_form_they_come() {
    let array = format!("[\n{OPENED} , {CLICKED}]");
    let lines = format!("{OPENED}\n\n{CLICKED}\n");
    for (kind, body) in [
        ("application/json", array.as_bytes()),
        ("application/x-ndjson", lines.as_bytes()),
        ("application/json", &gzip(array.as_bytes())),
    ] {
        let site = site().await;
        let packed = match body.starts_with(b"\x1f\x8b") {
            true => "Content-Encoding: gzip",
            false => "Content-Encoding: identity",
        };
        let kind = format!("Content-Type: {kind}");
        let reply = site.send("POST /events", &[&kind, packed], body).await;
        assert_eq!(
            (reply.status, reply.text().as_str()),
            (200, r#"{"events":2}"#)
        );
        let stored = site.stored();
        assert_eq!(
            stored[0],
            ("events 127.0.0.1".to_owned(), OPENED.to_owned())
        );
        assert_eq!(stored[1].1, CLICKED);
        let heard: Vec<_> = stored
            .iter()
            .map(|(_, line)| heard(line.as_bytes()))
            .collect();
        assert_eq!(
            heard[0],
            (Kind::EngagementOpened, "a1@example.org".to_owned())
        );
        assert_eq!(
            heard[1],
            (Kind::EngagementClicked, "<a1@example.org>".to_owned())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_event_is_named_and_nothing_is_taken() {
    let site = site().await;
    let with = |name: &str, value: Value| {
        let mut event: Value = serde_json::from_str(OPENED).unwrap();
        event[name] = value;
        event
    };
    let mut nameless = with("message", Value::Null);
    nameless["recipient"] = Value::Null;
    for (event, field) in [
        (with("event", json!("seen")), "event"),
        (with("event", json!(1)), "event"),
        (with("event", json!("failed")), "severity"),
        (with("timestamp", json!("yesterday")), "timestamp"),
        (with("timestamp", json!(-1)), "timestamp"),
        (with("timestamp", json!(1e13)), "timestamp"),
        (with("ip", json!("example.org")), "ip"),
        (with("url", json!(["a"])), "url"),
        (with("tags", json!("news")), "tags"),
        (with("tags", json!([1])), "tags"),
        (with("user-variables", json!(7)), "user-variables"),
        (with("recipient", json!(["bob@example.net"])), "recipient"),
        (with("message", json!("a1@example.org")), "message"),
        (
            with("message", json!({"headers": {"message-id": 7}})),
            "message.headers.message-id",
        ),
        (
            with("message", json!({"recipients": "bob"})),
            "message.recipients",
        ),
        (nameless, "recipient"),
        (json!({"event-data": with("ip", json!(7))}), "event-data.ip"),
        (json!({"event-data": 7}), "event-data"),
        (json!("opened"), ""),
    ] {
        let body = format!("[{OPENED},{event}]");
        let reply = site.send("POST /events", &[], body.as_bytes()).await;
        assert_eq!(reply.status, 400, "{event}");
        let told = reply.json();
        assert_eq!(
            (&told["index"], &told["field"]),
            (&json!(1), &json!(field)),
            "{told}"
        );
        let detail = told["detail"].as_str().unwrap();
        assert!(
            detail.starts_with(&format!("event 1: `{field}` ")),
            "{detail}"
        );
    }
    let reply = site.send("POST /events", &[], b"[{]").await;
    assert_eq!((reply.status, &reply.json()["index"]), (400, &Value::Null));
    assert!(site.lines().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_needed_where_there_are_any() {
    let site = site_with(vec![Token::new("secret")]).await;
    let reply = site.send("POST /events", &[], OPENED.as_bytes()).await;
    assert_eq!(reply.status, 401);
    let bearer = "Authorization: Bearer secret";
    let reply = site
        .send("POST /events", &[bearer], OPENED.as_bytes())
        .await;
    assert_eq!(reply.status, 200);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..2_000_000_000_u64).prop_map(Value::from),
        "[a-z@.<>\"\\\\\u{e9}]{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "opened",
            "failed",
            "temporary",
            "203.0.113.9",
            "2026-11-22T08:23:21Z"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let names = prop::sample::select(vec![
            "event",
            "event-data",
            "timestamp",
            "recipient",
            "recipients",
            "message",
            "headers",
            "message-id",
            "ip",
            "severity",
            "tags",
            "user-variables",
            "url",
            "delivery-status",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(names, inner, 0..8).prop_map(|members| {
                let named = |(name, value): (&str, Value)| (name.to_owned(), value);
                Value::Object(members.into_iter().map(named).collect())
            }),
        ]
    })
}

proptest! {
    /// Of what is taken nothing is lost or changed, and all of it is understood.
    #[test]
    fn any_json_is_understood_if_it_is_taken(mut value in any_json(), nearly in any::<bool>()) {
        if nearly && let Value::Object(members) = &mut value {
            for (name, value) in [
                ("event", json!("opened")),
                ("timestamp", json!(1_795_335_801.5)),
                ("recipient", json!("bob@example.net")),
            ] {
                members.entry(name).or_insert(value);
            }
        }
        let text = value.to_string();
        let Some(lines) = lines_of(Form::Events, text.as_bytes()) else {
            return Ok(());
        };
        let events = match &value {
            Value::Array(events) => events.clone(),
            event => vec![event.clone()],
        };
        prop_assert_eq!(lines.len(), events.len());
        for (line, event) in lines.iter().zip(events) {
            let written = event.to_string();
            prop_assert_eq!(line, written.as_bytes());
            prop_assert_ne!(heard(line).0, Kind::Unknown, "{}", event);
        }
    }
}
