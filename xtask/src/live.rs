//! `cargo xtask live`: how a daemon does while lines come in for a while.
//!
//! Generated lines are sent at a rate, by syslog over TCP and RELP, by us or through a real rsyslog,
//! while questions are asked. Marked lines are sent beside ten times a second, with the time; when
//! `waybill tail --raw`, `waybill tail` and `waybill search` tell of them is how late lines are shown.
//! Every ten seconds it is told what came, how late, and what it took of processors and memory; in the end
//! all lines are counted in the archive. Sender and daemon share the machine, and the sender's part is told.

#![expect(clippy::disallowed_methods, reason = "real time is what is measured")]

mod daemon;
mod load;
mod marks;
mod process;
mod questions;
mod rsyslog;
mod wait;

use crate::shell;
use anyhow::{Context, ensure};
use daemon::Daemon;
use load::{Load, Way};
use marks::Marks;
use process::Usage;
use rsyslog::Rsyslog;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use wait::Waits;

/// How often it is told how it goes.
const TOLD_EVERY: Duration = Duration::from_secs(10);

/// Sends lines to a daemon, and tells how late they are shown and what that takes.
#[derive(clap::Args)]
pub(crate) struct Live {
    /// Lines a second, of all ways together.
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..))]
    rate: u64,
    /// How long.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    seconds: u64,
    /// How lines come; hosts are shared out among the ways.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "tcp")]
    by: Vec<Way>,
    /// How many ask meanwhile, each a second after it was answered.
    #[arg(long, value_name = "N", default_value_t = 0)]
    askers: u32,
    /// Lines that are marked are looked for in `waybill search` too.
    #[arg(long)]
    search: bool,
    /// The binary.
    #[arg(long, value_name = "FILE", default_value = "target/release/waybill")]
    waybill: PathBuf,
}

pub(crate) fn run(verb: &Live) -> anyhow::Result<()> {
    if let Some(result) = shell::again_in_release(&[]) {
        return result;
    }
    let waybill = shell::root().join(&verb.waybill);
    ensure!(
        waybill.is_file(),
        "{} is not there: `cargo build --release --workspace --bin waybill`, or `--waybill`",
        waybill.display()
    );
    let folder = shell::target_dir().join("live");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let daemon = Daemon::start(&waybill, &folder)?;
    let relays: Vec<_> = verb.by.iter().map(|way| way.relay()).collect();
    let relays: Vec<Option<Rsyslog>> = (relays.into_iter().enumerate())
        .map(|(number, kind)| {
            let start = |kind| Rsyslog::start(kind, &daemon, &folder.join(number.to_string()));
            kind.map(start).transpose()
        })
        .collect::<Result<_, _>>()?;
    let ways: Vec<_> = (verb.by.iter().zip(&relays))
        .map(|(way, relay)| (*way, relay.as_ref().map(Rsyslog::port)))
        .collect();
    let sent = measure(verb, &daemon, &ways, &relays)?;
    // What relays still have comes, too.
    let taken = (0..600).find_map(|_| {
        std::thread::park_timeout(Duration::from_millis(100));
        daemon.heard().ok().filter(|heard| *heard >= sent)
    });
    if taken.is_none() {
        println!("{:?} lines of {sent} were taken", daemon.heard());
    }
    drop(relays);
    daemon.end()?;
    let stored = Daemon::stored(&waybill, &folder)?;
    println!("\n{sent} lines were sent, {stored} are in the archive");
    ensure!(stored == sent, "lines are missing, or there twice");
    Ok(())
}

/// Sends, asks and watches; gives how many lines were sent.
fn measure(
    verb: &Live,
    daemon: &Daemon,
    ways: &[(Way, Option<u16>)],
    relays: &[Option<Rsyslog>],
) -> anyhow::Result<u64> {
    let load = Load::new(verb.rate);
    let marks = Marks::start(daemon, verb.search)?;
    let asked = Waits::default();
    let stop = Arc::new(AtomicBool::new(false));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let (load, marks, stop, asked) = (&load, &marks, &stop, &asked);
        let sending = scope.spawn(move || load.send(daemon, ways, stop));
        let marking = scope.spawn(move || marks.send(daemon, stop));
        let looking = scope.spawn(move || marks.look(daemon, stop));
        for _ in 0..verb.askers {
            scope.spawn(move || questions::ask(daemon, asked, stop));
        }
        println!(
            "second | lines/s | not yet taken | raw p50, p99, max ms | row p50, p99, max ms | \
             answers p50, p99, max ms | daemon cores, MB | rsyslog cores | sender cores"
        );
        let pids = relays.iter().flatten().map(Rsyslog::pid);
        let mut watched = Watched::new(daemon, pids.collect());
        let end = Duration::from_secs(verb.seconds);
        while begun.elapsed() < end && !sending.is_finished() {
            let next = (watched.told + TOLD_EVERY).min(begun + end);
            std::thread::park_timeout(next.saturating_duration_since(Instant::now()));
            if Instant::now() >= next {
                watched.tell(begun, load.sent() + marks.sent(), daemon, marks, asked);
            }
        }
        stop.store(true, Ordering::Relaxed);
        let seconds = begun.elapsed().as_secs_f64();
        let joined = "a thread has failed";
        sending.join().ok().context(joined)??;
        marking.join().ok().context(joined)??;
        looking.join().ok().context(joined)??;
        let sent = load.sent() + marks.sent();
        let (cpu, of_sender) = (watched.daemon_seconds(), watched.sender_seconds());
        println!(
            "\n{:.0} lines/s for {seconds:.0} s by {} ways; {:.1} µs of processor time a line in the daemon, \
             {:.1} in sender and marks, {:.1} in rsyslog",
            sent as f64 / seconds,
            ways.len(),
            cpu * 1e6 / sent as f64,
            of_sender * 1e6 / sent as f64,
            watched.relay_seconds() * 1e6 / sent as f64,
        );
        println!("shown after | p50 | p99 | max ms | times");
        for (what, waits) in marks.all() {
            println!("{what} | {}", waits.whole());
        }
        if verb.askers > 0 {
            println!("answer to a question, as a command | {}", asked.whole());
        }
        Ok(sent)
    })
}

/// What is watched over time.
struct Watched {
    told: Instant,
    sent: u64,
    daemon: Usage,
    relays: Vec<Usage>,
    own: Usage,
}

impl Watched {
    fn new(daemon: &Daemon, relays: Vec<u32>) -> Self {
        Watched {
            told: Instant::now(),
            sent: 0,
            daemon: Usage::of(daemon.pid()),
            relays: relays.into_iter().map(Usage::of).collect(),
            own: Usage::of(std::process::id()),
        }
    }

    fn tell(&mut self, begun: Instant, sent: u64, daemon: &Daemon, marks: &Marks, asked: &Waits) {
        let over = self.told.elapsed().as_secs_f64();
        self.told = Instant::now();
        let (lines, heard) = (sent - self.sent, daemon.heard().unwrap_or(0));
        self.sent = sent;
        let relays: f64 = self.relays.iter_mut().map(|it| it.since_last(over)).sum();
        println!(
            "{:.0} | {:.0} | {} | {} | {} | {} | {:.2}, {} | {relays:.2} | {:.2}",
            begun.elapsed().as_secs_f64(),
            lines as f64 / over,
            sent.saturating_sub(heard),
            marks.raw.since_last(),
            marks.rows.since_last(),
            asked.since_last(),
            self.daemon.since_last(over),
            self.daemon.megabytes(),
            self.own.since_last(over),
        );
    }

    fn daemon_seconds(&self) -> f64 {
        self.daemon.seconds()
    }

    fn sender_seconds(&self) -> f64 {
        self.own.seconds()
    }

    fn relay_seconds(&self) -> f64 {
        self.relays.iter().map(Usage::seconds).sum()
    }
}
