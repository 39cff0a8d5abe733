//! What was gathered of one queue item.

use crate::Notification;
use crate::attempt::Tried;
use crate::checks::{HandedIn, SenderCheck};
use crate::facts::Facts;
use crate::hop::{Decision, FilterVerdict, HopState};
use crate::journey::JourneyLine;
use crate::mailbox::MailboxEntry;
use crate::text::{Pool, Text};
use model::{Body, ItemKey, Kind, Notification as Told, Row, SessionAborted, Timestamp};

/// What was gathered of one queue item.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) key: ItemKey,
    pub(crate) host: Text,
    pub(crate) instance: Text,
    pub(crate) queue_id: Text,
    /// The id by which other servers know it, where that is another one.
    pub(crate) told_id: Option<Text>,
    /// How good the row is that host and instance were taken from.
    placed_by: Place,
    pub(crate) facts: Facts,
    pub(crate) tls: Option<Text>,
    /// How the client's session ended, where it ended badly.
    pub(crate) broken_off: Option<Text>,
    pub(crate) events: Vec<Happened>,
    pub(crate) tried: Vec<Tried>,
    pub(crate) given_up: Vec<GivenUp>,
    /// Recipients of which a line of their own says that the message was refused.
    refused: Vec<Text>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) verdicts: Vec<FilterVerdict>,
    pub(crate) checks: Vec<SenderCheck>,
    pub(crate) handed_in: Option<HandedIn>,
    pub(crate) notifications: Vec<Notification>,
    pub(crate) mailbox: Vec<MailboxEntry>,
    pub(crate) lines: Vec<JourneyLine>,
    pub(crate) line_count: u32,
}

/// Something that happened to the item as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Happened {
    pub(crate) at: Timestamp,
    pub(crate) seq: u32,
    pub(crate) kind: Kind,
}

/// A recipient that was given up with the queue life.
#[derive(Debug)]
pub(crate) struct GivenUp {
    pub(crate) at: Timestamp,
    pub(crate) rcpt_to: Text,
    pub(crate) orig_rcpt_to: Option<Text>,
}

/// Where a row knows host and instance from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Nothing,
    /// A filter or mail store.
    Beside,
    /// A mail server's program, which may have a label of its own.
    Program,
    /// The queue manager.
    Queue,
}

impl Item {
    pub(crate) fn new(key: ItemKey, at: Timestamp, pool: &mut Pool) -> Self {
        let empty = pool.text(b"");
        Item {
            key,
            host: empty.clone(),
            instance: empty.clone(),
            queue_id: empty,
            told_id: None,
            placed_by: Place::Nothing,
            facts: Facts::of(at),
            tls: None,
            broken_off: None,
            events: Vec::new(),
            tried: Vec::new(),
            given_up: Vec::new(),
            refused: Vec::new(),
            decisions: Vec::new(),
            verdicts: Vec::new(),
            checks: Vec::new(),
            handed_in: None,
            notifications: Vec::new(),
            mailbox: Vec::new(),
            lines: Vec::new(),
            line_count: 0,
        }
    }

    /// Takes what a row about the item tells.
    pub(crate) fn take(&mut self, row: &Row<'_>, seq: u32, pool: &mut Pool) {
        self.note_place(row, pool);
        self.line_count += row.lines.len() as u32;
        if let Some(known) = row.message {
            self.facts.grow(row.at, known, pool);
        }
        let session_tls = row.session.and_then(|it| it.tls_version());
        if let Some(tls) = session_tls.or_else(|| row.message?.tls_version())
            && self.tls.is_none()
        {
            self.tls = Some(pool.text(tls));
        }
        match row.body {
            Some(Body::Delivery(it)) if row.kind == Kind::MessageRejected => {
                push(&mut self.refused, pool.text(it.rcpt_to));
            }
            Some(Body::Delivery(it)) => {
                push(&mut self.tried, Tried::new(self.key, row, it, seq, pool))
            }
            Some(Body::Access(it)) => {
                self.decided(row, seq, Decision::of_access(row, it, pool));
            }
            Some(Body::Content(it)) if row.kind != Kind::MessageHeader => {
                self.decided(row, seq, Decision::of_content(row, it, pool));
            }
            Some(Body::Verdict(it)) => {
                push(&mut self.verdicts, FilterVerdict::new(row, it, pool));
            }
            Some(Body::AuthResult(it)) => {
                push(&mut self.checks, SenderCheck::new(row, it, pool));
            }
            Some(Body::Received(_)) => {
                self.told_id = self.told_id.take().or_else(|| pool.said(row.session_id));
                self.happened(row, seq);
            }
            Some(Body::Submitted(it)) => self.handed_in = Some(HandedIn::new(row, it, pool)),
            Some(Body::Mailbox(it)) => push(&mut self.mailbox, MailboxEntry::new(row, it, pool)),
            Some(Body::Notification(it)) => self.notified(row, it, pool),
            Some(Body::SessionAborted(it)) => {
                self.broken_off = Some(broken_off(it, pool));
                self.happened(row, seq);
            }
            Some(Body::Notice(_)) if row.kind == Kind::DsnSent => {
                self.notified(row, &Told::default(), pool);
            }
            _ if row.kind == Kind::Expired => self.gave_up(row, pool),
            _ => self.happened(row, seq),
        }
    }

    fn note_place(&mut self, row: &Row<'_>, pool: &mut Pool) {
        let place = match row.body {
            Some(
                Body::Verdict(_) | Body::Mailbox(_) | Body::AuthResult(_) | Body::Submitted(_),
            ) => Place::Beside,
            _ if *row.program == "qmgr" => Place::Queue,
            _ => Place::Program,
        };
        if place <= self.placed_by {
            return;
        }
        self.placed_by = place;
        self.host = pool.text(row.host);
        let label = row.label.split(|&byte| byte == b'/').next();
        self.instance = pool.text(label.unwrap_or_default());
        if let Some(queue_id) = row.queue_id {
            self.queue_id = pool.text(queue_id);
        }
    }

    fn decided(&mut self, row: &Row<'_>, seq: u32, decision: Decision) {
        if decision.whole_message {
            self.happened(row, seq);
        }
        push(&mut self.decisions, decision);
    }

    fn notified(&mut self, row: &Row<'_>, it: &Told<'_>, pool: &mut Pool) {
        let notification = Notification {
            kind: it.kind,
            to_postmaster: it.to_postmaster,
            at: row.at,
            about: self.key,
            queue_id: it.dsn_queue_id.map(|id| pool.text(id)),
            item: None,
            reason: pool.said(it.reason),
            fate: None,
        };
        push(&mut self.notifications, notification);
    }

    fn gave_up(&mut self, row: &Row<'_>, pool: &mut Pool) {
        let Some(rcpt_to) = row.rcpt_to else { return };
        let orig = row.orig_rcpt_to.filter(|orig| *orig != rcpt_to);
        let given_up = GivenUp {
            at: row.at,
            rcpt_to: pool.text(rcpt_to),
            orig_rcpt_to: orig.map(|text| pool.text(text)),
        };
        push(&mut self.given_up, given_up);
    }

    fn happened(&mut self, row: &Row<'_>, seq: u32) {
        let tells = matches!(
            row.kind,
            Kind::MessageStarted
                | Kind::MessageAccepted
                | Kind::MessageAborted
                | Kind::MessageRejected
                | Kind::MessageHeld
                | Kind::MessageReleased
                | Kind::MessageDiscarded
                | Kind::MessageRequeued
                | Kind::MessageRetryStarted
                | Kind::MessageExpired
                | Kind::MessageDeleted
                | Kind::MessageClosed
                | Kind::AdminAction
        );
        if tells {
            let happened = Happened {
                at: row.at,
                seq,
                kind: row.kind,
            };
            push(&mut self.events, happened);
        }
    }

    /// Whether another server knows it by this id.
    pub(crate) fn is_told_as(&self, id: &Text) -> bool {
        self.queue_id == *id || self.told_id.as_ref() == Some(id)
    }

    /// Puts all in order of time.
    pub(crate) fn sort(&mut self) {
        self.events.sort_unstable();
        self.tried.sort_by_key(|it| (it.attempt.at, it.seq));
        self.given_up.sort_by_key(|it| it.at);
        self.decisions.sort_by_key(|it| it.at);
        self.verdicts.sort_by_key(|it| it.at);
        self.checks.sort_by_key(|it| it.at);
        self.notifications.sort_by_key(|it| it.at);
        self.mailbox.sort_by_key(|it| it.at);
    }

    /// How it stands: what ends it ends it, whichever line came first; else the last word counts.
    pub(crate) fn state(&self) -> HopState {
        let end = |kind: Kind| match kind {
            Kind::MessageDeleted => Some(HopState::Deleted),
            Kind::MessageRejected => Some(HopState::Rejected),
            Kind::MessageDiscarded => Some(HopState::Discarded),
            Kind::MessageAborted => Some(HopState::Aborted),
            Kind::MessageRequeued => Some(HopState::Requeued),
            Kind::MessageClosed => Some(HopState::Closed),
            _ => None,
        };
        let ended = self.events.iter().filter_map(|it| end(it.kind)).max();
        ended.unwrap_or_else(|| self.open_state())
    }

    fn open_state(&self) -> HopState {
        let mut state = HopState::Receiving;
        let mut since = (Timestamp::MIN, 0);
        for it in &self.events {
            state = match it.kind {
                Kind::MessageHeld => HopState::Held,
                Kind::MessageStarted if state == HopState::Receiving => HopState::Receiving,
                _ => HopState::Queued,
            };
            since = (it.at, it.seq);
        }
        let tried_since = self
            .tried
            .last()
            .is_some_and(|it| (it.attempt.at, it.seq) > since);
        match state {
            HopState::Held | HopState::Receiving if tried_since => HopState::Queued,
            HopState::Receiving if !self.tried.is_empty() => HopState::Queued,
            state => state,
        }
    }

    /// When it left the queue.
    pub(crate) fn closed(&self, state: HopState) -> Option<Timestamp> {
        if state.is_open() {
            return None;
        }
        let ends = |kind: Kind| {
            matches!(
                kind,
                Kind::MessageDeleted
                    | Kind::MessageRejected
                    | Kind::MessageDiscarded
                    | Kind::MessageAborted
                    | Kind::MessageRequeued
                    | Kind::MessageClosed
            )
        };
        let ends = self.events.iter().filter(|it| ends(it.kind));
        ends.map(|it| it.at).next_back()
    }

    /// Recipients that a decision on the message named; of a message that nobody was to get, those
    /// that were refused one by one.
    pub(crate) fn named_in_session(&self) -> impl Iterator<Item = &Text> {
        let nobody = self.facts.recipients == Some(0);
        self.decisions
            .iter()
            .filter(move |it| it.whole_message || nobody)
            .filter_map(|it| it.rcpt_to.as_ref())
            .chain(&self.refused)
    }
}

/// `lost connection after DATA`.
fn broken_off(it: &SessionAborted<'_>, pool: &mut Pool) -> Text {
    let mut text = it.reason.to_vec();
    if !it.stage.is_empty() {
        text.extend_from_slice(b" after ");
        text.extend_from_slice(it.stage);
    }
    pool.text(&text)
}

/// Puts something into a list that mostly has one or none: no room is taken ahead.
pub(crate) fn push<T>(list: &mut Vec<T>, it: T) {
    if list.len() == list.capacity() && list.len() < 4 {
        list.reserve_exact(1);
    }
    list.push(it);
}
