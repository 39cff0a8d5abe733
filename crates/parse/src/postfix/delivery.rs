//! Delivery attempts: the line that every agent writes for each recipient, and what agents write beside it.

use crate::rule::Rule;

pub(crate) const RULES: &[Rule] = &[];
