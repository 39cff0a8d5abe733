//! Seconds and bytes of one run.

use crate::shell;
use anyhow::{Context, ensure};
use std::fs;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often a program's memory is looked at. Its peak is kept by the kernel, so that only what it
/// adds in its last moment is missed.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A stop watch that runs.
pub(crate) struct Watch(Instant);

impl Watch {
    #[expect(clippy::disallowed_methods, reason = "benches measure real time")]
    pub(crate) fn start() -> Self {
        Watch(Instant::now())
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// The processor time of this thread, which other work on the machine touches less than the time that
/// goes by.
pub(crate) struct Busy {
    watch: Watch,
    nanos: Option<u64>,
}

impl Busy {
    pub(crate) fn start() -> Self {
        Busy {
            watch: Watch::start(),
            nanos: busy_nanos(),
        }
    }

    /// Seconds; those that went by where the kernel does not count the others.
    pub(crate) fn seconds(&self) -> f64 {
        match (self.nanos, busy_nanos()) {
            (Some(from), Some(to)) => to.saturating_sub(from) as f64 / 1e9,
            _ => self.watch.seconds(),
        }
    }
}

/// Source: Linux `Documentation/scheduler/sched-stats.rst`, `/proc/<pid>/schedstat`.
fn busy_nanos() -> Option<u64> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split_whitespace().next()?.parse().ok()
}

/// What one run of a program took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) seconds: f64,
    /// Most memory that was resident.
    pub(crate) peak_bytes: u64,
}

/// Runs a program with its output thrown away.
pub(crate) fn run(mut command: Command) -> anyhow::Result<Run> {
    let shown = shell::shown(&command);
    eprintln!("$ {shown}");
    let watch = Watch::start();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot run `{shown}`"))?;
    let status = format!("/proc/{}/status", child.id());
    let ended = AtomicBool::new(false);
    let (waited, seconds, peak_bytes) = std::thread::scope(|scope| {
        let looker = scope.spawn(|| {
            let mut peak = 0;
            while !ended.load(Ordering::Acquire) {
                peak = peak_bytes(&status).unwrap_or(peak);
                std::thread::park_timeout(LOOK_EVERY);
            }
            peak
        });
        let waited = child.wait();
        let seconds = watch.seconds();
        ended.store(true, Ordering::Release);
        looker.thread().unpark();
        (waited, seconds, looker.join().unwrap_or(0))
    });
    let exit = waited?;
    ensure!(exit.success(), "`{shown}` failed ({exit})");
    Ok(Run {
        seconds,
        peak_bytes,
    })
}

/// Source: proc_pid_status(5), VmHWM in KiB.
fn peak_bytes(status: &str) -> Option<u64> {
    let status = fs::read_to_string(status).ok()?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = peak.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

/// The middle one, of two the greater.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
