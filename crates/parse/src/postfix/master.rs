//! Start, stop, reload and limits: master and postfix-script.

use crate::rule::Rule;

pub(crate) const RULES: &[Rule] = &[];
