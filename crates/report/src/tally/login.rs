//! Logins, done and refused.

use super::{Here, Tally};
use bstr::{BStr, ByteSlice};
use model::{Body, Kind, MessageFacts};

impl Tally {
    pub(super) fn sent_with_login(&mut self, message: &MessageFacts, user: &BStr) {
        let tally = &mut self.submission;
        tally.succeeded += 1;
        tally.users.at(user).succeeded += 1;
        method_key(
            &mut self.scratch,
            b"smtp",
            message.sasl_method().unwrap_or_default(),
        );
        tally.methods.at(&self.scratch).succeeded += 1;
    }

    pub(super) fn logged_in(&mut self, here: &Here<'_>) {
        let Some(Body::Login(it)) = here.row.body else {
            return;
        };
        let tally = &mut self.mailbox;
        tally.succeeded += here.times;
        tally.users.at(it.user).succeeded += here.times;
        tally.clients.at(it.client.address).succeeded += here.times;
        method_key(&mut self.scratch, it.protocol, it.method);
        tally.methods.at(&self.scratch).succeeded += here.times;
    }

    pub(super) fn login_failed(&mut self, here: &Here<'_>) {
        let Some(Body::AuthFailure(it)) = here.row.body else {
            return;
        };
        let to_send = matches!(it.protocol.as_bytes(), b"smtp" | b"submission" | b"")
            && here.row.program != "dovecot";
        let tally = if to_send {
            &mut self.submission
        } else {
            &mut self.mailbox
        };
        if here.row.kind == Kind::AuthAborted {
            tally.aborted += here.times;
        } else {
            tally.failed += here.times;
        }
        if !it.user.is_empty() {
            tally.users.at(it.user).failed += here.times;
        }
        tally.clients.at(it.client.address).failed += here.times;
        let protocol = if it.protocol.is_empty() {
            BStr::new(b"smtp")
        } else {
            it.protocol
        };
        method_key(&mut self.scratch, protocol, it.method);
        tally.methods.at(&self.scratch).failed += here.times;
        if let Some(client) = self.client(&it.client) {
            client.login_failures += here.times;
        }
    }
}

/// Writes `imap PLAIN`.
fn method_key(out: &mut Vec<u8>, protocol: &[u8], method: &[u8]) {
    out.clear();
    out.extend_from_slice(protocol);
    if !method.is_empty() {
        out.push(b' ');
        out.extend(method.iter().map(u8::to_ascii_uppercase));
    }
}
