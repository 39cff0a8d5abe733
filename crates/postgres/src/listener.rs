//! The port: connections come in, are counted, and end with it.

use crate::guest::{Guest, Settings};
use crate::limits::LOGIN_MAX;
use crate::login;
use crate::refusal::Refusal;
use crate::running::{Place, Running, stopped};
use crate::wire::Wire;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Takes connections of PostgreSQL's clients.
pub struct Listener {
    socket: TcpListener,
}

/// How long a port waits that cannot accept, as where files run out.
const PAUSE: Duration = Duration::from_millis(100);

impl Listener {
    /// Listens at an address; port 0 means one that is free.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        Ok(Listener { socket })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Answers until `stop` is true or its sender is gone; then questions are ended.
    pub async fn run(self, settings: Settings, mut stop: watch::Receiver<bool>) {
        let running = Running::new(Arc::clone(&settings.counts));
        let settings = Arc::new(settings);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                () = stopped(&mut stop) => break,
                Some(ended) = connections.join_next(), if !connections.is_empty() => {
                    if let Err(panic) = ended {
                        tracing::error!(%panic, "a connection of a client of PostgreSQL failed");
                    }
                }
                accepted = self.socket.accept() => match accepted {
                    Ok((stream, peer)) => {
                        let guest = Guest {
                            settings: Arc::clone(&settings),
                            address: peer.ip().to_canonical(),
                        };
                        match running.take(guest.address) {
                            Some(place) => {
                                connections.spawn(serve(guest, stream, place, stop.clone()));
                            }
                            None => {
                                settings.counts.refused.fetch_add(1, Ordering::Relaxed);
                                refuse(stream);
                            }
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a client of PostgreSQL");
                        tokio::time::sleep(PAUSE).await;
                    }
                },
            }
        }
        while connections.join_next().await.is_some() {}
    }
}

/// Tells that there is no place; who does not hear it at once is not waited for.
fn refuse(stream: TcpStream) {
    let mut wire = Wire::new(stream);
    Refusal::fatal("53300", "there are too many connections").put(&mut wire.outbox);
    let _ = wire.stream.try_write(wire.outbox.as_bytes());
}

async fn serve(guest: Guest, stream: TcpStream, place: Place, mut stop: watch::Receiver<bool>) {
    let address = guest.address;
    // Rows are small messages that are gathered anyway.
    let _ = stream.set_nodelay(true);
    let greeted = tokio::select! {
        () = stopped(&mut stop) => return,
        greeted = tokio::time::timeout(LOGIN_MAX, login::greet(&guest, stream, &place)) => greeted,
    };
    let session = match greeted {
        Ok(Ok(Some(session))) => session,
        Ok(Ok(None)) => return,
        Ok(Err(error)) => {
            tracing::debug!(%address, %error, "a client did not log in");
            return;
        }
        Err(_) => {
            tracing::debug!(%address, "a client took too long to log in");
            return;
        }
    };
    if let Err(error) = session.serve(place, guest.settings, stop).await {
        tracing::debug!(%address, %error, "a client of PostgreSQL is gone");
    }
}
