//! The journal as its users see it: round trips, crashes, damage, full disks, many at once.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod damage;
mod full;
mod kill;
mod layout;
mod many;
mod round_trip;
mod support;
