//! What happened to each recipient, in a sentence.

use super::branch::{Branch, Tone};
use super::heading::{in_short, tone};
use super::safe::safe;
use super::words::{Clock, address, host, on, reason, reply, span, times};
use crate::{
    Attempt, Decision, FilterVerdict, Hop, HopState, Journey, MailboxEntry, Notification, Outcome,
    Recipient, Text, Unnamed,
};
use model::{Agent, Kind, LinkKind, NotificationKind};
use std::collections::BTreeSet;

/// A sentence for each recipient.
pub(super) fn stories(journey: &Journey, clock: &Clock) -> Vec<Branch> {
    let named = journey
        .recipients
        .iter()
        .map(|it| story(journey, it, clock));
    let unnamed = journey
        .unnamed
        .iter()
        .map(|it| story_of_unnamed(journey, it));
    let mut stories: Vec<Branch> = named.chain(unnamed).collect();
    if stories.is_empty() {
        stories.extend(journey.hops.last().map(|hop| story_of_hop(hop, clock)));
    }
    stories
}

fn story(journey: &Journey, it: &Recipient, clock: &Clock) -> Branch {
    let mut branch = Branch::new();
    branch.say_in(Tone::Strong, address(&it.rcpt_to));
    if let Some(orig) = &it.orig_rcpt_to {
        branch.say(format!(" (for {})", address(orig)));
    }
    branch.say(": ");
    let hop = journey.hop(it.item);
    let (short, rest) = sentence(journey, it, hop, clock);
    branch.say_in(tone(it.outcome), short).say(rest);
    branch.say(repeatedly(it));
    branch
}

/// The words that say how it ended, and what is to be said besides.
fn sentence(
    journey: &Journey,
    it: &Recipient,
    hop: Option<&Hop>,
    clock: &Clock,
) -> (String, String) {
    let on = hop.map_or(String::new(), |hop| on(&hop.host));
    let last = it.attempts.last();
    let after = it.ended.map_or(String::new(), |at| after(at, clock));
    // That time is over is no reason of its own.
    let mut tried = it.attempts.iter().rev();
    let telling = tried.find(|it| it.kind != Kind::Expired).or(last);
    let why = telling.map_or(String::new(), reason);
    let (short, rest) = match it.outcome {
        Outcome::Delivered => ("delivered", format!("{}{on}{after}", delivered_to(it))),
        Outcome::Relayed => ("accepted", format!("{}{after}: {why}", by(last))),
        Outcome::Expanded => ("sent on", format!(" to others{on}{after}: {why}")),
        Outcome::HandedOver => (
            "handed over",
            format!(
                "{}{after}; the logs do not show what came of it",
                handed_to(it)
            ),
        ),
        Outcome::Deferred => return deferred(it, &on, clock),
        Outcome::Held => ("on hold", format!("{on}{}", decided(hop))),
        Outcome::Bounced => (
            "bounced",
            format!("{}{after}: {why}{}", by(last), told(journey, it)),
        ),
        Outcome::Expired => (
            "given up",
            format!("{on}{after}, last reason: {why}{}", told(journey, it)),
        ),
        Outcome::Quarantined => (
            "in quarantine",
            format!("{on}{after}{}", set_aside(it, hop)),
        ),
        Outcome::Discarded => ("dropped", dropped(it, hop)),
        Outcome::Rejected => ("refused", refused(it, hop)),
        Outcome::Deleted => {
            let at = it
                .ended
                .map_or(String::new(), |at| format!(" at {}", clock.time(at)));
            ("deleted", format!(" by the administrator{on}{at}"))
        }
        Outcome::Aborted => ("not completed", broken_off(hop)),
        Outcome::Deliverable => ("takes mail", format!(", says the probe{on}: {why}")),
        Outcome::Undeliverable => ("takes no mail", format!(", says the probe{on}: {why}")),
        Outcome::Unknown => ("end not seen", format!(": no line tells how it ended{on}")),
    };
    (short.into(), rest)
}

/// How long it took; nothing where the clocks of two hosts differ by more.
fn after(at: model::Timestamp, clock: &Clock) -> String {
    match u64::try_from(at.millis_since(clock.start())) {
        Ok(ms) => format!(" after {}", span(ms)),
        Err(_) => String::new(),
    }
}

/// Tells of a message that was brought twice, after a crash or by hand.
fn repeatedly(it: &Recipient) -> String {
    let brought = |it: &&Attempt| matches!(it.kind, Kind::Delivered | Kind::Relayed);
    let at_end = it.attempts.iter().filter(|attempt| attempt.item == it.item);
    let brought: Vec<&Attempt> = at_end.filter(brought).collect();
    // An alias may lead to several files and commands.
    let places: BTreeSet<&Text> = brought.iter().map(|it| &it.text).collect();
    let is_alias = brought.iter().all(|it| it.agent == Agent::Local) && places.len() > 1;
    match brought.len() {
        0 | 1 => String::new(),
        _ if is_alias => String::new(),
        count => format!(
            "; brought {}: the recipient may have it as often",
            times(count)
        ),
    }
}

fn entry(it: &Recipient, kind: Kind) -> Option<&MailboxEntry> {
    it.mailbox.iter().rev().find(|entry| entry.kind == kind)
}

fn delivered_to(it: &Recipient) -> String {
    match (it.saved_in(), it.attempts.last()) {
        (Some(mailbox), _) => format!(" to {}", safe(mailbox)),
        (None, Some(attempt)) => match attempt.text.strip_prefix(b"delivered to ") {
            Some(place) => format!(" to {}", safe(place)),
            None if attempt.agent == Agent::Lmtp => {
                format!(" to the mail store{}", at_relay(attempt))
            }
            None => by(Some(attempt)),
        },
        (None, None) => String::new(),
    }
}

/// Who took or refused it: the other host where one answered.
fn by(attempt: Option<&Attempt>) -> String {
    let relay = attempt.and_then(|it| it.relay.as_ref());
    relay.map_or(String::new(), |it| format!(" by {}", host(it)))
}

fn at_relay(attempt: &Attempt) -> String {
    let relay = attempt.relay.as_ref();
    relay.map_or(String::new(), |it| format!(" {}", host(it)))
}

fn handed_to(it: &Recipient) -> String {
    if let Some(redirect) = entry(it, Kind::SieveRedirected)
        && let Some(target) = &redirect.target
    {
        return format!(" to {} by the user's Sieve script", address(target));
    }
    let Some(last) = it.attempts.last() else {
        return String::new();
    };
    let to = last
        .relay
        .as_ref()
        .map_or(String::new(), |it| format!(" to {}", host(it)));
    let id = last.next_queue_id.as_ref();
    format!(
        "{to}{}",
        id.map_or(String::new(), |id| format!(" as {}", safe(id)))
    )
}

fn deferred(it: &Recipient, on: &str, clock: &Clock) -> (String, String) {
    let short = format!("still in the queue{on}");
    let deferrals = it.deferrals();
    let last = it
        .attempts
        .iter()
        .rev()
        .find(|it| it.kind == Kind::Deferred);
    let rest = match last {
        None => ": not tried yet".into(),
        Some(last) => format!(
            ": deferred {}, last at {}: {}",
            times(deferrals),
            clock.time(last.at),
            reason(last)
        ),
    };
    (short, rest)
}

/// Why a rule held or refused the message.
fn decided(hop: Option<&Hop>) -> String {
    let mut decisions = hop.iter().flat_map(|hop| &hop.decisions);
    let last = decisions.rfind(|it| it.whole_message);
    last.map_or(String::new(), why)
}

fn why(it: &Decision) -> String {
    let mut words = format!(": {}", reply(it.code, it.enhanced, &it.text));
    if let Some(content) = &it.content {
        words += &format!(" ({})", safe(content));
    }
    words
}

/// What a filter set a message aside as.
fn set_aside(it: &Recipient, hop: Option<&Hop>) -> String {
    let Some(verdict) = hop.and_then(|hop| stopped_by(it, hop)) else {
        return String::new();
    };
    let found = verdict.found.as_ref();
    let found = found.map_or(String::new(), |it| format!(" ({})", safe(it)));
    let category = safe(&verdict.category);
    format!(", by {} as {category}{found}", safe(&verdict.program))
}

/// The last verdict of those on a recipient, if the message did not go on by it.
fn stopped_by<'h>(it: &Recipient, hop: &'h Hop) -> Option<&'h FilterVerdict> {
    let is_on = |verdict: &&FilterVerdict| {
        let named = verdict.recipients.as_ref().filter(|_| verdict.is_record);
        named.is_none_or(|named| **named == *it.rcpt_to)
    };
    let last = hop.verdicts.iter().rfind(is_on);
    last.filter(|it| !it.passed)
}

fn dropped(it: &Recipient, hop: Option<&Hop>) -> String {
    if let Some(entry) = entry(it, Kind::SieveDiscarded) {
        return format!(" by the Sieve script of {}", safe(&entry.user));
    }
    if let Some(verdict) = hop.and_then(|hop| stopped_by(it, hop)) {
        let mut words = format!(" by the content filter as {}", safe(&verdict.category));
        if let Some(found) = &verdict.found {
            words += &format!(" ({})", safe(found));
        }
        if let Some(place) = &verdict.quarantine {
            words += &format!("; the quarantine has it as {}", safe(place));
        }
        return words;
    }
    match it.attempts.last() {
        Some(attempt) if attempt.agent == Agent::Discard => {
            format!(" by a rule: {}", reason(attempt))
        }
        Some(attempt) => format!(" by the filter{}: {}", at_relay(attempt), reason(attempt)),
        None => format!(" by a rule{}", decided(hop)),
    }
}

fn refused(it: &Recipient, hop: Option<&Hop>) -> String {
    if let Some(entry) = entry(it, Kind::SieveRejected) {
        let text = entry
            .text
            .as_ref()
            .map_or(String::new(), |it| format!(": {}", safe(it)));
        return format!(" by the Sieve script of {}{text}", safe(&entry.user));
    }
    let mut decisions = hop.iter().flat_map(|hop| &hop.decisions);
    let last = decisions
        .rfind(|decision| decision.whole_message || decision.rcpt_to.as_ref() == Some(&it.rcpt_to));
    let why = last.map_or(String::new(), why);
    format!(" in the SMTP session{why}")
}

fn broken_off(hop: Option<&Hop>) -> String {
    match hop.and_then(|hop| hop.broken_off.as_ref()) {
        Some(how) => format!(" by the client: {}", safe(how)),
        None => " by the client".into(),
    }
}

/// Whether the sender knows of a failure.
fn told(journey: &Journey, it: &Recipient) -> String {
    let fits = |note: &&Notification| {
        let in_time = it.ended.is_none_or(|at| note.at.millis_since(at) > -1_000);
        note.about == it.item && note.kind == NotificationKind::NonDelivery && in_time
    };
    let Some(note) = journey.notifications.iter().find(fits) else {
        return match &journey.mail_from {
            Some(from) if !from.is_empty() => "; no line tells that the sender was told".into(),
            _ => String::new(),
        };
    };
    let whom = if note.to_postmaster {
        "postmaster"
    } else {
        "sender"
    };
    match &note.queue_id {
        Some(id) => format!("; the {whom} was told ({}{})", safe(id), fate(note)),
        None => match &note.reason {
            Some(why) => format!("; the {whom} was not told: {}", safe(why)),
            None => format!("; the {whom} was told"),
        },
    }
}

fn fate(note: &Notification) -> String {
    let fate = note.fate.as_ref();
    fate.map_or(String::new(), |it| format!(", {}", in_short(it.outcome)))
}

fn story_of_unnamed(journey: &Journey, it: &Unnamed) -> Branch {
    let mut branch = Branch::new();
    let on = journey
        .hop(it.item)
        .map_or(String::new(), |hop| on(&hop.host));
    let who = match it.count {
        1 => "1 recipient".to_owned(),
        count => format!("{count} recipients"),
    };
    branch.say_in(Tone::Strong, format!("{who} that no line names"));
    branch.say(": ");
    let short = match it.outcome {
        Outcome::Deleted => format!("deleted by the administrator{on}"),
        outcome => format!("{}{on}", in_short(outcome)),
    };
    branch.say_in(tone(it.outcome), short);
    branch
}

/// What is to be said where no recipient is known at all.
fn story_of_hop(hop: &Hop, clock: &Clock) -> Branch {
    let outcome = hop.state.outcome();
    let on = on(&hop.host);
    let (short, rest) = match outcome {
        Outcome::Aborted => ("not completed", broken_off(Some(hop))),
        Outcome::Rejected => ("refused", format!("{on}{}", decided(Some(hop)))),
        Outcome::Discarded => ("dropped", format!("{on} by a rule{}", decided(Some(hop)))),
        Outcome::Held => ("on hold", format!("{on}{}", decided(Some(hop)))),
        Outcome::Deferred => ("in the queue", format!("{on}: not tried yet")),
        Outcome::Deleted => ("deleted", format!("{on} by the administrator")),
        _ if hop.state == HopState::Receiving => (
            "coming in",
            format!("{on} when the log ended, not queued yet"),
        ),
        _ => (
            "end not seen",
            format!("{on}: the recipients are in no line"),
        ),
    };
    let mut branch = Branch::new();
    branch.say_in(tone(outcome), short).say(rest);
    if let Some(at) = hop.closed {
        branch.say(format!(", at {}", clock.time(at)));
    }
    branch
}

/// Notifications, replies and list copies that it caused.
pub(super) fn consequences(journey: &Journey, clock: &Clock) -> Vec<Branch> {
    let notes = journey
        .notifications
        .iter()
        .map(|it| notification(it, clock));
    let others = journey.caused.iter().map(|it| {
        let what = match it.kind {
            LinkKind::Autoreply => "automatic reply",
            LinkKind::List => "copy of a mailing list",
            _ => "new message",
        };
        Branch::of(format!("{what}: {}{}", safe(&it.queue_id), on(&it.host)))
    });
    notes.chain(others).collect()
}

fn notification(it: &Notification, clock: &Clock) -> Branch {
    let whom = if it.to_postmaster {
        "postmaster"
    } else {
        "sender"
    };
    let what = match it.kind {
        NotificationKind::NonDelivery => "that it failed",
        NotificationKind::Delay => "that it is late",
        NotificationKind::DeliveryStatus => "how it went",
    };
    let Some(id) = &it.queue_id else {
        return Branch::of(match &it.reason {
            Some(why) => format!("the {whom} was not told {what}: {}", safe(why)),
            None => format!("told the {whom} {what}, {}", clock.since_start(it.at)),
        });
    };
    let mut branch = Branch::of(format!("told the {whom} {what}: "));
    branch.say_in(Tone::Strong, safe(id));
    branch.say(format!(" {}", clock.since_start(it.at)));
    match &it.fate {
        Some(fate) => {
            let to = fate
                .rcpt_to
                .as_ref()
                .map_or(String::new(), |it| format!(" to {}", address(it)));
            branch.say(", ");
            branch.say_in(tone(fate.outcome), in_short(fate.outcome));
            branch.say(to);
        }
        None => {
            branch.say(", its end not seen");
        }
    }
    branch
}
