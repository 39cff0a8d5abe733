//! Receivers that fail, hang, redirect, vanish and come back; each gets all of its events, in order.

#![allow(clippy::disallowed_methods, reason = "what is sent is sent now")]

use hooks::{Event, Row, Rows, Settings, Source};
use jiff::Timestamp;
use search::Net;
use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tenancy::{Asker, CustomerId, NewCustomer, NewWebhook, Place, Principal, Tenancy, WebhookId};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Events one microsecond apart, as many as there are by now; the same for all customers.
struct Numbers {
    base: i64,
    count: AtomicU64,
}

impl Source for Numbers {
    fn rows<'s>(
        &'s self,
        _: &'s tenancy::Due,
        behind: Place,
        until: i64,
        limit: usize,
    ) -> Rows<'s> {
        Box::pin(async move {
            let count = self.count.load(Ordering::Relaxed) as i64;
            let first = (behind.moment + 1 - self.base).max(0);
            let numbers = (first..count).take_while(|it| self.base + it < until);
            let row = |number: i64| Row {
                place: Place {
                    moment: self.base + number,
                    row: 7,
                },
                events: vec![Event {
                    id: number.to_string(),
                    body: format!(r#"{{"id":"{number}"}}"#),
                }],
            };
            Ok(numbers.take(limit).map(row).collect())
        })
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// How a receiver answers an event that comes for the nth time.
type Manner = Arc<dyn Fn(u64, u64) -> Reply + Send + Sync>;

#[derive(Clone, Copy)]
enum Reply {
    Status(u16),
    Redirect,
    Hang,
    Close,
}

/// A receiver on loopback, and the ids that it has taken.
struct Receiver {
    address: SocketAddr,
    taken: Arc<Mutex<Vec<u64>>>,
    bodies: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    async fn start(manner: Manner) -> Self {
        Self::start_at("127.0.0.1:0".parse().expect("an address"), manner).await
    }

    async fn start_at(address: SocketAddr, manner: Manner) -> Self {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("it can be set");
        socket.bind(address).expect("a port");
        let listener: TcpListener = socket.listen(64).expect("it listens");
        let address = listener.local_addr().expect("an address");
        let (taken, bodies) = (Arc::default(), Arc::default());
        let told: Told = (Arc::clone(&taken), Arc::clone(&bodies), Arc::default());
        let task = tokio::spawn(async move {
            let mut lines = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                lines.spawn(answer(stream, Arc::clone(&manner), told.clone()));
            }
        });
        Receiver {
            address,
            taken,
            bodies,
            task,
        }
    }

    fn taken(&self) -> Vec<u64> {
        self.taken.lock().expect("nobody panics").clone()
    }

    /// Waits until it has taken so many different events; gives each once, in the order of coming.
    async fn until(&self, count: usize) -> Vec<u64> {
        for _ in 0..15_000 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if self.taken.lock().expect("nobody panics").len() < count {
                continue;
            }
            let mut seen = HashSet::new();
            let mut taken = self.taken();
            taken.retain(|it| seen.insert(*it));
            if taken.len() >= count {
                return taken;
            }
        }
        panic!("it has taken {} of {count}", self.taken().len());
    }
}

type Tries = Arc<Mutex<std::collections::HashMap<u64, u64>>>;
type Told = (Arc<Mutex<Vec<u64>>>, Arc<Mutex<Vec<String>>>, Tries);

async fn answer(stream: TcpStream, manner: Manner, (taken, bodies, tries): Told) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(text) = line.strip_prefix("content-length: ") {
                length = text.parse().expect("a number");
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        if stream.read_exact(&mut body).await.is_err() {
            return;
        }
        let body = String::from_utf8(body).expect("texts");
        let told: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        let id = told["event-data"]["id"]
            .as_str()
            .and_then(|it| it.parse().ok());
        let id: u64 = id.expect("a number");
        let nth = {
            let mut tries = tries.lock().expect("nobody panics");
            let nth = tries.entry(id).or_default();
            *nth += 1;
            *nth
        };
        let head = match manner(id, nth) {
            Reply::Status(status) => {
                if status == 200 {
                    taken.lock().expect("nobody panics").push(id);
                    bodies.lock().expect("nobody panics").push(body);
                }
                format!("HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\nok")
            }
            Reply::Redirect => {
                "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".to_owned()
            }
            Reply::Hang => return std::future::pending().await,
            Reply::Close => return,
        };
        if stream.get_mut().write_all(head.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn always(status: u16) -> Manner {
    Arc::new(move |_, _| Reply::Status(status))
}

/// A database of customers, and who sends to their receivers.
struct Sending {
    tenancy: Arc<Tenancy>,
    source: Arc<Numbers>,
    asker: Asker,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
    names: AtomicUsize,
    _folder: TempDir,
}

impl Sending {
    async fn new(count: u64) -> Self {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let url = format!("sqlite:{}", folder.path().join("customers.db").display());
        let tenancy = Arc::new(Tenancy::open(&url).await.expect("it can be made"));
        let asker = Asker {
            principal: Principal::console(),
            address: None,
            now: Timestamp::now(),
        };
        let source = Arc::new(Numbers {
            // So short ago that nobody gives up waiting for more of this time.
            base: Timestamp::now().as_microsecond() - 10_000_000,
            count: count.into(),
        });
        Sending {
            tenancy,
            source,
            asker,
            stop: watch::channel(false).0,
            task: None,
            names: AtomicUsize::new(0),
            _folder: folder,
        }
    }

    /// A new customer with a webhook, to be sent all.
    async fn webhook(&self, url: &str) -> (CustomerId, WebhookId, String) {
        let name = self.names.fetch_add(1, Ordering::Relaxed);
        let customer = NewCustomer {
            name: format!("customer {name}"),
            class: None,
            domains: vec![format!("c{name}.example")],
            accounts: Vec::new(),
        };
        let customer = self.tenancy.add_customer(&self.asker, &customer).await;
        let customer = customer.expect("it can be made");
        let new = NewWebhook {
            url: url.to_owned(),
            events: Vec::new(),
            disabled: false,
        };
        let made = self.tenancy.add_webhook(&self.asker, customer, &new).await;
        let (id, key) = made.expect("it can be made");
        self.replay(id).await;
        (customer, id, key.expose().to_owned())
    }

    async fn replay(&self, id: WebhookId) {
        let from = Timestamp::from_microsecond(self.source.base).expect("a time");
        let replayed = self.tenancy.replay_webhook(&self.asker, id, from).await;
        replayed.expect("it can be set");
    }

    fn start(&mut self, allow: &[&str]) {
        let net = |text: &&str| Net::parse(text).expect("a network");
        let settings = Settings {
            allow: allow.iter().map(net).collect(),
            retries: vec![Duration::from_millis(100); 4],
            settle: Duration::ZERO,
        };
        let (source, tenancy) = (Arc::clone(&self.source), Arc::clone(&self.tenancy));
        let run = hooks::run(source, tenancy, settings, self.stop.subscribe());
        self.task = Some(tokio::spawn(run));
    }

    /// Ends it as a kill does: at once.
    async fn kill(&mut self) {
        let task = self.task.take().expect("it runs");
        task.abort();
        let _ = task.await;
    }

    async fn state(&self, customer: CustomerId) -> tenancy::Webhook {
        let webhooks = self.tenancy.webhooks(&self.asker, customer).await;
        webhooks.expect("it can be read").remove(0)
    }
}

const LOOPBACK: &[&str] = &["127.0.0.0/8"];

fn url(receiver: &Receiver) -> String {
    format!("http://{}/events?a=1", receiver.address)
}

async fn each_once_in_order(count: u64) {
    let mut sending = Sending::new(count).await;
    // Fails for some, closes for others, redirects, and does well the next time.
    let odd: Manner = Arc::new(|id, nth| match (id % 97, nth) {
        (13, 1) => Reply::Status(500),
        (29, 1) => Reply::Close,
        (41, 1..=2) => Reply::Redirect,
        (77, 1) => Reply::Status(404),
        _ => Reply::Status(200),
    });
    let odd = Receiver::start(odd).await;
    let hanging = Receiver::start(Arc::new(|_, _| Reply::Hang)).await;
    let good = Receiver::start(always(200)).await;
    sending.webhook(&url(&hanging)).await;
    sending.webhook(&url(&odd)).await;
    sending.webhook(&url(&good)).await;
    sending.start(LOOPBACK);
    let expected: Vec<u64> = (0..count).collect();
    assert_eq!(good.until(count as usize).await, expected);
    assert_eq!(good.taken(), expected, "none twice");
    assert_eq!(odd.until(count as usize).await, expected);
    assert!(hanging.taken().is_empty());
}

#[tokio::test]
async fn each_event_arrives_in_order_whatever_receivers_do() {
    each_once_in_order(300).await;
}

#[tokio::test]
async fn long_a_hundred_thousand_events_arrive() {
    if std::env::var_os("WAYBILL_LONG").is_none() {
        return println!("skipped: set WAYBILL_LONG");
    }
    let count = 100_000;
    let mut sending = Sending::new(count).await;
    let odd: Manner = Arc::new(|id, nth| match (id % 9_973, nth) {
        (13, 1) => Reply::Status(500),
        (29, 1) => Reply::Close,
        (41, 1..=2) => Reply::Redirect,
        _ => Reply::Status(200),
    });
    let odd = Receiver::start(odd).await;
    let hanging = Receiver::start(Arc::new(|_, _| Reply::Hang)).await;
    sending.webhook(&url(&hanging)).await;
    sending.webhook(&url(&odd)).await;
    let began = std::time::Instant::now();
    sending.start(LOOPBACK);
    odd.until(count as usize / 2).await;
    sending.kill().await;
    sending.start(LOOPBACK);
    let expected: Vec<u64> = (0..count).collect();
    assert_eq!(odd.until(count as usize).await, expected);
    let twice = odd.taken().len() - count as usize;
    println!("{count} events in {:?}, {twice} twice", began.elapsed());
    assert!(twice <= 100);
}

#[tokio::test]
async fn what_was_taken_is_known_after_a_kill() {
    let mut sending = Sending::new(1_000).await;
    let receiver = Receiver::start(always(200)).await;
    sending.webhook(&url(&receiver)).await;
    sending.start(LOOPBACK);
    receiver.until(400).await;
    sending.kill().await;
    sending.start(LOOPBACK);
    let expected: Vec<u64> = (0..1_000).collect();
    assert_eq!(receiver.until(1_000).await, expected);
    let twice = receiver.taken().len() - 1_000;
    assert!(twice <= 60, "{twice} came twice");
}

#[tokio::test]
async fn a_receiver_that_restarts_gets_the_rest() {
    let mut sending = Sending::new(50).await;
    let receiver = Receiver::start(always(200)).await;
    let address = receiver.address;
    sending.webhook(&url(&receiver)).await;
    sending.start(LOOPBACK);
    assert_eq!(receiver.until(50).await.len(), 50);
    drop(receiver);
    tokio::time::sleep(Duration::from_millis(10)).await;
    let receiver = Receiver::start_at(address, always(200)).await;
    sending.source.count.store(80, Ordering::Relaxed);
    let expected: Vec<u64> = (50..80).collect();
    assert_eq!(receiver.until(30).await, expected);
}

#[tokio::test]
async fn what_is_given_up_is_listed_and_sent_once_more() {
    let mut sending = Sending::new(10).await;
    let works = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let manner: Manner = {
        let works = Arc::clone(&works);
        Arc::new(move |id, _| match (id, works.load(Ordering::Relaxed)) {
            (3, false) => Reply::Status(500),
            (5, false) => Reply::Status(406),
            _ => Reply::Status(200),
        })
    };
    let receiver = Receiver::start(manner).await;
    let (customer, id, _) = sending.webhook(&url(&receiver)).await;
    sending.start(LOOPBACK);
    assert_eq!(receiver.until(8).await, [0, 1, 2, 4, 6, 7, 8, 9]);
    let dead = || async {
        let dead = sending
            .tenancy
            .dead_events(&sending.asker, id, tenancy::DeadEventId(0), 0);
        dead.await.expect("it can be read")
    };
    let found = dead().await;
    let told: Vec<_> = found
        .iter()
        .map(|it| (it.event.as_str(), it.failure.as_str()))
        .collect();
    assert_eq!(told, [("3", "answered 500"), ("5", "answered 406")]);
    works.store(true, Ordering::Relaxed);
    let replayed = sending
        .tenancy
        .replay_dead_events(&sending.asker, id, Some(found[0].id));
    assert_eq!(replayed.await.expect("it can be set"), 1);
    assert_eq!(receiver.until(9).await[8], 3);
    while dead().await.len() > 1 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let replayed = sending.tenancy.replay_dead_events(&sending.asker, id, None);
    assert_eq!(replayed.await.expect("it can be set"), 1);
    assert_eq!(receiver.until(10).await[9], 5);
    while !dead().await.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(sending.state(customer).await.failure, None);
}

#[tokio::test]
async fn all_from_a_time_on_is_sent_again() {
    let mut sending = Sending::new(20).await;
    let receiver = Receiver::start(always(200)).await;
    let (_, id, key) = sending.webhook(&url(&receiver)).await;
    sending.start(LOOPBACK);
    receiver.until(20).await;
    sending.replay(id).await;
    for _ in 0..500 {
        if receiver.taken().len() == 40 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let expected: Vec<u64> = (0..20).chain(0..20).collect();
    assert_eq!(receiver.taken(), expected);
    let bodies = receiver.bodies.lock().expect("nobody panics");
    let mut tokens = HashSet::new();
    for body in bodies.iter() {
        let told: serde_json::Value = serde_json::from_str(body).expect("JSON");
        let part = |name: &str| told["signature"][name].as_str().expect("a text").to_owned();
        let (timestamp, token) = (part("timestamp"), part("token"));
        assert_eq!(token.len(), 50);
        assert_eq!(
            part("signature"),
            signature(&key, &format!("{timestamp}{token}"))
        );
        assert!(tokens.insert(token), "each has its own");
    }
}

fn signature(key: &str, text: &str) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).expect("any length");
    mac.update(text.as_bytes());
    let bytes = mac.finalize().into_bytes();
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

#[tokio::test]
async fn what_is_ours_cannot_be_reached() {
    let mut sending = Sending::new(3).await;
    let receiver = Receiver::start(always(200)).await;
    let port = receiver.address.port();
    let mut customers = Vec::new();
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
    ] {
        let url = format!("http://{host}:{port}/");
        customers.push(sending.webhook(&url).await.0);
    }
    sending.start(&["10.0.0.0/8"]);
    for customer in customers {
        loop {
            let state = sending.state(customer).await;
            if let Some(failure) = &state.failure {
                assert!(
                    failure.contains("not of the Internet"),
                    "{} {failure}",
                    state.url
                );
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    assert!(receiver.taken().is_empty());
}
