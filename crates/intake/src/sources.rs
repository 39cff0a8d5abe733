//! What came from where, counted.

use crate::limits::SOURCES_MAX;
use journal::Batch;
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
    /// Lines that were not taken and cannot come again: of UDP for want of room, of syslog where the journal failed.
    ///
    /// Under `syslog udp`, without an address, stands what the kernel dropped.
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

/// What is counted together once there are as many sources as are counted one by one.
const OTHERS: &str = "others";

/// All sources by name.
#[derive(Debug, Default)]
pub(crate) struct Sources(Mutex<BTreeMap<String, Arc<Source>>>);

impl Sources {
    /// The source of this name; a new one where there is none, and [`OTHERS`] where there are too many.
    pub(crate) fn named(&self, name: &str) -> Arc<Source> {
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match sources.get(name) {
            Some(source) => Arc::clone(source),
            None if sources.len() >= SOURCES_MAX => {
                Arc::clone(sources.entry(OTHERS.to_owned()).or_default())
            }
            None => Arc::clone(sources.entry(name.to_owned()).or_default()),
        }
    }

    /// Counts a batch that is durable.
    pub(crate) fn count(&self, batch: &Batch) {
        let mut last: Option<(&[u8], Arc<Source>)> = None;
        for line in batch.iter() {
            let source = match &last {
                Some((name, source)) if *name == line.source => source,
                _ => {
                    let name = String::from_utf8_lossy(name_of(line.source));
                    &last.insert((line.source, self.named(&name))).1
                }
            };
            source.took(line.line.len(), line.received_ns);
        }
    }

    /// Names and counts.
    pub(crate) fn all(&self) -> Vec<(String, Counts)> {
        let sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = |(name, source): (&String, &Arc<Source>)| (name.clone(), source.counts());
        sources.iter().map(counts).collect()
    }
}

/// The part of a source that is for people; what follows a NUL is for who wrote it.
fn name_of(source: &[u8]) -> &[u8] {
    let end = memchr::memchr(0, source).unwrap_or(source.len());
    &source[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_senders_make_up_are_bounded() {
        let sources = Sources::default();
        for number in 0..SOURCES_MAX + 10 {
            sources.named(&number.to_string()).took(1, 1);
        }
        let all = sources.all();
        assert_eq!(all.len(), SOURCES_MAX + 1);
        let others = all.iter().find(|(name, _)| name == OTHERS).expect("there");
        assert_eq!(others.1.lines, 10);
    }
}
