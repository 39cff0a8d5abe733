//! How many connections there may be.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// The connections of a listener, counted by address.
pub(crate) struct Places {
    max: usize,
    per_address_max: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A place of a connection; free again when dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    address: IpAddr,
}

impl Places {
    pub(crate) fn new(max: usize, per_address_max: usize) -> Arc<Self> {
        Arc::new(Places {
            max,
            per_address_max,
            taken: Mutex::default(),
        })
    }

    /// A place for a connection from this address; errs with the reason why there is none.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr) -> Result<Place, &'static str> {
        let address = whole(address);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= self.max {
            return Err("too many connections");
        }
        let of_address = taken.by_address.entry(address).or_default();
        if *of_address >= self.per_address_max {
            return Err("too many connections from this address");
        }
        *of_address += 1;
        taken.all += 1;
        Ok(Place {
            places: Arc::clone(self),
            address,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let taken = &self.places.taken;
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        if let Some(count) = taken.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

/// What one customer of a provider has: an address of IPv4, or the first half of one of IPv6.
fn whole(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_in_all_and_by_address() {
        let places = Places::new(3, 2);
        let take = |address: &str| places.take(address.parse().expect("an address"));
        let first = take("2001:db8::1");
        let second = take("2001:db8::2:3");
        assert!(first.is_ok() && second.is_ok());
        assert!(matches!(take("2001:db8::4"), Err(why) if why.ends_with("this address")));
        let third = take("192.0.2.1");
        assert!(third.is_ok());
        assert!(matches!(take("192.0.2.2"), Err("too many connections")));
        drop(first);
        assert!(take("2001:db8::4").is_ok());
        drop((second, third));
        let taken = places.taken.lock().expect("not poisoned");
        assert!(taken.all == 0 && taken.by_address.is_empty());
    }
}
