//! `waybill facets`, `waybill histogram`, `waybill sql`: sums over the archive.

use crate::Ended;
use crate::args::{Asked, Facets, Histogram, RowFormat, Sql};
use crate::asked::question;
use crate::coverage;
use crate::input::zone;
use anyhow::Context;
use jiff::tz::TimeZone;
use jiff::{SpanRelativeTo, Unit};
use query::Table;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;
use store::{Archive, Column};

/// Columns of the widest bar of a histogram.
const BAR_WIDTH: u64 = 50;

fn open(asked: &Asked) -> anyhow::Result<(Arc<Archive>, search::Search, TimeZone)> {
    let zone = zone(asked.timezone.as_deref())?;
    let search = question(&asked.query.join(" "), asked.range.as_deref(), &zone)?;
    Ok((Arc::new(asked.data.open()?), search, zone))
}

pub(crate) fn facets(command: &Facets) -> anyhow::Result<Ended> {
    let (archive, search, zone) = open(&command.asked)?;
    let mut out = anstream::stdout().lock();
    let mut is_empty = true;
    let mut told = serde_json::Map::new();
    for name in &command.by {
        let column = Column::named(name).with_context(|| {
            let names: Vec<_> = Column::ALL.iter().map(|column| column.name()).collect();
            format!("no column `{name}`; there are {}", names.join(", "))
        })?;
        let facet = query::facet(
            &archive,
            &search.filter,
            search.range,
            column,
            command.limit,
        );
        let facets = archive.wait(facet)?;
        is_empty &= facets.is_empty();
        if command.asked.json {
            let values = facets
                .iter()
                .map(|it| serde_json::json!([it.value, it.rows]));
            told.insert(name.clone(), values.collect());
            continue;
        }
        writeln!(out, "{name}")?;
        for facet in facets {
            let value = facet
                .value
                .as_deref()
                .map_or("(none)".into(), crate::shown::visible);
            writeln!(out, "{:>12}  {value}", facet.rows)?;
        }
    }
    if command.asked.json {
        writeln!(out, "{}", serde_json::Value::Object(told))?;
    }
    coverage::tell(&archive, search.range, &zone)?;
    Ok(if is_empty {
        Ended::NothingFound
    } else {
        Ended::Answered
    })
}

pub(crate) fn histogram(command: &Histogram) -> anyhow::Result<Ended> {
    let (archive, search, zone) = open(&command.asked)?;
    let every = length(&command.every)?;
    let bars = query::histogram(&archive, &search.filter, search.range, every);
    let bars = archive.wait(bars)?;
    let most = bars.iter().map(|bar| bar.rows).max().unwrap_or(0);
    let mut out = anstream::stdout().lock();
    for bar in &bars {
        let at = jiff::Timestamp::from_microsecond(bar.at)?;
        if command.asked.json {
            writeln!(
                out,
                "{}",
                serde_json::json!({"at": at.to_string(), "rows": bar.rows})
            )?;
            continue;
        }
        let at = at.to_zoned(zone.clone());
        let width = (bar.rows * BAR_WIDTH).div_ceil(most.max(1)) as usize;
        writeln!(
            out,
            "{}  {:>10}  {}",
            at.strftime("%Y-%m-%d %H:%M"),
            bar.rows,
            "█".repeat(width)
        )?;
    }
    coverage::tell(&archive, search.range, &zone)?;
    Ok(if bars.is_empty() {
        Ended::NothingFound
    } else {
        Ended::Answered
    })
}

/// `1h`, `10 minutes`, `1d`.
fn length(text: &str) -> anyhow::Result<Duration> {
    let hint = || format!("`--every {text}`: a length such as `10m`, `1h` or `1d`");
    let span: jiff::Span = text.parse().with_context(hint)?;
    let seconds = span.total((Unit::Second, SpanRelativeTo::days_are_24_hours()))?;
    anyhow::ensure!(seconds > 0.0, hint());
    Ok(Duration::from_secs_f64(seconds))
}

pub(crate) fn sql(command: &Sql) -> anyhow::Result<Ended> {
    let archive = Arc::new(command.data.open()?);
    let time_max = Duration::from_secs(command.timeout);
    let table = archive.wait(query::sql(&archive, &command.query, time_max))?;
    if command.format == RowFormat::Parquet {
        let out = std::io::stdout();
        anyhow::ensure!(!out.is_terminal(), "{}", crate::rows::PARQUET_TO_TERMINAL);
        out.lock().write_all(&table.parquet()?)?;
        return Ok(Ended::Answered);
    }
    let mut out = anstream::stdout().lock();
    match command.format {
        RowFormat::Table | RowFormat::Parquet => writeln!(out, "{}", table.drawn()?)?,
        RowFormat::Json => out.write_all(&table.ndjson()?)?,
        RowFormat::Csv => out.write_all(&table.csv()?)?,
    }
    let is_empty = |table: &Table| table.batches.iter().all(|batch| batch.num_rows() == 0);
    Ok(if is_empty(&table) {
        Ended::NothingFound
    } else {
        Ended::Answered
    })
}
