//! postscreen, dnsblog and tlsproxy: clients screened before smtpd.

use crate::rule::Rule;

pub(crate) const RULES: &[Rule] = &[];
