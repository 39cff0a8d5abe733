//! What OpenSMTPD tells of itself, and of routes to other hosts.
//! Source: OpenSMTPD `usr.sbin/smtpd/smtpd.c`, `control.c`, `mta.c`, `scheduler.c`.

use crate::notices::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Severity};

pub(super) const RULES: &[Rule] = &[INFO, ROUTE, TROUBLE];

const INFO: Rule = rule(
    "opensmtpd info",
    info,
    "OpenSMTPD smtpd.c, control.c, scheduler.c",
    &[
        "info: OpenSMTPD 7.5.0-portable starting",
        "info: startup",
        "info: mta paused",
        "info: smtp resumed",
        "info: scheduler handler exiting",
        "control process exiting",
        "lookup: table reloaded",
        "Exiting",
    ],
);

fn info<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let start = at.one_of(&["info: ", "control process ", "lookup: ", "Exiting"])?;
    let rest = at.peek();
    let kind = if rest.starts_with(b"startup") || rest.ends_with(b" starting") {
        Kind::ServiceStarted
    } else if start == "Exiting" || rest.ends_with(b"exiting") || rest.ends_with(b"terminating") {
        Kind::ServiceStopped
    } else if rest.ends_with(b" paused") || rest.ends_with(b" resumed") {
        Kind::AdminAction
    } else {
        Kind::ServiceInfo
    };
    Some(notice(kind, text))
}

const ROUTE: Rule = rule(
    "opensmtpd route",
    route,
    "OpenSMTPD mta.c",
    &[
        "smtp-out: Enabling route [] <-> 192.0.2.25 (mx.example.net)",
        "smtp-out: Disabling route [] <-> 192.0.2.25 (mx.example.net) for 15s",
        "smtp-out: Error on 192.0.2.25 (mx.example.net): Network error on destination MXs",
        "smtp-out: No MX found for domain x.test",
        "smtp-out: Failed to resolve MX for [relay:x.test]: DNS error",
        "smtp-out: No valid route for [connector:[]->[relay:x.test]]",
        "smtp-out: hiwat reached on [relay:x.test]: holding envelopes",
    ],
);

fn route<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("smtp-out: ")?;
    let text = at.peek();
    let kind = match at.one_of(&[
        "Enabling route ",
        "Disabling route ",
        "Error on ",
        "No MX found for ",
        "Failed to resolve ",
        "No valid route for ",
        "No server certificate ",
        "hiwat reached on ",
        "lowat reached on ",
        "down to lowat on ",
    ])? {
        "Enabling route " => Kind::ServiceInfo,
        "hiwat reached on " | "lowat reached on " | "down to lowat on " => {
            Kind::ServiceLimitReached
        }
        _ => Kind::ServiceWarning,
    };
    Some(notice(kind, text))
}

const TROUBLE: Rule = rule(
    "opensmtpd trouble",
    trouble,
    "OpenSMTPD log.c",
    &[
        "warn: lost processor: rspamd exited abnormally",
        "fatal: smtpd: bind: Address already in use",
        "debug: smtp: new client on listener: 0x7f",
        "warn: smtp: low on file descriptors",
        "dispatcher: fatal: exiting",
    ],
);

fn trouble<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(&["dispatcher: ", "queue: ", "lka: ", "control: ", "parent: "]);
    let (kind, severity) = match at.one_of(&["warn: ", "fatal: ", "debug: ", "fatal in "])? {
        "warn: " => (Kind::ServiceWarning, Severity::Warning),
        "debug: " => (Kind::ServiceInfo, Severity::Debug),
        _ => (Kind::ServiceError, Severity::Fatal),
    };
    at.severity = severity;
    Some(notice(kind, text))
}
