//! Bounds of what is asked of a provider, and why they are what they are.

use std::time::Duration;

/// How long a connection to the provider may take.
pub(crate) const CONNECT_MAX: Duration = Duration::from_secs(5);

/// How long an answer may take, from the connection to its end: somebody waits for it.
pub(crate) const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Bytes of an answer: the keys of a large provider take some 20 KB.
pub(crate) const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Seconds for which what a provider tells of itself holds; keys that are not among it are looked for
/// at once.
pub(crate) const KNOWN_SECS: i64 = 600;

/// Seconds that the provider's clock may differ from ours.
pub(crate) const CLOCK_SECS: i64 = 60;

/// Bytes of chance in what must not be guessed; in base64 they are 43 characters, the fewest that
/// RFC 7636 section 4.1 allows.
pub(crate) const CHANCE_BYTES: usize = 32;

/// Bytes of a provider's error code that are told in the log.
pub(crate) const CODE_BYTES_MAX: usize = 60;
