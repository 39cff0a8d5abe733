//! Exim: main log, reject log and panic log, as its own files or through syslog.
//!
//! A line is `STAMP [ZONE ][[PID] ][ID ]TEXT`; through syslog stamp and pid may stand there once
//! more, and long entries come in parts, `[2/3] `. Behind the id a flag (`<=`, `=>`, `**`, `==`)
//! tells what follows; then come items, `KEY=value`, each of which may be absent (`log_selector`).
//! Source: exim `src/log.c`, `src/receive.c`, `src/deliver.c`, `src/smtp_in.c`.

mod access;
mod arrival;
mod attempt;
mod auth;
mod daemon;
mod delivery;
mod envelope;
mod filter;
mod item;
mod life;
mod outcome;
mod refusal;
mod reject_log;
mod session;
mod tls;
mod trouble;
mod violation;

pub(crate) use envelope::header;

use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use envelope::Part;
use model::{Body, Kind, Notice};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("exim", arrival::RULES),
    ("exim", delivery::RULES),
    ("exim", outcome::RULES),
    ("exim", life::RULES),
    ("exim", session::RULES),
    ("exim", violation::RULES),
    ("exim", auth::RULES),
    ("exim", access::RULES),
    ("exim", refusal::RULES),
    ("exim", attempt::RULES),
    ("exim", tls::RULES),
    ("exim", filter::RULES),
    ("exim", daemon::RULES),
    ("exim", trouble::RULES),
    ("", reject_log::RULES),
    ("exim", reject_log::PARTS),
];

/// Takes a text apart: what stands before it, then the rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    let part = envelope::part(at);
    if part == Part::Further {
        return first_match(&[reject_log::RULES, reject_log::PARTS], at);
    }
    envelope::before_text(at);
    if part == Part::Whole {
        return rules(at);
    }
    envelope::drop_last_word(at);
    let mut read = rules(at);
    if let Some((_, Body::Received(received))) = &mut read {
        // The list goes on in the next part.
        received.recipients = None;
    }
    read
}

/// The rules that can read what stands behind the id.
#[inline]
fn rules<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    if at.queue_id.is_none() {
        // The lines below an entry of the reject log have neither stamp nor id.
        return without_id(at).or_else(|| first_match(&[reject_log::RULES], at));
    }
    match at.peek() {
        [b'<' | b'(', b'=', b' ', ..] => first_match(&[arrival::RULES], at),
        [b'=' | b'-' | b'>' | b'*', b'>', b' ', ..] => first_match(&[delivery::RULES], at),
        [b'*', b'*', b' ', ..] | [b'=', b'=', b' ', ..] => first_match(&[outcome::RULES], at),
        _ => first_match(
            &[
                life::RULES,
                attempt::RULES,
                access::RULES,
                refusal::RULES,
                tls::RULES,
                filter::RULES,
                session::RULES,
                violation::RULES,
                auth::RULES,
                trouble::RULES,
                daemon::RULES,
            ],
            at,
        ),
    }
}

/// Lines about no message.
#[inline]
fn without_id<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    match at.peek() {
        [b'S', b'M', b'T', b'P', ..] => {
            first_match(&[session::RULES, violation::RULES, trouble::RULES], at)
        }
        [b'H' | b'U', b'=', ..] => first_match(&[access::RULES, session::RULES], at),
        _ => first_match(
            &[
                auth::RULES,
                daemon::RULES,
                tls::RULES,
                session::RULES,
                violation::RULES,
                access::RULES,
                refusal::RULES,
                trouble::RULES,
                filter::RULES,
            ],
            at,
        ),
    }
}

/// A notice whose text is all, if it starts with one of some words.
fn starting<'a>(at: &mut Scan<'a>, kind: Kind, words: &[&'static str]) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(words)?;
    Some(notice(kind, text))
}

/// A notice with a text.
fn notice(kind: Kind, text: &[u8]) -> Body<'_> {
    Body::Notice(Notice {
        kind,
        text: text.into(),
        ..Notice::default()
    })
}

#[cfg(test)]
mod tests;
