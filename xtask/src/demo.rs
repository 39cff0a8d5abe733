//! `cargo xtask demo`: a generated day, its report, and the journey of one message.

use crate::generate::{self, Logs};
use crate::shell::{self, cargo, program};
use anyhow::Context;
use std::env;
use std::fs;
use std::path::Path;
use traffic::{Outcome, Plan, TrueMessage};

const LINES: u64 = 200_000;

pub(crate) fn run() -> anyhow::Result<()> {
    say(
        "Waybill is built as the tests use it, so that the engines are built once; the first time \
         that takes a quarter of an hour. `cargo install --path crates/waybill` builds it for speed.",
    );
    shell::run(cargo([
        "build",
        "--workspace",
        "--bin",
        "waybill",
        "--profile",
        "test",
    ]))?;
    let waybill = shell::target_dir().join("debug/waybill");
    let folder = shell::target_dir().join("demo");
    let log = folder.join("mail.log");

    say(&format!(
        "A day of mail is made up: {LINES} lines of six hosts (two MX, a gateway with a content \
         filter, two mailbox servers, one for outgoing mail). What truly became of each message is \
         written to truth.ndjson beside the log; Waybill does not look at it."
    ));
    let (lines, chosen) = make_day(&log, &folder.join("truth.ndjson"))?;
    println!("{}: {lines} lines", shown(&log));

    say("`waybill report`: the summary of the day.");
    let with_log = |args: &[&str]| {
        let mut command = program(&waybill, args);
        if env::var_os("NO_COLOR").is_none() {
            command.arg("--color=always");
        }
        command.arg(&log);
        command
    };
    shell::run(with_log(&["report"]))?;

    let (message_id, told) = chosen.context("the day has no message with a Message-ID")?;
    say(&format!("`waybill trace`: one message of that day. {told}"));
    shell::run(with_log(&["trace", &message_id]))?;

    let page = folder.join("report.html");
    let mut html = with_log(&["report", "--format", "html"]);
    html.arg("--output").arg(&page);
    say("The same report as one page for a browser.");
    shell::run(html)?;
    println!("{}", page.display());
    archive(&waybill, &log, &folder.join("archive"))?;
    say(&format!(
        "Now try your own log: {} report /var/log/mail.log",
        shown(&waybill)
    ));
    Ok(())
}

/// The same day in an archive, and what can be asked of it.
fn archive(waybill: &Path, log: &Path, data: &Path) -> anyhow::Result<()> {
    if data.exists() {
        fs::remove_dir_all(data).with_context(|| format!("cannot remove `{}`", data.display()))?;
    }
    let ask = |what: &str, args: &[&str], more: Option<&Path>| {
        say(&format!("`waybill {}`: {what}", args[0]));
        let mut command = program(waybill, args);
        if env::var_os("NO_COLOR").is_none() {
            command.arg("--color=always");
        }
        command.arg("--data").arg(data).args(more);
        shell::run(command)
    };
    ask(
        "the day into an archive, each line once.",
        &["import"],
        Some(log),
    )?;
    ask(
        "what bounced, with the original lines.",
        &["search", "status:bounced", "-n", "3", "--lines"],
        None,
    )?;
    ask(
        "what waited in the queues at four in the afternoon, and why.",
        &["queue", "--at", "2026-11-16T16:00:00Z", "-n", "6"],
        None,
    )?;
    ask(
        "deliveries over the day.",
        &[
            "histogram",
            "kind:delivery",
            "--every",
            "2h",
            "--timezone",
            "UTC",
        ],
        None,
    )?;
    ask("small files become large ones.", &["compact"], None)?;
    ask("is every line there, as it was?", &["check"], None)
}

/// Writes the day; gives its lines, and the most interesting message with what to look for.
fn make_day(log: &Path, truth: &Path) -> anyhow::Result<(u64, Option<(String, String)>)> {
    let plan = Plan {
        lines: LINES,
        seed: 1,
        ..Plan::default()
    };
    let mut best: Option<(u32, TrueMessage)> = None;
    let summary = generate::write(&plan, Logs::all_in(log)?, truth, |message| {
        let interest = interest(message);
        if best.as_ref().is_none_or(|(most, _)| interest > *most) {
            best = Some((interest, message.clone()));
        }
    })?;
    let chosen = best.and_then(|(_, message)| Some((message.message_id.clone()?, told(&message))));
    Ok((summary.lines, chosen))
}

/// How much there is to see in a message's journey that still fits on a screen.
fn interest(message: &TrueMessage) -> u32 {
    let recipients = &message.recipients;
    let deferrals: u32 = recipients.iter().map(|rcpt| rcpt.deferrals).sum();
    if message.message_id.is_none() || message.probe || message.lines > 60 {
        return 0;
    }
    let seen = [
        (message.items.len() >= 2, 2),
        (message.items.len() >= 3, 2),
        ((2..=4).contains(&recipients.len()), 2),
        (recipients.iter().any(|rcpt| rcpt.orig_rcpt_to.is_some()), 2),
        (
            recipients
                .iter()
                .any(|rcpt| rcpt.outcome == Outcome::Bounced),
            2,
        ),
        (!message.dsns.is_empty(), 3),
        ((1..=3).contains(&deferrals), 3),
        (
            recipients
                .iter()
                .any(|rcpt| rcpt.outcome == Outcome::Delivered),
            2,
        ),
        (recipients.iter().any(|rcpt| rcpt.mailbox.is_some()), 1),
        (message.subject.is_some(), 1),
    ];
    seen.into_iter()
        .map(|(is_seen, points)| if is_seen { points } else { 0 })
        .sum()
}

/// What became of it, from the truth.
fn told(message: &TrueMessage) -> String {
    let recipients = &message.recipients;
    let deferrals: u32 = recipients.iter().map(|rcpt| rcpt.deferrals).sum();
    let aliases = recipients
        .iter()
        .filter(|rcpt| rcpt.orig_rcpt_to.is_some())
        .count();
    let count = |n: usize, one: &str, many: &str| match n {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    };
    format!(
        "The truth has {}, {}, {aliases} of them by an alias, {}, and {} about it.",
        count(message.items.len(), "queue id", "queue ids"),
        count(recipients.len(), "recipient", "recipients"),
        count(deferrals as usize, "deferral", "deferrals"),
        count(message.dsns.len(), "notification", "notifications"),
    )
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
