//! Bounds, and why they are what they are.

use std::time::Duration;

/// Jobs that are written at a time: a short one need not wait for a long one, and more would only make each
/// slower.
pub(crate) const AT_A_TIME: usize = 2;

/// How often it is looked at what is to be done where nobody tells of it: for what expires, and for users who
/// are removed.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(10);

/// How often it is noted how much is written, and seen whether it is still wanted.
pub(crate) const NOTE_EVERY: Duration = Duration::from_millis(200);

/// So long after each piece a job waits for questions that are being answered; then it goes on beside them.
pub(crate) const GIVE_WAY_MAX: Duration = Duration::from_millis(500);

/// How often it looks whether they are answered.
pub(crate) const GIVE_WAY_LOOK: Duration = Duration::from_millis(10);

/// So long counting the rows may take; what takes longer is not counted.
pub(crate) const COUNT_MAX: Duration = Duration::from_secs(20);

/// How often a job goes on where the archive could not be read.
pub(crate) const TRIES: u32 = 3;

/// What is waited for before.
pub(crate) const TRY_AFTER: Duration = Duration::from_secs(5);

/// Bytes that stay free on the disk: journal and archive need them more.
pub(crate) const FREE_BYTES_MIN: u64 = 1 << 30;

/// Bytes that are gathered before they are written.
pub(crate) const BUFFER_BYTES: usize = 256 << 10;

/// Characters of a file's name that tell what it is.
pub(crate) const NAME_CHARS_MAX: usize = 60;
