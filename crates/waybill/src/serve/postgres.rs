//! SQL for PostgreSQL's clients: its port, and what the daemon gives it.

use super::Daemon;
use super::config::Config;
use super::ports::{address, cannot};
use anyhow::Context;
use desk::Desk;
use intake::{Tls, TlsAcceptor};
use jiff::Timestamp;
use postgres::{Listener, Settings};
use query::Archive;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::info;

/// Opens the port, if there is to be one.
pub(super) async fn listen(
    config: &Config,
    daemon: &Arc<Daemon>,
    desk: Arc<Desk>,
    tls: watch::Receiver<Option<TlsAcceptor>>,
    (stop, tasks): (watch::Receiver<bool>, &mut JoinSet<()>),
) -> anyhow::Result<()> {
    let Some(address) = address("postgres", &config.listen.postgres)? else {
        return Ok(());
    };
    let port = Listener::bind(address).await;
    let port = port.with_context(|| cannot("postgres", address))?;
    info!(address = %port.local_addr()?, "listening: postgres");
    let settings = Settings {
        daemon: Arc::clone(daemon) as _,
        desk,
        tls,
        counts: Arc::clone(&daemon.postgres),
    };
    tasks.spawn(port.run(settings, stop));
    Ok(())
}

/// What TLS is spoken with; `None` where there is no certificate. Clients show keys, not certificates.
pub(super) fn tls(config: &Config) -> anyhow::Result<Option<TlsAcceptor>> {
    if config.listen.postgres.is_empty() || !config.tls.is_there() {
        return Ok(None);
    }
    let read = |path: &Path| {
        std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
    };
    let certificate = read(&config.tls.certificate)?;
    let tls = Tls::new(&certificate, &read(&config.tls.key)?, None)?;
    Ok(Some(tls.into()))
}

impl postgres::Daemon for Daemon {
    fn archive(&self) -> Arc<Archive> {
        self.view.archive()
    }

    fn now(&self) -> Timestamp {
        crate::input::now()
    }
}
