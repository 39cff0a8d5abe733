//! A listener with a journal, in a runtime of its own.

use intake::{Admission, Counts, Intake, Listener, Protocol, SyslogUdp};
use journal::{Journal, LocalJournal, Position, Settings};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long anything may take; the machine may be busy with builds.
const DEADLINE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(10);

/// What a server listens for.
pub(crate) enum Kind {
    Udp,
    Stream(Protocol, Admission),
}

pub(crate) const MIB: u64 = 1024 * 1024;

/// The smallest journal that may be: it is full after 40 MiB.
pub(crate) const SMALL: Settings = Settings {
    bytes_max: 40 * MIB,
    segment_bytes: 4 * MIB,
};

pub(crate) struct Server {
    pub(crate) intake: Arc<Intake>,
    pub(crate) journal: Arc<LocalJournal>,
    pub(crate) address: SocketAddr,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
    runtime: Runtime,
    _folder: TempDir,
}

impl Server {
    pub(crate) fn start(kind: Kind, settings: Settings) -> Self {
        let folder = folder();
        let journal = Arc::new(LocalJournal::open(folder.path(), settings).unwrap());
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let intake = Arc::new(Intake::new(Arc::clone(&journal) as _, || 7));
        let (stop, asked) = watch::channel(false);
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let _inside = runtime.enter();
        let (address, task) = match kind {
            Kind::Udp => {
                let udp = SyslogUdp::bind(any).unwrap();
                let address = udp.local_addr().unwrap();
                (address, runtime.spawn(udp.run(Arc::clone(&intake), asked)))
            }
            Kind::Stream(protocol, admission) => {
                let listener = Listener::bind(any, protocol, admission).unwrap();
                let address = listener.local_addr().unwrap();
                (
                    address,
                    runtime.spawn(listener.run(Arc::clone(&intake), asked)),
                )
            }
        };
        drop(_inside);
        let task = Some(task);
        Server {
            intake,
            journal,
            address,
            stop,
            task,
            runtime,
            _folder: folder,
        }
    }

    pub(crate) fn syslog() -> Self {
        let kind = Kind::Stream(Protocol::Syslog, Admission::default());
        Server::start(kind, Settings::default())
    }

    pub(crate) fn relp() -> Self {
        let kind = Kind::Stream(Protocol::Relp, Admission::default());
        Server::start(kind, Settings::default())
    }

    pub(crate) fn udp() -> Self {
        Server::start(Kind::Udp, Settings::default())
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream
    }

    /// Asks it to stop, without waiting.
    pub(crate) fn ask_to_stop(&self) {
        self.stop.send(true).unwrap();
    }

    /// Stops it and waits for its end.
    pub(crate) fn stop(&mut self) {
        self.ask_to_stop();
        if let Some(task) = self.task.take() {
            let ended = async { tokio::time::timeout(DEADLINE, task).await };
            self.runtime.block_on(ended).unwrap().unwrap();
        }
    }

    /// Waits until the journal has so many lines, and gives all that it has.
    pub(crate) fn lines(&self, count: usize) -> Vec<String> {
        until(&format!("{count} lines"), || {
            (self.journal.end().as_u64() >= count as u64).then_some(())
        });
        self.read(&mut Position::ZERO.clone())
    }

    /// All lines from a position on, which is moved behind them.
    pub(crate) fn read(&self, from: &mut Position) -> Vec<String> {
        let mut reader = self.journal.reader(*from).unwrap();
        let mut lines = Vec::new();
        while let Some((first, batch)) = reader.next().unwrap() {
            lines.extend(
                batch
                    .iter()
                    .map(|it| String::from_utf8_lossy(it.line).into_owned()),
            );
            *from = first.plus(batch.len());
        }
        lines
    }

    /// What was counted under a name; nothing yet is all 0.
    pub(crate) fn counts(&self, name: &str) -> Counts {
        let sources = self.intake.sources().into_iter();
        let mut found = sources.filter(|(source, _)| source == name);
        found
            .next()
            .map_or_else(Counts::default, |(_, counts)| counts)
    }

    /// Waits until the counts of a source are as they should be.
    pub(crate) fn until_counts(&self, name: &str, is_it: impl Fn(&Counts) -> bool) {
        until(&format!("counts of {name}"), || {
            is_it(&self.counts(name)).then_some(())
        });
    }
}

/// A folder in memory where there is one: a sync costs nothing there.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

/// Looks again and again until there is an answer.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..DEADLINE.as_millis() / PAUSE.as_millis() {
        if let Some(answer) = look() {
            return answer;
        }
        thread::park_timeout(PAUSE);
    }
    panic!("waited in vain for {what}");
}
