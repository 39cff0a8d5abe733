//! What all protocols do with a request: look at its token, read it, make its lines durable.

use super::Settings;
use super::body::{self, Packing};
use super::held::{self, Held};
use super::lines::Lines;
use super::refusal::Refusal;
use super::tokens::{Token, admit};
use super::uploads::Uploads;
use crate::intake::Intake;
use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;
use ingest::journald::Wanted;
use journal::{Batch, Position};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Semaphore;

/// The way in, shared by all requests.
pub(super) struct Door {
    pub(super) intake: Arc<Intake>,
    tokens: Vec<Token>,
    patience: Duration,
    pub(super) memory: Arc<Semaphore>,
    pub(super) journald: Wanted,
    pub(super) uploads: Arc<Uploads>,
}

/// How the body of a request is read.
pub(super) struct Plan<T> {
    pub(super) packing: Packing,
    pub(super) decode: Decode<T>,
}

/// Makes lines of an unpacked body.
pub(super) type Decode<T> = fn(&[u8], &mut Lines) -> Result<T, Refusal>;

/// What became of a request's lines.
pub(super) struct Taken<T> {
    /// What the decoder gave.
    pub(super) read: T,
    /// Where the batches stand: position of the first line, and lines.
    pub(super) places: Vec<(Position, usize)>,
}

impl<T> Taken<T> {
    pub(super) fn lines(&self) -> usize {
        self.places.iter().map(|(_, lines)| lines).sum()
    }
}

impl Door {
    pub(super) fn new(intake: Arc<Intake>, settings: Settings) -> Self {
        Door {
            intake,
            tokens: settings.tokens,
            patience: settings.patience,
            memory: held::room(),
            journald: settings.journald,
            uploads: settings.uploads,
        }
    }

    /// Errs unless the request may come in.
    pub(super) fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        admit(&self.tokens, headers)
            .then_some(())
            .ok_or(Refusal::Unauthorized)
    }

    /// Takes a request of a protocol: when this returns, all its lines are durable.
    pub(super) async fn take<T: Send + 'static>(
        &self,
        protocol: &str,
        request: Request,
        plan_of: impl FnOnce(&HeaderMap) -> Result<Plan<T>, Refusal>,
    ) -> Result<Taken<T>, Refusal> {
        let source = format!("{protocol} {}", peer(&request));
        let plan = self.admit(request.headers());
        let plan = match plan.and_then(|()| plan_of(request.headers())) {
            Ok(plan) => plan,
            Err(refusal) => {
                body::discard(request).await;
                return Err(refusal);
            }
        };
        let taken = self.take_from(&source, request, plan).await;
        if matches!(taken, Err(Refusal::Busy)) {
            let refused = &self.intake.source(&source).refused;
            refused.fetch_add(1, Ordering::Relaxed);
        }
        taken
    }

    async fn take_from<T: Send + 'static>(
        &self,
        source: &str,
        request: Request,
        plan: Plan<T>,
    ) -> Result<Taken<T>, Refusal> {
        let mut held = Held::none(&self.memory);
        let packed = body::read(request.into_body(), &mut held).await?;
        let share = Held::none(&self.memory);
        let mut lines = Lines::new(source.to_owned(), self.intake.now_ns(), share);
        // Megabytes to unpack and to look at would hold up all others on this thread.
        let decoding = tokio::task::spawn_blocking(move || {
            let bytes = body::unpack(plan.packing, packed, &mut held)?;
            let read = (plan.decode)(&bytes, &mut lines)?;
            Ok::<_, Refusal>((read, lines))
        });
        let (read, lines) = match decoding.await {
            Ok(decoded) => decoded?,
            Err(stopped) => match stopped.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => return Err(Refusal::Busy),
            },
        };
        if lines.cut > 0 {
            let cut = &self.intake.source(source).cut;
            cut.fetch_add(lines.cut, Ordering::Relaxed);
        }
        let (batches, _held) = lines.into_batches();
        let places = self.append(batches).await?;
        Ok(Taken { read, places })
    }

    async fn append(&self, batches: Vec<Batch>) -> Result<Vec<(Position, usize)>, Refusal> {
        let mut places = Vec::with_capacity(batches.len());
        for batch in batches {
            let lines = batch.len();
            places.push((self.intake.append(batch, self.patience).await?, lines));
        }
        Ok(places)
    }
}

/// Who speaks; IPv4 as such, also where it comes through a socket of IPv6.
pub(super) fn peer(request: &Request) -> String {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map_or_else(
        || "unknown".to_owned(),
        |ConnectInfo(address)| address.ip().to_canonical().to_string(),
    )
}
