//! SQL for PostgreSQL's clients: its protocol, over questions to the archive that only read.
//!
//! Who asks shows a key as the password, and sees what the key sees, asked anew with each question. Not for
//! SQL itself and the catalog (`query`), nor for who may ask how often (`desk`).
//!
//! Written by ourselves rather than with `pgwire`: see
//! [decision 0015](../../../docs/decisions/0015-own-postgresql-protocol.md).

mod limits;

mod stream;
mod wire;

mod refusal;

mod command;
mod values;

mod parameters;

mod answers;
mod running;

mod guest;
mod prepared;
mod session;

mod login;

mod listener;

pub use guest::Settings;
pub use listener::Listener;
pub use running::Counts;

use query::Archive;
use std::sync::Arc;

/// What the daemon gives.
pub trait Daemon: Send + Sync + 'static {
    /// The newest version of the archive.
    fn archive(&self) -> Arc<Archive>;

    /// The time, for what expires.
    fn now(&self) -> jiff::Timestamp;
}
