//! Lines that are JSON records: which program's rules read them.
//!
//! A program is known by members that only its records have, in whatever order they stand.

use crate::record::Record;
use crate::rule::Rule;
use crate::{application, dovecot, exchange, gateway, haraka, kumomta, postfix};
use model::Body;

type Tables = &'static [&'static [Rule]];

/// Takes a text apart that is one JSON object; `make` makes of it what is wanted.
pub(crate) fn text<'a, T>(
    text: &'a [u8],
    make: impl FnOnce(&'static Rule, Body<'a>, &Record<'a>) -> T,
) -> Option<T> {
    let mut record = Record::empty();
    record.fill(text)?;
    let tables = record
        .members()
        .find_map(|(name, value)| tables(name, value))?;
    let (rule, body) = first_match(tables, &mut record)?;
    Some(make(rule, body, &record))
}

/// Tries the rules of some tables in order.
fn first_match<'a>(tables: Tables, record: &mut Record<'a>) -> Option<(&'static Rule, Body<'a>)> {
    let mut rules = tables.iter().copied().flatten();
    rules.find_map(|rule| Some((rule, (rule.read_record)(record)?)))
}

/// The tables of the program whose records have such a member.
fn tables(name: &[u8], value: &[u8]) -> Option<Tables> {
    Some(match name {
        b"type" if kumomta::is_own(value) => kumomta::RECORDS,
        b"event" if application::is_own(value) => application::RECORDS,
        b"event-data" => application::RECORDS,
        b"queue_name" => &[postfix::queue_list::RULES],
        b"origin" => haraka::RECORDS,
        b"categories" => &[dovecot::export::RULES],
        b"MessageTraceId" => &[exchange::trace::RULES],
        b"guid" | b"pps" => &[gateway::proofpoint::RULES],
        b"aggregateId" => &[gateway::mimecast::RULES],
        b"rmxId" => &[gateway::retarus::RULES],
        b"mailID" => &[gateway::trend::RULES],
        b"remediation_type" | b"nb_messages_remediated" => &[gateway::vade::RULES],
        _ => return None,
    })
}
