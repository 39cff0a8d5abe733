//! Notifications that no id ties to the message that they are about: OpenSMTPD and Courier hand them to
//! themselves as new messages.
//!
//! Who correlates the lines knows them by sender and time, and when they cannot be told apart; here it is
//! enough that the lines of those that come into question are there. `pipeline` does the same for files.

use crate::Result;
use crate::rows::{Found, all};
use crate::sight::Sight;
use model::Kind;
use search::{Field, Filter, Test, TimeRange};
use store::Column;

/// How far a notification is from the failure at the most, and more than the correlator asks, since
/// lines may be a little out of order; microseconds.
const NEAR_MICROS: i64 = 5_000_000;
/// A notification that is delivered later than this is not found by its delivery.
const DELIVERED_MICROS: i64 = 60_000_000;
/// So many failures and notifications are looked around at the most.
const MOMENTS_MAX: usize = 50;

const FAILED: [Kind; 3] = [Kind::Bounced, Kind::Expired, Kind::DsnSent];
const NOTIFIED: [Kind; 4] = [
    Kind::MessageAccepted,
    Kind::Delivered,
    Kind::Relayed,
    Kind::Deferred,
];

/// The queue ids of notifications about the messages of some rows, of the messages that notifications
/// among them are about, and of others that these may be about.
pub(super) async fn ids(sight: &Sight, rows: impl Iterator<Item = &Found>) -> Result<Vec<String>> {
    let (mut failed, mut notified) = (Vec::new(), Vec::new());
    for row in rows.filter(|row| is_meant(row)) {
        match row.text(Column::MailFrom) {
            Some("") => notified.push(row.clone()),
            Some(_) if is_of(row, &FAILED) => failed.push(row.clone()),
            _ => {}
        }
    }
    failed.truncate(MOMENTS_MAX);
    for failure in &failed {
        let near = range(failure.at(), NEAR_MICROS, DELIVERED_MICROS);
        let sender = failure.text(Column::MailFrom);
        let mut found = all(sight, &kinds(&NOTIFIED), near).await?;
        found.retain(|row| {
            let is_to_sender = match is_of(row, &[Kind::MessageAccepted]) {
                // The recipient is told when it is delivered.
                true => row.at() <= failure.at() + NEAR_MICROS,
                false => row.text(Column::RcptTo) == sender,
            };
            let is_notification = is_meant(row) && row.text(Column::MailFrom) == Some("");
            is_notification && is_to_sender && same_host(row, failure)
        });
        notified.extend(found);
    }
    let mut ids: Vec<String> = notified.iter().filter_map(queue_id).collect();
    let delivered = notified
        .iter()
        .filter(|row| row.text(Column::RcptTo).is_some());
    for notification in delivered.take(MOMENTS_MAX) {
        let near = range(notification.at(), DELIVERED_MICROS, NEAR_MICROS);
        let sender = notification.text(Column::RcptTo);
        let mut found = all(sight, &kinds(&FAILED), near).await?;
        found.retain(|row| {
            is_meant(row) && row.text(Column::MailFrom) == sender && same_host(row, notification)
        });
        ids.extend(found.iter().filter_map(queue_id));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Whether a row is of a server that does not say whose its notifications are.
fn is_meant(row: &Found) -> bool {
    let [program, label] = [Column::Program, Column::Label].map(|it| row.text(it));
    match program.unwrap_or_default() {
        // Postfix' has a label with its name.
        "smtpd" | "opensmtpd" => label.is_none_or(|label| Some(label) == program),
        program => program.starts_with("courier"),
    }
}

fn is_of(row: &Found, kinds: &[Kind]) -> bool {
    let kind = row.text(Column::Kind).unwrap_or_default();
    kinds.iter().any(|it| it.name() == kind)
}

fn same_host(row: &Found, other: &Found) -> bool {
    row.text(Column::Host) == other.text(Column::Host)
}

fn queue_id(row: &Found) -> Option<String> {
    row.text(Column::QueueId).map(str::to_owned)
}

fn kinds(kinds: &[Kind]) -> Filter {
    let in_order = Kind::ALL.iter().filter(|kind| kinds.contains(kind));
    Filter::term(Field::Kind, Test::Kind(in_order.copied().collect()))
}

fn range(at: i64, before: i64, behind: i64) -> TimeRange {
    TimeRange {
        from: at.saturating_sub(before),
        until: at.saturating_add(behind),
    }
}
