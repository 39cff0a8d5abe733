//! Bounds of what is said to a relay, and why they are what they are.

use std::time::Duration;

/// How long a relay may take for a step of SMTP. RFC 5321 section 4.5.3.2 allows five minutes; who waits
/// longer than this tries again later.
pub(crate) const STEP_MAX: Duration = Duration::from_secs(30);

/// How long it may take to take a mail, which filters look at meanwhile: who gives up too early sends it
/// twice.
pub(crate) const TAKE_MAX: Duration = Duration::from_secs(180);

/// Bytes of a reply, with all its lines.
pub(crate) const REPLY_BYTES_MAX: usize = 16 << 10;

/// Bytes of a reply that are told.
pub(crate) const TOLD_BYTES_MAX: usize = 400;
