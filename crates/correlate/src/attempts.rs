//! Attempts that take several lines: one begins them and another ends them, known by a number
//! (qmail), or those before the result say why (Courier).

use crate::id::{ItemIx, ItemRef, TagId, table_hash};
use crate::item::{Item, Said};
use crate::limits::{HELD_LINES_MAX, SAID_BYTES_MAX, SAID_MAX};
use crate::{At, Correlator, Sink};
use bstr::BStr;
use hashbrown::HashTable;
use model::{
    Agent, AttemptFailed, Body, Delays, Delivery, DeliveryEnded, DeliveryStarted, Event, Kind,
    Lines, LinesOf, Timestamp,
};

/// An attempt whose result is to come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attempt {
    pub(crate) tag: TagId,
    pub(crate) number: u64,
    pub(crate) item: ItemRef,
    pub(crate) began: Timestamp,
    pub(crate) rcpt_to: Box<[u8]>,
    pub(crate) remote: bool,
    pub(crate) lines: Lines,
}

/// All attempts whose results are to come.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    table: HashTable<Attempt>,
}

fn hash(tag: TagId, number: u64) -> u64 {
    table_hash(&[&tag.to_le_bytes(), &number.to_le_bytes()])
}

impl Attempts {
    /// Puts an attempt in, in the place of none.
    pub(crate) fn insert(&mut self, it: Attempt) {
        self.table
            .insert_unique(hash(it.tag, it.number), it, |it| hash(it.tag, it.number));
    }

    fn take(&mut self, tag: TagId, number: u64) -> Option<Attempt> {
        let entry = self
            .table
            .find_entry(hash(tag, number), |it| it.tag == tag && it.number == number)
            .ok()?;
        Some(entry.remove().0)
    }

    /// Takes out those that pass, in a fixed order.
    pub(crate) fn take_all(&mut self, mut passes: impl FnMut(&Attempt) -> bool) -> Vec<Attempt> {
        let mut taken: Vec<Attempt> = self.table.extract_if(|it| passes(it)).collect();
        taken.sort_by_key(|it| (it.tag, it.number));
        taken
    }

    /// All in a fixed order.
    pub(crate) fn sorted(&self) -> Vec<&Attempt> {
        let mut all: Vec<&Attempt> = self.table.iter().collect();
        all.sort_by_key(|it| (it.tag, it.number));
        all
    }
}

impl Correlator {
    pub(crate) fn delivery_started(
        &mut self,
        at: At<'_>,
        it: &DeliveryStarted<'_>,
        out: &mut impl Sink,
    ) {
        let Some(ix) = self.item_of(at, crate::items::Role::Tail) else {
            return self.alone(at, out);
        };
        if it.number == 0 {
            return self.sender_told(at, ix, it, out);
        }
        // A number is used again only after a restart: the attempt of before has no result.
        if let Some(lost) = self.attempts.take(at.tag, it.number) {
            self.give_out_attempt(&lost, out);
        }
        let mut lines = Lines::default();
        lines.push(at.read.line, self.settings.keep_text);
        self.attempts.insert(Attempt {
            tag: at.tag,
            number: it.number,
            item: self.items.reference(ix),
            began: at.read.at(),
            rcpt_to: it.rcpt_to.to_vec().into(),
            remote: it.remote,
            lines,
        });
    }

    /// Courier begins each try with the envelope; the result names the recipient itself.
    fn sender_told(
        &mut self,
        at: At<'_>,
        ix: ItemIx,
        it: &DeliveryStarted<'_>,
        out: &mut impl Sink,
    ) {
        let item = self.items.item_mut(ix);
        if let Some(mail_from) = it.mail_from
            && item.facts.mail_from().is_none()
        {
            item.facts.set_mail_from(mail_from);
        }
        item.has_sender = true;
        if item.held.len() >= HELD_LINES_MAX {
            return self.alone(at, out);
        }
        item.held.push(at.read.line, self.settings.keep_text);
        self.give_out_waiting(ix, out);
    }

    /// The result, told as an attempt that one line tells of.
    pub(crate) fn delivery_ended(
        &mut self,
        at: At<'_>,
        it: &DeliveryEnded<'_>,
        out: &mut impl Sink,
    ) {
        let Some(mut attempt) = self.attempts.take(at.tag, it.number) else {
            return self.alone(at, out);
        };
        let Some(ix) = self.items.still(attempt.item) else {
            self.give_out_attempt(&attempt, out);
            return self.alone(at, out);
        };
        let item = self.items.item_mut(ix);
        let since = |then: Timestamp| at.read.at().millis_since(then).max(0) as u64;
        let took = since(attempt.began);
        let total = since(item.opened);
        item.held.append(&mut attempt.lines);
        let queue_id = item.queue_id.clone();
        let delivery = Delivery {
            rcpt_to: BStr::new(&attempt.rcpt_to),
            relay: it.relay,
            delays: Delays {
                total_ms: total,
                stages_ms: Some([0, total.saturating_sub(took), 0, took]),
            },
            enhanced: it.enhanced,
            status: it.status,
            agent: if attempt.remote {
                Agent::Smtp
            } else {
                Agent::Local
            },
            text: it.text,
            code: it.code,
            remote_reply: it.remote_reply,
            next_queue_id: it.next_queue_id,
            ..Delivery::default()
        };
        let event = Event {
            queue_id: Some(BStr::new(queue_id.bytes())),
            body: Body::Delivery(delivery),
            ..at.read.event.clone()
        };
        let mut at = at;
        at.read.event = &event;
        self.delivery(at, &delivery, out);
    }

    /// Keeps what a line says to an attempt of which the result is to come.
    pub(crate) fn note_said(&mut self, at: At<'_>, it: Said) {
        let known = self.named_item(at);
        let Some(ix) = known.filter(|_| is_courier(at)) else {
            return;
        };
        let all = &mut self.items.item_mut(ix).said;
        match all.iter().position(|said| said.rcpt_to == it.rcpt_to) {
            Some(place) => all[place].go_on(it),
            None if all.len() < SAID_MAX => all.push(it),
            None => {}
        }
    }

    /// A result whose words lines before may have said.
    pub(crate) fn delivery_said_before(
        &mut self,
        at: At<'_>,
        it: &Delivery<'_>,
        out: &mut impl Sink,
    ) {
        let named = self.named_item(at);
        let Some(said) = named.and_then(|ix| self.items.item_mut(ix).take_said(it.rcpt_to)) else {
            return self.delivery(at, it, out);
        };
        let delivery = Delivery {
            text: BStr::new(&said.text),
            code: said.code,
            enhanced: said.enhanced,
            remote_reply: said.code.is_some(),
            next_queue_id: said.next_queue_id.as_deref().map(BStr::new),
            ..*it
        };
        let event = Event {
            body: Body::Delivery(delivery),
            ..at.read.event.clone()
        };
        let mut at = at;
        at.read.event = &event;
        self.delivery(at, &delivery, out);
    }

    /// Gives out the beginning of an attempt without result.
    pub(crate) fn give_out_attempt(&self, it: &Attempt, out: &mut impl Sink) {
        let mut row = self.names.row(Kind::DeliveryStarted, it.began, it.tag);
        row.derived = false;
        row.rcpt_to = Some(BStr::new(&it.rcpt_to));
        if let Some(ix) = self.items.still(it.item) {
            let item = self.items.item(ix);
            row.item = Some(item.key);
            row.queue_id = Some(item.queue_id());
            row.message = Some(&item.facts);
        }
        row.lines = LinesOf {
            held: Some(&it.lines),
            last: None,
        };
        out.row(&row);
    }
}

impl Item {
    fn take_said(&mut self, rcpt_to: &BStr) -> Option<Said> {
        let place = self.said.iter().position(|it| *it.rcpt_to == **rcpt_to)?;
        Some(self.said.remove(place))
    }
}

impl Said {
    pub(crate) fn before_failure(it: &AttemptFailed<'_>) -> Self {
        Said {
            rcpt_to: it.rcpt_to.to_vec().into(),
            text: kept(it.text).into(),
            code: it.code,
            enhanced: it.enhanced,
            next_queue_id: None,
        }
    }

    pub(crate) fn before_success(it: &DeliveryEnded<'_>) -> Self {
        Said {
            rcpt_to: it.rcpt_to.to_vec().into(),
            text: kept(it.text).into(),
            code: it.code,
            enhanced: it.enhanced,
            next_queue_id: it.next_queue_id.map(|id| id.to_vec().into()),
        }
    }

    /// Takes a further line of the same reply.
    fn go_on(&mut self, it: Said) {
        self.text = kept(&[&*self.text, b" ", &*it.text].concat()).into();
        self.code = it.code.or(self.code);
        self.enhanced = it.enhanced.or(self.enhanced);
        self.next_queue_id = it.next_queue_id.or(self.next_queue_id.take());
    }
}

fn kept(text: &[u8]) -> &[u8] {
    &text[..text.len().min(SAID_BYTES_MAX)]
}

/// Whether a line is of Courier, which tells what was said in lines before the result.
pub(crate) fn is_courier(at: At<'_>) -> bool {
    at.read.event.program.starts_with(b"courier")
}
