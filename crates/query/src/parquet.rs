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

/// Level of zstd.
const ZSTD_LEVEL: i32 = 6;

/// Writes rows of the archive as a Parquet file.
pub struct ParquetRows<W: Write + Send> {
    writer: ArrowWriter<W>,
    rows: Vec<Found>,
    lines: ListBuilder<BinaryBuilder>,
}

/// The columns of the archive, and `original_lines`, a list of binary.
fn schema() -> SchemaRef {
    let mut fields: Vec<_> = store::schema().fields().iter().cloned().collect();
    let line = Arc::new(Field::new_list_field(DataType::Binary, true));
    let lines = Field::new("original_lines", DataType::List(line), false);
    fields.push(Arc::new(lines));
    Arc::new(Schema::new(fields))
}

fn engine(error: impl Into<DataFusionError>) -> crate::Error {
    crate::Error::Engine(error.into())
}

impl<W: Write + Send> ParquetRows<W> {
    /// Begins a file.
    pub fn new(to: W) -> Result<Self> {
        let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(engine)?;
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level));
        let properties = properties.build();
        Ok(ParquetRows {
            writer: ArrowWriter::try_new(to, schema(), Some(properties)).map_err(engine)?,
            rows: Vec::new(),
            lines: ListBuilder::new(BinaryBuilder::new()),
        })
    }

    /// Adds a row with its original lines.
    pub fn row(&mut self, row: &Found, lines: &Lines) -> Result<()> {
        self.rows.push(row.clone());
        for (_, line) in lines {
            self.lines.values().append_value(line);
        }
        self.lines.append(true);
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
        columns.push(Arc::new(self.lines.finish()));
        let batch = RecordBatch::try_new(schema(), columns).map_err(engine)?;
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
