//! Collects what rows and links tell, and joins it to journeys at the end.

use crate::assembly::{assemble, point};
use crate::item::{Item, push};
use crate::joined::{Groups, Joined, Step, in_order};
use crate::loose::{Loose, lines_of};
use crate::route::OwnPeers;
use crate::text::Pool;
use crate::{Journey, Refusal};
use foldhash::fast::FixedState;
use model::{AccessCheck, Body, ItemKey, Kind, Link, LinkKind, Row, Timestamp};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Collects rows and links, in any order, until their journeys are asked for.
#[derive(Debug)]
pub struct Gathering {
    keep_lines: bool,
    pool: Pool,
    places: HashMap<ItemKey, u32, FixedState>,
    items: Vec<Option<Box<Item>>>,
    links: Vec<Link>,
    refusals: Vec<Refusal>,
    loose: Loose,
    /// Number of rows so far, to tell the order of rows of one time.
    rows: u32,
}

impl Gathering {
    /// One that keeps the original lines.
    pub fn with_lines() -> Self {
        Gathering::new(true)
    }

    /// One that does not keep the original lines.
    pub fn without_lines() -> Self {
        Gathering::new(false)
    }

    fn new(keep_lines: bool) -> Self {
        Gathering {
            keep_lines,
            pool: Pool::default(),
            places: HashMap::default(),
            items: Vec::new(),
            links: Vec::new(),
            refusals: Vec::new(),
            loose: Loose::default(),
            rows: 0,
        }
    }

    /// Takes a row.
    pub fn row(&mut self, row: &Row<'_>) {
        self.rows = self.rows.wrapping_add(1);
        if self.loose.take(row, self.keep_lines, &mut self.pool) {
            return;
        }
        match (row.item, row.body) {
            (Some(key), _) => self.item_row(key, row),
            (None, Some(Body::Access(it))) => self.refused(row, it),
            _ => {}
        }
    }

    /// Takes a link.
    pub fn link(&mut self, link: &Link) {
        self.links.push(*link);
    }

    /// The refusals so far, in order of time; they are not given out again.
    pub fn refusals(&mut self) -> Vec<Refusal> {
        let mut refusals = std::mem::take(&mut self.refusals);
        refusals.sort_by_key(|it| it.at);
        refusals
    }

    /// The number of an item, made if it is new.
    fn place(&mut self, key: ItemKey, at: Timestamp) -> u32 {
        let (items, pool) = (&mut self.items, &mut self.pool);
        *self.places.entry(key).or_insert_with(|| {
            items.push(Some(Box::new(Item::new(key, at, pool))));
            items.len() as u32 - 1
        })
    }

    fn item_row(&mut self, key: ItemKey, row: &Row<'_>) {
        let place = self.place(key, row.at);
        let lines = lines_of(row, self.keep_lines, &mut self.pool);
        if let Some(item) = &mut self.items[place as usize] {
            item.take(row, self.rows, &mut self.pool);
            item.lines.extend(lines);
        }
    }

    fn refused(&mut self, row: &Row<'_>, it: &AccessCheck<'_>) {
        let decides = matches!(
            row.kind,
            Kind::MessageRejected
                | Kind::SessionRejected
                | Kind::MessageHeld
                | Kind::MessageDiscarded
        );
        if decides {
            let mut refusal = Refusal::new(row, it, &mut self.pool);
            refusal.lines = lines_of(row, self.keep_lines, &mut self.pool);
            self.refusals.push(refusal);
        }
    }

    /// The journeys, in order of arrival.
    pub fn journeys(mut self) -> Vec<Journey> {
        self.pool = Pool::default();
        let mut loose = std::mem::take(&mut self.loose);
        loose.give_submissions(&mut self.items);
        loose.give_stored(&mut self.items, &self.places);
        loose.give_ruled(&mut self.items);
        loose.give_policies(&mut self.items);
        let links = self.known_links();
        loose.give_judged(&mut self.items, &links);
        for item in self.items.iter_mut().flatten() {
            item.sort();
        }
        let own = self.own_peers(&links);
        let (transport, pointing): (Vec<Joined>, Vec<Joined>) = links
            .into_iter()
            .partition(|it| it.link.kind.is_transport());
        let mut groups = Groups::new(self.items.len());
        for it in &transport {
            groups.join(it.from, it.to);
        }
        let mut journey_of = vec![0_u32; self.items.len()];
        let mut journeys = Vec::new();
        for group in groups.members().chunk_by(|one, other| one.0 == other.0) {
            for &(_, at) in group {
                journey_of[at as usize] = journeys.len() as u32;
            }
            journeys.push(self.journey(group, &transport, &own));
        }
        point(&mut journeys, &journey_of, &pointing);
        loose.give_afterwards(&mut journeys);
        journeys.sort_by_key(|it| (it.arrived, it.hops.first().map(|hop| hop.key)));
        journeys
    }

    /// The links of which both items are known, each once, by where they come from.
    fn known_links(&mut self) -> Vec<Joined> {
        let places = std::mem::take(&mut self.places);
        let place = |key: ItemKey| places.get(&key).map(|&at| at as usize);
        let joined = |link: Link| {
            Some(Joined {
                link,
                from: place(link.from)?,
                to: place(link.to)?,
            })
        };
        let mut links: Vec<Joined> = std::mem::take(&mut self.links)
            .into_iter()
            .filter_map(joined)
            .filter(|it| it.from != it.to)
            .collect();
        links.sort_by_key(|it| (it.from, it.to, it.link.kind, Reverse(it.link.confidence)));
        links.dedup_by_key(|it| (it.from, it.to, it.link.kind));
        links
    }

    /// Addresses that have taken a message which then was seen at an own host.
    fn own_peers(&self, links: &[Joined]) -> OwnPeers {
        let mut own = OwnPeers::default();
        for it in links.iter().filter(|it| it.link.kind == LinkKind::Relay) {
            let (Some(from), Some(to)) = (&self.items[it.from], &self.items[it.to]) else {
                continue;
            };
            let taken = from.tried.iter().filter(|it| {
                let id = it.attempt.next_queue_id.as_ref();
                id.is_some_and(|id| to.is_told_as(id))
            });
            for relay in taken.filter_map(|it| it.attempt.relay.as_ref()) {
                own.extend(relay.address.clone());
            }
        }
        own
    }

    /// Makes the journey of a group of items, which leave the gathering.
    fn journey(&mut self, group: &[(u32, u32)], links: &[Joined], own: &OwnPeers) -> Journey {
        let places: Vec<usize> = group.iter().map(|it| it.1 as usize).collect();
        let mut items: Vec<Option<Box<Item>>> =
            places.iter().map(|&at| self.items[at].take()).collect();
        let mut steps = steps_of(&places, links);
        let earlier = |at: usize| items[at].as_ref().map(|it| (it.facts.arrived, it.key));
        let order = in_order(places.len(), &steps, earlier);
        let mut rank = vec![0; places.len()];
        for (at, &item) in order.iter().enumerate() {
            rank[item] = at;
        }
        for step in &mut steps {
            (step.from, step.to) = (rank[step.from], rank[step.to]);
        }
        let in_order = order.into_iter().filter_map(|at| items[at].take());
        let mut items: Vec<Item> = in_order.map(|it| *it).collect();
        assemble(&mut items, &steps, own)
    }
}

/// The links within a group, by places in it. `links` are in order of where they come from.
fn steps_of(places: &[usize], links: &[Joined]) -> Vec<Step> {
    let mut steps = Vec::new();
    if places.len() < 2 {
        return steps;
    }
    for (from, &place) in places.iter().enumerate() {
        let first = links.partition_point(|it| it.from < place);
        for it in links[first..].iter().take_while(|it| it.from == place) {
            if let Ok(to) = places.binary_search(&it.to) {
                push(&mut steps, Step::new(&it.link, from, to));
            }
        }
    }
    steps
}
