//! postfix-policyd-spf-perl. Source: postfix-policyd-spf-perl `postfix-policyd-spf-perl`.

use super::{domain, why};
use crate::filter::{Shapes, address, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{AccessAction, AccessCheck, AuthResult, Body, Kind, Source};

pub(crate) const RULES: &[Rule] = &[RESULT, ACTION, OTHER];

const RESULT: Rule = rule(
    "policy-spf result",
    result_,
    "postfix-policyd-spf-perl postfix-policyd-spf-perl (sender_policy_framework)",
    &[
        "SPF pass: Envelope-from: bob@example.net, IP Address: 203.0.113.9, Recipient: anna@example.org",
        "SPF fail: HELO/EHLO: mail.example.net, IP Address: 203.0.113.9, Recipient: anna@example.org",
        ": SPF none: HELO/EHLO (Null Sender): mail.example.net",
        "SPF softfail: Envelope-from: bob@example.net",
    ],
);

fn result_<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek().into();
    at.lit("SPF ")?;
    let result = at.until_str(": ")?;
    let scope = at.one_of(&[
        "Envelope-from: ",
        "HELO/EHLO (Null Sender): ",
        "HELO/EHLO: ",
    ])?;
    let checked = at.while_(|byte| byte != b',');
    let mut found = AuthResult {
        method: "spf".into(),
        result,
        text,
        ..AuthResult::default()
    };
    if scope == "Envelope-from: " {
        found.mail_from = Some(checked);
        found.domain = domain(checked);
    } else {
        found.helo = checked;
        found.domain = checked;
    }
    if at.has(", IP Address: ") {
        found.client = address(at.until_str(", Recipient: ")?);
        found.rcpt_to = Some(at.remainder());
    }
    at.end()?;
    Some(Body::AuthResult(found))
}

const ACTION: Rule = rule(
    "policy-spf action",
    action,
    "postfix-policyd-spf-perl postfix-policyd-spf-perl (main)",
    &[
        "Policy action=PREPEND Received-SPF: pass (example.net: 203.0.113.9 is authorized to use 'bob@example.net' in 'mfrom' identity (mechanism 'mx' matched)) receiver=mx1; identity=mailfrom; envelope-from=\"bob@example.net\"; helo=mail.example.net; client-ip=203.0.113.9",
        "Policy action=550 Please see http://www.openspf.net/Why?s=mfrom;id=bob%40example.net;ip=203.0.113.9;r=mx1.example.org",
        "Policy action=DUNNO",
        "Policy action=DEFER_IF_PERMIT SPF-Result=example.net: 'SERVFAIL' error on DNS 'TXT' lookup",
    ],
);

fn action<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Policy action=")?;
    let text = at.peek().into();
    let mut check = AccessCheck {
        source: Source::Policy,
        text,
        ..AccessCheck::default()
    };
    if let Some(code) = at.code() {
        check.code = Some(code);
        if at.until_str("?s=").is_some() {
            why(at, &mut check.client, &mut check.envelope)?;
        }
        return Some(Body::Access(check));
    }
    check.action = match at.one_of(&["PREPEND", "DUNNO", "DEFER_IF_PERMIT"])? {
        "PREPEND" => AccessAction::Prepend,
        "DUNNO" => AccessAction::Pass,
        _ => AccessAction::Delay,
    };
    Some(Body::Access(check))
}

const OTHER: Rule = rule(
    "policy-spf service",
    other,
    "postfix-policyd-spf-perl postfix-policyd-spf-perl",
    &[
        "handler sender_policy_framework: is decisive.",
        "handler exempt_localhost: DUNNO",
        "Attribute: request=smtpd_access_policy",
        "warning: ignoring garbage: x",
    ],
);

fn other<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "handler ~ *"),
        (Kind::ServiceInfo, "Attribute: *"),
        (Kind::ServiceWarning, "warning: ignoring garbage: *"),
        (Kind::ServiceWarning, "HELO check failed - *"),
        (Kind::ServiceWarning, "Mail From (sender) check failed - *"),
        (Kind::ServiceError, "fatal_exit: *"),
    ];
    shaped(at, SHAPES)
}
