//! Syslog over TCP, by clients that do one thing each.

use crate::server::{Kind, MIB, SMALL, Server, until};
use intake::{Admission, LINE_BYTES_MAX, Protocol};
use journal::{Journal, Position};
use std::io::{Read, Write};
use std::thread;

const SOURCE: &str = "syslog tcp 127.0.0.1";

#[test]
fn both_framings_in_one_connection_and_a_torn_line() {
    let server = Server::syslog();
    let mut client = server.connect();
    client
        .write_all(b"<22>one\n7 <22>two<22>three\n<22>to")
        .unwrap();
    server.lines(3);
    client.write_all(b"rn").unwrap();
    drop(client);
    assert_eq!(
        server.lines(4),
        ["<22>one", "<22>two", "<22>three", "<22>torn"]
    );
    server.until_counts(SOURCE, |it| {
        it.lines == 4 && it.bytes == 31 && it.connections == 0
    });
    let mut reader = server.journal.reader(Position::ZERO).unwrap();
    let (_, batch) = reader.next().unwrap().unwrap();
    let first = batch.iter().next().unwrap();
    assert_eq!((first.received_ns, first.source), (7, SOURCE.as_bytes()));
}

#[test]
fn a_hundred_megabytes_without_an_end_do_no_harm() {
    let server = Server::syslog();
    let mut client = server.connect();
    let other = server.connect();
    let long = vec![b'x'; MIB as usize];
    for number in 0..100 {
        client.write_all(&long).unwrap();
        if number % 10 == 0 {
            writeln!(&other, "<22>{number}").unwrap();
        }
    }
    client.write_all(b"\n<22>behind\n").unwrap();
    let lines = server.lines(12);
    let found = lines.iter().filter(|line| line.len() == LINE_BYTES_MAX);
    assert_eq!((found.count(), lines.len()), (1, 12));
    assert!(lines.contains(&"<22>90".to_owned()) && lines.contains(&"<22>behind".to_owned()));
    server.until_counts(SOURCE, |it| it.cut == 1 && it.lines == 12);
}

#[test]
fn what_is_no_syslog_is_turned_away() {
    let server = Server::syslog();
    for first in [b"\x16\x03\x01\x02\x00\x01", b"\x78\x9c\xed\xbd\x07`"] {
        let mut client = server.connect();
        client.write_all(first).unwrap();
        assert_eq!(client.read(&mut [0; 1]).unwrap_or(0), 0);
    }
    server.until_counts(SOURCE, |it| it.refused == 2 && it.connections == 0);
    assert_eq!(server.journal.end(), Position::ZERO);
}

#[test]
fn connections_beyond_the_bound_are_reset() {
    let admission = Admission {
        connections_per_address_max: 2,
        ..Admission::default()
    };
    let server = Server::start(Kind::Stream(Protocol::Syslog, admission), SMALL);
    let (first, _second) = (server.connect(), server.connect());
    let refused = server.connect().read(&mut [0; 1]);
    assert_eq!(
        refused.unwrap_err().kind(),
        std::io::ErrorKind::ConnectionReset
    );
    server.until_counts(SOURCE, |it| it.refused == 1 && it.connections == 2);
    drop(first);
    server.until_counts(SOURCE, |it| it.connections == 1);
    writeln!(&server.connect(), "<22>a").unwrap();
    assert_eq!(server.lines(1), ["<22>a"]);
}

#[test]
fn a_full_journal_makes_clients_wait_and_loses_nothing() {
    let server = Server::start(Kind::Stream(Protocol::Syslog, Admission::default()), SMALL);
    let (address, count) = (server.connect(), 60_000);
    let sender = thread::spawn(move || {
        let mut client = std::io::BufWriter::new(address);
        for number in 0..count {
            writeln!(client, "<22>{number:0>1000}").unwrap();
        }
    });
    server.until_counts(SOURCE, |it| it.refused > 0);
    assert!(!sender.is_finished());
    let (mut from, mut lines) = (Position::ZERO, Vec::new());
    until("all lines", || {
        lines.extend(server.read(&mut from));
        server.journal.cut(from).unwrap();
        (lines.len() == count).then_some(())
    });
    sender.join().unwrap();
    for (number, line) in lines.iter().enumerate() {
        assert_eq!(line[4..].parse(), Ok(number));
    }
    assert_eq!(server.counts(SOURCE).dropped, 0);
}

#[test]
fn a_stop_reads_what_is_on_its_way() {
    let mut server = Server::syslog();
    let mut client = server.connect();
    writeln!(client, "<22>0").unwrap();
    server.lines(1);
    server.ask_to_stop();
    let address = server.address;
    let sender = thread::spawn(move || {
        let lines: Vec<String> = (1..20_000)
            .map(|number| format!("<22>{number}\n"))
            .collect();
        client.write_all(lines.concat().as_bytes()).unwrap();
        client.write_all(b"<22>torn").unwrap();
        // The server closes, not the client.
        assert_eq!(client.read(&mut [0; 1]).unwrap(), 0);
    });
    server.stop();
    sender.join().unwrap();
    let lines = server.lines(20_001);
    assert_eq!((lines.len(), &*lines[20_000]), (20_001, "<22>torn"));
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_stop_with_a_full_journal_counts_what_is_lost() {
    let mut server = Server::start(Kind::Stream(Protocol::Syslog, Admission::default()), SMALL);
    let mut client = server.connect();
    let sender = thread::spawn(move || {
        let line = format!("<22>{:0>1000}\n", 0);
        while client.write_all(line.as_bytes()).is_ok() {}
    });
    server.until_counts(SOURCE, |it| it.refused > 0);
    server.stop();
    sender.join().unwrap();
    let counts = server.counts(SOURCE);
    assert!(counts.dropped > 0, "{counts:?}");
    assert_eq!(counts.lines, server.journal.end().as_u64());
}
