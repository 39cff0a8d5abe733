//! Rows that a question wants, in order of time, a page at a time.

use crate::blocks::Wanted;
use crate::facts::{Stored, columns_of, wanted_rows};
use crate::sight::{Block, SeenPart, Sight};
use crate::{Result, blocks};
use datafusion::arrow::array::RecordBatch;
use futures::TryStreamExt;
use search::{Cursor, Filter, Order, Search, TimeRange};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Column, FileOf, Hot, Type, View};
use twox_hash::XxHash3_64;

/// A row that was found, with all its columns.
#[derive(Clone)]
pub struct Found {
    part: SeenPart,
    block: Arc<Block>,
    row: usize,
    /// Tells it from others of the same time; the same for the same content.
    pub id: u64,
}

/// Rows of one page.
#[derive(Default)]
pub struct Page {
    /// In the order that was asked for.
    pub rows: Vec<Found>,
    /// Where the next page begins; `None` where this is the last.
    pub next: Option<Cursor>,
    /// What was looked at.
    pub looked: Looked,
}

/// How much of the archive was looked at for an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Data files of the time asked for.
    pub files: usize,
    /// Blocks in them.
    pub blocks: u64,
    /// Blocks that were read.
    pub read: u64,
}

impl Found {
    /// Rows of a block or of a part of it, of which all columns were read.
    pub(crate) fn of(
        part: &SeenPart,
        block: Block,
        rows: impl IntoIterator<Item = usize>,
    ) -> impl Iterator<Item = Found> {
        let (part, block) = (part.clone(), Arc::new(block));
        rows.into_iter().map(move |row| Found {
            id: id(&block.view, row),
            part: part.clone(),
            block: Arc::clone(&block),
            row,
        })
    }

    /// The rows that it is one of, and which.
    pub(crate) fn batch(&self) -> (&RecordBatch, usize) {
        (&self.block.batch, self.row)
    }

    /// The text of a column.
    pub fn text(&self, column: Column) -> Option<&str> {
        self.block.view.text(column, self.row)
    }

    /// The reply or reason, as it was written.
    pub fn reply(&self) -> Option<Cow<'_, str>> {
        self.block.view.reply(self.row)
    }

    /// The number, or the time in microseconds, of a column.
    pub fn number(&self, column: Column) -> Option<i64> {
        self.block.view.number(column, self.row)
    }

    /// The number with a fraction of a column.
    pub fn float(&self, column: Column) -> Option<f64> {
        self.block.view.float(column, self.row)
    }

    /// The flag of a column.
    pub fn flag(&self, column: Column) -> Option<bool> {
        self.block.view.flag(column, self.row)
    }

    /// All columns that it has, by their names; times in RFC 3339, the reply as it was written.
    pub fn json(&self) -> Map<String, Value> {
        let value = |column: Column| match column.holds() {
            Type::Text if column == Column::Text => self.reply().map(Value::from),
            Type::Text => self.text(column).map(Value::from),
            Type::Time => {
                let at = jiff::Timestamp::from_microsecond(self.number(column)?).ok()?;
                Some(at.to_string().into())
            }
            Type::Number => self.number(column).map(Value::from),
            Type::Float => self.float(column).map(Value::from),
            Type::Flag => self.flag(column).map(Value::from),
        };
        let columns = Column::ALL.iter();
        let known = columns.filter_map(|it| Some((it.name().to_owned(), value(*it)?)));
        known.collect()
    }

    /// Whether a filter wants it.
    pub fn fits(&self, filter: &Filter) -> bool {
        filter.matches(&Stored {
            view: &self.block.view,
            row: self.row,
        })
    }

    /// When, in microseconds.
    pub fn at(&self) -> i64 {
        self.block.view.at(self.row)
    }

    /// The original lines, each with its time in nanoseconds.
    pub async fn lines(&self) -> Result<Vec<(i64, Vec<u8>)>> {
        let mut lines = Vec::new();
        let mut take = |_, at, line: &[u8]| lines.push((at, line.to_vec()));
        self.part.lines(&self.block, [self.row], &mut take).await?;
        Ok(lines)
    }
}

/// Where a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// Time, turned round where the newest is wanted first.
    turn: i64,
    file: usize,
    block: u32,
    row: u32,
}

/// Finds the rows of one page.
pub async fn search(sight: &Sight, search: &Search) -> Result<Page> {
    let newest = search.order == Order::Newest;
    let turn = |at: i64| if newest { at.saturating_neg() } else { at };
    let range = match search.after {
        Some(cursor) if newest => search.range.and(TimeRange {
            from: i64::MIN,
            until: cursor.moment.saturating_add(1),
        }),
        Some(cursor) => search.range.and(TimeRange {
            from: cursor.moment,
            until: i64::MAX,
        }),
        None => search.range,
    };
    let mut files = sight.parts(range);
    files.sort_by_key(|file| turn(if newest { file.at.1 } else { file.at.0 }));
    let mut looked = Looked {
        files: files.len(),
        ..Looked::default()
    };
    let mut best = Best {
        places: Vec::new(),
        enough: search.limit.saturating_add(1),
        edge: search.after.map(|cursor| turn(cursor.moment)),
    };
    let edge = |(first, last): (i64, i64)| turn(if newest { last } else { first });
    let of_parts = blocks::wanted(sight, files.clone(), &search.filter, range);
    let mut of_parts = std::pin::pin!(of_parts);
    for of in &files {
        if best.is_enough(edge(of.at)) {
            break;
        }
        let Some(Wanted {
            number,
            part,
            mut blocks,
        }) = of_parts.try_next().await?
        else {
            break;
        };
        looked.blocks += u64::from(part.blocks());
        blocks.retain(|&block| !best.is_enough(edge(part.times(block))));
        looked.read += blocks.len() as u64;
        let asked = (&search.filter, range);
        let columns = columns_of(&search.filter);
        for block in part.read_wanted(&blocks, &columns, asked).await? {
            for row in wanted_rows(&block.view, &search.filter, range) {
                best.offer(Place {
                    turn: turn(block.view.at(row)),
                    file: number,
                    block: block.number,
                    row: block.place(row) as u32,
                });
            }
        }
        best.cut();
    }
    let found = fetch(sight, &files, &best.places).await?;
    Ok(page(found, search, turn, looked))
}

/// Rows that are new and that a filter wants, the oldest first.
pub async fn fresh(sight: &Sight, hot: &Arc<Hot>, filter: &Filter) -> Result<Vec<Found>> {
    let part = sight.hot(hot);
    let mut found = Vec::new();
    for block in part.read(&[0], Column::ALL).await? {
        let rows = wanted_rows(&block.view, filter, TimeRange::ALL);
        found.extend(Found::of(&part, block, rows));
    }
    found.sort_by_key(Found::at);
    Ok(found)
}

/// All rows of a range that a filter wants, in no order.
pub(crate) async fn all(sight: &Sight, filter: &Filter, range: TimeRange) -> Result<Vec<Found>> {
    let parts = sight.parts(range);
    let mut places = Vec::new();
    let read = blocks::read(sight, parts.clone(), (filter, range), columns_of(filter));
    let mut read = std::pin::pin!(read);
    while let Some((number, _, blocks)) = read.try_next().await? {
        for block in blocks {
            let view = &block.view;
            let rows = wanted_rows(view, filter, range);
            places.extend(rows.into_iter().map(|row| Place {
                turn: view.at(row),
                file: number,
                block: block.number,
                row: block.place(row) as u32,
            }));
        }
    }
    fetch(sight, &parts, &places).await
}

/// The first rows in the order, and those of the same time as the last of them.
struct Best {
    places: Vec<Place>,
    enough: usize,
    /// Rows of this turn may have been given before.
    edge: Option<i64>,
}

impl Best {
    fn offer(&mut self, place: Place) {
        self.places.push(place);
        if self.places.len() > self.enough.max(1_024).saturating_mul(4) {
            self.cut();
        }
    }

    /// Leaves out what cannot be among the first.
    fn cut(&mut self) {
        self.places.sort_unstable();
        if let Some(last) = self.last() {
            let end = self.places.partition_point(|place| place.turn <= last);
            self.places.truncate(end);
        }
    }

    /// The turn of the last row that is needed; `None` where there are not enough.
    fn last(&self) -> Option<i64> {
        let new = self
            .places
            .partition_point(|place| Some(place.turn) <= self.edge);
        let last = self.places.get(new.saturating_add(self.enough - 1))?;
        Some(last.turn)
    }

    /// Whether rows from this turn on are not needed; places are cut.
    fn is_enough(&self, from: i64) -> bool {
        self.last().is_some_and(|last| from > last)
    }
}

/// Reads all columns of rows.
async fn fetch(sight: &Sight, files: &[FileOf], places: &[Place]) -> Result<Vec<Found>> {
    let mut wanted: BTreeMap<usize, BTreeMap<u32, Vec<u32>>> = BTreeMap::new();
    for place in places {
        let blocks = wanted.entry(place.file).or_default();
        blocks.entry(place.block).or_default().push(place.row);
    }
    let mut wanted_of = Vec::new();
    for (number, mut blocks) in wanted {
        blocks.values_mut().for_each(|rows| rows.sort_unstable());
        let part = sight.part(&files[number]).await?;
        wanted_of.push((part, blocks));
    }
    let mut rows = std::pin::pin!(blocks::rows_at(wanted_of));
    let mut found = Vec::with_capacity(places.len());
    while let Some((part, blocks)) = rows.try_next().await? {
        for block in blocks {
            let rows = 0..block.view.rows();
            found.extend(Found::of(&part, block, rows));
        }
    }
    Ok(found)
}

/// What tells a row from others of the same time: its content.
fn id(view: &View, row: usize) -> u64 {
    let mut bytes = Vec::new();
    for &column in Column::ALL {
        match (view.text(column, row), view.number(column, row)) {
            (Some(text), _) => bytes.extend_from_slice(text.as_bytes()),
            (None, Some(number)) => bytes.extend(number.to_le_bytes()),
            (None, None) => {}
        }
        bytes.push(0);
    }
    XxHash3_64::oneshot(&bytes)
}

/// Puts rows in order, leaves out what was on pages before, and cuts the page; rows that nothing
/// tells apart are not parted.
fn page(mut rows: Vec<Found>, search: &Search, turn: impl Fn(i64) -> i64, looked: Looked) -> Page {
    // One order is the other turned round, so that one can walk back.
    let of_id = |id: u64| {
        if search.order == Order::Newest {
            !id
        } else {
            id
        }
    };
    let key = |row: &Found| (turn(row.at()), of_id(row.id));
    rows.sort_by_key(key);
    if let Some(cursor) = search.after {
        rows.retain(|row| key(row) > (turn(cursor.moment), of_id(cursor.row)));
    }
    let mut end = search.limit.min(rows.len());
    while end > 0 && end < rows.len() && key(&rows[end]) == key(&rows[end - 1]) {
        end += 1;
    }
    let next = (end < rows.len()).then(|| {
        let last = &rows[end.saturating_sub(1)];
        Cursor {
            moment: last.at(),
            row: last.id,
        }
    });
    rows.truncate(end);
    Page { rows, next, looked }
}
