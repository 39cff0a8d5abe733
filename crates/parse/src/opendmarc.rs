//! OpenDMARC: what DMARC, and SPF and ARC for it, said of a message. What was done with it tells
//! the MTA (`milter-reject: END-OF-MESSAGE`).
//! Source: OpenDMARC `opendmarc/opendmarc.c`.

use crate::filter::{Shapes, libmilter, notice, queue_id, shaped, without_unknown_id};
use crate::rule::{Rule, first_match, rule};
use crate::scan::Scan;
use model::{AuthResult, Body, Kind, Notice};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[("opendmarc", RULES)];

const RULES: &[Rule] = &[
    RESULT, SPF, ARC, IGNORED, HEADER, SERVICE, INTERNAL, LIBRARY,
];

/// Takes a text apart: queue id, then the rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    queue_id(at);
    without_unknown_id(at);
    first_match(&[RULES], at)
}

const RESULT: Rule = rule(
    "opendmarc result",
    result,
    "OpenDMARC opendmarc/opendmarc.c (mlfi_eom)",
    &[
        "4jXNLn0rVKzyQd: example.net pass",
        "4jXNLn0rVKzyQd: example.net fail",
        "4jXNLn0rVKzyQd: example.net none",
    ],
);

/// `fail` says nothing of the domain's policy: also with `p=none`.
fn result<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let domain = at.word()?;
    at.lit(" ")?;
    let result = known_result(at)?;
    Some(Body::AuthResult(AuthResult {
        method: "dmarc".into(),
        result: result.into(),
        domain,
        ..AuthResult::default()
    }))
}

/// Takes a word of RFC 8601 and the end.
fn known_result(at: &mut Scan<'_>) -> Option<&'static str> {
    let result = at.one_of(&[
        "pass",
        "fail",
        "none",
        "softfail",
        "neutral",
        "temperror",
        "permerror",
        "bestguesspass",
    ])?;
    at.end()?;
    Some(result)
}

const SPF: Rule = rule(
    "opendmarc spf",
    spf,
    "OpenDMARC opendmarc/opendmarc.c (mlfi_eom)",
    &[
        "4jXNLn0rVKzyQd: SPF(mailfrom): bob@example.net pass",
        "4jXNLn0rVKzyQd: SPF(helo): mail.example.net softfail",
    ],
);

/// Checked by OpenDMARC itself (`SPFSelfValidate`).
fn spf<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("SPF(")?;
    let identity = at.one_of(&["mailfrom", "helo"])?;
    at.lit("): ")?;
    let checked = at.word()?;
    at.lit(" ")?;
    let mut found = AuthResult {
        method: "spf".into(),
        result: known_result(at)?.into(),
        ..AuthResult::default()
    };
    if identity == "helo" {
        found.helo = checked;
        found.domain = checked;
    } else if checked.contains(&b'@') {
        found.mail_from = Some(checked);
        let mut parts = at.over(checked);
        parts.until_last("@")?;
        found.domain = parts.remainder();
    } else {
        found.domain = checked;
    }
    Some(Body::AuthResult(found))
}

const ARC: Rule = rule(
    "opendmarc arc",
    arc,
    "OpenDMARC opendmarc/opendmarc.c (mlfi_eom)",
    &[
        "4jXNLn0rVKzyQd: ARC pass, policy pass > overriding DMARC fail",
        "4jXNLn0rVKzyQd: ARC pass, policy fail > continuing DMARC eval",
    ],
);

fn arc<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek().into();
    at.lit("ARC pass, policy ")?;
    let result = at.one_of(&["pass", "fail"])?;
    at.lit(" > ")?;
    at.one_of(&["overriding DMARC fail", "continuing DMARC eval"])?;
    at.end()?;
    Some(Body::AuthResult(AuthResult {
        method: "arc".into(),
        result: result.into(),
        text,
        ..AuthResult::default()
    }))
}

const IGNORED: Rule = rule(
    "opendmarc ignored",
    ignored,
    "OpenDMARC opendmarc/opendmarc.c (mlfi_connect, mlfi_eom)",
    &[
        "4jXNLn0rVKzyQd: ignoring mail from example.net",
        "ignoring connection from localhost",
        "4jXNLn0rVKzyQd ignoring Authentication-Results at 2 from mx.example.net",
        "4jXNLn0rVKzyQd: ignoring invalid Authentication-Results header \"x\"",
    ],
);

fn ignored<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "ignoring mail from *"),
        (Kind::ServiceInfo, "ignoring connection from *"),
        (Kind::ServiceInfo, "ignoring invalid ~ header \"*\""),
    ];
    let text = at.peek();
    if text.starts_with(b"ignoring ") {
        return shaped(at, SHAPES);
    }
    let id = at.word()?;
    at.lit(" ignoring Authentication-Results at ")?;
    let position = at.number()?;
    at.lit(" from ")?;
    let about = at.remainder();
    at.queue_id = Some(id);
    Some(Body::Notice(Notice {
        about,
        number: Some(position),
        ..notice(Kind::ServiceInfo, text)
    }))
}

const HEADER: Rule = rule(
    "opendmarc header",
    header,
    "OpenDMARC opendmarc/opendmarc.c (mlfi_eom)",
    &[
        "4jXNLn0rVKzyQd: unable to parse From header field",
        "4jXNLn0rVKzyQd: multi-valued From field detected",
        "4jXNLn0rVKzyQd: RFC5322 requirement error: missing From field; accepting",
        "4jXNLn0rVKzyQd: opendmarc_policy_query_dmarc(example.net) returned status 3",
        "4jXNLn0rVKzyQd: can't extract SPF address from Authentication-Results",
    ],
);

fn header<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceWarning, "unable to parse From header field"),
        (Kind::ServiceWarning, "multi-valued From field detected"),
        (Kind::ServiceWarning, "RFC5322 requirement error: *"),
        (
            Kind::ServiceWarning,
            "can't extract SPF address from Authentication-Results",
        ),
        (
            Kind::ServiceWarning,
            "unable to parse validated SPF address <*>",
        ),
        (Kind::ServiceWarning, "opendmarc_policy_~ returned status #"),
        (
            Kind::ServiceError,
            "unable to create buffer for failure report",
        ),
    ];
    shaped(at, SHAPES)
}

const SERVICE: Rule = rule(
    "opendmarc service",
    service,
    "OpenDMARC opendmarc/opendmarc.c (main)",
    &[
        "OpenDMARC Filter v1.4.2 starting (args: -p inet:8893@localhost)",
        "OpenDMARC Filter v1.4.2 terminating with status 0, errno = 0",
        "configuration reloaded from /etc/opendmarc.conf",
        "implicit authentication service: mx1.example.org",
        "additional trusted authentication services: mx1.example.org",
        "/etc/opendmarc.conf: configuration error at line 3: unrecognized parameter",
    ],
);

fn service<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceStarted, "OpenDMARC Filter v~ starting*"),
        (
            Kind::ServiceStopped,
            "OpenDMARC Filter v~ terminating with status *",
        ),
        (Kind::ServiceReloaded, "configuration reloaded from *"),
        (Kind::ServiceInfo, "ignoring reload signal"),
        (Kind::ServiceInfo, "implicit authentication service: ~"),
        (
            Kind::ServiceInfo,
            "additional trusted authentication services: *",
        ),
        (Kind::ServiceError, "*: configuration error at line #: *"),
        (Kind::ServiceError, "*: required parameter \"~\" missing"),
        (Kind::ServiceError, "*: can't load *"),
        (Kind::ServiceWarning, "using ChangeRootDirectory without *"),
        (Kind::ServiceError, "terminated with signal #, restarting"),
        (Kind::ServiceError, "exited with status #*"),
        (Kind::ServiceError, "maximum restart ~ exceeded"),
        (Kind::ServiceError, "can't write pid to *"),
        (Kind::ServiceError, "mlfi_negotiate(): *"),
    ];
    shaped(at, SHAPES)
}

const INTERNAL: Rule = rule(
    "opendmarc trouble",
    internal,
    "OpenDMARC opendmarc/opendmarc.c",
    &[
        "4jXNLn0rVKzyQd: smfi_setreply() failed",
        "4jXNLn0rVKzyQd: /var/spool/opendmarc/opendmarc.dat: fopen(): Permission denied",
    ],
);

fn internal<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceError, "~() failed"),
        (Kind::ServiceError, "~ header add failed"),
        (Kind::ServiceError, "~(): *"),
        (Kind::ServiceError, "~: ~(): *"),
        (Kind::ServiceError, "~: flock(~): *"),
        (Kind::ServiceError, "pclose() *"),
    ];
    shaped(at, SHAPES)
}

const LIBRARY: Rule = rule(
    "opendmarc library",
    library,
    "sendmail libmilter/*.c",
    &["OpenDMARC Filter: Opening listen socket on conn inet:8893@localhost"],
);

fn library<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    libmilter(at)
}

#[cfg(test)]
mod tests;
