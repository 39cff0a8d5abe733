//! Haraka names recipients in the session. What it tells of a copy in its queue, by the domain or by
//! the copy's number, is for those of them that wait.
//! Source: Haraka `outbound/index.js` (`get_deliveries`, `send_trans_email`).

use crate::item::{Item, OpenRecipient};
use crate::items::Role;
use crate::limits::{OPEN_RECIPIENTS_MAX, RETRY_AFTER_MS};
use crate::{At, Correlator, Sink};
use bstr::{BStr, ByteSlice};
use model::{Delivery, DeliveryStatus, Timestamp};

impl Correlator {
    /// Whether a delivery leaves it to other lines to say for whom it is.
    pub(crate) fn is_of_copy(at: At<'_>, it: &Delivery<'_>) -> bool {
        is_haraka(at) && !it.several && !it.rcpt_to.contains(&b'@')
    }

    /// An attempt for all recipients of a copy: a row for each, of which the first has the line.
    pub(crate) fn delivery_of_copy(&mut self, at: At<'_>, it: &Delivery<'_>, out: &mut impl Sink) {
        let Some(ix) = self.item_of(at, Role::Tail) else {
            return self.alone(at, out);
        };
        let item = self.items.item(ix);
        if item.open.is_empty() {
            return self.delivery(at, it, out);
        }
        let waiting = waiting(item, it, at.read.at());
        if waiting.is_empty() {
            return self.attempt_failed(at, out);
        }
        let recipients = waiting.iter().map(BStr::new);
        self.delivery_to(at, it, recipients, out);
    }
}

impl Item {
    /// A recipient was accepted in the session.
    pub(crate) fn addressed(&mut self, rcpt_to: &BStr) {
        let known = self.open.iter().any(|it| *it.rcpt_to == **rcpt_to);
        if known || self.open.len() >= OPEN_RECIPIENTS_MAX {
            return;
        }
        self.open.push(OpenRecipient {
            rcpt_to: rcpt_to.to_vec().into(),
            orig_rcpt_to: None,
            tried: Timestamp::MIN,
        });
        self.rcpts_left = Some(self.open.len() as u32);
        self.facts.recipients = self.rcpts_left;
        self.addressed.push(domain(rcpt_to).into());
    }

    /// The domain that a copy is for, by its number: each domain has a copy, in the order of recipients;
    /// with `always_split` each recipient. `None` where the two differ, as no line tells which it is.
    fn domain_of_copy(&self, number: u32) -> Option<&[u8]> {
        let place = (number as usize).checked_sub(1)?;
        let first = |&at: &usize| !self.addressed[..at].contains(&self.addressed[at]);
        let by_domain = (0..self.addressed.len()).filter(first).nth(place)?;
        let domain = &self.addressed[by_domain];
        (*domain == self.addressed[place]).then_some(domain)
    }
}

/// What stands behind the last `@`, in small letters.
fn domain(address: &[u8]) -> Vec<u8> {
    let sign = address.rfind_byte(b'@').map_or(0, |at| at + 1);
    address[sign..].to_ascii_lowercase()
}

pub(crate) fn is_haraka(at: At<'_>) -> bool {
    at.read.event.program == "haraka"
}

/// The recipients that an attempt is for; none if that cannot be told.
fn waiting(item: &Item, it: &Delivery<'_>, now: Timestamp) -> Vec<Box<[u8]>> {
    let domain = |it: &OpenRecipient| domain(&it.rcpt_to);
    let first = domain(&item.open[0]);
    let by_number = || it.copy.and_then(|number| item.domain_of_copy(number));
    let wanted = match it.rcpt_to.is_empty() {
        true => by_number().unwrap_or_default().to_vec(),
        false => it.rcpt_to.to_ascii_lowercase(),
    };
    // Only a next hop that got the message from the session got it for all domains.
    let all = it.status == DeliveryStatus::Sent;
    if wanted.is_empty() && !all && item.open.iter().any(|it| domain(it) != first) {
        return Vec::new();
    }
    let of_copy = item
        .open
        .iter()
        .filter(|it| wanted.is_empty() || domain(it) == wanted);
    // Who was deferred in the session that then took the message for others waits on.
    let (waited, just_tried): (Vec<_>, Vec<_>) =
        of_copy.partition(|it| now >= it.tried.plus_millis(RETRY_AFTER_MS));
    let chosen = match waited.is_empty() {
        true => just_tried,
        false => waited,
    };
    chosen.into_iter().map(|it| it.rcpt_to.clone()).collect()
}
