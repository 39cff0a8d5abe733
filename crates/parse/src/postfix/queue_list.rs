//! Listings of the queue: `postqueue -j`.

use crate::rule::Rule;

pub(crate) const RULES: &[Rule] = &[];
