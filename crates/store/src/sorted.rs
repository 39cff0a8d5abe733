//! Rows in the order of the archive: day, class, domain, account, time; wherever they lie.

use crate::columns::{Column, schema};
use crate::stays::Steps;
use crate::view::View;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array};
use arrow_select::interleave::interleave;
use arrow_select::take::take;
use hashbrown::HashMap;
use jiff::civil::Date;
use std::ops::Range;
use std::sync::Arc;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A part of the table: a day, counted from 1970-01-01, and the number of a retention class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    pub(crate) day: i32,
    pub(crate) class: usize,
}

/// The day of a time in microseconds.
pub(crate) fn day(at: i64) -> i32 {
    at.div_euclid(MICROS_PER_DAY) as i32
}

/// A day, counted from 1970-01-01, as `2026-11-01`.
pub(crate) fn date(day: i32) -> String {
    let epoch = Date::constant(1970, 1, 1);
    let day = jiff::Span::new()
        .try_days(day)
        .and_then(|days| epoch.checked_add(days));
    day.unwrap_or(epoch).to_string()
}

/// A row: the number of its lot, and its own there.
pub(crate) type Place = (u32, u32);

/// Rows whose account is another one than their lot has.
pub(crate) type Moved<T> = HashMap<Place, T, foldhash::fast::RandomState>;

/// Rows that lie together, with their lines.
pub(crate) struct Lot {
    pub(crate) rows: RecordBatch,
    pub(crate) lines: Arc<Lines>,
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

impl Lines {
    /// None, with room for as many as these are.
    pub(crate) fn anew(&self) -> Self {
        Lines {
            bytes: Vec::with_capacity(self.bytes.len()),
            ends: Vec::with_capacity(self.ends.len()),
            times: Vec::with_capacity(self.times.len()),
            until: Vec::with_capacity(self.until.len()),
        }
    }

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

/// Rows in order, and which of them go to which part.
pub(crate) struct Order {
    rows: Vec<Place>,
    parts: Vec<(Part, Range<usize>)>,
}

impl Order {
    /// Of rows, each with its part, the rank of its account, its time and its place, which decides last.
    pub(crate) fn of(rows: impl Iterator<Item = (Part, u32, i64, Place)>) -> Self {
        let mut rows: Vec<_> = rows.collect();
        rows.sort_unstable();
        let mut parts: Vec<(Part, Range<usize>)> = Vec::new();
        for (number, (part, ..)) in rows.iter().enumerate() {
            match parts.last_mut() {
                Some((last, range)) if last == part => range.end = number + 1,
                _ => parts.push((*part, number..number + 1)),
            }
        }
        let rows = rows.into_iter().map(|(.., place)| place).collect();
        Order { rows, parts }
    }
}

/// Rows of several lots in the order of the archive.
pub(crate) struct Sorted {
    lots: Vec<Lot>,
    order: Order,
    /// With domain and account.
    moved: Moved<[String; 2]>,
}

impl Sorted {
    pub(crate) fn new(lots: Vec<Lot>, order: Order, moved: Moved<[String; 2]>) -> Self {
        Sorted { lots, order, moved }
    }

    /// The parts, each with its rows as a range of all.
    pub(crate) fn parts(&self) -> &[(Part, Range<usize>)] {
        &self.order.parts
    }

    /// How many rows.
    pub(crate) fn rows(&self) -> usize {
        self.order.rows.len()
    }

    /// Where the rows of a range are.
    pub(crate) fn places(&self, range: Range<usize>) -> &[Place] {
        &self.order.rows[range]
    }

    /// The rows of a range, block by block, each with the places by which [`Sorted::lines`] gives
    /// their lines.
    pub(crate) fn blocks(
        &self,
        range: Range<usize>,
        block_rows: usize,
    ) -> impl Iterator<Item = crate::Result<(RecordBatch, &[Place])>> {
        let blocks = self.places(range).chunks(block_rows);
        blocks.map(|places| Ok((self.block(places)?, places)))
    }

    /// Some rows.
    pub(crate) fn block(&self, places: &[Place]) -> crate::Result<RecordBatch> {
        let mut columns: Vec<ArrayRef> = match &self.lots[..] {
            [lot] => {
                let rows = places.iter().map(|&(_, row)| row);
                let rows = UInt32Array::from_iter_values(rows);
                let columns = lot.rows.columns().iter();
                let columns = columns.map(|column| take(column, &rows, None));
                columns.collect::<Result<_, _>>()?
            }
            lots => {
                let rows = places
                    .iter()
                    .map(|&(lot, row)| (lot as usize, row as usize));
                let rows: Vec<(usize, usize)> = rows.collect();
                let column = |column: &Column| {
                    let of_lots = lots.iter().map(|lot| &**lot.rows.column(*column as usize));
                    let of_lots: Vec<&dyn Array> = of_lots.collect();
                    interleave(&of_lots, &rows)
                };
                let columns = Column::ALL.iter().map(column);
                columns.collect::<Result<_, _>>()?
            }
        };
        if places.iter().any(|place| self.moved.contains_key(place)) {
            let as_it_was = View::new(&RecordBatch::try_new(schema(), columns.clone())?);
            for (column, which) in [(Column::AccountDomain, 0), (Column::Account, 1)] {
                let text = |(row, place)| match self.moved.get(place) {
                    Some(names) => Some(&*names[which]),
                    None => as_it_was.text(column, row),
                };
                let texts = places.iter().enumerate().map(text);
                columns[column as usize] = Arc::new(texts.collect::<StringArray>());
            }
        }
        Ok(RecordBatch::try_new(schema(), columns)?)
    }

    /// The original lines of a row with their times in nanoseconds.
    pub(crate) fn lines(&self, (lot, row): Place) -> impl Iterator<Item = (i64, &[u8])> {
        self.lots[lot as usize].lines.of(row as usize)
    }

    /// Those of stays in queues that were not short.
    pub(crate) fn of_long_stays(&self) -> LongStays {
        let mut steps = Steps::default();
        for (lot, of) in (0..).zip(&self.lots) {
            let place = |row| Some(number((lot, row as u32)));
            steps.rows(&View::new(&of.rows), place);
        }
        LongStays(steps.of_long_stays())
    }
}

/// Rows of stays that were not short, in order.
pub(crate) struct LongStays(Vec<u64>);

impl LongStays {
    /// Whether a row is one of them.
    pub(crate) fn has(&self, place: Place) -> bool {
        self.0.binary_search(&number(place)).is_ok()
    }
}

fn number((lot, row): Place) -> u64 {
    u64::from(lot) << 32 | u64::from(row)
}
