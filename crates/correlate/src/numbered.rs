//! Cisco's gateway gives each recipient that it takes in a session a number within the message, from 0;
//! results name the numbers alone.
//! Source: AsyncOS User Guide, "Text Mail Logs".

use crate::id::stable_hash;
use crate::item::Item;
use crate::limits::OPEN_RECIPIENTS_MAX;
use crate::{At, Correlator, Sink};
use bstr::{BStr, ByteSlice};
use model::{Agent, Delays, Delivery, DeliveryEnded, Notice, Peer};

/// The other side of a connection.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NextHop {
    pub(crate) address: Box<[u8]>,
    pub(crate) port: Option<u16>,
}

/// `DCID 8` is a connection to a next hop, `MID 6` with a recipient's number a delivery.
fn key(at: At<'_>, name: &BStr, number: u64) -> u64 {
    stable_hash(&[&at.host.to_le_bytes(), name, &number.to_le_bytes()])
}

/// Number of no recipient.
const CONNECTION: u64 = u64::MAX;

impl Correlator {
    /// A connection was made, or a delivery goes over one.
    pub(crate) fn note_next_hop(&mut self, at: At<'_>, it: &Notice<'_>) {
        let event = at.read.event;
        if event.session.starts_with(b"DCID ") && !it.peer.is_empty() {
            let hop = NextHop {
                address: it.peer.address.to_vec().into(),
                port: it.peer.port,
            };
            return self
                .next_hops
                .insert(key(at, event.session, CONNECTION), hop);
        }
        let Some(message) = event.queue_id.filter(|_| it.about.starts_with(b"DCID ")) else {
            return;
        };
        let Some(hop) = self.next_hops.get(key(at, it.about, CONNECTION)).cloned() else {
            return;
        };
        let to = it
            .text
            .rfind("to RID ")
            .map_or(&b""[..], |to| &it.text[to..]);
        let numbers = to.split(|byte| !byte.is_ascii_digit());
        for number in numbers.filter_map(|it| std::str::from_utf8(it).ok()?.parse().ok()) {
            self.next_hops.insert(key(at, message, number), hop.clone());
        }
    }

    /// The result for the recipients of some numbers: a row for each, of which the first has the line.
    pub(crate) fn delivery_by_number(
        &mut self,
        at: At<'_>,
        it: &DeliveryEnded<'_>,
        out: &mut impl Sink,
    ) {
        let Some(ix) = self.named_item(at) else {
            return self.alone(at, out);
        };
        let item = self.items.item(ix);
        let recipients: Vec<Box<[u8]>> = it
            .recipient_numbers()
            .filter_map(|number| item.addressed.get(usize::try_from(number).ok()?).cloned())
            .collect();
        if recipients.is_empty() {
            return self.alone(at, out);
        }
        let hop = self
            .next_hops
            .get(key(at, item.queue_id(), it.number))
            .cloned();
        let total_ms = at.read.at().millis_since(item.opened).max(0) as u64;
        let delivery = Delivery {
            relay: hop.as_ref().map_or(it.relay, NextHop::peer),
            delays: Delays {
                total_ms,
                stages_ms: None,
            },
            enhanced: it.enhanced,
            status: it.status,
            agent: Agent::Smtp,
            text: it.text,
            code: it.code,
            remote_reply: it.remote_reply,
            next_queue_id: it.next_queue_id,
            ..Delivery::default()
        };
        self.delivery_to(at, &delivery, recipients.iter().map(BStr::new), out);
    }
}

impl NextHop {
    fn peer(&self) -> Peer<'_> {
        Peer {
            name: BStr::new(b""),
            address: BStr::new(&self.address),
            port: self.port,
        }
    }
}

impl Item {
    /// A recipient was taken, and has the next number.
    pub(crate) fn numbered(&mut self, rcpt_to: &BStr) {
        if self.addressed.len() < OPEN_RECIPIENTS_MAX {
            self.addressed.push(rcpt_to.to_vec().into());
            self.facts.recipients = Some(self.addressed.len() as u32);
        }
    }
}

/// Whether a line is of Cisco's gateway.
pub(crate) fn is_cisco(at: At<'_>) -> bool {
    at.read.event.program.ends_with(b"mail_logs")
}
