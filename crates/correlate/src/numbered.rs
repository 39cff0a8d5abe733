//! Cisco's gateway gives each recipient that it takes in a session a number within the message, from 0;
//! results name the numbers alone.
//! Source: AsyncOS User Guide, "Text Mail Logs".

use crate::item::Item;
use crate::limits::OPEN_RECIPIENTS_MAX;
use crate::{At, Correlator, Sink};
use bstr::BStr;
use model::{Agent, Delays, Delivery, DeliveryEnded};

impl Correlator {
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
        let total_ms = at.read.at().millis_since(item.opened).max(0) as u64;
        let delivery = Delivery {
            relay: it.relay,
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
