//! Notifications: non-delivery, delay, success.

use crate::rule::Rule;

pub(crate) const RULES: &[Rule] = &[];
