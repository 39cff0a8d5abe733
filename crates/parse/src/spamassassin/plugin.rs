//! What SpamAssassin's library and its plugins tell, in spamd and wherever else it is loaded:
//! `FACILITY: TEXT`. Source: SpamAssassin `lib/Mail/SpamAssassin.pm`, `lib/Mail/SpamAssassin/**.pm`.

use crate::filter::notice;
use crate::filter::{Shapes, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Notice};

pub(crate) const RULES: &[Rule] = &[PLUGIN, DNS_NAME, PERL];

const PLUGIN: Rule = rule(
    "spamassassin plugin",
    plugin,
    "SpamAssassin lib/Mail/SpamAssassin/**.pm",
    &[
        "Sun Nov 22 08:33:19 2026 [1234] info: zoom: able to use 360/360 'body_0' compiled rules (100%)",
        "Sun Nov 22 08:33:19 2026 [1234] warn: config: failed to parse line, skipping, in \"/etc/spamassassin/local.cf\": use_razor",
        "Sun Nov  2 08:33:19 2026 [1234] warn: plugin: eval failed: bayes: (in learn) locker: safe_lock: cannot create lockfile",
        "Nov 22 08:23:21 mx1 spamd[7]: bayes: cannot open bayes databases /var/spool/bayes_* R/W: tie failed: Permission denied",
        "Nov 22 08:23:21 mx1 spamd[7]: pyzor: check failed: no response",
        "Nov 22 08:23:21 mx1 spamd[7]: razor2: razor2 check failed: Bad file descriptor",
        "Nov 22 08:23:21 mx1 spamd[7]: timing: total 2911 ms - init: 1.5 (0.1%), parse: 1.2 (0.0%)",
    ],
);

fn plugin<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "zoom: able to use #/# *"),
        (Kind::ServiceWarning, "zoom: *"),
        (Kind::ServiceStatistics, "timing: total # ms - *"),
        (Kind::ServiceWarning, "config: *"),
        (Kind::ServiceWarning, "plugin: *"),
        (Kind::ServiceWarning, "rules: *"),
        (Kind::ServiceWarning, "check: *"),
        (Kind::ServiceWarning, "netset: *"),
        (Kind::ServiceWarning, "bayes: *"),
        (Kind::ServiceWarning, "learn: *"),
        (Kind::ServiceWarning, "auto-whitelist: *"),
        (Kind::ServiceWarning, "auto-welcomelist: *"),
        (Kind::ServiceWarning, "TxRep: *"),
        (Kind::ServiceWarning, "locker: *"),
        (Kind::ServiceWarning, "pyzor: *"),
        (Kind::ServiceWarning, "razor2: *"),
        (Kind::ServiceWarning, "dcc: *"),
        (Kind::ServiceWarning, "reporter: *"),
        (Kind::ServiceWarning, "spf: *"),
        (Kind::ServiceWarning, "dkim: *"),
        (Kind::ServiceWarning, "dmarc: *"),
        (Kind::ServiceWarning, "async: *"),
        (Kind::ServiceWarning, "uridnsbl: *"),
        (Kind::ServiceWarning, "uri: *"),
        (Kind::ServiceWarning, "message: *"),
        (Kind::ServiceWarning, "html: *"),
        (Kind::ServiceWarning, "util: *"),
        (Kind::ServiceWarning, "conf: *"),
        (Kind::ServiceWarning, "textcat: *"),
        (Kind::ServiceWarning, "metadata: *"),
        (Kind::ServiceWarning, "logger: *"),
        (Kind::ServiceWarning, "generic: *"),
    ];
    shaped(at, SHAPES)
}

const DNS_NAME: Rule = rule(
    "spamassassin dns",
    dns_name,
    "SpamAssassin lib/Mail/SpamAssassin/DnsResolver.pm",
    &[
        "Sun Nov 22 08:33:19 2026 [1234] info: dns: new_dns_packet: domain is utf8 flagged: ns1.example.org",
        "Nov 22 08:23:21 mx1 spamd[7]: dns: no callback for id 1234/IN/A/x.test, ignored",
        "Nov 22 08:23:21 mx1 spamd[7]: dns: sendto() to [192.0.2.53]:53 failed: Operation not permitted, failing over to [192.0.2.54]:53",
    ],
);

fn dns_name<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[(Kind::ServiceWarning, "dns: *")];
    let text = at.peek();
    if !at.has("dns: new_dns_packet: domain is utf8 flagged: ") {
        return shaped(at, SHAPES);
    }
    let about = at.word()?;
    at.end()?;
    Some(Body::Notice(Notice {
        about,
        ..notice(Kind::ServiceWarning, text)
    }))
}

const PERL: Rule = rule(
    "spamassassin perl warning",
    perl,
    "perl perldiag",
    &[
        "Nov 22 08:23:21 mx1 spamd[7]: Use of uninitialized value $x in lc at /usr/share/perl5/Mail/SpamAssassin/X.pm line 135.",
        "Nov 22 08:23:21 mx1 spamd[7]: Use of uninitialized value $x in lc at /usr/share/perl5/Mail/SpamAssassin/X.pm line 135, <GEN10> line 7.",
        "Nov 22 08:23:21 mx1 spamd[7]: Can't locate Mail/SpamAssassin/CompiledRegexps/body_0.pm in @INC (@INC contains: /usr/share/perl5) at (eval 99) line 1.",
        "Sun Nov 22 08:33:19 2026 [1234] warn: BEGIN failed--compilation aborted at (eval 99) line 1.",
    ],
);

fn perl<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceWarning, "* at * line #."),
        (Kind::ServiceWarning, "* at * line #, <~> line #."),
        (Kind::ServiceWarning, "* at * line #, <~> chunk #."),
    ];
    shaped(at, SHAPES)
}
