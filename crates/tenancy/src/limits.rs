//! Bounds, and why they are what they are.

/// Bytes of a password, at the most: argon2 reads all of them.
pub(crate) const PASSWORD_BYTES_MAX: usize = 1024;

/// Characters of a password, at the least. NIST SP 800-63B asks for 8 beside a second factor and 15 alone.
pub(crate) const PASSWORD_CHARS_MIN: usize = 12;

/// Different characters of a password, at the least.
pub(crate) const PASSWORD_CHARS_DIFFERENT_MIN: usize = 5;

/// Passwords that are hashed at once: each takes 19 MiB and a core for some 30 ms.
pub(crate) const HASHES_AT_ONCE: usize = 2;

/// Bytes of a name that people give, at the most.
pub(crate) const NAME_BYTES_MAX: usize = 254;

/// Bytes of a saved search, at the most: no question is longer.
pub(crate) const SEARCH_BYTES_MAX: usize = 16 << 10;

/// Bytes of an audit entry's detail, at the most. Longer ones are cut, and say so.
pub(crate) const DETAIL_BYTES_MAX: usize = 64 << 10;

/// Entries on a page of any list, at the most.
pub(crate) const PAGE_ENTRIES_MAX: u32 = 1_000;

/// Entries of the audit log that are read at once when it is verified.
pub(crate) const VERIFIED_AT_ONCE: i64 = 2_000;

/// Domains of one customer, at the most: all are part of each of his questions.
pub(crate) const DOMAINS_MAX: usize = 20_000;

/// Accounts of one customer, at the most.
pub(crate) const ACCOUNTS_MAX: usize = 100_000;

/// Mailboxes of one user, at the most: all are part of each of his questions.
pub(crate) const MAILBOXES_MAX: usize = 100;

/// Saved searches of one user, at the most.
pub(crate) const SEARCHES_MAX: i64 = 1_000;

/// Webhooks of one customer, at the most: each is looked after all the time.
pub(crate) const WEBHOOKS_MAX: i64 = 100;

/// Bytes of a webhook's URL, at the most: more is not taken by many servers.
pub(crate) const URL_BYTES_MAX: usize = 2_048;

/// Events that one receiver did not take, at the most; then the oldest go.
pub(crate) const DEAD_EVENTS_MAX: i64 = 10_000;

/// Bytes of why a receiver did not take an event.
pub(crate) const FAILURE_BYTES_MAX: usize = 500;

/// Alerts of one customer, or of the whole installation, at the most: each asks the archive again and again.
pub(crate) const ALERTS_MAX: i64 = 100;

/// Receivers of one alert, at the most: who is told by mail did not ask for it.
pub(crate) const RECEIVERS_MAX: usize = 10;

/// Firings of one alert that are kept; then the oldest go.
pub(crate) const FIRINGS_MAX: i64 = 1_000;

/// Reports on a schedule of one customer, or of the whole installation, at the most: each asks the archive for weeks.
pub(crate) const SCHEDULES_MAX: i64 = 50;

/// Reports of one schedule that are kept in the list; then the oldest go. A year of daily ones.
pub(crate) const RUNS_MAX: i64 = 400;

/// How often a report of one schedule is sent by hand within some seconds: who gets it did not ask for it.
pub(crate) const RUNS_BY_HAND_MAX: i64 = 10;

/// See `RUNS_BY_HAND_MAX`.
pub(crate) const RUNS_BY_HAND_SECS: i64 = 3_600;

/// Exports of one user or key, waiting or kept, at the most: each is a file.
pub(crate) const JOBS_MAX: i64 = 20;

/// Principals in memory, at the most; then all are forgotten and read again.
pub(crate) const PRINCIPALS_CACHED_MAX: usize = 20_000;

/// Seconds after which a principal is read again. A change is seen at once by the process that makes it; by others of
/// a cluster after this long.
pub(crate) const PRINCIPAL_CACHED_SECS: i64 = 10;

/// Seconds between two notes of when a session or key was used.
pub(crate) const SEEN_SECS: i64 = 60;

/// Seconds after which a session that is not used ends.
pub(crate) const SESSION_IDLE_SECS: i64 = 12 * 3600;

/// Seconds after which a session ends however much it is used.
pub(crate) const SESSION_SECS: i64 = 7 * 24 * 3600;

/// Seconds for which the token of the first run is good.
pub(crate) const SETUP_SECS: i64 = 24 * 3600;

/// Seconds for which a link that sets a password is good.
pub(crate) const RESET_SECS: i64 = 24 * 3600;

/// Recovery codes that stand in for a lost second factor.
pub(crate) const RECOVERY_CODES: usize = 10;

/// Connections to the database. SQLite has one writer; readers do not wait for it.
pub(crate) const CONNECTIONS_MAX: u32 = 8;

/// Seconds to wait for another writer of the SQLite file.
pub(crate) const BUSY_SECS: u64 = 10;

const _: () = assert!(SEEN_SECS < SESSION_IDLE_SECS && SESSION_IDLE_SECS < SESSION_SECS);
