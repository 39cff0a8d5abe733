//! The generated log that everything is measured on.

use crate::generate::{self, Logs};
use crate::shell;
use anyhow::Context;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hasher};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use traffic::Plan;

const SEED: u64 = 1;

/// A message this far from the begin of the truth is traced.
const MESSAGES_BEFORE_TRACED: usize = 50_000;

/// Tells one generator from another, by what it makes of a small plan: a log is made anew when the
/// generator has changed.
fn generator() -> u64 {
    let plan = Plan {
        lines: 20_000,
        seed: SEED,
        ..Plan::default()
    };
    let mut hasher = DefaultHasher::new();
    traffic::write_day(&plan, &mut |_, line| hasher.write(line), &mut |_| {});
    hasher.finish()
}

/// A log in `target/bench`, made once for each generator.
pub(crate) struct Log {
    pub(crate) path: PathBuf,
    pub(crate) lines: u64,
    planned_lines: u64,
    folder: PathBuf,
}

impl Log {
    /// Makes the log if it is not there.
    pub(crate) fn ready(planned_lines: u64) -> anyhow::Result<Self> {
        let name = format!("bench/{planned_lines}-{SEED}-{:016x}", generator());
        let folder = shell::target_dir().join(name);
        if !folder.is_dir() {
            eprintln!("making {planned_lines} lines in {}", folder.display());
            // Under another name until it is whole.
            let unfinished = folder.with_extension("unfinished");
            let plan = Plan {
                lines: planned_lines,
                seed: SEED,
                ..Plan::default()
            };
            let logs = Logs::all_in(&unfinished.join("mail.log"))?;
            generate::write(&plan, logs, &unfinished.join("truth.ndjson"), |_| {})?;
            fs::rename(&unfinished, &folder)?;
        }
        let path = folder.join("mail.log");
        let lines = count_lines(&path)?;
        Ok(Log {
            path,
            lines,
            planned_lines,
            folder,
        })
    }

    /// What it is, as a sentence.
    pub(crate) fn described(&self) -> anyhow::Result<String> {
        let bytes = fs::metadata(&self.path)?.len();
        Ok(format!(
            "Log: {} generated lines, {:.2} GB (`cargo xtask gen --lines {} --seed {SEED}`).",
            self.lines,
            bytes as f64 / 1e9,
            self.planned_lines
        ))
    }

    /// A file with the first lines of the log; the log itself if it is not longer.
    pub(crate) fn beginning(&self, lines: u64) -> anyhow::Result<PathBuf> {
        if lines >= self.lines {
            return Ok(self.path.clone());
        }
        let path = self.folder.join(format!("first-{lines}.log"));
        if !path.exists() {
            let mut log = BufReader::new(open(&self.path)?);
            let mut to = BufWriter::new(File::create(&path)?);
            let mut line = Vec::new();
            for _ in 0..lines {
                line.clear();
                log.read_until(b'\n', &mut line)?;
                to.write_all(&line)?;
            }
            to.flush()?;
        }
        Ok(path)
    }

    /// The Message-ID of a message that went through several queues.
    pub(crate) fn message_id(&self) -> anyhow::Result<String> {
        let truth = BufReader::new(open(&self.folder.join("truth.ndjson"))?);
        let mut last = None;
        for (at, message) in truth.lines().enumerate() {
            let message: serde_json::Value = serde_json::from_str(&message?)?;
            let queues = message["items"].as_array().map_or(0, Vec::len);
            if let Some(message_id) = message["message_id"].as_str()
                && queues >= 3
            {
                last = Some(message_id.to_owned());
                if at >= MESSAGES_BEFORE_TRACED {
                    break;
                }
            }
        }
        last.context("no message went through several queues")
    }
}

fn open(path: &Path) -> anyhow::Result<File> {
    File::open(path).with_context(|| format!("cannot read `{}`", path.display()))
}

fn count_lines(path: &Path) -> anyhow::Result<u64> {
    let mut log = BufReader::with_capacity(1 << 20, open(path)?);
    let mut lines = 0;
    loop {
        let bytes = log.fill_buf()?;
        if bytes.is_empty() {
            return Ok(lines);
        }
        lines += bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
        let read = bytes.len();
        log.consume(read);
    }
}
