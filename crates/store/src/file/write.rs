//! Writes a data file, block by block.

use super::directory::{self, BlockAt, Directory};
use super::presence::PresenceWriter;
use super::stays::StaysWriter;
use crate::columns::{Column, schema};
use crate::error::Error;
use crate::index::write::IndexWriter;
use crate::limits::{
    BLOCKS_WAITING, INDEX_ZSTD_LEVEL, Packing, ROW_GROUP_ROWS, STAYS_APART_ROWS_MIN,
};
use crate::view::{Known, View};
use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::ops::Range;
use std::sync::mpsc::sync_channel;

/// A file that is being written, in memory.
pub(crate) struct FileWriter {
    columns: Columns,
    appendix: Appendix,
}

/// Its columns, as Parquet has them.
pub(crate) struct Columns(ArrowWriter<Vec<u8>>);

/// What stands behind the columns: original lines and index.
pub(crate) struct Appendix {
    lines: lines::Encoder,
    line_blocks: Vec<Vec<u8>>,
    index: IndexWriter,
    presence: PresenceWriter,
    stays: StaysWriter,
    known: Known,
    packing: Packing,
    rows: u64,
    at: Option<(i64, i64)>,
}

/// A file that was written.
#[derive(Debug)]
pub(crate) struct Written {
    /// All its bytes.
    pub(crate) bytes: Vec<u8>,
    /// Rows in it.
    pub(crate) rows: u64,
    /// Time of the first and the last row, microseconds.
    pub(crate) at: (i64, i64),
}

impl FileWriter {
    pub(crate) fn new(packing: Packing) -> crate::Result<Self> {
        let properties = properties(packing)?;
        let columns = ArrowWriter::try_new(Vec::new(), schema(), Some(properties))?;
        Ok(FileWriter {
            columns: Columns(columns),
            appendix: Appendix {
                lines: lines::Encoder::with_level(packing.line_level),
                line_blocks: Vec::new(),
                index: IndexWriter::default(),
                presence: PresenceWriter::default(),
                stays: StaysWriter::default(),
                known: Known::default(),
                packing,
                rows: 0,
                at: None,
            },
        })
    }

    /// Takes the next block: all but the last of a file are full. `lines_of` gives the original lines
    /// of a row of the block, `is_long` whether it is of a stay in a queue that was not short.
    pub(crate) fn block<'a, L>(
        &mut self,
        rows: &RecordBatch,
        lines_of: impl Fn(usize) -> L,
        is_long: impl Fn(usize) -> bool,
    ) -> crate::Result<()>
    where
        L: Iterator<Item = (i64, &'a [u8])>,
    {
        self.columns.block(rows)?;
        self.appendix.block(rows, lines_of, is_long)
    }

    /// Takes all blocks of a file, the columns on a thread of their own.
    pub(crate) fn blocks<'a, N, L>(
        &mut self,
        blocks: impl Iterator<Item = crate::Result<(RecordBatch, N)>>,
        lines_of: impl Fn(&N, usize) -> L,
        is_long: impl Fn(&N, usize) -> bool,
    ) -> crate::Result<()>
    where
        L: Iterator<Item = (i64, &'a [u8])>,
    {
        let FileWriter { columns, appendix } = self;
        std::thread::scope(|scope| {
            let (to_columns, of_columns) = sync_channel::<RecordBatch>(BLOCKS_WAITING);
            let writing =
                scope.spawn(move || of_columns.iter().try_for_each(|it| columns.block(&it)));
            for block in blocks {
                let (rows, numbers) = block?;
                // Where nobody takes it, the thread has failed and says why below.
                let _ = to_columns.send(rows.clone());
                let lines_of = |row| lines_of(&numbers, row);
                appendix.block(&rows, lines_of, |row| is_long(&numbers, row))?;
            }
            drop(to_columns);
            writing
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// How many rows were taken.
    pub(crate) fn rows(&self) -> u64 {
        self.appendix.rows
    }

    pub(crate) fn finish(self) -> crate::Result<Written> {
        let FileWriter { columns, appendix } = self;
        let (mut file, _) = columns.0.into_serialized_writer()?;
        let mut at = file.bytes_written() as u64;
        let mut append = |bytes: &[u8]| -> crate::Result<Range<u64>> {
            file.write_all(bytes)
                .map_err(parquet::errors::ParquetError::from)?;
            let start = at;
            at += bytes.len() as u64;
            Ok(start..at)
        };
        let (rows, times) = (appendix.rows, appendix.at.unwrap_or_default());
        let directory = appendix.append(&mut append)?;
        let place = append(&directory.to_bytes())?;
        let place = format!("{},{}", place.start, place.end - place.start);
        file.append_key_value_metadata(KeyValue::new(directory::KEY.to_owned(), place));
        Ok(Written {
            bytes: file.into_inner()?,
            rows,
            at: times,
        })
    }
}

impl Columns {
    fn block(&mut self, rows: &RecordBatch) -> crate::Result<()> {
        Ok(self.0.write(rows)?)
    }
}

impl Appendix {
    fn block<'a, L>(
        &mut self,
        rows: &RecordBatch,
        lines_of: impl Fn(usize) -> L,
        is_long: impl Fn(usize) -> bool,
    ) -> crate::Result<()>
    where
        L: Iterator<Item = (i64, &'a [u8])>,
    {
        let view = View::new(rows);
        for row in 0..view.rows() {
            let at = view.at(row);
            let (first, last) = self.at.unwrap_or((at, at));
            self.at = Some((first.min(at), last.max(at)));
            self.index.row_of(&view, row);
            self.presence.row(&view, row);
            self.known.of(&view, row, |known| {
                self.lines
                    .row(at.saturating_mul(1_000), known, lines_of(row));
            });
        }
        self.rows += rows.num_rows() as u64;
        self.line_blocks.push(self.lines.finish_block());
        self.index.finish_block();
        self.stays.block(rows, is_long)
    }

    /// Writes all of it, and says where it is.
    fn append(
        self,
        append: &mut impl FnMut(&[u8]) -> crate::Result<Range<u64>>,
    ) -> crate::Result<Directory> {
        let index = self.index.finish()?;
        let mut directory = Directory {
            rows: self.rows,
            block_rows: self.packing.block_rows as u64,
            ..Directory::default()
        };
        let mut filter = 0;
        for (lines, of_block) in self.line_blocks.iter().zip(&index.filters) {
            directory.blocks.push(BlockAt {
                lines: append(lines)?,
                filter: filter..filter + of_block.len(),
            });
            filter += of_block.len();
        }
        directory.templates = append(&self.lines.finish())?;
        directory.filters = append(&index.all_filters())?;
        directory.terms = append(&packed(&index.terms)?)?;
        directory.lists = append(&packed(&index.lists)?)?;
        directory.presence = append(&self.presence.to_bytes())?;
        if self.rows >= STAYS_APART_ROWS_MIN {
            let stays = self.stays.to_bytes(self.packing.column_level)?;
            directory.stays = Some(append(&stays)?);
        }
        Ok(directory)
    }
}

fn packed(part: &[u8]) -> crate::Result<Vec<u8>> {
    zstd::bulk::compress(part, INDEX_ZSTD_LEVEL).map_err(Error::Packing)
}

/// Columns whose values come once or a few times close together: a dictionary of them costs more than
/// it saves, and hides repetition from zstd.
const MOSTLY_UNIQUE: [Column; 9] = [
    Column::Account,
    Column::Pid,
    Column::QueueId,
    Column::MessageId,
    Column::SessionId,
    Column::NextQueueId,
    Column::MailFrom,
    Column::Size,
    Column::MailId,
];

/// Numbers of many values: their high bytes are alike.
const WIDE_NUMBERS: [Column; 3] = [Column::At, Column::ClientPort, Column::DurationMs];

/// Statistics only where they rule pages out: rows lie by account, then by time.
fn properties(packing: Packing) -> crate::Result<WriterProperties> {
    let with_statistics = [Column::At, Column::AccountDomain, Column::Account];
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(packing.column_level)?))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(packing.block_rows)
        .set_write_batch_size(packing.block_rows)
        .set_data_page_size_limit(usize::MAX)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_created_by(concat!("waybill ", env!("CARGO_PKG_VERSION")).to_owned());
    for column in with_statistics {
        let path = ColumnPath::from(column.name());
        properties = properties.set_column_statistics_enabled(path, EnabledStatistics::Page);
    }
    let plain = MOSTLY_UNIQUE.map(|column| (column, Encoding::PLAIN));
    let split = WIDE_NUMBERS.map(|column| (column, Encoding::BYTE_STREAM_SPLIT));
    for (column, encoding) in plain.into_iter().chain(split) {
        let path = ColumnPath::from(column.name());
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, encoding);
    }
    Ok(properties.build())
}
