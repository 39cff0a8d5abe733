//! Input for all commands: finding the logs, zone and year, progress, and what could not be read.

use crate::Ended;
use crate::args::{ERROR, Input, NOTE, WARNING};
use anyhow::Context;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ingest::{LogSet, Problem, Severity};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use pipeline::Settings;
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Logs found, and how they are read.
pub(crate) struct Logs {
    pub(crate) sets: Vec<LogSet>,
    pub(crate) settings: Settings,
    /// Copies of what can be read but once; they go with this.
    pub(crate) spooled: Vec<tempfile::TempPath>,
    problems: Vec<Problem>,
    quiet: bool,
}

impl Logs {
    /// Finds what the user named.
    pub(crate) fn find(input: &Input) -> anyhow::Result<Self> {
        anyhow::ensure!(
            !input.files.is_empty(),
            "no FILE named: a path, a glob, a folder, or `-` for standard input"
        );
        let found = ingest::find(&input.files);
        let settings = Settings {
            zone: match &input.timezone {
                Some(name) => zone(name)?,
                None => TimeZone::system(),
            },
            year: input.year,
            now: pipeline::timestamp(now().into()),
            window_ms: pipeline::WINDOW_MS,
            workers: workers(),
            host: input.host.as_deref().map(Into::into),
        };
        Ok(Logs {
            sets: found.sets,
            settings,
            spooled: Vec::new(),
            problems: found.problems,
            quiet: input.quiet,
        })
    }

    /// The name of the file that a place is in.
    pub(crate) fn path(&self, place: pipeline::Place) -> String {
        let file = self
            .sets
            .get(place.set)
            .and_then(|set| set.files.get(place.file));
        file.map_or_else(String::new, |file| file.path.display().to_string())
    }

    /// Files and bytes on disk.
    pub(crate) fn size(&self) -> (usize, u64) {
        let files = self.sets.iter().map(|set| set.files.len()).sum();
        (files, self.sets.iter().map(LogSet::bytes_on_disk).sum())
    }

    /// Shows progress, on a terminal only, while `work` goes on; `passes` over all bytes.
    pub(crate) fn with_progress<T>(&self, work: impl FnOnce(&Arc<AtomicU64>) -> T) -> T {
        let counter = Arc::new(AtomicU64::new(0));
        let bar = progress_bar(self.size().1, self.quiet);
        if bar.is_hidden() {
            return work(&counter);
        }
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    bar.set_position(counter.load(Ordering::Relaxed));
                    std::thread::park_timeout(Duration::from_millis(100));
                }
                bar.finish_and_clear();
            });
            let result = work(&counter);
            done.store(true, Ordering::Release);
            result
        })
    }

    /// Tells what could not be read, and how the command ended for that.
    pub(crate) fn tell_problems(&self, while_reading: &[Problem], lines: u64) -> Ended {
        let mut worst = Severity::Note;
        for problem in self.problems.iter().chain(while_reading) {
            let (style, word) = match problem.severity {
                Severity::Note => (NOTE, "note"),
                Severity::Warning => (WARNING, "warning"),
                Severity::Error => (ERROR, "error"),
            };
            worst = worst.max(problem.severity);
            if problem.severity > Severity::Note || !self.quiet {
                anstream::eprintln!("{style}{word}:{style:#} {problem}");
            }
        }
        match worst {
            Severity::Error if lines == 0 => Ended::NothingRead,
            Severity::Error | Severity::Warning => Ended::Partly,
            Severity::Note => Ended::Answered,
        }
    }
}

/// Hidden where nobody would see it, or wants to.
pub(crate) fn progress_bar(bytes: u64, quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{bar:32.cyan/dim} {percent:>3} %  {bytes} of {total_bytes}  \
        {bytes_per_sec}  {eta} left";
    let style = ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━━╌");
    ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr()).with_style(style)
}

/// Threads that read and parse: the caller's own is one more, and is the busier one.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks for the time"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// The zone of a name or an offset.
pub(crate) fn zone(name: &str) -> anyhow::Result<TimeZone> {
    if let Some(offset) = offset(name) {
        return Ok(TimeZone::fixed(offset));
    }
    TimeZone::get(name).with_context(|| {
        format!("no such zone: `{name}` (a name such as `Europe/Rome`, or `+01:00`)")
    })
}

/// `+01:00`, `-0330`, `Z`.
fn offset(text: &str) -> Option<Offset> {
    if text.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { "0" } else { minutes };
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    Offset::from_seconds(sign * seconds).ok()
}
