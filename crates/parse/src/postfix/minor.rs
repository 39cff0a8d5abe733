//! What any daemon or command may tell: settings, tables, services, files; and the daemons that
//! handle no mail themselves.

mod command;
mod daemon;
mod name;
mod service;
mod setting;
mod table;

use crate::rule::Rule;

/// Tried for what no other rule has read, so the first step of each is a literal or the severity.
pub(crate) const RULES: &[Rule] = &[
    setting::OVERRIDING,
    service::QUEUE_FILE_GONE,
    daemon::CACHE_LOOKUPS,
    daemon::CACHE_INTERVAL,
    daemon::CACHE_SIZE,
    daemon::CACHE_CLEANUP,
    name::RESOURCE_DATA,
    name::INVALID,
    table::CHANGED,
    table::OUTDATED,
    table::UNAVAILABLE,
    table::LOOKUP_ERROR,
    table::LOOKUP_PROBLEM,
    table::DRIVER,
    table::DATABASE_SERVER,
    table::REMOTE_MAP,
    table::UNSUPPORTED,
    table::DATABASE,
    table::ENTRY,
    table::MAP_LINE,
    table::ALLOWED,
    table::UNAPPROVED,
    service::CONNECT,
    service::TALK,
    service::TRIGGER,
    service::SPACE,
    service::PEER_GONE,
    service::CLOCK,
    service::WATCHDOG,
    service::QUEUE_FILE,
    setting::FILE_LINE,
    setting::COMPATIBLE,
    setting::COMPATIBILITY,
    setting::LIFETIME,
    setting::BOTH,
    setting::BAD_VALUE,
    setting::HOSTNAME,
    setting::PARAMETER,
    command::USAGE,
    command::NOT_ALLOWED,
    command::SUBMISSION,
    command::NO_RECIPIENTS,
    command::UID,
    command::EXIT,
    command::SYSTEM_DOWN,
    service::FILE,
];
