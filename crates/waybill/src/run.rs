//! Which function a command is, and what can be said of it before it runs.

use crate::args::{Command, Data, RowFormat};
use crate::asker::Asker;
use crate::{
    Ended, account, coverage, events, export, import, pages, queue, rows, serve, sources, stats,
    status, summary, sums, tail, trace, upkeep,
};
use std::path::Path;

impl Command {
    /// Runs it, here.
    pub(crate) fn run(&self, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
        match self {
            Command::Report(command) => summary::run(command, asker),
            Command::Trace(command) => trace::run(command, asker),
            Command::Parse(command) => events::run(command),
            Command::Import(command) => import::run(command),
            Command::Serve(command) => serve::run(command),
            Command::Tail(command) => tail::run(command, asker),
            Command::Sources(command) => sources::run(command, asker),
            Command::Commit(command) => upkeep::commit(command, asker),
            Command::Status(command) => status::run(command, asker),
            Command::Config(command) => serve::config(command, asker),
            Command::Search(command) => rows::run(command, asker),
            Command::History(command) => rows::history(command, asker),
            Command::Account(command) => account::run(command, asker),
            Command::Queue(command) => queue::run(command, asker),
            Command::Facets(command) => sums::facets(command, asker),
            Command::Histogram(command) => sums::histogram(command, asker),
            Command::Sql(command) => sums::sql(command, asker),
            Command::Export(command) => export::run(command, asker),
            Command::Verify(command) => export::verify(command),
            Command::Coverage(command) => coverage::run(command, asker),
            Command::Stats(command) => stats::run(command, asker),
            Command::Retention(command) => upkeep::retention(command, asker),
            Command::Erase(command) => upkeep::erase(command, asker),
            Command::Compact(command) => upkeep::compact(command, asker),
            Command::Check(command) => upkeep::check(command),
            Command::Completions(command) => pages::completions(command, asker),
            Command::Man(command) => pages::man(command),
        }
    }

    /// The archive, where nothing but it is asked or changed: a daemon that has it can do it. `None`
    /// for what reads or writes files that are named.
    pub(crate) fn asks(&self) -> Option<&Data> {
        match self {
            Command::Report(it) => it.input.files.is_empty().then_some(&it.data),
            Command::Trace(it) => it.input.files.is_empty().then_some(&it.data),
            Command::Search(it) => Some(&it.rows.when.data),
            Command::History(it) => Some(&it.rows.when.data),
            Command::Account(it) => Some(&it.when.data),
            Command::Queue(it) => it.compare.is_none().then_some(&it.data),
            Command::Facets(it) => Some(&it.asked.when.data),
            Command::Histogram(it) => Some(&it.asked.when.data),
            Command::Sql(it) => Some(&it.data),
            Command::Coverage(it) => Some(&it.when.data),
            Command::Stats(it) => Some(&it.data),
            Command::Tail(it) => Some(&it.when.data),
            Command::Sources(it) => Some(&it.data),
            Command::Commit(it) => Some(&it.data),
            Command::Status(it) => Some(&it.data),
            Command::Erase(it) => Some(&it.data),
            Command::Compact(it) => Some(&it.data),
            Command::Retention(it) => it.is_done_to_rows().then_some(&it.data),
            Command::Parse(_)
            | Command::Import(_)
            | Command::Serve(_)
            | Command::Config(_)
            | Command::Export(_)
            | Command::Verify(_)
            | Command::Check(_)
            | Command::Completions(_)
            | Command::Man(_) => None,
        }
    }

    /// The file that takes the answer instead of standard output.
    pub(crate) fn output(&self) -> Option<&Path> {
        match self {
            Command::Report(it) => it.output.as_deref(),
            _ => None,
        }
    }

    /// Whether the answer is bytes, not text with colours.
    pub(crate) fn gives_bytes(&self) -> bool {
        let format = match self {
            Command::Search(it) => it.rows.format,
            Command::History(it) => it.rows.format,
            Command::Sql(it) => it.format,
            _ => return false,
        };
        format == RowFormat::Parquet
    }
}
