//! Questions in SQL over what the asker may see.

use crate::Api;
use crate::ask::answered;
use crate::asker::Asker;
use crate::input::Body;
use crate::limits::{QUERY_BYTES_MAX, QUESTION_MAX};
use crate::problem::{Problem, Result};
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use query::Sight;
use serde::Deserialize;
use tenancy::Action;
use utoipa::ToSchema;

/// A question.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Sql {
    /// One statement that reads the table `events`.
    #[schema(example = "select kind, count(*) from events group by kind")]
    query: String,
    /// `json` (an object a line) or `csv`.
    #[serde(default)]
    format: Format,
}

#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Csv,
}

/// A question in SQL
#[utoipa::path(post, path = "/sql", tag = "questions", request_body = Sql, responses(
    (status = 200, content((String = "application/x-ndjson"), (String = "text/csv"))),
    (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(crate) async fn sql(
    State(api): State<Api>,
    asker: Asker,
    Body(sql): Body<Sql>,
) -> Result<impl IntoResponse> {
    if sql.query.len() > QUERY_BYTES_MAX {
        return Err(Problem::wrong("`query` is too long"));
    }
    let sight = asker.sight(&api, Action::Sql, &sql.query).await?;
    let ask = move |sight: Sight| async move {
        let table = query::sql(&sight, &sql.query, QUESTION_MAX).await;
        let table = table.map_err(|error| match error {
            query::Error::Engine(error) => {
                Problem::wrong(format!("`query`: {}", error.strip_backtrace()))
            }
            other => other.into(),
        })?;
        Ok(match sql.format {
            Format::Json => ("application/x-ndjson", table.ndjson()?),
            Format::Csv => ("text/csv; charset=utf-8", table.csv()?),
        })
    };
    let (kind, bytes) = answered(&api, sight, ask).await?;
    Ok(([(header::CONTENT_TYPE, kind)], bytes))
}
