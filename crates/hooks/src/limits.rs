//! Bounds of what is sent, and why they are what they are.

use jiff::SignedDuration;
use std::time::Duration;

/// How often it is looked whether there is something to be sent.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Webhooks that are sent to at a time; each has a connection and some rows in memory.
pub(crate) const WALKS_MAX: usize = 1_000;

/// Rows that are read at a time.
pub(crate) const ROWS_AT_A_TIME: usize = 100;

/// Rows that are taken between two notes of it: as many may come again after a crash.
pub(crate) const ROWS_UNNOTED_MAX: usize = 50;

/// How long taken rows may be unnoted.
pub(crate) const UNNOTED_MAX: SignedDuration = SignedDuration::from_secs(1);

/// Where nothing happens the place is noted as often.
pub(crate) const IDLE_NOTED_EVERY: Duration = Duration::from_secs(60);

/// How long a connection may take.
pub(crate) const CONNECT_MAX: Duration = Duration::from_secs(5);

/// How long a receiver may take for an answer, from the request to its end.
pub(crate) const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Bytes of an answer that are read so that the connection can be used again; more closes it.
pub(crate) const ANSWER_BYTES_MAX: usize = 64 << 10;
