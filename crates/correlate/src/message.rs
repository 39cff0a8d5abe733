//! The life of a message in one queue, from `client=` to `removed`.

use crate::attempts::is_courier;
use crate::copies::is_haraka;
use crate::id::ItemIx;
use crate::item::{Item, Stage, WaitingDelivery};
use crate::items::Role;
use crate::limits::HELD_LINES_MAX;
use crate::names::Due;
use crate::numbered::is_cisco;
use crate::received::note_session;
use crate::{At, Correlator, Sink};
use bstr::{BStr, ByteSlice};
use model::{
    AccessAction, AccessCheck, AdminAction, Agent, Body, ContentCheck, Delivery, DeliveryStatus,
    Kind, LinesOf, MessageFacts, MessageIdLogged, Notification, Peer, PickedUp, QueueExpired,
    Queued, Removed, RemovedBy, Row, Transaction, Verdict,
};

impl Correlator {
    /// The message that the line's queue id names, made if need be; `None` without a queue id.
    #[inline]
    pub(crate) fn item_of(&mut self, at: At<'_>, role: Role) -> Option<ItemIx> {
        let queue_id = at.read.event.queue_id?;
        let place = (at.instance, at.tag);
        let ix = self
            .items
            .of_line(&self.names, place, queue_id, at.read.at(), role);
        let item = self.items.item_mut(ix);
        item.last = item.last.max(at.read.at());
        Some(ix)
    }

    /// Puts a line by for the message's next row; a row of its own if that has been given out.
    pub(crate) fn hold(&mut self, at: At<'_>, ix: ItemIx, out: &mut impl Sink) {
        let keep = self.settings.keep_text;
        let item = self.items.item_mut(ix);
        if !item.accepted && item.held.len() < HELD_LINES_MAX {
            item.held.push(at.read.line, keep);
            return;
        }
        out.row(&at.item_row(at.read.event.kind(), item, false));
    }

    pub(crate) fn transaction(&mut self, at: At<'_>, it: &Transaction<'_>, out: &mut impl Sink) {
        let Some(ix) = self.item_of(at, Role::Head) else {
            self.note_user(at, it);
            return self.beside(at, out);
        };
        let keys = self.process_key(at);
        let session = keys
            .and_then(|key| self.processes.get(key))
            .and_then(|process| process.open_session());
        let reference = self.items.reference(ix);
        let item = self.items.item_mut(ix);
        item.has_head = true;
        set_client(&mut item.facts, it);
        if let Some(mail_from) = it.mail_from {
            item.facts.set_mail_from(mail_from);
            item.has_sender = true;
        }
        if let Some(session) = session {
            session.facts.transactions += 1;
            session.items.push(reference);
            note_session(&mut item.facts, &session.facts);
            match session.pending.take() {
                Some(AccessAction::Hold) => item.stage = Stage::WillHold,
                Some(AccessAction::Discard) => item.stage = Stage::WillDiscard,
                _ => {}
            }
            if !it.sasl_username.is_empty() && session.facts.user().is_none() {
                session.facts.set_user(it.sasl_username);
            }
        }
        self.hold(at, ix, out);
        self.named(ix, out);
        if let Some(parent) = it.orig_queue_id {
            self.link_forwarded_id(at, ix, parent, out);
        }
    }

    /// A front session's login is the message's behind the before-queue filter.
    fn note_user(&mut self, at: At<'_>, it: &Transaction<'_>) {
        let Some(key) = self.process_key(at) else {
            return;
        };
        if let Some(session) = self
            .processes
            .get(key)
            .and_then(|process| process.open_session())
            && !it.sasl_username.is_empty()
        {
            session.facts.set_user(it.sasl_username);
        }
    }

    pub(crate) fn picked_up(&mut self, at: At<'_>, it: &PickedUp<'_>, out: &mut impl Sink) {
        let Some(ix) = self.item_of(at, Role::Head) else {
            return self.alone(at, out);
        };
        let item = self.items.item_mut(ix);
        item.has_head = true;
        item.facts.uid = Some(it.uid);
        if item.facts.mail_from().is_none() {
            item.facts.set_mail_from(it.mail_from);
        }
        self.hold(at, ix, out);
        self.named(ix, out);
        if let Some(old) = it.orig_queue_id {
            self.link_requeued(at, ix, old, out);
        }
    }

    pub(crate) fn message_id(&mut self, at: At<'_>, it: &MessageIdLogged<'_>, out: &mut impl Sink) {
        let Some(ix) = self.item_of(at, Role::MessageId) else {
            return self.alone(at, out);
        };
        let item = self.items.item_mut(ix);
        item.has_message_id = true;
        let first = !it.resent && item.facts.message_id().is_none();
        if first {
            item.facts.set_message_id(it.message_id);
        }
        item.facts.size = item.facts.size.or(it.size);
        self.hold(at, ix, out);
        if first {
            self.items.index_message_id(ix);
            self.named(ix, out);
        }
        let item = self.items.item(ix);
        if item.stage == Stage::Queued && !item.accepted {
            self.give_out_held(ix, Kind::MessageAccepted, Stage::Queued, out);
            self.give_out_waiting(ix, out);
        }
    }

    pub(crate) fn content(&mut self, at: At<'_>, it: &ContentCheck<'_>, out: &mut impl Sink) {
        let Some(ix) = self.item_of(at, Role::Tail) else {
            return self.alone(at, out);
        };
        let item = self.items.item_mut(ix);
        note_header(&mut item.facts, it);
        note_envelope(&mut item.facts, it.envelope.mail_from, it.envelope.helo);
        match it.action {
            AccessAction::Reject => self.decided(at, ix, Kind::MessageRejected, Stage::Ended, out),
            AccessAction::Discard => {
                self.decided(at, ix, Kind::MessageDiscarded, Stage::Ended, out);
            }
            AccessAction::Hold => self.decided(at, ix, Kind::MessageHeld, Stage::Held, out),
            AccessAction::Warn | AccessAction::Info => self.hold(at, ix, out),
            _ => out.row(&at.item_row(it.kind(), self.items.item(ix), false)),
        }
    }

    /// A decision on a message that has its queue id. Before the end of the message it is on one
    /// recipient or command only.
    pub(crate) fn access_to_message(
        &mut self,
        at: At<'_>,
        it: &AccessCheck<'_>,
        out: &mut impl Sink,
    ) {
        let Some(ix) = self.item_of(at, Role::Tail) else {
            return self.alone(at, out);
        };
        let item = self.items.item_mut(ix);
        note_envelope(&mut item.facts, it.envelope.mail_from, it.envelope.helo);
        note_client(&mut item.facts, &it.client);
        let whole_message = is_end_of_message(it.stage);
        match it.action {
            AccessAction::Reject | AccessAction::Hangup if whole_message => {
                self.decided(at, ix, Kind::MessageRejected, Stage::Ended, out);
            }
            AccessAction::Discard => {
                self.decided(at, ix, Kind::MessageDiscarded, Stage::Ended, out);
            }
            AccessAction::Hold | AccessAction::Quarantine => {
                self.decided(at, ix, Kind::MessageHeld, Stage::Held, out);
            }
            AccessAction::Accept if it.stage == "QUEUE" && !item.accepted => {
                item.accepted = true;
                item.stage = Stage::Queued;
                out.row(&at.item_row(Kind::MessageAccepted, item, true));
                item.held.clear();
            }
            action => {
                if let (AccessAction::Permit, Some(rcpt_to)) = (action, it.envelope.rcpt_to) {
                    if is_haraka(at) {
                        item.addressed(rcpt_to);
                    } else if is_cisco(at) {
                        item.numbered(rcpt_to);
                    }
                }
                if action == AccessAction::Reject && !item.has_head {
                    item.stage = Stage::Refused;
                }
                let session = self
                    .process_key(at)
                    .and_then(|key| self.processes.get(key))
                    .and_then(|process| process.open_session());
                let mut row = at.item_row(it.kind(), self.items.item(ix), false);
                if let Some(session) = session {
                    session.facts.rejected += u32::from(action == AccessAction::Reject);
                    row.session = Some(&session.facts);
                }
                out.row(&row);
            }
        }
    }

    /// The client went away in the middle of a message (Postfix 3.10 tells its queue id).
    pub(crate) fn aborted(&mut self, at: At<'_>, out: &mut impl Sink) {
        match self.item_of(at, Role::Tail) {
            Some(ix) => self.decided(at, ix, Kind::MessageAborted, Stage::Ended, out),
            None => self.alone(at, out),
        }
    }

    /// A decision that ends or holds a message that is not queued yet: the row takes all lines.
    /// Sendmail has told the reception by then; the message ends all the same.
    pub(crate) fn decided(
        &mut self,
        at: At<'_>,
        ix: ItemIx,
        kind: Kind,
        stage: Stage,
        out: &mut impl Sink,
    ) {
        let item = self.items.item_mut(ix);
        if item.accepted {
            out.row(&at.item_row(kind, item, false));
            if stage == Stage::Ended && item.rcpts_left.is_some() {
                item.stage = stage;
                self.close(at, ix);
            }
            return;
        }
        item.stage = stage;
        out.row(&at.item_row(kind, item, true));
        item.held.clear();
    }

    pub(crate) fn queued(&mut self, at: At<'_>, it: &Queued<'_>, out: &mut impl Sink) {
        self.names.instances[at.instance as usize].has_queue = true;
        let Some(ix) = self.item_of(at, Role::Tail) else {
            return self.alone(at, out);
        };
        let keep = self.settings.keep_text;
        let item = self.items.item_mut(ix);
        if item
            .facts
            .mail_from()
            .is_none_or(|known| known != it.mail_from)
        {
            item.facts.set_mail_from(it.mail_from);
        }
        item.facts.size = Some(it.size);
        item.facts.recipients = Some(it.recipients);
        item.has_sender = true;
        item.stage = Stage::Queued;
        if item.accepted || !item.has_message_id {
            // A retry, which its next attempt takes; or a message of which the head is yet to come.
            let headless = !item.has_message_id;
            if item.held.len() < HELD_LINES_MAX {
                item.held.push(at.read.line, keep);
            } else {
                out.row(&at.item_row(Kind::MessageRetryStarted, item, false));
            }
            if headless {
                self.begun(ix, out);
            }
            return;
        }
        item.accepted = true;
        out.row(&at.item_row(Kind::MessageAccepted, item, true));
        item.held.clear();
        self.guess_cause(at, ix, out);
        self.give_out_waiting(ix, out);
    }

    /// Gives out the accepted row of a message whose head is not complete.
    fn accept_as_is(&mut self, ix: ItemIx, out: &mut impl Sink) {
        let item = self.items.item_mut(ix);
        if item.accepted {
            return;
        }
        item.facts.incomplete_head |= !item.has_head && !item.has_message_id;
        if item.held.is_empty() {
            item.accepted = true;
        } else {
            self.give_out_held(ix, Kind::MessageAccepted, Stage::Queued, out);
        }
    }

    #[inline]
    pub(crate) fn delivery(&mut self, at: At<'_>, it: &Delivery<'_>, out: &mut impl Sink) {
        let Some(ix) = self.item_of(at, Role::Tail) else {
            return self.alone(at, out);
        };
        let process = self.process_key(at).and_then(|key| self.processes.get(key));
        let item = self.items.item_mut(ix);
        let mut tls = None;
        if let Some(process) = process {
            process.last = at.read.at();
            if !process.held.is_empty() {
                item.held.append(&mut process.held);
                process.held.clear();
            }
            let known = process.tls.as_deref();
            tls = known.filter(|tls| tls.peer_address() == Some(it.relay.address));
        }
        item.facts.probe |= it.kind() == Kind::Probed;
        if item.stage == Stage::Ended && it.agent == Agent::Error {
            // A message refused at its end: Sendmail tells each recipient that does not get it.
            out.row(&at.item_row(Kind::MessageRejected, item, true));
            item.held.clear();
            return;
        }
        if !item.has_sender {
            return self.wait_for_head(at, ix, it);
        }
        if !item.accepted {
            // `tls` borrows from the processes, so the row is given out below in any case.
            item.facts.incomplete_head |= !item.has_head && !item.has_message_id;
            item.accepted = true;
            if !item.held.is_empty() {
                let mut row = at.item_row(Kind::MessageAccepted, item, true);
                row.body = None;
                row.lines.last = None;
                out.row(&row);
                item.held.clear();
            }
        }
        let mut row = at.item_row(it.kind(), item, true);
        row.tls = tls;
        out.row(&row);
        item.held.clear();
        item.note_result(it, at.read.at());
        match it.status {
            DeliveryStatus::Bounced | DeliveryStatus::Expired => {
                self.note_failure(at.host, at.read.at(), ix);
            }
            DeliveryStatus::Sent => self.link_by_reply(at.read.at(), ix, it, out),
            DeliveryStatus::Deferred
            | DeliveryStatus::Quarantined
            | DeliveryStatus::Expanded
            | DeliveryStatus::Deliverable
            | DeliveryStatus::Undeliverable => {}
        }
        self.guess_failed_parent(at.host, ix, it.rcpt_to, at.read.at(), out);
        self.settle(at, ix, it, out);
    }

    fn wait_for_head(&mut self, at: At<'_>, ix: ItemIx, it: &Delivery<'_>) {
        let keep = self.settings.keep_text;
        let event = at.read.event;
        let item = self.items.item_mut(ix);
        let mut lines = std::mem::take(&mut item.held);
        if item.has_head || item.has_message_id {
            // The lines held are the head's; only those of the process were the attempt's.
            std::mem::swap(&mut lines, &mut item.held);
        }
        if at.has_line {
            lines.push(at.read.line, keep);
        }
        item.waiting.push(WaitingDelivery {
            at: at.read.at(),
            origin: at.read.origin,
            tag: at.tag,
            pid: event.pid,
            severity: event.severity,
            repeated: event.repeated,
            lines,
            texts: WaitingDelivery::texts(it),
            relay_port: it.relay.port,
            connection_use: it.connection_use,
            delays: it.delays,
            enhanced: it.enhanced,
            status: it.status,
            agent: it.agent,
            code: it.code,
            remote_reply: it.remote_reply,
            suspended: it.suspended,
        });
        let due = Due {
            at: at.read.at(),
            item: self.items.reference(ix),
        };
        self.names.hosts[at.host as usize].waiting.push_back(due);
    }

    /// Gives out the deliveries that waited for the head, which has come or will not come.
    pub(crate) fn give_out_waiting(&mut self, ix: ItemIx, out: &mut impl Sink) {
        let item = self.items.item_mut(ix);
        if item.waiting.is_empty() {
            return;
        }
        let waiting = std::mem::take(&mut item.waiting);
        if !item.has_sender {
            let first = &waiting[0];
            let ms = i64::try_from(first.delays.total_ms).unwrap_or(i64::MAX);
            item.facts.arrived = first.at.plus_millis(ms.saturating_neg());
        }
        self.accept_as_is(ix, out);
        for waited in waiting {
            let delivery = waited.delivery();
            let body = Body::Delivery(delivery);
            let item = self.items.item_mut(ix);
            let mut row = self.names.row(delivery.kind(), waited.at, waited.tag);
            row.derived = false;
            row.time_origin = waited.origin;
            row.pid = waited.pid;
            row.severity = waited.severity;
            row.repeated = waited.repeated;
            row.item = Some(item.key);
            row.queue_id = Some(BStr::new(item.queue_id.bytes()));
            row.message = Some(&item.facts);
            row.body = Some(&body);
            row.lines = LinesOf {
                held: Some(&waited.lines),
                last: None,
            };
            out.row(&row);
            item.note_result(&delivery, waited.at);
            self.link_by_reply(waited.at, ix, &delivery, out);
        }
    }

    /// A host that failed on the way: the attempt goes on, its row takes the line.
    pub(crate) fn attempt_failed(&mut self, at: At<'_>, out: &mut impl Sink) {
        let keep = self.settings.keep_text;
        if let Some(ix) = self.item_of(at, Role::Tail) {
            let item = self.items.item_mut(ix);
            if item.held.len() < HELD_LINES_MAX {
                return item.held.push(at.read.line, keep);
            }
        } else if let Some(key) = self.process_key(at) {
            let process = self.processes.of(key, at.read.at());
            if process.held.len() < HELD_LINES_MAX {
                return process.held.push(at.read.line, keep);
            }
        }
        self.alone(at, out);
    }

    pub(crate) fn queue_expired(&mut self, at: At<'_>, it: &QueueExpired<'_>, out: &mut impl Sink) {
        self.names.instances[at.instance as usize].has_queue = true;
        let Some(ix) = self.item_of(at, Role::Tail) else {
            return self.alone(at, out);
        };
        let item = self.items.item_mut(ix);
        if !item.has_sender {
            item.facts.set_mail_from(it.mail_from);
            item.has_sender = true;
        }
        self.give_out_waiting(ix, out);
        self.accept_as_is(ix, out);
        let item = self.items.item_mut(ix);
        out.row(&at.item_row(Kind::MessageExpired, item, true));
        item.held.clear();
        let open = std::mem::take(&mut item.open);
        self.note_failure(at.host, at.read.at(), ix);
        let item = self.items.item(ix);
        for recipient in &open {
            let mut row = at.item_row(Kind::Expired, item, false);
            row.derived = true;
            row.body = None;
            row.rcpt_to = Some(BStr::new(&recipient.rcpt_to));
            row.orig_rcpt_to = recipient.orig_rcpt_to.as_deref().map(BStr::new);
            row.lines = LinesOf::default();
            out.row(&row);
        }
    }

    pub(crate) fn removed(&mut self, at: At<'_>, it: &Removed, out: &mut impl Sink) {
        if it.by == RemovedBy::QueueManager {
            self.names.instances[at.instance as usize].has_queue = true;
        }
        let Some(ix) = self.item_of(at, Role::Tail) else {
            return self.alone(at, out);
        };
        if self.items.item(ix).has_sender {
            self.give_out_waiting(ix, out);
        }
        let item = self.items.item_mut(ix);
        if is_courier(at) && item.closed.is_some() {
            // The notification is handed in; all recipients had their end before.
            out.row(&at.item_row(Kind::ServiceInfo, item, true));
            item.held.clear();
            return;
        }
        if is_courier(at) && !item.open.is_empty() {
            // Some wait for the next time.
            return self.attempt_failed(at, out);
        }
        let ended = item.stage == Stage::Ended;
        let kind = if ended {
            Kind::MessageClosed
        } else {
            it.kind()
        };
        let head_to_come = it.by == RemovedBy::QueueManager && !item.has_sender;
        out.row(&at.item_row(kind, item, !head_to_come));
        if !head_to_come {
            item.held.clear();
            item.accepted = true;
        }
        if it.by != RemovedBy::QueueManager {
            item.stage = Stage::Ended;
        }
        self.close(at, ix);
    }

    /// The message has left the queue.
    pub(crate) fn close(&mut self, at: At<'_>, ix: ItemIx) {
        let item = self.items.item_mut(ix);
        item.closed = Some(at.read.at());
        let due = Due {
            at: at.read.at(),
            item: self.items.reference(ix),
        };
        self.items.spare_held(ix);
        self.names.put_closed(at.host, due);
    }

    pub(crate) fn notification(&mut self, at: At<'_>, it: &Notification<'_>, out: &mut impl Sink) {
        // Exchange names the message by its Message-ID, and tells no more of how the notification began.
        let by_message_id = self.newest_with_message_id(at, it.orig_message_id, |_| true);
        let named = self.item_of(at, Role::Tail);
        let Some(ix) = named.or(by_message_id) else {
            return self.alone(at, out);
        };
        out.row(&at.item_row(at.read.event.kind(), self.items.item(ix), false));
        if let Some(dsn) = it.dsn_queue_id.filter(|_| it.begins || named.is_none()) {
            self.notification_begins(at, dsn);
        }
        if let Some(dsn) = it.dsn_queue_id {
            self.link_notification(at, ix, dsn, out);
        }
    }

    pub(crate) fn admin(&mut self, at: At<'_>, it: AdminAction, out: &mut impl Sink) {
        let Some(ix) = self.item_of(at, Role::Tail) else {
            return self.alone(at, out);
        };
        let item = self.items.item_mut(ix);
        out.row(&at.item_row(it.kind(), item, false));
        match it {
            AdminAction::Held => item.stage = Stage::Held,
            AdminAction::Requeued => self.close(at, ix),
            AdminAction::Released | AdminAction::ForceExpired => {}
        }
    }

    pub(crate) fn verdict(&mut self, at: At<'_>, it: &Verdict<'_>, out: &mut impl Sink) {
        // Not the message that the filter made of it.
        let made = |item: &Item| {
            it.queued_as
                .split(|&b| b == b'/')
                .any(|id| id == item.queue_id.bytes())
        };
        let by_message_id = || self.newest_with_message_id(at, it.message_id?, |item| !made(item));
        let ix = self.named_item(at).or_else(by_message_id);
        let Some(ix) = ix else {
            return self.alone(at, out);
        };
        let item = self.items.item_mut(ix);
        note_judged(&mut item.facts, it);
        out.row(&at.item_row(Kind::FilterVerdict, item, false));
        self.link_by_verdict(at, ix, it, out);
    }

    /// Gives out the lines held for a message as a row that no line completes.
    pub(crate) fn give_out_held(
        &mut self,
        ix: ItemIx,
        kind: Kind,
        stage: Stage,
        out: &mut impl Sink,
    ) {
        let item = self.items.item_mut(ix);
        item.stage = stage;
        item.accepted = stage != Stage::Held;
        if item.held.is_empty() {
            return;
        }
        let mut row = self.names.row(kind, item.last, item.tag);
        row.derived = false;
        row.item = Some(item.key);
        row.queue_id = Some(BStr::new(item.queue_id.bytes()));
        row.message = Some(&item.facts);
        row.lines = LinesOf {
            held: Some(&item.held),
            last: None,
        };
        out.row(&row);
        item.held.clear();
    }
}

/// What a filter read in the message and no line of the server told.
fn note_judged(facts: &mut MessageFacts, it: &Verdict<'_>) {
    if facts.subject().is_none() && !it.subject.is_empty() {
        facts.set_subject(it.subject);
    }
    if facts.header_from().is_none() && !it.header_from.is_empty() {
        facts.set_header_from(it.header_from);
    }
}

impl<'a> At<'a> {
    /// A row about a message, which takes the lines held for it or leaves them.
    pub(crate) fn item_row(&self, kind: Kind, item: &'a Item, take_held: bool) -> Row<'a> {
        let mut row = self.row(
            kind,
            (take_held && !item.held.is_empty()).then_some(&item.held),
        );
        row.item = Some(item.key);
        row.queue_id = Some(BStr::new(item.queue_id.bytes()));
        row.message = Some(&item.facts);
        row
    }
}

fn set_client(facts: &mut MessageFacts, it: &Transaction<'_>) {
    if !it.client.is_empty() {
        facts.set_client_name(it.client.name);
        facts.set_client_address(it.client.address);
        facts.client_port = it.client.port;
    }
    if !it.sasl_method.is_empty() {
        facts.set_sasl_method(it.sasl_method);
    }
    if !it.sasl_username.is_empty() {
        facts.set_sasl_username(it.sasl_username);
    }
    if !it.orig_client.is_empty() {
        facts.set_orig_client_name(it.orig_client.name);
        facts.set_orig_client_address(it.orig_client.address);
    }
}

fn note_header(facts: &mut MessageFacts, it: &ContentCheck<'_>) {
    if it.header_name.eq_ignore_ascii_case(b"subject") && facts.subject().is_none() {
        facts.set_subject(it.content);
    } else if it.header_name.eq_ignore_ascii_case(b"from") && facts.header_from().is_none() {
        facts.set_header_from(it.content);
    }
}

/// Keeps who a decision says the client is, where no line has said so: what Exim refuses at the end of
/// the data has no other line.
fn note_client(facts: &mut MessageFacts, client: &Peer<'_>) {
    if facts.client_address().is_none() && !client.address.is_empty() {
        facts.set_client_name(client.name);
        facts.set_client_address(client.address);
        facts.client_port = client.port;
    }
}

/// Keeps what a decision says of the envelope, until the queue manager says it better.
fn note_envelope(facts: &mut MessageFacts, mail_from: Option<&BStr>, helo: Option<&BStr>) {
    if let (None, Some(helo)) = (facts.helo(), helo) {
        facts.set_helo(helo);
    }
    if let (None, Some(mail_from)) = (facts.mail_from(), mail_from) {
        facts.set_mail_from(mail_from);
    }
}

/// Whether a decision at this stage is on the whole message.
fn is_end_of_message(stage: &BStr) -> bool {
    matches!(
        stage.as_bytes(),
        b"END-OF-MESSAGE" | b"END-OF-DATA" | b"DATA" | b"BDAT" | b"DATA content"
    )
}
