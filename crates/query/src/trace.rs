//! All original lines of a message: its rows name ids, by which more rows are found, until nothing
//! new is named.
//!
//! What belongs together is decided by who correlates these lines again; here it is enough that none
//! is missing. So lines that came late, or in another import, are joined when it is asked for.

mod unsaid;

use crate::facts::columns;
use crate::queue::LIFE_MICROS;
use crate::rows::{Found, all, search};
use crate::sight::Sight;
use crate::{Result, blocks};
use futures::TryStreamExt;
use search::{Field, Filter, Net, NumberTest, Search, Term, Test, TimeRange};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use store::Column;

/// Passes at the most: a chain of more hops than twenty is a loop.
const PASSES_MAX: usize = 24;
/// Ids followed at the most; beyond, what was found so far is what is told.
const IDS_MAX: usize = 20_000;
/// Ids that are asked for at a time.
const IDS_AT_A_TIME: usize = 256;
/// Sessions that are looked up at the most: beyond, the answer is long enough without them.
const SESSIONS_MAX: usize = 100;
/// A session is logged when it ends; so long after its messages at the most, in microseconds.
const SESSION_MICROS_MAX: i64 = 3_600_000_000;

/// What was found for a trace.
#[derive(Default)]
pub struct Traced {
    /// Rows, the earliest first.
    pub rows: Vec<Found>,
    /// Lines with their times in nanoseconds, in order.
    pub lines: Vec<(i64, Vec<u8>)>,
    /// Whether more was named than was followed.
    pub narrowed: bool,
}

/// All lines that belong to what the rows name that a filter wants; of those at most the newest so
/// many are followed.
pub async fn trace(sight: &Sight, wanted: &Filter, rows_max: usize) -> Result<Traced> {
    let mut traced = Traced::default();
    let mut known = Known::default();
    let seed = match wanted {
        Filter::Term(Term {
            field: Field::Id,
            test: Test::Id(id),
        }) if !id.open_start && !id.open_end => {
            let mut rows = with_ids(sight, &[&id.text], TimeRange::ALL).await?;
            rows.sort_by_key(|row| (Reverse(row.at()), row.id));
            traced.narrowed = rows.len() > rows_max;
            rows.truncate(rows_max);
            if !traced.narrowed {
                known.ids.insert(id.text.clone());
            }
            rows
        }
        _ => {
            let seed = Search {
                filter: wanted.clone(),
                limit: rows_max,
                ..Search::default()
            };
            let page = search(sight, &seed).await?;
            traced.narrowed = page.next.is_some();
            page.rows
        }
    };
    let mut new = known.keep(seed);
    let mut asked_for_unsaid = false;
    for _ in 0..PASSES_MAX {
        if new.is_empty() && !asked_for_unsaid {
            asked_for_unsaid = true;
            new = unsaid::ids(sight, known.rows.values()).await?;
            new.retain(|id| known.ids.insert(id.clone()));
        }
        if new.is_empty() {
            break;
        }
        if known.ids.len() > IDS_MAX {
            traced.narrowed = true;
            break;
        }
        let mut found = Vec::new();
        for ids in new.chunks(IDS_AT_A_TIME) {
            // A Message-ID names the message for ever; a queue id is used again.
            let (message_ids, of_queues): (Vec<_>, Vec<_>) =
                ids.iter().partition(|id| id.contains('@'));
            found.extend(with_ids(sight, &message_ids, TimeRange::ALL).await?);
            found.extend(with_ids(sight, &of_queues, known.life()).await?);
        }
        new = known.keep(found);
    }
    let sessions = known.sessions(sight).await?;
    traced.rows = known.rows.into_values().chain(sessions).collect();
    traced.rows.sort_by_key(|row| (row.at(), row.id));
    for row in &traced.rows {
        traced.lines.extend(row.lines().await?);
    }
    traced.lines.sort();
    Ok(traced)
}

/// All rows of a range that have one of these ids. There may be hundreds: they are looked up in a set,
/// not compared one by one.
async fn with_ids(sight: &Sight, ids: &[&String], range: TimeRange) -> Result<Vec<Found>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: HashSet<&str> = ids.iter().map(|id| bare(id)).collect();
    let is_wanted = |row: &Found| {
        let mut of_row = columns(Field::Id).iter().filter_map(|it| row.text(*it));
        range.contains(row.at()) && of_row.any(|id| wanted.contains(bare(id)))
    };
    let mut found = Vec::new();
    let mut of_parts = std::pin::pin!(blocks::with_ids(sight, ids, range));
    while let Some((part, blocks)) = of_parts.try_next().await? {
        for block in blocks {
            let rows = 0..block.view.rows();
            found.extend(Found::of(&part, block, rows).filter(is_wanted));
        }
    }
    Ok(found)
}

fn bare(id: &str) -> &str {
    id.trim_start_matches('<').trim_end_matches('>')
}

/// Rows found so far, and ids that they name.
#[derive(Default)]
struct Known {
    rows: HashMap<(i64, u64), Found>,
    ids: HashSet<String>,
}

impl Known {
    /// Keeps rows; gives the ids that are new.
    fn keep(&mut self, rows: Vec<Found>) -> Vec<String> {
        let mut new = Vec::new();
        for row in rows {
            for id in ids(&row) {
                if !id.is_empty() && self.ids.insert(id.to_owned()) {
                    new.push(id.to_owned());
                }
            }
            self.rows.insert((row.at(), row.id), row);
        }
        new
    }

    /// When queues may have had what the rows tell of.
    fn life(&self) -> TimeRange {
        let times = || self.rows.keys().map(|(at, _)| *at);
        TimeRange {
            from: times()
                .min()
                .unwrap_or(i64::MIN)
                .saturating_sub(LIFE_MICROS),
            until: times()
                .max()
                .unwrap_or(i64::MAX)
                .saturating_add(LIFE_MICROS),
        }
    }

    /// The sessions in which the messages came in.
    async fn sessions(&self, sight: &Sight) -> Result<Vec<Found>> {
        let came_in = |row: &&Found| {
            let kind = row.text(Column::Kind).unwrap_or_default();
            kind.starts_with("message.") && row.number(Column::Pid).is_some()
        };
        let mut asked: HashSet<(IpAddr, i64)> = HashSet::new();
        let mut sessions = Vec::new();
        for row in self.rows.values().filter(came_in) {
            let client = row
                .text(Column::ClientAddress)
                .and_then(|it| it.parse().ok());
            let Some(client) = client.filter(|_| asked.len() < SESSIONS_MAX) else {
                continue;
            };
            let hour = row.at().div_euclid(SESSION_MICROS_MAX);
            if !asked.insert((client, hour)) {
                continue;
            }
            let range = TimeRange {
                from: hour * SESSION_MICROS_MAX,
                until: (hour + 2) * SESSION_MICROS_MAX,
            };
            for session in all(sight, &sessions_of(client), range).await? {
                if self.rows.values().any(|row| is_within(row, &session)) {
                    sessions.push(session);
                }
            }
        }
        let refused = self.in_sessions(sight, &sessions).await?;
        sessions.extend(refused);
        sessions.sort_by_key(|row| (row.at(), row.id));
        sessions.dedup_by_key(|row| (row.at(), row.id));
        sessions.retain(|row| !self.rows.contains_key(&(row.at(), row.id)));
        Ok(sessions)
    }
}

impl Known {
    /// Rows of what else the processes of these sessions did while they lasted: a recipient that was
    /// put off first tells the HELO of the session.
    async fn in_sessions(&self, sight: &Sight, sessions: &[Found]) -> Result<Vec<Found>> {
        let mut rows = Vec::new();
        for session in sessions {
            let client = session.text(Column::ClientAddress);
            let Some(client) = client.and_then(|it| it.parse().ok()) else {
                continue;
            };
            let range = TimeRange {
                from: began(session),
                until: session.at().saturating_add(1),
            };
            let pid = session.number(Column::Pid);
            let process = pid.map_or(Filter::All, |pid| {
                let pid = NumberTest::Between(pid as f64, pid as f64);
                Filter::term(Field::Pid, Test::Number(pid))
            });
            let wanted = Filter::and([process, of_client(client)]);
            let mut found = all(sight, &wanted, range).await?;
            found.retain(|row| {
                let same = |column| row.text(column) == session.text(column);
                let is_process = row.number(Column::Pid) == pid;
                row.text(Column::QueueId).is_none()
                    && is_process
                    && same(Column::Label)
                    && same(Column::Host)
            });
            rows.extend(found);
        }
        Ok(rows)
    }
}

/// The ids by which a row's message goes on.
fn ids(row: &Found) -> impl Iterator<Item = &str> {
    let kind = row.text(Column::Kind).unwrap_or_default();
    let is_of_message = ["message.", "mailbox.", "sieve.", "delivery.", "autoreply."]
        .iter()
        .any(|area| kind.starts_with(area));
    let notifies = kind.starts_with("dsn.");
    let always = [Column::QueueId, Column::NextQueueId, Column::OrigQueueId];
    let message_id = (!notifies).then_some(Column::MessageId);
    let session = is_of_message.then_some(Column::SessionId);
    let columns = always.into_iter().chain(message_id).chain(session);
    columns
        .filter_map(|column| row.text(column))
        .flat_map(|ids| {
            let parts = ids.split('/').filter(move |part| part.len() < ids.len());
            std::iter::once(ids).chain(parts)
        })
        .map(bare)
}

/// Rows of a client.
fn of_client(client: IpAddr) -> Filter {
    let bits = if client.is_ipv4() { 32 } else { 128 };
    Net::new(client, bits).map_or(Filter::All, |net| {
        Filter::term(Field::Client, Test::Net(net))
    })
}

/// Sessions of a client.
fn sessions_of(client: IpAddr) -> Filter {
    let is_session = |kind: &&model::Kind| kind.name().starts_with("session.");
    let kinds = model::Kind::ALL
        .iter()
        .filter(is_session)
        .copied()
        .collect();
    Filter::and([
        Filter::term(Field::Kind, Test::Kind(kinds)),
        of_client(client),
    ])
}

/// Whether a row was made by the process of a session while it lasted.
fn is_within(row: &Found, session: &Found) -> bool {
    let same = |column| row.text(column) == session.text(column);
    let pid = row.number(Column::Pid);
    let is_inside =
        row.at() >= began(session) && row.at() <= session.at().saturating_add(1_000_000);
    // The row of an accepted message is made by the queue manager: then the client tells.
    let is_process = pid == session.number(Column::Pid) && same(Column::Label);
    is_inside && same(Column::Host) && (is_process || same(Column::ClientAddress))
}

/// When a session began, microseconds, and not later.
fn began(session: &Found) -> i64 {
    let lasted = session.number(Column::DurationMs).unwrap_or(0);
    session.at() - lasted.saturating_mul(1_000) - 1_000
}
