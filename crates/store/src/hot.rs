//! Rows that no commit has yet: asked like a data file, and gone with the process.

use crate::columns::Column;
use crate::error::Result;
use crate::file::presence::{Presence, PresenceWriter};
use crate::file::read::Block;
use crate::gather::Gathered;
use crate::index::{IdRole, ids};
use crate::owners::{Accounts, Claims};
use crate::sorted::{Lines, Lot, Moved, Order, Part, Place, Sorted, date, day};
use crate::view::View;
use crate::{Classes, schema};
use arrow_array::{BooleanArray, RecordBatch};
use arrow_select::concat::concat_batches;
use arrow_select::filter::filter_record_batch;
use hashbrown::HashMap;
use model::ItemKey;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::OnceLock;

/// Rows of one day and class, as one block, in no order.
pub struct Hot {
    /// As `2026-11-01`.
    pub(crate) day: String,
    pub(crate) class: String,
    /// Times of the first and the last row, microseconds.
    pub(crate) at: (i64, i64),
    batch: RecordBatch,
    view: View,
    lines: Arc<Lines>,
    claims: Claims,
    presence: Vec<Presence>,
    /// Hashes of identifiers with their rows, in order; made when one is asked for.
    ids: OnceLock<Vec<(u64, u32)>>,
}

impl Gathered {
    /// The rows as they can be asked at once, by day and class.
    pub fn hot(self, classes: &Classes) -> Result<Vec<Hot>> {
        let (sorted, claims) = self.sorted(classes)?;
        let mut now = vec![(0, 0); sorted.rows()];
        let mut claims_of = Vec::new();
        for (which, (_, range)) in sorted.parts().iter().enumerate() {
            for (number, (_, row)) in (0..).zip(sorted.places(range.clone())) {
                now[*row as usize] = (which, number);
            }
            claims_of.push(Claims::default());
        }
        claims.shared_out(&mut claims_of, |row| now[row as usize]);
        let mut parts = Vec::new();
        for ((part, range), claims) in sorted.parts().iter().zip(claims_of) {
            let mut lines = Lines::default();
            for place in sorted.places(range.clone()) {
                lines.push(sorted.lines(*place));
            }
            let batch = sorted.block(sorted.places(range.clone()))?;
            let (day, class) = (date(part.day), classes.name(part.class));
            parts.push(Hot::new(day, class.to_owned(), batch, lines, claims));
        }
        Ok(parts)
    }
}

impl Hot {
    fn new(day: String, class: String, batch: RecordBatch, lines: Lines, claims: Claims) -> Self {
        let view = View::new(&batch);
        let mut presence = PresenceWriter::default();
        let mut at = None;
        for row in 0..view.rows() {
            presence.row(&view, row);
            let (first, last) = at.unwrap_or((view.at(row), view.at(row)));
            at = Some((view.at(row).min(first), view.at(row).max(last)));
        }
        Hot {
            day,
            class,
            at: at.unwrap_or_default(),
            batch,
            view,
            lines: Arc::new(lines),
            claims,
            presence: presence.finish(),
            ids: OnceLock::new(),
        }
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.view.rows()
    }

    /// Bytes of their original lines.
    pub fn line_bytes(&self) -> usize {
        self.lines.bytes()
    }

    /// Whether both are of one day and class.
    pub fn is_beside(&self, other: &Hot) -> bool {
        self.day == other.day && self.class == other.class
    }

    /// The rows of all of these, which are of one day and class; there is at least one.
    pub fn joined(parts: &[Arc<Hot>]) -> Result<Hot> {
        let batch = concat_batches(&schema(), parts.iter().map(|it| &it.batch))?;
        let (mut lines, mut claims) = (Lines::default(), Claims::default());
        let mut behind = 0;
        for part in parts {
            claims.extend(&part.claims, behind);
            behind += part.rows() as u32;
            (0..part.rows()).for_each(|row| lines.push(part.lines.of(row)));
        }
        let (day, class) = (parts[0].day.clone(), parts[0].class.clone());
        Ok(Hot::new(day, class, batch, lines, claims))
    }

    /// The rows that are wanted, to be asked and not to be written; by the first line of each, its time in
    /// nanoseconds and its bytes.
    pub fn retained(&self, mut wanted: impl FnMut(i64, &[u8]) -> bool) -> Result<Hot> {
        let first = |row| self.lines.of(row).next();
        let rows = (0..self.rows()).map(|row| first(row).is_none_or(|(at, it)| wanted(at, it)));
        let rows: Vec<bool> = rows.collect();
        let mut lines = Lines::default();
        for (row, _) in rows.iter().enumerate().filter(|(_, wanted)| **wanted) {
            lines.push(self.lines.of(row));
        }
        let batch = filter_record_batch(&self.batch, &BooleanArray::from(rows))?;
        let (day, class) = (self.day.clone(), self.class.clone());
        Ok(Hot::new(day, class, batch, lines, Claims::default()))
    }

    pub(crate) fn view(&self) -> &View {
        &self.view
    }

    pub(crate) fn claims(&self) -> &Claims {
        &self.claims
    }

    pub(crate) fn lot(&self) -> Lot {
        Lot {
            rows: self.batch.clone(),
            lines: Arc::clone(&self.lines),
        }
    }

    /// All rows as a block; also such columns as were not asked for.
    pub(crate) fn block(&self) -> Block {
        Block::new(0, None, self.view.clone(), self.batch.clone())
    }

    /// The rows that have one of these identifiers in a role.
    pub(crate) fn with_ids(&self, ids: &[&str], role: IdRole) -> BTreeSet<u32> {
        let known = self.ids.get_or_init(|| self.ids());
        let mut rows = BTreeSet::new();
        for id in ids.iter().map(|id| bare(id)) {
            let hash = ids::hash(id.as_bytes());
            let first = known.partition_point(|it| it.0 < hash);
            let of_hash = known[first..].iter().take_while(|it| it.0 == hash);
            let has = |&row: &u32| {
                let columns = role.columns().iter();
                let mut of_row = columns.filter_map(|&it| self.view.text(it, row as usize));
                of_row.any(|it| bare(it) == id)
            };
            rows.extend(of_hash.map(|it| it.1).filter(has));
        }
        rows
    }

    fn ids(&self) -> Vec<(u64, u32)> {
        let mut ids = Vec::new();
        for row in 0..self.rows() {
            let columns = IdRole::Any.columns().iter();
            let of_row = columns.filter_map(|&it| self.view.text(it, row));
            let of_row = of_row.filter(|it| !it.is_empty());
            ids.extend(of_row.map(|it| (ids::hash(bare(it).as_bytes()), row as u32)));
        }
        ids.sort_unstable();
        ids
    }

    /// Some of the rows, in the order that is asked for.
    pub(crate) fn block_of(&self, rows: &[u32]) -> Result<Block> {
        self.block().some(rows)
    }

    /// The original lines of a row, with their times in nanoseconds.
    pub(crate) fn lines(&self, row: usize) -> impl Iterator<Item = (i64, &[u8])> {
        self.lines.of(row)
    }

    pub(crate) fn presence(&self) -> &[Presence] {
        &self.presence
    }
}

/// Rows that were asked until now, in the order of the archive. Whose a message is may be told by a row of another lot.
pub(crate) fn sorted(hot: &[Arc<Hot>], classes: &Classes) -> Sorted {
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
    let classes = accounts.classes(classes);
    let ranks = accounts.ranks();
    let rows = (0..)
        .zip(hot)
        .zip(&of_rows)
        .flat_map(|((lot, hot), accounts)| {
            let (classes, ranks, view) = (&classes, &ranks, hot.view());
            (0..).zip(accounts).map(move |(row, &account)| {
                let (at, account) = (view.at(row as usize), account as usize);
                (
                    Part {
                        day: day(at),
                        class: classes[account],
                    },
                    ranks[account],
                    at,
                    (lot, row),
                )
            })
        });
    let order = Order::of(rows);
    let names = accounts.names();
    let named = |(place, account): (Place, u32)| (place, names[account as usize].clone());
    let lots = hot.iter().map(|hot| hot.lot()).collect();
    Sorted::new(lots, order, moved.into_iter().map(named).collect())
}

/// Rows whose account is told by another row, with that account, if it is not the one that they have.
fn moved(hot: &[Arc<Hot>], accounts: &[Vec<u32>]) -> Moved<u32> {
    let mut owners: HashMap<ItemKey, u32, foldhash::fast::RandomState> = HashMap::default();
    for (hot, accounts) in hot.iter().zip(accounts) {
        for (&item, &row) in &hot.claims().owners {
            owners.entry(item).or_insert(accounts[row as usize]);
        }
    }
    let mut moved = Moved::default();
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

/// An identifier without angle brackets on either side, as a question compares it.
fn bare(id: &str) -> &str {
    id.trim_start_matches('<').trim_end_matches('>')
}

impl std::fmt::Debug for Hot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hot")
            .field("day", &self.day)
            .finish_non_exhaustive()
    }
}
