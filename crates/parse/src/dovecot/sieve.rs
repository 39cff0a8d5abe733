//! What users' Sieve scripts did to a message.
//! Source: pigeonhole `src/lib-sieve/*.c`, `src/plugins/lda-sieve/lda-sieve-plugin.c`.

use super::lmtp::{action, message_id};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind, MailboxAction};

pub(crate) const RULES: &[Rule] = &[
    STORED,
    REDIRECTED,
    VACATION,
    VACATION_SUPPRESSED,
    REJECTED,
    REJECT_SUPPRESSED,
    DISCARDED,
    STORE_FAILED,
    LEFT,
    DUPLICATE,
    REDIRECT_FAILED,
    VACATION_FAILED,
    REPORTED,
    SCRIPT_FAILED,
];

/// Takes `sieve: msgid=ID: ` and, since 0.5, `ACTION action: `. The deliver program of 1.x left
/// the first word out.
fn message<'a>(at: &mut Scan<'a>, names: &[&str]) -> Option<&'a BStr> {
    at.has("sieve: ");
    let id = message_id(at)?;
    for name in names {
        let mut ahead = *at;
        if ahead.has(name) && ahead.has(" action: ") {
            *at = ahead;
            break;
        }
    }
    Some(id)
}

/// Takes a word in quotes, of which 0.4 and 0.5 open most with a grave accent.
fn quoted<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    at.one_of(&["'", "`"])?;
    at.until(b'\'')
}

const STORED: Rule = rule(
    "sieve stored",
    stored,
    "pigeonhole src/lib-sieve/sieve-actions.c (act_store_print)",
    &[
        "lmtp(anna@example.org)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@example.net>: stored mail into mailbox 'INBOX'",
        "lmtp(anna@example.org)<28470><jJxbDXqmAms2bwAAg+zDdQ:R2>: sieve: msgid=<a1@example.net>: fileinto action: stored mail into mailbox 'Junk'",
        "lmtp(anna): jJxbDXqmAms2bwAAg+zDdQ: sieve: msgid=<a1@example.net>: stored mail into mailbox 'INBOX' (Inbox)",
        "lda(anna): sieve: msgid=unspecified: stored mail into mailbox 'it's mine'",
    ],
);

fn stored<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = message(at, &["fileinto", "keep"])?;
    at.lit("stored mail into mailbox '")?;
    let mailbox = at.until_last("'")?;
    Some(Body::Mailbox(MailboxAction {
        mailbox,
        ..action(at, Kind::MailboxSaved, id)
    }))
}

const REDIRECTED: Rule = rule(
    "sieve redirected",
    redirected,
    "pigeonhole src/lib-sieve/cmd-redirect.c",
    &[
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@example.net>: redirect action: forwarded to <bob@example.net>",
        "lmtp(anna): sieve: msgid=<a1@example.net>: forwarded to <bob@example.net>",
        "deliver(anna): msgid=<a1@example.net>: forwarded to <bob@example.net>",
    ],
);

fn redirected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = message(at, &["redirect"])?;
    at.lit("forwarded to ")?;
    let target = at.angle()?;
    at.end()?;
    Some(Body::Mailbox(MailboxAction {
        target,
        ..action(at, Kind::SieveRedirected, id)
    }))
}

const VACATION: Rule = rule(
    "sieve vacation sent",
    vacation,
    "pigeonhole src/lib-sieve/plugins/vacation/cmd-vacation.c",
    &[
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@example.net>: vacation action: sent vacation response to <bob@example.net>",
        "lmtp(anna): sieve: msgid=<a1@example.net>: sent vacation response to <bob@example.net>",
    ],
);

fn vacation<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = message(at, &["vacation"])?;
    at.lit("sent vacation response to ")?;
    let target = at.angle()?;
    at.end()?;
    Some(Body::Mailbox(MailboxAction {
        target,
        ..action(at, Kind::AutoreplySent, id)
    }))
}

const VACATION_SUPPRESSED: Rule = rule(
    "sieve vacation suppressed",
    vacation_suppressed,
    "pigeonhole src/lib-sieve/plugins/vacation/cmd-vacation.c",
    &[
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@example.net>: vacation action: discarded duplicate vacation response to <bob@example.net>",
        "lmtp(anna): sieve: msgid=<a1@example.net>: discarding vacation response to mailinglist recipient <list@example.net>",
        "lmtp(anna): sieve: msgid=<a1@example.net>: discarding vacation response for implicitly delivered message; no known (envelope) recipient address found in message headers (recipient=<info@example.org>, and no additional ':addresses' are specified)",
        "lmtp(anna): sieve: msgid=<a1@example.net>: vacation action: not sending vacation response to system address <mailer-daemon@example.net>",
        "lmtp(anna): sieve: msgid=<a1@example.net>: discarded vacation reply to <>",
        "lmtp(anna): sieve: msgid=<a1@example.net>: vacation action: not sending vacation reply (skipped)",
    ],
);

fn vacation_suppressed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = message(at, &["vacation"])?;
    let text = at.peek();
    at.one_of(&["discarded ", "discarding ", "not sending "])?;
    at.has("duplicate ");
    at.lit("vacation re")?;
    at.one_of(&["sponse", "ply"])?;
    Some(Body::Mailbox(MailboxAction {
        target: address_in(at).unwrap_or_default(),
        text: text.into(),
        ..action(at, Kind::AutoreplySuppressed, id)
    }))
}

/// The first address in the rest of a text.
fn address_in<'a>(at: &Scan<'a>) -> Option<&'a BStr> {
    let mut ahead = *at;
    let before = ahead.until(b'<')?;
    at.over(at.peek().get(before.len()..)?).angle()
}

const REJECTED: Rule = rule(
    "sieve rejected",
    rejected,
    "pigeonhole src/lib-sieve/ext-reject.c",
    &[
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@example.net>: reject action: rejected message from <bob@example.net> (reject)",
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@example.net>: reject action: rejected message from <bob@example.net> (ereject)",
        "lmtp(anna): sieve: msgid=<a1@example.net>: rejected message from <bob@example.net> (reject)",
    ],
);

fn rejected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = message(at, &["reject", "ereject"])?;
    at.lit("rejected message from ")?;
    let target = at.angle()?;
    at.lit(" (")?;
    let text = at.until(b')')?;
    at.end()?;
    Some(Body::Mailbox(MailboxAction {
        target,
        text,
        ..action(at, Kind::SieveRejected, id)
    }))
}

const REJECT_SUPPRESSED: Rule = rule(
    "sieve reject suppressed",
    reject_suppressed,
    "pigeonhole src/lib-sieve/ext-reject.c",
    &[
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@example.net>: reject action: not sending reject message (skipped)",
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@example.net>: reject action: not sending reject message (would cause second response to sender)",
        "lmtp(anna): sieve: msgid=<a1@example.net>: not sending reject message to <>",
        "lmtp(anna): sieve: msgid=<a1@example.net>: discarded reject to <>",
    ],
);

fn reject_suppressed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = message(at, &["reject", "ereject"])?;
    let text = at.peek();
    at.one_of(&["not sending reject message", "discarded reject to "])?;
    Some(Body::Mailbox(MailboxAction {
        text: text.into(),
        ..action(at, Kind::AutoreplySuppressed, id)
    }))
}

const DISCARDED: Rule = rule(
    "sieve discarded",
    discarded,
    "pigeonhole src/lib-sieve/cmd-discard.c",
    &[
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@example.net>: discard action: Marked message to be discarded if not explicitly delivered (discard action)",
        "lmtp(anna): sieve: msgid=<a1@example.net>: marked message to be discarded if not explicitly delivered (discard action)",
    ],
);

fn discarded<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = message(at, &["discard"])?;
    at.one_of(&["Marked", "marked"])?;
    at.lit(" message to be discarded if not explicitly delivered")?;
    Some(Body::Mailbox(action(at, Kind::SieveDiscarded, id)))
}

const STORE_FAILED: Rule = rule(
    "sieve store failed",
    store_failed,
    "pigeonhole src/lib-sieve/sieve-actions.c (act_store_log_status)",
    &[
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@example.net>: failed to store into mailbox 'INBOX': Quota exceeded (mailbox for user is full)",
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@example.net>: fileinto action: failed to store into mailbox 'Junk': Mailbox doesn't exist: Junk",
    ],
);

fn store_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = message(at, &["fileinto", "keep"])?;
    at.lit("failed to store into mailbox '")?;
    let mailbox = at.until_str("': ")?;
    Some(Body::Mailbox(MailboxAction {
        mailbox,
        text: at.remainder(),
        ..action(at, Kind::MailboxFailed, id)
    }))
}

const LEFT: Rule = rule(
    "sieve left",
    left,
    "pigeonhole src/lib-sieve/sieve-actions.c (act_store_log_status)",
    &[
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: sieve: msgid=<a1@example.net>: left message in mailbox 'INBOX'",
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@example.net>: fileinto action: store into mailbox 'Junk' skipped",
        "lmtp(anna): sieve: msgid=<a1@example.net>: store into mailbox 'Junk' aborted",
    ],
);

/// Nothing was saved: the message stays where it is, or the action was taken back.
fn left<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = message(at, &["fileinto", "keep"])?;
    let text = at.peek();
    at.one_of(&["left message in mailbox ", "store into mailbox "])?;
    let mailbox = quoted(at)?;
    Some(Body::Mailbox(MailboxAction {
        mailbox,
        text: text.into(),
        ..action(at, Kind::SieveDiscarded, id)
    }))
}

const DUPLICATE: Rule = rule(
    "sieve redirect duplicate",
    duplicate,
    "pigeonhole src/lib-sieve/cmd-redirect.c",
    &[
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@example.net>: redirect action: discarded duplicate forward to <bob@example.net>",
        "lmtp(anna): sieve: msgid=<a1@example.net>: discarded duplicate forward to <bob@example.net>",
    ],
);

fn duplicate<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = message(at, &["redirect"])?;
    let text = at.peek();
    at.lit("discarded duplicate forward to ")?;
    Some(Body::Mailbox(MailboxAction {
        target: at.angle()?,
        text: text.into(),
        ..action(at, Kind::SieveDiscarded, id)
    }))
}

const REDIRECT_FAILED: Rule = rule(
    "sieve redirect failed",
    redirect_failed,
    "pigeonhole src/lib-sieve/cmd-redirect.c",
    &[
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: Error: sieve: msgid=<a1@example.net>: redirect action: failed to redirect message to <bob@example.net>: smtp(192.0.2.25:25): RCPT TO failed: 451 4.7.1 later (temporary failure)",
        "lmtp(anna): sieve: msgid=<a1@example.net>: not forwarding message to <bob@example.net>: the 'x-sieve-redirected-from' header indicates a mail loop",
    ],
);

fn redirect_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = message(at, &["redirect"])?;
    let text = at.peek();
    at.one_of(&[
        "failed to redirect message to ",
        "not forwarding message to ",
        "not redirecting message to ",
    ])?;
    Some(Body::Mailbox(MailboxAction {
        target: at.angle()?,
        text: text.into(),
        ..action(at, Kind::SieveFailed, id)
    }))
}

const VACATION_FAILED: Rule = rule(
    "sieve vacation failed",
    vacation_failed,
    "pigeonhole src/lib-sieve/plugins/vacation/cmd-vacation.c",
    &[
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: Error: sieve: msgid=<a1@example.net>: vacation action: failed to send vacation response to bob@example.net: <connect() failed> (temporary error)",
    ],
);

fn vacation_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = message(at, &["vacation"])?;
    let text = at.peek();
    at.lit("failed to send vacation response to ")?;
    let target = at.until_str(": ")?;
    let bare = target.strip_prefix(b"<").and_then(|t| t.strip_suffix(b">"));
    Some(Body::Mailbox(MailboxAction {
        target: bare.map_or(target, BStr::new),
        text: text.into(),
        ..action(at, Kind::SieveFailed, id)
    }))
}

const REPORTED: Rule = rule(
    "sieve reported",
    reported,
    "pigeonhole src/lib-sieve/plugins/{enotify,vnd.dovecot/report}, src/plugins/sieve-extprograms",
    &[
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@example.net>: report action: sent 'abuse' report to <abuse@example.net>",
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@example.net>: notify action: sent mail notification to <bob@example.net>",
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: sieve: msgid=<a1@example.net>: pipe action: piped message to program `learn-spam'",
        "lmtp(anna): sieve: msgid=<a1@example.net>: not sending notification for auto-submitted message from <bob@example.net>",
    ],
);

/// Copies and notices that go out beside the message.
fn reported<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = message(at, &["report", "notify", "pipe"])?;
    let text = at.peek();
    let kind = if at.has("not sending notification for ") {
        Kind::AutoreplySuppressed
    } else if at.has("piped message to program ") {
        Kind::SieveRedirected
    } else {
        at.lit("sent ")?;
        if quoted(at).is_some() {
            at.lit(" report to ")?;
        } else {
            at.lit("mail notification to ")?;
        }
        Kind::AutoreplySent
    };
    let target = address_in(at).or_else(|| quoted(at)).unwrap_or_default();
    Some(Body::Mailbox(MailboxAction {
        target,
        text: text.into(),
        ..action(at, kind, id)
    }))
}

const SCRIPT_FAILED: Rule = rule(
    "sieve script failed",
    script_failed,
    "pigeonhole src/plugins/lda-sieve/lda-sieve-plugin.c",
    &[
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: Error: sieve: Execution of script /srv/anna/.dovecot.sieve failed, but implicit keep was successful (user logfile /srv/anna/.dovecot.sieve.log may reveal additional details)",
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: Error: sieve: Execution of script /srv/anna/.dovecot.sieve was aborted due to temporary failure (user logfile /srv/anna/.dovecot.sieve.log may reveal additional details)",
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: Error: sieve: Failed to compile script /srv/anna/.dovecot.sieve (view user logfile /srv/anna/.dovecot.sieve.log for more information)",
    ],
);

fn script_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("sieve: ")?;
    let text = at.peek();
    at.one_of(&[
        "Execution of script ",
        "Failed to compile script ",
        "Failed to open script ",
    ])?;
    Some(Body::Mailbox(MailboxAction {
        text: text.into(),
        ..action(at, Kind::SieveFailed, BStr::new(b""))
    }))
}
