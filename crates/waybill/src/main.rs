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
mod asked;
mod coverage;
mod events;
mod export;
mod import;
mod input;
mod queue;
mod rows;
mod shown;
mod stats;
mod summary;
mod sums;
mod trace;
mod upkeep;

use args::{Args, Command};
use clap::Parser;
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
    fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Ended::Answered => 0,
            Ended::NothingFound => 1,
            Ended::NothingRead => 2,
            Ended::Partly => 3,
        })
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    args.color.write_global();
    let ended = match args.command {
        Command::Report(command) => summary::run(&command),
        Command::Trace(command) => trace::run(&command),
        Command::Parse(command) => events::run(&command),
        Command::Import(command) => import::run(&command),
        Command::Search(command) => rows::run(&command),
        Command::History(command) => rows::history(&command),
        Command::Account(command) => account::run(&command),
        Command::Queue(command) => queue::run(&command),
        Command::Facets(command) => sums::facets(&command),
        Command::Histogram(command) => sums::histogram(&command),
        Command::Sql(command) => sums::sql(&command),
        Command::Export(command) => export::run(&command),
        Command::Verify(command) => export::verify(&command),
        Command::Coverage(command) => coverage::run(&command),
        Command::Stats(command) => stats::run(&command),
        Command::Retention(command) => upkeep::retention(&command),
        Command::Erase(command) => upkeep::erase(&command),
        Command::Compact(command) => upkeep::compact(&command),
        Command::Check(command) => upkeep::check(&command),
    };
    match ended {
        Ok(ended) => ended.code(),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!(
                "{}error:{} {error:#}",
                args::ERROR,
                args::ERROR.render_reset()
            );
            ExitCode::from(2)
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
