//! Rows in the order of the archive: day, class, domain, account, time; wherever they lie.

use crate::class::Classes;
use crate::columns::{Column, schema};
use crate::gather::Lines;
use crate::hot::Hot;
use crate::owners::Accounts;
use crate::stays::Steps;
use crate::view::View;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array};
use arrow_select::interleave::interleave;
use arrow_select::take::take;
use hashbrown::HashMap;
use jiff::civil::Date;
use model::ItemKey;
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

/// Rows that lie together, with their lines.
pub(crate) struct Lot {
    pub(crate) rows: RecordBatch,
    pub(crate) lines: Arc<Lines>,
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
    /// Rows whose account is another one than their lot has: domain and account.
    moved: HashMap<Place, [String; 2], foldhash::fast::RandomState>,
}

impl Sorted {
    pub(crate) fn new(lots: Vec<Lot>, order: Order) -> Self {
        Sorted {
            lots,
            order,
            moved: HashMap::default(),
        }
    }

    /// Rows that were asked until now. Whose a message is may be told by a row of another lot.
    pub(crate) fn of(hot: &[Arc<Hot>], classes: &Classes) -> Self {
        let mut accounts = Accounts::default();
        let mut of_rows = Vec::new();
        let mut key = Vec::new();
        for hot in hot {
            let view = hot.view();
            let text = |column, row| view.text(column, row).unwrap_or_default().as_bytes();
            let mut of_lot: Vec<u32> = Vec::with_capacity(view.rows());
            for row in 0..view.rows() {
                let before = std::mem::take(&mut key);
                key = [
                    text(Column::AccountDomain, row),
                    b"\0",
                    text(Column::Account, row),
                ]
                .concat();
                // Rows of an account lie together.
                of_lot.push(match of_lot.last() {
                    Some(&last) if before == key => last,
                    _ => accounts.number(&key),
                });
            }
            of_rows.push(of_lot);
        }
        let moved = moved(hot, &of_rows);
        for (&(lot, row), account) in &moved {
            of_rows[lot as usize][row as usize] = *account;
        }
        let part = accounts.parts(classes);
        let ranks = accounts.ranks();
        let rows = (0..)
            .zip(hot)
            .zip(&of_rows)
            .flat_map(|((lot, hot), accounts)| {
                let (part, ranks, view) = (&part, &ranks, hot.view());
                (0..).zip(accounts).map(move |(row, &account)| {
                    let (at, account) = (view.at(row as usize), account as usize);
                    (part(day(at), account), ranks[account], at, (lot, row))
                })
            });
        let order = Order::of(rows);
        let names = accounts.names();
        let named = |(place, account): (Place, u32)| (place, names[account as usize].clone());
        Sorted {
            lots: hot.iter().map(|hot| hot.lot()).collect(),
            order,
            moved: moved.into_iter().map(named).collect(),
        }
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

/// Rows whose account is told by another row, with that account, if it is not the one that they have.
fn moved(
    hot: &[Arc<Hot>],
    accounts: &[Vec<u32>],
) -> HashMap<Place, u32, foldhash::fast::RandomState> {
    let mut owners: HashMap<ItemKey, u32, foldhash::fast::RandomState> = HashMap::default();
    for (hot, accounts) in hot.iter().zip(accounts) {
        for (&item, &row) in &hot.claims().owners {
            owners.entry(item).or_insert(accounts[row as usize]);
        }
    }
    let mut moved = HashMap::default();
    for ((lot, hot), accounts) in (0..).zip(hot).zip(accounts) {
        for (row, item) in &hot.claims().guessed {
            let told = owners.get(item).copied();
            if let Some(account) = told.filter(|it| *it != accounts[*row as usize]) {
                moved.insert((lot, *row), account);
            }
        }
    }
    moved
}
