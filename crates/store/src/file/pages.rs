//! Reads pages: what a block has of a column, unpacked, and the dictionaries that they refer to.
//!
//! The reader of Parquet goes through row groups; questions want a few blocks, the same ones again
//! and again, and often no more than whether a page has some bytes. So pages are fetched here, those
//! of all columns at once, and shown to Parquet's decoders as a file that has no others.

use super::source::Source;
use crate::columns::Column;
use crate::error::{Error, Result};
use crate::lately::{Lately, PageAt};
use crate::limits::ROW_GROUP_ROWS;
use bytes::Bytes;
use memchr::memmem::Finder;
use object_store::ObjectStore;
use parquet::arrow::arrow_reader::RowGroups;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Pages of some blocks, as a file of the row groups that these are in: of all pages of these only
/// those are at hand that have rows of the blocks, and the others are passed over.
pub(crate) struct Pages {
    metadata: Arc<ParquetMetaData>,
    /// Of the row groups.
    rows: usize,
    /// Where the rows of each block are among these.
    blocks: Vec<Range<usize>>,
    chunks: Vec<Chunk>,
}

/// Those of a column within a row group, its dictionary first.
struct Chunk {
    column: usize,
    group: usize,
    places: Vec<Place>,
}

/// A page; most have the rows of a block, but where a dictionary grew too large one ends before.
struct Place {
    at: PageAt,
    /// How many rows; `None` of a dictionary.
    rows: Option<usize>,
    bytes: Range<u64>,
    is_wanted: bool,
    is_kept: bool,
    page: Option<Page>,
}

/// Where pages are read from.
#[derive(Clone, Copy)]
pub(crate) struct PagesOf<'a> {
    pub(crate) source: &'a Source,
    pub(crate) metadata: &'a Arc<ParquetMetaData>,
    pub(crate) lately: &'a Lately,
    /// Number of the file in what is kept.
    pub(crate) file: u64,
}

impl PagesOf<'_> {
    /// The pages that have these rows of the file, which are in order: those of each block.
    pub(crate) async fn read(self, blocks: &[Range<usize>], columns: &[Column]) -> Result<Pages> {
        let metadata = Arc::clone(self.metadata);
        let count = metadata.file_metadata().schema_descr().num_columns();
        let (mut pages, mut groups) = (Vec::new(), Vec::new());
        let (mut ranges, mut rows) = (Vec::new(), 0);
        let group_of = |rows: &Range<usize>| rows.start / ROW_GROUP_ROWS;
        for blocks in blocks.chunk_by(|left, right| group_of(left) == group_of(right)) {
            let group = group_of(&blocks[0]);
            let first = group * ROW_GROUP_ROWS;
            let inside = blocks.iter().map(|it| it.start - first..it.end - first);
            let inside: Vec<Range<usize>> = inside.collect();
            ranges.extend(inside.iter().map(|it| rows + it.start..rows + it.end));
            let end = inside.last().map_or(0, |it| it.end);
            let of_group = metadata.row_groups().get(group).map(|it| it.num_rows());
            let of_group = of_group.and_then(|rows| usize::try_from(rows).ok());
            let of_group = of_group.filter(|&rows| rows >= end);
            rows += of_group.ok_or_else(|| self.damaged())?;
            groups.push((group, inside));
        }
        for column in columns
            .iter()
            .map(|&it| it as usize)
            .filter(|&it| it < count)
        {
            for (group, inside) in &groups {
                let chunk = self.chunk(column, *group, inside);
                pages.push(chunk.ok_or_else(|| self.damaged())?);
            }
        }
        self.fetch(&mut pages).await?;
        Ok(Pages {
            metadata,
            rows,
            blocks: ranges,
            chunks: pages,
        })
    }

    /// Where the pages of a row group are, wanted those that have some of these rows; those that are
    /// kept are at hand.
    fn chunk(self, column: usize, group: usize, wanted: &[Range<usize>]) -> Option<Chunk> {
        let metadata = self.metadata;
        let of_group = metadata.row_groups().get(group)?;
        let (start, _) = of_group.columns().get(column)?.byte_range();
        let locations = metadata
            .offset_index()?
            .get(group)?
            .get(column)?
            .page_locations();
        let first = u64::try_from(locations.first()?.offset).ok()?;
        let place = |number, rows, bytes: Range<u64>, is_wanted: bool| {
            let at = PageAt {
                file: self.file,
                group: group as u32,
                column: column as u16,
                number,
            };
            let page = is_wanted.then(|| self.lately.pages.get(at)).flatten();
            Place {
                at,
                rows,
                bytes,
                is_wanted,
                is_kept: page.is_some(),
                page,
            }
        };
        // What stands before the first page is a dictionary.
        let dictionary = (start < first).then(|| place(None, None, start..first, true));
        let mut places = Vec::from_iter(dictionary);
        for (number, location) in locations.iter().enumerate() {
            let row = usize::try_from(location.first_row_index).ok()?;
            let next = locations.get(number + 1).map(|next| next.first_row_index);
            let next = usize::try_from(next.unwrap_or(of_group.num_rows())).ok()?;
            let is_wanted = wanted.iter().any(|it| it.start < next && it.end > row);
            let start = u64::try_from(location.offset).ok()?;
            let end = start + u64::try_from(location.compressed_page_size).ok()?;
            let rows = Some(next.checked_sub(row)?);
            places.push(place(Some(number as u32), rows, start..end, is_wanted));
        }
        Some(Chunk {
            column,
            group,
            places,
        })
    }

    fn damaged(self) -> Error {
        self.source.damaged("page index")
    }

    /// Reads and unpacks what is not at hand.
    async fn fetch(self, chunks: &mut [Chunk]) -> Result<()> {
        let places = chunks.iter().flat_map(|chunk| &chunk.places);
        let absent = places.filter(|place| place.is_absent());
        let ranges: Vec<Range<u64>> = absent.map(|place| place.bytes.clone()).collect();
        if ranges.is_empty() {
            return Ok(());
        }
        if ranges.iter().any(|range| range.end > self.source.size) {
            return Err(self.damaged());
        }
        let bytes = self
            .source
            .store
            .get_ranges(&self.source.path, &ranges)
            .await?;
        let starts = ranges.iter().map(|range| range.start);
        let packed = Arc::new(Packed(starts.zip(bytes).collect()));
        let unpack = || {
            chunks
                .iter_mut()
                .try_for_each(|it| it.unpack(self.metadata, &packed))
        };
        // Of damaged headers the decoders may panic.
        catch_unwind(AssertUnwindSafe(unpack)).unwrap_or_else(|_| Err(self.source.damaged("pages")))
    }
}

impl Place {
    fn is_absent(&self) -> bool {
        self.is_wanted && self.page.is_none()
    }
}

impl Chunk {
    /// Unpacks what is not at hand.
    fn unpack(&mut self, metadata: &ParquetMetaData, packed: &Arc<Packed>) -> Result<()> {
        if !self.places.iter().any(Place::is_absent) {
            return Ok(());
        }
        let group = metadata.row_group(self.group);
        let index = metadata.offset_index();
        let locations = index.map(|index| index[self.group][self.column].page_locations().clone());
        let (column, rows) = (group.column(self.column), group.num_rows() as usize);
        let packed = Arc::clone(packed);
        let mut reader = SerializedPageReader::new(packed, column, rows, locations)?;
        for place in &mut self.places {
            match place.is_absent() {
                true => place.page = reader.get_next_page()?,
                false => reader.skip_next_page()?,
            }
        }
        Ok(())
    }

    /// Whether one of the pages, or the dictionary that it refers to, has the bytes.
    fn has(&self, bytes: &Finder<'_>) -> bool {
        let has = |page: &Page| bytes.find(page.buffer()).is_some();
        let pages = || self.places.iter().filter_map(|place| place.page.as_ref());
        let by_dictionary = [Encoding::RLE_DICTIONARY, Encoding::PLAIN_DICTIONARY];
        let mut refer = pages().filter(|page| page.is_data_page());
        match refer.any(|page| by_dictionary.contains(&page.encoding())) {
            true => pages().any(has),
            false => pages().filter(|page| page.is_data_page()).any(has),
        }
    }
}

impl Pages {
    /// Keeps them, since they will be asked for again.
    pub(crate) fn keep(&self, lately: &Lately) {
        for place in self.chunks.iter().flat_map(|chunk| &chunk.places) {
            if let Some(page) = place.page.clone().filter(|_| !place.is_kept) {
                let weight = page.buffer().len() + size_of::<Place>();
                lately.pages.put(place.at, page, weight);
            }
        }
    }

    /// Whether a value of a column may have these bytes.
    pub(crate) fn may_have(&self, column: Column, bytes: &Finder<'_>) -> bool {
        let mut of_column = self.chunks.iter().filter(|it| it.column == column as usize);
        of_column.any(|chunk| chunk.has(bytes))
    }

    /// Where the rows of each block are among all rows, and how many rows that are.
    pub(crate) fn places(&self) -> (&[Range<usize>], usize) {
        (&self.blocks, self.rows)
    }
}

/// Bytes that were fetched, by where they begin.
struct Packed(HashMap<u64, Bytes>);

impl Length for Packed {
    fn len(&self) -> u64 {
        u64::MAX
    }
}

impl ChunkReader for Packed {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(bytes::Buf::reader(self.get_bytes(start, 0)?))
    }

    fn get_bytes(&self, start: u64, _: usize) -> ParquetResult<Bytes> {
        let bytes = self.0.get(&start).cloned();
        bytes.ok_or_else(|| ParquetError::General(format!("no page begins at {start}")))
    }
}

impl RowGroups for Pages {
    fn num_rows(&self) -> usize {
        self.rows
    }

    fn column_chunks(&self, column: usize) -> ParquetResult<Box<dyn PageIterator>> {
        let of_column = self.chunks.iter().filter(|chunk| chunk.column == column);
        let pages = of_column.map(|chunk| {
            let pages = chunk.places.iter();
            Shown(pages.map(|it| (it.rows, it.page.clone())).collect())
        });
        Ok(Box::new(Columns(pages.collect())))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(self.metadata.row_groups().iter())
    }

    fn metadata(&self) -> &ParquetMetaData {
        &self.metadata
    }
}

/// A column's pages, row group by row group.
struct Columns(VecDeque<Shown>);

impl Iterator for Columns {
    type Item = ParquetResult<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        let pages = self.0.pop_front()?;
        Some(Ok(Box::new(pages)))
    }
}

impl PageIterator for Columns {}

/// Pages that are still to be decoded or passed over, with their rows; a dictionary has none.
struct Shown(VecDeque<(Option<usize>, Option<Page>)>);

impl Iterator for Shown {
    type Item = ParquetResult<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Shown {
    fn get_next_page(&mut self) -> ParquetResult<Option<Page>> {
        let not_read = || ParquetError::General("page was not read".to_owned());
        let page = self
            .0
            .pop_front()
            .map(|(_, page)| page.ok_or_else(not_read));
        page.transpose()
    }

    fn peek_next_page(&mut self) -> ParquetResult<Option<PageMetadata>> {
        Ok(self.0.front().map(|(rows, _)| PageMetadata {
            num_rows: *rows,
            num_levels: None,
            is_dict: rows.is_none(),
        }))
    }

    fn skip_next_page(&mut self) -> ParquetResult<()> {
        self.0.pop_front();
        Ok(())
    }

    fn at_record_boundary(&mut self) -> ParquetResult<bool> {
        Ok(true)
    }
}
