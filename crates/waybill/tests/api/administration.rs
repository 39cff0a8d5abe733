//! What those who run the system set, and what comes of it.

use super::client::{Answer, Client, customer, owner};
use super::daemon::{self, Daemon};
use super::secrets::{domain, text};
use super::{daemon_of_a_day, message};
use serde_json::{Value, json};
use std::time::SystemTime;

/// What the archive's rules and files say, once they say it.
fn retention(folder: &std::path::Path, is_so: impl Fn(&Value) -> bool) -> Value {
    let told = e2e::wait::until("rules that are so", || {
        let told = daemon::answer(folder, &["retention", "show", "--json"]);
        let told = serde_json::from_str(&told).expect("JSON");
        is_so(&told).then_some(told)
    });
    told.expect("it becomes so")
}

#[test]
fn mail_of_a_customer_is_kept_as_the_class_of_the_customer_says() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let folder = folder.path();
    let daemon = Daemon::start(folder, "");
    daemon::answer(folder, &["retention", "class", "short", "30"]);
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let classes = owner.get("/api/v1/retention").good().json();
    let expected = json!([{ "name": "short", "days": 30 }, { "name": "standard", "days": null }]);
    assert_eq!(classes, expected);

    let details = |class: &str| {
        json!({ "name": "One", "domains": ["one.example"], "class": class }).to_string()
    };
    let wrong = owner.send("POST", "/api/v1/customers", &details("shrt"));
    assert_eq!(wrong.status, 400, "{wrong:?}");
    assert_eq!(wrong.json()["hint"], "short, standard");
    let made = owner.send("POST", "/api/v1/customers", &details("short"));
    let id = made.good().json()["id"].as_i64().expect("a number");
    let is_short = |it: &Value| it["rules"]["customers"]["one.example"] == "short";
    retention(folder, is_short);
    let in_use = daemon::ask(folder, &["retention", "remove-class", "short"]);
    assert!(!in_use.status.success(), "{in_use:?}");

    let lines = message(1, "anna@one.example") + &message(2, "carl@two.example");
    daemon
        .http("POST /lines", lines.as_bytes())
        .expect("it takes them");
    daemon::until(folder, &["search", "kind:delivery.delivered"], 2);
    daemon::answer(folder, &["commit"]);
    let stored = retention(folder, |it| it["stored"]["short"] != Value::Null);
    let rows = |class: &str| stored["stored"][class]["rows"].as_u64().unwrap_or(0);
    assert!(rows("short") >= 1 && rows("standard") >= 1, "{stored}");

    let path = format!("/api/v1/customers/{id}");
    let without = json!({ "name": "One", "domains": ["one.example"] });
    owner.send("PUT", &path, &without.to_string()).good();
    retention(folder, |it| it["rules"]["customers"] == json!({}));
    let (_, other) = customer(&owner, "Two", &["two.example"]);
    assert_eq!(other.get("/api/v1/retention").status, 403);
    assert_eq!(other.get("/api/v1/status").status, 403);
    assert_eq!(owner.get("/api/v1/status").good().json()["is_ready"], true);
    daemon.end();
}

const PASSWORD: &str = "correct horse battery staple";

/// Logs in; gives the status and what is wanted beside.
fn log_in(at: &Client, code: Option<&str>) -> (u16, Value) {
    let credentials = json!({ "login": "postmaster", "password": PASSWORD, "code": code });
    let answer = at.send("POST", "/api/v1/session", &credentials.to_string());
    let wants = match answer.status {
        204 => Value::Null,
        _ => answer.json()["wants"].clone(),
    };
    (answer.status, wants)
}

#[test]
fn a_second_factor_is_wanted_once_it_has_proved_to_work() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let daemon = Daemon::start(folder.path(), "");
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let nobody = Client::nobody(owner.at);
    let begun = owner.send("POST", "/api/v1/me/second-factor", "").good();
    assert_eq!(begun.status, 201);
    assert_eq!(log_in(&nobody, None).0, 204, "it has not proved to work");
    let secret = begun.json()["secret"].as_str().expect("a text").to_owned();
    let code = json!({ "code": code(&secret) }).to_string();
    let proved = owner.send("PUT", "/api/v1/me/second-factor", &code).good();
    let codes = proved.json()["recovery_codes"].clone();
    let codes: Vec<&str> = codes
        .as_array()
        .expect("codes")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(codes.len(), 10);
    assert_eq!(
        owner.get("/api/v1/me").good().json()["has_second_factor"],
        true
    );

    assert_eq!(log_in(&nobody, None), (401, json!("code")));
    assert_eq!(log_in(&nobody, Some("wrong")), (401, Value::Null));
    assert_eq!(log_in(&nobody, Some(codes[0])).0, 204);
    let again = log_in(&nobody, Some(codes[0]));
    assert_eq!(again.0, 401, "each is good once");
    let removal = "/api/v1/me/second-factor/removal";
    let code = |code: &str| json!({ "code": code }).to_string();
    assert_eq!(owner.send("POST", removal, &code(codes[0])).status, 401);
    owner.send("POST", removal, &code(codes[1])).good();
    assert_eq!(log_in(&nobody, None).0, 204);
    daemon.end();
}

/// The code that an authenticator shows now.
#[expect(
    clippy::disallowed_methods,
    reason = "codes are good for half a minute of real time"
)]
fn code(secret: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).expect("base32");
    let totp = totp_rs::Builder::new().with_secret(secret).build();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.expect("after 1970").as_secs();
    totp.expect("it can be made").generate(now).to_string()
}

#[test]
fn sessions_are_listed_and_ended() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let daemon = Daemon::start(folder.path(), "");
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    assert_eq!(log_in(&Client::nobody(owner.at), None).0, 204);
    let sessions = || owner.get("/api/v1/me/sessions").good().json();
    let listed = sessions();
    let listed = listed.as_array().expect("sessions");
    let own: Vec<bool> = listed.iter().map(|it| it["is_own"] == true).collect();
    assert_eq!(own.len(), 2);
    assert_eq!(own.iter().filter(|it| **it).count(), 1);
    assert!(!format!("{listed:?}").contains("wb_session"));
    owner.send("DELETE", "/api/v1/me/sessions", "").good();
    assert_eq!(sessions().as_array().map(Vec::len), Some(1));
    let handle = sessions()[0]["handle"].as_str().expect("a text").to_owned();
    let path = format!("/api/v1/me/sessions/{handle}");
    owner.send("DELETE", &path, "").good();
    assert_eq!(owner.get("/api/v1/me").status, 401, "it was one's own");
    daemon.end();
}

/// Milliseconds that an answer takes; the median of 21.
fn took(who: &Client, path: &str) -> f64 {
    let mut times: Vec<f64> = (0..21)
        .map(|_| {
            #[expect(clippy::disallowed_methods, reason = "it is measured")]
            let began = std::time::Instant::now();
            who.get(path).good();
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[10]
}

#[test]
fn long_many_customers_are_no_slower_than_few() {
    if std::env::var_os("WAYBILL_LONG").is_none() {
        return println!("skipped: set WAYBILL_LONG");
    }
    let (_folder, daemon) = daemon_of_a_day(100_000, 7);
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let (few, of_few) = customer(&owner, "Few", &["ember.example"]);
    let asked = [
        (&owner, "/api/v1/customers?text=Customer+99".to_owned()),
        (&owner, format!("/api/v1/customers/{few}")),
        (&of_few, "/api/v1/rows?limit=100".to_owned()),
        (&of_few, "/api/v1/facets?by=kind".to_owned()),
        (&owner, "/api/v1/rows?limit=100".to_owned()),
    ];
    let before: Vec<f64> = asked.iter().map(|(who, path)| took(who, path)).collect();
    for number in 0..10_000 {
        let accounts: Vec<String> = (0..10)
            .map(|user| format!("user{user}@shared{number}.example"))
            .collect();
        let details = json!({
            "name": format!("Customer {number}"), "domains": [format!("c{number}.example")],
            "accounts": accounts,
        });
        owner
            .send("POST", "/api/v1/customers", &details.to_string())
            .good();
    }
    let mut domains: Vec<String> = (0..999).map(|it| format!("d{it}.example")).collect();
    domains.push("harbour.example".to_owned());
    let domains: Vec<&str> = domains.iter().map(String::as_str).collect();
    let (_, of_many) = customer(&owner, "Many", &domains);
    let own = of_many.rows("");
    assert!(
        !own.is_empty()
            && own
                .iter()
                .all(|row| domain(text(row, "account")) == "harbour.example")
    );
    for ((who, path), before) in asked.iter().zip(before) {
        let now = took(who, path);
        println!("{path}: {before:.1} ms, with 10,000 customers and 100,000 accounts {now:.1} ms");
        assert!(now < 500.0, "{path}: {now} ms");
    }
    for path in ["/api/v1/rows?limit=100", "/api/v1/facets?by=kind"] {
        let now = took(&of_many, path);
        println!("{path} of a customer of 1,000 domains: {now:.1} ms");
        assert!(now < 500.0, "{path}: {now} ms");
    }
    daemon.end();
}

#[test]
fn what_is_the_same_is_not_sent_again() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let daemon = Daemon::start(folder.path(), "");
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let (_, one) = customer(&owner, "One", &["one.example"]);
    let path = "/api/v1/customers";
    let tag_of = |answer: &Answer| {
        let tag = answer.head.split("etag: ").nth(1).expect("a tag");
        tag.lines().next().expect("a line").to_owned()
    };
    let tag = tag_of(&owner.get(path).good());
    let knowing = |who: &Client, tag: &str| Client {
        at: who.at,
        shown: format!("{}If-None-Match: \"other\", {tag}\r\n", who.shown),
    };
    let again = knowing(&owner, &tag).get(path);
    assert_eq!((again.status, again.body.as_str()), (304, ""), "{again:?}");
    assert_eq!(tag_of(&again), tag);
    // Who may not ask is not told that nothing has changed.
    assert_eq!(
        knowing(&Client::nobody(owner.at), &tag).get(path).status,
        401
    );
    // One sees all customers that there are, until there is another.
    assert_eq!(knowing(&one, &tag).get(path).status, 304);
    customer(&owner, "Two", &["two.example"]);
    assert_eq!(knowing(&one, &tag).get(path).status, 304);
    let now = knowing(&owner, &tag).get(path).good();
    assert_eq!((now.status, tag_of(&now) == tag), (200, false));
    assert_eq!(now.json().as_array().map(Vec::len), Some(2), "{now:?}");
    daemon.end();
}
