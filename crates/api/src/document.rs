//! Rows as documents.

use crate::Api;
use crate::problem::Result;
use query::{Column, Found};
use search::Cursor;
use serde_json::{Map, Value};

/// What is known of `client_address` beside what is stored.
pub(crate) const CLIENT_COUNTRY: &str = "client_country";

/// A row as a document; its id names it for ever.
pub(crate) async fn document(api: &Api, row: &Found, lines: bool) -> Result<Map<String, Value>> {
    let mut object = row.json();
    object.insert("id".to_owned(), id(row).to_string().into());
    let address = row.text(Column::ClientAddress);
    if let Some(country) = address.and_then(|it| api.daemon.country(it)) {
        object.insert(CLIENT_COUNTRY.to_owned(), country.into());
    }
    if lines {
        let text = |(_, line): (i64, Vec<u8>)| String::from_utf8_lossy(&line).into_owned();
        let lines = row.lines().await?.into_iter().map(text).collect();
        object.insert("original_lines".to_owned(), lines);
    }
    Ok(object)
}

/// What names a row: also the place where those behind it begin.
pub(crate) fn id(row: &Found) -> Cursor {
    Cursor {
        moment: row.at(),
        row: row.id,
    }
}
