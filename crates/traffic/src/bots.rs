//! Those who never deliver: scanners, spammers, guessers of passwords.

use crate::clock::{MINUTE, MS, SECOND, Seconds};
use crate::hosts::{Queue, Service};
use crate::people::Peer;
use crate::reject::Refusal;
use crate::session::{Command, Session};
use crate::world::{World, say};
use std::fmt::Write;
use std::rc::Rc;

impl World<'_> {
    /// A client that postscreen keeps out.
    pub(crate) fn screened_out(&mut self, at: i64) {
        let queue = if self.chance.permille(600) {
            Queue::Mx1
        } else {
            Queue::Mx2
        };
        let peer = self.people.bot(&mut self.chance);
        let port = self.chance.range(1_025, 65_000);
        let client = format!("[{}]:{port}", peer.address);
        let ours = queue.public_address();
        let mut now = at;
        self.postscreen(
            queue,
            now,
            format_args!("CONNECT from {client} to [{ours}]:25"),
        );
        if self.chance.permille(500) {
            now = self.after(now, 20 * MS, 300 * MS);
            let (patience, text) = (
                Seconds(now - at),
                self.chance.pick(&[r"EHLO User\r\n", r"HELO ylmf-pc\r\n"]),
            );
            let bytes = text.len() - 2;
            self.postscreen(
                queue,
                now,
                format_args!("PREGREET {bytes} after {patience} from {client}: {text}"),
            );
        }
        if self.chance.permille(650) {
            now = self.after(now, 20 * MS, 900 * MS);
            return self.listed(queue, &peer, &client, now);
        }
        now = self.after(now, 100 * MS, 6 * SECOND);
        let patience = Seconds(now - at);
        self.postscreen(
            queue,
            now,
            format_args!("HANGUP after {patience} from {client} in tests before SMTP handshake"),
        );
        self.postscreen(queue, now + 50, format_args!("DISCONNECT {client}"));
    }

    /// A client on a block list; it may still say what it wanted.
    fn listed(&mut self, queue: Queue, peer: &Peer, client: &str, at: i64) {
        let worker = self.take(queue, Service::Dnsblog, at);
        let (address, code) = (
            &peer.address,
            self.chance.pick(&["127.0.0.2", "127.0.0.4", "127.0.0.11"]),
        );
        say!(
            self,
            queue,
            Service::Dnsblog,
            worker.pid,
            at,
            "addr {address} listed by domain zen.dnsbl.test as {code}"
        );
        self.give(queue, Service::Dnsblog, worker, at + MS);
        let rank = self.chance.range(2, 9);
        let ranked = at + 5 * SECOND;
        self.postscreen(
            queue,
            ranked,
            format_args!("DNSBL rank {rank} for {client}"),
        );
        let mut now = self.after(ranked, 100 * MS, SECOND);
        if self.chance.permille(600) {
            let (sender, rcpt, helo) = (
                self.spammer(),
                self.people.mailbox(&mut self.chance).text,
                self.bot_helo(),
            );
            self.sums.noqueue_rejects += 1;
            self.postscreen(
                queue,
                now,
                format_args!(
                    "NOQUEUE: reject: RCPT from {client}: 550 5.7.1 Service unavailable; client [{address}] \
                     blocked using zen.dnsbl.test; from=<{sender}>, to=<{rcpt}>, proto=ESMTP, helo=<{helo}>"
                ),
            );
            now = self.after(now, 100 * MS, SECOND);
        } else {
            let patience = Seconds(now - ranked);
            self.postscreen(
                queue,
                now,
                format_args!("HANGUP after {patience} from {client} in tests after SMTP handshake"),
            );
        }
        self.postscreen(queue, now + 60, format_args!("DISCONNECT {client}"));
    }

    fn postscreen(&mut self, queue: Queue, at: i64, text: std::fmt::Arguments<'_>) {
        let pid = self.single(queue, Service::Postscreen);
        let _ = self
            .wire
            .say(queue, Service::Postscreen, pid, at)
            .write_fmt(text);
    }

    fn spammer(&mut self) -> Rc<str> {
        let name = self.chance.pick(&[
            "sales",
            "win",
            "promo",
            "crypto.news",
            "hot.offer",
            "accounts",
        ]);
        Rc::from(format!(
            "{name}{}@bulk{}.test",
            self.chance.below(900),
            self.chance.below(60)
        ))
    }

    /// A session at an incoming host in which nothing is accepted.
    pub(crate) fn fruitless(&mut self, at: i64) {
        let queue = if self.chance.permille(500) {
            Queue::Mx1
        } else {
            Queue::Mx2
        };
        let (peer, helo) = (self.people.bot(&mut self.chance), self.bot_helo());
        let mut s = self.open_session(queue, Service::Smtpd, peer, helo, at);
        match self.chance.below(100) {
            0..45 => self.refused_once(&mut s),
            45..58 => self.dictionary(&mut s),
            58..80 => self.silent(&mut s),
            80..88 => self.impatient(&mut s),
            88..94 => self.wrong_protocol(&mut s),
            _ => {
                s.tally.ok(Command::Ehlo);
                self.quit(&mut s);
            }
        }
    }

    fn refused_once(&mut self, s: &mut Session) {
        const WHYS: [Refusal; 7] = [
            Refusal::Relay,
            Refusal::BlockList,
            Refusal::BlockList,
            Refusal::Helo,
            Refusal::Greylist,
            Refusal::SenderDomain,
            Refusal::NoReverse,
        ];
        s.tally.ok(Command::Ehlo);
        s.tally.ok(Command::Mail);
        let why = self.chance.pick(&WHYS);
        let sender = self.spammer();
        let rcpt = match why {
            Refusal::Relay => self.people.remote(&mut self.chance).text,
            _ => self.people.mailbox(&mut self.chance).text,
        };
        self.refuse(s, why, &sender, &rcpt);
        if self.chance.permille(500) {
            return self.quit(s);
        }
        self.wait(s, 20 * MS, 900 * MS);
        self.ended(s, "lost connection", "RCPT");
        self.disconnect(s);
    }

    /// Guesses names until it is thrown out.
    fn dictionary(&mut self, s: &mut Session) {
        s.tally.ok(Command::Ehlo);
        s.tally.ok(Command::Mail);
        let sender = self.spammer();
        let guesses = 3 + self.chance.below(14);
        for _ in 0..guesses {
            let rcpt = self.nobody();
            self.refuse(s, Refusal::UnknownUser, &sender, &rcpt);
        }
        let what = if guesses > 9 {
            "too many errors"
        } else {
            "lost connection"
        };
        self.wait(s, 20 * MS, 900 * MS);
        self.ended(s, what, "RCPT");
        self.disconnect(s);
    }

    fn silent(&mut self, s: &mut Session) {
        let place = self
            .chance
            .pick(&["CONNECT", "EHLO", "STARTTLS", "UNKNOWN", "MAIL", "CONNECT"]);
        match place {
            "EHLO" => s.tally.ok(Command::Ehlo),
            "STARTTLS" => {
                s.tally.ok(Command::Ehlo);
                s.tally.ok(Command::Starttls);
            }
            "UNKNOWN" => s.tally.fail(Command::Unknown),
            "MAIL" => {
                s.tally.ok(Command::Ehlo);
                s.tally.ok(Command::Mail);
            }
            _ => {}
        }
        let timeout = self.chance.permille(120);
        let patience = if timeout { 5 * MINUTE } else { 8 * SECOND };
        self.wait(s, if timeout { 5 * MINUTE - 1 } else { MS }, patience);
        self.ended(
            s,
            if timeout {
                "timeout"
            } else {
                "lost connection"
            },
            place,
        );
        self.disconnect(s);
    }

    fn impatient(&mut self, s: &mut Session) {
        s.tally.ok(Command::Helo);
        let at = self.wait(s, 10 * MS, 300 * MS);
        let (sender, peer) = (self.spammer(), &s.peer);
        say!(
            self,
            s.queue,
            s.service,
            s.worker.pid,
            at,
            r"improper command pipelining after HELO from {peer}: MAIL FROM:<{sender}>\r\nRCPT TO:<info@{}>\r\n",
            "willow.example"
        );
        self.wait(s, 10 * MS, 300 * MS);
        self.disconnect(s);
    }

    fn wrong_protocol(&mut self, s: &mut Session) {
        let at = self.wait(s, 10 * MS, 300 * MS);
        s.tally.fail(Command::Unknown);
        let (peer, what) = (
            &s.peer,
            self.chance.pick(&[
                "GET / HTTP/1.1",
                "Cookie: mstshash=Administr",
                "POST /cgi HTTP/1.0",
            ]),
        );
        say!(
            self,
            s.queue,
            s.service,
            s.worker.pid,
            at,
            "warning: non-SMTP command from {peer}: {what}"
        );
        self.disconnect(s);
    }

    /// `lost connection after …` and its like; Postfix 3.10 says `NOQUEUE: ` in front.
    fn ended(&mut self, s: &Session, what: &str, place: &str) {
        let head = if s.queue.modern() { "NOQUEUE: " } else { "" };
        let peer = &s.peer;
        say!(
            self,
            s.queue,
            s.service,
            s.worker.pid,
            s.now,
            "{head}{what} after {place} from {peer}"
        );
    }

    /// Guesses passwords at the submission service.
    pub(crate) fn guesser(&mut self, at: i64) {
        let (peer, helo) = (self.people.bot(&mut self.chance), self.bot_helo());
        let service = if self.chance.permille(700) {
            Service::Submission
        } else {
            Service::Submissions
        };
        let mut s = self.open_session(Queue::Out1, service, peer, helo, at);
        let tls = service == Service::Submissions || self.chance.permille(500);
        self.greet(&mut s, tls);
        let tries = 1 + self.chance.zipf(4);
        let user = match self.chance.below(3) {
            0 => self.people.mailbox(&mut self.chance).text,
            1 => self.nobody(),
            _ => Rc::from(self.chance.pick(&["info", "admin", "test", "scanner"])),
        };
        for _ in 0..tries {
            let at = self.wait(&mut s, 300 * MS, 3 * SECOND);
            s.tally.fail(Command::Auth);
            self.sums.sasl_failures += 1;
            let peer = &s.peer;
            let (method, why) = self
                .chance
                .pick(&[("LOGIN", "UGFzc3dvcmQ6"), ("PLAIN", "(reason unavailable)")]);
            say!(
                self,
                s.queue,
                s.service,
                s.worker.pid,
                at,
                "warning: {peer}: SASL {method} authentication failed: {why}, sasl_username={user}"
            );
        }
        self.wait(&mut s, 100 * MS, SECOND);
        if self.chance.permille(600) {
            self.ended(&s, "lost connection", "AUTH");
            return self.disconnect(&mut s);
        }
        self.quit(&mut s);
    }
}
