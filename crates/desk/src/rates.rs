//! How often somebody asks.

use crate::limits::KNOWN_MAX;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;

/// Counts the requests of each who asks.
pub struct Rates {
    limiter:
        RateLimiter<String, DashMapStateStore<String>, DefaultClock, StateInformationMiddleware>,
    clock: DefaultClock,
    a_minute: u32,
}

impl Rates {
    pub(crate) fn new(a_minute: u32) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(a_minute).unwrap_or(NonZeroU32::MIN));
        Rates {
            limiter: RateLimiter::dashmap(quota).with_middleware(),
            clock: DefaultClock::default(),
            a_minute,
        }
    }

    /// Requests that one may make a minute.
    pub fn a_minute(&self) -> u32 {
        self.a_minute
    }

    /// Counts a request: how many are left, or seconds until there is one.
    pub fn count(&self, who: &str) -> Result<u32, u64> {
        if self.limiter.len() > KNOWN_MAX {
            self.limiter.retain_recent();
        }
        match self.limiter.check_key(&who.to_owned()) {
            Ok(left) => Ok(left.remaining_burst_capacity()),
            Err(until) => Err(until.wait_time_from(self.clock.now()).as_secs() + 1),
        }
    }
}
