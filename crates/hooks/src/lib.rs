//! Events sent to receivers of customers: signed, in order, again until they are taken.
//!
//! Who receives what, and how far each receiver has got, stands in `tenancy`; events come from a
//! [`Source`]. Not for what an event says, nor for who may see it.
//!
//! - A receiver gets the events of its webhook one after the other: the next when the one before was
//!   taken, or given up. So one that is slow or gone holds up itself alone.
//! - Its place is stored when it took what is before. After a crash the last few come again, with the
//!   same ids.
//! - Nothing waits in memory: what is not sent yet is read from the source when it is its turn.

mod guard;
mod limits;
mod send;
mod sign;
mod walk;

use crate::limits::{LOOK_EVERY, WALKS_MAX};
pub use crate::send::{Answer, Client, Receiver};
pub use crate::sign::signed;
use jiff::Timestamp;
use search::Net;
use std::collections::HashSet;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tenancy::{Due, Place, Tenancy, WebhookId};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Where events come from.
pub trait Source: Send + Sync + 'static {
    /// The next rows of a webhook behind a place, in order, the first so many; of a time before `until`,
    /// microseconds. Or why they cannot be told now.
    fn rows<'s>(&'s self, due: &'s Due, behind: Place, until: i64, limit: usize) -> Rows<'s>;

    /// The time.
    fn now(&self) -> Timestamp;
}

/// Rows, when they are read.
pub type Rows<'s> = Pin<Box<dyn Future<Output = Result<Vec<Row>, String>> + Send + 's>>;

/// What a row tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it is.
    pub place: Place,
    /// Its events that the webhook wants; one for each recipient.
    pub events: Vec<Event>,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The same whenever it is sent.
    pub id: String,
    /// What it says, as JSON.
    pub body: String,
}

/// How events are sent.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Networks to which may be sent, though they are not of the Internet.
    pub allow: Vec<Net>,
    /// After which times it is tried again; then an event is given up.
    pub retries: Vec<Duration>,
    /// How long rows are waited for that come later than others of their time.
    pub settle: Duration,
}

/// What walks share.
pub(crate) struct Shared {
    pub(crate) source: Arc<dyn Source>,
    pub(crate) tenancy: Arc<Tenancy>,
    pub(crate) settings: Settings,
    pub(crate) client: Client,
    pub(crate) stop: watch::Receiver<bool>,
}

/// Sends events until it is told to stop.
pub async fn run(
    source: Arc<dyn Source>,
    tenancy: Arc<Tenancy>,
    settings: Settings,
    stop: watch::Receiver<bool>,
) {
    let shared = Arc::new(Shared {
        client: Client::new(settings.allow.clone()),
        source,
        tenancy,
        settings,
        stop: stop.clone(),
    });
    let mut stopped = stop;
    let mut walks: JoinSet<WebhookId> = JoinSet::new();
    let mut walking: HashSet<WebhookId> = HashSet::new();
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        while let Some(done) = walks.try_join_next() {
            match done {
                Ok(id) => drop(walking.remove(&id)),
                Err(error) => {
                    // Whose it was is not known; all that are not at work begin anew.
                    tracing::error!(%error, "a walk of webhooks failed");
                    walks.abort_all();
                    while walks.join_next().await.is_some() {}
                    walking.clear();
                }
            }
        }
        let due = match shared.tenancy.due_webhooks(shared.source.now()).await {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(%error, "webhooks cannot be read");
                continue;
            }
        };
        for due in due {
            if walking.len() < WALKS_MAX && walking.insert(due.id) {
                let shared = Arc::clone(&shared);
                walks.spawn(async move {
                    let id = due.id;
                    walk::walk(&shared, due).await;
                    id
                });
            }
        }
    }
    while walks.join_next().await.is_some() {}
}
