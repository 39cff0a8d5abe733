//! Lines that the daemon takes from journald, Redis and applications, each once over a kill.

mod daemon;

use daemon::{Daemon, answer, message, until, until_it_tells};
use rustix::net::{AddressFamily, SocketType};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const REMOTE: &str = "/lib/systemd/systemd-journal-remote";
const UPLOAD: &str = "/lib/systemd/systemd-journal-upload";

/// A message that is sent on: five entries of a host's journal.
fn entries(host: &str, number: u32) -> String {
    let id = format!("4F{number:08X}");
    let lines = [
        ("smtpd", format!("{id}: client=a.example[192.0.2.1]")),
        ("cleanup", format!("{id}: message-id=<m{number}@a.example>")),
        (
            "qmgr",
            format!("{id}: from=<anna@a.example>, size=812, nrcpt=1 (queue active)"),
        ),
        (
            "smtp",
            format!(
                "{id}: to=<bob@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=0.3, delays=0.1/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 OK)"
            ),
        ),
        ("qmgr", format!("{id}: removed")),
    ];
    let entry = |(at, (program, message)): (usize, &(&str, String))| {
        format!(
            "__REALTIME_TIMESTAMP={}\n__MONOTONIC_TIMESTAMP={}\n_BOOT_ID=0123456789abcdef0123456789abcdef\n\
             _HOSTNAME={host}\nSYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=postfix/{program}\n_PID=7\nMESSAGE={message}\n\n",
            1_795_335_801_000_000 + u64::from(number) * 1_000 + at as u64,
            number * 1_000 + at as u32,
        )
    };
    lines.iter().enumerate().map(entry).collect()
}

/// Adds entries to a journal.
fn write(journal: &Path, entries: &str) {
    fs::create_dir_all(journal.parent().expect("it is in a folder")).expect("it can be made");
    let mut remote = Command::new(REMOTE)
        .arg(format!("--output={}", journal.display()))
        .arg("-")
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it can be started");
    let mut stdin = remote.stdin.take().expect("it is piped");
    stdin.write_all(entries.as_bytes()).expect("it takes them");
    drop(stdin);
    assert!(remote.wait().expect("it ends").success());
}

/// A process that is killed when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command) -> Running {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    Running(quiet.spawn().expect("it can be started"))
}

const RELAYED: [&str; 4] = ["search", "kind:delivery.relayed", "--limit", "1000"];

#[test]
fn journals_are_taken_once_over_a_kill() {
    if !Path::new(REMOTE).exists() || !Path::new(UPLOAD).exists() {
        println!("skipped: systemd-journal-remote is not installed");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (own, others) = (
        folder.path().join("own"),
        folder.path().join("others.journal"),
    );
    let config = format!("[journald]\nfollow = true\ndirectory = '{}'", own.display());
    write(&own.join("own.journal"), &entries("mx1", 1));
    write(&others, &entries("mx2", 2));
    let upload = |daemon: &Daemon, state: &str| {
        start(
            Command::new(UPLOAD)
                .arg(format!("--url=http://{}", daemon.port("http")))
                .arg(format!("--file={}", others.display()))
                .arg(format!(
                    "--save-state={}",
                    folder.path().join(state).display()
                )),
        )
    };
    let mut daemon = Daemon::start(folder.path(), &config);
    let client = upload(&daemon, "first");
    until(folder.path(), &RELAYED, 2);
    let names = [
        "journald  5 lines",
        "journald 127.0.0.1  5 lines",
        "mx1",
        "mx2",
    ];
    until_it_tells(folder.path(), &["sources"], &names);
    daemon.child.kill().expect("it runs");
    daemon.child.wait().expect("it ends");
    drop((client, daemon));

    write(&own.join("own.journal"), &entries("mx1", 3));
    write(&others, &entries("mx2", 4));
    let daemon = Daemon::start(folder.path(), &config);
    // A client that has lost its state sends all again.
    let client = upload(&daemon, "second");
    until(folder.path(), &RELAYED, 4);
    daemon.end();
    drop(client);
    until(folder.path(), &RELAYED, 4);
    // What was taken is known when the journal was cut, too.
    let daemon = Daemon::start(folder.path(), &config);
    let client = upload(&daemon, "third");
    write(&others, &entries("mx2", 5));
    until(folder.path(), &RELAYED, 5);
    daemon.end();
    drop(client);
}

fn event(word: &str, number: u32) -> String {
    format!(
        r#"{{"event":"{word}","timestamp":1795335901.5,"recipient":"bob@b.example","ip":"203.0.113.9","url":"https://a.example/","message":{{"headers":{{"message-id":"m{number}@a.example"}}}}}}"#
    )
}

#[test]
fn mail_events_stand_with_the_message_that_they_name() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let has_redis = Command::new("redis-server")
        .arg("--version")
        .output()
        .is_ok();
    let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
    let port = port.expect("loopback has a port").port().to_string();
    let _redis = has_redis.then(|| {
        let save = [
            "--save",
            "",
            "--bind",
            "127.0.0.1",
            "--port",
            &port,
            "--dir",
        ];
        start(Command::new("redis-server").args(save).arg(folder.path()))
    });
    let config = match has_redis {
        true => format!("[redis]\nurl = 'redis://127.0.0.1:{port}'"),
        false => String::new(),
    };
    let daemon = Daemon::start(folder.path(), &config);
    let line = "<22>1 2026-11-22T08:00:00.1Z mx1 postfix";
    daemon.send_tcp(&format!(
        "{line}/smtpd 7 - - 4F00000001: client=a.example[192.0.2.1]\n\
         {line}/cleanup 7 - - 4F00000001: message-id=<m1@a.example>\n\
         {line}/qmgr 7 - - 4F00000001: from=<news@a.example>, size=812, nrcpt=1 (queue active)\n\
         {line}/smtp 7 - - 4F00000001: to=<bob@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 OK)\n\
         {line}/qmgr 7 - - 4F00000001: removed\n"
    ));
    let answered = daemon.http("POST /events", event("opened", 1).as_bytes());
    let answered = answered.expect("it answers");
    assert!(answered.ends_with(r#"{"events":1}"#), "{answered}");
    let found = ["search", "kind:opened to:bob@b.example"];
    until_it_tells(folder.path(), &found, &["engagement.opened"]);
    let opened = ["told by the sender's application", "opened", "203.0.113.9"];
    until_it_tells(folder.path(), &["trace", "<m1@a.example>"], &opened);
    if !has_redis {
        println!("skipped: redis-server is not installed");
        return daemon.end();
    }
    let pushed = (0..250).any(|_| {
        let push = ["-p", &port, "RPUSH", "mail", &event("clicked", 1)];
        let done = Command::new("redis-cli").args(push).output();
        std::thread::park_timeout(std::time::Duration::from_millis(20));
        done.is_ok_and(|it| it.status.success() && it.stdout.starts_with(b"1"))
    });
    assert!(pushed, "Redis takes it");
    let clicked = ["followed a link: https://a.example/"];
    until_it_tells(folder.path(), &["trace", "<m1@a.example>"], &clicked);
    let name = format!("redis 127.0.0.1:{port} mail  1 lines");
    until_it_tells(
        folder.path(),
        &["sources"],
        &[&name, "events 127.0.0.1  1 lines"],
    );
    let lines = answer(folder.path(), &["search", "kind:clicked", "--lines"]);
    assert!(lines.contains(&event("clicked", 1)), "{lines}");
    daemon.end();
}

/// Connections from one address of loopback.
fn connect(from: Ipv4Addr, to: SocketAddr) -> rustix::io::Result<TcpStream> {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None)?;
    rustix::net::bind(&socket, &SocketAddrV4::new(from, 0))?;
    rustix::net::connect(&socket, &to)?;
    Ok(TcpStream::from(socket))
}

#[test]
fn ten_thousand_that_are_silent_hurt_nobody() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, wanted).expect("one's own limit can be raised");
    if limit.maximum.is_some_and(|it| it < 11_000) {
        return println!("skipped: `ulimit -Hn` is below 11000");
    }
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    // As a shell begins it.
    let daemon = Daemon::start(folder.path(), "");
    let resident = || {
        let status = fs::read_to_string(format!("/proc/{}/statm", daemon.child.id()));
        let status = status.expect("it runs");
        let pages = status.split(' ').nth(1).expect("a number");
        pages.parse::<usize>().expect("a number") * 4096
    };
    let before = resident();
    let to = daemon.port("syslog_tcp");
    let silent: Vec<TcpStream> = (0..10_000_u32)
        .map(|number| {
            let from = Ipv4Addr::new(127, 0, 1, (number / 500) as u8 + 1);
            connect(from, to).expect("it listens")
        })
        .collect();
    let until_open = |wanted: usize| {
        let open = || -> usize {
            let told = answer(folder.path(), &["sources"]);
            let counts = told
                .lines()
                .filter_map(|line| line.split_once(" open connections"));
            let counts =
                counts.filter_map(|(before, _)| before.rsplit(' ').next()?.parse::<usize>().ok());
            counts.sum()
        };
        while open() != wanted {
            std::thread::park_timeout(Duration::from_millis(50));
        }
    };
    until_open(silent.len());
    let each = resident().saturating_sub(before) / silent.len();
    println!("{each} bytes a silent connection");
    assert!(each < 8 * 1024, "{each}");
    // All of them may speak at last, and others do beside.
    daemon.send_tcp(&message(1));
    for (number, mut one) in silent.iter().enumerate().step_by(100) {
        let line = message(number as u32 + 2);
        one.write_all(line.as_bytes()).expect("it takes it");
    }
    until(
        folder.path(),
        &["search", "kind:delivery.delivered", "--limit", "1000"],
        101,
    );
    drop(silent);
    until_open(0);
    daemon.end();
}
