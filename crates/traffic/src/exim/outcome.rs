//! The lines about recipients: `=>`, `->`, `==`, `**`.

use super::hosted::local_part;
use super::{Took, log, logs_more};
use crate::message::{Item, Rcpt, State};
use crate::truth::Outcome;
use crate::world::World;
use std::fmt;

/// One line about one recipient.
pub(crate) struct Told<'t> {
    pub(crate) at: i64,
    pub(crate) flag: &'static str,
    /// All behind the flag.
    pub(crate) text: fmt::Arguments<'t>,
    /// The enhanced status that the text quotes.
    pub(crate) dsn: Option<&'static str>,
}

impl World<'_> {
    /// Writes the line of recipient `index` and notes what it means.
    pub(crate) fn told(&mut self, item: &mut Item, index: usize, told: &Told<'_>) {
        let (flag, text, pid) = (told.flag, told.text, item.runner);
        log!(self, item, pid, told.at, "{flag} {text}");
        let rcpt = &mut item.rcpts[index];
        let fared = &mut self.stories[item.message as usize].rcpts[rcpt.place as usize];
        fared.dsn = told.dsn;
        match flag {
            "==" => {
                fared.deferrals += 1;
                self.sums.deferral_lines += 1;
            }
            "**" => {
                fared.outcome = Some(Outcome::Bounced);
                rcpt.state = State::Failed;
                self.sums.bounces += 1;
            }
            _ => rcpt.state = State::Done,
        }
    }

    /// Sets how a recipient that is done ended.
    pub(crate) fn ended_as(&mut self, item: &Item, index: usize, outcome: Outcome) {
        let place = item.rcpts[index].place as usize;
        self.story(item).rcpts[place].outcome = Some(outcome);
    }
}

/// A recipient in full, with the address that led to it. Source: exim `src/deliver.c` (`string_log_address`).
pub(crate) fn in_full(rcpt: &Rcpt) -> String {
    match &rcpt.orig {
        Some(orig) => format!("{} <{orig}>", rcpt.address.text),
        None => rcpt.address.text.to_string(),
    }
}

/// A mailbox of this host, as deliveries name it.
pub(crate) fn in_short(rcpt: &Rcpt) -> String {
    let whole = &rcpt.address.text;
    let orig = rcpt.orig.as_ref().unwrap_or(whole);
    format!("{} <{orig}>", local_part(whole))
}

/// ` QT=… DT=…`, where it is logged.
pub(crate) fn times(item: &Item, begun: i64, at: i64) -> String {
    match logs_more(item.queue) {
        true => format!(" QT={} DT={}", Took(at - item.arrived), Took(at - begun)),
        false => String::new(),
    }
}

/// ` DT=…`, where it is logged.
pub(crate) fn took(item: &Item, begun: i64, at: i64) -> String {
    match logs_more(item.queue) {
        true => format!(" DT={}", Took(at - begun)),
        false => String::new(),
    }
}

/// The enhanced status behind the code of a reply.
pub(crate) fn status_in(reply: &str) -> Option<&'static str> {
    const KNOWN: [&str; 8] = [
        "2.0.0", "2.6.0", "4.2.0", "4.2.2", "4.7.1", "5.1.1", "5.2.2", "5.7.1",
    ];
    let behind = reply.get(4..)?;
    KNOWN.into_iter().find(|it| behind.starts_with(it))
}
