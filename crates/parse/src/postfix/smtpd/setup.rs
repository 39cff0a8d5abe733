//! What the server's own settings, tables and front ends make it say.

use crate::postfix::notice::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Notice, Peer};

pub(super) const REPLACED_COMMAND: Rule = rule(
    "smtpd replaced command",
    replaced_command,
    "postfix src/smtpd/smtpd.c (smtpd_command_filter)",
    &[r#"unknown[192.0.2.7]: replacing command "HELO x" with "HELO y""#],
);

pub(in crate::postfix) fn replaced_command<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let peer = at.peer()?;
    at.lit(": replacing command \"")?;
    let about = at.until_str("\" with \"")?;
    let text = at.remainder();
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        peer,
        about,
        text: text.strip_suffix(b"\"").unwrap_or(text).into(),
        ..Notice::default()
    }))
}

pub(super) const EHLO_KEYWORDS: Rule = rule(
    "smtpd ehlo keywords",
    ehlo_keywords,
    "postfix src/smtpd/smtpd.c (ehlo_cmd)",
    &["discarding EHLO keywords: CHUNKING DSN"],
);

fn ehlo_keywords<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    discarded_keywords(at, Peer::default())
}

/// Takes `discarding EHLO keywords: LIST`.
pub(in crate::postfix) fn discarded_keywords<'a>(
    at: &mut Scan<'a>,
    peer: Peer<'a>,
) -> Option<Body<'a>> {
    at.lit("discarding EHLO keywords: ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        peer,
        about: "EHLO keywords".into(),
        text: at.remainder(),
        ..Notice::default()
    }))
}

pub(super) const REPLY_FILTER: Rule = rule(
    "smtpd reply filter",
    reply_filter,
    "postfix src/smtpd/smtpd_chat.c (smtpd_reject_filter_maps, 3.11)",
    &[
        "NOQUEUE: reply filter in: 550 5.1.1 <b@example.org>: Recipient address rejected",
        "4bXyZ10QzKz1r: reply filter out: 550 5.1.1 no such user",
    ],
);

fn reply_filter<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("reply filter ")?;
    let about = at.one_of(&["in", "out"])?;
    at.lit(": ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        about: match about {
            "in" => "reply filter in".into(),
            _ => "reply filter out".into(),
        },
        text: at.remainder(),
        ..Notice::default()
    }))
}

pub(super) const HAPROXY: Rule = rule(
    "smtpd haproxy read",
    haproxy,
    "postfix src/smtpd/smtpd_haproxy.c, src/global/haproxy_srvr.c",
    &[
        "warning: haproxy read: timeout error",
        "warning: haproxy read: unexpected EOF",
        "warning: haproxy read: short protocol header: QUIT",
    ],
);

pub(in crate::postfix) fn haproxy<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("haproxy read: ")?;
    notice(Kind::ServiceWarning, "haproxy".into(), at.remainder())
}

pub(super) const ADDRESS_FROM_PROXY: Rule = rule(
    "smtpd address from proxy",
    address_from_proxy,
    "postfix src/smtpd/smtpd_peer.c (smtpd_peer_from_proxy)",
    &[
        "warning: missing client address from proxy",
        "warning: bad TCP client port number syntax from proxy: x",
        "warning: bad IPv6 server address syntax from proxy: ::z",
    ],
);

fn address_from_proxy<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.one_of(&["missing ", "bad "])?;
    let about = at.until_str(" from proxy")?;
    if at.end().is_none() {
        at.lit(": ")?;
    }
    notice(Kind::ServiceWarning, about, at.remainder())
}

pub(super) const RESTRICTION: Rule = rule(
    "smtpd restriction",
    restriction,
    "postfix src/smtpd/smtpd_check.c",
    &[
        r#"warning: unknown smtpd restriction: "reject_everything""#,
        "warning: restriction `reject_unauth_destination' after `reject' is ignored",
        "warning: restriction reject_maps_rbl is deprecated. Use reject_rbl_client instead",
        r#"warning: support for restriction "reject_unknown_client" will be removed from Postfix; use "reject_unknown_client_hostname" instead"#,
        r#"warning: access table hash:/etc/postfix/access entry "example.net" has FILTER entry without value"#,
        r#"warning: permit_sasl_authenticated is requested, but "smtpd_sasl_auth_enable = no""#,
    ],
);

fn restriction<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let name = |at: &mut Scan<'a>| at.until(b' ');
    let about = if at.has("unknown smtpd restriction: ") {
        at.peek().into()
    } else if at.has("restriction ") || at.has("support for restriction ") {
        name(at)?
    } else if at.has("access table ") {
        at.word()?
    } else {
        let about = at.until_str(" is requested, but ")?;
        if about.contains(&b' ') {
            return None;
        }
        about
    };
    notice(Kind::ServiceWarning, about, at.remainder())
}

pub(super) const CERTIFICATE: Rule = rule(
    "smtpd client certificate",
    certificate,
    "postfix src/smtpd/smtpd_check.c (permit_tls_clientcerts)",
    &[
        "Relaying allowed for certified client: relay.example.net",
        "relay_clientcerts: No match for fingerprint 'AA:BB', pkey fingerprint CC:DD",
    ],
);

fn certificate<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let words = at.one_of(&[
        "Relaying allowed for certified client: ",
        "relay_clientcerts: No match for fingerprint ",
    ])?;
    notice(
        Kind::ServiceInfo,
        words.trim_end_matches([' ', ':']).into(),
        at.remainder(),
    )
}
