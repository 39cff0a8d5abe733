//! What becomes of a message besides deliveries: completed, frozen, removed by hand.
//! Source: exim `src/deliver.c`, `src/queue.c`.

use super::{notice, starting};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{AdminAction, Body, Kind, Notice, Notification, Removed, RemovedBy};

pub(crate) const RULES: &[Rule] = &[
    COMPLETED,
    LOCKED,
    SPOOL,
    STILL_FROZEN,
    FROZEN,
    UNFROZEN,
    REMOVED,
    CANCELLED,
    CHANGED,
    ERROR_IGNORED,
    NOT_AT_ONCE,
    FILTERED,
    TRANSPORT_OUTPUT,
    RETURNED,
];

const COMPLETED: Rule = rule(
    "exim completed",
    completed,
    "exim src/deliver.c (deliver_message)",
    &[
        "1xV2wi-0000aR-0j Completed",
        "1xV2wi-0000aR-0j Completed QT=1m2s",
    ],
);

fn completed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Completed")?;
    if at.has(" QT=") {
        at.word()?;
    }
    at.end()?;
    Some(Body::Removed(Removed::default()))
}

const LOCKED: Rule = rule(
    "exim locked",
    |at| starting(at, Kind::ServiceInfo, &["Spool file "]).filter(|_| is_locked(at)),
    "exim src/spool_in.c (spool_open_datafile)",
    &[
        "1xV2wi-0000aR-0j Spool file is locked (another process is handling this message)",
        "1xV2wi-0000aR-0j Spool file for 1xV2wi-0000aR-0j is locked (another process is handling this message)",
    ],
);

fn is_locked(at: &Scan<'_>) -> bool {
    at.peek()
        .ends_with(b"is locked (another process is handling this message)")
}

const SPOOL: Rule = rule(
    "exim spool trouble",
    |at| {
        let text = at.peek();
        if at.has("Spool file ") {
            at.word()?;
            at.lit(" not found")?;
        } else {
            at.one_of(&[
                "Spool data file for ",
                "Spool error ",
                "Spool error: ",
                "Spool format error for ",
                "Spool read error for ",
                "Format error in spool file ",
                "Error reading spool file ",
                "Error while reading spool file ",
                "Could not open datafile for message ",
                "Couldn't open spool file for ",
                "Couldn't open message log ",
                "Couldn't open journal file ",
            ])?;
        }
        Some(notice(Kind::ServiceWarning, text))
    },
    "exim src/deliver.c, src/spool_in.c",
    &[
        "1xV2wi-0000aR-0j Spool file 1xV2wi-0000aR-0j-D not found",
        "1xV2wi-0000aR-0j Format error in spool file 1xV2wi-0000aR-0j-H: size=0",
    ],
);

const STILL_FROZEN: Rule = rule(
    "exim still frozen",
    |at| {
        let text = at.peek();
        at.lit("Message is frozen")?;
        at.end()?;
        Some(notice(Kind::ServiceInfo, text))
    },
    "exim src/deliver.c (deliver_message)",
    &["1xV2wi-0000aR-0j Message is frozen"],
);

const FROZEN: Rule = rule(
    "exim frozen",
    |at| {
        at.one_of(&["Frozen", "frozen"])?;
        at.one_of(&[" by ", " (", " because "])
            .map_or_else(|| at.end(), |_| Some(()))?;
        Some(Body::Admin(AdminAction::Held))
    },
    "exim src/deliver.c (deliver_message), src/receive.c, src/queue.c (queue_action)",
    &[
        "1xV2wi-0000aR-0j Frozen (delivery error message)",
        "1xV2wi-0000aR-0j Frozen by the system filter: looks odd",
        "1xV2wi-0000aR-0j frozen by ACL",
        "1xV2wi-0000aR-0j frozen by root",
        "1xV2wi-0000aR-0j Frozen",
    ],
);

const UNFROZEN: Rule = rule(
    "exim unfrozen",
    |at| {
        at.one_of(&["Unfrozen by ", "unfrozen by "])?;
        at.word()?;
        Some(Body::Admin(AdminAction::Released))
    },
    "exim src/deliver.c (deliver_message), src/queue.c (queue_action)",
    &[
        "1xV2wi-0000aR-0j Unfrozen by auto-thaw",
        "1xV2wi-0000aR-0j Unfrozen by forced delivery",
        "1xV2wi-0000aR-0j unfrozen by root",
    ],
);

const REMOVED: Rule = rule(
    "exim removed",
    removed,
    "exim src/queue.c (queue_action), src/deliver.c (timeout_frozen_after)",
    &[
        "1xV2wi-0000aR-0j removed by root",
        "1xV2wi-0000aR-0j cancelled by timeout_frozen_after",
        "1xV2wi-0000aR-0j Message removed because older than 1w",
    ],
);

/// Nobody is told of these; `Completed` follows.
fn removed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.one_of(&[
        "removed by ",
        "cancelled by timeout_frozen_after",
        "Message removed because older than ",
    ])?;
    Some(Body::Removed(Removed {
        by: RemovedBy::Administrator,
    }))
}

const CANCELLED: Rule = rule(
    "exim cancelled",
    |at| {
        at.lit("cancelled by ")?;
        at.word()?;
        Some(Body::Admin(AdminAction::ForceExpired))
    },
    "exim src/queue.c (queue_action), src/deliver.c (system filter)",
    &[
        "1xV2wi-0000aR-0j cancelled by root",
        "1xV2wi-0000aR-0j cancelled by system filter: not wanted",
    ],
);

const CHANGED: Rule = rule(
    "exim changed",
    changed,
    "exim src/queue.c (queue_action)",
    &[
        "1xV2wi-0000aR-0j address <bob@example.net> marked delivered by root",
        "1xV2wi-0000aR-0j sender address changed to <anna@example.org> by root",
        "1xV2wi-0000aR-0j recipient <carl@example.net> added by root",
        "1xV2wi-0000aR-0j all addresses marked delivered by root",
        "1xV2wi-0000aR-0j moved from input, msglog to Finput, Fmsglog",
    ],
);

fn changed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let start = at.one_of(&[
        "address <",
        "sender address changed to <",
        "recipient <",
        "all addresses marked delivered by ",
        "moved from ",
    ])?;
    if start == "moved from " {
        at.until_str(" to ")?;
    } else if start.ends_with('<') {
        at.until_str("> ")?;
        at.one_of(&["marked delivered by ", "by ", "added by "])?;
    }
    at.word()?;
    Some(notice(Kind::AdminAction, text))
}

const ERROR_IGNORED: Rule = rule(
    "exim error ignored",
    error_ignored,
    "exim src/deliver.c (deliver_message)",
    &[
        "1xV2wi-0000aR-0j bob@example.net: error ignored",
        "1xV2wi-0000aR-0j bob@example.net <team@example.org>: error ignored: not wanted",
    ],
);

/// A failure that nobody is told of; the line with `**` stands before it.
fn error_ignored<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.until_str(": error ignored")?;
    if at.has(": ") {
        return suppressed(at.remainder());
    }
    at.end()?;
    suppressed("error ignored".into())
}

fn suppressed(reason: &BStr) -> Option<Body<'_>> {
    Some(Body::Notification(Notification {
        reason,
        ..Notification::default()
    }))
}

const NOT_AT_ONCE: Rule = rule(
    "exim no immediate delivery",
    |at| starting(at, Kind::ServiceInfo, &["no immediate delivery: "]),
    "exim src/receive.c, src/smtp_in.c",
    &[
        "1xV2wi-0000aR-0j no immediate delivery: load average 8.12",
        "1xV2wi-0000aR-0j no immediate delivery: more than 10 messages received in one connection",
    ],
);

const FILTERED: Rule = rule(
    "exim system filter",
    |at| {
        starting(
            at,
            Kind::ServiceInfo,
            &[
                "original recipients ignored (system filter)",
                "Delivery deferred by system filter",
            ],
        )
    },
    "exim src/deliver.c (system filter)",
    &[
        "1xV2wi-0000aR-0j original recipients ignored (system filter)",
        "1xV2wi-0000aR-0j Delivery deferred by system filter",
    ],
);

const TRANSPORT_OUTPUT: Rule = rule(
    "exim transport output",
    transport_output,
    "exim src/deliver.c (post_process_one)",
    &["1xV2wi-0000aR-0j <|/usr/bin/filter>: address_pipe transport output: cannot open it"],
);

/// First line of what a pipe's command printed.
fn transport_output<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("<")?;
    let about = at.until_str(">: ")?;
    let service = at.until_str(" transport output: ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceWarning,
        about,
        service,
        text: at.remainder(),
        ..Notice::default()
    }))
}

const RETURNED: Rule = rule(
    "exim bounce trouble",
    |at| {
        starting(
            at,
            Kind::ServiceWarning,
            &[
                "Error while reading message with no usable sender address",
                "Process failed (",
                "Child mail process returned status ",
                "Failed to create bounce message",
            ],
        )
    },
    "exim src/moan.c (moan_to_sender), src/deliver.c",
    &[
        "1xV2wi-0000aR-0j Error while reading message with no usable sender address (R=1xV2wi-0000aJ-00): rejected by non-SMTP ACL",
        "1xV2wi-0000aR-0j Process failed (1) when writing error message to bob@example.net",
    ],
);
