//! Settings: what main.cf, master.cf and the command line say.

use crate::postfix::notice::{counted, error, fixed, kind_by_severity, notice, trouble, warning};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind};

pub(super) const OVERRIDING: Rule = rule(
    "setting overridden",
    overriding,
    "postfix src/util/dict.c",
    &[
        "warning: /etc/postfix/main.cf, line 50: overriding earlier entry: mynetworks=127.0.0.0/8 [::1]/128",
    ],
);

/// Printed by each process at its start.
fn overriding<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    let (path, line) = file_and_line(at)?;
    at.lit("overriding earlier entry: ")?;
    counted(Kind::ServiceWarning, path, Some(line), at.remainder())
}

/// Takes `/PATH, line N: `; in master.cf's lines a colon stands for the comma.
fn file_and_line<'a>(at: &mut Scan<'a>) -> Option<(&'a BStr, u64)> {
    if at.peek().first() != Some(&b'/') {
        return None;
    }
    let path = at.until_str(" line ")?;
    let path = path
        .strip_suffix(b",")
        .or_else(|| path.strip_suffix(b":"))?;
    let line = at.number()?;
    at.lit(": ")?;
    Some((path.into(), line))
}

pub(super) const FILE_LINE: Rule = rule(
    "setting line",
    file_line,
    "postfix src/util/readlline.c, src/master/master_ent.c",
    &[
        "fatal: /etc/postfix/main.cf, line 54: missing '=' after attribute name: \"reject_unauth_destination\"",
        "fatal: /etc/postfix/master.cf: line 12: bad transport type: unixx",
        "warning: /etc/postfix/transport, line 3: expected format: key whitespace value",
        "warning: /etc/postfix/master.cf: logical line must not start with whitespace: \"  foo\"",
        "warning: /etc/aliases, line 9: record is in \"key: value\" format; is this an alias file?",
    ],
);

/// Any file of settings or keys that Postfix reads line by line.
fn file_line<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    trouble(at)?;
    let mut without_line = *at;
    if let Some(path) = without_line.until_str(": logical line must not start with whitespace: ") {
        return notice(kind_by_severity(at), path, without_line.remainder());
    }
    let (path, line) = file_and_line(at)?;
    counted(kind_by_severity(at), path, Some(line), at.remainder())
}

pub(super) const COMPATIBLE: Rule = rule(
    "setting compatible default",
    compatible,
    "postfix src/global/mail_params.c",
    &[
        "using backwards-compatible default setting append_dot_mydomain=yes to rewrite \"host\" to \"host.example.org\"",
        "using backwards-compatible default setting chroot=y",
    ],
);

fn compatible<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("using backwards-compatible default setting ")?;
    let parameter = at.until(b'=')?;
    notice(Kind::ServiceInfo, parameter, at.remainder())
}

pub(super) const COMPATIBILITY: Rule = rule(
    "setting compatibility level",
    compatibility,
    "postfix src/global/mail_params.c",
    &[
        "Postfix is running with backwards-compatible default settings",
        "Postfix is using backwards-compatible default settings",
        "See http://www.postfix.org/COMPATIBILITY_README.html for details",
        "To disable backwards compatibility use \"postconf compatibility_level=3.6\" and \"postfix reload\"",
        "warning: To disable backwards compatibility use \"postconf compatibility_level=2\" and \"postfix reload\"",
    ],
);

fn compatibility<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if at.has("To disable backwards compatibility use \"postconf compatibility_level=") {
        let level = at.until(b'"')?;
        at.lit(" and \"postfix reload\"")?;
        at.end()?;
        return notice(Kind::ServiceInfo, level, text.into());
    }
    fixed(
        at,
        Kind::ServiceInfo,
        &[
            "Postfix is running with backwards-compatible default settings",
            "Postfix is using backwards-compatible default settings",
            "See http://www.postfix.org/COMPATIBILITY_README.html for details",
            "See https://www.postfix.org/COMPATIBILITY_README.html for details",
        ],
    )
}

pub(super) const LIFETIME: Rule = rule(
    "setting adjusted",
    lifetime,
    "postfix src/qmgr/qmgr.c",
    &[
        "warning: bounce_queue_lifetime is larger than maximal_queue_lifetime - adjusting bounce_queue_lifetime",
        "warning: main.cf queue_run_delay is larger than minimal_backoff_time - adjusting queue_run_delay",
    ],
);

fn lifetime<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    let text = at.peek();
    at.has("main.cf ");
    let parameter = at.word()?;
    at.lit(" is larger than ")?;
    let _other = at.word()?;
    at.lit(" - adjusting ")?;
    notice(Kind::ServiceWarning, parameter, text.into())
}

pub(super) const BOTH: Rule = rule(
    "setting domain twice",
    both,
    "postfix src/trivial-rewrite/resolve.c",
    &["warning: do not list domain example.org in BOTH mydestination and virtual_mailbox_domains"],
);

fn both<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("do not list domain ")?;
    let domain = at.word()?;
    at.lit(" in BOTH ")?;
    notice(Kind::ServiceWarning, domain, at.remainder())
}

pub(super) const BAD_VALUE: Rule = rule(
    "setting bad value",
    bad_value,
    "postfix src/global/mail_conf_int.c",
    &[
        "fatal: bad numerical configuration: default_process_limit = many",
        "fatal: bad boolean configuration: smtpd_helo_required = maybe",
        "fatal: bad time configuration: maximal_queue_lifetime = 5x",
        "fatal: bad string length 0 < 1: mydomain = ",
    ],
);

fn bad_value<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    error(at)?;
    at.lit("bad ")?;
    at.one_of(&[
        "numerical configuration",
        "boolean configuration",
        "time configuration",
        "string length ",
    ])?;
    at.until_str(": ")?;
    let parameter = at.until_str(" = ")?;
    notice(Kind::ServiceError, parameter, at.remainder())
}

pub(super) const HOSTNAME: Rule = rule(
    "setting hostname",
    hostname,
    "postfix src/global/mail_params.c",
    &[
        "warning: My hostname mx1 is not a fully qualified name - set myhostname or mydomain in main.cf",
        "fatal: unable to use my own hostname",
    ],
);

fn hostname<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    trouble(at)?;
    if at.has("My hostname ") {
        let name = at.word()?;
        at.lit(" is not a fully qualified name - ")?;
        return notice(Kind::ServiceWarning, name, at.remainder());
    }
    fixed(at, Kind::ServiceError, &["unable to use my own hostname"])
}

pub(super) const PARAMETER: Rule = rule(
    "setting parameter",
    parameter,
    "postfix src/global/mail_params.c, src/postconf/postconf_unused.c",
    &[
        "fatal: parameter inet_interfaces: no local interface found for 192.0.2.1",
        "fatal: config variable inet_interfaces: host not found: mx1.example.org",
        "warning: /etc/postfix/main.cf: unused parameter: smtpd_helo_reqired=yes",
        "warning: /etc/postfix/main.cf: undefined parameter: mynetwork",
    ],
);

fn parameter<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    trouble(at)?;
    if at.peek().first() == Some(&b'/') {
        let path = at.until_str(": ")?;
        at.one_of(&["unused parameter: ", "undefined parameter: "])?;
        return notice(Kind::ServiceWarning, path, at.remainder());
    }
    at.one_of(&["parameter ", "config variable "])?;
    let parameter = at.until_str(": ")?;
    notice(kind_by_severity(at), parameter, at.remainder())
}
