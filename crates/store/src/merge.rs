//! Rows of several files, read side by side and put together in the order of the archive.

use crate::Column;
use crate::error::{Error, Result};
use crate::file::read::{Block, DataFile};
use crate::stays::Steps;
use crate::view::View;
use arrow_array::{Array, ArrayRef, RecordBatch, new_null_array};
use arrow_select::interleave::interleave;
use std::ops::Range;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// A stored row with its original lines.
#[derive(Clone, Copy)]
pub struct StoredRow<'a> {
    pub(crate) block: &'a Loaded,
    pub(crate) row: usize,
}

impl<'a> StoredRow<'a> {
    /// The columns of its block, and which row of it.
    pub fn place(&self) -> (&'a View, usize) {
        (&self.block.block.view, self.row)
    }

    /// The text of a column; `None` where it has none.
    pub fn text(&self, column: Column) -> Option<&'a str> {
        self.block.block.view.text(column, self.row)
    }

    /// Its original lines, each with its time in nanoseconds.
    pub fn lines(&self) -> impl Iterator<Item = (i64, &'a [u8])> + use<'a> {
        self.block.lines(self.row)
    }
}

/// A block with all its columns and lines.
pub(crate) struct Loaded {
    pub(crate) block: Block,
    bytes: Vec<u8>,
    /// Time and place in `bytes` of each line.
    lines: Vec<(i64, Range<usize>)>,
    /// Lines of each row, as a range of `lines`.
    of_row: Vec<Range<usize>>,
    /// Rows of stays in queues that are not short, in order.
    of_long_stays: Vec<usize>,
}

impl Loaded {
    /// Reads a block of a file.
    pub(crate) async fn read(file: &DataFile, number: u32) -> Result<Self> {
        let mut read = file.read(&[number], Column::ALL).await?;
        let block = read.pop().ok_or_else(|| file.damaged("pages"))?;
        let mut bytes = Vec::new();
        let mut lines = Vec::new();
        let mut of_row = vec![0..0; block.view.rows()];
        let mut keep = |row: usize, at, line: &[u8]| {
            let start = bytes.len();
            bytes.extend_from_slice(line);
            if of_row[row].is_empty() {
                of_row[row] = lines.len()..lines.len();
            }
            lines.push((at, start..bytes.len()));
            of_row[row].end = lines.len();
        };
        file.lines(&block, 0..block.view.rows(), &mut keep).await?;
        Ok(Loaded {
            block,
            bytes,
            lines,
            of_row,
            of_long_stays: Vec::new(),
        })
    }

    pub(crate) fn lines(&self, row: usize) -> impl Iterator<Item = (i64, &[u8])> {
        let lines = &self.lines[self.of_row[row].clone()];
        lines
            .iter()
            .map(|(at, place)| (*at, &self.bytes[place.clone()]))
    }

    /// What the rows of a file are sorted by.
    fn key(&self, row: usize) -> (&str, &str, i64) {
        let view = &self.block.view;
        let text = |column| view.text(column, row).unwrap_or_default();
        (
            text(Column::AccountDomain),
            text(Column::Account),
            view.at(row),
        )
    }
}

/// A file that is read from its beginning to its end.
struct Input {
    file: Arc<DataFile>,
    /// Its rows of stays in queues that are not short, in order.
    of_long_stays: Vec<usize>,
    next: u32,
    at: Option<(Arc<Loaded>, usize)>,
}

impl Input {
    fn load(&mut self, runtime: &Runtime) -> Result<()> {
        self.at = None;
        if self.next < self.file.blocks() {
            let mut loaded = runtime.block_on(Loaded::read(&self.file, self.next))?;
            let rows = self.file.rows_of(self.next);
            let place = |row: usize| self.of_long_stays.partition_point(|&it| it < row);
            let here = &self.of_long_stays[place(rows.start)..place(rows.end)];
            loaded.of_long_stays = here.iter().map(|row| row - rows.start).collect();
            self.next += 1;
            self.at = Some((Arc::new(loaded), 0));
        }
        Ok(())
    }

    fn key(&self) -> Option<(&str, &str, i64)> {
        self.at.as_ref().map(|(block, row)| block.key(*row))
    }
}

/// Gives the rows of files in the order of the archive; a block of each is in memory.
pub(crate) fn merge(
    runtime: &Runtime,
    files: Vec<Arc<DataFile>>,
    mut take: impl FnMut(&Arc<Loaded>, usize) -> Result<()>,
) -> Result<()> {
    let of_long_stays = long_stays(runtime, &files)?;
    let mut inputs = Vec::new();
    for (file, of_long_stays) in files.into_iter().zip(of_long_stays) {
        let mut input = Input {
            file,
            of_long_stays,
            next: 0,
            at: None,
        };
        input.load(runtime)?;
        inputs.push(input);
    }
    loop {
        inputs.retain(|input| input.at.is_some());
        let first = (0..inputs.len()).min_by(|&a, &b| inputs[a].key().cmp(&inputs[b].key()));
        let Some(first) = first else {
            return Ok(());
        };
        let others = inputs.iter().enumerate().filter(|(at, _)| *at != first);
        let bound = others.filter_map(|(_, input)| input.key()).min();
        let Some((block, mut row)) = inputs[first].at.clone() else {
            continue;
        };
        // The account's rows come one behind the other: one comparison each.
        let rows = block.block.view.rows();
        loop {
            take(&block, row)?;
            row += 1;
            if row >= rows || bound.is_some_and(|bound| block.key(row) > bound) {
                break;
            }
        }
        if row < rows {
            inputs[first].at = Some((block, row));
        } else {
            inputs[first].load(runtime)?;
        }
    }
}

/// Of each file the rows that are of stays in queues which all files together do not tell to be short.
fn long_stays(runtime: &Runtime, files: &[Arc<DataFile>]) -> Result<Vec<Vec<usize>>> {
    let mut steps = Steps::default();
    for (number, file) in (0_u64..).zip(files) {
        let of_file = match runtime.block_on(file.long_steps()) {
            Ok(Some(steps)) => steps,
            // What is damaged can be made again of the rows.
            Ok(None) | Err(Error::Damaged { .. }) => runtime.block_on(file.all_steps())?,
            Err(error) => return Err(error),
        };
        steps.add(of_file, |row| number << 32 | row);
    }
    let mut of_file = vec![Vec::new(); files.len()];
    for place in steps.of_long_stays() {
        of_file[(place >> 32) as usize].push(place as u32 as usize);
    }
    Ok(of_file)
}

/// Rows of several blocks that become one.
#[derive(Default)]
pub(crate) struct Picked {
    blocks: Vec<Arc<Loaded>>,
    rows: Vec<(usize, usize)>,
}

impl Picked {
    pub(crate) fn push(&mut self, block: &Arc<Loaded>, row: usize) {
        let known = self.blocks.iter().rposition(|it| Arc::ptr_eq(it, block));
        let number = known.unwrap_or_else(|| {
            self.blocks.push(Arc::clone(block));
            self.blocks.len() - 1
        });
        self.rows.push((number, row));
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The columns of all rows.
    pub(crate) fn batch(&self) -> Result<RecordBatch> {
        let blocks: Vec<&RecordBatch> = self.blocks.iter().map(|it| &it.block.batch).collect();
        batch(&blocks, &self.rows)
    }

    /// The original lines of one of them.
    pub(crate) fn lines(&self, row: usize) -> impl Iterator<Item = (i64, &[u8])> {
        let (block, row) = self.rows[row];
        self.blocks[block].lines(row)
    }

    /// Whether one of them is of a stay in a queue that is not short.
    pub(crate) fn is_of_long_stay(&self, row: usize) -> bool {
        let (block, row) = self.rows[row];
        self.blocks[block].of_long_stays.binary_search(&row).is_ok()
    }
}

/// Rows of blocks of which all columns were read, each given by the number of its block and its own.
pub fn batch(blocks: &[&RecordBatch], rows: &[(usize, usize)]) -> Result<RecordBatch> {
    let column = |column: &Column| -> Result<ArrayRef> {
        // A file may be older than the column.
        let arrays = blocks.iter().map(|block| {
            let array = block.column_by_name(column.name());
            let rows = block.num_rows();
            array.map_or_else(|| new_null_array(&column.holds().arrow(), rows), Arc::clone)
        });
        let arrays: Vec<ArrayRef> = arrays.collect();
        let arrays: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
        Ok(interleave(&arrays, rows)?)
    };
    let columns: Result<Vec<_>> = Column::ALL.iter().map(column).collect();
    Ok(RecordBatch::try_new(crate::schema(), columns?)?)
}
