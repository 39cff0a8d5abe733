//! Many clients that do nothing, or as little as they can.

use crate::certificates::tls;
use crate::server::{Kind, MIB, SMALL, Server, until};
use intake::{Admission, Protocol};
use journal::Settings;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const SOURCE: &str = "syslog tcp 127.0.0.1";

/// Bytes of memory that this process uses; `None` where that is not told.
fn resident() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = status.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

fn server() -> Server {
    let admission = Admission {
        connections_per_address_max: 2_000,
        ..Admission::default()
    };
    Server::start(
        Kind::Stream(Protocol::Syslog, admission),
        Settings::default(),
    )
}

#[test]
fn a_line_is_taken_beside_many_that_are_silent_or_slow() {
    const SILENT: u64 = 1_500;
    const SLOW: u64 = 100;
    let server = server();
    let before = resident();
    let used = || {
        resident()
            .zip(before)
            .map_or(0, |(now, before)| now.saturating_sub(before))
    };
    let silent: Vec<TcpStream> = (0..SILENT).map(|_| server.connect()).collect();
    server.until_counts(SOURCE, |it| it.connections == SILENT);
    let each = used() / SILENT as usize;
    println!("{each} bytes a silent connection");
    assert!(each < 8 * 1024, "{each}");
    // Lines of 900 kB that do not end: 90 MB, more than all may hold together.
    let mut slow: Vec<TcpStream> = (0..SLOW).map(|_| server.connect()).collect();
    let piece = [b'x'; 100_000];
    for (turn, mut quick) in silent.iter().take(9).enumerate() {
        for client in &mut slow {
            client.write_all(&piece).unwrap();
        }
        writeln!(quick, "<22>{turn}").unwrap();
    }
    let lines = server.lines(9);
    assert!(lines.contains(&"<22>8".to_owned()), "{lines:?}");
    // All is read that will be, when the memory has been used up and grows no more.
    let (mut last, mut looks) = (0, 0);
    until("all pieces", || {
        let now = used();
        looks = if now <= last { looks + 1 } else { 0 };
        last = now.max(last);
        (resident().is_none() || last > 50 * MIB as usize && looks > 50).then_some(())
    });
    assert!(last < 200 * MIB as usize, "{last}");
    for client in &mut slow {
        client.write_all(b"\n").unwrap();
    }
    server.until_counts(SOURCE, |it| it.lines == 9 + SLOW);
    // Some were cut for want of memory, all where it went round in equal shares; none was lost, and the
    // memory is there again.
    let cut = server.counts(SOURCE).cut;
    assert!((1..=SLOW).contains(&cut), "{cut}");
    let long = format!("<22>{}\n", "x".repeat(1_000_000));
    (&silent[0]).write_all(long.as_bytes()).unwrap();
    server.until_counts(SOURCE, |it| it.lines == 10 + SLOW && it.cut == cut);
}

#[test]
fn a_handshake_that_does_not_end_is_ended() {
    let admission = Admission {
        tls: Some(tls(None)),
        ..Admission::default()
    };
    let server = Server::start(Kind::Stream(Protocol::Syslog, admission), SMALL);
    let source = "syslog tls 127.0.0.1";
    let mut client = server.connect();
    client.write_all(&[0x16, 0x03, 0x01, 0x02]).unwrap();
    server.until_counts(source, |it| it.connections == 1);
    // Half of the time that it has: it is still there.
    client
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    let read = client.read(&mut [0; 1]);
    assert_eq!(read.unwrap_err().kind(), ErrorKind::WouldBlock);
    server.until_counts(source, |it| it.connections == 0 && it.refused == 1);
}
