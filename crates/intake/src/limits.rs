//! Every limit of this crate: unit in the name, reason above it.

/// Bytes of lines that wait for the journal at once, of all listeners together.
///
/// Sixteen full batches: more than the journal writes between two syncs, and all the memory that slow or hostile
/// clients can make the daemon hold here.
pub const WAITING_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Milliseconds between two tries to append to a journal that is full.
pub(crate) const RETRY_MS: u64 = 100;
