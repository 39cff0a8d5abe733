//! The life of a message in its queue.

use super::{Here, Tally, is_read};
use crate::items::ItemIx;
use crate::ranking::hash_of;
use model::{AccessAction, Body, MessageFacts, Row};

impl Tally {
    /// Takes over what a row knows of its message.
    pub(super) fn note_facts(&mut self, ix: ItemIx, row: &Row<'_>) {
        let item = self.items.item_mut(ix);
        let is_first = !item.is.seen;
        item.is.seen = true;
        if item.queue_hash == 0
            && let Some(queue_id) = row.queue_id
        {
            item.queue_hash = hash_of(queue_id);
        }
        if let (Some(Body::Received(_)), false) = (row.body, row.session_id.is_empty()) {
            item.told_hash = hash_of(row.session_id);
        }
        if let Some(message) = row.message {
            item.size = message.size.unwrap_or(item.size);
            item.arrived = message.arrived;
            if is_read(row.label) {
                self.count_plain(ix, message);
            }
            self.count_sender(ix, message);
            self.count_size(ix);
        }
        if is_first && self.items.item(ix).is.continues {
            self.hand_over_to(ix);
        }
    }

    /// Counts a message as pflogsumm does: by its `client=` or `uid=` line, its bytes by the queue
    /// manager's line behind that.
    fn count_plain(&mut self, ix: ItemIx, message: &MessageFacts) {
        let item = self.items.item_mut(ix);
        if !item.is.plain_received && has_origin(message) {
            item.is.plain_received = true;
            self.plain.received += 1;
        }
        if item.is.plain_received && !item.is.plain_size && message.size.is_some() {
            item.is.plain_size = true;
            self.plain.bytes_received += item.size;
            if item.is.continues {
                self.unseen.bytes_continued += item.size;
            }
        }
    }

    /// Counts a message for its sender, as soon as that is known: OpenSMTPD and Courier tell of it
    /// behind the reception.
    fn count_sender(&mut self, ix: ItemIx, message: &MessageFacts) {
        let item = self.items.item_mut(ix);
        let Some(mail_from) = message.mail_from() else {
            return;
        };
        if !item.is.received || item.sender != 0 {
            return;
        }
        let bytes = if item.is.received_size { item.size } else { 0 };
        let (sender, counts) = self.senders.at(mail_from);
        counts.messages += 1;
        counts.bytes += bytes;
        self.items.item_mut(ix).sender = sender;
    }

    /// Counts the bytes of a message received, as soon as they are known.
    fn count_size(&mut self, ix: ItemIx) {
        let item = self.items.item_mut(ix);
        if !item.is.received || item.is.received_size || item.size == 0 {
            return;
        }
        item.is.received_size = true;
        let size = item.size;
        let (sender, client) = (item.sender, item.client);
        self.totals.bytes_received += size;
        if sender != 0 {
            self.senders.again(sender).bytes += size;
        }
        if client != 0 {
            self.clients.again(client).bytes += size;
        }
    }

    pub(super) fn started(&mut self, here: &Here<'_>) {
        if let Some(ix) = here.item {
            self.items.item_mut(ix).is.incoming = true;
        }
    }

    pub(super) fn accepted(&mut self, here: &Here<'_>) {
        let Some(ix) = here.item else {
            return;
        };
        let item = self.items.item_mut(ix);
        item.is.queued = true;
        item.is.held = false;
        self.receive(here, ix);
    }

    /// Counts a message as received, if it is one that came from outside and not from a filter.
    fn receive(&mut self, here: &Here<'_>, ix: ItemIx) {
        let Some(message) = here.row.message else {
            return;
        };
        let item = self.items.item_mut(ix);
        if item.is.received || item.is.continues || !has_origin(message) {
            return;
        }
        item.is.received = true;
        item.is.local = message.uid.is_some() || message.local_user().is_some();
        item.is.with_login = message.sasl_username().is_some();
        item.received_in = here.hour;
        self.totals.received += 1;
        self.totals.received_locally += u64::from(item.is.local);
        self.totals.received_with_login += u64::from(item.is.with_login);
        self.traffic.at(here.hour, |it| it.received += 1);
        self.count_sender(ix, message);
        let peer = message.client();
        if let Some(counts) = self.client(&peer) {
            counts.messages += 1;
            self.items.item_mut(ix).client = hash_of(peer.address);
        }
        if let Some(user) = message.sasl_username() {
            self.sent_with_login(message, user);
        }
        self.count_size(ix);
    }

    /// Takes back that a message was received: it is the continuation of another one.
    pub(super) fn unreceive(&mut self, ix: ItemIx) {
        let item = self.items.item_mut(ix);
        if !item.is.received {
            return;
        }
        item.is.received = false;
        let size = if item.is.received_size { item.size } else { 0 };
        let (sender, client, hour) = (item.sender, item.client, item.received_in);
        self.totals.received -= 1;
        self.totals.received_locally -= u64::from(item.is.local);
        self.totals.received_with_login -= u64::from(item.is.with_login);
        self.totals.bytes_received -= size;
        self.traffic.at(hour, |it| it.received -= 1);
        if sender != 0 {
            let counts = self.senders.again(sender);
            counts.messages = counts.messages.saturating_sub(1);
            counts.bytes = counts.bytes.saturating_sub(size);
        }
        self.items.item_mut(ix).sender = 0;
        if client != 0 {
            let counts = self.clients.again(client);
            counts.messages = counts.messages.saturating_sub(1);
            counts.bytes = counts.bytes.saturating_sub(size);
        }
    }

    pub(super) fn aborted(&mut self, here: &Here<'_>) {
        self.totals.aborted += here.times;
        self.closed(here);
    }

    /// A message that is held was received; a decision to hold tells of the message to come.
    pub(super) fn held(&mut self, here: &Here<'_>) {
        let Some(ix) = here.item else {
            return;
        };
        let item = self.items.item_mut(ix);
        if !item.is.held {
            item.is.held = true;
            self.totals.held += 1;
        }
        let only_decided = matches!(here.row.body, Some(Body::Access(_)));
        if !only_decided {
            self.receive(here, ix);
        }
    }

    /// Counts a message once that outlived the queue, whether a line says so of it or of recipients.
    pub(super) fn expired(&mut self, here: &Here<'_>) {
        match here.item.map(|ix| &mut self.items.item_mut(ix).is.expired) {
            Some(known) if *known => {}
            Some(known) => {
                *known = true;
                self.totals.expired += 1;
            }
            None => self.totals.expired += here.times,
        }
    }

    pub(super) fn released(&mut self, here: &Here<'_>) {
        if let Some(ix) = here.item {
            let item = self.items.item_mut(ix);
            item.is.held = false;
            item.is.queued = true;
        }
    }

    pub(super) fn discarded(&mut self, here: &Here<'_>) {
        let Some(ix) = here.item else {
            let decided = |it: &AccessAction| *it == AccessAction::Discard;
            if let Some(Body::Access(it)) = here.row.body
                && decided(&it.action)
                && here.row.session.is_none()
            {
                self.totals.discarded += here.times;
            }
            return;
        };
        let item = self.items.item_mut(ix);
        if !item.is.discarded {
            item.is.discarded = true;
            self.totals.discarded += 1;
        }
        self.items.close(ix, here.row.at);
    }

    pub(super) fn deleted(&mut self, here: &Here<'_>) {
        self.totals.deleted += here.times;
        self.closed(here);
    }

    pub(super) fn closed(&mut self, here: &Here<'_>) {
        if let Some(ix) = here.item {
            self.items.close(ix, here.row.at);
        }
    }
}

/// Whether it is known where a message came from: a client, or a local user.
fn has_origin(message: &MessageFacts) -> bool {
    message.client_address().is_some() || message.uid.is_some() || message.local_user().is_some()
}
