//! Those who are told what comes, as it comes.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Followers, each with lots that wait for it; who is too slow is let go.
pub(crate) struct Followers<T: ?Sized> {
    lots_max: usize,
    all: Mutex<Vec<SyncSender<Arc<T>>>>,
}

impl<T: ?Sized> Followers<T> {
    /// Nobody yet; so many lots may wait for each.
    pub(crate) fn new(lots_max: usize) -> Self {
        Followers {
            lots_max,
            all: Mutex::default(),
        }
    }

    pub(crate) fn follow(&self) -> Receiver<Arc<T>> {
        let (to, lots) = sync_channel(self.lots_max);
        self.all().push(to);
        lots
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all().is_empty()
    }

    pub(crate) fn tell(&self, lot: &Arc<T>) {
        self.all().retain(|to| match to.try_send(Arc::clone(lot)) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        });
    }

    fn all(&self) -> MutexGuard<'_, Vec<SyncSender<Arc<T>>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
