//! Commands refused, or that would have been.

use super::{CODES, FIRST_CODE, Here, Tally, is_plain, name_of};
use crate::reason;
use bstr::{BStr, ByteSlice};
use model::{AccessAction, AccessCheck, Body, ContentCheck, Severity, Source};

impl Tally {
    pub(super) fn rejected(&mut self, here: &Here<'_>) {
        // Sendmail says once more what is counted.
        if let Some(Body::Delivery(_) | Body::Received(_)) = here.row.body {
            return self.closed(here);
        }
        if self.is_policy(here) {
            return;
        }
        self.totals.rejected += here.times;
        self.traffic.at(here.hour, |it| it.rejected += here.times);
        match here.row.body {
            Some(Body::Access(it)) => self.access_refused(here, it),
            Some(Body::Content(it)) => self.content_refused(here, it),
            _ => {}
        }
    }

    fn access_refused(&mut self, here: &Here<'_>, it: &AccessCheck<'_>) {
        self.plain.rejected += u64::from(is_plain_reject(here, it));
        let code = it
            .code
            .map_or(CODES, |code| usize::from(code.0.saturating_sub(FIRST_CODE)));
        if let Some(count) = self.refusals_by_code.get_mut(code) {
            *count += here.times;
        }
        self.refusals.count(here.times, value_of(it), |stage, out| {
            stage.extend_from_slice(it.stage);
            reason::refusal(it.text, out);
        });
        if let Some(client) = self.client(&it.client) {
            client.rejected += here.times;
        }
        let ends = matches!(
            it.stage.as_bytes(),
            b"END-OF-MESSAGE" | b"END-OF-DATA" | b"DATA"
        );
        if let Some(ix) = here.item.filter(|_| ends) {
            // Sendmail has told the reception by then.
            self.unreceive(ix);
            self.items.close(ix, here.row.at);
        }
    }

    fn content_refused(&mut self, here: &Here<'_>, it: &ContentCheck<'_>) {
        let plain = here.row.program == "cleanup"
            && is_plain(here.row.label)
            && matches!(it.part.as_bytes(), b"header" | b"body");
        self.plain.rejected += u64::from(plain && here.row.repeated == 1);
        let value = if it.client.is_empty() {
            BStr::new(b"local")
        } else {
            name_of(&it.client)
        };
        self.refusals.count(here.times, value, |stage, out| {
            stage.extend_from_slice(it.part);
            if it.text.is_empty() {
                out.extend_from_slice(it.header_name);
                out.extend_from_slice(b" matches a rule");
            } else {
                reason::refusal(it.text, out);
            }
        });
        if let Some(client) = self.client(&it.client) {
            client.rejected += here.times;
        }
        if let Some(ix) = here.item
            && !self.items.item(ix).is.queued
        {
            self.items.close(ix, here.row.at);
        }
    }

    /// Counts what a policy service said; the server's own line tells what came of it.
    fn is_policy(&mut self, here: &Here<'_>) -> bool {
        let Some(Body::Access(it)) = here.row.body else {
            return false;
        };
        if it.source != Source::Policy {
            return false;
        }
        self.scratch.clear();
        self.scratch.extend_from_slice(here.row.program);
        self.scratch.push(b' ');
        self.scratch.extend_from_slice(it.action.name().as_bytes());
        *self.policies.at(&self.scratch) += here.times;
        true
    }

    /// A decision that refuses nothing; of interest here are those that would have.
    pub(super) fn decided(&mut self, here: &Here<'_>) {
        if self.is_policy(here) {
            return;
        }
        let Some(Body::Access(it)) = here.row.body else {
            return;
        };
        if it.action != AccessAction::RejectWarning {
            return;
        }
        self.totals.reject_warnings += here.times;
        self.refusal_warnings
            .count(here.times, value_of(it), |stage, out| {
                stage.extend_from_slice(it.stage);
                reason::refusal(it.text, out);
            });
    }
}

/// Whether pflogsumm counts the line as a rejection.
fn is_plain_reject(here: &Here<'_>, it: &AccessCheck<'_>) -> bool {
    let row = here.row;
    // A refusal logged as a warning (ETRN) is among its warnings.
    let is_line = row.repeated == 1 && row.severity < Severity::Warning;
    if it.action != AccessAction::Reject || !is_plain(row.label) || !is_line {
        return false;
    }
    match row.program.as_bytes() {
        b"smtpd" | b"postscreen" => matches!(it.source, Source::Access | Source::Postscreen),
        b"cleanup" => it.stage == "END-OF-MESSAGE",
        _ => false,
    }
}

/// What a refusal is counted below: the sender or recipient if it was for that, else the client.
fn value_of<'c>(it: &AccessCheck<'c>) -> &'c [u8] {
    let has = |words: &str| it.text.contains_str(words);
    if has("Sender address rejected")
        && let Some(mail_from) = it.envelope.mail_from.filter(|it| !it.is_empty())
    {
        return mail_from;
    }
    if (has("Recipient address rejected") || has("User unknown"))
        && let Some(rcpt_to) = it.envelope.rcpt_to.filter(|it| !it.is_empty())
    {
        return rcpt_to;
    }
    name_of(&it.client)
}
