//! Who hands mail to an Exim host: the world, its users, programs on the host itself.

use super::arrival::Via;
use super::caller::Caller;
use crate::clock::{MS, SECOND};
use crate::hosts::{Queue, Service};
use crate::message::{Rcpt, State, Story};
use crate::people::{Address, Home};
use crate::session::Draft;
use crate::world::{Event, World, say};
use std::rc::Rc;

impl World<'_> {
    /// A client from the world with mail for users here.
    pub(crate) fn exim_incoming(&mut self, queue: Queue, at: i64) {
        let (mut caller, site) = self.exim_client(queue, at);
        let count = if self.chance.permille(100) { 2 } else { 1 };
        for _ in 0..count {
            let draft = self.exim_draft(queue, site, caller.now);
            self.caller_waits(&mut caller, 40 * MS, 400 * MS);
            if self.chance.permille(60) {
                let nobody = self.hosted_nobody(queue);
                let sender = draft.sender.text.clone();
                self.reject_rcpt(&mut caller, &sender, &nobody, "Unrouteable address");
            }
            self.exim_takes_draft(&mut caller, &draft);
        }
        self.exim_quit(caller);
    }

    /// The mail exchanger of some site connects.
    pub(crate) fn exim_client(&mut self, queue: Queue, at: i64) -> (Caller, usize) {
        let site = self.chance.zipf(self.people.remote_domains.len());
        let domain = &self.people.remote_domains[site];
        let (mut peer, tls) = (domain.mx.clone(), domain.tls);
        let helo = peer.name.clone();
        let nameless = self.chance.permille(60);
        if nameless {
            peer = peer.unknown();
        }
        let caller = self.exim_call(queue, peer, helo, tls, at);
        if nameless {
            let address = caller.peer.address.clone();
            say!(
                self,
                queue,
                Service::Exim,
                caller.pid,
                at + MS,
                "no host name found for IP address {address}"
            );
        }
        (caller, site)
    }

    /// A message from the world to users of this host.
    pub(crate) fn exim_draft(&mut self, queue: Queue, site: usize, at: i64) -> Draft {
        let mut draft = self.incoming(site, at);
        let count = if self.chance.permille(120) {
            2 + self.chance.index(3)
        } else {
            1
        };
        draft.rcpts.clear();
        while draft.rcpts.len() < count {
            let to = self.hosted_at(queue);
            if !draft.rcpts.iter().any(|(known, _)| known.text == to.text) {
                draft.rcpts.push((to, None));
            }
        }
        draft
    }

    /// One MAIL … end of data.
    pub(crate) fn exim_takes_draft(&mut self, caller: &mut Caller, draft: &Draft) {
        let mut story = Story::new(&draft.sender);
        story.client = Some(caller.peer.clone());
        story.sasl = caller.login.clone();
        story.message_id.clone_from(&draft.message_id);
        story.heading = Some(draft.subject.clone());
        let rcpts = self.exim_rcpts(caller.queue, &mut story, draft);
        let message = self.open_story(story);
        let begun = self.caller_waits(caller, 20 * MS, 90 * MS);
        let (mut item, envelope) = self.exim_item(
            message,
            caller.queue,
            caller.pid,
            begun,
            &draft.sender,
            rcpts,
        );
        item.size = draft.size;
        let transfer = i64::from(draft.size) / 40;
        let at = self.caller_waits(caller, transfer + 2 * MS, transfer + 60 * MS);
        self.arrived(&item, &Via::Smtp(caller), &envelope, (caller.pid, at));
        let active = self.taken_up(at);
        self.schedule(active, Event::Active(item));
    }

    pub(crate) fn exim_rcpts(
        &mut self,
        queue: Queue,
        story: &mut Story,
        draft: &Draft,
    ) -> Vec<Rcpt> {
        let one = |(address, _): &(Address, _)| Rcpt {
            place: story.add(address, None),
            address: address.clone(),
            orig: None,
            fate: self.fate_at(queue, address.home),
            state: State::Open,
        };
        draft.rcpts.iter().map(one).collect()
    }

    /// A user of this host sends mail.
    pub(crate) fn exim_submission(&mut self, queue: Queue, at: i64) {
        let user = loop {
            let user = self.people.hosted(&mut self.chance);
            if crate::message::next_queue(queue, user.home).is_none() {
                break user;
            }
        };
        let mut caller = self.exim_call_by_user(queue, &user.text, at);
        self.caller_waits(&mut caller, 60 * MS, 2 * SECOND);
        let draft = self.outgoing(&user, caller.now);
        self.exim_takes_draft(&mut caller, &draft);
        self.exim_quit(caller);
    }

    /// A program on the host sends mail.
    pub(crate) fn exim_program(&mut self, queue: Queue, at: i64) {
        let user = self
            .chance
            .pick(&["root", "www-data", "www-data", "deploy"]);
        let home = if queue == Queue::Exim1 {
            Home::Exim1
        } else {
            Home::Exim2
        };
        let sender = Address {
            text: Rc::from(format!("{user}@{}", queue.fqdn())),
            home,
        };
        let to = match self.chance.below(3) {
            0 => self.people.mailbox(&mut self.chance),
            1 => self.people.remote(&mut self.chance),
            _ => self.hosted_address(),
        };
        let mut story = Story::new(&sender);
        story.heading = Some(self.subject_text());
        if self.chance.permille(300) {
            let token = self.chance.bits();
            story.message_id = Some(Rc::from(format!("<{token:x}@{}>", queue.fqdn())));
        }
        let rcpt = Rcpt {
            place: story.add(&to, None),
            fate: self.fate_at(queue, to.home),
            address: to,
            orig: None,
            state: State::Open,
        };
        let message = self.open_story(story);
        let pid = self.fresh_pid(queue);
        let (mut item, envelope) = self.exim_item(message, queue, pid, at, &sender, vec![rcpt]);
        item.size = 500 + self.chance.below(3_000) as u32;
        let said = self.after(at, MS, 9 * MS);
        self.arrived(&item, &Via::Local(user), &envelope, (pid, said));
        let active = self.taken_up(said);
        self.schedule(active, Event::Active(item));
    }
}
