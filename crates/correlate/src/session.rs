//! Sessions: connect to disconnect, and what is refused in between.

use crate::id::table_hash;
use crate::item::Stage;
use crate::limits::HELD_LINES_MAX;
use crate::process::{ProcessKey, Session};
use crate::{At, Correlator, Sink};
use bstr::ByteSlice;
use model::{
    AccessAction, AccessCheck, AuthFailure, Body, Connected, Disconnected, Kind, LinesOf, Peer,
    Screened, SessionAborted, Severity, Tls, TlsFacts, Violation,
};

impl Correlator {
    /// The session of a client. Where one process serves all clients at once (postscreen) the
    /// client is told as `[address]:port` and the port tells sessions apart. Exim's daemon tells who calls
    /// and another process, made for the call, the rest: there the port joins them.
    pub(crate) fn session_key(&self, at: At<'_>, client: &Peer<'_>) -> Option<ProcessKey> {
        let mut key = self.process_key(at)?;
        if key.client == 0
            && (client.name.is_empty() || is_exim(at))
            && let Some(port) = client.port
        {
            key.client = table_hash(&[client.address, &port.to_le_bytes()]);
            if is_exim(at) {
                key.pid = 0;
            }
        }
        Some(key)
    }

    pub(crate) fn connected(&mut self, at: At<'_>, it: &Connected<'_>, out: &mut impl Sink) {
        let key = at.named_session();
        let Some(key) = key.or_else(|| self.session_key(at, &it.client)) else {
            return self.alone(at, out);
        };
        self.end_session(key, out);
        let keep = self.settings.keep_text;
        let process = self.processes.of(key, at.read.at());
        process.in_session = true;
        let session = &mut process.session;
        session.facts.started = at.read.at();
        session.facts.ended = at.read.at();
        set_client(session, &it.client);
        session.lines.push(at.read.line, keep);
    }

    /// Gives out a session whose end was not logged.
    pub(crate) fn end_session(&mut self, key: ProcessKey, out: &mut impl Sink) {
        let Some(process) = self.processes.get(key) else {
            return;
        };
        if !process.in_session {
            return;
        }
        process.in_session = false;
        let session = &mut process.session;
        let mut row = self
            .names
            .row(Kind::SessionClosed, session.facts.ended, key.tag);
        row.pid = (key.pid != 0).then_some(key.pid);
        row.session = Some(&session.facts);
        row.derived = false;
        row.lines = LinesOf {
            held: Some(&session.lines),
            last: None,
        };
        out.row(&row);
        session.clear();
    }

    pub(crate) fn disconnected(&mut self, at: At<'_>, it: &Disconnected<'_>, out: &mut impl Sink) {
        let Some(key) = self.session_key(at, &it.client) else {
            return self.alone(at, out);
        };
        self.decide_pending(key, out);
        let process = self.processes.of(key, at.read.at());
        process.in_session = false;
        let session = &mut process.session;
        if session.facts.client_address().is_none() {
            session.facts.started = at.read.at();
            set_client(session, &it.client);
        }
        session.facts.ended = at.read.at();
        if !it.counts.is_empty() {
            session.facts.set_counts(it.counts);
        }
        let mut row = at.row(Kind::SessionClosed, Some(&session.lines));
        row.session = Some(&session.facts);
        out.row(&row);
        session.clear();
        self.processes.forget_client(key);
    }

    /// Messages of a session that an access rule said to hold or discard: with the session their
    /// lines are complete, and no queue manager will write of them.
    fn decide_pending(&mut self, key: ProcessKey, out: &mut impl Sink) {
        let Some(process) = self.processes.get(key) else {
            return;
        };
        if process.session.items.is_empty() {
            return;
        }
        let items = std::mem::take(&mut process.session.items);
        for &item in &items {
            let Some(ix) = self.items.still(item) else {
                continue;
            };
            match self.items.item(ix).stage {
                Stage::WillHold => self.give_out_held(ix, Kind::MessageHeld, Stage::Held, out),
                Stage::WillDiscard => {
                    self.give_out_held(ix, Kind::MessageDiscarded, Stage::Ended, out);
                }
                _ => {}
            }
        }
    }

    /// Puts a line by with the session that goes on; a row of its own where there is none.
    fn with_session(
        &mut self,
        at: At<'_>,
        client: &Peer<'_>,
        out: &mut impl Sink,
        note: impl FnOnce(&mut Session),
    ) {
        let keep = self.settings.keep_text;
        if let Some(key) = self.session_key(at, client)
            && let Some(process) = self.processes.get(key)
            && let Some(session) = process.open_session()
            && session.lines.len() < HELD_LINES_MAX
        {
            session.lines.push(at.read.line, keep);
            session.facts.ended = session.facts.ended.max(at.read.at());
            note(session);
            return;
        }
        self.alone(at, out);
    }

    pub(crate) fn session_aborted(
        &mut self,
        at: At<'_>,
        it: &SessionAborted<'_>,
        out: &mut impl Sink,
    ) {
        let note = |session: &mut Session| {
            session.facts.set_reason(it.reason);
            session.facts.set_stage(it.stage);
        };
        if at.read.event.queue_id.is_none() {
            self.with_session(at, &it.client, out, note);
            return self.over_without_quit(at, &it.client, out);
        }
        let key = self.session_key(at, &it.client);
        if let Some(session) = key
            .and_then(|key| self.processes.get(key))
            .and_then(|process| process.open_session())
        {
            note(session);
        }
        self.aborted(at, out);
    }

    /// At Exim no other line tells that a session is over that has broken off.
    fn over_without_quit(&mut self, at: At<'_>, client: &Peer<'_>, out: &mut impl Sink) {
        if is_exim(at)
            && let Some(key) = self.session_key(at, client)
        {
            self.end_session(key, out);
            self.processes.forget_client(key);
        }
    }

    pub(crate) fn violation(&mut self, at: At<'_>, it: &Violation<'_>, out: &mut impl Sink) {
        self.with_session(at, &it.client, out, |session| {
            session.facts.set_reason(it.violation)
        });
    }

    /// postscreen's verdict; the client that passed goes on to smtpd, so its session here is over.
    pub(crate) fn screened(&mut self, at: At<'_>, it: &Screened<'_>, out: &mut impl Sink) {
        let passed = it.verdict.starts_with(b"PASS")
            || matches!(it.verdict.as_bytes(), b"ALLOWLISTED" | b"WHITELISTED");
        let key = self.session_key(at, &it.client);
        if passed
            && let Some(process_key) = key
            && let Some(process) = self.processes.get(process_key)
            && process.in_session
        {
            process.in_session = false;
            let session = &mut process.session;
            session.facts.ended = at.read.at();
            let mut row = at.row(Kind::SessionScreened, Some(&session.lines));
            row.session = Some(&session.facts);
            out.row(&row);
            session.clear();
            return self.processes.forget_client(process_key);
        }
        self.with_session(at, &it.client, out, |session| {
            if it.rank.is_some() {
                session.facts.set_reason(it.verdict);
            }
        });
    }

    /// A handshake of ours as server belongs to the session, one as client to the next delivery.
    pub(crate) fn tls(&mut self, at: At<'_>, it: &Tls<'_>, out: &mut impl Sink) {
        if it.inbound {
            return self.with_session(at, &it.peer, out, |session| {
                session.facts.tls = true;
                let version = [it.protocol.as_ref(), it.cipher.as_ref()].join(&b' ');
                session.facts.set_tls_version(&version);
            });
        }
        let Some(key) = self.process_key(at) else {
            return self.alone(at, out);
        };
        let keep = self.settings.keep_text;
        let process = self.processes.of(key, at.read.at());
        if process.held.len() >= HELD_LINES_MAX {
            return self.alone(at, out);
        }
        process.held.push(at.read.line, keep);
        let facts = process.tls.get_or_insert_default();
        **facts = TlsFacts::default();
        facts.set_peer_address(it.peer.address);
        facts.set_trust(it.trust);
        facts.set_protocol(it.protocol);
        facts.set_cipher(it.cipher);
    }

    /// A line that goes with the session of its process where there is one. Warnings and failures
    /// are rows of their own, which know the session.
    pub(crate) fn beside(&mut self, at: At<'_>, out: &mut impl Sink) {
        let event = at.read.event;
        if event.queue_id.is_some() {
            return self.alone(at, out);
        }
        if event.severity < Severity::Warning && !matches!(event.body, Body::TlsFailed(_)) {
            return self.with_session(at, &Peer::default(), out, |_| {});
        }
        let session = self
            .process_key(at)
            .and_then(|key| self.processes.get(key))
            .and_then(|process| process.open_session());
        let mut row = at.row(event.kind(), None);
        row.session = session.map(|session| &session.facts);
        out.row(&row);
    }

    pub(crate) fn auth_failure(&mut self, at: At<'_>, it: &AuthFailure<'_>, out: &mut impl Sink) {
        let session = self
            .session_key(at, &it.client)
            .and_then(|key| self.processes.get(key))
            .and_then(|process| process.open_session());
        let mut row = at.row(at.read.event.kind(), None);
        if let Some(session) = session {
            session.facts.auth_failures += at.read.event.repeated;
            row.session = Some(&session.facts);
        }
        out.row(&row);
    }

    /// A decision on a session, a recipient or a message that has no queue id yet; the next message
    /// of the session is the one that a hold or discard is for.
    pub(crate) fn access(&mut self, at: At<'_>, it: &AccessCheck<'_>, out: &mut impl Sink) {
        if at.read.event.queue_id.is_some() {
            return self.access_to_message(at, it, out);
        }
        let accepted = it.next_queue_id.and_then(|id| self.behind_proxy(at, id));
        let session = self
            .session_key(at, &it.client)
            .or_else(|| self.process_key(at))
            .and_then(|key| self.processes.get(key))
            .and_then(|process| process.open_session());
        let mut row = at.row(it.kind(), None);
        if let Some(session) = session {
            note_decision(session, it);
            if let Some(ix) = accepted {
                let item = self.items.item_mut(ix);
                take_client(item, session, it);
                row.item = Some(item.key);
                row.message = Some(&item.facts);
            }
            row.session = Some(&session.facts);
        }
        out.row(&row);
    }
}

fn is_exim(at: At<'_>) -> bool {
    at.read.event.program.starts_with(b"exim")
}

fn note_decision(session: &mut Session, it: &AccessCheck<'_>) {
    match it.action {
        AccessAction::Reject => session.facts.rejected += 1,
        AccessAction::Hold | AccessAction::Discard => session.pending = Some(it.action),
        _ => {}
    }
    if session.facts.helo().is_none()
        && let Some(helo) = it.envelope.helo
    {
        session.facts.set_helo(helo);
    }
}

/// A message that came through a before-queue filter has the filter's client: the front session
/// knows the real one.
fn take_client(item: &mut crate::item::Item, front: &Session, it: &AccessCheck<'_>) {
    if item.facts.client().is_loopback() || item.facts.client_address().is_none() {
        if let Some(address) = front.facts.client_address() {
            item.facts.set_client_address(address);
        }
        if let Some(name) = front.facts.client_name() {
            item.facts.set_client_name(name);
        }
        item.facts.client_port = front.facts.client_port;
    }
    if let Some(helo) = it.envelope.helo {
        item.facts.set_helo(helo);
    }
    if let Some(user) = front.facts.user() {
        item.facts.set_sasl_username(user);
    }
}

fn set_client(session: &mut Session, client: &Peer<'_>) {
    if !client.name.is_empty() {
        session.facts.set_client_name(client.name);
    }
    session.facts.set_client_address(client.address);
    session.facts.client_port = client.port;
}
