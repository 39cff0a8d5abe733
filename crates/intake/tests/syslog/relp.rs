//! RELP, by a client that does one thing.

use crate::server::{Kind, SMALL, Server};
use intake::{Admission, Protocol};
use journal::{Journal, Position};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const SOURCE: &str = "relp 127.0.0.1";

/// A client behind its `open`, with what reads its answers.
fn open(server: &Server) -> (TcpStream, BufReader<TcpStream>) {
    let mut client = server.connect();
    let mut answers = BufReader::new(client.try_clone().unwrap());
    client
        .write_all(b"1 open 30 relp_version=0\ncommands=syslog\n")
        .unwrap();
    for expected in [
        "1 rsp ",
        "relp_version=0",
        "relp_software=",
        "commands=syslog",
    ] {
        let answer = line(&mut answers);
        assert!(answer.starts_with(expected), "{answer}");
    }
    (client, answers)
}

fn line(answers: &mut impl BufRead) -> String {
    let mut line = String::new();
    answers.read_line(&mut line).unwrap();
    line
}

#[test]
fn each_message_of_a_group_is_acknowledged() {
    let server = Server::relp();
    let (mut client, mut answers) = open(&server);
    client
        .write_all(b"2 syslog 8 <22>one\n\n3 syslog 9 <22>two\nl\n4 other 0\n")
        .unwrap();
    assert_eq!(line(&mut answers), "2 rsp 6 200 OK\n");
    assert_eq!(server.lines(2), ["<22>one", "<22>two\nl"]);
    assert_eq!(line(&mut answers), "3 rsp 6 200 OK\n");
    assert_eq!(line(&mut answers), "4 rsp 19 500 unknown command\n");
    client.write_all(b"5 close 0\n").unwrap();
    let mut rest = String::new();
    answers.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "5 rsp 0\n0 serverclose 0\n");
    drop((client, answers));
    server.until_counts(SOURCE, |it| it.lines == 2 && it.connections == 0);
}

#[test]
fn malformed_bytes_close_one_connection() {
    let server = Server::relp();
    let (mut good, mut answers) = open(&server);
    let (mut bad, mut rest) = open(&server);
    bad.write_all(b"2 syslog 7 <22>one\n3 syslog 7 <22>two<22>x\n")
        .unwrap();
    assert_eq!(line(&mut rest), "2 rsp 6 200 OK\n");
    assert_eq!(rest.read(&mut [0; 1]).unwrap_or(0), 0);
    good.write_all(b"2 syslog 9 <22>three\n").unwrap();
    assert_eq!(line(&mut answers), "2 rsp 6 200 OK\n");
    assert_eq!(server.lines(2), ["<22>one", "<22>three"]);
}

#[test]
fn without_room_there_is_no_answer() {
    let server = Server::start(Kind::Stream(Protocol::Relp, Admission::default()), SMALL);
    let (mut client, mut answers) = open(&server);
    client
        .set_read_timeout(Some(Duration::from_millis(1500)))
        .unwrap();
    let data = "x".repeat(1_000_000);
    let mut sent = 1;
    let refused = loop {
        sent += 1;
        writeln!(client, "{sent} syslog 1000000 {data}").unwrap();
        let mut answer = String::new();
        if let Err(error) = answers.read_line(&mut answer) {
            break error;
        }
        assert_eq!(answer, format!("{sent} rsp 6 200 OK\n"));
    };
    assert_eq!(refused.kind(), std::io::ErrorKind::WouldBlock);
    assert!(sent > 20, "{sent}");
    server.until_counts(SOURCE, |it| it.refused > 0 && it.dropped == 0);
    server.journal.cut(server.journal.end()).unwrap();
    client
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    assert_eq!(line(&mut answers), format!("{sent} rsp 6 200 OK\n"));
    assert_eq!(server.journal.end(), Position::from_u64(sent - 1));
}

#[test]
fn a_stop_answers_what_was_read_and_says_so() {
    let mut server = Server::relp();
    let (mut client, mut answers) = open(&server);
    let (mut half, mut half_answers) = open(&server);
    client.write_all(b"2 syslog 7 <22>one\n").unwrap();
    half.write_all(b"2 syslog 7 <22>").unwrap();
    server.lines(1);
    server.stop();
    let mut rest = String::new();
    answers.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "2 rsp 6 200 OK\n0 serverclose 0\n");
    rest.clear();
    half_answers.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "0 serverclose 0\n");
    assert_eq!(server.journal.end(), Position::from_u64(1));
}
