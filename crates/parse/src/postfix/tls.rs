//! TLS handshakes of any daemon, summaries and failures.

use crate::rule::Rule;

pub(crate) const RULES: &[Rule] = &[];
