//! Questions that a daemon answers: the command line sends its words over a Unix socket in the
//! archive's folder, the daemon runs the very same command over its own archive, and the answer
//! comes back as the command writes it.
//!
//! ```text
//! DIR/waybill.sock   mode 0600: who may ask is who owns the archive, and root
//!
//! question   length (u32), JSON [`Question`]
//! answer     frames: kind (u8), length (u32), bytes; numbers are little-endian
//!            0 taken     empty; comes first
//!            1 out       of the answer, with colours
//!            2 notes     of what is said beside it, with colours
//!            3 ended     exit code (u8); comes last
//!            4 refused   why; comes alone: the asker answers by itself, from the disk
//! ```
//!
//! Version and protocol of both sides must be the same: after an upgrade, until the daemon is
//! restarted, the command line answers by itself. Whoever goes away has its answer ended at the next
//! frame.

mod client;
mod server;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use client::ask;
pub(crate) use server::Server;

/// The socket's name in the archive's folder.
const NAME: &str = "waybill.sock";
