//! A daemon that a test starts, and its commands.

#![allow(dead_code, reason = "not every test target uses all of it")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

pub(crate) const WAYBILL: &str = env!("CARGO_BIN_EXE_waybill");

/// A daemon on free ports of loopback; killed if the test does not end it.
pub(crate) struct Daemon {
    pub(crate) child: Child,
    ports: BTreeMap<String, SocketAddr>,
    /// With which the first user is made.
    pub(crate) setup_token: Option<String>,
    /// Its log; ends with it.
    _said: Receiver<String>,
}

impl Daemon {
    pub(crate) fn start(folder: &Path, config: &str) -> Self {
        let path = folder.join("waybill.toml");
        let config = format!(
            "log = 'json'\n{config}\n[listen]\nsyslog_udp = '127.0.0.1:0'\n\
             syslog_tcp = '127.0.0.1:0'\nrelp = '127.0.0.1:0'\nhttp = '127.0.0.1:0'\n\
             web = '127.0.0.1:0'\n"
        );
        std::fs::write(&path, config).expect("a temporary folder can be written");
        let mut child = Command::new(WAYBILL)
            .args(["serve", "--config"])
            .arg(&path)
            .arg("--data")
            .arg(folder.join("data"))
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
        let mut ports = BTreeMap::new();
        let mut setup_token = None;
        loop {
            let line = said
                .recv_timeout(Duration::from_secs(30))
                .expect("it gets ready");
            let told: serde_json::Value = serde_json::from_str(&line).expect("its log is JSON");
            let message = told["fields"]["message"].as_str().unwrap_or_default();
            if let Some(name) = message.strip_prefix("listening: ") {
                let address = told["fields"]["address"].as_str().expect("an address");
                let address = address.parse().expect("an address");
                ports.insert(name.to_owned(), address);
            }
            if let Some((_, token)) = message.split_once("/setup#") {
                setup_token = Some(token.to_owned());
            }
            if message == "ready" {
                break;
            }
        }
        Daemon {
            child,
            ports,
            setup_token,
            _said: said,
        }
    }

    /// Where it listens for something, by the key of `[listen]`.
    pub(crate) fn port(&self, name: &str) -> SocketAddr {
        self.ports[name]
    }

    pub(crate) fn http(&self, request: &str, body: &[u8]) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(self.ports["http"])?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: waybill\r\nContent-Type: text/plain\r\n\
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
    pub(crate) fn end(mut self) {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(killed.expect("there is `kill`").success());
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "{status}");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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
    for _ in 0..600 {
        told = answer(folder, arguments);
        if texts.iter().all(|text| told.contains(text)) {
            return told;
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
    panic!("{arguments:?} does not tell {texts:?}: {told}");
}
