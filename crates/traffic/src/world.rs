//! The simulated machines: events in time order, and the few acts that all programs share.

use crate::chance::Chance;
use crate::clock::{HOUR, SECOND, due};
use crate::filter::Scan;
use crate::hosts::{HOSTS, Queue, SERVICES, Service};
use crate::message::{Item, Story};
use crate::people::{Address, People, Text};
use crate::plan::Plan;
use crate::pool::{Pids, Pool, Worker};
use crate::queue_id::{Ids, Slot};
use crate::truth::{Outcome, Summary, TrueMessage};
use crate::wire::{Mark, Passed, Wire};
use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

/// Says a line that belongs to no message.
macro_rules! say {
    ($world:expr, $queue:expr, $service:expr, $pid:expr, $at:expr, $($text:tt)+) => {{
        use std::fmt::Write as _;
        let _ = write!($world.wire.say($queue, $service, $pid, $at), $($text)+);
    }};
}
/// Says a line that begins with the queue id of an item.
macro_rules! tell {
    ($world:expr, $item:expr, $service:expr, $pid:expr, $at:expr, $($text:tt)+) => {{
        use std::fmt::Write as _;
        let mark = crate::wire::Mark::Item($item.message, $item.number);
        let line = $world.wire.say_of(mark, $item.queue, $service, $pid, $at);
        line.push_str($item.id.as_str());
        line.push_str(": ");
        let _ = write!(line, $($text)+);
    }};
}
pub(crate) use {say, tell};

/// Queue life in this small world (`maximal_queue_lifetime`), so that expiry fits into a day.
pub(crate) const QUEUE_LIFE_US: i64 = 5 * HOUR;

/// Something that is going to happen.
pub(crate) enum Event {
    /// New traffic begins.
    Start,
    /// The queue manager takes the item up.
    Active(Box<Item>),
    /// An attempt is over for all its recipients.
    Settle(Box<Item>),
    /// The content filter has decided.
    Scanned(Box<Item>, Scan),
    /// The administrator looks at a held item.
    Ruling(Box<Item>),
    /// Pickup finds what `postsuper -r` put into its way.
    Requeued(Box<Item>),
}

struct Scheduled {
    at: i64,
    number: u64,
    event: Event,
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Scheduled {}
impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Scheduled {
    /// The earliest is the greatest, as the heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.number).cmp(&(self.at, self.number))
    }
}

pub(crate) struct World<'a> {
    pub(crate) plan: Plan,
    pub(crate) chance: Chance,
    pub(crate) people: People,
    pub(crate) wire: Wire<'a>,
    pub(crate) sums: Summary,
    pub(crate) begin: i64,
    pub(crate) end: i64,
    pub(crate) stories: Vec<Story>,
    stories_free: Vec<u32>,
    /// Message-ids sent not long ago, to be sent again.
    pub(crate) resent: VecDeque<(Text, Address)>,
    /// An item of `postfix-in` that may still be open.
    pub(crate) twin: Option<Slot>,
    pub(crate) ids: Vec<Ids>,
    pools: Vec<Pool>,
    singles: [[u32; SERVICES]; HOSTS + 1],
    pids: Vec<Pids>,
    events: BinaryHeap<Scheduled>,
    scheduled: u64,
    truth: &'a mut dyn FnMut(&TrueMessage),
}

impl<'a> World<'a> {
    pub(crate) fn new(
        plan: &Plan,
        lines: &'a mut dyn FnMut(&str, &[u8]),
        truth: &'a mut dyn FnMut(&TrueMessage),
    ) -> Self {
        let mut chance = Chance::seeded(plan.seed);
        let people = People::new(&mut chance);
        let rest_us = 2 * SECOND + i64::from(plan.shuffle_ms) * 1000 + SECOND / 2;
        let ids = Queue::ALL
            .iter()
            .map(|queue| Ids::new(queue.long_ids(), first_inode(*queue), rest_us))
            .collect();
        let mut pids: Vec<_> = (0..HOSTS)
            .map(|host| Pids::starting(700 + 311 * host as u32))
            .collect();
        let mut singles = [[0; SERVICES]; HOSTS + 1];
        for queue in Queue::ALL {
            for service in Service::ALL {
                singles[queue as usize][service as usize] =
                    pids[queue.host() as usize].fresh(chance.below(9) as u32);
            }
        }
        World {
            plan: plan.clone(),
            chance,
            people,
            wire: Wire::new(plan, lines),
            sums: Summary::default(),
            begin: plan.begin_us(),
            end: plan.end_us(),
            stories: Vec::new(),
            stories_free: Vec::new(),
            resent: VecDeque::new(),
            twin: None,
            ids,
            pools: (0..Queue::ALL.len() * SERVICES)
                .map(|_| Pool::default())
                .collect(),
            singles,
            pids,
            events: BinaryHeap::new(),
            scheduled: 0,
            truth,
        }
    }

    pub(crate) fn run(mut self) -> Summary {
        self.schedule(self.begin, Event::Start);
        while let Some(Scheduled { at, event, .. }) = self.events.pop() {
            self.pass_lines(at - 1);
            self.happen(at, event);
        }
        self.pass_lines(i64::MAX);
        self.wire.flush();
        self.wire.sum_up(&mut self.sums);
        self.sums.queue_id_reuses = self.ids.iter().map(|ids| ids.reuses).sum();
        self.sums
    }

    fn happen(&mut self, at: i64, event: Event) {
        match event {
            Event::Start => self.start(at),
            Event::Active(item) if item.tries > 0 && at > self.end => self.end_item(&item, at),
            Event::Active(item) => self.activate(item, at),
            Event::Settle(item) => self.settle(item, at),
            Event::Scanned(item, scan) => self.scanned(item, scan, at),
            Event::Ruling(item) if at > self.end => self.end_item(&item, at),
            Event::Ruling(item) => self.rule(item, at),
            Event::Requeued(item) => self.requeued(item, at),
        }
    }

    /// Begins one piece of traffic and plans the next by how many lines are still wanted.
    fn start(&mut self, at: i64) {
        let wanted = self.plan.lines;
        if self.wire.said() >= wanted {
            return;
        }
        self.begin_traffic(at);
        let due_at = due(&self.plan, self.wire.said(), wanted);
        let mean_gap = (self.end - self.begin) as f64 * 8.0 / wanted as f64;
        let jitter = self.chance.exponential(mean_gap) as i64;
        let next = (due_at + jitter).max(at + 1);
        // The last few may have to hurry, or the day would end before its lines are written.
        self.schedule(next.min(self.end.max(at + 1)), Event::Start);
    }

    pub(crate) fn schedule(&mut self, at: i64, event: Event) {
        self.scheduled += 1;
        self.events.push(Scheduled {
            at,
            number: self.scheduled,
            event,
        });
    }

    fn pass_lines(&mut self, now: i64) {
        while let Some(Passed { mark, stamp }) = self.wire.pass(now) {
            match mark {
                Mark::Nothing => {}
                Mark::Message(message) => self.stories[message as usize].lines += 1,
                Mark::Item(message, number) => {
                    let story = &mut self.stories[message as usize];
                    story.lines += 1;
                    story.items[usize::from(number)]
                        .first_seen
                        .get_or_insert(stamp);
                }
                Mark::Finish(message) => self.close_story(message),
            }
        }
    }

    fn close_story(&mut self, message: u32) {
        let truth = self.stories[message as usize].truth();
        self.sums.messages += 1;
        self.sums.items += truth.items.len() as u64;
        let arrived = |outcome| matches!(outcome, Outcome::Delivered | Outcome::Relayed);
        if !truth.probe {
            self.sums.deliveries += truth
                .recipients
                .iter()
                .filter(|rcpt| arrived(rcpt.outcome))
                .count() as u64;
        }
        (self.truth)(&truth);
        self.stories[message as usize] = Story::new(&Address::null());
        self.stories_free.push(message);
    }

    pub(crate) fn open_story(&mut self, story: Story) -> u32 {
        match self.stories_free.pop() {
            Some(message) => {
                self.stories[message as usize] = story;
                message
            }
            None => {
                self.stories.push(story);
                (self.stories.len() - 1) as u32
            }
        }
    }

    pub(crate) fn story(&mut self, item: &Item) -> &mut Story {
        &mut self.stories[item.message as usize]
    }

    /// Time passes within a session: `low` to `high` microseconds.
    pub(crate) fn after(&mut self, at: i64, low: i64, high: i64) -> i64 {
        at + self.chance.range(low, high)
    }

    pub(crate) fn take(&mut self, queue: Queue, service: Service, at: i64) -> Worker {
        if service.is_single() {
            return Worker {
                pid: self.single(queue, service),
                jobs: 1,
            };
        }
        let (pids, chance) = (&mut self.pids[queue.host() as usize], &mut self.chance);
        let fresh = || pids.fresh(chance.below(7) as u32);
        self.pools[queue as usize * SERVICES + service as usize].take(at, fresh)
    }

    pub(crate) fn give(&mut self, queue: Queue, service: Service, worker: Worker, until: i64) {
        if !service.is_single() {
            self.pools[queue as usize * SERVICES + service as usize].give(worker, until);
        }
    }

    pub(crate) fn single(&self, queue: Queue, service: Service) -> u32 {
        self.singles[queue as usize][service as usize]
    }

    /// A process that serves once.
    pub(crate) fn fresh_pid(&mut self, queue: Queue) -> u32 {
        let skip = self.chance.below(7) as u32;
        self.pids[queue.host() as usize].fresh(skip)
    }
}

/// Own inodes have five hexadecimal digits, those of foreign hosts six: their ids never meet.
fn first_inode(queue: Queue) -> u64 {
    0x20080 + 0x1100 * queue as u64
}
