//! Following as its users see it: growth, rotation, compression, crashes, full journals, real logrotate.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod journald;
mod kill;
mod logrotate;
mod model;
mod problems;
mod rotation;
mod running;
mod support;
