//! Dovecot: logins, logouts, deliveries into mailboxes.

use crate::rule::Rule;

/// Which tables read the lines of a program; `None` for one that is not Dovecot's.
pub(crate) fn tables(program: &[u8]) -> Option<&'static [&'static [Rule]]> {
    (program == b"dovecot").then_some(&[])
}

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[];
