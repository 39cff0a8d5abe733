//! Alerts: lines go in, people are told, once.

use super::daemon::Daemon;
use super::{client, receiver};
use client::{Client, customer, owner};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// How long ago lines are of a rule that looks back a minute: it holds for the seconds that are left.
const AGO_SECS: i64 = 45;

/// Takes mail, and gives each as it came, with its envelope.
fn smtp_sink() -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
    let port = listener.local_addr().expect("an address").port();
    let (to, came) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let to = to.clone();
            std::thread::spawn(move || take_mail(stream, &to));
        }
    });
    (port, came)
}

fn take_mail(stream: TcpStream, to: &Sender<String>) {
    let mut lines = BufReader::new(stream.try_clone().expect("it can be cloned")).lines();
    let mut answer = stream;
    let mut say = |text: &str| drop(write!(answer, "{text}\r\n"));
    let mut mail = String::new();
    say("220 sink ESMTP");
    while let Some(Ok(line)) = lines.next() {
        let word = line.split([' ', ':']).next().unwrap_or_default();
        match word.to_ascii_uppercase().as_str() {
            "DATA" => {
                say("354 go on");
                for line in lines.by_ref().map_while(Result::ok) {
                    if line == "." {
                        break;
                    }
                    mail.push_str(&line);
                    mail.push('\n');
                }
                let _ = to.send(std::mem::take(&mut mail));
                say("250 taken");
            }
            "QUIT" => return say("221 bye"),
            word => {
                if matches!(word, "MAIL" | "RCPT") {
                    mail.push_str(&line);
                    mail.push('\n');
                }
                say("250 sink");
            }
        }
    }
}

fn config(smtp_port: u16) -> String {
    format!(
        "[webhooks]\nallow = ['127.0.0.0/8']\nretry_seconds = [1]\n\
         [alerts]\nevery_seconds = 1\n[mail]\nhost = '127.0.0.1'\nport = {smtp_port}\n\
         from = 'waybill@w.example'\n\
         [places]\nnetworks = ['203.0.113.0/29 IT', '203.0.113.8/29 RO']\n[web]\nurl = 'https://w.example/'"
    )
}

fn ago(seconds: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_secs(seconds)
}

/// A message that bounces, some time ago.
fn bounce(number: u32, from: &str) -> String {
    let id = format!("4F{number:08X}");
    let line = format!("<22>1 {} mx1", ago(AGO_SECS));
    format!(
        "{line} postfix/smtpd 7 - - {id}: client=c.a.example[192.0.2.1], sasl_method=PLAIN, sasl_username={from}\n\
         {line} postfix/cleanup 8 - - {id}: message-id=<m{number}@a.example>\n\
         {line} postfix/qmgr 9 - - {id}: from=<{from}>, size=812, nrcpt=1 (queue active)\n\
         {line} postfix/smtp 9 - - {id}: to=<bob@b.example>, relay=mx.b.example[203.0.113.9]:25, delay=0.3, delays=0.1/0/0.1/0.1, dsn=5.7.1, status=bounced (host mx.b.example[203.0.113.9] said: 554 5.7.1 <!channel> blocked using zen.spamhaus.org (in reply to RCPT TO command))\n\
         {line} postfix/qmgr 9 - - {id}: removed\n"
    )
}

fn administrator(owner: &Client, customer: i64) -> Client {
    let key = json!({ "name": "alerts", "customer": customer, "rights": ["manage_alerts"] });
    let made = owner.send("POST", "/api/v1/keys", &key.to_string()).good();
    owner.with_key(made.json()["key"].as_str().expect("a key"))
}

/// Makes an alert; gives its path.
fn alert(by: &Client, details: &Value) -> String {
    let made = by.send("POST", "/api/v1/alerts", &details.to_string());
    let made = made.good().json();
    assert_eq!(made["signing_key"].as_str().map(str::len), Some(64));
    format!("/api/v1/alerts/{}", made["id"])
}

fn next<T>(came: &Receiver<T>) -> T {
    let came = came.recv_timeout(Duration::from_secs(90));
    came.expect("a message in time")
}

#[test]
fn an_alert_is_told_once_when_it_begins_and_when_it_ends() {
    let (smtp_port, mails) = smtp_sink();
    let (webhook, told) = receiver();
    let (slack, texts) = receiver();
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let daemon = Daemon::start(folder.path(), &config(smtp_port));
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let (one, _) = customer(&owner, "One", &["a.example"]);
    let (two, _) = customer(&owner, "Two", &["other.example"]);
    let (one, two) = (administrator(&owner, one), administrator(&owner, two));
    let details = json!({
        "name": "Bounces", "kind": "search", "q": "kind:bounced", "by": "account",
        "threshold": 5, "window_minutes": 1,
        "receivers": [webhook, format!("slack:{slack}"), "mailto:boss@a.example"],
    });
    let path = alert(&one, &details);
    let other = alert(&two, &details);
    assert_eq!(two.get(&path).status, 404);
    assert_eq!(two.send("DELETE", &path, "").status, 404);
    assert_eq!(
        one.get("/api/v1/alerts")
            .good()
            .json()
            .as_array()
            .map(Vec::len),
        Some(1)
    );

    for number in 0..5 {
        daemon.send_tcp(&bounce(number, "anna@a.example"));
    }
    for number in 1_000..1_004 {
        daemon.send_tcp(&bounce(number, "eve@other.example"));
    }
    let begun = next(&told);
    assert_eq!(
        begun["signature"]["signature"].as_str().map(str::len),
        Some(64)
    );
    let begun = &begun["alert"];
    assert_eq!(begun["state"], "firing", "{begun}");
    assert_eq!(
        begun["subjects"],
        json!([{ "name": "anna@a.example", "count": 5, "beside": "" }])
    );
    assert_eq!(
        (&begun["threshold"], &begun["window_seconds"]),
        (&json!(5), &json!(60))
    );
    let samples = begun["samples"].as_array().expect("rows");
    assert_eq!(samples.len(), 5, "{begun}");
    assert!(!begun.to_string().contains("other.example"), "{begun}");
    assert!(
        samples[0]["reply"]
            .as_str()
            .is_some_and(|it| it.contains("zen.spamhaus.org")),
        "{begun}"
    );
    let link = begun["link"].as_str().expect("a link");
    assert!(
        link.starts_with("https://w.example/search?q=kind%3Abounced&range="),
        "{link}"
    );
    let text = next(&texts)["text"].as_str().expect("text").to_owned();
    assert!(
        text.starts_with("Alert: Bounces\n- anna@a.example: 5 rows\n"),
        "{text}"
    );
    assert!(text.contains("&lt;!channel&gt;"), "{text}");
    let mail = next(&mails);
    for line in [
        "MAIL FROM:<waybill@w.example>",
        "RCPT TO:<boss@a.example>",
        "From: waybill@w.example",
        "Subject: Alert: Bounces",
        "Auto-Submitted: auto-generated",
        "- anna@a.example: 5 rows",
    ] {
        assert!(mail.contains(&format!("{line}\n")), "{line}: {mail}");
    }
    let listed = one.get(&path).good().json();
    assert_eq!(listed["firing_since"], begun["since"], "{listed}");
    assert_eq!(&listed["evidence"], begun);

    assert_eq!(next(&told)["alert"]["state"], "resolved");
    assert!(next(&mails).contains("Subject: Resolved: Bounces\n"));
    assert!(
        next(&texts)["text"]
            .as_str()
            .is_some_and(|it| it.starts_with("Resolved: "))
    );
    let firings = one.get(&format!("{path}/firings")).good().json();
    assert_eq!(firings.as_array().map(Vec::len), Some(1));
    assert!(firings[0]["ended"].is_string(), "{firings}");
    assert!(told.try_recv().is_err() && texts.try_recv().is_err() && mails.try_recv().is_err());
    let other = two.get(&other).good().json();
    assert!(other["checked"].is_string(), "{other}");
    assert_eq!(
        (&other["evidence"], &other["trouble"]),
        (&Value::Null, &Value::Null)
    );
    daemon.end();
}

/// Logins and failed ones of an account from so many addresses each.
fn logins(count: u32) -> String {
    let line = format!("<22>1 {} mx1", Timestamp::now());
    let of = |number: u32| {
        format!(
            "{line} dovecot - - - imap-login: Login: user=<anna@a.example>, method=PLAIN, rip=203.0.113.{number}, lip=192.0.2.1, mpid=9, TLS, session=<s{number}>\n\
             {line} postfix/smtpd 7 - - warning: unknown[203.0.113.{number}]: SASL LOGIN authentication failed: authentication failure, sasl_username=bob@a.example\n"
        )
    };
    (1..=count).map(of).collect()
}

#[test]
fn built_in_rules_watch_logins_hosts_and_replies() {
    let (webhook, told) = receiver();
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let daemon = Daemon::start(folder.path(), &config(1));
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let kinds = [
        ("many_addresses", json!("anna@a.example"), 12),
        ("many_countries", json!("anna@a.example"), 2),
        ("many_failures", json!("bob@a.example"), 12),
        ("sudden_sending", json!("anna@a.example"), 12),
        ("destination_bounces", json!("b.example"), 12),
        ("blocklist", json!("mx.b.example"), 12),
        ("silent_host", json!("mx2"), 0),
    ];
    let threshold = |kind: &str| match kind {
        "silent_host" => 0,
        "many_countries" => 2,
        _ => 10,
    };
    for (kind, ..) in &kinds {
        let details = json!({
            "name": kind, "kind": kind, "receivers": [webhook], "window_minutes": 2,
            "threshold": threshold(kind),
        });
        alert(&owner, &details);
    }
    daemon.send_tcp(&logins(12));
    for number in 0..12 {
        daemon.send_tcp(&bounce(number, "anna@a.example"));
    }
    let silent = ago(600);
    daemon.send_tcp(&format!(
        "<22>1 {silent} mx2 postfix/qmgr 9 - - 4AAAAAAAAA: removed\n"
    ));
    let mut found = Vec::new();
    while found.len() < kinds.len() {
        let message = next(&told);
        let message = &message["alert"];
        assert_eq!(message["state"], "firing", "{message}");
        found.push(message.clone());
    }
    for (kind, name, count) in kinds {
        let message = found.iter().find(|it| it["kind"] == kind);
        let message = message.unwrap_or_else(|| panic!("{kind}: {found:?}"));
        // A rule may be looked at while lines come in.
        let least = threshold(kind);
        let subject = &message["subjects"][0];
        assert_eq!(subject["name"], name, "{message}");
        let counted = subject["count"].as_u64().expect("a number");
        assert!((least..=count).contains(&counted), "{message}");
        if kind == "many_countries" {
            assert_eq!(subject["beside"], "IT, RO", "{message}");
        }
    }
    daemon.end();
}

#[test]
fn what_is_wrong_with_a_rule_is_told_with_its_place() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let daemon = Daemon::start(folder.path(), &config(1));
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let details = |q: &str, receiver: &str| {
        let details = json!({ "name": "a", "kind": "search", "q": q, "receivers": [receiver] });
        owner.send("POST", "/api/v1/alerts", &details.to_string())
    };
    let hook = "https://a.example/";
    let wrong = details("status:bounced form:x.example", hook);
    assert_eq!(wrong.status, 400);
    assert_eq!(wrong.json()["at"], json!([15, 19]), "{wrong:?}");
    assert_eq!(
        details("status:bounced", "mailto:a@b.example\r\nBcc: c@d.example").status,
        400
    );
    assert_eq!(details("status:bounced", "ftp://a.example/").status, 400);
    let (one, key) = customer(&owner, "One", &["a.example"]);
    let silent = json!({ "name": "a", "kind": "silent_host", "receivers": [hook] }).to_string();
    assert_eq!(key.send("POST", "/api/v1/alerts", &silent).status, 403);
    // Hosts are nobody's but ours.
    let of_one = format!("/api/v1/alerts?customer={one}");
    assert_eq!(owner.send("POST", &of_one, &silent).status, 400);
    // A test tells of each receiver what came of it: this one is not of the Internet, nobody listens there.
    let made = json!({
        "name": "a", "kind": "silent_host", "receivers": ["http://10.0.0.1/", "mailto:a@b.example"],
    });
    let path = alert(&owner, &made);
    let told = owner
        .send("POST", &format!("{path}/test"), "")
        .good()
        .json();
    let failure = |at: usize| told[at]["failure"].as_str().unwrap_or_default();
    assert!(failure(0).contains("not of the Internet"), "{told}");
    assert!(failure(1).contains("refused"), "{told}");
    daemon.end();
}
