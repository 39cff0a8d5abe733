//! Rows as they come, put by until they are sorted and written.

use crate::class::Classes;
use crate::columns::{Column, Type, schema};
use crate::facts::Facts;
use crate::limits::{GATHERED_LINE_BYTES_MAX, GATHERED_ROWS_MAX};
use crate::stays::Steps;
use crate::view::View;
use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Float32Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch, UInt32Array};
use hashbrown::HashMap;
use jiff::civil::Date;
use model::{ItemKey, Row};
use std::sync::Arc;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Rows and their original lines.
#[derive(Debug)]
pub struct Gathered {
    columns: Vec<Builder>,
    facts: Facts,
    keys: Vec<Key>,
    accounts: HashMap<Box<[u8]>, u32, foldhash::fast::RandomState>,
    /// Whose the messages are, by the rows that tell it.
    owners: HashMap<ItemKey, u32, foldhash::fast::RandomState>,
    lines: Lines,
}

/// Where a row goes: day, account, time.
#[derive(Clone, Copy, Debug)]
struct Key {
    day: i32,
    account: u32,
    at: i64,
    /// The message, if the account is only a guess.
    guessed: Option<ItemKey>,
}

/// Original lines of all rows, one behind the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    bytes: Vec<u8>,
    /// End of each line in `bytes`.
    ends: Vec<u32>,
    times: Vec<i64>,
    /// For each row the number of its last line, plus one.
    until: Vec<u32>,
}

#[derive(Debug)]
enum Builder {
    Text(StringBuilder),
    Number(Int64Builder),
    Time(TimestampMicrosecondBuilder),
    Float(Float32Builder),
    Flag(BooleanBuilder),
}

impl Default for Gathered {
    fn default() -> Self {
        let columns = Column::ALL
            .iter()
            .map(|column| Builder::new(column.holds()));
        Gathered {
            columns: columns.collect(),
            facts: Facts::default(),
            keys: Vec::new(),
            accounts: HashMap::default(),
            owners: HashMap::default(),
            lines: Lines::default(),
        }
    }
}

impl Gathered {
    /// An empty one with room for as much as this one holds: growing costs as much as filling.
    pub fn anew(&self) -> Self {
        let mut anew = Gathered::default();
        let builders = self.columns.iter().zip(&mut anew.columns);
        builders.for_each(|(of, to)| *to = of.anew());
        anew.keys.reserve(self.keys.len());
        anew.lines.bytes.reserve(self.lines.bytes.len());
        anew.lines.ends.reserve(self.lines.ends.len());
        anew.lines.times.reserve(self.lines.times.len());
        anew.lines.until.reserve(self.lines.until.len());
        anew
    }

    /// Takes a row.
    pub fn row(&mut self, row: &Row<'_>) {
        self.facts.fill(row);
        for (&column, builder) in Column::ALL.iter().zip(&mut self.columns) {
            if !matches!(column, Column::Account | Column::AccountDomain) {
                builder.append(&self.facts, column);
            }
        }
        let at = self.facts.number_of(Column::At).unwrap_or(0);
        let (account, is_sure) = self.facts.owner(row).unwrap_or_default();
        let account = account_key(&account);
        let next = self.accounts.len() as u32;
        let account = match self.accounts.get(&*account) {
            Some(&number) => number,
            None => *self.accounts.entry(account.into()).or_insert(next),
        };
        if let Some(item) = row.item.filter(|_| is_sure) {
            self.owners.entry(item).or_insert(account);
        }
        self.keys.push(Key {
            day: at.div_euclid(MICROS_PER_DAY) as i32,
            account,
            at,
            guessed: row.item.filter(|_| !is_sure),
        });
        let lines = row.lines.iter();
        self.lines
            .push(lines.map(|line| (line.at.as_nanos(), line.raw)));
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Bytes of their lines.
    pub fn line_bytes(&self) -> usize {
        self.lines.bytes.len()
    }

    /// Whether there are so many that they must be written.
    pub fn is_full(&self) -> bool {
        self.keys.len() >= GATHERED_ROWS_MAX || self.line_bytes() >= GATHERED_LINE_BYTES_MAX
    }

    /// The rows in the order of the archive.
    pub(crate) fn sorted(mut self, classes: &Classes) -> crate::Result<Sorted> {
        for key in &mut self.keys {
            let known = key.guessed.and_then(|item| self.owners.get(&item));
            key.account = known.copied().unwrap_or(key.account);
        }
        let class_of_account = self.append_accounts(classes);
        let ranks = self.ranks();
        let parts: Vec<Part> = self
            .keys
            .iter()
            .map(|key| Part {
                day: key.day,
                class: class_of_account[key.account as usize],
            })
            .collect();
        let rank = |row: &u32| {
            let key = self.keys[*row as usize];
            let part = parts[*row as usize];
            (part, ranks[key.account as usize], key.at, *row)
        };
        let mut order: Vec<u32> = (0..self.keys.len() as u32).collect();
        order.sort_unstable_by_key(rank);
        let columns = self.columns.iter_mut().map(Builder::finish).collect();
        let rows = RecordBatch::try_new(schema(), columns)?;
        let mut steps = Steps::default();
        steps.rows(&View::new(&rows), |row| Some(row as u64));
        Ok(Sorted {
            order,
            parts,
            rows,
            lines: self.lines,
            of_long_stays: steps.of_long_stays(),
        })
    }

    /// Fills the columns of the account, which is known now; gives the class of each account.
    fn append_accounts(&mut self, classes: &Classes) -> Vec<usize> {
        let mut names = vec![("".into(), "".into()); self.accounts.len()];
        for (key, &number) in &self.accounts {
            let end = key.iter().position(|&byte| byte == 0).unwrap_or(0);
            let (domain, account) = (&key[..end], &key[(end + 1).min(key.len())..]);
            names[number as usize] = (
                String::from_utf8_lossy(domain),
                String::from_utf8_lossy(account),
            );
        }
        for (column, which) in [(Column::AccountDomain, 0), (Column::Account, 1)] {
            let Builder::Text(builder) = &mut self.columns[column as usize] else {
                continue;
            };
            for key in &self.keys {
                let (domain, account) = &names[key.account as usize];
                builder.append_value(if which == 0 { domain } else { account });
            }
        }
        let domains = names.iter().map(|(domain, _)| domain);
        domains.map(|domain| classes.number_of(domain)).collect()
    }

    /// The place of each account among all: domain first, none first of all.
    fn ranks(&self) -> Vec<u32> {
        let mut accounts: Vec<(&[u8], u32)> = self
            .accounts
            .iter()
            .map(|(key, &number)| (&**key, number))
            .collect();
        accounts.sort_unstable();
        let mut ranks = vec![0; accounts.len()];
        for (rank, (_, number)) in accounts.into_iter().enumerate() {
            ranks[number as usize] = rank as u32;
        }
        ranks
    }
}

/// Domain, a zero byte, account: sorts as the archive does.
fn account_key(account: &[u8]) -> Vec<u8> {
    let domain = match account.iter().rposition(|&byte| byte == b'@') {
        Some(at) => &account[at + 1..],
        None => b"",
    };
    [domain, b"\0", account].concat()
}

/// A part of the table: a day, counted from 1970-01-01, and the number of a retention class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    pub(crate) day: i32,
    pub(crate) class: usize,
}

/// A day, counted from 1970-01-01, as `2026-11-01`.
pub(crate) fn date(day: i32) -> String {
    let epoch = Date::constant(1970, 1, 1);
    let day = jiff::Span::new()
        .try_days(day)
        .and_then(|days| epoch.checked_add(days));
    day.unwrap_or(epoch).to_string()
}

/// Rows in the order of the archive: day, class, domain, account, time.
pub(crate) struct Sorted {
    rows: RecordBatch,
    order: Vec<u32>,
    parts: Vec<Part>,
    lines: Lines,
    /// Those of stays in queues that were not short, in order.
    of_long_stays: Vec<u64>,
}

impl Sorted {
    /// The parts, each with its rows as a range of all.
    pub(crate) fn parts(&self) -> Vec<(Part, std::ops::Range<usize>)> {
        let mut parts: Vec<(Part, std::ops::Range<usize>)> = Vec::new();
        for (place, &row) in self.order.iter().enumerate() {
            let part = self.parts[row as usize];
            match parts.last_mut() {
                Some((last, range)) if *last == part => range.end = place + 1,
                _ => parts.push((part, place..place + 1)),
            }
        }
        parts
    }

    /// The rows of a range, block by block, each with the numbers by which [`Sorted::lines`] gives
    /// their lines.
    pub(crate) fn blocks(
        &self,
        range: std::ops::Range<usize>,
        block_rows: usize,
    ) -> impl Iterator<Item = crate::Result<(RecordBatch, &[u32])>> {
        self.order[range].chunks(block_rows).map(|order| {
            let wanted = UInt32Array::from(order.to_vec());
            let take = |column: &ArrayRef| arrow_select::take::take(column, &wanted, None);
            let columns = self.rows.columns().iter().map(take);
            let columns: Result<Vec<_>, _> = columns.collect();
            Ok((RecordBatch::try_new(schema(), columns?)?, order))
        })
    }

    /// The original lines of a row with their times in nanoseconds.
    pub(crate) fn lines(&self, row: u32) -> impl Iterator<Item = (i64, &[u8])> {
        self.lines.of(row as usize)
    }

    /// Whether a row is of a stay in a queue that was not short.
    pub(crate) fn is_of_long_stay(&self, row: u32) -> bool {
        self.of_long_stays.binary_search(&u64::from(row)).is_ok()
    }
}

impl Lines {
    /// Takes the lines of the next row, each with its time in nanoseconds.
    pub(crate) fn push<'a>(&mut self, lines: impl Iterator<Item = (i64, &'a [u8])>) {
        for (at, line) in lines {
            self.bytes.extend_from_slice(line);
            self.ends.push(self.bytes.len() as u32);
            self.times.push(at);
        }
        self.until.push(self.ends.len() as u32);
    }

    /// The lines of a row with their times in nanoseconds.
    pub(crate) fn of(&self, row: usize) -> impl Iterator<Item = (i64, &[u8])> {
        let first = row.checked_sub(1).map_or(0, |before| self.until[before]);
        (first..self.until[row]).map(|line| {
            let line = line as usize;
            let start = line.checked_sub(1).map_or(0, |before| self.ends[before]);
            let bytes = &self.bytes[start as usize..self.ends[line] as usize];
            (self.times[line], bytes)
        })
    }

    /// Bytes of all lines.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

impl Builder {
    fn new(holds: Type) -> Self {
        match holds {
            Type::Time => Builder::Time(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
            Type::Text => Builder::Text(StringBuilder::new()),
            Type::Number => Builder::Number(Int64Builder::new()),
            Type::Float => Builder::Float(Float32Builder::new()),
            Type::Flag => Builder::Flag(BooleanBuilder::new()),
        }
    }

    /// An empty one with room for as much as this one holds, and some more.
    fn anew(&self) -> Self {
        let more = |of: usize| of + of / 8;
        match self {
            Builder::Text(it) => Builder::Text(StringBuilder::with_capacity(
                more(it.len()),
                more(it.values_slice().len()),
            )),
            Builder::Number(it) => Builder::Number(Int64Builder::with_capacity(more(it.len()))),
            Builder::Time(it) => {
                let times = TimestampMicrosecondBuilder::with_capacity(more(it.len()));
                Builder::Time(times.with_timezone("UTC"))
            }
            Builder::Float(it) => Builder::Float(Float32Builder::with_capacity(more(it.len()))),
            Builder::Flag(it) => Builder::Flag(BooleanBuilder::with_capacity(more(it.len()))),
        }
    }

    fn append(&mut self, facts: &Facts, column: Column) {
        match self {
            Builder::Text(builder) => match facts.text_of(column) {
                Some(text) => match std::str::from_utf8(text) {
                    Ok(text) => builder.append_value(text),
                    Err(_) => builder.append_value(String::from_utf8_lossy(text)),
                },
                None => builder.append_null(),
            },
            Builder::Number(builder) => builder.append_option(facts.number_of(column)),
            Builder::Time(builder) => builder.append_option(facts.number_of(column)),
            Builder::Float(builder) => builder.append_option(facts.float_of(column)),
            Builder::Flag(builder) => builder.append_option(facts.flag_of(column)),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Builder::Text(builder) => Arc::new(builder.finish()),
            Builder::Number(builder) => Arc::new(builder.finish()),
            Builder::Time(builder) => Arc::new(builder.finish()),
            Builder::Float(builder) => Arc::new(builder.finish()),
            Builder::Flag(builder) => Arc::new(builder.finish()),
        }
    }
}
