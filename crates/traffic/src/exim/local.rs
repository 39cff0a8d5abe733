//! Deliveries to mailboxes and programs of the host.

use super::hosted::{HOLE, PROGRAM, local_part};
use super::outcome::{Told, in_full, in_short, times, took};
use crate::clock::MS;
use crate::hosts::{Queue, Service};
use crate::message::{Fate, Item, State, next_queue};
use crate::people::Home;
use crate::store::lmtp_session;
use crate::truth::Outcome;
use crate::world::{World, say};

impl World<'_> {
    /// Delivers all recipients that live on this host.
    pub(crate) fn deliver_here(&mut self, item: &mut Item, at: i64) -> i64 {
        let mut now = at;
        for index in 0..item.rcpts.len() {
            let rcpt = &item.rcpts[index];
            let here = !matches!(rcpt.address.home, Home::Remote(_))
                && next_queue(item.queue, rcpt.address.home).is_none();
            if rcpt.state != State::Open || !here {
                continue;
            }
            now = match (local_part(&rcpt.address.text), item.queue) {
                (PROGRAM, _) => self.hand_to_program(item, index, now),
                (HOLE, _) => self.drop_it(item, index, now),
                (_, Queue::Exim2) => self.hand_to_dovecot(item, index, now),
                _ => self.put_into_maildir(item, index, now),
            };
        }
        now
    }

    fn hand_to_program(&mut self, item: &mut Item, index: usize, begun: i64) -> i64 {
        let at = self.after(begun, 20 * MS, 400 * MS);
        let (to, times) = (in_full(&item.rcpts[index]), times(item, begun, at));
        let (flag, dsn) = ("=>", None);
        let text = format_args!(
            "|/usr/local/bin/tickets -q {} <{to}> R=system_aliases T=address_pipe{times}",
            local_part(&to)
        );
        self.told(
            item,
            index,
            &Told {
                at,
                flag,
                text,
                dsn,
            },
        );
        self.ended_as(item, index, Outcome::Delivered);
        at
    }

    fn drop_it(&mut self, item: &mut Item, index: usize, begun: i64) -> i64 {
        let at = begun + 400;
        let to = in_full(&item.rcpts[index]);
        let (flag, dsn) = ("=>", None);
        let text = format_args!(":blackhole: <{to}> R=system_aliases");
        self.told(
            item,
            index,
            &Told {
                at,
                flag,
                text,
                dsn,
            },
        );
        self.ended_as(item, index, Outcome::Discarded);
        at
    }

    fn put_into_maildir(&mut self, item: &mut Item, index: usize, begun: i64) -> i64 {
        const HOW: &str = "R=local_user T=maildir_home";
        let at = self.after(begun, 2 * MS, 60 * MS);
        let (to, dsn) = (in_full(&item.rcpts[index]), None);
        let took = took(item, begun, at);
        match item.rcpts[index].fate {
            Fate::MailboxFull => {
                let text = format_args!(
                    "{to} {HOW} defer (-22){took}: mailbox is full (MTA-imposed quota exceeded while writing \
                     to tmp/1795336152.H441P2283.exim1)"
                );
                let flag = "==";
                self.told(
                    item,
                    index,
                    &Told {
                        at,
                        flag,
                        text,
                        dsn,
                    },
                );
            }
            Fate::Later(left) => {
                item.rcpts[index].fate = later(left);
                let text = format_args!(
                    "{to} {HOW} defer (13): Permission denied{took}: unable to open lock file"
                );
                let flag = "==";
                self.told(
                    item,
                    index,
                    &Told {
                        at,
                        flag,
                        text,
                        dsn,
                    },
                );
            }
            _ => {
                let (to, times) = (in_short(&item.rcpts[index]), times(item, begun, at));
                self.name_in_short(item, index);
                let (flag, text) = ("=>", format_args!("{to} {HOW}{times}"));
                self.told(
                    item,
                    index,
                    &Told {
                        at,
                        flag,
                        text,
                        dsn,
                    },
                );
                self.ended_as(item, index, Outcome::Delivered);
            }
        }
        at
    }

    /// Of a mailbox that an alias leads to no line tells more than the local part, if none told of a failure.
    fn name_in_short(&mut self, item: &Item, index: usize) {
        let rcpt = &item.rcpts[index];
        if rcpt.orig.is_some() && item.tries == 0 {
            let short = local_part(&rcpt.address.text).into();
            let place = rcpt.place as usize;
            self.story(item).rcpts[place].address = short;
        }
    }

    fn hand_to_dovecot(&mut self, item: &mut Item, index: usize, begun: i64) -> i64 {
        let (queue, rcpt) = (item.queue, item.rcpts[index].address.text.clone());
        let dovecot = self.take(queue, Service::DovecotLmtp, begun);
        let pid = dovecot.pid;
        let started = self.after(begun, MS, 9 * MS);
        let connect = format_args!("lmtp({pid}): Connect from local");
        say!(self, queue, Service::DovecotLmtp, 0, started, "{connect}");
        let session = lmtp_session(queue, pid, started, self.chance.below(1000));
        let at = self.after(started, 3 * MS, 40 * MS);
        let end = at + 2 * MS;
        match item.rcpts[index].fate {
            Fate::MailboxFull => {
                let full = "failed to store into mailbox 'INBOX': Quota exceeded (mailbox for user is full)";
                self.dovecot_line(item, &rcpt, pid, &session, at, full, true);
                let reply = format!("552 5.2.2 <{rcpt}> Quota exceeded (mailbox for user is full)");
                self.dovecot_refused(item, index, "**", &reply, end);
            }
            Fate::Later(left) => {
                item.rcpts[index].fate = later(left);
                let reply = format!(
                    "451 4.2.0 <{rcpt}> Execution of Sieve filters was aborted due to temporary failure"
                );
                self.dovecot_refused(item, index, "==", &reply, end);
            }
            _ => {
                let kept = self.kept(item);
                self.say_kept(item, &rcpt, pid, &session, at, kept);
                let to = in_full(&item.rcpts[index]);
                let (at, flag, dsn) = (end, "=>", Some("2.0.0"));
                let text = format_args!(
                    "{to} R=dovecot_user T=dovecot_lmtp C=\"250 2.0.0 <{rcpt}> {session} Saved\""
                );
                self.told(
                    item,
                    index,
                    &Told {
                        at,
                        flag,
                        text,
                        dsn,
                    },
                );
                self.note_kept(item, index, kept);
                self.read_later(item, index, kept, end);
            }
        }
        let over = self.after(end, 200, 4 * MS);
        let text = "Disconnect from local: Logged out (state=READY)";
        say!(
            self,
            queue,
            Service::DovecotLmtp,
            0,
            over,
            "lmtp({pid}): {text}"
        );
        self.give(queue, Service::DovecotLmtp, dovecot, over);
        end
    }

    fn dovecot_refused(
        &mut self,
        item: &mut Item,
        index: usize,
        flag: &'static str,
        reply: &str,
        at: i64,
    ) {
        let to = in_full(&item.rcpts[index]);
        let how = if flag == "==" { " defer (-46)" } else { "" };
        let dsn = super::outcome::status_in(reply);
        let text = format_args!(
            "{to} R=dovecot_user T=dovecot_lmtp{how}: LMTP error after end of data: {reply}"
        );
        self.told(
            item,
            index,
            &Told {
                at,
                flag,
                text,
                dsn,
            },
        );
    }
}

/// What awaits a recipient after one more deferral.
pub(crate) fn later(left: u8) -> Fate {
    if left > 1 {
        Fate::Later(left - 1)
    } else {
        Fate::Good
    }
}
