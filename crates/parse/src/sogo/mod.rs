//! SOGo: logins, what went wrong behind them, requests.
//!
//! Its file looks like syslog's, but has no host and a space before the process id:
//! `Nov 22 08:23:21 sogod [26818]: TEXT`. Source: SOGo `SoObjects/SOGo`, SOPE `sope-core/NGExtensions`.

mod login;
mod trouble;

use crate::header::Header;
use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use model::Body;

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[("sogod", login::RULES), ("sogod", trouble::RULES)];

/// Takes a text apart.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    first_match(&[login::RULES, trouble::RULES], at)
}

/// The header with the program's name where the space before the process id made a host of it.
pub(crate) fn mended(header: Header<'_>) -> Header<'_> {
    match header.host == "sogod" && header.tag.is_empty() && header.pid.is_some() {
        true => Header {
            host: Default::default(),
            tag: header.host,
            ..header
        },
        false => header,
    }
}

#[cfg(test)]
mod tests;
