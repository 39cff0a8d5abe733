//! What lines told lately of things that later lines name by a number alone.

use std::collections::{HashMap, VecDeque};

/// Facts by the hash of what they are of, the oldest first.
#[derive(Debug)]
pub(crate) struct Lately<V> {
    by_key: HashMap<u64, V>,
    order: VecDeque<u64>,
    most: usize,
}

impl<V: Clone> Lately<V> {
    /// Room for so many; beyond, the oldest go first.
    pub(crate) fn new(most: usize) -> Self {
        Lately {
            by_key: HashMap::new(),
            order: VecDeque::new(),
            most,
        }
    }

    pub(crate) fn insert(&mut self, key: u64, value: V) {
        if self.by_key.insert(key, value).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > self.most
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_key.remove(&oldest);
        }
    }

    pub(crate) fn get(&self, key: u64) -> Option<&V> {
        self.by_key.get(&key)
    }

    /// All, the oldest first.
    pub(crate) fn all(&self) -> Vec<(u64, V)> {
        let known = |key: &u64| (*key, self.by_key[key].clone());
        self.order.iter().map(known).collect()
    }
}
