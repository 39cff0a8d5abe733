//! Notifications that Exim sends about a message.

use super::arrival::Via;
use crate::clock::MS;
use crate::message::{Fate, Item, Rcpt, State, Story};
use crate::people::{Address, Home};
use crate::world::{Event, World};
use std::rc::Rc;

impl World<'_> {
    /// Tells the sender of all recipients that failed.
    pub(crate) fn return_failed(&mut self, item: &mut Item, at: i64) -> i64 {
        for rcpt in &mut item.rcpts {
            if rcpt.state == State::Failed {
                rcpt.state = State::Done;
            }
        }
        let heading = "Mail delivery failed: returning message to sender".to_owned();
        self.exim_notice(item, heading, at)
    }

    /// A message of the host itself to the sender, made by a process of its own.
    pub(crate) fn exim_notice(&mut self, item: &mut Item, heading: String, at: i64) -> i64 {
        let mut story = Story::new(&Address::null());
        story.cause = Some((item.queue, item.id));
        story.heading = Some(Rc::from(heading));
        let place = story.add(&item.sender, None);
        let message = self.open_story(story);
        let to = Rcpt {
            place,
            address: item.sender.clone(),
            orig: None,
            fate: self.fate_of_notice(item),
            state: State::Open,
        };
        let (pid, begun) = (self.fresh_pid(item.queue), self.after(at, MS, 9 * MS));
        let null = Address::null();
        let (mut notice, envelope) =
            self.exim_item(message, item.queue, pid, begun, &null, vec![to]);
        notice.size = 1_500 + self.chance.below(2_400) as u32;
        self.story(item).dsns.push((notice.queue, notice.id));
        self.sums.notifications += 1;
        let said = self.after(begun, MS, 9 * MS);
        self.arrived(&notice, &Via::Notice(item.id), &envelope, (pid, said));
        let active = self.taken_up(said);
        self.schedule(active, Event::Active(notice));
        said + MS
    }

    /// Senders outside are forged more often than those at home are wrong.
    fn fate_of_notice(&mut self, item: &Item) -> Fate {
        match self.fate_at(item.queue, item.sender.home) {
            Fate::Good if matches!(item.sender.home, Home::Remote(_)) => {
                match self.chance.permille(250) {
                    true => Fate::UserUnknown,
                    false => Fate::Good,
                }
            }
            fate => fate,
        }
    }
}
