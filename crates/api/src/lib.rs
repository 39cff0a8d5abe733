//! HTTP for people and programs: questions, live tail, administration.
//!
//! Each request is somebody's ([`tenancy::Principal`]), and is answered from what of the archive that
//! one may see ([`query::Sight`]); there is no other way to rows from here. It is not for the form of
//! answers on a terminal, nor for how lines come in.
//!
//! `/api/v1/openapi.json` describes `/api/v1`; beside it stands what Mailgun's clients ask for, and what
//! Grafana asks Loki for.

mod ask;
mod asker;
mod document;
mod input;
mod limits;
mod loki;
mod mailgun;
mod openapi;
mod problem;
mod refusal;
mod security;
mod tail;
mod unchanged;
mod v1;

pub use mailgun::sendable::Sendable;
pub use problem::Problem;

use ::alerts::Teller;
use ::jobs::Jobs;
use ::schedules::Poster;
use axum::Router;
use axum::routing::any;
use desk::Desk;
use query::{Archive, Hot, Outlook, Queued, Traced};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use tenancy::Tenancy;

/// What the daemon gives: the archive, and what is made of it outside of `query`.
pub trait Daemon: Send + Sync + 'static {
    /// The newest version of the archive.
    fn archive(&self) -> Arc<Archive>;

    /// Rows as they come, from now on.
    fn follow(&self) -> Receiver<Arc<Hot>>;

    /// What the lines of a trace tell together of a message (its Message-ID or a queue id) or of an
    /// address; the newest so many. Asked only for those who see all of it.
    fn journeys(&self, traced: &Traced, what: &str, limit: usize) -> Journeys;

    /// Who sends lines, as documents.
    fn sources(&self) -> Value;

    /// How it does, as a document.
    fn status(&self) -> Value;

    /// When these are tried again, one by one; of hosts whose names are known.
    fn outlooks(&self, queued: &[Queued]) -> Result<Vec<Outlook>, Failed>;

    /// Retention classes, and days for which mail in them is kept; `None` is for ever.
    fn retention(&self) -> Result<BTreeMap<String, Option<u32>>, Failed>;

    /// The country of an address as logs write it (ISO 3166-1, two letters), where it is known.
    fn country(&self, address: &str) -> Option<String>;

    /// Is told when a customer, or what belongs to one, has changed.
    fn customers_changed(&self);

    /// The time, for words such as `yesterday`, and for what expires.
    fn now(&self) -> jiff::Timestamp;
}

/// What the daemon could not do.
pub type Failed = Box<dyn std::error::Error + Send + Sync>;

/// What was found for a trace.
#[derive(Default)]
pub struct Journeys {
    /// Journeys of messages, the oldest first.
    pub journeys: Vec<Value>,
    /// What was refused before it was a message.
    pub refusals: Vec<Value>,
    /// Whether there is more than is given.
    pub more: bool,
}

/// The path to which an OpenID Connect provider sends people back, without the first `/`.
pub const OPENID_CALLBACK: &str = "api/v1/session/openid/callback";

/// How the API behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether the address is told by `X-Forwarded-For` of a proxy on this machine.
    pub behind_proxy: bool,
    /// Where people may log in beside here; it sends them back to [`OPENID_CALLBACK`].
    pub openid: Option<Arc<openid::Provider>>,
}

/// What requests share.
pub(crate) struct Shared {
    daemon: Arc<dyn Daemon>,
    tenancy: Arc<Tenancy>,
    desk: Arc<Desk>,
    teller: Arc<Teller>,
    poster: Arc<Poster>,
    jobs: Arc<Jobs>,
    settings: Settings,
    fresh: tail::Fresh,
}

/// What every handler is given.
pub(crate) type Api = Arc<Shared>;

/// The next rows of events behind a row and before a time in microseconds, the first so many, that
/// somebody is sent: in his reach, with networks of ours that are hidden, and of events with these names.
pub async fn events_behind(
    archive: Arc<Archive>,
    (reach, internal): (&tenancy::Reach, &[search::Net]),
    names: &[String],
    row: search::Cursor,
    (until, limit): (i64, usize),
) -> Result<Vec<Sendable>, Problem> {
    let sight = desk::sight(archive, reach, internal);
    let names = names.to_vec();
    let read = move || {
        let asked = sight.clone();
        sight.wait(
            async move { mailgun::sendable::behind(&asked, &names, row, (until, limit)).await },
        )
    };
    let read = tokio::task::spawn_blocking(read).await;
    read.unwrap_or_else(|panic| Err(Problem::internal(&panic)))
}

/// The whole API, to be merged with what else is served on a port; who asks comes by a desk, alerts are
/// tried out by a teller, reports written by a poster, and exports by jobs. Must be called within a runtime.
pub fn router(
    daemon: Arc<dyn Daemon>,
    (desk, teller, poster, jobs): (Arc<Desk>, Arc<Teller>, Arc<Poster>, Arc<Jobs>),
    settings: Settings,
) -> Router {
    let shared = Arc::new(Shared {
        fresh: tail::Fresh::new(&daemon),
        daemon,
        tenancy: Arc::clone(&desk.tenancy),
        desk,
        teller,
        poster,
        jobs,
        settings,
    });
    let (router, document) = v1::router().split_for_parts();
    let router = openapi::serve(router, document);
    let router = router
        .route("/api", any(absent))
        .route("/api/", any(absent))
        .route("/api/{*path}", any(absent))
        .merge(mailgun::router())
        .merge(loki::router());
    security::around(router, &shared).with_state(shared)
}

/// Paths of no request: whatever else is served on the port, they are the API's.
async fn absent() -> Problem {
    Problem::absent("path of the API").hint("see /api/v1/openapi.json")
}
