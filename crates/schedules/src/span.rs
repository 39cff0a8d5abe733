//! The time that figures are of, and the time before that it is compared with.

use jiff::Timestamp;

/// From a moment on, up to another one that is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first moment.
    pub from: Timestamp,
    /// The first one behind it.
    pub until: Timestamp,
}

/// A time, and that which it is compared with, which ends before it begins or as it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The time.
    pub now: Span,
    /// The time before.
    pub before: Span,
}

impl Compared {
    /// Whether these are times that can be compared.
    pub fn is_right(&self) -> bool {
        let Compared { now, before } = self;
        before.from < before.until && before.until <= now.from && now.from < now.until
    }
}
