//! What goes wrong in amavis, most of it behind `(!)` or `(!!)`.
//! Source: amavis `lib/Amavis.pm`, `lib/Amavis/*.pm`.

use super::{notice, starting};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Notice, Peer};

pub(crate) const RULES: &[Rule] = &[
    DENIED,
    RESPONSE,
    TROUBLE,
    SCANNER_FAILED,
    PERL,
    EVIDENCE,
    DECODE_FAILED,
];

const DENIED: Rule = rule(
    "amavis denied",
    denied,
    "amavis lib/Amavis.pm (post_accept_hook)",
    &["(!)DENIED ACCESS from IP 203.0.113.9, policy bank ''"],
);

fn denied<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("DENIED ACCESS from IP ")?;
    let address = at.while_(|byte| !matches!(byte, b',' | b' '));
    Some(Body::Notice(Notice {
        peer: Peer {
            address,
            ..Peer::default()
        },
        ..notice(Kind::ServiceWarning, b"DENIED ACCESS")
    }))
}

const RESPONSE: Rule = rule(
    "amavis negative response",
    response,
    "amavis lib/Amavis/Out/SMTP.pm",
    &[
        "(12345-06) (!)Negative SMTP response to data-dot (<anna@example.org>): 451 4.3.0 Error: queue file write error",
        "(12345-06) (!)Negative SMTP resp. to DATA: 554 5.5.1 Error: no valid recipients",
        "(12345-06) (!)mail_via_smtp: Too many recipients",
        "(12345-06) (!)connect to [127.0.0.1]:10025 failed, attempt #1: Can't connect to socket",
    ],
);

/// The MTA behind amavis would not take the message.
fn response<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    starting(
        at,
        Kind::ServiceError,
        &[
            "Negative SMTP response to ",
            "Negative SMTP resp. to ",
            "mail_via_smtp: ",
            "connect to ",
        ],
    )
}

const TROUBLE: Rule = rule(
    "amavis trouble",
    trouble,
    "amavis lib/Amavis.pm",
    &[
        "(12345-06) (!!)TROUBLE in check_mail: gen_mail_id FAILED: Can't write",
        "(12345-06) (!)PenPals: sql exec: err=2006",
        "(!!)TROUBLE in child_init_hook: BDB no dbS: Lock table is out of available locker entries",
    ],
);

fn trouble<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    starting(at, Kind::ServiceError, &["TROUBLE in ", "PenPals: "])
}

const SCANNER_FAILED: Rule = rule(
    "amavis scanner failed",
    scanner_failed,
    "amavis lib/Amavis/AV.pm",
    &[
        "(12345-06) (!)ClamAV-clamd av-scanner FAILED: run_av error: Too many retries to talk to /run/clamav/clamd.ctl",
        "(12345-06) (!)WARN: all primary virus scanners failed, considering backups",
        "(12345-06) (!!)AV: ALL VIRUS SCANNERS FAILED",
        "(12345-06) (!)run_av (ClamAV-clamd) FAILED - unexpected , output=\"\"",
        "(12345-06) (!)ClamAV-clamd: Can't connect to a UNIX socket /run/clamav/clamd.ctl: Connection refused, retrying (1)",
    ],
);

fn scanner_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let plain = at
        .one_of(&[
            "WARN: all primary virus scanners failed",
            "AV: ALL VIRUS SCANNERS FAILED",
        ])
        .is_some();
    let named = [
        &b" av-scanner FAILED: "[..],
        b": Can't connect to ",
        b") FAILED - ",
    ];
    let is_named = |words: &&[u8]| memchr::memmem::find(text, words).is_some();
    (plain || named.iter().any(is_named)).then_some(())?;
    Some(Body::Notice(notice(Kind::ServiceError, text)))
}

const PERL: Rule = rule(
    "amavis perl warning",
    perl,
    "amavis lib/Amavis.pm ($SIG{__WARN__})",
    &[
        "(12345-06) _WARN: Use of uninitialized value $name in lc at /usr/share/perl5/Mail/SpamAssassin/Plugin/X.pm line 135.",
        "(12345-06) (!)_DIE: Can't locate X.pm in @INC at (eval 99) line 1.",
        "(!)_WARN: Wide character in print at /usr/sbin/amavisd-new line 1.",
    ],
);

fn perl<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let kind = match at.one_of(&["_WARN: ", "_DIE: "])? {
        "_WARN: " => Kind::ServiceWarning,
        _ => Kind::ServiceError,
    };
    let text = at.remainder();
    Some(Body::Notice(notice(kind, text)))
}

const EVIDENCE: Rule = rule(
    "amavis evidence",
    evidence,
    "amavis lib/Amavis/TempDir.pm",
    &["(12345-06) (!)PRESERVING EVIDENCE in /var/lib/amavis/tmp/amavis-20261122T083319-12345"],
);

fn evidence<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("PRESERVING EVIDENCE in ")?;
    let path = at.remainder();
    Some(Body::Notice(notice(Kind::ServiceWarning, path)))
}

const DECODE_FAILED: Rule = rule(
    "amavis decoding failed",
    decode_failed,
    "amavis lib/Amavis/Unpackers.pm",
    &[
        "(12345-06) (!)Decoding of p003 (Zip archive data) failed, leaving it unpacked: do_unzip: p003, 1 members are encrypted",
        "(12345-06) (!)do_unzip: p003, 2 members are encrypted, none extracted, archive retained",
        "(12345-06) (!)file(1) utility (/usr/bin/file) FAILED: run_command: can't fork",
    ],
);

fn decode_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if at.has("Decoding of ") {
        at.until_str(" failed, leaving it unpacked: ")?;
    } else if at.has("file(1) utility (") {
        at.until_str(" FAILED: ")?;
    } else {
        at.lit("do_")?;
        at.while_(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        at.lit(": p")?;
    }
    Some(Body::Notice(notice(Kind::ServiceWarning, text)))
}
