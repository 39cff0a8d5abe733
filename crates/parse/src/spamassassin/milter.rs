//! spamass-milter, which hands a Milter's messages to spamc.
//! Source: spamass-milter `spamass-milter.cpp`.

use crate::filter::{Shapes, libmilter, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind};

pub(crate) const RULES: &[Rule] = &[WORK, TROUBLE, LIBRARY];

const WORK: Rule = rule(
    "spamass-milter work",
    work,
    "spamass-milter spamass-milter.cpp",
    &[
        "spamass-milter 0.4.0 starting",
        "spamass-milter 0.4.0 exiting",
        "192.0.2.10 is in our ignore list - accepting message",
        "sender authenticated (PLAIN) - accepting message",
        "SA score: 8",
        "Remote address: 203.0.113.9",
    ],
);

fn work<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceStarted, "spamass-milter ~ starting"),
        (Kind::ServiceStopped, "spamass-milter ~ exiting"),
        (
            Kind::ServiceInfo,
            "~ is in our ignore list - accepting message",
        ),
        (
            Kind::ServiceInfo,
            "sender authenticated (*) - accepting message",
        ),
        (Kind::ServiceInfo, "SA score: *"),
        (Kind::ServiceInfo, "Remote address: ~"),
        (
            Kind::ServiceInfo,
            "# recipients; spamc gets default username ~",
        ),
        (Kind::ServiceInfo, "Setting debug level to ~"),
        (Kind::ServiceInfo, "Adding ~ to network list"),
        (Kind::ServiceInfo, "Parsing ignore list"),
        (Kind::ServiceInfo, "Ignore authenticated senders"),
    ];
    shaped(at, SHAPES)
}

const TROUBLE: Rule = rule(
    "spamass-milter trouble",
    trouble,
    "spamass-milter spamass-milter.cpp",
    &[
        "Could not extract score from <No, hits=x>",
        "Could not retrieve sendmail macro \"i\"!.  Please add it to confMILTER_MACROS_ENVFROM for better spamassassin results",
        "Thrown error: poll failed: Interrupted system call",
        "Failed to remove recipient bob@example.net from the envelope",
    ],
);

fn trouble<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceWarning, "Could not extract score from <*>"),
        (
            Kind::ServiceWarning,
            "Could not retrieve sendmail macro \"~\"!.  Please add it to *",
        ),
        (Kind::ServiceWarning, "Could not parse \"*\" as a *"),
        (Kind::ServiceError, "Thrown error: *"),
        (Kind::ServiceError, "popenv failed(*).  Will not *"),
        (Kind::ServiceError, "Failed to *"),
        (Kind::ServiceError, "error. could not replace body."),
        (Kind::ServiceError, "poll *"),
        (Kind::ServiceError, "mlfi_~ exit error *"),
        (Kind::ServiceError, "tried output despite problems. failed."),
        (Kind::ServiceError, "::read_pipe exit - *"),
    ];
    shaped(at, SHAPES)
}

const LIBRARY: Rule = rule(
    "spamass-milter library",
    library,
    "sendmail libmilter/*.c",
    &["SpamAssassin: mi_stop=1"],
);

fn library<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    libmilter(at)
}
