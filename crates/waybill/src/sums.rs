//! `waybill facets`, `waybill histogram`, `waybill sql`: sums over the archive.

use crate::Ended;
use crate::args::{Facets, Histogram, RowFormat, Sql};
use crate::asker::Asker;
use crate::coverage;
use crate::shown::{instant, minute, visible};
use anyhow::Context;
use jiff::{SpanRelativeTo, Unit};
use std::time::Duration;
use store::Column;

/// Columns of the widest bar of a histogram.
const BAR_WIDTH: u64 = 50;

pub(crate) fn facets(command: &Facets, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let asked = &command.asked;
    let (search, zone) = asker.question(&asked.query.join(" "), &asked.when)?;
    let sight = asker.sight(&asked.when.data)?;
    let out = &mut *asker.out;
    let mut is_empty = true;
    let mut told = serde_json::Map::new();
    for name in &command.by {
        let column = Column::named(name).with_context(|| {
            let names: Vec<_> = Column::ALL.iter().map(|column| column.name()).collect();
            format!("no column `{name}`; there are {}", names.join(", "))
        })?;
        let facet = query::facet(&sight, &search.filter, search.range, column, command.limit);
        let facets = sight.wait(facet)?;
        is_empty &= facets.is_empty();
        if asked.json {
            let values = facets
                .iter()
                .map(|it| serde_json::json!([it.value, it.rows]));
            told.insert(name.clone(), values.collect());
            continue;
        }
        writeln!(out, "{name}")?;
        for facet in facets {
            let value = facet.value.as_deref().map_or("(none)".into(), visible);
            writeln!(out, "{:>12}  {value}", facet.rows)?;
        }
    }
    if asked.json {
        writeln!(out, "{}", serde_json::Value::Object(told))?;
    }
    coverage::tell(&sight, search.range, &zone, asker)?;
    Ok(Ended::by(is_empty))
}

pub(crate) fn histogram(command: &Histogram, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let asked = &command.asked;
    let (search, zone) = asker.question(&asked.query.join(" "), &asked.when)?;
    let sight = asker.sight(&asked.when.data)?;
    let every = length(&command.every)?;
    let bars = query::histogram(&sight, &search.filter, search.range, every);
    let bars = sight.wait(bars)?;
    let most = bars.iter().map(|bar| bar.rows).max().unwrap_or(0);
    let out = &mut *asker.out;
    for bar in &bars {
        if asked.json {
            let object = serde_json::json!({"at": instant(bar.at), "rows": bar.rows});
            writeln!(out, "{object}")?;
            continue;
        }
        let width = (bar.rows * BAR_WIDTH).div_ceil(most.max(1)) as usize;
        writeln!(
            out,
            "{}  {:>10}  {}",
            minute(bar.at, &zone),
            bar.rows,
            "█".repeat(width)
        )?;
    }
    coverage::tell(&sight, search.range, &zone, asker)?;
    Ok(Ended::by(bars.is_empty()))
}

/// `1h`, `10 minutes`, `1d`.
fn length(text: &str) -> anyhow::Result<Duration> {
    let hint = || format!("`--every {text}`: a length such as `10m`, `1h` or `1d`");
    let span: jiff::Span = text.parse().with_context(hint)?;
    let seconds = span.total((Unit::Second, SpanRelativeTo::days_are_24_hours()))?;
    anyhow::ensure!(seconds > 0.0, hint());
    Ok(Duration::from_secs_f64(seconds))
}

pub(crate) fn sql(command: &Sql, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let sight = asker.sight(&command.data)?;
    let time_max = Duration::from_secs(command.timeout);
    let table = sight.wait(query::sql(&sight, &command.query, time_max))?;
    match command.format {
        RowFormat::Table => writeln!(asker.out, "{}", table.drawn()?)?,
        RowFormat::Json => asker.out.write_all(&table.ndjson()?)?,
        RowFormat::Csv => asker.out.write_all(&table.csv()?)?,
        RowFormat::Parquet => {
            asker.wants_bytes()?;
            asker.out.write_all(&table.parquet()?)?;
            return Ok(Ended::Answered);
        }
    }
    let is_empty = table.batches.iter().all(|batch| batch.num_rows() == 0);
    Ok(Ended::by(is_empty))
}
