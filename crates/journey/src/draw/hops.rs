//! What the log says hop by hop.

use super::branch::{Branch, Tone};
use super::safe::safe;
use super::tries::tries;
use super::words::{Clock, address, host, on, reply, span};
use crate::{Decision, FilterVerdict, Hop, Journey, MailboxEntry, Recipient, SenderCheck};
use model::{AccessAction, Kind, LinkKind, Source, Timestamp};

pub(super) fn hop(journey: &Journey, hop: &Hop, clock: &Clock) -> Branch {
    let mut branch = title(hop, clock);
    // What happened to the item as a whole, by time, among what happened to recipients.
    let mut under: Vec<(Timestamp, Branch)> = Vec::new();
    let decisions = hop.decisions.iter().filter(|it| tells(it));
    under.extend(decisions.map(|it| (it.at, decision(it))));
    under.extend(hop.verdicts.iter().map(|it| (it.at, verdict(it))));
    under.extend(hop.checks.iter().map(|it| (it.at, check(it))));
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
        false if hop.host.is_empty() => safe(&hop.instance),
        false => format!("{}/{}", safe(&hop.host), safe(&hop.instance)),
    };
    // Who hands a message in has no queue.
    let named = match hop.queue_id.is_empty() {
        true => place,
        false => format!("{place} {}", safe(&hop.queue_id)),
    };
    branch.say_in(Tone::Strong, named);
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
    // A filter that puts a message into the queue anew does so without a line of the server's.
    let anew = hop.came_by.is_some_and(|it| it.kind == LinkKind::Requeue);
    if hop.incomplete_head && !anew {
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
            Kind::MessageRequeued if !hop.verdicts.is_empty() => {
                (Tone::Plain, "put into the queue again")
            }
            Kind::MessageRequeued => (Tone::Plain, "put into the queue again (postsuper -r)"),
            Kind::MessageDeleted if is_exim(hop) => (Tone::Open, "removed, or frozen for too long"),
            Kind::MessageDeleted => (Tone::Open, "deleted by the administrator (postsuper -d)"),
            Kind::MessageExpired => (Tone::Bad, "queue life over, given up"),
            Kind::AdminAction if is_exim(hop) => (Tone::Plain, "given up by hand (exim -Mg)"),
            Kind::AdminAction => (Tone::Plain, "told to expire (postsuper -e)"),
            Kind::MessageAborted => (Tone::Bad, "the client did not complete it"),
            Kind::MessageDiscarded if !decided && hop.verdicts.is_empty() => {
                (Tone::Open, "dropped by a rule")
            }
            Kind::MessageRejected if !decided => (Tone::Bad, "refused"),
            _ => return None,
        };
        let mut branch = Branch::new();
        branch.say_in(tone, words);
        branch.say(format!("  {}", clock.since_start(at)));
        Some((at, branch))
    })
}

fn is_exim(hop: &Hop) -> bool {
    *hop.instance == *b"exim"
}

/// Whether there is more to say of a decision than that all went on (Haraka).
fn tells(it: &Decision) -> bool {
    let permitted = it.action == AccessAction::Permit && it.text.is_empty();
    !permitted && it.kind != Kind::MessageAccepted
}

fn decision(it: &Decision) -> Branch {
    let mut branch = Branch::new();
    let who = match it.source {
        Source::Access => "access rule".into(),
        Source::Milter => "Milter".into(),
        Source::Proxy => "before-queue filter".into(),
        Source::Postscreen => "postscreen".into(),
        Source::Policy => safe(&it.program),
        Source::ContentCheck => "content check".into(),
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
        AccessAction::Greylist => (
            Tone::Open,
            format!("told {whom} to come again (greylisting)"),
        ),
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
        _ if it.is_record => (Tone::Plain, " tells "),
        true if it.category.is_empty() => (Tone::Plain, " scored it"),
        true => (Tone::Good, " let it pass as "),
        false => (Tone::Bad, " blocked it as "),
    };
    branch.say_in(tone, format!("{did}{}", safe(&it.category)));
    if let Some(recipients) = it.recipients.as_ref().filter(|_| it.is_record) {
        branch.say(format!(" for {}", safe(recipients)));
    }
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

fn check(it: &SenderCheck) -> Branch {
    let mut branch = Branch::of(format!("{}: ", safe(&it.program)));
    let method = it.method.to_ascii_uppercase();
    let tone = match &**it.result {
        _ if it.signed => Tone::Plain,
        b"pass" | b"Pass" => Tone::Good,
        b"fail" | b"Fail" | b"permerror" => Tone::Bad,
        _ => Tone::Open,
    };
    branch.say(format!("{} ", safe(&method)));
    branch.say_in(
        tone,
        if it.signed {
            "signed".into()
        } else {
            safe(&it.result)
        },
    );
    if let Some(domain) = &it.domain {
        branch.say(format!(" for {}", safe(domain)));
    }
    if let Some(selector) = &it.selector {
        branch.say(format!(" (key {})", safe(selector)));
    }
    if let Some(text) = &it.text {
        branch.say(format!(": {}", safe(text)));
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

/// What users did with it in their mailboxes, and what the sender's application tells.
pub(super) fn afterwards(journey: &Journey, clock: &Clock) -> Vec<Branch> {
    let of = |is_told, title| entries(journey, clock, is_told, title);
    let done = of(false, "in the mailbox afterwards");
    let told = of(true, "told by the sender's application");
    done.into_iter().chain(told).collect()
}

fn entries(journey: &Journey, clock: &Clock, is_told: bool, title: &str) -> Option<Branch> {
    let mut done: Vec<(Timestamp, Branch)> = Vec::new();
    let all = journey.recipients.iter().flat_map(|it| &it.afterwards);
    for it in all.filter(|it| it.is_told() == is_told) {
        let mut branch = mailbox(it);
        branch.say(format!(", {}", clock.since_start(it.at)));
        if !it.protocol.is_empty() && !is_told {
            branch.say(format!(", by {}", safe(&it.protocol)));
        }
        if let Some(client) = &it.client {
            branch.say(format!(" from {}", host(client)));
        }
        done.push((it.at, branch));
    }
    if done.is_empty() {
        return None;
    }
    done.sort_by_key(|it| it.0);
    let mut branch = Branch::of(title);
    branch.under(done.into_iter().map(|it| it.1).collect());
    Some(branch)
}

pub(super) fn mailbox(it: &MailboxEntry) -> Branch {
    let named = |it: &Option<crate::Text>| it.as_ref().map_or("?".into(), |it| safe(it));
    let (tone, words) = match it.kind {
        Kind::MailboxSaved => (Tone::Good, format!("saved in {}", named(&it.mailbox))),
        Kind::MailboxFailed => (
            Tone::Bad,
            format!("could not be saved in {}", named(&it.mailbox)),
        ),
        Kind::MailboxMoved => (Tone::Plain, format!("moved to {}", named(&it.mailbox))),
        Kind::MailboxCopied => (Tone::Plain, format!("copied to {}", named(&it.mailbox))),
        Kind::MailboxDeleted => (
            Tone::Open,
            format!("marked as deleted in {}", named(&it.mailbox)),
        ),
        Kind::MailboxExpunged => (
            Tone::Open,
            match &it.mailbox {
                Some(mailbox) => format!("removed for good from {}", safe(mailbox)),
                None => "removed for good".into(),
            },
        ),
        Kind::MailboxFlagged => (
            Tone::Plain,
            format!("flags changed in {}", named(&it.mailbox)),
        ),
        Kind::MailboxFetched => (Tone::Plain, "fetched".into()),
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
        Kind::EngagementOpened => (Tone::Plain, "opened".into()),
        Kind::EngagementClicked => (Tone::Plain, "followed a link".into()),
        Kind::EngagementUnsubscribed => (Tone::Open, "unsubscribed".into()),
        Kind::ComplaintReceived => (Tone::Bad, "complained".into()),
        kind => (Tone::Plain, kind.name().into()),
    };
    let mut branch = Branch::of(format!("{}{}: ", address(&it.user), on(&it.host)));
    branch.say_in(tone, words);
    if let Some(text) = &it.text {
        branch.say(format!(": {}", safe(text)));
    }
    branch
}
