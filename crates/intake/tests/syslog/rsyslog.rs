//! rsyslog reads a file and sends each line here; what arrives must be the file.

use crate::certificates::{MX1, OURS, tls};
use crate::server::{Kind, SMALL, Server, folder, until};
use intake::{Admission, Protocol};
use journal::{Journal, Position};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use tempfile::TempDir;

const RSYSLOGD: &str = "/usr/sbin/rsyslogd";

/// A daemon that runs, in a folder of its own; killed when dropped.
pub(crate) struct Rsyslog {
    child: Child,
    folder: TempDir,
}

impl Drop for Rsyslog {
    fn drop(&mut self) {
        if thread::panicking() {
            let output = fs::read_to_string(self.folder.path().join("output"));
            println!("{}", output.unwrap_or_default());
        }
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Starts it with lines to send, and settings of what sends them.
pub(crate) fn start(lines: &[String], global: &str, action: &str) -> Rsyslog {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let log: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(path("mail.log"), log).unwrap();
    let settings = format!(
        "global(workDirectory=\"{folder}\" maxMessageSize=\"64k\" {global})\n\
         module(load=\"imfile\")\n\
         input(type=\"imfile\" File=\"{folder}/mail.log\" Tag=\"mail:\" freshStartTail=\"off\")\n\
         template(name=\"line\" type=\"string\" string=\"<22>%msg%\\n\")\n\
         {action}\n",
        folder = folder.path().display(),
    );
    fs::write(path("rsyslog.conf"), settings).unwrap();
    let output = File::create(path("output")).unwrap();
    let child = Command::new(RSYSLOGD)
        .arg("-n")
        .arg("-f")
        .arg(path("rsyslog.conf"))
        .arg("-i")
        .arg(path("pid"))
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .spawn()
        .unwrap();
    Rsyslog { child, folder }
}

/// An action that sends to the server, and tries for ever.
fn action(kind: &str, server: &Server, more: &str) -> String {
    let port = server.address.port();
    format!(
        "action(type=\"{kind}\" target=\"127.0.0.1\" port=\"{port}\" template=\"line\" {more} \
         action.resumeRetryCount=\"-1\" action.resumeInterval=\"1\")"
    )
}

/// Whether rsyslog is there, with these modules; says so if not.
pub(crate) fn is_there(modules: &[&str]) -> bool {
    let of_module = |name: &&str| {
        let folders = [
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
        ];
        let paths = folders.map(|folder| PathBuf::from(format!("{folder}/rsyslog/{name}.so")));
        paths.iter().any(|path| path.exists())
    };
    let is_there = Path::new(RSYSLOGD).exists() && modules.iter().all(of_module);
    if !is_there {
        println!("skipped: no rsyslog here with {modules:?}");
    }
    is_there
}

pub(crate) fn lines(count: usize) -> Vec<String> {
    let line = |number| {
        let tail = "é, (250 ok) ".repeat(number % 50 * 10);
        format!("Oct  3 10:00:00 mx1 postfix/smtp[{number}]: 3A: to=<a@example.org>, {tail}.")
    };
    (0..count).map(line).collect()
}

/// All lines must arrive, each once, as they were sent.
#[track_caller]
fn expect(server: &Server, sent: &[String]) {
    let mut expected: Vec<String> = sent.iter().map(|line| format!("<22>{line}")).collect();
    let mut arrived = server.lines(sent.len());
    expected.sort();
    arrived.sort();
    assert!(
        arrived == expected,
        "{} lines of {}",
        arrived.len(),
        expected.len()
    );
}

#[test]
fn by_udp() {
    if is_there(&[]) {
        let (server, lines) = (Server::udp(), lines(2_000));
        let _rsyslog = start(&lines, "", &action("omfwd", &server, "protocol=\"udp\""));
        expect(&server, &lines);
    }
}

#[test]
fn by_tcp_with_line_ends() {
    if is_there(&[]) {
        let (server, lines) = (Server::syslog(), lines(20_000));
        let _rsyslog = start(&lines, "", &action("omfwd", &server, "protocol=\"tcp\""));
        expect(&server, &lines);
    }
}

#[test]
fn by_tcp_with_counts() {
    if is_there(&[]) {
        let (server, lines) = (Server::syslog(), lines(20_000));
        let more = "protocol=\"tcp\" TCP_Framing=\"octet-counted\"";
        let _rsyslog = start(&lines, "", &action("omfwd", &server, more));
        expect(&server, &lines);
    }
}

#[test]
fn a_compressed_stream_is_turned_away() {
    if is_there(&["lmzlibw"]) {
        let server = Server::syslog();
        let more = "protocol=\"tcp\" compression.mode=\"stream:always\"";
        let _rsyslog = start(&lines(2_000), "", &action("omfwd", &server, more));
        server.until_counts("syslog tcp 127.0.0.1", |it| it.refused > 0);
        assert_eq!(server.journal.end(), Position::ZERO);
    }
}

#[test]
fn by_relp() {
    if is_there(&["omrelp"]) {
        let (server, lines) = (Server::relp(), lines(20_000));
        let action = action("omrelp", &server, "");
        let _rsyslog = start(&lines, "", &format!("module(load=\"omrelp\")\n{action}"));
        expect(&server, &lines);
        server.until_counts("relp 127.0.0.1", |it| it.refused == 0 && it.cut == 0);
    }
}

#[test]
fn by_relp_while_the_journal_is_full() {
    if !is_there(&["omrelp"]) {
        return;
    }
    let server = Server::start(Kind::Stream(Protocol::Relp, Admission::default()), SMALL);
    let lines: Vec<String> = (0..60_000)
        .map(|number| format!("{number:0>1000}"))
        .collect();
    let action = action("omrelp", &server, "windowSize=\"500\"");
    let _rsyslog = start(&lines, "", &format!("module(load=\"omrelp\")\n{action}"));
    server.until_counts("relp 127.0.0.1", |it| it.refused > 1);
    let (mut from, mut arrived) = (Position::ZERO, BTreeSet::new());
    until("all lines", || {
        arrived.extend(server.read(&mut from));
        server.journal.cut(from).unwrap();
        (arrived.len() == lines.len()).then_some(())
    });
    assert!(
        arrived
            .iter()
            .zip(&lines)
            .all(|(arrived, sent)| arrived[4..] == **sent)
    );
    assert_eq!(server.counts("relp 127.0.0.1").dropped, 0);
}

/// The authority, and the client's certificate and key, as files.
fn files() -> (TempDir, [String; 3]) {
    let folder = folder();
    let names = ["ca.pem", "client.pem", "client.key"];
    let texts = [OURS, MX1.certificate, MX1.key];
    let paths = [0, 1, 2].map(|at| {
        let path = folder.path().join(names[at]);
        fs::write(&path, texts[at]).unwrap();
        path.display().to_string()
    });
    (folder, paths)
}

fn tls_server(protocol: Protocol) -> Server {
    let admission = Admission {
        tls: Some(tls(Some(OURS))),
        ..Admission::default()
    };
    Server::start(Kind::Stream(protocol, admission), SMALL)
}

fn by_tls(driver: &str) {
    let server = tls_server(Protocol::Syslog);
    let (_folder, [ca, certificate, key]) = files();
    let global = format!(
        "defaultNetstreamDriverCAFile=\"{ca}\" defaultNetstreamDriverCertFile=\"{certificate}\" \
         defaultNetstreamDriverKeyFile=\"{key}\""
    );
    let more = format!(
        "protocol=\"tcp\" TCP_Framing=\"octet-counted\" StreamDriver=\"{driver}\" \
         StreamDriverMode=\"1\" StreamDriverAuthMode=\"x509/name\" \
         StreamDriverPermittedPeers=\"localhost\""
    );
    let lines = lines(5_000);
    let _rsyslog = start(&lines, &global, &action("omfwd", &server, &more));
    expect(&server, &lines);
    server.until_counts("syslog tls 127.0.0.1", |it| it.lines == 5_000);
}

#[test]
fn by_tls_of_openssl() {
    if is_there(&["lmnsd_ossl"]) {
        by_tls("ossl");
    }
}

#[test]
fn by_tls_of_gnutls() {
    if is_there(&["lmnsd_gtls"]) {
        by_tls("gtls");
    }
}

#[test]
fn by_relp_inside_tls() {
    if !is_there(&["omrelp"]) {
        return;
    }
    let server = tls_server(Protocol::Relp);
    let (_folder, [ca, certificate, key]) = files();
    let more = format!(
        "tls=\"on\" tls.caCert=\"{ca}\" tls.myCert=\"{certificate}\" tls.myPrivKey=\"{key}\" \
         tls.authMode=\"name\" tls.permittedPeer=[\"localhost\"]"
    );
    let lines = lines(5_000);
    let action = action("omrelp", &server, &more);
    let _rsyslog = start(&lines, "", &format!("module(load=\"omrelp\")\n{action}"));
    expect(&server, &lines);
}
