//! Webmails and their administration that log little more than logins: SquirrelMail, Horde, Open
//! WebMail, Group-Office, tine, Mailu's administration.

mod groupoffice;
mod horde;
mod mailu;
mod openwebmail;
mod squirrelmail;
mod tine;

use crate::header::Header;
use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use model::Body;

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("", squirrelmail::RULES),
    ("HORDE", horde::RULES),
    ("", openwebmail::RULES),
    ("", groupoffice::RULES),
    ("", tine::RULES),
    ("", mailu::RULES),
];

/// Takes a text apart by the rules of a program that is known by its own header or tag.
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    let tables: &[&[Rule]] = match at.program {
        b"squirrelmail" => &[squirrelmail::RULES],
        b"HORDE" | b"horde" => &[horde::RULES],
        b"openwebmail" => &[openwebmail::RULES],
        b"groupoffice" => &[groupoffice::RULES],
        b"tine" => &[tine::RULES],
        _ => &[mailu::RULES],
    };
    first_match(tables, at)
}

/// Reads the header of one of these programs' own files.
pub(crate) fn header(line: &[u8]) -> Option<Header<'_>> {
    mailu::header(line)
        .or_else(|| groupoffice::header(line))
        .or_else(|| squirrelmail::header(line))
        .or_else(|| openwebmail::header(line))
        .or_else(|| tine::header(line))
}

#[cfg(test)]
mod tests;
