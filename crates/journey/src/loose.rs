//! What is gathered before it is clear which message it is about.
//!
//! A mail store's line has a session id that only a delivery's reply tells; a filter's verdict may
//! name nothing but the queue id that it made; an access rule decides before there is a queue id.

mod afterwards;
mod policies;
mod stored;
mod submissions;

use crate::hop::{Decision, FilterVerdict};
use crate::item::{Item, push};
use crate::joined::Joined;
use crate::limits::RULED_BEFORE_MS;
use crate::mailbox::{MailboxEntry, is_delivery};
use crate::text::{Pool, Text};
use crate::{Journey, JourneyLine};
use afterwards::Afterwards;
use bstr::ByteSlice;
use foldhash::fast::FixedState;
use model::{AccessCheck, Body, ItemKey, Kind, LinkKind, Row, Source, Timestamp, Verdict};
use policies::Policies;
use std::collections::HashMap;
use stored::Deliveries;
use submissions::Submissions;

type Items = [Option<Box<Item>>];
type ByName<T> = HashMap<(Text, Text), Vec<T>, FixedState>;

/// What waits for its message.
#[derive(Debug, Default)]
pub(crate) struct Loose {
    deliveries: Deliveries,
    ruled: Vec<Ruled>,
    judged: Vec<Judged>,
    policies: Policies,
    submissions: Submissions,
    afterwards: Afterwards,
}

/// What an access rule decided on a message that had no queue id yet.
#[derive(Debug)]
struct Ruled {
    host: Text,
    client: Text,
    /// When the session began.
    session: Option<Timestamp>,
    mail_from: Option<Text>,
    decision: Decision,
}

/// A filter's verdict on a message that it names only by what it made of it, or by the id of the
/// check that its reply told.
#[derive(Debug)]
struct Judged {
    host: Text,
    /// The queue id that it made, else the filter's id.
    name: Text,
    queued: bool,
    verdict: FilterVerdict,
    lines: Vec<JourneyLine>,
    line_count: u32,
}

/// The lines of a row, if they are to be kept.
pub(crate) fn lines_of(row: &Row<'_>, keep: bool, pool: &mut Pool) -> Vec<JourneyLine> {
    if !keep {
        return Vec::new();
    }
    let host = pool.text(row.host);
    let lines = row.lines.iter().map(|line| JourneyLine {
        at: row.at,
        id: line.id,
        host: host.clone(),
        raw: line.raw.into(),
    });
    lines.collect()
}

impl Loose {
    pub(crate) fn give_policies(&mut self, items: &mut Items) {
        self.policies.give(items);
    }

    pub(crate) fn give_afterwards(&mut self, journeys: &mut [Journey]) {
        self.afterwards.give(journeys);
    }

    /// Takes a row that is to wait; false if the row is not its own, or not its own alone.
    pub(crate) fn take(&mut self, row: &Row<'_>, keep_lines: bool, pool: &mut Pool) -> bool {
        match row.body {
            Some(Body::Mailbox(it)) if is_delivery(it) => {
                self.deliveries.take(row, it, keep_lines, pool);
                true
            }
            Some(Body::Mailbox(it)) if !it.message_id.is_empty() => {
                let entry = MailboxEntry::new(row, it, pool);
                let lines = lines_of(row, keep_lines, pool);
                self.afterwards.take(row, it.message_id, entry, lines, pool);
                true
            }
            Some(Body::MailEvent(it)) if !it.message_id.is_empty() => {
                let entry = MailboxEntry::told(row, it, pool);
                let lines = lines_of(row, keep_lines, pool);
                self.afterwards.take(row, it.message_id, entry, lines, pool);
                true
            }
            Some(Body::Access(it)) if row.item.is_none() && it.source == Source::Policy => {
                self.policies
                    .take(row, it, lines_of(row, keep_lines, pool), pool);
                true
            }
            Some(Body::Submitted(it)) if row.item.is_none() => {
                self.submissions
                    .take(row, it, lines_of(row, keep_lines, pool), pool);
                true
            }
            Some(Body::Verdict(it)) if row.item.is_none() => {
                self.judged(row, it, keep_lines, pool);
                true
            }
            Some(Body::Access(it)) if row.item.is_none() => {
                self.ruled(row, it, pool);
                false
            }
            _ => false,
        }
    }

    fn judged(&mut self, row: &Row<'_>, it: &Verdict<'_>, keep_lines: bool, pool: &mut Pool) {
        let next = it.queued_as.split(|&byte| byte == b'/').next();
        let queued_as = next.filter(|id| !id.is_empty());
        self.judged.push(Judged {
            host: pool.text(row.host),
            name: pool.text(queued_as.unwrap_or(row.session_id)),
            queued: queued_as.is_some(),
            verdict: FilterVerdict::new(row, it, pool),
            lines: lines_of(row, keep_lines, pool),
            line_count: row.lines.len() as u32,
        });
    }

    fn ruled(&mut self, row: &Row<'_>, it: &AccessCheck<'_>, pool: &mut Pool) {
        if !is_ruled(row.kind) {
            return;
        }
        self.ruled.push(Ruled {
            host: pool.text(row.host),
            client: pool.text(it.client.address),
            session: row.session.map(|session| session.started),
            mail_from: it.envelope.mail_from.map(|text| pool.text(text)),
            decision: Decision::of_access(row, it, pool),
        });
    }

    /// What was handed in goes to the message that it became, or is one of its own.
    pub(crate) fn give_submissions(&mut self, items: &mut Vec<Option<Box<Item>>>) {
        std::mem::take(&mut self.submissions).give(items);
    }

    /// What the mail store did goes to the message that it was given.
    pub(crate) fn give_stored(
        &mut self,
        items: &mut Items,
        places: &HashMap<ItemKey, u32, FixedState>,
    ) {
        self.deliveries.give(items, places);
    }

    /// A message on which nothing in its own lines decided was held or discarded by the rule that
    /// its session met before it had a queue id.
    pub(crate) fn give_ruled(&mut self, items: &mut Items) {
        let mut by_client: ByName<Ruled> = HashMap::default();
        for it in self.ruled.drain(..) {
            let name = (it.host.clone(), it.client.clone());
            by_client.entry(name).or_default().push(it);
        }
        if by_client.is_empty() {
            return;
        }
        for item in items.iter_mut().flatten() {
            let kind = item
                .events
                .iter()
                .map(|it| it.kind)
                .find(|&it| is_ruled(it));
            let client = item.facts.client_address.clone();
            let undecided = !item.decisions.iter().any(|it| is_ruled(it.kind));
            if let (Some(kind), Some(client), true) = (kind, client, undecided) {
                let name = (item.host.clone(), client);
                let rule = by_client
                    .get_mut(&name)
                    .and_then(|it| rule_for(item, kind, it));
                if let Some(rule) = rule {
                    let mail_from = &mut item.facts.mail_from;
                    *mail_from = mail_from.take().or(rule.mail_from);
                    push(&mut item.decisions, rule.decision);
                }
            }
        }
    }

    /// A verdict goes to the message that the filter had, which came before the one it made.
    pub(crate) fn give_judged(&mut self, items: &mut Items, links: &[Joined]) {
        if self.judged.is_empty() {
            return;
        }
        let made = self.made(items);
        let mut before: HashMap<usize, usize, FixedState> = HashMap::default();
        let filters = links.iter().filter(|it| it.link.kind == LinkKind::Filter);
        before.extend(filters.map(|it| (it.to, it.from)));
        for it in std::mem::take(&mut self.judged) {
            let off = |at: &&usize| {
                let item = items[**at].as_ref();
                item.map(|item| it.verdict.at.millis_since(item.facts.arrived).abs())
            };
            let here = |at: &&usize| {
                let item = items[**at].as_ref();
                item.is_some_and(|item| is_same_host(&item.host, &it.host))
            };
            let Some(&after) = made[&it.name].iter().filter(here).min_by_key(off) else {
                continue;
            };
            let made_from = before.get(&after).filter(|_| it.queued).copied();
            let at = made_from.unwrap_or(after);
            if let Some(item) = &mut items[at] {
                push(&mut item.verdicts, it.verdict);
                item.lines.extend(it.lines);
                item.line_count += it.line_count;
            }
        }
    }

    /// The items of the queue ids that verdicts name, and those to which a reply told the id of a
    /// check.
    fn made(&self, items: &Items) -> HashMap<Text, Vec<usize>, FixedState> {
        let mut made: HashMap<Text, Vec<usize>, FixedState> = HashMap::default();
        made.extend(self.judged.iter().map(|it| (it.name.clone(), Vec::new())));
        for (at, item) in items.iter().enumerate() {
            let Some(item) = item else { continue };
            let told = item
                .tried
                .iter()
                .filter_map(|it| it.attempt.next_queue_id.as_ref());
            for name in told.chain([&item.queue_id]) {
                if let Some(known) = made.get_mut(name)
                    && known.last() != Some(&at)
                {
                    known.push(at);
                }
            }
        }
        made
    }
}

/// Whether two names may be of one host: amavis' own file has the domain that syslog leaves out.
fn is_same_host(one: &Text, other: &Text) -> bool {
    let with_domain = |short: &Text, long: &Text| {
        let domain = long.strip_prefix(short.as_bytes());
        domain.is_some_and(|it| it.is_empty() || it.starts_with(b"."))
    };
    with_domain(one, other) || with_domain(other, one)
}

fn is_ruled(kind: Kind) -> bool {
    matches!(kind, Kind::MessageHeld | Kind::MessageDiscarded)
}

/// The last rule of that kind before the message came.
fn rule_for(item: &Item, kind: Kind, rules: &mut Vec<Ruled>) -> Option<Ruled> {
    let opened = item.facts.arrived;
    let at = rules.iter().rposition(|it| {
        let before_ms = opened.millis_since(it.decision.at);
        let same_session = match (item.facts.session_started, it.session) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        it.decision.kind == kind && same_session && (-1_000..=RULED_BEFORE_MS).contains(&before_ms)
    })?;
    Some(rules.remove(at))
}
