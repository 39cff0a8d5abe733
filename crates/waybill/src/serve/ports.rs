//! Where the daemon listens.

use super::config::{Config, Listen};
use super::{Daemon, metrics, postgres, redis, web};
use anyhow::Context;
use axum::Router;
use axum::extract::Request;
use intake::{Admission, Listener, Protocol, SyslogUdp, Tls, TlsAcceptor, http};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower_service::Service as _;
use tracing::{info, warn};

/// All listeners, and how they are told to end.
pub(super) struct Ports {
    daemon: Arc<Daemon>,
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
    secure: Secure,
    /// How requests that bring lines are taken.
    lines: Arc<RwLock<Router>>,
    /// What TLS is spoken with to clients of PostgreSQL.
    postgres: watch::Sender<Option<TlsAcceptor>>,
}

/// Listeners that speak TLS.
struct Secure {
    files: Option<TlsFiles>,
    ports: Vec<(SocketAddr, Protocol)>,
    stop: watch::Sender<bool>,
}

/// What TLS is spoken with, as PEM.
#[derive(PartialEq, Eq)]
struct TlsFiles {
    certificate: Vec<u8>,
    key: Vec<u8>,
    authority: Option<Vec<u8>>,
}

/// How often, and how many times, an address is tried from which a listener has just gone.
const BIND_AGAIN: (Duration, u32) = (Duration::from_millis(20), 250);

impl Ports {
    /// Opens all listeners, or none.
    pub(super) async fn open(config: &Config, daemon: &Arc<Daemon>) -> anyhow::Result<Self> {
        let lines = Arc::new(RwLock::new(taking(config, daemon)?));
        let mut ports = Ports {
            daemon: Arc::clone(daemon),
            tasks: JoinSet::new(),
            stop: watch::Sender::new(false),
            secure: Secure {
                files: None,
                ports: Vec::new(),
                stop: watch::Sender::new(false),
            },
            lines,
            postgres: watch::Sender::new(postgres::tls(config)?),
        };
        let listen = &config.listen;
        ports.open_plain(listen)?;
        ports.open_secure(config)?;
        if let Some(address) = address("http", &listen.http)? {
            ports.open_http(address).await?;
        }
        if let Some(list) = redis::list(config)? {
            let intake = Arc::clone(&daemon.intake);
            ports.tasks.spawn(list.run(intake, ports.stop.subscribe()));
        }
        let stop = ports.stop.subscribe();
        let desk = web::listen(config, daemon, stop.clone(), &mut ports.tasks).await?;
        if let Some(desk) = desk {
            let tls = ports.postgres.subscribe();
            let both = (stop, &mut ports.tasks);
            postgres::listen(config, daemon, desk, tls, both).await?;
        }
        Ok(ports)
    }

    fn open_plain(&mut self, listen: &Listen) -> anyhow::Result<()> {
        if let Some(address) = address("syslog_udp", &listen.syslog_udp)? {
            let port = SyslogUdp::bind(address).with_context(|| cannot("syslog_udp", address))?;
            told("syslog_udp", port.local_addr()?);
            let intake = Arc::clone(&self.daemon.intake);
            self.tasks.spawn(port.run(intake, self.stop.subscribe()));
        }
        for (name, at, protocol) in [
            ("syslog_tcp", &listen.syslog_tcp, Protocol::Syslog),
            ("relp", &listen.relp, Protocol::Relp),
        ] {
            if let Some(address) = address(name, at)? {
                let stop = self.stop.subscribe();
                let bound = self.listen(address, protocol, None, stop);
                told(name, bound.with_context(|| cannot(name, address))?);
            }
        }
        Ok(())
    }

    fn open_secure(&mut self, config: &Config) -> anyhow::Result<()> {
        let listen = &config.listen;
        let Some((files, tls)) = tls(config)? else {
            return Ok(());
        };
        self.secure.files = Some(files);
        for (name, at, protocol) in [
            ("syslog_tls", &listen.syslog_tls, Protocol::Syslog),
            ("relp_tls", &listen.relp_tls, Protocol::Relp),
        ] {
            if let Some(address) = address(name, at)? {
                let stop = self.secure.stop.subscribe();
                let bound = self.listen(address, protocol, Some(tls.clone()), stop);
                let bound = bound.with_context(|| cannot(name, address))?;
                told(name, bound);
                self.secure.ports.push((bound, protocol));
            }
        }
        Ok(())
    }

    /// Listens for connections; gives where.
    fn listen(
        &mut self,
        address: SocketAddr,
        protocol: Protocol,
        tls: Option<Tls>,
        stop: watch::Receiver<bool>,
    ) -> std::io::Result<SocketAddr> {
        let admission = Admission {
            tls,
            ..Admission::default()
        };
        let port = Listener::bind(address, protocol, admission)?;
        let bound = port.local_addr()?;
        let intake = Arc::clone(&self.daemon.intake);
        self.tasks.spawn(port.run(intake, stop));
        Ok(bound)
    }

    async fn open_http(&mut self, address: SocketAddr) -> anyhow::Result<()> {
        let port = TcpListener::bind(address).await;
        let port = port.with_context(|| cannot("http", address))?;
        told("http", port.local_addr()?);
        let lines = Arc::clone(&self.lines);
        let router = metrics::router(Arc::clone(&self.daemon)).fallback(move |request: Request| {
            let mut lines = lines.read().unwrap_or_else(PoisonError::into_inner).clone();
            async move { lines.call(request).await }
        });
        let mut stop = self.stop.subscribe();
        self.tasks.spawn(http::serve(
            port,
            router,
            http::Seats::default(),
            async move {
                let _ = stop.wait_for(|stop| *stop).await;
            },
        ));
        Ok(())
    }

    /// Takes other certificates and tokens; if they are wrong, all stays as it was.
    ///
    /// Connections that speak TLS are closed as at the end of the daemon, so that none stays whose
    /// client would not be taken any more: what was sent is durable, and RELP's clients come again.
    pub(super) async fn renew(&mut self, config: &Config) -> anyhow::Result<()> {
        let secure = tls(config)?;
        let lines = taking(config, &self.daemon)?;
        self.postgres.send_replace(postgres::tls(config)?);
        *self.lines.write().unwrap_or_else(PoisonError::into_inner) = lines;
        match secure {
            Some((files, tls)) if self.secure.files.as_ref() != Some(&files) => {
                self.secure.files = Some(files);
                self.renew_secure(&tls).await
            }
            _ => Ok(()),
        }
    }

    async fn renew_secure(&mut self, tls: &Tls) -> anyhow::Result<()> {
        let stop = watch::Sender::new(false);
        let before = std::mem::replace(&mut self.secure.stop, stop);
        before.send_replace(true);
        for (address, protocol) in self.secure.ports.clone() {
            let (pause, mut tries) = BIND_AGAIN;
            loop {
                let stop = self.secure.stop.subscribe();
                match self.listen(address, protocol, Some(tls.clone()), stop) {
                    Ok(_) => break,
                    Err(error) if error.kind() == ErrorKind::AddrInUse && tries > 0 => {
                        tries -= 1;
                        tokio::time::sleep(pause).await;
                    }
                    Err(error) => return Err(error).with_context(|| cannot("tls", address)),
                }
            }
        }
        info!("TLS is spoken with the new certificate");
        Ok(())
    }

    /// Listens no more; returns when all that was read is durable.
    pub(super) async fn close(mut self) {
        self.stop.send_replace(true);
        self.secure.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Takes requests that bring lines.
fn taking(config: &Config, daemon: &Daemon) -> anyhow::Result<Router> {
    let tokens = config.http.tokens.iter();
    let settings = http::Settings {
        tokens: tokens.map(|token| http::Token::new(token)).collect(),
        journald: config.journald.wanted()?,
        uploads: Arc::clone(&daemon.uploads),
        ..http::Settings::default()
    };
    Ok(http::router(Arc::clone(&daemon.intake), settings))
}

/// What TLS is spoken with; `None` where it is not.
fn tls(config: &Config) -> anyhow::Result<Option<(TlsFiles, Tls)>> {
    if config.listen.syslog_tls.is_empty() && config.listen.relp_tls.is_empty() {
        return Ok(None);
    }
    let read = |path: &Path| {
        std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
    };
    let authority = match config.tls.client_ca.as_path() {
        path if path == Path::new("") => None,
        path => Some(read(path)?),
    };
    let files = TlsFiles {
        certificate: read(&config.tls.certificate)?,
        key: read(&config.tls.key)?,
        authority,
    };
    let tls = Tls::new(&files.certificate, &files.key, files.authority.as_deref())?;
    Ok(Some((files, tls)))
}

pub(super) fn address(name: &str, text: &str) -> anyhow::Result<Option<SocketAddr>> {
    if text.is_empty() {
        return Ok(None);
    }
    let address = text.parse();
    let address = address.with_context(|| {
        format!("`{text}` of `{name}` is no address with a port, as `127.0.0.1:5514`")
    })?;
    Ok(Some(address))
}

pub(super) fn cannot(name: &str, address: SocketAddr) -> String {
    format!("cannot listen at {address} for `{name}`")
}

pub(super) fn told(name: &'static str, address: SocketAddr) {
    info!(%address, "listening: {name}");
    if !address.ip().is_loopback() && !name.ends_with("tls") {
        warn!("`{name}` is open to the network: whoever reaches it can send lines");
    }
}
