//! Daemons that cannot reach one another, files and space that are missing.

use crate::postfix::notice::{counted, error, fixed, kind_by_severity, notice, trouble, warning};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind};

pub(super) const QUEUE_FILE_GONE: Rule = rule(
    "queue file gone",
    queue_file_gone,
    "postfix src/global/deliver_request.c",
    &[
        "warning: open active 2F922A14CB6: No such file or directory",
        "warning: open deferred 4jXMZG2sDtz1Xf29: Permission denied",
    ],
);

fn queue_file_gone<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("open ")?;
    at.one_of(&[
        "active ",
        "deferred ",
        "incoming ",
        "hold ",
        "maildrop ",
        "bounce ",
        "defer ",
    ])?;
    let queue_id = at.until(b':')?;
    at.lit(" ")?;
    notice(Kind::ServiceWarning, queue_id, at.remainder())
}

pub(super) const CONNECT: Rule = rule(
    "service connect failed",
    connect,
    "postfix src/global/mail_connect.c",
    &[
        "warning: connect #1 to subsystem private/proxymap: Connection refused",
        "fatal: connect #11 to subsystem private/rewrite: Connection refused",
        "warning: connect to private/tlsmgr: Connection refused",
        "warning: connect to public/showq: Permission denied",
        "fatal: unable to connect to subsystem private/tlsmgr",
        "warning: unable to look up public/pickup: No such file or directory",
        "fatal: unknown service: private/dovecot-lmtp/tcp",
    ],
);

fn connect<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    trouble(at)?;
    if at
        .one_of(&["unable to connect to subsystem ", "unknown service: "])
        .is_some()
    {
        return notice(Kind::ServiceError, at.remainder(), BStr::new(b""));
    }
    if at.has("unable to look up ") {
        let service = at.until_str(": ")?;
        return notice(Kind::ServiceError, service, at.remainder());
    }
    at.lit("connect ")?;
    let attempts = if at.has("#") {
        let attempts = at.number()?;
        at.lit(" to subsystem ")?;
        Some(attempts)
    } else {
        at.lit("to ")?;
        None
    };
    if !at.peek().starts_with(b"private/") && !at.peek().starts_with(b"public/") {
        return None;
    }
    let service = at.until_str(": ")?;
    counted(Kind::ServiceError, service, attempts, at.remainder())
}

pub(super) const TALK: Rule = rule(
    "service talk failed",
    talk,
    "postfix src/global/clnt_stream.c, src/util/attr_scan0.c",
    &[
        "warning: problem talking to service private/scache: Connection timed out",
        "warning: problem talking to server private/policy: Connection refused",
        "warning: premature end-of-input on private/anvil while reading input attribute name",
        "warning: timeout on private/rewrite while reading input attribute name",
        "warning: unexpected end-of-input from rewrite socket while reading input attribute name",
        "warning: private/lmtp socket: malformed response",
        "warning: unexpected attribute x from private/verify socket (expecting: status)",
    ],
);

fn talk<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    let text = at.peek();
    if let Some(service) = text.strip_suffix(b" socket: malformed response") {
        return notice(Kind::ServiceError, service.into(), text.into());
    }
    if at.has("problem talking to ") {
        at.one_of(&["service ", "server "])?;
        let service = at.until_str(": ")?;
        return notice(Kind::ServiceError, service, at.remainder());
    }
    let service = if at.has("unexpected attribute ") {
        at.until_str(" from ")?;
        at.until_str(" socket (expecting: ")?
    } else if at.has("unexpected end-of-input from ") {
        at.until_str(" socket while reading ")?
    } else {
        at.one_of(&["premature end-of-input on ", "timeout on "])?;
        at.until_str(" while reading ")?
    };
    notice(Kind::ServiceError, service, text.into())
}

pub(super) const TRIGGER: Rule = rule(
    "service trigger failed",
    trigger,
    "postfix src/util/unix_trigger.c",
    &[
        "warning: unix_trigger_event: read timeout for service public/flush",
        "warning: inet_trigger_event: read timeout for service localhost:flush",
    ],
);

fn trigger<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.one_of(&["unix", "inet", "fifo", "stream", "pass"])?;
    at.lit("_trigger_event: read timeout for service ")?;
    notice(
        Kind::ServiceWarning,
        at.remainder(),
        BStr::new(b"read timeout"),
    )
}

pub(super) const SPACE: Rule = rule(
    "queue space low",
    space,
    "postfix src/smtpd/smtpd_check.c",
    &["warning: not enough free space in mail queue: 1048576 bytes < 1.5*message size limit"],
);

fn space<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("not enough free space in mail queue: ")?;
    let bytes = at.number()?;
    at.lit(" bytes < ")?;
    counted(
        Kind::ServiceLimitReached,
        BStr::new(b"mail queue"),
        Some(bytes),
        at.remainder(),
    )
}

pub(super) const PEER_GONE: Rule = rule(
    "service peer gone",
    peer_gone,
    "postfix src/smtpd/smtpd_peer.c",
    &["warning: getpeername: Transport endpoint is not connected -- dropping this connection"],
);

fn peer_gone<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("getpeername: ")?;
    let reason = at.until_str(" -- dropping this connection")?;
    at.end()?;
    notice(Kind::ServiceWarning, BStr::new(b""), reason)
}

pub(super) const CLOCK: Rule = rule(
    "service clock",
    clock,
    "postfix src/global/mail_date.c, src/util/events.c",
    &[
        "warning: backward time jump detected -- slewing clock",
        "warning: backward time jump recovered -- back to normality",
    ],
);

fn clock<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    fixed(
        at,
        Kind::ServiceWarning,
        &[
            "backward time jump detected -- slewing clock",
            "backward time jump recovered -- back to normality",
        ],
    )
}

pub(super) const WATCHDOG: Rule = rule(
    "service watchdog",
    watchdog,
    "postfix src/util/watchdog.c",
    &["fatal: watchdog timeout", "panic: watchdog timeout"],
);

fn watchdog<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    error(at)?;
    fixed(at, Kind::ServiceError, &["watchdog timeout"])
}

pub(super) const QUEUE_FILE: Rule = rule(
    "queue file not made",
    queue_file,
    "postfix src/global/mail_queue.c",
    &[
        "warning: mail_queue_enter: create file maildrop/2F922A14CB6: Permission denied",
        "fatal: mail_queue_enter: remove maildrop/2F922A14CB6: No such file or directory",
        "fatal: scan_dir_push: open directory hold: Permission denied",
    ],
);

fn queue_file<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    trouble(at)?;
    at.one_of(&["mail_queue_enter: ", "scan_dir_push: "])?;
    at.one_of(&["create file ", "remove ", "open directory "])?;
    let path = at.until_str(": ")?;
    notice(Kind::ServiceError, path, at.remainder())
}

pub(super) const FILE: Rule = rule(
    "file not opened",
    file,
    "postfix src/util/open_lock.c, src/global/mail_conf.c",
    &[
        "fatal: open /etc/postfix/main.cf: Permission denied",
        "warning: open /var/lib/postfix/prng_exch: Permission denied",
        "fatal: open lock file pid/unix.cleanup: cannot open file: Permission denied",
    ],
);

fn file<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    trouble(at)?;
    at.lit("open ")?;
    if !at.has("lock file ") && !at.peek().starts_with(b"/") {
        return None;
    }
    let path = at.until_str(": ")?;
    notice(kind_by_severity(at), path, at.remainder())
}
