//! What the log says hop by hop.

use super::branch::{Branch, Tone};
use super::safe::safe;
use super::tries::tries;
use super::words::{Clock, address, host, reply, span};
use crate::{Decision, FilterVerdict, Hop, Journey, MailboxEntry, Recipient};
use model::{AccessAction, Kind, LinkKind, Source, Timestamp};

pub(super) fn hop(journey: &Journey, hop: &Hop, clock: &Clock) -> Branch {
    let mut branch = title(hop, clock);
    // What happened to the item as a whole, by time, among what happened to recipients.
    let mut under: Vec<(Timestamp, Branch)> = Vec::new();
    under.extend(hop.decisions.iter().map(|it| (it.at, decision(it))));
    under.extend(hop.verdicts.iter().map(|it| (it.at, verdict(it))));
    under.extend(events(hop, clock));
    under.extend(tries(journey, hop, clock));
    let others = journey.recipients.iter().filter(|it| it.item == hop.key);
    for it in others {
        under.extend(entries_of_nobody(it).map(|entry| (entry.at, mailbox(entry))));
    }
    under.sort_by_key(|it| it.0);
    branch.under(under.into_iter().map(|it| it.1).collect());
    branch
}

fn title(hop: &Hop, clock: &Clock) -> Branch {
    let mut branch = Branch::new();
    let place = match *hop.instance == "postfix" {
        true => safe(&hop.host),
        false => format!("{}/{}", safe(&hop.host), safe(&hop.instance)),
    };
    branch.say_in(Tone::Strong, format!("{place} {}", safe(&hop.queue_id)));
    match &hop.came_by {
        None => branch.say(format!("  {}", clock.time(hop.opened))),
        Some(came) => branch.say(format!(
            "  {}, {}",
            clock.since_start(hop.opened),
            came_by(came.kind)
        )),
    };
    if let (Some(_), Some(client)) = (&hop.came_by, &hop.client)
        && !client.is_loopback()
    {
        branch.say(format!(" from {}", host(client)));
    }
    if hop.came_by.is_some_and(|it| it.confidence < 80) {
        branch.say_in(Tone::Quiet, ", by its Message-ID");
    }
    if let Some(closed) = hop.closed {
        let ms = closed.millis_since(hop.opened);
        let here = span(u64::try_from(ms).unwrap_or(0));
        branch.say_in(Tone::Quiet, format!(" ({here} here)"));
    }
    if hop.incomplete_head {
        branch.say_in(Tone::Open, " (its first lines are missing)");
    }
    branch
}

fn came_by(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Filter => "through the filter",
        LinkKind::Relay => "relayed",
        LinkKind::Requeue => "requeued",
        LinkKind::Forward => "forwarded",
        LinkKind::Resend => "redirected by Sieve",
        LinkKind::Dsn | LinkKind::Autoreply | LinkKind::List => "caused by another message",
    }
}

/// What an administrator or rule did to the item, as far as no decision says it.
fn events(hop: &Hop, clock: &Clock) -> impl Iterator<Item = (Timestamp, Branch)> {
    hop.events.iter().filter_map(move |&(at, kind)| {
        let decided = hop.decisions.iter().any(|it| it.kind == kind);
        let (tone, words) = match kind {
            Kind::MessageHeld if !decided => (Tone::Open, "put on hold"),
            Kind::MessageReleased => (Tone::Plain, "released from hold"),
            Kind::MessageRequeued => (Tone::Plain, "put into the queue again (postsuper -r)"),
            Kind::MessageDeleted => (Tone::Open, "deleted by the administrator (postsuper -d)"),
            Kind::MessageExpired => (Tone::Bad, "queue life over, given up"),
            Kind::AdminAction => (Tone::Plain, "told to expire (postsuper -e)"),
            Kind::MessageAborted => (Tone::Bad, "the client did not complete it"),
            Kind::MessageDiscarded if !decided => (Tone::Open, "dropped by a rule"),
            Kind::MessageRejected if !decided => (Tone::Bad, "refused"),
            _ => return None,
        };
        let mut branch = Branch::new();
        branch.say_in(tone, words);
        branch.say(format!("  {}", clock.since_start(at)));
        Some((at, branch))
    })
}

fn decision(it: &Decision) -> Branch {
    let mut branch = Branch::new();
    let who = match it.source {
        Source::Access => "access rule",
        Source::Milter => "Milter",
        Source::Proxy => "before-queue filter",
        Source::Postscreen => "postscreen",
        Source::Policy => "policy service",
        Source::ContentCheck => "content check",
    };
    let whom = match &it.rcpt_to {
        Some(rcpt_to) if !it.whole_message => format!("the recipient {}", address(rcpt_to)),
        _ => "it".into(),
    };
    let (tone, did) = match it.action {
        AccessAction::Reject | AccessAction::Hangup | AccessAction::Abort => {
            (Tone::Bad, format!("refused {whom}"))
        }
        AccessAction::Hold => (Tone::Open, format!("put {whom} on hold")),
        AccessAction::Quarantine => (Tone::Open, format!("set {whom} aside")),
        AccessAction::Discard => (Tone::Open, format!("dropped {whom}")),
        AccessAction::Accept | AccessAction::Permit | AccessAction::Pass => {
            (Tone::Good, format!("let {whom} pass"))
        }
        action => (Tone::Plain, format!("({}) {whom}", action.name())),
    };
    branch.say(format!("{who} "));
    branch.say_in(tone, did);
    branch.say(format!(": {}", reply(it.code, it.enhanced, &it.text)));
    if let Some(content) = &it.content {
        branch.say(format!(" ({})", safe(content)));
    }
    branch
}

fn verdict(it: &FilterVerdict) -> Branch {
    let mut branch = Branch::of(safe(&it.program));
    if let Some(id) = &it.filter_id {
        branch.say_in(Tone::Quiet, format!(" ({})", safe(id)));
    }
    let (tone, did) = match it.passed {
        true => (Tone::Good, " let it pass as "),
        false => (Tone::Bad, " blocked it as "),
    };
    branch.say_in(tone, format!("{did}{}", safe(&it.category)));
    let mut more = Vec::new();
    more.extend(it.found.as_ref().map(|it| safe(it)));
    more.extend(it.score.map(|it| format!("score {it}")));
    more.extend(it.actions.as_ref().map(|it| safe(it)));
    more.extend(
        it.quarantine
            .as_ref()
            .map(|it| format!("kept as {}", safe(it))),
    );
    more.extend(it.took_ms.map(|ms| format!("took {}", span(ms))));
    if !more.is_empty() {
        branch.say(format!(": {}", more.join(", ")));
    }
    branch
}

/// Mailbox entries that no attempt's reply names.
fn entries_of_nobody(it: &Recipient) -> impl Iterator<Item = &MailboxEntry> {
    it.mailbox.iter().filter(|entry| {
        let mut attempts = it.attempts.iter();
        entry.session.is_none() || !attempts.any(|it| it.next_queue_id == entry.session)
    })
}

pub(super) fn mailbox(it: &MailboxEntry) -> Branch {
    let named = |it: &Option<crate::Text>| it.as_ref().map_or("?".into(), |it| safe(it));
    let (tone, words) = match it.kind {
        Kind::MailboxSaved => (Tone::Good, format!("saved in {}", named(&it.mailbox))),
        Kind::MailboxFailed => (
            Tone::Bad,
            format!("could not be saved in {}", named(&it.mailbox)),
        ),
        Kind::SieveRedirected => (
            Tone::Plain,
            format!("Sieve redirected it to {}", named(&it.target)),
        ),
        Kind::SieveRejected => (Tone::Bad, "Sieve refused it".into()),
        Kind::SieveDiscarded => (Tone::Open, "Sieve dropped it".into()),
        Kind::SieveFailed => (Tone::Bad, "Sieve failed".into()),
        Kind::AutoreplySent => (
            Tone::Plain,
            format!("automatic reply sent to {}", named(&it.target)),
        ),
        Kind::AutoreplySuppressed => (Tone::Plain, "no automatic reply sent".into()),
        kind => (Tone::Plain, kind.name().into()),
    };
    let mut branch = Branch::of(format!("{} on {}: ", address(&it.user), safe(&it.host)));
    branch.say_in(tone, words);
    if let Some(text) = &it.text {
        branch.say(format!(": {}", safe(text)));
    }
    branch
}
