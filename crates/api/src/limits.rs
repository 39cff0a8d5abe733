//! Bounds of what a client may ask of the daemon.

use std::time::Duration;

/// Questions that are answered at a time: more than cores only makes each of them slower, but one
/// that waits for the disk must not stop the next.
pub(crate) const QUESTIONS_AT_A_TIME: usize = 8;

/// So long a question may wait for its turn; then the daemon has more to do than it can.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(10);

/// So long a question may take.
pub(crate) const QUESTION_MAX: Duration = Duration::from_secs(30);

/// Bytes of a request's body: questions and settings are short.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

/// Bytes of the text of a question: longer is no question of a person.
pub(crate) const QUERY_BYTES_MAX: usize = 8 << 10;

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
