//! From counts to a summary.

use super::{FIRST_CODE, LoginTally, RelayTally, Tally};
use crate::items::{Item, NoteKind};
use crate::limits::NAMES_MAX;
use crate::ranking::{Ranking, Top};
use crate::summary::{
    ClientCount, Coverage, Day, Delays, Logins, Open, OpenCount, PlainTotals, RelayCount, Sessions,
    Summary, TlsUse,
};
use model::{Kind, Timestamp};

impl Tally {
    /// Sums up. All rows that the correlator held back are to be given before.
    pub fn finish(self, coverage: Coverage) -> Summary {
        let first = coverage.from.unwrap_or(self.first);
        let last = coverage.to.unwrap_or(self.last);
        let span = (first <= last).then(|| (self.calendar.civil(first), self.calendar.civil(last)));
        let open = self.open();
        let pflogsumm = self.plain_totals();
        let clients = |key: fn(&ClientCount) -> u64| self.clients.top(key, ClientCount::clone);
        let clients_by_messages = clients(|it| it.messages);
        let clients_by_connections = clients(|it| it.connections);
        let clients_by_refusals = clients(|it| it.rejected);
        let (senders, sender_domains) = self.senders.domains();
        let (recipients, recipient_domains) = self.recipients.domains();
        Summary {
            coverage: Coverage {
                from: (first <= last).then_some(first),
                to: (first <= last).then_some(last),
                ..coverage
            },
            span,
            totals: self.totals,
            pflogsumm,
            hours: *self.traffic.hours(),
            days: days(self.traffic.days()),
            senders: senders.top(|it| it.messages, |it| *it),
            senders_by_bytes: senders.top(|it| it.bytes, |it| *it),
            sender_domains: sender_domains.top(|it| it.messages, |it| *it),
            recipients: recipients.top(|it| it.delivered, |it| *it),
            recipients_by_bytes: recipients.top(|it| it.bytes, |it| *it),
            recipient_domains: recipient_domains.top(|it| it.attempts(), |it| *it),
            sessions: Sessions {
                count: self.sessions,
                clients: clients_by_connections.distinct,
                aborted: plain_top(&self.sessions_aborted),
            },
            clients_by_messages,
            clients_by_connections,
            clients_by_refusals,
            relays: self.relays.top(|it| it.counts.attempts(), relay),
            delays: Delays {
                before_queue: self.delays.stages[0].percentiles(),
                in_queue: self.delays.stages[1].percentiles(),
                connect: self.delays.stages[2].percentiles(),
                transmit: self.delays.stages[3].percentiles(),
                total: self.delays.total.percentiles(),
                filter: self.delays.filter.percentiles(),
            },
            rejections: self.refusals.summary(),
            rejections_by_code: by_code(&self.refusals_by_code),
            reject_warnings: self.refusal_warnings.summary(),
            bounces: self.bounces.summary(),
            deferrals: self.deferrals.summary(),
            tls: TlsUse {
                inbound: plain_top(&self.tls_inbound),
                inbound_without: self.tls_inbound_without,
                outbound: plain_top(&self.tls_outbound),
                outbound_without: self.tls_outbound_without,
            },
            submission: logins(&self.submission),
            mailbox: logins(&self.mailbox),
            verdicts: self.verdicts.top(|it| it.passed + it.blocked, |it| *it),
            sender_checks: plain_top(&self.sender_checks),
            policies: plain_top(&self.policies),
            screening: plain_top(&self.screening),
            mailbox_actions: named_kinds(&self.kinds, is_mailbox_action),
            warnings: self.warnings.summary(),
            open,
            kinds: named_kinds(&self.kinds, |_| true),
        }
    }

    /// pflogsumm does not know daemons with names of their own, through which filters give mail
    /// back: their `client=` lines are no receptions to it.
    fn plain_totals(&self) -> PlainTotals {
        let mut plain = self.plain;
        if self.unseen.transactions > 0 {
            plain.received = plain.received.saturating_sub(self.unseen.transactions);
            plain.bytes_received = plain
                .bytes_received
                .saturating_sub(self.unseen.bytes_continued);
        }
        plain
    }

    fn open(&self) -> Open {
        let mut open = Open {
            lost: self.items.lost,
            ..Open::default()
        };
        let mut destinations = Ranking::<u64>::new(NAMES_MAX);
        for (ix, item) in self.items.open() {
            let Some(count) = state_of(&mut open, item) else {
                continue;
            };
            add(count, item.arrived);
            for note in self.items.notes_of(ix) {
                if note.what == NoteKind::Deferred {
                    let domain = self.recipients.domain_of(note.recipient);
                    *destinations.at(domain.unwrap_or(b"others")) += 1;
                }
            }
        }
        open.destinations = plain_top(&destinations);
        open
    }
}

/// The state that an open message is in; `None` if it was never queued.
fn state_of<'o>(open: &'o mut Open, item: &Item) -> Option<&'o mut OpenCount> {
    Some(if item.is.held {
        &mut open.held
    } else if item.deferred_open > 0 {
        &mut open.deferred
    } else if item.is.queued {
        &mut open.queued
    } else if item.is.incoming {
        &mut open.incoming
    } else {
        return None;
    })
}

fn add(count: &mut OpenCount, arrived: Timestamp) {
    count.messages += 1;
    count.oldest = Some(count.oldest.map_or(arrived, |oldest| oldest.min(arrived)));
}

fn plain_top(ranking: &Ranking<u64>) -> Top<u64> {
    ranking.top(|&it| it, |&it| it)
}

fn relay(tally: &RelayTally) -> RelayCount {
    RelayCount {
        delays: tally.delays.percentiles(),
        ..tally.counts
    }
}

fn logins(tally: &LoginTally) -> Logins {
    Logins {
        succeeded: tally.succeeded,
        failed: tally.failed,
        aborted: tally.aborted,
        methods: tally.methods.top(|it| it.succeeded + it.failed, |it| *it),
        users: tally.users.top(|it| it.succeeded, |it| *it),
        failed_users: tally.users.top(|it| it.failed, |it| *it),
        failed_clients: tally.clients.top(|it| it.failed, |it| *it),
    }
}

fn by_code(counts: &[u64]) -> Vec<(u16, u64)> {
    (FIRST_CODE..)
        .zip(counts)
        .filter(|&(_, &count)| count > 0)
        .map(|(code, &count)| (code, count))
        .collect()
}

fn days(days: &[(i32, crate::traffic::Traffic)]) -> Vec<Day> {
    days.iter()
        .filter(|(_, traffic)| !traffic.is_empty())
        .map(|&(day, traffic)| {
            let civil = Timestamp::from_seconds(i64::from(day) * 86_400).civil(0);
            Day {
                date: (civil.year, civil.month, civil.day),
                traffic,
            }
        })
        .collect()
}

fn named_kinds(counts: &[u64], wanted: impl Fn(Kind) -> bool) -> Vec<(&'static str, u64)> {
    Kind::ALL
        .iter()
        .zip(counts)
        .filter(|&(&kind, &count)| count > 0 && wanted(kind))
        .map(|(kind, &count)| (kind.name(), count))
        .collect()
}

fn is_mailbox_action(kind: Kind) -> bool {
    let name = kind.name();
    ["mailbox.", "sieve.", "autoreply.", "folder."]
        .iter()
        .any(|area| name.starts_with(area))
}
