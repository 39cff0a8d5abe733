//! qmail-send: a message from its entry into the queue to its end.
//! Source: qmail `qmail-send.c`.

use crate::notices::{notice, starting};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind, Notice, Notification, Received, Removed, Severity};

pub(super) const RULES: &[Rule] = &[STATUS, NEW, INFO, END, BOUNCE, TRIPLE, EXITING, TROUBLE];

const STATUS: Rule = rule(
    "qmail status",
    status,
    "qmail qmail-send.c (del_status)",
    &[
        "1795335894.123456 status: local 0/10 remote 34/35",
        "status: local 0/10 remote 1/20 exitasap",
    ],
);

fn status<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("status: local ")?;
    at.number::<u32>()?;
    at.lit("/")?;
    at.number::<u32>()?;
    at.lit(" remote ")?;
    at.number::<u32>()?;
    at.lit("/")?;
    at.number::<u32>()?;
    at.has(" exitasap");
    at.end()?;
    Some(notice(Kind::ServiceStatistics, text))
}

/// Takes a message's number, which is its queue id.
pub(super) fn message<'a>(at: &mut Scan<'a>) -> Option<()> {
    let number = at.while_(|byte| byte.is_ascii_digit());
    at.queue_id = Some(number).filter(|it| !it.is_empty());
    at.queue_id.map(|_| ())
}

const NEW: Rule = rule(
    "qmail new",
    new,
    "qmail qmail-send.c (todo_do)",
    &["new msg 2638346", "1795335894.123456 new msg 2638346"],
);

fn new<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("new msg ")?;
    message(at)?;
    at.end()?;
    Some(Body::Begun)
}

const INFO: Rule = rule(
    "qmail info",
    info,
    "qmail qmail-send.c (todo_do)",
    &[
        "info msg 2638346: bytes 1234 from <bob@example.net> qp 4711 uid 89",
        "info msg 2638346: bytes 1234 from <list-return-1-@example.org-@[]> qp 4711 uid 1002",
        "info msg 2638346: bytes 1234 from <#@[]> qp 4711 uid 100",
        "info msg 2638346: bytes 1234 from <> qp 4711 uid 100",
    ],
);

/// The process that queued the message is what clients and bounces call it by.
fn info<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("info msg ")?;
    message(at)?;
    at.lit(": bytes ")?;
    let size = at.number()?;
    at.lit(" from <")?;
    let mail_from = at.until_last("> qp ")?;
    at.session = at.while_(|byte| byte.is_ascii_digit());
    at.lit(" uid ")?;
    let uid = at.number()?;
    at.end()?;
    Some(Body::Received(Box::new(Received {
        uid: Some(uid),
        mail_from,
        size: Some(size),
        end_is_logged: true,
        ..Received::default()
    })))
}

const END: Rule = rule(
    "qmail end",
    end,
    "qmail qmail-send.c (messdone)",
    &["end msg 2638346"],
);

fn end<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("end msg ")?;
    message(at)?;
    at.end()?;
    Some(Body::Removed(Removed::default()))
}

const BOUNCE: Rule = rule(
    "qmail bounce",
    bounce,
    "qmail qmail-send.c (injectbounce)",
    &["bounce msg 2638346 qp 4712"],
);

fn bounce<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("bounce msg ")?;
    message(at)?;
    at.lit(" qp ")?;
    let qp = at.while_(|byte| byte.is_ascii_digit());
    at.end()?;
    (!qp.is_empty()).then(|| {
        Body::Notification(Notification {
            dsn_queue_id: Some(qp),
            ..Notification::default()
        })
    })
}

const TRIPLE: Rule = rule(
    "qmail triple bounce",
    triple,
    "qmail qmail-send.c (injectbounce)",
    &[
        "triple bounce: discarding bounce/2638346",
        "double bounce: discarding bounce/23/2638346",
    ],
);

fn triple<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let words = at.one_of(&["triple bounce", "double bounce"])?;
    at.lit(": discarding bounce/")?;
    let mut ahead = *at;
    if ahead.number::<u64>().is_some() && ahead.has("/") {
        *at = ahead;
    }
    message(at)?;
    at.end()?;
    let reason: &BStr = text[..words.len()].into();
    Some(Body::Notification(Notification {
        reason,
        ..Notification::default()
    }))
}

const EXITING: Rule = rule(
    "qmail stopped",
    exiting,
    "qmail qmail-send.c",
    &["status: exiting", "status: qmail-todo stop processing asap"],
);

fn exiting<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let words = &["status: exiting", "status: qmail-todo stop processing asap"];
    starting(at, Kind::ServiceStopped, words)
}

const TROUBLE: Rule = rule(
    "qmail trouble",
    trouble,
    "qmail qmail-send.c, qmail-todo.c",
    &[
        "warning: trouble opening local/2638346; will try again later",
        "alert: cannot start: qmail-send is already running",
        "warning: got TERM: draining",
        "alert: oh no! lost spawn connection! dying...",
    ],
);

fn trouble<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let (kind, severity) = match at.one_of(&["warning: ", "alert: "])? {
        "alert: " => (Kind::ServiceError, Severity::Error),
        _ => (Kind::ServiceWarning, Severity::Warning),
    };
    at.severity = severity;
    Some(Body::Notice(Notice {
        kind,
        text: at.remainder(),
        ..Notice::default()
    }))
}
