//! PostSRSd: rewrites senders of forwarded mail, and back. Source: PostSRSd `postsrsd.c` 1.12,
//! `src/srs.c` 2.0, which leaves out the direction.

use crate::rule::{Rule, first_match, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind, Notice};

pub(crate) const TABLES: &[(&str, &[Rule])] = &[("postsrsd", RULES)];

const RULES: &[Rule] = &[
    rule(
        "postsrsd rewritten",
        rewritten,
        "PostSRSd postsrsd.c (handle_forward, handle_reverse); src/srs.c",
        &[
            "srs_forward: <anna@example.org> rewritten as <SRS0=x6Ve=T5=example.org=anna@example.net>",
            "srs_reverse: <SRS0=x6Ve=T5=example.org=anna@example.net> rewritten as <anna@example.org>",
            "<anna@example.org> rewritten as <SRS0=x6Ve=T5=example.org=anna@example.net>",
        ],
    ),
    rule(
        "postsrsd not rewritten",
        not_rewritten,
        "PostSRSd postsrsd.c (handle_forward, handle_reverse); src/srs.c",
        &[
            "srs_forward: <anna@example.net> not rewritten: Domain excluded by policy",
            "srs_reverse: <SRS0=x6Ve=T5=example.org=anna@example.net> not rewritten: Hash invalid in SRS address.",
            "<anna@example.net> not rewritten: local domain",
        ],
    ),
];

pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    first_match(&[RULES], at)
}

fn rewritten<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let about = address(at)?;
    at.lit(" rewritten as ")?;
    at.angle()?;
    at.end()?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        about,
        text: text.into(),
        ..Notice::default()
    }))
}

fn not_rewritten<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let about = address(at)?;
    at.lit(" not rewritten: ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        about,
        text: text.into(),
        ..Notice::default()
    }))
}

fn address<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let _direction = at.one_of(&["srs_forward: ", "srs_reverse: "]);
    at.angle()
}
