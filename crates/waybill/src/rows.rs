//! `waybill search` and `waybill history`: rows of the archive.

use crate::Ended;
use crate::args::{History, NOTE, RowFormat, Rows, Search as Command};
use crate::asker::Asker;
use crate::coverage;
use crate::shown::{line_style, second, visible};
use anstyle::{AnsiColor, Style};
use jiff::tz::TimeZone;
use query::{Found, Lines, Page, Sight};
use search::{Cursor, Field, Order};
use std::io::Write;
use store::Column;

pub(crate) fn run(command: &Command, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    match command.fields {
        true => fields(asker.out),
        false => answer(&command.query.join(" "), &command.rows, asker),
    }
}

/// All rows that name an address or user.
pub(crate) fn history(command: &History, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let text = format!("any:\"{}\"", command.address.replace(['"', '\\'], ""));
    answer(&text, &command.rows, asker)
}

fn answer(text: &str, rows: &Rows, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let (mut search, zone) = asker.question(text, &rows.when)?;
    search.limit = rows.limit;
    if rows.oldest {
        search.order = Order::Oldest;
    }
    if let Some(cursor) = &rows.after {
        search.after = Some(cursor.parse::<Cursor>()?);
    }
    let sight = asker.sight(&rows.when.data)?;
    let page = sight.wait(query::search(&sight, &search))?;
    match rows.format {
        RowFormat::Parquet => parquet(&sight, &page, asker)?,
        _ => {
            show(&sight, &page, rows, &zone, asker.out)?;
            tell(&page, asker.notes)?;
        }
    }
    coverage::tell(&sight, search.range, &zone, asker)?;
    Ok(Ended::by(page.rows.is_empty()))
}

fn show(
    sight: &Sight,
    page: &Page,
    rows: &Rows,
    zone: &TimeZone,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    if rows.format == RowFormat::Csv {
        writeln!(out, "{}", query::csv_names())?;
    }
    for row in &page.rows {
        match rows.format {
            RowFormat::Table | RowFormat::Parquet => {
                show_row(sight, row, rows.lines, zone, out)?;
            }
            RowFormat::Json => show_json(sight, row, rows.lines, out)?,
            RowFormat::Csv => {
                query::csv_row(row, out)?;
                writeln!(out)?;
            }
        }
    }
    Ok(())
}

/// A row for people, with its original lines if they are wanted.
pub(crate) fn show_row(
    sight: &Sight,
    row: &Found,
    lines: bool,
    zone: &TimeZone,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    table_row(row, zone, out)?;
    if lines {
        for (_, line) in sight.wait(row.lines())? {
            show_line(&line, "    ", out)?;
        }
    }
    Ok(())
}

/// An original line for people.
pub(crate) fn show_line(line: &[u8], before: &str, out: &mut dyn Write) -> anyhow::Result<()> {
    let style = line_style(line);
    let text = String::from_utf8_lossy(line);
    Ok(writeln!(out, "{before}{style}{}{style:#}", visible(&text))?)
}

/// What was looked at in vain, or how to go on.
fn tell(page: &Page, notes: &mut dyn Write) -> std::io::Result<()> {
    let looked = page.looked;
    match (page.rows.is_empty(), page.next) {
        (true, _) => writeln!(
            notes,
            "{NOTE}nothing found{NOTE:#} in {} files, {} of {} blocks read",
            looked.files, looked.read, looked.blocks
        ),
        (false, Some(next)) => writeln!(
            notes,
            "{NOTE}note:{NOTE:#} there is more: `--after {next}` or a larger `--limit`"
        ),
        (false, None) => Ok(()),
    }
}

/// Rows as a file.
fn parquet(sight: &Sight, page: &Page, asker: &mut Asker<'_>) -> anyhow::Result<()> {
    asker.wants_bytes()?;
    let mut file = query::ParquetRows::new(Vec::new())?;
    for row in &page.rows {
        file.row(row, &sight.wait(row.lines())?)?;
    }
    Ok(asker.out.write_all(&file.finish()?)?)
}

fn colour(kind: &str) -> Style {
    let colour = match kind {
        "delivery.delivered" | "delivery.relayed" | "auth.succeeded" => AnsiColor::Green,
        "delivery.deferred" | "message.held" | "quarantine.stored" => AnsiColor::Yellow,
        kind if kind.ends_with("rejected") || kind.ends_with("failed") => AnsiColor::Red,
        "delivery.bounced" | "delivery.expired" => AnsiColor::Red,
        _ => return Style::new(),
    };
    colour.on_default()
}

fn table_row(row: &Found, zone: &TimeZone, out: &mut dyn Write) -> anyhow::Result<()> {
    let kind = row.text(Column::Kind).unwrap_or_default();
    let colour = colour(kind);
    let host = row.text(Column::Host).unwrap_or_default();
    write!(
        out,
        "{}  {colour}{kind:<20}{colour:#}  {host:<8}",
        second(row.at(), zone)
    )?;
    let mail_from = row.text(Column::MailFrom);
    let rcpt_to = row.text(Column::RcptTo);
    match (mail_from, rcpt_to) {
        (Some(from), Some(to)) => write!(out, "  <{}> -> <{}>", visible(from), visible(to))?,
        (Some(from), None) => write!(out, "  <{}>", visible(from))?,
        (None, Some(to)) => write!(out, "  -> <{}>", visible(to))?,
        (None, None) => {}
    }
    for column in [
        Column::User,
        Column::ClientAddress,
        Column::QueueId,
        Column::Mailbox,
    ] {
        if let Some(text) = row.text(column).filter(|text| !text.is_empty()) {
            write!(out, "  {}", visible(text))?;
        }
    }
    if let Some(text) = row.reply().filter(|text| !text.is_empty()) {
        let dim = Style::new().dimmed();
        write!(out, "  {dim}{}{dim:#}", visible(&text))?;
    }
    Ok(writeln!(out)?)
}

/// A row for programs.
pub(crate) fn show_json(
    sight: &Sight,
    row: &Found,
    lines: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut object = row.json();
    if lines {
        let lines = sight.wait(row.lines())?;
        object.insert("original_lines".to_owned(), json_lines(&lines));
    }
    Ok(writeln!(out, "{}", serde_json::Value::Object(object))?)
}

/// Lines as texts; what is not UTF-8 is replaced.
pub(crate) fn json_lines(lines: &Lines) -> serde_json::Value {
    let text = |(_, line): &(i64, Vec<u8>)| String::from_utf8_lossy(line).into_owned();
    lines.iter().map(text).collect()
}

/// The fields, their other names, what they mean.
fn fields(out: &mut dyn Write) -> anyhow::Result<Ended> {
    for &field in Field::ALL {
        let names: Vec<_> = field.names().collect();
        writeln!(out, "{:<34} {}", names.join(", "), field.doc())?;
        writeln!(out, "{:<34} {}", "", field.example())?;
    }
    Ok(Ended::Answered)
}
