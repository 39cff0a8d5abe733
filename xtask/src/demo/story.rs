//! The message of generated days in whose journey there is the most to see.

use jiff::Timestamp;
use traffic::{Outcome, TrueMessage};

/// The most interesting message so far.
pub(super) struct Story {
    until_us: i64,
    best: Option<(u32, TrueMessage)>,
}

impl Story {
    /// Of those that began before a time.
    pub(super) fn until(until: Timestamp) -> Self {
        Story {
            until_us: until.as_microsecond(),
            best: None,
        }
    }

    pub(super) fn look_at(&mut self, message: &TrueMessage) {
        let begun = message.items.first().map(|item| item.first_seen_us);
        let interest = interest(message);
        let is_best = self.best.as_ref().is_none_or(|(most, _)| interest > *most);
        if is_best && begun.is_some_and(|at| at < self.until_us) {
            self.best = Some((interest, message.clone()));
        }
    }

    /// Its Message-ID, and what became of it, from the truth.
    pub(super) fn told(&self) -> Option<(String, String)> {
        let (_, message) = self.best.as_ref()?;
        Some((message.message_id.clone()?, told(message)))
    }
}

/// How much there is to see in a message's journey that still fits on a screen.
fn interest(message: &TrueMessage) -> u32 {
    let recipients = &message.recipients;
    let deferrals: u32 = recipients.iter().map(|rcpt| rcpt.deferrals).sum();
    if message.message_id.is_none() || message.probe || message.lines > 60 {
        return 0;
    }
    let seen = [
        (message.items.len() >= 2, 2),
        (message.items.len() >= 3, 2),
        ((2..=4).contains(&recipients.len()), 2),
        (recipients.iter().any(|rcpt| rcpt.orig_rcpt_to.is_some()), 2),
        (
            recipients
                .iter()
                .any(|rcpt| rcpt.outcome == Outcome::Bounced),
            2,
        ),
        (!message.dsns.is_empty(), 3),
        ((1..=3).contains(&deferrals), 3),
        (
            recipients
                .iter()
                .any(|rcpt| rcpt.outcome == Outcome::Delivered),
            2,
        ),
        (recipients.iter().any(|rcpt| rcpt.mailbox.is_some()), 1),
        (message.subject.is_some(), 1),
    ];
    seen.into_iter()
        .map(|(is_seen, points)| if is_seen { points } else { 0 })
        .sum()
}

/// What became of it.
fn told(message: &TrueMessage) -> String {
    let recipients = &message.recipients;
    let deferrals: u32 = recipients.iter().map(|rcpt| rcpt.deferrals).sum();
    let aliases = recipients
        .iter()
        .filter(|rcpt| rcpt.orig_rcpt_to.is_some())
        .count();
    let count = |n: usize, one: &str, many: &str| match n {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    };
    format!(
        "The truth has {}, {}, {aliases} of them by an alias, {}, and {} about it.",
        count(message.items.len(), "queue id", "queue ids"),
        count(recipients.len(), "recipient", "recipients"),
        count(deferrals as usize, "deferral", "deferrals"),
        count(message.dsns.len(), "notification", "notifications"),
    )
}
