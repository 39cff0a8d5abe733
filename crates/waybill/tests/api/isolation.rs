//! Every operation that the description names, asked by everybody of one customer for what is another's.
//!
//! An operation, parameter or body that is new fails the test until it says here what another's would be.

use super::client::{Client, customer, encoded, owner};
use super::daemon_of_a_day;
use super::jobs::export;
use super::secrets::{allowed, domain, strangers, text};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// In the name of all that the other customer has made, and in no line of mail.
const MARK: &str = "zwei";
const PASSWORD: &str = "wrong horse battery staple";

/// What one customer has, which nobody of another may see or change.
struct Belongings {
    customer: i64,
    admin: Client,
    users: Vec<i64>,
    key: i64,
    search: i64,
    webhook: i64,
    alert: i64,
    schedule: i64,
    job: i64,
    /// A row, with its account, message and queue id.
    row: Value,
}

/// Makes a user who can log in; gives the number, and one who shows the session.
fn user(owner: &Client, details: &Value) -> (i64, Client) {
    let made = owner.send("POST", "/api/v1/users", &details.to_string());
    let id = made.good().json()["id"].as_i64().expect("a number");
    let link = owner.send("POST", &format!("/api/v1/users/{id}/link"), "");
    let token = link.good().json()["token"].clone();
    let nobody = Client::nobody(owner.at);
    let reset = json!({ "token": token, "password": PASSWORD });
    nobody
        .send("POST", "/api/v1/password", &reset.to_string())
        .good();
    (id, nobody.logged_in(text(details, "login"), PASSWORD))
}

fn made(by: &Client, path: &str, details: &Value) -> i64 {
    let made = by.send("POST", path, &details.to_string()).good().json();
    made["id"].as_i64().expect("a number")
}

impl Belongings {
    fn of(owner: &Client, customer: i64, row: Value) -> Self {
        let role = |login: &str, role: &str, mailboxes: &[&str]| json!({ "login": login, "name": MARK, "role": role, "customer": customer, "mailboxes": mailboxes });
        let (admin_id, admin) = user(owner, &role("zwei-admin", "customer_admin", &[]));
        let reader = role("zwei-reader", "mailbox_user", &[text(&row, "account")]);
        let (reader_id, _) = user(owner, &reader);
        let key = json!({ "name": "zwei-key", "customer": customer, "rights": ["read_mail"] });
        let search = json!({ "name": "zwei-search", "question": "zwei", "is_shared": true });
        let webhook = json!({ "url": "https://zwei.example/events" });
        let alert = json!({
            "name": "zwei-alert", "kind": "search", "q": "zwei", "receivers": ["mailto:zwei@zwei.example"] });
        let schedule = json!({
            "name": "zwei-report", "every": "day", "time": "07:00", "zone": "UTC", "language": "en",
            "receivers": ["zwei@zwei.example"] });
        Belongings {
            customer,
            users: vec![admin_id, reader_id],
            key: made(owner, "/api/v1/keys", &key),
            search: made(&admin, "/api/v1/searches", &search),
            webhook: made(&admin, "/api/v1/webhooks", &webhook),
            alert: made(&admin, "/api/v1/alerts", &alert),
            schedule: made(&admin, "/api/v1/schedules", &schedule),
            job: export(&admin, &json!({ "name": "zwei-job", "q": "zwei" })),
            admin,
            row,
        }
    }

    /// All of it, as those see it who may.
    fn seen(&self, owner: &Client) -> Vec<String> {
        let customer = self.customer;
        let by_owner = [
            format!("customers/{customer}"),
            format!("keys?customer={customer}"),
            format!("webhooks?customer={customer}"),
            "customers".to_owned(),
        ];
        let by_admin = [
            "users",
            "searches",
            "keys",
            "alerts",
            "schedules",
            "jobs",
            "me",
        ];
        let by_owner = by_owner.iter().map(|path| (owner, path.as_str()));
        let all = by_owner.chain(by_admin.map(|path| (&self.admin, path)));
        all.map(|(who, path)| {
            let mut told = who.get(&format!("/api/v1/{path}")).good().json();
            forget_use(&mut told);
            told.to_string()
        })
        .collect()
    }

    fn session(&self) -> String {
        let sessions = self.admin.get("/api/v1/me/sessions").good().json();
        text(&sessions[0], "handle").to_owned()
    }

    /// What an operation is asked for by its path.
    fn path(&self, path: &str) -> Vec<String> {
        let ids: Vec<String> = match path.split('/').nth(3) {
            Some("customers") => vec![self.customer.to_string()],
            Some("users") => self.users.iter().map(ToString::to_string).collect(),
            Some("keys") => vec![self.key.to_string()],
            Some("searches") => vec![self.search.to_string()],
            Some("webhooks") => vec![self.webhook.to_string()],
            Some("alerts") => vec![self.alert.to_string()],
            Some("schedules") => vec![self.schedule.to_string()],
            Some("jobs") => vec![self.job.to_string()],
            Some("rows") => vec![text(&self.row, "id").to_owned()],
            _ => Vec::new(),
        };
        if path.contains("{id}") {
            assert!(!ids.is_empty(), "{path}: whose number is it?");
            return ids.iter().map(|id| path.replace("{id}", id)).collect();
        }
        if path.contains("{table}") {
            let tables = [
                "recipients",
                "senders",
                "clients",
                "destinations",
                "rejections",
            ];
            return tables.map(|it| path.replace("{table}", it)).to_vec();
        }
        let path = path.replace("{account}", &encoded(text(&self.row, "account")));
        let path = path.replace("{handle}", &encoded(&self.session()));
        assert!(!path.contains('{'), "{path}: what is another's?");
        vec![path]
    }

    /// What a parameter is set to; nothing for those that choose no thing.
    fn values(&self, parameter: &str) -> Vec<String> {
        let of_row = |column: &str| text(&self.row, column).to_owned();
        match parameter {
            "q" => vec![
                of_row("account"),
                of_row("queue_id"),
                "-host:mx1".to_owned(),
            ],
            "what" => vec![of_row("account"), of_row("message_id"), of_row("queue_id")],
            "by" => vec![
                "host,account,rcpt_to,mail_from,client_address,client_name,relay_name".to_owned(),
            ],
            "customer" => vec![self.customer.to_string()],
            "user" => self.users.iter().map(ToString::to_string).collect(),
            "text" | "words" | "who" => vec![MARK.to_owned(), "harbour".to_owned()],
            "from" | "before_until" => vec!["2026-11-16T00:00:00Z".to_owned()],
            "until" => vec!["2026-11-17T00:00:00Z".to_owned()],
            "before_from" => vec!["2026-11-15T00:00:00Z".to_owned()],
            "every" => vec!["3600".to_owned()],
            "at" => vec!["2026-11-16T12:00".to_owned()],
            "lines" => vec!["true".to_owned()],
            "range" | "zone" | "limit" | "order" | "top" | "action" | "after" | "before" | "to"
            | "state" | "code" | "error" | "iss" => Vec::new(),
            new => panic!("`{new}`: what would be another's?"),
        }
    }

    /// The body of an operation, by the name of its form.
    fn body(&self, form: &str) -> Value {
        let (customer, account) = (self.customer, text(&self.row, "account"));
        match form {
            "" => Value::Null,
            "CustomerDetails" => json!({ "name": "taken", "domains": ["harbour.example"] }),
            "Disabled" => json!({ "disabled": true }),
            "KeyDetails" => json!({ "name": "x", "customer": customer, "rights": ["read_mail"] }),
            "UserDetails" => json!({
                "login": "x", "role": "mailbox_user", "customer": customer, "mailboxes": [account] }),
            "SearchDetails" => json!({ "name": "x", "question": "kind:login", "is_shared": true }),
            "WebhookDetails" => json!({ "url": "https://taken.example/" }),
            "AlertDetails" => json!({
                "name": "x", "kind": "search", "q": account, "receivers": ["mailto:x@x.example"] }),
            "ScheduleDetails" => json!({
                "name": "x", "every": "day", "time": "07:00", "zone": "UTC", "language": "en",
                "receivers": ["x@x.example"] }),
            "JobDetails" => json!({ "q": account, "lines": true }),
            "Sql" => {
                json!({ "query": "select distinct host, client_address, account, rcpt_to, text from events" })
            }
            "Code" => json!({ "code": "000000" }),
            "Likes" => json!({ "language": "en" }),
            "Password" => json!({ "old": "x", "new": "a new horse battery staple" }),
            "Reset" => json!({ "token": "x", "password": "a new horse battery staple" }),
            "Credentials" => json!({ "login": "zwei-admin", "password": "x" }),
            "First" => {
                json!({ "token": "x", "login": "x", "password": "a new horse battery staple" })
            }
            "Since" => json!({ "from": "2026-11-16T00:00:00Z" }),
            "Which" => json!({ "id": 1 }),
            new => panic!("`{new}`: what would ask for another's?"),
        }
    }

    /// All ways to ask an operation for what is here: paths with their query.
    fn asked(&self, path: &str, operation: &Value) -> Vec<String> {
        let parameters = operation["parameters"].as_array();
        let parameters = parameters.into_iter().flatten();
        let (mut needed, mut queries) = (String::new(), Vec::new());
        for parameter in parameters.filter(|it| it["in"] == "query") {
            let name = text(parameter, "name");
            let values = self.values(name).into_iter();
            let set = values.map(|it| format!("&{name}={}", encoded(&it)));
            queries.extend(set.clone());
            if parameter["required"] == true {
                needed.extend(set.take(1));
            }
        }
        // Of what is said twice, the last would hold, or it would be refused.
        let name = needed.split('=').next().unwrap_or_default().to_owned();
        for query in &mut queries {
            if name.is_empty() || !query.starts_with(&name) {
                query.insert_str(0, &needed);
            }
        }
        queries.push(needed);
        let paths = self.path(path);
        let with = |path: &String| {
            let ask = |query: &String| format!("{path}?{}", query.trim_start_matches('&'));
            queries.iter().map(ask).collect::<Vec<_>>()
        };
        paths.iter().flat_map(with).collect()
    }
}

/// When something was used changes by looking at it.
fn forget_use(told: &mut Value) {
    match told {
        Value::Array(items) => items.iter_mut().for_each(forget_use),
        Value::Object(fields) => {
            fields.retain(|name, _| {
                ![
                    "last_used",
                    "last_login",
                    "until",
                    "next_try",
                    "tries",
                    "failure",
                    "checked",
                    "trouble",
                ]
                .contains(&name.as_str())
            });
            fields.values_mut().for_each(forget_use);
        }
        _ => {}
    }
}

/// Somebody who asks, and the rows that one may see.
struct Viewer<'a> {
    name: &'static str,
    client: Client,
    own: Vec<&'a Value>,
    domains: &'a [&'a str],
}

/// Operations that end what the asker shows, do not end, or tell the grammar with its examples.
fn is_left_out(method: &str, path: &str) -> bool {
    let left_out = [
        ("delete", "/api/v1/session"),
        ("delete", "/api/v1/me/sessions"),
        ("get", "/api/v1/tail"),
        ("get", "/api/v1/fields"),
    ];
    left_out.contains(&(method, path))
}

#[test]
fn nobody_of_one_customer_gets_at_what_is_another_s() {
    let (_folder, daemon) = daemon_of_a_day(4_000, 5);
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let all = owner.rows("");
    let coverage = owner.get("/api/v1/coverage").good().json();
    let hosts = coverage["hosts"].as_array().expect("hosts");
    let hosts: BTreeSet<&str> = hosts.iter().map(|it| text(it, "host")).collect();
    let (one, key) = customer(&owner, "One", &["ember.example"]);
    let (two, _) = customer(&owner, "zwei", &["harbour.example", "meadow.example"]);
    let row = all.iter().find(|row| {
        domain(text(row, "account")) == "harbour.example" && !text(row, "message_id").is_empty()
    });
    let others = Belongings::of(&owner, two, row.expect("mail of the other").clone());

    let own: Vec<&Value> = all
        .iter()
        .filter(|row| domain(text(row, "account")) == "ember.example")
        .collect();
    let mailbox = text(own[0], "account");
    let of = |login: &str, role: &str, mailboxes: &[&str]| {
        let details =
            json!({ "login": login, "role": role, "customer": one, "mailboxes": mailboxes });
        user(&owner, &details).1
    };
    let of_mailbox = own.iter().filter(|row| text(row, "account") == mailbox);
    let viewers = [
        Viewer {
            name: "customer_admin",
            client: of("admin", "customer_admin", &[]),
            own: own.clone(),
            domains: &["ember.example"],
        },
        Viewer {
            name: "mailbox_user",
            client: of("reader", "mailbox_user", &[mailbox]),
            own: of_mailbox.copied().collect(),
            domains: &[],
        },
        Viewer {
            name: "key",
            client: key,
            own: own.clone(),
            domains: &["ember.example"],
        },
        Viewer {
            name: "nobody",
            client: Client::nobody(owner.at),
            own: Vec::new(),
            domains: &[],
        },
    ];

    let description = owner.get("/api/v1/openapi.json").good().json();
    let before = others.seen(&owner);
    let mut count = 0;
    for viewer in &viewers {
        let is_own = |address: &str| {
            viewer.domains.contains(&domain(address))
                || (viewer.domains.is_empty() && address == mailbox)
        };
        let mut may_see = allowed(&viewer.own, is_own);
        may_see.extend(["admin", "reader", mailbox].map(str::to_owned));
        let check = |asked: &str, body: &str| {
            let told = viewer_answer(viewer, asked, body);
            assert!(told.0 < 500, "{}: {asked}: {told:?}", viewer.name);
            let echoed = format!("{asked} {body}").to_lowercase().replace("%40", "@");
            // Sessions tell from where they were begun.
            let told_text = told.1.replace("\"address\":\"127.0.0.1\"", "");
            let leaks = strangers(&told_text, &hosts, |word| {
                is_own(word) || may_see.contains(word) || echoed.contains(word)
            });
            assert_eq!(
                leaks,
                BTreeSet::new(),
                "{}: {asked}: {}",
                viewer.name,
                told.1
            );
            let asked_for_mark = echoed.contains(MARK);
            let has_mark = told.1.to_lowercase().contains(MARK);
            assert!(
                asked_for_mark || !has_mark,
                "{}: {asked}: {}",
                viewer.name,
                told.1
            );
        };
        for (path, operations) in description["paths"].as_object().expect("paths") {
            for (method, operation) in operations.as_object().expect("operations") {
                if is_left_out(method, path) {
                    continue;
                }
                let form =
                    &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
                let form = form.as_str().and_then(|it| it.rsplit('/').next());
                let body = others.body(form.unwrap_or_default());
                for path in others.asked(path, operation) {
                    check(
                        &format!("{} {path}", method.to_uppercase()),
                        &body.to_string(),
                    );
                    count += 1;
                }
            }
        }
        // What Mailgun's clients ask.
        for path in [
            "/v3/harbour.example/events",
            "/v3/harbour.example/stats/total?event=delivered",
            "/v3/ember.example/events?recipient=*@harbour.example",
            "/v3/stats/total?event=delivered",
            "/v3/domains",
        ] {
            check(&format!("GET {path}"), "");
        }
        let logs = json!({ "filter": { "AND": [
            { "attribute": "domain", "comparator": "=", "values": [{ "value": "harbour.example" }] }] } });
        check("POST /v1/analytics/logs", &logs.to_string());
    }
    assert!(
        count > 300,
        "{count} requests are too few to be all operations"
    );
    assert_eq!(others.seen(&owner), before, "nothing of it was changed");
    daemon.end();
}

fn viewer_answer(viewer: &Viewer<'_>, asked: &str, body: &str) -> (u16, String) {
    let (method, path) = asked.split_once(' ').expect("a method and a path");
    let body = if method == "GET" { "" } else { body };
    let answer = viewer.client.send(method, path, body);
    (answer.status, answer.body)
}
