//! `waybill serve`: takes lines from whoever sends them, and answers while they come.
//!
//! ```text
//! listeners, followed files ──► journal ──► live (record) ──► archive
//!      (tokio)      (thread)                 │ (thread)
//!                                            └► view ◄── questions over the socket (threads)
//! ```
//!
//! It ends in the order in which lines travel: nobody is listened to any more, what is in the journal
//! is committed, then nobody is answered.

mod config;
mod journald;
mod metrics;
mod nightly;
mod redis;
mod web;

use crate::Ended;
use crate::archive::open_or_create;
use crate::args::{Config as ConfigArgs, ConfigCommand, Serve};
use crate::asker::Asker;
use crate::input::{now, zone};
use crate::socket::Server;
use anyhow::Context;
use config::{Config, Log};
use follow::{Follower, Handle, Journald, JournaldHandle};
use intake::{Admission, Counts, Intake, Listener as Port, Protocol, SyslogUdp, Tls, http};
use jiff::tz::TimeZone;
use journal::{Journal, LocalJournal, Position};
use model::Timestamp;
use nightly::Nightly;
use pipeline::ArrivalSettings;
use record::View;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::Writer;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tracing::level_filters::LevelFilter;
use tracing::{error, info, warn};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// How long a line waits for those of other sources that were written before it, milliseconds.
const HOLD_MS: i64 = 250;
/// How often new rows are shown, milliseconds.
const SHOW_MS: i64 = 150;

/// What the daemon consists of, for those who answer or watch.
pub(crate) struct Daemon {
    pub(crate) view: View,
    pub(crate) intake: Arc<Intake>,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) follower: Option<Handle>,
    pub(crate) journald: Option<JournaldHandle>,
    pub(crate) uploads: Arc<http::Uploads>,
    /// When it began.
    pub(crate) began: Timestamp,
    /// Whether lines are taken into the archive; if not, it ends.
    pub(crate) is_ready: AtomicBool,
}

impl Daemon {
    /// What was counted by source, but for files.
    pub(crate) fn counted(&self) -> Vec<(String, Counts)> {
        let mut all = self.intake.sources();
        if let Some(journald) = &self.journald {
            let of = journald.counts();
            let counts = Counts {
                lines: of.lines,
                bytes: of.bytes,
                cut: of.cut,
                ..Counts::default()
            };
            all.push((follow::JOURNALD.to_owned(), counts));
        }
        all
    }
}

pub(crate) fn run(command: &Serve) -> anyhow::Result<Ended> {
    let config = Config::load(command.config.as_deref())?;
    log(config.log);
    let folder = match command.data.data.clone() {
        Some(folder) => folder,
        None if config.data != Path::new("") => config.data.clone(),
        None => command.data.folder(),
    };
    let writer = open_or_create(&folder)?;
    let journal = journal(&folder, &config)?;
    let intake = Arc::new(Intake::new(Arc::clone(&journal), now_ns));
    let follower = follower(&folder, &config, &journal)?;
    let reader = journald::reader(&folder, &config, &journal)?;
    let uploads = journald::uploads(&folder, &journal)?;
    let daemon = Daemon {
        view: View::new(writer.archive()),
        intake,
        journal,
        follower: follower.as_ref().map(Follower::handle),
        journald: reader.as_ref().map(Journald::handle),
        uploads,
        began: clock(),
        is_ready: AtomicBool::new(true),
    };
    let daemon = Arc::new(daemon);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let (stop, stopped) = watch::channel(false);
    let ports = runtime.block_on(async {
        let mut ports = listen(&config, &daemon, &stopped).await?;
        web::listen(&config, &folder, &daemon, &stopped, &mut ports).await?;
        anyhow::Ok(ports)
    })?;
    let socket = Server::open(&writer)?;
    info!(data = %folder.display(), "ready");
    serve(
        &config,
        writer,
        &daemon,
        (follower, reader),
        &socket,
        Ports {
            runtime,
            stop,
            ports,
        },
    )
}

/// What holds, and whether it is right.
pub(crate) fn config(command: &ConfigArgs, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    match &command.command {
        ConfigCommand::Check { file } => {
            Config::load(file.as_deref())?;
            writeln!(asker.out, "it is right")?;
        }
        ConfigCommand::Show { file } => {
            write!(asker.out, "{}", config::effective(file.as_deref())?)?;
        }
        ConfigCommand::Example => write!(asker.out, "{}", config::EXAMPLE)?,
    }
    Ok(Ended::Answered)
}

/// The listeners, and how they are told to end.
struct Ports {
    runtime: Runtime,
    stop: watch::Sender<bool>,
    ports: JoinSet<()>,
}

/// Tells that a thread has ended, however it did: without any of them lines are not taken.
struct TellsEnd(mpsc::Sender<()>);

impl Drop for TellsEnd {
    fn drop(&mut self) {
        // One is enough.
        let _ = self.0.try_send(());
    }
}

/// Runs until it is told to end, or cannot go on.
fn serve(
    config: &Config,
    writer: Writer,
    daemon: &Arc<Daemon>,
    (follower, reader): (Option<Follower>, Option<Journald>),
    socket: &Server,
    ports: Ports,
) -> anyhow::Result<Ended> {
    let settings = settings(config)?;
    let is_last = AtomicBool::new(false);
    let (failed, failure) = mpsc::channel(1);
    std::thread::scope(|scope| {
        let is_last = &is_last;
        let live = scope.spawn({
            let (settings, failed) = (&settings, failed.clone());
            move || {
                let _ended = TellsEnd(failed);
                let mut listener = Cutting(daemon);
                record::live(
                    writer,
                    &*daemon.journal,
                    settings,
                    &daemon.view,
                    clock,
                    is_last,
                    &mut listener,
                )
            }
        });
        let following = follower.map(|follower| {
            let failed = failed.clone();
            scope.spawn(move || {
                let _ended = TellsEnd(failed);
                follower.run()
            })
        });
        let reading = reader.map(|reader| {
            scope.spawn(move || {
                let _ended = TellsEnd(failed);
                reader.run()
            })
        });
        scope.spawn(|| socket.serve(|| daemon.view.archive(), Some(daemon)));
        let nightly = Nightly::new(config.upkeep.hour, settings.arrivals.zone.clone());
        wait_for_end(&ports.runtime, daemon, failure, nightly);
        info!("ending: lines that were taken are committed");
        let _ = ports.stop.send(true);
        ports.runtime.block_on(async move {
            let mut ports = ports.ports;
            while ports.join_next().await.is_some() {}
        });
        if let Some(handle) = &daemon.follower {
            handle.stop();
        }
        if let Some(handle) = &daemon.journald {
            handle.stop();
        }
        let followed = following.map(std::thread::ScopedJoinHandle::join);
        let read = reading.map(std::thread::ScopedJoinHandle::join);
        is_last.store(true, Ordering::Relaxed);
        let lived = live.join();
        socket.stop();
        // A panic goes on; what failed is told.
        if let Some(followed) = followed {
            followed
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                .context("log files cannot be followed")?;
        }
        if let Some(read) = read {
            read.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                .context("the journal of this machine cannot be read")?;
        }
        lived
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            .context("lines cannot be taken into the archive")?;
        info!("ended");
        Ok(Ended::Answered)
    })
}

/// Waits for a signal, or until lines cannot be taken any more; sees to what is due meanwhile.
fn wait_for_end(
    runtime: &Runtime,
    daemon: &Daemon,
    mut failure: mpsc::Receiver<()>,
    mut nightly: Nightly,
) {
    use tokio::signal::unix::{SignalKind, signal};
    runtime.block_on(async {
        let (Ok(mut interrupt), Ok(mut terminate)) = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        ) else {
            error!("signals cannot be listened for");
            return;
        };
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                _ = interrupt.recv() => return,
                _ = terminate.recv() => return,
                _ = failure.recv() => {
                    daemon.is_ready.store(false, Ordering::Relaxed);
                    return;
                }
                _ = tick.tick() => {
                    tell_problems(daemon);
                    nightly.due(now()).into_iter().for_each(|it| daemon.view.upkeep(it));
                }
            }
        }
    });
}

/// Tells what goes wrong with what is followed.
fn tell_problems(daemon: &Daemon) {
    let problems = daemon.follower.as_ref().map(Handle::take_problems);
    for problem in problems.into_iter().flatten() {
        warn!("{problem}");
    }
    let problems = daemon.journald.as_ref().map(JournaldHandle::take_problems);
    for problem in problems.into_iter().flatten() {
        warn!("{problem}");
    }
}

/// Cuts the journal behind what the archive has, and tells what was lost.
struct Cutting<'a>(&'a Daemon);

impl record::Listener for Cutting<'_> {
    fn committed(&mut self, before: Position) {
        let followed = self.0.follower.as_ref().map(Handle::cut_before);
        let read = self.0.journald.as_ref().map(JournaldHandle::cut_before);
        let before = followed.into_iter().chain(read).fold(before, Position::min);
        if let Err(error) = self.0.uploads.save() {
            return warn!(%error, "the journal is not cut: how far journals were uploaded cannot be saved");
        }
        if let Err(error) = self.0.journal.cut(before) {
            warn!(%error, "the journal cannot be cut");
        }
    }

    fn lost(&mut self, problem: &journal::Error) {
        error!(%problem, "lines of the journal cannot be read and are passed over");
    }
}

fn clock() -> Timestamp {
    Timestamp::from_nanos(now_ns())
}

fn now_ns() -> i64 {
    // Until the year 2262.
    i64::try_from(now().as_nanosecond()).unwrap_or(i64::MAX)
}

fn log(how: Log) {
    // What the engines under the archive have to say is for those who mend them.
    let own = ["waybill", "intake", "follow", "record", "journal"];
    let own = own.map(|name| (name, LevelFilter::INFO));
    let wanted = Targets::new()
        .with_default(LevelFilter::ERROR)
        .with_targets(own);
    let layer = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let registry = tracing_subscriber::registry();
    // Fails only where there is one already.
    let _ = match how {
        Log::Text => registry.with(layer.with_filter(wanted)).try_init(),
        Log::Json => registry.with(layer.json().with_filter(wanted)).try_init(),
    };
}

fn journal(folder: &Path, config: &Config) -> anyhow::Result<Arc<dyn Journal>> {
    let settings = journal::Settings {
        bytes_max: config.journal.megabytes << 20,
        ..journal::Settings::default()
    };
    let journal = LocalJournal::open(&folder.join("journal"), settings);
    Ok(Arc::new(journal.context("cannot open the journal")?))
}

fn follower(
    folder: &Path,
    config: &Config,
    journal: &Arc<dyn Journal>,
) -> anyhow::Result<Option<Follower>> {
    if config.follow.files.is_empty() {
        return Ok(None);
    }
    let patterns = config.follow.files.iter().map(Into::into).collect();
    let settings = follow::Settings {
        history: config.follow.history,
        ..follow::Settings::default()
    };
    let state = folder.join("follow");
    let follower = Follower::open(&state, Arc::clone(journal), patterns, settings, now_ns);
    Ok(Some(follower.context("log files cannot be followed")?))
}

fn settings(config: &Config) -> anyhow::Result<record::Settings> {
    let zone = match config.timezone.as_str() {
        "" => TimeZone::system(),
        named => zone(named)?,
    };
    Ok(record::Settings {
        arrivals: ArrivalSettings {
            zone,
            host: Some(config.host.as_str().into()).filter(|_| !config.host.is_empty()),
            hold_ms: HOLD_MS,
            once_ms: config
                .intake
                .once
                .then(|| i64::from(config.intake.once_seconds) * 1_000),
        },
        name: follow::source_name,
        show_ms: SHOW_MS,
        commit_bytes: config.commit.megabytes << 20,
        commit_ms: i64::from(config.commit.minutes) * 60_000,
    })
}

/// Opens all listeners, or none.
async fn listen(
    config: &Config,
    daemon: &Arc<Daemon>,
    stop: &watch::Receiver<bool>,
) -> anyhow::Result<JoinSet<()>> {
    let mut ports = JoinSet::new();
    let listen = &config.listen;
    let tls = match (listen.syslog_tls.as_str(), listen.relp_tls.as_str()) {
        ("", "") => None,
        _ => {
            let read = |path: &Path| {
                std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
            };
            let authority = match config.tls.client_ca.as_path() {
                path if path == Path::new("") => None,
                path => Some(read(path)?),
            };
            let (certificate, key) = (read(&config.tls.certificate)?, read(&config.tls.key)?);
            Some(Tls::new(&certificate, &key, authority.as_deref())?)
        }
    };
    if let Some(address) = address("syslog_udp", &listen.syslog_udp)? {
        let port = SyslogUdp::bind(address).with_context(|| cannot("syslog_udp", address))?;
        told("syslog_udp", port.local_addr()?);
        ports.spawn(port.run(Arc::clone(&daemon.intake), stop.clone()));
    }
    let connected = [
        ("syslog_tcp", &listen.syslog_tcp, Protocol::Syslog, None),
        (
            "syslog_tls",
            &listen.syslog_tls,
            Protocol::Syslog,
            tls.clone(),
        ),
        ("relp", &listen.relp, Protocol::Relp, None),
        ("relp_tls", &listen.relp_tls, Protocol::Relp, tls),
    ];
    for (name, at, protocol, tls) in connected {
        let Some(address) = address(name, at)? else {
            continue;
        };
        let admission = Admission {
            tls,
            ..Admission::default()
        };
        let port =
            Port::bind(address, protocol, admission).with_context(|| cannot(name, address))?;
        told(name, port.local_addr()?);
        ports.spawn(port.run(Arc::clone(&daemon.intake), stop.clone()));
    }
    if let Some(address) = address("http", &listen.http)? {
        let port = TcpListener::bind(address).await;
        let port = port.with_context(|| cannot("http", address))?;
        told("http", port.local_addr()?);
        let tokens = config
            .http
            .tokens
            .iter()
            .map(|token| http::Token::new(token));
        let settings = http::Settings {
            tokens: tokens.collect(),
            journald: config.journald.wanted()?,
            uploads: Arc::clone(&daemon.uploads),
            ..http::Settings::default()
        };
        let router = http::router(Arc::clone(&daemon.intake), settings);
        let router = router.merge(metrics::router(Arc::clone(daemon)));
        let mut stop = stop.clone();
        ports.spawn(http::serve(port, router, async move {
            let _ = stop.wait_for(|stop| *stop).await;
        }));
    }
    if let Some(list) = redis::list(config)? {
        ports.spawn(list.run(Arc::clone(&daemon.intake), stop.clone()));
    }
    Ok(ports)
}

fn address(name: &str, text: &str) -> anyhow::Result<Option<SocketAddr>> {
    if text.is_empty() {
        return Ok(None);
    }
    let address = text.parse();
    let address = address.with_context(|| {
        format!("`{text}` of `{name}` is no address with a port, as `127.0.0.1:5514`")
    })?;
    Ok(Some(address))
}

fn cannot(name: &str, address: SocketAddr) -> String {
    format!("cannot listen at {address} for `{name}`")
}

fn told(name: &'static str, address: SocketAddr) {
    info!(%address, "listening: {name}");
    if !address.ip().is_loopback() && !name.ends_with("tls") {
        warn!("`{name}` is open to the network: whoever reaches it can send lines");
    }
}
