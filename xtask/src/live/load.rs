//! Generated lines, at a rate, by one or several ways.

use super::daemon::Daemon;
use super::rsyslog::Kind;
use anyhow::Context;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use traffic::{Plan, Stamps, write_day};

/// How lines come.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Way {
    /// Syslog over TCP, lines as they are.
    Tcp,
    /// RELP, each line acknowledged.
    Relp,
    /// rsyslog, which sends by TCP.
    RsyslogTcp,
    /// rsyslog, which sends by RELP.
    RsyslogRelp,
}

impl Way {
    /// The rsyslog between.
    pub(super) fn relay(self) -> Option<Kind> {
        match self {
            Way::Tcp | Way::Relp => None,
            Way::RsyslogTcp => Some(Kind::Tcp),
            Way::RsyslogRelp => Some(Kind::Relp),
        }
    }
}

/// Lines that are sent in one piece.
const LOT_LINES: u64 = 256;
/// Lots that wait for a way that is slow; then all wait.
const LOTS_WAITING: usize = 16;
/// Lines that a RELP client sends before it waits for the answer to the first, as librelp does.
const RELP_WINDOW: u32 = 128;

type Lot = Vec<Vec<u8>>;

/// What is sent.
pub(super) struct Load {
    rate: u64,
    sent: AtomicU64,
}

impl Load {
    pub(super) fn new(rate: u64) -> Self {
        Load {
            rate,
            sent: AtomicU64::new(0),
        }
    }

    /// Lines that were sent until now.
    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Sends until `stop`. `ways` tells the port of a relay where there is one.
    pub(super) fn send(
        &self,
        daemon: &Daemon,
        ways: &[(Way, Option<u16>)],
        stop: &Arc<AtomicBool>,
    ) -> anyhow::Result<()> {
        std::thread::scope(|scope| {
            let mut lots = Vec::new();
            let mut sending = Vec::new();
            for &(way, relay) in ways {
                let (to, from) = sync_channel::<Lot>(LOTS_WAITING);
                lots.push((to, Lot::new()));
                let relay = relay.map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
                let (tcp, relp) = (daemon.port("syslog_tcp"), daemon.port("relp"));
                sending.push(scope.spawn(move || match (way, relay) {
                    (Way::Relp, _) => self.by_relp(relp, &from),
                    (_, to) => self.by_tcp(to.unwrap_or(tcp), &from),
                }));
            }
            let (rate, stop) = (self.rate, Arc::clone(stop));
            std::thread::spawn(move || generate(rate, lots, &stop));
            for sending in sending {
                sending.join().ok().context("a sender has failed")??;
            }
            Ok(())
        })
    }

    fn by_tcp(&self, to: SocketAddr, lots: &Receiver<Lot>) -> anyhow::Result<()> {
        let mut stream = TcpStream::connect(to)?;
        let mut bytes = Vec::new();
        for lot in lots {
            bytes.clear();
            for line in &lot {
                bytes.extend_from_slice(line);
                bytes.push(b'\n');
            }
            stream.write_all(&bytes)?;
            self.sent.fetch_add(lot.len() as u64, Ordering::Relaxed);
        }
        Ok(())
    }

    fn by_relp(&self, to: SocketAddr, lots: &Receiver<Lot>) -> anyhow::Result<()> {
        let mut stream = BufReader::new(TcpStream::connect(to)?);
        let (mut number, mut answered) = (1_u32, 0_u32);
        stream.get_mut().write_all(b"1 open 14 relp_version=0\n")?;
        let mut bytes = Vec::new();
        for lot in lots {
            for some in lot.chunks(RELP_WINDOW as usize / 2) {
                bytes.clear();
                for line in some {
                    number += 1;
                    write!(bytes, "{number} syslog {} ", line.len())?;
                    bytes.extend_from_slice(line);
                    bytes.push(b'\n');
                }
                stream.get_mut().write_all(&bytes)?;
                while number - answered > RELP_WINDOW / 2 {
                    answered = next_answer(&mut stream)?;
                }
            }
            self.sent.fetch_add(lot.len() as u64, Ordering::Relaxed);
        }
        while answered < number {
            answered = next_answer(&mut stream)?;
        }
        Ok(())
    }
}

/// Makes lines that say now, as a busy day would; those of a host go one way. Never returns: the day at
/// hand has more lines than anybody waits for, and at the end they are not made on.
fn generate(rate: u64, mut lots: Vec<(SyncSender<Lot>, Lot)>, stop: &AtomicBool) {
    let plan = Plan {
        lines: rate * 86_400,
        start: jiff::Timestamp::now().as_second(),
        stamps: Stamps::Rfc5424,
        ..Plan::default()
    };
    let (begun, mut made) = (Instant::now(), 0_u64);
    let mut hosts: Vec<String> = Vec::new();
    let mut put = |host: &str, line: &[u8]| {
        if stop.load(Ordering::Relaxed) {
            for (to, lot) in lots.drain(..) {
                let _ = to.send(lot);
            }
            loop {
                std::thread::park();
            }
        }
        let number = hosts.iter().position(|it| it == host).unwrap_or_else(|| {
            hosts.push(host.to_owned());
            hosts.len() - 1
        });
        let ways = lots.len();
        let (to, lot) = &mut lots[number % ways];
        lot.push(line.to_vec());
        // Where a way has failed, its thread tells why.
        if lot.len() as u64 == LOT_LINES && to.send(std::mem::take(lot)).is_err() {
            stop.store(true, Ordering::Relaxed);
        }
        made += 1;
        if made.is_multiple_of(LOT_LINES) {
            let due = Duration::from_secs_f64(made as f64 / rate as f64);
            std::thread::park_timeout(due.saturating_sub(begun.elapsed()));
        }
    };
    write_day(&plan, &mut put, &mut |_| {});
}

/// Of which line the next answer is.
fn next_answer(stream: &mut BufReader<TcpStream>) -> anyhow::Result<u32> {
    let mut head = String::new();
    stream.read_line(&mut head)?;
    let mut words = head.split(' ');
    let number = words.next().and_then(|it| it.parse().ok());
    let length = words.nth(1).and_then(|it| it.trim().parse::<usize>().ok());
    let (number, length) = number
        .zip(length)
        .with_context(|| format!("an answer: {head:?}"))?;
    let text = head.splitn(4, ' ').nth(3).unwrap_or_default();
    anyhow::ensure!(text.starts_with("200"), "an answer: {head:?}");
    // That to `open` has lines of its own.
    let left = (length + 1).saturating_sub(text.len());
    stream.read_exact(&mut vec![0; left])?;
    Ok(number)
}
