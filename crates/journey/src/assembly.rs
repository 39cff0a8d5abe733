//! Puts the items of one message together to a journey, and lets journeys point at each other.

use crate::hop::CameBy;
use crate::item::Item;
use crate::joined::{Joined, Step};
use crate::route::{OwnPeers, Route};
use crate::text::Text;
use crate::{Hop, HopState, Journey, Notification, NotificationFate, Related};
use model::{ItemKey, Kind, Link, LinkKind, NotificationKind};

/// The journey of items that are in order; it takes from them what it needs.
pub(crate) fn assemble(items: &mut [Item], steps: &[Step], own: &OwnPeers) -> Journey {
    let mut route = Route::new(items, steps, own);
    let recipients = route.recipients();
    let unnamed = route.unnamed();
    let states = route.states().to_vec();
    let hops = (0..items.len())
        .map(|at| hop(items, steps, at, states[at]))
        .collect();
    let mut notifications = take_all(items, |it| &mut it.notifications);
    notifications.sort_by_key(|it| it.at);
    let mut lines = take_all(items, |it| &mut it.lines);
    lines.sort_by_key(|it| (it.at, it.id));
    let first = |get: fn(&Item) -> &Option<Text>| items.iter().find_map(|it| get(it).clone());
    let root = &items[0].facts;
    Journey {
        message_id: real_message_id(items).or_else(|| first(|it| &it.facts.message_id)),
        mail_from: first(|it| &it.facts.mail_from),
        header_from: first(|it| &it.facts.header_from),
        subject: first(|it| &it.facts.subject),
        client: root.first_client(),
        helo: said(&root.helo),
        tls: items[0].tls.clone(),
        sasl_method: said(&root.sasl_method),
        sasl_username: said(&root.sasl_username),
        uid: root.uid,
        local_user: said(&root.local_user),
        handed_in: items.iter().find_map(|it| it.handed_in.clone()),
        size: root.size,
        arrived: root.arrived,
        probe: items.iter().any(|it| it.facts.probe),
        incomplete_head: root.incomplete_head,
        line_count: items.iter().map(|it| it.line_count).sum(),
        hops,
        recipients,
        unnamed,
        notifications,
        caused: Vec::new(),
        cause: None,
        lines,
    }
}

/// The first Message-ID that is one: `<>` means that the message had none by then.
fn real_message_id(items: &[Item]) -> Option<Text> {
    let told = items.iter().filter_map(|it| it.facts.message_id.as_ref());
    told.into_iter().find(|id| ***id != *b"<>").cloned()
}

fn hop(items: &mut [Item], steps: &[Step], at: usize, state: HopState) -> Hop {
    let came_by = steps
        .iter()
        .filter(|it| it.to == at)
        .max_by_key(|it| it.confidence)
        .map(|it| CameBy {
            kind: it.kind,
            from: items[it.from].key,
            confidence: it.confidence,
        });
    let item = &mut items[at];
    Hop {
        key: item.key,
        host: item.host.clone(),
        instance: item.instance.clone(),
        queue_id: item.queue_id.clone(),
        told_id: item.told_id.clone(),
        opened: item.facts.arrived,
        closed: item.closed(state),
        came_by,
        incomplete_head: item.facts.incomplete_head,
        state,
        broken_off: item.broken_off.clone(),
        mail_from: item.facts.mail_from.clone(),
        client: item.facts.client(),
        size: item.facts.size,
        recipients: item.facts.recipients,
        verdicts: std::mem::take(&mut item.verdicts),
        checks: std::mem::take(&mut item.checks),
        decisions: std::mem::take(&mut item.decisions),
        events: item.events.iter().map(|it| (it.at, it.kind)).collect(),
    }
}

fn take_all<T>(items: &mut [Item], list: fn(&mut Item) -> &mut Vec<T>) -> Vec<T> {
    let mut all = std::mem::take(list(&mut items[0]));
    for item in &mut items[1..] {
        all.append(list(item));
    }
    all.shrink_to_fit();
    all
}

fn said(text: &Option<Text>) -> Option<Text> {
    text.clone().filter(|it| !it.is_empty())
}

/// Lets journeys point at those that they caused, and at their cause.
pub(crate) fn point(journeys: &mut [Journey], journey_of: &[u32], links: &[Joined]) {
    for it in links {
        let (from, to) = (journey_of[it.from] as usize, journey_of[it.to] as usize);
        if from == to {
            continue;
        }
        let link = &it.link;
        let Some(caused) = related(link.kind, link.to, &journeys[to]) else {
            continue;
        };
        if journeys[to].cause.is_none() {
            journeys[to].cause = related(link.kind, link.from, &journeys[from]);
        }
        if link.kind == LinkKind::Dsn {
            let fate = fate(&journeys[to]);
            let told_id = journeys[to].hop(link.to).and_then(|it| it.told_id.clone());
            tell_of_notification(&mut journeys[from], link, (caused, told_id), fate);
        } else {
            journeys[from].caused.push(caused);
        }
    }
    for journey in journeys {
        journey.notifications.sort_by_key(|it| it.at);
    }
}

fn related(kind: LinkKind, item: ItemKey, journey: &Journey) -> Option<Related> {
    let hop = journey.hop(item)?;
    Some(Related {
        kind,
        item,
        host: hop.host.clone(),
        queue_id: hop.queue_id.clone(),
    })
}

fn fate(journey: &Journey) -> Option<NotificationFate> {
    let first = journey.recipients.first();
    let outcome = journey.outcomes().next().or_else(|| journey.outcome())?;
    Some(NotificationFate {
        rcpt_to: first.map(|it| it.rcpt_to.clone()),
        outcome,
    })
}

/// What a notification is about that no line tells of, as Exim's: it is an early warning where its message
/// was put off until then and nothing had failed (Exim `src/deliver.c`, `warn_message_file`).
fn untold_kind(journey: &Journey, link: &Link) -> NotificationKind {
    let attempts = journey.recipients.iter().flat_map(|it| &it.attempts);
    let before = attempts.filter(|it| it.item == link.from && it.at <= link.at);
    let kinds: Vec<Kind> = before.map(|it| it.kind).collect();
    let has = |wanted: &[Kind]| kinds.iter().any(|it| wanted.contains(it));
    match has(&[Kind::Deferred]) && !has(&[Kind::Bounced, Kind::Expired]) {
        true => NotificationKind::Delay,
        false => NotificationKind::NonDelivery,
    }
}

/// Completes what is told of a notification; one that no line names is told of by its link alone.
fn tell_of_notification(
    journey: &mut Journey,
    link: &Link,
    (dsn, told_id): (Related, Option<Text>),
    fate: Option<NotificationFate>,
) {
    let named = journey.notifications.iter_mut().find(|it| {
        let named = match &it.queue_id {
            Some(id) => *id == dsn.queue_id || told_id.as_ref() == Some(id),
            // Courier tells that it makes one, and not which.
            None => it.reason.is_none(),
        };
        it.about == link.from && named && it.item.is_none()
    });
    if let Some(known) = named {
        known.item = Some(dsn.item);
        known.queue_id = Some(dsn.queue_id);
        known.fate = fate;
        return;
    }
    journey.notifications.push(Notification {
        kind: untold_kind(journey, link),
        to_postmaster: false,
        at: link.at,
        about: link.from,
        queue_id: Some(dsn.queue_id),
        item: Some(dsn.item),
        reason: None,
        fate,
    });
}
