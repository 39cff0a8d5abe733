//! Delivery attempts: the line that every agent writes for each recipient, and what agents write
//! beside it.

mod attempt;
mod client;
mod mailbox;
mod reply;
mod status;

pub(crate) use reply::accepted_as;
pub(crate) use reply::told;

use crate::rule::Rule;

/// The status line first: it is one of the most frequent lines of all.
pub(crate) const RULES: &[Rule] = &[
    status::STATUS,
    attempt::CONNECT,
    attempt::REPLY,
    attempt::BROKEN,
    attempt::UNFIT,
    client::EHLO_KEYWORDS,
    client::PASSING,
    client::WORKAROUND,
    client::BREAKING_LINE,
    client::NO_MX_ADDRESS,
    client::OWN_HOSTNAME,
    client::ODD_RESPONSE,
    client::ODD_RESPONSE_ADVICE,
    client::RELAY_SETTING,
    client::SASL_LIBRARY,
    client::DNSSEC,
    client::CONTENT_CHECK,
    mailbox::ACCESS,
    mailbox::ADVICE,
    mailbox::ALIAS,
];
