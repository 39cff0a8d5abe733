//! What is watched for whom, how it stands, and what is still to be told.

use crate::db::{Row, values};
use crate::entry::Action;
use crate::error::{Error, Result};
use crate::ids::{AlertId, AlertMessageId, CustomerId};
use crate::limits::{
    ALERTS_MAX, FAILURE_BYTES_MAX, FIRINGS_MAX, NAME_BYTES_MAX, RECEIVERS_MAX, SEARCH_BYTES_MAX,
    URL_BYTES_MAX,
};
use crate::names;
use crate::principal::Asker;
use crate::role::Right;
use crate::secret::Secret;
use crate::tenancy::{Tenancy, limit};
use crate::token::{hex, random};
use jiff::Timestamp;
use serde_json::json;

/// Bytes of a signing key.
const KEY_BYTES: usize = 32;

/// What an alert is read from.
macro_rules! columns {
    () => {
        "a.id, a.customer, a.name, a.kind, a.question, a.by_column, a.threshold, a.percent, a.window_secs, \
         a.quiet_secs, a.receivers, a.disabled, a.created, a.checked, a.firing_since, a.evidence, a.trouble, \
         a.failure"
    };
}
const COLUMNS: usize = 18;

/// What is said of an alert. What kinds there are, and what their numbers mean, is who watches' business.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewAlert {
    /// Its name.
    pub name: String,
    /// What is watched.
    pub kind: String,
    /// Of which rows, as it was typed.
    pub question: String,
    /// The column by which rows are counted.
    pub by: Option<String>,
    /// A number that is not to be reached.
    pub threshold: i64,
    /// A share or growth that is not to be reached.
    pub percent: i64,
    /// Seconds that are looked at.
    pub window_secs: i64,
    /// Seconds for which the same is not told again.
    pub quiet_secs: i64,
    /// Who is told.
    pub receivers: Vec<String>,
    /// Whether it is not watched.
    pub disabled: bool,
}

/// An alert, without its key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alert {
    /// Its number.
    pub id: AlertId,
    /// Whose mail it watches; `None`: that of the whole installation.
    pub customer: Option<CustomerId>,
    /// What is said of it.
    pub rule: NewAlert,
    /// When it was made.
    pub created: Timestamp,
    /// When it was looked at last.
    pub checked: Option<Timestamp>,
    /// Since when it has been told that it holds; `None` where it does not.
    pub firing_since: Option<Timestamp>,
    /// What was found the last time that it was told, as JSON.
    pub evidence: Option<String>,
    /// Why it could not be looked at.
    pub trouble: Option<String>,
    /// Why a receiver was not told.
    pub failure: Option<String>,
}

/// An alert for who watches.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The alert.
    pub alert: Alert,
    /// How it stands: who watches' own text; empty at first.
    pub state: String,
    /// Changes where somebody changes the rule.
    turn: i64,
}

/// What was found when an alert was looked at.
#[derive(Clone, Debug, Default)]
pub struct Finding {
    /// How it stands from now on.
    pub state: String,
    /// Since when it has been told that it holds.
    pub firing_since: Option<Timestamp>,
    /// What was found, as JSON; `None` where nothing is to be told.
    pub evidence: Option<String>,
    /// Why it could not be looked at.
    pub trouble: Option<String>,
    /// What is to be told: receivers with their messages.
    pub messages: Vec<(String, String)>,
}

/// A time for which an alert held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Firing {
    /// When it began.
    pub began: Timestamp,
    /// When it ended; `None` where it has not.
    pub ended: Option<Timestamp>,
    /// What was found, the last time that it was told, as JSON.
    pub evidence: String,
}

/// A message that a receiver has not got yet.
#[derive(Clone, Debug)]
pub struct AlertMessage {
    /// Its number.
    pub id: AlertMessageId,
    /// Of which alert.
    pub alert: AlertId,
    /// With what the alert's messages are signed.
    pub key: Secret,
    /// Who is to get it.
    pub receiver: String,
    /// What it says: who watches' own text.
    pub message: String,
    /// How often it was sent in vain.
    pub tries: i64,
}

impl Tenancy {
    /// Makes an alert of a customer, or of the whole installation; the key with which it signs is told this once.
    pub async fn add_alert(
        &self,
        asker: &Asker,
        customer: Option<CustomerId>,
        new: &NewAlert,
    ) -> Result<(AlertId, Secret)> {
        self.must_manage(asker, customer).await?;
        let new = new.checked()?;
        let key = Secret::from(hex(&*random::<KEY_BYTES>()?));
        let receivers = new.receivers.join("\n");
        let mut change = self.change(asker).await?;
        let sql = "SELECT count(*) FROM alerts WHERE COALESCE(customer, 0) = $1";
        let count = change.tx.row(sql, values![number(customer)]).await?;
        if count.map_or(Ok(0), |row| row.number(0))? >= ALERTS_MAX {
            let why = "there are too many; remove some";
            return Err(Error::invalid("alert", why, &new.name));
        }
        let sql = "INSERT INTO alerts (customer, name, kind, question, by_column, threshold, percent, window_secs, \
                   quiet_secs, receivers, disabled, signing_key, created) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id";
        let values = values![
            customer.map(|it| it.0),
            &new.name,
            &new.kind,
            &new.question,
            new.by.as_deref(),
            new.threshold,
            new.percent,
            new.window_secs,
            new.quiet_secs,
            &receivers,
            new.disabled,
            key.expose(),
            asker.now
        ];
        let row = change.tx.row(sql, values).await?;
        let id = AlertId(row.ok_or(Error::NotFound("alert"))?.number(0)?);
        let detail = json!({ "alert": id.0, "name": new.name, "receivers": new.receivers });
        change
            .commit_quietly(Action::AddAlert, customer, detail)
            .await?;
        Ok((id, key))
    }

    /// The alerts of a customer, or those of the whole installation; the oldest first.
    pub async fn alerts(&self, asker: &Asker, customer: Option<CustomerId>) -> Result<Vec<Alert>> {
        self.must_manage(asker, customer).await?;
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM alerts a WHERE COALESCE(a.customer, 0) = $1 ORDER BY a.id"
        );
        let rows = self.db.rows(sql, values![number(customer)]).await?;
        rows.iter().map(alert).collect()
    }

    /// An alert in the asker's reach.
    pub async fn alert(&self, asker: &Asker, id: AlertId) -> Result<Alert> {
        asker.must(Right::ManageAlerts)?;
        let sql = concat!("SELECT ", columns!(), " FROM alerts a WHERE a.id = $1");
        let row = self.db.row(sql, values![id.0]).await?;
        let alert = alert(&row.ok_or(Error::NotFound("alert"))?)?;
        let reached = asker.must_reach(alert.customer);
        reached.map_err(|_| Error::NotFound("alert"))?;
        Ok(alert)
    }

    /// Makes an alert as told. If it holds that has ended, and what is not yet told is not told any more.
    pub async fn set_alert(&self, asker: &Asker, id: AlertId, new: &NewAlert) -> Result<()> {
        let alert = self.alert(asker, id).await?;
        let new = new.checked()?;
        let receivers = new.receivers.join("\n");
        let mut change = self.change(asker).await?;
        let sql = "UPDATE alerts SET name = $1, kind = $2, question = $3, by_column = $4, threshold = $5, \
                   percent = $6, window_secs = $7, quiet_secs = $8, receivers = $9, disabled = $10, \
                   turn = turn + 1, state = '', firing_since = NULL, trouble = NULL, failure = NULL \
                   WHERE id = $11";
        let values = values![
            &new.name,
            &new.kind,
            &new.question,
            new.by.as_deref(),
            new.threshold,
            new.percent,
            new.window_secs,
            new.quiet_secs,
            &receivers,
            new.disabled,
            id.0
        ];
        change.tx.run(sql, values).await?;
        let sql = "UPDATE firings SET ended = $1 WHERE alert = $2 AND ended IS NULL";
        change.tx.run(sql, values![asker.now, id.0]).await?;
        let sql = "DELETE FROM alert_messages WHERE alert = $1";
        change.tx.run(sql, values![id.0]).await?;
        let detail = json!({ "alert": id.0, "name": new.name, "receivers": new.receivers, "disabled": new.disabled });
        change
            .commit_quietly(Action::ChangeAlert, alert.customer, detail)
            .await
    }

    /// Removes an alert, with its history.
    pub async fn remove_alert(&self, asker: &Asker, id: AlertId) -> Result<()> {
        let alert = self.alert(asker, id).await?;
        let mut change = self.change(asker).await?;
        let sql = "DELETE FROM alerts WHERE id = $1";
        change.tx.run(sql, values![id.0]).await?;
        let detail = json!({ "alert": id.0, "name": alert.rule.name });
        change
            .commit_quietly(Action::RemoveAlert, alert.customer, detail)
            .await
    }

    /// An alert that is tried out, with its key; that it is goes into the audit log.
    pub async fn test_alert(&self, asker: &Asker, id: AlertId) -> Result<(Alert, Secret)> {
        let alert = self.alert(asker, id).await?;
        let sql = "SELECT signing_key FROM alerts WHERE id = $1";
        let row = self.db.row(sql, values![id.0]).await?;
        let key = row.ok_or(Error::NotFound("alert"))?.text(0)?;
        let detail = json!({ "alert": id.0, "receivers": alert.rule.receivers });
        self.record(asker, Action::TestAlert, alert.customer, detail)
            .await?;
        Ok((alert, Secret::from(key)))
    }

    /// The last so many times that an alert held, the newest first.
    pub async fn firings(
        &self,
        asker: &Asker,
        id: AlertId,
        limit_wanted: u32,
    ) -> Result<Vec<Firing>> {
        self.alert(asker, id).await?;
        let sql =
            "SELECT began, ended, evidence FROM firings WHERE alert = $1 ORDER BY id DESC LIMIT $2";
        let rows = self
            .db
            .rows(sql, values![id.0, limit(limit_wanted)])
            .await?;
        rows.iter().map(firing).collect()
    }

    /// The alerts that are watched and were not looked at since a time, the first so many; those first that wait
    /// longest. A clock that was put back makes none wait.
    pub async fn due_alerts(
        &self,
        (since, now): (Timestamp, Timestamp),
        most: u32,
    ) -> Result<Vec<Watched>> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            ", a.state, a.turn FROM alerts a LEFT JOIN customers c ON c.id = a.customer \
             WHERE a.disabled = 0 AND COALESCE(c.disabled, 0) = 0 \
             AND (a.checked IS NULL OR a.checked <= $1 OR a.checked > $2) \
             ORDER BY COALESCE(a.checked, 0), a.id LIMIT $3"
        );
        let rows = self.db.rows(sql, values![since, now, limit(most)]).await?;
        rows.iter().map(watched).collect()
    }

    /// Notes what was found, and what is to be told of it, in one step; whether the rule is still the same.
    pub async fn note_finding(
        &self,
        watched: &Watched,
        finding: &Finding,
        now: Timestamp,
    ) -> Result<bool> {
        let (id, was_firing) = (watched.alert.id.0, watched.alert.firing_since.is_some());
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE alerts SET state = $1, firing_since = $2, trouble = $3, checked = $4, \
                   evidence = COALESCE($5, evidence) WHERE id = $6 AND turn = $7";
        let values = values![
            &finding.state,
            finding.firing_since,
            finding.trouble.as_deref().map(short),
            now,
            finding.evidence.as_deref(),
            id,
            watched.turn
        ];
        if tx.run(sql, values).await? == 0 {
            return Ok(false);
        }
        let evidence = finding.evidence.as_deref();
        match (was_firing, finding.firing_since) {
            (false, Some(began)) => {
                let sql = "INSERT INTO firings (alert, began, evidence) VALUES ($1, $2, $3)";
                tx.run(sql, values![id, began, evidence.unwrap_or("{}")])
                    .await?;
                let sql = "DELETE FROM firings WHERE alert = $1 AND id <= \
                           (SELECT id FROM firings WHERE alert = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)";
                tx.run(sql, values![id, FIRINGS_MAX]).await?;
            }
            (true, None) => {
                let sql = "UPDATE firings SET ended = $1 WHERE alert = $2 AND ended IS NULL";
                tx.run(sql, values![now, id]).await?;
            }
            (true, Some(_)) if evidence.is_some() => {
                let sql = "UPDATE firings SET evidence = $1 WHERE alert = $2 AND ended IS NULL";
                tx.run(sql, values![evidence, id]).await?;
            }
            _ => {}
        }
        let sql = "INSERT INTO alert_messages (alert, receiver, message, next_try) VALUES ($1, $2, $3, $4)";
        for (receiver, message) in &finding.messages {
            tx.run(sql, values![id, receiver, message, now]).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// The messages that may be sent now, the first so many; of an alert to a receiver the oldest alone.
    pub async fn due_alert_messages(&self, now: Timestamp, most: u32) -> Result<Vec<AlertMessage>> {
        let sql = "SELECT m.id, m.alert, a.signing_key, m.receiver, m.message, m.tries \
                   FROM alert_messages m JOIN alerts a ON a.id = m.alert \
                   WHERE m.next_try <= $1 AND NOT EXISTS (SELECT 1 FROM alert_messages b \
                   WHERE b.alert = m.alert AND b.receiver = m.receiver AND b.id < m.id) \
                   ORDER BY m.id LIMIT $2";
        let rows = self.db.rows(sql, values![now, limit(most)]).await?;
        rows.iter().map(message).collect()
    }

    /// Notes that a message is done with: its receiver has it, or why it is given up.
    pub async fn alert_message_is_done(
        &self,
        message: &AlertMessage,
        failure: Option<&str>,
    ) -> Result<()> {
        let id = message.alert.0;
        match failure {
            Some(failure) => {
                let sql = "UPDATE alerts SET failure = $1 WHERE id = $2";
                self.db.run(sql, values![short(failure), id]).await?;
            }
            // What another receiver did not take stays told.
            None => {
                let sql = "UPDATE alerts SET failure = NULL WHERE id = $1 AND SUBSTR(failure, 1, LENGTH($2)) = $2";
                self.db.run(sql, values![id, &message.receiver]).await?;
            }
        }
        let sql = "DELETE FROM alert_messages WHERE id = $1";
        self.db.run(sql, values![message.id.0]).await.map(drop)
    }

    /// Notes that a message was sent in vain, and when it is sent again.
    pub async fn alert_message_failed(
        &self,
        message: &AlertMessage,
        failure: &str,
        next_try: Timestamp,
    ) -> Result<()> {
        let sql = "UPDATE alerts SET failure = $1 WHERE id = $2";
        self.db
            .run(sql, values![short(failure), message.alert.0])
            .await?;
        let sql = "UPDATE alert_messages SET tries = tries + 1, next_try = $1 WHERE id = $2";
        self.db
            .run(sql, values![next_try, message.id.0])
            .await
            .map(drop)
    }

    async fn must_manage(&self, asker: &Asker, customer: Option<CustomerId>) -> Result<()> {
        asker.must(Right::ManageAlerts)?;
        match customer {
            Some(customer) => self.customer(asker, customer).await.map(drop),
            None => asker.must_reach(None),
        }
    }
}

impl NewAlert {
    /// As it is stored.
    fn checked(&self) -> Result<Self> {
        let invalid = |what, why| Error::invalid(what, why, &self.name);
        if self.question.len() > SEARCH_BYTES_MAX {
            return Err(invalid("question", "it is too long"));
        }
        if self.receivers.is_empty() || self.receivers.len() > RECEIVERS_MAX {
            return Err(invalid("receivers", "there should be 1 to 10"));
        }
        let is_odd = |it: &&String| it.len() > URL_BYTES_MAX || it.contains(char::is_control);
        if let Some(odd) = self.receivers.iter().find(is_odd) {
            return Err(Error::invalid(
                "receiver",
                "it is too long, or no text",
                odd,
            ));
        }
        let words = [Some(&self.kind), self.by.as_ref()];
        if words
            .into_iter()
            .flatten()
            .any(|it| it.len() > NAME_BYTES_MAX)
        {
            return Err(invalid("alert", "a word is too long"));
        }
        Ok(Self {
            name: names::shown("alert", &self.name)?,
            ..self.clone()
        })
    }
}

/// In place of nobody's number.
fn number(customer: Option<CustomerId>) -> i64 {
    customer.map_or(0, |it| it.0)
}

/// A reason, not longer than is kept.
fn short(failure: &str) -> &str {
    &failure[..failure.floor_char_boundary(FAILURE_BYTES_MAX)]
}

fn alert(row: &Row) -> Result<Alert> {
    Ok(Alert {
        id: AlertId(row.number(0)?),
        customer: row.number_or_none(1)?.map(CustomerId),
        rule: NewAlert {
            name: row.text(2)?,
            kind: row.text(3)?,
            question: row.text(4)?,
            by: row.text_or_none(5)?,
            threshold: row.number(6)?,
            percent: row.number(7)?,
            window_secs: row.number(8)?,
            quiet_secs: row.number(9)?,
            receivers: row.text(10)?.lines().map(str::to_owned).collect(),
            disabled: row.flag(11)?,
        },
        created: row.time(12)?,
        checked: row.time_or_none(13)?,
        firing_since: row.time_or_none(14)?,
        evidence: row.text_or_none(15)?,
        trouble: row.text_or_none(16)?,
        failure: row.text_or_none(17)?,
    })
}

fn watched(row: &Row) -> Result<Watched> {
    Ok(Watched {
        alert: alert(row)?,
        state: row.text(COLUMNS)?,
        turn: row.number(COLUMNS + 1)?,
    })
}

fn firing(row: &Row) -> Result<Firing> {
    Ok(Firing {
        began: row.time(0)?,
        ended: row.time_or_none(1)?,
        evidence: row.text(2)?,
    })
}

fn message(row: &Row) -> Result<AlertMessage> {
    Ok(AlertMessage {
        id: AlertMessageId(row.number(0)?),
        alert: AlertId(row.number(1)?),
        key: Secret::from(row.text(2)?),
        receiver: row.text(3)?,
        message: row.text(4)?,
        tries: row.number(5)?,
    })
}
