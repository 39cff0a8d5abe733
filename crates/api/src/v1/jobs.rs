//! Long exports: asked for, looked at, fetched.

use crate::Api;
use crate::ask::Question;
use crate::asker::Asker;
use crate::input::{Body, Path};
use crate::problem::{Problem, Result};
use ::jobs::{Format, file_name};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tenancy::{JobId, NewJob};
use tower_http::services::ServeFile;
use utoipa::ToSchema;

/// Characters of a question that is a name, too.
const NAME_CHARS: usize = 60;

/// An export that is wanted.
#[derive(Deserialize, ToSchema)]
pub(crate) struct JobDetails {
    /// For people, and in the file's name; the question where it is empty.
    #[serde(default)]
    name: String,
    /// Conditions, as of `/api/v1/rows`.
    #[serde(default)]
    q: String,
    /// Of which time: `last 30 days`; all where it is absent.
    #[serde(default)]
    range: Option<String>,
    /// Zone of times in the question: `Europe/Rome`. UTC where there is none.
    #[serde(default)]
    zone: Option<String>,
    #[serde(default)]
    #[schema(inline)]
    format: FormatParam,
    /// Whether rows come with their original lines.
    #[serde(default)]
    lines: bool,
}

/// `ndjson`: one object a line, as of `/api/v1/rows`; `csv`, with a head line; `parquet`.
#[derive(Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum FormatParam {
    #[default]
    Ndjson,
    Csv,
    Parquet,
}

impl From<FormatParam> for Format {
    fn from(it: FormatParam) -> Self {
        match it {
            FormatParam::Ndjson => Format::Ndjson,
            FormatParam::Csv => Format::Csv,
            FormatParam::Parquet => Format::Parquet,
        }
    }
}

/// An export.
#[derive(Serialize, ToSchema)]
pub(crate) struct Job {
    id: i64,
    name: String,
    q: String,
    range: String,
    zone: String,
    /// `ndjson`, `csv`, `parquet`.
    format: String,
    lines: bool,
    /// Login of whoever asked for it, or name of the key.
    user: String,
    /// Whether it is the asker's, who alone may fetch the file.
    is_own: bool,
    /// `waiting`, `running`, `done`, `failed`, `cancelled`.
    state: &'static str,
    /// Rows that are written.
    rows: u64,
    /// Rows that it will have, as they were counted at its begin; absent where that would have taken long.
    rows_in_all: Option<u64>,
    /// Bytes that are written.
    bytes: u64,
    /// How much of its time is done, from 0 to 1.
    done: f64,
    created: String,
    began: Option<String>,
    ended: Option<String>,
    /// When it goes, with its file.
    kept_until: Option<String>,
    /// Of the file that is complete, in hexadecimal digits.
    sha256: Option<String>,
    /// What the file is called.
    file_name: String,
    /// Why it failed.
    failure: Option<String>,
}

fn document(asker: &Asker, it: tenancy::Job) -> Job {
    let time = |it: Option<jiff::Timestamp>| it.map(|it| it.to_string());
    Job {
        id: it.id.0,
        is_own: it.is_of(&asker.0),
        file_name: file_name(&it),
        state: it.state.as_str(),
        rows: it.written.rows,
        rows_in_all: it.rows_in_all,
        bytes: it.written.bytes,
        done: f64::from(it.permille) / 1_000.0,
        created: it.created.to_string(),
        began: time(it.began),
        ended: time(it.ended),
        kept_until: time(it.expires),
        sha256: it.hash,
        failure: it.failure,
        user: it.owner,
        name: it.wanted.name,
        q: it.wanted.question,
        range: it.wanted.range,
        zone: it.wanted.zone,
        format: it.wanted.format,
        lines: it.wanted.with_lines,
    }
}

/// The beginning of a question, as a name.
fn name_of(question: &str) -> String {
    let shown = question.chars().filter(|it| !it.is_control());
    let name: String = shown.take(NAME_CHARS).collect();
    match name.trim() {
        "" => "all".to_owned(),
        name => name.to_owned(),
    }
}

/// Exports: one's own; of those who run the system, everybody's
#[utoipa::path(get, path = "/jobs", tag = "questions", responses(
    (status = 200, body = Vec<Job>), (status = "4XX", body = Problem)))]
pub(crate) async fn jobs(State(api): State<Api>, asker: Asker) -> Result<Json<Vec<Job>>> {
    let jobs = api
        .tenancy
        .jobs(&asker.0, api.jobs.archive())
        .await?
        .into_iter();
    Ok(Json(jobs.map(|it| document(&asker, it)).collect()))
}

/// Ask for an export: all rows of a question, in a file
#[utoipa::path(post, path = "/jobs", tag = "questions", request_body = JobDetails, responses(
    (status = 202, body = Job), (status = "4XX", body = Problem)))]
pub(crate) async fn add_job(
    State(api): State<Api>,
    asker: Asker,
    Body(body): Body<JobDetails>,
) -> Result<Response> {
    let question = Question {
        q: body.q,
        range: body.range,
        zone: body.zone,
    };
    question.search(&api)?;
    let bytes = api
        .jobs
        .bytes()
        .map_err(|error| Problem::internal(&error))?;
    if bytes >= api.jobs.bytes_max() {
        let full = "all exports together take all the room that they may";
        let problem = Problem::new(StatusCode::CONFLICT, full);
        return Err(problem.hint("remove some, or wait until some have expired"));
    }
    let name = match body.name.trim() {
        "" => name_of(&question.q),
        name => name.to_owned(),
    };
    let new = NewJob {
        archive: api.jobs.archive().to_owned(),
        name,
        question: question.q,
        range: question.range.unwrap_or_default(),
        zone: question.zone.unwrap_or_default(),
        format: Format::from(body.format).as_str().to_owned(),
        with_lines: body.lines,
    };
    let id = api.tenancy.add_job(&asker.0, &new).await?;
    api.jobs.changed();
    let job = api.tenancy.job(&asker.0, id).await?;
    let location = [(header::LOCATION, format!("/api/v1/jobs/{id}"))];
    let job = Json(document(&asker, job));
    Ok((StatusCode::ACCEPTED, location, job).into_response())
}

/// An export, and how far it is
#[utoipa::path(get, path = "/jobs/{id}", tag = "questions", params(("id" = i64, Path)), responses(
    (status = 200, body = Job), (status = "4XX", body = Problem)))]
pub(crate) async fn job(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<Json<Job>> {
    let job = api.tenancy.job(&asker.0, JobId(id)).await?;
    Ok(Json(document(&asker, job)))
}

/// Cancel an export that is not complete; remove one that has ended
#[utoipa::path(delete, path = "/jobs/{id}", tag = "questions", params(("id" = i64, Path)), responses(
    (status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove_job(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    let expires = api.jobs.expires(asker.0.now);
    api.tenancy.remove_job(&asker.0, JobId(id), expires).await?;
    api.jobs.changed();
    Ok(StatusCode::NO_CONTENT)
}

/// The file of an export that is complete
///
/// `Range` gives a part of it, to go on where a download ended. It is only for who asked for the export, as long as
/// all that is in it may be seen.
#[utoipa::path(get, path = "/jobs/{id}/file", tag = "questions", params(("id" = i64, Path)), responses(
    (status = 200, content((String = "application/x-ndjson"), (String = "text/csv"),
        (String = "application/vnd.apache.parquet"))),
    (status = 206, content((String = "application/x-ndjson"), (String = "text/csv"),
        (String = "application/vnd.apache.parquet"))),
    (status = "4XX", body = Problem)))]
pub(crate) async fn job_file(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Response> {
    let job = api.tenancy.job_to_fetch(&asker.0, JobId(id)).await?;
    let served = ServeFile::new(api.jobs.path(&job)).try_call(request).await;
    let mut response = served
        .map_err(|error| Problem::internal(&error))?
        .map(axum::body::Body::new);
    if response.status() == StatusCode::NOT_FOUND {
        let gone = "the file is not there any more";
        return Err(Problem::new(StatusCode::GONE, gone).hint("ask for it anew"));
    }
    if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
        let length = response.headers_mut().remove(header::CONTENT_RANGE);
        let behind = "`Range` is behind the end of the file";
        let problem = Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, behind);
        let mut response = problem.into_response();
        if let Some(length) = length {
            response.headers_mut().insert(header::CONTENT_RANGE, length);
        }
        return Ok(response);
    }
    if response.status().is_success() {
        let kind = Format::parse(&job.wanted.format).map_or("", Format::media_type);
        let name = format!("attachment; filename=\"{}\"", file_name(&job));
        // Names are ASCII without quotes.
        if let Ok(name) = HeaderValue::from_str(&name) {
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_DISPOSITION, name);
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
    }
    Ok(response)
}
