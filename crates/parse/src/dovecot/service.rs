//! What Dovecot's processes tell of themselves. Source: dovecot `src/master/*.c`,
//! `src/lib-master/*.c`, `src/lib/ioloop.c`.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind, Notice};

pub(crate) const RULES: &[Rule] = &[
    STARTED,
    KILLED,
    RELOADED,
    LIMIT,
    CHILD,
    TIME,
    PARAMETERS,
    LOGGING,
    FILES,
    SETTING,
    CONNECT,
    CERTIFICATE,
    LIMIT_USER,
    PANIC,
];

pub(super) fn notice<'a>(
    kind: Kind,
    about: &'a BStr,
    number: Option<u64>,
    text: &'a BStr,
) -> Body<'a> {
    Body::Notice(Notice {
        kind,
        about,
        number,
        text,
        ..Notice::default()
    })
}

const NOTHING: &[u8] = b"";

const STARTED: Rule = rule(
    "dovecot started",
    started,
    "dovecot src/master/main.c",
    &[
        "master: Dovecot v2.3.19.1 (9b53102964) starting up for imap, pop3, lmtp, sieve (core dumps disabled)",
        "master: Dovecot v2.0.21 starting up (core dumps disabled)",
        "Dovecot v1.2.15 starting up (core dumps disabled)",
    ],
);

fn started<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Dovecot v")?;
    let version = at.until_str(" starting up")?;
    if !at.has(" for ") {
        at.has(" ");
    }
    Some(notice(Kind::ServiceStarted, version, None, at.remainder()))
}

const KILLED: Rule = rule(
    "dovecot killed",
    killed,
    "dovecot src/master/main.c, src/lib-master/master-service.c",
    &[
        "master: Warning: Killed with signal 15 (by pid=2053 uid=0 code=kill)",
        "log: Warning: Killed with signal 15 (by pid=1 uid=0 code=kill)",
        "Killed with signal 15",
    ],
);

fn killed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Killed with signal ")?;
    let signal = at.number()?;
    at.has(" ");
    Some(notice(
        Kind::ServiceStopped,
        at.program.into(),
        Some(signal),
        at.remainder(),
    ))
}

const RELOADED: Rule = rule(
    "dovecot reloaded",
    reloaded,
    "dovecot src/master/main.c",
    &["master: Warning: SIGHUP received - reloading configuration"],
);

fn reloaded<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("SIGHUP received - reloading configuration")?;
    at.end()?;
    Some(notice(
        Kind::ServiceReloaded,
        NOTHING.into(),
        None,
        NOTHING.into(),
    ))
}

const LIMIT: Rule = rule(
    "dovecot limit",
    limit,
    "dovecot src/master/service-monitor.c",
    &[
        "master: Warning: service(imap-login): process_limit (100) reached, client connections are being dropped",
        "master: Warning: service(anvil): client_limit (1003) reached, client connections are being dropped",
    ],
);

fn limit<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("service(")?;
    let service = at.until_str("): ")?;
    let text = at.peek();
    at.one_of(&["process_limit (", "client_limit ("])?;
    let limit = at.number()?;
    at.lit(") reached")?;
    Some(notice(
        Kind::ServiceLimitReached,
        service,
        Some(limit),
        text.into(),
    ))
}

const CHILD: Rule = rule(
    "dovecot child died",
    child,
    "dovecot src/master/service-monitor.c (log_service_child_status)",
    &[
        "master: Error: service(imap): child 4711 killed with signal 11 (core dumped)",
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Fatal: master: service(imap): child 997 returned error 83 (Out of memory (service imap { vsz_limit=256 MB }, you may need to increase it))",
    ],
);

fn child<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.has("master: ");
    at.lit("service(")?;
    let service = at.until_str("): child ")?;
    at.number::<u32>()?;
    at.lit(" ")?;
    let text = at.peek();
    at.one_of(&["killed with signal ", "returned error "])?;
    let number = at.number()?;
    Some(notice(
        Kind::ServiceError,
        service,
        Some(number),
        text.into(),
    ))
}

const TIME: Rule = rule(
    "dovecot clock",
    time,
    "dovecot src/lib/ioloop.c, src/lib-master/master-service.c",
    &[
        "imap: Warning: Time jumped forwards 12 seconds",
        "imap-login: Warning: Time moved forwards by 4.812 seconds - adjusting timeouts.",
        "imap: Warning: Time moved backwards by 0.2 seconds, waiting for 0 secs until new services are launched again.",
        "master: Fatal: Time just moved backwards by 3 seconds. This might cause a lot of problems, so I'll just kill myself now. https://doc.dovecot.example.org/",
    ],
);

/// The stamps around such a line may be wrong.
fn time<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("Time ")?;
    at.has("just ");
    at.one_of(&["jumped ", "moved "])?;
    at.one_of(&["forwards ", "backwards "])?;
    at.has("by ");
    let seconds = at.seconds_ms()? / 1000;
    at.lit(" seconds")?;
    Some(notice(
        Kind::ServiceWarning,
        at.program.into(),
        Some(seconds),
        text.into(),
    ))
}

const PARAMETERS: Rule = rule(
    "dovecot ssl parameters",
    parameters,
    "dovecot src/ssl-params/main.c",
    &[
        "ssl-params: Generating SSL parameters",
        "ssl-params: SSL parameters regeneration completed",
    ],
);

fn parameters<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(&[
        "Generating SSL parameters",
        "SSL parameters regeneration completed",
    ])?;
    at.end()?;
    Some(notice(Kind::ServiceInfo, NOTHING.into(), None, text.into()))
}

const LOGGING: Rule = rule(
    "dovecot logging ends",
    logging,
    "dovecot src/log/log-connection.c",
    &["log: Warning: Shutting down logging for 'imap-login: ' with 3 clients"],
);

fn logging<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Shutting down logging for '")?;
    let process = at.until_str("' with ")?;
    let clients = at.number()?;
    at.lit(" clients")?;
    Some(notice(
        Kind::ServiceWarning,
        process,
        Some(clients),
        at.remainder(),
    ))
}

const FILES: Rule = rule(
    "dovecot files limit",
    files,
    "dovecot src/master/main.c",
    &[
        "master: Warning: fd limit (ulimit -n) is lower than required under max. load (1024 < 2000), because of default_client_limit",
    ],
);

fn files<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("fd limit (ulimit -n) is lower than required under max. load (")?;
    let limit = at.number()?;
    at.lit(" < ")?;
    Some(notice(
        Kind::ServiceWarning,
        BStr::new(b"fd limit"),
        Some(limit),
        at.remainder(),
    ))
}

const SETTING: Rule = rule(
    "dovecot setting",
    setting,
    "dovecot src/config/old-set-parser.c, config-parser.c",
    &[
        "config: Warning: Obsolete setting in /etc/dovecot/dovecot.conf:12: 'imaps' protocol is no longer necessary, remove it",
        "config: Warning: NOTE: You can get a new clean config file with: doveconf -Pn > dovecot-new.conf",
        "config: Warning: please set ssl_dh=</etc/dovecot/dh.pem",
    ],
);

fn setting<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let about = if at.has("Obsolete setting in ") {
        at.until_str(": ")?
    } else {
        at.one_of(&["NOTE: You can get a new clean config file", "please set "])?;
        BStr::new(b"")
    };
    Some(notice(Kind::ServiceWarning, about, None, text.into()))
}

const CONNECT: Rule = rule(
    "dovecot unix connect",
    connect,
    "dovecot src/lib/net.c, src/login-common/*.c",
    &[
        "imap-login: Error: net_connect_unix(imap) failed: Resource temporarily unavailable",
        "imap(anna): Error: net_connect_unix(/run/dovecot/stats-writer) failed: Permission denied",
        "lmtp(28470): Error: connect(/run/dovecot/anvil) failed: Connection refused",
    ],
);

fn connect<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.one_of(&["net_connect_unix(", "connect("])?;
    let path = at.until_str(") failed: ")?;
    Some(notice(Kind::ServiceError, path, None, at.remainder()))
}

const CERTIFICATE: Rule = rule(
    "dovecot certificate",
    certificate,
    "dovecot src/lib-ssl-iostream/iostream-openssl-context.c",
    &[
        "imap-login: Fatal: Couldn't parse private ssl_key: error:0A000074:SSL routines::key values mismatch",
        "imap-login: Error: Failed to initialize SSL server context: Can't load SSL certificate (ssl_cert setting): The certificate is empty",
    ],
);

fn certificate<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let about = at.one_of(&[
        "Couldn't parse private ssl_key",
        "Failed to initialize SSL server context",
        "Can't load private ssl_key",
        "Can't load SSL certificate",
    ])?;
    at.one_of(&[": ", " "])?;
    Some(notice(
        Kind::ServiceError,
        BStr::new(about),
        None,
        at.remainder(),
    ))
}

const LIMIT_USER: Rule = rule(
    "dovecot user limit",
    limit_user,
    "dovecot src/lib/ioloop-notify-inotify.c",
    &[
        "imap(anna): Warning: Inotify instance limit for user 5000 (UID vmail) exceeded, disabling. Increase /proc/sys/fs/inotify/max_user_instances",
        "imap(anna): Warning: Inotify watch limit for user exceeded, disabling. Increase /proc/sys/fs/inotify/max_user_watches",
    ],
);

fn limit_user<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let about = at.one_of(&["Inotify instance limit", "Inotify watch limit"])?;
    at.until_str(" exceeded, disabling")?;
    Some(notice(
        Kind::ServiceLimitReached,
        BStr::new(about),
        None,
        text.into(),
    ))
}

const PANIC: Rule = rule(
    "dovecot assertion",
    panic,
    "dovecot src/lib/failures.c",
    &[
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Panic: file imap-client.c: line 847 (client_check_command_hangs): assertion failed: (!have_wait_unfinished || unfinished_count > 0)",
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Error: Raw backtrace: /usr/lib/dovecot/libdovecot.so.0(+0xd7d1a) [0x7f] -> /usr/lib/dovecot/imap(+0x1)",
    ],
);

/// A crash: the place in the source, or the calls that led there.
fn panic<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if at.has("Raw backtrace: ") {
        let calls = at.remainder();
        return Some(notice(Kind::ServiceError, NOTHING.into(), None, calls));
    }
    at.lit("file ")?;
    let file = at.until_str(": line ")?;
    let line = at.number()?;
    at.until_str(": assertion failed: ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceError,
        about: file,
        number: Some(line),
        text: at.remainder(),
        ..Notice::default()
    }))
}
