//! Customers are answered from their rows alone, whichever way rows are found.

use super::{archive, asked, keys, whole};
use query::{Found, Queued, Scope, Sight};
use search::{Filter, TimeRange};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;
use store::{Archive, Column};

/// Columns of which customers see some values only, or none.
const HIDING: [Column; 17] = [
    Column::Host,
    Column::Pid,
    Column::RcptTo,
    Column::OrigRcptTo,
    Column::Recipients,
    Column::ClientName,
    Column::ClientAddress,
    Column::ClientPort,
    Column::OrigClientAddress,
    Column::Helo,
    Column::User,
    Column::AuthMethod,
    Column::RelayName,
    Column::RelayAddress,
    Column::RelayPort,
    Column::Text,
    Column::Path,
];

/// One of the two customers that have the most rows of the day.
struct Customer {
    domain: String,
    sight: Sight,
    /// All rows that are theirs, as they see them.
    rows: Vec<Found>,
    /// The same as the owner sees them.
    owners: Vec<Found>,
}

impl Customer {
    fn new(archive: &Archive, domain: String, all: &[Found]) -> Self {
        let scope = Arc::new(Scope::new([domain.clone()], []));
        let sight = Sight::within(archive.clone(), scope);
        let owns = |row: &&Found| row.text(Column::AccountDomain) == Some(&domain);
        Customer {
            rows: rows(&sight, "", usize::MAX / 2),
            owners: all.iter().filter(owns).cloned().collect(),
            domain,
            sight,
        }
    }

    fn owns(&self, address: Option<&str>) -> bool {
        let domain = address.and_then(|it| it.rsplit_once('@'));
        domain.is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(&self.domain))
    }
}

/// A day, its rows, and two customers.
fn day(seed: u64) -> (tempfile::TempDir, Archive, Vec<Found>, [Customer; 2]) {
    let (folder, archive) = archive(20_000, seed, 1 << 20);
    let all = rows(&whole(&archive), "", usize::MAX / 2);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for domain in all.iter().filter_map(|it| it.text(Column::AccountDomain)) {
        *counts.entry(domain).or_default() += 1;
    }
    let mut domains: Vec<_> = counts.into_iter().filter(|it| !it.0.is_empty()).collect();
    domains.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    let customer = |number: usize| Customer::new(&archive, domains[number].0.to_owned(), &all);
    let both = [customer(0), customer(1)];
    let has_theirs = |it: &Customer| it.rows.len() > 200 && it.rows.len() == it.owners.len();
    assert!(both.iter().all(has_theirs));
    (folder, archive, all, both)
}

fn rows(sight: &Sight, text: &str, limit: usize) -> Vec<Found> {
    let page = sight.wait(query::search(sight, &asked(text, limit)));
    page.expect("it can be asked").rows
}

/// What of rows is not hidden, in some order.
fn open(rows: &[Found]) -> Vec<String> {
    let of_row = |row: &Found| {
        let mut json = row.json();
        json.retain(|name, _| !HIDING.iter().any(|column| column.name() == name));
        serde_json::Value::from(json).to_string()
    };
    let mut told: Vec<String> = rows.iter().map(of_row).collect();
    told.sort();
    told
}

fn sorted(mut keys: Vec<(i64, u64)>) -> Vec<(i64, u64)> {
    keys.sort_unstable();
    keys
}

fn ids(row: &Found) -> impl Iterator<Item = &str> {
    let columns = [
        Column::QueueId,
        Column::MessageId,
        Column::SessionId,
        Column::NextQueueId,
        Column::OrigQueueId,
        Column::MailId,
    ];
    let ids = columns.into_iter().filter_map(|it| row.text(it));
    ids.map(|id| id.trim_start_matches('<').trim_end_matches('>'))
        .filter(|id| !id.is_empty())
}

#[test]
fn rows_of_a_customer_are_the_owners_without_what_is_hidden() {
    let (_folder, _archive, all, customers) = day(31);
    for it in &customers {
        assert!(it.rows.len() < all.len() / 2, "others have rows too");
        assert!(open(&it.rows) == open(&it.owners), "{}", it.domain);
        for row in &it.rows {
            assert_eq!(row.text(Column::Host), None, "hosts have no names");
            assert_eq!(row.number(Column::Pid), None, "nor processes numbers");
        }
        let told: Vec<_> = it.rows.iter().map(|row| row.json()).collect();
        assert!(table(&it.sight) == of_columns(told), "{}", it.domain);
    }
}

const OF_TABLE: [Column; 8] = [
    Column::Host,
    Column::Pid,
    Column::Kind,
    Column::Program,
    Column::AuthMethod,
    Column::User,
    Column::RcptTo,
    Column::QueueId,
];

/// Rows as the engine reads them, in some order.
fn table(sight: &Sight) -> Vec<String> {
    let columns = OF_TABLE.map(Column::name).join(", ");
    let text = format!("select {columns} from events");
    let table = sight.wait(query::sql(sight, &text, Duration::from_secs(60)));
    let table = table.expect("it can be asked").ndjson();
    let table = table.expect("it is JSON");
    let rows = serde_json::Deserializer::from_slice(&table).into_iter();
    of_columns(rows.map(|row| row.expect("it is an object")).collect())
}

fn of_columns(rows: Vec<serde_json::Map<String, serde_json::Value>>) -> Vec<String> {
    let of_row = |mut row: serde_json::Map<String, serde_json::Value>| {
        row.retain(|name, _| OF_TABLE.iter().any(|column| column.name() == name));
        serde_json::Value::from(row).to_string()
    };
    let mut told: Vec<String> = rows.into_iter().map(of_row).collect();
    told.sort();
    told
}

#[test]
fn an_id_leads_a_customer_to_rows_of_theirs_only() {
    let (_folder, _archive, all, customers) = day(32);
    for it in &customers {
        let (mut own, mut others) = (0, 0);
        for row in all.iter().step_by(37) {
            for id in ids(row) {
                let text = format!("id:\"{id}\"");
                let filter = asked(&text, 1).filter;
                let there: Vec<Found> = it
                    .rows
                    .iter()
                    .filter(|it| it.fits(&filter))
                    .cloned()
                    .collect();
                let told = rows(&it.sight, &text, 10_000);
                assert_eq!(sorted(keys(&told)), sorted(keys(&there)), "{id}");
                match there.is_empty() {
                    true => others += 1,
                    false => own += 1,
                }
            }
        }
        assert!(own > 10 && others > 100, "{own} and {others}");
    }
}

#[test]
fn what_a_customer_counts_is_theirs() {
    let (_folder, _archive, _, customers) = day(33);
    let columns = [
        Column::Kind,
        Column::AccountDomain,
        Column::Host,
        Column::AuthMethod,
        Column::EnhancedStatus,
        Column::RcptTo,
    ];
    for it in &customers {
        let other = it.owners.iter().find_map(|row| row.text(Column::Host));
        let host = other.expect("each row has a host");
        let questions = [
            String::new(),
            "kind:delivery".to_owned(),
            "status:bounced OR status:deferred".to_owned(),
            "-program:dovecot".to_owned(),
            // Nobody's rows have a host for them.
            format!("host:{host}"),
            format!("-host:{host}"),
            "host:*".to_owned(),
            "auth_method:plain OR kind:login".to_owned(),
            "-auth_method:plain".to_owned(),
        ];
        for text in questions {
            let search = asked(&text, usize::MAX / 2);
            let (filter, range) = (&search.filter, search.range);
            let there = it.rows.iter().filter(|row| row.fits(filter));
            let there: Vec<Found> = there.cloned().collect();
            let found = rows(&it.sight, &text, usize::MAX / 2);
            assert_eq!(sorted(keys(&found)), sorted(keys(&there)), "{text}");
            let hour = Duration::from_secs(3_600);
            let bars = query::histogram(&it.sight, filter, range, hour);
            let bars = it.sight.wait(bars).expect("it can be asked");
            let bars: u64 = bars.iter().map(|bar| bar.rows).sum();
            assert_eq!(bars, there.len() as u64, "{text}");
            for column in columns {
                let mut counted: BTreeMap<Option<&str>, u64> = BTreeMap::new();
                for row in &there {
                    *counted.entry(row.text(column)).or_default() += 1;
                }
                let facet = query::facet(&it.sight, filter, range, column, 1_000_000);
                let facet = it.sight.wait(facet).expect("it can be asked");
                let facet = facet.iter().map(|it| (it.value.as_deref(), it.rows));
                let told: BTreeMap<Option<&str>, u64> = facet.collect();
                assert_eq!(told, counted, "{text} by {}", column.name());
            }
        }
    }
}

#[test]
fn a_trace_of_a_customer_goes_from_row_to_row_of_theirs() {
    let (_folder, _archive, all, customers) = day(34);
    for it in &customers {
        let (mut own, mut others) = (0, 0);
        for row in all.iter().step_by(97) {
            let Some(id) = row.text(Column::QueueId) else {
                continue;
            };
            for text in [format!("id:\"{id}\""), format!("id:\"{id}\" kind:*")] {
                let filter = asked(&text, 1).filter;
                let traced = it.sight.wait(query::trace(&it.sight, &filter, 10_000));
                let traced = traced.expect("it can be asked");
                let expected = followed(&it.rows, &filter);
                assert_eq!(
                    keys(&traced.rows).into_iter().collect::<BTreeSet<_>>(),
                    expected,
                    "{text}"
                );
                match expected.is_empty() {
                    true => others += 1,
                    false => own += 1,
                }
                let mut lines = Vec::new();
                for row in it
                    .rows
                    .iter()
                    .filter(|row| expected.contains(&(row.at(), row.id)))
                {
                    lines.extend(it.sight.wait(row.lines()).expect("they are there"));
                }
                lines.sort();
                assert_eq!(traced.lines, lines, "{text}");
            }
        }
        assert!(own > 3 && others > 30, "{own} and {others}");
    }
}

/// What is reached from rows that a filter wants, looking at all rows for each step.
fn followed(rows: &[Found], filter: &Filter) -> BTreeSet<(i64, u64)> {
    let mut reached: BTreeSet<(i64, u64)> = BTreeSet::new();
    let mut named: HashSet<String> = HashSet::new();
    loop {
        let before = reached.len();
        for row in rows {
            if row.fits(filter) || ids(row).any(|id| named.contains(id)) {
                reached.insert((row.at(), row.id));
                named.extend(names(row));
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

/// The ids by which the message of a row goes on.
fn names(row: &Found) -> Vec<String> {
    let kind = row.text(Column::Kind).unwrap_or_default();
    let areas = ["message.", "mailbox.", "sieve.", "delivery.", "autoreply."];
    let is_of_message = areas.iter().any(|area| kind.starts_with(area));
    let mut columns = vec![Column::QueueId, Column::NextQueueId, Column::OrigQueueId];
    columns.extend((!kind.starts_with("dsn.")).then_some(Column::MessageId));
    columns.extend(is_of_message.then_some(Column::SessionId));
    let texts = columns.into_iter().filter_map(|column| row.text(column));
    let whole_and_parts = texts.flat_map(|id| std::iter::once(id).chain(id.split('/')));
    let bare = whole_and_parts.map(|id| id.trim_start_matches('<').trim_end_matches('>'));
    bare.filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_queue_of_a_customer_is_cut_out_of_the_queue_of_all() {
    let (_folder, archive, all, customers) = day(35);
    let (first, last) = (all[all.len() - 1].at(), all[0].at());
    let whole = whole(&archive);
    let mut seen = 0;
    for part in 1..48 {
        let at = first.min(last) + (first - last).abs() / 48 * part;
        let of_all = whole
            .wait(query::queue(&whole, at))
            .expect("it can be asked");
        for it in &customers {
            let queued = it.sight.wait(query::queue(&it.sight, at));
            let queued = queued.expect("it can be asked");
            let owns = |one: &&Queued| {
                let of_it = [&one.mail_from, &one.rcpt_to, &one.account];
                of_it.into_iter().any(|address| it.owns(address.as_deref()))
            };
            let plain = |one: &Queued| {
                (
                    one.queue_id.clone(),
                    one.rcpt_to.clone(),
                    one.since,
                    one.state,
                    one.attempts,
                )
            };
            let expected: BTreeSet<_> = of_all.iter().filter(owns).map(plain).collect();
            assert_eq!(queued.iter().map(plain).collect::<BTreeSet<_>>(), expected);
            assert!(queued.iter().all(|one| one.host.is_empty()));
            seen += queued.len();
        }
    }
    assert!(seen > 3, "{seen}");
}

#[test]
fn an_export_of_a_customer_has_their_rows_with_their_lines() {
    let (_folder, _archive, _, customers) = day(36);
    for it in &customers {
        for text in ["", "kind:delivery", "-kind:login"] {
            let filter = asked(text, 1).filter;
            let mut told = Vec::new();
            let mut take = |row: &Found, lines: &query::Lines| {
                told.push((row.at(), row.id, lines.clone()));
                Ok::<(), ()>(())
            };
            for day in query::days(&it.sight, TimeRange::ALL) {
                let asked = (&filter, TimeRange::ALL, day.as_str());
                let walked = it.sight.wait(query::walk(&it.sight, asked, &mut take));
                assert_eq!(walked.expect("it can be read"), Ok(()));
            }
            let there = it.rows.iter().filter(|row| row.fits(&filter)).map(|row| {
                let lines = it.sight.wait(row.lines()).expect("they are there");
                (row.at(), row.id, lines)
            });
            let mut there: Vec<_> = there.collect();
            there.sort();
            told.sort();
            assert!(!there.is_empty());
            assert!(told == there, "{text}: {} of {}", told.len(), there.len());
        }
    }
}
