//! What is, or was, in the queues.

use crate::Api;
use crate::ask::{answered, range, zone};
use crate::asker::Asker;
use crate::input::Params;
use crate::openapi::instant;
use crate::problem::{Problem, Result};
use axum::Json;
use axum::extract::State;
use query::{Outlook, Sight};
use serde::{Deserialize, Serialize};
use tenancy::Action;
use utoipa::{IntoParams, ToSchema};

/// When, and of whom.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct QueueParams {
    /// A moment: `2026-11-16 14:05`, `2 hours ago`. Now where it is absent.
    at: Option<String>,
    /// Only where sender, recipient, account, reply, host, queue id or state hold each of these words.
    #[serde(default)]
    words: String,
    /// As of a question.
    zone: Option<String>,
    /// Messages at the most, the oldest first.
    #[serde(default = "limit")]
    limit: usize,
}

fn limit() -> usize {
    1_000
}

/// What was queued.
#[derive(Serialize, ToSchema)]
pub(crate) struct Queue {
    /// At this time.
    at: String,
    /// Recipients that were waiting.
    recipients: usize,
    /// Of them so many as were asked for.
    queued: Vec<Queued>,
}

/// A recipient of a queued message.
#[derive(Serialize, ToSchema)]
pub(crate) struct Queued {
    /// Absent for those who may not know of our hosts.
    #[serde(skip_serializing_if = "String::is_empty")]
    host: String,
    queue_id: String,
    /// When the message came.
    since: String,
    /// Empty is the null sender.
    mail_from: Option<String>,
    rcpt_to: Option<String>,
    account: Option<String>,
    /// Bytes.
    size: Option<i64>,
    /// `active`, `deferred`, `held`.
    state: &'static str,
    /// Attempts that were put off.
    attempts: u32,
    last_attempt: Option<String>,
    /// What was said at the last.
    reply: Option<String>,
    /// Who said it.
    relay_name: Option<String>,
    /// When it is tried next, an estimate: not before this.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_from: Option<String>,
    /// Not after this.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_until: Option<String>,
    /// `rules` of the mail server, or the `interval` until now.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_by: Option<&'static str>,
    /// When it is given up, an estimate.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

/// What is in the queues, now or at a moment
#[utoipa::path(get, path = "/queue", tag = "questions", params(QueueParams), responses(
    (status = 200, body = Queue), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(crate) async fn queue(
    State(api): State<Api>,
    asker: Asker,
    Params(params): Params<QueueParams>,
) -> Result<Json<Queue>> {
    let zone = zone(params.zone.as_deref())?;
    let now = api.daemon.now();
    let at = match params.at.as_deref() {
        None | Some("") => now.as_microsecond(),
        // A moment is a range that begins there.
        Some(text) => range(Some(text), now, &zone)?.from,
    };
    let sight = asker
        .sight(&api, Action::ReadQueue, params.at.as_deref().unwrap_or(""))
        .await?;
    let ask = move |sight: Sight| async move {
        let mut queued = query::queue(&sight, at).await?;
        let words = params.words.to_lowercase();
        queued.retain(|it| words.split_whitespace().all(|word| it.holds(word)));
        let recipients = queued.len();
        queued.sort_by_key(|it| it.since);
        queued.truncate(params.limit);
        Ok((recipients, queued))
    };
    let (recipients, queued) = answered(&api, sight, ask).await?;
    let mut outlooks = vec![Outlook::default(); queued.len()];
    // How hosts of ours are set up, and so what is expected of them, is not for everybody.
    if asker.sees_all() {
        let told = api.daemon.outlooks(&queued);
        outlooks = told.map_err(|it| Problem::internal(&*it))?;
    }
    let queued = queued.into_iter().zip(outlooks);
    Ok(Json(Queue {
        at: instant(at),
        recipients,
        queued: queued.map(|(it, outlook)| document(it, outlook)).collect(),
    }))
}

fn document(it: query::Queued, outlook: Outlook) -> Queued {
    let (next_from, next_until) = outlook.next.unzip();
    Queued {
        host: it.host,
        queue_id: it.queue_id,
        since: instant(it.since),
        mail_from: it.mail_from,
        rcpt_to: it.rcpt_to,
        account: it.account,
        size: it.size,
        state: it.state.name(),
        attempts: it.attempts,
        last_attempt: it.last_attempt.map(instant),
        reply: it.reply,
        relay_name: it.relay,
        next_by: outlook.next.map(|_| outlook.by()),
        next_from: next_from.map(instant),
        next_until: next_until.map(instant),
        expires: outlook.expires.map(instant),
    }
}
