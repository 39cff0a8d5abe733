//! The mail store: Postfix lmtp and Dovecot LMTP.

use crate::clock::{MS, SECOND};
use crate::delivery::Report;
use crate::hosts::{Queue, Service};
use crate::message::{Fate, Item, State, next_queue};
use crate::truth::Outcome;
use crate::wire::Mark;
use crate::world::{World, say};
use std::fmt::Write;

const BASE_64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes in base 64, without padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + 1);
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
        for digit in 0..=chunk.len() {
            out.push(char::from(
                BASE_64[(bits >> (18 - 6 * digit)) as usize & 63],
            ));
        }
    }
    out
}

/// What became of a message in the store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    Inbox,
    InboxBySieve,
    Folder(&'static str),
    Dropped,
}

impl World<'_> {
    /// Delivers all recipients that live on this store.
    pub(crate) fn store(&mut self, item: &mut Item, at: i64) -> i64 {
        let queue = item.queue;
        let here: Vec<usize> = (0..item.rcpts.len())
            .filter(|index| {
                let rcpt = &item.rcpts[*index];
                rcpt.state == State::Open && next_queue(queue, rcpt.address.home).is_none()
            })
            .collect();
        let agent = self.take(queue, Service::Lmtp, at);
        let dovecot = self.take(queue, Service::DovecotLmtp, at);
        let started = self.after(at, MS, 9 * MS);
        say!(
            self,
            queue,
            Service::DovecotLmtp,
            0,
            started,
            "lmtp({}): Connect from local",
            dovecot.pid
        );
        let session = lmtp_session(queue, dovecot.pid, started, self.chance.below(1000));
        let mut now = started;
        for (nth, index) in here.iter().enumerate() {
            now = self.after(now, 3 * MS, 40 * MS);
            let session = if nth == 0 {
                session.clone()
            } else {
                format!("{session}:R{}", nth + 1)
            };
            now = self.store_one(
                item,
                *index,
                dovecot.pid,
                agent.pid,
                &session,
                [at, started, now],
            );
        }
        let end = self.after(now, 200, 4 * MS);
        say!(
            self,
            queue,
            Service::DovecotLmtp,
            0,
            end,
            "lmtp({}): Disconnect from local: Logged out (state=READY)",
            dovecot.pid
        );
        self.give(queue, Service::DovecotLmtp, dovecot, end);
        self.give(queue, Service::Lmtp, agent, now + MS);
        now + 2 * MS
    }

    fn store_one(
        &mut self,
        item: &mut Item,
        index: usize,
        dovecot: u32,
        agent: u32,
        session: &str,
        [begun, started, now]: [i64; 3],
    ) -> i64 {
        let fate = item.rcpts[index].fate;
        let said = self.after(now, MS, 5 * MS);
        let (host, rcpt) = (item.queue.fqdn(), item.rcpts[index].address.text.clone());
        let relay = format_args!("{host}[private/dovecot-lmtp]");
        let waits = [2 * MS, started - begun, now - started];
        match fate {
            Fate::MailboxFull => {
                let text = format_args!(
                    "host {host}[private/dovecot-lmtp] said: 552 5.2.2 <{rcpt}> Quota exceeded (mailbox for \
                     user is full) (in reply to end of DATA command)"
                );
                let (dsn, status) = ("5.2.2", "bounced");
                let full = "failed to store into mailbox 'INBOX': Quota exceeded (mailbox for user is full)";
                self.dovecot_line(item, &rcpt, dovecot, session, now, full, true);
                self.report(
                    item,
                    index,
                    Service::Lmtp,
                    agent,
                    &Report {
                        at: said,
                        relay,
                        waits,
                        dsn,
                        status,
                        text,
                    },
                );
            }
            Fate::Later(left) => {
                item.rcpts[index].fate = if left > 1 {
                    Fate::Later(left - 1)
                } else {
                    Fate::Good
                };
                let text = format_args!(
                    "host {host}[private/dovecot-lmtp] said: 451 4.2.0 <{rcpt}> Execution of Sieve filters was \
                     aborted due to temporary failure (in reply to end of DATA command)"
                );
                let (dsn, status) = ("4.2.0", "deferred");
                self.report(
                    item,
                    index,
                    Service::Lmtp,
                    agent,
                    &Report {
                        at: said,
                        relay,
                        waits,
                        dsn,
                        status,
                        text,
                    },
                );
            }
            _ => {
                let kept = self.kept(item);
                self.say_kept(item, &rcpt, dovecot, session, now, kept);
                let text = format_args!("250 2.0.0 <{rcpt}> {session} Saved");
                let (dsn, status) = ("2.0.0", "sent");
                self.report(
                    item,
                    index,
                    Service::Lmtp,
                    agent,
                    &Report {
                        at: said,
                        relay,
                        waits,
                        dsn,
                        status,
                        text,
                    },
                );
                self.note_kept(item, index, kept);
                self.read_later(item, index, kept, said);
            }
        }
        said
    }

    pub(crate) fn note_kept(&mut self, item: &Item, index: usize, kept: Kept) {
        let place = item.rcpts[index].place as usize;
        let fared = &mut self.story(item).rcpts[place];
        (fared.outcome, fared.mailbox) = match kept {
            Kept::Inbox | Kept::InboxBySieve => (Some(Outcome::Delivered), Some("INBOX")),
            Kept::Folder(folder) => (Some(Outcome::Delivered), Some(folder)),
            Kept::Dropped => (Some(Outcome::Discarded), None),
        };
    }

    pub(crate) fn kept(&mut self, item: &Item) -> Kept {
        if item.sender.is_null() {
            return Kept::Inbox;
        }
        match self.chance.below(1000) {
            0..600 => Kept::Inbox,
            600..830 => Kept::InboxBySieve,
            830..890 => Kept::Folder("Junk"),
            890..990 => Kept::Folder(self.chance.pick(&[
                "Lists",
                "Archive/2026",
                "Projects",
                "Invoices",
                "Work",
            ])),
            _ => Kept::Dropped,
        }
    }

    pub(crate) fn say_kept(
        &mut self,
        item: &Item,
        rcpt: &str,
        pid: u32,
        session: &str,
        at: i64,
        kept: Kept,
    ) {
        match kept {
            Kept::Inbox => {
                self.dovecot_line(item, rcpt, pid, session, at, "saved mail to INBOX", false)
            }
            Kept::InboxBySieve => {
                self.dovecot_line(
                    item,
                    rcpt,
                    pid,
                    session,
                    at,
                    "stored mail into mailbox 'INBOX'",
                    true,
                );
            }
            Kept::Folder(folder) => {
                let text = format!("fileinto action: stored mail into mailbox '{folder}'");
                self.dovecot_line(item, rcpt, pid, session, at, &text, true);
            }
            Kept::Dropped => {
                let text = "discard action: Marked message to be discarded if not explicitly delivered (discard action)";
                self.dovecot_line(item, rcpt, pid, session, at, text, true);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one log line")]
    pub(crate) fn dovecot_line(
        &mut self,
        item: &Item,
        rcpt: &str,
        pid: u32,
        session: &str,
        at: i64,
        text: &str,
        sieve: bool,
    ) {
        let message_id = self.stories[item.message as usize].any_message_id();
        // A failure without Message-ID is of no message: the reply does not tell the session.
        let mark = match text.starts_with("failed") && message_id.is_none() {
            true => Mark::Nothing,
            false => Mark::Message(item.message),
        };
        let message_id = message_id.as_deref().unwrap_or("unspecified");
        let sieve = if sieve { "sieve: " } else { "" };
        let line = self.wire.say_of(mark, item.queue, Service::Dovecot, 0, at);
        let _ = write!(
            line,
            "lmtp({rcpt})<{pid}><{session}>: {sieve}msgid={message_id}: {text}"
        );
    }
}

/// The session id of Dovecot's LMTP server: time, process and host in base 64.
/// Source: dovecot `src/lib/guid.c`.
pub(crate) fn lmtp_session(queue: Queue, pid: u32, at: i64, nanos: u64) -> String {
    let mut guid = [0; 16];
    let nanos = at.rem_euclid(SECOND) as u32 * 1000 + nanos as u32;
    guid[0..4].copy_from_slice(&nanos.to_le_bytes());
    guid[4..8].copy_from_slice(&(at.div_euclid(SECOND) as u32).to_le_bytes());
    guid[8..12].copy_from_slice(&pid.to_le_bytes());
    let host = match queue {
        Queue::Store1 => 0x75C3_EC83_u32,
        Queue::Exim2 => 0x2E07_61B9,
        _ => 0x1B90_42D7,
    };
    guid[12..16].copy_from_slice(&host.to_le_bytes());
    base64(&guid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_ids_carry_time_and_process() {
        let session = lmtp_session(Queue::Store1, 28470, 1_795_335_802_224_107, 660);
        assert_eq!(session, "jJxbDXqmAms2bwAAg+zDdQ");
    }
}
