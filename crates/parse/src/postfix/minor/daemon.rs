//! Figures of scache(8), and of the caches of verify(8) and postscreen(8).

use crate::postfix::notice::{counted, notice};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind};

pub(super) const CACHE_LOOKUPS: Rule = rule(
    "scache lookups",
    cache_lookups,
    "postfix src/scache/scache.c",
    &[
        "statistics: domain lookup hits=59 miss=57 success=50%",
        "statistics: address lookup hits=11 miss=81 success=11%",
    ],
);

/// The figure is the number of hits.
fn cache_lookups<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("statistics: ")?;
    let about = at.one_of(&["domain", "address"])?;
    at.lit(" lookup ")?;
    let text = at.peek();
    at.lit("hits=")?;
    let hits = at.number()?;
    at.lit(" miss=")?;
    let _misses: u64 = at.number()?;
    at.lit(" success=")?;
    let _percent: u64 = at.number()?;
    at.lit("%")?;
    at.end()?;
    counted(
        Kind::ServiceStatistics,
        about.into(),
        Some(hits),
        text.into(),
    )
}

pub(super) const CACHE_INTERVAL: Rule = rule(
    "scache interval",
    cache_interval,
    "postfix src/scache/scache.c",
    &["statistics: start interval Nov 22 08:23:21"],
);

fn cache_interval<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("statistics: start interval ")?;
    notice(
        Kind::ServiceStatistics,
        BStr::new(b"start interval"),
        at.remainder(),
    )
}

pub(super) const CACHE_SIZE: Rule = rule(
    "scache size",
    cache_size,
    "postfix src/scache/scache.c",
    &["statistics: max simultaneous domains=3 addresses=5 connection=4"],
);

/// The figure is the number of connections.
fn cache_size<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("statistics: max simultaneous ")?;
    let text = at.peek();
    at.lit("domains=")?;
    let _domains: u64 = at.number()?;
    at.lit(" addresses=")?;
    let _addresses: u64 = at.number()?;
    at.lit(" connection=")?;
    let connections = at.number()?;
    at.end()?;
    counted(
        Kind::ServiceStatistics,
        BStr::new(b"max simultaneous"),
        Some(connections),
        text.into(),
    )
}

pub(super) const CACHE_CLEANUP: Rule = rule(
    "cache cleanup",
    cache_cleanup,
    "postfix src/util/dict_cache.c",
    &[
        "cache lmdb:/var/lib/postfix/verify_cache full cleanup: retained=724 dropped=6 entries",
        "cache btree:/var/lib/postfix/postscreen_cache partial cleanup: retained=1 dropped=0 entries",
    ],
);

/// The figure is the number of entries retained.
fn cache_cleanup<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("cache ")?;
    let table = at.until(b' ')?;
    let text = at.peek();
    at.one_of(&["full", "partial"])?;
    at.lit(" cleanup: retained=")?;
    let retained = at.number()?;
    at.lit(" dropped=")?;
    let _dropped: u64 = at.number()?;
    at.lit(" entries")?;
    at.end()?;
    counted(Kind::ServiceStatistics, table, Some(retained), text.into())
}
