//! Packages as their users see them: made, resumed, changed behind their back, checked by strangers.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod changed;
mod hostile;
mod keys;
mod proofs;
mod resume;
mod round_trip;
mod stranger;
mod support;
