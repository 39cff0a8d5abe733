//! Events of the archive for receivers of customers.

use super::Daemon;
use super::config::Config;
use super::web::nets;
use crate::input;
use ::hooks::{Event, Row, Rows, Settings, Source};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tenancy::{Due, Place, Tenancy};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// Receivers for which the archive is read at a time; people who ask go on meanwhile.
const READ_AT_A_TIME: usize = 2;

/// How long rows are waited for that come later than others of their time: longer than the way of a
/// line over a network and the windows in which lines are put in order.
const SETTLE: Duration = Duration::from_secs(10);

struct Events {
    daemon: Arc<Daemon>,
    tenancy: Arc<Tenancy>,
    internal: Vec<search::Net>,
    turns: Semaphore,
}

/// Begins to send, until it is told to stop.
pub(super) fn send(
    config: &Config,
    daemon: &Arc<Daemon>,
    tenancy: &Arc<Tenancy>,
    stop: watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) -> anyhow::Result<()> {
    let written = &config.webhooks;
    let settings = Settings {
        allow: nets("allow", "webhooks", &written.allow)?,
        retries: written
            .retry_seconds
            .iter()
            .map(|it| Duration::from_secs(*it))
            .collect(),
        settle: SETTLE,
    };
    let events = Events {
        daemon: Arc::clone(daemon),
        tenancy: Arc::clone(tenancy),
        internal: nets("internal", "web", &config.web.internal)?,
        turns: Semaphore::new(READ_AT_A_TIME),
    };
    tasks.spawn(::hooks::run(
        Arc::new(events),
        Arc::clone(tenancy),
        settings,
        stop,
    ));
    Ok(())
}

impl Source for Events {
    fn rows<'s>(&'s self, due: &'s Due, behind: Place, until: i64, limit: usize) -> Rows<'s> {
        Box::pin(async move {
            let reach = self.tenancy.reach_of_customer(due.customer, input::now());
            let reach = reach.await.map_err(|error| super::chain(&error))?;
            let _turn = self
                .turns
                .acquire()
                .await
                .map_err(|error| error.to_string())?;
            let behind = search::Cursor {
                moment: behind.moment,
                row: behind.row,
            };
            let archive = self.daemon.view.archive();
            let scope = (&reach, self.internal.as_slice());
            let rows = api::events_behind(archive, scope, &due.events, behind, (until, limit));
            let row = |(place, events): api::Sendable| Row {
                place: Place {
                    moment: place.moment,
                    row: place.row,
                },
                events: events
                    .into_iter()
                    .map(|(id, body)| Event { id, body })
                    .collect(),
            };
            let rows = rows.await.map_err(|problem| problem.to_string())?;
            Ok(rows.into_iter().map(row).collect())
        })
    }

    fn now(&self) -> Timestamp {
        input::now()
    }
}
