//! Reads a data file: blocks of rows, their original lines, and which blocks to read.

use super::directory::{self, BlockAt, Directory};
use super::pages::{Pages, PagesOf};
use super::presence::Presence;
use super::source::Source;
use crate::columns::Column;
use crate::error::{Error, Result};
use crate::index::ids;
use crate::index::terms::Terms;
use crate::lately::Lately;
use crate::limits::{BLOCKS_KEPT_MAX, COLUMNS_KEPT_MAX, ROW_GROUP_ROWS, TERMS_BYTES_MAX};
use crate::view::{Known, View};
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array};
use arrow_schema::{DataType, Field, FieldRef, Fields, Schema};
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;
use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, RowSelection,
};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels};
use parquet::file::metadata::PageIndexPolicy;
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A data file that is open; what was read of its index stays in memory.
pub struct DataFile {
    source: Source,
    metadata: ArrowReaderMetadata,
    /// Its number in what is kept.
    pub(super) number: u64,
    pub(super) lately: Arc<Lately>,
    directory: Directory,
    decoder: OnceCell<lines::Decoder>,
}

/// Where more than one row in so many is wanted, whole blocks are decoded: to pass over what is
/// between costs more. The Parquet reader too decodes all from there on, also pages that are not at
/// hand; where it begins to is twice this.
const DENSE: usize = 64;

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

    /// Some of these rows, given by where they stand among these.
    pub fn some(&self, rows: &[u32]) -> Result<Self> {
        let batch = take_record_batch(&self.batch, &UInt32Array::from(rows.to_vec()))?;
        let places = rows.iter().map(|&row| self.place(row as usize) as u32);
        let some = Some(places.collect());
        Ok(Block::new(self.number, some, View::new(&batch), batch))
    }

    /// Where one of these rows stands in the whole block.
    pub fn place(&self, row: usize) -> usize {
        self.some.as_ref().map_or(row, |some| some[row] as usize)
    }
}

impl DataFile {
    pub(crate) async fn open(
        store: Arc<dyn ObjectStore>,
        (path, size): (Path, u64),
        lately: Arc<Lately>,
    ) -> Result<Self> {
        let mut source = Source { store, path, size };
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
        let metadata = ArrowReaderMetadata::load_async(&mut source, options).await?;
        // It panics where one cannot be; better here than when it is read.
        for group in metadata.metadata().row_groups() {
            for column in group.columns() {
                let _ = column.byte_range();
            }
        }
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
        let damaged = || source.damaged("directory");
        let place = place.ok_or_else(damaged)?;
        let bytes = source.store.get_range(&source.path, place).await?;
        let directory = Directory::from_bytes(&bytes).ok_or_else(damaged)?;
        Ok(DataFile {
            source,
            metadata,
            number: lately.number(),
            lately,
            directory,
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

    /// How many blocks are in a row group.
    fn blocks_of_group(&self) -> u32 {
        (ROW_GROUP_ROWS / self.block_rows()) as u32
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
        let group = (block / self.blocks_of_group()) as usize;
        let page = (block % self.blocks_of_group()) as usize;
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

    /// Blocks that may hold an identifier, given by its hash.
    pub(crate) async fn with_id(&self, hash: u64) -> Result<Vec<u32>> {
        let of_file = self.filter(self.directory.filter_of_file()).await?;
        if !ids::may_hold(&of_file, hash) {
            return Ok(Vec::new());
        }
        let filters = self.filter(self.directory.filters.clone()).await?;
        let blocks = (0..).zip(&self.directory.blocks);
        let may_hold = blocks.filter(|(_, block)| {
            let filter = filters.get(block.filter.clone()).unwrap_or_default();
            ids::may_hold(filter, hash)
        });
        Ok(may_hold.map(|(number, _)| number).collect())
    }

    async fn filter(&self, place: Range<u64>) -> Result<Bytes> {
        let key = (self.number, place.start);
        if let Some(kept) = self.lately.filters.get(key) {
            return Ok(kept);
        }
        let bytes = self.get(&place).await?;
        self.lately.filters.put(key, bytes.clone(), bytes.len());
        Ok(bytes)
    }

    /// The terms of the file.
    pub(crate) async fn terms(&self) -> Result<Arc<Terms<Vec<u8>>>> {
        if let Some(kept) = self.lately.terms.get(self.number) {
            return Ok(kept);
        }
        let map = self.get_packed(&self.directory.terms).await?;
        let lists = self.get_packed(&self.directory.lists).await?;
        let weight = map.len() + lists.len();
        let terms = Arc::new(Terms::open(map, lists)?);
        self.lately
            .terms
            .put(self.number, Arc::clone(&terms), weight);
        Ok(terms)
    }

    /// Bytes of memory that it takes while it is open.
    pub(crate) fn memory_bytes(&self) -> usize {
        let directory = self.directory.blocks.len() * size_of::<BlockAt>();
        self.metadata.metadata().memory_size() + directory + size_of::<Self>()
    }

    /// Rows of these blocks, which are in order; only these columns are read, each as the schema has
    /// it.
    pub async fn read(&self, blocks: &[u32], columns: &[Column]) -> Result<Vec<Block>> {
        self.read_as(blocks, columns, self.metadata.schema().fields())
            .await
    }

    /// The same with words and their numbers in place of texts ([`Column::is_of_words`]).
    pub(crate) async fn read_words(
        &self,
        blocks: &[u32],
        columns: &[Column],
    ) -> Result<Vec<Block>> {
        let fields = self.metadata.schema().fields().iter().map(of_words);
        let fields: Fields = fields.collect();
        if blocks.len() > BLOCKS_KEPT_MAX || columns.len() > COLUMNS_KEPT_MAX {
            return self.read_as(blocks, columns, &fields).await;
        }
        let mut read = Vec::new();
        for &block in blocks {
            read.push(self.read_kept(block, columns, &fields).await?);
        }
        Ok(read)
    }

    /// A block of which columns are kept.
    async fn read_kept(&self, block: u32, columns: &[Column], fields: &Fields) -> Result<Block> {
        let key = |column| (self.number, block, column);
        let mut arrays: BTreeMap<Column, ArrayRef> = BTreeMap::new();
        for &column in columns {
            arrays.extend(self.lately.columns.get(key(column)).map(|it| (column, it)));
        }
        let absent = columns.iter().filter(|column| !arrays.contains_key(column));
        let absent: Vec<Column> = absent.copied().collect();
        if !absent.is_empty() {
            for read in self.read_as(&[block], &absent, fields).await? {
                for &column in &absent {
                    if let Some(array) = read.batch.column_by_name(column.name()) {
                        let array = Arc::clone(array);
                        let weight = array.get_array_memory_size();
                        self.lately
                            .columns
                            .put(key(column), Arc::clone(&array), weight);
                        arrays.insert(column, array);
                    }
                }
            }
        }
        let field = |column: &Column| self.metadata.schema().index_of(column.name());
        let of_file = |(column, array)| Some((Arc::clone(&fields[field(&column).ok()?]), array));
        let (fields, arrays): (Vec<FieldRef>, Vec<ArrayRef>) =
            arrays.into_iter().filter_map(of_file).unzip();
        let rows = RecordBatchOptions::new().with_row_count(Some(self.rows_of(block).len()));
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new_with_options(schema, arrays, &rows)?;
        Ok(Block::new(block, None, View::new(&batch), batch))
    }

    async fn read_as(
        &self,
        blocks: &[u32],
        columns: &[Column],
        fields: &Fields,
    ) -> Result<Vec<Block>> {
        if blocks.is_empty() {
            return Ok(Vec::new());
        }
        let pages = self.pages(blocks, columns).await?;
        let (ranges, rows) = pages.places();
        let selection = RowSelection::from_consecutive_ranges(ranges.iter().cloned(), rows);
        let batches = self.batches(&pages, (columns, fields), self.block_rows(), selection)?;
        let rows = ranges.iter().map(Range::len);
        if !batches.iter().map(RecordBatch::num_rows).eq(rows) {
            return Err(self.damaged("pages"));
        }
        let blocks = blocks.iter().zip(batches);
        let block = |(&number, batch)| Block::new(number, None, View::new(&batch), batch);
        Ok(blocks.map(block).collect())
    }

    /// Some rows of blocks, given by their places in them, in order; all columns are read.
    pub async fn rows_at(&self, wanted: &BTreeMap<u32, Vec<u32>>) -> Result<Vec<Block>> {
        self.rows_as(wanted, Column::ALL, self.metadata.schema().fields())
            .await
    }

    /// The same of these columns only, with words and their numbers in place of texts.
    pub(crate) async fn words_at(
        &self,
        wanted: &BTreeMap<u32, Vec<u32>>,
        columns: &[Column],
    ) -> Result<Vec<Block>> {
        let fields = self.metadata.schema().fields().iter().map(of_words);
        self.rows_as(wanted, columns, &fields.collect()).await
    }

    async fn rows_as(
        &self,
        wanted: &BTreeMap<u32, Vec<u32>>,
        columns: &[Column],
        fields: &Fields,
    ) -> Result<Vec<Block>> {
        let count: usize = wanted.values().map(Vec::len).sum();
        if count == 0 {
            return Ok(Vec::new());
        }
        let blocks: Vec<u32> = wanted.keys().copied().collect();
        if count * DENSE > blocks.len() * self.block_rows() {
            let whole = self.read_as(&blocks, columns, fields).await?;
            let some = whole.iter().zip(wanted.values());
            return some.map(|(block, rows)| block.some(rows)).collect();
        }
        let pages = self.pages(&blocks, columns).await?;
        if blocks.len() <= BLOCKS_KEPT_MAX || columns.len() > COLUMNS_KEPT_MAX {
            pages.keep(&self.lately);
        }
        let (places, all) = pages.places();
        let rows = places
            .iter()
            .zip(wanted.values())
            .flat_map(|(place, rows)| {
                let place = |row: &u32| place.start + *row as usize;
                rows.iter().map(place).map(|row| row..row + 1)
            });
        let selection = RowSelection::from_consecutive_ranges(rows, all);
        let batches = self.batches(&pages, (columns, fields), count, selection)?;
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

    /// Decodes pages.
    fn batches(
        &self,
        pages: &Pages,
        (columns, fields): (&[Column], &Fields),
        batch_rows: usize,
        selection: RowSelection,
    ) -> Result<Vec<RecordBatch>> {
        let schema = self.metadata.parquet_schema();
        let names = columns.iter().map(|column| column.name());
        let mask = ProjectionMask::columns(schema, names);
        let levels = parquet_to_arrow_field_levels(schema, mask, Some(fields))?;
        let decode = || {
            let reader = ParquetRecordBatchReader::try_new_with_row_groups(
                &levels,
                pages,
                batch_rows,
                Some(selection),
            )?;
            Ok::<_, Error>(reader.collect::<std::result::Result<Vec<_>, _>>()?)
        };
        // Of damaged pages the decoders of values may panic.
        catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| Err(self.damaged("pages")))
    }

    /// The original lines of rows of a block of which all columns were read: row, time in nanoseconds,
    /// bytes.
    pub async fn lines(
        &self,
        block: &Block,
        rows: impl IntoIterator<Item = usize>,
        take: &mut impl FnMut(usize, i64, &[u8]),
    ) -> Result<()> {
        let packed = self.packed_lines(block.number).await?;
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

    /// The lines of a block, unpacked.
    async fn packed_lines(&self, block: u32) -> Result<Arc<lines::Block>> {
        let key = (self.number, block);
        if let Some(kept) = self.lately.lines.get(key) {
            return Ok(kept);
        }
        let place = self.directory.blocks.get(block as usize);
        let place = place.ok_or_else(|| self.damaged("directory"))?;
        let bytes = self.get(&place.lines).await?;
        let open = || async {
            let bytes = self.get(&self.directory.templates).await?;
            Ok::<_, Error>(lines::Decoder::open(&bytes)?)
        };
        let decoder = self.decoder.get_or_try_init(open).await?;
        let unpacked = Arc::new(decoder.block(&bytes)?);
        let weight = unpacked.memory_bytes();
        self.lately.lines.put(key, Arc::clone(&unpacked), weight);
        Ok(unpacked)
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
                "(stays in queues)",
                self.directory.stays.as_ref().map_or(0, length),
            ),
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

    /// The rows of long stays as they are stored; `None` where they are not apart.
    pub(super) async fn stays_bytes(&self) -> Result<Option<Bytes>> {
        match &self.directory.stays {
            Some(place) => Ok(Some(self.get(place).await?)),
            None => Ok(None),
        }
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
        self.source.damaged(what)
    }

    /// The pages of blocks, which are in order.
    pub(super) async fn pages(&self, blocks: &[u32], columns: &[Column]) -> Result<Pages> {
        let rows: Vec<_> = blocks.iter().map(|&block| self.rows_of(block)).collect();
        let of_file = PagesOf {
            source: &self.source,
            metadata: self.metadata.metadata(),
            lately: &self.lately,
            file: self.number,
        };
        of_file.read(&rows, columns).await
    }
}

/// A column as words and their numbers, where it is of words.
fn of_words(field: &FieldRef) -> FieldRef {
    match Column::named(field.name()) {
        Some(column) if column.is_of_words() => {
            let holds = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
            Arc::new(Field::new(field.name(), holds, field.is_nullable()))
        }
        _ => Arc::clone(field),
    }
}

/// "offset,length".
fn range(text: &str) -> Option<Range<u64>> {
    let (offset, length) = text.split_once(',')?;
    let (offset, length): (u64, u64) = (offset.parse().ok()?, length.parse().ok()?);
    Some(offset..offset.checked_add(length)?)
}
