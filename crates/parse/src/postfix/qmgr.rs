//! The queue manager: messages in and out of the active queue.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Notice, QueueExpired, Queued, Removed, RemovedBy};

pub(crate) const RULES: &[Rule] = &[QUEUED, REMOVED, EXPIRED, SKIPPED];

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
    at.lit("skipped, still being delivered")?;
    at.end()?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        ..Notice::default()
    }))
}
