//! `waybill serve`: takes lines from whoever sends them, and answers while they come.
//!
//! ```text
//! listeners, followed files ──► journal ─┬► live (record) ──► archive
//!      (tokio)      (thread)             │   │ (thread)
//!                                        │   └► view ◄── questions over the socket (threads)
//!                                        └► lines as they are taken (thread) ◄── `tail --raw`
//! ```
//!
//! It ends in the order in which lines travel: nobody is listened to any more, what is in the journal
//! is committed, then nobody is answered.

mod alerts;
mod classes;
mod config;
mod daemon;
mod following;
mod hooks;
mod jobs;
mod journald;
mod log;
mod metrics;
mod nightly;
mod notify;
mod pause;
mod ports;
mod postgres;
mod redis;
mod reload;
mod reports;
mod storing;
mod web;

pub(crate) use daemon::Daemon;

use crate::Ended;
use crate::archive::open_or_create;
use crate::args::{Config as ConfigArgs, ConfigCommand, Serve};
use crate::asker::Asker;
use crate::input::{now, zone};
use crate::socket::Server;
use anyhow::Context;
use config::Config;
use daemon::JOURNAL;
use follow::Journald;
use following::Followed;
use intake::Intake;
use jiff::tz::TimeZone;
use journal::{Batch, Journal, LocalJournal};
use model::Timestamp;
use nightly::Nightly;
use notify::Watchdog;
use pipeline::ArrivalSettings;
use ports::Ports;
use record::{TakenLines, View};
use reload::Held;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, RwLock};
use std::time::{Duration, Instant};
use store::Writer;
use storing::Storing;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, mpsc};
use tracing::{info, warn};

/// How long a line waits for those of other sources that were written before it, milliseconds.
const HOLD_MS: i64 = 250;
/// How often new rows are shown.
const SHOW_EVERY: Duration = Duration::from_millis(150);
/// Stack of a thread: questions in SQL are planned on it, and deep ones need some MB (`query`, `nesting`).
/// It takes memory only where it is used.
const STACK_BYTES: usize = 16 << 20;
/// How often it is looked at what is due.
const TICK: Duration = Duration::from_secs(1);
/// After how many of them systemd is told how it goes.
const TICKS_OF_STATUS: u64 = 10;

pub(crate) fn run(command: &Serve) -> anyhow::Result<Ended> {
    let (held, config) = Held::load(command.config.clone())?;
    log::begin(config.log);
    open_many_files();
    let folder = match command.data.data.clone() {
        Some(folder) => folder,
        None if config.data != Path::new("") => config.data.clone(),
        None => state_directory().unwrap_or_else(|| command.data.folder()),
    };
    let writer = open_or_create(&folder)?;
    let journal = journal(&folder, &config)?;
    let reader = match config.journald.follow {
        true => Some(journald::open(&folder, &config, &journal)),
        false => None,
    };
    let reader = reader.transpose().context(journald::CANNOT)?;
    let read = journald::Read::default();
    if let Some(reader) = &reader {
        read.put(reader.handle());
    }
    let uploads = journald::uploads(&folder, &journal)?;
    let daemon = Arc::new(Daemon {
        view: View::new(writer.archive()),
        taken: TakenLines::default(),
        intake: Arc::new(Intake::new(Arc::clone(&journal), now_ns)),
        journal,
        journal_bytes_max: config.journal.megabytes << 20,
        followed: Followed::new(&config.follow.files),
        read,
        uploads,
        storing: Storing::default(),
        places: RwLock::default(),
        postgres: Arc::default(),
        customers_changed: Notify::new(),
        began: clock(),
        folder,
    });
    let settings = settings(&config)?;
    // Mail is taken without them, too.
    match config.places.open() {
        Ok(places) => daemon.set_places(places),
        Err(error) => warn!("countries are not known: {error:#}"),
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK_BYTES)
        .build()?;
    let signals = Signals::new(&runtime)?;
    let ports = runtime.block_on(Ports::open(&config, &daemon))?;
    let socket = Server::open(&writer)?;
    let nightly = Nightly::new(config.upkeep.hour, settings.arrivals.zone.clone());
    let watch = Watch {
        daemon: Arc::clone(&daemon),
        held,
        ports,
        nightly,
        signals,
    };
    info!(data = %daemon.folder.display(), "ready");
    notify::ready();
    serve(
        &config,
        &settings,
        (writer, reader),
        &socket,
        &runtime,
        watch,
    )
}

/// Takes as many connections as the system allows: shells begin programs with 1,024 files at a time.
fn open_many_files() {
    let limit = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, all) {
        warn!(
            "not more than {:?} files can be open: {error}",
            limit.current
        );
    }
}

/// The folder that systemd has made for the service (systemd.exec(5), `StateDirectory`).
fn state_directory() -> Option<PathBuf> {
    std::env::var_os("STATE_DIRECTORY").map(PathBuf::from)
}

/// What holds, and whether it is right.
pub(crate) fn config(command: &ConfigArgs, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    match &command.command {
        ConfigCommand::Check { file } => {
            let config = Config::of(config::effective(file.as_deref())?)?;
            config.places.open()?;
            config.mail.relay()?;
            writeln!(asker.out, "it is right")?;
        }
        ConfigCommand::Show { file } => {
            let effective = config::effective(file.as_deref())?;
            write!(asker.out, "{}", config::without_secrets(effective))?;
        }
        ConfigCommand::Example => write!(asker.out, "{}", config::EXAMPLE)?,
    }
    Ok(Ended::Answered)
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
    settings: &record::Settings,
    (writer, reader): (Writer, Option<Journald>),
    socket: &Server,
    runtime: &Runtime,
    mut watch: Watch,
) -> anyhow::Result<Ended> {
    let daemon = &Arc::clone(&watch.daemon);
    let is_last = &AtomicBool::new(false);
    let (ended, end) = mpsc::channel(1);
    std::thread::scope(|scope| {
        let storing = scope.spawn({
            let ended = TellsEnd(ended.clone());
            move || {
                let _ended = ended;
                storing::run(writer, daemon, settings, is_last)
            }
        });
        let reading = reader.map(|reader| {
            let ended = TellsEnd(ended.clone());
            scope.spawn(move || {
                let _ended = ended;
                journald::run(reader, config, daemon)
            })
        });
        let following = scope.spawn(move || {
            let _ended = TellsEnd(ended);
            let folder = daemon.folder.join("follow");
            following::run(&daemon.followed, &folder, &daemon.journal, &config.follow)
        });
        scope.spawn(|| socket.serve(|| daemon.view.archive(), Some(daemon)));
        scope.spawn(|| daemon.taken.tell(&*daemon.journal, settings.name, is_last));
        let watched = runtime.block_on(watch.until_end(end));
        info!("ending: lines that were taken are committed");
        notify::stopping();
        runtime.block_on(watch.ports.close());
        daemon.followed.stop();
        daemon.read.stop();
        let followed = following.join();
        let read = reading.map(std::thread::ScopedJoinHandle::join);
        is_last.store(true, Ordering::Relaxed);
        let stored = storing.join();
        socket.stop();
        // A panic goes on; what failed is told.
        followed
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            .context("log files cannot be followed")?;
        if let Some(read) = read {
            read.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                .context(journald::CANNOT)?;
        }
        stored
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            .context("lines cannot be taken into the archive")?;
        watched.context("lines cannot be taken into the journal")?;
        info!("ended");
        Ok(Ended::Answered)
    })
}

/// What is done while lines come in.
struct Watch {
    daemon: Arc<Daemon>,
    held: Held,
    ports: Ports,
    nightly: Nightly,
    signals: Signals,
}

/// What the daemon is told from outside.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new(runtime: &Runtime) -> anyhow::Result<Self> {
        let _entered = runtime.enter();
        let listen = |kind| signal(kind).context("signals cannot be listened for");
        Ok(Signals {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }
}

impl Watch {
    /// Sees to what is due, until a signal, or until a thread ends. Errs where the journal does not
    /// write any more: only one that is opened anew can.
    async fn until_end(&mut self, mut end: mpsc::Receiver<()>) -> Result<(), journal::Error> {
        let mut watchdog = Watchdog::new();
        let mut tick = tokio::time::interval(TICK);
        let mut number: u64 = 0;
        loop {
            tokio::select! {
                _ = self.signals.interrupt.recv() => return Ok(()),
                _ = self.signals.terminate.recv() => return Ok(()),
                _ = end.recv() => return Ok(()),
                _ = self.signals.hang_up.recv() => self.reload().await,
                _ = tick.tick() => {
                    self.daemon.journal.append(&Batch::new())?;
                    watchdog.look(self.daemon.storing.turns());
                    self.tick();
                    if number.is_multiple_of(TICKS_OF_STATUS) {
                        notify::status(&self.daemon.in_a_line());
                    }
                    number += 1;
                }
            }
        }
    }

    async fn reload(&mut self) {
        notify::reloading();
        let (ports, nightly) = (&mut self.ports, &mut self.nightly);
        self.held.reload(&self.daemon, ports, nightly).await;
        notify::ready();
    }

    fn tick(&mut self) {
        for problem in self.daemon.followed.take_problems() {
            warn!("{problem}");
        }
        for problem in self.daemon.read.take_problems() {
            warn!("{problem}");
        }
        let due = self.nightly.due(now());
        due.into_iter().for_each(|it| self.daemon.view.upkeep(it));
    }
}

/// An error and what it came from, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let told: Vec<_> = causes.map(ToString::to_string).collect();
    told.join(": ")
}

fn clock() -> Timestamp {
    Timestamp::from_nanos(now_ns())
}

/// What tells the time to the one who takes lines.
const CLOCKS: record::Clocks = record::Clocks {
    wall: clock,
    steady,
};

/// Since it was asked first.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks how long something takes"
)]
fn steady() -> Duration {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed()
}

fn now_ns() -> i64 {
    // Until the year 2262.
    i64::try_from(now().as_nanosecond()).unwrap_or(i64::MAX)
}

fn journal(folder: &Path, config: &Config) -> anyhow::Result<Arc<dyn Journal>> {
    let settings = journal::Settings {
        bytes_max: config.journal.megabytes << 20,
        ..journal::Settings::default()
    };
    let journal = LocalJournal::open(&folder.join(JOURNAL), settings);
    Ok(Arc::new(journal.context("cannot open the journal")?))
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
        show_every: SHOW_EVERY,
        commit_bytes: config.commit.megabytes << 20,
        commit_every: Duration::from_secs(u64::from(config.commit.minutes) * 60),
    })
}
