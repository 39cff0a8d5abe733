//! What users do to their mail: the mail_log plugin.
//! Source: dovecot `src/plugins/mail-log/mail-log-plugin.c`.

use super::protocol;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind, MailboxAction};

pub(crate) const RULES: &[Rule] = &[
    SAVED, EXPUNGED, COPIED, DELETED, FLAGGED, CREATED, REMOVED, RENAMED,
];

const SAVED: Rule = rule(
    "dovecot mail saved",
    saved,
    "dovecot src/plugins/mail-log/mail-log-plugin.c",
    &[
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: save: box=Sent, uid=5, msgid=<m1@example.org>, size=734",
        "lmtp(anna)<997><jJxbDXqmAms2bwAAg+zDdQ>: save: box=INBOX, uid=error, msgid=, size=734, vsize=754, from=Bob <bob@example.net>, subject=a, flags=(b), flags=(\\Recent)",
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Mailbox Sent: save: uid=5, msgid=<m1@example.org>, size=734",
    ],
);

fn saved<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let mailbox = mailbox(at);
    at.lit("save: ")?;
    fields(at, mailbox, Kind::MailboxSaved)
}

const EXPUNGED: Rule = rule(
    "dovecot mail expunged",
    expunged,
    "dovecot src/plugins/mail-log/mail-log-plugin.c",
    &[
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: expunge: box=INBOX, uid=1, msgid=<m1@example.org>, size=734, vsize=754, from=bob@example.net, subject=hello, world, flags=(\\Deleted \\Seen)",
        "doveadm(anna): expunge: box=Bar, uid=1, msgid=<m1@example.org>, size=error",
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Mailbox INBOX: UID 1: expunge: uid=1, msgid=<m1@example.org>, size=734",
        "imap(anna): autoexpunge: box=Trash, uid=7, msgid=<m1@example.org>, size=734",
    ],
);

fn expunged<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let mailbox = mailbox(at);
    at.has("auto");
    at.lit("expunge: ")?;
    fields(at, mailbox, Kind::MailboxExpunged)
}

const COPIED: Rule = rule(
    "dovecot mail copied",
    copied,
    "dovecot src/plugins/mail-log/mail-log-plugin.c",
    &[
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: copy from INBOX: box=Trash, uid=1, msgid=<m2@example.org>, size=517, vsize=532, from=bob@example.net, subject=alias, flags=(\\Seen)",
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Mailbox Trash: copy from Box: 2: uid=1, msgid=<m2@example.org>, size=517",
    ],
);

fn copied<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let mailbox = mailbox(at);
    at.lit("copy from ")?;
    let mut to = *at;
    // A name may hold `: `; behind it comes a field.
    let source = ["box=", "uid=", "msgid=", "size="]
        .iter()
        .find_map(|field| {
            let mut ahead = *at;
            let source = ahead.until_str(field)?.strip_suffix(b": ")?;
            let taken = at.peek().get(source.len() + 2..)?;
            to = at.over(taken);
            Some(source)
        })?;
    match fields(&mut to, mailbox, Kind::MailboxCopied)? {
        Body::Mailbox(action) => Some(Body::Mailbox(MailboxAction {
            source_mailbox: source.into(),
            ..action
        })),
        other => Some(other),
    }
}

const DELETED: Rule = rule(
    "dovecot mail deleted",
    deleted,
    "dovecot src/plugins/mail-log/mail-log-plugin.c",
    &[
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: delete: box=INBOX, uid=1, msgid=<m1@example.org>, size=734",
        "pop3(anna): delete: box=INBOX, uid=1, msgid=<a-very-long-message-id..., size=734",
    ],
);

fn deleted<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let mailbox = mailbox(at);
    at.lit("delete: ")?;
    fields(at, mailbox, Kind::MailboxDeleted)
}

const FLAGGED: Rule = rule(
    "dovecot mail flagged",
    flagged,
    "dovecot src/plugins/mail-log/mail-log-plugin.c",
    &[
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: flag_change: box=INBOX, uid=1, msgid=<m1@example.org>, size=734, flags=(\\Seen)",
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: undelete: box=INBOX, uid=1, msgid=<m1@example.org>, size=734",
    ],
);

/// Taking the mark of deletion off is a change of flags, too.
fn flagged<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let mailbox = mailbox(at);
    if !at.has("flag_change: ") {
        at.lit("undelete: ")?;
    }
    fields(at, mailbox, Kind::MailboxFlagged)
}

/// Takes 2.4's `Mailbox NAME: ` and `UID N: `.
fn mailbox<'a>(at: &mut Scan<'a>) -> &'a BStr {
    fn inner<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
        at.lit("Mailbox ")?;
        let name = at.until_str(": ")?;
        let mut ahead = *at;
        if ahead.has("UID ") && ahead.number::<u32>().is_some() && ahead.has(": ") {
            *at = ahead;
        }
        Some(name)
    }
    let mut ahead = *at;
    match inner(&mut ahead) {
        Some(name) => {
            *at = ahead;
            name
        }
        None => BStr::new(b""),
    }
}

/// Takes `box=, uid=, msgid=, size=, vsize=, from=, subject=, flags=()`: each is a setting, their
/// order is not; there is at least one.
fn fields<'a>(at: &mut Scan<'a>, mailbox: &'a BStr, kind: Kind) -> Option<Body<'a>> {
    let mut action = MailboxAction {
        kind,
        user: at.user,
        protocol: protocol(at.program),
        mailbox,
        ..MailboxAction::default()
    };
    let before = at.peek().len();
    if at.has("box=") {
        action.mailbox = value(at, &FIELDS[1..]);
    }
    if at.has("uid=") {
        action.uid = whole(value(at, &FIELDS[2..]));
    }
    if at.has("msgid=") {
        action.message_id = value(at, &FIELDS[3..]);
    }
    if at.has("size=") {
        action.size = whole(value(at, &FIELDS[4..]));
    }
    if at.has("vsize=") {
        value(at, &FIELDS[5..]);
    }
    if at.has("from=") {
        action.header_from = value(at, &FIELDS[6..]);
    }
    if at.has("subject=") {
        // A subject may hold anything, so what ends it is the last `, flags=(`.
        let mut ahead = *at;
        action.subject = match ahead.until_last(", flags=(") {
            Some(subject) => {
                *at = at.over(at.peek().get(subject.len() + 2..)?);
                subject
            }
            None => at.remainder(),
        };
    }
    if at.has("flags=(") {
        action.text = at.until_last(")")?;
    }
    at.end()?;
    (before > 0).then_some(Body::Mailbox(action))
}

/// The fields in their order, as they stand behind another.
const FIELDS: &[&str] = &[
    ", box=",
    ", uid=",
    ", msgid=",
    ", size=",
    ", vsize=",
    ", from=",
    ", subject=",
    ", flags=(",
];

/// Takes a value up to the next field that is there, and the comma.
fn value<'a>(at: &mut Scan<'a>, later: &[&str]) -> &'a BStr {
    for field in later {
        let mut ahead = *at;
        if let Some(value) = ahead.until_str(field)
            && let Some(rest) = at.peek().get(value.len() + 2..)
        {
            *at = at.over(rest);
            return value;
        }
    }
    at.remainder()
}

/// A number; `error` is none.
fn whole<N: TryFrom<u64>>(digits: &BStr) -> Option<N> {
    Scan::new(digits, b"").number()
}

const CREATED: Rule = rule(
    "dovecot mailbox created",
    created,
    "dovecot src/plugins/mail-log/mail-log-plugin.c",
    &[
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Mailbox created: Foo",
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Mailbox Foo: Mailbox created",
    ],
);

fn created<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    folder(at, "Mailbox created", Kind::FolderCreated)
}

const REMOVED: Rule = rule(
    "dovecot mailbox deleted",
    removed,
    "dovecot src/plugins/mail-log/mail-log-plugin.c",
    &[
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Mailbox deleted: Foo",
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Mailbox Foo: Mailbox deleted",
    ],
);

fn removed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    folder(at, "Mailbox deleted", Kind::FolderDeleted)
}

/// `WORDS: NAME`, in 2.4 `Mailbox NAME: WORDS`.
fn folder<'a>(at: &mut Scan<'a>, words: &str, kind: Kind) -> Option<Body<'a>> {
    let name = if at.has(words) {
        at.lit(": ")?;
        at.remainder()
    } else {
        at.lit("Mailbox ")?;
        let name = at.until_last(": ")?;
        at.lit(words)?;
        at.end()?;
        name
    };
    Some(Body::Mailbox(MailboxAction {
        kind,
        user: at.user,
        protocol: protocol(at.program),
        mailbox: name,
        ..MailboxAction::default()
    }))
}

const RENAMED: Rule = rule(
    "dovecot mailbox renamed",
    renamed,
    "dovecot src/plugins/mail-log/mail-log-plugin.c",
    &[
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Mailbox renamed: Foo -> Bar",
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Mailbox Foo: Mailbox renamed: Foo -> Bar",
    ],
);

fn renamed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if !at.has("Mailbox renamed: ") {
        at.lit("Mailbox ")?;
        at.until_str(": Mailbox renamed: ")?;
    }
    let source_mailbox = at.until_str(" -> ")?;
    Some(Body::Mailbox(MailboxAction {
        kind: Kind::FolderRenamed,
        user: at.user,
        protocol: protocol(at.program),
        mailbox: at.remainder(),
        source_mailbox,
        ..MailboxAction::default()
    }))
}
