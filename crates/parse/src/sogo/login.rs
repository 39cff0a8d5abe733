//! Logins by the form, and the requests in SOGo's own log.
//! Source: SOGo `UI/MainUI/SOGoRootPage.m`, SOPE `sope-appserver/NGObjWeb/WOHttpTransaction.m`.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use crate::web::kind_of;
use bstr::BStr;
use model::{AuthFailure, Body, Login, Peer, WebRequest};

pub(crate) const RULES: &[Rule] = &[REQUEST, LOGIN, FAILED, TOTP];

const LOGIN: Rule = rule(
    "sogo login",
    login,
    "sogo UI/MainUI/SOGoRootPage.m (connectAction)",
    &[
        "SOGoRootPage successful login from '192.0.2.10' for user 'anna@example.org' - expire = -1  grace = -1",
    ],
);

fn login<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("SOGoRootPage ")?;
    at.one_of(&["successful login from '", "Successful login from '"])?;
    let client = client(at.until(b'\'')?);
    at.lit(" for user '")?;
    let user = at.until_last("' - ")?;
    at.lit("expire")?;
    Some(Body::Login(Login {
        protocol: "http".into(),
        user,
        client,
        ..Login::default()
    }))
}

/// What a proxy tells of a client may be a list; the first is the client.
fn client(text: &BStr) -> Peer<'_> {
    let address = text.split(|byte| *byte == b',').next().unwrap_or_default();
    Peer {
        address: address.trim_ascii().into(),
        ..Peer::default()
    }
}

const FAILED: Rule = rule(
    "sogo login failed",
    failed,
    "sogo UI/MainUI/SOGoRootPage.m (connectAction)",
    &[
        "SOGoRootPage Login from '203.0.113.9' for user 'root' might not have worked - password policy: 65535  grace: -1  expire: -1  bound: 0",
        "SOGoRootPage Login from '192.0.2.10, 198.51.100.1' for user 'anna' might not have worked - password policy: 0  grace: -1  expire: -1  bound: 1",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("SOGoRootPage Login from '")?;
    let client = client(at.until(b'\'')?);
    at.lit(" for user '")?;
    let user = at.until_last("' might not have worked - ")?;
    Some(Body::AuthFailure(AuthFailure {
        client,
        protocol: "http".into(),
        user,
        reason: at.remainder(),
        ..AuthFailure::default()
    }))
}

const TOTP: Rule = rule(
    "sogo wrong code",
    totp,
    "sogo UI/MainUI/SOGoRootPage.m (connectAction)",
    &["SOGoRootPage Invalid TOTP key for 'anna'"],
);

fn totp<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("SOGoRootPage ")?;
    let reason = at.until_str(" for '")?;
    (reason == "Invalid TOTP key").then_some(())?;
    let user = at.remainder().strip_suffix(b"'")?;
    Some(Body::AuthFailure(AuthFailure {
        protocol: "http".into(),
        user: user.into(),
        reason,
        ..AuthFailure::default()
    }))
}

const REQUEST: Rule = rule(
    "sogo request",
    request,
    "sope sope-appserver/NGObjWeb/WOHttpAdaptor/WOHttpTransaction.m",
    &[
        "192.0.2.10 \"POST /SOGo/connect HTTP/1.1\" 200 27/63 0.311 - - 2M - 14",
        "192.0.2.10 \"POST /SOGo/so/anna/Mail/0/folderINBOX/moveMessages HTTP/1.1\" 204 0/87 0.012 - - 0",
        "192.0.2.10 \"GET /SOGo/Microsoft-Server-ActiveSync?Cmd=Sync&User=anna&DeviceId=A1 HTTP/1.1\" 200 84/0 300.004 - - 0",
        "192.0.2.10 \"PROPFIND /SOGo/dav/anna/ HTTP/1.1\" 401 0/290 0.002 - - 0",
    ],
);

fn request<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let address = at.until(b' ')?;
    at.lit("\"")?;
    let method = at.until(b' ')?;
    let path = at.until_str(" HTTP/")?;
    at.until_str("\" ")?;
    let status = at.number()?;
    at.lit(" ")?;
    let bytes = at.number()?;
    at.lit("/")?;
    at.number::<u64>()?;
    at.lit(" ")?;
    let took_ms = at.seconds_ms()?;
    at.lit(" ")?;
    let is_size = |byte: &u8| byte.is_ascii_alphanumeric() || b" -%.".contains(byte);
    at.remainder().iter().all(is_size).then_some(())?;
    Some(Body::Web(Box::new(WebRequest {
        kind: kind_of(method, path, Some(status), BStr::new(b"")),
        client: client(address),
        method,
        path,
        status: Some(status),
        bytes: Some(bytes),
        took_ms: Some(took_ms),
        ..WebRequest::default()
    })))
}
