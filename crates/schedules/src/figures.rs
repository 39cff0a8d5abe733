//! The figures of a report: what is asked in SQL, and what the answers mean. The page and mails have them
//! from here.

use crate::limits::{STRETCHES_MAX, TOP};
use crate::source::Map;
use crate::span::Compared;
use jiff::Timestamp;
use serde_json::Value;
use std::fmt::Write as _;

/// A table: rows of some kinds, grouped by keys.
#[derive(Debug)]
pub struct Table {
    /// Its name: `bounces`.
    pub id: &'static str,
    kinds: &'static [&'static str],
    /// A further condition, in SQL.
    only: Option<&'static str>,
    /// What rows are grouped by: names, and what they are in SQL.
    keys: &'static [(&'static str, &'static str)],
    /// What is counted.
    columns: &'static [Column],
    /// Whether a line tells one of its replies.
    has_sample: bool,
    /// Whether shares of the first column are told, within lines that have the first key in common.
    pub(crate) has_share: bool,
    /// Whether lines with the most of all kinds come first, and not those of the first column.
    by_all: bool,
    /// Lines at the most.
    top: usize,
}

/// How a figure is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Count,
    Bytes,
    Length,
}

#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) id: &'static str,
    pub(crate) form: Form,
    /// Of which kinds of the table's; empty: of all.
    kinds: &'static [&'static str],
    /// An aggregate.
    sql: &'static str,
}

/// A figure, and that of the time before.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figure {
    /// Of the time; `None` where nothing was.
    pub now: Option<f64>,
    /// Of the time before.
    pub before: Option<f64>,
}

/// A line of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Values of the keys; `None` for rows that have none.
    pub keys: Vec<Option<String>>,
    /// Of each column one.
    pub figures: Vec<Figure>,
    /// One of the replies.
    pub sample: Option<String>,
}

/// Rows over time, and over the time before.
#[derive(Clone, Debug, PartialEq)]
pub struct Traffic {
    /// Seconds of a stretch.
    pub every: i64,
    /// Each as [`TRAFFIC`] has it.
    pub series: Vec<Series>,
}

/// Rows of some kinds over time; stretches of the time before stand at the same place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Its name: `accepted`.
    pub id: &'static str,
    /// Of each stretch.
    pub now: Vec<u64>,
    /// Of each stretch of the time before.
    pub before: Vec<u64>,
    /// Of the whole time.
    pub total: u64,
    /// Of the whole time before.
    pub total_before: u64,
}

const ACCEPTED: &str = "message.accepted";
const DELIVERED: &str = "delivery.delivered";
const RELAYED: &str = "delivery.relayed";
const DEFERRED: &str = "delivery.deferred";
const BOUNCED: &str = "delivery.bounced";
const EXPIRED: &str = "delivery.expired";
const REJECTED: &str = "message.rejected";
const REFUSED: &str = "session.rejected";
const LOGIN: &str = "auth.succeeded";
const LOGIN_FAILED: &str = "auth.failed";

/// Series of traffic, the first in number first.
const TRAFFIC: [(&str, &[&str]); 5] = [
    ("accepted", &[ACCEPTED]),
    ("sent", &[DELIVERED, RELAYED]),
    ("deferred", &[DEFERRED]),
    ("bounced", &[BOUNCED, EXPIRED]),
    ("rejected", &[REJECTED, REFUSED]),
];

const fn count(id: &'static str, kinds: &'static [&'static str]) -> Column {
    Column {
        id,
        form: Form::Count,
        kinds,
        sql: "count(*)",
    }
}

const BYTES: Column = Column {
    id: "bytes",
    form: Form::Bytes,
    kinds: &[],
    sql: "sum(size)",
};

const COUNT: Column = count("count", &[]);

const fn delay(id: &'static str, sql: &'static str) -> Column {
    Column {
        id,
        form: Form::Length,
        kinds: &[RELAYED],
        sql,
    }
}

const MEDIAN: Column = delay("median", "approx_percentile_cont(delay_ms, 0.5)");
const P95: Column = delay("p95", "approx_percentile_cont(delay_ms, 0.95)");

type Key = (&'static str, &'static str);
const STATUS: Key = ("enhanced_status", "enhanced_status");
const CODE: Key = ("code", "cast(code as varchar)");
const KIND: Key = ("kind", "kind");
/// `TLSv1.3 TLS_AES_256...` of Postfix, `TLS1.3:TLS_AES...` of Exim
const TLS: Key = (
    "tls",
    "replace(split_part(split_part(tls, ' ', 1), ':', 1), 'TLSv', 'TLS')",
);
const DESTINATION: Key = ("destination", "lower(split_part(rcpt_to, '@', -1))");
const CLIENT: Key = ("client", "client_address");

/// What holds where a table says nothing.
const PLAIN: Table = Table {
    id: "",
    kinds: &[],
    only: None,
    keys: &[],
    columns: &[COUNT],
    has_sample: false,
    has_share: false,
    by_all: false,
    top: TOP,
};

/// All tables.
pub(crate) const TABLES: &[Table] = &[
    Table {
        id: "domains",
        kinds: &[
            DELIVERED,
            RELAYED,
            DEFERRED,
            BOUNCED,
            EXPIRED,
            REJECTED,
            REFUSED,
            LOGIN_FAILED,
        ],
        only: Some("account_domain <> ''"),
        keys: &[("domain", "account_domain")],
        columns: &[
            count("delivered", &[DELIVERED]),
            count("relayed", &[RELAYED]),
            count("deferred", &[DEFERRED]),
            count("bounced", &[BOUNCED, EXPIRED]),
            count("rejected", &[REJECTED, REFUSED]),
            count("logins_failed", &[LOGIN_FAILED]),
        ],
        by_all: true,
        top: 20,
        ..PLAIN
    },
    Table {
        id: "destinations",
        kinds: &[RELAYED, DEFERRED, BOUNCED, EXPIRED],
        keys: &[DESTINATION],
        columns: &[
            count("relayed", &[RELAYED]),
            count("deferred", &[DEFERRED]),
            count("bounced", &[BOUNCED, EXPIRED]),
            MEDIAN,
            P95,
        ],
        by_all: true,
        top: 20,
        ..PLAIN
    },
    Table {
        id: "slowest",
        kinds: &[RELAYED],
        keys: &[DESTINATION],
        columns: &[P95, MEDIAN, count("relayed", &[])],
        ..PLAIN
    },
    Table {
        id: "rejections",
        kinds: &[REJECTED, REFUSED],
        keys: &[CODE, STATUS, ("dns_list", "dns_list")],
        has_sample: true,
        ..PLAIN
    },
    Table {
        id: "bounces",
        kinds: &[BOUNCED, EXPIRED],
        keys: &[KIND, CODE, STATUS],
        has_sample: true,
        ..PLAIN
    },
    Table {
        id: "deferrals",
        kinds: &[DEFERRED],
        keys: &[CODE, STATUS],
        has_sample: true,
        ..PLAIN
    },
    Table {
        id: "tls",
        kinds: &[ACCEPTED, RELAYED],
        keys: &[KIND, TLS],
        has_share: true,
        top: 20,
        ..PLAIN
    },
    Table {
        id: "verdicts",
        kinds: &["filter.verdict"],
        keys: &[("verdict", "verdict")],
        has_share: true,
        ..PLAIN
    },
    Table {
        id: "checks",
        kinds: &["filter.auth_result"],
        keys: &[("check", "\"check\""), ("result", "result")],
        has_share: true,
        top: 30,
        ..PLAIN
    },
    Table {
        id: "senders",
        kinds: &[ACCEPTED],
        keys: &[("sender", "lower(mail_from)")],
        columns: &[COUNT, BYTES],
        ..PLAIN
    },
    Table {
        id: "recipients",
        kinds: &[DELIVERED, RELAYED],
        keys: &[("recipient", "lower(rcpt_to)")],
        columns: &[COUNT, BYTES],
        ..PLAIN
    },
    Table {
        id: "clients",
        kinds: &[ACCEPTED],
        keys: &[CLIENT],
        columns: &[COUNT, BYTES],
        ..PLAIN
    },
    Table {
        id: "relays",
        kinds: &[RELAYED],
        keys: &[("relay", "relay_name")],
        columns: &[COUNT, BYTES],
        ..PLAIN
    },
    Table {
        id: "logins",
        kinds: &[LOGIN, LOGIN_FAILED, "auth.aborted"],
        keys: &[("program", "program"), ("protocol", "protocol")],
        columns: &[
            count("login", &[LOGIN]),
            count("login_failed", &[LOGIN_FAILED]),
            count("login_aborted", &["auth.aborted"]),
        ],
        by_all: true,
        ..PLAIN
    },
    Table {
        id: "guessed",
        kinds: &[LOGIN_FAILED, LOGIN],
        keys: &[("user", "lower(\"user\")")],
        columns: &[
            count("login_failed", &[LOGIN_FAILED]),
            count("login", &[LOGIN]),
        ],
        ..PLAIN
    },
    Table {
        id: "guessers",
        kinds: &[LOGIN_FAILED, LOGIN],
        keys: &[CLIENT],
        columns: &[
            count("login_failed", &[LOGIN_FAILED]),
            count("login", &[LOGIN]),
        ],
        ..PLAIN
    },
];

impl Table {
    /// The table of this name.
    pub fn named(id: &str) -> Option<&'static Table> {
        TABLES.iter().find(|it| it.id == id)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|it| it.0)
    }

    pub(crate) fn columns(&self) -> &'static [Column] {
        self.columns
    }

    /// The question: lines with the most of `order`, a column's name, come first.
    pub fn sql(&self, range: &Compared, order: &str) -> String {
        let mut what = String::new();
        for (at, (_, sql)) in self.keys.iter().enumerate() {
            let _ = write!(what, "{sql} as k{at}, ");
        }
        for (at, it) in self.columns.iter().enumerate() {
            let both = both(it.sql, &format!("c{at}"), range, it.kinds);
            let _ = write!(what, "{both}, ");
        }
        // Also where it does not order them, it is little.
        what.push_str(&both("count(*)", "all", range, &[]));
        if self.has_sample {
            what.push_str(", min(text) as sample");
        }
        let by = self.columns.iter().position(|it| it.id == order);
        let first = match self.by_all {
            true => "all".to_owned(),
            false => format!("c{}", by.unwrap_or_default()),
        };
        let groups: Vec<_> = (1..=self.keys.len()).map(|it| it.to_string()).collect();
        let only = self
            .only
            .map_or_else(String::new, |it| format!(" and {it}"));
        format!(
            "select {what} from events where {}{only} group by {} \
             order by {first}_now desc nulls last, {first}_before desc nulls last, 1 limit {}",
            within(range, self.kinds),
            groups.join(", "),
            self.top
        )
    }

    /// The lines of an answer to it.
    pub fn lines(&self, rows: &[Map]) -> Vec<Line> {
        let first = if self.by_all { "all" } else { "c0" };
        let figure = |row: &Map, name: &str| Figure {
            now: row.get(&format!("{name}_now")).and_then(Value::as_f64),
            before: row.get(&format!("{name}_before")).and_then(Value::as_f64),
        };
        let text = |row: &Map, name: &str| match row.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
        };
        let is_counted = |row: &&Map| {
            let Figure { now, before } = figure(row, first);
            now.is_some_and(|it| it != 0.0) || before.is_some_and(|it| it != 0.0)
        };
        let line = |row: &Map| Line {
            keys: (0..self.keys.len())
                .map(|at| text(row, &format!("k{at}")))
                .collect(),
            figures: (0..self.columns.len())
                .map(|at| figure(row, &format!("c{at}")))
                .collect(),
            sample: text(row, "sample"),
        };
        rows.iter().filter(is_counted).map(line).collect()
    }
}

impl Traffic {
    /// Whether there are not too many stretches of so many seconds in a time.
    pub fn can_be_told(range: &Compared, every: i64) -> bool {
        every > 0 && stretches(range, every) <= STRETCHES_MAX
    }

    /// The question, by stretches of so many seconds, which begin with each of the two times.
    pub fn sql(range: &Compared, every: i64) -> String {
        let counts: Vec<_> = TRAFFIC
            .iter()
            .map(|(id, kinds)| format!("count(*) filter (where {}) as {id}", one_of(kinds)))
            .collect();
        let kinds: Vec<_> = TRAFFIC.iter().flat_map(|it| it.1).copied().collect();
        let is_now = format!("at >= {}", moment(range.now.from));
        let (now, before) = (range.now.from, range.before.from);
        let begin = format!(
            "case when {is_now} then {} else {} end",
            now.as_microsecond(),
            before.as_microsecond()
        );
        format!(
            "select {is_now} as is_now, (cast(at as bigint) - {begin}) / {} as place, {} \
             from events where {} and ({is_now} or at < {}) group by 1, 2",
            every.saturating_mul(1_000_000),
            counts.join(", "),
            within(range, &kinds),
            moment(range.before.until),
        )
    }

    /// What an answer to it tells, with zero for stretches in which nothing was.
    pub fn of(rows: &[Map], range: &Compared, every: i64) -> Self {
        let places = usize::try_from(stretches(range, every)).unwrap_or_default();
        let series = TRAFFIC.iter().map(|(id, _)| {
            let mut series = Series {
                id,
                now: vec![0; places],
                before: vec![0; places],
                total: 0,
                total_before: 0,
            };
            for row in rows {
                let rows = row.get(*id).and_then(Value::as_u64).unwrap_or_default();
                let (stretches, total) = match row.get("is_now").and_then(Value::as_bool) {
                    Some(true) => (&mut series.now, &mut series.total),
                    _ => (&mut series.before, &mut series.total_before),
                };
                *total += rows;
                let place = row.get("place").and_then(Value::as_u64);
                let place = place.and_then(|it| usize::try_from(it).ok());
                // A month may be compared with one that is longer.
                if let Some(stretch) = place.and_then(|it| stretches.get_mut(it)) {
                    *stretch += rows;
                }
            }
            series
        });
        let series = series.collect();
        Traffic { every, series }
    }

    pub(crate) fn series(&self, id: &str) -> Option<&Series> {
        self.series.iter().find(|it| it.id == id)
    }
}

fn stretches(range: &Compared, every: i64) -> i64 {
    let micros = range.now.until.as_microsecond() - range.now.from.as_microsecond();
    let every = every.saturating_mul(1_000_000);
    (micros + every - 1).checked_div(every).unwrap_or(i64::MAX)
}

fn moment(at: Timestamp) -> String {
    format!("timestamp '{at}'")
}

fn one_of(kinds: &[&str]) -> String {
    let kinds: Vec<_> = kinds.iter().map(|it| format!("'{it}'")).collect();
    format!("kind in ({})", kinds.join(", "))
}

/// An aggregate over the rows of now, and over those of before.
fn both(sql: &str, name: &str, range: &Compared, kinds: &[&str]) -> String {
    let of = match kinds {
        [] => String::new(),
        kinds => format!("{} and ", one_of(kinds)),
    };
    let (from, until) = (moment(range.now.from), moment(range.before.until));
    format!(
        "{sql} filter (where {of}at >= {from}) as {name}_now, \
         {sql} filter (where {of}at < {until}) as {name}_before"
    )
}

fn within(range: &Compared, kinds: &[&str]) -> String {
    let (from, until) = (moment(range.before.from), moment(range.now.until));
    format!("at >= {from} and at < {until} and {}", one_of(kinds))
}
