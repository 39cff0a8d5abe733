//! Tries at logins, slowed down by login and by address.
//!
//! A try counts when it begins, so that many at once do not all pass; success takes it back. After some free tries the
//! next has to wait for a second, then two, four, ...
//!
//! Somebody who keeps trying a login would lock its owner out. So a login is counted by itself where it has succeeded
//! before: the owner, from where he usually comes, does not wait for what others do.

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

/// Seconds after which tries, and from where a login succeeded, are forgotten.
const FORGOTTEN_SECS: i64 = 7 * 24 * 3600;

const _: () = assert!(FORGOTTEN_SECS > ADDRESS.wait_secs_max);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Whose {
    /// A login, from wherever it has not succeeded.
    Login(String),
    /// A login, from where it has succeeded.
    Known(String, IpAddr),
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
        let both = self.counted(login, address);
        self.begin_all(both, now)
    }

    /// The same for a login whose name is not known yet.
    pub(crate) fn begin_elsewhere(
        &mut self,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<(), i64> {
        let address = address.map(network).map(Whose::Address);
        self.begin_all(Vec::from_iter(address), now)
    }

    fn begin_all(&mut self, all: Vec<Whose>, now: Timestamp) -> Result<(), i64> {
        let until = all
            .iter()
            .filter_map(|whose| self.tries.get(whose))
            .map(|it| it.until)
            .max();
        if let Some(until) = until.filter(|&until| now < until) {
            let wait = until.duration_since(now);
            return Err(wait.as_secs() + i64::from(wait.subsec_nanos() > 0));
        }
        for whose in all {
            self.count(whose, now);
        }
        Ok(())
    }

    /// Takes back what a try that succeeded has counted: all of the login, one of the address.
    pub(crate) fn succeeded(&mut self, login: &str, address: Option<IpAddr>, now: Timestamp) {
        self.tries.remove(&Whose::Login(login.to_owned()));
        let Some(address) = address.map(network) else {
            return;
        };
        if let Some(tries) = self.tries.get_mut(&Whose::Address(address)) {
            tries.count = tries.count.saturating_sub(1);
            tries.until = tries.last;
        }
        self.make_room(now);
        let known = Whose::Known(login.to_owned(), address);
        self.tries.insert(known, Tries::none(now));
    }

    /// What a try counts for.
    fn counted(&self, login: &str, address: Option<IpAddr>) -> Vec<Whose> {
        let Some(address) = address.map(network) else {
            return vec![Whose::Login(login.to_owned())];
        };
        let known = Whose::Known(login.to_owned(), address);
        let login = match self.tries.contains_key(&known) {
            true => known,
            false => Whose::Login(login.to_owned()),
        };
        vec![login, Whose::Address(address)]
    }

    fn count(&mut self, whose: Whose, now: Timestamp) {
        self.make_room(now);
        let pace = match whose {
            Whose::Login(_) | Whose::Known(..) => &LOGIN,
            Whose::Address(_) => &ADDRESS,
        };
        let tries = self.tries.entry(whose).or_insert(Tries::none(now));
        if tries.is_old(now) {
            tries.count = 0;
        }
        tries.count = tries.count.saturating_add(1);
        tries.last = now;
        let wait = SignedDuration::from_secs(pace.wait_secs(tries.count));
        tries.until = now.checked_add(wait).unwrap_or(now);
    }

    /// Forgets what is old; if nothing is, the half whose wait ends first.
    fn make_room(&mut self, now: Timestamp) {
        if self.tries.len() < REMEMBERED_MAX {
            return;
        }
        self.tries.retain(|_, it| !it.is_old(now));
        if self.tries.len() < REMEMBERED_MAX {
            return;
        }
        let mut ends: Vec<_> = self.tries.values().map(|it| (it.until, it.last)).collect();
        let middle = ends.len() / 2;
        let bound = *ends.select_nth_unstable(middle).1;
        self.tries.retain(|_, it| (it.until, it.last) > bound);
    }
}

impl Tries {
    fn none(now: Timestamp) -> Self {
        Self {
            count: 0,
            last: now,
            until: now,
        }
    }

    fn is_old(&self, now: Timestamp) -> bool {
        now.duration_since(self.last).as_secs() >= FORGOTTEN_SECS
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

/// Whoever has one address of IPv6 has all of its /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(it) => Ipv6Addr::from_bits(it.to_bits() & !u128::from(u64::MAX)).into(),
        it @ IpAddr::V4(_) => it,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_000_000_000 + secs).unwrap()
    }

    fn host(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn waits_double_and_end_with_success() {
        let mut throttle = Throttle::default();
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..14 {
            if let Err(wait) = throttle.begin("anna", None, at(now)) {
                waits.push(wait);
                now += wait;
                throttle.begin("anna", None, at(now)).unwrap();
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        throttle.begin("berta", None, at(now)).unwrap();
        throttle.succeeded("anna", None, at(now));
        for _ in 0..5 {
            throttle.begin("anna", None, at(now)).unwrap();
        }
        assert!(throttle.begin("anna", None, at(now)).is_err());
    }

    #[test]
    fn an_address_that_tries_many_logins_waits() {
        let mut throttle = Throttle::default();
        let tried = |it: u32| throttle.begin(&format!("user{it}"), host(1), at(0)).is_ok();
        assert_eq!((0..100).map(tried).filter(|it| *it).count(), 20);
        assert!(throttle.begin("user1", host(2), at(0)).is_ok());
    }

    #[test]
    fn logins_elsewhere_count_for_their_address_alone() {
        let mut throttle = Throttle::default();
        for _ in 0..20 {
            throttle.begin_elsewhere(host(1), at(0)).unwrap();
        }
        assert_eq!(throttle.begin_elsewhere(host(1), at(0)), Err(1));
        assert_eq!(throttle.begin("anna", host(1), at(0)), Err(1));
        throttle.begin("anna", host(2), at(0)).unwrap();
        throttle.begin_elsewhere(host(1), at(1)).unwrap();
        throttle.succeeded("anna", host(1), at(1));
        throttle.begin_elsewhere(host(1), at(1)).unwrap();
        assert_eq!(throttle.begin_elsewhere(host(1), at(1)), Err(2));
    }

    #[test]
    fn the_addresses_of_one_network_are_one() {
        let mut throttle = Throttle::default();
        let host = |it: u32| format!("2001:db8:0:1::{it:x}").parse().ok();
        let tried = |it: u32| {
            throttle
                .begin(&format!("user{it}"), host(it), at(0))
                .is_ok()
        };
        assert_eq!((0..100).map(tried).filter(|it| *it).count(), 20);
        let mapped = "::ffff:192.0.2.1".parse().ok();
        assert_eq!(mapped.map(network), self::host(1));
    }

    #[test]
    fn an_owner_is_not_locked_out_by_others() {
        let mut throttle = Throttle::default();
        throttle.begin("anna", host(1), at(0)).unwrap();
        throttle.succeeded("anna", host(1), at(0));
        for now in 0..=10_000 {
            let from = host(2 + (now % 200) as u8);
            let _ = throttle.begin("anna", from, at(now));
        }
        let _ = throttle.begin("anna", host(250), at(10_000));
        assert!(throttle.begin("anna", host(251), at(10_000)).is_err());
        throttle.begin("anna", host(1), at(10_000)).unwrap();
    }

    #[test]
    fn memory_is_bounded_and_those_who_wait_long_are_remembered() {
        let mut throttle = Throttle::default();
        while throttle.begin("anna", host(1), at(0)).is_ok() {}
        let now = 0;
        for it in 0..3 * REMEMBERED_MAX {
            let _ = throttle.begin(&format!("user{it}"), None, at(now));
            assert!(throttle.tries.len() <= REMEMBERED_MAX);
        }
        assert!(throttle.begin("anna", host(1), at(0)).is_err());
    }

    proptest! {
        /// However tries are spread over time, no more pass than the pace allows.
        #[test]
        fn guessing_is_slow(steps in prop::collection::vec((0_i64..90, 0_u8..3), 1..400)) {
            let mut throttle = Throttle::default();
            let (mut now, mut passed) = (0, 0);
            for (step, from) in steps {
                now += step;
                passed += i64::from(throttle.begin("anna", host(from), at(now)).is_ok());
            }
            // Five free, six while the wait grows, then one a minute.
            prop_assert!(passed <= 5 + 6 + now / 60 + 1, "{passed} in {now} s");
        }

        /// Who waits for as long as he is told may try.
        #[test]
        fn the_wait_is_what_is_told(tries in 1_usize..60, from in 0_u8..3) {
            let mut throttle = Throttle::default();
            let mut now = 0;
            for _ in 0..tries {
                if let Err(wait) = throttle.begin("anna", host(from), at(now)) {
                    prop_assert!(throttle.begin("anna", host(from), at(now + wait - 1)).is_err());
                    now += wait;
                    prop_assert!(throttle.begin("anna", host(from), at(now)).is_ok());
                }
            }
        }
    }
}
