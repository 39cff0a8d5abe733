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
use search::{AddressTest, Field, Filter, Net, NumberTest, Search, Term, Test, TimeRange};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use store::{Column, IdRole};

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
            let mut rows = with_ids(sight, (&[&id.text], IdRole::Any), TimeRange::ALL).await?;
            rows.sort_by_key(|row| (Reverse(row.at()), row.id));
            traced.narrowed = rows.len() > rows_max;
            rows.truncate(rows_max);
            if !traced.narrowed {
                known.ids.insert(id.text.clone(), IdRole::Any);
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
            let ids = unsaid::ids(sight, known.rows.values()).await?;
            let ids = ids.into_iter().map(|id| (id, IdRole::Any));
            new.extend(ids.filter(|(id, role)| known.is_new(id, *role)));
        }
        if new.is_empty() {
            break;
        }
        if known.ids.len() > IDS_MAX {
            traced.narrowed = true;
            break;
        }
        let mut found = Vec::new();
        for role in [IdRole::Any, IdRole::Own] {
            let of_role = new.iter().filter(|(_, it)| *it == role);
            let of_role: Vec<&String> = of_role.map(|(id, _)| id).collect();
            for ids in of_role.chunks(IDS_AT_A_TIME) {
                // A Message-ID names the message for ever; a queue id is used again.
                let (message_ids, of_queues): (Vec<&String>, Vec<_>) =
                    ids.iter().partition(|id| id.contains('@'));
                found.extend(with_ids(sight, (&message_ids, role), TimeRange::ALL).await?);
                found.extend(with_ids(sight, (&of_queues, role), known.life()).await?);
            }
        }
        new = known.keep(found);
    }
    let sessions = known.sessions(sight).await?;
    let told_once = known.told_once(sight).await?;
    let beside = sessions.into_iter().chain(told_once);
    traced.rows = known.rows.into_values().chain(beside).collect();
    traced.rows.sort_by_key(|row| (row.at(), row.id));
    traced.rows.dedup_by_key(|row| (row.at(), row.id));
    for row in &traced.rows {
        traced.lines.extend(row.lines().await?);
    }
    traced.lines.sort();
    Ok(traced)
}

/// All rows of a range that have one of these ids in a role. There may be hundreds: they are looked up in
/// a set, not compared one by one.
async fn with_ids(
    sight: &Sight,
    (ids, role): (&[&String], IdRole),
    range: TimeRange,
) -> Result<Vec<Found>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: HashSet<&str> = ids.iter().map(|id| bare(id)).collect();
    let is_meant = |column: &&Column| role == IdRole::Any || **column != Column::NextQueueId;
    let is_wanted = |row: &Found| {
        let columns = columns(Field::Id).iter().filter(is_meant);
        let mut of_row = columns.filter_map(|it| row.text(*it));
        range.contains(row.at()) && of_row.any(|id| wanted.contains(bare(id)))
    };
    let mut found = Vec::new();
    let mut of_parts = std::pin::pin!(blocks::with_ids(sight, (ids, role), range));
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
    /// In which role each was looked for.
    ids: HashMap<String, IdRole>,
}

impl Known {
    /// Keeps rows; gives the ids that are new.
    fn keep(&mut self, rows: Vec<Found>) -> Vec<(String, IdRole)> {
        let mut new = Vec::new();
        for row in rows {
            for (id, role) in ids(&row) {
                if !id.is_empty() && self.is_new(id, role) {
                    new.push((id.to_owned(), role));
                }
            }
            self.rows.insert((row.at(), row.id), row);
        }
        new
    }

    /// Whether an id was not looked for in a role; from now on it was.
    fn is_new(&mut self, id: &str, role: IdRole) -> bool {
        match self.ids.get(id) {
            Some(IdRole::Any) => false,
            Some(before) if *before == role => false,
            _ => {
                self.ids.insert(id.to_owned(), role);
                true
            }
        }
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
        // Those of one hour are looked for at once: each look goes through all rows of it.
        let of_row = |row: &Found| {
            let client: IpAddr = row.text(Column::ClientAddress)?.parse().ok()?;
            Some((row.at().div_euclid(SESSION_MICROS_MAX), client))
        };
        let all_clients = self.rows.values().filter(came_in).filter_map(of_row);
        let all_clients: BTreeSet<_> = all_clients.collect();
        let mut clients: BTreeMap<i64, Vec<IpAddr>> = BTreeMap::new();
        for (hour, client) in all_clients.into_iter().take(SESSIONS_MAX) {
            clients.entry(hour).or_default().push(client);
        }
        let mut sessions = Vec::new();
        for (hour, clients) in clients {
            let range = TimeRange {
                from: hour * SESSION_MICROS_MAX,
                until: (hour + 2) * SESSION_MICROS_MAX,
            };
            let wanted = Filter::and([
                of_sessions(),
                Filter::or(clients.into_iter().map(of_client)),
            ]);
            for session in all(sight, &wanted, range).await? {
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
    /// Where one line tells what was done to several messages of a mailbox, the row of the first has it:
    /// those rows.
    async fn told_once(&self, sight: &Sight) -> Result<Vec<Found>> {
        let mut rows = Vec::new();
        for row in self.rows.values() {
            let kind = row.text(Column::Kind).unwrap_or_default();
            let Some(account) = row.text(Column::Account).filter(|account| {
                kind.starts_with("mailbox.")
                    && row.number(Column::Lines) == Some(0)
                    && account.contains('@')
            }) else {
                continue;
            };
            let whose = Test::Address(AddressTest::Whole(account.to_owned()));
            let range = TimeRange {
                from: row.at(),
                until: row.at().saturating_add(1),
            };
            let mut found = all(sight, &Filter::term(Field::Account, whose), range).await?;
            found.retain(|it| {
                let same = |column| it.text(column) == row.text(column);
                it.number(Column::Lines) != Some(0) && same(Column::Kind) && same(Column::Host)
            });
            rows.extend(found);
        }
        Ok(rows)
    }

    /// Rows of what else the processes of these sessions did while they lasted: a recipient that was
    /// put off first tells the HELO of the session.
    async fn in_sessions(&self, sight: &Sight, sessions: &[Found]) -> Result<Vec<Found>> {
        let hour = |session: &Found| session.at().div_euclid(SESSION_MICROS_MAX);
        let mut rows = Vec::new();
        for sessions in sessions.chunk_by(|left, right| hour(left) == hour(right)) {
            let of_process = |session: &Found| {
                let client = session.text(Column::ClientAddress)?.parse().ok()?;
                let pid = session.number(Column::Pid).map(|pid| {
                    let pid = NumberTest::Between(pid as f64, pid as f64);
                    Filter::term(Field::Pid, Test::Number(pid))
                });
                Some(Filter::and(pid.into_iter().chain([of_client(client)])))
            };
            let wanted: Vec<Filter> = sessions.iter().filter_map(of_process).collect();
            if wanted.is_empty() {
                continue;
            }
            let range = TimeRange {
                from: sessions.iter().map(began).min().unwrap_or(i64::MAX),
                until: sessions
                    .iter()
                    .map(Found::at)
                    .max()
                    .unwrap_or(0)
                    .saturating_add(1),
            };
            let mut found = all(sight, &Filter::or(wanted), range).await?;
            found.retain(|row| {
                let is_of = |session: &Found| {
                    let same = |column| row.text(column) == session.text(column);
                    row.number(Column::Pid) == session.number(Column::Pid)
                        && (began(session)..=session.at()).contains(&row.at())
                        && [Column::Label, Column::Host, Column::ClientAddress]
                            .into_iter()
                            .all(same)
                };
                row.text(Column::QueueId).is_none() && sessions.iter().any(is_of)
            });
            rows.extend(found);
        }
        Ok(rows)
    }
}

/// The ids by which a row's message goes on, and where: that two messages went to a place which calls
/// them the same does not make them one.
fn ids(row: &Found) -> impl Iterator<Item = (&str, IdRole)> {
    let kind = row.text(Column::Kind).unwrap_or_default();
    let is_of_message = ["message.", "mailbox.", "sieve.", "delivery.", "autoreply."]
        .iter()
        .any(|area| kind.starts_with(area));
    let notifies = kind.starts_with("dsn.");
    let message_id = (!notifies).then_some(Column::MessageId);
    let session = is_of_message.then_some(Column::SessionId);
    let own = [Column::QueueId, Column::OrigQueueId].into_iter();
    let own = own.chain(message_id).chain(session);
    let own = own.filter_map(|column| row.text(column));
    let next = row.text(Column::NextQueueId);
    // A filter names all messages that it made of one; in other ids there may be a slash.
    let several = next.filter(|_| kind == model::Kind::FilterVerdict.name());
    let several = several.into_iter().flat_map(|ids| ids.split('/'));
    let next = next.into_iter().chain(several).chain(connection_out(row));
    let own = own.map(|id| (bare(id), IdRole::Any));
    // What Dovecot calls a message that has no Message-ID.
    let own = own.filter(|(id, _)| *id != "unspecified");
    own.chain(next.map(|id| (bare(id), IdRole::Own)))
}

/// The connection that a delivery of Cisco's gateway goes over, `DCID 8`: rows of messages do not have
/// it for a session, but the line that made it.
fn connection_out(row: &Found) -> Option<&str> {
    let text = row.text(Column::Text)?.strip_prefix("Delivery start ")?;
    let (connection, _) = text.split_once(" MID ")?;
    connection.starts_with("DCID ").then_some(connection)
}

/// Rows of a client.
fn of_client(client: IpAddr) -> Filter {
    let bits = if client.is_ipv4() { 32 } else { 128 };
    Net::new(client, bits).map_or(Filter::All, |net| {
        Filter::term(Field::Client, Test::Net(net))
    })
}

/// Sessions.
fn of_sessions() -> Filter {
    let is_session = |kind: &&model::Kind| kind.name().starts_with("session.");
    let kinds = model::Kind::ALL
        .iter()
        .filter(is_session)
        .copied()
        .collect();
    Filter::term(Field::Kind, Test::Kind(kinds))
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
