//! Rows as they come, put by until they are sorted and written.

use crate::class::Classes;
use crate::columns::{Column, Type, schema};
use crate::facts::Facts;
use crate::limits::{GATHERED_LINE_BYTES_MAX, GATHERED_ROWS_MAX};
use crate::owners::{Accounts, Claims, account_key};
use crate::sorted::{Lines, Lot, Moved, Order, Part, Sorted, day};
use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Float32Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use model::Row;
use std::sync::Arc;

/// Rows and their original lines.
#[derive(Debug)]
pub struct Gathered {
    columns: Vec<Builder>,
    facts: Facts,
    keys: Vec<Key>,
    accounts: Accounts,
    claims: Claims,
    lines: Lines,
}

/// Where a row goes: day, account, time.
#[derive(Clone, Copy, Debug)]
struct Key {
    day: i32,
    account: u32,
    at: i64,
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
            accounts: Accounts::default(),
            claims: Claims::default(),
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
        anew.lines = self.lines.anew();
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
        let number = self.keys.len() as u32;
        if let Some(item) = row.item {
            self.claims.claim(item, number, is_sure);
        }
        self.keys.push(Key {
            day: day(at),
            account: self.accounts.number(&account_key(&account)),
            at,
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
        self.lines.bytes()
    }

    /// Whether there are so many that they must be written.
    pub fn is_full(&self) -> bool {
        self.keys.len() >= GATHERED_ROWS_MAX || self.line_bytes() >= GATHERED_LINE_BYTES_MAX
    }

    /// The rows in the order of the archive, and what they say of whose messages are.
    pub(crate) fn sorted(mut self, classes: &Classes) -> crate::Result<(Sorted, Claims)> {
        for &(row, item) in &self.claims.guessed {
            if let Some(&owner) = self.claims.owners.get(&item) {
                self.keys[row as usize].account = self.keys[owner as usize].account;
            }
        }
        self.append_accounts();
        let classes = self.accounts.classes(classes);
        let ranks = self.accounts.ranks();
        let rank = |row: u32| {
            let key = self.keys[row as usize];
            let account = key.account as usize;
            let part = Part {
                day: key.day,
                class: classes[account],
            };
            (part, ranks[account], key.at, (0, row))
        };
        let order = Order::of((0..self.keys.len() as u32).map(rank));
        let columns = self.columns.iter_mut().map(Builder::finish).collect();
        let lot = Lot {
            rows: RecordBatch::try_new(schema(), columns)?,
            lines: Arc::new(self.lines),
        };
        let sorted = Sorted::new(vec![lot], order, Moved::default());
        Ok((sorted, self.claims))
    }

    /// Fills the columns of the account, which is known now.
    fn append_accounts(&mut self) {
        let names = self.accounts.names();
        for (column, which) in [(Column::AccountDomain, 0), (Column::Account, 1)] {
            let Builder::Text(builder) = &mut self.columns[column as usize] else {
                continue;
            };
            for key in &self.keys {
                builder.append_value(&names[key.account as usize][which]);
            }
        }
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
