//! What the engines found. Source: AsyncOS User Guide, "Text Mail Logs".

use super::message_number;
use crate::filter::{Shapes, shaped, unquoted};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{AuthResult, Body, Kind, Verdict};

pub(crate) const RULES: &[Rule] = &[
    ENGINE,
    ANTIVIRUS,
    QUARANTINED,
    REWRITTEN,
    SPF,
    DKIM,
    DMARC,
    STEP,
];

const ENGINE: Rule = rule(
    "esa engine",
    engine,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Info: MID 6 using engine: CASE spam positive",
        "Info: MID 6 interim verdict using engine: CASE spam negative",
        "Info: MID 6 using engine: GRAYMAIL negative",
        "Info: MID 6 using engine: SPF Verdict Cache using cached verdict",
    ],
);

/// What follows from it is told by later lines (`Dropped by`, `quarantine`, `queued`).
fn engine<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    message_number(at)?;
    at.has("interim verdict ");
    at.lit("using engine: ")?;
    let tests = at.word()?;
    at.lit(" ")?;
    let category = at.remainder();
    Some(Body::Verdict(Box::new(Verdict {
        passed: true,
        category,
        tests,
        queue_id: at.queue_id,
        ..Verdict::default()
    })))
}

const ANTIVIRUS: Rule = rule(
    "esa antivirus",
    antivirus,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Info: MID 6 antivirus negative",
        "Info: MID 6 antivirus positive 'EICAR-AV-Test'",
        "Info: MID 6 interim AV verdict using Sophos CLEAN",
        "Info: MID 6 AMP file reputation verdict : CLEAN",
    ],
);

fn antivirus<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    message_number(at)?;
    let start = at.peek();
    let mut found = Verdict {
        passed: true,
        queue_id: at.queue_id,
        ..Verdict::default()
    };
    if at.has("antivirus ") {
        let result = at.word()?;
        let len = b"antivirus ".len() + result.len();
        found.category = start[..len].into();
        if at.has(" ") {
            found.found = unquoted(at.remainder());
        }
    } else if at.has("interim AV verdict using ") {
        found.tests = at.word()?;
        at.lit(" ")?;
        found.category = at.remainder();
    } else {
        at.lit("AMP file reputation verdict : ")?;
        found.category = at.remainder();
        found.tests = start[..b"AMP".len()].into();
    }
    Some(Body::Verdict(Box::new(found)))
}

const QUARANTINED: Rule = rule(
    "esa quarantined",
    quarantined,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Info: MID 6 enqueued for transfer to centralized quarantine \"Policy\" (content filter _filter_out_)",
        "Info: MID 6 quarantined to \"Virus\" (a/v verdict: VIRAL)",
        "Info: MID 6 quarantined in \"Policy\" by content filter 'x'",
    ],
);

fn quarantined<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    message_number(at)?;
    let start = at.peek();
    let words = at.one_of(&[
        "enqueued for transfer to centralized quarantine \"",
        "quarantined to \"",
        "quarantined in \"",
    ])?;
    let quarantine = at.until(b'"')?;
    Some(Body::Verdict(Box::new(Verdict {
        category: start[..words.len() - 2].into(),
        quarantine,
        decided_by: at.remainder().trim_ascii().into(),
        queue_id: at.queue_id,
        ..Verdict::default()
    })))
}

const REWRITTEN: Rule = rule(
    "esa rewritten",
    rewritten,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Info: MID 6 rewritten to MID 7 by antispam",
        "Info: MID 6 was split creating MID 7 due to a per-recipient policy (Content Filter) in the inbound table",
        "Info: MID 6 generated based on MID 5 by bcc filter 'archive'",
    ],
);

/// A message goes on under another number, or one was made from another.
fn rewritten<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    message_number(at)?;
    let words = at.one_of(&[
        "rewritten to MID ",
        "was split creating MID ",
        "generated based on MID ",
        "was generated based on MID ",
    ])?;
    let other = super::digits(at)?;
    let decided_by = at.remainder().trim_ascii().into();
    let this = at.queue_id?;
    let (category, queue_id, queued_as) = match words {
        "rewritten to MID " => ("rewritten", this, other),
        "was split creating MID " => ("split", this, other),
        _ => ("generated", other, this),
    };
    at.queue_id = Some(queue_id);
    Some(Body::Verdict(Box::new(Verdict {
        passed: true,
        category: category.into(),
        queue_id: at.queue_id,
        queued_as,
        decided_by,
        ..Verdict::default()
    })))
}

const SPF: Rule = rule(
    "esa spf",
    spf,
    "AsyncOS User Guide, Email Authentication",
    &[
        "Info: MID 6 SPF: mailfrom identity bob@example.net Pass (v=spf1)",
        "Info: MID 6 SPF: helo identity postmaster@mail.example.net None",
        "Info: MID 6 SPF: pra identity bob@example.net SoftFail (v=spf1) headers from",
    ],
);

fn spf<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    message_number(at)?;
    at.lit("SPF: ")?;
    let identity = at.word()?;
    at.lit(" identity ")?;
    let checked = at.word()?;
    at.lit(" ")?;
    let result = at.word()?;
    let text = at.remainder().trim_ascii().into();
    let domain = domain(checked);
    Some(Body::AuthResult(AuthResult {
        method: "spf".into(),
        result,
        domain,
        helo: if *identity == "helo" {
            domain
        } else {
            "".into()
        },
        mail_from: (*identity == "mailfrom").then_some(checked),
        text,
        ..AuthResult::default()
    }))
}

fn domain(address: &BStr) -> &BStr {
    let at = memchr::memrchr(b'@', address).map_or(0, |at| at + 1);
    address[at..].into()
}

const DKIM: Rule = rule(
    "esa dkim",
    dkim,
    "AsyncOS User Guide, Email Authentication",
    &[
        "Info: MID 6 DKIM: pass signature verified (d=example.net s=s1 i=@example.net)",
        "Info: MID 6 DKIM: hardfail body hash did not verify (d=example.net s=s1 i=@example.net)",
        "Info: MID 6 DKIM: signing with mail - matches anna@example.org",
        "Info: MID 6 DKIM: permfail no key for signature",
    ],
);

fn dkim<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    message_number(at)?;
    at.lit("DKIM: ")?;
    let mut found = AuthResult {
        method: "dkim".into(),
        text: at.peek().into(),
        ..AuthResult::default()
    };
    if at.has("signing with ") {
        found.signed = true;
        found.selector = at.word()?;
        return Some(Body::AuthResult(found));
    }
    found.result = at.word()?;
    if at.until_str("(d=").is_some() {
        found.domain = at.until_str(" s=")?;
        found.selector = at.until_str(" i=")?;
    }
    Some(Body::AuthResult(found))
}

const DMARC: Rule = rule(
    "esa dmarc",
    dmarc,
    "AsyncOS User Guide, Email Authentication",
    &[
        "Info: MID 6 DMARC: Message from domain example.net, DMARC pass (SPF aligned True, DKIM aligned True)",
        "Info: MID 6 DMARC: Message from domain example.net, DMARC fail, (SPF aligned False, DKIM aligned False) DMARC policy is reject, applied policy is reject",
    ],
);

fn dmarc<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    message_number(at)?;
    at.lit("DMARC: Message from domain ")?;
    let domain = at.until_str(", DMARC ")?;
    let text = at.peek().into();
    let result = at.while_(|byte| byte.is_ascii_alphabetic());
    Some(Body::AuthResult(AuthResult {
        method: "dmarc".into(),
        result,
        domain,
        text,
        ..AuthResult::default()
    }))
}

const STEP: Rule = rule(
    "esa step",
    step,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Info: MID 6 matched all recipients for per-recipient policy DEFAULT in the inbound table",
        "Info: MID 6 queued for delivery",
        "Info: MID 6 Outbreak Filters: verdict negative",
        "Info: MID 6 attachment 'a.pdf'",
        "Info: MID 6 DMARC: Verification passed",
        "Info: MID 6 Custom Log Entry: x",
        "Info: MID 6 SDR: Domain Reputation: Neutral",
        "Info: MID 6 URL https://x.test/ has reputation -5.1 matched Condition: URL Reputation Rule",
    ],
);

fn step<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (
            Kind::ServiceInfo,
            "matched all recipients for per-recipient policy *",
        ),
        (Kind::ServiceInfo, "queued for delivery"),
        (Kind::ServiceInfo, "Outbreak Filters: *"),
        (Kind::ServiceInfo, "attachment '*'"),
        (Kind::ServiceInfo, "attachment *"),
        (Kind::ServiceInfo, "DMARC: *"),
        (Kind::ServiceInfo, "SPF: *"),
        (Kind::ServiceInfo, "SDR: *"),
        (Kind::ServiceInfo, "DLP *"),
        (Kind::ServiceInfo, "AMP *"),
        (Kind::ServiceInfo, "URL *"),
        (Kind::ServiceInfo, "Custom Log Entry: *"),
        (Kind::ServiceInfo, "Domains for which SDR is requested: *"),
        (Kind::ServiceInfo, "Consolidated Sender *"),
        (Kind::ServiceInfo, "Tracker Header : *"),
        (Kind::ServiceInfo, "*filter *"),
        (Kind::ServiceInfo, "released from *"),
        (Kind::ServiceInfo, "(*"),
        (Kind::ServiceInfo, "To: <*> From: <*>"),
    ];
    let mut ahead = *at;
    message_number(&mut ahead)?;
    at.queue_id = ahead.queue_id;
    let Body::Notice(told) = shaped(&mut ahead, SHAPES)? else {
        return None;
    };
    memmem::find(at.peek(), b"MID ")?;
    Some(Body::Notice(told))
}
