//! IMAP4 and POP3 protocol logs: session, sequence number, server, client, user, duration, sizes,
//! command, parameters, context.
//! Source: Microsoft Learn "Protocol logging for POP3 and IMAP4".

use super::csv::Columns;
use super::endpoint;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{AuthFailure, Body, Connected, Kind, Login, Logout, Notice, Peer};

pub(crate) const RULES: &[Rule] = &[LOGIN, SESSION, COMMAND];

/// Columns behind the time, without the last one that 2016 and later have.
const COLUMNS_MIN: usize = 11;
/// Columns of the longest row.
const COLUMNS_MAX: usize = COLUMNS_MIN + 3;

/// A row that has no more, but for one by which that is seen.
type Row<'a> = Columns<'a, { COLUMNS_MAX + 1 }>;

/// A line's columns.
struct Line<'a> {
    server: Peer<'a>,
    client: Peer<'a>,
    user: &'a BStr,
    command: &'a BStr,
    parameters: &'a BStr,
    context: &'a BStr,
}

impl<'a> Line<'a> {
    /// By the server's port; those with 1 in front are the back end's.
    fn protocol(&self) -> &'a BStr {
        let protocol: &[u8] = match self.server.port {
            Some(143 | 993 | 1143 | 1993) => b"imap",
            Some(110 | 995 | 1110 | 1995) => b"pop3",
            _ => b"",
        };
        protocol.into()
    }

    fn is_command(&self, names: &[&str]) -> bool {
        names
            .iter()
            .any(|name| self.command.eq_ignore_ascii_case(name.as_bytes()))
    }
}

fn line<'a>(at: &mut Scan<'a>) -> Option<Line<'a>> {
    let row = Row::read(at.peek())?;
    if !(COLUMNS_MIN..=COLUMNS_MAX).contains(&row.len()) {
        return None;
    }
    at.session = row.get(0);
    Some(Line {
        server: endpoint(row.get(2)),
        client: endpoint(row.get(3)),
        user: row.get(4),
        command: row.get(8),
        parameters: row.get(9),
        context: row.get(10),
    })
}

const LOGIN: Rule = rule(
    "exchange imap login",
    login,
    "Microsoft Learn, Protocol logging for POP3 and IMAP4",
    &[
        r#"2026-11-22T08:23:21.530Z,000000000000000E,2,198.51.100.7:143,203.0.113.9:35070,root,168,31,31,authenticate,PLAIN,"R=""2 NO AUTHENTICATE failed."";Msg=""AuthFailed:LogonDenied,User: root"";ErrMsg=AuthFailed:LogonDenied","#,
        r#"2026-11-22T08:23:21.847Z,00000000000ABC12,2,198.51.100.7:993,192.0.2.10:65468,anna,118,31,34,authenticate,PLAIN,"R=OK;Msg=""Proxy:ex1.example.org:1993:SSL;ProxySuccess"";LiveIdAR=OK","#,
        r"2026-11-22T08:23:21.847Z,00000000000ABC13,3,198.51.100.7:110,192.0.2.10:65469,anna,118,10,34,pass,*****,R=ok",
    ],
);

fn login<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let line = line(at)?;
    line.is_command(&["authenticate", "login", "pass", "auth"])
        .then_some(())?;
    let succeeded = line
        .context
        .get(..4)
        .is_some_and(|it| it.eq_ignore_ascii_case(b"R=OK"));
    let method = match line.is_command(&["authenticate", "auth"]) {
        true => line.parameters,
        false => BStr::new(b""),
    };
    if succeeded {
        return Some(Body::Login(Login {
            protocol: line.protocol(),
            user: line.user,
            method,
            client: line.client,
            server: line.server,
            ..Login::default()
        }));
    }
    Some(Body::AuthFailure(AuthFailure {
        client: line.client,
        server: line.server,
        protocol: line.protocol(),
        method,
        user: line.user,
        reason: reason(line.context),
        ..AuthFailure::default()
    }))
}

/// `AuthFailed:LogonDenied` of `R=""..."";Msg=""..."";ErrMsg=AuthFailed:LogonDenied`.
fn reason(context: &BStr) -> &BStr {
    let Some(at) = memmem::find(context, b"ErrMsg=") else {
        return context;
    };
    let reason = &context[at + "ErrMsg=".len()..];
    reason
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or(reason)
        .into()
}

const SESSION: Rule = rule(
    "exchange imap session",
    session,
    "Microsoft Learn, Protocol logging for POP3 and IMAP4",
    &[
        "2026-11-22T08:23:21.530Z,000000000000000E,0,198.51.100.7:143,192.0.2.10:35070,,0,0,63,OpenSession,,",
        "2026-11-22T08:23:21.530Z,000000000000000E,9,198.51.100.7:143,192.0.2.10:35070,anna,0,0,0,CloseSession,,",
    ],
);

fn session<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let line = line(at)?;
    Some(match &**line.command {
        b"OpenSession" => Body::Connected(Connected {
            client: line.client,
            server: line.server,
        }),
        b"CloseSession" => Body::Logout(Logout {
            protocol: line.protocol(),
            user: line.user,
            client: line.client,
            reason: line.context,
            ..Logout::default()
        }),
        _ => return None,
    })
}

const COMMAND: Rule = rule(
    "exchange imap command",
    command,
    "Microsoft Learn, Protocol logging for POP3 and IMAP4",
    &[
        "2026-11-22T08:23:21.530Z,000000000000000E,4,198.51.100.7:143,192.0.2.10:35070,anna,12,20,90,select,INBOX,R=OK",
    ],
);

fn command<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let line = line(at)?;
    (!line.command.is_empty()).then_some(())?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        peer: line.client,
        about: line.command,
        text: line.context,
        ..Notice::default()
    }))
}
