//! The daemon as a postmaster runs it: lines come in by all ways, are found at once, and are there
//! once, also after it was killed.

mod daemon;

use daemon::{
    DELIVERED, Daemon, WAYBILL, answer, ask, message, odd_line, odd_lines, until, until_it_tells,
};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use traffic::{Plan, write_day};

fn folder() -> TempDir {
    tempfile::tempdir().expect("there is room for temporary files")
}

#[test]
fn lines_are_found_as_they_come_by_whatever_way() {
    let folder = folder();
    let log = folder.path().join("mail.log");
    std::fs::write(&log, "").expect("a temporary folder can be written");
    let config = format!("[follow]\nfiles = ['{}']", log.display());
    let daemon = Daemon::start(folder.path(), &config);

    daemon.send_tcp(&message(1));
    until(folder.path(), &DELIVERED, 1);
    let accepted = daemon
        .http("POST /lines", message(2).as_bytes())
        .expect("it answers");
    assert!(accepted.starts_with("HTTP/1.1 2"), "{accepted}");
    std::fs::write(&log, message(3)).expect("a temporary folder can be written");
    until(folder.path(), &DELIVERED, 3);

    let traced = answer(folder.path(), &["trace", "<m2@a.example>"]);
    assert!(traced.contains("bob@b.example"), "{traced}");
    let sources = answer(folder.path(), &["sources"]);
    for name in ["syslog tcp 127.0.0.1", "http 127.0.0.1", "file "] {
        assert!(sources.contains(name), "{sources}");
    }
    let ready = daemon.http("GET /ready", b"").expect("it answers");
    assert!(ready.contains("200"), "{ready}");
    let metrics = daemon.http("GET /metrics", b"").expect("it answers");
    assert!(
        metrics.contains("waybill_lines_total{source=\"syslog tcp 127.0.0.1\"} 5"),
        "{metrics}"
    );
    assert!(metrics.contains("waybill_lines_read_total 15"), "{metrics}");

    let rows = answer(
        folder.path(),
        &["search", "--format", "json", "--limit", "1000"],
    );
    daemon.end();
    let after = answer(
        folder.path(),
        &["search", "--format", "json", "--limit", "1000"],
    );
    assert_eq!(
        rows, after,
        "what was in memory is on disk, and is the same"
    );
    let daemon = Daemon::start(folder.path(), &config);
    daemon.send_tcp(&message(4));
    until(folder.path(), &DELIVERED, 4);
    daemon.end();
}

#[test]
fn rows_are_told_as_they_come() {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), "");
    let (mut tail, mut told) = tail(&folder, &["to:bob@b.example"]);
    let mut line = String::new();
    // Until the follower is there nothing is told to it.
    for number in 0..20 {
        daemon.send_tcp(&message(number));
        std::thread::park_timeout(Duration::from_millis(50));
    }
    told.read_line(&mut line).expect("it tells");
    assert!(line.contains("bob@b.example"), "{line}");
    tail.kill().expect("it runs");
    let _ = tail.wait();
    daemon.end();
    let output = ask(folder.path(), &["tail"]);
    assert_eq!(output.status.code(), Some(2));
    let hint = String::from_utf8_lossy(&output.stderr);
    assert!(hint.contains("waybill serve"), "{hint}");
}

/// A `waybill tail` that runs, and what it says.
fn tail(folder: &TempDir, arguments: &[&str]) -> (Child, BufReader<ChildStdout>) {
    let mut tail = Command::new(WAYBILL)
        .arg("tail")
        .args(arguments)
        .arg("--data")
        .arg(folder.path().join("data"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("it can be started");
    let told = BufReader::new(tail.stdout.take().expect("it is piped"));
    (tail, told)
}

#[test]
fn lines_are_told_at_once_as_they_come() {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), "");
    let (mut tail, mut told) = tail(&folder, &["--raw", "host:mx1", "program:qmgr", "removed"]);
    // Until the follower is there nothing is told to it.
    for number in 0..20 {
        daemon.send_tcp(&message(number));
        std::thread::park_timeout(Duration::from_millis(50));
    }
    let mut line = String::new();
    told.read_line(&mut line).expect("it tells");
    assert!(line.starts_with("<22>1 2026-"), "{line}");
    assert!(
        line.contains(" mx1 postfix/qmgr 9 ") && line.ends_with(": removed\n"),
        "{line}"
    );
    tail.kill().expect("it runs");
    let _ = tail.wait();
    daemon.end();
}

#[test]
fn a_line_that_comes_by_two_ways_is_stored_once_and_counted() {
    let folder = folder();
    let log = folder.path().join("mail.log");
    std::fs::write(&log, "").expect("a temporary folder can be written");
    let config = format!(
        "[intake]\nonce = true\n[follow]\nfiles = ['{}']",
        log.display()
    );
    let daemon = Daemon::start(folder.path(), &config);
    daemon.send_tcp(&message(1));
    daemon.send_tcp(&(message(2) + &message(2)));
    until_it_tells(folder.path(), &LINES, &["15"]);
    // As rsyslog writes them into a file.
    let as_file = |number| {
        let text = message(number).replace("<22>1 ", "");
        let forms = [7, 8, 9].map(|pid| (format!(" {pid} - - "), format!("[{pid}]: ")));
        let in_form = |text: String, (from, to): &(String, String)| text.replace(from, to);
        forms.iter().fold(text, in_form)
    };
    std::fs::write(&log, as_file(1) + &as_file(2)).expect("a temporary folder can be written");
    let told = |name: &str| daemon_count(&daemon, name);
    for _ in 0..300 {
        if told("waybill_lines_read_total") < 25 {
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }
    assert_eq!(told("waybill_lines_read_total"), 25);
    assert_eq!(told("waybill_lines_duplicate_total"), 10);
    let sources = answer(folder.path(), &["sources"]);
    assert!(sources.contains(" 10 duplicate"), "{sources}");
    daemon.end();
    let lines = answer(folder.path(), &LINES);
    assert_eq!(lines.lines().last(), Some("15"));
    // What came before a restart is known after it.
    let daemon = Daemon::start(folder.path(), &config);
    let sent = daemon.http("POST /lines", message(1).as_bytes());
    assert!(sent.expect("it answers").starts_with("HTTP/1.1 2"));
    for _ in 0..300 {
        if daemon_count(&daemon, "waybill_lines_duplicate_total") < 5 {
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }
    daemon.end();
    assert_eq!(answer(folder.path(), &LINES).lines().last(), Some("15"));
}

const LINES: [&str; 4] = ["sql", "select sum(lines) from events", "--format", "csv"];

/// The sum of a counter over its sources.
fn daemon_count(daemon: &Daemon, name: &str) -> u64 {
    let metrics = daemon.http("GET /metrics", b"").expect("it answers");
    let of_it = metrics.lines().filter(|line| line.starts_with(name));
    let values = of_it.filter_map(|line| line.rsplit(' ').next()?.trim().parse::<u64>().ok());
    values.sum()
}

/// A message that was tried at 8:00 and 8:10, in vain.
const DEFERRED: &str = "\
<22>1 2026-11-22T08:00:00Z mx1 postfix/smtpd 7 - - 4F00000001: client=a.example[192.0.2.1]
<22>1 2026-11-22T08:00:00Z mx1 postfix/qmgr 9 - - 4F00000001: from=<anna@a.example>, size=812, nrcpt=1 (queue active)
<22>1 2026-11-22T08:00:00Z mx1 postfix/smtp 9 - - 4F00000001: to=<bob@b.example>, relay=none, delay=0, delays=0/0/0/0, dsn=4.4.1, status=deferred (connect to b.example[192.0.2.9]:25: Connection refused)
<22>1 2026-11-22T08:10:00Z mx1 postfix/smtp 9 - - 4F00000001: to=<bob@b.example>, relay=none, delay=600, delays=600/0/0/0, dsn=4.4.1, status=deferred (connect to b.example[192.0.2.9]:25: Connection refused)
";

const THEN: &str = "2026-11-22T08:10:00Z";

#[test]
fn what_waits_is_told_with_what_is_expected_of_it() {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), "");
    daemon.send_tcp(DEFERRED);
    let queue = ["queue", "--at", THEN, "--format", "json"];
    let told = until_it_tells(folder.path(), &queue, &["\"attempts\":2"]);
    let told: serde_json::Value = serde_json::from_str(&told).expect("it is JSON");
    for (name, expected) in [
        ("server", "postfix"),
        ("first_attempt", "2026-11-22T08:00:00Z"),
        ("last_attempt", "2026-11-22T08:10:00Z"),
        ("next_from", "2026-11-22T08:20:00Z"),
        ("next_until", "2026-11-22T08:25:00Z"),
        ("next_by", "rules"),
        ("expires", "2026-11-27T08:00:00Z"),
    ] {
        assert_eq!(told[name], expected, "{name}: {told}");
    }
    assert_eq!(told["interval_seconds"], 600);
    let table = answer(folder.path(), &queue[..3]);
    let expected = "2 attempts, the last 0s ago, 10m after the one before; next in 10m to 15m; \
                    given up in 4d23h";
    assert!(table.contains(expected), "{table}");

    let settings = folder.path().join("data/queues");
    std::fs::create_dir(&settings).expect("a temporary folder can be written");
    let settings = settings.join("mx1.cf");
    let text = "maximal_backoff_time = 400s\nqueue_run_delay = 60s\nmaximal_queue_lifetime = 1d\n";
    std::fs::write(&settings, text).expect("a temporary folder can be written");
    let table = answer(folder.path(), &[&queue[..3], &["--host", "MX1"]].concat());
    assert!(
        table.contains("; next in 6m to 7m; given up in 23h50m"),
        "{table}"
    );
    assert_eq!(
        answer(folder.path(), &[&queue[..3], &["--host", "mx2"]].concat()),
        ""
    );
    std::fs::write(&settings, "backoff = long").expect("a temporary folder can be written");
    let wrong = ask(folder.path(), &queue);
    assert_eq!(wrong.status.code(), Some(2));
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(
        said.contains("`backoff = long` is not understood, in `"),
        "{said}"
    );
    daemon.end();
}

#[test]
fn the_queue_is_compared_with_what_postqueue_lists() {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), "");
    daemon.send_tcp(DEFERRED);
    until_it_tells(folder.path(), &["queue", "--at", THEN], &["2 attempts"]);
    let listed = r#"{"queue_name": "deferred", "queue_id": "4F00000001", "arrival_time": 1795334400, "message_size": 812, "forced_expire": false, "sender": "anna@a.example", "recipients": [{"address": "bob@b.example", "delay_reason": "refused"}]}"#;
    let compare = |listed: &str, arguments: &[&str]| {
        let mut command = Command::new(WAYBILL)
            .args(["queue", "--at", THEN, "--compare", "-"])
            .args(arguments)
            .arg("--data")
            .arg(folder.path().join("data"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it can be started");
        let mut stdin = command.stdin.take().expect("it is piped");
        writeln!(stdin, "{listed}").expect("it reads");
        drop(stdin);
        let output = command.wait_with_output().expect("it ends");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), told, said)
    };
    for arguments in [&[][..], &["--host", "mx1"]] {
        let (code, told, said) = compare(listed, arguments);
        assert_eq!((code, &*told), (Some(0), ""), "{said}");
        assert!(
            said.contains("1 messages in the queue, 1 in the archive, 0 differ"),
            "{said}"
        );
    }
    let (code, told, _) = compare("", &["--format", "json"]);
    assert_eq!(code, Some(1));
    let told: serde_json::Value = serde_json::from_str(&told).expect("it is JSON");
    assert_eq!(told["queue_id"], "4F00000001");
    assert!(
        told["in_queue"].is_null() && told["in_archive"].is_string(),
        "{told}"
    );
    let (code, _, said) = compare("Mail queue is empty", &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("is no output of `postqueue -j`"), "{said}");
    daemon.end();
    // Without the daemon it is the same.
    assert_eq!(compare(listed, &["--host", "mx1"]).0, Some(0));
}

#[test]
fn rows_that_are_in_memory_are_exported() {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), "");
    for number in 1..3 {
        daemon.send_tcp(&message(number));
        until(folder.path(), &DELIVERED, number as usize);
        let package = folder.path().join(format!("package{number}"));
        let to = package.display().to_string();
        let export = ask(
            folder.path(),
            &["export", "kind:delivery.delivered", "--to", &to],
        );
        assert!(export.status.success(), "{export:?}");
        let rows = std::fs::read_to_string(package.join("2026-11-22.ndjson")).expect("it is there");
        assert_eq!(rows.lines().count(), number as usize, "{rows}");
    }
    daemon.end();
}

#[test]
fn what_was_acknowledged_is_there_once_after_each_kill() {
    let folder = folder();
    let rounds = match std::env::var_os("WAYBILL_LONG") {
        Some(_) => 50,
        None => 4,
    };
    let mut acknowledged = Vec::new();
    let mut number = 0;
    for round in 0..rounds {
        let mut daemon = Daemon::start(folder.path(), "[commit]\nmegabytes = 1");
        for _ in 0..(20 + 37 * round % 61) {
            number += 1;
            match daemon.http("POST /lines", odd_line(number).as_bytes()) {
                Ok(answer) if answer.starts_with("HTTP/1.1 2") => acknowledged.push(number),
                Ok(answer) => panic!("{answer}"),
                Err(_) => {}
            }
        }
        daemon.child.kill().expect("it runs");
        daemon.child.wait().expect("it ends");
    }
    let daemon = Daemon::start(folder.path(), "");
    daemon.end();
    let found = odd_lines(folder.path());
    for number in &acknowledged {
        assert_eq!(found.get(number), Some(&1), "line {number}");
    }
    assert!(found.values().all(|times| *times == 1));
    assert!(acknowledged.len() > 50, "{} lines", acknowledged.len());
}

#[expect(clippy::disallowed_methods, reason = "real time is what is measured")]
/// Sends generated lines by TCP, so many a second, until told to stop; gives how many were sent.
fn send_load(to: SocketAddr, rate: u64, stop: &AtomicBool) -> u64 {
    let mut stream = BufWriter::with_capacity(1 << 18, TcpStream::connect(to).expect("it listens"));
    let (begun, mut sent) = (Instant::now(), 0);
    let mut put = |_: &str, line: &[u8]| {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        stream.write_all(line).expect("it takes them");
        stream.write_all(b"\n").expect("it takes them");
        sent += 1;
        if sent % 1_000 == 0 {
            let due = Duration::from_secs_f64(sent as f64 / rate as f64);
            std::thread::park_timeout(due.saturating_sub(begun.elapsed()));
        }
    };
    let plan = Plan {
        lines: rate * LOAD_SECONDS * 2,
        ..Plan::default()
    };
    write_day(&plan, &mut put, &mut |_| {});
    sent
}

/// How long load goes on.
const LOAD_SECONDS: u64 = 30;

/// For a figure: `WAYBILL_LONG=1 WAYBILL_RATE=20000 cargo nextest run -E 'test(under_load)' --no-capture`.
#[test]
fn long_rows_are_visible_within_a_second_under_load() {
    visible_within(
        Duration::from_secs(1),
        &["program:marker", "--json", "--lines"],
    );
}

#[test]
fn long_lines_are_visible_within_a_fifth_of_a_second_under_load() {
    visible_within(Duration::from_millis(200), &["--raw", "program:marker"]);
}

/// Sends marked lines among many, and measures when `waybill tail` tells of them.
#[expect(clippy::disallowed_methods, reason = "real time is what is measured")]
fn visible_within(limit: Duration, arguments: &[&str]) {
    if std::env::var_os("WAYBILL_LONG").is_none() {
        println!("skipped: WAYBILL_LONG is not set");
        return;
    }
    let rate = std::env::var("WAYBILL_RATE")
        .ok()
        .and_then(|it| it.parse().ok());
    let rate = rate.unwrap_or(20_000);
    let folder = folder();
    let daemon = Daemon::start(folder.path(), "");
    let port = daemon.port("syslog_tcp");
    let (mut tail, mut told) = tail(&folder, arguments);
    let begun = Instant::now();
    let stop = AtomicBool::new(false);
    let mut waits: Vec<Duration> = Vec::new();
    let sent = std::thread::scope(|scope| {
        let load = scope.spawn(|| send_load(port, rate, &stop));
        let markers = scope.spawn(|| {
            let mut stream = TcpStream::connect(port).expect("it listens");
            while begun.elapsed() < Duration::from_secs(LOAD_SECONDS) {
                let at = begun.elapsed().as_micros();
                let line = format!("<22>1 2026-11-16T12:00:00Z mx1 marker - - - at {at}.\n");
                stream.write_all(line.as_bytes()).expect("it takes it");
                std::thread::park_timeout(Duration::from_millis(100));
            }
        });
        let mut line = String::new();
        while !markers.is_finished() && told.read_line(&mut line).expect("it tells") > 0 {
            let at = line
                .split(" at ")
                .nth(1)
                .and_then(|it| it.split('.').next());
            let at = at.and_then(|it| it.parse().ok()).expect("a time");
            waits.push(begun.elapsed().saturating_sub(Duration::from_micros(at)));
            line.clear();
        }
        stop.store(true, Ordering::Relaxed);
        load.join().expect("it does not panic")
    });
    let seconds = begun.elapsed().as_secs_f64();
    tail.kill().expect("it runs");
    let _ = tail.wait();
    waits.sort();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
    println!(
        "{:.0} lines/s for {seconds:.0} s; visible after p50 {:?}, p99 {:?}, max {:?}; {} markers",
        sent as f64 / seconds,
        at(0.5),
        at(0.99),
        at(1.0),
        waits.len()
    );
    assert!(at(0.99) < limit, "{:?}", at(0.99));
    daemon.end();
}
