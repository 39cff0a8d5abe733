//! Roundcube: logins, messages handed in, errors.
//!
//! A line may begin with `<SESSION> `, the first characters of the session id; what it tells of a
//! login and of a message sent later then has the session in common. Through syslog the name of the
//! log is lost. Source: roundcube `program/lib/Roundcube/rcube.php` (`write_log`).

mod error;
mod login;

use crate::header::Header;
use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use crate::stamp;
use bstr::BStr;
use model::{Body, Peer};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] =
    &[("roundcube", login::RULES), ("roundcube", error::RULES)];

/// Takes a text apart: the session, then the rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    session(at);
    first_match(&[login::RULES, error::RULES], at)
}

/// Takes `<8a1b2c3d> `.
fn session(at: &mut Scan<'_>) -> Option<()> {
    let mut ahead = *at;
    ahead.lit("<")?;
    let session = ahead.while_(|byte| byte.is_ascii_alphanumeric() || b",-".contains(&byte));
    ahead.lit("> ")?;
    ahead.session = session;
    *at = ahead;
    Some(())
}

/// Reads `[22-Nov-2026 08:23:21 +0100]: `, or, as it goes to standard output, `LOG: <SESSION> `.
pub(crate) fn header(line: &[u8]) -> Option<Header<'_>> {
    let (stamp, text) = match line.strip_prefix(b"[") {
        Some(rest) => {
            let (stamp, rest) = stamp::php(rest)?;
            (stamp, rest.strip_prefix(b"]: ")?)
        }
        None => (model::Stamp::default(), to_output(line)?),
    };
    Some(Header {
        stamp,
        tag: "roundcube".into(),
        text,
        ..Header::default()
    })
}

fn to_output(line: &[u8]) -> Option<&[u8]> {
    let logs: [&[u8]; 3] = [b"userlogins: ", b"sendmail: ", b"errors: "];
    let text = logs.iter().find_map(|log| line.strip_prefix(*log))?;
    session(&mut Scan::new(text, b""))?;
    Some(text)
}

/// The client as `192.0.2.10`, or with what a proxy told of it in parentheses behind; that is not
/// believed. Source: roundcube `rcube_utils.php` (`remote_ip`).
fn client(text: &BStr) -> Option<Peer<'_>> {
    let mut at = Scan::new(text, b"");
    let is_part = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
    let address = at.while_(is_part);
    at.has(" ");
    if at.has("(") {
        at.remainder().strip_suffix(b")")?;
    }
    at.end()?;
    (!address.is_empty()).then_some(())?;
    Some(Peer {
        address,
        ..Peer::default()
    })
}

#[cfg(test)]
mod tests;
