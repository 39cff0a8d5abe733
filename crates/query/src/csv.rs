//! Rows as CSV (RFC 4180), harmless to a spreadsheet.

use crate::Found;
use std::borrow::Cow;
use std::io::Write;
use store::{Column, Type};

/// A text as a field; what a spreadsheet would take for a formula begins with an apostrophe.
pub fn csv_field(text: &str) -> String {
    let guarded = match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    if guarded.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", guarded.replace('"', "\"\""));
    }
    guarded
}

/// The names of all columns, without the end of the line.
pub fn csv_names() -> String {
    let names = Column::ALL.iter().map(|column| column.name());
    names.collect::<Vec<_>>().join(",")
}

/// All columns of a row, without the end of the line.
pub fn csv_row(row: &Found, out: &mut (impl Write + ?Sized)) -> std::io::Result<()> {
    for (at, &column) in Column::ALL.iter().enumerate() {
        if at > 0 {
            write!(out, ",")?;
        }
        match column.holds() {
            Type::Text => write!(out, "{}", csv_field(&text(row, column).unwrap_or_default()))?,
            Type::Float => row.float(column).map_or(Ok(()), |it| write!(out, "{it}"))?,
            Type::Flag => row.flag(column).map_or(Ok(()), |it| write!(out, "{it}"))?,
            Type::Number => row
                .number(column)
                .map_or(Ok(()), |it| write!(out, "{it}"))?,
            Type::Time => {
                let at = row.number(column);
                let at = at.and_then(|it| jiff::Timestamp::from_microsecond(it).ok());
                at.map_or(Ok(()), |it| write!(out, "{it}"))?;
            }
        }
    }
    Ok(())
}

/// The text of a column; the reply as it was written.
fn text(row: &Found, column: Column) -> Option<Cow<'_, str>> {
    match column {
        Column::Text => row.reply(),
        _ => row.text(column).map(Cow::Borrowed),
    }
}
