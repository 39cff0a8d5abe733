//! Rate limits and connection statistics.

use crate::rule::Rule;

pub(crate) const RULES: &[Rule] = &[];
