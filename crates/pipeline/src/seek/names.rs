//! What the lines found name: the ids to look for next.

use super::{Hit, Seed};
use bstr::BStr;
use memchr::memmem;
use model::{AdminAction, Body, Event, Kind};
use std::collections::{HashMap, HashSet};

/// Ids shorter than this would be found everywhere by themselves.
const NAME_BYTES_MIN: usize = 5;

/// What the messages that Sieve sends are found by, of which no line tells the id, and what tells of
/// each: which is whose is known by their order alone, so that all near ones are needed.
/// Source: pigeonhole `src/lib-sieve/plugins/vacation/cmd-vacation.c`, `src/lib-sieve/ext-reject.c`.
const ANSWERS: [&str; 3] = [
    "message-id=<dovecot-",
    "sent vacation response to ",
    "rejected message from ",
];

/// Ids named by the lines that hold the seed's text, the last of the queue ids only; and whether
/// some were left out.
pub(super) fn of_seed_hits(hits: &[Hit], seed: &Seed) -> (Vec<Box<[u8]>>, bool) {
    let mut ordered: Vec<&Hit> = hits.iter().collect();
    ordered.sort_by_key(|hit| super::key(hit.place));
    let mut named = Vec::new();
    let mut seen = HashSet::new();
    let mut queue_ids = 0;
    let mut narrowed = false;
    for hit in ordered.into_iter().rev() {
        let event = parse::line(hit.readable());
        let is_new = event.queue_id.is_some_and(|id| seen.insert(id.to_vec()));
        queue_ids += usize::from(is_new);
        if queue_ids > seed.followed_max {
            narrowed = true;
            break;
        }
        names(&event, &mut |name| named.push(name.into()));
        if let Body::DeliveryStarted(_) = event.body {
            named.extend(number_of_attempt(hit.readable()).map(Into::into));
        }
    }
    (named, narrowed)
}

/// Ids named by lines.
pub(super) fn of_hits(hits: &[Hit]) -> Vec<Box<[u8]>> {
    let mut named = Vec::new();
    for hit in hits {
        let event = parse::line(hit.readable());
        names(&event, &mut |name| named.push(name.into()));
        if let Body::DeliveryStarted(_) = event.body {
            named.extend(number_of_attempt(hit.readable()).map(Into::into));
        }
    }
    named
}

/// Offers each id that a line names.
fn names(event: &Event<'_>, take: &mut dyn FnMut(&[u8])) {
    let mut offer = |name: Option<&BStr>| {
        let Some(name) = name else { return };
        if name.len() >= NAME_BYTES_MIN {
            take(name);
        } else if !name.is_empty() && name.iter().all(u8::is_ascii_digit) {
            // qmail's numbers are found by the word before them.
            for word in ["msg ", "qp ", "qp_"] {
                take(&[word.as_bytes(), name].concat());
            }
        }
    };
    if event.program.ends_with(b"mail_logs") {
        return numbers_of_cisco(event, take);
    }
    offer(event.queue_id);
    match &event.body {
        Body::Delivery(it) => offer(it.next_queue_id),
        Body::Notification(it) => offer(it.dsn_queue_id),
        Body::PickedUp(it) => offer(it.orig_queue_id),
        Body::Transaction(it) => {
            offer(it.orig_queue_id);
            offer(Some(event.session));
        }
        Body::Access(it) => offer(it.next_queue_id),
        Body::MessageId(it) => offer(Some(bare(it.message_id))),
        Body::Received(it) => {
            offer(it.message_id.map(bare));
            offer(it.orig_queue_id);
            offer(Some(event.session));
        }
        Body::Submitted(it) => {
            offer(it.next_queue_id);
            offer(Some(bare(it.message_id)));
        }
        Body::DeliveryEnded(it) => offer(it.next_queue_id),
        Body::Mailbox(it) => {
            offer(Some(event.session));
            offer(Some(bare(it.message_id)));
            if matches!(it.kind, Kind::SieveRejected | Kind::AutoreplySent) {
                ANSWERS.iter().for_each(|text| offer(Some((*text).into())));
            }
        }
        Body::MailEvent(it) => offer(Some(bare(it.message_id))),
        Body::Verdict(it) => {
            offer(it.message_id.map(bare));
            for id in it.queued_as.split(|&byte| byte == b'/') {
                offer(Some(id.into()));
            }
        }
        _ => {}
    }
}

/// Cisco's gateway counts messages and connections: `MID 5001`, `ICID 1001`.
fn numbers_of_cisco(event: &Event<'_>, take: &mut dyn FnMut(&[u8])) {
    if let Some(message) = event.queue_id {
        take(&[b"MID ", &**message].concat());
    }
    match &event.body {
        Body::Begun => take(&[b"ICID ", &**event.session].concat()),
        // The line that made the connection alone: others carry other messages.
        Body::Notice(it) if it.about.starts_with(b"DCID ") && event.queue_id.is_some() => {
            take(&[b"New SMTP ", &**it.about].concat());
        }
        Body::MessageId(it) => take(bare(it.message_id)),
        Body::DeliveryEnded(it) => {
            if let Some(id) = it.next_queue_id.filter(|id| id.len() >= NAME_BYTES_MIN) {
                take(id);
            }
        }
        _ => {}
    }
}

/// A Message-ID without its `<>`, which some servers leave out.
fn bare(message_id: &BStr) -> &BStr {
    let inner = message_id
        .strip_prefix(b"<")
        .and_then(|it| it.strip_suffix(b">"));
    inner.map_or(message_id, BStr::new)
}

/// `delivery 3:` of `starting delivery 3: msg 12345 to ...`, by which qmail tells the result.
fn number_of_attempt(line: &[u8]) -> Option<&[u8]> {
    let from = memmem::find(line, b"starting delivery ")? + b"starting ".len();
    let end = from + memchr::memchr(b':', &line[from..])?;
    Some(&line[from..=end])
}

/// Queue ids of which the lines found do not show both beginning and end.
pub(super) fn incomplete<'h>(hits: impl Iterator<Item = &'h Hit>) -> Vec<Box<[u8]>> {
    let mut seen: HashMap<Box<[u8]>, (bool, bool)> = HashMap::new();
    for hit in hits.filter(|hit| hit.own) {
        let event = parse::line(hit.readable());
        let Some(queue_id) = event.queue_id else {
            continue;
        };
        let (begins, ends) = seen.entry(queue_id.to_vec().into()).or_default();
        match event.body {
            Body::Transaction(_) | Body::PickedUp(_) | Body::MessageId(_) | Body::Received(_) => {
                *begins = true
            }
            Body::Removed(_) | Body::Admin(AdminAction::Requeued) => *ends = true,
            _ => {}
        }
    }
    let open = seen
        .into_iter()
        .filter(|(_, (begins, ends))| !(*begins && *ends));
    open.map(|(queue_id, _)| queue_id).collect()
}
