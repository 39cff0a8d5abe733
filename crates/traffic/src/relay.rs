//! From one of our queues to another by SMTP.

use crate::clock::{MINUTE, MS, SECOND};
use crate::delivery::Report;
use crate::hosts::{Queue, Service};
use crate::message::{Fate, Item, Rcpt, Route, State, next_queue};
use crate::people::Peer;
use crate::pool::Worker;
use crate::queue_id::QueueId;
use crate::session::{Command, Tally};
use crate::world::{Event, World, say, tell};
use std::rc::Rc;

/// A message that the other end of a hop took.
pub(crate) struct Taken {
    pub(crate) id: QueueId,
    accepted: i64,
    pub(crate) active: i64,
    server: Worker,
    peer: Peer,
    loopback: bool,
}

impl World<'_> {
    /// Sends all open recipients that go to `to`; returns when the last of its lines is said.
    pub(crate) fn hop(&mut self, item: &mut Item, to: Queue, at: i64) -> i64 {
        let chosen = self.chosen(item, to);
        let start = self.after(at, MS, 9 * MS);
        let client = self.take(item.queue, Service::Smtp, at);
        let refused = self.chance.permille(1) && item.tries == 0 && to != Queue::GwOut;
        let end = match to.is_exim() {
            _ if refused => self.refused(item, to, client, &chosen, start),
            true => self.handed_to_exim(item, to, client, &chosen, start),
            false => self.handed_over(item, to, client, &chosen, start),
        };
        self.give(item.queue, Service::Smtp, client, end);
        end + MS
    }

    /// The open recipients that go to `to`.
    pub(crate) fn chosen(&self, item: &Item, to: Queue) -> Vec<usize> {
        let goes = |rcpt: &Rcpt| {
            let there = item.route == Route::SecondInstance
                || next_queue(item.queue, rcpt.address.home) == Some(to);
            rcpt.state == State::Open && there
        };
        (0..item.rcpts.len())
            .filter(|index| goes(&item.rcpts[*index]))
            .collect()
    }

    fn refused(
        &mut self,
        item: &mut Item,
        to: Queue,
        client: Worker,
        chosen: &[usize],
        at: i64,
    ) -> i64 {
        let (host, address) = (to.fqdn(), to.address());
        let pid = client.pid;
        say!(
            self,
            item.queue,
            Service::Smtp,
            pid,
            at + 2 * MS,
            "connect to {host}[{address}]:25: Connection refused"
        );
        for (nth, index) in chosen.iter().enumerate() {
            let report = Report {
                at: at + 3 * MS + nth as i64 * 200,
                relay: format_args!("none"),
                waits: [4 * MS, 3 * MS, 0],
                dsn: "4.4.1",
                status: "deferred",
                text: format_args!("connect to {host}[{address}]:25: Connection refused"),
            };
            self.report(item, *index, Service::Smtp, pid, &report);
        }
        at + 5 * MS + chosen.len() as i64 * MS
    }

    fn handed_over(
        &mut self,
        item: &mut Item,
        to: Queue,
        client: Worker,
        chosen: &[usize],
        start: i64,
    ) -> i64 {
        let taken = self.taken_in(item, to, Some(client), chosen, start);
        let replied = self.replied(taken.active);
        let waits = [MS * 3, taken.accepted - start, replied - taken.accepted];
        let (id, host, address) = (taken.id, to.fqdn(), to.address());
        for (nth, index) in chosen.iter().enumerate() {
            let at = replied + nth as i64 * 300;
            let (dsn, status) = ("2.0.0", "sent");
            let text = format_args!("250 2.0.0 Ok: queued as {id}");
            let relay = match taken.loopback {
                true => format_args!("127.0.0.1[127.0.0.1]:10026"),
                false => format_args!("{host}[{address}]:25"),
            };
            let report = Report {
                at,
                relay,
                waits,
                dsn,
                status,
                text,
            };
            self.report(item, *index, Service::Smtp, client.pid, &report);
        }
        self.close_hop(to, &taken, chosen.len(), replied);
        replied + chosen.len() as i64 * 300
    }

    /// The Postfix at the other end of a hop takes the message; `client` is ours, if it is Postfix, too.
    pub(crate) fn taken_in(
        &mut self,
        item: &Item,
        to: Queue,
        client: Option<Worker>,
        chosen: &[usize],
        start: i64,
    ) -> Taken {
        let loopback = to.host() == item.queue.host();
        let peer = hop_peer(item.queue, loopback);
        let server = self.take(to, Service::Smtpd, start);
        self.connect(to, Service::Smtpd, server.pid, start, &peer);
        let mut at = start;
        if !loopback {
            at = self.after(start, 8 * MS, 25 * MS);
            self.tls_at_server(to, server, &peer, at);
            if let Some(client) = client {
                self.tls_at_client(item.queue, to, client, at);
            }
        }
        let accepted = self.after(at, 2 * MS, 20 * MS);
        let rcpts = self.all_passed_on(item, chosen, to);
        let mut child = self.begin_item(item.message, to, accepted, &item.sender, rcpts);
        child.size = item.size + 180 + 20 * u32::from(child.number);
        tell!(
            self,
            child,
            Service::Smtpd,
            server.pid,
            accepted,
            "client={peer}"
        );
        let cleanup = self.take(to, Service::Cleanup, accepted);
        let headers = self.after(accepted, 2 * MS, 12 * MS);
        self.header_lines(&child, cleanup.pid, headers);
        let active = self.after(headers, MS, 9 * MS);
        self.give(to, Service::Cleanup, cleanup, active);
        let id = child.id;
        self.schedule(active, Event::Active(child));
        Taken {
            id,
            accepted,
            active,
            server,
            peer,
            loopback,
        }
    }

    pub(crate) fn all_passed_on(&mut self, item: &Item, chosen: &[usize], to: Queue) -> Vec<Rcpt> {
        chosen
            .iter()
            .map(|index| self.passed_on(&item.rcpts[*index], to))
            .collect()
    }

    /// When the reply is logged: as a rule at once, now and then after the child has run its course.
    pub(crate) fn replied(&mut self, active: i64) -> i64 {
        match self.chance.permille(250) {
            true => self.after(active, 150 * MS, 900 * MS),
            false => self.after(active, MS, 20 * MS),
        }
    }

    /// The server's side of a hop is over when the reply has gone out.
    pub(crate) fn close_hop(&mut self, to: Queue, taken: &Taken, rcpts: usize, replied: i64) {
        let at = taken.active.max(replied - 3 * MS);
        let at = self.after(at, 200, 12 * MS);
        let mut tally = Tally::greeting(!taken.loopback);
        tally.ok(Command::Mail);
        tally.ok_times(Command::Rcpt, rcpts as u16);
        tally.ok(Command::Data);
        tally.ok(Command::Quit);
        let (peer, server) = (&taken.peer, taken.server);
        say!(
            self,
            to,
            Service::Smtpd,
            server.pid,
            at,
            "disconnect from {peer}{tally}"
        );
        self.give(to, Service::Smtpd, server, at);
    }

    fn tls_at_server(&mut self, to: Queue, server: Worker, peer: &Peer, at: i64) {
        say!(
            self,
            to,
            Service::Smtpd,
            server.pid,
            at,
            "Anonymous TLS connection established from {peer}: TLSv1.3 with cipher \
             TLS_AES_256_GCM_SHA384 (256/256 bits)"
        );
    }

    pub(crate) fn tls_at_client(&mut self, from: Queue, to: Queue, client: Worker, at: i64) {
        let (host, address) = (to.fqdn(), to.address());
        say!(
            self,
            from,
            Service::Smtp,
            client.pid,
            at,
            "Verified TLS connection established to {host}[{address}]:25: TLSv1.3 with cipher \
             TLS_AES_256_GCM_SHA384 (256/256 bits)"
        );
    }

    fn passed_on(&mut self, rcpt: &Rcpt, to: Queue) -> Rcpt {
        // Fate is met where delivery ends: at a store, or at the host that reaches the world.
        let fate = match next_queue(to, rcpt.address.home) {
            None => self.fate(rcpt.address.home),
            Some(_) if to == Queue::Out1 => self.fate(rcpt.address.home),
            Some(_) => Fate::Good,
        };
        Rcpt {
            fate,
            orig: None,
            state: State::Open,
            ..rcpt.clone()
        }
    }

    /// An address probe: is the recipient known at its store? The store's item never gets a message.
    pub(crate) fn ask(&mut self, item: &mut Item, at: i64) -> i64 {
        let to = next_queue(item.queue, item.rcpts[0].address.home).unwrap_or(Queue::Store1);
        let client = self.take(item.queue, Service::Smtp, at);
        let start = self.after(at, MS, 9 * MS);
        let server = self.take(to, Service::Smtpd, start);
        let peer = hop_peer(item.queue, false);
        self.connect(to, Service::Smtpd, server.pid, start, &peer);
        let mut tally = Tally::greeting(false);
        tally.ok(Command::Mail);
        let asked = self.after(start, 4 * MS, 20 * MS);
        let known = item.rcpts[0].fate == Fate::Good;
        let relay = format_args!("{}[{}]:25", to.fqdn(), to.address());
        let waits = [2 * MS, 5 * MS, asked - start];
        let rcpt = item.rcpts[0].address.clone();
        let end = self.after(asked, MS, 9 * MS);
        if known {
            tally.ok(Command::Rcpt);
            self.touch(item, to, server, &peer, asked);
            let (dsn, status) = ("2.1.5", "deliverable");
            let report = Report {
                at: end,
                relay,
                waits,
                dsn,
                status,
                text: format_args!("250 2.1.5 Ok"),
            };
            self.report(item, 0, Service::Smtp, client.pid, &report);
        } else {
            tally.fail(Command::Rcpt);
            let refusal = unknown_user(&rcpt.text);
            self.sums.noqueue_rejects += 1;
            let sender = item.sender.text.clone();
            let (to_text, helo) = (&rcpt.text, &peer.name);
            say!(
                self,
                to,
                Service::Smtpd,
                server.pid,
                asked,
                "NOQUEUE: reject: RCPT from {peer}: {refusal}; from=<{sender}> to=<{to_text}> proto=ESMTP helo=<{helo}>"
            );
            let (host, address) = (to.fqdn(), to.address());
            let report = Report {
                at: end,
                relay,
                waits,
                dsn: "5.1.1",
                status: "undeliverable",
                text: format_args!(
                    "host {host}[{address}] said: {refusal} (in reply to RCPT TO command)"
                ),
            };
            self.report(item, 0, Service::Smtp, client.pid, &report);
        }
        use crate::truth::Outcome::{Bounced, Relayed};
        let place = item.rcpts[0].place as usize;
        self.story(item).rcpts[place].outcome = Some(if known { Relayed } else { Bounced });
        tally.ok(Command::Rset);
        tally.ok(Command::Quit);
        say!(
            self,
            to,
            Service::Smtpd,
            server.pid,
            end + MS,
            "disconnect from {peer}{tally}"
        );
        self.give(to, Service::Smtpd, server, end + MS);
        self.give(item.queue, Service::Smtp, client, end);
        end + MS
    }

    /// The queue file that an accepted recipient makes even if no message follows.
    fn touch(&mut self, asking: &Item, to: Queue, server: Worker, peer: &Peer, at: i64) {
        let mut story = crate::message::Story::new(&asking.sender);
        story.client = Some(peer.clone());
        let place = story.add(&asking.rcpts[0].address, None);
        let message = self.open_story(story);
        let rcpt = Rcpt {
            place,
            orig: None,
            ..asking.rcpts[0].clone()
        };
        let mut item = self.begin_item(message, to, at, &asking.sender, vec![rcpt]);
        tell!(self, item, Service::Smtpd, server.pid, at, "client={peer}");
        self.abandon(&mut item, at + 2 * MS);
    }

    /// A transaction that ends without a message. Postfix 3.10 says so.
    pub(crate) fn abandon(&mut self, item: &mut Item, at: i64) {
        self.decide(item, crate::truth::Outcome::Aborted);
        if item.queue.modern() {
            let cleanup = self.take(item.queue, Service::Cleanup, at - MS);
            tell!(
                self,
                item,
                Service::Cleanup,
                cleanup.pid,
                at,
                "removed (canceled)"
            );
            self.give(item.queue, Service::Cleanup, cleanup, at);
        }
        self.end_item(item, at);
    }

    /// When an idle moment has come for a later act of the administrator.
    pub(crate) fn some_minutes_later(&mut self, at: i64, most: i64) -> i64 {
        self.after(at, 20 * SECOND, most * MINUTE)
    }
}

pub(crate) fn hop_peer(from: Queue, loopback: bool) -> Peer {
    match loopback {
        true => Peer::loopback(),
        false => Peer {
            name: Rc::from(from.fqdn()),
            address: Rc::from(from.address()),
        },
    }
}

/// The reply for an address nobody has.
pub(crate) fn unknown_user(address: &str) -> String {
    format!(
        "550 5.1.1 <{address}>: Recipient address rejected: User unknown in virtual mailbox table"
    )
}
