//! Mail per hour of the day and per day.

use crate::calendar::{Hour, day_of, hour_of_day};
use crate::limits::DAYS_MAX;

/// What happened in a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Messages received.
    pub received: u64,
    /// Messages delivered, once per recipient.
    pub delivered: u64,
    /// Delivery attempts deferred.
    pub deferred: u64,
    /// Recipients bounced.
    pub bounced: u64,
    /// Commands refused.
    pub rejected: u64,
}

/// Traffic by hour of the day and by day.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrafficTable {
    hours: [Traffic; 24],
    /// In the order of the days.
    days: Vec<(i32, Traffic)>,
    /// Index of the day asked for last.
    last: usize,
}

impl TrafficTable {
    /// Changes the counts of an hour.
    #[inline]
    pub(crate) fn at(&mut self, hour: Hour, change: impl Fn(&mut Traffic)) {
        change(&mut self.hours[hour_of_day(hour)]);
        let day = day_of(hour);
        if self.days.get(self.last).is_none_or(|it| it.0 != day) && !self.find(day) {
            return;
        }
        change(&mut self.days[self.last].1);
    }

    /// Makes a day the last one; `false` if there are too many days.
    fn find(&mut self, day: i32) -> bool {
        match self.days.binary_search_by_key(&day, |it| it.0) {
            Ok(at) => self.last = at,
            Err(_) if self.days.len() >= DAYS_MAX => return false,
            Err(at) => {
                self.days.insert(at, (day, Traffic::default()));
                self.last = at;
            }
        }
        true
    }

    pub(crate) fn hours(&self) -> &[Traffic; 24] {
        &self.hours
    }

    /// Days since 1970-01-01 with their traffic, in order.
    pub(crate) fn days(&self) -> &[(i32, Traffic)] {
        &self.days
    }
}

impl Traffic {
    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        *self == Traffic::default()
    }

    /// All that is stacked in a chart: what became of mail.
    pub(crate) fn outcomes(&self) -> [u64; 4] {
        [self.delivered, self.deferred, self.bounced, self.rejected]
    }
}
