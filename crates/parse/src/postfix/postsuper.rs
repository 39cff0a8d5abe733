//! The administrator's commands on the queue.

use crate::rule::Rule;

pub(crate) const RULES: &[Rule] = &[];
