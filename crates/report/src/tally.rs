//! Takes rows and links, counts.

mod delivery;
mod finish;
mod links;
mod login;
mod message;
mod refusal;
mod session;

use crate::addresses::Addresses;
use crate::calendar::{Calendar, Hour, Offset};
use crate::histogram::Histogram;
use crate::items::{ItemIx, Items};
use crate::limits::{CLIENTS_MAX, NAMES_MAX, RELAYS_MAX};
use crate::ranking::{Counts, Ranking};
use crate::reason;
use crate::reason_counts::ReasonCounts;
use crate::summary::{
    ClientCount, LoginCount, MailCount, PlainTotals, RecipientCount, RelayCount, Totals,
    VerdictCount,
};
use crate::traffic::TrafficTable;
use bstr::BStr;
use model::{Body, Kind, Peer, Row, Severity, Timestamp};

/// Counts what rows tell, in bounded memory.
#[derive(Clone, Debug)]
pub struct Tally {
    calendar: Calendar,
    items: Items,
    totals: Totals,
    plain: PlainTotals,
    /// `client=` lines, and sizes, that pflogsumm does not see.
    unseen: Unseen,
    kinds: [u64; Kind::ALL.len()],
    first: Timestamp,
    last: Timestamp,
    traffic: TrafficTable,
    senders: Addresses<MailCount>,
    recipients: Addresses<RecipientCount>,
    clients: Ranking<ClientCount>,
    relays: Ranking<RelayTally>,
    delays: DelayTally,
    refusals: ReasonCounts,
    refusals_by_code: [u64; CODES],
    refusal_warnings: ReasonCounts,
    bounces: ReasonCounts,
    deferrals: ReasonCounts,
    warnings: ReasonCounts,
    sessions: u64,
    sessions_aborted: Ranking<u64>,
    tls_inbound: Ranking<u64>,
    tls_inbound_without: u64,
    tls_outbound: Ranking<u64>,
    tls_outbound_without: u64,
    submission: LoginTally,
    mailbox: LoginTally,
    verdicts: Ranking<VerdictCount>,
    sender_checks: Ranking<u64>,
    policies: Ranking<u64>,
    screening: Ranking<u64>,
    scratch: Vec<u8>,
}

/// Reply codes 400 to 599.
const CODES: usize = 200;
const FIRST_CODE: u16 = 400;

/// What comes back from filters through daemons with a name of their own.
#[derive(Clone, Copy, Debug, Default)]
struct Unseen {
    transactions: u64,
    continued: u64,
    bytes_continued: u64,
}

#[derive(Clone, Debug, Default)]
struct RelayTally {
    counts: RelayCount,
    delays: Histogram,
}

impl Counts for RelayTally {
    fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
        self.delays.merge(&other.delays);
    }

    fn weight(&self) -> u64 {
        self.counts.weight()
    }
}

#[derive(Clone, Debug, Default)]
struct DelayTally {
    stages: [Histogram; 4],
    total: Histogram,
    filter: Histogram,
}

#[derive(Clone, Debug)]
struct LoginTally {
    succeeded: u64,
    failed: u64,
    aborted: u64,
    methods: Ranking<LoginCount>,
    users: Ranking<LoginCount>,
    clients: Ranking<LoginCount>,
}

impl LoginTally {
    fn new() -> Self {
        LoginTally {
            succeeded: 0,
            failed: 0,
            aborted: 0,
            methods: Ranking::new(NAMES_MAX),
            users: Ranking::new(NAMES_MAX),
            clients: Ranking::new(CLIENTS_MAX),
        }
    }
}

/// A row with what was found out about it.
#[derive(Clone, Copy)]
struct Here<'r> {
    row: &'r Row<'r>,
    hour: Hour,
    item: Option<ItemIx>,
    /// How often the row stands for itself.
    times: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Tally::new()
    }
}

impl Tally {
    /// A tally whose hours and days are those of UTC.
    pub fn new() -> Self {
        Tally::with_offsets(Vec::new())
    }

    /// A tally whose hours and days are those of a zone, which is told by all its offsets in the
    /// time in question. Before the first of them it is UTC.
    pub fn with_offsets(offsets: Vec<Offset>) -> Self {
        Tally {
            calendar: Calendar::new(offsets),
            items: Items::default(),
            totals: Totals::default(),
            plain: PlainTotals::default(),
            unseen: Unseen::default(),
            kinds: [0; Kind::ALL.len()],
            first: Timestamp::MAX,
            last: Timestamp::MIN,
            traffic: TrafficTable::default(),
            senders: Addresses::new(),
            recipients: Addresses::new(),
            clients: Ranking::new(CLIENTS_MAX),
            relays: Ranking::new(RELAYS_MAX),
            delays: DelayTally::default(),
            refusals: ReasonCounts::new(),
            refusals_by_code: [0; CODES],
            refusal_warnings: ReasonCounts::new(),
            bounces: ReasonCounts::new(),
            deferrals: ReasonCounts::new(),
            warnings: ReasonCounts::new(),
            sessions: 0,
            sessions_aborted: Ranking::new(NAMES_MAX),
            tls_inbound: Ranking::new(NAMES_MAX),
            tls_inbound_without: 0,
            tls_outbound: Ranking::new(NAMES_MAX),
            tls_outbound_without: 0,
            submission: LoginTally::new(),
            mailbox: LoginTally::new(),
            verdicts: Ranking::new(NAMES_MAX),
            sender_checks: Ranking::new(NAMES_MAX),
            policies: Ranking::new(NAMES_MAX),
            screening: Ranking::new(NAMES_MAX),
            scratch: Vec::new(),
        }
    }

    /// Counts a row. Rows may come in any order that the correlator gives.
    pub fn row(&mut self, row: &Row<'_>) {
        let times = u64::from(row.repeated.max(1));
        self.kinds[row.kind as usize] += times;
        // What no line before it tells the time of began at no time.
        if began(row) > Timestamp::default() {
            self.first = self.first.min(began(row));
        }
        self.last = self.last.max(row.at);
        let item = row.item.map(|key| {
            self.items.forget(row.at);
            let ix = self.items.of(key, row.at);
            self.note_facts(ix, row);
            ix
        });
        let here = Here {
            row,
            hour: self.calendar.hour(row.at),
            item,
            times,
        };
        self.count(&here);
    }

    fn count(&mut self, here: &Here<'_>) {
        // What became of a message is counted where the servers tell it.
        if matches!(here.row.body, Some(Body::MailEvent(_))) {
            return;
        }
        match here.row.kind {
            Kind::SessionOpened => {}
            Kind::SessionClosed => self.session_closed(here),
            Kind::SessionAborted | Kind::SessionViolation => self.session_aborted(here),
            Kind::SessionScreened => self.screened(here),
            Kind::SessionRejected | Kind::MessageRejected => self.rejected(here),
            Kind::PolicyDecision => self.decided(here),
            Kind::AuthSucceeded => self.logged_in(here),
            Kind::AuthFailed | Kind::AuthAborted => self.login_failed(here),
            Kind::MessageStarted => self.started(here),
            Kind::MessageAccepted | Kind::MessageRetryStarted => self.accepted(here),
            Kind::MessageAborted => self.aborted(here),
            Kind::MessageHeld => self.held(here),
            Kind::MessageReleased => self.released(here),
            Kind::MessageDiscarded => self.discarded(here),
            Kind::MessageRequeued | Kind::MessageClosed => self.closed(here),
            Kind::MessageDeleted => self.deleted(here),
            Kind::MessageExpired => self.expired(here),
            Kind::Delivered | Kind::Relayed | Kind::HandedOver | Kind::Discarded => {
                self.sent(here);
            }
            Kind::Deferred => self.deferred(here),
            Kind::Bounced => self.bounced(here),
            Kind::Expired => {
                self.totals.expired_recipients += here.times;
                self.expired(here);
                self.expired_recipient(here);
            }
            Kind::DsnSent => self.totals.notifications += here.times,
            Kind::FilterVerdict => self.verdict(here),
            Kind::FilterAuthResult | Kind::FilterSigned => self.sender_check(here),
            Kind::TlsEstablished
            | Kind::TlsFailed
            | Kind::ServiceLimitReached
            | Kind::ServiceWarning
            | Kind::ServiceError
            | Kind::ServiceInfo
            | Kind::Unknown => self.warning(here),
            Kind::MessageHeader
            | Kind::MessageRewritten
            | Kind::MessageListed
            | Kind::Expanded
            | Kind::AttemptFailed
            | Kind::Probed
            | Kind::DsnSuppressed
            | Kind::DsnReceived
            | Kind::ComplaintReceived
            | Kind::EngagementOpened
            | Kind::EngagementClicked
            | Kind::EngagementUnsubscribed
            | Kind::MessageStored
            | Kind::MailboxSaved
            | Kind::MailboxFailed
            | Kind::MailboxCopied
            | Kind::MailboxDeleted
            | Kind::MailboxExpunged
            | Kind::MailboxFlagged
            | Kind::FolderCreated
            | Kind::FolderDeleted
            | Kind::FolderRenamed
            | Kind::SieveRedirected
            | Kind::SieveRejected
            | Kind::SieveDiscarded
            | Kind::SieveFailed
            | Kind::AutoreplySent
            | Kind::AutoreplySuppressed
            | Kind::ServiceStarted
            | Kind::ServiceStopped
            | Kind::ServiceReloaded
            | Kind::ServiceStatistics
            | Kind::AdminAction
            | Kind::MessageSubmitted
            | Kind::DeliveryStarted
            | Kind::QuarantineStored
            | Kind::QuarantineReleased
            | Kind::MailboxMoved
            | Kind::MailboxFetched
            | Kind::WebRequest => {}
        }
    }

    /// What a line calls a warning or worse, and no other section tells of.
    fn warning(&mut self, here: &Here<'_>) {
        let row = here.row;
        let always = matches!(row.kind, Kind::ServiceWarning | Kind::ServiceError);
        if row.severity < Severity::Warning && !always {
            return;
        }
        let (about, text, host) = match row.body {
            Some(Body::Notice(notice)) => (notice.about, notice.text, notice.peer),
            Some(Body::TlsFailed(failed)) => (BStr::new("TLS"), failed.reason, failed.peer),
            _ => (BStr::new(b""), BStr::new(b""), Peer::default()),
        };
        self.warnings
            .count(here.times, name_of(&host), |daemon, out| {
                daemon.extend_from_slice(row.program);
                if row.severity > Severity::Warning {
                    out.extend_from_slice(row.severity.name().as_bytes());
                    out.extend_from_slice(b": ");
                }
                reason::warning(about, text, out);
            });
    }

    fn sender_check(&mut self, here: &Here<'_>) {
        let Some(Body::AuthResult(it)) = here.row.body else {
            return;
        };
        self.scratch.clear();
        self.scratch
            .extend(it.method.iter().map(u8::to_ascii_lowercase));
        self.scratch.push(b' ');
        match it.signed {
            true => self.scratch.extend_from_slice(b"signed"),
            false => self
                .scratch
                .extend(it.result.iter().map(u8::to_ascii_lowercase)),
        }
        *self.sender_checks.at(&self.scratch) += here.times;
    }

    fn verdict(&mut self, here: &Here<'_>) {
        let Some(Body::Verdict(verdict)) = here.row.body else {
            return;
        };
        let counts = self.verdicts.at(verdict.category);
        if verdict.passed {
            counts.passed += here.times;
        } else {
            counts.blocked += here.times;
        }
    }

    /// The counts of a client; `None` if nothing names it.
    fn client(&mut self, peer: &Peer<'_>) -> Option<&mut ClientCount> {
        let key = if peer.address.is_empty() {
            peer.name
        } else {
            peer.address
        };
        if key.is_empty() {
            return None;
        }
        let counts = self.clients.at(key);
        if counts.weight() == 0
            && let Some(name) = peer.hostname()
        {
            counts.hostname = name.into();
        }
        Some(counts)
    }
}

/// The time of the first line that a row is made of, as far as it tells.
fn began(row: &Row<'_>) -> Timestamp {
    let session = row.session.map_or(row.at, |session| session.started);
    let message = (row.message)
        .filter(|message| !message.incomplete_head && message.size.is_some())
        .map_or(row.at, |message| message.arrived);
    row.at.min(session).min(message)
}

/// Name or, where there is none, address.
fn name_of<'p>(peer: &Peer<'p>) -> &'p BStr {
    peer.hostname().unwrap_or(peer.address)
}

/// Whether pflogsumm takes lines of a daemon with this label for those of the daemon.
fn is_plain(label: &BStr) -> bool {
    label == "postfix" || label == "postfix/smtps" || label == "postfix/submission"
}

/// Whether pflogsumm reads lines with this label at all.
fn is_read(label: &BStr) -> bool {
    label == "postfix" || label.starts_with(b"postfix/")
}
