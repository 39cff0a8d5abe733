//! Services that tell all of a message in one record for each recipient: from whom, for whom, what became
//! of it. Microsoft 365's message trace is such; no other line tells of reception and delivery.

use crate::id::ItemIx;
use crate::item::{Item, Stage};
use crate::items::Role;
use crate::links::bracketed;
use crate::{At, Correlator, Sink};
use bstr::BStr;
use model::{Agent, Became, Body, Delivery, DeliveryStatus, Kind, LinesOf, MessageFacts, Verdict};

impl Correlator {
    /// A record: the row of the verdict has the line; reception and result are rows derived of it.
    pub(crate) fn recorded(
        &mut self,
        at: At<'_>,
        (it, became): (&Verdict<'_>, Became),
        out: &mut impl Sink,
    ) {
        if let Some(ix) = self.looked_after(at, it) {
            let item = self.items.item(ix);
            return out.row(&at.item_row(Kind::FilterVerdict, item, false));
        }
        self.names.instances[at.instance as usize].has_queue = true;
        let ix = self.item_of_record(at, it, out);
        let item = self.items.item_mut(ix);
        item.last = item.last.max(at.read.at());
        out.row(&at.item_row(Kind::FilterVerdict, item, false));
        let Some((status, agent)) = status(became) else {
            // Somebody got it or did not: that is all.
            item.facts.recipients = Some(item.facts.recipients.unwrap_or(0) + 1);
            return self.end(at, ix, out);
        };
        let text = [it.found, it.quarantine, it.category];
        let delivery = Delivery {
            rcpt_to: it.recipients,
            status,
            agent,
            text: text
                .into_iter()
                .find(|text| !text.is_empty())
                .unwrap_or(it.category),
            relay: it.next_hop,
            ..Delivery::default()
        };
        let body = Body::Delivery(delivery);
        let mut row = derived(at, delivery.kind(), self.items.item(ix));
        row.body = Some(&body);
        out.row(&row);
        if status != DeliveryStatus::Deferred {
            self.end(at, ix, out);
        }
    }

    /// The message of another server that the filter looked at after that had delivered it.
    fn looked_after(&self, at: At<'_>, it: &Verdict<'_>) -> Option<ItemIx> {
        let message_id = it.message_id.filter(|id| it.looks_after && id.len() > 2)?;
        let is_other = |item: &Item| item.instance != at.instance;
        self.items
            .with_message_id(&bracketed(message_id))
            .filter(|(_, item)| is_other(item))
            .max_by_key(|(_, item)| (item.opened, item.key))
            .map(|(ix, _)| ix)
    }

    /// The message of a record, which is accepted with the first one.
    fn item_of_record(&mut self, at: At<'_>, it: &Verdict<'_>, out: &mut impl Sink) -> ItemIx {
        let id = it.mail_id;
        let (names, when) = (&self.names, at.read.at());
        let known = self.items.find(names, at.instance, id, when);
        let ix = known.unwrap_or_else(|| {
            let place = (at.instance, at.tag);
            self.items.of_line(names, place, id, when, Role::Reception)
        });
        let item = self.items.item_mut(ix);
        if item.accepted {
            return ix;
        }
        note_facts(&mut item.facts, it);
        item.has_head = true;
        item.has_message_id = true;
        item.has_sender = true;
        item.accepted = true;
        item.stage = Stage::Queued;
        out.row(&derived(at, Kind::MessageAccepted, item));
        if !self.items.item(ix).is_indexed {
            self.items.index_message_id(ix);
        }
        self.named(ix, out);
        ix
    }

    fn end(&mut self, at: At<'_>, ix: ItemIx, out: &mut impl Sink) {
        let item = self.items.item(ix);
        if item.closed.is_none() {
            out.row(&derived(at, Kind::MessageClosed, item));
            self.close(at, ix);
        }
    }
}

/// The result of an attempt, and by whom; `None` where the record tells none.
fn status(became: Became) -> Option<(DeliveryStatus, Agent)> {
    match became {
        Became::Tried(status) => Some((status, Agent::Other)),
        Became::Relayed => Some((DeliveryStatus::Sent, Agent::Smtp)),
        Became::Dropped => Some((DeliveryStatus::Sent, Agent::Discard)),
        Became::Untold => None,
    }
}

/// A row that no line makes by itself.
fn derived<'r>(at: At<'r>, kind: Kind, item: &'r Item) -> model::Row<'r> {
    let mut row = at.item_row(kind, item, false);
    row.derived = true;
    row.body = None;
    row.lines = LinesOf::default();
    row
}

fn note_facts(facts: &mut MessageFacts, it: &Verdict<'_>) {
    if let Some(mail_from) = it.mail_from {
        facts.set_mail_from(mail_from);
    }
    if let Some(id) = it.message_id {
        facts.set_message_id(id);
    }
    facts.size = it.size.filter(|size| *size > 0);
    let mut note = |set: fn(&mut MessageFacts, &[u8]), text: &BStr| {
        if !text.is_empty() {
            set(facts, text);
        }
    };
    note(MessageFacts::set_client_address, it.client.address);
    note(MessageFacts::set_client_name, it.client.name);
    note(MessageFacts::set_subject, it.subject);
    note(MessageFacts::set_header_from, it.header_from);
}
