//! Counts by name, exact as long as the names are not too many.

use crate::limits::TOP_KEPT;
use bstr::BString;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::cmp::Reverse;
use std::hash::BuildHasher;

/// What is counted for a name.
pub(crate) trait Counts: Default {
    /// Adds the counts of another name.
    fn merge(&mut self, other: &Self);
    /// Decides which names are the rarest.
    fn weight(&self) -> u64;
}

impl Counts for u64 {
    fn merge(&mut self, other: &u64) {
        *self += other;
    }

    fn weight(&self) -> u64 {
        *self
    }
}

/// A name's hash, by which it can be found again for as long as it is not folded.
pub(crate) type NameHash = u64;

/// Names with their counts. Beyond its capacity the rarest half is folded into one.
#[derive(Clone, Debug)]
pub(crate) struct Ranking<C> {
    table: HashTable<u32>,
    entries: Vec<Entry<C>>,
    capacity: usize,
    folded: C,
    folded_names: u64,
}

/// A name with its counts.
#[derive(Clone, Debug)]
pub(crate) struct Entry<C> {
    hash: NameHash,
    pub(crate) name: Box<[u8]>,
    pub(crate) counts: C,
}

/// A ranking as a summary holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Top<C> {
    /// How many names there were.
    pub distinct: u64,
    /// Whether `distinct` is exact. Where there were too many names to count each, a name may have
    /// been taken for new more than once.
    pub exact: bool,
    /// The first by the ranking's order, at most 100.
    pub entries: Vec<Named<C>>,
    /// All that are not in `entries`.
    pub others: C,
}

/// A name with its counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named<C> {
    /// As logged.
    pub name: BString,
    /// What was counted.
    pub counts: C,
}

/// The hash of a name.
#[inline]
pub(crate) fn hash_of(name: &[u8]) -> NameHash {
    FixedState::with_seed(0x5761_7962_696c_6c00).hash_one(name)
}

impl<C: Counts> Ranking<C> {
    pub(crate) fn new(capacity: usize) -> Self {
        Ranking {
            table: HashTable::new(),
            entries: Vec::new(),
            capacity,
            folded: C::default(),
            folded_names: 0,
        }
    }

    /// The counts of a name, which is added if it is new.
    #[inline]
    pub(crate) fn at(&mut self, name: &[u8]) -> &mut C {
        self.at_hash(name).1
    }

    /// The counts of a name, with its hash.
    #[inline]
    pub(crate) fn at_hash(&mut self, name: &[u8]) -> (NameHash, &mut C) {
        let hash = hash_of(name);
        let entries = &self.entries;
        let found = self.table.find(hash, |&at| {
            let entry = &entries[at as usize];
            entry.hash == hash && *entry.name == *name
        });
        let at = match found {
            Some(&at) => at as usize,
            None => self.insert(hash, name),
        };
        (hash, &mut self.entries[at].counts)
    }

    #[cold]
    fn insert(&mut self, hash: NameHash, name: &[u8]) -> usize {
        if self.is_full() {
            self.fold();
        }
        let at = self.entries.len();
        self.entries.push(Entry {
            hash,
            name: name.into(),
            counts: C::default(),
        });
        let entries = &self.entries;
        self.table
            .insert_unique(hash, at as u32, |&at| entries[at as usize].hash);
        at
    }

    /// The counts of a name seen before; those of all folded names if it is one of them.
    pub(crate) fn again(&mut self, hash: NameHash) -> &mut C {
        let entries = &self.entries;
        match self
            .table
            .find(hash, |&at| entries[at as usize].hash == hash)
        {
            Some(&at) => &mut self.entries[at as usize].counts,
            None => &mut self.folded,
        }
    }

    /// The name of a hash, `None` if it was folded.
    pub(crate) fn name(&self, hash: NameHash) -> Option<&[u8]> {
        let found = self
            .table
            .find(hash, |&at| self.entries[at as usize].hash == hash)?;
        Some(&self.entries[*found as usize].name)
    }

    /// Whether the next new name folds the rarest.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.entries.len() >= self.capacity
    }

    /// Takes out the rarest half, counts it as folded, and gives it back.
    pub(crate) fn fold(&mut self) -> Vec<Entry<C>> {
        self.entries
            .sort_by_key(|entry| (Reverse(entry.counts.weight()), entry.hash));
        let rarest = self.entries.split_off(self.capacity / 2);
        for entry in &rarest {
            self.folded.merge(&entry.counts);
        }
        self.folded_names += rarest.len() as u64;
        let entries = &self.entries;
        self.table.clear();
        for (at, entry) in entries.iter().enumerate() {
            self.table
                .insert_unique(entry.hash, at as u32, |&at| entries[at as usize].hash);
        }
        rarest
    }

    /// All names in the order of coming.
    pub(crate) fn entries(&self) -> &[Entry<C>] {
        &self.entries
    }

    /// The first by a key, the rest together. Names for which the key is 0 do not count.
    pub(crate) fn top<Out: Counts>(
        &self,
        key: impl Fn(&C) -> u64,
        shown: impl Fn(&C) -> Out,
    ) -> Top<Out> {
        self.first(TOP_KEPT, key, shown)
    }

    /// As [`Ranking::top`], with a number of names.
    pub(crate) fn first<Out: Counts>(
        &self,
        kept: usize,
        key: impl Fn(&C) -> u64,
        shown: impl Fn(&C) -> Out,
    ) -> Top<Out> {
        let mut order: Vec<&Entry<C>> = self
            .entries
            .iter()
            .filter(|entry| key(&entry.counts) > 0)
            .collect();
        order.sort_by(|one, other| {
            (key(&other.counts).cmp(&key(&one.counts))).then_with(|| one.name.cmp(&other.name))
        });
        let mut others = shown(&self.folded);
        for entry in order.iter().skip(kept) {
            others.merge(&shown(&entry.counts));
        }
        Top {
            distinct: order.len() as u64 + self.folded_names,
            exact: self.folded_names == 0,
            entries: order
                .iter()
                .take(kept)
                .map(|entry| Named {
                    name: entry.name.to_vec().into(),
                    counts: shown(&entry.counts),
                })
                .collect(),
            others,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(top: &Top<u64>) -> Vec<String> {
        top.entries
            .iter()
            .map(|it| format!("{}={}", it.name, it.counts))
            .collect()
    }

    #[test]
    fn the_rarest_are_folded_and_nothing_is_lost() {
        let mut ranking = Ranking::<u64>::new(4);
        for name in ["a", "b", "a", "c", "a", "d", "d", "e", "b"] {
            *ranking.at(name.as_bytes()) += 1;
        }
        let top = ranking.first(2, |&it| it, |&it| it);
        assert_eq!(names(&top), ["a=3", "d=2"]);
        assert_eq!(
            top.entries.iter().map(|it| it.counts).sum::<u64>() + top.others,
            9
        );
        assert!(!top.exact);
    }

    #[test]
    fn a_count_can_be_taken_back_by_hash_even_when_folded() {
        let mut ranking = Ranking::<u64>::new(2);
        let (hash, count) = ranking.at_hash(b"a");
        *count += 1;
        *ranking.at(b"b") += 5;
        *ranking.at(b"c") += 1;
        assert_eq!(ranking.name(hash), None);
        *ranking.again(hash) -= 1;
        let top = ranking.first(9, |&it| it, |&it| it);
        assert_eq!(names(&top), ["b=5", "c=1"]);
        assert_eq!(top.others, 0);
    }
}
