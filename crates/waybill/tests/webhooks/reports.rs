//! Reports on a schedule: lines go in, mails come out, with the figures of the page and of nobody else.

use super::client::{Client, customer, owner};
use super::daemon::{self, Daemon};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// Takes mail, and gives each as it came; says nothing to it while it is stuck.
struct Sink {
    port: u16,
    mails: Receiver<String>,
    is_stuck: Arc<AtomicBool>,
}

impl Sink {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
        let port = listener.local_addr().expect("an address").port();
        let (to, mails) = channel();
        let is_stuck = Arc::new(AtomicBool::new(false));
        let stuck = Arc::clone(&is_stuck);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (to, stuck) = (to.clone(), Arc::clone(&stuck));
                std::thread::spawn(move || take(stream, &to, &stuck));
            }
        });
        Sink {
            port,
            mails,
            is_stuck,
        }
    }

    fn next(&self) -> String {
        let mail = self.mails.recv_timeout(Duration::from_secs(90));
        mail.expect("a mail in time")
    }
}

fn take(stream: TcpStream, to: &Sender<String>, is_stuck: &AtomicBool) {
    let mut lines = BufReader::new(stream.try_clone().expect("it can be cloned")).lines();
    let mut answer = stream;
    let mut say = |text: &str| drop(write!(answer, "{text}\r\n"));
    say("220 sink ESMTP");
    while let Some(Ok(line)) = lines.next() {
        if line != "DATA" {
            say("250 sink");
            continue;
        }
        say("354 go on");
        let mail = lines
            .by_ref()
            .map_while(Result::ok)
            .take_while(|it| it != ".");
        let mail = mail.map(|it| format!("{}\r\n", it.strip_prefix('.').unwrap_or(&it)));
        let _ = to.send(mail.collect());
        if !is_stuck.load(Ordering::Relaxed) {
            say("250 2.0.0 Ok: queued as 4F00");
        }
    }
}

fn config(port: u16) -> String {
    format!(
        "[webhooks]\nretry_seconds = [1, 1]\n[mail]\nhost = '127.0.0.1'\nport = {port}\n\
         from = 'waybill@w.example'\n[web]\nurl = 'https://w.example/'"
    )
}

/// A mail as a mail program sees it.
fn parsed(mail: &str) -> Option<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/webhooks/reports.py");
    let mut child = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut to = child.stdin.take().expect("it is piped");
    to.write_all(mail.as_bytes()).expect("it reads");
    drop(to);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{mail}");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// A message that bounces at an hour of a day.
fn bounce(number: u32, from: &str, day: &str) -> String {
    let id = format!("4E{number:08X}");
    let line = format!("<22>1 {day}T{:02}:30:00Z mx1", number % 24);
    format!(
        "{line} postfix/smtpd 7 - - {id}: client=c.a.example[192.0.2.1], sasl_method=PLAIN, sasl_username={from}\n\
         {line} postfix/cleanup 8 - - {id}: message-id=<m{number}@a.example>\n\
         {line} postfix/qmgr 9 - - {id}: from=<{from}>, size=812, nrcpt=1 (queue active)\n\
         {line} postfix/smtp 9 - - {id}: to=<bob-of-{from}>, relay=mx.b.example[203.0.113.9]:25, delay=0.3, delays=0.1/0/0.1/0.1, dsn=5.1.1, status=bounced (host mx.b.example[203.0.113.9] said: 550 5.1.1 <no> & such (in reply to RCPT TO command))\n\
         {line} postfix/qmgr 9 - - {id}: removed\n"
    )
}

fn administrator(owner: &Client, customer: i64) -> Client {
    let rights = ["manage_schedules", "read_mail"];
    let key = json!({ "name": "reports", "customer": customer, "rights": rights });
    let made = owner.send("POST", "/api/v1/keys", &key.to_string()).good();
    owner.with_key(made.json()["key"].as_str().expect("a key"))
}

/// Makes a daily schedule; gives its path.
fn schedule(by: &Client, name: &str, language: &str, receivers: &[&str]) -> String {
    let details = json!({
        "name": name, "every": "day", "time": "07:00", "zone": "UTC", "language": language,
        "receivers": receivers });
    let made = by.send("POST", "/api/v1/schedules", &details.to_string());
    format!("/api/v1/schedules/{}", made.good().json()["id"])
}

/// The runs of a schedule, when all have ended.
fn ended(by: &Client, path: &str, count: usize) -> Value {
    let begun = Instant::now();
    loop {
        let runs = by.get(&format!("{path}/runs")).good().json();
        let all = runs.as_array().expect("a list");
        if all.len() == count && all.iter().all(|it| it["ended"].is_string()) {
            return runs;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{runs}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Lines without the spaces that align them.
fn lines(text: &str) -> BTreeSet<String> {
    let line = |it: &str| it.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(line).collect()
}

#[test]
fn a_report_tells_what_the_page_shows_and_nothing_of_others() {
    let sink = Sink::start();
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let daemon = Daemon::start(folder.path(), &config(sink.port));
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let (one, _) = customer(&owner, "Città & Söhne", &["a.example"]);
    let (two, _) = customer(&owner, "Two", &["other.example"]);
    let (one, two) = (administrator(&owner, one), administrator(&owner, two));
    let day = |ago: i64| {
        let at = Timestamp::now() - SignedDuration::from_hours(24 * ago);
        at.strftime("%F").to_string()
    };
    let mails = [
        (0..7, "anna@a.example", 1),
        (100..102, "anna@a.example", 2),
        (200..203, "eve@other.example", 1),
    ];
    for (numbers, from, ago) in mails {
        for number in numbers {
            daemon.send_tcp(&bounce(number, from, &day(ago)));
        }
    }
    daemon::until(
        folder.path(),
        &["search", "kind:bounced", "--range", "last 9 days"],
        12,
    );

    let path = schedule(&one, "Città, perché", "it", &["boss@a.example"]);
    let whole = schedule(&owner, "All", "en", &["ops@w.example"]);
    assert_eq!(two.get(&path).status, 404);
    for what in ["html", "runs"] {
        assert_eq!(two.get(&format!("{path}/{what}")).status, 404);
    }
    assert_eq!(two.send("POST", &format!("{path}/send"), "").status, 404);
    one.send("POST", &format!("{path}/send"), "").good();
    let came = sink.next();
    let runs = ended(&one, &path, 1);
    let run = &runs[0];
    assert_eq!(run["mails"][0]["state"], "sent", "{run}");
    assert_eq!(run["mails"][0]["reply"], "250 2.0.0 Ok: queued as 4F00");
    assert_eq!(
        (&run["is_by_hand"], &run["from"]),
        (&json!(true), &json!(format!("{}T00:00:00Z", day(1))))
    );
    let Some(mail) = parsed(&came) else {
        println!("skipped: python3 is not here");
        return;
    };
    let headers = &mail["headers"];
    let subject = headers["Subject"].as_str().expect("a subject");
    assert!(subject.starts_with("Città, perché: "), "{subject}");
    assert!(
        came.lines().all(|it| it.is_ascii() && it.len() <= 998),
        "{came}"
    );
    assert_eq!(headers["Auto-Submitted"], "auto-generated");
    assert_eq!(
        (&headers["From"], &headers["To"]),
        (&json!("waybill@w.example"), &json!("boss@a.example"))
    );
    assert_eq!(
        mail["kinds"],
        json!(["multipart/alternative", "text/plain", "text/html"])
    );

    // All numbers are those that the page has from the API, for the same time, as the same one.
    let text = mail["text"].as_str().expect("a text");
    let html = mail["html"].as_str().expect("HTML");
    let told = lines(text);
    let times = format!(
        "from={0}T00:00:00Z&until={1}T00:00:00Z&before_from={2}T00:00:00Z&before_until={0}T00:00:00Z",
        day(1),
        day(0),
        day(2)
    );
    let series = one
        .get(&format!("/api/v1/figures?{times}&every=3600"))
        .good()
        .json();
    let words = [
        ("accepted", "Accettati"),
        ("sent", "Consegnati"),
        ("bounced", "Respinti"),
    ];
    for (id, word) in words {
        let of = series
            .as_array()
            .expect("a list")
            .iter()
            .find(|it| it["id"] == id);
        let of = of.unwrap_or_else(|| panic!("{id}: {series}"));
        let change = match (of["total"].as_u64(), of["total_before"].as_u64()) {
            (Some(7), Some(2)) => "+250% ",
            _ => "",
        };
        let line = format!("{} {} {change}{word}", of["total"], of["total_before"]);
        assert!(told.contains(&line), "{line}: {text}");
    }
    assert!(
        told.contains("7 2 +250% Accettati") && told.contains("7 2 +250% Respinti"),
        "{text}"
    );
    let mut compared = 0;
    for table in [
        "senders",
        "recipients",
        "bounces",
        "tls",
        "rejections",
        "clients",
        "relays",
    ] {
        let figures = one
            .get(&format!("/api/v1/figures/{table}?{times}"))
            .good()
            .json();
        for line in figures.as_array().expect("a list") {
            let of = |at: &str| line["figures"][0][at].as_f64().unwrap_or_default();
            let begin = format!("{} {} ", of("now"), of("before"));
            let keys = line["keys"].as_array().expect("keys");
            let key = match table {
                "tls" => keys.last().and_then(Value::as_str).or(Some("senza TLS")),
                _ => keys.iter().rev().find_map(Value::as_str),
            };
            let key = key.expect("all have one");
            let has = |it: &String| it.starts_with(&begin) && it.contains(key);
            assert!(told.iter().any(has), "{table} {line}: {text}");
            assert!(html.contains(key), "{table} {line}");
            compared += 1;
        }
    }
    assert!(compared >= 4, "{compared} lines: {text}");
    assert!(
        told.contains("7 2 respinto 550 5.1.1 utente sconosciuto"),
        "{text}"
    );
    // A customer's report knows of nobody else, nor of our hosts.
    for part in [text, html] {
        assert!(part.contains("anna@a.example"), "{part}");
        for other in ["eve@", "other.example", "mx1"] {
            assert!(!part.contains(other), "{other}: {part}");
        }
    }
    // In a browser it is the same, and may do nothing.
    let (head, body) = one.raw("GET", &format!("{path}/html"), "");
    let head = head.to_lowercase();
    assert!(head.contains("content-type: text/html"), "{head}");
    assert!(
        head.contains("default-src 'none'; style-src 'unsafe-inline'"),
        "{head}"
    );
    let shown = String::from_utf8_lossy(&body).replace("\r\n", "\n");
    assert!(
        shown.contains("<td align=\"right\" nowrap>7</td>"),
        "{shown}"
    );
    assert_eq!(
        shown.matches("anna@a.example").count(),
        html.matches("anna@a.example").count()
    );

    owner.send("POST", &format!("{whole}/send"), "").good();
    let mail = parsed(&sink.next()).expect("it is there");
    let text = mail["text"].as_str().expect("a text");
    assert!(lines(text).contains("10 2 +400% Accepted"), "{text}");
    for told in [
        "eve@other.example",
        "anna@a.example",
        "hosts; 0 of them are not understood",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let audit = owner
        .get("/api/v1/audit?action=schedule.send")
        .good()
        .json();
    assert_eq!(audit.as_array().map(Vec::len), Some(2), "{audit}");
    // Nothing adds a header.
    let odd = json!({
        "name": "a\r\nBcc: eve@b.example", "every": "day", "time": "07:00", "zone": "UTC",
        "language": "en", "receivers": ["a@a.example"] });
    assert_eq!(
        one.send("POST", "/api/v1/schedules", &odd.to_string())
            .status,
        400
    );
    daemon.end();
}

#[test]
fn a_daemon_that_is_killed_sends_no_report_more_than_twice() {
    let sink = Sink::start();
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let mut daemon = Daemon::start(folder.path(), &config(sink.port));
    let token = daemon.setup_token.clone().expect("there is no user yet");
    let mut by = owner(daemon.port("web"), &token);
    let path = schedule(&by, "All", "en", &["ops@w.example"]);
    sink.is_stuck.store(true, Ordering::Relaxed);
    by.send("POST", &format!("{path}/send"), "").good();
    for number in 1..=2 {
        let mail = sink.next();
        assert!(mail.contains("Subject: All: "), "{mail}");
        daemon.child.kill().expect("it runs");
        daemon.child.wait().expect("it ends");
        if number == 2 {
            sink.is_stuck.store(false, Ordering::Relaxed);
        }
        daemon = Daemon::start(folder.path(), &config(sink.port));
        by.at = daemon.port("web");
    }
    let runs = ended(&by, &path, 1);
    let mail = &runs[0]["mails"][0];
    assert_eq!(
        (&mail["state"], &mail["tries"]),
        (&json!("failed"), &json!(2)),
        "{mail}"
    );
    assert!(sink.mails.try_recv().is_err());
    // The next one is not the same.
    by.send("POST", &format!("{path}/send"), "").good();
    sink.next();
    assert_eq!(ended(&by, &path, 2)[0]["mails"][0]["state"], "sent");
    daemon.end();
}

#[test]
fn what_was_due_while_nobody_ran_is_sent_once() {
    let sink = Sink::start();
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let daemon = Daemon::start(folder.path(), &config(sink.port));
    let token = daemon.setup_token.clone().expect("there is no user yet");
    let mut by = owner(daemon.port("web"), &token);
    let path = schedule(&by, "All", "en", &["ops@w.example"]);
    let next = by.get(&path).good().json()["next"]
        .as_str()
        .expect("a time")
        .to_owned();
    daemon.end();
    // As if it had not run for three days.
    let set = format!(
        "import sqlite3; it = sqlite3.connect('{}'); it.execute('update schedules set next_due = next_due - 3 * 86400000000'); it.commit()",
        folder.path().join("data/customers.db").display()
    );
    let set = Command::new("python3").args(["-c", &set]).status();
    if !set.is_ok_and(|it| it.success()) {
        println!("skipped: python3 is not here");
        return;
    }
    let daemon = Daemon::start(folder.path(), &config(sink.port));
    by.at = daemon.port("web");
    let runs = ended(&by, &path, 1);
    assert_eq!(
        (&runs[0]["missed"], &runs[0]["is_by_hand"]),
        (&json!(2), &json!(false)),
        "{runs}"
    );
    assert_eq!(runs[0]["mails"][0]["state"], "sent", "{runs}");
    let mail = sink.next();
    assert!(
        mail.contains("Earlier ones that were missed and are not sent: 2."),
        "{mail}"
    );
    assert_eq!(by.get(&path).good().json()["next"], next.as_str());
    daemon.end();
    let daemon = Daemon::start(folder.path(), &config(sink.port));
    by.at = daemon.port("web");
    assert_eq!(ended(&by, &path, 1), runs);
    assert!(sink.mails.try_recv().is_err());
    daemon.end();
}
