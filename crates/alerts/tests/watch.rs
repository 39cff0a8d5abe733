//! The loop: what a source answers becomes messages to receivers, once, also over failures and restarts.

#![allow(
    clippy::disallowed_methods,
    reason = "receivers of a test are waited for"
)]

use alerts::{Answer, Asked, Destination, Group, Sample, Settings, Source, Teller};
use jiff::{SignedDuration, Timestamp};
use relay::{Address, Authorities, Relay, Tls};
use search::{Filter, Net, TimeRange};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tenancy::{Asker, CustomerId, NewAlert, Principal, Tenancy};
use tokio::sync::watch;

/// Answers what it was told to: accounts with their rows; at a time of its own.
struct Told(Mutex<(Vec<(&'static str, u64)>, Timestamp)>);

impl Told {
    fn set(&self, groups: &[(&'static str, u64)], minutes: i64) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.0 = groups.to_vec();
        told.1 += SignedDuration::from_mins(minutes);
    }
}

impl Source for Told {
    fn groups(&self, _: Option<CustomerId>, _: Asked) -> Answer<'_, Vec<Group>> {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let group = |it: &(&str, u64)| Group {
            value: Some(it.0.to_owned()),
            rows: it.1,
            different: 0,
        };
        let groups = told.0.iter().map(group).collect();
        Box::pin(async move { Ok(groups) })
    }

    fn countries(
        &self,
        _: Option<CustomerId>,
        _: Filter,
        _: TimeRange,
    ) -> Answer<'_, Vec<(String, Vec<String>)>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn destinations(
        &self,
        _: Option<CustomerId>,
        _: Filter,
        _: TimeRange,
    ) -> Answer<'_, Vec<Destination>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn hosts(&self, _: TimeRange) -> Answer<'_, Vec<(String, i64)>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn queued(&self, _: Option<CustomerId>, _: i64) -> Answer<'_, u64> {
        Box::pin(async { Err("the archive is closed".to_owned()) })
    }

    fn samples(
        &self,
        _: Option<CustomerId>,
        _: (Filter, TimeRange),
        _: usize,
    ) -> Answer<'_, Vec<Sample>> {
        let sample = Sample {
            at: Timestamp::UNIX_EPOCH,
            host: "mx1".to_owned(),
            sentence: "auth.failed user a@x.example".to_owned(),
            reply: Some("so\r\n.\r\nMAIL FROM:<eve@x.example>".to_owned()),
        };
        Box::pin(async move { Ok(vec![sample]) })
    }

    fn now(&self) -> Timestamp {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }
}

fn listener(
    take: impl Fn(TcpStream, Sender<String>) + Copy + Send + 'static,
) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
    let port = listener.local_addr().expect("an address").port();
    let (to, came) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let to = to.clone();
            std::thread::spawn(move || take(stream, to));
        }
    });
    (port, came)
}

/// Takes a request; the status is told by the port's owner.
fn take_request(status: &str, stream: TcpStream, to: &Sender<String>) {
    let mut stream = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while line != "\r\n" {
        line.clear();
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = text.trim().parse().expect("a number");
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("a body");
    let _ = to.send(String::from_utf8(body).expect("JSON"));
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let _ = stream.get_mut().write_all(answer.as_bytes());
}

fn good(stream: TcpStream, to: Sender<String>) {
    take_request("200 OK", stream, &to);
}

fn bad(stream: TcpStream, to: Sender<String>) {
    take_request("500 Sorry", stream, &to);
}

/// Takes mails, each with its envelope.
fn mail(stream: TcpStream, to: Sender<String>) {
    let mut lines = BufReader::new(stream.try_clone().expect("it can be cloned")).lines();
    let mut answer = stream;
    let mut say = |text: &str| drop(write!(answer, "{text}\r\n"));
    let mut mail = String::new();
    say("220 sink ESMTP");
    while let Some(Ok(line)) = lines.next() {
        mail.push_str(&line);
        mail.push('\n');
        if line != "DATA" {
            say("250 sink");
            continue;
        }
        say("354 go on");
        for line in lines
            .by_ref()
            .map_while(Result::ok)
            .take_while(|it| it != ".")
        {
            mail.push_str(&line);
            mail.push('\n');
        }
        let _ = to.send(std::mem::take(&mut mail));
        say("250 taken");
    }
}

/// A daemon's part, with the database that it leaves.
struct World {
    _folder: tempfile::TempDir,
    tenancy: Arc<Tenancy>,
    source: Arc<Told>,
    teller: Arc<Teller>,
    asker: Asker,
}

impl World {
    async fn new(smtp_port: u16) -> Self {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let url = format!("sqlite:{}", folder.path().join("a.db").display());
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        let relay = Relay {
            host: "127.0.0.1".to_owned(),
            port: smtp_port,
            tls: Tls::None,
            authorities: Arc::new(Authorities::default()),
            login: None,
            from: "waybill@w.example".parse::<Address>().expect("an address"),
        };
        let allow = vec![Net::parse("127.0.0.0/8").expect("a network")];
        World {
            _folder: folder,
            tenancy: Arc::new(Tenancy::open(&url).await.expect("a database")),
            source: Arc::new(Told(Mutex::new((Vec::new(), now)))),
            teller: Arc::new(Teller::new(allow, Some(relay), None)),
            asker: Asker {
                principal: Principal::console(),
                address: None,
                now,
            },
        }
    }

    async fn alert(&self, kind: &str, receivers: &[String]) -> tenancy::AlertId {
        let new = NewAlert {
            name: "Logins".to_owned(),
            kind: kind.to_owned(),
            question: String::new(),
            by: None,
            threshold: 10,
            percent: 0,
            window_secs: 3_600,
            quiet_secs: 4 * 3_600,
            receivers: receivers.to_vec(),
            disabled: false,
        };
        let made = self.tenancy.add_alert(&self.asker, None, &new).await;
        made.expect("it is made").0
    }

    /// Runs until `until` is told, then stops.
    async fn run<T: Send + 'static>(&self, until: impl FnOnce() -> T + Send + 'static) -> T {
        let (stop, stopped) = watch::channel(false);
        let settings = Settings {
            every: Duration::from_secs(60),
            retries: vec![Duration::from_secs(60)],
        };
        let source = Arc::clone(&self.source);
        let tenancy = Arc::clone(&self.tenancy);
        let teller = Arc::clone(&self.teller);
        let run = tokio::spawn(alerts::run(source, tenancy, teller, settings, stopped));
        let told = tokio::task::spawn_blocking(until)
            .await
            .expect("it is told");
        stop.send(true).expect("it runs");
        run.await.expect("it ends");
        told
    }
}

/// The next so many, and what came beyond them in the time in which the loop looks again.
fn next(came: &Receiver<String>, count: usize) -> Vec<String> {
    let next = |_| {
        came.recv_timeout(Duration::from_secs(30))
            .expect("a message in time")
    };
    let mut all: Vec<String> = (0..count).map(next).collect();
    all.extend(came.recv_timeout(Duration::from_millis(1_500)));
    all
}

fn state(body: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    body["alert"]["state"].as_str().expect("a state").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_told_when_it_begins_and_ends_also_over_a_restart() {
    let (hook, hooked) = listener(good);
    let (smtp, mails) = listener(mail);
    let world = World::new(smtp).await;
    let receivers = [
        format!("http://127.0.0.1:{hook}/"),
        "mailto:boss@x.example".to_owned(),
    ];
    let id = world.alert("many_failures", &receivers).await;
    world
        .source
        .set(&[("a@x.example", 10), ("b@x.example", 9)], 0);
    let (begun, mailed, hooked, mails) = world
        .run(move || (next(&hooked, 1), next(&mails, 1), hooked, mails))
        .await;
    assert_eq!(
        begun.iter().map(|it| state(it)).collect::<Vec<_>>(),
        ["firing"]
    );
    assert!(begun[0].contains("a@x.example") && !begun[0].contains("b@x.example"));
    assert_eq!(mailed.len(), 1, "one mail, whatever a log says: {mailed:?}");
    assert!(
        mailed[0].contains("\nSubject: Alert: Logins\n"),
        "{mailed:?}"
    );

    // It is looked at again by another, which knows what was told.
    world.source.set(&[("a@x.example", 11)], 5);
    world.source.set(&[], 5);
    let ended = world.run(move || (next(&hooked, 1), next(&mails, 1))).await;
    assert_eq!(
        ended.0.iter().map(|it| state(it)).collect::<Vec<_>>(),
        ["resolved"]
    );
    assert!(
        ended.1[0].contains("\nSubject: Resolved: Logins\n"),
        "{ended:?}"
    );
    let firings = world.tenancy.firings(&world.asker, id, 0).await;
    let firings = firings.expect("it can be read");
    assert_eq!(firings.len(), 1);
    assert!(firings[0].ended.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_holds_nobody_up_and_is_told() {
    let (gone, tried) = listener(bad);
    let (hook, hooked) = listener(good);
    let world = World::new(1).await;
    let receivers = [gone, hook].map(|port| format!("http://127.0.0.1:{port}/"));
    let id = world.alert("many_failures", &receivers).await;
    let broken = world.alert("queue_growth", &receivers).await;
    world.source.set(&[("a@x.example", 10)], 0);
    let (came, tried) = world
        .run(move || (next(&hooked, 1), (next(&tried, 1), tried)))
        .await;
    assert_eq!(
        (came.len(), tried.0.len()),
        (1, 1),
        "it is not sent again at once"
    );
    let alert = world
        .tenancy
        .alert(&world.asker, id)
        .await
        .expect("it is there");
    assert!(alert.failure.is_some_and(|it| it.ends_with("answered 500")));
    let alert = world
        .tenancy
        .alert(&world.asker, broken)
        .await
        .expect("it is there");
    assert_eq!(alert.trouble.as_deref(), Some("the archive is closed"));
    // Once more, then it is given up.
    world.source.set(&[("a@x.example", 10)], 2);
    let tried = tried.1;
    let again = world.run(move || next(&tried, 1)).await;
    assert_eq!(again.len(), 1);
    let now = world.source.now() + SignedDuration::from_hours(1);
    let due = world
        .tenancy
        .due_alert_messages(now, 10)
        .await
        .expect("it can be read");
    assert!(due.is_empty(), "{due:?}");
}
