//! The gateway: two Postfix instances, a before-queue filter, a pipe filter, local(8), address probes.

use crate::clock::{MS, SECOND};
use crate::delivery::Report;
use crate::hosts::{Queue, Service};
use crate::message::{Fate, Item, Rcpt, Route, State, Story};
use crate::people::{Address, Home, Peer, Text};
use crate::reject::Refusal;
use crate::session::{Command, Draft, Ending, Session, Tally};
use crate::truth::Outcome;
use crate::world::{Event, World, say, tell};
use std::rc::Rc;

const QUEUE: Queue = Queue::GwIn;

impl World<'_> {
    pub(crate) fn gateway_session(&mut self, at: i64) {
        let site = self.chance.zipf(self.people.remote_domains.len());
        let peer = self.people.remote_domains[site].mx.clone();
        let mut draft = self.incoming(site, at);
        // A message-id that is used twice would leave a pipe filter's output to guesswork.
        draft.message_id = Some(self.fresh_message_id(at));
        draft.route = match self.chance.below(100) {
            0..20 => Route::Pipe,
            20..40 => Route::Local,
            _ => Route::SecondInstance,
        };
        match self.chance.below(100) {
            0..30 => self.proxied(draft, peer, at),
            _ => self.direct(draft, peer, at),
        }
    }

    fn fresh_message_id(&mut self, at: i64) -> Text {
        let (token, serial) = (self.chance.bits(), self.chance.below(1 << 40));
        Rc::from(format!(
            "<{}.{token:x}.{serial:x}@partner.test>",
            crate::clock::Compact(at)
        ))
    }

    fn direct(&mut self, mut draft: Draft, peer: Peer, at: i64) {
        if draft.route == Route::Local {
            self.make_local(&mut draft);
        }
        let helo = peer.name.clone();
        let mut s = self.open_session(QUEUE, Service::Smtpd, peer, helo, at);
        self.greet(&mut s, true);
        if draft.route != Route::Local && self.chance.permille(40) {
            self.verify(&mut s, &draft);
        }
        let lost = self.chance.permille(4);
        let ending = if lost {
            Ending::LostInData
        } else {
            Ending::Queued
        };
        self.transact(&mut s, &draft, ending);
        if lost {
            return self.disconnect(&mut s);
        }
        self.quit(&mut s);
    }

    /// Recipients on the gateway itself: accounts and forwards.
    fn make_local(&mut self, draft: &mut Draft) {
        let name = self.chance.pick(&[
            "root",
            "backup",
            "fwd-sales",
            "fwd-press",
            "abuse",
            "reports",
        ]);
        let to = Address {
            text: Rc::from(format!("{name}@{}", QUEUE.fqdn())),
            home: Home::Gateway,
        };
        draft.rcpts = vec![(to, None)];
    }

    /// The session waits until the recipient is verified; one that nobody has is refused.
    fn verify(&mut self, s: &mut Session, draft: &Draft) {
        let known = self.chance.permille(900);
        let rcpt = match known {
            true => draft.rcpts[0].0.clone(),
            false => self.nobody_at_home(),
        };
        self.probe(&rcpt, known, s.now);
        self.wait(s, 2 * SECOND, 3 * SECOND);
        if !known {
            self.refuse(s, Refusal::Undeliverable, &draft.sender.text, &rcpt.text);
        }
    }

    /// Asks a store whether it knows a recipient.
    fn probe(&mut self, rcpt: &Address, known: bool, at: i64) {
        let sender = Address {
            text: Rc::from(format!("double-bounce@{}", QUEUE.fqdn())),
            home: Home::Nowhere,
        };
        let mut story = Story::new(&sender);
        story.probe = true;
        let place = story.add(rcpt, None);
        let message = self.open_story(story);
        let fate = if known { Fate::Good } else { Fate::UserUnknown };
        let rcpt = Rcpt {
            place,
            address: rcpt.clone(),
            orig: None,
            fate,
            state: State::Open,
        };
        let mut item = self.begin_item(message, QUEUE, at, &sender, vec![rcpt]);
        (item.size, item.route) = (231, Route::Probe);
        self.own_message_id(&item, at);
        let cleanup = self.take(QUEUE, Service::Cleanup, at);
        self.header_lines(&item, cleanup.pid, at);
        self.give(QUEUE, Service::Cleanup, cleanup, at + 3 * MS);
        self.schedule(at + 4 * MS, Event::Active(item));
    }

    /// Through the before-queue filter: the front session has no queue id of its own.
    fn proxied(&mut self, draft: Draft, peer: Peer, at: i64) {
        let helo = peer.name.clone();
        let mut s = self.open_session(QUEUE, Service::Proxy, peer, helo, at);
        self.greet(&mut s, true);
        s.tally.ok(Command::Mail);
        s.tally.ok_times(Command::Rcpt, draft.rcpts.len() as u16);
        let at = self.wait(&mut s, 10 * MS, 90 * MS);
        let (peer, helo, sender, rcpt) = (
            s.peer.clone(),
            s.helo.clone(),
            draft.sender.text.clone(),
            draft.last_rcpt(),
        );
        let pid = s.worker.pid;
        say!(
            self,
            QUEUE,
            Service::Proxy,
            pid,
            at,
            "NOQUEUE: client={peer}"
        );
        if self.chance.permille(80) {
            let at = self.wait(&mut s, 200 * MS, SECOND);
            let scan = self.chance.range(1_000, 30_000);
            s.tally.fail(Command::Data);
            say!(
                self,
                QUEUE,
                Service::Proxy,
                pid,
                at,
                "proxy-reject: END-OF-MESSAGE: 554 5.7.0 Reject, id={scan:05}-01 - spam; from=<{sender}> \
                 to=<{rcpt}> proto=ESMTP helo=<{helo}>"
            );
            return self.quit(&mut s);
        }
        let (message, id) = self.after_proxy(&draft, &peer, &mut s.now);
        s.tally.ok(Command::Data);
        let at = self.wait(&mut s, MS, 20 * MS);
        let mark = crate::wire::Mark::Message(message);
        let line = self.wire.say_of(mark, QUEUE, Service::Proxy, pid, at);
        use std::fmt::Write;
        let _ = write!(
            line,
            "proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as {id}; from=<{sender}> to=<{rcpt}> \
             proto=ESMTP helo=<{helo}>"
        );
        // The message must not end before its last line is said.
        let story = &mut self.stories[message as usize];
        story.until = story.until.max(at);
        self.quit(&mut s);
    }

    fn after_proxy(
        &mut self,
        draft: &Draft,
        peer: &Peer,
        now: &mut i64,
    ) -> (u32, crate::queue_id::QueueId) {
        let at = self.after(*now, 100 * MS, 700 * MS);
        let loopback = Peer::loopback();
        let server = self.take(QUEUE, Service::AfterProxy, at);
        self.connect(QUEUE, Service::AfterProxy, server.pid, at, &loopback);
        let mut story = Story::new(&draft.sender);
        story.client = Some(peer.clone());
        let rcpts = self.story_rcpts(&mut story, draft);
        let message = self.open_story(story);
        let accepted = self.after(at, MS, 9 * MS);
        let mut item = self.begin_item(message, QUEUE, accepted, &draft.sender, rcpts);
        (item.size, item.route) = (draft.size, Route::SecondInstance);
        tell!(
            self,
            item,
            Service::AfterProxy,
            server.pid,
            accepted,
            "client={loopback}, orig_client={peer}"
        );
        let cleanup = self.take(QUEUE, Service::Cleanup, accepted);
        self.story(&item).message_id.clone_from(&draft.message_id);
        let headers = self.after(accepted, MS, 9 * MS);
        self.header_lines(&item, cleanup.pid, headers);
        let active = self.after(headers, MS, 9 * MS);
        self.give(QUEUE, Service::Cleanup, cleanup, active);
        let mut tally = Tally::greeting(false);
        tally.ok(Command::Mail);
        tally.ok_times(Command::Rcpt, item.nrcpt as u16);
        tally.ok(Command::Xforward);
        tally.ok(Command::Data);
        tally.ok(Command::Quit);
        let over = self.after(active, MS, 20 * MS);
        say!(
            self,
            QUEUE,
            Service::AfterProxy,
            server.pid,
            over,
            "disconnect from {loopback}{tally}"
        );
        self.give(QUEUE, Service::AfterProxy, server, over);
        let id = item.id;
        self.schedule(active, Event::Active(item));
        *now = active;
        (message, id)
    }

    /// The pipe filter gives the message back through sendmail(1); pickup finds it before pipe(8) is done.
    pub(crate) fn pipe(&mut self, item: &mut Item, at: i64) -> i64 {
        let worker = self.take(QUEUE, Service::Pipe, at);
        let back = self.after(at, 80 * MS, 700 * MS);
        let rcpts = item
            .rcpts
            .iter()
            .map(|rcpt| Rcpt {
                orig: None,
                ..rcpt.clone()
            })
            .collect();
        let mut child = self.begin_item(item.message, QUEUE, back, &item.sender, rcpts);
        (child.size, child.route) = (item.size + 115, Route::SecondInstance);
        let (sender, pid) = (&item.sender.text, self.single(QUEUE, Service::Pickup));
        tell!(
            self,
            child,
            Service::Pickup,
            pid,
            back,
            "uid=65534 from=<{sender}>"
        );
        let cleanup = self.take(QUEUE, Service::Cleanup, back);
        let headers = self.after(back, MS, 5 * MS);
        self.header_lines(&child, cleanup.pid, headers);
        let active = self.after(headers, MS, 9 * MS);
        self.give(QUEUE, Service::Cleanup, cleanup, active);
        self.schedule(active, Event::Active(child));
        let said = self.after(active, MS, 60 * MS);
        for index in 0..item.rcpts.len() {
            let report = Report {
                at: said + index as i64 * 200,
                relay: format_args!("spamfilter"),
                waits: [3 * MS, 0, said - at],
                dsn: "2.0.0",
                status: "sent",
                text: format_args!("delivered via spamfilter service"),
            };
            self.report(item, index, Service::Pipe, worker.pid, &report);
        }
        let end = said + item.rcpts.len() as i64 * MS;
        self.give(QUEUE, Service::Pipe, worker, end);
        end
    }

    /// local(8): a mailbox, a command, or a forward to a mailbox at a store.
    pub(crate) fn deliver_locally(&mut self, item: &mut Item, at: i64) -> i64 {
        let worker = self.take(QUEUE, Service::Local, at);
        let end = match item.rcpts[0].address.text.starts_with("fwd-") {
            true => self.forward(item, worker.pid, at),
            false => {
                let said = self.after(at, 3 * MS, 60 * MS);
                let how = self.chance.pick(&[
                    "delivered to mailbox",
                    "delivered to maildir",
                    "delivered to command: /usr/bin/procmail -a root",
                    "delivered to file: /var/mail/archive",
                ]);
                self.local_report(item, worker.pid, [at, said], format_args!("{how}"));
                let place = item.rcpts[0].place as usize;
                self.story(item).rcpts[place].outcome = Some(Outcome::Delivered);
                said + MS
            }
        };
        self.give(QUEUE, Service::Local, worker, end);
        end
    }

    fn local_report(
        &mut self,
        item: &mut Item,
        pid: u32,
        [at, said]: [i64; 2],
        text: std::fmt::Arguments<'_>,
    ) {
        let report = Report {
            at: said,
            relay: format_args!("local"),
            waits: [2 * MS, 0, said - at],
            dsn: "2.0.0",
            status: "sent",
            text,
        };
        self.report(item, 0, Service::Local, pid, &report);
    }

    /// A forward makes a new item without a head line; one or two mailboxes.
    fn forward(&mut self, item: &mut Item, pid: u32, at: i64) -> i64 {
        let start = self.after(at, 2 * MS, 12 * MS);
        let from = item.rcpts[0].address.text.clone();
        let first = item.rcpts[0].place;
        let mut rcpts = Vec::new();
        for nth in 0..=self.chance.below(2) {
            let to = self.people.mailbox(&mut self.chance);
            if rcpts
                .iter()
                .any(|known: &Rcpt| known.address.text == to.text)
            {
                continue;
            }
            let story = self.story(item);
            let place = match nth {
                0 => first,
                _ => story.add(&to, None),
            };
            let fared = &mut story.rcpts[place as usize];
            (fared.address, fared.orig) = (to.text.clone(), Some(from.clone()));
            let orig = Some(from.clone());
            rcpts.push(Rcpt {
                place,
                address: to,
                orig,
                fate: Fate::Good,
                state: State::Open,
            });
        }
        let mut child = self.begin_item(item.message, QUEUE, start, &item.sender, rcpts);
        child.size = item.size + 130;
        let cleanup = self.take(QUEUE, Service::Cleanup, start);
        self.header_lines(&child, cleanup.pid, start);
        self.give(QUEUE, Service::Cleanup, cleanup, start + 2 * MS);
        let id = child.id;
        let active = self.after(start, MS, 9 * MS);
        self.schedule(active, Event::Active(child));
        let said = self.after(start, MS, 12 * MS);
        self.local_report(item, pid, [at, said], format_args!("forwarded as {id}"));
        said + MS
    }
}
