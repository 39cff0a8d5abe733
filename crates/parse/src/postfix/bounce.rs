//! bounce(8), defer(8) and trace(8): notifications about messages.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Notification, NotificationKind};

pub(crate) const RULES: &[Rule] = &[SENT, NOT_SENT, DISCARDED, FAILED];

const SENT: Rule = rule(
    "bounce sent",
    sent,
    "postfix src/bounce/bounce_notify_service.c",
    &[
        "2F922A14CB6: sender non-delivery notification: AFADAA14CB5",
        "4jXMZG2sDtz1Xf29: sender delay notification: 4jXMZG3Tr8z1Xf2K",
        "2F922A14CB6: sender delivery status notification: AFADAA14CB5",
        "2F922A14CB6: postmaster non-delivery notification: AFADAA14CB5",
        "2F922A14CB6: postmaster delay notification: AFADAA14CB5",
    ],
);

fn sent<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let to_postmaster = at.one_of(&["sender ", "postmaster "])? == "postmaster ";
    let kind = kind(at)?;
    at.lit(" notification: ")?;
    let dsn_queue_id = at.word()?;
    at.end()?;
    Some(Body::Notification(Notification {
        begins: false,
        kind,
        to_postmaster,
        dsn_queue_id: Some(dsn_queue_id),
        ..Notification::default()
    }))
}

fn kind(at: &mut Scan<'_>) -> Option<NotificationKind> {
    Some(
        match at.one_of(&["non-delivery", "delay", "delivery status"])? {
            "non-delivery" => NotificationKind::NonDelivery,
            "delay" => NotificationKind::Delay,
            _ => NotificationKind::DeliveryStatus,
        },
    )
}

const NOT_SENT: Rule = rule(
    "bounce not sent",
    not_sent,
    "postfix src/bounce/bounce_trace_service.c",
    &[
        "2F922A14CB6: no trace file -- not sending a notification",
        "2F922A14CB6: not sending trace/success notification for double-bounce message",
        "2F922A14CB6: not sending trace/success notification for single-bounce message",
    ],
);

fn not_sent<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let reason = at.peek();
    if !at.has("not sending trace/success notification") {
        at.lit("no trace file -- not sending a notification")?;
        at.end()?;
    }
    Some(Body::Notification(Notification {
        begins: false,
        kind: NotificationKind::DeliveryStatus,
        to_postmaster: false,
        dsn_queue_id: None,
        reason: reason.into(),
        ..Notification::default()
    }))
}

const DISCARDED: Rule = rule(
    "bounce discarded",
    discarded,
    "postfix src/bounce/bounce_notify_service.c",
    &["warning: 2F922A14CB6: undeliverable postmaster notification discarded"],
);

fn discarded<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let reason = at.peek();
    at.lit("undeliverable postmaster notification discarded")?;
    at.end()?;
    Some(failure(true, reason))
}

const FAILED: Rule = rule(
    "bounce failed",
    failed,
    "postfix src/bounce/bounce_notify_service.c",
    &[
        "warning: 2F922A14CB6: sender notification failed to anna@example.org: cleanup service problem",
        "warning: 2F922A14CB6: postmaster notification failed",
        "warning: 2F922A14CB6: postmaster notice failed while bouncing to anna@example.org",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let reason = at.peek();
    let to_postmaster = at.one_of(&["sender ", "postmaster "])? == "postmaster ";
    at.one_of(&["notification failed", "notice failed while bouncing to "])?;
    Some(failure(to_postmaster, reason))
}

fn failure(to_postmaster: bool, reason: &[u8]) -> Body<'_> {
    Body::Notification(Notification {
        begins: false,
        kind: NotificationKind::NonDelivery,
        to_postmaster,
        dsn_queue_id: None,
        reason: reason.into(),
        ..Notification::default()
    })
}
