//! Lines from the network, acknowledged once they are durable.
//!
//! Not for what lines mean: a listener frames lines, hands them to [`Intake`], and answers its client when
//! [`Intake::append`] has returned.

mod limits;

mod error;
mod intake;
mod sources;

mod listener;
mod redis_list;
mod relp;
mod syslog;

mod gathered;
pub mod http;
mod pieces;
mod places;
mod reading;
mod seldom;
mod share;
mod stop;
mod tls;

pub use error::Error;
pub use intake::Intake;
pub use limits::{CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX, LINE_BYTES_MAX, WAITING_BYTES_MAX};
pub use listener::{Admission, Listener, Protocol};
pub use pieces::Line;
pub use redis_list::{RedisList, RedisSettings};
pub use relp::{Command, Frame, Frames, Malformed};
pub use sources::{Counts, Source};
pub use syslog::{Framing, SyslogUdp};
pub use tls::{Tls, TlsError};
pub use tokio_rustls::TlsAcceptor;
