//! What came from where, counted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Counters of one source: a protocol and who speaks it, such as `syslog tcp 192.0.2.1`.
///
/// The name is that of its lines in the journal, so that a host name forged in a line is seen beside it.
#[derive(Debug, Default)]
pub struct Source {
    /// Lines that are durable.
    pub lines: AtomicU64,
    /// Their bytes.
    pub bytes: AtomicU64,
    /// When the last of them was received, nanoseconds since 1970-01-01T00:00:00Z; 0 before the first.
    pub last_ns: AtomicI64,
    /// Lines that were not taken and cannot come again (UDP without room).
    pub dropped: AtomicU64,
    /// Lines that were cut, for they were too long.
    pub cut: AtomicU64,
    /// Times that the client was refused or made to wait for want of room.
    pub refused: AtomicU64,
    /// Connections that are open.
    pub connections: AtomicU64,
}

/// What [`Source`] counted up to now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// See [`Source::lines`].
    pub lines: u64,
    /// See [`Source::bytes`].
    pub bytes: u64,
    /// See [`Source::last_ns`].
    pub last_ns: i64,
    /// See [`Source::dropped`].
    pub dropped: u64,
    /// See [`Source::cut`].
    pub cut: u64,
    /// See [`Source::refused`].
    pub refused: u64,
    /// See [`Source::connections`].
    pub connections: u64,
}

impl Source {
    /// Counts a line that became durable.
    pub(crate) fn took(&self, bytes: usize, received_ns: i64) {
        self.lines.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.last_ns.fetch_max(received_ns, Ordering::Relaxed);
    }

    /// What was counted.
    pub fn counts(&self) -> Counts {
        Counts {
            lines: self.lines.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            last_ns: self.last_ns.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            cut: self.cut.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            connections: self.connections.load(Ordering::Relaxed),
        }
    }
}

/// All sources by name.
#[derive(Debug, Default)]
pub(crate) struct Sources(Mutex<BTreeMap<String, Arc<Source>>>);

impl Sources {
    /// The source of this name; a new one where there is none.
    pub(crate) fn named(&self, name: &str) -> Arc<Source> {
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match sources.get(name) {
            Some(source) => Arc::clone(source),
            None => Arc::clone(sources.entry(name.to_owned()).or_default()),
        }
    }

    /// Names and counts.
    pub(crate) fn all(&self) -> Vec<(String, Counts)> {
        let sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = |(name, source): (&String, &Arc<Source>)| (name.clone(), source.counts());
        sources.iter().map(counts).collect()
    }
}
