//! What spamd tells of itself: start, children, users, end.
//! Source: SpamAssassin `spamd/spamd.raw`, `lib/Mail/SpamAssassin/SpamdForkScaling.pm`.

use crate::filter::{Shapes, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind};

pub(crate) const RULES: &[Rule] = &[SERVER, CHILDREN, USER, TROUBLE];

const SERVER: Rule = rule(
    "spamd server",
    server,
    "SpamAssassin spamd/spamd.raw",
    &[
        "spamd: server started on IO::Socket::IP [127.0.0.1]:783, IO::Socket::IP [::1]:783 (running version 4.0.1)",
        "spamd: server started on port 783/tcp (running version 3.2.5)",
        "spamd: server pid: 1234",
        "spamd: server killed by SIGTERM, shutting down",
        "spamd: server hit by SIGHUP, restarting",
        "spamd: server socket closed, type IO::Socket::IP",
        "spamd: got connection over /run/spamd.sock",
        "logger: removing stderr method",
    ],
);

fn server<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (
            Kind::ServiceStarted,
            "spamd: server started on * (running version *)",
        ),
        (Kind::ServiceInfo, "spamd: server pid: #"),
        (
            Kind::ServiceStopped,
            "spamd: server killed by SIG~ shutting down",
        ),
        (
            Kind::ServiceReloaded,
            "spamd: server hit by SIG~ restarting",
        ),
        (Kind::ServiceInfo, "spamd: server socket closed, type ~"),
        (Kind::ServiceInfo, "spamd: server socket closed"),
        (Kind::ServiceInfo, "spamd: got connection over ~"),
        (Kind::ServiceInfo, "logger: removing ~ method"),
        (Kind::ServiceInfo, "logger: * method *"),
        (Kind::ServiceInfo, "spamd: Preloading modules *"),
    ];
    shaped(at, SHAPES)
}

const CHILDREN: Rule = rule(
    "spamd children",
    children,
    "SpamAssassin spamd/spamd.raw, lib/Mail/SpamAssassin/SpamdForkScaling.pm",
    &[
        "prefork: child states: IIB",
        "spamd: server successfully spawned child process, pid 1235",
        "spamd: handled cleanup of child pid [1235] due to SIGCHLD: INTERRUPTED, signal 2 (0002)",
        "spamd: handled cleanup of child pid 1235 due to SIGCHLD",
        "spamd: cannot send SIGINT to child process [1235]: No such process",
        "prefork: server reached --max-children setting, consider raising it",
    ],
);

fn children<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceStatistics, "prefork: child states: ~"),
        (
            Kind::ServiceInfo,
            "spamd: server successfully spawned child process, pid #",
        ),
        (Kind::ServiceInfo, "spamd: handled cleanup of child pid *"),
        (Kind::ServiceInfo, "spamd: child [#] killed successfully*"),
        (Kind::ServiceInfo, "spamd: child got SIG~ exiting"),
        (Kind::ServiceInfo, "spamd: alarm *"),
        (
            Kind::ServiceWarning,
            "spamd: cannot send SIG~ to child process [#]: *",
        ),
        (
            Kind::ServiceLimitReached,
            "prefork: server reached --max-children setting*",
        ),
        (Kind::ServiceInfo, "prefork: adjust: *"),
        (Kind::ServiceInfo, "prefork: child *"),
        (Kind::ServiceWarning, "prefork: cannot *"),
        (Kind::ServiceWarning, "prefork: killing *"),
        (Kind::ServiceWarning, "prefork: *retry*"),
        (Kind::ServiceWarning, "prefork: sys*"),
        (Kind::ServiceWarning, "prefork: ordered *"),
    ];
    shaped(at, SHAPES)
}

const USER: Rule = rule(
    "spamd user",
    user,
    "SpamAssassin spamd/spamd.raw (handle_user)",
    &[
        "spamd: setuid to anna succeeded",
        "spamd: setuid to anna succeeded, reading scores from SQL",
        "spamd: using default config for anna: /home/anna/.spamassassin/user_prefs",
        "spamd: creating default_prefs: /home/anna/.spamassassin/user_prefs",
        "spamd: created /home/anna/.spamassassin for anna",
        "spamd: handle_user (getpwnam) unable to find user: 'anna'",
        "spamd: still running as root: user not specified with -u, not found, or set to root, falling back to nobody",
    ],
);

fn user<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "spamd: setuid to * succeeded*"),
        (Kind::ServiceError, "spamd: setuid to * failed*"),
        (Kind::ServiceInfo, "spamd: using default config for *: *"),
        (Kind::ServiceInfo, "spamd: creating default_prefs: *"),
        (Kind::ServiceInfo, "spamd: created ~ for *"),
        (Kind::ServiceWarning, "spamd: failed to create *"),
        (
            Kind::ServiceWarning,
            "spamd: handle_user * unable to find user: *",
        ),
        (Kind::ServiceWarning, "spamd: still running as root: *"),
        (Kind::ServiceWarning, "spamd: in paranoid mode, *"),
    ];
    shaped(at, SHAPES)
}

const TROUBLE: Rule = rule(
    "spamd trouble",
    trouble,
    "SpamAssassin spamd/spamd.raw",
    &[
        "spamd: bad protocol: header error: (closed before headers)",
        "spamd: timeout: (300 second timeout while trying to PROCESS)",
        "spamd: service unavailable: TELL commands are not enabled, set the --allow-tell switch.",
        "spamd: error: Insecure dependency, continuing",
        "spamd: accept_a_conn: accept failed",
        "spamd: copy_config timeout, respawning child process after 3 messages",
    ],
);

fn trouble<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceWarning, "spamd: bad protocol: *"),
        (Kind::ServiceWarning, "spamd: timeout: *"),
        (Kind::ServiceWarning, "spamd: service unavailable: *"),
        (Kind::ServiceError, "spamd: error: *"),
        (Kind::ServiceError, "spamd: fatal error: *"),
        (Kind::ServiceWarning, "spamd: accept_a_conn: *"),
        (Kind::ServiceWarning, "spamd: copy_config timeout, *"),
        (Kind::ServiceWarning, "spamd: respawning server*"),
        (Kind::ServiceWarning, "spamd: unknown order: *"),
        (Kind::ServiceError, "spamd: return setuid failed*"),
        (Kind::ServiceError, "spamd: could not *"),
        (Kind::ServiceError, "spamd: failed to *"),
        (Kind::ServiceError, "spamd: aborting due to *"),
    ];
    shaped(at, SHAPES)
}
