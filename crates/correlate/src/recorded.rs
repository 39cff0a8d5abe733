//! Services that tell all of a message in one record for each recipient: from whom, for whom, what became
//! of it. Microsoft 365's message trace is such; no other line tells of reception and delivery.

use crate::item::{Item, Stage};
use crate::items::Role;
use crate::{At, Correlator, Sink};
use bstr::BStr;
use model::{Agent, Body, Delivery, DeliveryStatus, Kind, LinesOf, MessageFacts, Verdict};

impl Correlator {
    /// A record: the row of the verdict has the line; reception and result are rows derived of it.
    pub(crate) fn recorded(
        &mut self,
        at: At<'_>,
        (it, status): (&Verdict<'_>, DeliveryStatus),
        out: &mut impl Sink,
    ) {
        self.names.instances[at.instance as usize].has_queue = true;
        let id = it.mail_id;
        let (names, when) = (&self.names, at.read.at());
        let known = self.items.find(names, at.instance, id, when);
        let ix = known.unwrap_or_else(|| {
            let place = (at.instance, at.tag);
            self.items.of_line(names, place, id, when, Role::Reception)
        });
        let item = self.items.item_mut(ix);
        item.last = item.last.max(when);
        if !item.accepted {
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
        }
        let item = self.items.item(ix);
        out.row(&at.item_row(Kind::FilterVerdict, item, false));
        let delivery = Delivery {
            rcpt_to: it.recipients,
            status,
            agent: Agent::Other,
            text: it.category,
            ..Delivery::default()
        };
        let body = Body::Delivery(delivery);
        let mut row = derived(at, delivery.kind(), item);
        row.body = Some(&body);
        out.row(&row);
        if status != DeliveryStatus::Deferred && item.closed.is_none() {
            out.row(&derived(at, Kind::MessageClosed, item));
            self.close(at, ix);
        }
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
