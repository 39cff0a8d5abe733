//! `logger` of util-linux, as scripts use it.

use crate::server::Server;
use std::process::{Command, Stdio};

/// Sends a text; false, and says so, where there is no `logger`.
fn send(server: &Server, args: &[&str], text: &str) -> bool {
    let mut logger = Command::new("logger");
    logger.args([
        "--server",
        "127.0.0.1",
        "--port",
        &server.address.port().to_string(),
    ]);
    logger
        .args(["--priority", "mail.info", "--tag", "mailer"])
        .args(args)
        .arg(text);
    match logger.stdin(Stdio::null()).status() {
        Ok(status) => status.success(),
        Err(error) => {
            println!("skipped: no logger here ({error})");
            false
        }
    }
}

#[track_caller]
fn check(server: &Server, args: &[&str], start: &str) {
    if send(server, args, "a message of  logger") {
        let lines = server.lines(1);
        assert_eq!(lines.len(), 1);
        let line = &lines[0];
        assert!(
            line.starts_with(start) && line.ends_with("a message of  logger"),
            "{line}"
        );
        assert!(line.contains(" mailer"), "{line}");
    }
}

#[test]
fn by_udp() {
    check(&Server::udp(), &["--udp", "--rfc3164"], "<22>");
    check(&Server::udp(), &["--udp", "--rfc5424"], "<22>1 ");
}

#[test]
fn by_tcp() {
    check(&Server::syslog(), &["--tcp", "--rfc3164"], "<22>");
    check(&Server::syslog(), &["--tcp", "--rfc5424"], "<22>1 ");
    check(
        &Server::syslog(),
        &["--tcp", "--rfc5424", "--octet-count"],
        "<22>1 ",
    );
}
