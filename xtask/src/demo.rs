//! `cargo xtask demo`: days of generated mail, what can be asked of them, and the page while mail goes on.

mod client;
mod live;
mod story;

use crate::generate::{self, Logs};
use crate::page;
use crate::shell::{self, cargo, program};
use anyhow::Context;
use jiff::{Timestamp, ToSpan};
use std::env;
use std::fs;
use std::io::{BufRead, BufReader, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use story::Story;
use traffic::Plan;

/// Of three days, the last of which is to come: some two lines a second.
const LINES: u64 = 300_000;

/// Lines of the report that are shown.
const REPORT_LINES: usize = 36;

/// Builds Waybill and its page, and shows what they can do, with mail that is made up as it goes on.
#[derive(clap::Args)]
pub(crate) struct Demo {
    /// Ends when all is shown, as it does where nobody watches.
    #[arg(long)]
    once: bool,
    /// Makes users and sends lines to the daemon that is started beside.
    #[arg(long, hide = true)]
    feed: bool,
}

pub(crate) fn run(verb: &Demo) -> anyhow::Result<()> {
    let folder = shell::target_dir().join("demo");
    if verb.feed {
        return live::feed(&folder);
    }
    let watched = std::io::stdout().is_terminal() && env::var_os("CI").is_none();
    let waybill = built()?;
    let log = folder.join("mail.log");
    say(&format!(
        "Mail of eight hosts is made up: two days that are past, and one to come. What truly became of \
         each message is written to {} beside the log; Waybill does not look at it.",
        shown(&folder.join("truth.ndjson"))
    ));
    let story = make_days(&folder, &log)?;
    files(&waybill, &log, &story)?;
    archive(&waybill, &log, &folder.join("archive"))?;
    live::go(&waybill, &folder, verb.once || !watched)
}

/// Builds the page, where that can be done, and the binary.
fn built() -> anyhow::Result<PathBuf> {
    say(
        "The page and the binary are built, as the tests use it, so that the engines are built once; \
         the first time that takes a quarter of an hour. `cargo install --path crates/waybill` builds it \
         for speed.",
    );
    page::try_build()?;
    let build = [
        "build",
        "--workspace",
        "--bin",
        "waybill",
        "--profile",
        "test",
    ];
    shell::run(cargo(build))?;
    Ok(shell::target_dir().join("debug/waybill"))
}

/// Writes what is past to the log, and what is to come beside it.
fn make_days(folder: &Path, log: &Path) -> anyhow::Result<Story> {
    let now = now();
    let plan = Plan {
        lines: LINES,
        seed: 1,
        start: (now - 48.hours()).as_second(),
        days: 3,
        ..Plan::default()
    };
    let all = folder.join("all.log");
    let mut story = Story::until(now - 8.hours());
    let summary = generate::write(
        &plan,
        Logs::all_in(&all)?,
        &folder.join("truth.ndjson"),
        |message| story.look_at(message),
    )?;
    let past = divide(&all, log, &live::future(folder), now)?;
    fs::remove_file(&all).context("the whole log is not wanted any more")?;
    println!("{}: {past} of {} lines", shown(log), summary.lines);
    Ok(story)
}

/// Lines up to a time into one file, those behind into another; gives how many went into the first.
fn divide(all: &Path, past: &Path, future: &Path, now: Timestamp) -> anyhow::Result<u64> {
    let create = |path: &Path| {
        let file = fs::File::create(path);
        let file = file.with_context(|| format!("cannot write `{}`", path.display()));
        file.map(BufWriter::new)
    };
    let (mut past, mut future) = (create(past)?, create(future)?);
    let mut count = 0;
    for line in BufReader::new(fs::File::open(all)?).split(b'\n') {
        let line = line?;
        let is_past = live::stamp(&line).is_none_or(|at| at <= now);
        count += u64::from(is_past);
        let to = if is_past { &mut past } else { &mut future };
        to.write_all(&line)?;
        to.write_all(b"\n")?;
    }
    past.flush()?;
    future.flush()?;
    Ok(count)
}

/// What is answered from files.
fn files(waybill: &Path, log: &Path, story: &Story) -> anyhow::Result<()> {
    say("`waybill report`: the summary of the days, here its beginning.");
    let mut report = coloured(waybill, &["report"]);
    report.arg(log);
    head(report, REPORT_LINES)?;
    let (message_id, told) = story.told().context("no message has a Message-ID")?;
    say(&format!("`waybill trace`: one message. {told}"));
    let mut trace = coloured(waybill, &["trace", &message_id]);
    trace.arg(log);
    shell::run(trace)
}

/// The days in an archive, and what can be asked of it.
fn archive(waybill: &Path, log: &Path, data: &Path) -> anyhow::Result<()> {
    if data.exists() {
        fs::remove_dir_all(data).with_context(|| format!("cannot remove `{}`", data.display()))?;
    }
    let ask = |what: &str, args: &[&str], more: Option<&Path>| {
        say(&format!("`waybill {}`: {what}", args[0]));
        let mut command = coloured(waybill, args);
        command.arg("--data").arg(data).args(more);
        shell::run(command)
    };
    ask(
        "the days into an archive, each line once.",
        &["import"],
        Some(log),
    )?;
    ask(
        "what bounced, with the original lines.",
        &["search", "status:bounced", "-n", "2", "--lines"],
        None,
    )?;
    let then = (now() - 10.hours()).strftime("%FT%TZ").to_string();
    ask(
        "what waited in the queues ten hours ago, and why.",
        &["queue", "--at", &then, "-n", "6"],
        None,
    )?;
    ask("is every line there, as it was?", &["check"], None)
}

fn coloured(waybill: &Path, args: &[&str]) -> Command {
    let mut command = program(waybill, args);
    if env::var_os("NO_COLOR").is_none() && std::io::stdout().is_terminal() {
        command.arg("--color=always");
    }
    command
}

/// Shows the command, and the first lines of what it prints.
fn head(command: Command, lines: usize) -> anyhow::Result<()> {
    eprintln!("$ {}", shell::shown(&command));
    let text = shell::output(command)?;
    text.lines().take(lines).for_each(|line| println!("{line}"));
    println!("...");
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "mail goes on as of now")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn say(text: &str) {
    println!("\n== {text}\n");
}

/// The path as one would type it in the workspace.
fn shown(path: &Path) -> String {
    path.strip_prefix(shell::root())
        .unwrap_or(path)
        .display()
        .to_string()
}
