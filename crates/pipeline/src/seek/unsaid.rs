//! Notifications that no line ties to the message that they are about: OpenSMTPD and Courier hand them
//! to themselves as new messages, under an id that nothing else names.
//!
//! Whoever correlates the lines knows them by sender and time ([`correlate`]'s guesses), and knows too
//! when two messages of one sender failed at once, so that it cannot tell whose a notification is. So
//! both are looked for: notifications to the sender soon after a failure, and other failures of the
//! sender before them.

use super::Hit;
use bstr::BStr;
use memchr::memmem;
use model::{Body, DeliveryStatus, Event, Kind, Stamp};
use std::collections::{HashMap, HashSet};

/// How far apart failure and notification are at the most: more than what the correlator asks, since
/// lines may be a little out of order.
const NEAR_MS: i64 = 5_000;

/// Of which messages it was asked before.
#[derive(Default)]
pub(super) struct Unsaid {
    asked: HashSet<Box<[u8]>>,
}

/// What is looked for.
pub(super) struct Question {
    moments: Vec<Moment>,
    /// What the lines hold that are looked for.
    pub(super) texts: Vec<Vec<u8>>,
}

/// A message failed, or a notification of one was queued.
struct Moment {
    queue_id: Box<[u8]>,
    host: Box<[u8]>,
    /// The sender of what failed, to whom the notification goes.
    sender: Box<[u8]>,
    ms: i64,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Failed,
    Notified,
}

impl Unsaid {
    /// What to look for of the messages that were found, if something is new.
    pub(super) fn question<'h>(&mut self, hits: impl Iterator<Item = &'h Hit>) -> Option<Question> {
        let mut senders: HashMap<Box<[u8]>, Box<[u8]>> = HashMap::new();
        let mut found = Vec::new();
        for hit in hits.filter(|hit| hit.own) {
            let event = parse::line(hit.readable());
            if !is_meant(&event) {
                continue;
            }
            if let (Some(queue_id), Some(sender)) = (event.queue_id, sender(&event)) {
                senders.insert(queue_id.to_vec().into(), sender.to_vec().into());
            }
            found.extend(moment(&event, None));
        }
        let mut moments = Vec::new();
        for mut moment in found {
            if moment.what == What::Failed {
                let Some(sender) = senders.get(&moment.queue_id) else {
                    continue;
                };
                moment.sender = sender.clone();
            }
            if !moment.sender.is_empty() && !self.asked.contains(&moment.queue_id) {
                moments.push(moment);
            }
        }
        self.asked
            .extend(moments.iter().map(|it| it.queue_id.clone()));
        let senders: HashSet<&[u8]> = moments.iter().map(|it| &*it.sender).collect();
        let texts: Vec<Vec<u8>> = senders.into_iter().flat_map(texts).collect();
        (!texts.is_empty()).then_some(Question { moments, texts })
    }

    /// The messages that lines with those texts tell of, as far as they may matter.
    pub(super) fn answer(&mut self, question: &Question, hits: &[Hit]) -> Vec<Box<[u8]>> {
        let mut senders: Vec<&[u8]> = question.moments.iter().map(|it| &*it.sender).collect();
        senders.sort_unstable();
        senders.dedup();
        let mut others = Vec::new();
        for hit in hits {
            let event = parse::line(hit.readable());
            if is_meant(&event) {
                let of = senders.iter().find(|it| names(hit.readable(), it));
                others.extend(moment(&event, of.copied()));
            }
        }
        let near = |failed: &Moment, notified: &Moment| {
            failed.what == What::Failed
                && notified.what == What::Notified
                && failed.sender == notified.sender
                && failed.host == notified.host
                && (-NEAR_MS..=NEAR_MS).contains(&(notified.ms - failed.ms))
        };
        let own = &question.moments;
        let notified: Vec<&Moment> = own
            .iter()
            .chain(&others)
            .filter(|it| {
                let is_own = own.iter().any(|known| known.queue_id == it.queue_id);
                is_own || own.iter().any(|failed| near(failed, it))
            })
            .filter(|it| it.what == What::Notified)
            .collect();
        let failed = others
            .iter()
            .filter(|failed| notified.iter().any(|it| near(failed, it)));
        let mut named: Vec<Box<[u8]>> = notified
            .iter()
            .copied()
            .chain(failed)
            .map(|it| it.queue_id.clone())
            .collect();
        named.sort_unstable();
        named.dedup();
        // What else these messages' senders did is of no matter.
        self.asked.extend(named.iter().cloned());
        named
    }
}

/// Whether a line is of a server that does not say whose its notifications are.
fn is_meant(event: &Event<'_>) -> bool {
    event.rule.starts_with("opensmtpd ") || event.rule.starts_with("courier ")
}

/// The sender, where a line says it and it is not the null sender.
fn sender<'a>(event: &Event<'a>) -> Option<&'a BStr> {
    let sender = match &event.body {
        Body::Received(it) if !it.sender_follows => it.mail_from,
        Body::DeliveryStarted(it) => it.mail_from?,
        _ => return None,
    };
    (!sender.is_empty()).then_some(sender)
}

/// What a line tells, of a sender that it may not name itself.
fn moment(event: &Event<'_>, sender: Option<&[u8]>) -> Option<Moment> {
    let (what, sender): (_, &[u8]) = match &event.body {
        Body::Delivery(it)
            if matches!(it.status, DeliveryStatus::Bounced | DeliveryStatus::Expired) =>
        {
            (What::Failed, sender.unwrap_or_default())
        }
        // Courier begins to write one.
        Body::Notice(it) if it.kind == Kind::DsnSent => (What::Failed, sender.unwrap_or_default()),
        Body::Received(it) if !it.sender_follows && it.mail_from.is_empty() => {
            (What::Notified, it.rcpt_to)
        }
        Body::DeliveryStarted(it) if it.mail_from.is_some_and(|it| it.is_empty()) => {
            (What::Notified, it.rcpt_to)
        }
        _ => return None,
    };
    Some(Moment {
        queue_id: event.queue_id?.to_vec().into(),
        host: event.host.to_vec().into(),
        sender: sender.into(),
        ms: millis(&event.stamp),
        what,
    })
}

/// A time to compare with others of the same log.
fn millis(stamp: &Stamp) -> i64 {
    const LEAP_YEAR: i16 = 2000;
    let offset = i64::from(stamp.offset_minutes.unwrap_or(0)) * 60_000;
    stamp.nanos_as_utc(stamp.year.unwrap_or(LEAP_YEAR)) / 1_000_000 - offset
}

/// What lines hold that tell of a failure of a sender's, or of a notification to the sender.
fn texts(sender: &[u8]) -> Vec<Vec<u8>> {
    let with = |before: &str, behind: &str| [before.as_bytes(), sender, behind.as_bytes()].concat();
    vec![
        with("from=<> to=<", ">"),
        with("from=<>, to=<", ">"),
        with("from=<", "> to=<"),
        with("from=<", ">, to=<"),
        with("from=<", ">,addr=<"),
        with("addr=<", ">"),
    ]
}

/// Whether a failure is a sender's: its line names the sender, or who is to be told.
fn names(line: &[u8], sender: &[u8]) -> bool {
    let is_there = |text: &[u8]| memmem::find(line, text).is_some();
    is_there(&[b"from=<", sender, b">"].concat())
        || is_there(&[b"module=dsn,host=,addr=<", sender, b">"].concat())
}
