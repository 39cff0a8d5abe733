//! Bounds of what a client may ask of the daemon.

use std::time::Duration;

pub(crate) use desk::{QUERY_BYTES_MAX, QUESTION_MAX};

/// Bytes of a request's body: questions and settings are short.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

/// Values of a facet.
pub(crate) const FACET_VALUES_MAX: usize = 1_000;

/// Bars of a histogram: more than a screen has points.
pub(crate) const BARS_MAX: i64 = 5_000;

/// Blocks of new rows that one who follows them may be behind; whoever is slower is told so, and
/// goes on by his last event's id.
pub(crate) const TAIL_BLOCKS_MAX: usize = 256;

/// How often an idle stream of events shows that it lives.
pub(crate) const TAIL_IDLE: Duration = Duration::from_secs(15);

/// Rows that one who comes back is given of what he missed.
pub(crate) const TAIL_MISSED_MAX: usize = 10_000;

/// Rows followed for a trace.
pub(crate) const TRACE_ROWS_MAX: usize = 1_000;

/// Journeys of a trace.
pub(crate) const JOURNEYS_MAX: usize = 100;

/// Events of a page, as Mailgun has it.
pub(crate) const EVENTS_MAX: usize = 300;

/// Events of a page where nothing is said, as Mailgun has it.
pub(crate) const EVENTS_DEFAULT: usize = 100;

/// Domains of a page, as Mailgun has it.
pub(crate) const DOMAINS_MAX: u32 = 1_000;

/// Entries of a page of logs, as Mailgun has it.
pub(crate) const LOGS_MAX: usize = 100;

/// Items of a page of metrics where nothing is said; mailgun-go asks for as many.
pub(crate) const METRICS_DEFAULT: usize = 10;

/// Items of a page of metrics.
pub(crate) const METRICS_MAX: usize = 1_000;

/// What is counted apart for metrics: hours of a month for a hundred domains.
pub(crate) const COUNTS_MAX: usize = 100_000;

/// Lines of an answer to a client of Loki, as Loki has it where nothing else is configured.
pub(crate) const ENTRIES_MAX: usize = 5_000;

/// Lines of such an answer where nothing is said, as Loki has it.
pub(crate) const ENTRIES_DEFAULT: usize = 100;

/// Rows whose lines are looked at together: as many as a usual answer has lines.
pub(crate) const ENTRY_ROWS: usize = 1_000;

/// Values of a label, and streams of a list: more are no list to choose from.
pub(crate) const LABEL_VALUES_MAX: usize = 10_000;

/// Series of numbers, as Loki has it where nothing else is configured.
pub(crate) const SERIES_MAX: usize = 500;

/// Points of a series, as Loki and Prometheus have it.
pub(crate) const POINTS_MAX: i64 = 11_000;

/// Points of all series that are counted at a time: 8 MB.
pub(crate) const CELLS_MAX: usize = 1_000_000;

/// Conditions of a query of LogQL: a dashboard's have some five.
pub(crate) const MATCHERS_MAX: usize = 100;

/// Bytes that a regular expression may take when it is built: with the number of conditions this
/// bounds what a query takes.
pub(crate) const EXPRESSION_BYTES_MAX: usize = 1 << 20;

/// The longest window that is counted over, microseconds: a leap year.
pub(crate) const WINDOW_MAX: i64 = 366 * 86_400 * 1_000_000;

/// Seconds that somebody may take at an OpenID Connect provider: a second factor may have to be found.
pub(crate) const OPENID_SECS: i64 = 900;

/// Bytes of the place of the page that one comes back to; a cookie has 4,096.
pub(crate) const PLACE_BYTES_MAX: usize = 2_048;
