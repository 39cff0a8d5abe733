//! Who comes in, and with what he is served.

use crate::Daemon;
use crate::running::Counts;
use desk::Desk;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// With what connections are served.
pub struct Settings {
    /// The archive and the clock.
    pub daemon: Arc<dyn Daemon>,
    /// Who may ask how often.
    pub desk: Arc<Desk>,
    /// TLS as it is spoken now, for clients that want it; without it a key can be read on the way.
    pub tls: watch::Receiver<Option<TlsAcceptor>>,
    /// What is counted.
    pub counts: Arc<Counts>,
}

/// A client that was let in.
pub(crate) struct Guest {
    pub(crate) settings: Arc<Settings>,
    pub(crate) address: IpAddr,
}
