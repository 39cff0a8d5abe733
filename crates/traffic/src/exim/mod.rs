//! The Exim hosts: each takes mail in, keeps its users' mailboxes and sends out by itself.
//!
//! `exim1` (4.96) logs ports, subjects, recipients and times and delivers to maildirs; `exim2` (4.98, long
//! message ids) logs what is the default and delivers to Dovecot by LMTP. Lines are as Exim writes them
//! to syslog without its own stamp. Source: exim `src/receive.c`, `src/deliver.c`, `src/smtp_in.c`.

mod arrival;
mod caller;
mod hop;
pub(crate) mod hosted;
mod local;
mod notify;
mod outcome;
mod refused;
mod remote;
mod run;
mod serve;

use crate::hosts::Queue;
use crate::world::World;
use std::fmt;

/// Says a line about a message: its id, then the text.
macro_rules! log {
    ($world:expr, $item:expr, $pid:expr, $at:expr, $($text:tt)+) => {{
        use std::fmt::Write as _;
        let mark = crate::wire::Mark::Item($item.message, $item.number);
        let exim = crate::hosts::Service::Exim;
        let line = $world.wire.say_of(mark, $item.queue, exim, $pid, $at);
        line.push_str($item.id.as_str());
        line.push(' ');
        let _ = write!(line, $($text)+);
    }};
}
use log;

impl World<'_> {
    /// One piece of traffic at an Exim host, drawn by its share.
    pub(crate) fn exim_traffic(&mut self, at: i64) {
        const SHARES: [u32; 8] = [430, 220, 50, 120, 60, 60, 40, 20];
        let queue = self.chance.pick(&[Queue::Exim1, Queue::Exim2]);
        match self.chance.weighted(&SHARES) {
            0 => self.exim_incoming(queue, at),
            1 => self.exim_submission(queue, at),
            2 => self.exim_program(queue, at),
            3 => self.exim_refuses(queue, at),
            4 => self.exim_fruitless(queue, at),
            5 => self.exim_guesser(queue, at),
            6 => self.exim_queue_run(queue, at),
            _ => self.exim_after_data(queue, at),
        }
    }
}

/// Whether a host logs more than is the default.
fn logs_more(queue: Queue) -> bool {
    queue == Queue::Exim1
}

/// A duration as Exim writes it. Source: exim `src/readconf.c` (`readconf_printtime`).
struct Took(i64);

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = (self.0 / 1_000_000).max(0);
        let parts = [
            (seconds / 86_400, 'd'),
            (seconds / 3_600 % 24, 'h'),
            (seconds / 60 % 60, 'm'),
            (seconds % 60, 's'),
        ];
        for (count, unit) in parts {
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        if seconds == 0 {
            f.write_str("0s")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_leave_out_what_is_nought() {
        for (seconds, text) in [(0, "0s"), (62, "1m2s"), (3_600, "1h"), (93_784, "1d2h3m4s")] {
            assert_eq!(Took(seconds * 1_000_000).to_string(), text);
        }
    }
}
