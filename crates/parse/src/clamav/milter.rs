//! clamav-milter. Source: ClamAV `clamav-milter/clamfi.c`.

use crate::filter::{Shapes, libmilter, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind, Verdict};

pub(crate) const RULES: &[Rule] = &[INFECTED, CLEAN, SKIPPED, LIBRARY, SERVICE, TROUBLE];

const INFECTED: Rule = rule(
    "clamav-milter infected",
    infected,
    "ClamAV clamav-milter/clamfi.c (LogInfected)",
    &[
        "Message 4jXNLn0rVKzyQd from <bob@example.net> to <anna@example.org> with subject 'invoice' message-id '<a1@example.net>' date 'Sun, 22 Nov 2026 08:33:19 +0100' infected by Win.Test.EICAR_HDB-1",
        "Message from <> to <anna@example.org> infected by Win.Test.EICAR_HDB-1",
    ],
);

fn infected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Message ")?;
    let mut found = message(at)?;
    at.lit(" infected by ")?;
    found.found = at.word()?;
    at.end()?;
    found.category = "INFECTED".into();
    at.queue_id = found.queue_id;
    Some(Body::Verdict(Box::new(found)))
}

const CLEAN: Rule = rule(
    "clamav-milter clean",
    clean,
    "ClamAV clamav-milter/clamfi.c (LogClean)",
    &[
        "Clean message 4jXNLn0rVKzyQd from <bob@example.net> to <anna@example.org> with subject 'it's' message-id '<a1@example.net>' date 'Sun, 22 Nov 2026 08:33:19 +0100'",
        "Clean message from <bob@example.net> to <anna@example.org>",
    ],
);

fn clean<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Clean message ")?;
    let mut found = message(at)?;
    at.end()?;
    found.category = "CLEAN".into();
    found.passed = true;
    at.queue_id = found.queue_id;
    Some(Body::Verdict(Box::new(found)))
}

/// Takes `[QID ]from <F> to <T>[ with subject 'S' message-id 'M' date 'D']`.
fn message<'a>(at: &mut Scan<'a>) -> Option<Verdict<'a>> {
    let mut found = Verdict::default();
    if !at.has("from <") {
        found.queue_id = known(at.word()?);
        at.lit(" from <")?;
    }
    found.mail_from = Some(at.until_str("> to <")?);
    found.recipients = at.until(b'>')?;
    if at.has(" with subject '") {
        found.subject = at.until_last("' message-id '")?;
        found.message_id = known(at.until_last("' date '")?);
        at.until(b'\'')?;
    }
    Some(found)
}

fn known(value: &BStr) -> Option<&BStr> {
    (*value != "UNKNOWN" && !value.is_empty()).then_some(value)
}

const SKIPPED: Rule = rule(
    "clamav-milter skipped",
    skipped,
    "ClamAV clamav-milter/clamfi.c",
    &[
        "Skipping scan for 192.0.2.10 (in LocalNet)",
        "Skipping scan for bob@example.net (allowed from)",
        "Skipping scan for authenticated user anna",
        "Skipping scan (all destinations allowed)",
        "Not scanning an empty message",
    ],
);

fn skipped<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "Skipping scan for * (in LocalNet)"),
        (Kind::ServiceInfo, "Skipping scan for * (allowed from)"),
        (Kind::ServiceInfo, "Skipping scan for * (whitelisted from)"),
        (Kind::ServiceInfo, "Skipping scan for authenticated user *"),
        (Kind::ServiceInfo, "Skipping scan (all destinations *)"),
        (Kind::ServiceInfo, "Not scanning an empty message"),
    ];
    shaped(at, SHAPES)
}

const SERVICE: Rule = rule(
    "clamav-milter service",
    service,
    "ClamAV clamav-milter/clamav-milter.c, connpool.c",
    &[
        "+++ Started at Sun Nov 22 08:33:19 2026",
        "ClamAV: Starting clamav-milter",
        "Local socket unix:/run/clamav/clamd.ctl added to the pool (slot 1)",
        "Probe for slot 1 returned: success",
        "clamav-milter: milter_exit, signal 15",
        "Socket file removed.",
    ],
);

fn service<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceStarted, "+++ Started at *"),
        (Kind::ServiceStarted, "ClamAV: Starting clamav-milter*"),
        (Kind::ServiceInfo, "~ socket *added to the pool (slot #)"),
        (Kind::ServiceInfo, "Probe for slot # returned: *"),
        (Kind::ServiceInfo, "Probe for socket * returned: *"),
        (Kind::ServiceStopped, "clamav-milter: milter_exit*"),
        (Kind::ServiceInfo, "Socket file removed."),
        (Kind::ServiceInfo, "Pid file removed."),
    ];
    shaped(at, SHAPES)
}

const TROUBLE: Rule = rule(
    "clamav-milter trouble",
    trouble,
    "ClamAV clamav-milter/*.c",
    &[
        "WARNING: No clamd server appears to be available",
        "ERROR: Failed to initiate streaming/fdpassing",
        "ERROR: Connection closed while reading from socket",
        "Unknown reply from clamd",
    ],
);

fn trouble<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (
            Kind::ServiceError,
            "No clamd server appears to be available",
        ),
        (Kind::ServiceError, "Killing the monitor and stopping"),
        (Kind::ServiceError, "Failed to *"),
        (Kind::ServiceError, "Connection closed while *"),
        (Kind::ServiceError, "Timed out while reading clamd reply"),
        (Kind::ServiceError, "recv failed after successful select: *"),
        (Kind::ServiceError, "~ reply from clamd"),
        (Kind::ServiceError, "FD scan request failed"),
        (Kind::ServiceError, "Can't resolve *"),
        (Kind::ServiceError, "connect failed: *"),
        (Kind::ServiceError, "send failed: *"),
        (Kind::ServiceWarning, "VirusEvent: *"),
        (Kind::ServiceError, "Out of memory *"),
    ];
    shaped(at, SHAPES)
}

const LIBRARY: Rule = rule(
    "clamav-milter library",
    library,
    "sendmail libmilter/*.c",
    &["ClamAV: Opening listen socket on conn /run/clamav/milter.ctl"],
);

fn library<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    libmilter(at)
}
