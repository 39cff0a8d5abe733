//! From an Exim host to another host of ours, and from our outgoing Postfix to Exim.

use super::arrival::Via;
use super::log;
use super::outcome::{Told, in_full, times, took};
use crate::clock::MS;
use crate::delivery::Report;
use crate::hosts::{Queue, Service};
use crate::message::Item;
use crate::pool::Worker;
use crate::queue_id::QueueId;
use crate::relay::hop_peer;
use crate::world::{Event, World};

impl World<'_> {
    /// Sends all open recipients that go to `to`; returns when the last line is said.
    pub(crate) fn exim_hop(&mut self, item: &mut Item, to: Queue, begun: i64) -> i64 {
        let chosen = self.chosen(item, to);
        if chosen.is_empty() {
            return begun;
        }
        if item.tries == 0 && self.chance.permille(3) {
            return self.hop_refused(item, to, &chosen, begun);
        }
        let start = self.after(begun, MS, 9 * MS);
        let (reply, replied) = match to.is_exim() {
            true => {
                let (id, replied) = self.exim_takes(item, to, &chosen, start);
                (format!("250 OK id={id}"), replied)
            }
            false => {
                let taken = self.taken_in(item, to, None, &chosen, start);
                let replied = self.replied(taken.active);
                self.close_hop(to, &taken, chosen.len(), replied);
                (format!("250 2.0.0 Ok: queued as {}", taken.id), replied)
            }
        };
        let host = format!("H={} [{}]", to.fqdn(), to.address());
        let mut at = replied;
        for (nth, index) in chosen.iter().enumerate() {
            at = replied + nth as i64 * 200;
            let (to, how) = (in_full(&item.rcpts[*index]), how(to));
            let times = times(item, begun, at);
            let flag = if nth == 0 { "=>" } else { "->" };
            let dsn = super::outcome::status_in(&reply);
            let text = format_args!(
                "{to} {how} {host} X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes C=\"{reply}\"{times}"
            );
            self.told(
                item,
                *index,
                &Told {
                    at,
                    flag,
                    text,
                    dsn,
                },
            );
        }
        at
    }

    fn hop_refused(&mut self, item: &mut Item, to: Queue, chosen: &[usize], begun: i64) -> i64 {
        let mut at = begun + 3 * MS;
        let (name, address, pid) = (to.fqdn(), to.address(), item.runner);
        log!(
            self,
            item,
            pid,
            at,
            "H={name} [{address}] Connection refused"
        );
        let (how, took) = (how(to), took(item, begun, at));
        for index in chosen {
            at += 200;
            let (to, flag, dsn) = (in_full(&item.rcpts[*index]), "==", None);
            let text = format_args!("{to} {how} defer (111): Connection refused{took}");
            self.told(
                item,
                *index,
                &Told {
                    at,
                    flag,
                    text,
                    dsn,
                },
            );
        }
        at
    }

    /// The Exim at the other end takes the message; returns its id and when it has replied.
    fn exim_takes(
        &mut self,
        item: &Item,
        to: Queue,
        chosen: &[usize],
        start: i64,
    ) -> (QueueId, i64) {
        let peer = hop_peer(item.queue, false);
        let helo = peer.name.clone();
        let mut caller = self.exim_call(to, peer, helo, true, start);
        let begun = self.caller_waits(&mut caller, 9 * MS, 60 * MS);
        let rcpts = self.all_passed_on(item, chosen, to);
        let (mut child, envelope) =
            self.exim_item(item.message, to, caller.pid, begun, &item.sender, rcpts);
        child.size = item.size + 240;
        let at = self.caller_waits(&mut caller, 2 * MS, 20 * MS);
        self.arrived(&child, &Via::Smtp(&caller), &envelope, (caller.pid, at));
        let id = child.id;
        let active = self.taken_up(at);
        self.schedule(active, Event::Active(child));
        self.exim_quit(caller);
        (id, self.replied(at))
    }

    /// Our Postfix hands recipients to an Exim host.
    pub(crate) fn handed_to_exim(
        &mut self,
        item: &mut Item,
        to: Queue,
        client: Worker,
        chosen: &[usize],
        start: i64,
    ) -> i64 {
        self.tls_at_client(item.queue, to, client, start + 5 * MS);
        let (id, replied) = self.exim_takes(item, to, chosen, start);
        let (host, address) = (to.fqdn(), to.address());
        for (nth, index) in chosen.iter().enumerate() {
            let report = Report {
                at: replied + nth as i64 * 300,
                relay: format_args!("{host}[{address}]:25"),
                waits: [3 * MS, 9 * MS, replied - start],
                dsn: "2.0.0",
                status: "sent",
                text: format_args!("250 OK id={id}"),
            };
            self.report(item, *index, Service::Smtp, client.pid, &report);
        }
        replied + chosen.len() as i64 * 300
    }
}

fn how(to: Queue) -> &'static str {
    match to {
        Queue::Out1 => "R=smarthost T=remote_smtp_smarthost",
        _ => "R=internal T=remote_smtp",
    }
}
