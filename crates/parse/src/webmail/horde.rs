//! Horde and IMP, through syslog or in a file of the same form.
//! Source: horde `login.php`, imp `lib/Auth.php`.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{AuthFailure, Body, Kind, Login, Logout, Notice, Peer};

pub(crate) const RULES: &[Rule] = &[LOGIN, OTHER];

const LOGIN: Rule = rule(
    "horde login",
    login,
    "horde login.php, imp lib/Auth.php (authenticate)",
    &[
        "[error] [horde] FAILED LOGIN for root [203.0.113.9] to Horde [pid 42 on line 116 of \"/srv/horde/login.php\"]",
        "[notice] [imp] Login success for anna@example.org (192.0.2.10) (Forwarded for [198.51.100.1]) to {imap://localhost/} [pid 42 on line 157 of \"/srv/horde/imp/lib/Auth.php\"]",
        "[imp] Login success for anna@example.org [192.0.2.10] to {localhost:143 [imap/notls]}",
        "[imp] FAILED LOGIN for root@example.org [203.0.113.9] to {localhost:143 [imap/notls]}",
        "[notice] [horde] Logout for anna [192.0.2.10] [pid 42 on line 80 of \"/srv/horde/login.php\"]",
    ],
);

fn login<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    application(at)?;
    let what = at.one_of(&[
        "FAILED LOGIN for ",
        "FAILED LOGIN ",
        "Login success for ",
        "Logout for ",
    ])?;
    let rest = at.remainder();
    let (end, sign) = client_at(rest)?;
    let user = BStr::new(&rest[..end]);
    let from = &rest[end + 2..];
    let close = memchr::memchr(sign, from)?;
    let client = Peer {
        address: from[..close].into(),
        ..Peer::default()
    };
    let protocol = "http".into();
    Some(match what {
        "Login success for " => Body::Login(Login {
            protocol,
            user,
            client,
            ..Login::default()
        }),
        "Logout for " => Body::Logout(Logout {
            protocol,
            user,
            client,
            ..Logout::default()
        }),
        _ => Body::AuthFailure(AuthFailure {
            client,
            protocol,
            user,
            ..AuthFailure::default()
        }),
    })
}

/// Where ` [ADDRESS]` or ` (ADDRESS)` begins, and the sign that ends it.
fn client_at(text: &[u8]) -> Option<(usize, u8)> {
    let bracket = memmem::find(text, b" [");
    let parenthesis = memmem::find(text, b" (");
    match (bracket, parenthesis) {
        (Some(bracket), Some(parenthesis)) if parenthesis < bracket => Some((parenthesis, b')')),
        (Some(bracket), _) => Some((bracket, b']')),
        (None, parenthesis) => Some((parenthesis?, b')')),
    }
}

/// Takes `[error] [horde] `, the level where there is one; gives the application.
fn application<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    at.lit("[")?;
    let first = at.until(b']')?;
    at.lit(" ")?;
    if !at.has("[") {
        return Some(first);
    }
    let application = at.until(b']')?;
    at.lit(" ")?;
    Some(application)
}

const OTHER: Rule = rule(
    "horde other",
    other,
    "horde lib/Horde/Log (syslog handler)",
    &[
        "[error] [imp] Mailbox does not exist. [pid 42 on line 730 of \"/srv/horde/imp/lib/Imap.php\"]",
    ],
);

fn other<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let is_error = at.peek().starts_with(b"[err");
    let about = application(at)?;
    let text = at.until_last(" [pid ")?;
    at.number::<u64>()?;
    at.lit(" on line ")?;
    at.remainder().strip_suffix(b"]")?;
    Some(Body::Notice(Notice {
        kind: match is_error {
            true => Kind::ServiceError,
            false => Kind::ServiceInfo,
        },
        about,
        text,
        ..Notice::default()
    }))
}
