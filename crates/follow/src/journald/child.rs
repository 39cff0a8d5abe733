//! A `journalctl` that runs.

use super::JournaldSettings;
use crate::limits::{JOURNALD_READ_BYTES, JOURNALD_WORDS_BYTES};
use ingest::journald::KEPT;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, PipeReader, Read};
use std::process::{self, ChildStderr, ChildStdout, Command, Stdio};
use std::time::Duration;

/// A `journalctl` that runs; ended when it is dropped.
pub(super) struct Child {
    process: process::Child,
    entries: ChildStdout,
    words: Option<ChildStderr>,
    bytes: Vec<u8>,
    /// The last words.
    last: String,
}

/// What comes of it.
pub(super) enum Said<'a> {
    /// Bytes in the export format.
    Entries(&'a [u8]),
    /// Words for people.
    Words(&'a str),
    /// Nothing for as long as was waited.
    Nothing,
    /// It ended, and why.
    End(String),
    /// It runs, but is to be stopped.
    Stop,
}

/// What it has to say of the journal: that there is none, or that it may not read all of it. Where it is to write for
/// programs it keeps that to itself.
pub(super) fn hint(settings: &JournaldSettings) -> Option<String> {
    let output = Command::new(&settings.program)
        .args(["--lines=0", "--no-pager"])
        .args(&settings.arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output();
    let words = output.ok()?.stderr;
    let words = String::from_utf8_lossy(&words[..words.len().min(JOURNALD_WORDS_BYTES)]);
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

impl Child {
    /// Starts it at a cursor, or at the beginning if that is empty.
    pub(super) fn start(settings: &JournaldSettings, cursor: &str) -> io::Result<Self> {
        let mut command = Command::new(&settings.program);
        command
            .args(["--output=export", "--follow", "--no-tail"])
            .arg(format!("--output-fields={}", KEPT.join(",")))
            .args(&settings.arguments)
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if !cursor.is_empty() {
            command.arg(format!("--cursor={cursor}"));
        }
        let mut process = command.spawn()?;
        let piped = process.stdout.take().zip(process.stderr.take());
        let (entries, words) = piped.expect("both are piped");
        Ok(Child {
            process,
            entries,
            words: Some(words),
            bytes: vec![0; JOURNALD_READ_BYTES],
            last: String::new(),
        })
    }

    /// Waits for what it says, or for `stop`.
    pub(super) fn said(&mut self, stop: &PipeReader, patience: Duration) -> Said<'_> {
        let timeout = Timespec {
            tv_sec: patience.as_secs() as i64,
            tv_nsec: patience.subsec_nanos().into(),
        };
        let mut fds = vec![
            PollFd::new(stop, PollFlags::IN),
            PollFd::new(&self.entries, PollFlags::IN),
        ];
        fds.extend(self.words.as_ref().map(|it| PollFd::new(it, PollFlags::IN)));
        // An interrupted wait is one that ended early.
        let _ = poll(&mut fds, Some(&timeout));
        let is_ready = |at: usize| fds.get(at).is_some_and(|fd| !fd.revents().is_empty());
        let (by_stop, by_entries, by_words) = (is_ready(0), is_ready(1), is_ready(2));
        if by_stop {
            return Said::Stop;
        }
        // Its words first: they may tell why it ends.
        if by_words && let Some(words) = &mut self.words {
            let Ok(read @ 1..) = words.read(&mut self.bytes[..JOURNALD_WORDS_BYTES]) else {
                self.words = None;
                return Said::Nothing;
            };
            self.last = String::from_utf8_lossy(&self.bytes[..read])
                .trim()
                .to_owned();
            return Said::Words(&self.last);
        }
        if !by_entries {
            return Said::Nothing;
        }
        match self.entries.read(&mut self.bytes) {
            Ok(read @ 1..) => Said::Entries(&self.bytes[..read]),
            Ok(0) => Said::End(self.end()),
            Err(error) => Said::End(error.to_string()),
        }
    }

    fn end(&mut self) -> String {
        // What has closed its output ends, or is ended.
        let _ = self.process.kill();
        match self.process.wait() {
            Ok(status) if self.last.is_empty() => format!("it ended with {status}"),
            Ok(status) => format!("it ended with {status}: {}", self.last),
            Err(error) => error.to_string(),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Both fail only if it is gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
