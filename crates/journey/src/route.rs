//! The way of each recipient over the queues of one message.
//!
//! A [`Stop`] is one recipient in one queue. Where a queue handed it on to another one of ours, the
//! stop goes on in that one's stops of the same address, or of those that the address was expanded
//! to. Stops that do not go on are where deliveries are counted.

mod ends;

use crate::attempt::Tried;
use crate::hop::HopState;
use crate::item::Item;
use crate::joined::Step;
use crate::limits::BLIND_PAIRS_MAX;
use crate::mailbox::{MailboxEntry, is_user};
use crate::text::Text;

use bstr::ByteSlice;
use foldhash::fast::FixedState;
use model::{Agent, DeliveryStatus, Kind, LinkKind, Timestamp};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Recipients of an item, as its lines name them, with the addresses that led to them.
type Names = HashMap<(Text, Option<Text>), usize, FixedState>;

/// Addresses of next hops that have been seen to be our own.
pub(crate) type OwnPeers = HashSet<Text, FixedState>;

/// The items of one message, in order, with the links between them.
pub(crate) struct Route<'a> {
    items: &'a mut [Item],
    steps: &'a [Step],
    own: &'a OwnPeers,
    states: Vec<HopState>,
    stops: Vec<Stop>,
    /// The stops of each item.
    at_item: Vec<Vec<usize>>,
}

/// One recipient in one queue.
struct Stop {
    item: usize,
    rcpt_to: Text,
    orig_rcpt_to: Option<Text>,
    /// Places in the item's attempts, in order of time.
    tried: Vec<usize>,
    given_up: Option<Timestamp>,
    /// Places in the item's mailbox entries.
    mailbox: Vec<usize>,
    /// Whether it goes on elsewhere.
    goes_on: bool,
    /// Whether it ends here although it goes on: kept and redirected.
    stays: bool,
    /// Whether it stays and goes on by attempts of its own: an alias to a file and to an address.
    splits: bool,
    before: Vec<usize>,
}

impl<'a> Route<'a> {
    pub(crate) fn new(items: &'a mut [Item], steps: &'a [Step], own: &'a OwnPeers) -> Self {
        let mut route = Route {
            states: items.iter().map(Item::state).collect(),
            at_item: vec![Vec::new(); items.len()],
            stops: Vec::new(),
            items,
            steps,
            own,
        };
        for item in 0..route.items.len() {
            route.find_stops(item);
            route.give_mailbox(item);
        }
        for item in 0..route.items.len() {
            route.go_on_from(item);
        }
        route
    }

    pub(crate) fn states(&self) -> &[HopState] {
        &self.states
    }

    fn add(&mut self, item: usize, rcpt_to: Text, orig_rcpt_to: Option<Text>) -> usize {
        let at = self.stops.len();
        self.at_item[item].push(at);
        self.stops.push(Stop {
            item,
            rcpt_to,
            orig_rcpt_to,
            tried: Vec::new(),
            given_up: None,
            mailbox: Vec::new(),
            goes_on: false,
            stays: false,
            splits: false,
            before: Vec::new(),
        });
        at
    }

    /// The recipients of an item: those tried; where there are none, those that a decision names.
    fn find_stops(&mut self, item: usize) {
        let mut known = Names::default();
        for place in 0..self.items[item].tried.len() {
            let tried = &self.items[item].tried[place];
            let name = (tried.attempt.rcpt_to.clone(), tried.orig_rcpt_to.clone());
            let stop = match in_full(&known, &name) {
                Some(stop) => stop,
                None => *known
                    .entry(name)
                    .or_insert_with_key(|(rcpt, orig)| self.add(item, rcpt.clone(), orig.clone())),
            };
            self.stops[stop].tried.push(place);
        }
        for place in 0..self.items[item].given_up.len() {
            let given_up = &self.items[item].given_up[place];
            let at = given_up.at;
            let name = (given_up.rcpt_to.clone(), given_up.orig_rcpt_to.clone());
            let stop = *known
                .entry(name)
                .or_insert_with_key(|(rcpt, orig)| self.add(item, rcpt.clone(), orig.clone()));
            self.stops[stop].given_up = Some(at);
        }
        if self.at_item[item].is_empty() {
            let named: BTreeSet<Text> = self.items[item].named_in_session().cloned().collect();
            for rcpt_to in named {
                self.add(item, rcpt_to, None);
            }
        }
    }

    /// The store's own id of the delivery tells whose a mailbox entry is; else the user does.
    fn give_mailbox(&mut self, item: usize) {
        for place in 0..self.items[item].mailbox.len() {
            let entry = &self.items[item].mailbox[place];
            let stops = &self.at_item[item];
            let by_session = stops.iter().find(|&&stop| {
                let tried = &self.stops[stop].tried;
                tried.iter().any(|&at| {
                    let id = &self.items[item].tried[at].attempt.next_queue_id;
                    id.is_some() && *id == entry.session
                })
            });
            let by_user = || {
                stops
                    .iter()
                    .find(|&&stop| is_user(&entry.user, &self.stops[stop].rcpt_to))
            };
            if let Some(&stop) = by_session.or_else(by_user) {
                self.stops[stop].mailbox.push(place);
            }
        }
    }

    fn go_on_from(&mut self, item: usize) {
        let next: Vec<Step> = self
            .steps
            .iter()
            .filter(|it| it.from == item)
            .copied()
            .collect();
        if next.is_empty() {
            return;
        }
        // Who goes on in an item under an address that nobody there has.
        let mut blind: Vec<(usize, usize, Text)> = Vec::new();
        for stop in self.at_item[item].clone() {
            for (to, address) in self.ways_on(stop, &next) {
                self.stops[stop].goes_on = true;
                if !self.join(stop, to, &address) {
                    blind.push((to, stop, address));
                }
            }
        }
        for step in &next {
            let going: Vec<_> = blind.iter().filter(|it| it.0 == step.to).cloned().collect();
            self.join_blindly(step.to, &going);
        }
    }

    /// The items in which a recipient goes on, and under which address.
    fn ways_on(&mut self, stop: usize, next: &[Step]) -> Vec<(usize, Text)> {
        let mut ways = self.ways_by_reply(stop, next);
        let item = self.stops[stop].item;
        let rcpt_to = self.stops[stop].rcpt_to.clone();
        let of_kind = |kind: LinkKind| next.iter().filter(move |it| it.kind == kind);
        for target in self.redirected_to(stop) {
            for step in of_kind(LinkKind::Resend) {
                if self.has_address(step.to, &target) || of_kind(LinkKind::Resend).count() == 1 {
                    ways.push((step.to, target.clone()));
                    self.stops[stop].stays |= self.was_saved(stop);
                }
            }
        }
        let done = self.deciding(stop).is_some_and(Tried::is_final);
        if self.states[item] == HopState::Requeued && !done {
            for step in of_kind(LinkKind::Requeue) {
                ways.push((step.to, rcpt_to.clone()));
            }
        }
        ways.sort();
        ways.dedup();
        ways
    }

    /// What next hops replied tells the items; those that tell no id are found by other evidence.
    fn ways_by_reply(&mut self, stop: usize, next: &[Step]) -> Vec<(usize, Text)> {
        let mut ways = Vec::new();
        let item = self.stops[stop].item;
        let mut stays = false;
        for place in self.stops[stop].tried.clone() {
            let targets = self.handed_to(item, place, next);
            let Some(&last) = targets.last() else {
                stays |= self.items[item].tried[place].is_local_end();
                continue;
            };
            let key = self.items[last].key;
            let attempt = &mut self.items[item].tried[place].attempt;
            attempt.next = Some(key);
            attempt.kind = Kind::HandedOver;
            let rcpt_to = &self.stops[stop].rcpt_to;
            ways.extend(targets.into_iter().map(|to| (to, rcpt_to.clone())));
        }
        self.stops[stop].splits = stays && !ways.is_empty();
        self.stops[stop].stays |= self.stops[stop].splits;
        ways
    }

    fn handed_to(&self, item: usize, place: usize, next: &[Step]) -> Vec<usize> {
        let tried = &self.items[item].tried[place];
        let attempt = &tried.attempt;
        if tried.status != DeliveryStatus::Sent {
            return Vec::new();
        }
        let takes = |it: &&Step| {
            matches!(
                it.kind,
                LinkKind::Filter | LinkKind::Relay | LinkKind::Forward
            )
        };
        let named = |it: &&Step| {
            let id = attempt.next_queue_id.as_ref();
            id.is_some_and(|id| self.items[it.to].is_told_as(id))
        };
        let by_id: Vec<usize> = next
            .iter()
            .filter(takes)
            .filter(named)
            .map(|it| it.to)
            .collect();
        let is_near = attempt.next_queue_id.is_none() || is_loopback(tried);
        let gives_back = matches!(attempt.agent, Agent::Smtp | Agent::Lmtp | Agent::Pipe);
        if !by_id.is_empty() || !is_near || !gives_back || was_dropped(tried) {
            return by_id;
        }
        let named_by_another = |it: &&Step| {
            let all = self.items[item].tried.iter();
            all.filter_map(|it| it.attempt.next_queue_id.as_ref())
                .any(|id| self.items[it.to].is_told_as(id))
        };
        next.iter()
            .filter(|it| it.kind == LinkKind::Filter && !named_by_another(it))
            .map(|it| it.to)
            .collect()
    }

    fn entries(&self, stop: usize) -> impl Iterator<Item = &MailboxEntry> {
        let stop = &self.stops[stop];
        let entries = &self.items[stop.item].mailbox;
        stop.mailbox.iter().map(|&place| &entries[place])
    }

    fn redirected_to(&self, stop: usize) -> Vec<Text> {
        self.entries(stop)
            .filter(|it| it.kind == Kind::SieveRedirected)
            .filter_map(|it| it.target.clone())
            .collect()
    }

    fn was_saved(&self, stop: usize) -> bool {
        self.entries(stop).any(|it| it.kind == Kind::MailboxSaved)
    }

    /// The attempt that counts: the last one with a final result, else the last one.
    fn deciding(&self, stop: usize) -> Option<&Tried> {
        let mut all = self.tried_for(stop, stop);
        all.clone()
            .rfind(|it| it.is_final())
            .or_else(|| all.next_back())
    }

    /// The attempts at a stop that count for where it ended: of an alias that splits, those that went
    /// on and those that did not.
    fn tried_for(
        &self,
        stop: usize,
        end: usize,
    ) -> impl DoubleEndedIterator<Item = &Tried> + Clone {
        let of = &self.stops[stop];
        let tried = &self.items[of.item].tried;
        let all = of.tried.iter().map(|&place| &tried[place]);
        all.filter(move |it| !of.splits || it.attempt.next.is_some() == (stop != end))
    }

    fn has_address(&self, item: usize, address: &Text) -> bool {
        self.at_item[item]
            .iter()
            .any(|&stop| self.stops[stop].is_for(address))
    }

    /// Goes on in the stops of an item that have the address, or came from it; false if none has.
    fn join(&mut self, from: usize, item: usize, address: &Text) -> bool {
        let mut joined = false;
        for at in 0..self.at_item[item].len() {
            let stop = self.at_item[item][at];
            if stop != from && self.stops[stop].is_for(address) {
                self.stops[stop].before.push(from);
                joined = true;
            }
        }
        joined
    }

    /// Recipients go on under other addresses, and no line tells which under which; those that the
    /// next queue has not tried yet go on under their own.
    fn join_blindly(&mut self, item: usize, going: &[(usize, usize, Text)]) {
        let free: Vec<usize> = self.at_item[item]
            .iter()
            .copied()
            .filter(|&stop| self.stops[stop].before.is_empty())
            .collect();
        if free.is_empty() {
            for (_, from, address) in going {
                let stop = self.add(item, address.clone(), None);
                self.stops[stop].before.push(*from);
            }
        } else if free.len() * going.len() <= BLIND_PAIRS_MAX {
            for stop in free {
                let from = going.iter().map(|it| it.1);
                self.stops[stop].before.extend(from);
            }
        }
    }
}

impl Stop {
    /// Whether an address is this recipient, or was expanded to it.
    fn is_for(&self, address: &Text) -> bool {
        let is = |it: &Text| it.eq_ignore_ascii_case(address);
        is(&self.rcpt_to) || self.orig_rcpt_to.as_ref().is_some_and(is)
    }
}

/// A mailbox that an alias led to: where a delivery succeeds, Exim names it by its local part alone, and
/// where it failed before, in full.
fn in_full(known: &Names, (rcpt_to, orig): &(Text, Option<Text>)) -> Option<usize> {
    if orig.is_none() || known.is_empty() || rcpt_to.contains(&b'@') {
        return None;
    }
    let is_of = |name: &Text| {
        let domain = name.strip_prefix(rcpt_to.as_bytes());
        domain.is_some_and(|it| it.starts_with(b"@"))
    };
    let found = known
        .iter()
        .filter(|((name, of), _)| of == orig && is_of(name));
    found.map(|(_, &stop)| stop).min()
}

fn is_loopback(tried: &Tried) -> bool {
    tried
        .attempt
        .relay
        .as_ref()
        .is_some_and(|it| it.is_loopback())
}

/// Whether a filter took the message and dropped it: amavis' `2.7.0 Ok, discarded, id=...`.
fn was_dropped(tried: &Tried) -> bool {
    let says = |words: &[u8]| tried.attempt.text.find(words).is_some();
    says(b"2.7.0 Ok, discarded") || (is_loopback(tried) && (says(b"discard") || says(b"DISCARD")))
}
