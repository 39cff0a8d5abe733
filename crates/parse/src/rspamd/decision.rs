//! What rspamd's modules decide on a message before its result.
//! Source: rspamd `src/plugins/lua/*.lua`, `src/controller.c`.

use crate::filter::{Shapes, address, has_shape, notice, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{AccessAction, AccessCheck, Body, Kind, Notice, Source};

pub(crate) const RULES: &[Rule] = &[
    GREYLISTED,
    GREYLISTING_PASSED,
    GREYLISTING_SKIPPED,
    RATE_LIMIT,
    SIGNING_SKIPPED,
    DMARC,
    LEARNED,
];

const GREYLISTED: Rule = rule(
    "rspamd greylisted",
    greylisted,
    "rspamd src/plugins/lua/greylist.lua",
    &[
        "<a1b2c3>; lua; greylist.lua:430: greylisted until \"Sun, 22 Nov 2026 08:28:21 GMT\", new record",
        "<a1b2c3>; lua; greylist.lua:285: greylisted until \"Sun, 22 Nov 2026 08:28:21 GMT\" (body)",
        "<a1b2c3>; greylist; greylist.lua:455: greylisting delayed until \"Sun, 22 Nov 2026 08:28:21 GMT\": body",
    ],
);

fn greylisted<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let shapes = [
        "greylisted until \"*\", new record",
        "greylisted until \"*\" (*)",
        "greylisting delayed until \"*\": *",
    ];
    decided(at, AccessAction::Greylist, &shapes)
}

const GREYLISTING_PASSED: Rule = rule(
    "rspamd greylisting passed",
    greylisting_passed,
    "rspamd src/plugins/lua/greylist.lua",
    &[
        "<a1b2c3>; lua; greylist.lua:404: greylisting pass (meta) until Mon, 23 Nov 2026 08:28:21 GMT",
    ],
);

fn greylisting_passed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    decided(at, AccessAction::Pass, &["greylisting pass (~) until *"])
}

fn decided<'a>(at: &mut Scan<'a>, action: AccessAction, shapes: &[&str]) -> Option<Body<'a>> {
    let text = at.remainder();
    let fits = shapes.iter().any(|shape| has_shape(text, shape));
    fits.then_some(Body::Access(AccessCheck {
        action,
        source: Source::Policy,
        text,
        ..AccessCheck::default()
    }))
}

const GREYLISTING_SKIPPED: Rule = rule(
    "rspamd greylisting skipped",
    greylisting_skipped,
    "rspamd src/plugins/lua/greylist.lua",
    &[
        "<a1b2c3>; lua; greylist.lua:331: Score too low - skip greylisting",
        "<a1b2c3>; lua; greylist.lua:334: Downgrading metric action from \"greylist\" to \"no action\"",
        "<a1b2c3>; lua; greylist.lua:318: skip greylisting as we have found symbol WHITELIST",
    ],
);

fn greylisting_skipped<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "Score too low - skip greylisting"),
        (
            Kind::ServiceInfo,
            "Downgrading metric action from \"greylist\" to \"*\"",
        ),
        (
            Kind::ServiceInfo,
            "downgrading metric action from \"greylist\" to \"*\"",
        ),
        (
            Kind::ServiceInfo,
            "skip greylisting for local networks and/or authorized users",
        ),
        (Kind::ServiceInfo, "skip greylisting for whitelisted ~"),
        (
            Kind::ServiceInfo,
            "skip greylisting as we have found symbol ~",
        ),
    ];
    shaped(at, SHAPES)
}

const RATE_LIMIT: Rule = rule(
    "rspamd ratelimit",
    rate_limit,
    "rspamd src/plugins/lua/ratelimit.lua",
    &[
        "<a1b2c3>; lua; ratelimit.lua:617: ratelimit \"to_ip(RL_x)\" exceeded, (30 / 0.01): 31 (1.0:1.0 dyn); redis key: RL_x",
        "<a1b2c3>; lua; ratelimit.lua:544: skip ratelimit for whitelisted IP",
    ],
);

fn rate_limit<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SKIPPED: Shapes = &[(Kind::ServiceInfo, "skip ratelimit for whitelisted ~")];
    let text = at.peek();
    if !at.has("ratelimit \"") {
        return shaped(at, SKIPPED);
    }
    let about = at.until(b'"')?;
    at.lit(" exceeded")?;
    Some(Body::Notice(Notice {
        about,
        ..notice(Kind::ServiceLimitReached, text)
    }))
}

const SIGNING_SKIPPED: Rule = rule(
    "rspamd signing skipped",
    signing_skipped,
    "rspamd src/plugins/lua/dkim_signing.lua, arc.lua",
    &[
        "<a1b2c3>; lua; dkim_signing.lua:85: public key for domain example.org/mail is not found: no records with this name, skip signing",
        "<a1b2c3>; lua; dkim_signing.lua:136: key path or dkim selector unconfigured; no signing",
        "<a1b2c3>; lua; arc.lua:611: skip ARC as the existing chain is broken: ",
    ],
);

fn signing_skipped<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (
            Kind::ServiceWarning,
            "public key for domain ~ is not found: *",
        ),
        (
            Kind::ServiceWarning,
            "public key for ~ does not match private key: *, skip signing",
        ),
        (
            Kind::ServiceInfo,
            "key path or dkim selector unconfigured; no signing",
        ),
        (
            Kind::ServiceInfo,
            "skip ARC as the existing chain is broken: *",
        ),
    ];
    shaped(at, SHAPES)
}

const DMARC: Rule = rule(
    "rspamd dmarc",
    dmarc,
    "rspamd src/plugins/lua/dmarc.lua",
    &[
        "<a1b2c3>; lua; dmarc.lua:279: dmarc report saved for example.net (rua = mailto:dmarc@example.net)",
        "<a1b2c3>; lua; dmarc.lua:354: skip DMARC checks for local networks and authorized users",
    ],
);

/// Reports put by; the result of the check is a symbol of the result line.
fn dmarc<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "dmarc report saved for ~ (rua = *)"),
        (
            Kind::ServiceInfo,
            "skip DMARC checks for local networks and authorized users",
        ),
        (
            Kind::ServiceInfo,
            "skip DMARC checks as either SPF or DKIM were not checked",
        ),
        (Kind::ServiceError, "dmarc report is not saved for ~ *"),
        (Kind::ServiceInfo, "DMARC reporting suppressed for ~"),
    ];
    shaped(at, SHAPES)
}

const LEARNED: Rule = rule(
    "rspamd learned",
    learned,
    "rspamd src/controller.c (rspamd_controller_learn_fin_task)",
    &[
        "<a1b2c3>; csession; rspamd_controller_learn_fin_task: <192.0.2.10> learned message as spam: <a1@example.net>",
        "<a1b2c3>; task; rspamd_stat_cache_redis: <a1@example.net> has been already learned as spam, ignore it",
    ],
);

fn learned<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("<")?;
    let client = at.until_str("> ")?;
    if at.has("learned message as ") {
        at.until_str(": ")?;
        let message_id = at.remainder();
        return Some(Body::Notice(Notice {
            peer: address(client),
            about: message_id,
            ..notice(Kind::AdminAction, text)
        }));
    }
    has_shape(at.peek(), "has been already learned as ~ ignore it").then_some(())?;
    Some(Body::Notice(Notice {
        about: client,
        ..notice(Kind::ServiceInfo, text)
    }))
}
