//! Local submission and requeued mail.

use crate::rule::Rule;

pub(crate) const RULES: &[Rule] = &[];
