//! A daemon that a test starts, and its commands.

#![allow(dead_code, reason = "not every test target uses all of it")]

pub(crate) mod relp;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

pub(crate) const WAYBILL: &str = env!("CARGO_BIN_EXE_waybill");

/// A daemon on free ports of loopback; killed if the test does not end it.
pub(crate) struct Daemon {
    pub(crate) child: Child,
    config: PathBuf,
    ports: BTreeMap<String, SocketAddr>,
    /// With which the first user is made.
    pub(crate) setup_token: Option<String>,
    /// What it said until it was ready.
    pub(crate) began: Vec<String>,
    /// Its log; ends with it.
    said: Mutex<Receiver<String>>,
}

impl Daemon {
    pub(crate) fn start(folder: &Path, config: &str) -> Self {
        Daemon::start_with::<&str>(folder, config, &[])
    }

    /// With variables of the environment.
    pub(crate) fn start_with<V: AsRef<OsStr>>(
        folder: &Path,
        config: &str,
        variables: &[(&str, V)],
    ) -> Self {
        let started = Daemon::try_start(folder, config, variables);
        started.unwrap_or_else(|said| panic!("it does not become ready: {said:?}"))
    }

    /// Gives what it said where it ends before it is ready.
    pub(crate) fn try_start<V: AsRef<OsStr>>(
        folder: &Path,
        config: &str,
        variables: &[(&str, V)],
    ) -> Result<Self, Vec<String>> {
        let path = folder.join("waybill.toml");
        write_config(&path, config);
        let mut child = Command::new(WAYBILL)
            .args(["serve", "--config"])
            .arg(&path)
            .arg("--data")
            .arg(folder.join("data"))
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stderr(Stdio::piped())
            .spawn()
            .expect("it can be started");
        let stderr = child.stderr.take().expect("it is piped");
        let (to, said) = sync_channel(10_000);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = to.try_send(line);
            }
        });
        let mut daemon = Daemon {
            child,
            config: path,
            ports: BTreeMap::new(),
            setup_token: None,
            began: Vec::new(),
            said: Mutex::new(said),
        };
        loop {
            let Some((message, told)) = daemon.next_said() else {
                return Err(std::mem::take(&mut daemon.began));
            };
            if let Some(name) = message.strip_prefix("listening: ") {
                let address = told["fields"]["address"].as_str().expect("an address");
                let address = address.parse().expect("an address");
                daemon.ports.insert(name.to_owned(), address);
            }
            if let Some((_, token)) = message.split_once("/setup#") {
                daemon.setup_token = Some(token.to_owned());
            }
            if message == "ready" {
                return Ok(daemon);
            }
            daemon.began.push(message);
        }
    }

    /// The next that it says: the message, and all of it.
    fn says(&self) -> (String, serde_json::Value) {
        self.next_said().expect("it says something")
    }

    /// `None` where it ends.
    fn next_said(&self) -> Option<(String, serde_json::Value)> {
        let said = self.said.lock().expect("nobody panicked");
        let line = match said.recv_timeout(Duration::from_secs(40)) {
            Ok(line) => line,
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => panic!("it says nothing"),
        };
        // What ends it is said as text.
        let told: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        let message = told["fields"]["message"].as_str().unwrap_or(&line);
        Some((message.to_owned(), told))
    }

    /// Waits until it says something that holds this text; gives all that it said until then.
    pub(crate) fn until_it_says(&self, text: &str) -> Vec<String> {
        let mut all = Vec::new();
        loop {
            let (message, _) = self.says();
            let is_it = message.contains(text);
            all.push(message);
            if is_it {
                return all;
            }
        }
    }

    /// Waits until it says something that holds this text; gives it with its fields.
    pub(crate) fn until_it_tells(&self, text: &str) -> serde_json::Value {
        loop {
            let (message, told) = self.says();
            if message.contains(text) {
                return told["fields"].clone();
            }
        }
    }

    /// Waits until an answer to `GET` holds this text; gives it.
    pub(crate) fn until_http(&self, path: &str, text: &str) -> String {
        let mut told = String::new();
        for _ in 0..900 {
            told = self.http(&format!("GET {path}"), b"").expect("it answers");
            if told.contains(text) {
                return told;
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
        panic!("{path} does not tell {text}: {told}");
    }

    /// Has it take another configuration.
    pub(crate) fn reload(&self, config: &str) {
        write_config(&self.config, config);
        self.signal("-HUP");
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args([signal, &pid]).status();
        assert!(killed.expect("there is `kill`").success());
    }

    /// Where it listens for something, by the key of `[listen]`.
    pub(crate) fn port(&self, name: &str) -> SocketAddr {
        self.ports[name]
    }

    pub(crate) fn http(&self, request: &str, body: &[u8]) -> std::io::Result<String> {
        self.http_with(request, "X-None: 1", body)
    }

    /// With a header.
    pub(crate) fn http_with(
        &self,
        request: &str,
        header: &str,
        body: &[u8],
    ) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(self.ports["http"])?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: waybill\r\n{header}\r\nContent-Type: text/plain\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        )?;
        stream.write_all(body)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    pub(crate) fn send_tcp(&self, lines: &str) {
        let mut stream = TcpStream::connect(self.ports["syslog_tcp"]).expect("it listens");
        stream.write_all(lines.as_bytes()).expect("it takes them");
    }

    /// Ends it as systemd does.
    pub(crate) fn end(self) {
        let status = self.ended();
        assert!(status.success(), "{status}");
    }

    /// How it ends when it is told to, if it still runs.
    pub(crate) fn ended(mut self) -> ExitStatus {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal("-TERM");
        }
        self.child.wait().expect("it ends")
    }
}

/// With all ports free ones of loopback.
fn write_config(path: &Path, config: &str) {
    let config = format!(
        "log = 'json'\n{config}\n[listen]\nsyslog_udp = '127.0.0.1:0'\n\
         syslog_tcp = '127.0.0.1:0'\nrelp = '127.0.0.1:0'\nhttp = '127.0.0.1:0'\n\
         web = '127.0.0.1:0'\npostgres = '127.0.0.1:0'\n"
    );
    std::fs::write(path, config).expect("a temporary folder can be written");
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A message that is delivered: five lines.
pub(crate) fn message(number: u32) -> String {
    let id = format!("4F{number:08X}");
    format!(
        "<22>1 2026-11-22T08:00:00.1Z mx1 postfix/smtpd 7 - - {id}: client=a.example[192.0.2.1]\n\
         <22>1 2026-11-22T08:00:00.2Z mx1 postfix/cleanup 8 - - {id}: message-id=<m{number}@a.example>\n\
         <22>1 2026-11-22T08:00:00.3Z mx1 postfix/qmgr 9 - - {id}: from=<anna@a.example>, size=812, nrcpt=1 (queue active)\n\
         <22>1 2026-11-22T08:00:00.4Z mx1 postfix/lmtp 9 - - {id}: to=<bob@b.example>, relay=store[192.0.2.9]:24, delay=0.3, delays=0.1/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 OK)\n\
         <22>1 2026-11-22T08:00:00.5Z mx1 postfix/qmgr 9 - - {id}: removed\n"
    )
}

/// Asks for all messages that were delivered.
pub(crate) const DELIVERED: [&str; 4] = ["search", "kind:delivery.delivered", "--limit", "10000"];

/// A line that no rule knows.
pub(crate) fn odd_line(number: u32) -> String {
    format!("<22>1 2026-11-22T08:00:00Z mx1 odd 7 - - line number{number}\n")
}

/// How often each of these lines is found.
pub(crate) fn odd_lines(folder: &Path) -> BTreeMap<u32, u32> {
    let all = ["--lines", "--format", "json", "--limit", "1000000"];
    let lines = answer(folder, &[&["search", "program:odd"], &all[..]].concat());
    let mut found: BTreeMap<u32, u32> = BTreeMap::new();
    for row in lines.lines() {
        let row: serde_json::Value = serde_json::from_str(row).expect("rows are JSON");
        for line in row["original_lines"].as_array().expect("lines") {
            let text = line.as_str().expect("text");
            let number = text.rsplit("number").next().and_then(|it| it.parse().ok());
            *found.entry(number.expect("a number")).or_default() += 1;
        }
    }
    found
}

pub(crate) fn ask(folder: &Path, arguments: &[&str]) -> Output {
    let output = Command::new(WAYBILL)
        .args(arguments)
        .arg("--data")
        .arg(folder.join("data"))
        .output();
    output.expect("it can be run")
}

pub(crate) fn answer(folder: &Path, arguments: &[&str]) -> String {
    let output = ask(folder, arguments);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Asks until the answer has so many lines.
pub(crate) fn until(folder: &Path, arguments: &[&str], lines: usize) -> String {
    let mut told = String::new();
    for _ in 0..300 {
        told = answer(folder, arguments);
        if told.lines().count() == lines {
            return told;
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    panic!("not {lines} lines to {arguments:?}: {told}");
}

/// Asks until the answer holds all of these texts; gives it.
pub(crate) fn until_it_tells(folder: &Path, arguments: &[&str], texts: &[&str]) -> String {
    let mut told = String::new();
    // Servers of a busy machine take their time.
    for _ in 0..2_400 {
        told = answer(folder, arguments);
        if texts.iter().all(|text| told.contains(text)) {
            return told;
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
    panic!("{arguments:?} does not tell {texts:?}: {told}");
}
