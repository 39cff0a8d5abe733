//! tcpserver and rblsmtpd, which stand before qmail-smtpd.
//! Source: ucspi-tcp `tcpserver.c`, `rblsmtpd.c`; ucspi-ssl `sslserver.c`.

use crate::notices::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::{memchr, memrchr};
use model::{AccessAction, AccessCheck, Body, Connected, Disconnected, Kind, Notice, Peer, Source};

pub(super) const SERVER: &[Rule] = &[STATUS, ARRIVED, ADMITTED, ENDED, TROUBLE];
pub(super) const BLOCK_LIST: &[Rule] = &[BLOCKED, BLOCKED_OF_OLD, GREETING];

const STATUS: Rule = rule(
    "tcpserver status",
    status,
    "ucspi-tcp tcpserver.c (printstatus)",
    &["status: 5/30", "tcpserver: status: 5/30"],
);

fn status<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("status: ")?;
    let number = at.number()?;
    at.lit("/")?;
    at.number::<u64>()?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceStatistics,
        number: Some(number),
        text: text.into(),
        ..Notice::default()
    }))
}

/// Takes the process id that stands for the connection.
fn process<'a>(at: &mut Scan<'a>) -> Option<()> {
    at.session = at.while_(|byte| byte.is_ascii_digit());
    (!at.session.is_empty()).then_some(())
}

const ARRIVED: Rule = rule(
    "tcpserver arrived",
    arrived,
    "ucspi-tcp tcpserver.c (doit)",
    &["pid 26162 from 192.0.2.10", "pid 26162 from 2001:db8::10"],
);

/// Whether the client may stay is told later.
fn arrived<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("pid ")?;
    process(at)?;
    at.lit(" from ")?;
    let address = at.word()?;
    at.end()?;
    Some(Body::Notice(Notice {
        peer: Peer {
            address,
            ..Peer::default()
        },
        text: text.into(),
        ..Notice::default()
    }))
}

const ADMITTED: Rule = rule(
    "tcpserver admitted",
    admitted,
    "ucspi-tcp tcpserver.c (doit)",
    &[
        "ok 26162 mx1.example.org:192.0.2.1:25 mail.example.net:192.0.2.10::41234",
        "deny 26163 mx1.example.org:192.0.2.1:25 :192.0.2.10:ident:41234",
        "ok 26164 mx1.example.org:2001:db8::1:25 :2001:db8::10::41234",
    ],
);

fn admitted<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let admitted = at.one_of(&["ok ", "deny "])? == "ok ";
    process(at)?;
    at.lit(" ")?;
    let server = endpoint(at.word()?, false)?;
    at.lit(" ")?;
    let client = endpoint(at.remainder(), true)?;
    Some(match admitted {
        true => Body::Connected(Connected { client, server }),
        false => Body::Access(AccessCheck {
            source: Source::Access,
            stage: "CONNECT".into(),
            client,
            ..AccessCheck::default()
        }),
    })
}

/// `NAME:ADDRESS:PORT`, for clients `NAME:ADDRESS:IDENT:PORT`.
fn endpoint(text: &BStr, with_ident: bool) -> Option<Peer<'_>> {
    let name_end = memchr(b':', text)?;
    let rest = &text[name_end + 1..];
    let port_start = memrchr(b':', rest)?;
    let mut address = &rest[..port_start];
    if with_ident {
        address = &address[..memrchr(b':', address)?];
    }
    Some(Peer {
        name: text[..name_end].into(),
        address,
        port: Some(Scan::new(&rest[port_start + 1..], b"").number()?),
    })
}

const ENDED: Rule = rule(
    "tcpserver ended",
    ended,
    "ucspi-tcp tcpserver.c (sigchld)",
    &["end 26163 status 0", "end 26163 status 256"],
);

fn ended<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("end ")?;
    process(at)?;
    at.lit(" status ")?;
    at.number::<u32>()?;
    at.end()?;
    Some(Body::Disconnected(Disconnected::default()))
}

const TROUBLE: Rule = rule(
    "tcpserver trouble",
    trouble,
    "ucspi-tcp tcpserver.c",
    &[
        "warning: dropping connection, unable to fork: out of memory",
        "fatal: unable to bind: address already used",
        "usage: tcpserver [ -1UXpPhHrRoOdDqQv ]",
        "ssl 26163 accept from mx1.example.org:192.0.2.1:465",
    ],
);

fn trouble<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let kind = match at.one_of(&["warning: ", "fatal: ", "usage: ", "ssl "])? {
        "warning: " => Kind::ServiceWarning,
        "ssl " => Kind::ServiceInfo,
        _ => Kind::ServiceError,
    };
    Some(notice(kind, text))
}

const BLOCKED: Rule = rule(
    "rblsmtpd blocked",
    blocked,
    "ucspi-tcp rblsmtpd.c",
    &[
        "192.0.2.10 pid 26162: 451 http://x.test/query?ip=192.0.2.10",
        "192.0.2.10 pid 26162 list.x.test: 451 http://x.test/query?ip=192.0.2.10",
        "rblsmtpd: 192.0.2.10 pid 26163: 553 Go away",
    ],
);

fn blocked<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let address = at.word()?;
    at.lit(" pid ")?;
    process(at)?;
    if at.has(" ") {
        at.until_str(": ")?;
    } else {
        at.lit(": ")?;
    }
    let code = at.code()?;
    at.has(" ");
    Some(refusal(address, code, at))
}

fn refusal<'a>(address: &'a BStr, code: model::ReplyCode, at: &mut Scan<'a>) -> Body<'a> {
    Body::Access(AccessCheck {
        action: AccessAction::Reject,
        source: Source::Access,
        stage: "CONNECT".into(),
        client: Peer {
            address,
            ..Peer::default()
        },
        code: Some(code),
        text: at.remainder(),
        ..AccessCheck::default()
    })
}

const BLOCKED_OF_OLD: Rule = rule(
    "rblsmtpd blocked of old",
    blocked_of_old,
    "rblsmtpd 0.70",
    &["list.x.test blocked 192.0.2.10 mail.example.net -"],
);

fn blocked_of_old<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.word()?;
    at.lit(" blocked ")?;
    let address = at.word()?;
    at.lit(" ")?;
    let name = at.word()?;
    at.lit(" ")?;
    Some(Body::Access(AccessCheck {
        source: Source::Access,
        stage: "CONNECT".into(),
        client: Peer {
            name,
            address,
            ..Peer::default()
        },
        text: text.into(),
        ..AccessCheck::default()
    }))
}

const GREETING: Rule = rule(
    "rblsmtpd greeting",
    greeting,
    "ucspi-tcp rblsmtpd.c (patch greetdelay)",
    &["192.0.2.10 pid 26162: greetdelay: 30"],
);

fn greeting<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.word()?;
    at.lit(" pid ")?;
    process(at)?;
    at.lit(": greetdelay: ")?;
    Some(notice(Kind::ServiceInfo, text))
}
