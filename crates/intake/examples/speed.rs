//! What listeners take a second, made durable, from clients on the same machine.
//!
//! Clients are threads of this process that send lines of 160 bytes, those of RELP with 500 unanswered at most. They
//! share the machine with the server, so a server by itself is faster. Each figure is the median of five runs, with
//! the least and the greatest. Not measured: networks; syslog by UDP, which loses what is too much.
//!
//! `cargo run --release --example speed -p waybill-intake -- FOLDER`
#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]
#![expect(
    clippy::unwrap_used,
    reason = "a bench stops at what it did not expect"
)]

use intake::{Admission, Intake, Listener, Protocol};
use journal::{LocalJournal, Settings};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::Builder;
use tokio::sync::watch;

const LINES: u64 = 1_000_000;
const RUNS: usize = 5;
const WINDOW: u64 = 500;

fn main() {
    let folder = std::env::args_os().nth(1);
    let folder = folder.map_or_else(std::env::temp_dir, PathBuf::from);
    println!("| protocol | clients | lines/s | least | greatest |");
    println!("|---|---|---|---|---|");
    for protocol in [Protocol::Syslog, Protocol::Relp] {
        for clients in [1, 8, 64] {
            let mut runs: Vec<u64> = (0..RUNS).map(|_| run(&folder, protocol, clients)).collect();
            runs.sort_unstable();
            let (least, median, greatest) = (runs[0], runs[RUNS / 2], runs[RUNS - 1]);
            println!("| {protocol:?} | {clients} | {median} | {least} | {greatest} |");
        }
    }
}

/// Lines a second.
fn run(folder: &Path, protocol: Protocol, clients: u64) -> u64 {
    let folder = tempfile::tempdir_in(folder).unwrap();
    let journal = LocalJournal::open(folder.path(), Settings::default()).unwrap();
    let intake = Arc::new(Intake::new(Arc::new(journal), || 7));
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = Listener::bind(any, protocol, Admission::default()).unwrap();
    let address = listener.local_addr().unwrap();
    let (_stop, asked) = watch::channel(false);
    runtime.spawn(listener.run(Arc::clone(&intake), asked));
    let start = Instant::now();
    let each = LINES / clients;
    thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(move || match protocol {
                Protocol::Syslog => syslog(address, each),
                Protocol::Relp => relp(address, each),
            });
        }
    });
    let taken = || {
        intake
            .sources()
            .iter()
            .map(|(_, counts)| counts.lines)
            .sum::<u64>()
    };
    while taken() < each * clients {
        thread::park_timeout(Duration::from_millis(1));
    }
    (LINES as f64 / start.elapsed().as_secs_f64()) as u64
}

fn line(number: u64) -> String {
    format!(
        "<22>Oct  3 10:00:00 mx1 postfix/smtp[99]: {number:0>10}: to=<someone@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=0.4, status=sent (250 ok, queued) .."
    )
}

fn syslog(address: SocketAddr, lines: u64) {
    let mut client = BufWriter::new(TcpStream::connect(address).unwrap());
    for number in 0..lines {
        writeln!(client, "{}", line(number)).unwrap();
    }
}

fn relp(address: SocketAddr, lines: u64) {
    let client = TcpStream::connect(address).unwrap();
    let mut answers = BufReader::new(client.try_clone().unwrap()).lines();
    let mut client = BufWriter::new(client);
    writeln!(client, "1 open 30 relp_version=0\ncommands=syslog").unwrap();
    let mut unanswered = 1;
    for txnr in 2..lines + 2 {
        let line = line(txnr);
        writeln!(client, "{txnr} syslog {} {line}", line.len()).unwrap();
        unanswered += 1;
        if unanswered == WINDOW {
            client.flush().unwrap();
            while unanswered > WINDOW / 2 {
                unanswered -= u64::from(is_end(&answers.next().unwrap().unwrap()));
            }
        }
    }
    client.flush().unwrap();
    while unanswered > 0 {
        unanswered -= u64::from(is_end(&answers.next().unwrap().unwrap()));
    }
}

/// Whether a line ends an answer: that to `open` has several.
fn is_end(line: &str) -> bool {
    line.ends_with("200 OK") && !line.starts_with("1 ") || line == "commands=syslog"
}
