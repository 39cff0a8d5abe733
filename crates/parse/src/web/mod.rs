//! Access logs of web servers in front of webmails: combined format, and what the requests do.
//!
//! Source: httpd `docs/conf/httpd.conf.in` (`LogFormat`), nginx `src/http/modules/ngx_http_log_module.c`.

mod access;
mod kinds;

pub(crate) use access::{header, text};
pub(crate) use kinds::kind_of;

use crate::rule::Rule;

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[("", access::RULES)];

#[cfg(test)]
mod tests;
