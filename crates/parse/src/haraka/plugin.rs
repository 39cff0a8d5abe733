//! What other plugins tell of their checks.
//! Source: Haraka `plugins/`, and the plugins of the Haraka project.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind, Notice, Severity};

pub(crate) const RULES: &[Rule] = &[PLUGIN];

/// Plugins of the Haraka project; those with parts (`queue/smtp_forward`, `rcpt_to.ldap`) by the
/// part before `/` or `.`.
const KNOWN: &[&str] = &[
    "access",
    "asn",
    "attachment",
    "auth",
    "auth_base",
    "avg",
    "backscatterer",
    "block_me",
    "bounce",
    "clamd",
    "connect",
    "data",
    "dcc",
    "delay_deny",
    "dkim",
    "dkim_sign",
    "dkim_verify",
    "dmarc",
    "dns",
    "dns-list",
    "dnsbl",
    "dnswl",
    "early_talker",
    "elasticsearch",
    "esets",
    "fcrdns",
    "geoip",
    "graph",
    "greylist",
    "headers",
    "helo",
    "known",
    "karma",
    "limit",
    "log",
    "lookup_rdns",
    "mail_from",
    "max_unrecognized_commands",
    "messagesniffer",
    "milter",
    "nodns",
    "p0f",
    "prevent_credential_leaks",
    "process_title",
    "qmail",
    "queue",
    "rate_limit",
    "rcpt_to",
    "recipient",
    "record_envelope_addresses",
    "redis",
    "relay",
    "reseed_rng",
    "rspamd",
    "send_email",
    "smtp_client",
    "spamassassin",
    "spf",
    "status",
    "syslog",
    "tarpit",
    "test",
    "tls",
    "toobusy",
    "uribl",
    "watch",
    "xclient",
];

const PLUGIN: Rule = rule(
    "haraka plugin",
    plugin,
    "haraka plugins/, haraka-results index.js (emit)",
    &[
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [karma] score: 0, good: 7, bad: 0, connections: 7, history: 7, pass:all_good",
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [connect.fcrdns] ip=192.0.2.10 rdns=\"mx.example.net\" rdns_len=1",
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [dnsbl] ",
        "[ERROR] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [queue/smtp_forward] connect ECONNREFUSED 192.0.2.25:25",
    ],
);

fn plugin<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let origin = BStr::new(at.program);
    let whole = origin
        .split(|byte| matches!(byte, b'/' | b'.'))
        .next()
        .unwrap_or_default();
    KNOWN
        .iter()
        .any(|name| name.as_bytes() == whole)
        .then_some(())?;
    let severity = at.severity;
    Some(event(origin, severity, at.remainder()))
}

/// A plugin's message as a notice about the plugin.
pub(super) fn event<'a>(origin: &'a BStr, severity: Severity, text: &'a BStr) -> Body<'a> {
    let kind = match severity {
        Severity::Debug | Severity::Info => Kind::ServiceInfo,
        Severity::Warning => Kind::ServiceWarning,
        Severity::Error | Severity::Fatal | Severity::Panic => Kind::ServiceError,
    };
    Body::Notice(Notice {
        kind,
        about: origin,
        text,
        ..Notice::default()
    })
}
