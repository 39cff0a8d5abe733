//! RELP: each message is acknowledged once it is durable.
//!
//! Answers are withheld while there is no room; a client sends again what was not answered when it connects anew. So
//! nothing is lost, and lines may come twice.

mod frame;
mod server;
mod session;

pub use frame::{Command, Frame, Frames, Malformed};

pub(crate) use server::serve;
