//! Mail from the world: postscreen, then a session at one of the incoming hosts.

use crate::clock::{MINUTE, MS, SECOND};
use crate::hosts::{Queue, Service};
use crate::people::Peer;
use crate::reject::Refusal;
use crate::session::{Command, Ending, Session};
use crate::world::{World, say};
use std::rc::Rc;

impl World<'_> {
    pub(crate) fn incoming_session(&mut self, at: i64) {
        let queue = if self.chance.permille(550) {
            Queue::Mx1
        } else {
            Queue::Mx2
        };
        let site = self.chance.zipf(self.people.remote_domains.len());
        let peer = self.people.remote_domains[site].mx.clone();
        let start = self.screened(queue, &peer, at);
        let helo = peer.name.clone();
        let nameless = self.chance.permille(40);
        let peer = if nameless {
            self.unresolved(queue, &peer, start)
        } else {
            peer
        };
        let mut s = self.open_session(queue, Service::Smtpd, peer, helo, start + 200);
        let tls = self.people.remote_domains[site].tls;
        self.greet(&mut s, tls);
        self.transactions(&mut s, site);
    }

    /// Postscreen lets the client pass; returns when smtpd takes over.
    fn screened(&mut self, queue: Queue, peer: &Peer, at: i64) -> i64 {
        let pid = self.single(queue, Service::Postscreen);
        let (port, address, ours) = (
            self.chance.range(1_025, 65_000),
            &peer.address,
            queue.public_address(),
        );
        say!(
            self,
            queue,
            Service::Postscreen,
            pid,
            at,
            "CONNECT from [{address}]:{port} to [{ours}]:25"
        );
        let new = self.chance.permille(40);
        let passed = if new {
            at + 6 * SECOND + 40 * MS
        } else {
            at + 300
        };
        let which = if new { "NEW" } else { "OLD" };
        say!(
            self,
            queue,
            Service::Postscreen,
            pid,
            passed,
            "PASS {which} [{address}]:{port}"
        );
        self.after(passed, 300, 9 * MS)
    }

    /// The name of the client does not lead back to its address.
    fn unresolved(&mut self, queue: Queue, peer: &Peer, at: i64) -> Peer {
        let worker = self.take(queue, Service::Smtpd, at);
        self.give(queue, Service::Smtpd, worker, at + 100);
        let Peer { name, address } = peer;
        let why = self.chance.pick(&[": Name or service not known", ""]);
        say!(
            self,
            queue,
            Service::Smtpd,
            worker.pid,
            at,
            "warning: hostname {name} does not resolve to address {address}{why}"
        );
        peer.unknown()
    }

    fn transactions(&mut self, s: &mut Session, site: usize) {
        let count = match self.chance.below(100) {
            0..84 => 1,
            84..94 => 2,
            _ => 3 + self.chance.below(3),
        };
        for nth in 0..count {
            if nth > 0 {
                self.wait(s, 20 * MS, 3 * SECOND);
            }
            let draft = self.incoming(site, s.now);
            if self.chance.permille(50) {
                self.refused_first(s, &draft.sender.text);
            }
            let ending = self.ending(s.queue);
            self.transact(s, &draft, ending);
            match ending {
                Ending::LostInData | Ending::TimedOut => return self.disconnect(s),
                _ => {}
            }
        }
        if self.chance.permille(12) {
            s.tally.ok(Command::Rset);
        }
        self.quit(s);
    }

    /// Recipients that are refused before one is accepted.
    fn refused_first(&mut self, s: &mut Session, sender: &str) {
        for _ in 0..=self.chance.below(3) {
            let rcpt = self.nobody();
            self.refuse(s, Refusal::UnknownUser, sender, &rcpt);
        }
    }

    fn ending(&mut self, queue: Queue) -> Ending {
        let mx1 = queue == Queue::Mx1;
        match self.chance.below(1000) {
            0..5 => Ending::LostInData,
            5..7 => Ending::TimedOut,
            7..10 => Ending::DroppedByAccess,
            10..16 if mx1 => Ending::Held,
            16..20 if mx1 => Ending::DroppedByHeader,
            20..26 if mx1 => Ending::RejectedByHeader,
            26..32 if !mx1 => Ending::RejectedByMilter,
            _ => Ending::Queued,
        }
    }

    /// What anvil remembers of a client some minutes later.
    pub(crate) fn anvil(&mut self, s: &Session) {
        let at = s.now + MINUTE * 3 + self.chance.range(0, 7 * MINUTE);
        if at > self.end {
            return;
        }
        let pid = self.single(s.queue, Service::Anvil);
        let (address, moment) = (&s.peer.address, crate::clock::Traditional(s.now));
        let service = match s.service {
            Service::Submission => "submission",
            Service::Submissions => "submissions",
            _ => "smtpd",
        };
        let (rate, most) = (1 + self.chance.zipf(30), 1 + self.chance.zipf(8));
        let queue = s.queue;
        say!(
            self,
            queue,
            Service::Anvil,
            pid,
            at,
            "statistics: max connection rate {rate}/60s for ({service}:{address}) at {moment}"
        );
        say!(
            self,
            queue,
            Service::Anvil,
            pid,
            at + 40,
            "statistics: max connection count {most} for ({service}:{address}) at {moment}"
        );
        say!(
            self,
            queue,
            Service::Anvil,
            pid,
            at + 80,
            "statistics: max cache size {} at {moment}",
            rate + 3
        );
    }

    /// A name that says nothing, as bots greet.
    pub(crate) fn bot_helo(&mut self) -> Rc<str> {
        Rc::from(self.chance.pick(&[
            "ylmf-pc",
            "User",
            "WIN-8F2K3",
            "localhost.localdomain",
            "mail",
            "smtp.bulk.test",
        ]))
    }
}
