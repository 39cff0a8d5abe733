//! The rows of a file that are of stays which were not short (`stays.rs`), once more, so that all of
//! them are read at once: a Parquet file of its own, then its XXH3-64.

use super::read::DataFile;
use crate::columns::Column;
use crate::error::Result;
use crate::stays::{self, Steps};
use crate::view::View;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchReader, UInt32Array};
use arrow_schema::{DataType, Field, Schema};
use arrow_select::concat::concat_batches;
use arrow_select::nullif::nullif;
use arrow_select::take::take_record_batch;
use model::QueueStep;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::sync::Arc;
use twox_hash::XxHash3_64;

/// What is kept of a row: what a queue tells of its messages.
const COLUMNS: [Column; 14] = [
    Column::At,
    Column::Kind,
    Column::Account,
    Column::Host,
    Column::Program,
    Column::Label,
    Column::QueueId,
    Column::NextQueueId,
    Column::MailFrom,
    Column::RcptTo,
    Column::Size,
    Column::RelayName,
    Column::Text,
    Column::DelayMs,
];

/// What a queue tells of recipients only that are to be tried again.
const OF_DEFERRED: [Column; 3] = [Column::NextQueueId, Column::RelayName, Column::Text];

/// Name of the column with the number of a row in its file.
const ROW: &str = "row";

/// Gathers them while a file is written.
#[derive(Default)]
pub(crate) struct StaysWriter {
    some: Vec<RecordBatch>,
    /// Rows of the file so far.
    rows: u32,
}

impl StaysWriter {
    /// Takes those rows of the next block that are of long stays.
    pub(crate) fn block(
        &mut self,
        rows: &RecordBatch,
        is_long: impl Fn(usize) -> bool,
    ) -> Result<()> {
        let long = (0..rows.num_rows()).filter(|&row| is_long(row));
        let wanted = UInt32Array::from_iter_values(long.map(|row| row as u32));
        if !wanted.is_empty() {
            let some = take_record_batch(&rows.project(&COLUMNS.map(|it| it as usize))?, &wanted)?;
            let numbers = wanted.values().iter().map(|row| self.rows + row);
            self.some.push(with_numbers(&some, numbers)?);
        }
        self.rows += rows.num_rows() as u32;
        Ok(())
    }

    pub(crate) fn to_bytes(&self, level: i32) -> Result<Vec<u8>> {
        let schema = schema();
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(level)?))
            .set_statistics_enabled(EnabledStatistics::None)
            .set_offset_index_disabled(true);
        for column in [Column::QueueId, Column::Size, Column::At] {
            properties = properties.set_column_dictionary_enabled(column.name().into(), false);
        }
        let mut file =
            ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties.build()))?;
        file.write(&concat_batches(&schema, &self.some)?)?;
        let mut bytes = file.into_inner()?;
        let hash = XxHash3_64::oneshot(&bytes);
        bytes.extend(hash.to_le_bytes());
        Ok(bytes)
    }
}

fn schema() -> Arc<Schema> {
    let all = crate::schema();
    let fields = COLUMNS.map(|column| Arc::new(all.field(column as usize).clone()));
    let row = Arc::new(Field::new(ROW, DataType::UInt32, false));
    Arc::new(Schema::new(
        fields.into_iter().chain([row]).collect::<Vec<_>>(),
    ))
}

/// Rows as they are kept.
fn with_numbers(rows: &RecordBatch, numbers: impl Iterator<Item = u32>) -> Result<RecordBatch> {
    let view = View::new(rows);
    let kinds = view.meaning(Column::Kind, |kind| {
        QueueStep::of(kind) == Some(QueueStep::Deferred)
    });
    let is_other = (0..view.rows()).map(|row| Some(kinds.get(row) != Some(&true)));
    let is_other: BooleanArray = is_other.collect();
    let mut columns = Vec::new();
    for (column, array) in COLUMNS.iter().zip(rows.columns()) {
        columns.push(match OF_DEFERRED.contains(column) {
            true => nullif(array, &is_other)?,
            false => Arc::clone(array),
        });
    }
    columns.push(Arc::new(UInt32Array::from_iter_values(numbers)) as ArrayRef);
    Ok(RecordBatch::try_new(schema(), columns)?)
}

impl DataFile {
    /// The rows of stays that were not short, as far as a queue tells of them; of the columns those
    /// that are asked for and kept. `None` where the file does not have them apart.
    pub(crate) async fn stays(&self, columns: &[Column]) -> Result<Option<View>> {
        let names = columns.iter().map(|column| column.name());
        let batch = self.stays_batch(names).await?;
        Ok(batch.map(|it| View::new(&it)))
    }

    /// Steps of stays that were not short, each with its row as its place; `None` where the file does not
    /// have them apart.
    pub(crate) async fn long_steps(&self) -> Result<Option<Steps>> {
        let names = stays::COLUMNS.iter().map(|column| column.name());
        let Some(batch) = self.stays_batch(names.chain([ROW])).await? else {
            return Ok(None);
        };
        let rows = batch
            .column_by_name(ROW)
            .and_then(|it| it.as_any().downcast_ref());
        let rows: &UInt32Array = rows.ok_or_else(|| self.damaged("stays"))?;
        let mut steps = Steps::default();
        steps.rows(&View::new(&batch), |row| Some(u64::from(rows.value(row))));
        Ok(Some(steps))
    }

    /// All steps, each with its row as its place.
    pub(crate) async fn all_steps(&self) -> Result<Steps> {
        let mut steps = Steps::default();
        for block in 0..self.blocks() {
            let first = self.rows_of(block).start;
            for read in self.read(&[block], &stays::COLUMNS).await? {
                steps.rows(&read.view, |row| Some((first + row) as u64));
            }
        }
        Ok(steps)
    }

    async fn stays_batch<'n>(
        &self,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<Option<RecordBatch>> {
        let Some(bytes) = self.stays_bytes().await? else {
            return Ok(None);
        };
        let damaged = || self.damaged("stays");
        let end = bytes
            .len()
            .checked_sub(size_of::<u64>())
            .ok_or_else(damaged)?;
        let hash = XxHash3_64::oneshot(&bytes[..end]);
        if bytes[end..] != hash.to_le_bytes() {
            return Err(damaged());
        }
        let file = ParquetRecordBatchReaderBuilder::try_new(bytes.slice(..end))?;
        let names: Vec<&str> = names.collect();
        let mask = ProjectionMask::columns(file.parquet_schema(), names);
        let rows = usize::try_from(file.metadata().file_metadata().num_rows()).unwrap_or(0);
        let file = file
            .with_projection(mask)
            .with_batch_size(rows.max(1))
            .build()?;
        let schema = file.schema();
        let batches = file.collect::<std::result::Result<Vec<_>, _>>()?;
        Ok(Some(concat_batches(&schema, &batches)?))
    }
}
