//! The commands: sendmail(1), postdrop(1) and those that are used wrongly.

use crate::postfix::notice::{counted, error, fixed, notice, trouble, warning};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind};

pub(super) const USAGE: Rule = rule(
    "command usage",
    usage,
    "postfix src/postqueue/postqueue.c",
    &[
        "fatal: usage: postqueue -f | postqueue -i queueid | postqueue -j | postqueue -p | postqueue -s site",
        "fatal: usage: sendmail [options]",
        "fatal: -t option cannot be used with -bv",
        "error: usage: postfix start (or stop, reload, abort, flush, check, status, set-permissions, upgrade-configuration)",
    ],
);

fn usage<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    error(at)?;
    if at.peek().first() == Some(&b'-') {
        let option = at.word()?;
        at.lit(" option cannot be used with ")?;
        return notice(Kind::ServiceError, option, at.remainder());
    }
    at.lit("usage: ")?;
    let command = at.word()?;
    at.has(" ");
    notice(Kind::ServiceError, command, at.remainder())
}

pub(super) const NOT_ALLOWED: Rule = rule(
    "command not allowed",
    not_allowed,
    "postfix src/postdrop/postdrop.c",
    &[
        "fatal: User eve(1002) is not allowed to submit mail",
        "fatal: User eve(1002) is not allowed to view the mail queue",
        "fatal: User eve(1002) is not allowed to flush the mail queue",
    ],
);

fn not_allowed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    error(at)?;
    at.lit("User ")?;
    let user = at.until(b'(')?;
    let uid = at.number()?;
    at.lit(") is not allowed to ")?;
    counted(Kind::ServiceError, user, Some(uid), at.remainder())
}

pub(super) const SUBMISSION: Rule = rule(
    "sendmail failed",
    submission,
    "postfix src/sendmail/sendmail.c",
    &[
        "fatal: root(0): message file too big",
        "fatal: anna(1001): No recipient addresses found in message header",
        "fatal: anna(1001): unable to execute /usr/sbin/postdrop -r: Success",
    ],
);

fn submission<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    error(at)?;
    let user = at.while_(|byte| !matches!(byte, b'(' | b' '));
    at.lit("(")?;
    let uid = at.number()?;
    at.lit("): ")?;
    counted(Kind::ServiceError, user, Some(uid), at.remainder())
}

pub(super) const NO_RECIPIENTS: Rule = rule(
    "sendmail no recipients",
    no_recipients,
    "postfix src/sendmail/sendmail.c",
    &[
        "fatal: Recipient addresses must be specified on the command line or via the -t option",
        "fatal: No recipient addresses found in message header",
    ],
);

fn no_recipients<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    error(at)?;
    fixed(
        at,
        Kind::ServiceError,
        &[
            "Recipient addresses must be specified on the command line or via the -t option",
            "No recipient addresses found in message header",
        ],
    )
}

pub(super) const UID: Rule = rule(
    "postdrop uid",
    uid,
    "postfix src/postdrop/postdrop.c",
    &[
        "warning: uid=0: File too large",
        "warning: uid=1001: remove maildrop/2F922A14CB6: No such file or directory",
        "fatal: uid=1001: unexpected record type: 66",
    ],
);

fn uid<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    trouble(at)?;
    at.lit("uid=")?;
    let uid = at.number()?;
    at.lit(": ")?;
    counted(
        Kind::ServiceError,
        BStr::new(b"uid"),
        Some(uid),
        at.remainder(),
    )
}

pub(super) const EXIT: Rule = rule(
    "command ended",
    exit,
    "postfix src/spawn/spawn.c, src/global/mail_stream.c",
    &[
        "warning: command \"/usr/sbin/postdrop -r\" exited with status 1",
        "warning: command /usr/local/bin/policyd exit status 1",
        "warning: command /usr/local/bin/policyd killed by signal 9",
    ],
);

fn exit<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("command ")?;
    let text = at.peek();
    let command = if at.has("\"") {
        let command = at.until_str("\" ")?;
        at.lit("exited with status ")?;
        command
    } else {
        let command = at.word()?;
        at.one_of(&[" exit status ", " killed by signal "])?;
        command
    };
    let status = at.number()?;
    at.end()?;
    counted(Kind::ServiceError, command, Some(status), text.into())
}

pub(super) const SYSTEM_DOWN: Rule = rule(
    "command system down",
    system_down,
    "postfix src/postqueue/postqueue.c",
    &[
        "fatal: Queue report unavailable - mail system is down",
        "fatal: Cannot flush mail queue - mail system is down",
        "warning: Mail system is down -- accessing queue directly",
    ],
);

fn system_down<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    trouble(at)?;
    fixed(
        at,
        Kind::ServiceError,
        &[
            "Queue report unavailable - mail system is down",
            "Cannot flush mail queue - mail system is down",
            "Mail system is down -- accessing queue directly",
        ],
    )
}
