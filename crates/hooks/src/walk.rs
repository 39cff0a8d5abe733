//! The way of a receiver through its events.

use crate::limits::{IDLE_NOTED_EVERY, ROWS_AT_A_TIME, ROWS_UNNOTED_MAX, UNNOTED_MAX};
use crate::send::{Answer, Receiver};
use crate::sign::signed;
use crate::{Event, Shared};
use jiff::{SignedDuration, Timestamp};
use tenancy::{Due, Place};

/// Why a walk ends: nothing is left for now, the receiver does not take what is next, or what is wanted
/// has changed.
struct Ended;

type Step<T> = Result<T, Ended>;

/// One receiver, and how far it is.
struct Walk<'s> {
    shared: &'s Shared,
    due: Due,
    receiver: Receiver<'s>,
    place: Place,
    /// How often the next event failed.
    tries: i64,
    unnoted: usize,
    noted: Timestamp,
}

/// Sends all that a webhook wants and its receiver takes.
pub(crate) async fn walk(shared: &Shared, due: Due) {
    let receiver = match shared.client.receiver(&due.url) {
        Ok(receiver) => receiver,
        Err(error) => return tracing::warn!(webhook = due.id.0, %error, "a webhook has no URL"),
    };
    let mut walk = Walk {
        shared,
        receiver,
        place: due.place,
        tries: due.tries,
        due,
        unnoted: 0,
        noted: shared.source.now(),
    };
    // It ends with `Ended` only.
    let _ = walk.dead_events().await;
    while walk.rows().await.is_ok() {}
}

impl Walk<'_> {
    fn is_stopped(&self) -> bool {
        *self.shared.stop.borrow()
    }

    fn unnoted_for(&self) -> SignedDuration {
        self.shared.source.now().duration_since(self.noted)
    }

    async fn send(&mut self, event: &Event) -> Answer {
        let now = self.shared.source.now();
        match signed("event-data", &event.body, &self.due.key, now) {
            Ok(body) => self.receiver.send(body).await,
            Err(failure) => Answer::Failed(failure),
        }
    }

    /// Sends what was given up and is wanted once more.
    async fn dead_events(&mut self) -> Step<()> {
        let tenancy = &self.shared.tenancy;
        while let Some(dead) = stored(tenancy.wanted_dead_event(&self.due).await)? {
            let event = Event {
                id: dead.event,
                body: dead.body,
            };
            let failure = match self.send(&event).await {
                Answer::Taken => None,
                Answer::Refused(why) | Answer::Failed(why) => Some(why),
            };
            stored(
                tenancy
                    .dead_event_was_sent(dead.id, failure.as_deref())
                    .await,
            )?;
        }
        Ok(())
    }

    /// Sends the next rows.
    async fn rows(&mut self) -> Step<()> {
        let source = &self.shared.source;
        let settle = i64::try_from(self.shared.settings.settle.as_micros()).unwrap_or(i64::MAX);
        let until = source.now().as_microsecond().saturating_sub(settle);
        if until <= self.place.moment {
            return Err(Ended);
        }
        let rows = source.rows(&self.due, self.place, until, ROWS_AT_A_TIME);
        let rows = match rows.await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(webhook = self.due.id.0, error, "events cannot be read");
                return Err(Ended);
            }
        };
        if rows.is_empty() {
            return self.idle(until).await;
        }
        for row in rows {
            for event in &row.events {
                self.event(event).await?;
            }
            self.place = row.place;
            self.unnoted += 1;
            let is_due = self.unnoted >= ROWS_UNNOTED_MAX || self.unnoted_for() > UNNOTED_MAX;
            if is_due || self.is_stopped() {
                self.note().await?;
            }
            if self.is_stopped() {
                return Err(Ended);
            }
        }
        self.note().await
    }

    /// There is nothing up to a time.
    async fn idle(&mut self, until: i64) -> Step<()> {
        let behind = until.saturating_sub(self.place.moment);
        if u128::from(behind.unsigned_abs()) > IDLE_NOTED_EVERY.as_micros() {
            self.place = Place {
                moment: until - 1,
                row: u64::MAX,
            };
            self.note().await?;
        }
        Err(Ended)
    }

    async fn note(&mut self) -> Step<()> {
        let has = self.shared.tenancy.webhook_has(&self.due, self.place).await;
        self.unnoted = 0;
        self.noted = self.shared.source.now();
        stored(has)?.then_some(()).ok_or(Ended)
    }

    /// Sends an event; it is done with when it was taken or given up.
    async fn event(&mut self, event: &Event) -> Step<()> {
        let failure = match self.send(event).await {
            Answer::Taken => {
                self.tries = 0;
                return Ok(());
            }
            Answer::Refused(why) => why,
            Answer::Failed(why) => {
                let retries = &self.shared.settings.retries;
                let wait = usize::try_from(self.tries)
                    .ok()
                    .and_then(|it| retries.get(it));
                if let Some(wait) = wait {
                    return self.wait(*wait, &why).await;
                }
                why
            }
        };
        self.tries = 0;
        let now = self.shared.source.now();
        let tenancy = &self.shared.tenancy;
        let kept = tenancy.keep_dead_event(&self.due, &event.id, &event.body, (&failure, now));
        stored(kept.await)
    }

    async fn wait(&mut self, wait: std::time::Duration, why: &str) -> Step<()> {
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        let next = self.shared.source.now().checked_add(wait);
        let next = next.unwrap_or(Timestamp::MAX);
        let tries = (self.tries + 1, next);
        let tenancy = &self.shared.tenancy;
        stored(
            tenancy
                .webhook_failed(&self.due, self.place, tries, why)
                .await,
        )?;
        Err(Ended)
    }
}

/// What the database answered; where it does not, the walk ends and begins anew.
fn stored<T>(answer: tenancy::Result<T>) -> Step<T> {
    answer.map_err(|error| {
        tracing::warn!(%error, "how far a webhook is cannot be read or stored");
        Ended
    })
}
