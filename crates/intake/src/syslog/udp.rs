//! Syslog in datagrams (RFC 5426).
//!
//! The task that receives never waits for the journal: what comes while [`UDP_BATCHES_MAX`] batches wait is dropped
//! and counted. What the kernel drops before is counted too, under `syslog udp`, since nobody knows whose it was.

use super::kernel;
use crate::gathered::append;
use crate::intake::Intake;
use crate::limits::{
    DATAGRAM_BYTES_MAX, DATAGRAMS_AT_ONCE, KERNEL_LOOK_SECS, UDP_BATCHES_MAX, UDP_KERNEL_BYTES,
};
use crate::pieces::trimmed;
use crate::seldom::Seldom;
use crate::stop::Stop;
use journal::{Batch, Record};
use rustix::net::sockopt;
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, ErrorKind};
use std::net::{self, IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::interval;

/// What the lines of the kernel's drops are counted under.
const KERNEL: &str = "syslog udp";

/// Takes datagrams, each of which is a message.
pub struct SyslogUdp {
    socket: UdpSocket,
}

impl SyslogUdp {
    /// Listens at an address; port 0 means one that is free. Must be called inside a runtime.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = net::UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        ask_for_room(&socket);
        let socket = UdpSocket::from_std(socket)?;
        Ok(SyslogUdp { socket })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Takes lines until `stop` is true or its sender is gone; then what is on its way, and makes it durable.
    pub async fn run(self, intake: Arc<Intake>, stop: watch::Receiver<bool>) {
        let mut receiver = Receiver {
            intake: Arc::clone(&intake),
            buffer: vec![0; DATAGRAM_BYTES_MAX],
            name: String::new(),
            waiting: VecDeque::new(),
        };
        let mut stop = Stop::new(stop);
        let mut appending = JoinSet::new();
        let mut looks = interval(Duration::from_secs(KERNEL_LOOK_SECS));
        let mut dropped = 0;
        loop {
            tokio::select! {
                () = stop.asked_and_quiet() => break,
                Some(_) = appending.join_next(), if !appending.is_empty() => {}
                _ = looks.tick() => dropped = look(&self.socket, &intake, dropped),
                Ok(()) = self.socket.readable() => receiver.receive(&self.socket),
            }
            if appending.is_empty()
                && let Some(batch) = receiver.waiting.pop_front()
            {
                appending.spawn(make_durable(Arc::clone(&intake), batch, stop.clone()));
            }
        }
        look(&self.socket, &intake, dropped);
        while appending.join_next().await.is_some() {}
        let mut has_room = true;
        for batch in receiver.waiting {
            if has_room {
                has_room = make_durable(Arc::clone(&intake), batch, stop.clone()).await;
            } else {
                drop_all(&intake, &batch);
            }
        }
    }
}

struct Receiver {
    intake: Arc<Intake>,
    buffer: Vec<u8>,
    /// Of the sender of the last datagram; kept for its memory.
    name: String,
    waiting: VecDeque<Batch>,
}

static NO_ROOM: Seldom = Seldom::new();
static BROKEN: Seldom = Seldom::new();

impl Receiver {
    /// Takes what has arrived, up to [`DATAGRAMS_AT_ONCE`].
    fn receive(&mut self, socket: &UdpSocket) {
        for _ in 0..DATAGRAMS_AT_ONCE {
            match socket.try_recv_from(&mut self.buffer) {
                Ok((bytes, peer)) => self.take(bytes, peer.ip().to_canonical()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => {
                    if let Some(times) = BROKEN.count(1) {
                        tracing::warn!(%error, times, "datagrams cannot be received");
                    }
                    return;
                }
            }
        }
    }

    fn take(&mut self, bytes: usize, peer: IpAddr) {
        let line = trimmed(&self.buffer[..bytes]);
        if line.is_empty() {
            return;
        }
        self.name.clear();
        name_into(&mut self.name, peer);
        let record = Record {
            received_ns: self.intake.now_ns(),
            source: self.name.as_bytes(),
            line,
        };
        if push(&mut self.waiting, record) {
            return;
        }
        self.intake.dropped(&self.name, 1);
        if let Some(lines) = NO_ROOM.count(1) {
            tracing::error!(lines, "datagrams dropped: the journal is too slow or full");
        }
    }
}

fn name_into(name: &mut String, peer: IpAddr) {
    use std::fmt::Write;
    // A String takes all that is written.
    let _ = write!(name, "syslog udp {peer}");
}

/// Adds a line behind others that wait; false if there is no room.
fn push(waiting: &mut VecDeque<Batch>, record: Record<'_>) -> bool {
    if let Some(last) = waiting.back_mut()
        && last.push(record).is_ok()
    {
        return true;
    }
    if waiting.len() >= UDP_BATCHES_MAX {
        return false;
    }
    let mut batch = Batch::new();
    let pushed = batch.push(record).is_ok();
    waiting.push_back(batch);
    pushed
}

/// Appends a batch; false if that cannot be, and its lines are dropped.
async fn make_durable(intake: Arc<Intake>, batch: Batch, stop: Stop) -> bool {
    let batch = Arc::new(batch);
    let appended = append(&intake, Arc::clone(&batch), &stop, || {}).await;
    if appended.is_err() {
        drop_all(&intake, &batch);
    }
    appended.is_ok()
}

/// Counts the lines of a batch as dropped.
fn drop_all(intake: &Intake, batch: &Batch) {
    let mut lines: BTreeMap<&[u8], u64> = BTreeMap::new();
    for record in batch.iter() {
        *lines.entry(record.source).or_default() += 1;
    }
    for (source, lines) in lines {
        intake.dropped(&String::from_utf8_lossy(source), lines);
    }
}

static KERNEL_DROPS: Seldom = Seldom::new();

/// Counts what the kernel dropped since the last look; gives all that it has dropped.
fn look(socket: &UdpSocket, intake: &Intake, before: u64) -> u64 {
    let Some(dropped) = kernel::drops(socket) else {
        return before;
    };
    let more = dropped.saturating_sub(before);
    if more > 0 {
        intake.dropped(KERNEL, more);
        if let Some(lines) = KERNEL_DROPS.count(more) {
            tracing::error!(
                lines,
                "datagrams dropped by the kernel: its buffer was full"
            );
        }
    }
    dropped
}

/// Asks the kernel for a large buffer; above what it allows all, only root gets it.
fn ask_for_room(socket: &net::UdpSocket) {
    #[cfg(target_os = "linux")]
    if sockopt::set_socket_recv_buffer_size_force(socket, UDP_KERNEL_BYTES).is_ok() {
        return;
    }
    let set = sockopt::set_socket_recv_buffer_size(socket, UDP_KERNEL_BYTES);
    let bytes = sockopt::socket_recv_buffer_size(socket).unwrap_or(0);
    if set.is_err() || bytes < UDP_KERNEL_BYTES {
        tracing::info!(
            bytes,
            wanted = UDP_KERNEL_BYTES,
            "small buffer for datagrams"
        );
    }
}
