//! Readers of mail: IMAP and POP3 at the stores.

use crate::clock::{MINUTE, MS, SECOND};
use crate::hosts::{Queue, Service};
use crate::people::{Address, Home, Peer, Text};
use crate::store::base64;
use crate::world::{World, say};

impl World<'_> {
    pub(crate) fn login(&mut self, at: i64) {
        let user = self.people.mailbox(&mut self.chance);
        let line = self.people.line_of(&user, &mut self.chance);
        let queue = store_of(&user);
        let pop3 = self.chance.permille(120);
        let service = if pop3 { "pop3" } else { "imap" };
        let (pid, session) = self.logged_in(queue, service, &user.text, &line, at);
        let stays = self.chance.lognormal(if pop3 { 2e6 } else { 90e6 }, 1.2) as i64;
        let until = at + stays.clamp(200 * MS, 40 * MINUTE);
        if until < self.end {
            self.logout(queue, pop3, &user.text, pid, &session, until);
        }
    }

    /// A login that succeeds; returns process and session.
    pub(crate) fn logged_in(
        &mut self,
        queue: Queue,
        service: &str,
        name: &Text,
        line: &Peer,
        at: i64,
    ) -> (u32, String) {
        let (session, pid) = (self.login_session(line, at), self.fresh_pid(queue));
        let (rip, lip) = (&line.address, queue.public_address());
        self.sums.logins += 1;
        say!(
            self,
            queue,
            Service::Dovecot,
            0,
            at,
            "{service}-login: Login: user=<{name}>, method=PLAIN, rip={rip}, lip={lip}, mpid={pid}, TLS, \
             session=<{session}>"
        );
        (pid, session)
    }

    pub(crate) fn logout(
        &mut self,
        queue: Queue,
        pop3: bool,
        user: &Text,
        pid: u32,
        session: &str,
        at: i64,
    ) {
        let chance = &mut self.chance;
        if pop3 {
            let (got, held) = (chance.zipf(12), chance.zipf(900));
            let (bytes, size) = (got * 7_311, held * 11_903 + got * 7_311);
            say!(
                self,
                queue,
                Service::Dovecot,
                0,
                at,
                "pop3({user})<{pid}><{session}>: Disconnected: Logged out top=0/0, retr={got}/{bytes}, \
                 del={got}/{}, size={size}",
                held + got
            );
            return;
        }
        let (secs, millis) = (chance.range(1, 900), chance.below(1000));
        let why = match chance.below(10) {
            0..5 => "Logged out".to_owned(),
            5..8 => format!(
                "Connection closed (IDLE running for 0.001 + waiting input for {secs}.{millis:03} secs, \
                 2 B in + 10+0 B out, state=wait-input)"
            ),
            8 => format!(
                "Connection closed (UID FETCH finished {}.{millis:03} secs ago)",
                secs % 60
            ),
            _ => "Connection closed".to_owned(),
        };
        let (read, seen) = (chance.zipf(40), chance.zipf(60));
        let (input, output) = (
            chance.range(90, 4_000),
            chance.range(900, 90_000) + (read * 8_111) as i64,
        );
        let (deleted, trashed) = (chance.zipf(9), chance.zipf(4));
        say!(
            self,
            queue,
            Service::Dovecot,
            0,
            at,
            "imap({user})<{pid}><{session}>: Disconnected: {why} in={input} out={output} deleted={deleted} \
             expunged={deleted} trashed={trashed} hdr_count={seen} hdr_bytes={} body_count={read} body_bytes={}",
            seen * 312,
            read * 7_904
        );
    }

    /// A login that does not succeed.
    pub(crate) fn failed_login(&mut self, at: i64) {
        let known = self.chance.permille(450);
        let user = self.people.mailbox(&mut self.chance);
        let queue = store_of(&user);
        let name = if known {
            user.text.clone()
        } else {
            self.nobody()
        };
        let line = match self.chance.permille(150) {
            true => self.people.line_of(&user, &mut self.chance),
            false => self.people.bot(&mut self.chance),
        };
        let session = self.login_session(&line, at);
        let (rip, lip) = (&line.address, queue.public_address());
        let service = self.chance.pick(&["imap", "imap", "imap", "pop3"]);
        if self.chance.permille(200) {
            return self.no_attempt(queue, service, &line, &session, at);
        }
        let why = if known {
            "Password mismatch"
        } else {
            "unknown user"
        };
        say!(
            self,
            queue,
            Service::Dovecot,
            0,
            at,
            "auth: passwd-file({name},{rip},<{session}>): {why}"
        );
        let attempts = 1 + self.chance.zipf(3);
        for nth in 1..attempts {
            let again = at + nth as i64 * 2 * SECOND;
            say!(
                self,
                queue,
                Service::Dovecot,
                0,
                again,
                "auth: passwd-file({name},{rip},<{session}>): {why}"
            );
        }
        let secs = attempts as i64 * 2 + self.chance.range(0, 4);
        let how = self.chance.pick(&[
            "Connection closed",
            "Aborted login by logging out",
            "Connection closed",
        ]);
        self.sums.logins_failed += 1;
        say!(
            self,
            queue,
            Service::Dovecot,
            0,
            at + secs * SECOND,
            "{service}-login: Disconnected: {how} (auth failed, {attempts} attempts in {secs} secs): \
             user=<{name}>, method=PLAIN, rip={rip}, lip={lip}, TLS, session=<{session}>"
        );
    }

    fn no_attempt(&mut self, queue: Queue, service: &str, line: &Peer, session: &str, at: i64) {
        let (rip, lip) = (&line.address, queue.public_address());
        let (how, secs, tls) = self.chance.pick(&[
            ("Connection closed", 0, "TLS"),
            ("Aborted login by logging out", 1, "TLS"),
            ("Inactivity", 180, "TLS"),
            (
                "Connection closed: read(size=1026) failed: Connection reset by peer",
                0,
                "TLS handshaking",
            ),
        ]);
        say!(
            self,
            queue,
            Service::Dovecot,
            0,
            at + secs * SECOND + 20 * MS,
            "{service}-login: Disconnected: {how} (no auth attempts in {secs} secs): user=<>, rip={rip}, \
             lip={lip}, {tls}, session=<{session}>"
        );
    }

    /// The session id of a login process: time, port and address of the client.
    /// Source: dovecot `src/login-common/client-common.c`.
    fn login_session(&mut self, line: &Peer, at: i64) -> String {
        let mut bytes = [0; 12];
        bytes[..6].copy_from_slice(&at.to_le_bytes()[..6]);
        let port = self.chance.range(1_025, 65_000) as u16;
        bytes[6..8].copy_from_slice(&port.to_le_bytes());
        for (byte, part) in bytes[8..].iter_mut().zip(line.address.split('.')) {
            *byte = part.parse().unwrap_or_default();
        }
        base64(&bytes)
    }
}

fn store_of(user: &Address) -> Queue {
    if user.home == Home::Store1 {
        Queue::Store1
    } else {
        Queue::Store2
    }
}
