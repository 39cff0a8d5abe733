//! SQL as PostgreSQL's clients ask it: psql and psycopg, and those who are no clients.

use super::client::{Client, customer, owner};
use super::daemon::Daemon;
use super::daemon_of_a_day;
use super::secrets::{allowed, domain, strangers, text};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// psql with a key; no file of a user tells it anything.
fn psql(at: SocketAddr, key: &str) -> Command {
    let mut command = Command::new("psql");
    let place = format!(
        "host={} port={} user=anyone dbname=waybill sslmode=disable gssencmode=disable",
        at.ip(),
        at.port()
    );
    command
        .args(["--no-psqlrc", "-v", "VERBOSITY=verbose", "--csv", &place])
        .env("PGPASSWORD", key)
        .env("LC_ALL", "C.UTF-8")
        .env("PAGER", "cat");
    command
}

/// Whether psql is there; says that the test is skipped where it is not.
fn has_psql() -> bool {
    let has = Command::new("psql").arg("--version").output().is_ok();
    if !has {
        eprintln!("skipped: there is no psql (postgresql-client)");
    }
    has
}

fn asked(at: SocketAddr, key: &str, question: &str) -> Output {
    let output = psql(at, key).args(["-c", question]).output();
    output.expect("psql can be run")
}

/// What psql prints, which must be an answer.
fn told(at: SocketAddr, key: &str, question: &str) -> String {
    let output = asked(at, key, question);
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{question}: {trouble}");
    String::from_utf8(output.stdout).expect("answers are texts")
}

/// What psql complains of.
fn refused(at: SocketAddr, key: &str, question: &str) -> String {
    let output = asked(at, key, question);
    assert!(!output.status.success(), "{question}: {output:?}");
    String::from_utf8(output.stderr).expect("complaints are texts")
}

/// The key that a client shows.
fn key_of(client: &Client) -> String {
    let key = client.shown.split("Bearer ").nth(1).expect("a key");
    key.trim().to_owned()
}

/// A key for the one who asks, with its number.
fn key(of: &Client, rights: &[&str]) -> (i64, String) {
    let key = json!({ "name": "sql", "rights": rights });
    let made = of.send("POST", "/api/v1/keys", &key.to_string()).good();
    let made = made.json();
    let id = made["id"].as_i64().expect("a number");
    (id, text(&made, "key").to_owned())
}

/// A daemon over a day, who owns it, and a customer with most of a domain's mail.
struct Served {
    _folder: tempfile::TempDir,
    daemon: Daemon,
    at: SocketAddr,
    owner: Client,
    /// The owner's.
    key: String,
    customer: Client,
    domain: String,
}

fn served(lines: u64, seed: u64) -> Served {
    let (folder, daemon) = daemon_of_a_day(lines, seed);
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let (_, key) = key(&owner, &["read_mail"]);
    let most = "select account_domain from events where account_domain <> '' \
                group by account_domain order by count(*) desc limit 1";
    let domain = api(&owner, most)
        .lines()
        .nth(1)
        .expect("a domain")
        .to_owned();
    let (_, customer) = customer(&owner, "One", &[&domain]);
    Served {
        at: daemon.port("postgres"),
        _folder: folder,
        daemon,
        owner,
        key,
        customer,
        domain,
    }
}

/// What the API answers to the same.
fn api(asker: &Client, question: &str) -> String {
    let body = json!({ "query": question, "format": "csv" });
    let answer = asker.send("POST", "/api/v1/sql", &body.to_string());
    answer.good().body
}

/// Questions whose values are written alike as CSV by both.
const QUESTIONS: &[&str] = &[
    "select count(*) as n from events",
    "select kind, count(*) as n, min(size) as s, max(delay_ms) as d from events group by kind order by kind",
    "select account, mail_from, rcpt_to, relay_name, code, pid from events order by at, kind, account, rcpt_to, pid, mail_from limit 300",
    "select account_domain, sum(size) / 10 as s from events where kind = 'delivery.delivered' group by 1 order by 1",
    "select \"user\" as who, count(*) as n from events group by \"user\" order by 1",
];

#[test]
fn psql_is_answered_as_the_api_answers_and_shows_nothing_else() {
    if !has_psql() {
        return;
    }
    let served = served(4_000, 11);
    let at = served.at;
    for (asker, key) in [
        (&served.owner, served.key.clone()),
        (&served.customer, key_of(&served.customer)),
    ] {
        for question in QUESTIONS {
            assert_eq!(
                told(at, &key, question).lines().collect::<Vec<_>>(),
                api(asker, question).lines().collect::<Vec<_>>(),
                "{question}"
            );
        }
        let tables = told(at, &key, "\\dt");
        let expected = "Schema,Name,Type,Owner\npublic,events,table,";
        assert!(tables.starts_with(expected), "{tables}");
        assert_eq!(tables.lines().count(), 2, "{tables}");
        let columns = told(at, &key, "\\d events");
        assert!(
            columns.contains("\nat,timestamp with time zone,,not null,\n"),
            "{columns}"
        );
        assert!(columns.contains("\nsize,bigint,,,\n"), "{columns}");
        let databases = told(at, &key, "\\l");
        assert!(databases.contains("\nwaybill,"), "{databases}");
        assert!(told(at, &key, "\\conninfo").contains("anyone"));
        let listed = told(at, &key, "select table_name from information_schema.tables");
        assert_eq!(listed, "table_name\nevents\n");
    }
    let all = told(at, &served.key, "select count(*) from events");
    let own = told(at, &key_of(&served.customer), "select count(*) from events");
    assert_ne!(all, own);

    // Whatever a customer asks tells only what the rows of his tell, by the API.
    let rows = served.owner.rows("");
    let is_own = |address: &str| domain(address).eq_ignore_ascii_case(&served.domain);
    let own: Vec<&Value> = rows
        .iter()
        .filter(|row| is_own(text(row, "account")))
        .collect();
    let may_tell = allowed(&own, is_own);
    let hosts: BTreeSet<&str> = rows.iter().map(|row| text(row, "host")).collect();
    let hosts = hosts.into_iter().filter(|it| !it.is_empty()).collect();
    let is_allowed = |word: &str| is_own(word) || may_tell.contains(word);
    let everything = api(&served.customer, "select * from events");
    let known = strangers(&everything, &hosts, is_allowed);
    for question in [
        "select * from events",
        "select max(account), min(account), max(rcpt_to), min(mail_from) from events",
        "select cast(account as bigint) from events",
        "select 1 / (size - size) from events",
        "select * from pg_catalog.pg_class",
        "select * from pg_catalog.pg_attribute",
        "select * from pg_catalog.pg_type",
        "select * from pg_catalog.pg_database",
        "select * from pg_catalog.pg_settings",
        "select * from information_schema.columns",
        "select * from pg_stat_activity",
        "explain analyze select account from events",
    ] {
        let output = asked(at, &key_of(&served.customer), question);
        let told = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        let strange = strangers(&told, &hosts, is_allowed);
        assert!(strange.is_subset(&known), "{question}: {strange:?}");
    }
    // What staff look at is noted, what they ask of the catalog is not.
    let noted = served.owner.get("/api/v1/audit?limit=100").good().body;
    assert!(noted.contains("select count(*) from events"), "{noted}");
    assert!(!noted.contains("pg_class"), "{noted}");
    served.daemon.end();
}

#[test]
fn a_key_must_be_good_and_stay_so() {
    if !has_psql() {
        return;
    }
    let served = served(500, 12);
    let at = served.at;
    for wrong in ["", "wb_key_0000", "nonsense"] {
        let complaint = refused(at, wrong, "select 1");
        let is_told = complaint.contains("the key is not known") || complaint.contains("password");
        assert!(is_told, "{wrong}: {complaint}");
    }
    let (_, events) = key(&served.owner, &["read_events"]);
    let complaint = refused(at, &events, "select 1");
    assert!(
        complaint.contains("this needs the right `read_mail`"),
        "{complaint}"
    );
    let session = served.owner.shown.split(['=', ';']).nth(1);
    let session = session.expect("a cookie").lines().next().expect("a token");
    assert!(refused(at, session, "select 1").contains("the key is not known"));

    let (id, key) = key(&served.owner, &["read_mail"]);
    let mut asking = Asking::new(at, &key);
    assert_eq!(asking.ask("select 'still ' || 'here' as a;"), "still here");
    served
        .owner
        .send("DELETE", &format!("/api/v1/keys/{id}"), "")
        .good();
    asking.send("select count(*) from events;");
    let complaint = asking.ended();
    assert!(complaint.contains("28P01"), "{complaint}");
    assert!(complaint.contains("good no more"), "{complaint}");
    served.daemon.end();
}

#[test]
fn what_is_refused_is_told_by_its_code_and_place() {
    if !has_psql() {
        return;
    }
    let served = served(500, 13);
    let (at, key) = (served.at, served.key.as_str());
    for (question, code) in [
        ("selec 1", "42601"),
        ("select 1 from events where", "42601"),
        ("select nope from events", "42703"),
        ("select * from nope", "42P01"),
        ("select nope(1)", "42883"),
        ("select 1 / 0 from events", "22012"),
        ("select cast('x' as bigint)", "22P02"),
        ("insert into events (kind) values ('x')", "25006"),
        ("delete from events", "25006"),
        ("drop table events", "25006"),
        ("create table a (b int)", "25006"),
        ("copy events to stdout", "0A000"),
        ("show nothing", "42704"),
        ("begin; select nope from events", "42703"),
    ] {
        let complaint = refused(at, key, question);
        assert!(
            complaint.contains(&format!("ERROR:  {code}")),
            "{question}: {complaint}"
        );
    }
    let complaint = refused(at, key, "select 1,\n2 frm events");
    assert!(
        complaint.contains("LINE 2: 2 frm events\n              ^"),
        "{complaint}"
    );
    // As deep as it may be, and deeper: the daemon lives.
    for depth in [240, 490, 3_000] {
        let deep = format!("select {}1 as n from events", "1+".repeat(depth));
        let _ = asked(at, key, &deep);
        let body = json!({ "query": deep }).to_string();
        let _ = served.owner.send("POST", "/api/v1/sql", &body);
    }
    let long = format!("select '{}'", "x".repeat(9_000));
    assert!(refused(at, key, &long).contains("54000"));
    // A transaction that failed hears nothing but its end; the connection goes on.
    let mut asking = Asking::new(at, key);
    asking.send("begin; select nope from events;");
    asking.send("select 'lost' as a;");
    asking.send("rollback;");
    assert_eq!(asking.ask("select 'here' as a;"), "here");
    served.daemon.end();
}

#[test]
fn ctrl_c_ends_a_question() {
    if !has_psql() {
        return;
    }
    let served = served(4_000, 14);
    let mut asking = Asking::new(served.at, &served.key);
    assert_eq!(asking.ask("select 'ready' as a;"), "ready");
    asking
        .send("select count(*) from events a, events b, events c where a.size + b.size > c.size;");
    // It is cancelled when it is noted, so it is asked by then.
    let mut noted = String::new();
    for _ in 0..300 {
        noted = served.owner.get("/api/v1/audit?limit=5").good().body;
        if noted.contains("events c") {
            break;
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    assert!(noted.contains("events c"), "{noted}");
    asking.interrupt();
    // That psql ends then is psql's own way where nobody types.
    let complaint = asking.ended();
    assert!(complaint.contains("57014"), "{complaint}");
    assert!(complaint.contains("cancelled by the client"), "{complaint}");
    served.daemon.end();
}

/// psql that is told one statement after the other.
struct Asking {
    child: Child,
    says: BufReader<std::process::ChildStdout>,
}

impl Asking {
    fn new(at: SocketAddr, key: &str) -> Self {
        let mut child = psql(at, key)
            .args(["--quiet", "--tuples-only"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("psql can be run");
        let says = BufReader::new(child.stdout.take().expect("it is piped"));
        Asking { child, says }
    }

    fn send(&mut self, statement: &str) {
        let stdin = self.child.stdin.as_mut().expect("it is piped");
        writeln!(stdin, "{statement}").expect("psql takes it");
    }

    /// The first row that comes.
    fn ask(&mut self, statement: &str) -> String {
        self.send(statement);
        let mut line = String::new();
        self.says.read_line(&mut line).expect("psql answers");
        line.trim_end().to_owned()
    }

    /// As Ctrl-C does.
    fn interrupt(&self) {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-INT", &pid]).status();
        assert!(killed.expect("there is `kill`").success());
    }

    /// What it complained of until it ended by itself.
    fn ended(mut self) -> String {
        let mut complaint = String::new();
        let stderr = self.child.stderr.as_mut().expect("it is piped");
        stderr.read_to_string(&mut complaint).expect("it ends");
        self.child.wait().expect("it ends");
        complaint
    }
}

#[test]
fn bytes_that_are_no_messages_hurt_nobody() {
    let served = served(500, 15);
    let at = served.at;
    let startup = startup(&[("user", "a"), ("database", "waybill")]);
    let known = |wire: &mut TcpStream| {
        wire.write_all(&startup).expect("it takes it");
        message(wire, b'R');
        let mut password = served.key.clone().into_bytes();
        password.push(0);
        wire.write_all(&framed(b'p', &password))
            .expect("it takes it");
        message(wire, b'Z');
    };
    // Before somebody is known, and after.
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut bytes = |count: usize| {
        let next = || {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (random >> 33) as u8
        };
        std::iter::repeat_with(next)
            .take(count)
            .collect::<Vec<u8>>()
    };
    for round in 0..60 {
        let mut wire = TcpStream::connect(at).expect("it listens");
        wire.set_read_timeout(Some(Duration::from_secs(30)))
            .expect("it can be set");
        if round % 2 == 0 {
            known(&mut wire);
        }
        let tag = b"QPBDECSHpdXF"[round % 12];
        let junk = bytes(1 + round * 7 % 200);
        let sent = match round % 3 {
            0 => wire.write_all(&junk),
            1 => wire.write_all(&framed(tag, &junk)),
            // Lengths that are none.
            _ => wire.write_all(&[&[tag][..], &junk[..1], &[0xFF, 0xFF, 0xFF], &junk].concat()),
        };
        // It may have ended the connection by now.
        if sent.is_ok() {
            let _ = wire.shutdown(std::net::Shutdown::Write);
            let _ = wire.read_to_end(&mut Vec::new());
        }
    }
    // Who is slow keeps nobody waiting.
    let slow: Vec<TcpStream> = (0..30)
        .map(|_| {
            let mut wire = TcpStream::connect(at).expect("it listens");
            wire.write_all(&startup[..5]).expect("it takes it");
            wire
        })
        .collect();
    let mut wire = TcpStream::connect(at).expect("it listens");
    known(&mut wire);
    wire.write_all(&framed(b'Q', b"select count(*) from events\0"))
        .expect("it takes it");
    let row = message(&mut wire, b'D');
    assert!(row.len() > 6, "{row:?}");
    // Too many of one address.
    let more: Vec<TcpStream> = (0..40)
        .map(|_| TcpStream::connect(at).expect("it listens"))
        .collect();
    let mut last = more.last().expect("there are some");
    let mut told = [0; 200];
    let length = last.read(&mut told).expect("it is told");
    let told = String::from_utf8_lossy(&told[..length]);
    assert!(told.contains("53300"), "{told}");
    drop((slow, more));
    let metrics = served.daemon.http("GET /metrics", b"").expect("it answers");
    assert!(
        metrics.contains("waybill_postgres_questions_total{outcome=\"answered\"}"),
        "{metrics}"
    );
    served.daemon.end();
}

fn startup(said: &[(&str, &str)]) -> Vec<u8> {
    let mut body = (3_u32 << 16).to_be_bytes().to_vec();
    for (name, value) in said {
        body.extend([name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
    }
    body.push(0);
    framed(b'_', &body)[1..].to_vec()
}

fn framed(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("it is short");
    [&[tag], &length.to_be_bytes()[..], body].concat()
}

/// The next message of a kind.
fn message(wire: &mut TcpStream, kind: u8) -> Vec<u8> {
    loop {
        let mut head = [0; 5];
        wire.read_exact(&mut head).expect("a message comes");
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let mut body = vec![0; length as usize - 4];
        wire.read_exact(&mut body).expect("a message comes");
        if head[0] == kind {
            return body;
        }
    }
}

#[test]
fn psycopg_reads_each_type_alike_in_both_forms() {
    let Some(python) = e2e::python("psycopg") else {
        eprintln!("skipped: no Python has psycopg");
        return;
    };
    let served = served(2_000, 16);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/postgres.py");
    let count = api(
        &served.owner,
        "select count(*) from events where kind = 'delivery.delivered'",
    );
    let count = count.lines().nth(1).expect("a number").to_owned();
    let output = Command::new(python)
        .arg(script)
        .args([served.at.ip().to_string(), served.at.port().to_string()])
        .arg(count)
        .env("PGPASSWORD", &served.key)
        .output()
        .expect("it can be run");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        "all is right"
    );
    served.daemon.end();
}
