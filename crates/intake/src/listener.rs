//! Connections: accepted, counted, greeted with TLS, and handed to their protocol.

use crate::gathered::Gathered;
use crate::intake::Intake;
use crate::limits::{
    ACCEPT_PAUSE_MS, BACKLOG, CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX, KEEPALIVE_SECS,
};
use crate::places::{Place, Places};
use crate::seldom::Seldom;
use crate::share::{self, Share};
use crate::sources::Source;
use crate::stop::Stop;
use crate::tls::Tls;
use crate::{relp, syslog};
use rustix::net::sockopt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// What is spoken on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Syslog over TCP, framed by counts or line ends (RFC 6587, RFC 5425).
    Syslog,
    /// RELP, which acknowledges each message once it is durable.
    Relp,
}

/// Whom a listener takes.
#[derive(Clone)]
pub struct Admission {
    /// TLS from the first byte on; without it all can be read on the way.
    pub tls: Option<Tls>,
    /// Connections in all; [`CONNECTIONS_MAX`] by default.
    pub connections_max: usize,
    /// Connections from one address, or one /64 of IPv6; [`CONNECTIONS_PER_ADDRESS_MAX`] by default.
    pub connections_per_address_max: usize,
}

impl Default for Admission {
    fn default() -> Self {
        Admission {
            tls: None,
            connections_max: CONNECTIONS_MAX,
            connections_per_address_max: CONNECTIONS_PER_ADDRESS_MAX,
        }
    }
}

/// Takes connections that carry lines.
pub struct Listener {
    socket: TcpListener,
    protocol: Protocol,
    admission: Admission,
}

impl Listener {
    /// Listens at an address; port 0 means one that is free. Must be called inside a runtime.
    pub fn bind(address: SocketAddr, protocol: Protocol, admission: Admission) -> io::Result<Self> {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        // A restart must not wait for connections of its predecessor to be forgotten.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(Listener {
            socket: socket.listen(BACKLOG)?,
            protocol,
            admission,
        })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Takes lines until `stop` is true or its sender is gone.
    ///
    /// Then it accepts no more, makes durable what was read, acknowledges it and closes, which takes seconds at most:
    /// syslog is read until clients are quiet, since nobody sends it again. A future that is dropped closes at once.
    pub async fn run(self, intake: Arc<Intake>, stop: watch::Receiver<bool>) {
        let door = Door {
            places: Places::new(
                self.admission.connections_max,
                self.admission.connections_per_address_max,
            ),
            pool: share::pool(),
            protocol: self.protocol,
            tls: self.admission.tls,
            intake,
            stop: Stop::new(stop),
        };
        let mut stop = door.stop.clone();
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                () = stop.asked() => break,
                Some(ended) = connections.join_next(), if !connections.is_empty() => tell(ended),
                accepted = self.socket.accept() => match accepted {
                    Ok((stream, peer)) => {
                        if let Some(guest) = door.let_in(&stream, peer) {
                            connections.spawn(guest.serve(stream));
                        }
                    }
                    Err(error) => pause(&error).await,
                },
            }
        }
        drop(self.socket);
        while let Some(ended) = connections.join_next().await {
            tell(ended);
        }
    }
}

/// What all connections of a listener share.
struct Door {
    places: Arc<Places>,
    pool: Arc<Semaphore>,
    protocol: Protocol,
    tls: Option<Tls>,
    intake: Arc<Intake>,
    stop: Stop,
}

/// A client that was let in.
struct Guest {
    protocol: Protocol,
    tls: Option<Tls>,
    gathered: Gathered,
    share: Share,
    stop: Stop,
    _counted: Counted,
}

static REFUSED: Seldom = Seldom::new();

impl Door {
    /// A place for the client, or its connection is reset, so that it does not believe that lines were taken.
    fn let_in(&self, stream: &TcpStream, peer: SocketAddr) -> Option<Guest> {
        let address = peer.ip().to_canonical();
        let protocol = match (self.protocol, &self.tls) {
            (Protocol::Syslog, None) => "syslog tcp",
            (Protocol::Syslog, Some(_)) => "syslog tls",
            (Protocol::Relp, _) => "relp",
        };
        let name = format!("{protocol} {address}");
        let source = self.intake.source(&name);
        let place = match self.places.take(address) {
            Ok(place) => place,
            Err(reason) => {
                source.refused.fetch_add(1, Ordering::Relaxed);
                if let Some(times) = REFUSED.count(1) {
                    tracing::warn!(last = name, reason, times, "connections refused");
                }
                let _ = sockopt::set_socket_linger(stream, Some(Duration::ZERO));
                return None;
            }
        };
        keep_alive(stream);
        Some(Guest {
            protocol: self.protocol,
            tls: self.tls.clone(),
            gathered: Gathered::new(Arc::clone(&self.intake), name),
            share: Share::of(&self.pool),
            stop: self.stop.clone(),
            _counted: Counted::new(source, place),
        })
    }
}

impl Guest {
    async fn serve(self, stream: TcpStream) {
        match self.tls.clone() {
            None => self.speak(stream).await,
            Some(tls) => Box::pin(self.greet(tls, stream)).await,
        }
    }

    async fn greet(mut self, tls: Tls, stream: TcpStream) {
        let greeted = tokio::select! {
            () = self.stop.asked() => return,
            greeted = tls.accept(stream) => greeted,
        };
        match greeted {
            Ok(stream) => self.speak(stream).await,
            Err(error) => self.gathered.refused(&error),
        }
    }

    /// Each kind of connection has a future of its own, so that a silent one is not as large as the largest.
    async fn speak(self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let Guest {
            gathered,
            share,
            stop,
            _counted,
            ..
        } = self;
        match self.protocol {
            Protocol::Syslog => Box::pin(syslog::serve(stream, gathered, share, stop)).await,
            Protocol::Relp => Box::pin(relp::serve(stream, gathered, share, stop)).await,
        }
    }
}

/// Counts a connection for as long as it is open.
struct Counted {
    source: Arc<Source>,
    _place: Place,
}

impl Counted {
    fn new(source: Arc<Source>, place: Place) -> Self {
        source.connections.fetch_add(1, Ordering::Relaxed);
        Counted {
            source,
            _place: place,
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.source.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Makes the kernel find out when a silent peer has gone; without it such connections would stay for ever. Answers
/// go out at once: one that waits until the peer has taken the former makes RELP wait for a fifth of a second.
fn keep_alive(stream: &TcpStream) {
    let _ = sockopt::set_tcp_nodelay(stream, true);
    let set = sockopt::set_socket_keepalive(stream, true)
        .and_then(|()| sockopt::set_tcp_keepidle(stream, Duration::from_secs(KEEPALIVE_SECS)));
    if let Err(error) = set {
        tracing::debug!(%error, "cannot set keepalive");
    }
}

static ACCEPT: Seldom = Seldom::new();

async fn pause(error: &io::Error) {
    if let Some(times) = ACCEPT.count(1) {
        tracing::warn!(%error, times, "connections cannot be accepted");
    }
    sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
}

fn tell(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection's task ended early");
    }
}
