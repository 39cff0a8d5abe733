//! The mailbox server: logins, logouts, and what happens to a message in the mailbox.

use crate::id::{Id, ItemIx, table_hash};
use crate::item::Item;
use crate::item_ids::numbered_in;
use crate::limits::{HEAD_WAIT_MS, LOST_AFTER_MS};
use crate::links::bracketed;
use crate::recent::{Awaited, remember};
use crate::{At, Correlator, Sink};
use bstr::{BStr, ByteSlice};
use hashbrown::HashTable;
use model::{Kind, LinkKind, Login, MailboxAction, SessionFacts, Timestamp};

/// An open session of a mailbox server, by the id that it prints.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MailboxSession {
    pub(crate) id: Id,
    pub(crate) facts: SessionFacts,
}

/// All open sessions of mailbox servers.
#[derive(Debug, Default)]
pub(crate) struct Mailboxes {
    table: HashTable<MailboxSession>,
}

fn hash(session: &MailboxSession) -> u64 {
    table_hash(&[session.id.bytes()])
}

impl Mailboxes {
    /// Puts a session in; an id that is used again is the new one's.
    pub(crate) fn insert(&mut self, session: MailboxSession) {
        drop(self.take(session.id.bytes()));
        self.table.insert_unique(hash(&session), session, hash);
    }

    pub(crate) fn get(&self, id: &[u8]) -> Option<&MailboxSession> {
        self.table.find(table_hash(&[id]), |it| it.id.bytes() == id)
    }

    fn take(&mut self, id: &[u8]) -> Option<MailboxSession> {
        let entry = self
            .table
            .find_entry(table_hash(&[id]), |it| it.id.bytes() == id)
            .ok()?;
        Some(entry.remove().0)
    }

    /// Forgets sessions that began long before a time.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        let oldest = now.plus_millis(-LOST_AFTER_MS);
        self.table.retain(|it| it.facts.started >= oldest);
    }

    /// All in a fixed order.
    pub(crate) fn sorted(&self) -> Vec<&MailboxSession> {
        let mut all: Vec<&MailboxSession> = self.table.iter().collect();
        all.sort_by(|one, other| one.id.bytes().cmp(other.id.bytes()));
        all
    }
}

impl Correlator {
    pub(crate) fn login(&mut self, at: At<'_>, it: &Login<'_>, out: &mut impl Sink) {
        let key = self.process_key(at);
        let smtp = key.and_then(|key| self.processes.get(key)?.open_session());
        if let Some(session) = smtp {
            session.facts.set_user(it.user);
            let mut row = at.row(Kind::AuthSucceeded, None);
            row.session = Some(&session.facts);
            return out.row(&row);
        }
        if !at.read.event.session.is_empty() {
            let mut facts = SessionFacts::begun(at.read.at());
            facts.set_user(it.user);
            facts.set_client_address(it.client.address);
            facts.client_port = it.client.port;
            facts.tls = it.tls == Some(true);
            self.mailboxes.insert(MailboxSession {
                id: Id::new(at.read.event.session),
                facts,
            });
        }
        out.row(&at.row(Kind::AuthSucceeded, None));
    }

    /// The row of a logout carries who it was and from where.
    pub(crate) fn logout(&mut self, at: At<'_>, out: &mut impl Sink) {
        let session = self.mailboxes.take(at.read.event.session);
        let mut row = at.row(Kind::SessionClosed, None);
        row.session = session.as_ref().map(|it| &it.facts);
        out.row(&row);
    }

    fn stored_message(&self, at: At<'_>, it: &MailboxAction<'_>) -> Option<ItemIx> {
        let newest = self.newest_with_message_id(at, it.message_id, |_| true)?;
        if it.kind != Kind::SieveRedirected {
            return Some(newest);
        }
        let copy = self.items.item(newest);
        let submitted_here = copy.facts.uid.is_some() || copy.facts.client().is_loopback();
        let is_copy =
            submitted_here && copy.parents.is_empty() && copy.facts.orig_client_address().is_none();
        let older = |item: &Item| item.key != copy.key && item.opened <= copy.opened;
        is_copy
            .then(|| self.newest_with_message_id(at, it.message_id, older))
            .flatten()
            .or(Some(newest))
    }

    /// What is done to a message goes with the youngest one of its Message-ID on this host, but for
    /// the copy that a Sieve script has just sent out, which is queued before its cause is logged.
    pub(crate) fn mailbox(&mut self, at: At<'_>, it: &MailboxAction<'_>, out: &mut impl Sink) {
        let is_delivery = matches!(it.protocol.as_bytes(), b"lmtp" | b"lda");
        if let Some(of) = numbered_in(at.read.event, it) {
            if it.message_id.is_empty() {
                return self.done_by_number(at, (of, it), out);
            }
            self.remember_number(at, of, it);
        }
        let found = is_delivery.then(|| self.stored_message(at, it)).flatten();
        let session = self.mailboxes.get(at.read.event.session);
        let mut row = at.row(it.kind, None);
        row.session = session.map(|it| &it.facts);
        if let Some(ix) = found {
            let item = self.items.item(ix);
            row.item = Some(item.key);
            row.queue_id = Some(item.queue_id());
            row.message = Some(&item.facts);
        }
        out.row(&row);
        let kind = match it.kind {
            Kind::SieveRedirected => LinkKind::Resend,
            Kind::SieveRejected | Kind::AutoreplySent => LinkKind::Autoreply,
            _ => return,
        };
        match found {
            Some(ix) => self.caused(kind, at.read.at(), ix, out),
            None if is_delivery => self.wait_for_message(at, kind, it.message_id),
            None => {}
        }
    }

    /// The mail store made another message of this one, sent on or an answer.
    fn caused(&mut self, kind: LinkKind, at: Timestamp, ix: ItemIx, out: &mut impl Sink) {
        match kind {
            LinkKind::Resend => self.link_redirected(at, ix, out),
            _ => self.note_answered(at, ix, out),
        }
    }

    fn wait_for_message(&mut self, at: At<'_>, kind: LinkKind, message_id: &BStr) {
        let message_id = bracketed(message_id).as_ref().into();
        let awaited = &mut self.names.hosts[at.host as usize].recent.awaited;
        let it = Awaited { message_id, kind };
        remember(awaited, at.read.at(), it, HEAD_WAIT_MS);
    }

    /// A message has become known by its Message-ID: the mail store may have spoken of it.
    pub(crate) fn spoken_of(&mut self, ix: ItemIx, out: &mut impl Sink) {
        let item = self.items.item(ix);
        let host = self.names.host_of(item.instance);
        let awaited = &mut self.names.hosts[host as usize].recent.awaited;
        let Some(message_id) = item.facts.message_id().filter(|_| !awaited.is_empty()) else {
            return;
        };
        let (opened, mut told) = (item.opened, Vec::new());
        awaited.retain(|(at, it)| {
            let near = opened.millis_since(*at).abs() <= HEAD_WAIT_MS;
            let is_it = near && *it.message_id == **message_id;
            if is_it {
                told.push((it.kind, *at));
            }
            !is_it
        });
        for (kind, at) in told {
            self.caused(kind, at, ix, out);
        }
    }
}
