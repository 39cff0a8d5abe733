//! Reports that are sent by mail on a schedule.

use crate::Api;
use crate::asker::Asker;
use crate::input::{Body, Params, Path};
use crate::problem::{Problem, Result};
use crate::v1::alerts::Last;
use crate::v1::webhooks::Of;
use ::schedules::Rule;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tenancy::{CustomerId, NewSchedule, Right, ScheduleId};
use utoipa::ToSchema;

/// What a browser may do with a report: draw it, by its own styles alone.
const CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                   frame-ancestors 'none'; sandbox allow-popups";

/// What is to be sent, and when.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ScheduleDetails {
    name: String,
    /// `day`, `week` or `month`.
    every: String,
    /// Of a week 1 (Monday) to 7, of a month 1 to 31, which is the last of a shorter one.
    #[serde(default)]
    day: Option<i64>,
    /// By the zone's clock, as `07:00`.
    time: String,
    /// As `Europe/Rome`.
    zone: String,
    /// `en` or `it`.
    language: String,
    /// One to ten addresses.
    receivers: Vec<String>,
    /// Whether it is not sent for now.
    #[serde(default)]
    is_disabled: bool,
}

/// A report on a schedule.
#[derive(Serialize, ToSchema)]
pub(crate) struct Schedule {
    id: i64,
    /// Number of the customer of whose mail it is; absent for that of the whole installation.
    customer: Option<i64>,
    name: String,
    every: String,
    day: Option<i64>,
    time: String,
    zone: String,
    language: String,
    receivers: Vec<String>,
    is_disabled: bool,
    created: String,
    /// When it is sent next; absent where it is not.
    next: Option<String>,
}

impl From<tenancy::Schedule> for Schedule {
    fn from(it: tenancy::Schedule) -> Self {
        let said = it.said;
        Schedule {
            id: it.id.0,
            customer: it.customer.map(|it| it.0),
            name: said.name,
            every: said.every,
            day: Some(said.day).filter(|it| *it != 0),
            time: format!("{:02}:{:02}", said.minute / 60, said.minute % 60),
            zone: said.zone,
            language: said.language,
            receivers: said.receivers,
            is_disabled: said.disabled,
            created: it.created.to_string(),
            next: (!said.disabled).then(|| said.next_due.to_string()),
        }
    }
}

/// A report that was to be sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScheduleRun {
    id: i64,
    /// When it was due.
    due: String,
    /// Whether somebody wanted it at once.
    is_by_hand: bool,
    /// How many before it were missed, as while Waybill did not run, and are not sent.
    missed: i64,
    /// Of which time it tells.
    from: String,
    until: String,
    /// When it was begun.
    began: String,
    /// When all was done; absent where something is still to be.
    ended: Option<String>,
    /// Why it could not be counted.
    trouble: Option<String>,
    mails: Vec<ScheduleMail>,
}

/// A report to somebody, and what came of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScheduleMail {
    receiver: String,
    /// `waiting`, `sent` or `failed`.
    state: String,
    /// How often it was begun to be sent.
    tries: i64,
    /// What the server said, or what went wrong.
    reply: Option<String>,
    /// When it was sent or given up.
    ended: Option<String>,
}

impl From<tenancy::ScheduleRun> for ScheduleRun {
    fn from(it: tenancy::ScheduleRun) -> Self {
        let mail = |it: tenancy::SentMail| ScheduleMail {
            receiver: it.receiver,
            state: it.state,
            tries: it.tries,
            reply: it.reply,
            ended: it.ended.map(|it| it.to_string()),
        };
        ScheduleRun {
            id: it.id.0,
            due: it.run.due.to_string(),
            is_by_hand: it.by_hand,
            missed: it.run.missed,
            from: it.run.from.to_string(),
            until: it.run.until.to_string(),
            began: it.began.to_string(),
            ended: it.ended.map(|it| it.to_string()),
            trouble: it.trouble,
            mails: it.mails.into_iter().map(mail).collect(),
        }
    }
}

/// A thing that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeSchedule {
    id: i64,
}

/// What is said, where it can be followed.
fn said(asker: &Asker, details: ScheduleDetails) -> Result<NewSchedule> {
    asker.needs(Right::ManageSchedules)?;
    let now = asker.0.now;
    let every_day = details.every == "day";
    let mut new = NewSchedule {
        name: details.name,
        every: details.every,
        day: details.day.filter(|_| !every_day).unwrap_or(0),
        minute: minute(&details.time).unwrap_or(-1),
        zone: details.zone,
        language: details.language,
        receivers: details.receivers,
        disabled: details.is_disabled,
        next_due: now,
    };
    let rule = rule(&new)?;
    new.next_due = rule.next(now).unwrap_or(Timestamp::MAX);
    Ok(new)
}

/// The minute of the day that `07:05` names.
fn minute(time: &str) -> Option<i64> {
    let (hour, minute) = time.split_once(':')?;
    let number = |text: &str, most| {
        let is_number = text.len() == 2 && text.bytes().all(|it| it.is_ascii_digit());
        text.parse().ok().filter(|it: &i64| is_number && *it < most)
    };
    Some(number(hour, 24)? * 60 + number(minute, 60)?)
}

fn rule(new: &NewSchedule) -> Result<Rule> {
    let wrong = |(key, why): (&str, String)| Problem::wrong(format!("`{key}`: {why}"));
    Rule::read(new).map_err(wrong)
}

/// Whose: the customer's who is named, else the asker's own, else that of the whole installation.
fn owner(asker: &Asker, of: &Of) -> Option<CustomerId> {
    let named = of.customer.map(CustomerId);
    named.or(asker.0.principal.customer)
}

/// Reports on a schedule
#[utoipa::path(get, path = "/schedules", tag = "administration", params(Of), responses(
    (status = 200, body = Vec<Schedule>), (status = "4XX", body = Problem)))]
pub(crate) async fn schedules(
    State(api): State<Api>,
    asker: Asker,
    Params(of): Params<Of>,
) -> Result<Json<Vec<Schedule>>> {
    let all = api.tenancy.schedules(&asker.0, owner(&asker, &of)).await?;
    Ok(Json(all.into_iter().map(Schedule::from).collect()))
}

/// Have a report sent on a schedule, of a customer's mail or of all
#[utoipa::path(post, path = "/schedules", tag = "administration", params(Of),
    request_body = ScheduleDetails, responses(
    (status = 201, body = MadeSchedule), (status = "4XX", body = Problem)))]
pub(crate) async fn add_schedule(
    State(api): State<Api>,
    asker: Asker,
    Params(of): Params<Of>,
    Body(body): Body<ScheduleDetails>,
) -> Result<(StatusCode, Json<MadeSchedule>)> {
    let new = said(&asker, body)?;
    let owner = owner(&asker, &of);
    let id = api.tenancy.add_schedule(&asker.0, owner, &new).await?.0;
    Ok((StatusCode::CREATED, Json(MadeSchedule { id })))
}

/// A report on a schedule
#[utoipa::path(get, path = "/schedules/{id}", tag = "administration", params(("id" = i64, Path)),
    responses((status = 200, body = Schedule), (status = "4XX", body = Problem)))]
pub(crate) async fn schedule(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<Json<Schedule>> {
    let schedule = api.tenancy.schedule(&asker.0, ScheduleId(id)).await?;
    Ok(Json(schedule.into()))
}

/// Change a report on a schedule; what is not sent yet is not sent any more
#[utoipa::path(put, path = "/schedules/{id}", tag = "administration", params(("id" = i64, Path)),
    request_body = ScheduleDetails, responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn set_schedule(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
    Body(body): Body<ScheduleDetails>,
) -> Result<StatusCode> {
    let schedule = api.tenancy.schedule(&asker.0, ScheduleId(id)).await?;
    let new = said(&asker, body)?;
    api.tenancy
        .set_schedule(&asker.0, schedule.id, &new)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a report on a schedule, with what came of it
#[utoipa::path(delete, path = "/schedules/{id}", tag = "administration", params(("id" = i64, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove_schedule(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    api.tenancy
        .remove_schedule(&asker.0, ScheduleId(id))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The report as it would be sent now, for a browser
#[utoipa::path(get, path = "/schedules/{id}/html", tag = "administration", params(("id" = i64, Path)),
    responses((status = 200, body = String, content_type = "text/html"), (status = "4XX", body = Problem)))]
pub(crate) async fn show_schedule(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<impl IntoResponse> {
    let schedule = api.tenancy.show_schedule(&asker.0, ScheduleId(id)).await?;
    let _asked = api.jobs.asking();
    let report = api.poster.report(&schedule, asker.0.now).await;
    let report = report.map_err(|why| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("it cannot be counted: {why}"),
        )
    })?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, CSP),
    ];
    Ok((headers, report.html()))
}

/// Send the report now, beside those that are due; ten an hour at the most
#[utoipa::path(post, path = "/schedules/{id}/send", tag = "administration", params(("id" = i64, Path)),
    responses((status = 202, body = MadeSchedule), (status = "4XX", body = Problem)))]
pub(crate) async fn send_schedule(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<(StatusCode, Json<MadeSchedule>)> {
    let schedule = api.tenancy.schedule(&asker.0, ScheduleId(id)).await?;
    let run = rule(&schedule.said)?.run_now(asker.0.now);
    let run = run.ok_or_else(|| Problem::wrong("there is no such time"))?;
    let id = api
        .tenancy
        .send_schedule(&asker.0, &schedule, &run)
        .await?
        .0;
    Ok((StatusCode::ACCEPTED, Json(MadeSchedule { id })))
}

/// What was sent, to whom, and what came of it; the newest first
#[utoipa::path(get, path = "/schedules/{id}/runs", tag = "administration",
    params(("id" = i64, Path), Last),
    responses((status = 200, body = Vec<ScheduleRun>), (status = "4XX", body = Problem)))]
pub(crate) async fn schedule_runs(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
    Params(last): Params<Last>,
) -> Result<Json<Vec<ScheduleRun>>> {
    let limit = last.limit.unwrap_or(100).max(1);
    let runs = api
        .tenancy
        .schedule_runs(&asker.0, ScheduleId(id), limit)
        .await?;
    Ok(Json(runs.into_iter().map(ScheduleRun::from).collect()))
}
