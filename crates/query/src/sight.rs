//! The archive as somebody sees it: the one place at which a [`Scope`] is applied. Whatever answers a
//! question reads rows here, and so knows of no others.

use crate::Result;
use crate::facts::{at_first, columns_of, wanted_rows};
use crate::scope::{HIDING, Hidden, Scope, TELLING};
use datafusion::arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use datafusion::arrow::compute::{cast, nullif};
use datafusion::error::DataFusionError;
use search::{Filter, TimeRange};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Archive, Column, FileOf, Hot, IdRole, Presence, Type, View};

/// Where more than one row in so many is wanted, whole blocks are read: to pick rows costs as much.
const WHOLE: usize = 4;

/// A version of the archive as somebody sees it.
#[derive(Clone)]
pub struct Sight {
    archive: Arc<Archive>,
    scope: Option<Arc<Scope>>,
}

impl Sight {
    /// As those see it to whom all of it may be shown.
    pub fn whole(archive: impl Into<Arc<Archive>>) -> Self {
        Sight {
            archive: archive.into(),
            scope: None,
        }
    }

    /// As somebody sees it to whom a part of it may be shown.
    pub fn within(archive: impl Into<Arc<Archive>>, scope: Arc<Scope>) -> Self {
        Sight {
            archive: archive.into(),
            scope: Some(scope),
        }
    }

    /// Runs what is asked to its end.
    pub fn wait<T>(&self, asked: impl Future<Output = T>) -> T {
        self.archive.wait(asked)
    }

    /// Time of the newest row, microseconds; `None` in an empty archive.
    pub fn newest(&self) -> Option<i64> {
        self.archive.parts().iter().map(|part| part.at.1).max()
    }

    /// Times of the first and the last row of a range, microseconds, as the parts tell them; `None`
    /// where there is none. It is of all rows, also for those who see some.
    pub fn span(&self, range: TimeRange) -> Option<(i64, i64)> {
        let parts = self.archive.parts().iter().filter(|it| it.touches(range));
        let spans = parts.map(|it| (it.at.0.max(range.from), it.at.1.min(range.until)));
        spans.reduce(|(first, last), it| (first.min(it.0), last.max(it.1)))
    }

    /// Whose rows; `None`: all.
    pub(crate) fn scope(&self) -> Option<&Scope> {
        self.scope.as_deref()
    }

    /// All of it, for what cannot be known from the rows of some: its answer is cut by who asks for it.
    pub(crate) fn all(&self) -> Self {
        Sight {
            scope: None,
            ..self.clone()
        }
    }

    /// The parts that touch a range.
    pub(crate) fn parts(&self, range: TimeRange) -> Vec<FileOf> {
        let parts = self.archive.parts().iter();
        parts.filter(|part| part.touches(range)).cloned().collect()
    }

    pub(crate) async fn part(&self, of: &FileOf) -> Result<SeenPart> {
        Ok(self.seen(self.archive.part(of).await?))
    }

    pub(crate) fn hot(&self, hot: &Arc<Hot>) -> SeenPart {
        self.seen(store::Part::Hot(Arc::clone(hot)))
    }

    fn seen(&self, part: store::Part) -> SeenPart {
        let scope = self.scope.clone();
        SeenPart { part, scope }
    }
}

/// A part of the archive as somebody sees it.
#[derive(Clone)]
pub(crate) struct SeenPart {
    part: store::Part,
    scope: Option<Arc<Scope>>,
}

/// Rows of a block that somebody sees.
pub(crate) struct Block {
    /// Which block of its part.
    pub(crate) number: u32,
    /// The columns that were asked for, and maybe more.
    pub(crate) view: View,
    /// The same as Arrow has them.
    pub(crate) batch: RecordBatch,
    /// As they are stored.
    stored: store::Block,
}

impl Block {
    fn whole(stored: store::Block) -> Self {
        Block {
            number: stored.number,
            view: stored.view.clone(),
            batch: stored.batch.clone(),
            stored,
        }
    }

    /// Where one of these rows stands in the whole block.
    pub(crate) fn place(&self, row: usize) -> usize {
        self.stored.place(row)
    }
}

impl SeenPart {
    /// How many blocks.
    pub(crate) fn blocks(&self) -> u32 {
        self.part.blocks()
    }

    /// Times of the first and the last row of a block, microseconds.
    pub(crate) fn times(&self, block: u32) -> (i64, i64) {
        self.part.times(block)
    }

    /// The blocks that may hold rows of a range that a filter wants, in order.
    pub(crate) async fn wanted(&self, filter: &Filter, range: TimeRange) -> Result<Vec<u32>> {
        let filter = match &self.scope {
            None => Cow::Borrowed(filter),
            Some(scope) => Cow::Owned(scope.in_index(filter)),
        };
        Ok(self.part.wanted(&filter, range).await?)
    }

    /// Rows of these blocks, which are in order, with these columns.
    pub(crate) async fn read(&self, blocks: &[u32], columns: &[Column]) -> Result<Vec<Block>> {
        let read = self.part.read(blocks, &self.needed(columns)).await?;
        self.shown(read)
    }

    /// The same, but that rows may be left out which are not of a range or which a filter does not
    /// want, and blocks that have no others. What tells of a row at little cost is read first.
    pub(crate) async fn read_wanted(
        &self,
        blocks: &[u32],
        columns: &[Column],
        (filter, range): (&Filter, TimeRange),
    ) -> Result<Vec<Block>> {
        let filter = match &self.scope {
            None => Cow::Borrowed(filter),
            Some(scope) => Cow::Owned(scope.in_index(filter)),
        };
        let filter = at_first(&filter);
        let mut telling = columns_of(&filter);
        telling.retain(|&column| column != Column::At);
        if self.scope.is_some() {
            telling.push(Column::Account);
        }
        let is_within = |block: &u32| {
            let (first, last) = self.part.times(*block);
            range.contains(first) && range.contains(last)
        };
        let (within, across): (Vec<u32>, Vec<u32>) = blocks.iter().partition(|it| is_within(it));
        let columns = self.needed(columns);
        let is_told = |telling: &[Column]| columns.iter().all(|it| telling.contains(it));
        let mut whole = Vec::new();
        let mut some = BTreeMap::new();
        for (blocks, is_across) in [(within, false), (across, true)] {
            let mut telling = telling.clone();
            telling.extend(is_across.then_some(Column::At));
            if telling.is_empty() || is_told(&telling) || matches!(self.part, store::Part::Hot(_)) {
                whole.extend(blocks);
                continue;
            }
            // What is asked for a narrow time is asked for again: then columns of one block are kept.
            let at_once = if is_across { 1 } else { blocks.len().max(1) };
            for blocks in blocks.chunks(at_once) {
                for block in self.part.read(blocks, &telling).await? {
                    let mut rows = match is_across {
                        true => wanted_rows(&block.view, &filter, range),
                        false => wanted_rows(&block.view, &filter, TimeRange::ALL),
                    };
                    if let Some(scope) = &self.scope {
                        rows.retain(|&row| scope.sees(&block.view, row));
                    }
                    match rows.len() {
                        0 => {}
                        many if many * WHOLE > block.view.rows() => whole.push(block.number),
                        _ => {
                            let rows = rows.into_iter().map(|row| block.place(row) as u32);
                            some.insert(block.number, rows.collect());
                        }
                    }
                }
            }
        }
        whole.sort_unstable();
        let mut read = self.part.read(&whole, &columns).await?;
        read.extend(self.part.words_at(&some, &columns).await?);
        self.shown(read)
    }

    /// Columns that must be read to show these.
    fn needed(&self, columns: &[Column]) -> Vec<Column> {
        let mut needed = columns.to_vec();
        if self.scope.is_some() {
            match columns.iter().any(|it| HIDING.contains(it)) {
                true => needed.extend(TELLING),
                false => needed.push(Column::Account),
            }
        }
        needed.sort_unstable();
        needed.dedup();
        needed
    }

    fn shown(&self, read: Vec<store::Block>) -> Result<Vec<Block>> {
        let read = read.into_iter();
        match &self.scope {
            None => Ok(read.map(Block::whole).collect()),
            Some(scope) => read.map(|it| seen(scope, it)).collect(),
        }
    }

    /// The rows of blocks that touch a range which may have one of these identifiers in a role, with all
    /// columns.
    pub(crate) async fn with_ids(
        &self,
        ids: (&[&str], IdRole),
        range: TimeRange,
    ) -> Result<Vec<Block>> {
        let mut wanted = self.part.with_ids(ids, range).await?;
        if self.scope.is_some() && !wanted.is_empty() {
            // Blocks that have rows of others only are not read.
            let own = self.wanted(&Filter::All, range).await?;
            wanted.retain(|block, _| own.binary_search(block).is_ok());
        }
        self.rows_at(&wanted).await
    }

    /// Some rows of blocks, given by their places in them, in order, with all columns.
    pub(crate) async fn rows_at(&self, wanted: &BTreeMap<u32, Vec<u32>>) -> Result<Vec<Block>> {
        self.shown(self.part.rows_at(wanted).await?)
    }

    /// The rows of stays in queues that were not short; `None` where they are not kept apart, and for
    /// those who see a part of the rows only.
    pub(crate) async fn stays(&self, columns: &[Column]) -> Result<Option<View>> {
        match &self.scope {
            None => Ok(self.part.stays(columns).await?),
            Some(_) => Ok(None),
        }
    }

    /// The original lines of rows of a block of which all columns were read: row, time in nanoseconds,
    /// bytes.
    pub(crate) async fn lines(
        &self,
        block: &Block,
        rows: impl IntoIterator<Item = usize>,
        take: &mut impl FnMut(usize, i64, &[u8]),
    ) -> Result<()> {
        let Some(scope) = &self.scope else {
            return Ok(self.part.lines(&block.stored, rows, take).await?);
        };
        let mut cleaned = |row, at, line: &[u8]| {
            let hidden = Hidden::of(scope, &block.stored.view, row);
            let line = String::from_utf8_lossy(line);
            take(row, at, hidden.cleaner().clean(&line).as_bytes());
        };
        Ok(self.part.lines(&block.stored, rows, &mut cleaned).await?)
    }

    /// What it has of each host; hosts have no names for those who see a part of the rows only, nor
    /// do their lines count.
    pub(crate) async fn presence(&self) -> Result<Vec<Presence>> {
        let mut presence = self.part.presence().await?.into_owned();
        if self.scope.is_some() {
            for of_host in &mut presence {
                of_host.host.clear();
                (of_host.lines, of_host.lines_unknown) = (0, 0);
            }
        }
        Ok(presence)
    }
}

/// The rows of a block that are in a scope, without what is hidden in them.
fn seen(scope: &Scope, block: store::Block) -> Result<Block> {
    let rows = 0..block.view.rows();
    let own = rows.filter(|row| scope.sees(&block.view, *row));
    let own: Vec<u32> = own.map(|row| row as u32).collect();
    let stored = block.some(&own)?;
    let view = &stored.view;
    let hidden: Vec<Hidden<'_>> = (0..view.rows())
        .map(|row| Hidden::of(scope, view, row))
        .collect();
    let mut columns = stored.batch.columns().to_vec();
    for (array, field) in columns.iter_mut().zip(stored.batch.schema().fields()) {
        if let Some(column) = Column::named(field.name()).filter(|it| HIDING.contains(it)) {
            *array = shown(column, array, &hidden)?;
        }
    }
    let batch = RecordBatch::try_new(stored.batch.schema(), columns).map_err(engine)?;
    Ok(Block {
        number: stored.number,
        view: View::new(&batch),
        batch,
        stored,
    })
}

/// A column without what is hidden.
fn shown(column: Column, array: &ArrayRef, hidden: &[Hidden<'_>]) -> Result<ArrayRef> {
    if column.holds() == Type::Text {
        let texts: StringArray = hidden.iter().map(|row| row.text(column)).collect();
        // Words stay words, and what is hidden is not among them.
        return cast(&texts, array.data_type()).map_err(engine);
    }
    let hides: BooleanArray = hidden.iter().map(|row| Some(row.hides(column))).collect();
    nullif(array, &hides).map_err(engine)
}

fn engine(error: impl Into<DataFusionError>) -> crate::Error {
    crate::Error::Engine(error.into())
}
