//! Reads a data file: blocks of rows, their original lines, and which blocks to read.

use super::directory::{self, Directory};
use super::presence::Presence;
use super::source::Source;
use crate::columns::Column;
use crate::error::{Error, Result};
use crate::index::ids;
use crate::index::terms::Terms;
use crate::limits::{ROW_GROUP_ROWS, TERMS_BYTES_MAX};
use crate::view::{Known, View};
use arrow_array::{BooleanArray, RecordBatch};
use arrow_select::concat::concat_batches;
use arrow_select::filter::filter_record_batch;
use bytes::Bytes;
use futures::{FutureExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, RowSelection};
use parquet::arrow::async_reader::ParquetRecordBatchStreamBuilder;
use parquet::file::metadata::PageIndexPolicy;
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A data file that is open; what was read of its index stays in memory.
pub struct DataFile {
    source: Source,
    metadata: ArrowReaderMetadata,
    directory: Directory,
    filters: OnceCell<Bytes>,
    terms: OnceCell<Terms<Vec<u8>>>,
    decoder: OnceCell<lines::Decoder>,
}

/// Rows of one block, all or some.
pub struct Block {
    /// Which block of its file.
    pub number: u32,
    /// Which of its rows these are; `None` where they are all.
    some: Option<Vec<u32>>,
    /// Its columns, as far as they were asked for.
    pub view: View,
    /// The same as Arrow has them.
    pub batch: RecordBatch,
}

impl Block {
    pub(crate) fn new(number: u32, some: Option<Vec<u32>>, view: View, batch: RecordBatch) -> Self {
        Block {
            number,
            some,
            view,
            batch,
        }
    }

    /// Some of these rows.
    pub fn of_rows(&self, wanted: Vec<bool>) -> Result<Self> {
        let places = wanted.iter().enumerate().filter(|(_, wanted)| **wanted);
        let places = places.map(|(row, _)| self.place(row) as u32).collect();
        let batch = filter_record_batch(&self.batch, &BooleanArray::from(wanted))?;
        Ok(Block::new(
            self.number,
            Some(places),
            View::new(&batch),
            batch,
        ))
    }

    /// Where one of these rows stands in the whole block.
    pub fn place(&self, row: usize) -> usize {
        self.some.as_ref().map_or(row, |some| some[row] as usize)
    }
}

impl DataFile {
    pub(crate) async fn open(store: Arc<dyn ObjectStore>, path: Path, size: u64) -> Result<Self> {
        let mut source = Source { store, path, size };
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
        let metadata = ArrowReaderMetadata::load_async(&mut source, options).await?;
        let place = metadata
            .metadata()
            .file_metadata()
            .key_value_metadata()
            .into_iter()
            .flatten()
            .find(|entry| entry.key == directory::KEY)
            .and_then(|entry| entry.value.as_deref())
            .and_then(range)
            .filter(|place| place.end <= size);
        let damaged = || Error::Damaged {
            what: "directory",
            path: source.path.to_string(),
        };
        let place = place.ok_or_else(damaged)?;
        let bytes = source.store.get_range(&source.path, place).await?;
        let directory = Directory::from_bytes(&bytes).ok_or_else(damaged)?;
        Ok(DataFile {
            source,
            metadata,
            directory,
            filters: OnceCell::new(),
            terms: OnceCell::new(),
            decoder: OnceCell::new(),
        })
    }

    /// How many rows.
    pub fn rows(&self) -> u64 {
        self.directory.rows
    }

    /// How many blocks.
    pub fn blocks(&self) -> u32 {
        self.directory.blocks.len() as u32
    }

    fn block_rows(&self) -> usize {
        self.directory.block_rows as usize
    }

    /// Which rows of the file are in a block.
    pub(crate) fn rows_of(&self, block: u32) -> Range<usize> {
        let start = block as usize * self.block_rows();
        start..(start + self.block_rows()).min(self.directory.rows as usize)
    }

    /// Where it is in the archive.
    pub fn path(&self) -> &Path {
        &self.source.path
    }

    /// Times of the first and the last row of a block, microseconds, at least as wide as they are.
    pub fn times(&self, block: u32) -> (i64, i64) {
        let metadata = self.metadata.metadata();
        let of_row_group = ROW_GROUP_ROWS / self.block_rows();
        let group = block as usize / of_row_group;
        let page = block as usize % of_row_group;
        let index = metadata.column_index().and_then(|groups| groups.get(group));
        match index.and_then(|columns| columns.get(Column::At as usize)) {
            Some(ColumnIndexMetaData::INT64(times)) if (page as u64) < times.num_pages() => {
                let bounds = (times.min_value(page), times.max_value(page));
                (
                    *bounds.0.unwrap_or(&i64::MIN),
                    *bounds.1.unwrap_or(&i64::MAX),
                )
            }
            _ => (i64::MIN, i64::MAX),
        }
    }

    /// Blocks that may hold one of these identifiers, given by their hashes.
    pub(crate) async fn with_ids(&self, hashes: &[u64]) -> Result<Vec<u32>> {
        let get = || self.get(&self.directory.filters);
        let filters = self.filters.get_or_try_init(get).await?;
        let blocks = (0..).zip(&self.directory.blocks);
        let may_hold = blocks.filter(|(_, block)| {
            let filter = filters.get(block.filter.clone()).unwrap_or_default();
            ids::may_hold(filter, hashes)
        });
        Ok(may_hold.map(|(number, _)| number).collect())
    }

    /// The terms of the file.
    pub(crate) async fn terms(&self) -> Result<&Terms<Vec<u8>>> {
        let open = || async {
            let map = self.get_packed(&self.directory.terms).await?;
            let lists = self.get_packed(&self.directory.lists).await?;
            Ok(Terms::open(map, lists)?)
        };
        self.terms.get_or_try_init(open).await
    }

    /// Rows of these blocks, which are in order; only these columns are read.
    pub async fn read(&self, blocks: &[u32], columns: &[Column]) -> Result<Vec<Block>> {
        if blocks.is_empty() {
            return Ok(Vec::new());
        }
        let ranges = blocks.iter().map(|&block| self.rows_of(block));
        let batches = self.batches(ranges, columns, self.block_rows()).await?;
        if batches.len() != blocks.len() {
            return Err(self.damaged("pages"));
        }
        let blocks = blocks.iter().zip(batches);
        let block = |(&number, batch)| Block::new(number, None, View::new(&batch), batch);
        Ok(blocks.map(block).collect())
    }

    /// Some rows of blocks, given by their places in them, in order; all columns are read.
    pub async fn rows_at(&self, wanted: &BTreeMap<u32, Vec<u32>>) -> Result<Vec<Block>> {
        let places = wanted.iter().flat_map(|(&block, rows)| {
            let first = self.rows_of(block).start;
            rows.iter().map(move |&row| first + row as usize)
        });
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for place in places {
            match ranges.last_mut() {
                Some(range) if range.end == place => range.end += 1,
                _ => ranges.push(place..place + 1),
            }
        }
        let count = wanted.values().map(Vec::len).sum();
        let ranges = ranges.into_iter();
        let batches = self.batches(ranges, Column::ALL, count).await?;
        let Some(first) = batches.first() else {
            return Ok(Vec::new());
        };
        let batch = concat_batches(&first.schema(), &batches)?;
        if batch.num_rows() != count {
            return Err(self.damaged("pages"));
        }
        let mut before = 0;
        let blocks = wanted.iter().map(|(&number, rows)| {
            let batch = batch.slice(before, rows.len());
            before += rows.len();
            Block::new(number, Some(rows.clone()), View::new(&batch), batch)
        });
        Ok(blocks.collect())
    }

    async fn batches(
        &self,
        ranges: impl Iterator<Item = Range<usize>>,
        columns: &[Column],
        batch_rows: usize,
    ) -> Result<Vec<RecordBatch>> {
        let rows = self.directory.rows as usize;
        let schema = self.metadata.parquet_schema();
        let names = columns.iter().map(|column| column.name());
        let stream = ParquetRecordBatchStreamBuilder::new_with_metadata(
            self.source.clone(),
            self.metadata.clone(),
        )
        .with_projection(ProjectionMask::columns(schema, names))
        .with_row_selection(RowSelection::from_consecutive_ranges(ranges, rows))
        .with_batch_size(batch_rows)
        .build()?;
        // Of damaged pages the decoders of values may panic.
        let decoded = AssertUnwindSafe(stream.try_collect::<Vec<_>>());
        match decoded.catch_unwind().await {
            Ok(batches) => Ok(batches?),
            Err(_) => Err(self.damaged("pages")),
        }
    }

    /// The original lines of rows of a block of which all columns were read: row, time in nanoseconds,
    /// bytes.
    pub async fn lines(
        &self,
        block: &Block,
        rows: impl IntoIterator<Item = usize>,
        take: &mut impl FnMut(usize, i64, &[u8]),
    ) -> Result<()> {
        let place = self
            .directory
            .blocks
            .get(block.number as usize)
            .ok_or_else(|| self.damaged("directory"))?;
        let bytes = self.get(&place.lines).await?;
        let open = || async {
            let bytes = self.get(&self.directory.templates).await?;
            Ok::<_, Error>(lines::Decoder::open(&bytes)?)
        };
        let decoder = self.decoder.get_or_try_init(open).await?;
        let packed = decoder.block(&bytes)?;
        let mut known = Known::default();
        for row in rows {
            let at = block.view.at(row).saturating_mul(1_000);
            known.of(&block.view, row, |known| {
                packed.lines(block.place(row), at, known, &mut |at, line: &[u8]| {
                    take(row, at, line)
                })
            })?;
        }
        Ok(())
    }

    /// How many original lines its rows were made of.
    pub(crate) async fn line_count(&self) -> Result<u64> {
        let all: Vec<u32> = (0..self.blocks()).collect();
        let blocks = self.read(&all, &[Column::Lines]).await?;
        let of_block = |block: &Block| -> u64 {
            let rows = 0..block.view.rows();
            let lines = rows.filter_map(|row| block.view.number(Column::Lines, row));
            lines.map(|lines| lines.max(0) as u64).sum()
        };
        Ok(blocks.iter().map(of_block).sum())
    }

    /// What the file has of each host.
    pub async fn presence(&self) -> Result<Vec<Presence>> {
        let bytes = self.get(&self.directory.presence).await?;
        serde_json::from_slice(&bytes).map_err(|_| self.damaged("presence of hosts"))
    }

    /// Bytes of each column, by its name, then of lines, templates, filters, terms, and the rest.
    pub fn sizes(&self) -> BTreeMap<String, u64> {
        let mut sizes = BTreeMap::new();
        for group in self.metadata.metadata().row_groups() {
            for column in group.columns() {
                let bytes = column.compressed_size().max(0) as u64;
                *sizes.entry(column.column_path().string()).or_default() += bytes;
            }
        }
        let length = |part: &Range<u64>| part.end - part.start;
        let of_lines = self
            .directory
            .blocks
            .iter()
            .map(|block| length(&block.lines));
        let parts = [
            ("(lines)", of_lines.sum()),
            ("(line templates)", length(&self.directory.templates)),
            ("(filters of identifiers)", length(&self.directory.filters)),
            (
                "(terms)",
                length(&self.directory.terms) + length(&self.directory.lists),
            ),
        ];
        sizes.extend(parts.map(|(name, bytes)| (name.to_owned(), bytes)));
        let told: u64 = sizes.values().sum();
        sizes.insert(
            "(footer and page indexes)".to_owned(),
            self.source.size.saturating_sub(told),
        );
        sizes
    }

    /// Filters, terms and lists, as they are stored.
    pub(crate) async fn index_bytes(&self) -> Result<(Bytes, Vec<u8>, Vec<u8>)> {
        Ok((
            self.get(&self.directory.filters).await?,
            self.get_packed(&self.directory.terms).await?,
            self.get_packed(&self.directory.lists).await?,
        ))
    }

    async fn get_packed(&self, place: &Range<u64>) -> Result<Vec<u8>> {
        let packed = self.get(place).await?;
        let size = zstd::bulk::Decompressor::upper_bound(&packed);
        let size = size.filter(|&size| size <= TERMS_BYTES_MAX);
        let size = size.ok_or_else(|| self.damaged("index"))?;
        zstd::bulk::decompress(&packed, size).map_err(Error::Packing)
    }

    async fn get(&self, place: &Range<u64>) -> Result<Bytes> {
        if place.end > self.source.size {
            return Err(self.damaged("directory"));
        }
        if place.is_empty() {
            return Ok(Bytes::new());
        }
        Ok(self
            .source
            .store
            .get_range(&self.source.path, place.clone())
            .await?)
    }

    pub(crate) fn damaged(&self, what: &'static str) -> Error {
        Error::Damaged {
            what,
            path: self.source.path.to_string(),
        }
    }
}

/// "offset,length".
fn range(text: &str) -> Option<Range<u64>> {
    let (offset, length) = text.split_once(',')?;
    let (offset, length): (u64, u64) = (offset.parse().ok()?, length.parse().ok()?);
    Some(offset..offset.checked_add(length)?)
}
