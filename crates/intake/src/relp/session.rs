//! What a client of RELP asks, and what it is answered.

use super::frame::{Command, Frame, Frames, Malformed, TXNR_MAX};
use crate::gathered::Gathered;
use crate::limits::GATHERED_BYTES_MAX;
use crate::reading::Sink;
use std::io::{self, ErrorKind};

/// The answer to an `open`. Version 0 is the one that all speak; librelp gives up on a greater.
const OFFERS: &str = concat!(
    "200 OK\nrelp_version=0\nrelp_software=waybill,",
    env!("CARGO_PKG_VERSION"),
    "\ncommands=syslog"
);

/// A session from `open` to `close`.
pub(super) struct Session {
    frames: Frames,
    state: State,
    /// The number of the last frame.
    txnr: u32,
    /// Lines of frames whose answers wait.
    pub(super) gathered: Gathered,
    answers: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Over,
}

impl Session {
    pub(super) fn new(gathered: Gathered) -> Self {
        Session {
            frames: Frames::default(),
            state: State::New,
            txnr: 0,
            gathered,
            answers: Vec::new(),
        }
    }

    /// Whether the client has said that it closes.
    pub(super) fn is_over(&self) -> bool {
        self.state == State::Over
    }

    /// The answers to all frames so far, to be written once what was gathered is durable.
    pub(super) fn answers(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.answers)
    }

    fn apply(&mut self, frame: &Frame<'_>) -> Result<(), Malformed> {
        if frame.txnr == 0 {
            return Ok(());
        }
        if frame.txnr != self.txnr % TXNR_MAX + 1 {
            return Err(Malformed);
        }
        self.txnr = frame.txnr;
        match (self.state, frame.command) {
            (State::New, Command::Open) if offers_syslog(frame.data.bytes()) => {
                self.state = State::Open;
                self.answer(OFFERS);
            }
            (State::New, Command::Open) => {
                self.answer("500 no command offered but syslog is known")
            }
            (State::Open, Command::Open) => self.answer("500 session is open"),
            (State::Open, Command::Syslog) => {
                let (line, is_cut) = (frame.data.bytes(), frame.data.is_cut);
                if !line.is_empty() {
                    self.gathered.push(line, is_cut);
                }
                self.answer("200 OK");
            }
            (_, Command::Close) => {
                self.state = State::Over;
                self.answer("");
            }
            (State::Open, Command::Unknown) => self.answer("500 unknown command"),
            // Answered with an error, a message would be lost; unanswered it comes again.
            (State::New, Command::Syslog | Command::Unknown) | (State::Over, _) => {
                return Err(Malformed);
            }
        }
        Ok(())
    }

    fn answer(&mut self, data: &str) {
        let (txnr, bytes) = (self.txnr, data.len());
        let space = if data.is_empty() { "" } else { " " };
        let answer = format!("{txnr} rsp {bytes}{space}{data}\n");
        self.answers.extend_from_slice(answer.as_bytes());
    }
}

/// Whether a client can send syslog; one that does not say can.
fn offers_syslog(offers: &[u8]) -> bool {
    let mut commands = offers
        .split(|&byte| byte == b'\n')
        .filter_map(|offer| offer.trim_ascii().strip_prefix(b"commands="))
        .peekable();
    let is_syslog = |command: &[u8]| command.trim_ascii() == b"syslog";
    commands.peek().is_none()
        || commands.any(|names| names.split(|&byte| byte == b',').any(is_syslog))
}

impl Sink for Session {
    fn take(&mut self, mut input: &[u8], line_max: usize) -> io::Result<()> {
        let malformed = |error| io::Error::new(ErrorKind::InvalidData, error);
        while !self.is_over() {
            let Some(frame) = self.frames.next(&mut input, line_max).map_err(malformed)? else {
                break;
            };
            self.apply(&frame).map_err(malformed)?;
        }
        Ok(())
    }

    fn has_work(&self) -> bool {
        !self.answers.is_empty()
    }

    fn is_full(&self) -> bool {
        self.is_over() || self.gathered.is_full() || self.answers.len() >= GATHERED_BYTES_MAX
    }

    fn held_bytes(&self) -> usize {
        self.frames.held_bytes() + self.gathered.bytes() + self.answers.len()
    }
}

#[cfg(test)]
mod tests;
