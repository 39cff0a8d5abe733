//! Lines from the network, acknowledged once they are durable.
//!
//! Not for what lines mean: a listener frames lines, hands them to [`Intake`], and answers its client when
//! [`Intake::append`] has returned.

mod limits;

mod error;
mod intake;
mod sources;

pub mod http;

pub use error::Error;
pub use intake::Intake;
pub use limits::WAITING_BYTES_MAX;
pub use sources::{Counts, Source};
