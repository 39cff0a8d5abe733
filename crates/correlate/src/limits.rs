//! Bounds of the correlator, each with its reason.

/// How long a delivery may wait for the head of its message, in milliseconds of the host's log:
/// syslog daemons reorder lines within seconds.
pub(crate) const HEAD_WAIT_MS: i64 = 10_000;

/// How long a message that has left the queue can still be linked to, in milliseconds: behind a
/// filter the child is done before its parent's delivery line stands in the log, between hosts
/// clocks differ.
pub(crate) const LINKABLE_MS: i64 = 600_000;

/// How long a half link waits for its other side.
pub(crate) const HALF_LINK_MS: i64 = LINKABLE_MS;

/// Lines of a message that came within this time after its last one belong to it even if they say
/// that a message begins: stamps of RFC 3164 have whole seconds only.
pub(crate) const SAME_INCARNATION_MS: i64 = 1_000;

/// Lines that do not begin a message belong to a closed one within this time; later ones begin a
/// message whose head is missing.
pub(crate) const LATE_TAIL_MS: i64 = 60_000;

/// A transaction that is not queued this long after its last line was given up.
pub(crate) const ABORTED_AFTER_MS: i64 = 600_000;

/// At the end of the logs the same is said sooner: cleanup and the queue manager write within seconds
/// of the client's last line, so what has not been queued by then will hardly be.
pub(crate) const UNDECIDED_AT_END_MS: i64 = 60_000;

/// A message without lines for this long has lost its tail: `maximal_queue_lifetime` is five days,
/// and an administrator may have doubled it for a while.
pub(crate) const LOST_AFTER_MS: i64 = 8 * 86_400_000;

/// A process that holds lines without a session for this long gives them up.
pub(crate) const IDLE_PROCESS_MS: i64 = 3_600_000;

/// A session without lines for this long, of a process that serves many, has lost its end.
pub(crate) const LOST_SESSION_MS: i64 = 86_400_000;

/// How often open messages and processes are looked through.
pub(crate) const SWEEP_EVERY_MS: i64 = 600_000;

/// How far a next hop's message may begin before the delivery line's own begin, or behind the line.
pub(crate) const SKEW_MS: i64 = 300_000;

/// Lines that a session, a process or a message may hold; beyond, each is a row of its own.
pub(crate) const HELD_LINES_MAX: usize = 4_096;

/// Closed messages kept for links, of all hosts; beyond, the oldest of the host that has most go first. At 100,000
/// lines a second they are those of some two minutes; each has some 700 bytes of memory, and 300 in every commit's state.
pub(crate) const CLOSED_MAX: usize = 1_000_000;

/// So many go then, so that hosts are compared now and then only.
pub(crate) const CLOSED_FORGOTTEN_AT_ONCE: usize = 1_024;

/// Bytes that a forgotten message's texts may keep of memory for the next one.
pub(crate) const KEPT_BYTES_MAX: usize = 4_096;

/// Memory of held lines that waits to be used again: as much as messages come and go within a second.
pub(crate) const SPARE_LINES_MAX: usize = 1_024;

/// Half links kept; beyond, the oldest go first.
pub(crate) const HALF_LINKS_MAX: usize = 1_000_000;

/// Messages with one Message-ID that can be found by it: a newsletter sends the same one a hundred
/// thousand times, and each look-up goes through all.
pub(crate) const SAME_MESSAGE_ID_MAX: usize = 256;

/// Open recipients remembered of one message, for those that expire.
pub(crate) const OPEN_RECIPIENTS_MAX: usize = 10_000;

/// Words kept of what was said before an attempt's result: a reply has 512 bytes a line, and the first
/// lines of a longer one tell.
pub(crate) const SAID_BYTES_MAX: usize = 1_024;

/// Recipients of whom something was said and no result told: Courier tries up to 100 at a time
/// (`MAXRCPT` of its module `esmtp`).
pub(crate) const SAID_MAX: usize = 100;

/// Messages in mailboxes that are known by their number there (Zimbra): some 60 bytes each in every
/// commit's state. Beyond, the oldest go first, and what is done to them then is told without them.
pub(crate) const ITEM_IDS_MAX: usize = 100_000;

/// Connections and deliveries of Cisco's gateway that are known by number: it has some hundred
/// connections at a time.
pub(crate) const NEXT_HOPS_MAX: usize = 10_000;

/// Haraka tries a recipient again after this long at the soonest, in milliseconds: the first of its
/// `temp_fail_intervals` is a minute.
pub(crate) const RETRY_AFTER_MS: i64 = 60_000;

const _: () = assert!(SAME_INCARNATION_MS < LATE_TAIL_MS && LATE_TAIL_MS < LINKABLE_MS);
const _: () = assert!(HEAD_WAIT_MS < ABORTED_AFTER_MS && ABORTED_AFTER_MS < LOST_AFTER_MS);
