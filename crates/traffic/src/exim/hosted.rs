//! Domains, mailboxes and aliases that the Exim hosts serve.

use crate::hosts::Queue;
use crate::message::{Fate, Rcpt, next_queue};
use crate::people::{Address, Home, Text, hosted_home_of};
use crate::world::World;
use std::rc::Rc;

/// Aliases of each domain that lead to mailboxes or away.
const LISTS: [&str; 3] = ["info", "team", "sales"];
/// An alias for a program.
pub(crate) const PROGRAM: &str = "tickets";
/// An alias for nothing.
pub(crate) const HOLE: &str = "noreply";

pub(crate) fn local_part(address: &str) -> &str {
    address.split('@').next().unwrap_or(address)
}

impl World<'_> {
    /// A mailbox or, now and then, an alias at one of the hosts.
    pub(crate) fn hosted_address(&mut self) -> Address {
        match self.chance.below(100) {
            0..12 => self.hosted_alias(),
            _ => self.people.hosted(&mut self.chance),
        }
    }

    fn hosted_alias(&mut self) -> Address {
        let number = self.chance.zipf(self.people.hosted_domains.len());
        let name = match self.chance.below(10) {
            0 => PROGRAM,
            1 => HOLE,
            _ => self.chance.pick(&LISTS),
        };
        let domain = &self.people.hosted_domains[number];
        Address {
            text: Rc::from(format!("{name}@{domain}")),
            home: hosted_home_of(number),
        }
    }

    /// The same at this host.
    pub(crate) fn hosted_at(&mut self, queue: Queue) -> Address {
        loop {
            let address = self.hosted_address();
            if next_queue(queue, address.home).is_none() {
                return address;
            }
        }
    }

    /// An address in a domain of this host that nobody has.
    pub(crate) fn hosted_nobody(&mut self, queue: Queue) -> Text {
        let at = self.hosted_at(queue);
        let domain = at.text.split('@').nth(1).unwrap_or_default();
        let number = self.chance.below(60);
        Rc::from(format!("former.colleague{number}@{domain}"))
    }

    /// What the host's aliases make of the recipients of a message.
    pub(crate) fn expand(&mut self, message: u32, queue: Queue, rcpts: Vec<Rcpt>) -> Vec<Rcpt> {
        let mut names: Vec<Text> = rcpts.iter().map(|it| it.address.text.clone()).collect();
        let mut all = Vec::with_capacity(rcpts.len());
        for rcpt in rcpts {
            let here = next_queue(queue, rcpt.address.home).is_none();
            let known = |name: &&str| *name == local_part(&rcpt.address.text);
            if !here || !LISTS.iter().any(known) {
                all.push(rcpt);
                continue;
            }
            let count = if self.chance.permille(400) { 2 } else { 1 };
            for nth in 0..count {
                let to = self.member(queue, &names);
                names.push(to.text.clone());
                let place = match nth {
                    0 => rcpt.place,
                    _ => self.one_more(message, rcpt.place),
                };
                all.push(self.named_by(message, queue, place, to, &rcpt));
            }
        }
        all
    }

    /// Whom an alias names.
    fn member(&mut self, queue: Queue, names: &[Text]) -> Address {
        loop {
            let to = match self.chance.below(100) {
                0..15 => self.people.remote(&mut self.chance),
                15..25 => self.people.mailbox(&mut self.chance),
                _ => self.people.hosted(&mut self.chance),
            };
            let is_near = matches!(to.home, Home::Remote(_) | Home::Store1 | Home::Store2)
                || next_queue(queue, to.home).is_none()
                || self.chance.permille(200);
            if is_near && !names.contains(&to.text) {
                return to;
            }
        }
    }

    /// A further recipient that has come the same way as one that is known.
    fn one_more(&mut self, message: u32, place: u32) -> u32 {
        let story = &mut self.stories[message as usize];
        let deferrals = story.rcpts[place as usize].deferrals;
        let more = story.add(&Address::null(), None);
        story.rcpts[more as usize].deferrals = deferrals;
        more
    }

    fn named_by(
        &mut self,
        message: u32,
        queue: Queue,
        place: u32,
        to: Address,
        alias: &Rcpt,
    ) -> Rcpt {
        let orig = alias.address.text.clone();
        let fate = self.fate_at(queue, to.home);
        let fared = &mut self.stories[message as usize].rcpts[place as usize];
        fared.address = to.text.clone();
        fared.orig.get_or_insert_with(|| orig.clone());
        Rcpt {
            place,
            address: to,
            orig: Some(orig),
            fate,
            ..alias.clone()
        }
    }

    /// What awaits a recipient at a host: fate is met where delivery ends.
    pub(crate) fn fate_at(&mut self, queue: Queue, home: Home) -> Fate {
        match next_queue(queue, home) {
            None => self.fate(home),
            Some(_) => Fate::Good,
        }
    }
}
