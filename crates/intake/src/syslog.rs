//! Syslog: a message in a datagram, or many in a stream.
//!
//! Nobody acknowledges syslog. What was sent is lost where the journal fails, and is counted.

mod framing;
mod kernel;
mod tcp;
mod udp;

pub use framing::Framing;
pub use udp::SyslogUdp;

pub(crate) use tcp::serve;
