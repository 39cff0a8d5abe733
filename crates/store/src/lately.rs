//! What was read and unpacked lately, and is likely to be asked for again: in a trace the same blocks
//! are looked at for one id after the other, and people ask again about the message they asked about.
//!
//! It is shared by the files of an archive and of its clones, and takes so many bytes at the most.

use crate::columns::Column;
use crate::index::IdRole;
use crate::index::terms::Terms;
use crate::limits::{
    COLUMNS_KEPT_BYTES_MAX, FILTERS_KEPT_BYTES_MAX, LINES_KEPT_BYTES_MAX, PAGES_KEPT_BYTES_MAX,
    ROWS_KEPT_BYTES_MAX, TERMS_KEPT_BYTES_MAX,
};
use arrow_array::ArrayRef;
use bytes::Bytes;
use parquet::column::page::Page;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Which file: its number among all that were opened.
type FileNumber = u64;

/// Where a page is; that of a dictionary has no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PageAt {
    pub(crate) file: FileNumber,
    pub(crate) group: u32,
    pub(crate) column: u16,
    pub(crate) number: Option<u32>,
}

/// What is kept of all files of an archive.
pub(crate) struct Lately {
    files: AtomicU64,
    /// Filters of identifiers, by file and where in it they begin.
    pub(crate) filters: Kept<(FileNumber, u64), Bytes>,
    /// Terms of files, unpacked.
    pub(crate) terms: Kept<FileNumber, Arc<Terms<Vec<u8>>>>,
    /// Unpacked pages of columns.
    pub(crate) pages: Kept<PageAt, Page>,
    /// Unpacked lines by file and block.
    pub(crate) lines: Kept<(FileNumber, u32), Arc<lines::Block>>,
    /// Columns of blocks, decoded as words or texts.
    pub(crate) columns: Kept<(FileNumber, u32, Column), ArrayRef>,
    /// Rows of a block that a filter named which may have the identifier of a hash; most have none.
    pub(crate) rows: Kept<(FileNumber, u32, u64, IdRole), Arc<[u32]>>,
}

impl Default for Lately {
    fn default() -> Self {
        Lately {
            files: AtomicU64::new(0),
            filters: Kept::new(FILTERS_KEPT_BYTES_MAX),
            terms: Kept::new(TERMS_KEPT_BYTES_MAX),
            pages: Kept::new(PAGES_KEPT_BYTES_MAX),
            lines: Kept::new(LINES_KEPT_BYTES_MAX),
            columns: Kept::new(COLUMNS_KEPT_BYTES_MAX),
            rows: Kept::new(ROWS_KEPT_BYTES_MAX),
        }
    }
}

impl Lately {
    /// A number for a file that is opened.
    pub(crate) fn number(&self) -> FileNumber {
        self.files.fetch_add(1, Ordering::Relaxed)
    }
}

/// Values by key, those forgotten first that nobody asked for: what is young grows old when the young
/// weigh half of what is allowed, and what was old then is forgotten.
pub(crate) struct Kept<K, V> {
    weight_max: usize,
    generations: Mutex<Generations<K, V>>,
}

struct Generations<K, V> {
    young: HashMap<K, (V, usize)>,
    old: HashMap<K, (V, usize)>,
    weight: usize,
}

impl<K: Copy + Eq + Hash, V: Clone> Kept<K, V> {
    pub(crate) fn new(weight_max: usize) -> Self {
        Kept {
            weight_max,
            generations: Mutex::new(Generations {
                young: HashMap::new(),
                old: HashMap::new(),
                weight: 0,
            }),
        }
    }

    pub(crate) fn get(&self, key: K) -> Option<V> {
        let mut all = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((value, _)) = all.young.get(&key) {
            return Some(value.clone());
        }
        let (value, weight) = all.old.remove(&key)?;
        all.put(key, value.clone(), weight, self.weight_max);
        Some(value)
    }

    pub(crate) fn put(&self, key: K, value: V, weight: usize) {
        let mut all = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.put(key, value, weight, self.weight_max);
    }
}

impl<K: Eq + Hash, V> Generations<K, V> {
    fn put(&mut self, key: K, value: V, weight: usize, weight_max: usize) {
        if self.weight + weight > weight_max / 2 {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
        self.weight += weight;
        self.young.insert(key, (value, weight));
    }
}

#[cfg(test)]
mod tests {
    use super::Kept;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_is_forgotten() {
        let kept = Kept::new(20);
        for number in 0..100 {
            kept.put(number, number, 1);
            assert_eq!(kept.get(0), Some(0), "after {number}");
        }
        assert_eq!(kept.get(99), Some(99));
        assert_eq!(kept.get(50), None);
        let there = (0..100).filter(|&number| kept.get(number).is_some());
        assert!(there.count() <= 20);
    }

    #[test]
    fn what_is_too_heavy_is_kept_alone() {
        let kept = Kept::new(10);
        kept.put(1, 1, 3);
        kept.put(2, 2, 50);
        kept.put(3, 3, 3);
        kept.put(4, 4, 3);
        assert_eq!(kept.get(2), None, "one heavy value, and then no more");
    }
}
