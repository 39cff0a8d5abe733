//! `waybill`: what happened to my mail?
//!
//! This crate only wires: arguments, input, progress and messages for people. What lines mean is in
//! `parse`, how they belong together in `correlate`, what is told of it in `journey` and `report`.
//!
//! Exit codes: 0 answered; 1 nothing found; 2 the command line is wrong, or nothing could be read;
//! 3 answered, but some input could not be read.

mod account;
mod again;
mod archive;
mod args;
mod asker;
mod coverage;
mod events;
mod export;
mod import;
mod input;
mod limits;
mod pages;
mod queue;
mod rows;
mod run;
mod serve;
mod shown;
mod socket;
mod sources;
mod stats;
mod status;
mod summary;
mod sums;
mod tail;
mod trace;
mod upkeep;

use anyhow::Context;
use args::{Args, Command, ERROR};
use asker::{Asker, Manner};
use clap::Parser;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// Batches of lines and events are made on one thread and dropped on another, a megabyte at a time:
/// the system's allocator gives each back to the kernel and asks for it anew.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How a command ended.
enum Ended {
    Answered,
    NothingFound,
    Partly,
    NothingRead,
}

impl Ended {
    /// How a question ended, by whether its answer is empty.
    fn by(is_empty: bool) -> Self {
        match is_empty {
            true => Ended::NothingFound,
            false => Ended::Answered,
        }
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    args.color.write_global();
    let mut notes = anstream::stderr();
    let ended = match args.command.output() {
        Some(path) => to_file(&args.command, path, &mut notes),
        None if args.command.gives_bytes() => answer(&args.command, &mut io::stdout(), &mut notes),
        None => answer(&args.command, &mut anstream::stdout(), &mut notes),
    };
    ExitCode::from(ended.unwrap_or_else(|error| exit_code(Err(error), &mut notes)))
}

/// Has the daemon answer, if there is one and it can; else answers here. The exit code.
fn answer(command: &Command, out: &mut dyn Write, notes: &mut dyn Write) -> anyhow::Result<u8> {
    let manner = Manner::here();
    if let Some(data) = command.asks() {
        let arguments = std::env::args_os();
        if let Some(code) = socket::ask(&data.folder(), arguments, &manner, out, notes)? {
            return Ok(code);
        }
    }
    let ended = command.run(&mut Asker {
        out,
        notes,
        live: None,
        daemon: None,
        manner,
    });
    Ok(exit_code(ended, notes))
}

/// Writes the answer into a file, when it is whole.
fn to_file(command: &Command, path: &Path, notes: &mut dyn Write) -> anyhow::Result<u8> {
    let mut out = Vec::new();
    let code = answer(command, &mut out, notes)?;
    if !out.is_empty() {
        std::fs::write(path, out).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(code)
}

/// The exit code of a command; what went wrong is told.
fn exit_code(ended: anyhow::Result<Ended>, notes: &mut dyn Write) -> u8 {
    match ended {
        Ok(Ended::Answered) => 0,
        Ok(Ended::NothingFound) => 1,
        Ok(Ended::NothingRead) => 2,
        Ok(Ended::Partly) => 3,
        Err(error) if is_broken_pipe(&error) => 0,
        Err(error) => {
            // Where nobody can be told, the code remains.
            let _ = writeln!(notes, "{ERROR}error:{ERROR:#} {error:#}");
            2
        }
    }
}

/// Whether the reader of our output has gone (`| head`), which is no fault.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
