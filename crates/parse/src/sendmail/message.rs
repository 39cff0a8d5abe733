//! What becomes of a message beside its deliveries: notifications, its end, its loss.
//! Source: sendmail `sendmail/savemail.c`, `sendmail/envelope.c`, `sendmail/queue.c`.

use crate::notices::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Notification, NotificationKind, Removed, RemovedBy};

pub(super) const RULES: &[Rule] = &[NOTIFICATION, DONE, DISCARDED, SAVED, LOST, TOO_LARGE, PART];

const NOTIFICATION: Rule = rule(
    "sendmail notification",
    notification,
    "sendmail sendmail/savemail.c (returntosender)",
    &[
        "6AM8XJBG008146: 6AM8XJBH008146: DSN: User unknown",
        "6AM8XJBG008146: 6AM8XJBH008146: DSN: Return receipt",
        "6AM8XJBG008146: 6AM8XJBH008146: return to sender: Cannot send message for 5 days",
        "6AM8XJBG008146: 6AM8XJBH008146: sender notify: Warning: could not send message for past 4 hours",
        "6AM8XJBG008146: 6AM8XJBH008146: postmaster notify: User unknown",
    ],
);

fn notification<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let dsn_queue_id = super::id(at)?;
    at.lit(": ")?;
    let way = at.one_of(&[
        "DSN: ",
        "return to sender: ",
        "sender notify: ",
        "postmaster notify: ",
    ])?;
    let text = at.remainder();
    Some(Body::Notification(Notification {
        kind: match way {
            _ if text.starts_with(b"Return receipt") => NotificationKind::DeliveryStatus,
            _ if text.starts_with(b"Warning: could not send message") => NotificationKind::Delay,
            _ => NotificationKind::NonDelivery,
        },
        to_postmaster: way == "postmaster notify: ",
        dsn_queue_id: Some(dsn_queue_id),
        begins: true,
        ..Notification::default()
    }))
}

const DONE: Rule = rule(
    "sendmail done",
    done,
    "sendmail sendmail/envelope.c (dropenvelope)",
    &["6AM8XJBG008146: done; delay=1+00:00:01, ntries=2"],
);

fn done<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    at.lit("done; delay=")?;
    super::delivery::duration_ms(at)?;
    at.lit(", ntries=")?;
    at.number::<u32>()?;
    at.end()?;
    Some(Body::Removed(Removed::default()))
}

const DISCARDED: Rule = rule(
    "sendmail discarded",
    discarded,
    "sendmail sendmail/srvrsmtp.c, sendmail/milter.c",
    &["6AM8XJBG008146: discarded"],
);

fn discarded<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    at.lit("discarded")?;
    at.end()?;
    Some(Body::Removed(Removed {
        by: RemovedBy::Discarded,
    }))
}

const SAVED: Rule = rule(
    "sendmail saved",
    saved,
    "sendmail sendmail/savemail.c",
    &[
        "6AM8XJBG008146: Saved message in /var/tmp/dead.letter",
        "6AM8XJBG008146: saved in /home/anna/dead.letter",
    ],
);

/// What could be neither delivered nor returned.
fn saved<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let text = at.peek();
    at.one_of(&["Saved message in ", "saved in "])?;
    Some(notice(Kind::ServiceWarning, text))
}

const LOST: Rule = rule(
    "sendmail lost",
    lost,
    "sendmail sendmail/envelope.c, sendmail/queue.c",
    &[
        "6AM8XJBG008146: Losing ./qf6AM8XJBG008146: savemail panic",
        "6AM8XJBG008146: locked",
        "6AM8XJBG008146: too young (00:00:12)",
    ],
);

fn lost<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let text = at.peek();
    let kind = match at.one_of(&["Losing ", "locked", "too young ("])? {
        "Losing " => Kind::ServiceError,
        _ => Kind::ServiceInfo,
    };
    Some(notice(kind, text))
}

const TOO_LARGE: Rule = rule(
    "sendmail too large",
    too_large,
    "sendmail sendmail/srvrsmtp.c, sendmail/collect.c",
    &[
        "6AM8XJBG008146: message size (20000000) exceeds maximum (10000000)",
        "6AM8XJBG008146: Too many hops 26 (25 max): from bob@example.net via mx.example.net, to anna@example.org",
    ],
);

fn too_large<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let text = at.peek();
    if at.has("message size (") {
        at.number::<u64>()?;
        at.lit(") exceeds maximum (")?;
        at.number::<u64>()?;
        at.lit(")")?;
        at.end()?;
        return Some(notice(Kind::ServiceLimitReached, text));
    }
    at.lit("Too many hops ")?;
    at.number::<u32>()?;
    at.lit(" (")?;
    at.number::<u32>()?;
    at.lit(" max)")?;
    Some(notice(Kind::ServiceWarning, text))
}

const PART: Rule = rule(
    "sendmail part of a line",
    part,
    "sendmail libsm/syslogio.c, sendmail/util.c (sm_syslog)",
    &[
        "6AM8XJBG008146[1]: to=<anna@example.org>,<bob@example.org> ...",
        "6AM8XJBG008146[2]: ...,<carl@example.org>, delay=00:00:01, stat=Sent",
    ],
);

/// A line that was too long for syslog goes in numbered parts.
fn part<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = super::id(at)?;
    at.lit("[")?;
    at.number::<u32>()?;
    at.lit("]: ")?;
    let text = at.remainder();
    let cut = text.starts_with(b"...") || text.ends_with(b"...");
    cut.then_some(())?;
    at.queue_id = Some(id);
    Some(notice(Kind::ServiceInfo, text))
}
