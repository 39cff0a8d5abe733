//! Mail into, within and out of mailboxes.
//! Source: zm-mailbox `store/src/java/com/zimbra/cs/mailbox/{Message,MailItem,MailSender}.java`,
//! `.../cs/lmtpserver/ZimbraLmtpBackend.java`.

use super::of_category;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind, MailboxAction, Notice, Submitted};

pub(crate) const RULES: &[Rule] = &[ADDED, DELIVERING, CHANGED, COPIED, FOLDER, SENT];

// By category.
pub(super) const ITEMS: &[Rule] = &[ADDED, CHANGED, COPIED, FOLDER];
pub(super) const DELIVERIES: &[Rule] = &[DELIVERING];
pub(super) const SUBMISSIONS: &[Rule] = &[SENT];

const ADDED: Rule = rule(
    "zimbra message added",
    added,
    "zm-mailbox store/src/java/com/zimbra/cs/mailbox/Message.java (createInternal)",
    &[
        "2026-11-22 08:23:21,123 INFO  [LmtpServer-1] [name=anna@example.org;mid=3;ip=192.0.2.25;] mailop - Adding Message: id=257, Message-ID=<a1@example.net>, parentId=-257, folderId=2, folderName=Inbox.",
        "2026-11-22 08:23:21,123 INFO  [LmtpServer-1] [name=anna@example.org;mid=3;ip=192.0.2.25;] mailop - Adding Message: id=258, Message-ID=<a2@example.net>, parentId=-1, folderId=2, folderName=Inbox acct=4c3b.",
    ],
);

fn added<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let context = of_category(at, "mailop")?;
    at.lit("Adding Message: id=")?;
    let uid = at.number()?;
    at.lit(", Message-ID=")?;
    let message_id = at.until_str(", parentId=")?;
    at.until_str(", folderName=")?;
    let folder = at.remainder();
    let folder = folder.strip_suffix(b".").unwrap_or(folder);
    let end = memchr::memmem::rfind(folder, b" acct=").unwrap_or(folder.len());
    Some(Body::Mailbox(MailboxAction {
        kind: Kind::MailboxSaved,
        user: context.user(),
        protocol: context.protocol(),
        message_id,
        mailbox: folder[..end].into(),
        uid: Some(uid),
        client: context.client(),
        ..MailboxAction::default()
    }))
}

const DELIVERING: Rule = rule(
    "zimbra delivering",
    delivering,
    "zm-mailbox store/src/java/com/zimbra/cs/lmtpserver/ZimbraLmtpBackend.java (deliver)",
    &[
        "2026-11-22 08:23:21,123 INFO  [LmtpServer-1] [ip=192.0.2.25;] lmtp - Delivering message: size=840 bytes, nrcpts=1, sender=bob@example.net, msgid=<a1@example.net>",
        "2026-11-22 08:23:21,123 INFO  [LmtpServer-1] [ip=192.0.2.25;] lmtp - Delivering message: size=unspecified, nrcpts=2, sender=<>, msgid=",
    ],
);

/// Before the mailboxes: how many recipients, from whom; each one's own line follows.
fn delivering<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let context = of_category(at, "lmtp")?;
    at.lit("Delivering message: ")?;
    let text = at.peek();
    at.lit("size=")?;
    at.until_str(", nrcpts=")?;
    let recipients = at.number()?;
    at.lit(", sender=")?;
    at.until_str(", msgid=")?;
    let about = at.remainder();
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        peer: context.client(),
        about,
        number: Some(recipients),
        text: text.into(),
        ..Notice::default()
    }))
}

const CHANGED: Rule = rule(
    "zimbra item changed",
    changed,
    "zm-mailbox store/src/java/com/zimbra/cs/mailbox/{MailItem,Conversation}.java (move, delete, alterTag)",
    &[
        "2026-11-22 08:23:21,123 INFO  [qtp1-137:https://mail.example.org/service/soap/MsgActionRequest] [name=anna@example.org;mid=3;oip=192.0.2.10;ua=ZimbraWebClient;soapId=9fd8101;] mailop - moving Message (id=257) to Folder Trash (id=3)",
        "2026-11-22 08:23:21,123 INFO  [qtp1-137:https://mail.example.org/service/soap/ConvActionRequest] [name=anna@example.org;mid=3;oip=192.0.2.10;soapId=9fd8101;] mailop - Moving Conversation (id=300) to Folder Junk (id=4).  Affected message ids: 257,258.",
        "2026-11-22 08:23:21,123 INFO  [qtp1-137:https://mail.example.org/service/soap/MsgActionRequest] [name=anna@example.org;mid=3;oip=192.0.2.10;soapId=9fd8101;] mailop - Deleting Message (id=257).",
        "2026-11-22 08:23:21,123 INFO  [qtp1-137] [name=anna@example.org;mid=3;oip=192.0.2.10;] mailop - Deleting items: 257,258.",
        "2026-11-22 08:23:21,123 INFO  [ImapServer-7] [name=anna@example.org;mid=3;ip=192.0.2.10;] mailop - Deleting MESSAGES: 257,258.",
        "2026-11-22 08:23:21,123 DEBUG [ImapServer-7] [name=anna@example.org;mid=3;ip=192.0.2.10;] mailop - Setting Flag \\Flagged (id=-6) for Message (id=257).",
    ],
);

fn changed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let context = of_category(at, "mailop")?;
    let text = at.peek();
    let kind = match at.one_of(&[
        "moving ",
        "Moving ",
        "deleting ",
        "Deleting ",
        "setting ",
        "Setting ",
        "Unsetting ",
    ])? {
        "moving " | "Moving " => Kind::MailboxMoved,
        "deleting " | "Deleting " => Kind::MailboxExpunged,
        _ => Kind::MailboxFlagged,
    };
    let mut action = MailboxAction {
        kind,
        user: context.user(),
        protocol: context.protocol(),
        client: context.client(),
        ..MailboxAction::default()
    };
    if at.one_of(&["items: ", "MESSAGES: "]).is_some() {
        action.further_uids = numbers(at);
    } else if kind == Kind::MailboxFlagged {
        action.text = text.into();
        if at.until_str(" for Message (id=").is_some() {
            action.uid = at.number();
        }
    } else if at.has("Message (id=") {
        action.uid = at.number();
    } else {
        action.text = text.into();
    }
    if kind == Kind::MailboxMoved {
        at.until_str(" to Folder ")?;
        let affected = at.peek();
        match memchr::memmem::find(affected, AFFECTED) {
            Some(end) => {
                action.mailbox = at.until_str(" (id=")?;
                *at = at.over(&affected[end + AFFECTED.len()..]);
                action.further_uids = numbers(at);
                action.text = BStr::new(b"");
            }
            None => action.mailbox = at.until_last(" (id=")?,
        }
    }
    at.remainder();
    Some(Body::Mailbox(action))
}

/// Behind it the messages of a conversation that are moved.
const AFFECTED: &[u8] = b".  Affected message ids: ";

/// Takes the rest, numbers with commas between and mostly a full stop behind.
fn numbers<'a>(at: &mut Scan<'a>) -> &'a BStr {
    let text: &'a [u8] = at.remainder();
    text.strip_suffix(b".").unwrap_or(text).into()
}

const COPIED: Rule = rule(
    "zimbra message copied",
    copied,
    "zm-mailbox store/src/java/com/zimbra/cs/mailbox/MailItem.java (copy, icopy)",
    &[
        "2026-11-22 08:23:21,123 INFO  [qtp1-137] [name=anna@example.org;mid=3;oip=192.0.2.10;soapId=9fd8101;] mailop - Copying Message (id=257): copyId=301, folderId=300, folderName=Archive, parentId=-301.",
        "2026-11-22 08:23:21,123 INFO  [ImapServer-7] [name=anna@example.org;mid=3;ip=192.0.2.10;] mailop - Performing IMAP copy of Message (id=257): copyId=302, folderId=3, folderName=Trash, parentId=-302.",
    ],
);

fn copied<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let context = of_category(at, "mailop")?;
    at.one_of(&["Copying ", "Performing IMAP copy of "])?;
    let is_message = at.has("Message (id=");
    let uid = match is_message {
        true => at.number(),
        false => None,
    };
    at.until_str(": copyId=")?;
    let copy_uid = at.number().filter(|_| is_message);
    at.until_str(", folderName=")?;
    let mailbox = at.until_last(", parentId=")?;
    at.remainder();
    Some(Body::Mailbox(MailboxAction {
        kind: Kind::MailboxCopied,
        user: context.user(),
        protocol: context.protocol(),
        mailbox,
        uid,
        copy_uid,
        client: context.client(),
        ..MailboxAction::default()
    }))
}

const FOLDER: Rule = rule(
    "zimbra folder",
    folder,
    "zm-mailbox store/src/java/com/zimbra/cs/mailbox/Folder.java (create), Mountpoint.java",
    &[
        "2026-11-22 08:23:21,123 INFO  [qtp1-137] [name=anna@example.org;mid=3;oip=192.0.2.10;] mailop - adding folder Archive: id=300, parentId=1.",
        "2026-11-22 08:23:21,123 INFO  [qtp1-137] [name=anna@example.org;mid=3;oip=192.0.2.10;] mailop - Adding Mountpoint Team: id=301, parentId=1, parentName=USER_ROOT.",
    ],
);

fn folder<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let context = of_category(at, "mailop")?;
    at.one_of(&[
        "adding folder ",
        "Adding folder ",
        "Adding Folder ",
        "Adding Mountpoint ",
    ])?;
    let mailbox = at.until_last(": id=")?;
    at.number::<u64>()?;
    at.lit(", parentId=")?;
    at.remainder();
    Some(Body::Mailbox(MailboxAction {
        kind: Kind::FolderCreated,
        user: context.user(),
        protocol: context.protocol(),
        mailbox,
        client: context.client(),
        ..MailboxAction::default()
    }))
}

const SENT: Rule = rule(
    "zimbra message sent",
    sent,
    "zm-mailbox store/src/java/com/zimbra/cs/mailbox/MailSender.java (logMessage)",
    &[
        "2026-11-22 08:23:21,123 INFO  [qtp1-137:https://mail.example.org/service/soap/SendMsgRequest] [name=anna@example.org;mid=3;oip=192.0.2.10;ua=ZimbraWebClient;soapId=9fd8101;] smtp - Sending message to MTA at mta.example.org, port 25: Message-ID=<a1@example.org>",
        "2026-11-22 08:23:21,123 INFO  [qtp1-137:https://mail.example.org/service/soap/SendMsgRequest] [name=anna@example.org;mid=3;oip=192.0.2.10;soapId=9fd8101;] smtp - Sending message to MTA at localhost: Message-ID=<a1@example.org>, origMsgId=256, replyType=r",
    ],
);

fn sent<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let context = of_category(at, "smtp")?;
    at.lit("Sending message to MTA at ")?;
    at.until_str(": Message-ID=")?;
    let rest = at.remainder();
    let end = memchr::memmem::find(rest, b", ").unwrap_or(rest.len());
    Some(Body::Submitted(Box::new(Submitted {
        user: context.user(),
        client: context.client(),
        message_id: rest[..end].into(),
        ..Submitted::default()
    })))
}
