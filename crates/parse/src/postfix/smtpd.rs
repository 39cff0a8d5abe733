//! The SMTP server: sessions, transactions, access decisions, proxy filters, logins, limits.

mod access;
mod limits;
mod names;
mod proxy;
mod sasl;
mod session;
mod setup;
mod transaction;
mod violations;

pub(super) use limits::queue_file_size;
pub(super) use setup::{discarded_keywords, haproxy, replaced_command};

use crate::rule::Rule;

/// By frequency: the text is tried against each in turn.
pub(crate) const RULES: &[Rule] = &[
    session::CONNECTED,
    session::DISCONNECTED,
    transaction::STARTED,
    session::ABORTED,
    sasl::FAILED,
    access::DECISION,
    names::UNRESOLVED,
    names::UNVERIFIED,
    violations::ILLEGAL_ADDRESS,
    violations::PIPELINING,
    violations::NON_SMTP,
    proxy::DECISION,
    names::LIST_UNREACHABLE,
    names::MAIL_HOST,
    sasl::LIBRARY,
    sasl::BACKEND,
    sasl::NO_MECHANISMS,
    limits::CLIENT,
    limits::TLS_REFUSED,
    limits::QUEUE_FILE_SIZE,
    violations::BDAT,
    violations::ETRN,
    violations::TOO_LONG,
    access::ETRN,
    access::TLS_ABORT,
    proxy::FAILED,
    proxy::REJECTED,
    setup::REPLACED_COMMAND,
    setup::EHLO_KEYWORDS,
    setup::REPLY_FILTER,
    setup::HAPROXY,
    setup::ADDRESS_FROM_PROXY,
    setup::RESTRICTION,
    setup::CERTIFICATE,
    session::QMQP_ABORTED,
];
