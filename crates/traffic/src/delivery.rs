//! The queue manager's part: an item becomes active, is tried, and is over, retried or returned.

use crate::clock::{HOUR, MINUTE, MS, Seconds};
use crate::hosts::{Queue, Service};
use crate::message::{Item, Rcpt, Route, State, Story, next_queue};
use crate::people::{Address, Home};
use crate::truth::Outcome;
use crate::world::{Event, QUEUE_LIFE_US, World, say, tell};
use std::fmt;
use std::rc::Rc;

/// First pause between two attempts (`minimal_backoff_time`).
const BACKOFF_MIN_US: i64 = 5 * MINUTE;
/// Longest pause (`maximal_backoff_time`).
const BACKOFF_MAX_US: i64 = 4000 * 1_000_000;

/// One delivery line.
pub(crate) struct Report<'t> {
    pub(crate) at: i64,
    pub(crate) relay: fmt::Arguments<'t>,
    /// In the active queue, connecting, transmitting: b, c and d of `delays=a/b/c/d`.
    pub(crate) waits: [i64; 3],
    pub(crate) dsn: &'static str,
    pub(crate) status: &'static str,
    pub(crate) text: fmt::Arguments<'t>,
}

/// Where queues hand mail on to by SMTP.
pub(crate) const HOPS: [Queue; 5] = [
    Queue::Store1,
    Queue::Store2,
    Queue::Out1,
    Queue::Exim1,
    Queue::Exim2,
];

impl World<'_> {
    /// `from=<…>, size=…, nrcpt=… (queue active)`, then the attempt.
    pub(crate) fn activate(&mut self, item: Box<Item>, at: i64) {
        if item.queue.is_exim() {
            return self.run_delivery(item, at);
        }
        let pid = self.single(item.queue, Service::Qmgr);
        let (sender, size, nrcpt) = (&item.sender.text, item.size, item.nrcpt);
        tell!(
            self,
            item,
            Service::Qmgr,
            pid,
            at,
            "from=<{sender}>, size={size}, nrcpt={nrcpt} (queue active)"
        );
        self.deliver(item, at);
    }

    fn deliver(&mut self, mut item: Box<Item>, at: i64) {
        let end = match item.route {
            Route::Filter => return self.scan(item, at),
            Route::SecondInstance => self.hop(&mut item, Queue::GwOut, at),
            Route::Pipe => self.pipe(&mut item, at),
            Route::Local => self.deliver_locally(&mut item, at),
            Route::Probe => self.ask(&mut item, at),
            Route::Onward => self.fan_out(&mut item, at),
        };
        self.schedule(end, Event::Settle(item));
    }

    fn fan_out(&mut self, item: &mut Item, at: i64) -> i64 {
        let mut end = at + MS;
        for target in HOPS {
            let wanted = |rcpt: &Rcpt| {
                rcpt.state == State::Open
                    && next_queue(item.queue, rcpt.address.home) == Some(target)
            };
            if target != item.queue && item.rcpts.iter().any(wanted) {
                end = end.max(self.hop(item, target, at));
            }
        }
        if item.rcpts.iter().any(|rcpt| is_here(item.queue, rcpt)) {
            end = match item.queue.is_store() {
                true => end.max(self.store(item, at)),
                false => end.max(self.send_out(item, at)),
            };
        }
        end
    }

    /// Writes the delivery line of recipient `index` and notes what it means.
    pub(crate) fn report(
        &mut self,
        item: &mut Item,
        index: usize,
        service: Service,
        pid: u32,
        report: &Report<'_>,
    ) {
        use fmt::Write;
        let [b, c, d] = report.waits;
        let total = (report.at - item.arrived).max(b + c + d);
        let a = total - b - c - d;
        let rcpt = &mut item.rcpts[index];
        let mark = crate::wire::Mark::Item(item.message, item.number);
        let line = self.wire.say_of(mark, item.queue, service, pid, report.at);
        let _ = write!(line, "{}: to=<{}>", item.id, rcpt.address.text);
        if let Some(orig) = &rcpt.orig {
            let _ = write!(line, ", orig_to=<{orig}>");
        }
        let (relay, dsn, status, text) = (report.relay, report.dsn, report.status, report.text);
        let _ = write!(line, ", relay={relay}, delay={}, delays=", Seconds(total));
        let _ = write!(
            line,
            "{}/{}/{}/{}",
            Seconds(a),
            Seconds(b),
            Seconds(c),
            Seconds(d)
        );
        let _ = write!(line, ", dsn={dsn}, status={status} ({text})");
        let fared = &mut self.stories[item.message as usize].rcpts[rcpt.place as usize];
        fared.dsn = Some(dsn);
        match status {
            "deferred" => {
                fared.deferrals += 1;
                self.sums.deferral_lines += 1;
            }
            "bounced" => {
                fared.outcome = Some(Outcome::Bounced);
                rcpt.state = State::Failed;
                self.sums.bounces += 1;
            }
            _ => rcpt.state = State::Done,
        }
    }

    /// After an attempt: return what failed, then remove, expire or keep.
    pub(crate) fn settle(&mut self, mut item: Box<Item>, at: i64) {
        if item.queue.is_exim() {
            return self.run_settled(item, at);
        }
        let mut at = at;
        if item.rcpts.iter().any(|rcpt| rcpt.state == State::Failed) {
            at = self.notify(&mut item, "non-delivery", at);
        }
        if !item.is_open() {
            return self.remove(&item, at);
        }
        if at - item.arrived > QUEUE_LIFE_US {
            return self.expire(item, at);
        }
        if at - item.arrived > HOUR && !item.delay_notified && item.queue == Queue::Out1 {
            item.delay_notified = true;
            at = self.notify(&mut item, "delay", at);
        }
        item.tries += 1;
        if item.queue == Queue::Out1 && self.chance.permille(6) {
            return self.schedule(self.end.min(at + MINUTE), Event::Ruling(item));
        }
        let pause = (at - item.arrived).clamp(BACKOFF_MIN_US, BACKOFF_MAX_US);
        let pause = pause + self.chance.range(0, BACKOFF_MIN_US);
        self.schedule(at + pause, Event::Active(item));
    }

    /// The queue manager's `removed`.
    pub(crate) fn remove(&mut self, item: &Item, at: i64) {
        let at = self.after(at, 400, 4 * MS);
        let pid = self.single(item.queue, Service::Qmgr);
        tell!(self, item, Service::Qmgr, pid, at, "removed");
        self.end_item(item, at);
    }

    fn expire(&mut self, mut item: Box<Item>, at: i64) {
        let pid = self.single(item.queue, Service::Qmgr);
        let sender = &item.sender.text;
        tell!(
            self,
            item,
            Service::Qmgr,
            pid,
            at,
            "from=<{sender}>, status=expired, returned to sender"
        );
        self.sums.expired += 1;
        self.decide(&mut item, Outcome::Expired);
        let at = self.notify(&mut item, "non-delivery", at + MS);
        self.remove(&item, at);
    }

    /// A notification to the sender, if there is one. Up to Postfix 3.10 the line about it comes after
    /// the first line of the new item.
    fn notify(&mut self, item: &mut Item, kind: &'static str, at: i64) -> i64 {
        for rcpt in item
            .rcpts
            .iter_mut()
            .filter(|rcpt| rcpt.state == State::Failed)
        {
            rcpt.state = State::Done;
        }
        if item.sender.is_null() || item.route == Route::Probe {
            return at;
        }
        let mut story = Story::new(&Address::null());
        story.cause = Some((item.queue, item.id));
        let place = story.add(&item.sender, None);
        let message = self.open_story(story);
        let fate = crate::message::Fate::Good;
        let to = Rcpt {
            place,
            address: item.sender.clone(),
            orig: None,
            fate,
            state: State::Open,
        };
        let start = self.after(at, MS, 6 * MS);
        let mut dsn = self.begin_item(message, item.queue, start, &Address::null(), vec![to]);
        dsn.size = 2_100 + self.chance.below(2_400) as u32;
        self.story(item).dsns.push((dsn.queue, dsn.id));
        self.sums.notifications += 1;
        self.own_message_id(&dsn, start);
        let cleanup = self.take(item.queue, Service::Cleanup, start);
        self.header_lines(&dsn, cleanup.pid, start);
        self.give(item.queue, Service::Cleanup, cleanup, start + 4 * MS);
        let said = self.after(start, 300, 5 * MS);
        let bounce = self.take(item.queue, Service::Bounce, at);
        let id = dsn.id;
        tell!(
            self,
            item,
            Service::Bounce,
            bounce.pid,
            said,
            "sender {kind} notification: {id}"
        );
        self.give(item.queue, Service::Bounce, bounce, said);
        let active = self.after(start, 300, 5 * MS);
        self.schedule(active, Event::Active(dsn));
        said + MS
    }

    /// Gives the message the id that Postfix makes when there is none.
    /// Source: postfix `src/cleanup/cleanup_message.c`.
    pub(crate) fn own_message_id(&mut self, item: &Item, at: i64) {
        let (id, host) = (item.id, item.queue.fqdn());
        let message_id = match item.queue.long_ids() {
            true => format!("<{id}@{host}>"),
            false => format!("<{}.{id}@{host}>", crate::clock::Compact(at)),
        };
        self.story(item).message_id = Some(Rc::from(message_id));
    }

    /// Cleanup's `message-id=`.
    pub(crate) fn header_lines(&mut self, item: &Item, pid: u32, at: i64) {
        let message_id = self.story(item).say_message_id();
        let message_id = message_id.as_deref().unwrap_or("<>");
        tell!(
            self,
            item,
            Service::Cleanup,
            pid,
            at,
            "message-id={message_id}"
        );
    }

    /// `connect from` at a smtpd of ours.
    pub(crate) fn connect(
        &mut self,
        queue: Queue,
        service: Service,
        pid: u32,
        at: i64,
        peer: &dyn fmt::Display,
    ) {
        self.sums.sessions += 1;
        say!(self, queue, service, pid, at, "connect from {peer}");
    }
}

fn is_here(queue: Queue, rcpt: &Rcpt) -> bool {
    let here = match rcpt.address.home {
        Home::Remote(_) => queue == Queue::Out1,
        home => next_queue(queue, home).is_none(),
    };
    rcpt.state == State::Open && here
}
