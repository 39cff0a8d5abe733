//! Results of the tests. Older versions and `respectful_logging = no` have other words for the
//! lists; the verdict has the newer ones.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Peer, Screened};

pub(super) const PASSED: Rule = rule(
    "postscreen pass",
    passed,
    "postfix src/postscreen/postscreen_misc.c (psc_conclude)",
    &["PASS OLD [192.0.2.7]:36942", "PASS NEW [2001:db8::7]:36942"],
);

fn passed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let verdict = at.one_of(&["PASS OLD", "PASS NEW"])?;
    verdict_on(at, verdict)
}

/// Takes ` [ADDRESS]:PORT` to the end.
fn verdict_on<'a>(at: &mut Scan<'a>, verdict: &'static str) -> Option<Body<'a>> {
    at.lit(" ")?;
    let client = at.peer()?;
    at.end()?;
    Some(Body::Screened(Screened {
        client,
        verdict: verdict.into(),
        ..Screened::default()
    }))
}

pub(super) const KNOWN: Rule = rule(
    "postscreen access list",
    known,
    "postfix src/postscreen/postscreen.c",
    &[
        "ALLOWLISTED [192.0.2.7]:36942",
        "DENYLISTED [192.0.2.7]:36942",
        "ALLOWLIST VETO [192.0.2.7]:36942",
        "WHITELISTED [192.0.2.7]:36942",
        "BLACKLISTED [192.0.2.7]:36942",
        "WHITELIST VETO [192.0.2.7]:36942",
    ],
);

fn known<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let verdict = match at.one_of(&[
        "ALLOWLISTED",
        "WHITELISTED",
        "DENYLISTED",
        "BLACKLISTED",
        "ALLOWLIST VETO",
        "WHITELIST VETO",
    ])? {
        "ALLOWLISTED" | "WHITELISTED" => "ALLOWLISTED",
        "DENYLISTED" | "BLACKLISTED" => "DENYLISTED",
        _ => "ALLOWLIST VETO",
    };
    verdict_on(at, verdict)
}

pub(super) const RANK: Rule = rule(
    "postscreen dnsbl rank",
    rank,
    "postfix src/postscreen/postscreen_tests.c",
    &[
        "DNSBL rank 3 for [192.0.2.7]:36942",
        "DNSBL rank -2 for [2001:db8::7]:36942",
    ],
);

fn rank<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("DNSBL rank ")?;
    let negative = at.has("-");
    let rank: i32 = at.number()?;
    at.lit(" for ")?;
    let client = at.peer()?;
    at.end()?;
    Some(Body::Screened(Screened {
        client,
        verdict: "DNSBL rank".into(),
        rank: Some(if negative { -rank } else { rank }),
        ..Screened::default()
    }))
}

pub(super) const LISTED: Rule = rule(
    "dnsblog listed",
    listed,
    "postfix src/dnsblog/dnsblog.c",
    &[
        "addr 192.0.2.7 listed by domain dnsbl.example.test as 127.0.0.4",
        "addr 2001:db8::7 listed by domain dnsbl.example.test as 127.0.0.4 127.0.0.10",
    ],
);

fn listed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("addr ")?;
    let address = at.word()?;
    at.lit(" listed by domain ")?;
    let dns_list = at.word()?;
    at.lit(" as ")?;
    Some(Body::Screened(Screened {
        client: Peer {
            address,
            ..Peer::default()
        },
        verdict: "listed".into(),
        dns_list,
        answer: at.remainder(),
        ..Screened::default()
    }))
}
