//! Connections that are open: how many, and how a question of one is ended from another.

use crate::limits::{CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, watch};

/// What was counted since the daemon began.
#[derive(Debug, Default)]
pub struct Counts {
    /// Connections that are open.
    pub connections: AtomicU64,
    /// Connections that were refused: too many, or a key that is not good.
    pub refused: AtomicU64,
    /// Questions that were answered, the catalog's too.
    pub answered: AtomicU64,
    /// Questions that were not.
    pub failed: AtomicU64,
}

/// Ends when it is told to stop, or nobody can tell it any more.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// All connections.
#[derive(Default)]
pub(crate) struct Running {
    counts: Arc<Counts>,
    connections: Mutex<Connections>,
}

#[derive(Default)]
struct Connections {
    last: i32,
    addresses: HashMap<IpAddr, usize>,
    open: HashMap<i32, Open>,
}

struct Open {
    secret: i32,
    cancel: Arc<Notify>,
    asks: bool,
}

/// A place among the connections, until it is dropped.
pub(crate) struct Place {
    running: Arc<Running>,
    address: IpAddr,
    pub(crate) number: i32,
    pub(crate) secret: i32,
    cancel: Arc<Notify>,
}

impl Running {
    pub(crate) fn new(counts: Arc<Counts>) -> Arc<Self> {
        Arc::new(Running {
            counts,
            connections: Mutex::default(),
        })
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }

    fn lock(&self) -> MutexGuard<'_, Connections> {
        // What a panic left is whole: each change is one step.
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection, if there is one.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let mut connections = self.lock();
        let of_address = connections.addresses.get(&address);
        let of_address = of_address.copied().unwrap_or_default();
        if connections.open.len() >= CONNECTIONS_MAX || of_address >= CONNECTIONS_PER_ADDRESS_MAX {
            return None;
        }
        let mut secret = [0; 4];
        getrandom::fill(&mut secret).ok()?;
        let secret = i32::from_ne_bytes(secret);
        let mut number = connections.last;
        loop {
            number = number.checked_add(1).unwrap_or(1);
            if !connections.open.contains_key(&number) {
                break;
            }
        }
        connections.last = number;
        connections.addresses.insert(address, of_address + 1);
        let cancel = Arc::new(Notify::new());
        let open = Open {
            secret,
            cancel: Arc::clone(&cancel),
            asks: false,
        };
        connections.open.insert(number, open);
        self.counts.connections.fetch_add(1, Ordering::Relaxed);
        Some(Place {
            running: Arc::clone(self),
            address,
            number,
            secret,
            cancel,
        })
    }

    /// Ends the question of a connection, if its secret is told and it asks.
    pub(crate) fn cancel(&self, number: i32, secret: i32) {
        let connections = self.lock();
        let open = connections.open.get(&number);
        if let Some(open) = open.filter(|it| it.secret == secret && it.asks) {
            open.cancel.notify_one();
        }
    }
}

impl Place {
    /// From now on it may be cancelled what is asked here; what was meant for a question before is not.
    pub(crate) fn asks(&mut self) -> Arc<Notify> {
        let cancel = Arc::new(Notify::new());
        self.cancel = Arc::clone(&cancel);
        let mut connections = self.running.lock();
        if let Some(open) = connections.open.get_mut(&self.number) {
            open.cancel = Arc::clone(&cancel);
            open.asks = true;
        }
        cancel
    }

    /// Nothing is asked any more.
    pub(crate) fn rests(&self) {
        let mut connections = self.running.lock();
        if let Some(open) = connections.open.get_mut(&self.number) {
            open.asks = false;
        }
    }

    pub(crate) fn running(&self) -> &Arc<Running> {
        &self.running
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut connections = self.running.lock();
        connections.open.remove(&self.number);
        if let Some(of_address) = connections.addresses.get_mut(&self.address) {
            *of_address -= 1;
            if *of_address == 0 {
                connections.addresses.remove(&self.address);
            }
        }
        let counts = &self.running.counts;
        counts.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_places_and_gives_them_back() {
        let running = Running::new(Arc::default());
        let address = |last: u8| IpAddr::from([192, 0, 2, last]);
        let taken: Vec<Place> = std::iter::from_fn(|| running.take(address(1))).collect();
        assert_eq!(taken.len(), CONNECTIONS_PER_ADDRESS_MAX);
        let others: Vec<Place> = (2..=9).flat_map(|it| running.take(address(it))).collect();
        assert_eq!(others.len(), 8);
        drop(taken);
        assert!(running.take(address(1)).is_some());
        drop(others);
        assert!(running.lock().addresses.is_empty());
        let all: Vec<Place> = (0..=255).flat_map(|it| running.take(address(it))).collect();
        assert_eq!(all.len(), CONNECTIONS_MAX);
    }

    #[test]
    fn only_who_knows_the_secret_ends_a_question_that_is_asked() {
        let running = Running::new(Arc::default());
        let mut place = running.take([192, 0, 2, 1].into()).expect("a place");
        let is_told = |cancel: &Notify| {
            let mut told = std::pin::pin!(cancel.notified());
            told.as_mut().enable()
        };
        running.cancel(place.number, place.secret);
        let cancel = place.asks();
        assert!(!is_told(&cancel));
        running.cancel(place.number, place.secret.wrapping_add(1));
        assert!(!is_told(&cancel));
        running.cancel(place.number, place.secret);
        assert!(is_told(&cancel));
        place.rests();
        running.cancel(place.number, place.secret);
        assert!(!is_told(&place.asks()));
    }
}
