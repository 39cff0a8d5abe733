//! SPF policy services: policyd-spf of spf-engine (also pyspf-milter) in Python, and
//! postfix-policyd-spf-perl.
//!
//! One process serves one smtpd; the lines have no id but the queue id, where that is set to be
//! logged and Postfix has one by then.
//! Source: spf-engine `spf_engine/policyd_spf.py`, `spf_engine/milter_spf.py`,
//! `spf_engine/__init__.py`; postfix-policyd-spf-perl `postfix-policyd-spf-perl`.

mod perl;

use crate::filter::{Shapes, address, libmilter, queue_id, shaped};
use crate::rule::{Rule, first_match, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{AccessAction, AccessCheck, AuthResult, Body, Envelope, Kind, Source};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] =
    &[("policyd-spf", PYTHON), ("policy-spf", perl::RULES)];

const PYTHON: &[Rule] = &[
    RECEIVED_SPF,
    LOGGED,
    REJECTED,
    RESULTS,
    SKIPPED,
    SERVICE,
    LIBRARY,
];

/// Takes a text apart: queue id, then the rules. Both bear each other's name here and there.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    *at = at.over(at.peek().trim_ascii_end());
    // With `Debug` the perl one puts an empty instance in front.
    at.has(": ");
    queue_id(at);
    if at.program == b"policy-spf" {
        first_match(&[perl::RULES, PYTHON], at)
    } else {
        first_match(&[PYTHON, perl::RULES], at)
    }
}

const RECEIVED_SPF: Rule = rule(
    "policyd-spf received-spf",
    received_spf,
    "spf-engine spf_engine/policyd_spf.py",
    &[
        "prepend Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=203.0.113.9; helo=mail.example.net; envelope-from=bob@example.net; receiver=<UNKNOWN>",
        "4jXNLn0rVKzyQd: prepend Received-SPF: None (no SPF record) identity=no SPF record; client-ip=203.0.113.9; helo=mail.example.net; envelope-from=<>; receiver=mx1.example.org",
        "prepend Received-SPF: Pass (sender SPF authorized) identity=helo; client-ip=2001:db8::9; helo=mail.example.net; envelope-from=<>; receiver=<UNKNOWN>",
        "Action: prepend: Text: Received-SPF: Permerror (mailfrom) identity=mailfrom; client-ip=203.0.113.9; helo=example.net; envelope-from=bob@example.net; receiver=<UNKNOWN>  Reject action: 550 5.7.23",
        "Header field not prepended: Received-SPF: Softfail (mailfrom) identity=mailfrom; client-ip=203.0.113.9; helo=example.net; envelope-from=bob@example.net; receiver=<UNKNOWN>",
    ],
);

fn received_spf<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek().into();
    at.one_of(&[
        "prepend ",
        "Action: prepend: Text: ",
        "Action: prepend ",
        "Header field not prepended: ",
        "result_only ",
    ])?;
    at.lit("Received-SPF: ")?;
    let result = at.word()?;
    at.lit(" (")?;
    at.until_str(") identity=")?;
    let found = AuthResult {
        method: "spf".into(),
        result,
        text,
        ..AuthResult::default()
    };
    Some(Body::AuthResult(identity(at, found)?))
}

/// Takes `WORD; client-ip=..; helo=..; envelope-from=..; receiver=..`, and what Debug 3 puts behind.
fn identity<'a>(at: &mut Scan<'a>, mut found: AuthResult<'a>) -> Option<AuthResult<'a>> {
    let identity = at.until_str("; client-ip=")?;
    found.client = address(at.until_str("; helo=")?);
    found.helo = at.until_str("; envelope-from=")?;
    let sender = at.until_str("; receiver=")?;
    let sender = if *sender == "<>" {
        BStr::new("")
    } else {
        sender
    };
    found.mail_from = Some(sender);
    found.domain = if *identity == "helo" || sender.is_empty() {
        found.helo
    } else {
        domain(sender)
    };
    receiver(at)?;
    Some(found)
}

/// Takes the receiver and the end.
fn receiver(at: &mut Scan<'_>) -> Option<()> {
    at.word()?;
    if at.has("  Reject action: ") {
        at.remainder();
    }
    at.end()
}

fn domain(address: &BStr) -> &BStr {
    let at = memchr::memrchr(b'@', address).map_or(0, |at| at + 1);
    address[at..].into()
}

const LOGGED: Rule = rule(
    "policyd-spf result",
    logged,
    "spf-engine spf_engine/__init__.py (logdata)",
    &[
        "Pass; identity=mailfrom; client-ip=203.0.113.9; helo=mail.example.net; envelope-from=bob@example.net; receiver=<UNKNOWN>",
        "4jXNLn0rVKzyQd: None; identity=helo; client-ip=203.0.113.9; helo=[203.0.113.9]; envelope-from=<>; receiver=anna@example.org",
    ],
);

fn logged<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek().into();
    let result = at.while_(|byte| byte.is_ascii_alphabetic());
    at.lit("; identity=")?;
    let found = AuthResult {
        method: "spf".into(),
        result,
        text,
        ..AuthResult::default()
    };
    Some(Body::AuthResult(identity(at, found)?))
}

const REJECTED: Rule = rule(
    "policyd-spf rejected",
    rejected,
    "spf-engine spf_engine/policyd_spf.py",
    &[
        "550 5.7.23 Message rejected due to: SPF fail - not authorized. Please see http://www.openspf.net/Why?s=mfrom;id=bob@example.net;ip=203.0.113.9;r=<UNKNOWN>",
        "4jXNLn0rVKzyQd: 550 5.7.23 Message rejected due to: SPF fail - not authorized. Please see http://www.openspf.net/Why?s=helo;id=mail.example.net;ip=203.0.113.9;r=anna@example.org",
        "defer_if_permit 4.7.24 Message temporarily rejected due to: SPF Temporary Error. Please see http://www.openspf.net/Why?s=mfrom;id=bob@example.net;ip=203.0.113.9;r=<UNKNOWN>",
        "550 5.7.23 Message rejected due to: Receiver policy for SPF Softfail. Please see http://www.openspf.net/Why?s=mfrom;id=bob@example.net;ip=203.0.113.9;r=<UNKNOWN>",
    ],
);

fn rejected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let code = if at.has("defer_if_permit ") {
        None
    } else {
        let code = at.code()?;
        at.lit(" ")?;
        Some(code)
    };
    let enhanced = Some(at.enhanced()?);
    at.lit(" ")?;
    let text = at.peek();
    at.lit("Message ")?;
    at.has("temporarily ");
    at.lit("rejected due to: ")?;
    let mut check = AccessCheck {
        source: Source::Policy,
        action: match code {
            Some(_) => AccessAction::Reject,
            None => AccessAction::Delay,
        },
        code,
        enhanced,
        text: text.into(),
        ..AccessCheck::default()
    };
    if at.until_str("?s=").is_some() {
        why(at, &mut check.client, &mut check.envelope)?;
    }
    Some(Body::Access(check))
}

/// Takes `mfrom;id=ADDRESS;ip=IP;r=RECIPIENT` of the link that explains.
fn why<'a>(
    at: &mut Scan<'a>,
    client: &mut model::Peer<'a>,
    envelope: &mut Envelope<'a>,
) -> Option<()> {
    let scope = at.until_str(";id=")?;
    let id = at.until_str(";ip=")?;
    *client = address(at.until_str(";r=")?);
    let rcpt_to = at.remainder();
    if *scope == "mfrom" {
        envelope.mail_from = Some(id);
    } else {
        envelope.helo = Some(id);
    }
    // Without a recipient it is `<UNKNOWN>` or our own host.
    envelope.rcpt_to = rcpt_to.contains(&b'@').then_some(rcpt_to);
    Some(())
}

const RESULTS: Rule = rule(
    "policyd-spf authentication-results",
    results,
    "spf-engine spf_engine/__init__.py (Authentication-Results)",
    &[
        "prepend Authentication-Results: mx1.example.org; spf=pass (sender SPF authorized) smtp.mailfrom=bob@example.net (client-ip=203.0.113.9; helo=mail.example.net; envelope-from=bob@example.net; receiver=anna@example.org)",
        "prepend Authentication-Results: mx1.example.org; spf=none (no SPF record) smtp.helo=mail.example.net (client-ip=203.0.113.9; helo=mail.example.net; envelope-from=<>; receiver=anna@example.org)",
    ],
);

fn results<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(&[
        "prepend ",
        "Action: prepend: Text: ",
        "Header field not prepended: ",
        "result_only ",
    ])?;
    at.lit("Authentication-Results: ")?;
    at.until_str("; spf=")?;
    let result = at.word()?;
    let mut found = AuthResult {
        method: "spf".into(),
        result,
        text: text.into(),
        ..AuthResult::default()
    };
    let mut ahead = *at;
    if ahead.until_str("smtp.mailfrom=").is_some() {
        let sender = ahead.word()?;
        found.mail_from = Some(if *sender == "<>" { "".into() } else { sender });
        found.domain = domain(sender);
    } else if at.until_str("smtp.helo=").is_some() {
        found.domain = at.word()?;
    }
    if let Some(open) = memmem::find(text, b"(client-ip=") {
        let mut ahead = at.over(&text[open + b"(client-ip=".len()..]);
        found.client = address(ahead.until(b';')?);
        ahead.lit(" helo=")?;
        found.helo = ahead.until(b';')?;
    }
    Some(Body::AuthResult(found))
}

const SKIPPED: Rule = rule(
    "policyd-spf skipped",
    skipped,
    "spf-engine spf_engine/__init__.py",
    &[
        "prepend X-Comment: SPF skipped for whitelisted relay - client-ip=192.0.2.10; helo=a.example.net; envelope-from=bob@example.net; receiver=<UNKNOWN>",
        "prepend X-Comment: SPF not applicable to localhost connection - skipped check",
    ],
);

fn skipped<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "prepend X-Comment: *"),
        (Kind::ServiceInfo, "X-Comment: *"),
        (Kind::ServiceInfo, "Skip SPF checks *"),
        (Kind::ServiceInfo, "dunno *"),
    ];
    shaped(at, SHAPES)
}

const SERVICE: Rule = rule(
    "policyd-spf service",
    service,
    "spf-engine spf_engine/policyd_spf.py, spf_engine/__init__.py",
    &[
        "spfcheck: pyspf result: \"['Pass', 'sender SPF authorized', 'mailfrom']\"",
        "Starting",
        "Normal exit",
        "Config: {'debugLevel': 3}",
        "Read line: \"request=smtpd_access_policy\"",
        "ERROR: Could not match line \"x\"",
        "Ouch, caught exc: timed out",
        "Cached data for this instance: []",
        "pyspf-milter starting up",
    ],
);

fn service<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "spfcheck: *"),
        (Kind::ServiceStarted, "Starting"),
        (Kind::ServiceStarted, "pyspf-milter starting up*"),
        (Kind::ServiceStopped, "Normal exit"),
        (Kind::ServiceInfo, "Config: *"),
        (Kind::ServiceInfo, "Read line: \"*\""),
        (Kind::ServiceInfo, "Found the end of entry"),
        (Kind::ServiceInfo, "Cached data for this instance: *"),
        (
            Kind::ServiceInfo,
            "Per user configuration data in use for: *",
        ),
        (Kind::ServiceInfo, "~ enabled."),
        (Kind::ServiceInfo, "skip_addresses enabled."),
        (Kind::ServiceInfo, "Action: ~ Text: *"),
        (Kind::ServiceInfo, "_get_resultcodes: *"),
        (Kind::ServiceInfo, "Scope ~ unused results: *"),
        (Kind::ServiceInfo, "~ policy ~ results: *"),
        (Kind::ServiceInfo, "* check used peruser data"),
        (Kind::ServiceWarning, "ERROR: Could not match line \"*\""),
        (Kind::ServiceWarning, "WARNING: *"),
        (Kind::ServiceError, "Ouch, caught exc: *"),
        (Kind::ServiceError, "Configuration File parsing error: *"),
        (Kind::ServiceError, "Authserv_Id not set for *"),
        (Kind::ServiceError, "Header_Type includes both *"),
        (Kind::ServiceError, "Traceback (most recent call last):"),
    ];
    shaped(at, SHAPES)
}

const LIBRARY: Rule = rule(
    "policyd-spf library",
    library,
    "sendmail libmilter/*.c",
    &["pyspf-milter: mi_stop=1"],
);

fn library<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    libmilter(at)
}

#[cfg(test)]
mod tests;
