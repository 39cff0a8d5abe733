//! IMAP, POP3 and webmail: logins and logouts, what users delete.
//! Source: courier-imap `imap/imaplogin.C`, `imap/imapd.C`, `imap/pop3login.C`, `imap/pop3dserver.C`,
//! sqwebmail `sqwebmail.c`.

use super::bracketed;
use crate::notices::{notice, starting};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use memchr::memmem;
use model::{
    AuthFailure, Body, Connected, Disconnected, Kind, Login, Logout, MailboxAction, Notice, Peer,
    TlsFailed,
};

pub(super) const RULES: &[Rule] = &[
    LOGIN, LOGOUT, FAILED, CONNECTED, DELETED, TOLD, LIMIT, TLS, TROUBLE,
];

/// What the program speaks.
fn protocol(program: &[u8]) -> &'static BStr {
    let has = |word: &[u8]| memmem::find(program, word).is_some();
    if has(b"imap") {
        "imap".into()
    } else if has(b"pop3") {
        "pop3".into()
    } else if has(b"sqwebmail") {
        "webmail".into()
    } else {
        "".into()
    }
}

/// Takes `[user=U, ]ip=[A][, port=[P]]`; the user is empty where none is logged in.
fn user_and_client<'a>(at: &mut Scan<'a>) -> Option<(&'a BStr, Peer<'a>)> {
    let user = match at.has("user=") {
        true => at.until_str(", ip=")?,
        false => {
            at.lit("ip=")?;
            b"".into()
        }
    };
    let mut client = Peer {
        address: bracketed(at)?,
        ..Peer::default()
    };
    if at.has(", port=[") {
        client.port = at.number();
        at.lit("]")?;
    }
    Some((user, client))
}

const LOGIN: Rule = rule(
    "courier login",
    login,
    "courier-imap imap/mysignal.c, imap/imapd.C, imap/pop3dserver.C",
    &[
        "LOGIN, user=anna@example.org, ip=[::ffff:192.0.2.10], port=[41234], protocol=IMAP",
        "INFO: LOGIN, user=anna, ip=[2001:db8::10], port=[41234], protocol=IMAP, starttls=1",
        "LOGIN, user=anna, ip=[::ffff:192.0.2.10], protocol=POP3, stls=1",
        "LOGIN, user=anna, ip=[192.0.2.10]",
    ],
);

fn login<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("LOGIN, ")?;
    let (user, client) = user_and_client(at)?;
    let told = match at.has(", protocol=") {
        true => at.while_(|byte| byte != b','),
        false => b"".into(),
    };
    let tls = at.one_of(&[", starttls=1", ", stls=1"]).map(|_| true);
    Some(Body::Login(Login {
        protocol: match told.as_bytes() {
            b"IMAP" | b"SMAP" => "imap".into(),
            b"POP3" => "pop3".into(),
            _ => protocol(at.program),
        },
        user,
        client,
        tls,
        ..Login::default()
    }))
}

const LOGOUT: Rule = rule(
    "courier logout",
    logout,
    "courier-imap imap/imapd.C (bye), imap/pop3dserver.C",
    &[
        "LOGOUT, user=anna, ip=[::ffff:192.0.2.10], port=[41234], headers=0, body=0, rcvd=46, sent=309, time=0, starttls=1",
        "DISCONNECTED, user=anna, ip=[::ffff:192.0.2.10], headers=1234, body=567, time=12",
        "TIMEOUT, user=anna, ip=[::ffff:192.0.2.10], port=[41234], top=0, retr=5120, rcvd=18, sent=5300, time=1",
        "LOGOUT, ip=[::ffff:192.0.2.10], port=[41234], rcvd=12, sent=307",
        "DEBUG: Disconnected, ip=[::ffff:192.0.2.10], port=[41234], time=3",
        "I/O error disconnect, user=anna, ip=[::ffff:192.0.2.10], top=0, retr=0, time=60",
        "LOGOUT, user=anna, ip=[::ffff:192.0.2.10]",
    ],
);

fn logout<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let words = at.one_of(&[
        "LOGOUT",
        "DISCONNECTED",
        "Disconnected",
        "TIMEOUT",
        "I/O error disconnect",
    ])?;
    let reason = text[..words.len()].into();
    at.lit(", ")?;
    let (user, client) = user_and_client(at)?;
    at.has(", ");
    let counts = at.remainder();
    if user.is_empty() {
        return Some(Body::Disconnected(Disconnected { client, counts }));
    }
    Some(Body::Logout(Logout {
        protocol: protocol(at.program),
        user,
        client,
        reason,
        bytes_in: count(counts, b"rcvd="),
        bytes_out: count(counts, b"sent="),
        counts,
    }))
}

/// The figure behind a name.
fn count(counts: &BStr, name: &[u8]) -> Option<u64> {
    let start = memmem::find(counts, name)? + name.len();
    Scan::new(&counts[start..], b"").number()
}

const FAILED: Rule = rule(
    "courier login failed",
    failed,
    "courier-imap imap/imaplogin.C, imap/pop3login.C",
    &[
        "LOGIN FAILED, user=eve@example.org, ip=[::ffff:192.0.2.10], port=[41234]",
        "LOGIN FAILED, method=PLAIN, ip=[::ffff:192.0.2.10]",
        "LOGIN FAILED, ip=[::ffff:192.0.2.10]",
        "LOGIN: DEBUG: LOGIN FAILED, user=eve, ip=[::ffff:192.0.2.10]",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.has("LOGIN: ");
    at.one_of(&["DEBUG: ", "INFO: "]);
    let text = at.peek();
    at.lit("LOGIN FAILED, ")?;
    let method = match at.has("method=") {
        true => at.until_str(", ")?,
        false => b"".into(),
    };
    let (user, client) = user_and_client(at)?;
    Some(Body::AuthFailure(AuthFailure {
        client,
        protocol: protocol(at.program),
        method,
        user,
        reason: text[..b"LOGIN FAILED".len()].into(),
        ..AuthFailure::default()
    }))
}

const CONNECTED: Rule = rule(
    "courier mailbox connected",
    connected,
    "courier-imap imap/imaplogin.C, imap/pop3login.C",
    &[
        "DEBUG: Connection, ip=[::ffff:192.0.2.10], port=[41234]",
        "Connection, ip=[::ffff:192.0.2.10]",
    ],
);

fn connected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Connection, ")?;
    let (_, client) = user_and_client(at)?;
    at.end()?;
    Some(Body::Connected(Connected {
        client,
        ..Connected::default()
    }))
}

const DELETED: Rule = rule(
    "courier deleted",
    deleted,
    "courier-imap imap/imapd.C (IMAP_LOG_DELETIONS), imap/pop3dserver.C (POP3_LOG_DELETIONS)",
    &[
        "EXPUNGED, user=anna, ip=[::ffff:192.0.2.10], port=[41234], old_name=cur/1795335894.M1P2V3I4.mx1,S=734:2,ST",
        "EXPUNGED, user=anna, ip=[::ffff:192.0.2.10], port=[41234], old_name=cur/1795335894.M1P2.mx1,S=734:2,S, new_name=.Trash/cur/1795335894.M1P2.mx1: only new_name will be left",
        "DELETED, user=anna, ip=[::ffff:192.0.2.10], port=[41234], filename=cur/1795335894.M1P2V3I4.mx1,S=734:2,",
    ],
);

fn deleted<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.one_of(&["EXPUNGED, ", "DELETED, "])?;
    let (user, client) = user_and_client(at)?;
    at.lit(", ")?;
    let text = at.remainder();
    Some(Body::Mailbox(MailboxAction {
        kind: Kind::MailboxExpunged,
        user,
        protocol: protocol(at.program),
        size: count(text, b",S="),
        client,
        text,
        ..MailboxAction::default()
    }))
}

const TOLD: Rule = rule(
    "courier client told",
    told,
    "courier-imap imap/imapd.C (do_id), imap/pop3dserver.C",
    &[
        "ID, user=anna, ip=[::ffff:192.0.2.10], port=[41234], name=Thunderbird, version=140",
        "LOCKED, user=anna, ip=[::ffff:192.0.2.10], port=[41234]",
        "ANON LOGIN, ip=[::ffff:192.0.2.10]",
    ],
);

fn told<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let kind = match at.one_of(&["ID, ", "LOCKED, ", "ANON LOGIN, "])? {
        "LOCKED, " => Kind::ServiceWarning,
        _ => Kind::ServiceInfo,
    };
    let (_, peer) = user_and_client(at)?;
    Some(Body::Notice(Notice {
        kind,
        peer,
        text: text.into(),
        ..Notice::default()
    }))
}

const LIMIT: Rule = rule(
    "courier mailbox limit",
    limit,
    "courier tcpd/tcpd.c",
    &[
        "Maximum connection limit reached for ::ffff:192.0.2.10",
        "MAXIMUM connections reached",
        "40 maximum active connections.",
    ],
);

fn limit<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if at.number::<u32>().is_some() {
        at.lit(" maximum active connections.")?;
        return Some(notice(Kind::ServiceLimitReached, text));
    }
    let words = &[
        "Maximum connection limit reached for ",
        "MAXIMUM connections",
    ];
    starting(at, Kind::ServiceLimitReached, words)
}

const TLS: Rule = rule(
    "courier mailbox tls failed",
    tls,
    "courier tcpd/libcouriertls.c",
    &[
        "couriertls: accept: error:1408A0C1:SSL routines:ssl3_get_client_hello:no shared cipher",
        "ip=[::ffff:192.0.2.10], couriertls: read: Connection reset by peer",
        "ip=[::ffff:192.0.2.10], An unexpected TLS packet was received.",
    ],
);

fn tls<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let mut peer = Peer::default();
    if at.has("ip=") {
        peer.address = bracketed(at)?;
        at.lit(", ")?;
    }
    let text = at.peek();
    let reason = match at.one_of(&["couriertls: ", "An unexpected TLS packet"])? {
        "couriertls: " => {
            at.one_of(&["accept: ", "read: ", "write: ", "connect: "])?;
            at.remainder()
        }
        _ => text.into(),
    };
    Some(Body::TlsFailed(TlsFailed {
        inbound: true,
        peer,
        reason,
    }))
}

const TROUBLE: Rule = rule(
    "courier mailbox trouble",
    trouble,
    "courier-imap imap/imapd.C, imap/pop3login.C, authlib",
    &[
        "authentication error: Input/output error",
        "chdir Maildir: No such file or directory",
        "anna: chdir(/home/anna/Maildir) failed!!",
        "Unable to open this mailbox.",
        "restarted imapd",
    ],
);

fn trouble<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let words = at.one_of(&[
        "authentication error: ",
        "chdir ",
        "Unable to open this mailbox",
        "Failed to create ",
        "restarted ",
    ]);
    if words.is_none() {
        at.until_str(": chdir(")?;
        at.until_last(") failed!!")?;
        at.end()?;
    }
    let kind = match words {
        Some("restarted ") => Kind::ServiceReloaded,
        _ => Kind::ServiceError,
    };
    Some(notice(kind, text))
}
