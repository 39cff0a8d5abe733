//! Why OpenDKIM did not sign, what it did not understand, and what it tells of itself.
//! Source: OpenDKIM `opendkim/opendkim.c`.

use crate::filter::{Shapes, libmilter, name_and_address, notice, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind, Notice};

pub(crate) const RULES: &[Rule] = &[
    NOT_INTERNAL,
    NOT_SIGNED,
    RATE_LIMIT,
    HEADER,
    SERVICE,
    INTERNAL,
    LIBRARY,
];

const NOT_INTERNAL: Rule = rule(
    "opendkim not internal",
    not_internal,
    "OpenDKIM opendkim/opendkim.c (mlfi_eoh)",
    &[
        "4jXNLn0rVKzyQd: mail.example.net [203.0.113.9] not internal",
        "4jXNLn0rVKzyQd: [2001:db8::9] [2001:db8::9] not internal",
    ],
);

fn not_internal<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let mut peer = if at.peek().first() == Some(&b'[') {
        at.word()?;
        at.lit(" ")?;
        name_and_address(at)?
    } else {
        name_and_address(at)?
    };
    at.lit(" not internal")?;
    at.end()?;
    if peer.name.starts_with(b"[") {
        peer.name = BStr::new(b"");
    }
    Some(Body::Notice(Notice {
        peer,
        ..notice(Kind::ServiceInfo, text)
    }))
}

const NOT_SIGNED: Rule = rule(
    "opendkim not signed",
    not_signed,
    "OpenDKIM opendkim/opendkim.c (mlfi_eoh)",
    &[
        "4jXNLn0rVKzyQd: not authenticated",
        "4jXNLn0rVKzyQd: not POP authenticated",
        "4jXNLn0rVKzyQd: no signing domain match for 'example.net'",
        "4jXNLn0rVKzyQd: no signing subdomain match for 'a.example.net'",
        "4jXNLn0rVKzyQd: no signing table match for 'bob@example.net'",
        "4jXNLn0rVKzyQd: no MTA name match (host=mx1.example.org, MTA=MTA-v6)",
        "4jXNLn0rVKzyQd: no macros match",
        "4jXNLn0rVKzyQd: external host mail.example.net attempted to send as example.org",
        "4jXNLn0rVKzyQd: domain 'example.net' exempted, accepting",
        "4jXNLn0rVKzyQd: skipping signing of mail to 'anna@example.org'",
        "4jXNLn0rVKzyQd: signing table references unknown key 'mail'",
        "4jXNLn0rVKzyQd: can't determine message sender; accepting",
    ],
);

fn not_signed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "not authenticated"),
        (Kind::ServiceInfo, "not POP authenticated"),
        (Kind::ServiceInfo, "no signing domain match for '*'"),
        (Kind::ServiceInfo, "no signing subdomain match for '*'"),
        (Kind::ServiceInfo, "no signing table match for '*'"),
        (Kind::ServiceInfo, "no signing keylist match for '*'"),
        (Kind::ServiceInfo, "no MTA name match (host=*, MTA=*)"),
        (Kind::ServiceInfo, "no macros match"),
        (
            Kind::ServiceWarning,
            "external host ~ attempted to send as ~",
        ),
        (Kind::ServiceInfo, "domain '*' exempted, accepting"),
        (Kind::ServiceInfo, "skipping signing of mail to '*'"),
        (
            Kind::ServiceInfo,
            "BodyLengthDB matched *, signing with l= requested",
        ),
        (
            Kind::ServiceError,
            "signing table references unknown key '*'",
        ),
        (Kind::ServiceError, "error reading signing table"),
        (Kind::ServiceError, "error loading key '*'"),
        (Kind::ServiceError, "failed to add *signing request*"),
        (Kind::ServiceError, "signature generation error: *"),
        (
            Kind::ServiceInfo,
            "can't determine message sender; accepting",
        ),
    ];
    shaped(at, SHAPES)
}

const RATE_LIMIT: Rule = rule(
    "opendkim rate limit",
    rate_limit,
    "OpenDKIM opendkim/opendkim.c (mlfi_eoh)",
    &["4jXNLn0rVKzyQd: rate limit for 'example.org' (100) exceeded"],
);

fn rate_limit<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("rate limit for '")?;
    let about = at.until_str("' (")?;
    let limit = at.number()?;
    at.lit(") exceeded")?;
    at.end()?;
    Some(Body::Notice(Notice {
        about,
        number: Some(limit),
        ..notice(Kind::ServiceLimitReached, text)
    }))
}

const HEADER: Rule = rule(
    "opendkim header",
    header,
    "OpenDKIM opendkim/opendkim.c (mlfi_eoh, mlfi_eom)",
    &[
        "4jXNLn0rVKzyQd: failed to parse Authentication-Results: header field",
        "4jXNLn0rVKzyQd: failed to parse authentication-results: header field",
        "4jXNLn0rVKzyQd: can't parse From: header value 'x'",
        "4jXNLn0rVKzyQd: RFC5322 header requirement error: message does not have exactly one From field",
        "4jXNLn0rVKzyQd: message has signatures from example.net, mail.example.net",
        "4jXNLn0rVKzyQd: ignoring 2 signatures",
        "4jXNLn0rVKzyQd: ignoring signature from example.net",
        "4jXNLn0rVKzyQd: key data is not secure",
    ],
);

fn header<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "message has signatures from *"),
        (Kind::ServiceWarning, "failed to parse ~ header field"),
        (Kind::ServiceWarning, "can't parse *header*"),
        (Kind::ServiceWarning, "overflow parsing \"*\""),
        (Kind::ServiceWarning, "RFC5322 header requirement error: *"),
        (Kind::ServiceInfo, "ignoring # signature*"),
        (Kind::ServiceInfo, "ignoring signature from ~"),
        (Kind::ServiceInfo, "ignoring header field '*'"),
        (Kind::ServiceWarning, "key data is not secure*"),
        (Kind::ServiceWarning, "too much header data*"),
    ];
    shaped(at, SHAPES)
}

const SERVICE: Rule = rule(
    "opendkim service",
    service,
    "OpenDKIM opendkim/opendkim.c (main)",
    &[
        "OpenDKIM Filter v2.11.0 starting (args: -x /etc/opendkim.conf)",
        "OpenDKIM Filter v2.11.0 terminating with status 0, errno = 0",
        "configuration reloaded from /etc/opendkim.conf",
        "cache: 12 queries, 3 hits (25%), 1 expired, 4 keys",
        "mail._domainkey.example.org: key data is not secure: /etc/dkimkeys can be read or written by other users",
        "/etc/opendkim.conf: settings found for deprecated value(s): X; Y",
        "terminated with signal 11, restarting",
    ],
);

fn service<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceStarted, "OpenDKIM Filter v~ starting*"),
        (
            Kind::ServiceStopped,
            "OpenDKIM Filter v~ terminating with status *",
        ),
        (Kind::ServiceReloaded, "configuration reloaded from *"),
        (Kind::ServiceInfo, "ignoring reload signal"),
        (Kind::ServiceStatistics, "cache: # quer~ # hit~ *"),
        (Kind::ServiceWarning, "*: key data is not secure: *"),
        (
            Kind::ServiceWarning,
            "*: settings found for deprecated value(s): *",
        ),
        (Kind::ServiceError, "*: configuration error at line #: *"),
        (Kind::ServiceError, "*: required parameter \"~\" missing"),
        (Kind::ServiceError, "terminated with signal #, restarting"),
        (Kind::ServiceError, "exited with status #*"),
        (Kind::ServiceError, "maximum restart ~ exceeded*"),
        (Kind::ServiceError, "can't configure DKIM library: *"),
        (Kind::ServiceError, "can't load key from *"),
        (Kind::ServiceError, "can't write pid to *"),
        (Kind::ServiceError, "mlfi_negotiate(): *"),
    ];
    shaped(at, SHAPES)
}

const INTERNAL: Rule = rule(
    "opendkim trouble",
    internal,
    "OpenDKIM opendkim/opendkim.c",
    &[
        "4jXNLn0rVKzyQd: smfi_addheader() failed",
        "4jXNLn0rVKzyQd: dkimf_db_get() failed",
        "4jXNLn0rVKzyQd: internal error from libopendkim: x",
        "pthread_create(): Resource temporarily unavailable",
    ],
);

fn internal<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceError, "~() failed*"),
        (Kind::ServiceError, "~(): *"),
        (Kind::ServiceError, "*internal error from libopendkim: *"),
        (Kind::ServiceError, "statistics recording failed"),
        (Kind::ServiceError, "memory allocation error*"),
    ];
    shaped(at, SHAPES)
}

const LIBRARY: Rule = rule(
    "opendkim library",
    library,
    "sendmail libmilter/*.c",
    &[
        "OpenDKIM Filter: Opening listen socket on conn inet:8891@localhost",
        "OpenDKIM Filter: mi_stop=1",
    ],
);

fn library<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    libmilter(at)
}
