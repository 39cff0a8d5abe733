//! courierd: a message from its entry into the queue to its end.
//! Source: courier `courier/cdmsgq.C`, `courier/cdmsgq3.C`, `courier/courierd.C`.

use super::message;
use crate::notices::{notice, starting};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, DeliveryStarted, Kind, Peer, Received, Removed};

pub(super) const RULES: &[Rule] = &[NEW, STARTED, COMPLETED, WAITING, SERVICE];

const NEW: Rule = rule(
    "courier new",
    new,
    "courier courier/cdmsgq.C (msgq::init)",
    &[
        "newmsg,id=000000000001E0F3.00000000674060E2.00001234: dns; mail.example.net (mail.example.net [::ffff:192.0.2.10])",
        "newmsg,id=0038C081.4D026173.000051A4, auth=anna: dns; laptop ([2001:db8::10])",
        "newmsg,id=0038C081.4D026173.000051A4: dns; localhost (localhost [127.0.0.1])",
        "newmsg,id=0038C081.4D026173.000051A4: uucp; x",
    ],
);

fn new<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("newmsg,")?;
    message(at)?;
    let sasl_username = match at.has(", auth=") {
        true => at.until_str(": ")?,
        false => {
            at.lit(": ")?;
            BStr::new(b"")
        }
    };
    let protocol = at.until_str("; ")?;
    let (helo, client) = match protocol == "dns" {
        true => origin(at)?,
        false => (at.remainder(), Peer::default()),
    };
    Some(Body::Received(Box::new(Received {
        client,
        helo,
        sasl_username,
        sender_follows: true,
        end_is_logged: true,
        ..Received::default()
    })))
}

/// Takes `HELO (HOST [ADDRESS])`; the host is missing where its name did not resolve.
fn origin<'a>(at: &mut Scan<'a>) -> Option<(&'a BStr, Peer<'a>)> {
    let helo = at.until_str(" (")?;
    let name = at.while_(|byte| !matches!(byte, b' ' | b'['));
    at.has(" ");
    let address = super::bracketed(at)?;
    at.lit(")")?;
    Some((
        helo,
        Peer {
            name,
            address,
            port: None,
        },
    ))
}

const STARTED: Rule = rule(
    "courier delivery started",
    started,
    "courier courier/cdmsgq3.C (startdelivery)",
    &[
        "started,id=0038C081.4D026173.000051A4,from=<bob@example.net>,module=local,host=anna!!1000!1000!/home/anna!!,addr=<anna>",
        "started,id=0038C081.4D026173.000051A4,from=<>,module=esmtp,host=example.net,addr=<bob@example.net>",
        "started,id=0038C081.4D026173.000051A4,from=<>,module=dsn,host=,addr=<bob@example.net>",
    ],
);

/// The module `dsn` writes a notification to the sender.
fn started<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("started,")?;
    message(at)?;
    at.lit(",from=<")?;
    let mail_from = at.until_str(">,module=")?;
    let module = at.until(b',')?;
    at.lit("host=")?;
    at.until_str(",addr=<")?;
    let rcpt_to = at.until_last(">")?;
    if module == "dsn" {
        return Some(notice(Kind::DsnSent, text));
    }
    Some(Body::DeliveryStarted(DeliveryStarted {
        mail_from: Some(mail_from),
        rcpt_to,
        remote: module == "esmtp" || module == "uucp",
        ..DeliveryStarted::default()
    }))
}

const COMPLETED: Rule = rule(
    "courier completed",
    completed,
    "courier courier/cdmsgq3.C (completed)",
    &["completed,id=0038C081.4D026173.000051A4"],
);

fn completed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("completed,")?;
    message(at)?;
    at.end()?;
    Some(Body::Removed(Removed::default()))
}

const WAITING: Rule = rule(
    "courier waiting",
    waiting,
    "courier courier/courierd.C",
    &[
        "Waiting.  shutdown time=none, wakeup time=Fri Dec 10 12:25:01 2027, queuedelivering=4, inprogress=2",
        "queuelo=400, queuehi=800",
        "queuefill=300, nextqfill=Fri Dec 10 12:25:01 2027",
    ],
);

fn waiting<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let words = &["Waiting.  shutdown time=", "queuelo=", "queuefill="];
    starting(at, Kind::ServiceStatistics, words)
}

const SERVICE: Rule = rule(
    "courier service",
    service,
    "courier courier/courierd.C, courier/cddrvinfo.C",
    &[
        "Loading STATIC transport module libraries.",
        "Installing esmtp",
        "Installed: module.esmtp - Courier 1.2.2 Copyright",
        "Initializing local",
        "Started ./courierlocal, pid=1234, maxdels=10, maxhost=4, maxrcpt=1",
        "Courier 1.2.2 Copyright 1999-2022",
        "Purging /var/lib/courier/msgq",
        "SHUTDOWN: respawnlo limit reached, system inactive.",
        "Shutting down",
        "ABNORMAL TERMINATION BY A SIGNAL",
        "Will restart in 60 seconds.",
    ],
);

fn service<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let kind = match at.one_of(&[
        "Loading STATIC transport module ",
        "Installing ",
        "Installed: ",
        "Initializing ",
        "Started ./",
        "Courier ",
        "Purging ",
        "SHUTDOWN: ",
        "Shutting down",
        "Restarting ",
        "ABNORMAL TERMINATION BY A SIGNAL",
        "Will restart in ",
    ])? {
        "ABNORMAL TERMINATION BY A SIGNAL" => Kind::ServiceError,
        "SHUTDOWN: " | "Shutting down" => Kind::ServiceStopped,
        "Started ./" | "Restarting " => Kind::ServiceStarted,
        _ => Kind::ServiceInfo,
    };
    Some(notice(kind, text))
}
