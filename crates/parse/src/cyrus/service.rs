//! What master, the databases and the nightly programs tell of themselves.
//! Source: cyrus-imapd `master/master.c`, `imap/ctl_cyrusdb.c`, `lib/cyrusdb_*.c`, `imap/squatter.c`,
//! `imap/sync_client.c`.

use crate::notices::{notice, starting};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use memchr::memmem;
use model::{Body, Kind};

pub(super) const RULES: &[Rule] = &[MASTER, PROCESS, DATABASE, ERROR, NIGHTLY];

const MASTER: Rule = rule(
    "cyrus master",
    master,
    "cyrus-imapd master/master.c",
    &[
        "process started",
        "ready for work",
        "exiting on SIGTERM/SIGINT",
        "attempting clean shutdown on SIGQUIT",
        "All children have exited, closing down",
        "about to exec /usr/lib/cyrus/bin/imapd",
        "got SIGHUP",
        "exiting",
        "Cyrus IMAP 3.6.1 starting",
        "too many connections from 192.0.2.10 for imap",
    ],
);

fn master<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if text.ends_with(b" starting") && at.has("Cyrus IMAP ") {
        return Some(notice(Kind::ServiceStarted, text));
    }
    let words = at.one_of(&[
        "process started",
        "ready for work",
        "exiting on SIG",
        "attempting clean shutdown",
        "All children have exited",
        "about to exec ",
        "got SIGHUP",
        "exiting",
        "too many connections from ",
        "too many processes",
        "graceful shutdown",
    ])?;
    let kind = match words {
        "process started" | "ready for work" => Kind::ServiceStarted,
        "about to exec " => Kind::ServiceInfo,
        "got SIGHUP" => Kind::ServiceReloaded,
        "too many connections from " | "too many processes" => Kind::ServiceLimitReached,
        _ => Kind::ServiceStopped,
    };
    if words == "exiting" {
        at.end()?;
    }
    Some(notice(kind, text))
}

const PROCESS: Rule = rule(
    "cyrus process",
    process,
    "cyrus-imapd master/master.c (reap_child)",
    &[
        "process 1234 exited, status 0",
        "process 1234 exited, signaled to death by 11",
        "process type:SERVICE name:imap path:/usr/lib/cyrus/bin/imapd age:1.234s pid:1234 exited, status 75",
        "service imap pid 1234 in BUSY state: terminated abnormally",
        "service imap/ipv4 pid 1234 in READY state: now unavailable and in BUSY state",
    ],
);

fn process<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let has = |words: &[u8]| memmem::find(text, words).is_some();
    match at.one_of(&["process ", "service "])? {
        "process " => {
            has(b" exited, ").then_some(())?;
        }
        _ => {
            at.until_str(" pid ")?;
            at.number::<u32>()?;
            at.one_of(&[" in ", ": "])?;
        }
    }
    let bad = has(b"signaled to death") || has(b"abnormally");
    let kind = if bad {
        Kind::ServiceError
    } else {
        Kind::ServiceInfo
    };
    Some(notice(kind, text))
}

const DATABASE: Rule = rule(
    "cyrus database",
    database,
    "cyrus-imapd imap/ctl_cyrusdb.c, lib/cyrusdb_skiplist.c, lib/cyrusdb_twoskip.c",
    &[
        "checkpointing cyrus databases",
        "done checkpointing cyrus databases",
        "recovering cyrus databases",
        "done recovering cyrus databases",
        "archiving database file: /var/lib/cyrus/mailboxes.db",
        "skiplist: checkpointed /var/lib/cyrus/mailboxes.db (12 records, 1234 bytes) in 0 seconds",
        "twoskip: checkpointed /var/lib/cyrus/annotations.db (1 record, 184 => 168 bytes) in 0.002",
        "cyrusdb_twoskip: opened /var/lib/cyrus/x.db",
        "verifying cyrus databases",
        "DBMSG: x",
    ],
);

fn database<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.has("done ");
    at.one_of(&[
        "checkpointing cyrus databases",
        "recovering cyrus databases",
        "verifying cyrus databases",
        "archiving database file: ",
        "archiving log file: ",
        "skiplist: ",
        "twoskip: ",
        "twom: ",
        "cyrusdb",
        "DBMSG: ",
    ])?;
    Some(notice(Kind::ServiceInfo, text))
}

const ERROR: Rule = rule(
    "cyrus error",
    error,
    "cyrus-imapd lib/util.c (xsyslog), imap/*.c",
    &[
        "IOERROR: opening quota file failed: path=</var/lib/cyrus/quota/u/user.anna> syserror=<No such file or directory>",
        "IOERROR: locking index for user.anna: Permission denied",
        "DBERROR: opening /var/lib/cyrus/mailboxes.db: cyrusdb error",
        "DBERROR db5: BDB0689 page 12 doesn't exist",
        "SYNCERROR: user anna failed",
        "Fatal error: can't open mailboxes.db",
        "WARNING: sieve script /x is missing",
        "LOSTQUOTA: unable to record change of -1234 bytes in quota user.anna",
        "unable to connect to ptloader",
        "could not get passwd entry",
    ],
);

fn error<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let kind = match at.one_of(&[
        "IOERROR: ",
        "DBERROR",
        "SYNCERROR: ",
        "Fatal error: ",
        "LOSTQUOTA: ",
        "unable to ",
        "could not ",
        "WARNING: ",
    ])? {
        "WARNING: " => Kind::ServiceWarning,
        _ => Kind::ServiceError,
    };
    Some(notice(kind, text))
}

const NIGHTLY: Rule = rule(
    "cyrus nightly",
    nightly,
    "cyrus-imapd imap/squatter.c, imap/cyr_expire.c, imap/tls_prune.c, imap/sync_client.c",
    &[
        "indexing mailboxes",
        "done indexing mailboxes",
        "indexing mailbox user.anna... ",
        "tls_prune: purged 3 out of 12 entries",
        "Repacking mailbox user.anna version 13",
        "created stage directory /var/spool/cyrus/mail/stage./",
        "Removed unused cache file /var/spool/cyrus/mail/uuid/2/8/28n1mvo7/cyrus.cache",
        "Reprocessing sync log file /var/lib/cyrus/sync/log-run",
        "mailbox: longlock user.anna for 2.5 seconds",
        "telling master 3",
        "seen_db: user anna opened /var/lib/cyrus/user/a/anna.seen",
    ],
);

fn nightly<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.has("done ");
    let words = &[
        "indexing mailbox",
        "tls_prune: ",
        "Repacking mailbox ",
        "created stage directory ",
        "Removed unused cache file ",
        "Reprocessing sync log ",
        "mailbox: longlock ",
        "telling master ",
        "seen_db: ",
    ];
    starting(at, Kind::ServiceInfo, words)
}
