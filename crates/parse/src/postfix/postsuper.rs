//! postsuper(1): the administrator's commands on messages.

use super::notice::{counted, fixed, notice};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{AdminAction, Body, Kind, Removed, RemovedBy};

pub(crate) const RULES: &[Rule] = &[REMOVED, DONE, SUMMARY, FILE, NAMES_CHANGED];

const REMOVED: Rule = rule(
    "postsuper removed",
    removed,
    "postfix src/postsuper/postsuper.c",
    &["2F922A14CB6: removed"],
);

fn removed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    at.lit("removed")?;
    at.end()?;
    Some(Body::Removed(Removed {
        by: RemovedBy::Administrator,
    }))
}

const DONE: Rule = rule(
    "postsuper done",
    done,
    "postfix src/postsuper/postsuper.c",
    &[
        "2F922A14CB6: requeued",
        "2F922A14CB6: placed on hold",
        "2F922A14CB6: released from hold",
        "4jXMZG2sDtz1Xf29: expired",
    ],
);

fn done<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let action = match at.peek() {
        b"requeued" => AdminAction::Requeued,
        b"placed on hold" => AdminAction::Held,
        b"released from hold" => AdminAction::Released,
        b"expired" => AdminAction::ForceExpired,
        _ => return None,
    };
    Some(Body::Admin(action))
}

const SUMMARY: Rule = rule(
    "postsuper summary",
    summary,
    "postfix src/postsuper/postsuper.c",
    &[
        "Deleted: 1 message",
        "Requeued: 12 messages",
        "Placed on hold: 67 messages",
        "Released from hold: 13 messages",
        "Force-expired: 2 messages",
        "Renamed to match inode number: 3 messages",
    ],
);

fn summary<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let about = at.one_of(&[
        "Deleted",
        "Requeued",
        "Placed on hold",
        "Released from hold",
        "Force-expired",
        "Renamed to match inode number",
    ])?;
    at.lit(": ")?;
    let messages = at.number()?;
    at.lit(" message")?;
    at.has("s");
    at.end()?;
    counted(
        Kind::AdminAction,
        about.into(),
        Some(messages),
        BStr::new(b""),
    )
}

const FILE: Rule = rule(
    "postsuper file",
    file,
    "postfix src/postsuper/postsuper.c",
    &[
        "removed file deferred/2/2F922A14CB6",
        "renamed file active/2F922A14CB6 as active/2F922A14CB7",
    ],
);

/// With `-v`: the only trace of each message in a command on `ALL`.
fn file<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let about = if at.has("removed file ") {
        let path = at.word()?;
        at.end()?;
        path
    } else {
        at.lit("renamed file ")?;
        let path = at.word()?;
        at.lit(" as ")?;
        path
    };
    notice(Kind::AdminAction, about, text.into())
}

const NAMES_CHANGED: Rule = rule(
    "postsuper names changed",
    names_changed,
    "postfix src/postsuper/postsuper.c",
    &["warning: QUEUE FILE NAMES WERE CHANGED TO MATCH INODE NUMBERS"],
);

fn names_changed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    fixed(
        at,
        Kind::AdminAction,
        &["QUEUE FILE NAMES WERE CHANGED TO MATCH INODE NUMBERS"],
    )
}
