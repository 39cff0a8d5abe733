//! The mail proxy: IMAP, POP3 and SMTP clients until they are handed on.
//! Source: nginx `src/mail/ngx_mail_handler.c`, `ngx_mail_auth_http_module.c`,
//! `ngx_mail_proxy_module.c`.

use super::{Trailer, endpoint, trailer};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{AuthFailure, Body, Connected, Login, Logout};

pub(crate) const RULES: &[Rule] = &[CONNECTED, LOGGED_IN, DONE, LOGIN_FAILED];

const CONNECTED: Rule = rule(
    "nginx client connected",
    connected,
    "nginx src/mail/ngx_mail_handler.c (ngx_mail_init_connection)",
    &[
        "[info] 8#8: *15950 client 192.0.2.10:53044 connected to 0.0.0.0:25",
        "[info] 8#8: *15951 client [2001:db8::10]:53044 connected to [::]:143",
    ],
);

fn connected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("client ")?;
    let client = endpoint(at.until(b' ')?);
    at.lit("connected to ")?;
    let server = endpoint(at.remainder());
    Some(Body::Connected(Connected { client, server }))
}

/// By the port that the client came to; containers put a digit or two before it.
fn protocol(trailer: &Trailer<'_>) -> &'static BStr {
    let protocol: &[u8] = match trailer.server.port.map(|port| port % 1000) {
        Some(143 | 993) => b"imap",
        Some(110 | 995) => b"pop3",
        Some(25 | 465 | 587) => b"smtp",
        _ => b"",
    };
    protocol.into()
}

const LOGGED_IN: Rule = rule(
    "nginx client logged in",
    logged_in,
    "nginx src/mail/ngx_mail_proxy_module.c",
    &[
        "[info] 8#8: *24790 client logged in, client: 192.0.2.10, server: 0.0.0.0:143, login: \"anna@example.org\", upstream: 198.51.100.7:143",
        "[info] 8#8: *24785 client logged in, client: 192.0.2.10, server: 0.0.0.0:25",
        "[info] 8#8: *24785 client logged in, client: 192.0.2.10:41234 using starttls, server: 0.0.0.0:587, login: \"anna\", upstream: 198.51.100.7:10025",
    ],
);

fn logged_in<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("client logged in, client: ")?;
    let tls = memmem::find(at.peek(), b" using starttls, ").map(|_| true);
    let trailer = trailer(at)?;
    Some(Body::Login(Login {
        protocol: protocol(&trailer),
        user: trailer.login,
        client: trailer.client,
        server: trailer.server,
        tls,
        ..Login::default()
    }))
}

const DONE: Rule = rule(
    "nginx proxied session done",
    done,
    "nginx src/mail/ngx_mail_proxy_module.c (ngx_mail_proxy_handler)",
    &[
        "[info] 8#8: *24790 proxied session done, client: 192.0.2.10, server: 0.0.0.0:143, login: \"anna@example.org\", upstream: 198.51.100.7:143",
    ],
);

fn done<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let reason = at.until_str(", client: ")?;
    (reason == "proxied session done").then_some(())?;
    let trailer = trailer(at)?;
    Some(Body::Logout(Logout {
        protocol: protocol(&trailer),
        user: trailer.login,
        client: trailer.client,
        reason,
        ..Logout::default()
    }))
}

const LOGIN_FAILED: Rule = rule(
    "nginx client login failed",
    login_failed,
    "nginx src/mail/ngx_mail_auth_http_module.c (ngx_mail_auth_http_process_headers)",
    &[
        "[info] 8#8: *15950 client login failed: \"Authentication credentials invalid\" while in http auth state, client: 203.0.113.9, server: 0.0.0.0:587, login: \"root\"",
        "[info] 126#126: *175063 client login failed: \"Invalid login\" while in http auth state, client: 203.0.113.9 using starttls, server: 0.0.0.0:143, login: \"root\"",
    ],
);

fn login_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("client login failed: \"")?;
    let reason = at.until_str("\" while in ")?;
    at.until_str(", client: ")?;
    let tls = memmem::find(at.peek(), b" using starttls, ").map(|_| true);
    let trailer = trailer(at)?;
    Some(Body::AuthFailure(AuthFailure {
        client: trailer.client,
        server: trailer.server,
        protocol: protocol(&trailer),
        user: trailer.login,
        reason,
        tls,
        ..AuthFailure::default()
    }))
}
