//! Zimbra and Cyrus name a message by its Message-ID once, when it comes into a mailbox, and from then on
//! by the number that it has there: in Zimbra in the whole mailbox, in Cyrus in the folder.
//! Source: zm-mailbox `store/src/java/com/zimbra/cs/mailbox/{Message,MailItem}.java`; cyrus-imapd
//! `imap/mailbox.c` (auditlog).

use crate::id::{HostId, stable_hash};
use crate::{At, Correlator, Sink};
use bstr::BStr;
use model::{Body, Event, MailboxAction, SessionFacts};

/// The mailbox or folder that a line's numbers are of, by its name; `None` where its server names messages
/// by Message-ID, or the line does not tell.
pub fn numbered_in<'a>(event: &Event<'a>, it: &MailboxAction<'a>) -> Option<&'a BStr> {
    let name = match event.rule {
        _ if event.program == "zimbra" => it.user,
        "cyrus audit" | "cyrus event" => it.mailbox,
        _ => return None,
    };
    (!name.is_empty()).then_some(name)
}

fn place(host: HostId, of: &BStr, number: u32) -> u64 {
    let of = of.to_ascii_lowercase();
    stable_hash(&[&host.to_le_bytes(), &of, &number.to_le_bytes()])
}

impl Correlator {
    /// A message came into a mailbox: later lines name it by its number.
    pub(crate) fn remember_number(&mut self, at: At<'_>, of: &BStr, it: &MailboxAction<'_>) {
        let Some(number) = it.uid.filter(|_| !it.message_id.is_empty()) else {
            return;
        };
        let place = place(at.host, of, number);
        self.item_ids.insert(place, it.message_id.to_vec().into());
    }

    /// Something was done to messages that are named by their numbers: a row for each that is known, of
    /// which the first has the line.
    pub(crate) fn done_by_number(
        &mut self,
        at: At<'_>,
        (of, it): (&BStr, &MailboxAction<'_>),
        out: &mut impl Sink,
    ) {
        let session = self.mailboxes.get(at.read.event.session);
        let session = session.map(|session| &session.facts);
        // Cyrus does not repeat who it is.
        let user = session.and_then(|it| it.user()).unwrap_or(it.user);
        let known: Vec<(u32, Box<[u8]>)> = it
            .uids()
            .filter_map(|number| {
                let message_id = self.item_ids.get(place(at.host, of, number))?;
                Some((number, message_id.clone()))
            })
            .collect();
        if known.is_empty() {
            give(at, None, session, out);
        }
        for (nth, (number, message_id)) in known.iter().enumerate() {
            let at = At {
                has_line: at.has_line && nth == 0,
                ..at
            };
            let body = Body::Mailbox(MailboxAction {
                message_id: BStr::new(message_id),
                uid: Some(*number),
                user,
                ..*it
            });
            give(at, Some(&body), session, out);
        }
        if let Some(copy) = it.copy_uid {
            for (_, message_id) in known {
                let place = place(at.host, of, copy);
                self.item_ids.insert(place, message_id);
            }
        }
    }
}

/// Gives out a row made of the line alone, with other facts if there are some.
fn give<'r>(
    at: At<'r>,
    body: Option<&'r Body<'r>>,
    session: Option<&'r SessionFacts>,
    out: &mut impl Sink,
) {
    let mut row = at.row(at.read.event.kind(), None);
    row.session = session;
    row.body = body.or(row.body);
    out.row(&row);
}
