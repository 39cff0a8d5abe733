//! What is known of a message in one queue, grown from row to row.

use crate::attempt::PeerName;
use crate::text::{Pool, Text};
use bstr::BStr;
use model::{MessageFacts, Timestamp};

/// [`MessageFacts`], owned and with shared texts.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// Of the row that told last; an earlier one only fills in.
    as_of: Timestamp,
    pub(crate) message_id: Option<Text>,
    pub(crate) mail_from: Option<Text>,
    pub(crate) subject: Option<Text>,
    pub(crate) header_from: Option<Text>,
    pub(crate) client_name: Option<Text>,
    pub(crate) client_address: Option<Text>,
    pub(crate) helo: Option<Text>,
    pub(crate) sasl_method: Option<Text>,
    pub(crate) sasl_username: Option<Text>,
    pub(crate) local_user: Option<Text>,
    pub(crate) orig_client_address: Option<Text>,
    pub(crate) orig_client_name: Option<Text>,
    pub(crate) arrived: Timestamp,
    pub(crate) size: Option<u64>,
    pub(crate) recipients: Option<u32>,
    pub(crate) uid: Option<u32>,
    pub(crate) client_port: Option<u16>,
    pub(crate) session_started: Option<Timestamp>,
    pub(crate) incomplete_head: bool,
    pub(crate) probe: bool,
}

impl Facts {
    pub(crate) fn of(at: Timestamp) -> Self {
        Facts {
            as_of: Timestamp::MIN,
            arrived: at,
            ..Facts::default()
        }
    }

    /// Takes what a row of a time knows; facts grow, so a later row knows better.
    pub(crate) fn grow(&mut self, at: Timestamp, known: &MessageFacts, pool: &mut Pool) {
        let newer = at >= self.as_of;
        self.grow_texts(newer, known, pool);
        self.grow_sender(newer, known.mail_from(), pool);
        self.probe |= known.probe;
        self.uid = self.uid.or(known.uid);
        self.client_port = self.client_port.or(known.client_port);
        self.session_started = self.session_started.or(known.session_started);
        if newer {
            self.as_of = at;
            self.arrived = known.arrived;
            self.incomplete_head = known.incomplete_head;
            self.size = known.size.or(self.size);
            self.recipients = known.recipients.or(self.recipients);
        } else {
            self.size = self.size.or(known.size);
            self.recipients = self.recipients.or(known.recipients);
        }
    }

    fn grow_texts(&mut self, newer: bool, known: &MessageFacts, pool: &mut Pool) {
        let mut grow = |slot: &mut Option<Text>, text: Option<&BStr>| {
            let Some(text) = text else { return };
            let keeps = slot.as_ref().is_some_and(|old| !newer || **old == *text);
            if !keeps {
                *slot = Some(pool.text(text));
            }
        };
        grow(&mut self.message_id, known.message_id());
        grow(&mut self.subject, known.subject());
        grow(&mut self.header_from, known.header_from());
        grow(&mut self.client_name, known.client_name());
        grow(&mut self.client_address, known.client_address());
        grow(&mut self.helo, known.helo());
        grow(&mut self.sasl_method, known.sasl_method());
        grow(&mut self.sasl_username, known.sasl_username());
        grow(&mut self.local_user, known.local_user());
        grow(&mut self.orig_client_address, known.orig_client_address());
        grow(&mut self.orig_client_name, known.orig_client_name());
    }

    /// The queue manager tells the sender after rewriting, pickup the bare name before.
    fn grow_sender(&mut self, newer: bool, mail_from: Option<&BStr>, pool: &mut Pool) {
        let Some(mail_from) = mail_from else { return };
        let is_bare = |text: &BStr| !text.is_empty() && !text.contains(&b'@');
        let better = self.mail_from.as_ref().is_none_or(|old| {
            (newer && !is_bare(mail_from)) || (is_bare(old) && !is_bare(mail_from))
        });
        if better {
            self.mail_from = Some(pool.text(mail_from));
        }
    }

    /// The client that brought it.
    pub(crate) fn client(&self) -> Option<PeerName> {
        peer(&self.client_name, &self.client_address, self.client_port)
    }

    /// The client that the hop before had, where it told; else the one that brought it.
    pub(crate) fn first_client(&self) -> Option<PeerName> {
        peer(&self.orig_client_name, &self.orig_client_address, None).or_else(|| self.client())
    }
}

fn peer(name: &Option<Text>, address: &Option<Text>, port: Option<u16>) -> Option<PeerName> {
    let said = |text: &Option<Text>| text.clone().filter(|it| !it.is_empty());
    let (name, address) = (said(name), said(address));
    (name.is_some() || address.is_some()).then_some(PeerName {
        name,
        address,
        port,
    })
}
