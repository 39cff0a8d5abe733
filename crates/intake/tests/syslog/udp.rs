//! Syslog in datagrams.

use crate::server::{Kind, SMALL, Server};
use journal::Journal;
use std::net::UdpSocket;

fn client(server: &Server, address: &str) -> UdpSocket {
    let socket = UdpSocket::bind((address, 0)).unwrap();
    socket.connect(server.address).unwrap();
    socket
}

#[test]
fn each_datagram_is_a_line_of_its_sender() {
    let mut server = Server::udp();
    let (one, other) = (client(&server, "127.0.0.1"), client(&server, "127.0.0.2"));
    let long = format!("<22>{}", "x".repeat(65_000));
    for text in ["<22>one\n", "<22>two\nlines", "", "\n", &long] {
        one.send(text.as_bytes()).unwrap();
    }
    other.send(b"7 <22>six").unwrap();
    assert_eq!(
        server.lines(4),
        ["<22>one", "<22>two\nlines", &*long, "7 <22>six"]
    );
    server.until_counts("syslog udp 127.0.0.1", |it| it.lines == 3);
    server.until_counts("syslog udp 127.0.0.2", |it| it.lines == 1);
    one.send(b"<22>last").unwrap();
    server.stop();
    assert_eq!(server.lines(5)[4], "<22>last");
}

#[test]
fn what_has_no_room_is_counted() {
    const SOURCE: &str = "syslog udp 127.0.0.1";
    let mut server = Server::start(Kind::Udp, SMALL);
    let client = client(&server, "127.0.0.1");
    let line = [b'x'; 60_000];
    let mut sent = 0;
    // 32 MiB wait, the journal takes up to 40 MiB, and the rest is dropped.
    while server.counts(SOURCE).dropped < 10 {
        for _ in 0..10 {
            client.send(&line).unwrap();
            sent += 1;
        }
        std::thread::yield_now();
    }
    server.stop();
    let counts = server.counts(SOURCE);
    let kernel = server.counts("syslog udp").dropped;
    assert_eq!(
        counts.lines + counts.dropped + kernel,
        sent,
        "{counts:?} {kernel}"
    );
    assert_eq!(counts.lines, server.journal.end().as_u64());
    assert!(
        counts.bytes > 32_000_000 && counts.bytes < 42_000_000,
        "{counts:?}"
    );
}
