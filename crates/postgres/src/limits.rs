//! Bounds of what a client may make the daemon do.

use std::time::Duration;

/// Connections in all: pools of some programs and people.
pub(crate) const CONNECTIONS_MAX: usize = 100;

/// Connections from one address: one program must not take all.
pub(crate) const CONNECTIONS_PER_ADDRESS_MAX: usize = 40;

/// So long a client may take from its first byte to a good key.
pub(crate) const LOGIN_MAX: Duration = Duration::from_secs(20);

/// So long a wrong key waits for its answer, so that keys are tried slowly.
pub(crate) const WRONG_KEY: Duration = Duration::from_secs(1);

/// So long a connection may be silent; pools keep theirs for half an hour.
pub(crate) const IDLE_MAX: Duration = Duration::from_secs(3_600);

/// So long the rest of a message may take, and a client to take what is sent.
pub(crate) const MOVE_MAX: Duration = Duration::from_secs(30);

/// Bytes of a message before somebody is known: names and a key.
pub(crate) const LOGIN_BYTES_MAX: usize = 10_000;

/// Bytes of a message: a question with its parameters.
pub(crate) const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// Bytes that are gathered before they are sent.
pub(crate) const SEND_BYTES: usize = 64 << 10;

/// Statements, and portals, that a connection may keep.
pub(crate) const KEPT_MAX: usize = 1_000;

/// Batches of rows between who reads them and who sends them.
pub(crate) const BATCHES_AHEAD: usize = 2;
