//! What goes over the socket.

use crate::asker::Manner;
use crate::limits::{FRAME_BYTES_MAX, QUESTION_BYTES_MAX};
use anyhow::Context;
use jiff::Timestamp;
use jiff::fmt::temporal::{DateTimeParser, DateTimePrinter};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

/// Counts up with each change of what goes over the socket, and of what a question means.
const PROTOCOL: u32 = 1;
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A command line, and how its answer is wanted.
#[derive(Serialize, Deserialize)]
pub(super) struct Question {
    protocol: u32,
    version: String,
    /// The name of the program first.
    pub(super) arguments: Vec<String>,
    /// Microseconds since 1970.
    now: i64,
    /// As RFC 9557 or POSIX writes it; `None` where it has no name, as with an `/etc/localtime` that
    /// is a copy: then it is that of the machine.
    zone: Option<String>,
    width: usize,
    is_terminal: bool,
}

impl Question {
    pub(super) fn new(arguments: impl Iterator<Item = OsString>, manner: &Manner) -> Self {
        Question {
            protocol: PROTOCOL,
            version: VERSION.to_owned(),
            // Only a path can be other than UTF-8, and the daemon looks at none.
            arguments: arguments
                .map(|it| it.to_string_lossy().into_owned())
                .collect(),
            now: manner.now.as_microsecond(),
            zone: DateTimePrinter::new()
                .time_zone_to_string(&manner.zone)
                .ok(),
            width: manner.width,
            is_terminal: manner.is_terminal,
        }
    }

    pub(super) fn manner(&self) -> anyhow::Result<Manner> {
        let zone = match &self.zone {
            Some(name) => DateTimeParser::new().parse_time_zone(name)?,
            None => TimeZone::system(),
        };
        Ok(Manner {
            now: Timestamp::from_microsecond(self.now)?,
            zone,
            width: self.width,
            is_terminal: self.is_terminal,
        })
    }

    pub(super) fn send(&self, mut to: &UnixStream) -> io::Result<()> {
        let text = serde_json::to_vec(self)?;
        let length = u32::try_from(text.len()).map_err(|_| ErrorKind::InvalidInput)?;
        to.write_all(&length.to_le_bytes())?;
        to.write_all(&text)
    }

    pub(super) fn receive(mut from: &UnixStream) -> anyhow::Result<Self> {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length) as usize;
        anyhow::ensure!(
            length <= QUESTION_BYTES_MAX,
            "a question of {length} bytes is too long"
        );
        let mut text = vec![0; length];
        from.read_exact(&mut text)?;
        let said: serde_json::Value =
            serde_json::from_slice(&text).context("the question is no JSON")?;
        anyhow::ensure!(
            said["protocol"] == PROTOCOL && said["version"] == VERSION,
            "it is of version {VERSION}"
        );
        serde_json::from_value(said).context("the question is not understood")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Taken,
    Out,
    Notes,
    Ended,
    Refused,
}

const KINDS: [Kind; 5] = [
    Kind::Taken,
    Kind::Out,
    Kind::Notes,
    Kind::Ended,
    Kind::Refused,
];

/// Sends a frame of at most [`FRAME_BYTES_MAX`].
pub(super) fn send(mut to: &UnixStream, kind: Kind, bytes: &[u8]) -> io::Result<()> {
    let mut frame = Vec::with_capacity(5 + bytes.len());
    frame.push(kind as u8);
    frame.extend((bytes.len() as u32).to_le_bytes());
    frame.extend(bytes);
    to.write_all(&frame)
}

pub(super) fn receive(mut from: &UnixStream) -> io::Result<(Kind, Vec<u8>)> {
    let mut head = [0; 5];
    from.read_exact(&mut head)?;
    let [kind, length @ ..] = head;
    let length = u32::from_le_bytes(length) as usize;
    let kind = KINDS.get(usize::from(kind)).copied();
    let kind = kind.filter(|_| length <= FRAME_BYTES_MAX);
    let kind = kind.ok_or(ErrorKind::InvalidData)?;
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes)?;
    Ok((kind, bytes))
}

/// Gathers what is written into frames, in the order in which it was written to either stream.
pub(super) struct Frames<'s> {
    to: &'s UnixStream,
    kind: Kind,
    held: Vec<u8>,
}

impl<'s> Frames<'s> {
    pub(super) fn new(to: &'s UnixStream) -> Self {
        Frames {
            to,
            kind: Kind::Taken,
            held: Vec::new(),
        }
    }

    /// Takes bytes of a stream, as many as there is room for.
    fn take(&mut self, kind: Kind, bytes: &[u8]) -> io::Result<usize> {
        if kind != self.kind || self.held.len() == FRAME_BYTES_MAX {
            self.send()?;
            self.kind = kind;
        }
        let taken = bytes.len().min(FRAME_BYTES_MAX - self.held.len());
        self.held.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// Sends what is held.
    pub(super) fn send(&mut self) -> io::Result<()> {
        if !self.held.is_empty() {
            send(self.to, self.kind, &self.held)?;
            self.held.clear();
        }
        Ok(())
    }
}

/// One stream of an answer.
pub(super) struct Stream<'f, 's>(pub(super) Kind, pub(super) &'f RefCell<Frames<'s>>);

impl Write for Stream<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.borrow_mut().take(self.0, bytes)
    }

    /// Also where nothing is held: so one who waits notices that the asker is gone.
    fn flush(&mut self) -> io::Result<()> {
        let mut frames = self.1.borrow_mut();
        match frames.held.is_empty() {
            true => send(frames.to, self.0, b""),
            false => frames.send(),
        }
    }
}
