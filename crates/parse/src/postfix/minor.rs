//! Daemons without mail events of their own, and warnings that any daemon may write.

use crate::rule::Rule;

pub(crate) const RULES: &[Rule] = &[];
