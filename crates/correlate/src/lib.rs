//! Events in, rows of history and links between messages out: a state machine to which time is an
//! argument.
//!
//! [`Correlator::apply`] takes the events of all hosts, each host's about in the order of its log,
//! and gives [`Row`]s to a [`Sink`] as soon as each is complete: `client=`, `message-id=` and
//! `queue active` make one accepted row; each delivery attempt, refusal and login is a row; connect
//! to disconnect is one. Every line is in exactly one row. Where two messages belong together
//! (filter, relay, bounce, ...) a [`Link`] says so, whichever side was seen first.
//!
//! It is not for reading lines (`parse`), nor for putting whole journeys together (`journey`): it
//! keeps only what lines may still come for. Waiting is measured by the time of each host's own log,
//! so a year of logs gives the same rows whether it is read live or in a minute, and a host that is
//! silent loses nothing. All bounds are in `limits.rs`.

mod attempts;
mod copies;
mod guesses;
mod half_links;
mod id;
mod item;
mod item_ids;
mod items;
mod lately;
mod limits;
mod links;
mod mailbox;
mod message;
mod names;
mod numbered;
mod process;
mod received;
mod recent;
mod recorded;
mod session;
mod snapshot;
mod sweep;

pub use item_ids::numbered_in;
pub use snapshot::SnapshotError;

use attempts::{Attempts, is_courier};
use half_links::HalfLinks;
use id::{HostId, InstanceId, ItemIx, TagId, table_hash};
use item::Said;
use items::Items;
use lately::Lately;
use limits::{ITEM_IDS_MAX, NEXT_HOPS_MAX};
use mailbox::Mailboxes;
use model::{Body, Event, Kind, Line, Lines, LinesOf, Link, Row, TimeOrigin, Timestamp};
use names::Names;
use numbered::NextHop;
use process::{ProcessKey, Processes};

/// Takes what the correlator gives out.
pub trait Sink {
    /// A row is complete.
    fn row(&mut self, row: &Row<'_>);
    /// Two queue items belong together.
    fn link(&mut self, link: &Link);
}

/// What a correlator is told about its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether rows carry the text of their lines; else only the lines' numbers.
    pub keep_text: bool,
}

/// An event with its time and its line, as the correlator takes it.
#[derive(Clone, Copy, Debug)]
pub struct Read<'a> {
    /// The line taken apart.
    pub event: &'a Event<'a>,
    /// How its time was found.
    pub origin: TimeOrigin,
    /// The line itself, with its time as understood.
    pub line: Line<'a>,
}

impl Read<'_> {
    /// When the line was written, as understood.
    pub fn at(&self) -> Timestamp {
        self.line.at
    }
}

/// The open state of all messages, sessions and links.
#[derive(Debug)]
pub struct Correlator {
    settings: Settings,
    names: Names,
    items: Items,
    processes: Processes,
    half_links: HalfLinks,
    mailboxes: Mailboxes,
    attempts: Attempts,
    /// Message-IDs of messages that are named by their numbers in a mailbox.
    item_ids: Lately<Box<[u8]>>,
    /// Where deliveries go that are named by their numbers.
    next_hops: Lately<NextHop>,
    /// No log has come further than this: what says a later time was written by a clock that is ahead.
    latest: Timestamp,
}

/// Sizes of the state, to watch it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateSizes {
    /// Messages, those included that are closed and can still be linked to.
    pub messages: usize,
    /// Messages that have not left their queue.
    pub open_messages: usize,
    /// Processes and sessions.
    pub processes: usize,
    /// Links that wait for their other side.
    pub half_links: usize,
}

/// A line at hand, with its numbers.
#[derive(Clone, Copy)]
struct At<'a> {
    read: Read<'a>,
    tag: TagId,
    host: HostId,
    instance: InstanceId,
    /// Whether rows take the line; a further row made of the same line does not.
    has_line: bool,
}

impl Correlator {
    /// An empty one.
    pub fn new(settings: Settings) -> Self {
        Correlator {
            settings,
            names: Names::default(),
            items: Items::default(),
            processes: Processes::default(),
            half_links: HalfLinks::default(),
            mailboxes: Mailboxes::default(),
            attempts: Attempts::default(),
            item_ids: Lately::new(ITEM_IDS_MAX),
            next_hops: Lately::new(NEXT_HOPS_MAX),
            latest: Timestamp::MAX,
        }
    }

    /// Tells when the next line was received: no log has come further, so that by a clock that is ahead nothing has
    /// waited for too long. Not part of the snapshot.
    pub fn no_later_than(&mut self, at: Timestamp) {
        self.latest = at;
    }

    /// Takes the next event.
    #[inline]
    pub fn apply(&mut self, read: Read<'_>, out: &mut impl Sink) {
        let tag = self.names.tag(read.event);
        let named = &self.names.tags[tag as usize];
        let at = At {
            read,
            tag,
            host: named.host,
            instance: named.instance,
            has_line: true,
        };
        self.advance(at.host, read.at().min(self.latest), out);
        match &read.event.body {
            Body::Connected(it) => self.connected(at, it, out),
            Body::Disconnected(it) => self.disconnected(at, it, out),
            Body::SessionAborted(it) => self.session_aborted(at, it, out),
            Body::Violation(it) => self.violation(at, it, out),
            Body::Screened(it) => self.screened(at, it, out),
            Body::Tls(it) => self.tls(at, it, out),
            Body::TlsFailed(_) => self.beside(at, out),
            Body::AuthFailure(it) => self.auth_failure(at, it, out),
            Body::Login(it) => self.login(at, it, out),
            Body::Logout(_) => self.logout(at, out),
            Body::Transaction(it) => self.transaction(at, it, out),
            Body::PickedUp(it) => self.picked_up(at, it, out),
            Body::MessageId(it) => self.message_id(at, it, out),
            Body::Access(it) => self.access(at, it, out),
            Body::Content(it) => self.content(at, it, out),
            Body::Queued(it) => self.queued(at, it, out),
            Body::QueueExpired(it) => self.queue_expired(at, it, out),
            Body::Removed(it) => self.removed(at, it, out),
            Body::Delivery(it) if it.several => self.delivery_to(at, it, it.recipients(), out),
            Body::Delivery(it) if is_courier(at) => self.delivery_said_before(at, it, out),
            Body::Delivery(it) if Self::is_of_copy(at, it) => self.delivery_of_copy(at, it, out),
            Body::Delivery(it) => self.delivery(at, it, out),
            Body::AttemptFailed(it) => {
                self.note_said(at, Said::before_failure(it));
                self.attempt_failed(at, out);
            }
            Body::Notification(it) => self.notification(at, it, out),
            Body::Admin(it) => self.admin(at, *it, out),
            Body::Verdict(it) if let Some(status) = it.became => {
                self.recorded(at, (it, status), out);
            }
            Body::Verdict(it) => self.verdict(at, it, out),
            Body::Mailbox(it) => self.mailbox(at, it, out),
            Body::Begun => self.id_taken(at, out),
            Body::Received(it) => self.received(at, it, out),
            Body::DeliveryStarted(it) => self.delivery_started(at, it, out),
            Body::DeliveryEnded(it) if it.is_reply() => {
                self.note_said(at, Said::before_success(it));
                self.attempt_failed(at, out);
            }
            Body::DeliveryEnded(it) if numbered::is_cisco(at) => {
                self.delivery_by_number(at, it, out);
            }
            Body::DeliveryEnded(it) => self.delivery_ended(at, it, out),
            Body::Submitted(it) => self.submitted(at, it, out),
            Body::AuthResult(_) | Body::Web(_) | Body::MailEvent(_) => self.alone(at, out),
            Body::Notice(it) if it.kind == Kind::DsnSent => self.writes_notification(at, out),
            Body::Notice(it) if numbered::is_cisco(at) => {
                self.note_next_hop(at, it);
                self.beside(at, out);
            }
            Body::Listed(_) | Body::Notice(_) => self.beside(at, out),
            Body::Unknown => self.alone(at, out),
        }
    }

    /// Sizes of the state.
    pub fn sizes(&self) -> StateSizes {
        StateSizes {
            messages: self.items.len(),
            open_messages: self
                .items
                .iter()
                .filter(|(_, item)| item.closed.is_none())
                .count(),
            processes: self.processes.len(),
            half_links: self.half_links.len(),
        }
    }

    /// The process that wrote the line, or the session where one process serves many and prints
    /// their ids (OpenSMTPD, Haraka); `None` where neither was logged.
    fn process_key(&self, at: At<'_>) -> Option<ProcessKey> {
        at.named_session()
            .filter(|&key| self.processes.is_known(key))
            .or_else(|| {
                Some(ProcessKey {
                    tag: at.tag,
                    pid: at.read.event.pid?,
                    client: 0,
                })
            })
    }

    /// The message that the line names, if it is known.
    fn named_item(&self, at: At<'_>) -> Option<ItemIx> {
        let queue_id = at.read.event.queue_id?;
        self.items
            .find(&self.names, at.instance, queue_id, at.read.at())
    }

    /// Gives out a row made of this line alone.
    fn alone(&self, at: At<'_>, out: &mut impl Sink) {
        let item = self.named_item(at).map(|ix| self.items.item(ix));
        let mut row = at.row(at.read.event.kind(), None);
        if let Some(item) = item {
            row.item = Some(item.key);
            row.message = Some(&item.facts);
        }
        out.row(&row);
    }
}

impl<'a> At<'a> {
    /// The session that the line names by its id.
    fn named_session(&self) -> Option<ProcessKey> {
        let event = self.read.event;
        (!event.session.is_empty()).then(|| ProcessKey {
            tag: self.tag,
            pid: event.pid.unwrap_or(0),
            client: table_hash(&[event.session]),
        })
    }

    /// A row that this line makes or completes, with the lines held for it.
    fn row(&self, kind: Kind, held: Option<&'a Lines>) -> Row<'a> {
        let event = self.read.event;
        Row {
            kind,
            at: self.read.at(),
            time_origin: self.read.origin,
            host: event.host,
            label: event.label,
            program: event.program,
            pid: event.pid,
            severity: event.severity,
            item: None,
            queue_id: event.queue_id,
            session_id: event.session,
            message: None,
            session: None,
            body: Some(&event.body),
            tls: None,
            rcpt_to: None,
            orig_rcpt_to: None,
            repeated: event.repeated,
            derived: false,
            lines: LinesOf {
                held,
                last: self.has_line.then_some(self.read.line),
            },
        }
    }
}
