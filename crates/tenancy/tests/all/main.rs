//! What the crate does, asked as its users ask, on each database that is at hand.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod store;

mod first_run;
