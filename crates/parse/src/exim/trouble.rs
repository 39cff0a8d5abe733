//! What goes wrong inside the server; most of it stands in the panic log too.
//! Source: exim `src/expand.c`, `src/deliver.c`, `src/readconf.c` and others (`LOG_PANIC`).

use super::starting;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Notice};

pub(crate) const RULES: &[Rule] = &[LOCAL, SETTING, ODD, TRANSPORT, CALLOUT, REWRITTEN];

const LOCAL: Rule = rule(
    "exim local trouble",
    |at| {
        starting(
            at,
            Kind::ServiceError,
            &[
                "unable to set gid=",
                "failed to read delivery status for ",
                "failed to open ",
                "failed to find ",
                "failed to create ",
                "failed to connect to ",
                "failed to get ",
                "failed to fork ",
                "failed to fstat ",
                "failed to chdir to ",
                "failed to bind ",
                "failed to initialize for LDAP server ",
                "Failed to get ",
                "Failed to open ",
                "Failed to find ",
                "Failed to create ",
                "Failed to connect to ",
                "Failed to send message from ",
                "Failed setting ownership on ",
                "Setting IPV6_V6ONLY on ",
                "Tainted '",
                "Tainted arg ",
                "Cannot open main log file ",
                "Failed writing ",
                "queue_run: ",
                "Tainted filename ",
                "Taint mismatch, ",
                "attempt to expand tainted string ",
                "Error in system filter: ",
                "socket bind() to ",
                "daemon: ",
                "Too many \"Received\" headers - suspected mail loop",
                "no recipients found in headers",
                "EHLO/HELO response must not contain newlines",
            ],
        )
    },
    "exim src/deliver.c, src/daemon.c, src/log.c, src/dbfn.c",
    &[
        "Failed to get write lock for /var/spool/exim/db/retry.lockfile: timed out",
        "1xV2wi-0000aR-0j unable to set gid=8 or uid=100 (euid=100): local delivery to anna <anna@example.org> transport=mail_spool",
        "1xV2wi-0000aR-0j Tainted filename for search: '/etc/aliases'",
    ],
);

const SETTING: Rule = rule(
    "exim setting",
    |at| {
        starting(
            at,
            Kind::ServiceError,
            &[
                "Exim configuration error",
                "failed to expand ",
                "Expansion of \"",
                "home directory \"",
                "Failed to expand ",
                "invalid message_size_limit: ",
                "invalid value for message_size_limit: ",
                "configured error code starts with incorrect digit ",
                "ACL for ",
                "ACL \"warn\" with \"message\" setting found in a non-message ",
                "\"discard\" verb not allowed in ",
                "Daemon cannot be run when mua_wrapper is set",
                "exim user lost privilege for using -C option",
                "Warning: purging the environment.",
            ],
        )
    },
    "exim src/readconf.c, src/expand.c, src/acl.c, src/exim.c",
    &[
        "Exim configuration error in line 12 of /etc/exim4/exim4.conf:",
        "failed to expand \"${lookup{a}}\" while checking a list: no such file",
        "exim user lost privilege for using -C option",
    ],
);

const ODD: Rule = rule(
    "exim odd address",
    |at| {
        starting(
            at,
            Kind::ServiceWarning,
            &[
                "qualify/rewrite: ",
                "remote host address is the local host: ",
                "bind of [",
                "peer close after all rcpt responses; converting i/o-error to no-error",
                "listen backlog ",
                "SMTP code at start of error message is ignored because forbid_smtp_code is set",
            ],
        )
    },
    "exim src/rewrite.c, src/routers/rf_lookup_hostlist.c, src/smtp_out.c, src/daemon.c",
    &[
        "1xV2wi-0000aR-0j qualify/rewrite: domain missing or malformed",
        "1xV2wi-0000aR-0j remote host address is the local host: example.org",
    ],
);

const TRANSPORT: Rule = rule(
    "exim transport trouble",
    transport,
    "exim src/deliver.c (deliver_local), src/route.c (rf_queue_add), src/routers/redirect.c",
    &[
        "1xV2wi-0000aR-0j appendfile transport process returned non-zero status 0x0100: exit code 1",
        "1xV2wi-0000aR-0j userforward router: skipped error: domain missing or malformed in \"@@x\"",
        "1xV2wi-0000aR-0j User 0 set for local_delivery transport is on the never_users list",
    ],
);

/// A router or transport that is at fault, by its name.
fn transport<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let service = if at.has("User ") {
        at.word()?;
        at.lit(" set for ")?;
        at.word()?
    } else {
        at.word()?
    };
    at.one_of(&[
        " transport process returned non-zero status ",
        " router: skipped error: ",
        " transport is on the never_users list",
        " shadow transport returned ",
    ])?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceWarning,
        service,
        text: text.into(),
        ..Notice::default()
    }))
}

const CALLOUT: Rule = rule(
    "exim callout failed",
    |at| {
        let text = at.peek();
        at.one_of(&["sender verify ", "recipient verify "])?;
        at.one_of(&["defer", "fail"])?;
        at.lit(" (making callout connection): T=")?;
        Some(super::notice(Kind::ServiceWarning, text))
    },
    "exim src/verify.c (do_callout)",
    &["sender verify defer (making callout connection): T=remote_smtp Connection refused"],
);

const REWRITTEN: Rule = rule(
    "exim rewritten",
    |at| {
        at.peek().first().filter(|byte| **byte == b'"')?;
        let text = at.peek();
        at.until_str("\" from ")?;
        at.until_str(" rewritten as \"")?;
        Some(super::notice(Kind::ServiceInfo, text))
    },
    "exim src/rewrite.c (log_selector address_rewrite)",
    &["1xV2wi-0000aR-0j \"anna\" from From: rewritten as \"anna@example.org\" by rule 1"],
);
