//! Who does not get in at an Exim host, and the daemon's own lines.

use super::caller::Caller;
use super::log;
use crate::clock::{MS, SECOND};
use crate::hosts::{Queue, Service};
use crate::message::Story;
use crate::people::Text;
use crate::truth::Outcome;
use crate::world::{World, say};
use std::rc::Rc;

impl World<'_> {
    /// `rejected RCPT`.
    pub(crate) fn reject_rcpt(&mut self, caller: &mut Caller, sender: &str, rcpt: &str, why: &str) {
        let at = self.caller_waits(caller, 15 * MS, 120 * MS);
        self.sums.noqueue_rejects += 1;
        let how = match why.starts_with("451") {
            true => "temporarily rejected",
            false => "rejected",
        };
        let text = format_args!("H={caller} F=<{sender}> {how} RCPT <{rcpt}>: {why}");
        self.about_call(caller, at, text);
    }

    fn exim_bot(&mut self, queue: Queue, at: i64) -> Caller {
        let (peer, helo) = (self.people.bot(&mut self.chance), self.bot_helo());
        self.exim_call(queue, peer, helo, false, at)
    }

    /// A client that wants what it may not.
    pub(crate) fn exim_refuses(&mut self, queue: Queue, at: i64) {
        let mut caller = self.exim_bot(queue, at);
        let sender = format!("promo{}@bulk.test", self.chance.below(900));
        for _ in 0..=self.chance.zipf(6) {
            let here = self.hosted_at(queue).text;
            let nobody = self.hosted_nobody(queue);
            let outside = self.people.remote(&mut self.chance).text;
            let address = caller.peer.address.clone();
            match self.chance.below(4) {
                0 => self.reject_rcpt(&mut caller, &sender, &nobody, "Unrouteable address"),
                1 => self.reject_rcpt(&mut caller, &sender, &outside, "relay not permitted"),
                2 => {
                    let why = "451 4.7.1 Greylisted, please try again later";
                    self.reject_rcpt(&mut caller, &sender, &here, why);
                }
                _ => {
                    let why =
                        format!("found in zen.dnsbl.test (https://dnsbl.test/query/{address})");
                    self.reject_rcpt(&mut caller, &sender, &here, &why);
                }
            }
        }
        self.exim_quit(caller);
    }

    /// A client that never comes to a message.
    pub(crate) fn exim_fruitless(&mut self, queue: Queue, at: i64) {
        let mut caller = self.exim_bot(queue, at);
        let at = self.caller_waits(&mut caller, 10 * MS, 9 * SECOND);
        let stayed = self.stayed(&caller);
        match self.chance.below(6) {
            0 => self.about_call(
                &caller,
                at,
                format_args!("no MAIL in SMTP connection from {caller} D={stayed} C=EHLO,QUIT"),
            ),
            1 => self.about_call(
                &caller,
                at,
                format_args!(
                    "unexpected disconnection while reading SMTP command from {caller} D={stayed}"
                ),
            ),
            2 => self.about_call(
                &caller,
                at,
                format_args!(
                    "SMTP protocol synchronization error (input sent without waiting for greeting): \
                     rejected connection from H={caller} input=\"GET / HTTP/1.1\\r\\n\""
                ),
            ),
            3 => self.about_call(
                &caller,
                at,
                format_args!(
                    "SMTP syntax error in \"MAIL FROM: promo@\" H={caller} missing or malformed domain"
                ),
            ),
            4 => {
                let helo = caller.helo.clone();
                self.sums.noqueue_rejects += 1;
                let text = format_args!("H={caller} rejected EHLO or HELO {helo}: not your name");
                self.about_call(&caller, at, text);
            }
            _ => self.about_call(
                &caller,
                at,
                format_args!(
                    "SMTP call from {caller} dropped: too many syntax or protocol errors (last command \
                     was \"mstshash=Administr\", C=EHLO)"
                ),
            ),
        }
    }

    /// A client that guesses passwords.
    pub(crate) fn exim_guesser(&mut self, queue: Queue, at: i64) {
        let mut caller = self.exim_bot(queue, at);
        let user: Text = match self.chance.permille(500) {
            true => self.people.hosted(&mut self.chance).text,
            false => Rc::from(self.chance.pick(&["admin", "test", "scanner"])),
        };
        for _ in 0..=self.chance.zipf(4) {
            let at = self.caller_waits(&mut caller, 300 * MS, 3 * SECOND);
            self.sums.sasl_failures += 1;
            let text = format_args!(
                "login authenticator failed for {caller}: 535 Incorrect authentication data (set_id={user})"
            );
            self.about_call(&caller, at, text);
        }
        self.exim_quit(caller);
    }

    /// A message that is refused when all of it is there: it had an id, and `<=` never comes.
    pub(crate) fn exim_after_data(&mut self, queue: Queue, at: i64) {
        let (mut caller, site) = self.exim_client(queue, at);
        let draft = self.exim_draft(queue, site, caller.now);
        let mut story = Story::new(&draft.sender);
        story.client = Some(caller.peer.clone());
        let rcpts = self.exim_rcpts(queue, &mut story, &draft);
        let message = self.open_story(story);
        let begun = self.caller_waits(&mut caller, 60 * MS, 400 * MS);
        let id = crate::queue_id::QueueId::exim(begun, caller.pid, queue == Queue::Exim2);
        let slot = crate::queue_id::Slot::default();
        let mut item = self.add_item(message, queue, begun, &draft.sender, rcpts, (id, slot));
        let at = self.caller_waits(&mut caller, 20 * MS, 900 * MS);
        let (sender, tenths) = (&draft.sender.text, self.chance.range(61, 300));
        let score = format!("{}.{}", tenths / 10, tenths % 10);
        let pid = caller.pid;
        log!(
            self,
            item,
            pid,
            at,
            "H={caller} F=<{sender}> rejected after DATA: spam score {score}"
        );
        self.decide(&mut item, Outcome::Rejected);
        self.end_item(&item, at);
        self.exim_quit(caller);
    }

    /// A queue runner comes and goes.
    pub(crate) fn exim_queue_run(&mut self, queue: Queue, at: i64) {
        let pid = self.fresh_pid(queue);
        let end = self.after(at, 20 * MS, 40 * SECOND);
        let exim = Service::Exim;
        say!(self, queue, exim, pid, at, "Start queue run: pid={pid}");
        say!(self, queue, exim, pid, end, "End queue run: pid={pid}");
    }
}
