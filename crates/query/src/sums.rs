//! Sums over rows: facets, a histogram, and whatever SQL asks for.

use crate::facts::{columns_of, wanted_rows};
use crate::sight::Sight;
use crate::table::Events;
use crate::{Error, Result, blocks, nesting};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SQLOptions, SessionConfig, SessionContext};
use search::{Filter, TimeRange};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::Column;

/// Bytes that a question may take for sorting and grouping; beyond, it fails and says so.
const MEMORY_BYTES_MAX: usize = 512 << 20;

/// Columns of the answer, and its rows.
pub struct Table {
    /// Names and types.
    pub schema: SchemaRef,
    /// Rows, in batches.
    pub batches: Vec<RecordBatch>,
}

impl Table {
    /// For people.
    pub fn drawn(&self) -> Result<String> {
        let drawn = datafusion::arrow::util::pretty::pretty_format_batches_with_schema(
            Arc::clone(&self.schema),
            &self.batches,
        );
        Ok(drawn.map_err(DataFusionError::from)?.to_string())
    }

    /// One JSON object a line.
    pub fn ndjson(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut writer = datafusion::arrow::json::LineDelimitedWriter::new(&mut bytes);
        for batch in &self.batches {
            writer.write(batch).map_err(DataFusionError::from)?;
        }
        writer.finish().map_err(DataFusionError::from)?;
        Ok(bytes)
    }

    /// A Parquet file.
    pub fn parquet(&self) -> Result<Vec<u8>> {
        let schema = Arc::clone(&self.schema);
        let mut writer = datafusion::parquet::arrow::ArrowWriter::try_new(Vec::new(), schema, None)
            .map_err(DataFusionError::from)?;
        for batch in &self.batches {
            writer.write(batch).map_err(DataFusionError::from)?;
        }
        Ok(writer.into_inner().map_err(DataFusionError::from)?)
    }

    /// RFC 4180, with a head line.
    pub fn csv(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut writer = datafusion::arrow::csv::Writer::new(&mut bytes);
        writer
            .write(&RecordBatch::new_empty(Arc::clone(&self.schema)))
            .map_err(DataFusionError::from)?;
        for batch in &self.batches {
            writer.write(batch).map_err(DataFusionError::from)?;
        }
        drop(writer);
        Ok(bytes)
    }
}

/// A value of a column, and how many rows have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// `None` stands for rows that have none.
    pub value: Option<String>,
    /// Rows.
    pub rows: u64,
}

/// Rows of a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// When it begins, microseconds.
    pub at: i64,
    /// Rows.
    pub rows: u64,
}

/// Events of a stretch of time that have in common what is told of them. A row stands for as many
/// events as it has recipients, or for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// When the stretch begins, microseconds.
    pub at: i64,
    /// Name of the kind.
    pub kind: String,
    /// Domain of the account; empty where there is none.
    pub account_domain: String,
    /// Domain of the recipient, in small letters; empty where none is known.
    pub rcpt_domain: String,
    /// Whether the account is that of the sender.
    pub goes_out: bool,
    /// Whether it was tried by SMTP.
    pub by_smtp: bool,
    /// How many.
    pub events: u64,
}

/// Counts events of rows that a filter wants, by kind, domains and stretches of time; the first so many
/// tallies.
pub async fn tally(
    sight: &Sight,
    filter: &Filter,
    range: TimeRange,
    stretch: Duration,
    tallies_max: usize,
) -> Result<Vec<Tally>> {
    let session = session(sight, filter.clone(), range)?;
    let start = start_of(stretch);
    let text = format!(
        "select s, kind, d, split_part(lower(trim(r, '<> ')), '@', 2) as rd, o, m, count(*) as n from \
         (select {start} as s, kind, coalesce(account_domain, '') as d, \
         cast(lower(coalesce(mail_from, '')) = account as bigint) as o, \
         cast(coalesce(agent, '') = 'smtp' as bigint) as m, \
         unnest(string_to_array(coalesce(nullif(rcpt_to, ''), '-'), ',')) as r from events) \
         group by s, kind, d, rd, o, m order by s, kind, d, rd limit {tallies_max}"
    );
    let mut tallies = Vec::new();
    for batch in session.sql(&text).await?.collect().await? {
        let (at, events) = (number_column(&batch, 0)?, number_column(&batch, 6)?);
        let (goes_out, by_smtp) = (number_column(&batch, 4)?, number_column(&batch, 5)?);
        let [kind, account, rcpt] = [1, 2, 3].map(|it| text_column(&batch, it));
        let (kind, account, rcpt) = (kind?, account?, rcpt?);
        tallies.extend((0..batch.num_rows()).map(|row| Tally {
            at: at[row],
            kind: kind[row].clone().unwrap_or_default(),
            account_domain: account[row].clone().unwrap_or_default(),
            rcpt_domain: rcpt[row].clone().unwrap_or_default(),
            goes_out: goes_out[row] != 0,
            by_smtp: by_smtp[row] != 0,
            events: events[row].unsigned_abs(),
        }));
    }
    Ok(tallies)
}

/// In SQL the beginning of the stretch that `at` is in, microseconds.
fn start_of(stretch: Duration) -> String {
    let micros = i64::try_from(stretch.as_micros())
        .unwrap_or(i64::MAX)
        .max(1);
    format!("cast(at as bigint) - ((cast(at as bigint) % {micros}) + {micros}) % {micros}")
}

/// Rows that have a value in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The value; `None` stands for rows that have none.
    pub value: Option<String>,
    /// Rows.
    pub rows: u64,
    /// How many different values of the other column they have; 0 where none was asked for.
    pub different: u64,
}

/// Counts rows that a filter wants by a column, or all together, and how many different values of another
/// column they have; the largest so many groups, by these where they are counted.
pub async fn groups(
    sight: &Sight,
    (filter, range): (&Filter, TimeRange),
    by: Option<Column>,
    different: Option<Column>,
    groups_max: usize,
) -> Result<Vec<Group>> {
    let session = session(sight, filter.clone(), range)?;
    let value = by.map_or("null".to_owned(), |it| format!("\"{}\"", it.name()));
    let other = different.map_or("0".to_owned(), |it| {
        format!("count(distinct \"{}\")", it.name())
    });
    let text = format!(
        "select cast({value} as varchar) as v, count(*) as n, {other} as d from events \
         group by v order by d desc, n desc, v limit {groups_max}"
    );
    let mut groups = Vec::new();
    for batch in session.sql(&text).await?.collect().await? {
        let values = text_column(&batch, 0)?;
        let (rows, different) = (number_column(&batch, 1)?, number_column(&batch, 2)?);
        let numbers = rows.into_iter().zip(different);
        groups.extend(
            values
                .into_iter()
                .zip(numbers)
                .map(|(value, (rows, different))| Group {
                    value,
                    rows: rows.unsigned_abs(),
                    different: different.unsigned_abs(),
                }),
        );
    }
    Ok(groups)
}

fn session(sight: &Sight, filter: Filter, range: TimeRange) -> Result<SessionContext> {
    let session = session_of(SessionConfig::new().with_information_schema(true))?;
    let events = Events::new(sight.clone(), filter, range)?;
    session.register_table("events", Arc::new(events))?;
    Ok(session)
}

/// A session for one question.
pub(crate) fn session_of(config: SessionConfig) -> Result<SessionContext> {
    let runtime = RuntimeEnvBuilder::new().with_memory_limit(MEMORY_BYTES_MAX, 1.0);
    let runtime = runtime.build_arc()?;
    Ok(SessionContext::new_with_config_rt(config, runtime))
}

/// Lets nothing be changed.
pub(crate) fn reading() -> SQLOptions {
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
}

/// Answers a question in SQL over the table `events`; only reading is allowed.
pub async fn sql(sight: &Sight, text: &str, time_max: Duration) -> Result<Table> {
    nesting::look(text)?;
    let session = session(sight, Filter::All, TimeRange::ALL)?;
    let answer = async {
        let frame = session.sql_with_options(text, reading()).await?;
        let schema = Arc::clone(frame.schema().inner());
        let batches = frame.collect().await?;
        Ok(Table { schema, batches })
    };
    match tokio::time::timeout(time_max, answer).await {
        Ok(answer) => answer,
        Err(_) => Err(Error::TooLong(time_max)),
    }
}

/// The most frequent values of a column among the rows that a filter wants.
pub async fn facet(
    sight: &Sight,
    filter: &Filter,
    range: TimeRange,
    column: Column,
    values_max: usize,
) -> Result<Vec<Facet>> {
    if column.is_of_words() {
        return facet_of_words(sight, (filter, range), column, values_max).await;
    }
    let name = column.name();
    let session = session(sight, filter.clone(), range)?;
    let text = format!(
        "select cast(\"{name}\" as varchar) as v, count(*) as n from events \
         group by v order by n desc, v limit {values_max}"
    );
    let mut facets = Vec::new();
    for batch in session.sql(&text).await?.collect().await? {
        let values = text_column(&batch, 0)?;
        let rows = number_column(&batch, 1)?;
        facets.extend(values.into_iter().zip(rows).map(|(value, rows)| Facet {
            value,
            rows: rows.max(0) as u64,
        }));
    }
    Ok(facets)
}

/// Words are few: they are counted by their numbers, block by block.
async fn facet_of_words(
    sight: &Sight,
    (filter, range): (&Filter, TimeRange),
    column: Column,
    values_max: usize,
) -> Result<Vec<Facet>> {
    let mut columns = match (filter, range) {
        (Filter::All, TimeRange::ALL) => Vec::new(),
        _ => columns_of(filter),
    };
    if !columns.contains(&column) {
        columns.push(column);
    }
    let mut counts: HashMap<Option<String>, u64> = HashMap::new();
    blocks::each(sight, (filter, range), &columns, |block| {
        let view = &block.view;
        let rows = wanted_rows(view, filter, range);
        view.count(column, rows.into_iter(), |word, rows| {
            let word = word.map(str::to_owned);
            *counts.entry(word).or_default() += rows;
        });
    })
    .await?;
    let mut facets: Vec<Facet> = counts
        .into_iter()
        .map(|(value, rows)| Facet { value, rows })
        .collect();
    // As SQL has it: those without a value last.
    let order = |it: &Facet| (Reverse(it.rows), it.value.is_none(), it.value.clone());
    facets.sort_by_cached_key(order);
    facets.truncate(values_max);
    Ok(facets)
}

/// Rows that a filter wants for each stretch of time; stretches without rows are left out.
pub async fn histogram(
    sight: &Sight,
    filter: &Filter,
    range: TimeRange,
    stretch: Duration,
) -> Result<Vec<Bar>> {
    let session = session(sight, filter.clone(), range)?;
    let start = start_of(stretch);
    let text =
        format!("select s, count(*) from (select {start} as s from events) group by s order by s");
    let mut bars = Vec::new();
    for batch in session.sql(&text).await?.collect().await? {
        let (starts, rows) = (number_column(&batch, 0)?, number_column(&batch, 1)?);
        bars.extend(starts.into_iter().zip(rows).map(|(at, rows)| Bar {
            at,
            rows: rows.max(0) as u64,
        }));
    }
    Ok(bars)
}

fn text_column(batch: &RecordBatch, at: usize) -> Result<Vec<Option<String>>> {
    use datafusion::arrow::array::AsArray;
    use datafusion::arrow::datatypes::DataType;
    let texts = datafusion::arrow::compute::cast(batch.column(at), &DataType::Utf8)
        .map_err(DataFusionError::from)?;
    Ok(texts
        .as_string::<i32>()
        .iter()
        .map(|it| it.map(str::to_owned))
        .collect())
}

fn number_column(batch: &RecordBatch, at: usize) -> Result<Vec<i64>> {
    use datafusion::arrow::array::AsArray;
    use datafusion::arrow::datatypes::{DataType, Int64Type};
    let numbers = datafusion::arrow::compute::cast(batch.column(at), &DataType::Int64)
        .map_err(DataFusionError::from)?;
    Ok(numbers
        .as_primitive::<Int64Type>()
        .iter()
        .map(Option::unwrap_or_default)
        .collect())
}
