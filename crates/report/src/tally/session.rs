//! Sessions with clients.

use super::{Here, Tally, is_plain};
use bstr::{BStr, ByteSlice};
use model::{Body, Peer, SessionFacts};

impl Tally {
    pub(super) fn session_closed(&mut self, here: &Here<'_>) {
        match here.row.program.as_bytes() {
            b"smtpd" => self.smtp_session(here),
            b"postscreen" => *self.screening.at(outcome(here.row.session)) += here.times,
            _ => {}
        }
    }

    fn smtp_session(&mut self, here: &Here<'_>) {
        self.sessions += here.times;
        let peer = match (here.row.session, here.row.body) {
            (Some(session), _) => peer_of(session),
            (None, Some(Body::Disconnected(it))) => it.client,
            _ => Peer::default(),
        };
        if let Some(client) = self.client(&peer) {
            client.connections += here.times;
        }
        let Some(session) = here.row.session else {
            return;
        };
        if !is_plain(here.row.label) {
            self.unseen.transactions += u64::from(session.transactions);
        }
        match session.tls_version() {
            Some(version) if session.tls => {
                let end = version.find_byte(b' ').unwrap_or(version.len());
                *self.tls_inbound.at(&version[..end]) += here.times;
            }
            // What comes back from a filter has no need of it.
            _ if peer.is_loopback() => {}
            _ => self.tls_inbound_without += here.times,
        }
        if let Some(reason) = session.reason() {
            let stage = session.stage().unwrap_or_default();
            self.session_ended_badly(reason, stage, here.times);
        }
    }

    /// A session that ended badly, of which nothing else is known.
    pub(super) fn session_aborted(&mut self, here: &Here<'_>) {
        match here.row.body {
            Some(Body::SessionAborted(it)) => {
                self.session_ended_badly(it.reason, it.stage, here.times);
            }
            Some(Body::Violation(it)) => {
                self.session_ended_badly(it.violation, it.stage, here.times);
            }
            _ => {}
        }
    }

    fn session_ended_badly(&mut self, reason: &BStr, stage: &BStr, times: u64) {
        self.scratch.clear();
        self.scratch.extend_from_slice(reason);
        if !stage.is_empty() {
            self.scratch.extend_from_slice(b" after ");
            self.scratch.extend_from_slice(stage);
        }
        *self.sessions_aborted.at(&self.scratch) += times;
    }

    pub(super) fn screened(&mut self, here: &Here<'_>) {
        if let Some(Body::Screened(it)) = here.row.body {
            *self.screening.at(it.verdict) += here.times;
        }
    }
}

/// What postscreen made of a client that it did not pass on.
fn outcome(session: Option<&SessionFacts>) -> &[u8] {
    match session {
        Some(session) if session.rejected > 0 => b"rejected",
        Some(session) => session.reason().map_or(b"left", |reason| reason.as_ref()),
        None => b"left",
    }
}

fn peer_of(session: &SessionFacts) -> Peer<'_> {
    Peer {
        name: session.client_name().unwrap_or_default(),
        address: session.client_address().unwrap_or_default(),
        port: session.client_port,
    }
}
