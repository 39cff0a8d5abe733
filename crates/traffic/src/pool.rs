//! Process pools: which process takes the next job.

use crate::clock::SECOND;

/// Jobs after which a Postfix daemon ends (`max_use`).
const JOBS_MAX: u32 = 100;
/// Idle time after which it ends (`max_idle`).
const IDLE_MAX_US: i64 = 100 * SECOND;

struct Process {
    pid: u32,
    busy_until: i64,
    jobs: u32,
}

/// The processes of one service. The idle one that was used most recently is taken next.
#[derive(Default)]
pub(crate) struct Pool {
    processes: Vec<Process>,
}

/// A process at work, and how many jobs it had before this one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Worker {
    pub(crate) pid: u32,
    pub(crate) jobs: u32,
}

impl Pool {
    /// Takes a process at `at`; busy until given back.
    pub(crate) fn take(&mut self, at: i64, fresh_pid: impl FnOnce() -> u32) -> Worker {
        self.processes.retain(|p| {
            p.busy_until > at || (p.jobs < JOBS_MAX && at - p.busy_until < IDLE_MAX_US)
        });
        let idle = self
            .processes
            .iter_mut()
            .filter(|p| p.busy_until <= at)
            .max_by_key(|p| (p.busy_until, p.pid));
        if let Some(process) = idle {
            process.busy_until = i64::MAX;
            process.jobs += 1;
            return Worker {
                pid: process.pid,
                jobs: process.jobs - 1,
            };
        }
        let pid = fresh_pid();
        self.processes.push(Process {
            pid,
            busy_until: i64::MAX,
            jobs: 1,
        });
        Worker { pid, jobs: 0 }
    }

    /// Gives it back as of `until`, which may lie ahead.
    pub(crate) fn give(&mut self, worker: Worker, until: i64) {
        if let Some(process) = self
            .processes
            .iter_mut()
            .rev()
            .find(|p| p.pid == worker.pid)
        {
            process.busy_until = until;
        }
    }
}

/// Hands out process ids of one host.
pub(crate) struct Pids {
    next: u32,
}

impl Pids {
    pub(crate) fn starting(at: u32) -> Self {
        Pids { next: at }
    }

    /// Linux wraps at `pid_max`, 4194304 on 64-bit machines.
    pub(crate) fn fresh(&mut self, skip: u32) -> u32 {
        self.next += 1 + skip;
        if self.next >= 4_194_304 {
            self.next = 300;
        }
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_recently_used_idle_process_is_taken() {
        let mut pool = Pool::default();
        let mut next = 0;
        let mut fresh = || {
            next += 1;
            next
        };
        let first = pool.take(0, &mut fresh);
        let second = pool.take(0, &mut fresh);
        assert_ne!(first.pid, second.pid);
        pool.give(second, 10);
        pool.give(first, 20);
        assert_eq!(pool.take(15, &mut fresh).pid, second.pid);
        assert_eq!(pool.take(30, &mut fresh).pid, first.pid);
    }
}
