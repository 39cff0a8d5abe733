//! The accounting log: who logged in, who was allowed what (2026.03 on).
//! Source: kumomta `docs/reference/kumo.aaa/configure_acct_log.md`.

use crate::json;
use crate::record::Record;
use crate::rule::{Rule, record_rule};
use crate::stamp;
use bstr::BStr;
use model::{AuthFailure, Body, Kind, Login, Notice, Peer};

pub(crate) const RULES: &[Rule] = &[AUTHENTICATION, AUTHORIZATION];

const AUTHENTICATION: Rule = record_rule(
    "kumomta authentication",
    authentication,
    "kumomta docs/reference/kumo.aaa/configure_acct_log.md",
    &[
        r#"{"type":"Authentication","timestamp":"2026-11-22T08:24:54.440526026Z","attempted_identity":{"identity":"anna","context":"SmtpAuthPlain"},"success":true,"auth_info":{"peer_address":"192.0.2.10","identities":[],"groups":[]}}"#,
        r#"{"type":"Authentication","timestamp":"2026-11-22T08:24:54.440526026Z","attempted_identity":{"identity":"root","context":"HttpBasicAuth"},"success":false,"auth_info":{"peer_address":"203.0.113.9","identities":[],"groups":[]}}"#,
    ],
);

fn authentication<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    record.is("type", "Authentication").then_some(())?;
    let identity = record.get("attempted_identity")?;
    let user = json::text(json::member(identity, "identity")?)?;
    let method = json::text(json::member(identity, "context")?)?;
    let success = record.get("success")?;
    head(record)?;
    let client = client(record);
    let protocol = protocol(method);
    Some(match success {
        b"true" => Body::Login(Login {
            protocol,
            user,
            method,
            client,
            ..Login::default()
        }),
        _ => Body::AuthFailure(AuthFailure {
            client,
            protocol,
            method,
            user,
            ..AuthFailure::default()
        }),
    })
}

/// The protocol that begins the context's name: `SmtpAuthPlain`, `HttpBasicAuth`.
fn protocol(context: &BStr) -> &'static BStr {
    let protocol: &[u8] = match &**context {
        context if context.starts_with(b"Smtp") => b"smtp",
        context if context.starts_with(b"Http") => b"http",
        _ => b"",
    };
    protocol.into()
}

fn head(record: &mut Record<'_>) -> Option<()> {
    record.program = "kumomta";
    record.stamp = stamp::whole_iso(record.text("timestamp")?)?;
    record.host = record.text_or_empty("nodeid");
    Some(())
}

fn client<'a>(record: &Record<'a>) -> Peer<'a> {
    let address = record
        .get("auth_info")
        .and_then(|info| json::member(info, "peer_address"))
        .and_then(json::text);
    Peer {
        address: address.unwrap_or_default(),
        ..Peer::default()
    }
}

const AUTHORIZATION: Rule = record_rule(
    "kumomta authorization",
    authorization,
    "kumomta docs/reference/kumo.aaa/configure_acct_log.md",
    &[
        r#"{"type":"Authorization","timestamp":"2026-11-22T08:24:54.440526026Z","target_resource":"http_listener/127.0.0.1:8000/api/admin/bounce/v1","privilege":"POST","access":"Allow","auth_info":{"peer_address":"192.0.2.10","identities":[],"groups":[]}}"#,
    ],
);

fn authorization<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    record.is("type", "Authorization").then_some(())?;
    let about = record.text("target_resource")?;
    let text = record.text("access")?;
    head(record)?;
    Some(Body::Notice(Notice {
        kind: Kind::AdminAction,
        peer: client(record),
        about,
        text,
        ..Notice::default()
    }))
}
