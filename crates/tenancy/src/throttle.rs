//! Tries at logins, slowed down by login and by address.
//!
//! A try counts when it begins, so that many at once do not all pass; success takes it back. After some free tries the
//! next has to wait for a second, then two, four, ... A login's wait ends early enough that nobody is locked out of his
//! account for long by others; an address waits longer.

use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

/// How tries of one kind are slowed down.
struct Pace {
    free_tries: u32,
    wait_secs_max: i64,
}

const LOGIN: Pace = Pace {
    free_tries: 5,
    wait_secs_max: 60,
};

/// Many people may come from behind one address.
const ADDRESS: Pace = Pace {
    free_tries: 20,
    wait_secs_max: 3600,
};

/// Logins and addresses that are remembered, at the most: some 10 MB. Beyond, those whose wait ends first are forgotten.
const REMEMBERED_MAX: usize = 65_536;

/// Seconds after which all is forgotten.
const FORGOTTEN_SECS: i64 = 24 * 3600;

const _: () = assert!(FORGOTTEN_SECS > ADDRESS.wait_secs_max);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Whose {
    Login(String),
    Address(IpAddr),
}

struct Tries {
    count: u32,
    last: Timestamp,
    until: Timestamp,
}

#[derive(Default)]
pub(crate) struct Throttle {
    tries: HashMap<Whose, Tries>,
}

impl Throttle {
    /// Counts a try, or tells for how many seconds to wait; then it does not count.
    pub(crate) fn begin(
        &mut self,
        login: &str,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<(), i64> {
        let both = whose(login, address);
        let until = both
            .iter()
            .filter_map(|whose| self.tries.get(whose))
            .map(|it| it.until)
            .max();
        if let Some(until) = until.filter(|&until| now < until) {
            let wait = until.duration_since(now);
            return Err(wait.as_secs() + i64::from(wait.subsec_nanos() > 0));
        }
        for whose in both {
            self.count(whose, now);
        }
        Ok(())
    }

    /// Takes back what a try that succeeded has counted: all of the login, one of the address.
    pub(crate) fn succeeded(&mut self, login: &str, address: Option<IpAddr>) {
        self.tries.remove(&Whose::Login(login.to_owned()));
        let whose = address.map(|it| Whose::Address(network(it)));
        if let Some(tries) = whose.and_then(|whose| self.tries.get_mut(&whose)) {
            tries.count = tries.count.saturating_sub(1);
            tries.until = tries.last;
        }
    }

    fn count(&mut self, whose: Whose, now: Timestamp) {
        if self.tries.len() >= REMEMBERED_MAX && !self.tries.contains_key(&whose) {
            self.forget(now);
        }
        let pace = match whose {
            Whose::Login(_) => &LOGIN,
            Whose::Address(_) => &ADDRESS,
        };
        let tries = self.tries.entry(whose).or_insert(Tries {
            count: 0,
            last: now,
            until: now,
        });
        if now.duration_since(tries.last).as_secs() >= FORGOTTEN_SECS {
            tries.count = 0;
        }
        tries.count = tries.count.saturating_add(1);
        tries.last = now;
        tries.until = now
            .checked_add(SignedDuration::from_secs(pace.wait_secs(tries.count)))
            .unwrap_or(now);
    }

    /// Forgets what is old; if nothing is, the half that waits the shortest.
    fn forget(&mut self, now: Timestamp) {
        self.tries
            .retain(|_, it| now.duration_since(it.last).as_secs() < FORGOTTEN_SECS);
        if self.tries.len() < REMEMBERED_MAX {
            return;
        }
        let mut ends: Vec<_> = self.tries.values().map(|it| (it.until, it.last)).collect();
        let middle = ends.len() / 2;
        let bound = *ends.select_nth_unstable(middle).1;
        self.tries.retain(|_, it| (it.until, it.last) > bound);
    }
}

impl Pace {
    fn wait_secs(&self, tries: u32) -> i64 {
        let Some(beyond) = tries.checked_sub(self.free_tries) else {
            return 0;
        };
        1_i64
            .checked_shl(beyond.min(32))
            .unwrap_or(i64::MAX)
            .min(self.wait_secs_max)
    }
}

fn whose(login: &str, address: Option<IpAddr>) -> Vec<Whose> {
    let address = address.map(|it| Whose::Address(network(it)));
    [Some(Whose::Login(login.to_owned())), address]
        .into_iter()
        .flatten()
        .collect()
}

/// Whoever has one address of IPv6 has all of its /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(it) => Ipv6Addr::from_bits(it.to_bits() & !u128::from(u64::MAX)).into(),
        it @ IpAddr::V4(_) => it,
    }
}
