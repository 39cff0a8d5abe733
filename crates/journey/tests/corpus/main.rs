//! Holds the joining of lines to messages against what other projects expect of real logs.
//!
//! The corpus belongs to others: it is read where it lies and nothing of it is copied here, so what
//! must come out is told in counts, outcomes and line numbers. Where it is absent each test says so
//! and passes. What comes out wrong is asserted as it is and marked `Wrong today:` with the reason.
//!
//! With `--nocapture` each test prints its figures.

mod jino;
mod locate;
mod proxmox;
mod read;
mod stories;
mod whole;
