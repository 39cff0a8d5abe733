//! Rarer servers of which the logins are known: the perdition proxy, solid-pop3d, HCL Domino, Oracle
//! Communications Messaging Server, DirectAdmin.

mod directadmin;
mod domino;
mod oracle;
mod perdition;
mod solid;

use crate::header::Header;
use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use bstr::BStr;
use model::{AuthFailure, Body, Peer};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("perdition.imaps", perdition::RULES),
    ("solid-pop3d", solid::RULES),
    ("", domino::RULES),
    ("", oracle::RULES),
    ("", directadmin::RULES),
];

/// Takes a text apart by the rules of a program that is known by its own header or tag.
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    let tables: &[&[Rule]] = match at.program {
        b"solid-pop3d" => &[solid::RULES],
        b"domino" => &[domino::RULES],
        b"oracle-ims" => &[oracle::RULES],
        b"directadmin" => &[directadmin::RULES],
        program if program.starts_with(b"perdition") => &[perdition::RULES],
        _ => return None,
    };
    first_match(tables, at)
}

/// Reads the header of one of these programs' own files.
pub(crate) fn header(line: &[u8]) -> Option<Header<'_>> {
    oracle::header(line)
        .or_else(|| directadmin::header(line))
        .or_else(|| domino::header(line))
}

/// A login refused.
fn refusal<'a>(
    protocol: &'static str,
    user: &'a BStr,
    client: Peer<'a>,
    reason: &'a BStr,
) -> Body<'a> {
    Body::AuthFailure(AuthFailure {
        client,
        protocol: protocol.into(),
        user,
        reason,
        ..AuthFailure::default()
    })
}

fn address(text: &[u8]) -> Peer<'_> {
    Peer {
        address: text.into(),
        ..Peer::default()
    }
}

#[cfg(test)]
mod tests;
