//! The side that answers.

use super::NAME;
use super::wire::{Frames, Kind, Question, Stream, send};
use crate::args::Args;
use crate::asker::{Asker, Manner};
use crate::exit_code;
use crate::limits::{ASKERS_MAX, GREETING_TIME_MAX, STACK_BYTES, TAKING_TIME_MAX};
use crate::serve::Daemon;
use anyhow::Context;
use clap::Parser;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use store::{Archive, Writer};

/// The socket of an archive, and who is answered over it. Dropping it removes the socket, so it must
/// go before the writer does.
pub(crate) struct Server {
    listener: UnixListener,
    path: PathBuf,
    askers: Mutex<HashMap<usize, UnixStream>>,
    is_stopped: AtomicBool,
}

impl Server {
    /// Makes the socket. Who holds the writer is alone: a socket that is there is of a daemon that
    /// has died, and is replaced.
    ///
    /// Errs where the folder cannot be written to, or its path is longer than the 90 bytes or so
    /// that sockets allow.
    pub(crate) fn open(writer: &Writer) -> anyhow::Result<Self> {
        let folder = writer.archive().root();
        let path = folder.join(NAME);
        let listener = bind(folder, &path)
            .with_context(|| format!("cannot listen at `{}`", path.display()))?;
        Ok(Server {
            listener,
            path,
            askers: Mutex::default(),
            is_stopped: AtomicBool::new(false),
        })
    }

    /// Answers, each asker on a thread of its own, until [`Server::stop`]. `archive` gives the
    /// newest version, once for each question.
    pub(crate) fn serve(&self, archive: impl Fn() -> Arc<Archive> + Sync, daemon: Option<&Daemon>) {
        let archive = &archive;
        thread::scope(|scope| {
            for (number, asker) in self.listener.incoming().enumerate() {
                if self.is_stopped.load(Ordering::Acquire) {
                    break;
                }
                let Ok(asker) = asker else {
                    // Out of files, most likely: some will be closed.
                    thread::park_timeout(Duration::from_millis(100));
                    continue;
                };
                let Some(seat) = self.seat(number, asker) else {
                    continue;
                };
                let thread = thread::Builder::new().stack_size(STACK_BYTES);
                // Where no thread can be had, the seat is dropped, and the asker answers by itself.
                let _ = thread.spawn_scoped(scope, move || {
                    // What a question breaks must not take the archive down with it.
                    let _ = catch_unwind(AssertUnwindSafe(|| answer(&seat.asker, archive, daemon)));
                });
            }
            for asker in self.askers().values() {
                let _ = asker.shutdown(std::net::Shutdown::Both);
            }
        });
    }

    /// Has [`Server::serve`] return: nobody new is answered, and answers end at their next frame.
    /// Where somebody took the socket's file away, it never returns.
    pub(crate) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Release);
        // Wakes the one who waits for askers.
        let _ = UnixStream::connect(&self.path);
    }

    /// Whether nobody is answered.
    #[cfg(test)]
    pub(super) fn is_alone(&self) -> bool {
        self.askers().is_empty()
    }

    fn askers(&self) -> MutexGuard<'_, HashMap<usize, UnixStream>> {
        self.askers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for an asker, if there is one; else it is told so.
    fn seat(&self, number: usize, asker: UnixStream) -> Option<Seat<'_>> {
        let mut askers = self.askers();
        if askers.len() >= ASKERS_MAX {
            let _ = asker.set_nonblocking(true);
            let _ = send(&asker, Kind::Refused, b"too many are asking");
            return None;
        }
        askers.insert(number, asker.try_clone().ok()?);
        Some(Seat {
            server: self,
            number,
            asker,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// One asker's place, until it is dropped.
struct Seat<'s> {
    server: &'s Server,
    number: usize,
    asker: UnixStream,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.server.askers().remove(&self.number);
    }
}

/// Binds in a folder that nobody else can enter, so that the socket is never open to others, and
/// moves it into the place of one that is there.
fn bind(folder: &Path, path: &Path) -> std::io::Result<UnixListener> {
    let hidden = tempfile::Builder::new().prefix(".s").tempdir_in(folder)?;
    let fresh = hidden.path().join("s");
    let listener = UnixListener::bind(&fresh)?;
    fs::set_permissions(&fresh, Permissions::from_mode(0o600))?;
    fs::rename(&fresh, path)?;
    Ok(listener)
}

fn answer(
    asker: &UnixStream,
    archive: &impl Fn() -> Arc<Archive>,
    daemon: Option<&Daemon>,
) -> anyhow::Result<()> {
    asker.set_read_timeout(Some(GREETING_TIME_MAX))?;
    asker.set_write_timeout(Some(TAKING_TIME_MAX))?;
    let (args, manner) = match Question::receive(asker).and_then(|it| understood(&it)) {
        Ok(question) => question,
        Err(why) => return Ok(send(asker, Kind::Refused, format!("{why:#}").as_bytes())?),
    };
    send(asker, Kind::Taken, b"")?;
    let frames = RefCell::new(Frames::new(asker));
    let mut notes = Stream(Kind::Notes, &frames);
    let ended = args.command.run(&mut Asker {
        out: &mut Stream(Kind::Out, &frames),
        notes: &mut notes,
        live: Some(archive()),
        daemon,
        manner,
    });
    let code = exit_code(ended, &mut notes);
    frames.borrow_mut().send()?;
    Ok(send(asker, Kind::Ended, &[code])?)
}

/// The command, which must be one that may be answered for others.
fn understood(question: &Question) -> anyhow::Result<(Args, Manner)> {
    let args = Args::try_parse_from(&question.arguments)
        .map_err(|error| anyhow::anyhow!("its command line is not understood: {}", error.kind()))?;
    anyhow::ensure!(
        args.command.asks().is_some(),
        "it reads and writes no files for others"
    );
    Ok((args, question.manner()?))
}
