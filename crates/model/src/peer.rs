//! The other side of a connection.

use bstr::BStr;

/// A host as a log names it: `name[address]:port`. Source: postfix `src/smtpd/smtpd.h`
/// (`SMTPD_BUILD_NAMADDRPORT`), `src/smtp/smtp_session.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Peer<'a> {
    /// As written; `unknown` where the reverse name did not resolve, empty where none was logged.
    pub name: &'a BStr,
    /// Address as written, without brackets; for LMTP over a UNIX-domain socket its path; empty
    /// where none was logged. Not checked to be an address.
    pub address: &'a BStr,
    /// `None` where no port was logged.
    pub port: Option<u16>,
}

impl<'a> Peer<'a> {
    /// The host name, `None` where the log says `unknown` or nothing.
    pub fn hostname(&self) -> Option<&'a BStr> {
        (!self.name.is_empty() && self.name != "unknown").then_some(self.name)
    }

    /// Whether nothing at all is known.
    pub fn is_empty(&self) -> bool {
        self.name.is_empty() && self.address.is_empty()
    }

    /// Whether the address is a loopback one (`127.0.0.0/8`, `::1`).
    pub fn is_loopback(&self) -> bool {
        self.address.starts_with(b"127.") || self.address == "::1"
    }
}
