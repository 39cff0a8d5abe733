//! What to generate.

use crate::clock::DAY_US;

/// The orders for one run; equal plans give equal bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// About this many lines: no new traffic is started once they are reached.
    pub lines: u64,
    /// Where chance starts from.
    pub seed: u64,
    /// Begin of the first day, seconds since 1970 UTC. Default 2026-11-16T00:00:00Z.
    pub start: i64,
    /// Over how many days the lines are spread; at least 1.
    pub days: u32,
    /// How lines are headed.
    pub stamps: Stamps,
    /// With N > 0 each line arrives 0 to N milliseconds late, so lines come out of order; stamps stay true.
    pub shuffle_ms: u32,
    /// Zone of the written stamps, minutes east of UTC. The day's rhythm follows it too.
    pub zone_offset_minutes: i32,
    /// Whether each host writes a file of its own: `shuffle_ms` then delays hosts against each other, while
    /// the lines of one host keep their order.
    pub hosts_separate: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            lines: 100_000,
            seed: 1,
            start: 1_794_787_200,
            days: 1,
            stamps: Stamps::Rfc3339Micros,
            shuffle_ms: 0,
            zone_offset_minutes: 0,
            hosts_separate: false,
        }
    }
}

impl Plan {
    pub(crate) fn begin_us(&self) -> i64 {
        self.start * 1_000_000
    }

    pub(crate) fn end_us(&self) -> i64 {
        self.begin_us() + i64::from(self.days.max(1)) * DAY_US
    }
}

/// The head of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamps {
    /// `2026-11-16T08:23:21.123456+01:00 mx1 postfix/smtpd[28440]: `; strictly increasing per host.
    Rfc3339Micros,
    /// The same in whole seconds.
    Rfc3339,
    /// `Nov 16 08:23:21 mx1 postfix/smtpd[28440]: `.
    Rfc3164,
    /// `<22>1 2026-11-16T08:23:21.123456+01:00 mx1 postfix/smtpd 28440 - - `.
    Rfc5424,
}
