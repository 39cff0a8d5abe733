//! What is done to stored rows as time goes by: larger files, expiry by retention class, legal holds,
//! erasure of a person, and the proof that all is there.
//!
//! It is not for how files are written anew (`store`), nor for what a question means (`search`,
//! `query`), nor for when any of it is due: who calls says what time it is.
//!
//! Invariants: a row goes only when its class expired or its person was erased, and never while a hold
//! asks for it; what went is counted in the archive, so that the lines read are always the lines that
//! are there and those that went.

mod check;
mod compact;
mod erase;
mod error;
mod expire;
mod limits;
mod rules;

pub use check::{Damage, Findings, check, rebuild};
pub use compact::{Compacted, compact};
pub use erase::{Erased, erase};
pub use error::{Error, Result};
pub use expire::{Expired, expire};
pub use rules::{HELD, Hold, Rules};
