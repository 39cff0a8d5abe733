//! What Mailgun's clients ask for, as they ask for it.

#[allow(dead_code, reason = "not every test target uses all of it")]
#[path = "../api/client.rs"]
mod client;
#[path = "../daemon/mod.rs"]
mod daemon;
mod sdk;

use client::{Answer, Client, customer, encoded, owner};
use daemon::Daemon;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tempfile::TempDir;

/// A daemon with a customer of `a.example`, and one who shows a key of its.
struct Served {
    folder: TempDir,
    daemon: Daemon,
    owner: Client,
    key: String,
    one: Client,
}

fn served() -> Served {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let daemon = Daemon::start(folder.path(), "[web]\nrequests_a_minute = 100000");
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let (id, _) = customer(&owner, "One", &["a.example"]);
    customer(&owner, "Two", &["other.example"]);
    let key = key(&owner, id, &["read_events"]);
    let one = with_key(&owner, &key);
    Served {
        folder,
        daemon,
        owner,
        key,
        one,
    }
}

fn key(owner: &Client, customer: i64, rights: &[&str]) -> String {
    let key = json!({ "name": "sdk", "customer": customer, "rights": rights });
    let made = owner.send("POST", "/api/v1/keys", &key.to_string()).good();
    made.json()["key"].as_str().expect("a key").to_owned()
}

/// As Mailgun's clients show it: `api:KEY`.
fn with_key(of: &Client, key: &str) -> Client {
    let shown = base64(format!("api:{key}").as_bytes());
    Client {
        at: of.at,
        shown: format!("Authorization: Basic {shown}\r\n"),
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |group: &[u8]| {
        let bits = group.iter().fold(0u32, |all, it| all << 8 | u32::from(*it));
        let bits = bits << (8 * (3 - group.len()));
        let letter = |place: usize| match place <= group.len() {
            true => char::from(LETTERS[(bits >> (18 - 6 * place)) as usize & 63]),
            false => '=',
        };
        (0..4).map(letter).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

/// What became of a message.
#[derive(Clone, Copy)]
enum End {
    Sent,
    Deferred,
    Bounced,
}

/// A message of a customer to somebody, sent at a second.
fn message(number: u32, end: End) -> String {
    let id = format!("4F{number:08X}");
    let (minute, second) = (number / 60, number % 60);
    let line = format!("<22>1 2026-11-22T08:{minute:02}:{second:02}");
    let (dsn, status) = match end {
        End::Sent => ("2.0.0", "sent (250 2.0.0 Ok: queued as 9C2D)"),
        End::Deferred => (
            "4.2.2",
            "deferred (host mx.b.example[192.0.2.9] said: 452 4.2.2 mailbox full (in reply to RCPT TO command))",
        ),
        End::Bounced => (
            "5.1.1",
            "bounced (host mx.b.example[192.0.2.9] said: 550 5.1.1 no such user (in reply to RCPT TO command))",
        ),
    };
    let removed = match end {
        End::Deferred => String::new(),
        _ => format!("{line}.5Z mx1 postfix/qmgr 9 - - {id}: removed\n"),
    };
    format!(
        "{line}.1Z mx1 postfix/smtpd 7 - - {id}: client=c.a.example[192.0.2.1], sasl_method=PLAIN, sasl_username=anna@a.example\n\
         {line}.2Z mx1 postfix/cleanup 8 - - {id}: message-id=<m{number}@a.example>\n\
         {line}.3Z mx1 postfix/qmgr 9 - - {id}: from=<anna@a.example>, size={size}, nrcpt=1 (queue active)\n\
         {line}.4Z mx1 postfix/smtp 9 - - {id}: to=<bob{number}@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=0.3, delays=0.1/0/0.1/0.1, dsn={dsn}, status={status}\n\
         {removed}",
        size = 800 + number,
    )
}

const EVENTS: &str = "/v3/a.example/events";

fn items(answer: &Answer) -> Vec<Value> {
    answer.json()["items"].as_array().expect("items").clone()
}

fn ids(items: &[Value]) -> Vec<String> {
    let id = |it: &Value| it["id"].as_str().expect("an id").to_owned();
    items.iter().map(id).collect()
}

/// The path of a page beside another.
fn beside(answer: &Answer, which: &str) -> String {
    let url = answer.json()["paging"][which]
        .as_str()
        .expect("a URL")
        .to_owned();
    let path = url.strip_prefix("http://waybill").expect("our own");
    path.to_owned()
}

/// All events from a page on, up to the first empty one, of which the answer is given too.
fn walk(one: &Client, path: &str, way: &str) -> (Vec<Value>, Answer) {
    let (mut all, mut path) = (Vec::new(), path.to_owned());
    loop {
        let answer = one.get(&path).good();
        let page = items(&answer);
        if page.is_empty() {
            return (all, answer);
        }
        path = beside(&answer, way);
        all.extend(page);
    }
}

fn wait_for(served: &Served, question: &str, rows: usize) {
    daemon::until(
        served.folder.path(),
        &["search", question, "--limit", "10000"],
        rows,
    );
}

#[test]
fn events_tell_what_rows_tell_and_nothing_else() {
    let served = served();
    let one = &served.one;
    served.daemon.send_tcp(&message(1, End::Sent));
    served.daemon.send_tcp(&message(2, End::Deferred));
    served.daemon.send_tcp(&message(3, End::Bounced));
    served.daemon.send_tcp(
        "<22>1 2026-11-22T08:00:09.1Z mx1 postfix/smtpd 7 - - NOQUEUE: reject: RCPT from x.example[203.0.113.5]: 550 5.1.1 <nobody@a.example>: Recipient address rejected: User unknown; from=<eve@x.example> to=<nobody@a.example> proto=ESMTP helo=<x.example>\n",
    );
    let opened = json!({"event-data": {
        "event": "opened", "timestamp": 1_795_334_410.25, "recipient": "bob1@b.example",
        "ip": "203.0.113.9", "client-info": {"client-name": "Mail", "user-agent": "Mail 1"},
        "geolocation": {"country": "DE"}, "tags": ["spring"], "user-variables": {"n": "7"},
        "message": {"headers": {"message-id": "m1@a.example"}},
        "envelope": {"sender": "anna@a.example"}}});
    let answered = served
        .daemon
        .http("POST /events", opened.to_string().as_bytes());
    assert!(answered.expect("it answers").contains("200 OK"));
    let all = "status:accepted OR status:sent OR status:deferred OR status:bounced OR status:rejected OR status:opened";
    wait_for(&served, all, 8);

    let answer = one.get(&format!("{EVENTS}?begin=1&ascending=yes")).good();
    let events = items(&answer);
    let told: Vec<&str> = events
        .iter()
        .filter_map(|it| it["event"].as_str())
        .collect();
    assert_eq!(
        told,
        [
            "accepted",
            "delivered",
            "accepted",
            "failed",
            "accepted",
            "failed",
            "rejected"
        ],
        "{events:#?}"
    );
    let mut delivered = events[1].clone();
    let id = delivered["id"].take();
    assert_eq!(id.as_str().expect("an id").len(), 22);
    assert_eq!(
        delivered,
        json!({
            "event": "delivered", "id": null, "timestamp": 1_795_334_401.4, "log-level": "info",
            "recipient": "bob1@b.example", "recipient-domain": "b.example",
            "envelope": { "sender": "anna@a.example", "targets": "bob1@b.example", "transport": "smtp" },
            "flags": { "is-authenticated": true, "is-delayed-bounce": false, "is-routed": false,
                "is-system-test": false, "is-test-mode": false },
            "message": { "headers": { "message-id": "m1@a.example" }, "size": 801 },
            "delivery-status": { "code": 250, "enhanced-code": "2.0.0", "mx-host": "mx.b.example",
                "message": "250 2.0.0 Ok: queued as 9C2D", "session-seconds": 0.1 },
            "tags": [], "campaigns": [], "user-variables": {},
        })
    );
    let accepted = &events[0];
    assert_eq!(accepted.get("method"), None, "the lines do not tell");
    assert_eq!(accepted["originating-ip"], "192.0.2.1");
    let deferred = &events[3];
    assert_eq!(deferred["severity"], "temporary");
    assert_eq!(deferred["reason"], "generic");
    assert_eq!(deferred["log-level"], "warn");
    assert_eq!(deferred["delivery-status"]["code"], 452);
    let bounced = &events[5];
    assert_eq!(bounced["severity"], "permanent");
    assert_eq!(bounced["reason"], "bounce");
    assert_eq!(bounced["log-level"], "error");
    let rejected = &events[6];
    assert_eq!(rejected["recipient"], "nobody@a.example");
    let reason = rejected["reject"]["reason"].as_str().expect("a reason");
    assert!(reason.contains("User unknown"), "{reason}");

    // It is the recipient's domain's, of whom nothing is known but this.
    let staff = one_who_sees_all(&served);
    let events = items(&staff.get("/v3/b.example/events").good());
    let opened = events.iter().find(|it| it["event"] == "opened");
    let opened = opened.expect("it was sent in");
    assert_eq!(opened["tags"], json!(["spring"]));
    assert_eq!(opened["user-variables"], json!({ "n": "7" }));
    assert_eq!(opened["geolocation"], json!({ "country": "DE" }));
    assert_eq!(opened["client-info"]["client-name"], "Mail");
    assert_eq!(opened["ip"], "203.0.113.9");
    assert_eq!(opened["message"]["headers"]["message-id"], "m1@a.example");
    served.daemon.end();
}

/// With a key of the owner's.
fn one_who_sees_all(served: &Served) -> Client {
    let key = json!({ "name": "all", "rights": ["read_events"] });
    let made = served
        .owner
        .send("POST", "/api/v1/keys", &key.to_string())
        .good();
    with_key(&served.owner, made.json()["key"].as_str().expect("a key"))
}

#[test]
fn filters_are_expressions() {
    let served = served();
    for (number, end) in [(1, End::Sent), (2, End::Deferred), (3, End::Bounced)] {
        served.daemon.send_tcp(&message(number, end));
    }
    wait_for(&served, "kind:delivery", 3);
    let found = |filters: &[(&str, &str)]| {
        let filters = filters.iter();
        let filters: Vec<String> = filters
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let path = format!("{EVENTS}?{}", filters.join("&"));
        let answer = served.one.get(&path).good();
        let told = items(&answer).into_iter().map(|it| {
            let id = it["message"]["headers"]["message-id"].as_str();
            let number = id.and_then(|it| it.strip_prefix('m')?.split('@').next());
            format!(
                "{} {}",
                it["event"].as_str().unwrap_or_default(),
                number.unwrap_or_default()
            )
        });
        told.collect::<Vec<_>>()
    };
    let failed = ["failed 3", "failed 2"];
    assert_eq!(found(&[("event", "failed")]), failed);
    assert_eq!(found(&[("event", "rejected OR failed")]), failed);
    assert_eq!(
        found(&[("event", "failed"), ("severity", "permanent")]),
        failed[..1]
    );
    assert_eq!(
        found(&[("event", "failed"), ("severity", "NOT permanent")]),
        failed[1..]
    );
    assert_eq!(found(&[("recipient", "bob1@b.example")]), ["delivered 1"]);
    assert_eq!(found(&[("recipient", "bob1@c.example")]), [""; 0]);
    let but_one = [
        ("event", "delivered OR failed"),
        ("recipient", "NOT bob2@b.example"),
    ];
    assert_eq!(found(&but_one), ["failed 3", "delivered 1"]);
    for id in ["m2@a.example", "<m2@a.example>"] {
        assert_eq!(found(&[("message-id", id)]), ["failed 2", "accepted 2"]);
    }
    assert_eq!(found(&[("size", ">801 <803")]), ["accepted 2"]);
    assert_eq!(
        found(&[("from", "anna@a.example"), ("event", "delivered")]).len(),
        1
    );
    assert_eq!(
        found(&[("begin", "1795334402"), ("end", "1795334401")]),
        ["delivered 1", "accepted 1"]
    );
    assert_eq!(
        found(&[
            ("begin", "Sun, 22 Nov 2026 08:00:01 -0000"),
            ("end", "Sun, 22 Nov 2026 08:00:02 GMT")
        ]),
        ["accepted 1", "delivered 1"]
    );
    for wrong in [
        "limit=301",
        "event=(a",
        "begin=1",
        "begin=x&ascending=yes",
        "colour=red",
        "page=x",
    ] {
        let answer = served.one.get(&format!("{EVENTS}?{wrong}"));
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.json()["message"].is_string(), "{answer:?}");
    }
    served.daemon.end();
}

#[test]
fn pages_lose_and_repeat_nothing_while_events_come_in() {
    let served = served();
    let one = &served.one;
    let send = |numbers: std::ops::Range<u32>| {
        numbers.for_each(|number| served.daemon.send_tcp(&message(number, End::Sent)));
    };
    // An empty page has all four, and goes on when events come.
    let poll = one
        .get(&format!("{EVENTS}?begin=1&ascending=yes&limit=7"))
        .good();
    assert!(items(&poll).is_empty());
    let before = one.get(&beside(&poll, "previous")).good();
    assert!(items(&before).is_empty());
    send(0..40);
    wait_for(&served, "kind:delivery", 40);
    let (first, end) = walk(one, &beside(&poll, "next"), "next");
    assert_eq!(first.len(), 80, "an accepted and a delivered each");
    send(40..60);
    wait_for(&served, "kind:delivery", 60);
    let again = beside(&end, "next");
    let (second, _) = walk(one, &again, "next");
    assert_eq!(second.len(), 40);
    let all: Vec<Value> = first.into_iter().chain(second).collect();
    let distinct: BTreeSet<String> = ids(&all).into_iter().collect();
    assert_eq!(distinct.len(), 120);
    let times: Vec<f64> = all
        .iter()
        .filter_map(|it| it["timestamp"].as_f64())
        .collect();
    assert!(times.is_sorted());

    // There and back again, whichever the direction and length of pages.
    for (order, limit) in [("yes", 1), ("yes", 7), ("yes", 60), ("no", 7), ("no", 300)] {
        let begin = if order == "yes" { 1 } else { 2_000_000_000 };
        let path = format!("{EVENTS}?begin={begin}&ascending={order}&limit={limit}");
        let (there, end) = walk(one, &path, "next");
        let mut expected = ids(&all);
        if order == "no" {
            expected.reverse();
        }
        assert_eq!(ids(&there), expected, "{order} {limit}");
        let mut back = Vec::new();
        let mut page = end;
        loop {
            page = one.get(&beside(&page, "previous")).good();
            let events = items(&page);
            if events.is_empty() {
                break;
            }
            assert!(events.len() <= limit);
            back.splice(0..0, ids(&events));
        }
        assert_eq!(back, expected, "back, {order} {limit}");
        let (once_more, _) = walk(one, &beside(&page, "next"), "next");
        assert_eq!(ids(&once_more), expected, "once more, {order} {limit}");
        let last = one.get(&beside(&page, "last")).good();
        let last = ids(&items(&last));
        assert_eq!(last, expected[expected.len() - last.len()..]);
        let first = one.get(&beside(&page, "first")).good();
        let first = ids(&items(&first));
        assert_eq!(first, expected[..first.len()]);
    }
    served.daemon.end();
}

#[test]
fn another_customers_events_are_not_found() {
    let served = served();
    served.daemon.send_tcp(&message(1, End::Sent));
    wait_for(&served, "kind:delivery", 1);
    let nobody = Client::nobody(served.one.at);
    let wrong = with_key(&served.one, "wb_key_0000");
    for who in [&nobody, &wrong] {
        let answer = who.get(EVENTS);
        assert_eq!(answer.status, 401, "{answer:?}");
        assert_eq!(answer.json()["message"], "Invalid private key");
    }
    let other = served.one.get("/v3/other.example/events");
    assert_eq!(other.status, 404, "{other:?}");
    assert_eq!(other.json()["message"], "Domain not found: other.example");
    let nowhere = served.one.get("/v3/nowhere.example/events");
    assert_eq!(nowhere.status, 404);
    let stats = served
        .one
        .get("/v3/other.example/stats/total?event=accepted");
    assert_eq!(stats.status, 404);

    // A page of one customer's in the hands of another is of the other's.
    let path = beside(
        &served.one.get(&format!("{EVENTS}?begin=1&ascending=yes")),
        "first",
    );
    let (second, _) = customer(&served.owner, "Three", &["third.example"]);
    let third = with_key(&served.owner, &key(&served.owner, second, &["read_events"]));
    assert_eq!(third.get(&path).status, 404);
    let path = path.replace("a.example", "third.example");
    assert!(items(&third.get(&path).good()).is_empty());
    let logs = third.send("POST", "/v1/analytics/logs", "{\"start\": \"1\"}");
    assert!(items(&logs.good()).is_empty());
    let body = json!({ "start": "1", "metrics": ["accepted_count"], "include_aggregates": true });
    let metrics = third.send("POST", "/v1/analytics/metrics", &body.to_string());
    let metrics = metrics.good().json();
    assert_eq!(metrics["aggregates"]["metrics"]["accepted_count"], 0);

    let key = key(&served.owner, second, &["read_mail"]);
    let answer = with_key(&served.owner, &key).get("/v3/third.example/events");
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(
        answer.json()["message"]
            .as_str()
            .expect("a text")
            .contains("read_events")
    );

    // What staff read is on record.
    let staff = one_who_sees_all(&served);
    staff.get(EVENTS).good();
    let audit = served
        .owner
        .get("/api/v1/audit?action=events.read")
        .good()
        .json();
    assert_eq!(audit.as_array().map(Vec::len), Some(1), "{audit}");
    served.daemon.end();
}

#[test]
fn logs_metrics_and_stats_count_the_same_events() {
    let served = served();
    let one = &served.one;
    for (number, end) in [
        (1, End::Sent),
        (2, End::Deferred),
        (3, End::Bounced),
        (70, End::Sent),
    ] {
        served.daemon.send_tcp(&message(number, end));
    }
    wait_for(&served, "kind:delivery", 4);
    let condition = json!({ "attribute": "domain", "comparator": "=",
        "values": [{ "label": "a.example", "value": "a.example" }] });
    let body = json!({ "start": "Sun, 22 Nov 2026 00:00:00 -0000", "end": "",
        "filter": { "AND": [condition] }, "include_totals": true,
        "pagination": { "sort": "timestamp:asc", "limit": 3 } });
    let first = one
        .send("POST", "/v1/analytics/logs", &body.to_string())
        .good();
    let page = first.json();
    assert_eq!(page["pagination"]["total"], 8);
    let item = &page["items"][1];
    assert_eq!(item["@timestamp"], "2026-11-22T08:00:01.400Z");
    assert_eq!(item["domain"]["name"], "a.example");
    assert_eq!(item["user-variables"], "{}");
    let mut all = items(&first);
    let mut token = page["pagination"]["next"].clone();
    loop {
        let body = json!({ "pagination": { "token": token, "limit": 3 } });
        let answer = one
            .send("POST", "/v1/analytics/logs", &body.to_string())
            .good();
        let page = items(&answer);
        if page.is_empty() {
            break;
        }
        all.extend(page);
        token = answer.json()["pagination"]["next"].clone();
    }
    assert_eq!(all.len(), 8);
    let body = json!({ "start": "1", "events": ["failed"], "filter": { "AND": [
        { "attribute": "recipient", "comparator": "contains", "values": [{ "value": "bob2" }] }] } });
    let failed = items(
        &one.send("POST", "/v1/analytics/logs", &body.to_string())
            .good(),
    );
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["severity"], "temporary");
    let body = json!({ "start": "1", "metric_events": ["permanent_failed"] });
    let failed = items(
        &one.send("POST", "/v1/analytics/logs", &body.to_string())
            .good(),
    );
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["severity"], "permanent");

    let body = json!({ "start": "Sun, 22 Nov 2026 00:00:00 +0000", "end": "Sun, 22 Nov 2026 23:00:00 +0000",
        "resolution": "hour", "dimensions": ["time", "recipient_domain"], "include_aggregates": true,
        "metrics": ["accepted_outgoing_count", "delivered_count", "temporary_failed_count", "bounced_count", "opened_rate"] });
    let metrics = one
        .send("POST", "/v1/analytics/metrics", &body.to_string())
        .good()
        .json();
    assert_eq!(
        metrics["aggregates"]["metrics"],
        json!({ "accepted_outgoing_count": 4, "delivered_count": 2, "temporary_failed_count": 1,
            "bounced_count": 1, "opened_rate": null }),
        "{metrics:#}"
    );
    assert_eq!(
        metrics["pagination"]["total"], 2,
        "with and without a recipient"
    );
    assert_eq!(
        metrics["items"][1]["dimensions"],
        json!([
        { "dimension": "time", "value": "Sun, 22 Nov 2026 08:00:00 +0000", "display_value": "Sun, 22 Nov 2026 08:00:00 +0000" },
        { "dimension": "recipient_domain", "value": "b.example", "display_value": "b.example" }])
    );

    let path = "/v3/a.example/stats/total?event=accepted&event=failed&event=delivered\
                &start=1795305600&end=1795478400&resolution=day";
    let stats = one.get(path).good().json();
    let stats = stats["stats"].as_array().expect("stats").clone();
    assert_eq!(stats.len(), 3, "{stats:#?}");
    let today = &stats[0];
    assert_eq!(today["time"], "Sun, 22 Nov 2026 00:00:00 +0000");
    assert_eq!(
        today["accepted"],
        json!({ "incoming": 0, "outgoing": 4, "total": 4 })
    );
    assert_eq!(today["failed"]["temporary"]["total"], 1);
    assert_eq!(
        today["failed"]["permanent"],
        json!({ "bounce": 1, "total": 1 })
    );
    assert_eq!(today["delivered"]["total"], 2);
    assert_eq!(stats[1]["accepted"]["total"], 0);
    let domains = one.get("/v3/domains?limit=1").good().json();
    assert_eq!(
        domains,
        json!({ "total_count": 1, "items": [{ "name": "a.example", "state": "active" }] })
    );
    let all = one_who_sees_all(&served).get("/v3/domains").good().json();
    assert_eq!(all["total_count"], 2);
    for (path, body) in [
        (
            "/v1/analytics/logs",
            json!({ "pagination": { "limit": 101 } }),
        ),
        (
            "/v1/analytics/logs",
            json!({ "filter": { "AND": [{ "attribute": "colour", "values": [] }] } }),
        ),
        (
            "/v1/analytics/metrics",
            json!({ "dimensions": ["country"] }),
        ),
        ("/v1/analytics/metrics", json!({ "resolution": "second" })),
        ("/v1/analytics/metrics", json!({ "duration": "é" })),
        ("/v1/analytics/metrics", json!([])),
    ] {
        let answer = one.send("POST", path, &body.to_string());
        assert!(
            (400..500).contains(&answer.status),
            "{path} {body}: {answer:?}"
        );
        assert!(answer.json()["message"].is_string(), "{answer:?}");
    }
    served.daemon.end();
}
