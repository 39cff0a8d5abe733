//! Waiting for a condition, with a deadline.

use anyhow::{Context, bail};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long anything may take. Servers answer within milliseconds; a machine that builds at the same
/// time may need seconds.
const DEADLINE: Duration = Duration::from_secs(40);

/// How often it is looked.
const PAUSE: Duration = Duration::from_millis(25);

/// Looks again and again until there is an answer; `what` is told if none comes in time.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> anyhow::Result<T> {
    let start = now();
    loop {
        if let Some(answer) = look() {
            return Ok(answer);
        }
        if now() - start > DEADLINE {
            bail!("waited {} s in vain for {what}", DEADLINE.as_secs());
        }
        std::thread::park_timeout(PAUSE);
    }
}

/// Waits until so many lines of a log hold all of these texts.
pub fn for_lines(log: &Path, count: usize, texts: &[&str]) -> anyhow::Result<()> {
    let is_it = |line: &&str| texts.iter().all(|text| line.contains(text));
    let read = || fs::read(log).map(|it| String::from_utf8_lossy(&it).into_owned());
    let seen = || {
        let lines = read().unwrap_or_default();
        let complete = lines.rsplit_once('\n').map_or("", |(lines, _)| lines);
        (complete.lines().filter(is_it).count() >= count).then_some(())
    };
    until(&format!("{count} lines with {texts:?}"), seen).with_context(|| {
        let log = log.display();
        format!("{log} holds:\n{}", read().unwrap_or_default())
    })
}

/// Waits until one line of a log holds all of these texts.
pub fn for_line(log: &Path, texts: &[&str]) -> anyhow::Result<()> {
    for_lines(log, 1, texts)
}

#[expect(
    clippy::disallowed_methods,
    reason = "servers take real time, and a test must end"
)]
fn now() -> Instant {
    Instant::now()
}
