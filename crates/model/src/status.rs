//! Reply codes and enhanced status codes.

use std::fmt;

/// An SMTP reply code, 200 to 599. Source: RFC 5321 §4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyCode(pub u16);

/// An enhanced status code `class.subject.detail`. Source: RFC 3463 §2; Postfix prints it as `dsn=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnhancedStatus {
    /// 2 success, 4 persistent transient failure, 5 permanent failure.
    pub class: u8,
    /// 0 to 999: 1 address, 2 mailbox, 3 system, 4 network, 5 protocol, 6 content, 7 security.
    pub subject: u16,
    /// 0 to 999.
    pub detail: u16,
}

/// Whether trying again can help. Source: RFC 5321 §4.2.1, RFC 3463 §3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureClass {
    /// 4yz: the sender is to try again.
    Temporary,
    /// 5yz: the sender is not to try again.
    Permanent,
}

impl ReplyCode {
    /// The failure class, `None` for a positive reply.
    pub const fn failure_class(self) -> Option<FailureClass> {
        match self.0 / 100 {
            4 => Some(FailureClass::Temporary),
            5 => Some(FailureClass::Permanent),
            _ => None,
        }
    }
}

impl EnhancedStatus {
    /// The failure class, `None` for class 2.
    pub const fn failure_class(self) -> Option<FailureClass> {
        match self.class {
            4 => Some(FailureClass::Temporary),
            5 => Some(FailureClass::Permanent),
            _ => None,
        }
    }
}

impl fmt::Display for EnhancedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl fmt::Display for ReplyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

impl FailureClass {
    /// `temporary` or `permanent`.
    pub const fn name(self) -> &'static str {
        match self {
            FailureClass::Temporary => "temporary",
            FailureClass::Permanent => "permanent",
        }
    }
}
