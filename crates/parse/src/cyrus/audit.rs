//! The audit log (`auditlog: yes`): who saved, copied, flagged and deleted what.
//! Source: cyrus-imapd `imap/mailbox.c`, `imap/mboxlist.c`, `imap/imapd.c`, `imap/duplicate.c`,
//! `imap/lmtp_sieve.c`; the keys of logfmt from `imap/auditlog.c`.

use super::protocol;
use crate::notices::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use memchr::memchr;
use model::{Body, Kind, Logout, MailboxAction};

pub(super) const RULES: &[Rule] = &[AUDIT];

const AUDIT: Rule = rule(
    "cyrus audit",
    audit,
    "cyrus-imapd imap/mailbox.c, imap/mboxlist.c (auditlog)",
    &[
        "auditlog: append sessionid=<cyrus-1234-1795335894-1> mailbox=<user.anna> uniqueid=<6e1f0a2b> uid=<42> modseq=<99> sysflags=<\\Seen> guid=<0a1b> cid=<0c2d> messageid=<a1@example.net> size=<1234>",
        "auditlog: expunge sessionid=<cyrus-1234-1795335894-1> mailbox=<user.anna> uniqueid=<6e1f0a2b> uid=<42> modseq=<100> sysflags=<\\Deleted> guid=<0a1b>",
        "auditlog: touched sessionid=<cyrus-1234-1795335894-1> mailbox=<user.anna> uniqueid=<6e1f0a2b> uid=<42> guid=<0a1b> cid=<0c2d> modseq=<101> oldflags=<> sysflags=<\\Deleted>",
        "auditlog: copy sessionid=<cyrus-1234-1795335894-1> mailbox=<user.anna> uniqueid=<6e1f0a2b> uid=<42> olduniqueid=<7f1f0a2b> olduid=<7> guid=<0a1b>",
        "auditlog: rename sessionid=<cyrus-1234-1795335894-1> oldmailbox=<user.anna.Old> newmailbox=<user.anna.New> uniqueid=<6e1f0a2b> mboxlock=<x>",
        "auditlog: create sessionid=<cyrus-1234-1795335894-1> mailbox=<user.anna.New> uniqueid=<6e1f0a2b>",
        "auditlog: delete sessionid=<cyrus-1234-1795335894-1> mailbox=<user.anna.Old> uniqueid=<6e1f0a2b>",
        "auditlog: traffic sessionid=<cyrus-1234-1795335894-1> bytes_in=<123> bytes_out=<4567>",
        "auditlog: redirect sessionid=<cyrus-1234-1795335894-1> message-id=<a1@example.net> target=<bob@example.net> userid=<anna>",
        "auditlog: LMTP reject sessionid=<cyrus-1234-1795335894-1> message-id=<a1@example.net> userid=<anna>",
        "auditlog: duplicate sessionid=<cyrus-1234-1795335894-1> action=<store> message-id=<a1@example.net> user=<user.anna> date=<Sun, 22 Nov 2026 08:23:21 +0000>",
        "auditlog: acl sessionid=<cyrus-1234-1795335894-1> mailbox=<user.anna> uniqueid=<6e1f0a2b> mbtype=<e> oldacl=<anna lrs> acl=<anna lrswip> foldermodseq=<3>",
        "auditlog: acl: sessionid=<cyrus-1234-1795335894-1> mailbox=<example.org!user.anna> uniqueid=<6e1f0a2b> mbtype=<ei> oldacl=<NONE> acl=<(null)> foldermodseq=<0> ",
        "auditlog: setquota sessionid=<cyrus-1234-1795335894-1> root=<user.anna> oldSTORAGE=<100> newSTORAGE=<200>",
        "auditlog: proxy sessionid=<front-1-1795335894-1> remote=<back-1234-1795335894-1>",
        "auditlog: unlink sessionid=<cyrus-1234-1795335894-1> mailbox=<user.anna> uniqueid=<6e1f0a2b> uid=<42>",
        "auditlog: modseq sessionid=<cyrus-1234-1795335894-1> mailbox=<user.anna> uniqueid=<6e1f0a2b> highestmodseq=<101> deletedmodseq=<0> crcs=<1/2>",
    ],
);

fn audit<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("auditlog: ")?;
    let text = at.peek();
    let equals = memchr(b'=', text)?;
    let space = text[..equals].rfind_byte(b' ')?;
    let action = text[..space].as_bstr();
    // 3.6 writes `acl: `, and a space behind its last fact.
    let action = action.strip_suffix(b":").unwrap_or(action).as_bstr();
    *at = at.over(&text[space..]);
    let mut facts = Facts::default();
    while !at.peek().is_empty() {
        at.lit(" ")?;
        if at.end().is_some() {
            break;
        }
        let key = at.until(b'=')?;
        let start = at.peek();
        let mut value = bracketed(at)?;
        // The brackets of a Message-ID are its own.
        if matches!(key.as_bytes(), b"messageid" | b"message-id") {
            value = start[..value.len() + 2].into();
        }
        facts.set(key, value);
    }
    at.session = facts.session;
    facts.body(action, protocol(at.program), text)
}

/// Takes `<...>` up to an angle before a space or the end; without the brackets.
fn bracketed<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let text = at.peek().strip_prefix(b"<")?;
    let mut from = 0;
    loop {
        let close = from + memchr(b'>', &text[from..])?;
        if matches!(text.get(close + 1), None | Some(b' ')) {
            *at = at.over(&text[close + 1..]);
            return Some(text[..close].into());
        }
        from = close + 1;
    }
}

/// What an audit line tells, by either set of keys.
#[derive(Default)]
pub(super) struct Facts<'a> {
    pub(super) session: &'a BStr,
    mailbox: &'a BStr,
    old_mailbox: &'a BStr,
    message_id: &'a BStr,
    user: &'a BStr,
    target: &'a BStr,
    flags: &'a BStr,
    uid: Option<u32>,
    size: Option<u64>,
    bytes_in: Option<u64>,
    bytes_out: Option<u64>,
}

impl<'a> Facts<'a> {
    /// Takes a fact; keys that are not kept are passed over.
    pub(super) fn set(&mut self, key: &BStr, value: &'a BStr) {
        let number = || Scan::new(value, b"").number::<u64>();
        match key.as_bytes() {
            b"sessionid" | b"r.sessionid" => self.session = value,
            b"mailbox" | b"newmailbox" | b"mbox.name" => self.mailbox = value,
            b"oldmailbox" | b"old.mbox.name" => self.old_mailbox = value,
            b"messageid" | b"message-id" | b"msg.id" => self.message_id = value,
            b"user" | b"userid" | b"u.username" => self.user = value,
            b"target" | b"sieve.target" => self.target = value,
            b"sysflags" | b"msg.sysflags" => self.flags = value,
            b"uid" | b"msg.imapuid" => self.uid = number().and_then(|it| u32::try_from(it).ok()),
            b"size" | b"msg.size" => self.size = number(),
            b"bytes_in" | b"bytes.in" => self.bytes_in = number(),
            b"bytes_out" | b"bytes.out" => self.bytes_out = number(),
            _ => {}
        }
    }

    /// The event of an action.
    pub(super) fn body(
        &self,
        action: &BStr,
        protocol: &'static BStr,
        text: &'a [u8],
    ) -> Option<Body<'a>> {
        let kind = match action.as_bytes() {
            b"append" => Kind::MailboxSaved,
            b"copy" => Kind::MailboxCopied,
            // Of what is expunged a line of its own tells.
            b"touched" if self.flags.contains_str("EX") => {
                return Some(notice(Kind::ServiceInfo, text));
            }
            b"touched" => Kind::MailboxFlagged,
            b"expunge" => Kind::MailboxExpunged,
            b"create" => Kind::FolderCreated,
            b"delete" => Kind::FolderDeleted,
            b"rename" => Kind::FolderRenamed,
            b"redirect" => Kind::SieveRedirected,
            b"reject" | b"LMTP reject" | b"discard-reject" => Kind::SieveRejected,
            b"discard" => Kind::SieveDiscarded,
            b"duplicate" => Kind::Discarded,
            b"traffic" => return Some(self.logout(protocol)),
            b"acl" | b"partitionmove" | b"newquota" | b"setquota" | b"rmquota" => {
                return Some(notice(Kind::AdminAction, text));
            }
            b"unlink" | b"unlinkarchive" | b"proxy" | b"modseq" | b"processed iMIP" | b"ok"
            | b"failed" | b"nonexistent" | b"overquota" | b"login" => {
                return Some(notice(Kind::ServiceInfo, text));
            }
            _ => return None,
        };
        let text = match kind {
            Kind::MailboxFlagged => self.flags,
            _ => BStr::new(b""),
        };
        Some(Body::Mailbox(MailboxAction {
            kind,
            user: self.user,
            protocol,
            message_id: self.message_id,
            mailbox: self.mailbox,
            source_mailbox: self.old_mailbox,
            target: self.target,
            uid: self.uid,
            size: self.size,
            text,
            ..MailboxAction::default()
        }))
    }

    fn logout(&self, protocol: &'static BStr) -> Body<'a> {
        Body::Logout(Logout {
            protocol,
            user: self.user,
            bytes_in: self.bytes_in,
            bytes_out: self.bytes_out,
            ..Logout::default()
        })
    }
}
