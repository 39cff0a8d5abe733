//! Postscreen, dnsblog and tlsproxy: clients that are looked at before an SMTP server is.
//!
//! Clients are `[ADDRESS]:PORT`; one process serves all, so the port tells sessions apart.

mod result;
mod service;
mod session;
mod tlsproxy;
mod violation;

use crate::rule::Rule;

/// By frequency: the text is tried against each in turn.
pub(crate) const RULES: &[Rule] = &[
    session::CONNECTED,
    result::LISTED,
    result::PASSED,
    session::DISCONNECTED,
    result::RANK,
    session::HANGUP,
    violation::PREGREET,
    session::REJECTED_RECIPIENT,
    result::KNOWN,
    violation::COMMAND_LIMIT,
    violation::PIPELINING,
    violation::NON_SMTP,
    violation::BARE_NEWLINE,
    violation::NO_RECIPIENT,
    session::REJECTED_CONNECTION,
    tlsproxy::HANDSHAKE_FAILED,
    tlsproxy::STREAM,
    service::LIST_TIMEOUT,
    service::LIST_FAILED,
    service::CACHE_DELAY,
    service::STRESS,
    service::NAME_LOST,
    service::HANDOFF,
    service::HAPROXY,
    service::EHLO_KEYWORDS,
    service::REPLACED_COMMAND,
];
