//! How many events, by time and domains.

use super::event::told_of;
use crate::limits::COUNTS_MAX;
use crate::problem::{Problem, Result};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Unit, Zoned, ZonedRound};
use query::{Sight, Tally};
use search::{Filter, TimeRange};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a bucket of time is, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolution {
    Hour,
    Day,
    Month,
}

/// Events of a bucket of time and of domains.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    /// When it begins, microseconds.
    pub(super) at: i64,
    /// Domain of the account.
    pub(super) domain: String,
    /// Domain of the recipient; empty where none is known.
    pub(super) rcpt_domain: String,
    pub(super) count: Count,
}

/// Events of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) accepted_incoming: u64,
    pub(super) accepted_outgoing: u64,
    pub(super) delivered_smtp: u64,
    pub(super) delivered_other: u64,
    pub(super) temporary: u64,
    pub(super) bounced: u64,
    pub(super) old: u64,
    pub(super) stored: u64,
    pub(super) opened: u64,
    pub(super) clicked: u64,
    pub(super) unsubscribed: u64,
    pub(super) complained: u64,
}

impl Resolution {
    pub(super) fn named(name: Option<&str>) -> Result<Self> {
        match name.unwrap_or_default() {
            "hour" => Ok(Resolution::Hour),
            "" | "day" => Ok(Resolution::Day),
            "month" => Ok(Resolution::Month),
            _ => Err(Problem::wrong("`resolution` is `hour`, `day` or `month`")),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Resolution::Hour => "hour",
            Resolution::Day => "day",
            Resolution::Month => "month",
        }
    }

    /// The beginning of the bucket that a time is in, microseconds.
    pub(super) fn begin(self, at: i64) -> i64 {
        let zoned = utc(at);
        let unit = match self {
            Resolution::Hour => Unit::Hour,
            _ => Unit::Day,
        };
        let round = ZonedRound::new()
            .smallest(unit)
            .mode(jiff::RoundMode::Trunc);
        let begin = zoned.round(round).unwrap_or(zoned);
        let begin = match self {
            Resolution::Month => begin.first_of_month().unwrap_or(begin),
            _ => begin,
        };
        begin.timestamp().as_microsecond()
    }

    /// The beginning of the next bucket.
    pub(super) fn next(self, begin: i64) -> i64 {
        let span = match self {
            Resolution::Hour => 1.hour(),
            Resolution::Day => 1.day(),
            Resolution::Month => 1.month(),
        };
        let next = utc(begin).checked_add(span);
        next.map_or(i64::MAX, |it| it.timestamp().as_microsecond())
    }
}

fn utc(at: i64) -> Zoned {
    let at = Timestamp::from_microsecond(at).unwrap_or_default();
    at.to_zoned(TimeZone::UTC)
}

/// Counts the events of rows that a filter wants.
pub(super) async fn counted(
    sight: &Sight,
    filter: &Filter,
    range: TimeRange,
    resolution: Resolution,
) -> Result<Vec<Bucket>> {
    let every = match resolution {
        Resolution::Hour => Duration::from_secs(3_600),
        Resolution::Day | Resolution::Month => Duration::from_secs(86_400),
    };
    let tallies = query::tally(sight, filter, range, every, COUNTS_MAX).await?;
    if tallies.len() >= COUNTS_MAX {
        let detail = "there is too much to be counted apart";
        return Err(Problem::wrong(detail).hint("ask for less time, or for days"));
    }
    let mut buckets: BTreeMap<(i64, String, String), Count> = BTreeMap::new();
    for tally in tallies {
        let at = resolution.begin(tally.at);
        let key = (at, tally.account_domain.clone(), tally.rcpt_domain.clone());
        buckets.entry(key).or_default().take(&tally);
    }
    let bucket = |((at, domain, rcpt_domain), count)| Bucket {
        at,
        domain,
        rcpt_domain,
        count,
    };
    Ok(buckets.into_iter().map(bucket).collect())
}

impl Count {
    fn take(&mut self, tally: &Tally) {
        let Some(told) = told_of(&tally.kind) else {
            return;
        };
        let counter = match (told.event, told.severity, told.reason) {
            ("accepted", ..) if tally.goes_out => &mut self.accepted_outgoing,
            ("accepted", ..) => &mut self.accepted_incoming,
            ("delivered", ..) if tally.by_smtp => &mut self.delivered_smtp,
            ("delivered", ..) => &mut self.delivered_other,
            ("failed", Some("temporary"), _) => &mut self.temporary,
            ("failed", _, Some("old")) => &mut self.old,
            ("failed", ..) => &mut self.bounced,
            ("stored", ..) => &mut self.stored,
            ("opened", ..) => &mut self.opened,
            ("clicked", ..) => &mut self.clicked,
            ("unsubscribed", ..) => &mut self.unsubscribed,
            ("complained", ..) => &mut self.complained,
            _ => return,
        };
        *counter += tally.events;
    }

    pub(super) fn add(&mut self, other: &Count) {
        self.accepted_incoming += other.accepted_incoming;
        self.accepted_outgoing += other.accepted_outgoing;
        self.delivered_smtp += other.delivered_smtp;
        self.delivered_other += other.delivered_other;
        self.temporary += other.temporary;
        self.bounced += other.bounced;
        self.old += other.old;
        self.stored += other.stored;
        self.opened += other.opened;
        self.clicked += other.clicked;
        self.unsubscribed += other.unsubscribed;
        self.complained += other.complained;
    }

    /// The metric of a name; `None` for what logs of mail do not tell.
    pub(super) fn metric(&self, name: &str) -> Option<u64> {
        Some(match name {
            "accepted_incoming_count" => self.accepted_incoming,
            "accepted_outgoing_count" => self.accepted_outgoing,
            "accepted_count" => self.accepted_incoming + self.accepted_outgoing,
            "delivered_smtp_count" => self.delivered_smtp,
            "delivered_count" => self.delivered_smtp + self.delivered_other,
            "stored_count" => self.stored,
            "opened_count" => self.opened,
            "clicked_count" => self.clicked,
            "unsubscribed_count" => self.unsubscribed,
            "complained_count" => self.complained,
            "failed_count" => self.temporary + self.bounced + self.old,
            "temporary_failed_count" => self.temporary,
            "permanent_failed_count" => self.bounced + self.old,
            "permanent_failed_old_count" => self.old,
            "bounced_count" => self.bounced,
            _ => return None,
        })
    }
}
