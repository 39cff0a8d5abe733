//! What a connection may hold in memory.

use crate::limits::{HELD_BYTES_MAX, HELD_FREE_BYTES};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The memory that the connections of a listener share, one permit a byte.
pub(crate) fn pool() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(HELD_BYTES_MAX))
}

/// A connection's part of the memory.
pub(crate) struct Share {
    pool: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Share {
    /// Nothing yet but what is free for all.
    pub(crate) fn of(pool: &Arc<Semaphore>) -> Self {
        Share {
            pool: Arc::clone(pool),
            permit: None,
        }
    }

    /// Makes the part so large, or smaller if it is larger; false if others have too much, and it stays as it is.
    pub(crate) fn cover(&mut self, bytes: usize) -> bool {
        let wanted = bytes.saturating_sub(HELD_FREE_BYTES);
        let has = self
            .permit
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits);
        if wanted <= has {
            let given_back = self
                .permit
                .as_mut()
                .map(|permit| permit.split(has - wanted));
            drop(given_back);
            return true;
        }
        let Ok(bytes) = u32::try_from(wanted - has) else {
            return false;
        };
        let Ok(more) = Arc::clone(&self.pool).try_acquire_many_owned(bytes) else {
            return false;
        };
        match &mut self.permit {
            Some(permit) => permit.merge(more),
            None => self.permit = Some(more),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_is_there_for_others() {
        let pool = Arc::new(Semaphore::new(100));
        let (mut one, mut other) = (Share::of(&pool), Share::of(&pool));
        assert!(one.cover(HELD_FREE_BYTES + 70));
        assert!(!other.cover(HELD_FREE_BYTES + 31));
        assert!(other.cover(HELD_FREE_BYTES));
        assert!(one.cover(HELD_FREE_BYTES + 10));
        assert_eq!(pool.available_permits(), 90);
        assert!(other.cover(HELD_FREE_BYTES + 31));
        assert!(one.cover(HELD_FREE_BYTES + 69) && !one.cover(HELD_FREE_BYTES + 70));
        drop((one, other));
        assert_eq!(pool.available_permits(), 100);
    }
}
