//! master(8) and the `postfix` command's script: start, stop, processes.

use super::notice::{counted, error, fixed, kind_by_severity, notice, trouble, warning};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind};

pub(crate) const RULES: &[Rule] = &[
    VERSION,
    TERMINATING,
    PROCESS,
    STARTUP,
    PROCESS_LIMIT,
    LIMIT_ADVICE,
    MAIL_SYSTEM,
    RUNNING,
    BIND,
    DAMAGED,
    FILES_DIFFER,
    OWNERSHIP,
    SCRIPT_ERROR,
];

const VERSION: Rule = rule(
    "master version",
    version,
    "postfix src/master/master.c",
    &[
        "daemon started -- version 3.7.11, configuration /etc/postfix",
        "reload -- version 3.7.11, configuration /etc/postfix",
    ],
);

fn version<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let kind = match at.one_of(&["daemon started", "reload"])? {
        "reload" => Kind::ServiceReloaded,
        _ => Kind::ServiceStarted,
    };
    at.lit(" -- version ")?;
    let version = at.until(b',')?;
    at.lit(" configuration ")?;
    notice(kind, version, at.remainder())
}

const TERMINATING: Rule = rule(
    "master terminating",
    terminating,
    "postfix src/master/master_sig.c",
    &["terminating on signal 15", "master exit time has arrived"],
);

fn terminating<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let signal = if at.has("master exit time has arrived") {
        None
    } else {
        at.lit("terminating on signal ")?;
        Some(at.number()?)
    };
    at.end()?;
    counted(Kind::ServiceStopped, BStr::new(b""), signal, text.into())
}

const PROCESS: Rule = rule(
    "master process ended",
    process,
    "postfix src/master/master_spawn.c",
    &[
        "warning: process /usr/lib/postfix/sbin/smtpd pid 4711 exit status 1",
        "warning: process /usr/lib/postfix/sbin/smtpd pid 4711 killed by signal 11",
    ],
);

fn process<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("process ")?;
    let path = at.until(b' ')?;
    at.lit("pid ")?;
    let pid = at.number()?;
    at.lit(" ")?;
    let text = at.peek();
    at.one_of(&["exit status ", "killed by signal "])?;
    let _status: u32 = at.number()?;
    at.end()?;
    counted(Kind::ServiceError, path, Some(pid), text.into())
}

const STARTUP: Rule = rule(
    "master bad startup",
    startup,
    "postfix src/master/master_spawn.c",
    &["warning: /usr/lib/postfix/sbin/flush: bad command startup -- throttling"],
);

fn startup<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    let path = at.until_str(": bad command startup -- throttling")?;
    at.end()?;
    notice(Kind::ServiceError, path, BStr::new(b""))
}

const PROCESS_LIMIT: Rule = rule(
    "master process limit",
    process_limit,
    "postfix src/master/master_avail.c",
    &[
        "warning: service \"smtp\" (25) has reached its process limit \"100\": new clients may experience noticeable delays",
    ],
);

fn process_limit<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("service \"")?;
    let service = at.until_str("\" (")?;
    let port = at.until_str(") has reached its process limit \"")?;
    let limit = at.number()?;
    at.lit("\": new clients may experience noticeable delays")?;
    at.end()?;
    counted(Kind::ServiceLimitReached, service, Some(limit), port)
}

const LIMIT_ADVICE: Rule = rule(
    "master process limit advice",
    limit_advice,
    "postfix src/master/master_avail.c",
    &[
        "warning: to avoid this condition, increase the process count in master.cf or reduce the service time per client",
        "warning: see http://www.postfix.org/STRESS_README.html for examples of stress-adapting configuration settings",
        "warning: see https://www.postfix.org/STRESS_README.html for examples of stress-adapting configuration settings",
    ],
);

fn limit_advice<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    fixed(
        at,
        Kind::ServiceInfo,
        &[
            "to avoid this condition, increase the process count in master.cf or reduce the service time per client",
            "see http://www.postfix.org/STRESS_README.html for examples of stress-adapting configuration settings",
            "see https://www.postfix.org/STRESS_README.html for examples of stress-adapting configuration settings",
        ],
    )
}

const MAIL_SYSTEM: Rule = rule(
    "postfix-script mail system",
    mail_system,
    "postfix conf/postfix-script",
    &[
        "starting the Postfix mail system",
        "stopping the Postfix mail system",
        "stopping the Postfix mail system with force",
        "aborting the Postfix mail system",
        "waiting for the Postfix mail system to terminate",
        "refreshing the Postfix mail system",
    ],
);

fn mail_system<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let kind = match at.one_of(&[
        "starting",
        "stopping",
        "aborting",
        "waiting for",
        "refreshing",
    ])? {
        "starting" => Kind::ServiceStarted,
        "stopping" | "aborting" => Kind::ServiceStopped,
        "refreshing" => Kind::ServiceReloaded,
        _ => Kind::ServiceInfo,
    };
    at.lit(" the Postfix mail system")?;
    at.one_of(&[" with force", " to terminate"]);
    at.end()?;
    notice(kind, BStr::new(b""), text.into())
}

const RUNNING: Rule = rule(
    "postfix-script running",
    running,
    "postfix conf/postfix-script",
    &[
        "the Postfix mail system is running: PID: 4711",
        "error: the Postfix mail system is not running",
        "fatal: the Postfix mail system is already running",
        "fatal: the Postfix mail system is not running",
    ],
);

fn running<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("the Postfix mail system is ")?;
    let pid = if at.has("running: PID: ") {
        at.while_(|byte| byte == b' ');
        Some(at.number()?)
    } else {
        at.one_of(&["not running", "already running"])?;
        None
    };
    at.end()?;
    counted(kind_by_severity(at), BStr::new(b""), pid, text.into())
}

const BIND: Rule = rule(
    "master bind failed",
    bind,
    "postfix src/util/inet_listen.c",
    &[
        "fatal: bind 0.0.0.0 port 25: Address already in use",
        "fatal: bind :: port 25: Address already in use",
        "fatal: 127.0.0.1:esmtp: Servname not supported for ai_socktype",
        "fatal: mx1.example.org:smtp: Name or service not known",
        "fatal: open lock file /var/lib/postfix/master.lock: unable to set exclusive lock: Resource temporarily unavailable",
    ],
);

fn bind<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    error(at)?;
    if at.has("open lock file ") {
        let path = at.until_str(": ")?;
        return notice(Kind::ServiceError, path, at.remainder());
    }
    if !at.peek().starts_with(b"bind ") {
        let endpoint = at.until_str(": ")?;
        return no_such_endpoint(at, endpoint);
    }
    at.lit("bind ")?;
    let address = at.word()?;
    at.lit(" port ")?;
    let port = at.number()?;
    at.lit(": ")?;
    counted(Kind::ServiceError, address, Some(port), at.remainder())
}

/// What getaddrinfo(3) finds wrong with an endpoint of master.cf.
fn no_such_endpoint<'a>(at: &mut Scan<'a>, endpoint: &'a BStr) -> Option<Body<'a>> {
    let reason = at.peek();
    at.one_of(&[
        "Servname not supported for ai_socktype",
        "Name or service not known",
        "No address associated with hostname",
        "nodename nor servname provided, or not known",
    ])?;
    at.end()?;
    notice(Kind::ServiceError, endpoint, reason.into())
}

const DAMAGED: Rule = rule(
    "postfix-script damaged message",
    damaged,
    "postfix conf/postfix-script",
    &["warning: damaged message: corrupt/2F922A14CB6"],
);

fn damaged<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("damaged message: ")?;
    notice(Kind::ServiceWarning, at.remainder(), BStr::new(b""))
}

const FILES_DIFFER: Rule = rule(
    "postfix-script files differ",
    files_differ,
    "postfix conf/postfix-script",
    &["warning: /var/spool/postfix/etc/hosts and /etc/hosts differ"],
);

fn files_differ<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    if !at.peek().ends_with(b" differ") {
        return None;
    }
    let copy = at.until_str(" and ")?;
    let original = at.until_last(" differ")?;
    notice(Kind::ServiceWarning, copy, original)
}

const OWNERSHIP: Rule = rule(
    "postfix-script ownership",
    ownership,
    "postfix conf/postfix-script",
    &[
        "warning: not owned by root: /var/spool/postfix/pid",
        "warning: not owned by group postdrop: /usr/sbin/postqueue",
        "warning: group or other writable: /etc/postfix/./main.cf",
        "warning: symlink leaves directory: /etc/postfix/./makedefs.out",
        "warning: not set-gid or not owner+group+world executable: /usr/sbin/postdrop",
    ],
);

fn ownership<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    let text = at.peek();
    at.one_of(&[
        "not owned by ",
        "group or other writable",
        "symlink leaves directory",
        "not set-gid or not owner+group+world executable",
    ])?;
    at.until_str(": ")?;
    notice(Kind::ServiceWarning, at.remainder(), text.into())
}

const SCRIPT_ERROR: Rule = rule(
    "postfix-script error",
    script_error,
    "postfix conf/postfix-script",
    &[
        "error: unknown command: 'restart'",
        "fatal: unknown command: 'restart'",
        "fatal: no /etc/postfix/master.cf file found",
        "fatal: daemon initialization failure",
        "fatal: mail system startup failed",
        "fatal: Postfix integrity check failed!",
    ],
);

fn script_error<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    trouble(at)?;
    let text = at.peek();
    let about = if at.has("unknown command: '") {
        at.until(b'\'')?
    } else if at.has("no ") {
        at.until_str(" file found")?
    } else {
        at.one_of(&[
            "daemon initialization failure",
            "mail system startup failed",
            "Postfix integrity check failed!",
        ])?;
        BStr::new(b"")
    };
    at.end()?;
    notice(Kind::ServiceError, about, text.into())
}
