//! Mail that goes out by a relay: this machine, one of ours, or a provider's, with TLS and a login where
//! it wants them.
//!
//! Not for what a mail says, nor for when one is sent again. One mail has one recipient, so that the reply
//! to it is theirs.
//!
//! Invariants:
//! - What a name or an address says adds no header and no command.
//! - A password goes over TLS or to this machine, and into no log.
//! - Who is told that a mail was not sent knows whether it may have been taken all the same.

mod letter;
mod limits;
mod smtp;
mod talk;
mod tls;

pub use letter::Letter;
pub use lettre::Address;
pub use smtp::{Login, Relay, Unsent};
pub use tls::{Authorities, Tls};
