//! A client at an Exim server.

use super::logs_more;
use crate::clock::MS;
use crate::hosts::{Queue, Service};
use crate::people::{Peer, Text};
use crate::world::{World, say};
use std::fmt;

/// A client at an Exim server. `now` is the time up to which it has come.
pub(crate) struct Caller {
    pub(crate) queue: Queue,
    pub(crate) pid: u32,
    pub(crate) peer: Peer,
    pub(crate) helo: Text,
    port: i64,
    /// Address and port of ours.
    server: (&'static str, u16),
    pub(crate) tls: bool,
    pub(crate) login: Option<Text>,
    begun: i64,
    pub(crate) now: i64,
}

/// As after `H=`. Source: exim `src/host.c` (`host_and_ident`).
impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, helo) = (&*self.peer.name, &*self.helo);
        match name {
            "unknown" => write!(f, "({helo}) ")?,
            name if name == helo => write!(f, "{name} ")?,
            name => write!(f, "{name} ({helo}) ")?,
        }
        self.write_addresses(f)
    }
}

impl Caller {
    fn write_addresses(&self, f: &mut impl fmt::Write) -> fmt::Result {
        let (port, (address, server)) = (self.port, self.server);
        write!(f, "[{}]", self.peer.address)?;
        match logs_more(self.queue) {
            true => write!(f, ":{port} I=[{address}]:{server}"),
            false => Ok(()),
        }
    }

    /// `P=`, and what follows of it.
    pub(crate) fn protocol(&self) -> String {
        let letters = match (self.tls, &self.login) {
            (true, Some(_)) => "sa",
            (true, None) => "s",
            (false, Some(_)) => "a",
            (false, None) => "",
        };
        let mut text = format!("P=esmtp{letters}");
        if self.tls {
            text.push_str(" X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no");
        }
        if let Some(login) = &self.login {
            text.push_str(" A=plain:");
            text.push_str(login);
        }
        text
    }
}

impl World<'_> {
    /// A client connects; each has a process of its own.
    pub(crate) fn exim_call(
        &mut self,
        queue: Queue,
        peer: Peer,
        helo: Text,
        tls: bool,
        at: i64,
    ) -> Caller {
        let caller = self.caller(queue, peer, helo, tls, at);
        self.say_called(&caller, at);
        caller
    }

    fn caller(&mut self, queue: Queue, peer: Peer, helo: Text, tls: bool, at: i64) -> Caller {
        let inside = peer.address.starts_with("10.0.");
        let ours = match inside {
            true => queue.address(),
            false => queue.public_address(),
        };
        Caller {
            queue,
            pid: self.fresh_pid(queue),
            peer,
            helo,
            port: self.chance.range(1_025, 65_000),
            server: (ours, 25),
            tls,
            login: None,
            begun: at,
            now: at,
        }
    }

    /// The same for a user's own program.
    pub(crate) fn exim_call_by_user(&mut self, queue: Queue, user: &Text, at: i64) -> Caller {
        let address = crate::people::Address {
            text: user.clone(),
            home: crate::people::Home::Nowhere,
        };
        let peer = self.people.line_of(&address, &mut self.chance);
        let helo = Text::from(
            self.chance
                .pick(&["[10.1.2.3]", "laptop.lan", "[192.168.8.34]"]),
        );
        let mut caller = self.caller(queue, peer, helo, true, at);
        caller.server.1 = 587;
        caller.login = Some(user.clone());
        self.say_called(&caller, at);
        caller
    }

    fn say_called(&mut self, caller: &Caller, at: i64) {
        if !logs_more(caller.queue) {
            return;
        }
        self.sums.sessions += 1;
        let daemon = self.single(caller.queue, Service::Exim);
        let count = 1 + self.chance.zipf(9);
        let mut from = String::new();
        let _ = caller.write_addresses(&mut from);
        say!(
            self,
            caller.queue,
            Service::Exim,
            daemon,
            at,
            "SMTP connection from {from} (TCP/IP connection count = {count})"
        );
    }

    /// The client goes on after `low` to `high` microseconds.
    pub(crate) fn caller_waits(&mut self, caller: &mut Caller, low: i64, high: i64) -> i64 {
        caller.now = self.after(caller.now, low, high);
        caller.now
    }

    /// QUIT.
    pub(crate) fn exim_quit(&mut self, mut caller: Caller) {
        if !logs_more(caller.queue) {
            return;
        }
        let at = self.caller_waits(&mut caller, MS, 40 * MS);
        self.about_call(
            &caller,
            at,
            format_args!("SMTP connection from {caller} closed by QUIT"),
        );
    }

    /// A line of the server process, without message id.
    pub(crate) fn about_call(&mut self, caller: &Caller, at: i64, text: fmt::Arguments<'_>) {
        use fmt::Write;
        let line = self.wire.say(caller.queue, Service::Exim, caller.pid, at);
        let _ = line.write_fmt(text);
    }

    /// How long the client has been there, as `D=` tells.
    pub(crate) fn stayed(&self, caller: &Caller) -> impl fmt::Display + use<> {
        super::Took(caller.now - caller.begun)
    }
}
