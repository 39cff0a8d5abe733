//! Where recipients ended, and what that means.

use super::{Route, is_loopback, was_dropped};
use crate::attempt::Tried;
use crate::mailbox::MailboxEntry;
use crate::text::Text;
use crate::{Outcome, Recipient, Unnamed};
use bstr::ByteSlice;
use model::{Agent, DeliveryStatus, EnhancedStatus, Kind, LinkKind, is_gateway_reply};

impl Route<'_> {
    /// The recipients where they ended.
    pub(crate) fn recipients(&mut self) -> Vec<Recipient> {
        let mut ends: Vec<usize> = (0..self.stops.len())
            .filter(|&stop| !self.stops[stop].goes_on || self.stops[stop].stays)
            .collect();
        for &stop in &ends {
            self.name_last(stop);
        }
        ends.sort_by_cached_key(|&stop| self.way_to(stop).first().copied());
        ends.into_iter().map(|stop| self.recipient(stop)).collect()
    }

    /// The last attempt's kind says what the outcome says.
    fn name_last(&mut self, stop: usize) {
        let kind = match self.outcome(stop) {
            Outcome::HandedOver => Kind::HandedOver,
            Outcome::Discarded => Kind::Discarded,
            _ => return,
        };
        let item = self.stops[stop].item;
        let Some(&last) = self.stops[stop].tried.last() else {
            return;
        };
        let tried = &mut self.items[item].tried[last];
        if tried.status == DeliveryStatus::Sent && tried.attempt.agent == Agent::Smtp {
            tried.attempt.kind = kind;
        }
    }

    fn recipient(&self, end: usize) -> Recipient {
        let way = self.way_to(end);
        let stop = &self.stops[end];
        let count = way.iter().map(|&at| self.stops[at].tried.len()).sum();
        let mut attempts = Vec::with_capacity(count);
        let mut mailbox: Vec<MailboxEntry> = Vec::new();
        for &at in &way {
            attempts.extend(self.tried_for(at, end).map(|it| it.attempt.clone()));
            mailbox.extend(self.entries(at).cloned());
        }
        mailbox.sort_by_key(|it| it.at);
        mailbox.shrink_to_fit();
        let outcome = self.outcome(end);
        let closed = || self.items[stop.item].closed(self.states[stop.item]);
        let ended = match outcome {
            Outcome::Deferred | Outcome::Held | Outcome::Unknown => None,
            Outcome::Expired => stop.given_up.or_else(closed),
            _ => self
                .deciding(end)
                .filter(|it| it.is_final())
                .map(|it| it.attempt.at),
        };
        Recipient {
            rcpt_to: stop.rcpt_to.clone(),
            orig_rcpt_to: self.original(&way, &stop.rcpt_to),
            outcome,
            attempts,
            mailbox,
            afterwards: Vec::new(),
            item: self.items[stop.item].key,
            ended: ended.or_else(|| (!outcome.is_open()).then(closed).flatten()),
        }
    }

    /// All stops on the way to one, in the order of hops.
    fn way_to(&self, end: usize) -> Vec<usize> {
        let mut way = vec![end];
        let mut next = 0;
        while let Some(&stop) = way.get(next) {
            for &before in &self.stops[stop].before {
                if !way.contains(&before) {
                    way.push(before);
                }
            }
            next += 1;
        }
        way.sort_by_key(|&stop| (self.stops[stop].item, stop));
        way
    }

    /// The address before the first alias.
    fn original(&self, way: &[usize], rcpt_to: &Text) -> Option<Text> {
        let first = way
            .iter()
            .find_map(|&it| self.stops[it].orig_rcpt_to.clone());
        let first = first.or_else(|| Some(self.stops[*way.first()?].rcpt_to.clone()));
        first.filter(|it| it != rcpt_to)
    }

    fn outcome(&self, stop: usize) -> Outcome {
        if let Some(tried) = self.deciding(stop) {
            match tried.status {
                DeliveryStatus::Sent => return self.outcome_of_success(stop, tried),
                DeliveryStatus::Bounced => return Outcome::Bounced,
                DeliveryStatus::Expired => return Outcome::Expired,
                DeliveryStatus::Quarantined => return Outcome::Quarantined,
                DeliveryStatus::Expanded if !self.is_probe(stop) => return Outcome::Expanded,
                DeliveryStatus::Expanded | DeliveryStatus::Deliverable => {
                    return Outcome::Deliverable;
                }
                DeliveryStatus::Undeliverable => return Outcome::Undeliverable,
                DeliveryStatus::Deferred => {}
            }
        }
        let mut events = self.items[self.stops[stop].item].events.iter();
        if self.stops[stop].given_up.is_some() || events.any(|it| it.kind == Kind::MessageExpired) {
            return Outcome::Expired;
        }
        self.states[self.stops[stop].item].outcome()
    }

    /// Who said `sent`, and what the mail store made of it, tells what it means.
    fn outcome_of_success(&self, stop: usize, tried: &Tried) -> Outcome {
        let has = |kind: Kind| self.entries(stop).any(|it| it.kind == kind);
        let blocked = || {
            let mut verdicts = self.items[self.stops[stop].item].verdicts.iter();
            verdicts.clone().next().is_some() && verdicts.all(|it| !it.passed)
        };
        // A gateway's filter tells of each recipient.
        let kept_back = || {
            let rcpt_to = &self.stops[stop].rcpt_to;
            let mut verdicts = self.items[self.stops[stop].item].verdicts.iter();
            verdicts.any(|it| {
                let named = it.recipients.as_ref();
                !it.passed && named.is_none_or(|named| named.find(&**rcpt_to).is_some())
            })
        };
        match tried.attempt.agent {
            _ if has(Kind::MailboxSaved) => Outcome::Delivered,
            // Only who handed it in tells of it.
            _ if self.items[self.stops[stop].item].queue_id.is_empty() => Outcome::HandedOver,
            _ if has(Kind::SieveRedirected) => Outcome::HandedOver,
            _ if has(Kind::SieveRejected) => Outcome::Rejected,
            _ if has(Kind::SieveDiscarded) => Outcome::Discarded,
            Agent::Discard => Outcome::Discarded,
            Agent::Smtp if was_sent_back(tried) => Outcome::Bounced,
            Agent::Smtp if was_dropped(tried) => Outcome::Discarded,
            Agent::Smtp if is_loopback(tried) && blocked() => Outcome::Discarded,
            Agent::Smtp if is_loopback(tried) || self.is_own(tried) => Outcome::HandedOver,
            Agent::Smtp => Outcome::Relayed,
            Agent::Lmtp if is_loopback(tried) && is_gateway_reply(&tried.attempt.text) => {
                match kept_back() {
                    true => Outcome::Discarded,
                    false => Outcome::HandedOver,
                }
            }
            Agent::Local if tried.attempt.next_queue_id.is_some() => Outcome::HandedOver,
            _ => Outcome::Delivered,
        }
    }

    /// Whether only the address was asked about.
    fn is_probe(&self, stop: usize) -> bool {
        self.items[self.stops[stop].item].facts.probe
    }

    fn is_own(&self, tried: &Tried) -> bool {
        let address = tried
            .attempt
            .relay
            .as_ref()
            .and_then(|it| it.address.as_ref());
        address.is_some_and(|it| self.own.contains(it))
    }

    /// Recipients that the queue manager counts at an item and no line names.
    fn unnamed_at(&self, item: usize) -> u32 {
        let named = self.at_item[item].len() as u32;
        self.items[item]
            .facts
            .recipients
            .map_or(0, |count| count.saturating_sub(named))
    }

    /// Recipients that the queue manager counts and no line names; those that go on to a next hop
    /// are counted there.
    pub(crate) fn unnamed(&self) -> Vec<Unnamed> {
        (0..self.items.len())
            .filter(|&item| !self.goes_on_unseen(item))
            .filter_map(|item| {
                let next = self.steps.iter().filter(|it| it.from == item);
                let gone_on: u32 = next.map(|it| self.unnamed_at(it.to)).sum();
                let count = self.unnamed_at(item).saturating_sub(gone_on);
                let outcome = self.states[item].outcome();
                let item = self.items[item].key;
                (count > 0).then_some(Unnamed {
                    item,
                    count,
                    outcome,
                })
            })
            .collect()
    }

    /// Whether an item goes on in one that none of its recipients is seen to go on in: their lines
    /// are missing, or have not come yet.
    fn goes_on_unseen(&self, item: usize) -> bool {
        let comes_from = |stop: usize| {
            let before = &self.stops[stop].before;
            before.iter().any(|&it| self.stops[it].item == item)
        };
        self.steps.iter().filter(|it| it.from == item).any(|it| {
            it.kind == LinkKind::Requeue
                || !self.at_item[it.to].iter().any(|&stop| comes_from(stop))
        })
    }
}

/// Whether a filter took the message and sent it back: amavis' `2.5.0 Ok, id=..., BOUNCE`.
fn was_sent_back(tried: &Tried) -> bool {
    const NOT_DELIVERED: EnhancedStatus = EnhancedStatus {
        class: 2,
        subject: 5,
        detail: 0,
    };
    is_loopback(tried)
        && tried.attempt.enhanced == Some(NOT_DELIVERED)
        && tried.attempt.text.find(b"BOUNCE").is_some()
}
