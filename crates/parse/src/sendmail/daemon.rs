//! What the daemon tells of itself.
//! Source: sendmail `sendmail/main.c`, `sendmail/daemon.c`, `sendmail/alias.c`, `sendmail/err.c`.

use crate::notices::{notice, starting};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Notice, Severity};

pub(super) const RULES: &[Rule] = &[ALIASES, STARTED, STOPPED, LOAD, NAME, SYSERR, WARNING, NOTE];

const ALIASES: Rule = rule(
    "sendmail aliases",
    aliases,
    "sendmail sendmail/alias.c",
    &[
        "alias database /etc/aliases rebuilt by root",
        "alias database /etc/mail/aliases.db autorebuilt by anna",
        "/etc/aliases: 12 aliases, longest 10 bytes, 162 bytes total",
        "alias database /etc/aliases.db out of date",
    ],
);

fn aliases<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if at.has("alias database ") {
        let about = at.word()?;
        at.lit(" ")?;
        let kind = match at.one_of(&["rebuilt by ", "autorebuilt by ", "out of date"])? {
            "out of date" => Kind::ServiceWarning,
            _ => Kind::ServiceReloaded,
        };
        return Some(Body::Notice(Notice {
            kind,
            about,
            text: text.into(),
            ..Notice::default()
        }));
    }
    let about = at.until_str(": ")?;
    let number = at.number()?;
    at.lit(" aliases, longest ")?;
    at.number::<u64>()?;
    at.lit(" bytes, ")?;
    at.number::<u64>()?;
    at.lit(" bytes total")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        about,
        number: Some(number),
        text: text.into(),
        ..Notice::default()
    }))
}

const STARTED: Rule = rule(
    "sendmail started",
    started,
    "sendmail sendmail/main.c, sendmail/daemon.c",
    &[
        "starting daemon (8.17.1.9): SMTP+queueing@00:30:00",
        "started as: /usr/sbin/sendmail -bd -q30m",
        "restarting /usr/sbin/sendmail due to signal",
        "restarting /usr/sbin/sm-mta on signal",
    ],
);

fn started<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if at.has("starting daemon (") {
        let about = at.until_str("): ")?;
        return Some(Body::Notice(Notice {
            kind: Kind::ServiceStarted,
            about,
            text: text.into(),
            ..Notice::default()
        }));
    }
    let kind = match at.one_of(&["started as: ", "restarting "])? {
        "restarting " => Kind::ServiceReloaded,
        _ => Kind::ServiceStarted,
    };
    Some(notice(kind, text))
}

const STOPPED: Rule = rule(
    "sendmail stopped",
    stopped,
    "sendmail sendmail/daemon.c, sendmail/queue.c",
    &[
        "stopping daemon, reason=signal",
        "could not restart: need full path",
        "finished, pid=1234",
    ],
);

fn stopped<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let words = &[
        "stopping daemon, reason=",
        "could not restart: ",
        "finished, ",
    ];
    starting(at, Kind::ServiceStopped, words)
}

const LOAD: Rule = rule(
    "sendmail limit",
    load,
    "sendmail sendmail/daemon.c, sendmail/conf.c, sendmail/queue.c",
    &[
        "rejecting connections on daemon MTA: load average: 22",
        "rejecting connections on daemon MTA: 50 children, max 50",
        "rejecting new messages: min free: 100",
        "deferring connections on daemon MTA: 12 per second",
        "accepting connections again for daemon MTA",
        "runqueue: Skipping queue run -- load average too high",
        "low on space (SMTP-DAEMON needs 100 bytes + 0 blocks in /var/spool/mqueue), max avail: 90",
    ],
);

fn load<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let kind = match at.one_of(&[
        "rejecting connections on daemon ",
        "rejecting new messages: ",
        "deferring connections on daemon ",
        "accepting connections again for daemon ",
        "runqueue: ",
        "low on space (",
    ])? {
        "accepting connections again for daemon " => Kind::ServiceInfo,
        _ => Kind::ServiceLimitReached,
    };
    Some(notice(kind, text))
}

const NAME: Rule = rule(
    "sendmail name",
    name,
    "sendmail sendmail/conf.c, sendmail/daemon.c",
    &[
        "gethostbyaddr(192.0.2.7) failed: 1",
        "My unqualified host name (mx1) unknown; sleeping for retry",
        "unable to qualify my own domain name (mx1) -- using short name",
    ],
);

fn name<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.severity = Severity::Warning;
    let words = &[
        "gethostbyaddr(",
        "My unqualified host name (",
        "unable to qualify my own domain name (",
    ];
    starting(at, Kind::ServiceWarning, words)
}

const SYSERR: Rule = rule(
    "sendmail syserr",
    syserr,
    "sendmail sendmail/err.c (syserr)",
    &[
        "6AM8XJBG008146: SYSERR(root): collect: I/O error on connection from host.example.com, from=<bob@x.test>",
        "NOQUEUE: SYSERR(anna): can not chdir(/var/spool/clientmqueue/): Permission denied",
        "6AM8XJBG008146: SYSERR: putoutmsg (host.example.com): error on output channel sending \"250\": Broken pipe",
    ],
);

fn syserr<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("SYSERR")?;
    let about = match at.has("(") {
        true => at.until(b')')?,
        false => b"".into(),
    };
    at.lit(": ")?;
    at.severity = Severity::Error;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceError,
        about,
        text: at.remainder(),
        ..Notice::default()
    }))
}

const WARNING: Rule = rule(
    "sendmail authentication warning",
    warning,
    "sendmail sendmail/conf.c, sendmail/srvrsmtp.c (auth_warning)",
    &[
        "6AM8XJBG008146: Authentication-Warning: mx1.example.org: www-data set sender to anna@example.org using -f",
        "Authentication-Warning: mx1.example.org: Processed by root with -C /etc/mail/x.cf",
    ],
);

fn warning<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.severity = Severity::Warning;
    starting(at, Kind::ServiceWarning, &["Authentication-Warning: "])
}

const NOTE: Rule = rule(
    "sendmail note",
    note,
    "sendmail sendmail/map.c, sendmail/queue.c, sendmail/main.c, sendmail/tls.c",
    &[
        "WARNING: /etc/mail/aliases: group writable",
        "6AM8XJBG008146: forward /home/anna/.forward: Group writable directory",
        "STARTTLS=client, init=1",
        "grew WorkList for /var/spool/mqueue to 2000",
        "dbm map \"access\": unsafe map file /etc/mail/access.db: Permission denied",
    ],
);

fn note<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let kind = match at.one_of(&[
        "WARNING: ",
        "forward ",
        "STARTTLS=server, init=",
        "STARTTLS=client, init=",
        "grew WorkList for ",
        "dbm map \"",
        "hash map \"",
        "ldap map \"",
        "unable to write pid to ",
    ])? {
        "STARTTLS=server, init=" | "STARTTLS=client, init=" | "grew WorkList for " => {
            Kind::ServiceInfo
        }
        _ => Kind::ServiceWarning,
    };
    Some(notice(kind, text))
}
