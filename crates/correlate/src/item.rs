//! One message in one queue.

use crate::id::{Id, InstanceId, TagId};
use crate::limits::{KEPT_BYTES_MAX, OPEN_RECIPIENTS_MAX};
use bstr::BStr;
use model::{
    Agent, Delays, Delivery, DeliveryStatus, EnhancedStatus, ItemKey, Lines, MessageFacts, Peer,
    ReplyCode, Severity, Texts, TimeOrigin, Timestamp,
};

/// What is known of one message in one queue, for as long as lines may still come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    /// Whether the place in the table is taken; else it is only memory to be used again.
    pub(crate) live: bool,
    pub(crate) key: ItemKey,
    pub(crate) queue_id: Id,
    /// The id by which other servers know it, where that is another one: qmail's `qp`, Courier's
    /// `TIME.PID`.
    pub(crate) told_id: Option<Box<[u8]>>,
    pub(crate) instance: InstanceId,
    /// Tag of the line that made it, for rows that no line makes.
    pub(crate) tag: TagId,
    pub(crate) facts: MessageFacts,
    pub(crate) opened: Timestamp,
    pub(crate) last: Timestamp,
    /// When it left the queue.
    pub(crate) closed: Option<Timestamp>,
    pub(crate) stage: Stage,
    /// `client=` or `uid=` was seen.
    pub(crate) has_head: bool,
    pub(crate) has_message_id: bool,
    /// Whether it can be found by its Message-ID.
    pub(crate) is_indexed: bool,
    /// The queue manager told the sender.
    pub(crate) has_sender: bool,
    /// Recipients without a final result, where no line tells that the message is done.
    pub(crate) rcpts_left: Option<u32>,
    /// The accepted row, or another one in its place, was given out.
    pub(crate) accepted: bool,
    /// Lines that the next row takes with it.
    pub(crate) held: Lines,
    /// Deliveries that came before the head.
    pub(crate) waiting: Vec<WaitingDelivery>,
    /// What lines before the results said of attempts, one for each recipient (Courier).
    pub(crate) said: Vec<Said>,
    /// Recipients whose last attempt was deferred, for those that expire; with Haraka also those that
    /// have not been tried.
    pub(crate) open: Vec<OpenRecipient>,
    /// Domains of the recipients in the order in which they were accepted (Haraka), or the recipients
    /// themselves (Cisco's gateway).
    pub(crate) addressed: Vec<Box<[u8]>>,
    /// Items that this one was linked to as the child, so that no link is told twice.
    pub(crate) parents: Vec<ItemKey>,
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The transaction goes on.
    Receiving,
    /// An access rule will hold it.
    WillHold,
    /// An access rule will discard it.
    WillDiscard,
    /// In the queue.
    Queued,
    /// On hold.
    Held,
    /// Refused, discarded or given up before it was queued.
    Ended,
    /// Recipients were refused, and nothing else is known of it (Sendmail).
    Refused,
}

/// What was said to an attempt, of which the result stands in a later line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Said {
    pub(crate) rcpt_to: Box<[u8]>,
    pub(crate) text: Box<[u8]>,
    pub(crate) code: Option<ReplyCode>,
    pub(crate) enhanced: Option<EnhancedStatus>,
    pub(crate) next_queue_id: Option<Box<[u8]>>,
}

/// A recipient that is to be tried, or tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenRecipient {
    pub(crate) rcpt_to: Box<[u8]>,
    pub(crate) orig_rcpt_to: Option<Box<[u8]>>,
    /// When it was last deferred; [`Timestamp::MIN`] where it was not.
    pub(crate) tried: Timestamp,
}

/// A delivery line kept until the head of its message comes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WaitingDelivery {
    pub(crate) at: Timestamp,
    pub(crate) origin: TimeOrigin,
    pub(crate) tag: TagId,
    pub(crate) pid: Option<u32>,
    pub(crate) severity: Severity,
    pub(crate) repeated: u32,
    pub(crate) lines: Lines,
    pub(crate) texts: Texts<7>,
    pub(crate) relay_port: Option<u16>,
    pub(crate) connection_use: Option<u32>,
    pub(crate) delays: Delays,
    pub(crate) enhanced: Option<EnhancedStatus>,
    pub(crate) status: DeliveryStatus,
    pub(crate) agent: Agent,
    pub(crate) code: Option<ReplyCode>,
    pub(crate) remote_reply: bool,
    pub(crate) suspended: bool,
}

const RCPT_TO: usize = 0;
const ORIG_RCPT_TO: usize = 1;
const RELAY_NAME: usize = 2;
const RELAY_ADDRESS: usize = 3;
const TLS: usize = 4;
const TEXT: usize = 5;
const NEXT_QUEUE_ID: usize = 6;

impl WaitingDelivery {
    /// Copies the texts of a delivery.
    pub(crate) fn texts(it: &Delivery<'_>) -> Texts<7> {
        let mut texts = Texts::default();
        texts.set(RCPT_TO, it.rcpt_to);
        texts.set(RELAY_NAME, it.relay.name);
        texts.set(RELAY_ADDRESS, it.relay.address);
        texts.set(TLS, it.tls);
        texts.set(TEXT, it.text);
        if let Some(text) = it.orig_rcpt_to {
            texts.set(ORIG_RCPT_TO, text);
        }
        if let Some(text) = it.next_queue_id {
            texts.set(NEXT_QUEUE_ID, text);
        }
        texts
    }

    /// The delivery as it was read.
    pub(crate) fn delivery(&self) -> Delivery<'_> {
        let text = |place| self.texts.get(place).unwrap_or_default();
        Delivery {
            rcpt_to: text(RCPT_TO),
            several: false,
            copy: None,
            orig_rcpt_to: self.texts.get(ORIG_RCPT_TO),
            relay: Peer {
                name: text(RELAY_NAME),
                address: text(RELAY_ADDRESS),
                port: self.relay_port,
            },
            connection_use: self.connection_use,
            delays: self.delays,
            tls: text(TLS),
            enhanced: self.enhanced,
            status: self.status,
            agent: self.agent,
            text: text(TEXT),
            code: self.code,
            remote_reply: self.remote_reply,
            next_queue_id: self.texts.get(NEXT_QUEUE_ID),
            suspended: self.suspended,
        }
    }
}

impl Default for Item {
    fn default() -> Self {
        Item {
            live: false,
            key: ItemKey(0),
            queue_id: Id::new(b""),
            told_id: None,
            instance: 0,
            tag: 0,
            facts: MessageFacts::default(),
            opened: Timestamp::MIN,
            last: Timestamp::MIN,
            closed: None,
            stage: Stage::Receiving,
            has_head: false,
            has_message_id: false,
            is_indexed: false,
            has_sender: false,
            rcpts_left: None,
            accepted: false,
            held: Lines::default(),
            waiting: Vec::new(),
            said: Vec::new(),
            open: Vec::new(),
            addressed: Vec::new(),
            parents: Vec::new(),
        }
    }
}

impl Item {
    /// Begins anew for another message, in the same memory.
    pub(crate) fn begin_anew(&mut self, at: Timestamp) {
        self.facts.begin_anew(at);
        self.opened = at;
        self.last = at;
        self.closed = None;
        self.told_id = None;
        self.stage = Stage::Receiving;
        self.has_head = false;
        self.has_message_id = false;
        self.is_indexed = false;
        self.has_sender = false;
        self.rcpts_left = None;
        self.accepted = false;
        self.held.clear();
        self.waiting.clear();
        self.said.clear();
        self.open.clear();
        self.addressed.clear();
        self.parents.clear();
    }

    /// Gives memory back that only an unusual message needs.
    pub(crate) fn shrink(&mut self) {
        if self.facts.heap_bytes() > KEPT_BYTES_MAX {
            self.facts = MessageFacts::default();
        }
        self.waiting = Vec::new();
        self.said = Vec::new();
        self.open = Vec::new();
        self.addressed = Vec::new();
    }

    /// Queue id as text.
    pub(crate) fn queue_id(&self) -> &BStr {
        BStr::new(self.queue_id.bytes())
    }

    /// Remembers or forgets a recipient by its last result.
    pub(crate) fn note_result(&mut self, delivery: &Delivery<'_>, at: Timestamp) {
        let deferred = delivery.status == DeliveryStatus::Deferred;
        if !deferred && self.open.is_empty() {
            return;
        }
        let known = self
            .open
            .iter()
            .position(|it| *it.rcpt_to == **delivery.rcpt_to);
        match (known, deferred) {
            (Some(known), false) => {
                self.open.swap_remove(known);
            }
            (Some(known), true) => self.open[known].tried = at,
            (None, true) if self.open.len() < OPEN_RECIPIENTS_MAX => {
                self.open.push(OpenRecipient {
                    rcpt_to: delivery.rcpt_to.to_vec().into(),
                    orig_rcpt_to: delivery.orig_rcpt_to.map(|text| text.to_vec().into()),
                    tried: at,
                })
            }
            _ => {}
        }
    }
}
