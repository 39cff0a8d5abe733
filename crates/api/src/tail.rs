//! Rows as they come: server-sent events, which a client that lost them goes on with.

use crate::ask::{Question, answered};
use crate::asker::Asker;
use crate::document::{document, id};
use crate::limits::{TAIL_BLOCKS_MAX, TAIL_IDLE, TAIL_MISSED_MAX};
use crate::problem::{Problem, Result};
use crate::{Api, Daemon, input::Params};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, stream};
use query::{Found, Hot, Sight};
use search::{Cursor, Filter, Order, Search};
use std::collections::{HashSet, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tenancy::Action;
use tokio::sync::broadcast::{self, Receiver, error::RecvError};

/// New rows, for all who follow them.
pub(crate) struct Fresh(broadcast::Sender<Arc<Hot>>);

impl Fresh {
    /// Follows the daemon on a thread of its own, as long as the process lives.
    pub(crate) fn new(daemon: &Arc<dyn Daemon>) -> Self {
        let (tell, _) = broadcast::channel(TAIL_BLOCKS_MAX);
        let (daemon, told) = (Arc::clone(daemon), tell.clone());
        std::thread::spawn(move || {
            loop {
                // It ends where it was too slow; nobody is told of what was missed then but by gaps.
                for rows in daemon.follow() {
                    // Fails where nobody follows.
                    let _ = told.send(rows);
                }
                std::thread::park_timeout(Duration::from_millis(100));
            }
        });
        Fresh(tell)
    }
}

/// One who follows.
struct Following {
    api: Api,
    /// What was shown at the beginning, of which it is asked again whether it still holds.
    headers: HeaderMap,
    asker: Asker,
    fresh: Receiver<Arc<Hot>>,
    sight: Sight,
    filter: Filter,
    /// What was told of before it was heard.
    told: HashSet<Cursor>,
    waiting: VecDeque<Event>,
}

/// Rows as they come, as server-sent events
///
/// Each event is a row; its id is the row's. `Last-Event-ID`, or `after`, gives what came since, then
/// goes on. An event `missed` says that rows came faster than they were taken. The stream ends with the
/// session or key with which it was begun.
#[utoipa::path(get, path = "/tail", tag = "questions", params(Question), responses(
    (status = 200, content_type = "text/event-stream", body = String), (status = "4XX", body = Problem)))]
pub(crate) async fn tail(
    State(api): State<Api>,
    asker: Asker,
    headers: HeaderMap,
    Params(question): Params<Question>,
) -> Result<Sse<impl Stream<Item = std::result::Result<Event, Infallible>>>> {
    let search = question.search(&api)?;
    let last = headers.get("last-event-id").and_then(|it| it.to_str().ok());
    let last: Option<Cursor> = match last {
        None => None,
        Some(text) => {
            let cursor = text.parse();
            Some(cursor.map_err(|_| Problem::wrong("`Last-Event-ID` is no row's"))?)
        }
    };
    let sight = asker.sight(&api, Action::Tail, &question.q).await?;
    // From here on nothing is missed.
    let fresh = api.fresh.0.subscribe();
    let mut following = Following {
        api: Api::clone(&api),
        headers,
        asker,
        fresh,
        sight: sight.clone(),
        filter: search.filter.clone(),
        told: HashSet::new(),
        // Proxies hold back the head of an answer until something follows it.
        waiting: VecDeque::from([Event::default().comment("rows follow")]),
    };
    if let Some(last) = last {
        let since = Search {
            after: Some(last),
            order: Order::Oldest,
            limit: TAIL_MISSED_MAX,
            ..search
        };
        let ask = move |sight: Sight| async move { Ok(query::search(&sight, &since).await?.rows) };
        for row in answered(&api, sight, ask).await? {
            following.told.insert(id(&row));
            following
                .waiting
                .push_back(event(&following.api, &row).await?);
        }
    }
    let rows = stream::unfold(following, |mut following| async move {
        let event = following.next().await?;
        Some((Ok(event), following))
    });
    let alive = KeepAlive::new().interval(TAIL_IDLE);
    Ok(Sse::new(rows).keep_alive(alive))
}

impl Following {
    /// The next event; `None` at the end of the daemon, or when one may see no more.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            match self.fresh.recv().await {
                Ok(rows) => self.take(&rows).await?,
                Err(RecvError::Lagged(blocks)) => {
                    let missed = Event::default().event("missed");
                    return Some(missed.data(format!("{{\"blocks\":{blocks}}}")));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    async fn take(&mut self, rows: &Arc<Hot>) -> Option<()> {
        if let Some(sight) = self.asker.sight_now(&self.api, &self.headers).await.ok()? {
            self.sight = sight;
        }
        let found = query::fresh(&self.sight, rows, &self.filter).await;
        for row in &found.ok()? {
            if !self.told.remove(&id(row)) {
                self.waiting.push_back(event(&self.api, row).await.ok()?);
            }
        }
        Some(())
    }
}

async fn event(api: &Api, row: &Found) -> Result<Event> {
    let data = serde_json::Value::Object(document(api, row, false).await?);
    Ok(Event::default()
        .id(id(row).to_string())
        .data(data.to_string()))
}
