//! The API as its clients use it, and what customers do not see.

mod administration;
mod client;
#[path = "../daemon/mod.rs"]
mod daemon;
mod description;
mod isolation;
mod jobs;
mod listeners;
mod loki;
mod page;
mod places;
mod postgres;
mod secrets;

use client::{Client, customer, encoded, events, owner};
use daemon::Daemon;
use secrets::{allowed, domain, strangers, text};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::BufRead;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use traffic::{Plan, write_day};

/// A daemon over a generated day.
fn daemon_of_a_day(lines: u64, seed: u64) -> (TempDir, Daemon) {
    let plan = Plan {
        lines,
        seed,
        ..Plan::default()
    };
    daemon_of(&plan, "")
}

/// A daemon over generated traffic, with more of a configuration.
fn daemon_of(plan: &Plan, config: &str) -> (TempDir, Daemon) {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let mut text = Vec::new();
    let mut put = |_: &str, line: &[u8]| {
        text.extend_from_slice(line);
        text.push(b'\n');
    };
    write_day(plan, &mut put, &mut |_| {});
    let log = folder.path().join("mail.log");
    std::fs::write(&log, text).expect("a temporary folder can be written");
    import(folder.path(), &log);
    let config = format!("[web]\nrequests_a_minute = 100000\n{config}");
    let daemon = Daemon::start(folder.path(), &config);
    (folder, daemon)
}

fn import(folder: &Path, log: &Path) {
    let imported = Command::new(daemon::WAYBILL)
        .args(["import", "--quiet", "--data"])
        .arg(folder.join("data"))
        .arg(log)
        .status();
    assert!(imported.expect("it can be run").success());
}

#[test]
fn who_asks_must_be_known() {
    let (_folder, daemon) = daemon_of_a_day(500, 1);
    let nobody = Client::nobody(daemon.port("web"));
    let document = nobody.get("/api/v1/openapi.json").good().json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut asked = 0;
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let is_open = operation["security"] == json!([{}]);
            let path = path
                .replace("{id}", "1")
                .replace("{account}", "a@b.example");
            let answer = nobody.send(&method.to_uppercase(), &path, "");
            assert!(answer.status < 500, "{method} {path}: {answer:?}");
            assert_eq!(
                answer.status == 401,
                !is_open,
                "{method} {path}: {answer:?}"
            );
            asked += 1;
        }
    }
    assert!(asked > 35, "{asked} operations");
    let text = document.to_string();
    for (at, _) in text.match_indices("\"$ref\":\"#") {
        let pointer = text[at + 9..].split('"').next().unwrap_or_default();
        assert!(
            document.pointer(pointer).is_some(),
            "nothing is at {pointer}"
        );
    }
    let wrong = nobody.with_key("wb_key_0000").get("/api/v1/me");
    assert_eq!(wrong.status, 401, "{wrong:?}");

    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(nobody.at, token);
    assert_eq!(owner.get("/api/v1/me").good().json()["role"], "owner");
    let again = json!({ "token": token, "login": "thief", "password": "a long enough one" });
    let again = nobody.send("POST", "/api/v1/setup", &again.to_string());
    assert_eq!(again.status, 409, "{again:?}");
    // A page of another site cannot use the cookie.
    let elsewhere = Client {
        shown: owner.shown.replace("http://waybill", "http://evil.example"),
        ..owner.clone()
    };
    let body = json!({ "name": "X" }).to_string();
    assert_eq!(
        elsewhere.send("POST", "/api/v1/customers", &body).status,
        403
    );
    owner.send("DELETE", "/api/v1/session", "").good();
    assert_eq!(owner.get("/api/v1/me").status, 401);
    daemon.end();
}

#[test]
fn questions_are_answered_as_on_the_command_line() {
    let (folder, daemon) = daemon_of_a_day(4_000, 2);
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let rows = owner.rows("kind:delivery.delivered");
    let arguments = ["search", "kind:delivery.delivered", "--format", "json"];
    let told = daemon::answer(
        folder.path(),
        &[&arguments[..], &["--limit", "10000", "--lines"]].concat(),
    );
    let told: Vec<Value> = told
        .lines()
        .map(|it| serde_json::from_str(it).expect("JSON"))
        .collect();
    assert!(rows.len() > 100);
    for (row, told) in rows.iter().zip(&told) {
        let mut row = row.clone();
        let id = row
            .as_object_mut()
            .and_then(|it| it.remove("id"))
            .expect("an id");
        assert_eq!(&row, told);
        let id = id.as_str().expect("a text");
        let one = owner.get(&format!("/api/v1/rows/{id}")).good().json();
        assert_eq!(one["id"], id);
        if row["at"] != rows[0]["at"] {
            break;
        }
    }
    assert_eq!(rows.len(), told.len());

    let facets = owner.get("/api/v1/facets?by=kind&top=1000").good().json();
    let of_kind = facets[0]["values"].as_array().expect("values").iter();
    let delivered = of_kind
        .clone()
        .find(|it| it["value"] == "delivery.delivered");
    assert_eq!(delivered.expect("a value")["rows"], rows.len());
    let histogram = owner.get("/api/v1/histogram?q=kind:delivery.delivered&every=3600");
    let bars = histogram.good().json()["bars"]
        .as_array()
        .expect("bars")
        .clone();
    let sum: u64 = bars.iter().filter_map(|it| it["rows"].as_u64()).sum();
    assert_eq!(sum, rows.len() as u64);
    let sql =
        json!({ "query": "select count(*) as n from events where kind = 'delivery.delivered'" });
    let counted = owner
        .send("POST", "/api/v1/sql", &sql.to_string())
        .good()
        .json();
    assert_eq!(counted["n"], rows.len());

    let message_id = text(&rows[0], "message_id");
    let trace = owner.get(&format!("/api/v1/trace?what={}", encoded(message_id)));
    let trace = trace.good().json();
    assert!(!trace["journeys"].as_array().expect("journeys").is_empty());
    assert!(trace["rows"].as_array().expect("rows").len() > 2);
    let account = text(&rows[0], "account");
    let story = owner
        .get(&format!("/api/v1/accounts/{account}"))
        .good()
        .json();
    assert!(
        story["kinds"]["delivery.delivered"].as_u64() >= Some(1),
        "{story}"
    );
    assert!(
        !owner.get("/api/v1/coverage").good().json()["hosts"]
            .as_array()
            .expect("hosts")
            .is_empty()
    );
    owner.get("/api/v1/queue").good();
    owner.get("/api/v1/sources").good();

    for (path, status) in [
        ("/api/v1/rows?q=frm:x", 400),
        ("/api/v1/rows?limit=0", 400),
        ("/api/v1/rows?limit=x", 400),
        ("/api/v1/rows?after=x", 400),
        ("/api/v1/rows?zone=Nowhere/Atall", 400),
        ("/api/v1/rows?range=someday", 400),
        ("/api/v1/facets?by=nothing", 400),
        ("/api/v1/facets", 400),
        ("/api/v1/trace?what=", 400),
        ("/api/v1/rows/00000000000000000000000000000000", 404),
        ("/api/v1/queue?at=someday", 400),
    ] {
        let answer = owner.get(path);
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        assert!(
            answer.head.contains("application/problem+json"),
            "{answer:?}"
        );
    }
    let sql = owner.send("POST", "/api/v1/sql", "{\"query\": \"drop table events\"}");
    assert_eq!(sql.status, 400, "{sql:?}");
    daemon.end();
}

#[test]
fn a_customer_sees_what_is_theirs_and_nothing_else() {
    let (_folder, daemon) = daemon_of_a_day(12_000, 3);
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let all = owner.rows("");
    let coverage = owner.get("/api/v1/coverage").good().json();
    let hosts: BTreeSet<&str> = coverage["hosts"]
        .as_array()
        .expect("hosts")
        .iter()
        .map(|it| text(it, "host"))
        .collect();
    assert!(hosts.len() > 4, "{hosts:?}");
    let is_of_ours = |it: &&Value| text(it, "relay_name").ends_with(".waypost.example");
    assert!(all.iter().any(|it| is_of_ours(&it)));
    let (first, one) = customer(&owner, "One", &["ember.example"]);
    let (second, _) = customer(&owner, "Two", &["harbour.example", "meadow.example"]);

    let domains = ["ember.example"];
    let own: Vec<&Value> = all
        .iter()
        .filter(|row| domains.contains(&domain(text(row, "account"))))
        .collect();
    assert!(own.len() > 50 && own.len() < all.len() / 2);
    let seen = one.rows("");
    let ids = |rows: &[&Value]| -> BTreeSet<(String, String)> {
        rows.iter()
            .map(|row| (text(row, "at").to_owned(), text(row, "kind").to_owned()))
            .collect()
    };
    assert_eq!(ids(&seen.iter().collect::<Vec<_>>()), ids(&own));
    assert_eq!(seen.len(), own.len(), "each row of theirs");

    // Whatever is asked, whoever else is in the archive is not in the answer.
    let allowed = allowed(&own, |address| domains.contains(&domain(address)));
    let stranger = all
        .iter()
        .find(|row| domain(text(row, "account")) == "harbour.example");
    let stranger = stranger.expect("somebody else");
    let account = text(stranger, "account");
    let (message_id, queue_id) = (text(stranger, "message_id"), text(stranger, "queue_id"));
    let own_id = own
        .iter()
        .map(|row| text(row, "message_id"))
        .find(|id| !id.is_empty())
        .expect("a message");
    let mut answers = Vec::new();
    for question in [
        "",
        "host:mx1",
        "-host:mx1",
        "any:harbour.example",
        "ip:10.0.0.0/8",
        "NOT kind:login",
        account,
        queue_id,
    ] {
        let question = encoded(question);
        for path in [
            format!("/api/v1/rows?limit=10000&lines=true&q={question}"),
            format!(
                "/api/v1/facets?top=1000&by=host,account,rcpt_to,mail_from,client_address,client_name,relay_name,relay_address,user,helo,text,pid,recipients&q={question}"
            ),
            format!("/api/v1/histogram?q={question}"),
        ] {
            answers.push((path.clone(), one.get(&path).good().body));
        }
    }
    for what in [account, message_id, queue_id, own_id] {
        let path = format!("/api/v1/trace?lines=true&what={}", encoded(what));
        answers.push((path.clone(), one.get(&path).good().body));
    }
    for path in [
        "/api/v1/coverage",
        "/api/v1/queue",
        "/api/v1/queue?at=2026-11-16T00:05",
        "/api/v1/customers",
        "/api/v1/me",
    ] {
        answers.push((path.to_owned(), one.get(path).good().body));
    }
    let path = format!("/api/v1/accounts/{account}");
    answers.push((path.clone(), one.get(&path).good().body));
    for query in [
        "select * from events",
        "select distinct host, client_address, account, rcpt_to, text from events",
    ] {
        let body = json!({ "query": query }).to_string();
        answers.push((
            query.to_owned(),
            one.send("POST", "/api/v1/sql", &body).good().body,
        ));
    }
    for (asked, answer) in &answers {
        let is_theirs = |word: &str| domains.contains(&domain(word)) || allowed.contains(word);
        let told = strangers(answer, &hosts, is_theirs);
        assert_eq!(told, BTreeSet::new(), "{asked}");
    }
    let empty = one
        .get(&format!("/api/v1/trace?what={}", encoded(queue_id)))
        .good()
        .json();
    assert_eq!(empty["rows"], json!([]), "another's message");
    assert_eq!(empty.get("journeys"), None);
    let stranger_row = format!("/api/v1/rows/{}", text(stranger, "id"));
    assert_eq!(one.get(&stranger_row).status, 404);

    // What is hidden cannot be asked for either.
    assert_eq!(one.rows("host:mx1"), Vec::<Value>::new());
    let body =
        json!({ "query": "select count(*) as n from events where host is not null" }).to_string();
    assert_eq!(one.send("POST", "/api/v1/sql", &body).good().json()["n"], 0);
    assert_eq!(one.rows("-host:mx1").len(), own.len());

    // Other customers' settings are not there.
    for (path, status) in [
        (format!("/api/v1/customers/{first}"), 200),
        (format!("/api/v1/customers/{second}"), 404),
        (format!("/api/v1/customers/{second}/accounts"), 404),
        (format!("/api/v1/keys?customer={second}"), 404),
        ("/api/v1/users/1".to_owned(), 404),
        ("/api/v1/audit".to_owned(), 403),
        ("/api/v1/sources".to_owned(), 403),
    ] {
        let answer = one.get(&path);
        assert_eq!(answer.status, status, "{path}: {answer:?}");
    }
    let body = json!({ "name": "Three", "domains": ["thistle.example"] }).to_string();
    assert_eq!(one.send("POST", "/api/v1/customers", &body).status, 403);
    let body = json!({ "login": "x", "role": "owner" }).to_string();
    assert!((400..500).contains(&one.send("POST", "/api/v1/users", &body).status));

    // A mailbox sees itself.
    let mailbox = text(
        own.iter()
            .find(|row| text(row, "kind") == "delivery.delivered")
            .expect("mail"),
        "account",
    );
    let user = json!({ "login": "reader", "role": "mailbox_user", "customer": first, "mailboxes": [mailbox] });
    let user = one
        .send("POST", "/api/v1/users", &user.to_string())
        .good()
        .json();
    let key = json!({ "name": "reader", "user": user["id"], "rights": ["read_mail"] });
    let key = owner
        .send("POST", "/api/v1/keys", &key.to_string())
        .good()
        .json();
    let reader = owner.with_key(key["key"].as_str().expect("a key"));
    let mine = reader.rows("");
    assert!(!mine.is_empty() && mine.iter().all(|row| text(row, "account") == mailbox));
    let of_mailbox = own.iter().filter(|row| text(row, "account") == mailbox);
    assert_eq!(mine.len(), of_mailbox.count());

    // Support's looks are on record, a customer's at their own are not.
    let audit = owner
        .get("/api/v1/audit?action=search&limit=1000")
        .good()
        .json();
    let entries = audit.as_array().expect("entries");
    assert!(
        entries.iter().all(|it| it["name"] == "postmaster"),
        "{entries:?}"
    );
    let chain = owner.get("/api/v1/audit/chain").good().json();
    assert_eq!(chain["broken"], Value::Null);
    daemon.end();
}

/// A message that is delivered to somebody: five lines.
fn message(number: u32, to: &str) -> String {
    let id = format!("4F{number:08X}");
    format!(
        "<22>1 2026-11-22T08:00:{second:02}.1Z mx1 postfix/smtpd 7 - - {id}: client=a.example[192.0.2.1]\n\
         <22>1 2026-11-22T08:00:{second:02}.2Z mx1 postfix/cleanup 8 - - {id}: message-id=<m{number}@a.example>\n\
         <22>1 2026-11-22T08:00:{second:02}.3Z mx1 postfix/qmgr 9 - - {id}: from=<anna@a.example>, size=812, nrcpt=1 (queue active)\n\
         <22>1 2026-11-22T08:00:{second:02}.4Z mx1 postfix/lmtp 9 - - {id}: to=<{to}>, relay=store[192.0.2.9]:24, delay=0.3, delays=0.1/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 OK)\n\
         <22>1 2026-11-22T08:00:{second:02}.5Z mx1 postfix/qmgr 9 - - {id}: removed\n",
        second = number % 60,
    )
}

#[test]
fn rows_are_followed_and_a_lost_stream_goes_on() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let daemon = Daemon::start(folder.path(), "");
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let (customer, one) = customer(&owner, "One", &["b.example"]);
    let delivered = "kind:delivery.delivered";
    let mut stream = one.follow(delivered, None);
    for number in 0..5 {
        let to = ["bob@b.example", "carl@c.example"][number as usize % 2];
        daemon.send_tcp(&message(number, to));
    }
    let first = events(&mut stream, 3);
    for (id, row) in &first {
        assert_eq!(row["account"], "bob@b.example", "{row}");
        assert_eq!(row["id"], id.as_str());
        assert_eq!(row.get("host"), None);
    }
    drop(stream);
    for number in 5..9 {
        daemon.send_tcp(&message(number, "bob@b.example"));
    }
    daemon::until(folder.path(), &["search", delivered], 9);
    let mut stream = one.follow(delivered, Some(&first[2].0));
    let missed = events(&mut stream, 4);
    daemon.send_tcp(&message(9, "bob@b.example"));
    let next = events(&mut stream, 1);
    let seconds: Vec<String> = missed
        .iter()
        .chain(&next)
        .map(|(_, row)| text(row, "at")[..19].to_owned())
        .collect();
    let expected: Vec<String> = (5..10)
        .map(|number| format!("2026-11-22T08:00:{number:02}"))
        .collect();
    assert_eq!(seconds, expected);

    // It ends with the key.
    let keys = owner
        .get(&format!("/api/v1/keys?customer={customer}"))
        .good();
    let key = keys.json()[0]["id"].as_i64().expect("a number");
    owner
        .send("DELETE", &format!("/api/v1/keys/{key}"), "")
        .good();
    daemon.send_tcp(&message(10, "bob@b.example"));
    let mut rest = String::new();
    // The last chunk is an empty one.
    while !rest.ends_with("\r\n0\r\n") {
        stream.read_line(&mut rest).expect("the stream ends");
        assert!(!rest.contains("data: "), "{rest}");
    }
    drop(stream);
    daemon.end();
}
