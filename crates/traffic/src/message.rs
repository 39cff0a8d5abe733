//! Messages in flight: what is known of them, and the items that carry them.

use crate::hosts::Queue;
use crate::people::{Address, Home, Peer, Text};
use crate::queue_id::{QueueId, Slot};
use crate::truth::{ItemKey, Outcome, TrueItem, TrueMessage, TrueRecipient};

/// A queue item on its way through one queue.
pub(crate) struct Item {
    pub(crate) message: u32,
    pub(crate) number: u16,
    pub(crate) queue: Queue,
    pub(crate) id: QueueId,
    pub(crate) slot: Slot,
    pub(crate) sender: Address,
    pub(crate) rcpts: Vec<Rcpt>,
    pub(crate) nrcpt: usize,
    pub(crate) size: u32,
    pub(crate) arrived: i64,
    pub(crate) tries: u32,
    /// Exim's process that delivers it just now.
    pub(crate) runner: u32,
    pub(crate) route: Route,
    pub(crate) delay_notified: bool,
}

impl Item {
    pub(crate) fn is_open(&self) -> bool {
        self.rcpts.iter().any(|rcpt| rcpt.state == State::Open)
    }
}

/// What an item's queue does with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// Through the content filter.
    Filter,
    /// By destination.
    Onward,
    /// Through the second instance.
    SecondInstance,
    /// Through the pipe filter.
    Pipe,
    /// By local(8).
    Local,
    /// Address probe.
    Probe,
}

/// A recipient of an item.
#[derive(Clone)]
pub(crate) struct Rcpt {
    /// Which recipient of the message.
    pub(crate) place: u32,
    pub(crate) address: Address,
    pub(crate) orig: Option<Text>,
    pub(crate) fate: Fate,
    pub(crate) state: State,
}

/// How far an item has come with a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    Done,
    /// Failed in this attempt; to be told to the sender.
    Failed,
}

/// What awaits a recipient at the next hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Good,
    /// Deferred so many times, then good.
    Later(u8),
    UserUnknown,
    MailboxFull,
    Refused,
}

/// All that is known of a message.
pub(crate) struct Story {
    pub(crate) message_id: Option<Text>,
    pub(crate) mail_from: Text,
    pub(crate) client: Option<Peer>,
    pub(crate) sasl: Option<Text>,
    pub(crate) subject: Option<Text>,
    /// A subject that no host has logged yet.
    pub(crate) heading: Option<Text>,
    /// A Message-ID that the first host made and no host has logged yet.
    pub(crate) unsaid_id: Option<Text>,
    pub(crate) items: Vec<Told>,
    pub(crate) rcpts: Vec<Fared>,
    pub(crate) dsns: Vec<(Queue, QueueId)>,
    pub(crate) cause: Option<(Queue, QueueId)>,
    pub(crate) probe: bool,
    pub(crate) lines: u32,
    /// Items not yet ended.
    pub(crate) live: u32,
    /// When its last item ended.
    pub(crate) until: i64,
}

pub(crate) struct Told {
    pub(crate) queue: Queue,
    pub(crate) id: QueueId,
    pub(crate) first_seen: Option<i64>,
}

pub(crate) struct Fared {
    pub(crate) address: Text,
    pub(crate) orig: Option<Text>,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) deferrals: u32,
    pub(crate) dsn: Option<&'static str>,
    pub(crate) mailbox: Option<&'static str>,
    pub(crate) item: u16,
}

impl Story {
    pub(crate) fn new(mail_from: &Address) -> Self {
        Story {
            message_id: None,
            mail_from: mail_from.text.clone(),
            client: None,
            sasl: None,
            subject: None,
            heading: None,
            unsaid_id: None,
            items: Vec::new(),
            rcpts: Vec::new(),
            dsns: Vec::new(),
            cause: None,
            probe: false,
            lines: 0,
            live: 0,
            until: 0,
        }
    }

    /// Adds a recipient and returns its place.
    pub(crate) fn add(&mut self, address: &Address, orig: Option<&Text>) -> u32 {
        self.rcpts.push(Fared {
            address: address.text.clone(),
            orig: orig.cloned(),
            outcome: None,
            deferrals: 0,
            dsn: None,
            mailbox: None,
            item: 0,
        });
        (self.rcpts.len() - 1) as u32
    }

    /// The Message-ID for a line that names it, if there is one.
    pub(crate) fn say_message_id(&mut self) -> Option<Text> {
        if let Some(id) = self.unsaid_id.take() {
            self.message_id.get_or_insert(id);
        }
        self.message_id.clone()
    }

    /// The Message-ID in the header, whether a line of a queue names it or not.
    pub(crate) fn any_message_id(&self) -> Option<Text> {
        self.message_id.clone().or_else(|| self.unsaid_id.clone())
    }

    pub(crate) fn truth(&self) -> TrueMessage {
        let mut items: Vec<TrueItem> = self.items.iter().map(true_item).collect();
        items.sort_by_key(|item| item.first_seen_us);
        TrueMessage {
            message_id: self.message_id.as_deref().map(str::to_owned),
            mail_from: self.mail_from.as_ref().to_owned(),
            client_address: self
                .client
                .as_ref()
                .map(|peer| peer.address.as_ref().to_owned()),
            sasl_username: self.sasl.as_deref().map(str::to_owned),
            subject: self.subject.as_deref().map(str::to_owned),
            items,
            recipients: self
                .rcpts
                .iter()
                .map(|rcpt| self.true_recipient(rcpt))
                .collect(),
            dsns: self.dsns.iter().map(key).collect(),
            cause: self.cause.as_ref().map(key),
            probe: self.probe,
            lines: self.lines,
        }
    }

    fn true_recipient(&self, fared: &Fared) -> TrueRecipient {
        let told = &self.items[usize::from(fared.item)];
        TrueRecipient {
            rcpt_to: fared.address.as_ref().to_owned(),
            orig_rcpt_to: fared.orig.as_deref().map(str::to_owned),
            outcome: fared.outcome.unwrap_or(Outcome::Deferred),
            deferrals: fared.deferrals,
            enhanced_status: fared.dsn.map(str::to_owned),
            mailbox: fared.mailbox.map(str::to_owned),
            item: key(&(told.queue, told.id)),
        }
    }
}

fn true_item(told: &Told) -> TrueItem {
    TrueItem {
        host: told.queue.host().label(),
        instance: told.queue.instance(),
        queue_id: told.id.as_str().to_owned(),
        first_seen_us: told.first_seen.unwrap_or_default(),
    }
}

fn key((queue, id): &(Queue, QueueId)) -> ItemKey {
    ItemKey {
        host: queue.host().label(),
        instance: queue.instance(),
        queue_id: id.as_str().to_owned(),
    }
}

/// The next hop of a recipient, if it is one of our queues.
pub(crate) fn next_queue(from: Queue, home: Home) -> Option<Queue> {
    let target = match home {
        Home::Store1 => Queue::Store1,
        Home::Store2 => Queue::Store2,
        Home::Gateway => Queue::GwIn,
        Home::Exim1 if may_reach_exim(from) => Queue::Exim1,
        Home::Exim2 if may_reach_exim(from) => Queue::Exim2,
        // Exim sends out by itself, but for some domains, which it leaves to the outgoing host.
        Home::Remote(number) if from.is_exim() && !number.is_multiple_of(5) => from,
        Home::Remote(_) | Home::Nowhere | Home::Exim1 | Home::Exim2 => Queue::Out1,
    };
    (target != from).then_some(target)
}

fn may_reach_exim(from: Queue) -> bool {
    from.is_exim() || from == Queue::Out1
}
