//! What the agents that write mailboxes tell beside the status line.

use crate::postfix::notice::{counted, fixed, notice, warning};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind};

pub(super) const ACCESS: Rule = rule(
    "mailbox access problem",
    access,
    "postfix src/local/maildir.c",
    &[
        "warning: maildir access problem for UID/GID=1001/1001: create maildir file /var/mail/anna/tmp/1.P7.mx1: Permission denied",
    ],
);

fn access<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("maildir access problem for UID/GID=")?;
    let uid = at.number()?;
    at.lit("/")?;
    let _gid: u64 = at.number()?;
    at.lit(": ")?;
    counted(
        Kind::ServiceError,
        BStr::new(b""),
        Some(uid),
        at.remainder(),
    )
}

pub(super) const ADVICE: Rule = rule(
    "mailbox advice",
    advice,
    "postfix src/local/maildir.c",
    &["warning: perhaps you need to create the maildirs in advance"],
);

fn advice<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    fixed(
        at,
        Kind::ServiceWarning,
        &["perhaps you need to create the maildirs in advance"],
    )
}

pub(super) const ALIAS: Rule = rule(
    "local alias missing",
    alias,
    "postfix src/local/unknown.c",
    &["warning: required alias not found: postmaster"],
);

fn alias<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("required alias not found: ")?;
    notice(Kind::ServiceWarning, at.remainder(), BStr::new(b""))
}
