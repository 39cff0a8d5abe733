//! Queue file creation: Message-IDs, header and body checks, Milter results at the end of a message.

use crate::rule::Rule;

pub(crate) const RULES: &[Rule] = &[];
