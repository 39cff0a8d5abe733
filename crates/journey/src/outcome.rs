//! How a message ended for a recipient.

/// How a message ended for a recipient, or stands at the end of the logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// In the mailbox, file or command.
    Delivered,
    /// Accepted by a server that is not ours.
    Relayed,
    /// Given to an own filter or host, of which the logs do not show what came of it.
    HandedOver,
    /// Replaced by other recipients, such as a group's members, of whom other lines tell.
    Expanded,
    /// Still in a queue, to be tried (again).
    Deferred,
    /// On hold.
    Held,
    /// Failed for good.
    Bounced,
    /// Given up after the queue life.
    Expired,
    /// Set aside by a filter.
    Quarantined,
    /// Dropped by a rule, a filter or the user's Sieve script.
    Discarded,
    /// Refused: in the SMTP session, or by the user's Sieve script.
    Rejected,
    /// Deleted by the administrator.
    Deleted,
    /// The client did not complete it.
    Aborted,
    /// An address probe: the address takes mail; nobody got any.
    Deliverable,
    /// An address probe: the address takes no mail.
    Undeliverable,
    /// The logs do not tell.
    Unknown,
}

impl Outcome {
    /// Stable lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Delivered => "delivered",
            Outcome::Relayed => "relayed",
            Outcome::HandedOver => "handed_over",
            Outcome::Expanded => "expanded",
            Outcome::Deferred => "deferred",
            Outcome::Held => "held",
            Outcome::Bounced => "bounced",
            Outcome::Expired => "expired",
            Outcome::Quarantined => "quarantined",
            Outcome::Discarded => "discarded",
            Outcome::Rejected => "rejected",
            Outcome::Deleted => "deleted",
            Outcome::Aborted => "aborted",
            Outcome::Deliverable => "deliverable",
            Outcome::Undeliverable => "undeliverable",
            Outcome::Unknown => "unknown",
        }
    }

    /// Whether more may come of it.
    pub const fn is_open(self) -> bool {
        matches!(self, Outcome::Deferred | Outcome::Held)
    }
}
