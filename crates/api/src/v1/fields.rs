//! What can be asked for: for help, and for completing what is typed.

use crate::asker::Asker;
use axum::Json;
use query::{Column, Kind};
use search::Field;
use serde::Serialize;
use utoipa::ToSchema;

/// The words of questions.
#[derive(Serialize, ToSchema)]
pub(crate) struct Words {
    /// Fields of conditions.
    fields: Vec<FieldWords>,
    /// Kinds of rows.
    kinds: Vec<&'static str>,
    /// Columns of rows.
    columns: Vec<ColumnWords>,
}

/// A field of conditions.
#[derive(Serialize, ToSchema)]
pub(crate) struct FieldWords {
    /// The first is the usual one.
    names: Vec<&'static str>,
    doc: &'static str,
    example: &'static str,
}

/// A column of rows.
#[derive(Serialize, ToSchema)]
pub(crate) struct ColumnWords {
    name: &'static str,
    doc: &'static str,
}

/// Fields, kinds and columns
#[utoipa::path(get, path = "/fields", tag = "questions", responses((status = 200, body = Words)))]
pub(crate) async fn fields(_: Asker) -> Json<Words> {
    let fields = Field::ALL.iter().map(|field| FieldWords {
        names: field.names().collect(),
        doc: field.doc(),
        example: field.example(),
    });
    let columns = Column::ALL.iter().map(|column| ColumnWords {
        name: column.name(),
        doc: column.doc(),
    });
    Json(Words {
        fields: fields.collect(),
        kinds: Kind::ALL.iter().map(|kind| kind.name()).collect(),
        columns: columns.collect(),
    })
}
