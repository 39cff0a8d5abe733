//! The administrator: hold, release, requeue, delete; and the noise of services.

use crate::clock::{MS, SECOND};
use crate::hosts::{Queue, Service};
use crate::message::{Item, Rcpt, State};
use crate::truth::Outcome;
use crate::world::{Event, World, say, tell};

impl World<'_> {
    /// What becomes of an item that is held or long deferred.
    pub(crate) fn rule(&mut self, item: Box<Item>, at: i64) {
        if item.queue.is_exim() {
            return self.rule_at_exim(item, at);
        }
        let held = item.tries == 0;
        match self.chance.below(100) {
            0..55 if held => self.release(item, at),
            55..70 if held => self.schedule(self.end + 1, Event::Ruling(item)),
            0..60 => self.requeue(item, at),
            70..85 => self.requeue(item, at),
            _ => self.delete(item, at),
        }
    }

    pub(crate) fn reopen(&mut self, item: &Item) {
        for rcpt in item.rcpts.iter().filter(|rcpt| rcpt.state == State::Open) {
            self.stories[item.message as usize].rcpts[rcpt.place as usize].outcome = None;
        }
    }

    fn postsuper(&mut self, item: &Item, at: i64, what: &str, sum: &str) {
        let pid = self.fresh_pid(item.queue);
        tell!(self, item, Service::Postsuper, pid, at, "{what}");
        say!(
            self,
            item.queue,
            Service::Postsuper,
            pid,
            at + 300,
            "{sum}: 1 message"
        );
    }

    fn release(&mut self, item: Box<Item>, at: i64) {
        self.reopen(&item);
        self.postsuper(&item, at, "released from hold", "Released from hold");
        let active = self.after(at, MS, 40 * SECOND);
        self.schedule(active, Event::Active(item));
    }

    fn delete(&mut self, mut item: Box<Item>, at: i64) {
        self.reopen(&item);
        self.postsuper(&item, at, "removed", "Deleted");
        self.decide(&mut item, Outcome::Deleted);
        self.end_item(&item, at);
    }

    fn requeue(&mut self, item: Box<Item>, at: i64) {
        self.reopen(&item);
        self.postsuper(&item, at, "requeued", "Requeued");
        let found = self.after(at, 5 * SECOND, 60 * SECOND);
        self.schedule(found, Event::Requeued(item));
    }

    /// Pickup takes what was requeued: a new item, the old one is gone without `removed`.
    pub(crate) fn requeued(&mut self, old: Box<Item>, at: i64) {
        let rcpts: Vec<Rcpt> = old
            .rcpts
            .iter()
            .filter(|rcpt| rcpt.state == State::Open)
            .cloned()
            .collect();
        let mut item = self.begin_item(old.message, old.queue, at, &old.sender, rcpts);
        (item.size, item.route) = (old.size + 105, old.route);
        (item.arrived, item.delay_notified) = (old.arrived, old.delay_notified);
        let (pid, sender, id) = (
            self.single(old.queue, Service::Pickup),
            &old.sender.text,
            old.id,
        );
        tell!(
            self,
            item,
            Service::Pickup,
            pid,
            at,
            "uid=102 from=<{sender}> orig_id={id}"
        );
        let cleanup = self.take(old.queue, Service::Cleanup, at);
        let headers = self.after(at, MS, 9 * MS);
        self.header_lines(&item, cleanup.pid, headers);
        let active = self.after(headers, MS, 9 * MS);
        self.give(old.queue, Service::Cleanup, cleanup, active);
        self.end_item(&old, at);
        self.schedule(active, Event::Active(item));
    }

    /// Lines of services that tell of no message.
    pub(crate) fn noise(&mut self, at: i64) {
        let queue = self.chance.pick(&Queue::POSTFIX);
        let (version, instance) = (
            if queue.modern() { "3.10.2" } else { "3.7.6" },
            queue.instance(),
        );
        let pid = self.single(queue, Service::Master);
        match self.chance.below(6) {
            0 => say!(
                self,
                queue,
                Service::Master,
                pid,
                at,
                "reload -- version {version}, configuration /etc/{instance}"
            ),
            1 => {
                let pid = self.single(queue, Service::Rewrite);
                say!(
                    self,
                    queue,
                    Service::Rewrite,
                    pid,
                    at,
                    "table hash:/etc/{instance}/transport(0,lock|fold_fix) has changed -- restarting"
                );
            }
            2 => {
                let worker = self.take(queue, Service::Smtp, at);
                let site = self.chance.zipf(self.people.remote_domains.len());
                let mx = &self.people.remote_domains[site].mx;
                say!(
                    self,
                    queue,
                    Service::Smtp,
                    worker.pid,
                    at,
                    "connect to {mx}:25: No route to host"
                );
                self.give(queue, Service::Smtp, worker, at + MS);
            }
            3 => {
                let queue = self.chance.pick(&[Queue::Mx1, Queue::Mx2]);
                let pid = self.single(queue, Service::Postscreen);
                let kept = self.chance.range(2_000, 9_000);
                say!(
                    self,
                    queue,
                    Service::Postscreen,
                    pid,
                    at,
                    "cache btree:/var/lib/postfix/postscreen_cache full cleanup: retained={kept} dropped={} entries",
                    kept / 40
                );
            }
            4 => say!(
                self,
                queue,
                Service::Master,
                pid,
                at,
                "warning: service \"smtpd\" (25) has reached its process limit \"100\": new clients may \
                 experience noticeable delays"
            ),
            _ => {
                let pid = self.single(queue, Service::Qmgr);
                say!(
                    self,
                    queue,
                    Service::Qmgr,
                    pid,
                    at,
                    "warning: mail for slow.test is using up 4001 of 8001 active queue entries"
                );
            }
        }
    }

    /// One piece of traffic, drawn by its share.
    pub(crate) fn begin_traffic(&mut self, at: i64) {
        const SHARES: [u32; 11] = [300, 110, 130, 200, 90, 60, 110, 14, 70, 3, 430];
        match self.chance.weighted(&SHARES) {
            0 => self.incoming_session(at),
            1 => self.screened_out(at),
            2 => self.fruitless(at),
            3 => self.login(at),
            4 => self.failed_login(at),
            5 => self.guesser(at),
            6 => self.submission(at),
            7 => self.local_program(at),
            8 => self.gateway_session(at),
            10 => self.exim_traffic(at),
            _ => self.noise(at),
        }
    }
}
