//! What plugins found that is more than talk: SPF, DKIM, TLS, spam and virus verdicts, logins.
//! Source: Haraka `plugins/`, haraka-plugin-spf, -dkim, -rspamd, -spamassassin, -clamd.

use super::core::secured;
use super::facts::facts;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{AuthFailure, AuthResult, Body, Peer, Verdict};

pub(crate) const RULES: &[Rule] = &[SPF, DKIM, TLS, RSPAMD, SPAMASSASSIN, VIRUS, LOGIN_FAILED];

/// The step is for a plugin of this name.
fn of(at: &Scan<'_>, names: &[&str]) -> Option<()> {
    let is = |name: &&str| at.program == name.as_bytes();
    names.iter().any(is).then_some(())
}

const SPF: Rule = rule(
    "haraka spf",
    spf,
    "haraka-plugin-spf index.js (log_result)",
    &[
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [spf] identity=mfrom ip=192.0.2.10 domain=\"example.net\" mfrom=<bob@example.net> result=Pass",
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [spf] scope: helo, result: None, domain: mx.example.net",
    ],
);

fn spf<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    of(at, &["spf"])?;
    if at.has("scope: ") {
        at.until_str(", result: ")?;
        let result = at.until_str(", domain: ")?;
        return Some(Body::AuthResult(AuthResult {
            method: "spf".into(),
            result,
            domain: at.remainder(),
            ..AuthResult::default()
        }));
    }
    at.lit("identity=")?;
    let identity = at.word()?;
    let facts = facts(at)?;
    let mail_from = bare(facts.mfrom);
    Some(Body::AuthResult(AuthResult {
        method: "spf".into(),
        result: facts.result,
        domain: facts.domain,
        mail_from: (identity != "helo").then_some(mail_from),
        client: Peer {
            address: facts.ip,
            ..Peer::default()
        },
        ..AuthResult::default()
    }))
}

fn bare(address: &BStr) -> &BStr {
    let inner = address
        .strip_prefix(b"<")
        .and_then(|it| it.strip_suffix(b">"));
    inner.map_or(address, |it| it.into())
}

const DKIM: Rule = rule(
    "haraka dkim",
    dkim,
    "haraka-plugin-dkim index.js (dkim_verify)",
    &[
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [dkim_verify] identity=\"@example.net\" domain=\"example.net\" selector=\"s1\" result=pass ",
    ],
);

fn dkim<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    of(at, &["dkim_verify", "dkim"])?;
    at.peek().starts_with(b"identity=").then_some(())?;
    let facts = facts(at)?;
    Some(Body::AuthResult(AuthResult {
        method: "dkim".into(),
        result: facts.result,
        domain: facts.domain,
        selector: facts.selector,
        ..AuthResult::default()
    }))
}

const TLS: Rule = rule(
    "haraka plugin tls",
    tls,
    "haraka plugins/tls.js",
    &[
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [tls] secured: cipher=ECDHE-RSA-AES256-GCM-SHA384 version=TLSv1.2 verified=false",
    ],
);

fn tls<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    of(at, &["tls"])?;
    at.lit("secured")?;
    at.has(":");
    at.lit(" ")?;
    Some(secured(&facts(at)?))
}

const RSPAMD: Rule = rule(
    "haraka rspamd",
    rspamd,
    "haraka-plugin-rspamd index.js",
    &[
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [rspamd] is_spam: false, is_skipped: false, score: 2.5, required_score: 15, action: no action, R_SPF_ALLOW: -0.2, MIME_HTML_ONLY: 0.2",
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [rspamd] score: 18.5, required_score: 15, action: reject",
    ],
);

fn rspamd<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    of(at, &["rspamd"])?;
    if at.has("is_spam: ") {
        at.until_str(", score: ")?;
    } else {
        at.lit("score: ")?;
    }
    let score = decimal(at.until_str(", required_score: ")?);
    let required = decimal(at.until_str(", action: ")?);
    let rest = at.peek();
    let end = memmem::find(rest, b", ").unwrap_or(rest.len());
    let category = BStr::new(&rest[..end]);
    let tests = rest.get(end + 2..).unwrap_or_default();
    at.remainder();
    Some(Body::Verdict(Box::new(Verdict {
        passed: !matches!(&**category, b"reject" | b"soft reject" | b"greylist"),
        category,
        score,
        required,
        tests: tests.into(),
        queue_id: at.queue_id,
        ..Verdict::default()
    })))
}

fn decimal(text: &BStr) -> Option<f32> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

const SPAMASSASSIN: Rule = rule(
    "haraka spamassassin",
    spamassassin,
    "haraka-plugin-spamassassin index.js (log_results)",
    &[
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [spamassassin] status=No, score=-15.0, required=5.0, reject=0, tests=\"BAYES_00,DKIM_VALID\"",
    ],
);

fn spamassassin<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    of(at, &["spamassassin"])?;
    at.lit("status=")?;
    let status = at.until_str(", score=")?;
    let score = decimal(at.until_str(", required=")?);
    let required = decimal(at.until_str(", reject=")?);
    at.until_str(", tests=")?;
    let tests = at.remainder();
    let tests = tests
        .strip_prefix(b"\"")
        .and_then(|it| it.strip_suffix(b"\""));
    let spam = status != "No";
    Some(Body::Verdict(Box::new(Verdict {
        passed: !spam,
        category: if spam { "SPAM" } else { "CLEAN" }.into(),
        score,
        required,
        tests: tests.unwrap_or_default().into(),
        queue_id: at.queue_id,
        ..Verdict::default()
    })))
}

const VIRUS: Rule = rule(
    "haraka virus scan",
    virus,
    "haraka-plugin-clamd index.js, plugins/avg.js",
    &[
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [clamd] pass:clean",
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [clamd] fail:virus: Win.Test.EICAR_HDB-1",
    ],
);

fn virus<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    of(at, &["clamd", "avg"])?;
    let clean = at.has("pass:clean");
    if !clean {
        at.lit("fail:")?;
        at.has("virus: ");
    }
    let found = at.remainder();
    (found.is_empty() == clean).then_some(())?;
    Some(Body::Verdict(Box::new(Verdict {
        passed: clean,
        category: if clean { "CLEAN" } else { "INFECTED" }.into(),
        found,
        queue_id: at.queue_id,
        ..Verdict::default()
    })))
}

const LOGIN_FAILED: Rule = rule(
    "haraka login failed",
    login_failed,
    "haraka plugins/auth/auth_base.js (check_user)",
    &["[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [auth/flat_file] delaying for 2 seconds"],
);

/// The delay before a wrong login is refused; who tried stands in no line.
fn login_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.program.starts_with(b"auth/").then_some(())?;
    let reason = at.peek();
    at.lit("delaying for ")?;
    at.number::<u64>()?;
    at.lit(" seconds")?;
    at.end()?;
    Some(Body::AuthFailure(AuthFailure {
        protocol: "smtp".into(),
        reason: reason.into(),
        ..AuthFailure::default()
    }))
}
