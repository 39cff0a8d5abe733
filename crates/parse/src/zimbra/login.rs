//! Logins, in the audit log and where they fail on the way.
//! Source: zm-mailbox `store/src/java/com/zimbra/cs/service/account/Auth.java`,
//! `.../cs/imap/ImapHandler.java`, `soap/src/java/com/zimbra/soap/SoapEngine.java`.

use super::{Context, of_category};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{AuthFailure, Body, Kind, Login, Logout, Notice};

pub(crate) const RULES: &[Rule] = &[AUDIT, REFUSED, LOGGED_IN, LOGGED_OUT];

// By category.
pub(super) const AUDITS: &[Rule] = &[AUDIT];
pub(super) const REQUESTS: &[Rule] = &[REFUSED];
pub(super) const SESSIONS: &[Rule] = &[LOGGED_IN, LOGGED_OUT, REFUSED];

const AUDIT: Rule = rule(
    "zimbra audit",
    audit,
    "zm-mailbox common/src/java/com/zimbra/common/util/ZimbraLog.java (encodeAttrs, security)",
    &[
        "2026-11-22 08:23:21,123 INFO  [qtp93314457-137:https://mail.example.org:443/service/soap/AuthRequest] [name=anna@example.org;oip=192.0.2.10;ua=ZimbraWebClient - GC88 (Linux);soapId=9fd8101;] security - cmd=Auth; account=anna@example.org; protocol=soap;",
        "2026-11-22 08:23:21,123 WARN  [qtp93314457-137:https://mail.example.org:443/service/soap/AuthRequest] [name=anna@example.org;oip=203.0.113.9;ua=zclient/8;soapId=9fd8102;] security - cmd=Auth; account=anna@example.org; protocol=soap; error=authentication failed for [anna@example.org], invalid password;",
        "2026-11-22 08:23:21,123 INFO  [qtp93314457-137] [ip=198.51.100.7;] security - cmd=ModifyAccount; name=bob@example.org; zimbraMailForwardingAddress=x@spam.test;",
    ],
);

fn audit<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let context = of_category(at, "security")?;
    at.lit("cmd=")?;
    let command = at.until(b';')?;
    let rest = at.remainder();
    if command != "Auth" && command != "AdminAuth" {
        return Some(Body::Notice(Notice {
            kind: Kind::AdminAction,
            peer: context.client(),
            about: command,
            text: rest.trim_ascii().into(),
            ..Notice::default()
        }));
    }
    let value = |name: &str| -> &'a BStr {
        let text: &'a [u8] = rest;
        let value = memmem::find(text, name.as_bytes()).map(|at| &text[at + name.len()..]);
        let end = |value: &[u8]| memchr::memchr(b';', value).unwrap_or(value.len());
        value.map_or(&b""[..], |value| &value[..end(value)]).into()
    };
    let user = match value(" account=") {
        user if user.is_empty() => context.user(),
        user => user,
    };
    let protocol = value(" protocol=");
    let reason = value(" error=");
    if reason.is_empty() {
        return Some(Body::Login(Login {
            protocol,
            user,
            client: context.client(),
            ..Login::default()
        }));
    }
    Some(refusal(&context, protocol, user, reason))
}

fn refusal<'a>(
    context: &Context<'a>,
    protocol: &'a BStr,
    user: &'a BStr,
    reason: &'a BStr,
) -> Body<'a> {
    Body::AuthFailure(AuthFailure {
        client: context.client(),
        protocol,
        user,
        reason,
        ..AuthFailure::default()
    })
}

const REFUSED: Rule = rule(
    "zimbra authentication failed",
    refused,
    "zm-mailbox soap/src/java/com/zimbra/soap/SoapEngine.java, store/src/java/com/zimbra/cs/account/AccountServiceException.java (AuthFailedServiceException)",
    &[
        "2026-11-22 08:23:21,123 INFO  [qtp93314457-137:https://mail.example.org:7071/service/admin/soap/AuthRequest] [name=anna@example.org;oip=203.0.113.9;port=52016;ua=ZimbraWebClient - GC88 (Linux);soapId=9fd8101;] SoapEngine - handler exception: authentication failed for [anna@example.org], invalid password",
        "2026-11-22 08:23:21,123 INFO  [qtp93314457-324:smtp://smtp.example.org:7073/service/admin/soap/] [oip=203.0.113.9;oport=57752;oproto=smtp;soapId=688cb579;] SoapEngine - handler exception: authentication failed for [root], account not found",
        "2026-11-22 08:23:21,123 INFO  [ImapSSLServer-7] [ip=203.0.113.9;] imap - authentication failed for [root] (invalid password)",
        "2026-11-22 08:23:21,123 WARN  [qtp93314457-589:smtp://smtp.example.org:7073/service/admin/soap/] [name=anna@example.org;oip=203.0.113.9;oport=41496;oproto=smtp;soapId=688cb582;] SoapEngine - handler exception",
    ],
);

fn refused<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let mut soap = *at;
    let context = match of_category(&mut soap, "SoapEngine") {
        Some(context) => {
            *at = soap;
            at.lit("handler exception")?;
            if at.end().is_some() {
                return Some(Body::Notice(Notice {
                    kind: Kind::ServiceError,
                    peer: context.client(),
                    about: context.user(),
                    text: "handler exception".into(),
                    ..Notice::default()
                }));
            }
            at.lit(": ")?;
            context
        }
        None => of_protocol(at)?,
    };
    let reason = at.peek();
    at.lit("authentication failed for [")?;
    let user = at.until(b']')?;
    at.remainder();
    Some(refusal(&context, context.protocol(), user, reason.into()))
}

/// Takes level, context and `imap - ` or `pop - `.
fn of_protocol<'a>(at: &mut Scan<'a>) -> Option<Context<'a>> {
    ["imap", "pop"].iter().find_map(|category| {
        let mut ahead = *at;
        let context = of_category(&mut ahead, category)?;
        *at = ahead;
        Some(context)
    })
}

const LOGGED_IN: Rule = rule(
    "zimbra login",
    logged_in,
    "zm-mailbox store/src/java/com/zimbra/cs/imap/ImapHandler.java, cs/pop3/Pop3Handler.java",
    &[
        "2026-11-22 08:23:21,123 INFO  [ImapSSLServer-7] [name=anna@example.org;ip=192.0.2.10;ua=Thunderbird/115;cid=42;] imap - user anna@example.org authenticated, mechanism=PLAIN [TLS]",
        "2026-11-22 08:23:21,123 INFO  [Pop3SSLServer-7] [name=anna@example.org;ip=192.0.2.10;cid=43;] pop - user anna@example.org authenticated, mechanism=LOGIN",
    ],
);

fn logged_in<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let context = of_protocol(at)?;
    at.lit("user ")?;
    let user = at.until_last(" authenticated, mechanism=")?;
    let method = at.word()?;
    let tls = at.has(" [TLS]");
    at.end()?;
    Some(Body::Login(Login {
        protocol: context.protocol(),
        user,
        method,
        client: context.client(),
        tls: Some(tls),
        ..Login::default()
    }))
}

const LOGGED_OUT: Rule = rule(
    "zimbra session ended",
    logged_out,
    "zm-mailbox store/src/java/com/zimbra/cs/imap/ImapHandler.java, cs/pop3/Pop3Handler.java",
    &[
        "2026-11-22 08:23:21,123 INFO  [ImapSSLServer-7] [name=anna@example.org;ip=192.0.2.10;cid=42;] imap - dropping connection for user anna@example.org (LOGOUT)",
        "2026-11-22 08:23:21,123 INFO  [Pop3SSLServer-7] [ip=192.0.2.10;cid=43;] pop - quit from client",
    ],
);

fn logged_out<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let context = of_protocol(at)?;
    let reason = at.peek();
    if at.has("dropping connection for user ") {
        at.until_last(" (")?;
    } else {
        at.lit("quit from client")?;
    }
    Some(Body::Logout(Logout {
        protocol: context.protocol(),
        user: context.user(),
        client: context.client(),
        reason: reason.into(),
        ..Logout::default()
    }))
}
