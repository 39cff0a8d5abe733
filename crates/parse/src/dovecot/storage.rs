//! What the processes that hold mailboxes tell of indexes, locks, quota and their set-up.
//! Source: dovecot `src/lib-index/*.c`, `src/lib-storage/*.c`, `src/plugins/quota/*.c`.

use super::service::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Severity};

pub(crate) const RULES: &[Rule] = &[INDEX, LOCK, QUOTA, SET_UP];

const INDEX: Rule = rule(
    "dovecot index",
    index,
    "dovecot src/lib-index/mail-index*.c, mail-cache*.c, mail-transaction-log*.c",
    &[
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Error: Corrupted index cache file /srv/anna/dovecot.index.cache: invalid record size",
        "imap(anna): Error: Corrupted transaction log file /srv/anna/dovecot.index.log seq 2: indexid changed",
        "imap(anna): Warning: fscking index file /srv/anna/dovecot.index",
        "imap(anna): Error: Index /srv/anna/dovecot.index: Lost log for seq=3 offset=40",
    ],
);

/// A damaged index, which Dovecot mends by itself.
fn index<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let start = at.one_of(&[
        "Corrupted index cache file ",
        "Corrupted index file ",
        "Corrupted transaction log file ",
        "Corrupted dbox file ",
        "fscking index file ",
        "Index ",
    ])?;
    let path = if start == "fscking index file " {
        at.remainder()
    } else {
        at.until_str(": ")?
    };
    path.starts_with(b"/").then_some(())?;
    Some(notice(Kind::ServiceError, path, None, at.remainder()))
}

const LOCK: Rule = rule(
    "dovecot lock",
    lock,
    "dovecot src/lib-index/mail-transaction-log-file.c, src/lib/file-lock.c",
    &[
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Warning: Transaction log file /srv/anna/dovecot.index.log was locked for 35 seconds (appending)",
        "imap(anna): Error: Timeout (180s) while waiting for lock for transaction log file /srv/anna/dovecot.index.log",
        "imap(anna): Warning: Locking transaction log file /srv/anna/dovecot.index.log took 31 seconds (syncing)",
    ],
);

fn lock<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let (about, seconds) = if at.has("Transaction log file ") {
        let path = at.until_str(" was locked for ")?;
        (path, at.number()?)
    } else if at.has("Locking transaction log file ") {
        let path = at.until_str(" took ")?;
        (path, at.number()?)
    } else {
        at.lit("Timeout (")?;
        let seconds = at.number()?;
        at.lit("s) while waiting for ")?;
        at.until_str(" file ")?;
        (at.remainder(), seconds)
    };
    Some(notice(
        Kind::ServiceWarning,
        about,
        Some(seconds),
        text.into(),
    ))
}

const QUOTA: Rule = rule(
    "dovecot quota",
    quota,
    "dovecot src/plugins/quota/quota.c",
    &[
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Error: quota: Failed to get quota usage: Internal error occurred",
        "lmtp(anna): Error: quota: Unknown user",
        "imap(anna): Debug: quota: quota_over_flag check: STORAGE ret=0 value=1 limit=2 - overquota",
        "imap(anna): Debug: quota: quota_over_flag=0((null)) vs currently overquota=0",
    ],
);

fn quota<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("quota: ")?;
    let text = at.peek();
    let kind = match at.one_of(&["Failed to ", "Unknown user", "quota_over_flag"])? {
        "quota_over_flag" => Kind::ServiceInfo,
        _ => Kind::ServiceError,
    };
    Some(notice(kind, at.user, None, text.into()))
}

const SET_UP: Rule = rule(
    "dovecot session set up",
    set_up,
    "dovecot src/lib-storage/mail-user.c, mail-storage-service.c, src/plugins/quota/quota.c",
    &[
        "managesieve(anna): Debug: Loading modules from directory: /usr/lib/dovecot/modules",
        "imap(anna): Debug: Module loaded: /usr/lib/dovecot/modules/lib10_quota_plugin.so",
        "imap(anna): Debug: Added userdb setting: plugin/quota_rule=*:bytes=2048M",
        "imap(anna): Debug: Effective uid=1010, gid=1010, home=/srv/anna",
        "imap(anna): Debug: Quota root: name=User quota backend=dict args=:proxy::quota",
        "imap(anna): Debug: Namespace inbox: type=private, prefix=, sep=, inbox=yes",
        "lmtp(anna): Debug: sieve: Pigeonhole version 0.4.16 (fed8554) initializing",
        "lmtp(anna): Debug: sieve: file storage: Using script storage path: /srv/anna/sieve",
    ],
);

/// What `mail_debug` adds at the start of each session.
fn set_up<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if at.severity != Severity::Debug {
        return None;
    }
    let text = at.peek();
    at.one_of(&[
        "Loading modules from directory: ",
        "Module loaded: ",
        "Added userdb setting: ",
        "Effective uid=",
        "Quota root: ",
        "Quota rule: ",
        "Quota grace: ",
        "Quota warning: ",
        "dict quota: ",
        "Namespace ",
        "maildir++: ",
        "sieve: Pigeonhole version ",
        "sieve: file storage: ",
    ])?;
    Some(notice(Kind::ServiceInfo, at.user, None, text.into()))
}
