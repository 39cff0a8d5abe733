//! Reports that are sent on a schedule, what of them is still to be sent, and what came of each.
//!
//! A mail is begun ([`Tenancy::begin_mail`]) before anything is sent, and its end is noted behind: where nobody can
//! tell whether it was taken, as after a crash in between, it counts as unclear.

use crate::db::{Row, Tx, values};
use crate::entry::Action;
use crate::error::{Error, Result};
use crate::ids::{CustomerId, ScheduleId, ScheduleMailId, ScheduleRunId};
use crate::limits::{
    FAILURE_BYTES_MAX, NAME_BYTES_MAX, RECEIVERS_MAX, RUNS_BY_HAND_MAX, RUNS_BY_HAND_SECS,
    RUNS_MAX, SCHEDULES_MAX,
};
use crate::names;
use crate::principal::Asker;
use crate::role::Right;
use crate::tenancy::{Tenancy, later, limit};
use jiff::Timestamp;
use serde_json::json;

/// What a schedule is read from.
macro_rules! columns {
    () => {
        "s.id, s.customer, c.name, s.name, s.every, s.day, s.minute, s.zone, s.language, s.receivers, \
         s.disabled, s.created, s.next_due"
    };
}
const COLUMNS: usize = 13;

/// What is said of a schedule. What days there are, and what a report says, is who sends' business.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSchedule {
    /// Its name.
    pub name: String,
    /// On which days.
    pub every: String,
    /// On which of them.
    pub day: i64,
    /// At which minute of the day.
    pub minute: i64,
    /// Of which zone's calendar and clock.
    pub zone: String,
    /// In which language.
    pub language: String,
    /// To whom.
    pub receivers: Vec<String>,
    /// Whether it is not sent for now.
    pub disabled: bool,
    /// When it is due next.
    pub next_due: Timestamp,
}

/// A report that is sent on a schedule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Schedule {
    /// Its number.
    pub id: ScheduleId,
    /// Whose mail it tells of; `None`: all.
    pub customer: Option<CustomerId>,
    /// That customer's name.
    pub customer_name: Option<String>,
    /// What is said of it.
    pub said: NewSchedule,
    /// When it was made.
    pub created: Timestamp,
}

/// A report that is to be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewRun {
    /// When it was due.
    pub due: Timestamp,
    /// How many before it were missed.
    pub missed: i64,
    /// From when on is what it is compared with, up to where it begins.
    pub before_from: Timestamp,
    /// From when on it tells.
    pub from: Timestamp,
    /// Up to when.
    pub until: Timestamp,
}

/// A report that is to be counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DueRun {
    /// Its number.
    pub id: ScheduleRunId,
    /// Of which schedule.
    pub schedule: Schedule,
    /// Of which time.
    pub run: NewRun,
    /// Whether somebody wanted it at once.
    pub by_hand: bool,
    /// When it was begun.
    pub began: Timestamp,
    /// How often counting failed.
    pub tries: i64,
}

/// A mail that is to be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScheduleMail {
    /// Its number.
    pub id: ScheduleMailId,
    /// Of which run.
    pub run: ScheduleRunId,
    /// When that was begun.
    pub began: Timestamp,
    /// To whom.
    pub receiver: String,
    /// What it says: who sends' own text.
    pub message: String,
    /// How often it was begun.
    pub tries: i64,
    /// How often of these nobody knows whether it was taken.
    pub unclear: i64,
}

/// A report that was to be sent, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScheduleRun {
    /// Its number.
    pub id: ScheduleRunId,
    /// Of which time.
    pub run: NewRun,
    /// Whether somebody wanted it at once.
    pub by_hand: bool,
    /// When it was begun.
    pub began: Timestamp,
    /// When all was done; `None` where something is still to be.
    pub ended: Option<Timestamp>,
    /// Why it could not be counted.
    pub trouble: Option<String>,
    /// To whom.
    pub mails: Vec<SentMail>,
}

/// What came of a mail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SentMail {
    /// To whom.
    pub receiver: String,
    /// `waiting`, `sent` or `failed`.
    pub state: String,
    /// How often it was begun.
    pub tries: i64,
    /// What the server said, or what went wrong.
    pub reply: Option<String>,
    /// When that was.
    pub ended: Option<Timestamp>,
}

impl Tenancy {
    /// Makes a schedule of a customer, or of the whole installation.
    pub async fn add_schedule(
        &self,
        asker: &Asker,
        customer: Option<CustomerId>,
        new: &NewSchedule,
    ) -> Result<ScheduleId> {
        self.must_manage_schedules(asker, customer).await?;
        let new = new.checked()?;
        let receivers = new.receivers.join("\n");
        let mut change = self.change(asker).await?;
        let sql = "SELECT count(*) FROM schedules WHERE COALESCE(customer, 0) = $1";
        let count = change.tx.row(sql, values![number(customer)]).await?;
        if count.map_or(Ok(0), |row| row.number(0))? >= SCHEDULES_MAX {
            let why = "there are too many; remove some";
            return Err(Error::invalid("schedule", why, &new.name));
        }
        let sql = "INSERT INTO schedules (customer, name, every, day, minute, zone, language, receivers, disabled, \
                   created, next_due) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id";
        let values = values![
            customer.map(|it| it.0),
            &new.name,
            &new.every,
            new.day,
            new.minute,
            &new.zone,
            &new.language,
            &receivers,
            new.disabled,
            asker.now,
            new.next_due
        ];
        let row = change.tx.row(sql, values).await?;
        let id = ScheduleId(row.ok_or(Error::NotFound("schedule"))?.number(0)?);
        let detail = json!({ "schedule": id.0, "name": new.name, "receivers": new.receivers });
        change
            .commit_quietly(Action::AddSchedule, customer, detail)
            .await?;
        Ok(id)
    }

    /// The schedules of a customer, or those of the whole installation; the oldest first.
    pub async fn schedules(
        &self,
        asker: &Asker,
        customer: Option<CustomerId>,
    ) -> Result<Vec<Schedule>> {
        self.must_manage_schedules(asker, customer).await?;
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM schedules s LEFT JOIN customers c ON c.id = s.customer \
             WHERE COALESCE(s.customer, 0) = $1 ORDER BY s.id"
        );
        let rows = self.db.rows(sql, values![number(customer)]).await?;
        rows.iter().map(schedule).collect()
    }

    /// A schedule in the asker's reach.
    pub async fn schedule(&self, asker: &Asker, id: ScheduleId) -> Result<Schedule> {
        asker.must(Right::ManageSchedules)?;
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM schedules s LEFT JOIN customers c ON c.id = s.customer WHERE s.id = $1"
        );
        let row = self.db.row(sql, values![id.0]).await?;
        let schedule = schedule(&row.ok_or(Error::NotFound("schedule"))?)?;
        let reached = asker.must_reach(schedule.customer);
        reached.map_err(|_| Error::NotFound("schedule"))?;
        Ok(schedule)
    }

    /// Makes a schedule as told. What is not yet sent is not sent any more.
    pub async fn set_schedule(
        &self,
        asker: &Asker,
        id: ScheduleId,
        new: &NewSchedule,
    ) -> Result<()> {
        let schedule = self.schedule(asker, id).await?;
        let new = new.checked()?;
        let receivers = new.receivers.join("\n");
        let mut change = self.change(asker).await?;
        let sql = "UPDATE schedules SET name = $1, every = $2, day = $3, minute = $4, zone = $5, language = $6, \
                   receivers = $7, disabled = $8, next_due = $9 WHERE id = $10";
        let values = values![
            &new.name,
            &new.every,
            new.day,
            new.minute,
            &new.zone,
            &new.language,
            &receivers,
            new.disabled,
            new.next_due,
            id.0
        ];
        change.tx.run(sql, values).await?;
        let sql = "UPDATE schedule_mails SET state = 'failed', reply = 'the report was changed', ended = $1 \
                   WHERE state = 'waiting' AND run IN (SELECT id FROM schedule_runs WHERE schedule = $2)";
        change.tx.run(sql, values![asker.now, id.0]).await?;
        let sql = "UPDATE schedule_runs SET ended = $1, message = NULL WHERE schedule = $2 AND ended IS NULL";
        change.tx.run(sql, values![asker.now, id.0]).await?;
        let detail = json!({
            "schedule": id.0, "name": new.name, "receivers": new.receivers, "disabled": new.disabled });
        change
            .commit_quietly(Action::ChangeSchedule, schedule.customer, detail)
            .await
    }

    /// Removes a schedule, with its history.
    pub async fn remove_schedule(&self, asker: &Asker, id: ScheduleId) -> Result<()> {
        let schedule = self.schedule(asker, id).await?;
        let mut change = self.change(asker).await?;
        let sql = "DELETE FROM schedules WHERE id = $1";
        change.tx.run(sql, values![id.0]).await?;
        let detail = json!({ "schedule": id.0, "name": schedule.said.name });
        change
            .commit_quietly(Action::RemoveSchedule, schedule.customer, detail)
            .await
    }

    /// A schedule whose report is shown; that it is goes into the audit log.
    pub async fn show_schedule(&self, asker: &Asker, id: ScheduleId) -> Result<Schedule> {
        let schedule = self.schedule(asker, id).await?;
        let detail = json!({ "schedule": id.0, "name": schedule.said.name });
        self.record(asker, Action::ShowSchedule, schedule.customer, detail)
            .await?;
        Ok(schedule)
    }

    /// Has a report sent at once, beside those that are due; not too often, since who gets it did not ask.
    pub async fn send_schedule(
        &self,
        asker: &Asker,
        schedule: &Schedule,
        run: &NewRun,
    ) -> Result<ScheduleRunId> {
        let id = schedule.id;
        self.schedule(asker, id).await?;
        let mut change = self.change(asker).await?;
        let since = later(asker.now, -RUNS_BY_HAND_SECS);
        let sql = "SELECT count(*), min(began) FROM schedule_runs WHERE schedule = $1 AND by_hand = 1 AND began > $2";
        let row = change.tx.row(sql, values![id.0, since]).await?;
        let row = row.ok_or(Error::NotFound("schedule"))?;
        if row.number(0)? >= RUNS_BY_HAND_MAX {
            let first = row.time_or_none(1)?.unwrap_or(asker.now);
            let wait_secs = RUNS_BY_HAND_SECS - asker.now.duration_since(first).as_secs();
            return Err(Error::TooManyTries { wait_secs });
        }
        let receivers = &schedule.said.receivers;
        let run = begin(
            &mut change.tx,
            (id, receivers.as_slice()),
            run,
            (true, asker.now),
        )
        .await?;
        let run = run.ok_or(Error::NotFound("schedule"))?;
        let detail =
            json!({ "schedule": id.0, "name": schedule.said.name, "receivers": receivers });
        change
            .commit_quietly(Action::SendSchedule, schedule.customer, detail)
            .await?;
        Ok(run)
    }

    /// The last so many reports of a schedule, the newest first.
    pub async fn schedule_runs(
        &self,
        asker: &Asker,
        id: ScheduleId,
        limit_wanted: u32,
    ) -> Result<Vec<ScheduleRun>> {
        self.schedule(asker, id).await?;
        let sql = "SELECT id, due, missed, before_from, period_from, period_until, by_hand, began, ended, trouble \
                   FROM schedule_runs WHERE schedule = $1 ORDER BY id DESC LIMIT $2";
        let rows = self
            .db
            .rows(sql, values![id.0, limit(limit_wanted)])
            .await?;
        let mut runs = rows.iter().map(run).collect::<Result<Vec<_>>>()?;
        let sql = "SELECT run, receiver, state, tries, reply, ended FROM schedule_mails WHERE run IN \
                   (SELECT id FROM schedule_runs WHERE schedule = $1 ORDER BY id DESC LIMIT $2) ORDER BY id";
        let rows = self
            .db
            .rows(sql, values![id.0, limit(limit_wanted)])
            .await?;
        for row in &rows {
            let of = ScheduleRunId(row.number(0)?);
            if let Some(run) = runs.iter_mut().find(|it| it.id == of) {
                run.mails.push(sent_mail(row)?);
            }
        }
        Ok(runs)
    }

    /// The schedules of which a report is due, the first so many; those first that wait longest.
    pub async fn due_schedules(&self, now: Timestamp, most: u32) -> Result<Vec<Schedule>> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM schedules s LEFT JOIN customers c ON c.id = s.customer \
             WHERE s.disabled = 0 AND COALESCE(c.disabled, 0) = 0 AND s.next_due <= $1 \
             ORDER BY s.next_due, s.id LIMIT $2"
        );
        let rows = self.db.rows(sql, values![now, limit(most)]).await?;
        rows.iter().map(schedule).collect()
    }

    /// Begins the report that is due, and notes when the next one is, in one step; whether nobody else has done so,
    /// and the schedule is still the same.
    pub async fn begin_run(
        &self,
        schedule: &Schedule,
        run: &NewRun,
        next_due: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql =
            "UPDATE schedules SET next_due = $1 WHERE id = $2 AND next_due = $3 AND disabled = 0";
        let values = values![next_due, schedule.id.0, schedule.said.next_due];
        if tx.run(sql, values).await? == 0 {
            return Ok(false);
        }
        let of = (schedule.id, schedule.said.receivers.as_slice());
        let begun = begin(&mut tx, of, run, (false, now)).await?;
        tx.commit().await?;
        Ok(begun.is_some())
    }

    /// The reports that may be counted now, the first so many.
    pub async fn due_runs(&self, now: Timestamp, most: u32) -> Result<Vec<DueRun>> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            ", r.id, r.due, r.missed, r.before_from, r.period_from, r.period_until, r.by_hand, r.began, r.tries \
             FROM schedule_runs r JOIN schedules s ON s.id = r.schedule LEFT JOIN customers c ON c.id = s.customer \
             WHERE r.ended IS NULL AND r.message IS NULL AND r.next_try <= $1 AND COALESCE(c.disabled, 0) = 0 \
             ORDER BY r.next_try, r.id LIMIT $2"
        );
        let rows = self.db.rows(sql, values![now, limit(most)]).await?;
        rows.iter().map(due_run).collect()
    }

    /// Notes what a report says; then its mails may be sent.
    pub async fn run_is_counted(&self, id: ScheduleRunId, message: &str) -> Result<()> {
        let sql =
            "UPDATE schedule_runs SET message = $1, trouble = NULL WHERE id = $2 AND ended IS NULL";
        self.db.run(sql, values![message, id.0]).await.map(drop)
    }

    /// Notes that a report could not be counted, and when it is tried again; without that it is given up.
    pub async fn run_failed(
        &self,
        id: ScheduleRunId,
        why: &str,
        next_try: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE schedule_runs SET trouble = $1, tries = tries + 1, next_try = COALESCE($2, next_try) \
                   WHERE id = $3";
        tx.run(sql, values![short(why), next_try, id.0]).await?;
        if next_try.is_none() {
            let sql = "UPDATE schedule_mails SET state = 'failed', reply = $1, ended = $2 \
                       WHERE run = $3 AND state = 'waiting'";
            tx.run(sql, values![short(why), now, id.0]).await?;
            end(&mut tx, id, now).await?;
        }
        tx.commit().await
    }

    /// The mails that may be sent now, the first so many.
    pub async fn due_schedule_mails(&self, now: Timestamp, most: u32) -> Result<Vec<ScheduleMail>> {
        let sql = "SELECT m.id, m.run, r.began, m.receiver, r.message, m.tries, m.unclear FROM schedule_mails m \
                   JOIN schedule_runs r ON r.id = m.run JOIN schedules s ON s.id = r.schedule \
                   LEFT JOIN customers c ON c.id = s.customer \
                   WHERE m.state = 'waiting' AND m.next_try <= $1 AND r.message IS NOT NULL \
                   AND COALESCE(c.disabled, 0) = 0 ORDER BY m.next_try, m.id LIMIT $2";
        let rows = self.db.rows(sql, values![now, limit(most)]).await?;
        rows.iter().map(mail).collect()
    }

    /// Notes that a mail is being sent; whether nobody else does.
    pub async fn begin_mail(&self, mail: &ScheduleMail) -> Result<bool> {
        let sql = "UPDATE schedule_mails SET tries = tries + 1, unclear = unclear + 1 \
                   WHERE id = $1 AND tries = $2 AND state = 'waiting'";
        let begun = self.db.run(sql, values![mail.id.0, mail.tries]).await?;
        Ok(begun == 1)
    }

    /// Notes that a mail was taken, and what the server said.
    pub async fn mail_is_sent(
        &self,
        mail: &ScheduleMail,
        reply: &str,
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE schedule_mails SET state = 'sent', reply = $1, ended = $2 WHERE id = $3";
        tx.run(sql, values![short(reply), now, mail.id.0]).await?;
        end(&mut tx, mail.run, now).await?;
        tx.commit().await
    }

    /// Notes that a mail was not taken, or that nobody knows (`is_unclear`), and when it is sent again; without that
    /// it is given up.
    pub async fn mail_failed(
        &self,
        mail: &ScheduleMail,
        (why, is_unclear): (&str, bool),
        next_try: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let unclear = mail.unclear + i64::from(is_unclear);
        let ended = next_try.is_none().then_some(now);
        let state = if ended.is_some() { "failed" } else { "waiting" };
        let sql = "UPDATE schedule_mails SET state = $1, unclear = $2, next_try = COALESCE($3, next_try), \
                   reply = $4, ended = $5 WHERE id = $6 AND state = 'waiting'";
        let values = values![state, unclear, next_try, short(why), ended, mail.id.0];
        tx.run(sql, values).await?;
        end(&mut tx, mail.run, now).await?;
        tx.commit().await
    }

    async fn must_manage_schedules(
        &self,
        asker: &Asker,
        customer: Option<CustomerId>,
    ) -> Result<()> {
        asker.must(Right::ManageSchedules)?;
        match customer {
            Some(customer) => self.customer(asker, customer).await.map(drop),
            None => asker.must_reach(None),
        }
    }
}

/// Begins a run of a schedule to its receivers; `None` where there is one already.
async fn begin(
    tx: &mut Tx,
    (schedule, receivers): (ScheduleId, &[String]),
    run: &NewRun,
    (by_hand, now): (bool, Timestamp),
) -> Result<Option<ScheduleRunId>> {
    let sql = "INSERT INTO schedule_runs (schedule, due, by_hand, missed, before_from, period_from, period_until, \
               began, next_try) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT DO NOTHING RETURNING id";
    let values = values![
        schedule.0,
        run.due,
        by_hand,
        run.missed,
        run.before_from,
        run.from,
        run.until,
        now
    ];
    let Some(row) = tx.row(sql, values).await? else {
        return Ok(None);
    };
    let id = row.number(0)?;
    for receiver in receivers {
        let sql = "INSERT INTO schedule_mails (run, receiver, next_try) VALUES ($1, $2, $3)";
        tx.run(sql, values![id, receiver, now]).await?;
    }
    let sql = "DELETE FROM schedule_runs WHERE schedule = $1 AND id <= \
               (SELECT id FROM schedule_runs WHERE schedule = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)";
    tx.run(sql, values![schedule.0, RUNS_MAX]).await?;
    Ok(Some(ScheduleRunId(id)))
}

/// Ends a run whose mails are all done with; what it says is not needed any more.
async fn end(tx: &mut Tx, run: ScheduleRunId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE schedule_runs SET ended = $1, message = NULL WHERE id = $2 AND ended IS NULL \
               AND NOT EXISTS (SELECT 1 FROM schedule_mails WHERE run = $2 AND state = 'waiting')";
    tx.run(sql, values![now, run.0]).await.map(drop)
}

impl NewSchedule {
    /// As it is stored.
    fn checked(&self) -> Result<Self> {
        let invalid = |what, why| Error::invalid(what, why, &self.name);
        if self.receivers.is_empty() || self.receivers.len() > RECEIVERS_MAX {
            return Err(invalid("receivers", "there should be 1 to 10"));
        }
        let mut receivers = Vec::with_capacity(self.receivers.len());
        for receiver in &self.receivers {
            let address = names::address(receiver)?;
            if !receivers.contains(&address) {
                receivers.push(address);
            }
        }
        let words = [&self.every, &self.zone, &self.language];
        if words.into_iter().any(|it| it.len() > NAME_BYTES_MAX) {
            return Err(invalid("schedule", "a word is too long"));
        }
        Ok(Self {
            name: names::shown("schedule", &self.name)?,
            receivers,
            ..self.clone()
        })
    }
}

/// In place of nobody's number.
fn number(customer: Option<CustomerId>) -> i64 {
    customer.map_or(0, |it| it.0)
}

/// A reply or reason, not longer than is kept.
fn short(text: &str) -> &str {
    text.get(..text.floor_char_boundary(FAILURE_BYTES_MAX))
        .unwrap_or(text)
}

fn schedule(row: &Row) -> Result<Schedule> {
    Ok(Schedule {
        id: ScheduleId(row.number(0)?),
        customer: row.number_or_none(1)?.map(CustomerId),
        customer_name: row.text_or_none(2)?,
        said: NewSchedule {
            name: row.text(3)?,
            every: row.text(4)?,
            day: row.number(5)?,
            minute: row.number(6)?,
            zone: row.text(7)?,
            language: row.text(8)?,
            receivers: row.text(9)?.lines().map(str::to_owned).collect(),
            disabled: row.flag(10)?,
            next_due: row.time(12)?,
        },
        created: row.time(11)?,
    })
}

/// From a column on.
fn new_run(row: &Row, at: usize) -> Result<NewRun> {
    Ok(NewRun {
        due: row.time(at)?,
        missed: row.number(at + 1)?,
        before_from: row.time(at + 2)?,
        from: row.time(at + 3)?,
        until: row.time(at + 4)?,
    })
}

fn due_run(row: &Row) -> Result<DueRun> {
    Ok(DueRun {
        id: ScheduleRunId(row.number(COLUMNS)?),
        schedule: schedule(row)?,
        run: new_run(row, COLUMNS + 1)?,
        by_hand: row.flag(COLUMNS + 6)?,
        began: row.time(COLUMNS + 7)?,
        tries: row.number(COLUMNS + 8)?,
    })
}

fn run(row: &Row) -> Result<ScheduleRun> {
    Ok(ScheduleRun {
        id: ScheduleRunId(row.number(0)?),
        run: new_run(row, 1)?,
        by_hand: row.flag(6)?,
        began: row.time(7)?,
        ended: row.time_or_none(8)?,
        trouble: row.text_or_none(9)?,
        mails: Vec::new(),
    })
}

fn mail(row: &Row) -> Result<ScheduleMail> {
    Ok(ScheduleMail {
        id: ScheduleMailId(row.number(0)?),
        run: ScheduleRunId(row.number(1)?),
        began: row.time(2)?,
        receiver: row.text(3)?,
        message: row.text(4)?,
        tries: row.number(5)?,
        unclear: row.number(6)?,
    })
}

fn sent_mail(row: &Row) -> Result<SentMail> {
    Ok(SentMail {
        receiver: row.text(1)?,
        state: row.text(2)?,
        tries: row.number(3)?,
        reply: row.text_or_none(4)?,
        ended: row.time_or_none(5)?,
    })
}
