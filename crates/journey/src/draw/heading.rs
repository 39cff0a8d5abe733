//! Who wrote to whom, about what, and how it came in.

use super::branch::{Branch, Tone};
use super::safe::safe;
use super::words::{Clock, address, host, listed, on, size};
use crate::{Journey, Outcome};
use model::LinkKind;
use std::collections::BTreeSet;

/// Where the values of the facts stand.
const VALUE_COLUMN: usize = 12;

pub(super) fn heading(journey: &Journey, clock: &Clock) -> Branch {
    let mut trunk = Branch::new();
    let from = journey.mail_from.as_ref();
    trunk.say_in(
        Tone::Strong,
        from.map_or("unknown sender".into(), |it| address(it)),
    );
    trunk.say(" → ").say_in(Tone::Strong, recipients(journey));
    trunk.say(": ");
    outcomes(journey, &mut trunk);
    let came_in = [Some(identity(journey)), Some(origin(journey, clock))];
    let facts = [subject(journey)].into_iter().chain(came_in);
    for mut fact in facts.chain([cause(journey)]).flatten() {
        fact.hang(VALUE_COLUMN);
        trunk.fact(fact);
    }
    trunk.fact(Branch::new());
    trunk
}

fn recipients(journey: &Journey) -> String {
    let mut all: Vec<String> = Vec::new();
    for it in &journey.recipients {
        let written = address(it.orig_rcpt_to.as_ref().unwrap_or(&it.rcpt_to));
        if all.len() > 20 || !all.contains(&written) {
            all.push(written);
        }
    }
    let unnamed: u32 = journey.unnamed.iter().map(|it| it.count).sum();
    match (all.is_empty(), unnamed) {
        (true, 0) => "unknown recipients".into(),
        (true, 1) => "an unknown recipient".into(),
        (true, count) => format!("{count} unknown recipients"),
        (false, 0) => listed(&all),
        (false, count) => format!("{} (and {count} unknown)", listed(&all)),
    }
}

fn outcomes(journey: &Journey, trunk: &mut Branch) {
    let mut all: BTreeSet<Outcome> = journey.outcomes().collect();
    if all.is_empty() {
        all.extend(journey.outcome());
    }
    for (at, outcome) in all.into_iter().enumerate() {
        if at > 0 {
            trunk.say(", ");
        }
        trunk.say_in(tone(outcome), in_short(outcome));
    }
}

pub(super) fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Delivered | Outcome::Relayed | Outcome::Deliverable => Tone::Good,
        Outcome::Bounced
        | Outcome::Expired
        | Outcome::Rejected
        | Outcome::Undeliverable
        | Outcome::Aborted => Tone::Bad,
        Outcome::HandedOver
        | Outcome::Expanded
        | Outcome::Deferred
        | Outcome::Held
        | Outcome::Quarantined
        | Outcome::Discarded
        | Outcome::Deleted
        | Outcome::Unknown => Tone::Open,
    }
}

pub(super) fn in_short(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::HandedOver => "handed over, end not seen",
        Outcome::Deferred => "still in the queue",
        Outcome::Held => "on hold",
        Outcome::Deliverable => "address takes mail (probe)",
        Outcome::Undeliverable => "address takes no mail (probe)",
        Outcome::Unknown => "end not seen",
        outcome => outcome.name(),
    }
}

fn subject(journey: &Journey) -> Option<Branch> {
    let subject = journey.subject.as_ref()?;
    Some(Branch::of(format!("subject     {}", safe(subject))))
}

fn identity(journey: &Journey) -> Branch {
    let mut fact = Branch::of("message-id  ");
    match &journey.message_id {
        Some(id) if **id == "<>" => fact.say("none"),
        Some(id) => fact.say(safe(id)),
        None => fact.say_in(Tone::Quiet, "not logged"),
    };
    if let Some(bytes) = journey.size {
        fact.say(format!(", {}", size(bytes)));
    }
    fact
}

/// Whether only records tell of it that name a client or do not.
fn is_recorded(journey: &Journey) -> bool {
    let first = journey.hops.first();
    first.is_some_and(|hop| hop.verdicts.iter().any(|it| it.is_record))
}

fn origin(journey: &Journey, clock: &Clock) -> Branch {
    let mut words = clock.date_and_time(journey.arrived);
    match (&journey.client, journey.uid) {
        (Some(client), _) => words += &format!(" from {}", host(client)),
        (None, Some(uid)) => words += &format!(" from a program of user id {uid} on the host"),
        (None, None) if journey.local_user.is_some() => {
            let user = journey.local_user.iter().map(|it| safe(it));
            words += " from a program of ";
            words.extend(user);
            words += " on the host";
        }
        (None, None) if journey.incomplete_head || journey.handed_in.is_some() => {}
        (None, None) if is_recorded(journey) => {}
        (None, None) => words += " from the mail server itself",
    }
    if let Some(user) = &journey.sasl_username {
        words += &format!(", logged in as {}", safe(user));
    }
    if let Some(it) = &journey.handed_in {
        words += &format!(", handed in by {}{}", safe(&it.program), on(&it.host));
        if let Some(user) = &it.user {
            words += &format!(" for {}", safe(user));
        }
        if let Some(client) = &it.client {
            words += &format!(" at {}", host(client));
        }
    }
    if let Some(helo) = &journey.helo {
        words += &format!(", HELO {}", safe(helo));
    }
    if let Some(tls) = &journey.tls {
        words += &format!(", {}", safe(tls));
    }
    if journey.incomplete_head {
        words += " (counted back: its first lines are missing)";
    }
    Branch::of(format!("came in     {words}"))
}

/// What sort of message it is, if it was caused by another.
fn cause(journey: &Journey) -> Option<Branch> {
    let cause = journey.cause.as_ref()?;
    let what = match cause.kind {
        LinkKind::Dsn => "a notification about",
        LinkKind::Autoreply => "an automatic reply to",
        LinkKind::List => "sent by a mailing list that got",
        _ => "caused by",
    };
    let (queue_id, on) = (safe(&cause.queue_id), on(&cause.host));
    Some(Branch::of(format!("this is     {what} {queue_id}{on}")))
}
