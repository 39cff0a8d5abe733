//! Mail of our own users and machines, at the outgoing host.

use crate::clock::{MS, SECOND};
use crate::hosts::{Queue, Service};
use crate::message::{Route, Story};
use crate::people::{Address, Home, Text};
use crate::session::{Command, Draft, Ending};
use crate::world::{Event, World, tell};
use std::rc::Rc;

impl World<'_> {
    /// A user sends mail.
    pub(crate) fn submission(&mut self, at: i64) {
        let user = self.people.mailbox(&mut self.chance);
        let peer = self.people.line_of(&user, &mut self.chance);
        let service = if self.chance.permille(600) {
            Service::Submission
        } else {
            Service::Submissions
        };
        let helo = Rc::from(self.chance.pick(&[
            "[10.1.2.3]",
            "[192.168.178.24]",
            "laptop.lan",
            "iphone.local",
        ]));
        let mut s = self.open_session(Queue::Out1, service, peer, helo, at);
        self.greet(&mut s, true);
        s.tally.ok(Command::Auth);
        s.login = Some(user.text.clone());
        let count = if self.chance.permille(60) { 2 } else { 1 };
        for _ in 0..count {
            let draft = self.outgoing(&user, s.now);
            let ending = match self.chance.below(1000) {
                0..12 => Ending::RejectedByMilter,
                12..15 => Ending::LostInData,
                _ => Ending::Queued,
            };
            self.wait(&mut s, 30 * MS, 2 * SECOND);
            self.transact(&mut s, &draft, ending);
            if ending == Ending::LostInData {
                return self.disconnect(&mut s);
            }
        }
        self.quit(&mut s);
    }

    pub(crate) fn outgoing(&mut self, user: &Address, at: i64) -> Draft {
        let domain: Text = Rc::from(user.text.split('@').nth(1).unwrap_or("lan"));
        let count = match self.chance.below(100) {
            0..78 => 1,
            78..92 => 2,
            _ => 3 + self.chance.index(6),
        };
        let mut rcpts: Vec<(Address, Option<Text>)> = Vec::with_capacity(count);
        while rcpts.len() < count {
            let to = match self.chance.below(1000) {
                0..280 => self.people.mailbox(&mut self.chance),
                280..350 => self.hosted_address(),
                _ => self.people.remote(&mut self.chance),
            };
            if !rcpts.iter().any(|(known, _)| known.text == to.text) {
                rcpts.push((to, None));
            }
        }
        let message_id = self.message_id_of(&domain, at).or_else(|| {
            let token = self.chance.bits();
            Some(Rc::from(format!("<{token:x}@{domain}>")))
        });
        let (subject, size) = (self.subject_text(), self.size());
        Draft {
            sender: user.clone(),
            rcpts,
            message_id,
            subject,
            size,
            route: Route::Onward,
        }
    }

    /// Mail of a program on the host itself, by pickup.
    pub(crate) fn local_program(&mut self, at: i64) {
        let queue = Queue::Out1;
        let (uid, name) = self.chance.pick(&[
            (0, "root"),
            (33, "www-data"),
            (33, "www-data"),
            (1001, "deploy"),
        ]);
        let sender = Address {
            text: Rc::from(format!("{name}@{}", queue.fqdn())),
            home: if name == "root" {
                Home::Store1
            } else {
                Home::Store2
            },
        };
        let to = match self.chance.permille(600) {
            true => self.people.mailbox(&mut self.chance),
            false => self.people.remote(&mut self.chance),
        };
        let (subject, size) = (self.subject_text(), 700 + self.chance.below(3_000) as u32);
        let rcpts = vec![(to, None)];
        let draft = Draft {
            sender,
            rcpts,
            message_id: None,
            subject,
            size,
            route: Route::Onward,
        };
        let mut story = Story::new(&draft.sender);
        story.heading = Some(draft.subject.clone());
        let rcpts = self.story_rcpts(&mut story, &draft);
        let message = self.open_story(story);
        let mut item = self.begin_item(message, queue, at, &draft.sender, rcpts);
        item.size = size;
        let pid = self.single(queue, Service::Pickup);
        tell!(
            self,
            item,
            Service::Pickup,
            pid,
            at,
            "uid={uid} from=<{name}>"
        );
        let cleanup = self.take(queue, Service::Cleanup, at);
        self.own_message_id(&item, at);
        let headers = self.after(at, MS, 5 * MS);
        self.header_lines(&item, cleanup.pid, headers);
        let active = self.after(headers, MS, 9 * MS);
        self.give(queue, Service::Cleanup, cleanup, active);
        self.schedule(active, Event::Active(item));
    }
}
