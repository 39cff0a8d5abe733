//! Delivery attempts.

use super::{Here, Tally, is_read, name_of};
use crate::items::{Note, NoteKind};
use crate::ranking::{NameHash, hash_of};
use crate::reason;
use bstr::{BStr, ByteSlice};
use model::{Agent, Body, Delivery, Kind, is_gateway_reply};
use std::io::Write as _;

impl Tally {
    pub(super) fn sent(&mut self, here: &Here<'_>) {
        let Some(Body::Delivery(it)) = here.row.body else {
            return;
        };
        let forwarded = it.agent == Agent::Local && it.text.starts_with(b"forwarded as ");
        self.count_plain_sent(here, forwarded);
        let item = here.item.map(|ix| self.items.item_mut(ix));
        let size = item.map_or(0, |item| {
            item.is.queued = true;
            item.size
        });
        let total_ms = here.row.delay_ms().unwrap_or_default();
        let relay = self.relay(it);
        if let Some(relay) = relay {
            relay.counts.sent += here.times;
            relay.counts.bytes += size * here.times;
            let own_ms = match it.delays.stages_ms {
                Some([_, _, connect, transmit]) => connect + transmit,
                None => total_ms,
            };
            relay.delays.add(own_ms, here.times);
        }
        self.count_delays(it, total_ms, here.times);
        self.count_tls(here, it);
        if forwarded {
            self.totals.forwarded += here.times;
        } else if here.row.kind == Kind::Discarded || is_dropped_by_filter(it) {
            self.totals.discarded_deliveries += here.times;
        } else {
            self.deliver(here, it, size);
        }
        self.settle(here, it.rcpt_to);
    }

    fn count_plain_sent(&mut self, here: &Here<'_>, forwarded: bool) {
        if !is_read(here.row.label) || here.row.repeated > 1 {
            return;
        }
        if forwarded {
            self.plain.forwarded += 1;
            return;
        }
        self.plain.delivered += 1;
        let size = here.row.message.and_then(|message| message.size);
        self.plain.bytes_delivered += size.unwrap_or(0);
    }

    /// Counts a delivery, unless it is known to go to an own queue, where the message goes on.
    fn deliver(&mut self, here: &Here<'_>, it: &Delivery<'_>, size: u64) {
        let next_queue = it.next_queue_id.map_or(0, |id| hash_of(id));
        let own = here.row.kind == Kind::HandedOver
            || (it.relay.is_loopback() && is_gateway_reply(it.text))
            || (here.item).is_some_and(|ix| self.items.is_own_queue(ix, next_queue));
        if own {
            self.totals.handed_over += here.times;
            return;
        }
        self.totals.delivered += here.times;
        self.totals.bytes_delivered += size * here.times;
        self.traffic.at(here.hour, |of| of.delivered += here.times);
        let (recipient, counts) = self.recipients.at(it.rcpt_to);
        counts.delivered += here.times;
        counts.bytes += size * here.times;
        let may_go_on = matches!(it.agent, Agent::Smtp | Agent::Lmtp | Agent::Pipe);
        if let Some(ix) = here.item.filter(|_| may_go_on) {
            let note = Note {
                what: NoteKind::Sent,
                recipient,
                next_queue,
                hour: here.hour,
                times: here.row.repeated.max(1),
            };
            self.items.note(ix, note);
        }
    }

    /// Takes back a delivery that turned out to go to an own queue.
    pub(super) fn undeliver(&mut self, note: &Note, size: u64) {
        let times = u64::from(note.times);
        self.totals.delivered -= times;
        self.totals.bytes_delivered -= size * times;
        self.totals.handed_over += times;
        self.traffic.at(note.hour, |of| of.delivered -= times);
        let counts = self.recipients.again(note.recipient);
        counts.delivered = counts.delivered.saturating_sub(times);
        counts.bytes = counts.bytes.saturating_sub(size * times);
    }

    pub(super) fn deferred(&mut self, here: &Here<'_>) {
        let Some(Body::Delivery(it)) = here.row.body else {
            return;
        };
        self.totals.deferrals += here.times;
        self.count_deferred_message(here);
        self.traffic.at(here.hour, |of| of.deferred += here.times);
        if let Some(relay) = self.relay(it) {
            relay.counts.deferred += here.times;
        }
        let (recipient, counts) = self.recipients.at(it.rcpt_to);
        counts.deferred += here.times;
        self.deferrals
            .count(here.times, value_of(it), |status, out| {
                failed(it, status, out)
            });
        self.wait(here, recipient);
    }

    fn count_deferred_message(&mut self, here: &Here<'_>) {
        let plain = is_read(here.row.label) && here.row.repeated == 1;
        self.plain.deferrals += u64::from(plain);
        let Some(ix) = here.item else {
            self.totals.deferred += 1;
            self.plain.deferred += u64::from(plain);
            return;
        };
        let item = self.items.item_mut(ix);
        item.is.queued = true;
        if plain && !item.is.plain_deferred {
            item.is.plain_deferred = true;
            self.plain.deferred += 1;
        }
        if !item.is.deferred {
            item.is.deferred = true;
            let parent = item.parent.and_then(|key| self.items.find(key));
            let known = parent.is_some_and(|parent| {
                std::mem::replace(&mut self.items.item_mut(parent).is.deferred, true)
            });
            self.totals.deferred += u64::from(!known);
        }
    }

    /// Remembers a recipient that waits for another attempt.
    fn wait(&mut self, here: &Here<'_>, recipient: NameHash) {
        let Some(ix) = here.item else {
            return;
        };
        let waits = |note: &Note| note.what == NoteKind::Deferred && note.recipient == recipient;
        let known =
            self.items.item(ix).deferred_open > 0 && self.items.notes_of(ix).any(|it| waits(&it));
        if known {
            return;
        }
        let note = Note {
            what: NoteKind::Deferred,
            recipient,
            next_queue: 0,
            hour: here.hour,
            times: 1,
        };
        if self.items.note(ix, note) {
            self.items.item_mut(ix).deferred_open += 1;
        }
    }

    /// Forgets that a recipient waited.
    fn settle(&mut self, here: &Here<'_>, rcpt_to: &BStr) {
        let Some(ix) = here.item else {
            return;
        };
        if self.items.item(ix).deferred_open == 0 {
            return;
        }
        let (recipient, _) = self.recipients.at(rcpt_to);
        let waits = |note: &Note| note.what == NoteKind::Deferred && note.recipient == recipient;
        if self.items.take_note(ix, waits).is_some() {
            self.items.item_mut(ix).deferred_open -= 1;
        }
    }

    pub(super) fn bounced(&mut self, here: &Here<'_>) {
        let Some(Body::Delivery(it)) = here.row.body else {
            return;
        };
        self.totals.bounced += here.times;
        self.plain.bounced += u64::from(is_read(here.row.label) && here.row.repeated == 1);
        self.traffic.at(here.hour, |of| of.bounced += here.times);
        if let Some(relay) = self.relay(it) {
            relay.counts.bounced += here.times;
        }
        self.recipients.at(it.rcpt_to).1.bounced += here.times;
        self.bounces.count(here.times, value_of(it), |status, out| {
            failed(it, status, out)
        });
        if let Some(ix) = here.item {
            self.items.item_mut(ix).is.queued = true;
        }
        self.settle(here, it.rcpt_to);
    }

    /// A recipient that is given up waits no longer.
    pub(super) fn expired_recipient(&mut self, here: &Here<'_>) {
        if let Some(Body::Delivery(it)) = here.row.body {
            self.settle(here, it.rcpt_to);
        }
    }

    fn relay(&mut self, it: &Delivery<'_>) -> Option<&mut super::RelayTally> {
        let name = name_of(&it.relay);
        (!name.is_empty()).then(|| self.relays.at(name))
    }

    fn count_delays(&mut self, it: &Delivery<'_>, total_ms: u64, times: u64) {
        if it.agent == Agent::Smtp && it.relay.is_loopback() {
            return self.delays.filter.add(total_ms, times);
        }
        self.delays.total.add(total_ms, times);
        if let Some(stages_ms) = it.delays.stages_ms {
            for (stage, ms) in self.delays.stages.iter_mut().zip(stages_ms) {
                stage.add(ms, times);
            }
        }
    }

    fn count_tls(&mut self, here: &Here<'_>, it: &Delivery<'_>) {
        if it.agent != Agent::Smtp || it.relay.is_loopback() {
            return;
        }
        let told = here.row.tls.and_then(|tls| tls.protocol());
        match told {
            Some(protocol) => *self.tls_outbound.at(protocol) += here.times,
            None if it.tls.is_empty() => self.tls_outbound_without += here.times,
            None => {
                let protocol = it
                    .tls
                    .find("TLSv")
                    .map_or(it.tls, |at| it.tls[at..].as_bstr());
                let end = protocol.find_byteset(b":/ ,").unwrap_or(protocol.len());
                *self.tls_outbound.at(&protocol[..end]) += here.times;
            }
        }
    }
}

/// Whether a filter on this host took the message and dropped it. Source: amavis `amavisd`
/// (`250 2.7.0 Ok, discarded, id=...`).
fn is_dropped_by_filter(it: &Delivery<'_>) -> bool {
    it.relay.is_loopback() && it.text.contains_str(", discarded")
}

/// What a failure is counted below: the next hop, or the recipient's domain if there was none.
fn value_of<'d>(it: &Delivery<'d>) -> &'d [u8] {
    let relay = name_of(&it.relay);
    if !relay.is_empty() {
        return relay;
    }
    match it.rcpt_to.rfind_byte(b'@') {
        Some(at) => &it.rcpt_to[at + 1..],
        None => it.rcpt_to,
    }
}

/// Writes enhanced status and reason.
fn failed(it: &Delivery<'_>, status: &mut Vec<u8>, out: &mut Vec<u8>) {
    if let Some(enhanced) = it.enhanced {
        // Writing to memory does not fail.
        let _ = write!(status, "{enhanced}");
    }
    reason::failure(it.text, out);
}
