//! Message tracking (`MSGTRK*.LOG`): what happens to a message in transport and mailbox delivery.
//!
//! The network message id is a message's over all servers of an organisation, here the session; the
//! internal message id is one server's, here the queue id. One message makes five to fifteen rows.
//! Source: Microsoft Learn "Message tracking" (OfficeDocs-Exchange `mail-flow/transport-logs/`).

mod told;

use super::csv::{Head, Row};
use crate::rule::{Rule, first_match, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{Agent, Body, Delivery, DeliveryStatus, Peer, Received, Submitted};
use told::{AGENT, DSN, MODERATED, OTHER};

pub(crate) const RULES: &[Rule] = &[
    RECEIVED, DELIVERY, EXPANDED, SUBMITTED, AGENT, DSN, MODERATED, OTHER,
];

/// Takes a row apart by the rule for its event, which the caller has read.
pub(super) fn text<'a>(event: &BStr, at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    match &**event {
        b"RECEIVE" => first_match(&[&[RECEIVED]], at),
        b"AGENTINFO" => first_match(&[&[AGENT]], at),
        b"DSN" => first_match(&[&[DSN]], at),
        b"HAREDIRECT" | b"HARECEIVE" | b"HADISCARD" => first_match(&[&[OTHER]], at),
        b"SEND" | b"SENDEXTERNAL" | b"DELIVER" | b"DEFER" | b"FAIL" => {
            first_match(&[&[DELIVERY]], at)
        }
        _ => first_match(&[RULES], at),
    }
}

/// Columns behind the time: 20 in Exchange 2007, 25 in 2010, 26 in 2013, 27 and 29 later.
const COLUMNS_MIN: usize = 20;
/// From so many on there is a network message id.
const COLUMNS_WITH_NETWORK_ID: usize = 26;

/// A row's columns by name.
struct Tracked<'a> {
    row: Row<'a>,
    /// What the columns behind the message id are further on by.
    shift: usize,
}

impl<'a> Tracked<'a> {
    fn client(&self) -> Peer<'a> {
        peer(self.row.get(1), self.row.get(0))
    }

    fn server(&self) -> Peer<'a> {
        peer(self.row.get(3), self.row.get(2))
    }

    fn context(&self) -> &'a BStr {
        self.row.get(4)
    }

    fn source(&self) -> &'a BStr {
        self.row.get(6)
    }

    fn event(&self) -> &'a BStr {
        self.row.get(7)
    }

    fn message_id(&self) -> &'a BStr {
        self.row.get(9)
    }

    fn behind(&self, at: usize) -> &'a BStr {
        self.row.get(at + self.shift)
    }

    fn recipients(&self) -> &'a BStr {
        self.behind(10)
    }

    fn status(&self) -> &'a BStr {
        self.behind(11)
    }

    fn size(&self) -> Option<u64> {
        crate::json::number(self.behind(12))
    }

    fn recipient_count(&self) -> Option<u32> {
        crate::json::number(self.behind(13))
    }

    fn related(&self) -> &'a BStr {
        self.behind(14)
    }

    fn reference(&self) -> &'a BStr {
        self.behind(15)
    }

    fn subject(&self) -> &'a BStr {
        self.behind(16)
    }

    fn sender(&self) -> &'a BStr {
        self.behind(17)
    }

    /// Envelope sender; `<>` is the null sender.
    fn mail_from(&self) -> &'a BStr {
        match self.behind(18) {
            path if path == "<>" => BStr::new(b""),
            path if path.is_empty() => self.sender(),
            path => path,
        }
    }

    fn custom(&self) -> &'a BStr {
        self.behind(24)
    }
}

fn peer<'a>(name: &'a BStr, address: &'a BStr) -> Peer<'a> {
    Peer {
        name,
        address,
        port: None,
    }
}

/// The server that wrote a row: the one that a message was received by, else the one that sends.
pub(super) fn host<'a>(head: &Head<'a>) -> &'a BStr {
    let sends = matches!(
        &**head.get(7),
        b"SEND" | b"SENDEXTERNAL" | b"DELIVER" | b"SUBMIT" | b"NOTIFYMAPI" | b"DUPLICATEDELIVER"
    );
    let (first, second) = match sends {
        true => (head.get(1), head.get(3)),
        false => (head.get(3), head.get(1)),
    };
    if first.is_empty() { second } else { first }
}

/// Takes a row whose event is one of some.
fn tracked<'a>(at: &mut Scan<'a>, events: &[&str]) -> Option<Tracked<'a>> {
    let row = Row::read(at.peek())?;
    let event = row.get(7);
    events.iter().any(|it| event == *it).then_some(())?;
    (row.len() >= COLUMNS_MIN).then_some(())?;
    let shift = usize::from(row.len() >= COLUMNS_WITH_NETWORK_ID);
    at.queue_id = Some(row.get(8)).filter(|id| !id.is_empty());
    if shift > 0 {
        at.session = row.get(10);
    }
    Some(Tracked { row, shift })
}

const RECEIVED: Rule = rule(
    "exchange tracking received",
    received,
    "Microsoft Learn, Message tracking (event RECEIVE, HARECEIVE is none)",
    &[
        r"2026-11-22T08:23:21.949Z,192.0.2.25,mx.example.net,198.51.100.7,ex1,08DC1DB12C345BE5;2026-11-22T08:23:21.544Z;0,ex1\Default ex1,SMTP,RECEIVE,70912345566403,<a1@example.net>,1e6eb197-c6b4-1234-1b69-56dc1db88f50,anna@example.org;carl@example.org,,7229,2,,,hello,bob@example.net,bob@example.net,0cA: ,Incoming,,192.0.2.25,198.51.100.7,S:FromEntity=Internet;S:AccountForest=example.org,Email,05503123-c5b9-46fe-1234-56dc1db88f8f,15.02.0330.005",
        r"2026-11-22T08:23:21.949Z,198.51.100.7,ex1,198.51.100.7,ex1,,,STOREDRIVER,RECEIVE,17,<a1@example.org>,bob@example.net,,7229,1,,,hello,anna@example.org,anna@example.org,04I: ",
    ],
);

fn received<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let it = tracked(at, &["RECEIVE"])?;
    Some(Body::Received(Box::new(Received {
        client: it.client(),
        server: it.server(),
        protocol: it.source(),
        mail_from: it.mail_from(),
        size: it.size(),
        recipients: it.recipient_count(),
        rcpt_to: it.recipients(),
        message_id: Some(it.message_id()),
        subject: it.subject(),
        header_from: it.sender(),
        ..Received::default()
    })))
}

const DELIVERY: Rule = rule(
    "exchange tracking delivery",
    delivery,
    "Microsoft Learn, Message tracking (events SEND, DELIVER, DEFER, FAIL, DROP and their like)",
    &[
        r#"2026-11-22T08:23:21.327Z,198.51.100.7,EX1,192.0.2.25,mx.example.net,";250 2.6.0 <a1@example.org> [InternalId=5450313518243, Hostname=ex2.example.net] 141301 bytes in 0.101, 1361.827 KB/sec Queued mail for delivery;ClientSubmitTime:",Outbound,SMTP,SENDEXTERNAL,8774618205228,<a1@example.org>,cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd202,bob@example.net,250 2.1.5 Recipient OK,136349,1,,,hello,anna@example.org,anna@example.org,2026-11-22T08:23:20.814Z;SRV=EX1,Originating,,,,S:E2ELatency=0.5,Email,82f8feae-ef9b-41bf-8500-1e10946655ae,15.01.2507.039"#,
        r"2026-11-22T08:23:21.327Z,198.51.100.7,EX1,198.51.100.8,EX2,08DC1DB12C345BE5,,STOREDRIVER,DELIVER,8774618205228,<a1@example.net>,cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd202,anna@example.org,,7229,1,,,hello,bob@example.net,bob@example.net,2026-11-22T08:23:20.814Z,Incoming,,,,S:E2ELatency=0.5,Email,82f8feae-ef9b-41bf-8500-1e10946655ae,15.01.2507.039",
        r"2026-11-22T08:23:21.327Z,,,,EX1,,,ROUTING,FAIL,8774618205228,<a1@example.net>,cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd202,x@example.org,550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found,7229,1,,,hello,bob@example.net,bob@example.net,,Incoming,,,,S:E2ELatency=0.5,Email,82f8feae-ef9b-41bf-8500-1e10946655ae,15.01.2507.039",
        r#"2026-11-22T08:23:21.327Z,,,,EX1,,,SMTP,DEFER,8774618205228,<a1@example.org>,cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd202,bob@example.net,"[{LED=451 4.4.0 DNS query failed};{MSG=};{FQDN=example.net}]",7229,1,,,hello,anna@example.org,anna@example.org,,Originating,,,,S:E2ELatency=0.5"#,
    ],
);

fn delivery<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const EVENTS: &[&str] = &[
        "SEND",
        "SENDEXTERNAL",
        "DELIVER",
        "DUPLICATEDELIVER",
        "DEFER",
        "SUBMITDEFER",
        "RESUBMITDEFER",
        "FAIL",
        "DELIVERFAIL",
        "SUBMITFAIL",
        "BADMAIL",
        "RESUBMITFAIL",
        "DROP",
        "SUPPRESSED",
    ];
    let it = tracked(at, EVENTS)?;
    let (status, agent) = match &**it.event() {
        b"SEND" | b"SENDEXTERNAL" => (DeliveryStatus::Sent, Agent::Smtp),
        b"DELIVER" => (DeliveryStatus::Sent, Agent::Local),
        b"DUPLICATEDELIVER" | b"DROP" | b"SUPPRESSED" => (DeliveryStatus::Sent, Agent::Discard),
        b"DEFER" | b"SUBMITDEFER" | b"RESUBMITDEFER" => (DeliveryStatus::Deferred, agent(&it)),
        _ => (DeliveryStatus::Bounced, agent(&it)),
    };
    let text = it.status();
    let mut reply = Scan::new(without_mark(text), b"");
    let code = reply.code();
    reply.has(" ");
    let enhanced = reply.enhanced();
    Some(Body::Delivery(Delivery {
        rcpt_to: it.recipients(),
        orig_rcpt_to: Some(it.related()).filter(|to| !to.is_empty()),
        relay: match status {
            DeliveryStatus::Sent => it.server(),
            _ if agent == Agent::Smtp => it.server(),
            _ => Peer::default(),
        },
        enhanced,
        status,
        agent,
        code,
        text,
        remote_reply: agent == Agent::Smtp && code.is_some(),
        next_queue_id: next_id(it.context()).filter(|_| status == DeliveryStatus::Sent),
        ..Delivery::default()
    }))
}

/// Who tried, where it failed.
fn agent(it: &Tracked<'_>) -> Agent {
    match &**it.source() {
        b"SMTP" => Agent::Smtp,
        b"STOREDRIVER" => Agent::Local,
        _ => Agent::Error,
    }
}

/// The reply within `[{LED=451 4.4.0 ...};{...}]` or `'[{LRT=...};{LED=...}]'`, else the whole.
fn without_mark(status: &BStr) -> &[u8] {
    match memmem::find(status, b"{LED=") {
        Some(at) => &status[at + "{LED=".len()..],
        None => status,
    }
}

/// `5450313518243` of `[InternalId=5450313518243, Hostname=...]`, the next server's internal id.
fn next_id(context: &BStr) -> Option<&BStr> {
    let at = memmem::find(context, b"[InternalId=")?;
    let id = &context[at + "[InternalId=".len()..];
    let digits = id.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (digits > 0).then(|| id[..digits].into())
}

const EXPANDED: Rule = rule(
    "exchange tracking expanded",
    expanded,
    "Microsoft Learn, Message tracking (events EXPAND, RESOLVE, REDIRECT, TRANSFER)",
    &[
        r"2026-11-22T08:23:21.327Z,,,,EX1,,,ROUTING,EXPAND,8774618205228,<a1@example.net>,cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd202,anna@example.org;carl@example.org,250 2.1.5 RESOLVER.GRP.Expanded; distribution list expanded,7229,2,team@example.org,,hello,bob@example.net,bob@example.net,,Incoming,,,,S:E2ELatency=0.5",
        r"2026-11-22T08:23:21.327Z,,,,EX1,,,ROUTING,TRANSFER,8774618205229,<a1@example.net>,cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd202,anna@example.org,,7229,1,,8774618205228,hello,bob@example.net,bob@example.net,,Incoming,,,,S:E2ELatency=0.5",
    ],
);

/// Other recipients for some of a message's; with TRANSFER in a copy that has an id of its own.
fn expanded<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const EVENTS: &[&str] = &[
        "EXPAND",
        "RESOLVE",
        "REDIRECT",
        "TRANSFER",
        "DUPLICATEEXPAND",
        "DUPLICATEREDIRECT",
    ];
    let it = tracked(at, EVENTS)?;
    let mut next_queue_id = None;
    let is_id = |text: &BStr| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    if it.event() == "TRANSFER" && is_id(it.reference()) {
        next_queue_id = at.queue_id;
        at.queue_id = Some(it.reference());
    }
    Some(Body::Delivery(Delivery {
        rcpt_to: it.recipients(),
        orig_rcpt_to: Some(it.related()).filter(|to| !to.is_empty()),
        status: DeliveryStatus::Expanded,
        agent: Agent::Other,
        text: it.status(),
        next_queue_id,
        ..Delivery::default()
    }))
}

const SUBMITTED: Rule = rule(
    "exchange tracking submitted",
    submitted,
    "Microsoft Learn, Message tracking (events SUBMIT, NOTIFYMAPI, CLIENTSUBMISSION)",
    &[
        r#"2026-11-22T08:23:21.334Z,2001:db8::abc,EX1,,,"MDB:f4adaa08-ff49-4bca-ba70-68e9b80597b0, Mailbox:84dd42d9-8814-4758-a8bb-e8765d62ec90, Event:190620893, MessageClass:IPM.Note, CreationTime:2026-11-22T08:23:21.321Z, ClientType:OWA",,STOREDRIVER,NOTIFYMAPI,,,,,,,,,,,anna@example.org,,2026-11-22T08:23:21.321Z,,,,,S:ItemEntryId=00-00,,74364e3b-32b7-4108-9a2c-6dda84007459,15.01.2507.039"#,
        r#"2026-11-22T08:23:21.334Z,198.51.100.8,EX2,,EX1,"MDB:f4adaa08-ff49-4bca-ba70-68e9b80597b0, ClientType:OWA",,STOREDRIVER,SUBMIT,,<a1@example.org>,cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd202,,,,,,,hello,anna@example.org,,2026-11-22T08:23:21.321Z,,,,,S:ItemEntryId=00-00,,74364e3b-32b7-4108-9a2c-6dda84007459,15.01.2507.039"#,
    ],
);

fn submitted<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let it = tracked(at, &["SUBMIT", "NOTIFYMAPI", "CLIENTSUBMISSION"])?;
    Some(Body::Submitted(Box::new(Submitted {
        user: it.sender(),
        client: it.client(),
        message_id: it.message_id(),
        mail_from: Some(it.mail_from()),
        rcpt_to: it.recipients(),
        reply: it.context(),
        ..Submitted::default()
    })))
}
