//! Links that no line states: a notification whose line was lost, an automatic reply, the copies
//! that a mailing list sends out. They never make two messages one, and say how sure they are.

use crate::id::{HostId, ItemIx};
use crate::item::Item;
use crate::recent::{Recent, remember};
use crate::{At, Correlator, Sink};
use bstr::{BStr, ByteSlice};
use model::{LinkKind, Timestamp};

/// A notification is queued this long after the failure at the most.
const NOTIFIED_WITHIN_MS: i64 = 2_000;
/// An automatic reply is queued this long after its cause at the most, or before the line that
/// tells of it.
const REPLIED_WITHIN_MS: i64 = 60_000;

impl Correlator {
    fn recent(&mut self, host: HostId) -> &mut Recent {
        &mut self.names.hosts[host as usize].recent
    }

    /// A recipient failed for good: a notification may follow.
    pub(crate) fn note_failure(&mut self, host: HostId, at: Timestamp, ix: ItemIx) {
        let item = self.items.reference(ix);
        remember(&mut self.recent(host).failed, at, item, NOTIFIED_WITHIN_MS);
    }

    /// A server begins to write the notification about a message, and does not say as what it sends it:
    /// with Courier the failure may be days ago, when other recipients were tried for longer.
    pub(crate) fn writes_notification(&mut self, at: At<'_>, out: &mut impl Sink) {
        if let Some(ix) = self.named_item(at) {
            self.note_failure(at.host, at.read.at(), ix);
        }
        self.beside(at, out);
    }

    /// A null-sender message of our own making has gone to one recipient and nobody said whose
    /// notification it is: the sender of a message that had just failed is told.
    pub(crate) fn guess_failed_parent(
        &mut self,
        host: HostId,
        ix: ItemIx,
        rcpt_to: &BStr,
        at: Timestamp,
        out: &mut impl Sink,
    ) {
        let child = self.items.item(ix);
        if !is_notification(child) || !child.parents.is_empty() {
            return;
        }
        let opened = child.opened;
        let mut parents = self.names.hosts[host as usize]
            .recent
            .failed
            .iter()
            .filter(|(then, _)| (0..=NOTIFIED_WITHIN_MS).contains(&opened.millis_since(*then)))
            .filter_map(|&(_, it)| self.items.still(it))
            .map(|parent| self.items.item(parent))
            .filter(|parent| {
                parent
                    .facts
                    .mail_from()
                    .is_some_and(|sender| sender == rcpt_to)
            });
        let parent = parents.next();
        // Two messages of one sender that failed at once cannot be told apart.
        if parents.any(|other| parent.is_some_and(|parent| parent.key != other.key)) {
            return;
        }
        if let Some(from) = parent.map(|parent| parent.key) {
            self.link(from, ix, (LinkKind::Dsn, 60), at, out);
        }
    }

    /// The mail store said that it answered a message (vacation, reject).
    pub(crate) fn note_answered(&mut self, now: Timestamp, parent: ItemIx, out: &mut impl Sink) {
        let host = self.names.host_of(self.items.item(parent).instance);
        let parent = self.items.reference(parent);
        let answers = &mut self.recent(host).answers;
        let near = |then: &Timestamp| now.millis_since(*then).abs() <= REPLIED_WITHIN_MS;
        match answers.iter().position(|(then, _)| near(then)) {
            Some(found) => {
                let answer = answers.remove(found).map(|(_, item)| item);
                if let Some(child) = answer.and_then(|item| self.items.still(item)) {
                    self.link(parent.key, child, (LinkKind::Autoreply, 60), now, out);
                }
            }
            None => remember(
                &mut self.recent(host).answered,
                now,
                parent,
                REPLIED_WITHIN_MS,
            ),
        }
    }

    /// A message was queued: it may be the mail store's answer, or a list's copy of another one.
    pub(crate) fn guess_cause(&mut self, at: At<'_>, ix: ItemIx, out: &mut impl Sink) {
        let item = self.items.item(ix);
        let (now, sender) = (at.read.at(), item.facts.mail_from().unwrap_or_default());
        if sender.is_empty() {
            if !item
                .facts
                .message_id()
                .is_some_and(|id| id.starts_with(b"<dovecot-"))
            {
                return;
            }
            let child = self.items.reference(ix);
            let answered = &mut self.recent(at.host).answered;
            let near = |then: &Timestamp| now.millis_since(*then).abs() <= REPLIED_WITHIN_MS;
            match answered.iter().position(|(then, _)| near(then)) {
                Some(found) => {
                    let parent = answered.remove(found).map(|(_, item)| item);
                    if let Some(parent) = parent {
                        self.link(parent.key, ix, (LinkKind::Autoreply, 60), now, out);
                    }
                }
                None => remember(
                    &mut self.recent(at.host).answers,
                    now,
                    child,
                    REPLIED_WITHIN_MS,
                ),
            }
        } else if is_list_sender(sender) && is_local(item) {
            self.guess_list(at, ix, out);
        }
    }

    /// A list sends a message out with its own sender and the Message-ID of the post.
    fn guess_list(&mut self, at: At<'_>, ix: ItemIx, out: &mut impl Sink) {
        let child = self.items.item(ix);
        let Some(message_id) = child.facts.message_id().filter(|id| *id != "<>") else {
            return;
        };
        let post = self
            .items
            .with_message_id(message_id)
            .filter(|&(other, item)| {
                other != ix
                    && self.names.host_of(item.instance) == at.host
                    && item.opened <= child.opened
                    && item
                        .facts
                        .mail_from()
                        .is_some_and(|sender| !is_list_sender(sender))
            })
            .min_by_key(|(_, item)| (item.opened, item.key))
            .map(|(_, item)| item.key);
        if let Some(from) = post {
            self.link(from, ix, (LinkKind::List, 60), at.read.at(), out);
        }
    }
}

/// Whether the server made the message itself, for the null sender. Postfix gives it a Message-ID with
/// its queue id; OpenSMTPD and Courier hand it to themselves, by a socket or from loopback.
/// Source: postfix `src/bounce/bounce_notify_util.c`, OpenSMTPD `bounce.c`, courier `module.dsn/dsn.c`.
fn is_notification(item: &Item) -> bool {
    let facts = &item.facts;
    let own_id = || {
        let id = facts.message_id();
        !item.has_head && id.is_some_and(|id| id.find(item.queue_id.bytes()).is_some())
    };
    let own_hand = || {
        facts.client_address() == Some(BStr::new("local"))
            || item.told_id.is_some() && facts.client().is_loopback()
    };
    facts.mail_from().is_some_and(|sender| sender.is_empty()) && (own_id() || own_hand())
}

/// Whether a message came from this host.
fn is_local(item: &Item) -> bool {
    item.facts.uid.is_some() || item.facts.client().is_loopback()
}

/// Senders of mailing lists: Mailman's `-bounces`, Majordomo's `owner-`, ezmlm's `-return-`.
fn is_list_sender(sender: &BStr) -> bool {
    let behind_dashes = memchr::memchr_iter(b'-', sender).map(|at| &sender[at..]);
    sender.starts_with(b"owner-")
        || behind_dashes
            .into_iter()
            .any(|rest| rest.starts_with(b"-bounces") || rest.starts_with(b"-return-"))
}
