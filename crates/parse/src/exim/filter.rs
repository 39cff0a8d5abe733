//! DKIM, spam and malware checks. Source: exim `src/dkim.c`, `src/spam.c`, `src/malware.c`.

use super::starting;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memrchr;
use model::{AuthResult, Body, Kind};

pub(crate) const RULES: &[Rule] = &[SIGNATURE, DKIM, SCANNER];

const SIGNATURE: Rule = rule(
    "exim dkim",
    signature,
    "exim src/dkim.c (dkim_exim_verify_log_sig)",
    &[
        "1xV2wi-0000aR-0j DKIM: d=example.net s=s1 c=relaxed/relaxed a=rsa-sha256 b=2048 i=@example.net t=1795336152 [verification succeeded]",
        "1xV2wi-0000aR-0j DKIM: d=example.net s=s1 c=simple/simple a=rsa-sha256 b=2048 [verification failed - body hash mismatch (body probably modified in transit)]",
        "1xV2wi-0000aR-0j DKIM: d=example.net s=s1 [failed key import]",
        "1xV2wi-0000aR-0j DKIM: d=example.net s=s1 c=simple/simple a=rsa-sha1 b=0 [invalid - signature tag missing or invalid]",
    ],
);

fn signature<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("DKIM: ")?;
    let text = at.peek().strip_suffix(b"]")?;
    let open = memrchr(b'[', text)?;
    let result = &text[open + 1..];
    let (mut domain, mut selector) = (BStr::new(b""), BStr::new(b""));
    for tag in text[..open].split(|&byte| byte == b' ') {
        match tag {
            [b'd', b'=', value @ ..] => domain = value.into(),
            [b's', b'=', value @ ..] => selector = value.into(),
            [
                b'c' | b'a' | b'b' | b'i' | b't' | b'x' | b'q' | b'l',
                b'=',
                ..,
            ]
            | [] => {}
            _ => return None,
        }
    }
    Some(Body::AuthResult(AuthResult {
        method: "dkim".into(),
        result: word(result)?.into(),
        domain,
        selector,
        text: result.into(),
        ..AuthResult::default()
    }))
}

/// The word of RFC 8601 for what Exim says of a signature.
fn word(result: &[u8]) -> Option<&'static str> {
    const WORDS: &[(&str, &str)] = &[
        ("verification succeeded", "pass"),
        ("verification failed", "fail"),
        ("fail - ", "fail"),
        ("invalid", "permerror"),
        ("failed key import", "permerror"),
        ("not verified", "none"),
    ];
    let found = WORDS
        .iter()
        .find(|(said, _)| result.starts_with(said.as_bytes()));
    found.map(|(_, word)| *word)
}

const DKIM: Rule = rule(
    "exim dkim trouble",
    |at| {
        starting(
            at,
            Kind::ServiceWarning,
            &[
                "DKIM: validation error: ",
                "DKIM: Error during validation, disabling signature verification: ",
                "DKIM: Error while running this message through validation, disabling signature verification",
                "DKIM: signing failed",
                "DKIM: message could not be signed, and dkim_strict is set.",
                "ARC: ",
                "failed to expand dkim_",
            ],
        )
    },
    "exim src/dkim.c, src/dkim_transport.c",
    &[
        "1xV2wi-0000aR-0j DKIM: validation error: LONG_LINE",
        "1xV2wi-0000aR-0j DKIM: message could not be signed, and dkim_strict is set. Deferring message delivery.",
    ],
);

const SCANNER: Rule = rule(
    "exim scanner trouble",
    |at| {
        starting(
            at,
            Kind::ServiceError,
            &[
                "spam acl condition: ",
                "malware acl condition: ",
                "MIME acl condition warning - ",
                "acl_smtp_mime: ",
            ],
        )
    },
    "exim src/spam.c, src/malware.c, src/mime.c",
    &[
        "1xV2wi-0000aR-0j spam acl condition: error reading from spamd [127.0.0.1]:783, socket: Connection timed out",
        "1xV2wi-0000aR-0j malware acl condition: clamd /run/clamav/clamd.ctl : unable to connect to UNIX socket (No such file or directory)",
    ],
);
