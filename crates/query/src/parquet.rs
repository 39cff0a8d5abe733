//! Rows as a Parquet file: for programs, with the columns of the archive and the original lines as
//! they were, byte for byte.

use crate::walk::Lines;
use crate::{Found, Result};
use datafusion::arrow::array::{ArrayRef, BinaryBuilder, ListBuilder, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::error::DataFusionError;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;
use std::io::Write;
use std::sync::Arc;
use store::Column;

/// Rows that are gathered before they are written.
const ROWS_AT_A_TIME: usize = 8_192;

/// Rows of a row group, which is in memory until it is complete.
const ROW_GROUP_ROWS: usize = 131_072;

/// Level of zstd.
const ZSTD_LEVEL: i32 = 6;

/// Writes rows of the archive as a Parquet file.
pub struct ParquetRows<W: Write + Send> {
    writer: ArrowWriter<W>,
    rows: Vec<Found>,
    /// Of the rows that are gathered; `None` where they are not wanted.
    lines: Option<ListBuilder<BinaryBuilder>>,
    schema: SchemaRef,
}

/// The columns of the archive, and `original_lines`, a list of binary, where they are wanted.
fn schema(with_lines: bool) -> SchemaRef {
    let mut fields: Vec<_> = store::schema().fields().iter().cloned().collect();
    if !with_lines {
        return Arc::new(Schema::new(fields));
    }
    let line = Arc::new(Field::new_list_field(DataType::Binary, true));
    let lines = Field::new("original_lines", DataType::List(line), false);
    fields.push(Arc::new(lines));
    Arc::new(Schema::new(fields))
}

fn engine(error: impl Into<DataFusionError>) -> crate::Error {
    crate::Error::Engine(error.into())
}

impl<W: Write + Send> ParquetRows<W> {
    /// Begins a file of rows with their original lines.
    pub fn new(to: W) -> Result<Self> {
        Self::begin(to, true)
    }

    /// Begins a file of rows without their original lines.
    pub fn without_lines(to: W) -> Result<Self> {
        Self::begin(to, false)
    }

    fn begin(to: W, with_lines: bool) -> Result<Self> {
        let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(engine)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS));
        let properties = properties.build();
        let schema = schema(with_lines);
        let writer = ArrowWriter::try_new(to, Arc::clone(&schema), Some(properties));
        Ok(ParquetRows {
            writer: writer.map_err(engine)?,
            rows: Vec::new(),
            lines: with_lines.then(|| ListBuilder::new(BinaryBuilder::new())),
            schema,
        })
    }

    /// Adds a row with its original lines; these are left out where they are not wanted.
    pub fn row(&mut self, row: &Found, lines: &Lines) -> Result<()> {
        self.rows.push(row.clone());
        if let Some(list) = &mut self.lines {
            for (_, line) in lines {
                list.values().append_value(line);
            }
            list.append(true);
        }
        match self.rows.len() >= ROWS_AT_A_TIME {
            true => self.flush(),
            false => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let mut blocks: Vec<&RecordBatch> = Vec::new();
        let mut places = Vec::with_capacity(rows.len());
        for row in &rows {
            let (block, place) = row.batch();
            let known = blocks.iter().rposition(|it| std::ptr::eq(*it, block));
            let number = known.unwrap_or_else(|| {
                blocks.push(block);
                blocks.len() - 1
            });
            places.push((number, place));
        }
        let batch = store::batch(&blocks, &places)?;
        let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
        let replies: StringArray = rows.iter().map(Found::reply).collect();
        columns[Column::Text as usize] = Arc::new(replies);
        if let Some(list) = &mut self.lines {
            columns.push(Arc::new(list.finish()));
        }
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(engine)?;
        self.writer.write(&batch).map_err(engine)
    }

    /// Ends the file; gives where it went.
    pub fn finish(mut self) -> Result<W> {
        if !self.rows.is_empty() {
            self.flush()?;
        }
        self.writer.into_inner().map_err(engine)
    }
}
