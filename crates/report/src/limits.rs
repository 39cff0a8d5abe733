//! Bounds of a tally, each with its reason.

/// Addresses of one ranking; beyond, the rarest half is folded into "others". Two rankings of this
/// size with addresses of usual length take some 50 MB.
pub(crate) const ADDRESSES_MAX: usize = 200_000;

/// Clients of one ranking; a server under attack sees many.
pub(crate) const CLIENTS_MAX: usize = 100_000;

/// Next hops; each has a histogram, which takes 4 kB where delays reach 10 s.
pub(crate) const RELAYS_MAX: usize = 10_000;

/// Reasons of one kind; more than some hundred means that the normalization has missed something.
pub(crate) const REASONS_MAX: usize = 1_000;

/// Values counted below one reason.
pub(crate) const VALUES_MAX: usize = 200;

/// Users, methods, categories: things that an installation has few of, and attackers invent.
pub(crate) const NAMES_MAX: usize = 20_000;

/// Days with counts of their own; rows of more days count in all but the day table.
pub(crate) const DAYS_MAX: usize = 4_000;

/// How long a message that has left the queue may still be linked to, in milliseconds of log time:
/// the correlator links within 600 s, and its hosts' clocks may differ by 300 s.
pub(crate) const LINKABLE_MS: i64 = 900_000;

/// Messages kept after they left the queue; beyond, the oldest go first.
pub(crate) const CLOSED_MAX: usize = 400_000;

/// A message without rows for this long has lost its tail; the correlator forgets it then, too.
pub(crate) const LOST_AFTER_MS: i64 = 8 * 86_400_000;

/// How often messages are looked through for those that have lost their tail.
pub(crate) const SWEEP_EVERY_MS: i64 = 86_400_000;

/// Deliveries noted of one message; those beyond are counted, but a later link to another own
/// queue does not take them back.
pub(crate) const NOTES_MAX: u32 = 1_000;

/// Bytes of a normalized reason.
pub(crate) const REASON_BYTES_MAX: usize = 90;

/// Entries of a ranking that a summary keeps.
pub(crate) const TOP_KEPT: usize = 100;

/// Values of a reason that a summary keeps.
pub(crate) const VALUES_KEPT: usize = 10;

const _: () = assert!(TOP_KEPT < RELAYS_MAX / 2 && VALUES_KEPT < VALUES_MAX / 2);
const _: () = assert!(LINKABLE_MS < LOST_AFTER_MS);
