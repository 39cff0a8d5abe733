//! What a process takes of the machine, as Linux tells it in `/proc`.

use std::fs;

/// A process, and what it had taken when it was looked at.
pub(super) struct Usage {
    pid: u32,
    begun: f64,
    last: f64,
}

impl Usage {
    pub(super) fn of(pid: u32) -> Self {
        let begun = cpu_seconds(pid);
        Usage {
            pid,
            begun,
            last: begun,
        }
    }

    /// Processors that it took since the last time, `over` so many seconds.
    pub(super) fn since_last(&mut self, over: f64) -> f64 {
        let now = cpu_seconds(self.pid);
        let taken = (now - self.last) / over;
        self.last = now;
        taken
    }

    /// Processor time since it was first looked at.
    pub(super) fn seconds(&self) -> f64 {
        cpu_seconds(self.pid) - self.begun
    }

    /// Memory that is its own now.
    pub(super) fn megabytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("RssAnon:"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1));
        kib.and_then(|it| it.parse::<u64>().ok()).unwrap_or(0) * 1_024 / 1_000_000
    }
}

/// proc(5), `utime` and `stime`; a tick of Linux is 10 ms everywhere.
fn cpu_seconds(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    let ticks: u64 = (fields.skip(11).take(2))
        .filter_map(|it| it.parse::<u64>().ok())
        .sum();
    ticks as f64 / 100.0
}
