//! What amavis tells of one message on the way to its verdict.
//! Source: amavis `lib/Amavis.pm`, `lib/Amavis/*.pm`.

use super::notice;
use crate::filter::{Shapes, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Notice, Peer};

pub(crate) const RULES: &[Rule] = &[
    PART, CHECKING, RECEIVED, FORWARDED, TIMING, USAGE, OPEN_RELAY, BOUNCE, RUNDOWN, SPAM_TAG,
    SCANNED, RELEASED, DSN,
];

const PART: Rule = rule(
    "amavis part",
    part,
    "amavis lib/Amavis/MIME/ParserUtil.pm",
    &[
        "(12345-06) p001 1 Content-Type: text/plain, 7bit, size: 320, SHA1 digest: c0d93d732557754ff2ce",
        "(12345-06) p002 1/1/2 Content-Type: multipart/mixed",
    ],
);

fn part<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("p")?;
    at.number::<u32>()?;
    at.lit(" ")?;
    at.while_(|byte| byte.is_ascii_digit() || byte == b'/');
    at.lit(" Content-Type: ")?;
    Some(Body::Notice(notice(Kind::ServiceInfo, text)))
}

const CHECKING: Rule = rule(
    "amavis checking",
    checking,
    "amavis lib/Amavis.pm (check_mail)",
    &[
        "(12345-06) Checking: AbCdEfGhIjKl [192.0.2.10] <bob@example.net> -> <anna@example.org>",
        "(12345-06) Checking: AbCdEfGhIjKl ORIGINATING/MYNETS [192.0.2.10] <> -> <anna@example.org>,<bob@example.org>",
    ],
);

fn checking<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Checking: ")?;
    let text = at.peek();
    at.word()?;
    let mut peer = Peer::default();
    let before = at.until(b'[');
    if before.is_some_and(|before| !before.contains(&b'<')) {
        peer.address = at.until(b']')?;
        at.lit(" <")?;
    }
    Some(Body::Notice(Notice {
        peer,
        ..notice(Kind::ServiceInfo, text)
    }))
}

const RECEIVED: Rule = rule(
    "amavis received",
    received,
    "amavis lib/Amavis/In/SMTP.pm",
    &[
        "(12345-06) ESMTP [127.0.0.1]:10024 /var/lib/amavis/tmp/amavis-1: <bob@example.net> -> <anna@example.org> SIZE=858 BODY=8BITMIME Received: from mx1.example.org ([127.0.0.1]) by localhost",
        "(12345-06) ESMTP :10026 /opt/amavisd/tmp/amavis-1: <> -> <anna@example.org> Received: from mx1.example.org ([127.0.0.1]) by localhost",
        "(12345-06) LMTP [127.0.0.1]:10024 /var/lib/amavis/tmp/amavis-1: <bob@example.net> -> <anna@example.org> SIZE=858 Received: from mx1.example.org ([127.0.0.1]) by localhost",
    ],
);

fn received<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(&["ESMTP", "LMTP", "SMTP", "UTF8SMTP"])?;
    at.while_(|byte| byte.is_ascii_alphanumeric());
    at.lit(" ")?;
    at.until_str(": <")?;
    at.until_str("> -> <")?;
    Some(Body::Notice(notice(Kind::ServiceInfo, text)))
}

const FORWARDED: Rule = rule(
    "amavis forwarded",
    forwarded,
    "amavis lib/Amavis/Out/SMTP.pm (mail_via_smtp)",
    &[
        "(12345-06) AbCdEfGhIjKl FWD from <bob@example.net> -> <anna@example.org>, BODY=7BIT 250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4jXNLn2mG7zyQg",
        "(12345-06) FWD from <bob@example.net> -> <anna@example.org>, 250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4jXNLn2mG7zyQg",
        "(12345-06) SEND from <> -> <bob@example.net>,ENVID=AM.1@mx1.example.org BODY=7BIT 250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4jXNLn2mG7zyQg",
    ],
);

fn forwarded<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let mut ahead = *at;
    if !ahead.has("FWD from <") && !ahead.has("SEND from <") {
        ahead.word()?;
        ahead.lit(" ")?;
        ahead.one_of(&["FWD from <", "SEND from <"])?;
    }
    ahead.until_str("> -> <")?;
    Some(Body::Notice(notice(Kind::ServiceInfo, at.peek())))
}

const TIMING: Rule = rule(
    "amavis timing",
    timing,
    "amavis lib/Amavis/Timing.pm",
    &[
        "(12345-06) size: 1358, TIMING [total 98 ms, cpu 20 ms] - SMTP greeting: 1.1 (1%)1, SMTP EHLO: 0.5 (1%)2",
        "(12345-06) TIMING-SA [total 8782 ms, cpu 3158 ms] - parse: 22 (0.2%)",
        "(12345-06) TIMING [total 98 ms] - SMTP EHLO: 0.5 (1%)2",
    ],
);

fn timing<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if at.has("size: ") {
        at.number::<u64>()?;
        at.lit(", ")?;
    }
    at.lit("TIMING")?;
    at.has("-SA");
    at.lit(" [total ")?;
    let ms = at.number()?;
    at.lit(" ms")?;
    Some(Body::Notice(Notice {
        number: Some(ms),
        ..notice(Kind::ServiceStatistics, text)
    }))
}

const USAGE: Rule = rule(
    "amavis usage",
    usage,
    "amavis lib/Amavis/Timing.pm",
    &["(12345-06) size: 344000, RUSAGE minflt=85+0, majflt=0+0, nswap=0+0"],
);

fn usage<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("size: ")?;
    at.number::<u64>()?;
    at.lit(", RUSAGE ")?;
    Some(Body::Notice(notice(Kind::ServiceStatistics, text)))
}

const OPEN_RELAY: Rule = rule(
    "amavis open relay",
    open_relay,
    "amavis lib/Amavis.pm (check_mail)",
    &["(12345-06) Open relay? Nonlocal recips but not originating: bob@example.net"],
);

fn open_relay<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Open relay? Nonlocal recips but not originating: ")?;
    let recipients = at.remainder();
    Some(Body::Notice(notice(Kind::ServiceWarning, recipients)))
}

const BOUNCE: Rule = rule(
    "amavis bounce",
    bounce,
    "amavis lib/Amavis.pm (inspect_a_bounce_message)",
    &[
        "(12345-06) bounce unverifiable, <bounce@example.net> -> <anna@example.org>",
        "(12345-06) bounce rescued by domain, <> -> <anna@example.org>, Message-ID: <a1@example.org>",
        "(12345-06) bounce killed, <> -> <anna@example.org>, from: <x@example.net>",
    ],
);

fn bounce<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("bounce ")?;
    at.one_of(&["unverifiable", "rescued by ", "killed"])?;
    at.until_str(", <")?;
    at.until_str("> -> <")?;
    Some(Body::Notice(notice(Kind::ServiceInfo, text)))
}

const RUNDOWN: Rule = rule(
    "amavis rundown",
    rundown,
    "amavis lib/Amavis.pm (process_request)",
    &["(12345-20) Requesting process rundown after 20 tasks (and 20 sessions)"],
);

fn rundown<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("Requesting process rundown after ")?;
    let tasks = at.number()?;
    at.lit(" tasks")?;
    Some(Body::Notice(Notice {
        number: Some(tasks),
        ..notice(Kind::ServiceInfo, text)
    }))
}

const SPAM_TAG: Rule = rule(
    "amavis spam tag",
    spam_tag,
    "amavis lib/Amavis.pm (add_forwarding_header_edits_per_recip)",
    &[
        "(12345-06) spam-tag, <bob@example.net> -> <anna@example.org>, Yes, score=8.1 tag=2 tag2=6.31 kill=6.31 tests=[BAYES_50=0.8] autolearn=no",
        "(12345-06) SPAM-TAG, <bob@example.net> -> <anna@example.org>, No, score=-1.9 tagged_above=-999 required=6.2",
        "(12345-06) SPAM, <bob@example.net> -> <anna@example.org>, Yes, score=18.1 tag=2 tag2=6.31 kill=6.31",
    ],
);

fn spam_tag<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(&["spam-tag, <", "SPAM-TAG, <", "SPAM, <", "spam, <"])?;
    at.until_str("> -> <")?;
    at.until_str("score=")?;
    Some(Body::Notice(notice(Kind::ServiceInfo, text)))
}

const SCANNED: Rule = rule(
    "amavis scanned",
    scanned,
    "amavis lib/Amavis/AV.pm (run_av)",
    &[
        "(12345-06) run_av (ClamAV-clamd): /var/lib/amavis/tmp/amavis-1/parts INFECTED: Win.Test.EICAR_HDB-1",
        "(12345-06) run_av (ClamAV-clamd): CLEAN",
        "(12345-06) virus_scan: (Win.Test.EICAR_HDB-1), detected by 1 scanners: ClamAV-clamd",
    ],
);

fn scanned<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if at.has("virus_scan: (") {
        at.until_str("), detected by ")?;
    } else {
        at.lit("run_av (")?;
        at.until_str("): ")?;
        if !at.has("CLEAN") {
            at.until_str("INFECTED: ")?;
        }
    }
    Some(Body::Notice(notice(Kind::ServiceInfo, text)))
}

const RELEASED: Rule = rule(
    "amavis released",
    released,
    "amavis lib/Amavis.pm (msg_from_quarantine)",
    &[
        "(rel-AbCdEfGhIjKl) Quarantined message release (miscategorized): AbCdEfGhIjKl <bob@example.net> -> <anna@example.org>",
        "(12345-06) Quarantined message release: AbCdEfGhIjKl <bob@example.net> -> <anna@example.org>",
    ],
);

/// The administrator, or the user, takes a message out of quarantine.
fn released<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if at.has("(rel-") {
        at.until_str(") ")?;
    }
    at.lit("Quarantined message release")?;
    at.until_str(": ")?;
    let text = at.peek();
    let mail_id = at.word()?;
    Some(Body::Notice(Notice {
        about: mail_id,
        ..notice(Kind::AdminAction, text)
    }))
}

const DSN: Rule = rule(
    "amavis dsn",
    dsn,
    "amavis lib/Amavis.pm (do_notify_and_quarantine, msg_from_quarantine), lib/Amavis/AV.pm",
    &[
        "(12345-06) DSN: NOTIFICATION: Action:failed, RELAYED, LOCAL 250 2.6.0 Ok, <bob@example.net> -> <anna@example.org>: spam level exceeds DSN cutoff level for all recips",
        "(12345-06) DSN: FILTER 554 Spam, spam level 18.3 exceeds cutoff 10, <bob@example.net> -> <anna@example.org>",
        "(12345-06) Quarantine release AbCdEfGhIjKl: missing X-Quarantine-ID",
        "(12345-06) Virus Win.Test.EICAR_HDB-1 matches /^Win/, infected",
        "(12345-06) Virus scan: no checks were successful",
    ],
);

/// Notifications made or left out, releases that went wrong, what a virus' name means.
fn dsn<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "DSN: *"),
        (Kind::ServiceWarning, "Quarantine release ~: missing *"),
        (Kind::ServiceInfo, "Virus ~ matches *"),
        (Kind::ServiceWarning, "Virus scan: *"),
    ];
    shaped(at, SHAPES)
}
