//! Principals in memory, so that a question need not ask the database who asks.

use crate::ids::CustomerId;
use crate::limits::{PRINCIPAL_CACHED_SECS, PRINCIPALS_CACHED_MAX};
use crate::principal::{Principal, Reach};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A principal with what tells whether its token is still good.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) hash: String,
    pub(crate) principal: Arc<Principal>,
    /// When the token ends at the latest.
    pub(crate) expires: Option<Timestamp>,
    /// When it was used, as the database knows.
    pub(crate) seen: Option<Timestamp>,
    /// When this was read.
    pub(crate) read: Timestamp,
}

#[derive(Default)]
pub(crate) struct Cache(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    /// Counts changes: what was read before one is not kept after it.
    changes: u64,
    principals: HashMap<String, Known>,
    reaches: HashMap<CustomerId, (Timestamp, Reach)>,
}

impl Cache {
    pub(crate) fn changes(&self) -> u64 {
        self.lock().changes
    }

    /// Something was changed.
    pub(crate) fn clear(&self) {
        let mut inner = self.lock();
        inner.changes += 1;
        inner.principals.clear();
        inner.reaches.clear();
    }

    pub(crate) fn principal(&self, handle: &str, now: Timestamp) -> Option<Known> {
        let inner = self.lock();
        let known = inner.principals.get(handle)?;
        is_fresh(known.read, now).then(|| known.clone())
    }

    pub(crate) fn keep_principal(&self, handle: &str, known: Known, changes: u64) {
        let mut inner = self.lock();
        if inner.changes != changes {
            return;
        }
        if inner.principals.len() >= PRINCIPALS_CACHED_MAX {
            inner.principals.clear();
        }
        inner.principals.insert(handle.to_owned(), known);
    }

    pub(crate) fn reach(&self, customer: CustomerId, now: Timestamp) -> Option<Reach> {
        let inner = self.lock();
        let (read, reach) = inner.reaches.get(&customer)?;
        is_fresh(*read, now).then(|| reach.clone())
    }

    pub(crate) fn keep_reach(
        &self,
        customer: CustomerId,
        reach: Reach,
        now: Timestamp,
        changes: u64,
    ) {
        let mut inner = self.lock();
        if inner.changes == changes {
            inner.reaches.insert(customer, (now, reach));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_fresh(read: Timestamp, now: Timestamp) -> bool {
    now.duration_since(read).as_secs() < PRINCIPAL_CACHED_SECS
}
