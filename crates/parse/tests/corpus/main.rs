//! Holds the parser against real logs, and against what other projects expect of single lines.
//!
//! The corpus belongs to others: it is read where it lies and nothing of it is copied here. Where it
//! is absent each test says so and passes. Deviation lists (`deviations/*.txt`) name a case, a field
//! and a reason; a deviation that is not listed, and a listed one that is gone, fails its test.
//!
//! With `--nocapture` each test prints its figures, and each deviation with both values.

mod classic;
mod classic_fail2ban;
mod comparison;
mod coverage;
mod crowdsec;
mod exim;
mod facts;
mod filters;
mod fluent_sendmail;
mod gateway;
mod grok;
mod locate;
mod patterndb;
mod sekoia;
mod sekoia_filters;
mod webmail;
