//! Rows: pages of them, and one by its id.

use crate::Api;
use crate::ask::{Question, answered};
use crate::asker::Asker;
use crate::document::document;
use crate::input::{Params, Path};
use crate::problem::{Problem, Result};
use axum::Json;
use axum::extract::State;
use query::Sight;
use search::{Cursor, Filter, Order, Search, TimeRange};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenancy::Action;
use utoipa::{IntoParams, ToSchema};

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct PageParams {
    /// `newest` first, or `oldest`.
    #[param(inline)]
    order: OrderParam,
    /// Rows at the most, 1 to 10,000.
    #[param(minimum = 1, maximum = 10_000)]
    limit: usize,
    /// `next` of the page before.
    after: Option<String>,
    /// Whether rows come with their original lines.
    lines: bool,
}

impl Default for PageParams {
    fn default() -> Self {
        PageParams {
            order: OrderParam::Newest,
            limit: search::limits::ROWS_DEFAULT,
            after: None,
            lines: false,
        }
    }
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum OrderParam {
    Newest,
    Oldest,
}

/// Rows of a page.
#[derive(Serialize, ToSchema)]
pub(crate) struct Rows {
    /// Each with the columns that it has, and `id`.
    #[schema(value_type = Vec<crate::openapi::Row>)]
    rows: Vec<Map<String, Value>>,
    /// `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Rows that a question wants
#[utoipa::path(get, path = "/rows", tag = "questions", params(Question, PageParams), responses(
    (status = 200, body = Rows), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(crate) async fn rows(
    State(api): State<Api>,
    asker: Asker,
    Params(question): Params<Question>,
    Params(page): Params<PageParams>,
) -> Result<Json<Rows>> {
    let mut search = question.search(&api)?;
    if !(1..=search::limits::ROWS_MAX).contains(&page.limit) {
        return Err(Problem::wrong("`limit` is a number from 1 to 10,000"));
    }
    search.limit = page.limit;
    search.order = match page.order {
        OrderParam::Newest => Order::Newest,
        OrderParam::Oldest => Order::Oldest,
    };
    if let Some(after) = &page.after {
        let cursor = after.parse();
        search.after = Some(cursor.map_err(|_| Problem::wrong("`after` is no cursor"))?);
    }
    let sight = asker.sight(&api, Action::Search, &question.q).await?;
    let (lines, told) = (page.lines, api.clone());
    let ask = move |sight: Sight| async move {
        let page = query::search(&sight, &search).await?;
        let mut rows = Vec::with_capacity(page.rows.len());
        for row in &page.rows {
            rows.push(document(&told, row, lines).await?);
        }
        let next = page.next.map(|it| it.to_string());
        Ok(Rows { rows, next })
    };
    Ok(Json(answered(&api, sight, ask).await?))
}

/// A row with its original lines
#[utoipa::path(get, path = "/rows/{id}", tag = "questions",
    params(("id" = String, Path, description = "`id` of a row")), responses(
    (status = 200, body = crate::openapi::Row), (status = "4XX", body = Problem)))]
pub(crate) async fn row(
    State(api): State<Api>,
    asker: Asker,
    Path(wanted): Path<String>,
) -> Result<Json<Map<String, Value>>> {
    let wanted: Cursor = wanted.parse().map_err(|_| Problem::absent("row"))?;
    let sight = asker
        .sight(&api, Action::Search, &wanted.to_string())
        .await?;
    let told = api.clone();
    let ask = move |sight: Sight| async move {
        let moment = Search {
            filter: Filter::All,
            range: TimeRange {
                from: wanted.moment,
                until: wanted.moment.saturating_add(1),
            },
            limit: search::limits::ROWS_MAX,
            ..Search::default()
        };
        let page = query::search(&sight, &moment).await?;
        match page.rows.iter().find(|row| row.id == wanted.row) {
            Some(row) => document(&told, row, true).await,
            None => Err(Problem::absent("row")),
        }
    };
    Ok(Json(answered(&api, sight, ask).await?))
}
