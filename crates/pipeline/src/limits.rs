//! Bounds of lines that arrive, and why they are what they are.

/// Lines that are remembered so that they are known when they come again: one takes some 100 bytes.
/// Enough for a minute of 17,000 lines a second; of more the oldest are forgotten before their time,
/// and what comes of them by another way is stored again.
pub(crate) const REMEMBERED_MAX: usize = 1 << 20;
