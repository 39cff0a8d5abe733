//! Bounds of what may be asked of the daemon, by whatever way.

use std::time::Duration;

/// Questions that are answered at a time: more than cores only makes each of them slower, but one
/// that waits for the disk must not stop the next.
pub(crate) const QUESTIONS_AT_A_TIME: usize = 8;

/// So long a question may wait for its turn; then the daemon has more to do than it can.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(10);

/// So long a question may take.
pub const QUESTION_MAX: Duration = Duration::from_secs(30);

/// Bytes of the text of a question: longer is no question of a person.
pub const QUERY_BYTES_MAX: usize = 8 << 10;

/// Who are counted at a time, before those who were quiet are forgotten.
pub(crate) const KNOWN_MAX: usize = 100_000;
