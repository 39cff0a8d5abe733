//! amavis: verdicts of the content filter.

use crate::rule::Rule;

pub(crate) const RULES: &[Rule] = &[];
