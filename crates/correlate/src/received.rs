//! Servers that tell a reception in one line: Exim, Sendmail, OpenSMTPD, qmail and their like.

use crate::item::Stage;
use crate::items::Role;
use crate::{At, Correlator, Sink};
use bstr::BStr;
use model::{
    Body, Delivery, DeliveryStatus, Event, Kind, LinesOf, LinkKind, MessageFacts, Received,
    SessionFacts,
};

impl Correlator {
    /// A queue id came into use: what had it before is over.
    pub(crate) fn id_taken(&mut self, at: At<'_>, out: &mut impl Sink) {
        let Some(ix) = self.item_of(at, Role::Head) else {
            return self.alone(at, out);
        };
        let key = at.named_session();
        let session = key.and_then(|key| self.processes.get(key)?.open_session());
        let reference = self.items.reference(ix);
        let item = self.items.item_mut(ix);
        item.has_head = true;
        if let Some(session) = session {
            session.items.push(reference);
            session.facts.transactions += 1;
            note_session(&mut item.facts, &session.facts);
        }
        self.hold(at, ix, out);
        self.begun(ix, out);
    }

    pub(crate) fn received(&mut self, at: At<'_>, it: &Received<'_>, out: &mut impl Sink) {
        self.names.instances[at.instance as usize].has_queue = true;
        let Some(ix) = self.item_of(at, Role::Reception) else {
            return self.alone(at, out);
        };
        let key = self.session_key(at, &it.client);
        let session = key.and_then(|key| self.processes.get(key)?.open_session());
        let reference = self.items.reference(ix);
        let item = self.items.item_mut(ix);
        let again = item.accepted;
        note_facts(&mut item.facts, it);
        if let Some(session) = session {
            if !again {
                session.items.push(reference);
                session.facts.transactions += 1;
            }
            note_session(&mut item.facts, &session.facts);
        }
        if it.recipients == Some(0) {
            let kind = match item.stage {
                Stage::Refused => Kind::MessageRejected,
                _ => Kind::MessageAborted,
            };
            return self.decided(at, ix, kind, Stage::Ended, out);
        }
        if !again && is_told_by_session(at) {
            item.told_id = Some(at.read.event.session.to_vec().into());
            self.items.index_told_id(ix);
        }
        let item = self.items.item_mut(ix);
        item.has_head = true;
        item.has_message_id = true;
        item.has_sender |= !it.sender_follows;
        item.accepted = true;
        item.stage = Stage::Queued;
        if !it.end_is_logged && !again {
            item.rcpts_left = it.recipients;
        }
        out.row(&at.item_row(Kind::MessageAccepted, item, true));
        item.held.clear();
        if !self.items.item(ix).is_indexed {
            self.items.index_message_id(ix);
        }
        self.begun(ix, out);
        self.named(ix, out);
        self.guess_cause(at, ix, out);
        if let Some(about) = it.orig_queue_id {
            let parent = self
                .items
                .find(&self.names, at.instance, about, at.read.at());
            if let Some(from) = parent.map(|parent| self.items.item(parent).key) {
                let copied = it.sender_follows || !it.mail_from.is_empty();
                let kind = if copied {
                    LinkKind::Requeue
                } else {
                    LinkKind::Dsn
                };
                self.link(from, ix, (kind, 100), at.read.at(), out);
            }
        }
        self.give_out_waiting(ix, out);
    }

    /// A notification of which only the deliveries are logged: it has the null sender and one
    /// recipient.
    pub(crate) fn notification_begins(&mut self, at: At<'_>, queue_id: &BStr) {
        let place = (at.instance, at.tag);
        let (names, role) = (&self.names, Role::Reception);
        let ix = self
            .items
            .of_line(names, place, queue_id, at.read.at(), role);
        let item = self.items.item_mut(ix);
        if item.has_sender {
            return;
        }
        item.facts.set_mail_from(b"");
        item.has_head = true;
        item.has_message_id = true;
        item.has_sender = true;
        item.accepted = true;
        item.stage = Stage::Queued;
        item.rcpts_left = Some(1);
    }

    /// One line for several recipients: a row for each, of which the first has the line.
    pub(crate) fn delivery_to<'r>(
        &mut self,
        at: At<'_>,
        it: &Delivery<'_>,
        recipients: impl Iterator<Item = &'r BStr>,
        out: &mut impl Sink,
    ) {
        for (n, rcpt_to) in recipients.enumerate() {
            let one = Delivery {
                rcpt_to,
                several: false,
                ..*it
            };
            let event = Event {
                body: Body::Delivery(one),
                ..at.read.event.clone()
            };
            let mut at = At {
                has_line: n == 0,
                ..at
            };
            at.read.event = &event;
            self.delivery(at, &one, out);
        }
    }

    /// Where no line tells that a message is done, it is with the last of its recipients.
    pub(crate) fn settle(&mut self, at: At<'_>, ix: u32, it: &Delivery<'_>, out: &mut impl Sink) {
        let item = self.items.item_mut(ix);
        let Some(left) = &mut item.rcpts_left else {
            return;
        };
        let done = matches!(
            it.status,
            DeliveryStatus::Sent | DeliveryStatus::Bounced | DeliveryStatus::Expired
        );
        if !done {
            // An alias makes more recipients than the reception counted: one of them waits.
            item.closed = None;
            return;
        }
        *left = left.saturating_sub(1);
        if *left > 0 || !item.open.is_empty() || item.closed.is_some() {
            return;
        }
        let mut row = at.item_row(Kind::MessageClosed, item, false);
        row.derived = true;
        row.body = None;
        row.lines = LinesOf::default();
        out.row(&row);
        self.close(at, ix);
    }
}

/// Whether what stands for the session is the id that the server tells others.
fn is_told_by_session(at: At<'_>) -> bool {
    let Event {
        program, session, ..
    } = at.read.event;
    !session.is_empty() && (program.starts_with(b"qmail") || program.starts_with(b"courier"))
}

fn note_facts(facts: &mut MessageFacts, it: &Received<'_>) {
    if !it.sender_follows {
        facts.set_mail_from(it.mail_from);
    }
    facts.size = it.size.or(facts.size);
    facts.recipients = facts.recipients.or(it.recipients);
    facts.uid = it.uid.or(facts.uid);
    facts.client_port = it.client.port.or(facts.client_port);
    let mut note = |set: fn(&mut MessageFacts, &[u8]), text: &BStr| {
        if !text.is_empty() {
            set(facts, text);
        }
    };
    note(MessageFacts::set_client_name, it.client.name);
    note(MessageFacts::set_client_address, it.client.address);
    // A bounce is of the server's own making.
    if it.orig_queue_id.is_none() && it.client.is_empty() {
        note(MessageFacts::set_local_user, it.local_user);
    }
    note(MessageFacts::set_helo, it.helo);
    note(MessageFacts::set_protocol, it.protocol);
    note(MessageFacts::set_tls_version, it.tls);
    note(MessageFacts::set_sasl_method, it.sasl_method);
    note(MessageFacts::set_sasl_username, it.sasl_username);
    note(MessageFacts::set_subject, it.subject);
    note(MessageFacts::set_header_from, it.header_from);
    // It is found by the first one, as the index has it.
    match it.message_id.filter(|_| facts.message_id().is_none()) {
        // Exim leaves the brackets out, by which others would not know it.
        Some(id) if !id.is_empty() && id.first() != Some(&b'<') => {
            facts.set_message_id(&[b"<", &**id, b">"].concat());
        }
        Some(id) => facts.set_message_id(id),
        None => {}
    }
}

/// What the session knows and the line that begins the message does not say.
pub(crate) fn note_session(facts: &mut MessageFacts, session: &SessionFacts) {
    facts.session_started = Some(session.started);
    if facts.client_address().is_none() {
        facts.set_client_address(session.client_address().unwrap_or_default());
        facts.set_client_name(session.client_name().unwrap_or_default());
        facts.client_port = session.client_port;
    }
    if let (None, Some(helo)) = (facts.helo(), session.helo()) {
        facts.set_helo(helo);
    }
    if let (None, Some(tls)) = (facts.tls_version(), session.tls_version()) {
        facts.set_tls_version(tls);
    }
    if let (None, Some(user)) = (facts.sasl_username(), session.user()) {
        facts.set_sasl_username(user);
    }
}
