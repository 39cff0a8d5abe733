//! Queue files: made, decided on, gone.

use crate::hosts::Queue;
use crate::message::{Fate, Item, Rcpt, Route, State, Told};
use crate::people::{Address, Home};
use crate::queue_id::{QueueId, Slot};
use crate::truth::Outcome;
use crate::world::World;

impl World<'_> {
    /// A queue file is made: the message has one more item.
    pub(crate) fn begin_item(
        &mut self,
        message: u32,
        queue: Queue,
        at: i64,
        sender: &Address,
        rcpts: Vec<Rcpt>,
    ) -> Box<Item> {
        let micros = self
            .chance
            .permille(3)
            .then(|| 4_211 + 60_913 * self.chance.range(0, 12));
        let ids = &mut self.ids[queue as usize];
        let (id, slot) = match self.twin {
            Some(twin) if queue == Queue::GwOut && self.chance.permille(60) => {
                let both = self.ids[Queue::GwIn as usize].is_open(twin);
                let twin = both
                    .then(|| self.ids[queue as usize].allot_twin(at, twin))
                    .flatten();
                self.sums.equal_ids += u64::from(twin.is_some());
                twin.unwrap_or_else(|| self.ids[queue as usize].allot(at, micros))
            }
            _ => ids.allot(at, micros),
        };
        if queue == Queue::GwIn {
            self.twin = Some(slot);
        }
        self.add_item(message, queue, at, sender, rcpts, (id, slot))
    }

    /// The same with an id that is known.
    pub(crate) fn add_item(
        &mut self,
        message: u32,
        queue: Queue,
        at: i64,
        sender: &Address,
        rcpts: Vec<Rcpt>,
        (id, slot): (QueueId, Slot),
    ) -> Box<Item> {
        let story = &mut self.stories[message as usize];
        story.items.push(Told {
            queue,
            id,
            first_seen: None,
        });
        story.live += 1;
        let number = (story.items.len() - 1) as u16;
        for rcpt in &rcpts {
            story.rcpts[rcpt.place as usize].item = number;
        }
        let (size, nrcpt, runner) = (0, rcpts.len(), 0);
        Box::new(Item {
            message,
            number,
            queue,
            id,
            slot,
            sender: sender.clone(),
            rcpts,
            nrcpt,
            size,
            arrived: at,
            tries: 0,
            runner,
            route: Route::Onward,
            delay_notified: false,
        })
    }

    /// The item's queue file is gone at `at`.
    pub(crate) fn end_item(&mut self, item: &Item, at: i64) {
        if !item.queue.is_exim() {
            self.ids[item.queue as usize].free(item.slot, at);
        }
        let story = &mut self.stories[item.message as usize];
        story.live -= 1;
        story.until = story.until.max(at);
        if story.live == 0 {
            let until = story.until;
            self.wire.finish(item.message, until + 1);
        }
    }

    /// Sets the outcome of every open recipient of the item.
    pub(crate) fn decide(&mut self, item: &mut Item, outcome: Outcome) {
        let story = &mut self.stories[item.message as usize];
        for rcpt in item
            .rcpts
            .iter_mut()
            .filter(|rcpt| rcpt.state == State::Open)
        {
            story.rcpts[rcpt.place as usize].outcome = Some(outcome);
            rcpt.state = State::Done;
        }
    }

    /// What awaits a recipient when it comes to the queue that delivers it.
    pub(crate) fn fate(&mut self, home: Home) -> Fate {
        let draw = self.chance.below(1000);
        match (home, draw) {
            (Home::Remote(_), 0..16) => Fate::UserUnknown,
            (Home::Remote(_), 16..20) => Fate::MailboxFull,
            (Home::Remote(_), 20..26) => Fate::Refused,
            (Home::Remote(_), 26..40) => Fate::Later(1 + self.chance.below(4) as u8),
            (Home::Exim1 | Home::Exim2, 0..4) => Fate::MailboxFull,
            (Home::Exim1 | Home::Exim2, 4..9) => Fate::Later(1),
            (Home::Store1 | Home::Store2, 0..3) => Fate::MailboxFull,
            (Home::Store1 | Home::Store2, 3..5) => Fate::Later(1),
            _ => Fate::Good,
        }
    }
}
