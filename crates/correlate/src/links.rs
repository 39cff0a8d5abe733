//! Which messages belong together, and by what evidence.
//!
//! A parent that names its child (`queued as`, a notification, a forward) looks for it among the
//! messages known; what is not there yet waits as a half link. A child that names its parent
//! (`orig_queue_id=`, `orig_id=`) finds it likewise.

use crate::half_links::{HalfLink, Place, Wanted};
use crate::id::ItemIx;
use crate::item::{Item, Stage};
use crate::limits::SKEW_MS;
use crate::names::Names;
use crate::{At, Correlator, Sink};
use bstr::{BStr, ByteSlice};
use memchr::memmem;
use model::{
    Agent, Delivery, DeliveryStatus, ItemKey, Kind, LinesOf, Link, LinkKind, Submitted, Timestamp,
    Verdict, is_gateway_reply,
};
use std::borrow::Cow;

/// What a message must be to be the child that is looked for.
struct Search<'s> {
    parent: ItemIx,
    earliest: Timestamp,
    latest: Timestamp,
    place: Place,
    relay_name: &'s [u8],
}

impl Search<'_> {
    /// A child that begins about now, whatever its name at the parent.
    fn around(now: Timestamp, parent: ItemIx, place: Place) -> Self {
        Search {
            parent,
            earliest: now.plus_millis(-SKEW_MS),
            latest: now.plus_millis(SKEW_MS),
            place,
            relay_name: b"",
        }
    }
}

impl Correlator {
    /// Tells of a link once, unless the child is the parent.
    pub(crate) fn link(
        &mut self,
        from: ItemKey,
        child: ItemIx,
        (kind, confidence): (LinkKind, u8),
        at: Timestamp,
        out: &mut impl Sink,
    ) {
        let item = self.items.item_mut(child);
        if item.key == from || item.parents.contains(&from) {
            return;
        }
        item.parents.push(from);
        out.link(&Link {
            from,
            to: item.key,
            kind,
            confidence,
            at,
        });
    }

    /// `orig_queue_id=` of a `client=` line: the parent is at the sender, which is an own filter on
    /// this host or on another.
    pub(crate) fn link_forwarded_id(
        &mut self,
        at: At<'_>,
        child: ItemIx,
        parent: &BStr,
        out: &mut impl Sink,
    ) {
        let opened = self.items.item(child).opened;
        let found = self
            .items
            .with_queue_id(parent)
            .filter(|&(ix, item)| ix != child && item.opened <= opened.plus_millis(SKEW_MS))
            .max_by_key(|(_, item)| {
                (
                    self.names.host_of(item.instance) == at.host,
                    item.opened,
                    item.key,
                )
            })
            .map(|(_, item)| item.key);
        if let Some(from) = found {
            self.link(from, child, (LinkKind::Filter, 95), at.read.at(), out);
        }
    }

    /// `orig_id=` of a pickup line: the message had this id before `postsuper -r`.
    pub(crate) fn link_requeued(
        &mut self,
        at: At<'_>,
        child: ItemIx,
        old: &BStr,
        out: &mut impl Sink,
    ) {
        if let Some(ix) = self.items.find(&self.names, at.instance, old, at.read.at()) {
            let from = self.items.item(ix).key;
            self.link(from, child, (LinkKind::Requeue, 100), at.read.at(), out);
            // `postsuper -r ALL` logs how many messages it requeued, not which.
            self.ended_unsaid(at, ix, Kind::MessageRequeued, out);
        }
    }

    /// A message is over of which no line of its server says so.
    fn ended_unsaid(&mut self, at: At<'_>, ix: ItemIx, kind: Kind, out: &mut impl Sink) {
        let item = self.items.item_mut(ix);
        if item.closed.is_some() {
            return;
        }
        let mut row = self.names.row(kind, at.read.at(), item.tag);
        row.derived = item.held.is_empty();
        row.item = Some(item.key);
        row.queue_id = Some(BStr::new(item.queue_id.bytes()));
        row.message = Some(&item.facts);
        row.lines = LinesOf {
            held: Some(&item.held),
            last: None,
        };
        out.row(&row);
        item.held.clear();
        item.stage = Stage::Ended;
        self.close(at, ix);
    }

    /// A notification names its message; up to Postfix 3.10 the message is there already.
    pub(crate) fn link_notification(
        &mut self,
        at: At<'_>,
        parent: ItemIx,
        dsn: &BStr,
        out: &mut impl Sink,
    ) {
        let search = Search::around(at.read.at(), parent, Place::SameQueue);
        self.link_by_queue_id(&search, dsn, (LinkKind::Dsn, 100), at.read.at(), out);
    }

    /// What the next hop replied tells the child's id; where it does not, the same Message-ID that
    /// comes back on this host must do.
    pub(crate) fn link_by_reply(
        &mut self,
        at: Timestamp,
        parent: ItemIx,
        it: &Delivery<'_>,
        out: &mut impl Sink,
    ) {
        if it.status != DeliveryStatus::Sent {
            return;
        }
        let back = i64::try_from(it.delays.total_ms)
            .unwrap_or(i64::MAX)
            .saturating_add(SKEW_MS);
        let mut search = Search {
            parent,
            earliest: at.plus_millis(back.saturating_neg()),
            latest: at.plus_millis(SKEW_MS),
            place: Place::AnyHost,
            relay_name: it.relay.name,
        };
        let loopback = it.relay.is_loopback();
        if loopback {
            search.place = Place::SameHost;
        }
        match (it.agent, it.next_queue_id) {
            (Agent::Local, Some(next)) => {
                search.place = Place::SameQueue;
                self.link_by_queue_id(&search, next, (LinkKind::Forward, 100), at, out);
            }
            (Agent::Smtp | Agent::Lmtp, _) if loopback && is_gateway_reply(it.text) => {
                self.link_by_message_id(&search, (LinkKind::Filter, 60), at, out);
            }
            (Agent::Smtp | Agent::Lmtp, Some(next)) => {
                let submission = it.text.ends_with(b"Message accepted for delivery)")
                    && self.items.item(parent).facts.local_user().is_some();
                // Sendmail hands over what its users submit to the server beside it.
                let kind = if loopback && !submission {
                    LinkKind::Filter
                } else {
                    LinkKind::Relay
                };
                self.link_by_queue_id(&search, next, (kind, 95), at, out);
            }
            (Agent::Smtp, None) if loopback && memmem::find(it.text, b"discard").is_none() => {
                self.link_by_message_id(&search, (LinkKind::Filter, 60), at, out);
            }
            (Agent::Pipe, None) if !is_final_command(it.relay.name) => {
                self.link_by_message_id(&search, (LinkKind::Filter, 60), at, out);
            }
            _ => {}
        }
    }

    fn link_by_queue_id(
        &mut self,
        search: &Search<'_>,
        next: &BStr,
        evidence: (LinkKind, u8),
        at: Timestamp,
        out: &mut impl Sink,
    ) {
        let parent = self.items.item(search.parent);
        let from = parent.key;
        let found = self
            .items
            .with_queue_id(next)
            .chain(self.items.with_told_id(next))
            .filter(|&(ix, child)| ix != search.parent && self.suits(search, parent, child))
            .max_by_key(|(_, child)| (same_message_id(parent, child), child.opened, child.key))
            .map(|(ix, _)| ix);
        match found {
            Some(child) => self.link(from, child, evidence, at, out),
            None => self.wait_for_child(search, Wanted::QueueId, next, evidence, at),
        }
    }

    /// The oldest message with the same Message-ID that came back to this host, has no parent yet,
    /// and began while the parent was being delivered.
    fn link_by_message_id(
        &mut self,
        search: &Search<'_>,
        evidence: (LinkKind, u8),
        at: Timestamp,
        out: &mut impl Sink,
    ) {
        let parent = self.items.item(search.parent);
        let from = parent.key;
        let Some(message_id) = parent.facts.message_id().filter(|id| *id != "<>") else {
            return;
        };
        let found = self
            .items
            .with_message_id(message_id)
            .filter(|&(ix, child)| ix != search.parent && came_back(&self.names, parent, child))
            .filter(|(_, child)| child.opened <= search.latest)
            .min_by_key(|(_, child)| {
                // What went out by a pipe comes back by sendmail(1), into the same queue.
                let by_pickup = child.facts.uid.is_some();
                let by_pipe = search.place != Place::SameHost;
                (child.opened, by_pickup != by_pipe, child.key)
            })
            .map(|(ix, _)| ix);
        match found {
            Some(child) => self.link(from, child, evidence, at, out),
            None => {
                let name = message_id.to_vec();
                let search = Search {
                    place: Place::SameHost,
                    relay_name: b"",
                    ..*search
                };
                self.wait_for_child(&search, Wanted::MessageId, BStr::new(&name), evidence, at);
            }
        }
    }

    fn wait_for_child(
        &mut self,
        search: &Search<'_>,
        wanted: Wanted,
        name: &BStr,
        (kind, confidence): (LinkKind, u8),
        at: Timestamp,
    ) {
        self.half_links.put(HalfLink {
            wanted,
            name: crate::id::Id::new(name),
            from: self.items.reference(search.parent),
            kind,
            confidence,
            at,
            earliest: search.earliest,
            place: search.place,
            relay_name: crate::id::Id::new(search.relay_name),
        });
    }

    /// Whether a message with the right queue id is the child, as far as time, place and Message-ID
    /// tell: foreign servers may use the same id by chance.
    fn suits(&self, search: &Search<'_>, parent: &Item, child: &Item) -> bool {
        if child.opened < search.earliest || child.opened > search.latest {
            return false;
        }
        let (from, to) = (parent.instance, child.instance);
        match search.place {
            Place::SameQueue => self.names.may_share(from, to),
            Place::SameHost => {
                self.names.host_of(from) == self.names.host_of(to)
                    && !differ_in_message_id(parent, child)
            }
            Place::AnyHost => {
                let named = is_host(search.relay_name, self.names.host_name(to));
                same_message_id(parent, child) || (named && !differ_in_message_id(parent, child))
            }
        }
    }

    /// A message has become known: it may be the child that a parent waits for.
    pub(crate) fn begun(&mut self, ix: ItemIx, out: &mut impl Sink) {
        if self.half_links.len() > 0 {
            let name = self.items.item(ix).queue_id.clone();
            self.take_half_links(Wanted::QueueId, name.bytes(), ix, out);
            if let Some(name) = self.items.item(ix).told_id.clone() {
                self.take_half_links(Wanted::QueueId, &name, ix, out);
            }
        }
    }

    /// A message's Message-ID or client has become known: now parents on other hosts can be sure, and
    /// those that know no queue id can know it.
    pub(crate) fn named(&mut self, ix: ItemIx, out: &mut impl Sink) {
        if !self.items.item(ix).has_message_id {
            return;
        }
        self.spoken_of(ix, out);
        if self.half_links.len() == 0 {
            return;
        }
        self.begun(ix, out);
        if let Some(message_id) = self.items.item(ix).facts.message_id() {
            let message_id = message_id.to_vec();
            self.take_half_links(Wanted::MessageId, &message_id, ix, out);
        }
    }

    fn take_half_links(&mut self, wanted: Wanted, name: &[u8], ix: ItemIx, out: &mut impl Sink) {
        let mut half_links = std::mem::take(&mut self.half_links);
        let child = self.items.item(ix);
        let taken = half_links.take(wanted, name, |half| {
            let Some(parent) = self.items.still(half.from).filter(|&it| it != ix) else {
                return false;
            };
            let search = Search {
                parent,
                earliest: half.earliest,
                latest: half.at.plus_millis(SKEW_MS),
                place: half.place,
                relay_name: half.relay_name.bytes(),
            };
            let parent = self.items.item(parent);
            match wanted {
                Wanted::QueueId => self.suits(&search, parent, child),
                Wanted::MessageId => {
                    came_back(&self.names, parent, child) && child.opened <= search.latest
                }
            }
        });
        self.half_links = half_links;
        for half in taken {
            let at = self.items.item(ix).opened.max(half.at);
            self.link(half.from.key, ix, (half.kind, half.confidence), at, out);
        }
    }

    /// amavis names both sides: `Queue-ID: OLD ... queued_as: NEW/NEWER`. MailScanner takes messages
    /// out of the hold queue, and what it lets pass has another id then.
    pub(crate) fn link_by_verdict(
        &mut self,
        at: At<'_>,
        parent: ItemIx,
        it: &Verdict<'_>,
        out: &mut impl Sink,
    ) {
        let search = Search::around(at.read.at(), parent, Place::SameHost);
        let mut kind = LinkKind::Filter;
        if self.items.item(parent).stage == Stage::Held {
            if it.passed && !it.queued_as.is_empty() {
                kind = LinkKind::Requeue;
                self.ended_unsaid(at, parent, Kind::MessageRequeued, out);
            } else if !it.passed && !it.actions.is_empty() {
                self.ended_unsaid(at, parent, Kind::MessageDiscarded, out);
            }
        }
        for next in it
            .queued_as
            .split(|&byte| byte == b'/')
            .filter(|id| !id.is_empty())
        {
            let next = BStr::new(next);
            self.link_by_queue_id(&search, next, (kind, 90), at.read.at(), out);
        }
    }

    /// A webmail names the message that it handed in, by the reply of the submission server.
    pub(crate) fn submitted(&self, at: At<'_>, it: &Submitted<'_>, out: &mut impl Sink) {
        let near = |item: &Item| at.read.at().millis_since(item.opened).abs() <= SKEW_MS;
        let id = Some(it.message_id).filter(|id| !id.is_empty());
        let id = id.map(bracketed);
        let suits = |item: &Item| {
            let named = id.as_deref();
            named.is_none_or(|id| known_message_id(item).is_none_or(|known| **known == *id))
        };
        let by_queue_id = || {
            let named = self.items.with_queue_id(it.next_queue_id?);
            named
                .filter(|(_, item)| near(item) && suits(item))
                .max_by_key(|(_, item)| (item.opened, item.key))
        };
        let by_message_id = || {
            let named = self.items.with_message_id(id.as_deref()?);
            named
                .filter(|(_, item)| near(item))
                .min_by_key(|(_, item)| (item.opened, item.key))
        };
        match by_queue_id().or_else(by_message_id) {
            Some((_, item)) => out.row(&at.item_row(Kind::MessageSubmitted, item, false)),
            None => self.alone(at, out),
        }
    }

    /// The user's Sieve script sent the message on: it comes back with the same Message-ID.
    pub(crate) fn link_redirected(&mut self, at: Timestamp, parent: ItemIx, out: &mut impl Sink) {
        let search = Search::around(at, parent, Place::SameHost);
        self.link_by_message_id(&search, (LinkKind::Resend, 60), at, out);
    }

    /// The message that a before-queue filter handed on.
    pub(crate) fn behind_proxy(&self, at: At<'_>, next: &BStr) -> Option<ItemIx> {
        let earliest = at.read.at().plus_millis(-SKEW_MS);
        self.items
            .with_queue_id(next)
            .filter(|(_, item)| self.names.host_of(item.instance) == at.host)
            .filter(|(_, item)| item.opened >= earliest)
            .max_by_key(|(_, item)| (item.opened, item.key))
            .map(|(ix, _)| ix)
    }

    /// The youngest message with a Message-ID on the line's host that passes.
    pub(crate) fn newest_with_message_id(
        &self,
        at: At<'_>,
        message_id: &BStr,
        passes: impl Fn(&Item) -> bool,
    ) -> Option<ItemIx> {
        if message_id.is_empty() || message_id == "<>" {
            return None;
        }
        self.items
            .with_message_id(&bracketed(message_id))
            .filter(|(_, item)| self.names.host_of(item.instance) == at.host && passes(item))
            .max_by_key(|(_, item)| (item.opened, item.key))
            .map(|(ix, _)| ix)
    }
}

/// Whether a message with the parent's Message-ID is the parent come back to its host.
fn came_back(names: &Names, parent: &Item, child: &Item) -> bool {
    names.host_of(parent.instance) == names.host_of(child.instance)
        && child.opened >= parent.opened
        && child.parents.is_empty()
        && (child.facts.uid.is_some() || child.facts.client().is_loopback())
}

/// A Message-ID as facts hold it: with `<>`, which some programs leave out.
pub(crate) fn bracketed(message_id: &BStr) -> Cow<'_, [u8]> {
    match message_id.first() {
        Some(b'<') => Cow::Borrowed(message_id.as_ref()),
        _ => Cow::Owned([b"<", &**message_id, b">"].concat()),
    }
}

fn known_message_id(item: &Item) -> Option<&BStr> {
    item.facts
        .message_id()
        .filter(|id| !id.is_empty() && *id != "<>")
}

fn same_message_id(parent: &Item, child: &Item) -> bool {
    let id = known_message_id(parent);
    id.is_some() && id == known_message_id(child)
}

fn differ_in_message_id(parent: &Item, child: &Item) -> bool {
    match (known_message_id(parent), known_message_id(child)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    }
}

/// Whether a next hop's name is that of a host in the logs, which often is its first label only.
fn is_host(relay_name: &[u8], host: &BStr) -> bool {
    let first_label = |name: &[u8]| name.split(|&byte| byte == b'.').next().map(<[u8]>::to_vec);
    !relay_name.is_empty()
        && (relay_name.eq_ignore_ascii_case(host)
            || first_label(relay_name).map(|it| it.to_ascii_lowercase())
                == first_label(host).map(|it| it.to_ascii_lowercase()))
}

/// Pipe services that are known to put mail away or to send it out as something new.
fn is_final_command(service: &BStr) -> bool {
    const FINAL: [&[u8]; 10] = [
        b"dovecot",
        b"dovecot-lda",
        b"procmail",
        b"maildrop",
        b"cyrus",
        b"deliver",
        b"mailman",
        b"sympa",
        b"vacation",
        b"ifmail",
    ];
    FINAL.contains(&service.as_bytes())
}
