//! Pickup: local submissions and what `postsuper -r` puts back.

use crate::postfix::notice::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Notice, PickedUp};

pub(crate) const RULES: &[Rule] = &[
    PICKED_UP,
    TIMES,
    NO_SENDER,
    RECORD,
    WRITE_FAILED,
    OPEN_FAILED,
];

const PICKED_UP: Rule = rule(
    "pickup submission",
    picked_up,
    "postfix src/pickup/pickup.c",
    &[
        "3F2A1C0D: uid=0 from=<root>",
        "4bXyZ10QzKz1r: uid=101 from=<> orig_id=3F2A1C0D",
    ],
);

fn picked_up<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    at.lit("uid=")?;
    let uid = at.number()?;
    at.lit(" from=")?;
    let mail_from = at.angle()?;
    let orig_queue_id = at.has(" orig_id=").then(|| at.word()).flatten();
    at.end()?;
    Some(Body::PickedUp(PickedUp {
        uid,
        mail_from,
        orig_queue_id,
    }))
}

const TIMES: Rule = rule(
    "pickup message time",
    times,
    "postfix src/pickup/pickup.c",
    &[
        "warning: 3F2A1C0D: message has been queued for 3 days",
        "warning: 3F2A1C0D: message maildrop/3F2A1C0D has been queued for 3 days",
        "warning: 3F2A1C0D: message dated 7200 seconds into the future",
    ],
);

fn times<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("message ")?;
    let mut ahead = *at;
    let (about, number) = if ahead.has("dated ") {
        let seconds = ahead.number()?;
        ahead.lit(" seconds into the future")?;
        ("message dated into the future", seconds)
    } else {
        if !ahead.has("has been queued for ") {
            ahead.until_str(" has been queued for ")?;
        }
        let days: u64 = ahead.number()?;
        ahead.lit(" days")?;
        ("message long queued", days.checked_mul(86_400)?)
    };
    ahead.end()?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceWarning,
        about: about.into(),
        period_secs: Some(number),
        ..Notice::default()
    }))
}

const NO_SENDER: Rule = rule(
    "pickup no sender",
    no_sender,
    "postfix src/pickup/pickup.c",
    &["warning: 3F2A1C0D: uid=1000: no envelope sender"],
);

fn no_sender<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("uid=")?;
    let uid = at.number()?;
    at.lit(": no envelope sender")?;
    at.end()?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceWarning,
        about: "no envelope sender, uid".into(),
        number: Some(uid),
        ..Notice::default()
    }))
}

const RECORD: Rule = rule(
    "pickup record type",
    record,
    "postfix src/pickup/pickup.c",
    &["warning: uid=1000: unexpected or malformed record type 88"],
);

fn record<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("uid=")?;
    let uid = at.number()?;
    at.lit(": unexpected or malformed record type ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceWarning,
        about: "unexpected or malformed record, uid".into(),
        number: Some(uid),
        text: at.remainder(),
        ..Notice::default()
    }))
}

const WRITE_FAILED: Rule = rule(
    "pickup write failed",
    write_failed,
    "postfix src/pickup/pickup.c",
    &["warning: maildrop/1A2B3C4D5E: error writing 3F2A1C0D: queue file write error"],
);

fn write_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let about = at.until_str(": error writing ")?;
    at.until_str(": ")?;
    notice(Kind::ServiceError, about, at.remainder())
}

const OPEN_FAILED: Rule = rule(
    "pickup open failed",
    open_failed,
    "postfix src/pickup/pickup.c",
    &["fatal: open input file maildrop/1A2B3C4D5E: Permission denied"],
);

fn open_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("open input file ")?;
    let about = at.until_str(": ")?;
    notice(Kind::ServiceError, about, at.remainder())
}
