//! Bounds of what is watched and told, and why they are what they are.

use jiff::SignedDuration;
use std::time::Duration;

/// How often it is looked what is due.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Rules that are looked at side by side: people who ask go on meanwhile.
pub(crate) const JUDGED_AT_A_TIME: usize = 2;

/// Rules that are in memory because it is their turn: as many as can be looked at between two looks.
pub(crate) const DUE_MAX: u32 = 100;

/// How long it may take to look at a rule; longer, and all others would wait.
pub(crate) const JUDGE_MAX: Duration = Duration::from_secs(60);

/// Messages that are sent side by side; receivers that are gone hold up others only beyond.
pub(crate) const SENT_AT_A_TIME: u32 = 50;

/// How long a rule that is told waits before it tells of further subjects, so that those of an attack on
/// many come together.
pub(crate) const GATHER: SignedDuration = SignedDuration::from_mins(10);

/// Subjects that a rule knows of; of more the largest.
pub const SUBJECTS_MAX: usize = 1_000;

/// Subjects that a message names; the others are counted.
pub(crate) const NAMED_MAX: usize = 10;

/// Rows that a message shows.
pub const SAMPLES_MAX: usize = 5;

/// Bytes of a reply in a message: as much as is read at a glance.
pub(crate) const REPLY_BYTES_MAX: usize = 500;

/// Seconds that a rule may look back: a minute to a week.
pub(crate) const WINDOW_SECS: std::ops::RangeInclusive<i64> = 60..=7 * 86_400;

/// Seconds for which the same is not told again: five minutes to a month.
pub(crate) const QUIET_SECS: std::ops::RangeInclusive<i64> = 300..=30 * 86_400;

/// Where nothing is said: half a working day.
pub const QUIET_SECS_USUAL: i64 = 4 * 3_600;

/// The largest threshold, and percentage: more rows than come in a week are a mistake.
pub(crate) const NUMBER_MAX: i64 = 1_000_000_000_000;

/// Days to which sending and silence are compared.
pub(crate) const DAYS_BEFORE: i64 = 7;

/// Hours in which a host must have been heard of to be missed.
pub(crate) const HEARD_HOURS: i64 = 24;

/// Accounts whose days before are looked at; of more the largest.
pub(crate) const COMPARED_MAX: usize = 200;
