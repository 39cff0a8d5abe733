//! The queue manager: messages in and out of the active queue.

use super::notice::{counted, fixed, notice, warning};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind, QueueExpired, Queued, Removed, RemovedBy};

pub(crate) const RULES: &[Rule] = &[
    QUEUED,
    REMOVED,
    EXPIRED,
    SKIPPED,
    TRANSPORT_UNREACHABLE,
    CLOGGED,
    CLOGGED_ADVICE,
    TRANSPORT_FAILURE,
    CORRUPT_FILE,
    DAMAGED,
    FILE_GONE,
];

const QUEUED: Rule = rule(
    "qmgr queued",
    queued,
    "postfix src/qmgr/qmgr_active.c",
    &[
        "4jXMZG2fzbz1Xf28: from=<anna@example.org>, size=2201, nrcpt=1 (queue active)",
        "83C17A14284: from=<>, size=335, nrcpt=2 (queue active)",
    ],
);

fn queued<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    at.lit("from=")?;
    let mail_from = at.angle()?;
    at.lit(", size=")?;
    let size = at.number()?;
    at.lit(", nrcpt=")?;
    let recipients = at.number()?;
    at.lit(" (queue active)")?;
    at.end()?;
    Some(Body::Queued(Queued {
        mail_from,
        size,
        recipients,
    }))
}

const REMOVED: Rule = rule(
    "qmgr removed",
    removed,
    "postfix src/qmgr/qmgr_active.c",
    &["3F2A1C0D: removed"],
);

fn removed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    at.lit("removed")?;
    at.end()?;
    Some(Body::Removed(Removed {
        by: RemovedBy::QueueManager,
    }))
}

const EXPIRED: Rule = rule(
    "qmgr expired",
    expired,
    "postfix src/qmgr/qmgr_active.c",
    &[
        "2F922A14CB6: from=<anna@example.org>, status=expired, returned to sender",
        "4jXMZG2sDtz1Xf29: from=<anna@example.org>, status=force-expired, returned to sender",
    ],
);

fn expired<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    at.lit("from=")?;
    let mail_from = at.angle()?;
    at.lit(", status=")?;
    let forced = at.has("force-");
    at.lit("expired, returned to sender")?;
    at.end()?;
    Some(Body::QueueExpired(QueueExpired { mail_from, forced }))
}

const SKIPPED: Rule = rule(
    "qmgr skipped",
    skipped,
    "postfix src/qmgr/qmgr_active.c",
    &["3F2A1C0D: skipped, still being delivered"],
);

fn skipped<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    fixed(at, Kind::ServiceInfo, &["skipped, still being delivered"])
}

const TRANSPORT_UNREACHABLE: Rule = rule(
    "qmgr transport unreachable",
    transport_unreachable,
    "postfix src/qmgr/qmgr_transport.c",
    &["warning: connect to transport private/smpt: No such file or directory"],
);

fn transport_unreachable<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("connect to transport ")?;
    let transport = at.until_str(": ")?;
    notice(Kind::ServiceError, transport, at.remainder())
}

const CLOGGED: Rule = rule(
    "qmgr clogged",
    clogged,
    "postfix src/qmgr/qmgr_queue.c",
    &["warning: mail for example.net is using up 4001 of 6992 active queue entries"],
);

fn clogged<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("mail for ")?;
    let next_hop = at.word()?;
    at.lit(" is using up ")?;
    let entries = at.number()?;
    at.lit(" of ")?;
    let text = at.peek();
    let _active: u32 = at.number()?;
    at.lit(" active queue entries")?;
    at.end()?;
    counted(
        Kind::ServiceLimitReached,
        next_hop,
        Some(entries),
        text.into(),
    )
}

const CLOGGED_ADVICE: Rule = rule(
    "qmgr clogged advice",
    clogged_advice,
    "postfix src/qmgr/qmgr_entry.c",
    &[
        "warning: this may slow down other mail deliveries",
        "warning: you may need to increase the main.cf smtp_destination_concurrency_limit from 20",
        "warning: you may need to increase the main.cf qmgr_message_active_limit from 20000",
        "warning: you may need a separate master.cf transport for example.net",
        "warning: you may need to reduce smtp connect and helo timeouts",
        "warning: so that Postfix quickly skips unavailable hosts",
        "warning: you may need to increase the main.cf minimal_backoff_time and maximal_backoff_time",
        "warning: so that Postfix wastes less time on undeliverable mail",
        "warning: you may need to increase the master.cf smtp process limit",
        "warning: please avoid flushing the whole queue when you have",
        "warning: lots of deferred mail, that is bad for performance",
        "warning: to turn off these warnings specify: qmgr_clog_warn_time = 0",
    ],
);

fn clogged_advice<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    let text = at.peek();
    let about = match at.one_of(&[
        "you may need to increase the main.cf ",
        "you may need to increase the master.cf ",
        "you may need a separate master.cf transport for ",
        "you may need to reduce ",
        "to turn off these warnings specify: ",
    ]) {
        Some(_) => at.word()?,
        None => {
            return fixed(
                at,
                Kind::ServiceInfo,
                &[
                    "this may slow down other mail deliveries",
                    "so that Postfix quickly skips unavailable hosts",
                    "so that Postfix wastes less time on undeliverable mail",
                    "please avoid flushing the whole queue when you have",
                    "lots of deferred mail, that is bad for performance",
                ],
            );
        }
    };
    notice(Kind::ServiceInfo, about, text.into())
}

const TRANSPORT_FAILURE: Rule = rule(
    "qmgr transport failure",
    transport_failure,
    "postfix src/qmgr/qmgr_transport.c",
    &[
        "warning: transport smtp failure -- see a previous warning/fatal/panic logfile record for the problem description",
    ],
);

fn transport_failure<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("transport ")?;
    let transport = at.word()?;
    at.lit(" failure -- ")?;
    notice(Kind::ServiceError, transport, at.remainder())
}

const CORRUPT_FILE: Rule = rule(
    "qmgr corrupt file",
    corrupt_file,
    "postfix src/qmgr/qmgr_active.c",
    &[
        "warning: saving corrupt file \"2F922A14CB6\" from queue \"active\" to queue \"corrupt\"",
        "warning: cannot save file 2F922A14CB6 from queue active to queue corrupt: Permission denied",
    ],
);

fn corrupt_file<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    let text = at.peek();
    let queue_id = if at.has("saving corrupt file \"") {
        at.until_str("\" from queue \"")?
    } else {
        at.lit("cannot save file ")?;
        at.until_str(" from queue ")?
    };
    notice(Kind::ServiceError, queue_id, text.into())
}

const DAMAGED: Rule = rule(
    "qmgr damaged message",
    damaged,
    "postfix src/qmgr/qmgr_message.c",
    &[
        "warning: 2F922A14CB6: message rejected: missing end record",
        "warning: 2F922A14CB6: message rejected: missing sender record",
        "warning: 2F922A14CB6: message has bad or missing arrival time",
    ],
);

fn damaged<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.queue_id?;
    let text = at.peek();
    at.one_of(&["message rejected: ", "message has bad or missing "])?;
    notice(Kind::ServiceError, BStr::new(b""), text.into())
}

const FILE_GONE: Rule = rule(
    "qmgr file gone",
    file_gone,
    "postfix src/qmgr/qmgr_active.c",
    &[
        "warning: qmgr_active_done_3_generic: remove 2F922A14CB6 from active: No such file or directory",
        "warning: qmgr_active_done_25_generic: rename 2F922A14CB6 from active to deferred: Permission denied",
    ],
);

fn file_gone<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("qmgr_active_")?;
    at.until_str(": ")?;
    let text = at.peek();
    at.one_of(&["remove ", "rename "])?;
    let queue_id = at.until_str(" from ")?;
    at.until_str(": ")?;
    notice(Kind::ServiceWarning, queue_id, text.into())
}
