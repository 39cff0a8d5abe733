//! An SMTP session at one of our smtpd processes, and a transaction within it.

use crate::clock::{MINUTE, MS, SECOND};
use crate::hosts::{Queue, Service};
use crate::message::{Item, Rcpt, Route, State, Story};
use crate::people::{Address, Home, Peer, Text};
use crate::pool::Worker;
use crate::truth::Outcome;
use crate::world::{Event, World, say, tell};
use std::fmt;

/// SMTP commands in the order in which smtpd counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Helo,
    Ehlo,
    Xforward,
    Starttls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Rset,
    Quit,
    Unknown,
}

const COMMANDS: [&str; 11] = [
    "helo", "ehlo", "xforward", "starttls", "auth", "mail", "rcpt", "data", "rset", "quit",
    "unknown",
];

/// The counters of a `disconnect` line: succeeded and all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    counts: [(u16, u16); COMMANDS.len()],
}

impl Tally {
    /// EHLO, and STARTTLS with a second EHLO if so.
    pub(crate) fn greeting(tls: bool) -> Self {
        let mut tally = Tally::default();
        tally.ok(Command::Ehlo);
        if tls {
            tally.ok(Command::Starttls);
            tally.ok(Command::Ehlo);
        }
        tally
    }

    pub(crate) fn ok(&mut self, command: Command) {
        self.ok_times(command, 1);
    }

    pub(crate) fn ok_times(&mut self, command: Command, times: u16) {
        let count = &mut self.counts[command as usize];
        *count = (count.0 + times, count.1 + times);
    }

    pub(crate) fn fail(&mut self, command: Command) {
        self.counts[command as usize].1 += 1;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut total = (0, 0);
        for (name, (ok, all)) in COMMANDS.iter().zip(self.counts) {
            total = (total.0 + ok, total.1 + all);
            match (ok, all) {
                (_, 0) => {}
                (ok, all) if ok == all => write!(f, " {name}={ok}")?,
                (ok, all) => write!(f, " {name}={ok}/{all}")?,
            }
        }
        match total {
            (ok, all) if ok == all && all > 0 => write!(f, " commands={ok}"),
            (ok, all) => write!(f, " commands={ok}/{all}"),
        }
    }
}

/// A client at a smtpd process. `now` is the time up to which it has come.
pub(crate) struct Session {
    pub(crate) queue: Queue,
    pub(crate) service: Service,
    pub(crate) worker: Worker,
    pub(crate) peer: Peer,
    pub(crate) helo: Text,
    pub(crate) login: Option<Text>,
    pub(crate) tally: Tally,
    pub(crate) now: i64,
}

/// A message about to be sent.
pub(crate) struct Draft {
    pub(crate) sender: Address,
    /// Final recipients; with the address given by the client, if an alias led to them.
    pub(crate) rcpts: Vec<(Address, Option<Text>)>,
    pub(crate) message_id: Option<Text>,
    pub(crate) subject: Text,
    pub(crate) size: u32,
    pub(crate) route: Route,
}

impl Draft {
    /// The address of the last RCPT command.
    pub(crate) fn last_rcpt(&self) -> Text {
        let (address, orig) = &self.rcpts[self.rcpts.len() - 1];
        orig.clone().unwrap_or_else(|| address.text.clone())
    }

    /// How many RCPT commands there were.
    fn commands(&self) -> u16 {
        let plain = self.rcpts.iter().filter(|(_, orig)| orig.is_none()).count();
        (plain + usize::from(plain < self.rcpts.len())) as u16
    }
}

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Queued,
    Held,
    DroppedByHeader,
    DroppedByAccess,
    RejectedByHeader,
    RejectedByMilter,
    LostInData,
    TimedOut,
}

impl World<'_> {
    /// `connect from`.
    pub(crate) fn open_session(
        &mut self,
        queue: Queue,
        service: Service,
        peer: Peer,
        helo: Text,
        at: i64,
    ) -> Session {
        let worker = self.take(queue, service, at);
        self.connect(queue, service, worker.pid, at, &peer);
        let tally = Tally::default();
        Session {
            queue,
            service,
            worker,
            peer,
            helo,
            login: None,
            tally,
            now: at,
        }
    }

    /// The session goes on after `low` to `high` microseconds.
    pub(crate) fn wait(&mut self, session: &mut Session, low: i64, high: i64) -> i64 {
        session.now = self.after(session.now, low, high);
        session.now
    }

    /// EHLO and, if so, TLS: by STARTTLS, or from the start at the service made for it.
    pub(crate) fn greet(&mut self, s: &mut Session, tls: bool) {
        s.tally.ok(Command::Ehlo);
        if !tls {
            return;
        }
        let at = self.wait(s, 30 * MS, 120 * MS);
        self.server_tls(s, at);
        if s.service == Service::Submissions {
            return;
        }
        s.tally.ok(Command::Starttls);
        s.tally.ok(Command::Ehlo);
    }

    pub(crate) fn server_tls(&mut self, s: &Session, at: i64) {
        let peer = &s.peer;
        let how = match self.chance.below(10) {
            0 => "TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)",
            1..3 => {
                "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 \
                 server-signature RSA-PSS (2048 bits) server-digest SHA256 client-signature ECDSA \
                 (P-256) client-digest SHA256"
            }
            3..6 => {
                "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 \
                 server-signature RSA-PSS (2048 bits) server-digest SHA256"
            }
            _ => "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
        };
        let trust = if how.len() > 150 {
            "Trusted"
        } else {
            "Anonymous"
        };
        say!(
            self,
            s.queue,
            s.service,
            s.worker.pid,
            at,
            "{trust} TLS connection established from {peer}: {how}"
        );
    }

    /// `disconnect from`; the process is free again.
    pub(crate) fn disconnect(&mut self, s: &mut Session) {
        let at = self.wait(s, 200, 30 * MS);
        let (peer, tally) = (&s.peer, &s.tally);
        say!(
            self,
            s.queue,
            s.service,
            s.worker.pid,
            at,
            "disconnect from {peer}{tally}"
        );
        self.give(s.queue, s.service, s.worker, at);
        if self.chance.permille(30) {
            self.anvil(s);
        }
    }

    /// A session that ends with QUIT.
    pub(crate) fn quit(&mut self, s: &mut Session) {
        s.tally.ok(Command::Quit);
        self.disconnect(s);
    }

    /// One MAIL … data. Leaves `s.now` at the reply.
    pub(crate) fn transact(&mut self, s: &mut Session, draft: &Draft, ending: Ending) {
        s.tally.ok(Command::Mail);
        s.tally.ok_times(Command::Rcpt, draft.commands());
        if ending == Ending::DroppedByAccess {
            self.access_discard(s, draft);
        }
        let at = self.wait(s, 10 * MS, 90 * MS);
        let mut item = self.enter(s, draft, at);
        let (peer, pid) = (s.peer.clone(), s.worker.pid);
        match &s.login {
            Some(login) => tell!(
                self,
                item,
                s.service,
                pid,
                at,
                "client={peer}, sasl_method=PLAIN, sasl_username={login}"
            ),
            None => tell!(self, item, s.service, pid, at, "client={peer}"),
        }
        if s.service == Service::Smtpd && self.chance.permille(15) {
            self.refuse_second(s, &item, draft);
        }
        self.wait(s, 5 * MS, 60 * MS);
        match ending {
            Ending::Queued => self.queue_up(s, item, draft),
            Ending::LostInData | Ending::TimedOut => self.lose(s, &mut item, draft, ending),
            Ending::DroppedByAccess => self.drop_silently(s, &mut item),
            _ => self.checked(s, item, draft, ending),
        }
    }

    fn enter(&mut self, s: &Session, draft: &Draft, at: i64) -> Box<Item> {
        let mut story = Story::new(&draft.sender);
        story.client = Some(s.peer.clone());
        story.sasl = s.login.clone();
        story.heading = Some(draft.subject.clone());
        let rcpts = self.story_rcpts(&mut story, draft);
        let message = self.open_story(story);
        let mut item = self.begin_item(message, s.queue, at, &draft.sender, rcpts);
        item.size = draft.size;
        item.route = draft.route;
        item
    }

    /// Enters the recipients of a draft into its story.
    pub(crate) fn story_rcpts(&mut self, story: &mut Story, draft: &Draft) -> Vec<Rcpt> {
        let mut rcpts = Vec::with_capacity(draft.rcpts.len());
        for (address, orig) in &draft.rcpts {
            let place = story.add(address, orig.as_ref());
            let fate = match address.home {
                Home::Remote(_) => self.fate(address.home),
                _ => crate::message::Fate::Good,
            };
            let (address, orig) = (address.clone(), orig.clone());
            rcpts.push(Rcpt {
                place,
                address,
                orig,
                fate,
                state: State::Open,
            });
        }
        rcpts
    }

    fn queue_up(&mut self, s: &mut Session, item: Box<Item>, draft: &Draft) {
        let cleanup = self.take(s.queue, Service::Cleanup, s.now - 5 * MS);
        let logs_subject = s.queue == Queue::Mx1;
        let subject_first = self.chance.permille(500);
        if logs_subject && subject_first {
            self.subject(s, &item, cleanup.pid, draft, "warning", "");
        }
        self.message_id(&item, draft, cleanup.pid, s.now);
        if logs_subject && !subject_first {
            self.wait(s, 100, 2 * MS);
            self.subject(s, &item, cleanup.pid, draft, "warning", "");
        }
        let transfer = i64::from(draft.size) / 40;
        let active = self.after(s.now + transfer, 2 * MS, 60 * MS);
        self.give(s.queue, Service::Cleanup, cleanup, active);
        s.tally.ok(Command::Data);
        self.schedule(active, Event::Active(item));
        s.now = (active - 2 * MS).max(s.now);
    }

    fn message_id(&mut self, item: &Item, draft: &Draft, pid: u32, at: i64) {
        self.story(item).message_id.clone_from(&draft.message_id);
        self.header_lines(item, pid, at);
    }

    fn subject(
        &mut self,
        s: &Session,
        item: &Item,
        pid: u32,
        draft: &Draft,
        action: &str,
        text: &str,
    ) {
        self.story(item).subject = Some(draft.subject.clone());
        let (subject, peer, helo) = (&draft.subject, &s.peer, &s.helo);
        let (sender, rcpt) = (&draft.sender.text, draft.last_rcpt());
        tell!(
            self,
            item,
            Service::Cleanup,
            pid,
            s.now,
            "{action}: header Subject: {subject} from {peer}; from=<{sender}> to=<{rcpt}> proto=ESMTP helo=<{helo}>{text}"
        );
    }

    /// Held, dropped or rejected by cleanup.
    fn checked(&mut self, s: &mut Session, mut item: Box<Item>, draft: &Draft, ending: Ending) {
        let cleanup = self.take(s.queue, Service::Cleanup, s.now - 5 * MS);
        let pid = cleanup.pid;
        self.message_id(&item, draft, pid, s.now);
        self.wait(s, MS, 9 * MS);
        let outcome = match ending {
            Ending::Held => {
                self.subject(s, &item, pid, draft, "hold", ": manual review");
                Outcome::Held
            }
            Ending::DroppedByHeader => {
                self.subject(s, &item, pid, draft, "discard", ": known junk");
                Outcome::Discarded
            }
            Ending::RejectedByHeader => {
                let text = ": 5.7.1 message content rejected";
                self.subject(s, &item, pid, draft, "reject", text);
                Outcome::Rejected
            }
            _ => {
                self.milter_reject(s, &item, pid, draft);
                Outcome::Rejected
            }
        };
        let at = self.wait(s, MS, 6 * MS);
        self.give(s.queue, Service::Cleanup, cleanup, at);
        match outcome {
            Outcome::Rejected => s.tally.fail(Command::Data),
            _ => s.tally.ok(Command::Data),
        }
        if outcome == Outcome::Held {
            for rcpt in &item.rcpts {
                self.stories[item.message as usize].rcpts[rcpt.place as usize].outcome =
                    Some(outcome);
            }
            let later = self.some_minutes_later(at, 90);
            return self.schedule(later, Event::Ruling(item));
        }
        self.decide(&mut item, outcome);
        self.gone(&item, pid, outcome, at);
    }

    /// Postfix 3.10 says when an item ends before it was queued.
    fn gone(&mut self, item: &Item, pid: u32, outcome: Outcome, at: i64) {
        if item.queue.modern() {
            let why = if outcome == Outcome::Discarded {
                "discarded"
            } else {
                "canceled"
            };
            tell!(self, item, Service::Cleanup, pid, at, "removed ({why})");
        }
        self.end_item(item, at);
    }

    fn milter_reject(&mut self, s: &Session, item: &Item, pid: u32, draft: &Draft) {
        let why = self.chance.pick(&[
            "5.7.1 Spam message rejected",
            "5.7.1 Spam message rejected",
            "4.7.1 Try again later",
            "5.7.1 Virus found: Eicar-Signature",
        ]);
        let (peer, helo, sender, rcpt) = (&s.peer, &s.helo, &draft.sender.text, draft.last_rcpt());
        tell!(
            self,
            item,
            Service::Cleanup,
            pid,
            s.now,
            "milter-reject: END-OF-MESSAGE from {peer}: {why}; from=<{sender}> to=<{rcpt}> proto=ESMTP helo=<{helo}>"
        );
    }

    /// The client goes away in the middle; the caller must end the session without QUIT.
    fn lose(&mut self, s: &mut Session, item: &mut Item, draft: &Draft, ending: Ending) {
        let patience = if ending == Ending::TimedOut {
            5 * MINUTE
        } else {
            2 * SECOND
        };
        let at = self.wait(s, patience / 2, patience);
        let what = if ending == Ending::TimedOut {
            "timeout"
        } else {
            "lost connection"
        };
        let bytes = self.chance.below(u64::from(draft.size));
        s.tally.fail(Command::Data);
        let (peer, pid) = (&s.peer, s.worker.pid);
        match s.queue.modern() {
            true => tell!(
                self,
                item,
                s.service,
                pid,
                at,
                "{what} after DATA ({bytes} bytes) from {peer}"
            ),
            false => {
                say!(
                    self,
                    s.queue,
                    s.service,
                    pid,
                    at,
                    "{what} after DATA ({bytes} bytes) from {peer}"
                )
            }
        }
        self.abandon(item, at + MS);
        s.now = at + MS;
    }

    fn access_discard(&mut self, s: &mut Session, draft: &Draft) {
        let at = self.wait(s, 10 * MS, 60 * MS);
        let (peer, helo, sender, rcpt) = (&s.peer, &s.helo, &draft.sender.text, draft.last_rcpt());
        say!(
            self,
            s.queue,
            s.service,
            s.worker.pid,
            at,
            "NOQUEUE: discard: RCPT from {peer}: <{rcpt}>: Recipient address triggers DISCARD action; \
             from=<{sender}> to=<{rcpt}> proto=ESMTP helo=<{helo}>"
        );
    }

    fn drop_silently(&mut self, s: &mut Session, item: &mut Item) {
        s.tally.ok(Command::Data);
        self.decide(item, Outcome::Discarded);
        let cleanup = self.take(s.queue, Service::Cleanup, s.now);
        self.gone(item, cleanup.pid, Outcome::Discarded, s.now + MS);
        self.give(s.queue, Service::Cleanup, cleanup, s.now + 2 * MS);
        s.now += 2 * MS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_show_the_total_only_if_something_failed() {
        let mut tally = Tally::greeting(true);
        tally.ok(Command::Mail);
        tally.ok_times(Command::Rcpt, 2);
        tally.fail(Command::Rcpt);
        tally.ok(Command::Quit);
        let text = " ehlo=2 starttls=1 mail=1 rcpt=2/3 quit=1 commands=7/8";
        assert_eq!(tally.to_string(), text);
        assert_eq!(Tally::default().to_string(), " commands=0/0");
    }
}
