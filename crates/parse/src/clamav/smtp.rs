//! clamsmtp, an SMTP proxy in front of clamd: `NUMBER: from=S, to=R, status=WORD`.
//! Source: clamsmtp `src/clamsmtpd.c`, `common/smtppass.c`.

use crate::filter::{Shapes, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Verdict};

pub(crate) const RULES: &[Rule] = &[STATUS, CONNECTION, SERVICE];

/// Takes the number of the connection.
fn number(at: &mut Scan<'_>) -> Option<()> {
    let id = at.while_(|byte| byte.is_ascii_hexdigit());
    at.lit(": ")?;
    at.session = id;
    (id.len() >= 6).then_some(())
}

const STATUS: Rule = rule(
    "clamsmtp status",
    status,
    "clamsmtp src/clamsmtpd.c (cb_check_data)",
    &[
        "10000B: from=bob@example.net, to=anna@example.org, status=CLEAN",
        "10000C: from=, to=anna@example.org, to=bob@example.org, status=VIRUS:Win.Test.EICAR_HDB-1",
        "10000D: from=bob@example.net, to=anna@example.org, status=CLAMAV-ERROR",
    ],
);

fn status<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    number(at)?;
    at.lit("from=")?;
    let mail_from = at.until_str(", to=")?;
    let recipients = at.until_last(", status=")?;
    let category = at.while_(|byte| byte != b':');
    let found = if at.has(":") {
        at.remainder()
    } else {
        "".into()
    };
    Some(Body::Verdict(Box::new(Verdict {
        passed: *category == "CLEAN",
        category,
        found,
        mail_from: Some(mail_from),
        recipients,
        ..Verdict::default()
    })))
}

const CONNECTION: Rule = rule(
    "clamsmtp connection",
    connection,
    "clamsmtp common/smtppass.c, common/spio.c",
    &[
        "10000B: accepted connection from: 127.0.0.1",
        "10000B: couldn't connect to: /run/clamav/clamd.ctl: Connection refused",
        "10000B: quarantined virus file as: /var/spool/clamsmtp/virus.x",
        "10000B: SERVER: network read operation timed out",
    ],
);

fn connection<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "accepted connection from: ~"),
        (Kind::ServiceInfo, "~ connected to: *"),
        (Kind::ServiceInfo, "~ connection closed"),
        (Kind::ServiceInfo, "quarantined virus file as: *"),
        (Kind::ServiceInfo, "executing virus action: *"),
        (Kind::ServiceError, "clamav error: *"),
        (Kind::ServiceError, "clamd disconnected unexpectedly"),
        (Kind::ServiceError, "couldn't *"),
        (Kind::ServiceWarning, "~ network * timed out"),
        (Kind::ServiceWarning, "~ connection disconnected by peer"),
        (Kind::ServiceWarning, "~ couldn't *"),
        (Kind::ServiceWarning, "unexpected end of data from client"),
        (Kind::ServiceWarning, "server disconnected unexpectedly"),
        (Kind::ServiceWarning, "server refused data transfer"),
    ];
    number(at)?;
    shaped(at, SHAPES)
}

const SERVICE: Rule = rule(
    "clamsmtp service",
    service,
    "clamsmtp common/smtppass.c (sp_run)",
    &["starting up (clamsmtpd 1.10)...", "stopped"],
);

fn service<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceStarted, "starting up (*)..."),
        (Kind::ServiceStopped, "stopped"),
        (Kind::ServiceStopped, "waiting for threads to quit"),
        (
            Kind::ServiceLimitReached,
            "too many connections open (max #). *",
        ),
        (Kind::ServiceInfo, "switched to user *"),
        (Kind::ServiceInfo, "accepting connections"),
        (Kind::ServiceError, "couldn't *"),
    ];
    shaped(at, SHAPES)
}
