//! What Grafana's data source for Loki asks, as it asks it.

use super::client::{Answer, Client, customer, encoded, owner};
use super::secrets::{allowed, domain, strangers, text};
use super::{daemon, daemon_of_a_day};
use daemon::Daemon;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Before and after all lines of a generated day, in seconds.
const START: i64 = 1_790_000_000;
const END: i64 = 1_800_000_000;

/// Asks for something of all time.
fn get(one: &Client, path: &str, asked: &[(&str, &str)]) -> Answer {
    let (start, end) = (START.to_string(), END.to_string());
    let all = [("start", start.as_str()), ("end", end.as_str())];
    let all = all
        .iter()
        .filter(|(name, _)| asked.iter().all(|(it, _)| it != name));
    let pairs = all.chain(asked);
    let pairs = pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    let pairs = pairs.collect::<Vec<_>>().join("&");
    one.get(&format!("/loki/api/v1/{path}?{pairs}"))
}

fn data(one: &Client, path: &str, asked: &[(&str, &str)]) -> Value {
    let answer = get(one, path, asked).good().json();
    assert_eq!(answer["status"], "success", "{answer}");
    answer["data"].clone()
}

/// Time and line of all entries, stream by stream.
fn entries(one: &Client, asked: &[(&str, &str)]) -> Vec<(i64, String)> {
    let data = data(one, "query_range", &[asked, &[("limit", "5000")]].concat());
    assert_eq!(data["resultType"], "streams");
    let mut all = Vec::new();
    for stream in data["result"].as_array().expect("streams") {
        for value in stream["values"].as_array().expect("values") {
            let at = text_at(value, 0).parse().expect("nanoseconds");
            all.push((at, text_at(value, 1).to_owned()));
        }
    }
    all
}

fn text_at(value: &Value, place: usize) -> &str {
    value[place].as_str().expect("a text")
}

/// The numbers of a query at the end of all time, by a label.
fn counts(one: &Client, query: &str, label: &str) -> BTreeMap<String, f64> {
    let data = data(
        one,
        "query",
        &[("query", query), ("time", &END.to_string())],
    );
    assert_eq!(data["resultType"], "vector");
    let samples = data["result"].as_array().expect("samples").iter();
    let one = |it: &Value| {
        assert_eq!(it["value"][0], END, "{it}");
        let number = text_at(&it["value"], 1).parse().expect("a number");
        (text(&it["metric"], label).to_owned(), number)
    };
    samples.map(one).collect()
}

/// The lines of rows, in order.
fn lines<'a>(rows: impl IntoIterator<Item = &'a Value>) -> Vec<String> {
    let mut lines = Vec::new();
    for row in rows {
        for line in row["original_lines"].as_array().expect("lines") {
            lines.push(line.as_str().expect("a text").to_owned());
        }
    }
    lines.sort();
    lines
}

fn sorted(entries: Vec<(i64, String)>) -> Vec<String> {
    let mut lines: Vec<String> = entries.into_iter().map(|(_, line)| line).collect();
    lines.sort();
    lines
}

fn the_owner(daemon: &Daemon) -> Client {
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    owner(daemon.port("web"), token)
}

#[test]
fn a_data_source_is_added_and_its_editor_lists_what_there_is() {
    let (_folder, daemon) = daemon_of_a_day(3_000, 21);
    let owner = the_owner(&daemon);
    let all = owner.rows("");
    // "Save & test".
    let health =
        "/loki/api/v1/query?direction=backward&query=vector(1)%2Bvector(1)&time=4000000000";
    let answer = owner.get(health).good();
    assert!(answer.head.contains("x-ratelimit-remaining"), "{answer:?}");
    assert_eq!(
        answer.json(),
        json!({ "status": "success", "data": { "resultType": "vector", "stats": {},
            "result": [{ "metric": {}, "value": [4_000_000_000_u64, "2"] }] } })
    );
    let info = owner.get("/loki/api/v1/status/buildinfo").good().json();
    assert_eq!(info["version"], "2.9.0");

    let labels = data(&owner, "labels", &[]);
    assert_eq!(
        labels,
        json!([
            "account", "domain", "host", "kind", "level", "program", "service"
        ])
    );
    for (label, column) in [("host", "host"), ("kind", "kind"), ("service", "label")] {
        let values = data(&owner, &format!("label/{label}/values"), &[]);
        let of_rows = all.iter().map(|it| text(it, column));
        let of_rows: BTreeSet<&str> = of_rows.filter(|it| !it.is_empty()).collect();
        assert_eq!(values, json!(of_rows), "{label}");
    }
    let bounced = [("query", r#"{kind="delivery.bounced"}"#)];
    let programs = data(&owner, "label/program/values", &bounced);
    let of_rows = all.iter().filter(|it| it["kind"] == "delivery.bounced");
    let of_rows: BTreeSet<&str> = of_rows.map(|it| text(it, "program")).collect();
    assert!(!of_rows.is_empty());
    assert_eq!(programs, json!(of_rows));
    assert_eq!(data(&owner, "label/colour/values", &[]), json!([]));

    let two = [
        ("match[]", r#"{kind="delivery.bounced"}"#),
        ("match[]", r#"{kind=~"auth.*", host!=""}"#),
    ];
    let streams = data(&owner, "series", &two);
    let streams = streams.as_array().expect("streams");
    assert!(streams.len() > 1);
    for stream in streams {
        let kind = text(stream, "kind");
        assert!(
            kind == "delivery.bounced" || kind.starts_with("auth."),
            "{stream}"
        );
        assert!(!text(stream, "host").is_empty(), "{stream}");
    }
    let stats = get(&owner, "index/stats", &[("query", "{}")]).good().json();
    assert_eq!(stats["entries"], lines(&all).len());
    let streams = data(&owner, "series", &[]);
    assert_eq!(stats["streams"], streams.as_array().expect("streams").len());
    daemon.end();
}

#[test]
fn lines_are_the_original_ones_each_once() {
    let (_folder, daemon) = daemon_of_a_day(3_000, 22);
    let owner = the_owner(&daemon);
    let all = owner.rows("");
    let whole = entries(&owner, &[("query", "{}")]);
    assert!(whole.len() > 2_500);
    assert_eq!(sorted(whole.clone()), lines(&all));

    let of = |wanted: &dyn Fn(&Value) -> bool| lines(all.iter().filter(|it| wanted(it)));
    for (query, wanted) in [
        (r#"{program="smtp"}"#, of(&|it| it["program"] == "smtp")),
        (r#"{program!="smtp"}"#, of(&|it| it["program"] != "smtp")),
        (
            r#"{program=~"smtp.*"}"#,
            of(&|it| text(it, "program").starts_with("smtp")),
        ),
        (
            r#"{program!~"smtpd?"}"#,
            of(&|it| !["smtp", "smtpd"].contains(&text(it, "program"))),
        ),
        (
            r#"{host=~"mx[0-9]+"}"#,
            of(&|it| text(it, "host").starts_with("mx")),
        ),
        (
            r#"{level="warning"}"#,
            of(&|it| it["severity"] == "warning"),
        ),
        (r#"{} | level!="info""#, of(&|it| it["severity"] != "info")),
        (
            r#"{domain="ember.example"}"#,
            of(&|it| domain(text(it, "account")) == "ember.example"),
        ),
        (r#"{domain=""}"#, of(&|it| text(it, "account").is_empty())),
        (r#"{host="nowhere"}"#, Vec::new()),
    ] {
        assert_eq!(
            sorted(entries(&owner, &[("query", query)])),
            wanted,
            "{query}"
        );
    }
    let is_sent = |it: &String| it.contains("status=sent") && !it.contains("lmtp");
    let sent: Vec<String> = lines(&all).into_iter().filter(is_sent).collect();
    assert!(sent.len() > 10);
    let query = r#"{} |= "status=sent" != `lmtp` |~ "s[e]nt""#;
    assert_eq!(sorted(entries(&owner, &[("query", query)])), sent);

    // The newest come first, or the oldest; pages go on where the last one ended.
    let mut times: Vec<i64> = whole.iter().map(|(at, _)| *at).collect();
    times.sort_unstable();
    for (direction, wanted) in [
        ("forward", times[..10].to_vec()),
        ("BACKWARD", times[times.len() - 10..].to_vec()),
    ] {
        let asked = [("query", "{}"), ("limit", "10"), ("direction", direction)];
        let mut got: Vec<i64> = entries(&owner, &asked).iter().map(|(at, _)| *at).collect();
        got.sort_unstable();
        // Rows of the same microsecond come one after the other.
        let micros = |times: &[i64]| times.iter().map(|it| it / 1_000).collect::<Vec<_>>();
        assert_eq!(micros(&got), micros(&wanted), "{direction}");
    }
    let middle = times[times.len() / 2].to_string();
    let before = entries(&owner, &[("query", "{}"), ("end", &middle)]);
    let after = entries(&owner, &[("query", "{}"), ("start", &middle)]);
    assert_eq!(before.len() + after.len(), whole.len());
    assert!(before.len() > 1_000 && after.len() > 1_000);

    // Times may be written in several ways, and a query may be a form.
    let hour = entries(
        &owner,
        &[
            ("query", "{}"),
            ("start", "1790000000.0"),
            ("end", "2027-01-15T08:00:00Z"),
        ],
    );
    assert_eq!(hour.len(), whole.len());
    let form = format!("query=%7B%7D&limit=5000&start={START}000000000&end={END}");
    let posted = owner.send("POST", "/loki/api/v1/query_range", &form).good();
    let got = get(&owner, "query_range", &[("query", "{}"), ("limit", "5000")]).good();
    assert_eq!(posted.json(), got.json());
    daemon.end();
}

#[test]
fn counts_are_those_of_the_lines() {
    let (_folder, daemon) = daemon_of_a_day(3_000, 23);
    let owner = the_owner(&daemon);
    let all = owner.rows("");
    let mut of_kinds: BTreeMap<String, f64> = BTreeMap::new();
    for row in &all {
        let lines = row["original_lines"].as_array().expect("lines").len();
        if lines > 0 {
            *of_kinds.entry(text(row, "kind").to_owned()).or_default() += lines as f64;
        }
    }
    let whole = lines(&all);
    let total = whole.len() as f64;
    for query in [
        "sum by (kind) (count_over_time({}[366d]))",
        "sum(count_over_time({}[366d])) by (kind)",
        // Counted by reading them.
        "sum by (kind) (count_over_time({} |= `` [366d]))",
    ] {
        assert_eq!(counts(&owner, query, "kind"), of_kinds, "{query}");
    }
    let one = |query: &str| counts(&owner, query, "").values().sum::<f64>();
    assert_eq!(one("sum(count_over_time({}[366d]))"), total);
    let bytes: usize = whole.iter().map(String::len).sum();
    assert_eq!(one("sum(bytes_over_time({}[366d]))"), bytes as f64);
    let sent = whole.iter().filter(|it| it.contains("status=sent")).count();
    assert_eq!(
        one(r#"sum(count_over_time({} |= "status=sent"[366d]))"#),
        sent as f64
    );
    let rate = one("sum(rate({}[366d]))") * 366.0 * 86_400.0;
    assert!((rate - total).abs() < 1e-6, "{rate}");
    assert_eq!(
        one("count(sum by (kind) (count_over_time({}[366d])))"),
        of_kinds.len() as f64
    );
    let most = of_kinds.values().copied().fold(0.0, f64::max);
    assert_eq!(one("max(sum by (kind) (count_over_time({}[366d])))"), most);
    let top = counts(
        &owner,
        "topk(2, sum by (kind) (count_over_time({}[366d])))",
        "kind",
    );
    assert_eq!(top.len(), 2);
    assert!(top.values().any(|it| *it == most));
    let accounts = counts(
        &owner,
        "sum by (account) (count_over_time({}[366d]))",
        "account",
    );
    assert!(accounts.keys().any(|it| it.contains('@')));
    assert_eq!(accounts.values().sum::<f64>(), total);

    // The histogram over a list of lines: each line in one bar.
    let times: Vec<i64> = entries(&owner, &[("query", "{}")])
        .iter()
        .map(|(at, _)| *at)
        .collect();
    let first = times.iter().min().expect("a line") / 1_000_000_000 / 3_600 * 3_600;
    let (start, end) = (first.to_string(), (first + 30 * 3_600).to_string());
    let histogram = |query: &str, step: &str| {
        let asked = [
            ("query", query),
            ("start", &start),
            ("end", &end),
            ("step", step),
        ];
        data(&owner, "query_range", &asked)
    };
    let query = "sum by (level, detected_level) (count_over_time({} | drop __error__[1h]))";
    let matrix = histogram(query, "3600");
    assert_eq!(matrix["resultType"], "matrix");
    let mut bars: BTreeMap<i64, f64> = BTreeMap::new();
    for series in matrix["result"].as_array().expect("series") {
        assert!(!text(&series["metric"], "level").is_empty(), "{series}");
        for value in series["values"].as_array().expect("values") {
            let number: f64 = text_at(value, 1).parse().expect("a number");
            *bars.entry(value[0].as_i64().expect("seconds")).or_default() += number;
        }
    }
    assert_eq!(bars.values().sum::<f64>(), total);
    for (end, number) in &bars {
        let in_bar = |at: &&i64| {
            let micros = **at / 1_000;
            ((end - 3_600) * 1_000_000 < micros) && micros <= end * 1_000_000
        };
        assert_eq!(times.iter().filter(in_bar).count() as f64, *number, "{end}");
    }
    // Windows that overlap: each is counted whole.
    let matrix = histogram("sum(count_over_time({}[2h]))", "1h");
    for value in matrix["result"][0]["values"].as_array().expect("values") {
        let at = value[0].as_i64().expect("seconds");
        let both = [at, at - 3_600].map(|it| bars.get(&it).copied().unwrap_or_default());
        assert_eq!(text_at(value, 1), both.iter().sum::<f64>().to_string());
    }
    daemon.end();
}

#[test]
fn what_is_wrong_is_told_as_loki_tells_it() {
    let (_folder, daemon) = daemon_of_a_day(500, 24);
    let owner = the_owner(&daemon);
    let (id, one) = customer(&owner, "One", &["ember.example"]);
    for (path, asked, status, told) in [
        (
            "query_range",
            &[("query", r#"{host="mx1" |= "a""#)][..],
            400,
            "parse error at line 1, col 13: unexpected `|`",
        ),
        (
            "query_range",
            &[("query", r#"{colour="red"}"#)],
            400,
            "there is no label `colour`",
        ),
        (
            "query_range",
            &[("query", r#"{from=~"a[bc]"}"#)],
            400,
            "more than can be asked",
        ),
        (
            "query_range",
            &[("query", "{}"), ("limit", "5001")],
            400,
            "max entries limit",
        ),
        (
            "query_range",
            &[("query", "{}"), ("direction", "up")],
            400,
            "`direction`",
        ),
        (
            "query_range",
            &[("query", "{}"), ("start", "soon")],
            400,
            "`start`",
        ),
        (
            "query_range",
            &[("query", "{}"), ("start", "3"), ("end", "2")],
            400,
            "end timestamp",
        ),
        (
            "query_range",
            &[("query", "rate({}[1m])"), ("step", "0")],
            400,
            "`step`",
        ),
        (
            "query_range",
            &[("query", "rate({}[1m])"), ("step", "1")],
            400,
            "11000 points",
        ),
        ("query_range", &[], 400, "`query` is missing"),
        (
            "query",
            &[("query", "{}")],
            400,
            "log queries are not supported",
        ),
        (
            "series",
            &[("match[]", "rate({}[1m])")],
            400,
            "only log selectors",
        ),
        ("tail", &[("query", "{}")], 404, "not here"),
    ] {
        let answer = get(&one, path, asked);
        assert_eq!(answer.status, status, "{asked:?}: {answer:?}");
        assert!(answer.body.contains(told), "{asked:?}: {answer:?}");
        assert!(answer.head.contains("text/plain"), "{answer:?}");
    }
    let nobody = Client::nobody(owner.at);
    for path in ["labels", "status/buildinfo", "query", "index/stats"] {
        let answer = get(&nobody, path, &[("query", "vector(1)")]);
        assert_eq!(answer.status, 401, "{path}: {answer:?}");
        assert!(answer.head.contains("text/plain"), "{answer:?}");
    }
    let wrong = get(&nobody.with_key("wb_key_0000"), "labels", &[]);
    assert_eq!(wrong.status, 401);
    assert!(wrong.head.contains("text/plain"), "{wrong:?}");

    // A key is the password of whatever user; one for events is not for lines.
    let basic = |rights: &[&str]| {
        let key = json!({ "name": "grafana", "customer": id, "rights": rights });
        let made = owner.send("POST", "/api/v1/keys", &key.to_string()).good();
        let key = made.json()["key"].as_str().expect("a key").to_owned();
        let shown = base64(&format!("grafana:{key}"));
        Client {
            at: owner.at,
            shown: format!("Authorization: Basic {shown}\r\n"),
        }
    };
    get(&basic(&["read_mail"]), "labels", &[]).good();
    for path in [
        "labels",
        "label/kind/values",
        "series",
        "query_range",
        "index/stats",
        "query",
    ] {
        let query = if path == "query" { "vector(1)" } else { "{}" };
        let answer = get(&basic(&["read_events"]), path, &[("query", query)]);
        assert_eq!(answer.status, 403, "{path}: {answer:?}");
    }
    daemon.end();
}

fn base64(text: &str) -> String {
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
    text.as_bytes().chunks(3).map(group).collect()
}

#[test]
fn a_customer_sees_their_own_streams_and_no_others() {
    let (_folder, daemon) = daemon_of_a_day(6_000, 3);
    let owner = the_owner(&daemon);
    let (_, one) = customer(&owner, "One", &["ember.example"]);
    let all = owner.rows("");
    let own = all
        .iter()
        .filter(|it| domain(text(it, "account")) == "ember.example");
    let own: Vec<&Value> = own.collect();
    let own_lines = lines(own.iter().copied()).len();
    assert!(own_lines > 50 && own_lines < lines(&all).len() / 2);
    let hosts: BTreeSet<&str> = all.iter().map(|it| text(it, "host")).collect();
    let hosts: BTreeSet<&str> = hosts.into_iter().filter(|it| !it.is_empty()).collect();
    assert!(hosts.len() > 4);
    let is_own = |address: &str| domain(address) == "ember.example";
    let allowed = allowed(&own, is_own);

    // What there is.
    let labels = data(&one, "labels", &[]);
    assert!(!labels.as_array().expect("labels").contains(&json!("host")));
    assert_eq!(data(&one, "label/host/values", &[]), json!([]));
    assert_eq!(
        data(&one, "label/domain/values", &[]),
        json!(["ember.example"])
    );
    let accounts = data(&one, "label/account/values", &[]);
    let of_rows: BTreeSet<&str> = own.iter().map(|it| text(it, "account")).collect();
    assert_eq!(accounts, json!(of_rows));
    let stats = get(&one, "index/stats", &[("query", "{}")]).good().json();
    assert_eq!(stats["entries"], own_lines);
    let seen = entries(&one, &[("query", "{}")]);
    assert_eq!(sorted(seen.clone()), lines(&one.rows("")));
    assert_eq!(seen.len(), own_lines);
    let total = counts(&one, "sum(count_over_time({}[366d]))", "");
    assert_eq!(total.values().sum::<f64>(), own_lines as f64);
    let total = counts(&one, "sum(count_over_time({} |= `` [366d]))", "");
    assert_eq!(total.values().sum::<f64>(), own_lines as f64);

    // What is others', or hidden, cannot be found: by label, by text, by counting.
    let stranger = all
        .iter()
        .find(|it| domain(text(it, "account")) == "harbour.example");
    let stranger = text(stranger.expect("somebody else"), "account");
    let host = *hosts.first().expect("a host");
    for nothing in [
        format!(r#"{{host="{host}"}}"#),
        r#"{host=~".+"}"#.to_owned(),
        r#"{host=~"[a-z0-9]+"}"#.to_owned(),
        r#"{domain="harbour.example"}"#.to_owned(),
        r#"{domain=~"harbour.[a-z]+"}"#.to_owned(),
        format!(r#"{{account="{stranger}"}}"#),
        format!(r#"{{}} |= " {host} ""#),
    ] {
        assert_eq!(entries(&one, &[("query", &nothing)]), [], "{nothing}");
        let counted = format!("sum by (kind, host) (count_over_time({nothing}[366d]))");
        assert_eq!(counts(&one, &counted, "kind").len(), 0, "{nothing}");
        assert_ne!(entries(&owner, &[("query", &nothing)]), [], "{nothing}");
    }
    let all_of_them = entries(&one, &[("query", r#"{host=""}"#)]);
    assert_eq!(all_of_them.len(), own_lines);

    let mut answers = Vec::new();
    for (path, query) in [
        ("query_range", "{}"),
        ("query_range", r#"{host!="mx1"}"#),
        ("query_range", "count_over_time({}[366d])"),
        (
            "query",
            "sum by (account, host, domain, program) (count_over_time({}[366d]))",
        ),
        ("label/account/values", "{}"),
        ("label/program/values", r#"{domain!="ember.example"}"#),
        ("label/service/values", "{}"),
    ] {
        let asked = [("query", query), ("limit", "5000"), ("step", "30d")];
        answers.push(get(&one, path, &asked).good().body);
    }
    answers.push(get(&one, "series", &[("match[]", "{}")]).good().body);
    for answer in &answers {
        let told = strangers(answer, &hosts, |word| {
            is_own(word) || allowed.contains(word)
        });
        assert_eq!(told, BTreeSet::new());
    }

    // Support's looks are on record, with what was asked.
    let audit = owner.get("/api/v1/audit?action=search&limit=1000");
    let audit = audit.good().json();
    let mut audit = audit.as_array().expect("entries").iter();
    let asked = format!(r#"{{}} |= " {host} ""#);
    assert!(audit.any(|it| it["detail"]["asked"] == asked.as_str()));
    daemon.end();
}
