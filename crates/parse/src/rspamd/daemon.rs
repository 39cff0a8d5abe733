//! What rspamd's own modules say while it starts, reads settings and maps, and stops: no mail event.
//!
//! There are hundreds of such texts, and each version has others. The module in front tells that a
//! line is one of them, whatever its text.
//! Source: rspamd `src/rspamd.c`, `src/libserver/*.c`, `src/libutil/upstream.c`.

use crate::filter::{Shapes, notice, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Severity};

pub(crate) const RULES: &[Rule] = &[DAEMON];

/// Whether a module speaks of the daemon and never of a message. Texts without one are of functions
/// that know no task.
pub(crate) fn is_its_own(module: &[u8]) -> bool {
    matches!(
        module,
        b"" | b"main"
            | b"cfg"
            | b"map"
            | b"symcache"
            | b"re_cache"
            | b"hyperscan"
            | b"upstreams"
            | b"monitored"
            | b"rrd"
    )
}

const DAEMON: Rule = rule(
    "rspamd daemon",
    daemon,
    "rspamd src/rspamd.c, src/libserver/*.c, src/libutil/upstream.c",
    &[
        "(normal) <abcdef>; main; rspamd_handle_child_fork: starting normal process 1235 (0); listen on: localhost:11333",
        "(main) <abcdef>; main; rspamd_hup_handler: spawn workers with a new config",
        "(normal) <abcdef>; main; rspamd_worker_term_handler: terminating after receiving signal Terminated",
        "(main) <abcdef>; symcache; load_items: cannot open file /var/lib/rspamd/symbols.cache: No such file or directory",
        "(main) <abcdef>; cfg; rspamd_map_parse_backend: map '/etc/rspamd/local.d/mid.inc' is not found, but it can be loaded automatically later",
        "(hs_helper) <abcdef>; re_cache; rspamd_re_cache_compile_timer_cb: compiled class header(Subject) to cache 1a2b3c, 12/12 regexps",
        "(main) <abcdef>; upstreams; rspamd_resolve_addrs: address resolution for fuzzy1.example.org failed: Temporary failure in name resolution",
        "(controller) rspamd_log_reset_repeated: Last message repeated 3 times",
        "<>; ; rspamd_url_init: initialized 1 url match suffixes from '/usr/share/rspamd/effective_tld_names.dat'",
        "[ERROR] (main) <abcdef>; cfg; rspamd_stat_init: error adding cache redis for symbol BAYES_HAM",
    ],
);

fn daemon<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const TROUBLE: Shapes = &[
        (Kind::ServiceWarning, "cannot *"),
        (Kind::ServiceWarning, "error *"),
        (Kind::ServiceWarning, "* failed: *"),
    ];
    if let Some(trouble) = shaped(&mut at.over(at.peek()), TROUBLE) {
        return Some(trouble);
    }
    let kind = match at.severity {
        Severity::Error | Severity::Fatal => Kind::ServiceError,
        Severity::Warning => Kind::ServiceWarning,
        _ => Kind::ServiceInfo,
    };
    Some(Body::Notice(notice(kind, at.remainder())))
}
