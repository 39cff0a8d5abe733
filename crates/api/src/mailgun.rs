//! What Mailgun's clients ask for: events, logs, metrics and stats, in its words.
//!
//! An event is made of a row of the archive that the asker may see; what the row does not tell is
//! absent. `docs/mailgun.md` says what is there.

mod caller;
mod count;
mod domains;
mod event;
mod events;
mod expression;
mod listing;
mod logs;
mod metrics;
pub(crate) mod sendable;
mod span;
mod stats;
mod time;
mod wanted;

use crate::Api;
use axum::Router;
use axum::routing::{get, post};

/// All of it; paths are those of Mailgun.
pub(crate) fn router() -> Router<Api> {
    Router::new()
        .route("/v3/domains", get(domains::domains))
        .route("/v3/{domain}/events", get(events::events))
        .route("/v3/{domain}/events/{page}", get(events::page))
        .route("/v3/{domain}/stats/total", get(stats::of_domain))
        .route("/v3/stats/total", get(stats::of_all))
        .route("/v1/analytics/logs", post(logs::logs))
        .route("/v1/analytics/metrics", post(metrics::metrics))
        .route("/v1/analytics/usage/metrics", post(metrics::metrics))
}
