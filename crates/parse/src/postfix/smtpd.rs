//! The SMTP server: sessions, transactions, access decisions, Milters, proxy filters, logins.

use crate::rule::Rule;

pub(crate) const RULES: &[Rule] = &[];
