//! Time goes on: what has waited long enough is given out or forgotten.

use crate::id::{HostId, ItemRef};
use crate::item::{Item, Stage};
use crate::limits::{
    ABORTED_AFTER_MS, CLOSED_FORGOTTEN_AT_ONCE, HALF_LINK_MS, HEAD_WAIT_MS, IDLE_PROCESS_MS,
    LINKABLE_MS, LOST_AFTER_MS, LOST_SESSION_MS, SWEEP_EVERY_MS, UNDECIDED_AT_END_MS,
};
use crate::names::Due;
use crate::process::Process;
use crate::{Correlator, Sink};
use model::{Kind, LinesOf, Link, Row, Timestamp};

/// Passes rows on, and no links.
struct Rows<'a, S>(&'a mut S);

impl<S: Sink> Sink for Rows<'_, S> {
    fn row(&mut self, row: &Row<'_>) {
        self.0.row(row);
    }
    fn link(&mut self, _: &Link) {}
}

impl Correlator {
    /// The log of a host has come to a time.
    #[inline]
    pub(crate) fn advance(&mut self, host: HostId, at: Timestamp, out: &mut impl Sink) {
        let state = &mut self.names.hosts[host as usize];
        if at <= state.watermark {
            return;
        }
        state.watermark = at;
        let waiting_due = state
            .waiting
            .front()
            .is_some_and(|it| at.millis_since(it.at) > HEAD_WAIT_MS);
        let closed_due = state
            .closed
            .front()
            .is_some_and(|it| at.millis_since(it.at) > LINKABLE_MS);
        let is_due = waiting_due || closed_due || at >= state.next_sweep;
        if is_due || self.names.has_too_many_closed() {
            self.look_through(host, at, out);
        }
    }

    fn look_through(&mut self, host: HostId, now: Timestamp, out: &mut impl Sink) {
        while let Some(due) = self.names.hosts[host as usize]
            .waiting
            .pop_front_if(|it| now.millis_since(it.at) > HEAD_WAIT_MS)
        {
            if let Some(ix) = self.items.still(due.item) {
                self.give_out_waiting(ix, out);
            }
        }
        let is_due = |it: &mut Due| now.millis_since(it.at) > LINKABLE_MS;
        while let Some(due) = self.names.take_closed(host, is_due) {
            self.forget_closed(due.item, now, out);
        }
        while self.names.has_too_many_closed() {
            self.forget_oldest_closed(out);
        }
        if now >= self.names.hosts[host as usize].next_sweep {
            self.names.hosts[host as usize].next_sweep = now.plus_millis(SWEEP_EVERY_MS);
            self.sweep(host, now, out);
        }
    }

    /// Some of the host that has most of them: others' links are not to suffer.
    fn forget_oldest_closed(&mut self, out: &mut impl Sink) {
        let hosts = self.names.hosts.iter().enumerate();
        let Some((most, _)) = hosts.max_by_key(|(_, host)| host.closed.len()) else {
            return;
        };
        for _ in 0..CLOSED_FORGOTTEN_AT_ONCE {
            let Some(due) = self.names.take_closed(most as HostId, |_| true) else {
                return;
            };
            if let Some(ix) = self.items.still(due.item)
                && self.items.item(ix).closed.is_some()
            {
                self.give_out_rest(ix, out);
                self.items.remove(ix);
            }
        }
    }

    /// A closed message that nothing links to any more. One that was opened again stays.
    fn forget_closed(&mut self, item: ItemRef, now: Timestamp, out: &mut impl Sink) {
        let Some(ix) = self.items.still(item) else {
            return;
        };
        let closed = self.items.item(ix).closed;
        if closed.is_some_and(|closed| now.millis_since(closed) > LINKABLE_MS) {
            self.give_out_rest(ix, out);
            self.items.remove(ix);
        }
    }

    /// Looks through all that is open on a host.
    fn sweep(&mut self, host: HostId, now: Timestamp, out: &mut impl Sink) {
        let mut due: Vec<_> = self
            .items
            .open()
            .into_iter()
            .map(|ix| (ix, self.items.item(ix)))
            .filter(|(_, item)| self.names.host_of(item.instance) == host)
            .filter(|(_, item)| {
                let idle_ms = now.millis_since(item.last);
                let never_queued = !matches!(item.stage, Stage::Queued | Stage::Held);
                idle_ms > LOST_AFTER_MS || (never_queued && idle_ms > ABORTED_AFTER_MS)
            })
            .map(|(ix, item)| (item.opened, item.key, ix))
            .collect();
        due.sort_unstable();
        for (_, _, ix) in due {
            self.give_out_rest(ix, out);
            self.items.remove(ix);
        }
        let names = &self.names;
        let lost = self.processes.keys(|process| {
            names.tags[process.key.tag as usize].host == host
                && now.millis_since(process.last) > LOST_SESSION_MS
                && process.key.client != 0
        });
        for key in lost {
            self.end_session(key, out);
            self.processes.forget_client(key);
        }
        let names = &self.names;
        let idle = self.processes.take(|process| {
            names.tags[process.key.tag as usize].host == host
                && now.millis_since(process.last) > IDLE_PROCESS_MS
                && !process.in_session
        });
        for process in idle {
            self.give_out_process(&process, out);
        }
        let lost = self.attempts.take_all(|it| {
            names.tags[it.tag as usize].host == host && now.millis_since(it.began) > LOST_AFTER_MS
        });
        for attempt in lost {
            self.give_out_attempt(&attempt, out);
        }
        self.half_links.expire(now.plus_millis(-HALF_LINK_MS));
        self.mailboxes.expire(now);
    }

    /// Gives out what a message still holds. A transaction that never was queued was given up.
    fn give_out_rest(&mut self, ix: u32, out: &mut impl Sink) {
        self.give_out_waiting(ix, out);
        let (kind, stage) = match self.items.item(ix).stage {
            Stage::Receiving | Stage::Refused => (Kind::MessageAborted, Stage::Ended),
            Stage::WillHold | Stage::Held => (Kind::MessageHeld, Stage::Held),
            Stage::WillDiscard => (Kind::MessageDiscarded, Stage::Ended),
            Stage::Queued => (Kind::MessageRetryStarted, Stage::Queued),
            Stage::Ended => (Kind::MessageHeader, Stage::Ended),
        };
        self.give_out_held(ix, kind, stage, out);
    }

    /// Gives out lines that a process held for a delivery that did not come.
    fn give_out_process(&self, process: &Process, out: &mut impl Sink) {
        if process.held.is_empty() {
            return;
        }
        let mut row = self
            .names
            .row(Kind::ServiceInfo, process.last, process.key.tag);
        row.derived = false;
        row.pid = Some(process.key.pid);
        row.lines = LinesOf {
            held: Some(&process.held),
            last: None,
        };
        out.row(&row);
    }

    /// The logs are at their end: gives out all lines still held. The state stays, but for them.
    pub fn finish(&mut self, out: &mut impl Sink) {
        let mut open: Vec<_> = self
            .items
            .iter()
            .map(|(ix, item)| (item.opened, item.key, ix))
            .collect();
        open.sort_unstable();
        for (_, _, ix) in open {
            let undecided = self.items.item(ix).stage == Stage::Receiving;
            if undecided && self.is_recent(ix) {
                self.give_out_waiting(ix, out);
                self.give_out_held(ix, Kind::MessageStarted, Stage::Receiving, out);
            } else {
                self.give_out_rest(ix, out);
            }
        }
        // Their results may come yet, but only to a state that goes on.
        for mut attempt in self.attempts.take_all(|_| true) {
            if !attempt.lines.is_empty() {
                self.give_out_attempt(&attempt, out);
                attempt.lines.clear();
            }
            self.attempts.insert(attempt);
        }
        let processes = self.processes.take(|_| true);
        for mut process in processes {
            let key = process.key;
            self.give_out_process(&process, out);
            process.held.clear();
            self.processes.insert(process);
            self.end_session(key, out);
        }
    }

    /// Gives out what [`Correlator::finish`] would, and goes on as if nothing had been. Links are told to nobody.
    ///
    /// It takes as long as there are lines that are held, and a look at each message.
    pub fn rows_of_open(&self, out: &mut impl Sink) {
        let mut open = Correlator::new(self.settings);
        open.names = self.names.without_waiting();
        let is_held = |item: &Item| !item.held.is_empty() || !item.waiting.is_empty();
        for (_, item) in self.items.iter().filter(|(_, item)| is_held(item)) {
            open.items.insert(item.clone());
        }
        for attempt in self.attempts.sorted() {
            let mut attempt = attempt.clone();
            if let Some(ix) = self.items.still(attempt.item) {
                let item = self.items.item(ix);
                let of_message = open.items.with_queue_id(item.queue_id.bytes());
                let known = of_message
                    .filter(|(_, it)| it.key == item.key)
                    .map(|it| it.0);
                let ix = known.last();
                attempt.item.ix = ix.unwrap_or_else(|| open.items.insert(item.clone()));
            }
            open.attempts.insert(attempt);
        }
        for process in self.processes.open() {
            open.processes.insert(process.clone());
        }
        open.finish(&mut Rows(out));
    }

    /// Whether the log of the message's host ended so soon after its last line that more may come.
    fn is_recent(&self, ix: u32) -> bool {
        let item = self.items.item(ix);
        let host = &self.names.hosts[self.names.host_of(item.instance) as usize];
        host.watermark.millis_since(item.last) <= UNDECIDED_AT_END_MS
    }
}
