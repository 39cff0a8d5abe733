//! What people ask meanwhile.

use super::daemon::Daemon;
use super::wait::Waits;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What somebody asks who looks after mail, one after the other.
const QUESTIONS: [&[&str]; 6] = [
    &["search", "status:bounced", "--limit", "50"],
    &["search", "kind:delivery.delivered", "--limit", "20"],
    &["facets", "--by", "kind"],
    &["search", "user unknown", "--limit", "20"],
    &["histogram", "--every", "10m"],
    &["coverage"],
];

/// Asks, a second after each answer, until `stop`.
pub(super) fn ask(daemon: &Daemon, waits: &Waits, stop: &AtomicBool) -> anyhow::Result<()> {
    for question in QUESTIONS.iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let begun = Instant::now();
        let answer = daemon.command(question).output()?;
        // 1 is told where nothing was found.
        if !matches!(answer.status.code(), Some(0 | 1)) {
            eprintln!("{question:?}: {}", String::from_utf8_lossy(&answer.stderr));
        }
        waits.add(begun.elapsed());
        std::thread::park_timeout(Duration::from_secs(1));
    }
    Ok(())
}
