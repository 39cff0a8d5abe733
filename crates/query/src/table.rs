//! The archive as a table of the query engine.
//!
//! A scan reads the blocks that the index leaves, and only the columns that are wanted. Conditions of
//! a question ([`search::Filter`]) are applied here, row by row; of SQL only bounds of `at` and `day`
//! are used, to leave out files and blocks, and the engine applies all of it again.

use crate::blocks;
use crate::facts::{columns_of, wanted_rows};
use crate::sight::{Block, Sight};
use async_trait::async_trait;
use datafusion::arrow::array::{ArrayRef, BooleanArray, Date32Array, RecordBatch, StringArray};
use datafusion::arrow::compute::{cast, filter_record_batch};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Expr, Operator, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use datafusion::physical_plan::{ExecutionPlan, SendableRecordBatchStream};
use datafusion::scalar::ScalarValue;
use futures::{StreamExt, TryStreamExt, stream};
use search::{Filter, TimeRange};
use std::sync::Arc;
use store::{Column, FileOf};

/// The rows that a filter wants, as a table.
pub(crate) struct Events {
    sight: Sight,
    files: Vec<FileOf>,
    filter: Arc<Filter>,
    range: TimeRange,
    schema: SchemaRef,
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events")
            .field("filter", &self.filter)
            .finish_non_exhaustive()
    }
}

impl Events {
    /// Those of the archive's version at hand.
    pub(crate) fn new(sight: Sight, filter: Filter, range: TimeRange) -> store::Result<Self> {
        Ok(Events {
            files: sight.parts(range),
            sight,
            filter: Arc::new(filter),
            range,
            schema: Events::columns(),
        })
    }

    /// Names and types of its columns.
    pub(crate) fn columns() -> SchemaRef {
        let mut fields: Vec<_> = store::schema().fields().iter().cloned().collect();
        fields.push(Arc::new(Field::new("day", DataType::Date32, false)));
        fields.push(Arc::new(Field::new("class", DataType::Utf8, false)));
        Arc::new(Schema::new(fields))
    }
}

#[async_trait]
impl TableProvider for Events {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(columns) => Arc::new(self.schema.project(columns)?),
            None => self.schema(),
        };
        let range = filters
            .iter()
            .fold(self.range, |range, filter| range.and(bounds(filter)));
        let inside = self.files.iter().filter(|file| file.touches(range));
        let files: Vec<FileOf> = inside.cloned().collect();
        let parts = state
            .config()
            .target_partitions()
            .clamp(1, files.len().max(1));
        let part = |part: usize| {
            let files = files.iter().skip(part).step_by(parts).cloned().collect();
            Arc::new(Share {
                sight: self.sight.clone(),
                files,
                filter: Arc::clone(&self.filter),
                exact: self.range,
                range,
                schema: Arc::clone(&schema),
            }) as Arc<dyn PartitionStream>
        };
        let parts = (0..parts).map(part).collect();
        let plan = StreamingTableExec::try_new(schema, parts, None, [], false, limit)?;
        Ok(Arc::new(plan))
    }
}

/// Some of the files.
#[derive(Clone)]
struct Share {
    sight: Sight,
    files: Vec<FileOf>,
    filter: Arc<Filter>,
    /// Rows of another time are left out.
    exact: TimeRange,
    /// Blocks of another time are left out.
    range: TimeRange,
    schema: SchemaRef,
}

impl std::fmt::Debug for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Share")
            .field("files", &self.files.len())
            .finish_non_exhaustive()
    }
}

impl PartitionStream for Share {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut columns = columns_of(&self.filter);
        let fields = self.schema.fields().iter();
        columns.extend(fields.filter_map(|field| Column::named(field.name())));
        columns.sort_unstable();
        columns.dedup();
        let asked = (&*self.filter, self.range);
        let read = blocks::read(&self.sight, self.files.clone(), asked, columns);
        let part = self.clone();
        let batches = read.map(move |read| {
            let (number, _, blocks) = read.map_err(external)?;
            let of = &part.files[number];
            let shown = blocks.iter().map(|block| part.shown(of, block));
            Ok::<_, DataFusionError>(stream::iter(shown.collect::<Vec<_>>()))
        });
        let batches = batches.try_flatten();
        Box::pin(RecordBatchStreamAdapter::new(
            Arc::clone(&self.schema),
            batches,
        ))
    }
}

impl Share {
    /// The wanted rows of a block, with the wanted columns.
    fn shown(&self, of: &FileOf, block: &Block) -> Result<RecordBatch> {
        let rows = block.batch.num_rows();
        let column = |field: &Arc<Field>| -> Result<ArrayRef> {
            Ok(match field.name().as_str() {
                "day" => {
                    let day = ScalarValue::try_from_string(of.day.clone(), &DataType::Date32)?;
                    match day {
                        ScalarValue::Date32(Some(day)) => {
                            Arc::new(Date32Array::from_value(day, rows))
                        }
                        other => other.to_array_of_size(rows)?,
                    }
                }
                "class" => Arc::new(StringArray::from(vec![of.class.as_str(); rows])),
                name => {
                    let missing = || DataFusionError::Internal(format!("no column {name}"));
                    let column = block.batch.column_by_name(name).ok_or_else(missing)?;
                    // Words and their numbers become texts.
                    cast(column, field.data_type())?
                }
            })
        };
        let columns: Result<Vec<_>> = self.schema.fields().iter().map(column).collect();
        let options =
            datafusion::arrow::array::RecordBatchOptions::new().with_row_count(Some(rows));
        let batch =
            RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns?, &options)?;
        if *self.filter == Filter::All && self.exact == TimeRange::ALL {
            return Ok(batch);
        }
        let mut wanted = vec![false; rows];
        for row in wanted_rows(&block.view, &self.filter, self.exact) {
            wanted[row] = true;
        }
        Ok(filter_record_batch(&batch, &BooleanArray::from(wanted))?)
    }
}

fn external(error: crate::Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// The times that a condition of SQL leaves.
fn bounds(filter: &Expr) -> TimeRange {
    let Expr::BinaryExpr(both) = filter else {
        return TimeRange::ALL;
    };
    if both.op == Operator::And {
        return bounds(&both.left).and(bounds(&both.right));
    }
    let (column, value, op) = match (&*both.left, &*both.right) {
        (Expr::Column(column), Expr::Literal(value, _)) => (column, value, both.op),
        (Expr::Literal(value, _), Expr::Column(column)) => match both.op.swap() {
            Some(op) => (column, value, op),
            None => return TimeRange::ALL,
        },
        _ => return TimeRange::ALL,
    };
    let (first, last) = match (column.name.as_str(), value) {
        ("at", ScalarValue::TimestampMicrosecond(Some(at), _)) => (*at, *at),
        ("at", ScalarValue::TimestampNanosecond(Some(at), _)) => {
            (at.div_euclid(1_000), at.div_euclid(1_000) + 1)
        }
        ("day", ScalarValue::Date32(Some(day))) => {
            let first = i64::from(*day) * 86_400_000_000;
            (first, first + 86_399_999_999)
        }
        _ => return TimeRange::ALL,
    };
    let until = last.saturating_add(1);
    let (from, until) = match op {
        Operator::Eq => (first, until),
        Operator::Gt | Operator::GtEq => (first, i64::MAX),
        Operator::Lt | Operator::LtEq => (i64::MIN, until),
        _ => return TimeRange::ALL,
    };
    TimeRange { from, until }
}
