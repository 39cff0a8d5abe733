//! The side that asks.

use super::NAME;
use super::wire::{Kind, Question, receive};
use crate::args::NOTE;
use crate::asker::Manner;
use crate::limits::GREETING_TIME_MAX;
use anyhow::Context;
use std::ffi::OsString;
use std::io::{ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Has the daemon of an archive answer a command line; its exit code. `None`: there is no daemon, or
/// it does not answer, which is told; nothing was written to `out`.
///
/// Errs where the answer breaks off, or cannot be written.
pub(crate) fn ask(
    folder: &Path,
    arguments: impl Iterator<Item = OsString>,
    manner: &Manner,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> anyhow::Result<Option<u8>> {
    let why = match UnixStream::connect(folder.join(NAME)) {
        Ok(daemon) => match greet(&daemon, &Question::new(arguments, manner)) {
            Ok(()) => return take(&daemon, out, notes).map(Some),
            Err(why) => why,
        },
        Err(error) if error.kind() == ErrorKind::PermissionDenied => error.into(),
        Err(_) => return Ok(None),
    };
    writeln!(
        notes,
        "{NOTE}note:{NOTE:#} the daemon does not answer ({why:#}); from the disk, without the \
         newest lines:"
    )?;
    Ok(None)
}

/// Puts the question; errs with the reason why it was not taken.
fn greet(daemon: &UnixStream, question: &Question) -> anyhow::Result<()> {
    daemon.set_read_timeout(Some(GREETING_TIME_MAX))?;
    daemon.set_write_timeout(Some(GREETING_TIME_MAX))?;
    // Who refuses may do so before the question is whole.
    let sent = question.send(daemon);
    match receive(daemon) {
        Ok((Kind::Taken, _)) => Ok(daemon.set_read_timeout(None)?),
        Ok((Kind::Refused, why)) => anyhow::bail!("{}", String::from_utf8_lossy(&why)),
        Ok(_) => anyhow::bail!("it says what is not understood"),
        Err(error) => Err(sent.err().unwrap_or(error).into()),
    }
}

/// Takes the answer to its end.
fn take(daemon: &UnixStream, out: &mut dyn Write, notes: &mut dyn Write) -> anyhow::Result<u8> {
    loop {
        let (kind, bytes) = receive(daemon).context("the daemon broke off its answer")?;
        match kind {
            Kind::Out => out.write_all(&bytes)?,
            Kind::Notes => notes.write_all(&bytes)?,
            Kind::Ended if bytes.len() == 1 => return Ok(bytes[0]),
            Kind::Ended | Kind::Taken | Kind::Refused => {
                anyhow::bail!("the daemon's answer is not understood")
            }
        }
    }
}
