//! A journey as short text for a test: what became of the message, without times, ids and ports,
//! which differ from run to run. Queue items are numbered in the order of the journey; recipients are
//! in the order of their addresses, since several are tried at a time.

use anyhow::ensure;
use journey::{Attempt, Hop, Journey, MailboxEntry, Notification, Recipient, What};
use model::ItemKey;
use std::fmt::Write;

/// The journeys that are looked for, one below the other, in the order of their texts: many logs have
/// whole seconds, and cannot tell which came first.
pub(crate) fn all(journeys: &[Journey], what: &What) -> anyhow::Result<String> {
    let found = journey::find(journeys, what);
    ensure!(!found.is_empty(), "no journey of {what:?}");
    let mut told: Vec<String> = found.into_iter().map(journey).collect();
    told.sort();
    Ok(told.join("\n"))
}

fn journey(it: &Journey) -> String {
    let mut text = String::new();
    let outcome = it.outcome().map_or("mixed", |it| it.name());
    let open = if it.is_open() { ", open" } else { "" };
    let from = it.mail_from.as_ref().map(ToString::to_string);
    let _ = writeln!(text, "<{}>: {outcome}{open}", from.unwrap_or_default());
    for (at, hop) in it.hops.iter().enumerate() {
        let _ = writeln!(text, "{}", self::hop(it, at, hop));
    }
    let recipients = it.recipients.iter();
    let mut recipients: Vec<String> = recipients.map(|rcpt| recipient(it, rcpt)).collect();
    recipients.sort();
    text += &recipients.concat();
    for unnamed in &it.unnamed {
        let _ = writeln!(
            text,
            "{} unnamed: {}",
            unnamed.count,
            unnamed.outcome.name()
        );
    }
    for notification in &it.notifications {
        let _ = writeln!(text, "{}", self::notification(it, notification));
    }
    for caused in &it.caused {
        let _ = writeln!(text, "caused: {}", caused.kind.name());
    }
    if let Some(cause) = &it.cause {
        let _ = writeln!(text, "cause: {}", cause.kind.name());
    }
    text
}

/// `#1`, or `?` for one that is not of this journey.
fn number(journey: &Journey, key: ItemKey) -> String {
    let at = journey.hops.iter().position(|hop| hop.key == key);
    at.map_or("?".to_owned(), |at| format!("#{}", at + 1))
}

fn hop(journey: &Journey, at: usize, it: &Hop) -> String {
    let mut text = format!("#{} {} {}", at + 1, it.host, it.state.name());
    if let Some(by) = it.came_by {
        let _ = write!(
            text,
            ", {} from {}",
            by.kind.name(),
            number(journey, by.from)
        );
    }
    if it.incomplete_head {
        text += ", incomplete head";
    }
    for verdict in &it.verdicts {
        let passed = if verdict.passed { "passed" } else { "blocked" };
        let _ = write!(text, ", {} {passed} {}", verdict.program, verdict.category);
        if verdict.quarantine.is_some() {
            text += " (quarantined)";
        }
    }
    for check in &it.checks {
        let signed = if check.signed { " signed" } else { "" };
        let said = format!("{} {}", check.method, check.result);
        let _ = write!(text, ", {} {}{signed}", check.program, said.trim());
    }
    for decision in &it.decisions {
        let source = decision.source.name();
        let _ = write!(text, ", {} by {source}", decision.action.name());
    }
    text
}

fn recipient(journey: &Journey, it: &Recipient) -> String {
    let mut text = it.rcpt_to.to_string();
    if let Some(orig) = &it.orig_rcpt_to {
        let _ = write!(text, " (for {orig})");
    }
    let at = number(journey, it.item);
    let _ = writeln!(text, ": {} in {at}", it.outcome.name());
    for attempt in &it.attempts {
        let _ = writeln!(text, "  {}", self::attempt(journey, attempt));
    }
    for entry in &it.mailbox {
        let _ = writeln!(text, "  {}", mailbox(entry));
    }
    for entry in &it.afterwards {
        let _ = writeln!(text, "  then {}", mailbox(entry));
    }
    text
}

fn attempt(journey: &Journey, it: &Attempt) -> String {
    let mut text = format!("{} {}", number(journey, it.item), it.kind.name());
    let _ = write!(text, " by {}", it.agent.name());
    if let Some(status) = it.enhanced {
        let _ = write!(text, " {status}");
    }
    if let Some(next) = it.next {
        let _ = write!(text, " to {}", number(journey, next));
    }
    text
}

fn mailbox(it: &MailboxEntry) -> String {
    let mut text = format!("{} {}", it.kind.name(), it.user);
    for said in [&it.mailbox, &it.target].into_iter().flatten() {
        let _ = write!(text, " {said}");
    }
    text
}

fn notification(journey: &Journey, it: &Notification) -> String {
    let to = if it.to_postmaster {
        "postmaster"
    } else {
        "sender"
    };
    let mut text = format!(
        "{} to {to} about {}",
        it.kind.name(),
        number(journey, it.about)
    );
    if it.item.is_none() {
        text += ", not linked";
    }
    if let Some(fate) = &it.fate {
        let rcpt = fate.rcpt_to.as_ref().map(ToString::to_string);
        let _ = write!(
            text,
            ": {} {}",
            rcpt.unwrap_or_default(),
            fate.outcome.name()
        );
    }
    text
}
