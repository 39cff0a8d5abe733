//! A message's delivery runs: what is tried, and what becomes of the message then.

use super::log;
use crate::clock::{HOUR, MINUTE, MS, SECOND};
use crate::delivery::HOPS;
use crate::message::{Item, State};
use crate::truth::Outcome;
use crate::world::{Event, QUEUE_LIFE_US, World};

/// How often the daemon starts a queue runner (`-q30m`).
const QUEUE_RUN_US: i64 = 30 * MINUTE;

impl World<'_> {
    /// One process tries all recipients that are open: those here, then those elsewhere.
    pub(crate) fn run_delivery(&mut self, mut item: Box<Item>, at: i64) {
        item.runner = self.fresh_pid(item.queue);
        let mut now = self.deliver_here(&mut item, at);
        for to in HOPS {
            now = self.exim_hop(&mut item, to, now);
        }
        now = self.send_to_world(&mut item, now);
        self.schedule(now + MS, Event::Settle(item));
    }

    /// After a run: return what failed, then complete, freeze or keep.
    pub(crate) fn run_settled(&mut self, mut item: Box<Item>, at: i64) {
        let mut at = at;
        if item.is_open() && at - item.arrived > QUEUE_LIFE_US {
            at = self.out_of_time(&mut item, at);
        }
        if item.rcpts.iter().any(|rcpt| rcpt.state == State::Failed) {
            if item.sender.is_null() {
                return self.freeze(item, "Frozen (delivery error message)", at);
            }
            at = self.return_failed(&mut item, at);
        }
        if !item.is_open() {
            return self.complete(&item, at);
        }
        if at - item.arrived > HOUR && !item.delay_notified && !item.sender.is_null() {
            item.delay_notified = true;
            let heading = format!("Warning: message {} delayed 1 hour", item.id);
            at = self.exim_notice(&mut item, heading, at);
        }
        item.tries += 1;
        if self.chance.permille(10) {
            return self.freeze(item, "frozen by root", at);
        }
        let next = self.next_run(&item, at);
        self.schedule(next, Event::Active(item));
    }

    /// The next queue run that is late enough for the message's retry time.
    fn next_run(&mut self, item: &Item, at: i64) -> i64 {
        let offset = if item.queue == crate::hosts::Queue::Exim1 {
            7
        } else {
            19
        } * MINUTE;
        let earliest = at + 10 * MINUTE - offset;
        let run = earliest.div_euclid(QUEUE_RUN_US) * QUEUE_RUN_US + QUEUE_RUN_US + offset;
        self.after(run, 0, 20 * SECOND)
    }

    /// Recipients that have been tried for too long. Source: exim `src/retry.c` (`retry_update`).
    fn out_of_time(&mut self, item: &mut Item, at: i64) -> i64 {
        let (mut now, pid) = (at, item.runner);
        for index in 0..item.rcpts.len() {
            if item.rcpts[index].state != State::Open {
                continue;
            }
            now += 200;
            let to = super::outcome::in_full(&item.rcpts[index]);
            log!(self, item, pid, now, "** {to}: retry timeout exceeded");
            self.sums.expired += 1;
            self.ended_as(item, index, Outcome::Expired);
            let place = item.rcpts[index].place as usize;
            self.story(item).rcpts[place].dsn = None;
            item.rcpts[index].state = State::Failed;
        }
        now + MS
    }

    /// `Completed`.
    pub(crate) fn complete(&mut self, item: &Item, at: i64) {
        let at = self.after(at, 200, 3 * MS);
        let pid = item.runner;
        match super::logs_more(item.queue) {
            true => {
                let time = super::Took(at - item.arrived);
                log!(self, item, pid, at, "Completed QT={time}");
            }
            false => log!(self, item, pid, at, "Completed"),
        }
        self.end_item(item, at);
    }

    /// The message stays where it is; queue runners pass it by.
    fn freeze(&mut self, mut item: Box<Item>, how: &str, at: i64) {
        let pid = match how.starts_with('F') {
            true => item.runner,
            false => self.fresh_pid(item.queue),
        };
        log!(self, item, pid, at, "{how}");
        for rcpt in &mut item.rcpts {
            let fared = &mut self.stories[item.message as usize].rcpts[rcpt.place as usize];
            match rcpt.state {
                State::Open => fared.outcome = Some(Outcome::Held),
                _ => rcpt.state = State::Done,
            }
        }
        let (mut seen, mut last) = (self.next_run(&item, at), at);
        for _ in 0..self.chance.below(4) {
            if seen > self.end {
                break;
            }
            let pid = self.fresh_pid(item.queue);
            log!(self, item, pid, seen, "Message is frozen");
            last = seen;
            seen += QUEUE_RUN_US;
        }
        let looked_at = self.after(last, SECOND, QUEUE_RUN_US);
        self.schedule(looked_at, Event::Ruling(item));
    }

    /// What becomes of a frozen message.
    pub(crate) fn rule_at_exim(&mut self, mut item: Box<Item>, at: i64) {
        let pid = self.fresh_pid(item.queue);
        match (self.chance.below(100), item.is_open()) {
            (0..40, _) => return self.schedule(self.end + 1, Event::Ruling(item)),
            (40..75, true) => {
                log!(self, item, pid, at, "unfrozen by root");
                self.reopen(&item);
                let active = self.after(at, MS, 40 * SECOND);
                return self.schedule(active, Event::Active(item));
            }
            (40..75, false) => log!(self, item, pid, at, "cancelled by timeout_frozen_after"),
            _ => log!(self, item, pid, at, "removed by root"),
        }
        self.reopen(&item);
        self.decide(&mut item, Outcome::Deleted);
        item.runner = pid;
        self.complete(&item, at + MS);
    }
}
