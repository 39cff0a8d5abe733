//! The start of a message.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memchr_iter;
use model::{Body, Transaction};

pub(super) const STARTED: Rule = rule(
    "smtpd client",
    started,
    "postfix src/smtpd/smtpd.c",
    &[
        "4bXyZ10QzKz1r: client=mail.example.net[192.0.2.7]",
        "NOQUEUE: client=mail.example.net[192.0.2.7]:41234",
        "3F2A1C0D: client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=anna@example.org",
        "3F2A1C0D: client=unknown[192.0.2.7], sasl_method=LOGIN, sasl_username=o, so, sasl_sender=anna@example.org",
        "3F2A1C0D: client=localhost[127.0.0.1], sasl_sender=anna@example.org",
        "3F2A1C0D: client=localhost[127.0.0.1], orig_queue_id=4bXyZ10QzKz1r, orig_client=mail.example.net[192.0.2.7]",
        "3F2A1C0D: client=localhost[127.0.0.1], orig_client=unknown[unknown]",
    ],
);

fn started<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("client=")?;
    let mut transaction = Transaction {
        client: at.peer()?,
        ..Transaction::default()
    };
    if at.end().is_none() {
        more(at, &mut transaction)?;
    }
    Some(Body::Transaction(transaction))
}

/// Takes the login and what XFORWARD told, each item if it is there, in this order.
fn more<'a>(at: &mut Scan<'a>, transaction: &mut Transaction<'a>) -> Option<()> {
    if at.has(", sasl_method=") {
        transaction.sasl_method = value(at);
    }
    if at.has(", sasl_username=") {
        transaction.sasl_username = value(at);
    }
    if at.has(", sasl_sender=") {
        transaction.sasl_sender = value(at);
    }
    if at.has(", orig_queue_id=") {
        transaction.orig_queue_id = Some(value(at));
    }
    if at.has(", orig_client=") {
        transaction.orig_client = at.peer()?;
    }
    at.end()
}

/// Takes everything up to the next item, or all: a user name may hold commas.
fn value<'a>(at: &mut Scan<'a>) -> &'a BStr {
    let whole = at.peek();
    let starts_item = |comma: &usize| {
        let item = &whole[*comma..];
        item.starts_with(b", sasl_") || item.starts_with(b", orig_")
    };
    let end = memchr_iter(b',', whole)
        .find(starts_item)
        .unwrap_or(whole.len());
    let (value, rest) = whole.split_at(end);
    *at = at.over(rest);
    value.into()
}
