//! What policy services said about messages to come: greylisting, SPF, rate limits.

use super::{ByName, Items};
use crate::JourneyLine;
use crate::hop::Decision;
use crate::item::{Item, push};
use crate::limits::JUDGED_BEFORE_MS;
use crate::text::{Pool, Text};
use model::{AccessCheck, Row};
use std::collections::HashMap;

/// All that waits for its message.
#[derive(Debug, Default)]
pub(super) struct Policies(Vec<Policy>);

/// What a policy service said to a server about a message to come.
#[derive(Debug)]
struct Policy {
    host: Text,
    client: Text,
    mail_from: Option<Text>,
    decision: Decision,
    lines: Vec<JourneyLine>,
    line_count: u32,
}

impl Policies {
    pub(super) fn take(
        &mut self,
        row: &Row<'_>,
        it: &AccessCheck<'_>,
        lines: Vec<JourneyLine>,
        pool: &mut Pool,
    ) {
        self.0.push(Policy {
            host: pool.text(row.host),
            client: pool.text(it.client.address),
            mail_from: it.envelope.mail_from.map(|text| pool.text(text)),
            decision: Decision::of_access(row, it, pool),
            lines,
            line_count: row.lines.len() as u32,
        });
    }

    /// What policy services said goes to the message that came of it: from the same client and
    /// sender, to the same recipient, soon; a message that is greylisted comes again within a day.
    pub(super) fn give(&mut self, items: &mut Items) {
        let mut by_client: ByName<usize> = HashMap::default();
        for it in &self.0 {
            by_client.insert((it.host.clone(), it.client.clone()), Vec::new());
        }
        if by_client.is_empty() {
            return;
        }
        for (at, item) in items.iter().enumerate() {
            let Some(item) = item else { continue };
            let Some(client) = item.facts.client_address.clone() else {
                continue;
            };
            if let Some(known) = by_client.get_mut(&(item.host.clone(), client)) {
                known.push(at);
            }
        }
        for it in std::mem::take(&mut self.0) {
            let after = |at: &usize| {
                let item = items[*at].as_ref().filter(|item| it.suits(item))?;
                let ms = item.facts.arrived.millis_since(it.decision.at);
                (-1_000..=JUDGED_BEFORE_MS).contains(&ms).then_some(ms)
            };
            let known = &by_client[&(it.host.clone(), it.client.clone())];
            let next = known.iter().filter_map(|at| Some((after(at)?, *at))).min();
            if let Some(item) = next.and_then(|(_, at)| items[at].as_mut()) {
                push(&mut item.decisions, it.decision);
                item.lines.extend(it.lines);
                item.line_count += it.line_count;
            }
        }
    }
}

impl Policy {
    fn suits(&self, item: &Item) -> bool {
        let same = |one: &Option<Text>, other: &Option<Text>| match (one, other) {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            _ => true,
        };
        let is_rcpt = |rcpt: &Text| {
            let mut tried = item.tried.iter();
            tried.any(|it| {
                let orig = it.orig_rcpt_to.as_ref();
                it.attempt.rcpt_to.eq_ignore_ascii_case(rcpt)
                    || orig.is_some_and(|orig| orig.eq_ignore_ascii_case(rcpt))
            })
        };
        same(&self.mail_from, &item.facts.mail_from)
            && self.decision.rcpt_to.as_ref().is_none_or(is_rcpt)
    }
}
