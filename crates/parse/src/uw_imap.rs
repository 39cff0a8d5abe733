//! UW IMAP and Panda: imapd, ipop3d. One process serves one connection, so (host, process id) is the
//! session.
//! Source: UW imap `src/imapd/imapd.c`, `src/ipopd/ipop3d.c`, `src/c-client/*.c`, `src/osdep/unix/*.c`.

use crate::notices::notice;
use crate::rule::{Rule, first_match, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use model::{AuthFailure, Body, Connected, Kind, Login, Logout, Notice, Peer, SessionAborted};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[("imapd", RULES)];

const RULES: &[Rule] = &[STARTED, LOGIN, LOGOUT, FAILED, ENDED, MOVED, TROUBLE];

/// Takes a text apart.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    first_match(&[RULES], at)
}

fn protocol(program: &[u8]) -> &'static BStr {
    match program.starts_with(b"ipop") {
        true => "pop3".into(),
        false => "imap".into(),
    }
}

/// Takes `user=U[ auth=A]  host=H [A]`; the user is `???` before login.
fn user_and_host<'a>(at: &mut Scan<'a>) -> Option<(&'a BStr, Peer<'a>)> {
    let mut user = BStr::new(b"");
    if at.has("user=") {
        user = at.until_str(" host=")?.trim_ascii_end().into();
        if let Some(end) = user.find(" auth=") {
            user = user[..end].into();
        }
    } else {
        at.lit("host=")?;
    }
    let name = at.word()?;
    let mut client = Peer {
        name,
        ..Peer::default()
    };
    if at.has(" [") {
        client.address = at.until(b']')?;
    }
    let user = if user == "???" { b"".into() } else { user };
    Some((user, client))
}

const STARTED: Rule = rule(
    "uw connected",
    started,
    "UW imap src/imapd/imapd.c, src/ipopd/ipop3d.c",
    &[
        "imap service init from 192.0.2.10",
        "imaps SSL service init from 192.0.2.10",
        "pop3 service init from 192.0.2.10",
        "port 143 service init from 192.0.2.10",
    ],
);

fn started<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let service = at.until_str(" service init from ")?;
    (service.len() <= "port 65535 SSL".len()).then_some(())?;
    let address = at.word()?;
    at.end()?;
    Some(Body::Connected(Connected {
        client: Peer {
            address,
            ..Peer::default()
        },
        ..Connected::default()
    }))
}

const LOGIN: Rule = rule(
    "uw login",
    login,
    "UW imap src/imapd/imapd.c, src/ipopd/ipop3d.c",
    &[
        "Authenticated user=anna host=mail.example.net [192.0.2.10]",
        "Login user=anna host=mail.example.net [192.0.2.10] nmsgs=12/34",
        "Auto-authenticated user=anna host=mail.example.net [192.0.2.10]",
        "Login user=anna auth=anna host=mail.example.net [192.0.2.10]",
        "Preauthenticated user=anna host=mail.example.net [192.0.2.10]",
        "APOP user=anna host=mail.example.net [192.0.2.10] nmsgs=0/0",
        "Auth user=anna host=mail.example.net [192.0.2.10] nmsgs=0/0",
    ],
);

fn login<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let words = at.one_of(&[
        "Authenticated",
        "Login",
        "Auto-authenticated",
        "Preauthenticated",
        "APOP",
        "Auth",
    ])?;
    at.lit(" ")?;
    at.peek().starts_with(b"user=").then_some(())?;
    let (user, client) = user_and_host(at)?;
    if at.has(" nmsgs=") {
        at.number::<u32>()?;
        at.lit("/")?;
        at.number::<u32>()?;
    }
    at.has(" ");
    at.end()?;
    Some(Body::Login(Login {
        protocol: protocol(at.program),
        user,
        method: match words {
            "APOP" => text[..words.len()].into(),
            _ => b"".into(),
        },
        client,
        ..Login::default()
    }))
}

const LOGOUT: Rule = rule(
    "uw logout",
    logout,
    "UW imap src/imapd/imapd.c, src/ipopd/ipop3d.c",
    &[
        "Logout user=anna host=mail.example.net [192.0.2.10]",
        "Logout user=??? host=mail.example.net [192.0.2.10]",
        "Logout user=anna host=mail.example.net [192.0.2.10] nmsgs=12 ndele=3",
    ],
);

fn logout<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("Logout ")?;
    let (user, client) = user_and_host(at)?;
    at.has(" ");
    Some(Body::Logout(Logout {
        protocol: protocol(at.program),
        user,
        client,
        reason: text[.."Logout".len()].into(),
        counts: at.remainder(),
        ..Logout::default()
    }))
}

const FAILED: Rule = rule(
    "uw login failed",
    failed,
    "UW imap src/imapd/imapd.c, src/osdep/unix/env_unix.c (server_login)",
    &[
        "Login failed user=eve auth=eve host=mail.example.net [192.0.2.10]",
        "Login excessive login failures user=eve auth=eve host=mail.example.net [192.0.2.10]",
        "Login disabled user=anna auth=anna host=localhost.localdomain [127.0.0.1]",
        "AUTHENTICATE LOGIN failure host=mail.example.net [192.0.2.10]",
        "Login failure user=eve host=mail.example.net [192.0.2.10]",
        "Failed uwmaster override of user=anna  host=mail.example.net [192.0.2.10] ",
        "Excessive login failures user=eve host=mail.example.net [192.0.2.10]",
        "AUTH CRAM-MD5 failure host=mail.example.net [192.0.2.10]",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let mut method = BStr::new(b"");
    match at.one_of(&[
        "Login failed ",
        "Login failure ",
        "Login disabled ",
        "Login excessive login failures ",
        "Excessive login failures ",
        "Excessive authentication failures ",
        "AUTHENTICATE ",
        "AUTH ",
        "Failed ",
    ])? {
        "AUTHENTICATE " | "AUTH " => {
            method = at.word()?;
            at.lit(" failure ")?;
        }
        "Failed " => {
            at.until_str(" override of ")?;
        }
        _ => {}
    }
    let reason = text[..text.len() - at.peek().len()].trim_ascii_end();
    let (user, client) = user_and_host(at)?;
    at.has(" ");
    at.end()?;
    Some(Body::AuthFailure(AuthFailure {
        client,
        protocol: protocol(at.program),
        method,
        user,
        reason: reason.into(),
        ..AuthFailure::default()
    }))
}

const ENDED: Rule = rule(
    "uw ended",
    ended,
    "UW imap src/imapd/imapd.c (inerror, clkint, kodint, hupint)",
    &[
        "Autologout user=anna host=mail.example.net [192.0.2.10]",
        "Killed (lost mailbox lock) user=anna host=mail.example.net [192.0.2.10]",
        "Connection reset by peer, while reading line user=anna host=mail.example.net [192.0.2.10]",
        "Command stream end of file, while reading line user=??? host=mail.example.net [192.0.2.10]",
        "Hangup user=anna host=mail.example.net [192.0.2.10]",
        "Broken pipe, while writing text user=anna host=mail.example.net [192.0.2.10]",
    ],
);

fn ended<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(&[
        "Autologout",
        "Killed",
        "Connection ",
        "Command stream end of file",
        "Hangup",
        "Broken pipe",
        "Terminated",
        "Power Failure",
        "Unexpected client disconnect",
        "Abort",
    ])?;
    let end = at.peek().find(" user=").or(at.peek().find(" host="))?;
    let head = text.len() - at.peek().len() + end;
    *at = at.over(&text[head + 1..]);
    let (_, client) = user_and_host(at)?;
    Some(Body::SessionAborted(SessionAborted {
        client,
        reason: text[..head].into(),
        ..SessionAborted::default()
    }))
}

const MOVED: Rule = rule(
    "uw moved",
    moved,
    "UW imap src/osdep/unix/mbx.c, mtx.c, tenex.c (snarf)",
    &[
        "Moved 1234 bytes of new mail to /home/anna/mbox from /var/mail/anna host=mail.example.net [192.0.2.10]",
        "Expunged 3 messages in /home/anna/mbox host=mail.example.net [192.0.2.10]",
    ],
);

fn moved<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(&["Moved ", "Expunged "])?;
    let number = at.number()?;
    at.one_of(&[" bytes of new mail to ", " messages in "])?;
    let about = at.word()?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        about,
        number: Some(number),
        text: text.into(),
        ..Notice::default()
    }))
}

const TROUBLE: Rule = rule(
    "uw trouble",
    trouble,
    "UW imap src/imapd/imapd.c, src/osdep/unix/ssl_unix.c",
    &[
        "Unable to accept SSL connection, host=mail.example.net [192.0.2.10]",
        "SSL error status: error:1408F10B:SSL routines:SSL3_GET_RECORD:wrong version number",
        "Fatal disk error user=anna host=mail.example.net [192.0.2.10] mbx=/home/anna/mbox: Disk quota exceeded",
        "Mailbox vulnerable - directory /var/mail must have 1777 protection",
        "Error in certificate: unable to load",
        "Retrying after disk error user=anna host=mail.example.net [192.0.2.10] mbx=/home/anna/mbox: No space left",
    ],
);

fn trouble<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let kind = match at.one_of(&[
        "Unable to accept SSL connection, ",
        "SSL error status: ",
        "Fatal ",
        "Mailbox vulnerable - ",
        "Error in certificate: ",
        "Retrying after disk error ",
        "SYSERR ",
    ])? {
        "Mailbox vulnerable - " | "Retrying after disk error " => Kind::ServiceWarning,
        _ => Kind::ServiceError,
    };
    Some(notice(kind, text))
}
