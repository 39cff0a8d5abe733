//! Where events of customers are sent, and how far each receiver has got.

use crate::db::{Row, values};
use crate::entry::Action;
use crate::error::{Error, Result};
use crate::ids::{CustomerId, DeadEventId, WebhookId};
use crate::limits::{DEAD_EVENTS_MAX, FAILURE_BYTES_MAX, URL_BYTES_MAX, WEBHOOKS_MAX};
use crate::principal::{Asker, Reach};
use crate::role::Right;
use crate::secret::Secret;
use crate::tenancy::{Tenancy, limit};
use crate::token::{hex, random};
use jiff::Timestamp;
use serde_json::json;
use url::Url;

/// Events that can be sent.
pub const WEBHOOK_EVENTS: [&str; 10] = [
    "accepted",
    "delivered",
    "temporary_fail",
    "permanent_fail",
    "rejected",
    "stored",
    "opened",
    "clicked",
    "unsubscribed",
    "complained",
];

/// Bytes of a signing key.
const KEY_BYTES: usize = 32;

/// What is said of a webhook.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// Where events are sent: `https://...`.
    pub url: String,
    /// Which, of [`WEBHOOK_EVENTS`]; all where none is named.
    pub events: Vec<String>,
    /// Whether nothing is sent; the place is kept.
    pub disabled: bool,
}

/// A webhook, without its key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Webhook {
    /// Its number.
    pub id: WebhookId,
    /// Whose events.
    pub customer: CustomerId,
    /// Where they are sent.
    pub url: String,
    /// Which; at least one.
    pub events: Vec<String>,
    /// Whether nothing is sent.
    pub disabled: bool,
    /// When it was made.
    pub created: Timestamp,
    /// The time up to which events were acknowledged, or have been waited for.
    pub until: Timestamp,
    /// How often the next event was sent without success.
    pub tries: i64,
    /// When it is sent again; `None` where nothing failed.
    pub next_try: Option<Timestamp>,
    /// What was wrong the last time.
    pub failure: Option<String>,
}

/// A place among rows: time in microseconds, then number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Microseconds since 1970 in UTC.
    pub moment: i64,
    /// The row's id.
    pub row: u64,
}

/// A webhook with something to be done.
#[derive(Clone, Debug)]
pub struct Due {
    /// Its number.
    pub id: WebhookId,
    /// Whose events.
    pub customer: CustomerId,
    /// Where they are sent.
    pub url: String,
    /// Which.
    pub events: Vec<String>,
    /// With what they are signed.
    pub key: Secret,
    /// The last row that was acknowledged.
    pub place: Place,
    /// How often the event behind it was sent without success.
    pub tries: i64,
    /// Changes where somebody sets the place.
    turn: i64,
}

/// An event that a receiver did not take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeadEvent {
    /// Its number.
    pub id: DeadEventId,
    /// The event's id.
    pub event: String,
    /// The event, as JSON.
    pub body: String,
    /// What was wrong the last time.
    pub failure: String,
    /// When it was given up.
    pub at: Timestamp,
}

impl Tenancy {
    /// Makes a webhook of a customer, which is sent what happens from now on; its signing key is told this once.
    pub async fn add_webhook(
        &self,
        asker: &Asker,
        customer: CustomerId,
        new: &NewWebhook,
    ) -> Result<(WebhookId, Secret)> {
        asker.must(Right::ManageWebhooks)?;
        self.customer(asker, customer).await?;
        let (url, events) = new.checked()?;
        let key = Secret::from(hex(&*random::<KEY_BYTES>()?));
        let mut change = self.change(asker).await?;
        let sql = "SELECT count(*) FROM webhooks WHERE customer = $1";
        let count = change.tx.row(sql, values![customer.0]).await?;
        if count.map_or(Ok(0), |row| row.number(0))? >= WEBHOOKS_MAX {
            let why = "there are too many; remove some";
            return Err(Error::invalid("webhook", why, &url));
        }
        let sql = "INSERT INTO webhooks (customer, url, events, signing_key, disabled, created, moment, row_id) \
                   VALUES ($1, $2, $3, $4, $5, $6, $6, 0) RETURNING id";
        let values = values![
            customer.0,
            &url,
            &events,
            key.expose(),
            new.disabled,
            asker.now
        ];
        let row = change.tx.row(sql, values).await?;
        let id = WebhookId(row.ok_or(Error::NotFound("webhook"))?.number(0)?);
        let detail = json!({ "webhook": id.0, "url": url, "events": events });
        let made = change.commit_quietly(Action::AddWebhook, Some(customer), detail);
        made.await.map(|()| (id, key))
    }

    /// A customer's webhooks, the oldest first.
    pub async fn webhooks(&self, asker: &Asker, customer: CustomerId) -> Result<Vec<Webhook>> {
        asker.must(Right::ManageWebhooks)?;
        self.customer(asker, customer).await?;
        let sql = "SELECT id, customer, url, events, disabled, created, moment, tries, next_try, failure \
                   FROM webhooks WHERE customer = $1 ORDER BY id";
        let rows = self.db.rows(sql, values![customer.0]).await?;
        rows.iter().map(webhook).collect()
    }

    /// A webhook in the asker's reach.
    pub async fn webhook(&self, asker: &Asker, id: WebhookId) -> Result<Webhook> {
        asker.must(Right::ManageWebhooks)?;
        let sql = "SELECT id, customer, url, events, disabled, created, moment, tries, next_try, failure \
                   FROM webhooks WHERE id = $1";
        let row = self.db.row(sql, values![id.0]).await?;
        let webhook = webhook(&row.ok_or(Error::NotFound("webhook"))?)?;
        let reached = asker.must_reach(Some(webhook.customer));
        reached.map_err(|_| Error::NotFound("webhook"))?;
        Ok(webhook)
    }

    /// Makes a webhook as told; what failed is sent again at once.
    pub async fn set_webhook(&self, asker: &Asker, id: WebhookId, new: &NewWebhook) -> Result<()> {
        let webhook = self.webhook(asker, id).await?;
        let (url, events) = new.checked()?;
        let sql = "UPDATE webhooks SET url = $1, events = $2, disabled = $3, turn = turn + 1, tries = 0, \
                   next_try = NULL, failure = NULL WHERE id = $4";
        let mut change = self.change(asker).await?;
        let values = values![&url, &events, new.disabled, id.0];
        change.tx.run(sql, values).await?;
        let detail =
            json!({ "webhook": id.0, "url": url, "events": events, "disabled": new.disabled });
        let customer = Some(webhook.customer);
        change
            .commit_quietly(Action::ChangeWebhook, customer, detail)
            .await
    }

    /// Removes a webhook, with what its receiver did not take.
    pub async fn remove_webhook(&self, asker: &Asker, id: WebhookId) -> Result<()> {
        let webhook = self.webhook(asker, id).await?;
        let mut change = self.change(asker).await?;
        let sql = "DELETE FROM webhooks WHERE id = $1";
        change.tx.run(sql, values![id.0]).await?;
        let detail = json!({ "webhook": id.0, "url": webhook.url });
        let customer = Some(webhook.customer);
        change
            .commit_quietly(Action::RemoveWebhook, customer, detail)
            .await
    }

    /// Has all events from a time on sent again, in order.
    pub async fn replay_webhook(
        &self,
        asker: &Asker,
        id: WebhookId,
        from: Timestamp,
    ) -> Result<()> {
        let webhook = self.webhook(asker, id).await?;
        let mut change = self.change(asker).await?;
        let sql = "UPDATE webhooks SET moment = $1, row_id = 0, turn = turn + 1, tries = 0, next_try = NULL, \
                   failure = NULL WHERE id = $2";
        // The first row of that microsecond is behind the one before.
        let before = from.as_microsecond().saturating_sub(1);
        change.tx.run(sql, values![before, id.0]).await?;
        let detail = json!({ "webhook": id.0, "from": from.to_string() });
        let customer = Some(webhook.customer);
        change
            .commit_quietly(Action::ReplayWebhook, customer, detail)
            .await
    }

    /// A page of what the receiver of a webhook did not take, the oldest first.
    pub async fn dead_events(
        &self,
        asker: &Asker,
        id: WebhookId,
        after: DeadEventId,
        limit_wanted: u32,
    ) -> Result<Vec<DeadEvent>> {
        self.webhook(asker, id).await?;
        let sql = "SELECT id, event, body, failure, at FROM dead_events WHERE webhook = $1 AND id > $2 \
                   ORDER BY id LIMIT $3";
        let values = values![id.0, after.0, limit(limit_wanted)];
        let rows = self.db.rows(sql, values).await?;
        rows.iter().map(dead_event).collect()
    }

    /// Has one of them, or all, sent once more; how many.
    pub async fn replay_dead_events(
        &self,
        asker: &Asker,
        id: WebhookId,
        one: Option<DeadEventId>,
    ) -> Result<u64> {
        let webhook = self.webhook(asker, id).await?;
        let mut change = self.change(asker).await?;
        let sql = "UPDATE dead_events SET again = 1 WHERE webhook = $1 AND ($2 IS NULL OR id = $2)";
        let values = values![id.0, one.map(|it| it.0)];
        let count = change.tx.run(sql, values).await?;
        if count == 0 && one.is_some() {
            return Err(Error::NotFound("dead event"));
        }
        let detail = json!({ "webhook": id.0, "dead_events": count });
        let customer = Some(webhook.customer);
        change
            .commit_quietly(Action::ReplayWebhook, customer, detail)
            .await?;
        Ok(count)
    }

    /// What a customer sees, for what is sent to him.
    pub async fn reach_of_customer(&self, id: CustomerId, now: Timestamp) -> Result<Reach> {
        self.reach_of(id, now).await
    }

    /// The webhooks that may be sent something now.
    pub async fn due_webhooks(&self, now: Timestamp) -> Result<Vec<Due>> {
        let sql = "SELECT w.id, w.customer, w.url, w.events, w.signing_key, w.moment, w.row_id, w.tries, w.turn \
                   FROM webhooks w JOIN customers c ON c.id = w.customer \
                   WHERE w.disabled = 0 AND c.disabled = 0 AND (w.next_try IS NULL OR w.next_try <= $1) \
                   ORDER BY w.id";
        let rows = self.db.rows(sql, values![now]).await?;
        rows.iter().map(due).collect()
    }

    /// Notes that the receiver has all up to a place; whether that was still wanted.
    pub async fn webhook_has(&self, due: &Due, place: Place) -> Result<bool> {
        let sql = "UPDATE webhooks SET moment = $1, row_id = $2, tries = 0, next_try = NULL, failure = NULL \
                   WHERE id = $3 AND turn = $4";
        let values = values![place.moment, place.row.cast_signed(), due.id.0, due.turn];
        Ok(self.db.run(sql, values).await? > 0)
    }

    /// Notes that it has all up to a place, and that what is behind it failed so often.
    pub async fn webhook_failed(
        &self,
        due: &Due,
        place: Place,
        (tries, next_try): (i64, Timestamp),
        failure: &str,
    ) -> Result<()> {
        let sql = "UPDATE webhooks SET moment = $1, row_id = $2, tries = $3, next_try = $4, failure = $5 \
                   WHERE id = $6 AND turn = $7";
        let row = place.row.cast_signed();
        let values = values![
            place.moment,
            row,
            tries,
            next_try,
            short(failure),
            due.id.0,
            due.turn
        ];
        self.db.run(sql, values).await.map(drop)
    }

    /// Keeps an event that is sent no more; of too many the oldest go.
    pub async fn keep_dead_event(
        &self,
        due: &Due,
        event: &str,
        body: &str,
        (failure, now): (&str, Timestamp),
    ) -> Result<()> {
        let sql = "INSERT INTO dead_events (webhook, event, body, failure, at) SELECT id, $2, $3, $4, $5 \
                   FROM webhooks WHERE id = $1";
        let values = values![due.id.0, event, body, short(failure), now];
        self.db.run(sql, values).await?;
        let sql = "DELETE FROM dead_events WHERE webhook = $1 AND id <= \
                   (SELECT id FROM dead_events WHERE webhook = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)";
        let values = values![due.id.0, DEAD_EVENTS_MAX];
        self.db.run(sql, values).await.map(drop)
    }

    /// The next dead event that somebody wants to be sent once more.
    pub async fn wanted_dead_event(&self, due: &Due) -> Result<Option<DeadEvent>> {
        let sql = "SELECT id, event, body, failure, at FROM dead_events WHERE webhook = $1 AND again = 1 \
                   ORDER BY id LIMIT 1";
        let row = self.db.row(sql, values![due.id.0]).await?;
        row.as_ref().map(dead_event).transpose()
    }

    /// Notes what came of sending it once more: it was taken, or why not.
    pub async fn dead_event_was_sent(&self, id: DeadEventId, failure: Option<&str>) -> Result<()> {
        let done = match failure {
            None => {
                let sql = "DELETE FROM dead_events WHERE id = $1";
                self.db.run(sql, values![id.0]).await
            }
            Some(failure) => {
                let sql = "UPDATE dead_events SET again = 0, failure = $1 WHERE id = $2";
                self.db.run(sql, values![short(failure), id.0]).await
            }
        };
        done.map(drop)
    }
}

impl NewWebhook {
    /// URL and events as they are stored.
    fn checked(&self) -> Result<(String, String)> {
        let invalid = |why| Error::invalid("url", why, &self.url);
        let parsed = Url::parse(self.url.trim());
        let url = parsed.map_err(|_| invalid("it should be like `https://example.org/events`"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(invalid("it should be like `https://example.org/events`"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(invalid("it may have no user, password or fragment"));
        }
        if url.as_str().len() > URL_BYTES_MAX {
            return Err(invalid("it is too long"));
        }
        let is_unknown = |it: &&String| !WEBHOOK_EVENTS.contains(&it.as_str());
        if let Some(unknown) = self.events.iter().find(is_unknown) {
            return Err(Error::invalid(
                "event",
                "there is none of this name",
                unknown,
            ));
        }
        let wanted = |it: &&str| self.events.is_empty() || self.events.iter().any(|own| own == it);
        let events: Vec<&str> = WEBHOOK_EVENTS.into_iter().filter(wanted).collect();
        Ok((url.into(), events.join(" ")))
    }
}

/// A reason, not longer than is kept.
fn short(failure: &str) -> &str {
    let end = failure.floor_char_boundary(FAILURE_BYTES_MAX);
    &failure[..end]
}

fn events(row: &Row, at: usize) -> Result<Vec<String>> {
    Ok(row.text(at)?.split(' ').map(str::to_owned).collect())
}

fn webhook(row: &Row) -> Result<Webhook> {
    Ok(Webhook {
        id: WebhookId(row.number(0)?),
        customer: CustomerId(row.number(1)?),
        url: row.text(2)?,
        events: events(row, 3)?,
        disabled: row.flag(4)?,
        created: row.time(5)?,
        until: row.time(6)?,
        tries: row.number(7)?,
        next_try: row.time_or_none(8)?,
        failure: row.text_or_none(9)?,
    })
}

fn due(row: &Row) -> Result<Due> {
    Ok(Due {
        id: WebhookId(row.number(0)?),
        customer: CustomerId(row.number(1)?),
        url: row.text(2)?,
        events: events(row, 3)?,
        key: Secret::from(row.text(4)?),
        place: Place {
            moment: row.number(5)?,
            row: row.number(6)?.cast_unsigned(),
        },
        tries: row.number(7)?,
        turn: row.number(8)?,
    })
}

fn dead_event(row: &Row) -> Result<DeadEvent> {
    Ok(DeadEvent {
        id: DeadEventId(row.number(0)?),
        event: row.text(1)?,
        body: row.text(2)?,
        failure: row.text(3)?,
        at: row.time(4)?,
    })
}
