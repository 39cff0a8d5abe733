//! OpenDKIM: signatures checked and made. Lines of a message start with `QID: `; those of success
//! need `SyslogSuccess`, those of each signature `LogResults`.
//! Source: OpenDKIM `opendkim/opendkim.c`.

mod other;

use crate::filter::{notice, queue_id, without_unknown_id};
use crate::rule::{Rule, first_match, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{AuthResult, Body, Kind, Notice};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[("opendkim", RULES), ("opendkim", other::RULES)];

const RULES: &[Rule] = &[SIGNED, VERIFIED, CHECK, SIGNATURE, NO_KEY, FAILED];

/// Takes a text apart: queue id, then the rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    queue_id(at);
    without_unknown_id(at);
    first_match(&[RULES, other::RULES], at)
}

fn dkim<'a>(result: &'static str) -> AuthResult<'a> {
    AuthResult {
        method: "dkim".into(),
        result: result.into(),
        ..AuthResult::default()
    }
}

const SIGNED: Rule = rule(
    "opendkim signed",
    signed,
    "OpenDKIM opendkim/opendkim.c (mlfi_eom)",
    &[
        "4jXNLn0rVKzyQd: DKIM-Signature field added (s=mail, d=example.org)",
        "6AM8aBcD012345: DKIM-Signature header added (s=mail, d=example.org)",
    ],
);

fn signed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("DKIM-Signature ")?;
    at.one_of(&["field", "header", "\"header\""])?;
    at.lit(" added (s=")?;
    let selector = at.until_str(", d=")?;
    let domain = at.until(b')')?;
    at.end()?;
    Some(Body::AuthResult(AuthResult {
        signed: true,
        domain,
        selector,
        ..dkim("")
    }))
}

const VERIFIED: Rule = rule(
    "opendkim verified",
    verified,
    "OpenDKIM opendkim/opendkim.c (mlfi_eom)",
    &["4jXNLn0rVKzyQd: DKIM verification successful"],
);

fn verified<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek().into();
    at.lit("DKIM verification successful")?;
    at.end()?;
    Some(Body::AuthResult(AuthResult {
        text,
        ..dkim("pass")
    }))
}

const CHECK: Rule = rule(
    "opendkim signature",
    check,
    "OpenDKIM opendkim/opendkim.c (dkimf_log_ssl_errors)",
    &[
        "4jXNLn0rVKzyQd: s=s1 d=example.net SSL error:04091068:rsa routines:int_rsa_verify:bad signature",
        "4jXNLn0rVKzyQd: s=s1 d=example.net a=rsa-sha256 SSL error:02000068:rsa routines::bad signature",
        "4jXNLn0rVKzyQd: s=s1 d=example.net SSL ",
        "4jXNLn0rVKzyQd: SSL error:0200008A:rsa routines::invalid padding",
    ],
);

/// Without an error of the library the line tells nothing: it is then written for good signatures.
fn check<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let mut found = dkim("fail");
    if at.has("s=") {
        found.selector = at.until_str(" d=")?;
        found.domain = at.word()?;
        at.lit(" ")?;
        if at.has("a=") {
            at.word()?;
            at.lit(" ")?;
        }
    }
    at.lit("SSL")?;
    let error = at.remainder().trim_ascii();
    if error.is_empty() {
        return Some(Body::Notice(Notice {
            about: found.domain,
            ..notice(Kind::ServiceInfo, text)
        }));
    }
    found.text = error.into();
    Some(Body::AuthResult(found))
}

const SIGNATURE: Rule = rule(
    "opendkim result",
    signature,
    "OpenDKIM opendkim/opendkim.c (LogResults)",
    &[
        "4jXNLn0rVKzyQd: signature=AbCdEf12 domain=example.net selector=s1 result=\"no signature error\"",
        "4jXNLn0rVKzyQd: signature=AbCdEf12 domain=example.net selector=s1 result=\"signature verification failed\"",
    ],
);

fn signature<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("signature=")?;
    at.until_str(" domain=")?;
    let domain = at.until_str(" selector=")?;
    let selector = at.until_str(" result=\"")?;
    let text = at.until(b'"')?;
    at.end()?;
    let result = match &**text {
        b"no signature error" => "pass",
        b"key retrieval failed" | b"DNS query failed" => "temperror",
        _ => "fail",
    };
    Some(Body::AuthResult(AuthResult {
        domain,
        selector,
        text,
        ..dkim(result)
    }))
}

const NO_KEY: Rule = rule(
    "opendkim no key",
    no_key,
    "OpenDKIM opendkim/opendkim.c (dkimf_libstatus)",
    &[
        "4jXNLn0rVKzyQd: key retrieval failed (s=s1, d=example.net)",
        "4jXNLn0rVKzyQd: key retrieval failed (s=s1, d=example.net): 's1._domainkey.example.net' query timed out",
        "4jXNLn0rVKzyQd: key revoked (s=s1, d=example.net)",
        "4jXNLn0rVKzyQd: key revoked (s=s1, d=example.net, a=rsa-sha256)",
        "4jXNLn0rVKzyQd: key retrieval failed",
    ],
);

fn no_key<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek().into();
    let result = match at.one_of(&["key retrieval failed", "key revoked"])? {
        "key revoked" => "permerror",
        _ => "temperror",
    };
    let mut found = AuthResult {
        text,
        ..dkim(result)
    };
    if at.has(" (s=") {
        found.selector = at.until_str(", d=")?;
        let domain = at.until(b')')?;
        found.domain = before(domain, b", a=");
    }
    if !at.has(": ") {
        at.end()?;
    }
    Some(Body::AuthResult(found))
}

fn before<'a>(text: &'a BStr, mark: &[u8]) -> &'a BStr {
    let len = memchr::memmem::find(text, mark).unwrap_or(text.len());
    text[..len].into()
}

const FAILED: Rule = rule(
    "opendkim failed",
    failed,
    "OpenDKIM opendkim/opendkim.c (dkimf_libstatus)",
    &[
        "4jXNLn0rVKzyQd: bad signature data",
        "4jXNLn0rVKzyQd: no signature data",
        "4jXNLn0rVKzyQd: syntax error: missing parameter(s) in signature data",
        "4jXNLn0rVKzyQd: signature processing failed: syntax error",
        "4jXNLn0rVKzyQd: resource unavailable: d2i_PUBKEY_bio() failed",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text: &BStr = at.peek().into();
    let result = match at.one_of(&[
        "bad signature data",
        "no signature data",
        "syntax error: ",
        "signature processing failed: ",
        "resource unavailable: ",
    ])? {
        "no signature data" => "none",
        "syntax error: " => "permerror",
        "resource unavailable: " => "temperror",
        _ => "fail",
    };
    let is_whole = at.end().is_some() || text.contains(&b':');
    is_whole.then_some(Body::AuthResult(AuthResult {
        text,
        ..dkim(result)
    }))
}

#[cfg(test)]
mod tests;
