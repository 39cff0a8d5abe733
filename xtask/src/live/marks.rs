//! Lines with the time at which they were sent, and when they are shown.

use super::daemon::Daemon;
use super::wait::Waits;
use anyhow::Context;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often one is sent.
const EVERY: Duration = Duration::from_millis(100);

/// Marked lines, and how long it took until they were shown.
pub(super) struct Marks {
    begun: Instant,
    sent: AtomicU64,
    /// By `waybill tail --raw`.
    pub(super) raw: Waits,
    /// By `waybill tail`.
    pub(super) rows: Waits,
    /// By `waybill search`.
    found: Option<Waits>,
}

impl Marks {
    pub(super) fn start(daemon: &Daemon, search: bool) -> anyhow::Result<Self> {
        anyhow::ensure!(
            daemon.command(&["status"]).output()?.status.success(),
            "it does not run"
        );
        Ok(Marks {
            begun: Instant::now(),
            sent: AtomicU64::new(0),
            raw: Waits::default(),
            rows: Waits::default(),
            found: search.then(Waits::default),
        })
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// What was measured.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &Waits)> {
        let both = [
            ("`waybill tail --raw`", &self.raw),
            ("`waybill tail`", &self.rows),
        ];
        both.into_iter()
            .chain(self.found.iter().map(|it| ("`waybill search`", it)))
    }

    fn mark(&self, stream: &mut TcpStream, program: &str) -> anyhow::Result<Duration> {
        let (now, at) = (jiff::Timestamp::now(), self.begun.elapsed());
        let line = format!(
            "<22>1 {now:.6} mx1 {program} - - - at {}.\n",
            at.as_micros()
        );
        stream.write_all(line.as_bytes())?;
        self.sent.fetch_add(1, Ordering::Relaxed);
        Ok(at)
    }

    /// Sends them until `stop`.
    pub(super) fn send(&self, daemon: &Daemon, stop: &AtomicBool) -> anyhow::Result<()> {
        let mut stream = TcpStream::connect(daemon.port("syslog_tcp"))?;
        while !stop.load(Ordering::Relaxed) {
            self.mark(&mut stream, "marker")?;
            std::thread::park_timeout(EVERY);
        }
        Ok(())
    }

    /// Looks for them until `stop`.
    pub(super) fn look(&self, daemon: &Daemon, stop: &AtomicBool) -> anyhow::Result<()> {
        let raw = ["tail", "--raw", "program:marker"];
        let rows = ["tail", "program:marker", "--json", "--lines"];
        std::thread::scope(|scope| {
            let raw = Tail::start(daemon, &raw)?;
            let rows = Tail::start(daemon, &rows)?;
            let (mut of_raw, mut of_rows) = (raw, rows);
            let (told_raw, told_rows) = (of_raw.told()?, of_rows.told()?);
            scope.spawn(move || self.note(told_raw, &self.raw));
            scope.spawn(move || self.note(told_rows, &self.rows));
            let searched = match &self.found {
                Some(found) => self.search(daemon, found, stop),
                None => {
                    while !stop.load(Ordering::Relaxed) {
                        std::thread::park_timeout(EVERY);
                    }
                    Ok(())
                }
            };
            // They end, and so do those who read them.
            drop((of_raw, of_rows));
            searched
        })
    }

    fn note(&self, told: impl BufRead, waits: &Waits) {
        for line in told.lines().map_while(Result::ok) {
            let at = line
                .split(" at ")
                .nth(1)
                .and_then(|it| it.split('.').next());
            if let Some(at) = at.and_then(|it| it.parse().ok()) {
                waits.add(
                    self.begun
                        .elapsed()
                        .saturating_sub(Duration::from_micros(at)),
                );
            }
        }
    }

    /// Asks for a line until it is found, about once a second.
    fn search(&self, daemon: &Daemon, found: &Waits, stop: &AtomicBool) -> anyhow::Result<()> {
        let mut stream = TcpStream::connect(daemon.port("syslog_tcp"))?;
        while !stop.load(Ordering::Relaxed) {
            let at = self.mark(&mut stream, "probe")?;
            let question = format!("program:probe at {}", at.as_micros());
            let is_found = || -> anyhow::Result<bool> {
                Ok(daemon
                    .command(&["search", &question])
                    .output()?
                    .status
                    .success())
            };
            while !is_found()? && !stop.load(Ordering::Relaxed) {
                std::thread::park_timeout(Duration::from_millis(10));
            }
            if !stop.load(Ordering::Relaxed) {
                found.add(self.begun.elapsed().saturating_sub(at));
            }
            std::thread::park_timeout(Duration::from_secs(1));
        }
        Ok(())
    }
}

/// A command that tells what comes; ended when it is dropped.
struct Tail(Child);

impl Tail {
    fn start(daemon: &Daemon, arguments: &[&str]) -> anyhow::Result<Self> {
        let mut command = daemon.command(arguments);
        Ok(Tail(command.stdout(Stdio::piped()).spawn()?))
    }

    fn told(&mut self) -> anyhow::Result<impl BufRead + Send + 'static> {
        Ok(BufReader::new(self.0.stdout.take().context("it is piped")?))
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
