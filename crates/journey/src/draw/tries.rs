//! The attempts of one hop, those that are alike put together.

use super::branch::{Branch, Tone};
use super::hops::mailbox;
use super::safe::safe;
use super::words::{Clock, address, listed, peer, reason, span, times};
use crate::{Attempt, Hop, Journey, MailboxEntry, Text};
use foldhash::fast::FixedState;
use model::{Agent, Delays, Kind, Timestamp};
use std::collections::{HashMap, HashSet};

/// Attempts that had the same result: several recipients of one transaction, or one tried again.
struct Alike<'j> {
    rcpts: Vec<&'j Text>,
    first: &'j Attempt,
    last: &'j Attempt,
    count: usize,
    suspended: usize,
}

/// The attempts of a hop, with the time of the last of those put together.
pub(super) fn tries(journey: &Journey, hop: &Hop, clock: &Clock) -> Vec<(Timestamp, Branch)> {
    let mut seen: HashSet<(&Text, Timestamp, &Text), FixedState> = HashSet::default();
    let mut attempts: Vec<&Attempt> = journey
        .recipients
        .iter()
        .flat_map(|it| &it.attempts)
        .filter(|it| it.item == hop.key)
        .filter(|it| seen.insert((&it.rcpt_to, it.at, &it.text)))
        .collect();
    attempts.sort_by_key(|it| it.at);
    together(again(&attempts))
        .iter()
        .map(|it| (it.first.at, branch(journey, it, clock)))
        .collect()
}

/// Puts one recipient's deferrals for the same reason together.
fn again<'j>(attempts: &[&'j Attempt]) -> Vec<Alike<'j>> {
    let mut all: Vec<Alike<'j>> = Vec::new();
    let mut latest: HashMap<&Text, usize, FixedState> = HashMap::default();
    for &it in attempts {
        if let Some(&at) = latest.get(&it.rcpt_to)
            && it.kind == Kind::Deferred
            && all[at].last.kind == Kind::Deferred
            && reason(all[at].last) == reason(it)
        {
            all[at].last = it;
            all[at].count += 1;
            all[at].suspended += usize::from(it.suspended);
            continue;
        }
        latest.insert(&it.rcpt_to, all.len());
        all.push(Alike {
            rcpts: vec![&it.rcpt_to],
            first: it,
            last: it,
            count: 1,
            suspended: usize::from(it.suspended),
        });
    }
    all
}

/// Puts recipients that fared alike together.
fn together(all: Vec<Alike<'_>>) -> Vec<Alike<'_>> {
    let mut out: Vec<Alike<'_>> = Vec::new();
    let mut known: HashMap<(Kind, usize, &Text, Option<&Text>), usize, FixedState> =
        HashMap::default();
    for it in all {
        // What a mail store did is told under each recipient.
        let stored = it.first.agent == Agent::Lmtp && it.first.next_queue_id.is_some();
        let name = (
            it.last.kind,
            it.count,
            &it.last.text,
            it.last.next_queue_id.as_ref(),
        );
        match known.get(&name) {
            Some(&at) if !stored && is_near(&out[at], &it) => out[at].rcpts.extend(it.rcpts),
            _ => {
                known.insert(name, out.len());
                out.push(it);
            }
        }
    }
    out
}

fn is_near(one: &Alike<'_>, other: &Alike<'_>) -> bool {
    other.first.at.millis_since(one.first.at).abs() < 5_000
        && other.last.at.millis_since(one.last.at).abs() < 5_000
        && !one.rcpts.contains(&other.rcpts[0])
}

fn branch(journey: &Journey, it: &Alike<'_>, clock: &Clock) -> Branch {
    let last = it.last;
    let mut branch = Branch::new();
    let rcpts: Vec<String> = it.rcpts.iter().map(|it| address(it)).collect();
    branch.say(listed(&rcpts));
    if let Some(relay) = &last.relay {
        branch.say(format!(" → {}", peer(relay)));
    }
    branch.say(": ");
    let (tone, word) = result(last);
    branch.say_in(tone, word);
    if it.count > 1 {
        branch.say(format!(" {}", times(it.count)));
    }
    if let (Kind::HandedOver, Some(id)) = (last.kind, &last.next_queue_id) {
        branch.say(" as ").say_in(Tone::Strong, safe(id));
    }
    branch.say(when(it, clock));
    branch.say_in(Tone::Quiet, tls(last));
    let reason = reason(last);
    if !reason.is_empty() {
        let mut said = Branch::new();
        said.say_in(Tone::Quiet, reason);
        branch.fact(said);
    }
    branch.under(entries(journey, last).into_iter().map(mailbox).collect());
    branch
}

fn result(it: &Attempt) -> (Tone, &'static str) {
    match it.kind {
        Kind::Delivered => (Tone::Good, "delivered"),
        Kind::Relayed => (Tone::Good, "accepted"),
        Kind::HandedOver => (Tone::Good, "handed over"),
        Kind::Deferred => (Tone::Open, "deferred"),
        Kind::Bounced => (Tone::Bad, "bounced"),
        Kind::Expired => (Tone::Bad, "given up"),
        Kind::Discarded => (Tone::Open, "dropped"),
        Kind::QuarantineStored => (Tone::Open, "set aside"),
        Kind::Expanded => (Tone::Plain, "replaced by others"),
        Kind::Probed => (Tone::Plain, "asked only"),
        kind => (Tone::Plain, kind.name()),
    }
}

fn when(it: &Alike<'_>, clock: &Clock) -> String {
    if it.count == 1 {
        let nobody = if it.suspended > 0 {
            ", nobody asked"
        } else {
            ""
        };
        return format!(
            ", {}{}{nobody}",
            clock.since_start(it.last.at),
            slow(&it.last.delays)
        );
    }
    let (first, last) = (clock.time(it.first.at), clock.time(it.last.at));
    let nobody = match it.suspended {
        0 => String::new(),
        count => format!(", {count} of them without asking"),
    };
    format!(" from {first} to {last}{nobody}")
}

/// The stages that took more than a second.
fn slow(delays: &Delays) -> String {
    const STAGES: [&str; 4] = [
        "before this try",
        "in the active queue",
        "connecting",
        "sending",
    ];
    let stages = delays.stages_ms.unwrap_or_default();
    let slow: Vec<String> = stages
        .iter()
        .zip(STAGES)
        .filter(|(ms, _)| **ms > 1_000)
        .map(|(ms, stage)| format!("{} {stage}", span(*ms)))
        .collect();
    match slow.is_empty() {
        true => String::new(),
        false => format!(" ({})", slow.join(", ")),
    }
}

fn tls(it: &Attempt) -> String {
    let Some(tls) = &it.tls else {
        return String::new();
    };
    let trust = it.tls_trust.as_ref();
    format!(
        ", {}{}",
        trust.map_or(String::new(), |it| format!("{} ", safe(it))),
        safe(tls)
    )
}

/// What the mail store did in the session that its reply names.
fn entries<'j>(journey: &'j Journey, it: &Attempt) -> Vec<&'j MailboxEntry> {
    let Some(session) = &it.next_queue_id else {
        return Vec::new();
    };
    let recipient = journey.recipients.iter().find(|recipient| {
        let mut entries = recipient.mailbox.iter();
        entries.any(|entry| entry.session.as_ref() == Some(session))
    });
    let entries = recipient.iter().flat_map(|it| &it.mailbox);
    entries
        .filter(|entry| entry.session.as_ref() == Some(session))
        .collect()
}
