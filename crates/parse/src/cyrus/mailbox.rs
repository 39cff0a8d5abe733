//! Deliveries into mailboxes, and what Sieve scripts did.
//! Source: cyrus-imapd `imap/append.c`, `imap/lmtpd.c`, `imap/duplicate.c`, `imap/lmtp_sieve.c`.

use super::protocol;
use crate::notices::{notice, starting};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::{memchr, memmem};
use model::{Body, Kind, MailboxAction, Notice};

pub(super) const RULES: &[Rule] = &[
    DELIVERED,
    DUPLICATE,
    SIEVE,
    SIEVE_FAILED,
    EXPUNGED,
    CREATED,
    NO_MAILBOX,
    DUPLICATES,
];

const DELIVERED: Rule = rule(
    "cyrus delivered",
    delivered,
    "cyrus-imapd imap/append.c (append_fromstage), imap/lmtpd.c",
    &[
        "Delivered: <a1@example.net> to mailbox: user.anna",
        "Delivered: <a1@example.net> to mailbox: example.org!user.anna.Junk",
    ],
);

fn delivered<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Delivered: ")?;
    let message_id = at.until_str(" to mailbox: ")?;
    let mailbox = at.remainder();
    Some(Body::Mailbox(MailboxAction {
        kind: Kind::MailboxSaved,
        user: owner(mailbox),
        protocol: protocol(at.program),
        message_id,
        mailbox,
        ..MailboxAction::default()
    }))
}

/// Whose a mailbox is: `user.anna.Junk`, `example.org!user.anna`, `user/anna/Junk`; empty for shared
/// ones. Source: cyrus-imapd `imap/mboxname.c`.
fn owner(mailbox: &BStr) -> &BStr {
    let local = match memchr(b'!', mailbox) {
        Some(at) => BStr::new(&mailbox[at + 1..]),
        None => mailbox,
    };
    let named = local.strip_prefix(b"user.").map(|rest| (rest, b'.'));
    let named = named.or_else(|| local.strip_prefix(b"user/").map(|rest| (rest, b'/')));
    let Some((rest, between)) = named else {
        return BStr::new(b"");
    };
    let end = memchr(between, rest).unwrap_or(rest.len());
    BStr::new(&rest[..end])
}

const DUPLICATE: Rule = rule(
    "cyrus duplicate",
    duplicate,
    "cyrus-imapd imap/duplicate.c (duplicate_log)",
    &[
        "dupelim: eliminated duplicate message to user.anna id <a1@example.net> (delivery)",
        "dupelim: eliminated duplicate message to user.anna id <a1@example.net> date Sun, 22 Nov 2026 08:23:21 +0000 (delivery)",
        "dupelim: eliminated duplicate message to user.anna id <a1@example.net>",
    ],
);

/// A message that was there already and is not saved again.
fn duplicate<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("dupelim: eliminated duplicate message to ")?;
    let mailbox = at.until_str(" id ")?;
    Some(Body::Mailbox(MailboxAction {
        kind: Kind::Discarded,
        user: owner(mailbox),
        protocol: protocol(at.program),
        message_id: at.word()?,
        mailbox,
        text: text.into(),
        ..MailboxAction::default()
    }))
}

const SIEVE: Rule = rule(
    "cyrus sieve",
    sieve,
    "cyrus-imapd imap/lmtp_sieve.c (sieve_redirect)",
    &["sieve redirected: <a1@example.net> to: bob@example.net"],
);

fn sieve<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("sieve redirected: ")?;
    let message_id = at.until_str(" to: ")?;
    Some(Body::Mailbox(MailboxAction {
        kind: Kind::SieveRedirected,
        protocol: "sieve".into(),
        message_id,
        target: at.remainder(),
        ..MailboxAction::default()
    }))
}

const SIEVE_FAILED: Rule = rule(
    "cyrus sieve failed",
    sieve_failed,
    "cyrus-imapd imap/lmtp_sieve.c (sieve_execute_error)",
    &[
        "sieve runtime error for anna id <a1@example.net>: Fileinto: Mailbox does not exist",
        "sieve parse error for anna: line 3: syntax error",
    ],
);

fn sieve_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let runtime = at.one_of(&["sieve runtime error for ", "sieve parse error for "])?
        == "sieve runtime error for ";
    let mut it = MailboxAction {
        kind: Kind::SieveFailed,
        protocol: "sieve".into(),
        ..MailboxAction::default()
    };
    if runtime {
        it.user = at.until_str(" id ")?;
        it.message_id = at.until_str(": ")?;
    } else {
        it.user = at.until_str(": ")?;
    }
    it.text = at.remainder();
    Some(Body::Mailbox(it))
}

const EXPUNGED: Rule = rule(
    "cyrus expunged",
    expunged,
    "cyrus-imapd imap/mailbox.c, imap/cyr_expire.c",
    &[
        "Expunged 3 messages from user.anna",
        "Expired 0 and expunged 12 out of 3456 messages from 7 mailboxes",
        "Expunged 5 out of 12 messages from 3 mailboxes",
        "Removed 2 deleted mailboxes",
    ],
);

fn expunged<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let word = at.one_of(&["Expunged ", "Expired ", "Removed "])?;
    at.number::<u64>()?;
    if word == "Expunged " && at.has(" messages from ") {
        return Some(Body::Mailbox(MailboxAction {
            kind: Kind::MailboxExpunged,
            protocol: protocol(at.program),
            mailbox: at.remainder(),
            text: text.into(),
            ..MailboxAction::default()
        }));
    }
    let of_many = memmem::find(at.peek(), b" mailboxes").is_some();
    of_many.then(|| notice(Kind::ServiceStatistics, text))
}

const CREATED: Rule = rule(
    "cyrus autocreated",
    created,
    "cyrus-imapd imap/autocreate.c",
    &[
        "autocreateinbox: User anna, INBOX was successfully created in partition default",
        "autocreateinbox: User anna, INBOX failed. Permission denied",
        "autocreateinbox: User anna, subfolder user.anna.Sent creation succeeded.",
        "User anna, Inbox subfolders, created 1, subscribed 0",
    ],
);

fn created<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if at.has("User ") {
        let about = at.until_str(", Inbox subfolders, created ")?;
        return Some(Body::Notice(Notice {
            about,
            text: at.remainder(),
            ..Notice::default()
        }));
    }
    at.lit("autocreateinbox: User ")?;
    let user = at.until_str(", ")?;
    at.has("subfolder ");
    let mailbox = at.word()?;
    at.has(" ");
    let text = at.remainder();
    let succeeded = memmem::find(text, b"success").or(memmem::find(text, b"succeed"));
    Some(Body::Mailbox(MailboxAction {
        kind: match succeeded {
            Some(_) => Kind::FolderCreated,
            None => Kind::MailboxFailed,
        },
        user,
        mailbox,
        text,
        ..MailboxAction::default()
    }))
}

const NO_MAILBOX: Rule = rule(
    "cyrus no mailbox",
    no_mailbox,
    "cyrus-imapd imap/lmtpd.c (verify_user)",
    &[
        "verify_user(user.eve) failed: Mailbox does not exist",
        "verify_user(user.anna) failed: Over quota",
        "lmtpd: user.anna: Over quota",
    ],
);

fn no_mailbox<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let mailbox = if at.has("verify_user(") {
        at.until_str(") failed: ")?
    } else {
        at.lit("lmtpd: ")?;
        at.until_str(": ")?
    };
    Some(Body::Mailbox(MailboxAction {
        kind: Kind::MailboxFailed,
        protocol: "lmtp".into(),
        mailbox,
        text: at.remainder(),
        ..MailboxAction::default()
    }))
}

const DUPLICATES: Rule = rule(
    "cyrus duplicates",
    duplicates,
    "cyrus-imapd imap/duplicate.c",
    &[
        "duplicate_check: <a1@example.net> user.anna 0",
        "duplicate_mark: <a1@example.net> user.anna 1795335894 12",
        "duplicate_prune: pruning back 3.00 days",
        "duplicate_prune: /var/lib/cyrus/deliver.db: purged 2 out of 1234 entries",
        "mystore: committing txn 2147484432",
    ],
);

fn duplicates<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let words = &[
        "duplicate_check: ",
        "duplicate_mark: ",
        "duplicate_prune: ",
        "mystore: ",
        "mydelete: ",
        "mycommit: ",
    ];
    starting(at, Kind::ServiceInfo, words)
}
