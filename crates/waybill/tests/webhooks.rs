//! Events and alerts that the daemon sends.

#![allow(clippy::disallowed_methods, reason = "what is sent is sent now")]

#[path = "webhooks/alerts.rs"]
mod alerts;
#[allow(dead_code, reason = "not every test target uses all of it")]
#[path = "api/client.rs"]
mod client;
mod daemon;
#[path = "webhooks/reports.rs"]
mod reports;

use client::{Client, customer, owner};
use daemon::Daemon;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

const CONFIG: &str = "[webhooks]\nallow = ['127.0.0.0/8']\nretry_seconds = [1, 1]";

/// A message of a customer that is sent on now.
fn message(number: u32, from: &str) -> String {
    let id = format!("4F{number:08X}");
    let line = format!("<22>1 {} mx1", jiff::Timestamp::now());
    format!(
        "{line} postfix/smtpd 7 - - {id}: client=c.a.example[192.0.2.1], sasl_method=PLAIN, sasl_username={from}\n\
         {line} postfix/cleanup 8 - - {id}: message-id=<m{number}@a.example>\n\
         {line} postfix/qmgr 9 - - {id}: from=<{from}>, size=812, nrcpt=1 (queue active)\n\
         {line} postfix/smtp 9 - - {id}: to=<bob@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=0.3, delays=0.1/0/0.1/0.1, dsn=5.1.1, status=bounced (host mx.b.example[192.0.2.9] said: 550 5.1.1 no such user (in reply to RCPT TO command))\n\
         {line} postfix/qmgr 9 - - {id}: removed\n"
    )
}

/// A receiver that takes all; gives the bodies that came.
fn receiver() -> (String, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let (to, came) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let to = to.clone();
            std::thread::spawn(move || take(BufReader::new(stream), &to));
        }
    });
    (url, came)
}

fn take(mut stream: BufReader<std::net::TcpStream>, to: &Sender<Value>) {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = text.trim().parse().expect("a number");
        }
        if line != "\r\n" {
            continue;
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).expect("a body");
        to.send(serde_json::from_slice(&body).expect("JSON"))
            .expect("the test lasts");
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        stream.get_mut().write_all(answer).expect("it takes it");
    }
}

/// The numbers of so many messages that come.
fn numbers(came: &Receiver<Value>, count: usize) -> Vec<u32> {
    let number = |_| {
        let body = came
            .recv_timeout(Duration::from_secs(60))
            .expect("an event in time");
        let event = &body["event-data"];
        assert_eq!(event["event"], "failed", "{event}");
        assert_eq!(event["envelope"]["sender"], "anna@a.example", "{event}");
        let id = event["message"]["headers"]["message-id"].as_str();
        let number = id.and_then(|it| it.strip_prefix('m')?.split('@').next()?.parse().ok());
        number.expect("a number")
    };
    (0..count).map(number).collect()
}

fn admin(owner: &Client, customer: i64) -> Client {
    let key = json!({ "name": "hooks", "customer": customer, "rights": ["manage_webhooks"] });
    let made = owner.send("POST", "/api/v1/keys", &key.to_string()).good();
    owner.with_key(made.json()["key"].as_str().expect("a key"))
}

#[test]
fn a_customer_is_sent_its_own_events_also_over_a_kill() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let mut daemon = Daemon::start(folder.path(), CONFIG);
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let (one, _) = customer(&owner, "One", &["a.example"]);
    let (two, _) = customer(&owner, "Two", &["other.example"]);
    let (one, two) = (admin(&owner, one), admin(&owner, two));
    let (url, came) = receiver();
    let new = json!({ "url": url, "events": ["permanent_fail"] });
    let made = one
        .send("POST", "/api/v1/webhooks", &new.to_string())
        .good()
        .json();
    let id = made["id"].as_i64().expect("a number");
    assert_eq!(made["signing_key"].as_str().map(str::len), Some(64));
    let path = format!("/api/v1/webhooks/{id}");
    assert_eq!(two.send("DELETE", &path, "").status, 404);
    assert_eq!(two.get(&format!("{path}/dead")).status, 404);
    let refused = json!({ "url": "ftp://a.example/" }).to_string();
    assert_eq!(one.send("POST", "/api/v1/webhooks", &refused).status, 400);

    for number in 0..10 {
        daemon.send_tcp(&message(number, "anna@a.example"));
        daemon.send_tcp(&message(1_000 + number, "eve@other.example"));
    }
    let first = numbers(&came, 10);
    assert_eq!(first, (0..10).collect::<Vec<_>>());
    for number in 10..20 {
        daemon.send_tcp(&message(number, "anna@a.example"));
    }
    daemon::until(
        folder.path(),
        &["search", "kind:bounced from:a.example"],
        20,
    );
    daemon.child.kill().expect("it runs");
    daemon.child.wait().expect("it ends");
    drop(daemon);
    let daemon = Daemon::start(folder.path(), CONFIG);
    let mut second = numbers(&came, 10);
    while !second.ends_with(&[19]) {
        second.extend(numbers(&came, 1));
    }
    second.retain(|it| *it >= 10);
    assert_eq!(second, (10..20).collect::<Vec<_>>());
    let one = Client {
        at: daemon.port("web"),
        ..one
    };
    let listed = one.get("/api/v1/webhooks").good().json();
    assert_eq!(listed[0]["failure"], Value::Null, "{listed}");
    let replay = json!({ "from": "2026-01-01T00:00:00Z" }).to_string();
    one.send("POST", &format!("{path}/replay"), &replay).good();
    assert_eq!(numbers(&came, 20), (0..20).collect::<Vec<_>>());
    daemon.end();
}

const ANYMAIL: &str = r#"
import json, os, sys, threading
from wsgiref.simple_server import make_server, WSGIRequestHandler
from django.conf import settings
settings.configure(SECRET_KEY="x", ALLOWED_HOSTS=["*"], ROOT_URLCONF="__main__", INSTALLED_APPS=["anymail"],
    ANYMAIL={"MAILGUN_WEBHOOK_SIGNING_KEY": "not known yet"})
import django
django.setup()
from django.urls import include, path
from django.core.wsgi import get_wsgi_application
from anymail.signals import tracking
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
class View(MailgunTrackingWebhookView):
    pass
urlpatterns = []
def told(sender, event, esp_name, **more):
    print(json.dumps([event.event_type, event.recipient, event.message_id, event.reject_reason]), flush=True)
tracking.connect(told)
class Quiet(WSGIRequestHandler):
    def log_message(self, *_): pass
server = make_server("127.0.0.1", 0, None, handler_class=Quiet)
print(server.server_port, flush=True)
key = sys.stdin.readline().strip()
settings.ANYMAIL["MAILGUN_WEBHOOK_SIGNING_KEY"] = key
urlpatterns.append(path("tracking/", MailgunTrackingWebhookView.as_view()))
server.set_app(get_wsgi_application())
server.serve_forever()
"#;

/// A process that is killed when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_receiver_of_anymail_takes_them() {
    let Some(python) = e2e::python("anymail") else {
        println!("skipped: `django-anymail` of PyPI is not installed");
        return;
    };
    let anymail = Command::new(python)
        .args(["-c", ANYMAIL])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut anymail = Running(anymail.expect("it can be started"));
    let mut said = BufReader::new(anymail.0.stdout.take().expect("it is piped"));
    let mut line = String::new();
    said.read_line(&mut line).expect("it says its port");
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let daemon = Daemon::start(folder.path(), CONFIG);
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let (id, _) = customer(&owner, "One", &["a.example"]);
    let url = format!("http://127.0.0.1:{}/tracking/", line.trim());
    let new = json!({ "url": url, "events": ["permanent_fail"] });
    let path = format!("/api/v1/webhooks?customer={id}");
    let made = owner.send("POST", &path, &new.to_string()).good().json();
    let key = made["signing_key"].as_str().expect("a key");
    let mut stdin = anymail.0.stdin.take().expect("it is piped");
    writeln!(stdin, "{key}").expect("it takes it");
    daemon.send_tcp(&message(1, "anna@a.example"));
    line.clear();
    said.read_line(&mut line).expect("it tells the event");
    let told: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(
        told,
        json!(["bounced", "bob@b.example", "<m1@a.example>", "bounced"])
    );
    daemon.end();
}
