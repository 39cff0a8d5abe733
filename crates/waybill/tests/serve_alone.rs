//! The daemon as a postmaster forgets it: it goes on by itself after what passes, takes another
//! configuration while it runs, and tells systemd how it does.

mod daemon;

use daemon::relp::Relp;
use daemon::{DELIVERED, Daemon, WAYBILL, message, odd_line, odd_lines, until};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("there is room for temporary files")
}

#[test]
fn a_daemon_that_cannot_store_goes_on_when_it_can() {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), "[commit]\nmegabytes = 1");
    daemon.send_tcp(&message(0));
    until(folder.path(), &DELIVERED, 1);
    let (table, away) = (
        folder.path().join("data/events"),
        folder.path().join("away"),
    );
    fs::rename(&table, &away).expect("it is there");
    fs::write(&table, "no folder").expect("a temporary folder can be written");
    let lines: String = (1..2_500).map(message).collect();
    daemon.send_tcp(&lines);

    daemon.until_it_says("cannot be taken into the archive");
    let told = daemon.until_http("/ready", "503");
    assert!(told.contains("cannot be taken into the archive"), "{told}");
    daemon.until_http("/metrics", "waybill_ready 0");
    until(folder.path(), &DELIVERED, 2_500);
    daemon.send_tcp(&message(2_500));

    fs::remove_file(&table).expect("it is there");
    fs::rename(&away, &table).expect("it is there");
    let said = daemon.until_it_says("taken into the archive again");
    let again = said.iter().filter(|it| it.contains("cannot be taken"));
    assert_eq!(again.count(), 0, "it is told once: {said:?}");
    daemon.until_http("/ready", "200");
    until(folder.path(), &DELIVERED, 2_501);
    let metrics = daemon.until_http("/metrics", "waybill_ready 1");
    let read = 5 * 2_501;
    assert!(
        metrics.contains(&format!("waybill_lines_read_total {read}\n")),
        "a line that is read again is not counted again: {metrics}"
    );
    assert!(
        !metrics.contains("waybill_store_failures_total 0"),
        "{metrics}"
    );
    daemon.end();
    until(folder.path(), &DELIVERED, 2_501);
}

/// A small disk in memory; taken away in the end.
struct Disk(PathBuf);

impl Disk {
    /// `None` where none can be had.
    fn mount(at: &Path, size: &str) -> Option<Self> {
        fs::create_dir_all(at).expect("a temporary folder can be written");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(at)
            .stderr(Stdio::null())
            .status();
        let is_mounted = mount.is_ok_and(|it| it.success());
        is_mounted.then(|| Disk(at.to_owned()))
    }

    /// Takes all room that is left.
    fn fill(&self) {
        let mut file = File::create(self.0.join("filler")).expect("it can be made");
        let error = loop {
            if let Err(error) = file.write_all(&[0; 4_096]) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }

    fn free(&self) {
        fs::remove_file(self.0.join("filler")).expect("it is there");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn on_a_full_disk_senders_wait_and_what_was_acknowledged_is_there_once() {
    let folder = folder();
    let log = folder.path().join("mail.log");
    fs::write(&log, "").expect("a temporary folder can be written");
    let Some(disk) = Disk::mount(&folder.path().join("data"), "48m") else {
        println!("skipped: no disk can be mounted here");
        return;
    };
    let config = format!("[follow]\nfiles = ['{}']", log.display());
    let daemon = Daemon::start(folder.path(), &config);
    let mut relp = Relp::open(daemon.port("relp")).expect("it listens");
    let (mut number, mut acknowledged) = (0, Vec::new());
    let mut send = |lines: u32| {
        let body: String = (number..number + lines).map(odd_line).collect();
        let answer = daemon.http("POST /lines", body.as_bytes());
        let is_taken = answer.expect("it answers").starts_with("HTTP/1.1 2");
        if is_taken {
            acknowledged.extend(number..number + lines);
        }
        number += lines;
        is_taken
    };
    assert!(send(500));
    disk.fill();
    while send(500) {}
    while send(1) {}
    let sent = relp.send("syslog", odd_line(1_000_000).trim_end());
    sent.expect("it takes it");
    let mut is_acknowledged = |seconds| {
        let answer = relp.is_acknowledged(Duration::from_secs(seconds));
        answer.expect("it answers or waits")
    };
    assert!(!is_acknowledged(1));
    fs::write(&log, odd_line(1_000_001)).expect("a temporary folder can be written");

    // It has what came until now stored first.
    let compacting = Command::new(WAYBILL)
        .args(["compact", "--data"])
        .arg(folder.path().join("data"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut compacting = compacting.expect("it can be started");
    let told = daemon.until_http("/ready", "503");
    assert!(told.contains("0 MB are free"), "{told}");
    assert!(
        odd_lines(folder.path()).len() >= 500,
        "it answers meanwhile"
    );

    disk.free();
    assert!(is_acknowledged(20));
    daemon.until_http("/ready", "200");
    assert!(send(1));
    compacting.wait().expect("it ends");
    acknowledged.extend([1_000_000, 1_000_001]);
    for _ in 0..300 {
        if odd_lines(folder.path()).contains_key(&1_000_001) {
            break;
        }
        std::thread::park_timeout(Duration::from_millis(100));
    }
    daemon.end();
    let found = odd_lines(folder.path());
    for number in &acknowledged {
        assert_eq!(found.get(number), Some(&1), "line {number}");
    }
    assert!(found.values().all(|times| *times == 1));
}

#[test]
fn another_configuration_is_taken_while_it_runs() {
    let folder = folder();
    let [one, other] = ["one.log", "other.log"].map(|name| folder.path().join(name));
    for log in [&one, &other] {
        fs::write(log, "").expect("a temporary folder can be written");
    }
    let config = |token: &str, log: &Path, more: &str| {
        let log = log.display();
        format!("{more}\n[http]\ntokens = ['{token}']\n[follow]\nfiles = ['{log}']")
    };
    let daemon = Daemon::start(folder.path(), &config("first", &one, ""));
    let is_taken = |token: &str, number| {
        let header = format!("Authorization: Bearer {token}");
        let answer = daemon.http_with("POST /lines", &header, odd_line(number).as_bytes());
        answer.expect("it answers").starts_with("HTTP/1.1 2")
    };
    let count = |lines| until(folder.path(), &["search", "program:odd"], lines);
    assert!(is_taken("first", 1) && !is_taken("second", 2));
    fs::write(&one, odd_line(3)).expect("a temporary folder can be written");
    count(2);

    daemon.reload(&config("second", &other, "host = 'mx9'"));
    let said = daemon.until_it_says("the configuration is loaded");
    assert!(
        said.contains(&"needs a restart: `host`".to_owned()),
        "{said:?}"
    );
    assert!(is_taken("second", 4) && !is_taken("first", 5));
    fs::write(&other, odd_line(6)).expect("a temporary folder can be written");
    count(4);
    let lines = daemon.http("GET /metrics", b"").expect("it answers");
    assert!(
        lines.contains("waybill_followed_lines_total 2\n"),
        "{lines}"
    );

    daemon.reload(&config("third", &one, "hots = 'mx9'"));
    let said = daemon.until_it_says("is not loaded");
    let why = said.last().expect("it says why");
    assert!(why.contains("did you mean `host`"), "{why}");
    assert!(is_taken("second", 7) && !is_taken("third", 8));
    count(5);
    daemon.end();
}

/// Makes a certificate for a name, and its key; `false` where that cannot be done.
fn make_certificate(folder: &Path, name: &str) -> bool {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ])
        .args(["-nodes", "-days", "1", "-subj", &format!("/CN={name}")])
        .arg("-keyout")
        .arg(folder.join("key.pem"))
        .arg("-out")
        .arg(folder.join("certificate.pem"))
        .stderr(Stdio::null())
        .status();
    made.is_ok_and(|it| it.success())
}

#[test]
fn another_certificate_is_spoken_with_after_a_reload() {
    let folder = folder();
    if !make_certificate(folder.path(), "first.example") {
        println!("skipped: openssl is not here");
        return;
    }
    let path = folder.path().display();
    let config = format!("[tls]\ncertificate = '{path}/certificate.pem'\nkey = '{path}/key.pem'");
    let variables = [("WAYBILL_LISTEN_RELP_TLS", "127.0.0.1:0")];
    let daemon = Daemon::start_with(folder.path(), &config, &variables);
    let subject = || {
        let client = Command::new("openssl")
            .args(["s_client", "-connect", &daemon.port("relp_tls").to_string()])
            .stdin(Stdio::null())
            .output();
        String::from_utf8_lossy(&client.expect("it can be run").stdout).into_owned()
    };
    assert!(subject().contains("first.example"), "{}", subject());
    make_certificate(folder.path(), "second.example");
    daemon.reload(&config);
    daemon.until_it_says("the configuration is loaded");
    assert!(subject().contains("second.example"), "{}", subject());
    fs::write(folder.path().join("key.pem"), "no key").expect("it can be written");
    daemon.reload(&config);
    daemon.until_it_says("is not loaded");
    assert!(subject().contains("second.example"), "{}", subject());
    daemon.end();
}

#[test]
fn systemd_is_told_how_it_does() {
    let folder = folder();
    let path = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&path).expect("a temporary folder can be written");
    let patience = Some(Duration::from_secs(20));
    systemd.set_read_timeout(patience).expect("it can be set");
    let until_told = |wanted: &str| {
        let mut text = [0; 4_096];
        loop {
            let bytes = systemd.recv(&mut text).expect(wanted);
            let told = String::from_utf8_lossy(&text[..bytes]);
            if told.lines().any(|line| line.starts_with(wanted)) {
                return;
            }
        }
    };
    let socket = path.to_str().expect("it is text");
    let variables = [("NOTIFY_SOCKET", socket), ("WATCHDOG_USEC", "4000000")];
    let daemon = Daemon::start_with(folder.path(), "", &variables);
    until_told("READY=1");
    until_told("STATUS=taking lines");
    until_told("WATCHDOG=1");
    daemon.reload("");
    until_told("RELOADING=1");
    until_told("READY=1");
    until_told("WATCHDOG=1");
    std::thread::scope(|scope| {
        scope.spawn(|| daemon.end());
        until_told("STOPPING=1");
    });
}

#[test]
fn journald_gets_priorities_and_no_times() {
    let folder = folder();
    let path = folder.path().join("log");
    let log = File::create(&path).expect("a temporary folder can be written");
    let here = log.metadata().expect("it is there");
    let ports = [
        "SYSLOG_UDP",
        "SYSLOG_TCP",
        "RELP",
        "HTTP",
        "WEB",
        "POSTGRES",
    ];
    let ports = ports.map(|name| (format!("WAYBILL_LISTEN_{name}"), "127.0.0.1:0"));
    let daemon = Command::new(WAYBILL)
        .args(["serve", "--data"])
        .arg(folder.path().join("data"))
        .envs(ports)
        .env("JOURNAL_STREAM", format!("{}:{}", here.dev(), here.ino()))
        .stderr(log)
        .spawn();
    let mut daemon = daemon.expect("it can be started");
    let mut told = String::new();
    for _ in 0..600 {
        told = fs::read_to_string(&path).expect("it is there");
        if told.contains("ready") {
            break;
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
    daemon.kill().expect("it runs");
    let _ = daemon.wait();
    assert!(told.contains("<6>ready data="), "{told}");
    assert!(told.lines().all(|line| line.starts_with('<')), "{told}");
}

/// Names of metrics in a text.
fn metrics_in(text: &str) -> BTreeSet<&str> {
    let is_of_name = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let words = text.split(|it| !is_of_name(it));
    words.filter(|it| it.starts_with("waybill_")).collect()
}

#[test]
fn dashboard_alerts_and_documents_name_metrics_that_there_are() {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), "");
    daemon.send_tcp(&message(1));
    until(folder.path(), &DELIVERED, 1);
    let told = daemon.http("GET /metrics", b"").expect("it answers");
    // Before its label or value.
    let there = told.lines().filter(|line| !line.starts_with('#'));
    let there: BTreeSet<_> = there.flat_map(metrics_in).collect();
    daemon.end();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for path in [
        "contrib/grafana/waybill.json",
        "contrib/prometheus/alerts.yml",
        "docs/serve.md",
    ] {
        let text = fs::read_to_string(root.join(path)).expect("it is there");
        let named = metrics_in(&text);
        assert!(named.len() > 5, "{path}: {named:?}");
        let unknown: Vec<_> = named.difference(&there).collect();
        assert!(
            unknown.is_empty(),
            "{path} names {unknown:?}, but there are {there:?}"
        );
    }
    let dashboard = fs::read_to_string(root.join("contrib/grafana/waybill.json"));
    let dashboard = serde_json::from_str::<serde_json::Value>(&dashboard.expect("it is there"));
    assert!(dashboard.expect("it is JSON")["panels"].is_array());
}

#[test]
fn alerts_are_rules_that_prometheus_takes() {
    let alerts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contrib/prometheus/alerts.yml");
    let check = Command::new("promtool")
        .args(["check", "rules"])
        .arg(alerts)
        .output();
    match check {
        Ok(check) => assert!(check.status.success(), "{check:?}"),
        Err(_) => println!("skipped: promtool is not here"),
    }
}

#[test]
fn the_unit_is_one_that_systemd_takes() {
    let folder = folder();
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contrib/systemd/waybill.service");
    let unit = fs::read_to_string(unit).expect("it is there");
    // Where it will be installed, nothing is yet.
    let unit = unit.replace("/usr/bin/waybill", WAYBILL);
    let path = folder.path().join("waybill.service");
    fs::write(&path, unit).expect("a temporary folder can be written");
    let verify = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .arg(&path)
        .output();
    match verify {
        Ok(told) => assert!(told.status.success() && told.stderr.is_empty(), "{told:?}"),
        Err(_) => println!("skipped: systemd-analyze is not here"),
    }
}

#[test]
fn bash_completes_commands_and_man_has_a_page_of_each() {
    let folder = folder();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = Command::new(WAYBILL).args(["completions", shell]).output();
        let script = script.expect("it can be run");
        assert!(
            script.status.success() && script.stdout.len() > 10_000,
            "{shell}"
        );
        fs::write(folder.path().join(shell), script.stdout).expect("it can be written");
    }
    let completed = "source ./bash; COMP_WORDS=(waybill que); COMP_CWORD=1; \
                     _waybill waybill que waybill; echo \"${COMPREPLY[@]}\"";
    let bash = Command::new("bash")
        .args(["-c", completed])
        .current_dir(folder.path())
        .output();
    match bash {
        Ok(told) => assert_eq!(String::from_utf8_lossy(&told.stdout), "queue\n", "{told:?}"),
        Err(_) => println!("skipped: bash is not here"),
    }
    let pages = folder.path().join("man");
    let made = Command::new(WAYBILL).arg("man").arg(&pages).status();
    assert!(made.expect("it can be run").success());
    for page in ["waybill.1", "waybill-serve.1", "waybill-retention-class.1"] {
        let text = fs::read_to_string(pages.join(page)).expect(page);
        assert!(text.contains(".SH SYNOPSIS"), "{page}: {text}");
    }
}
