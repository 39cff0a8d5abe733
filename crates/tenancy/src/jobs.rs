//! Exports that are asked for: whose they are, how far each is, and how long its file is kept.

use crate::db::{Row, Tx, values};
use crate::entry::Action;
use crate::error::{Error, Result};
use crate::ids::{JobId, KeyId, UserId};
use crate::limits::{FAILURE_BYTES_MAX, JOBS_MAX, PAGE_ENTRIES_MAX, SEARCH_BYTES_MAX};
use crate::names;
use crate::principal::{Asker, Reach, Who};
use crate::role::Right;
use crate::tenancy::Tenancy;
use jiff::Timestamp;
use serde_json::json;
use std::fmt;

/// What a job is read from.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT j.id, j.user_id, j.key_id, COALESCE(u.login, k.name, ''), j.reach, j.name, j.question, \
             j.time_range, j.zone, j.format, j.with_lines, j.state, j.created, j.began, j.ended, j.expires, \
             j.written, j.rows_in_all, j.bytes, j.permille, j.place, j.place_rows, j.place_bytes, j.hash, j.failure, j.archive \
             FROM jobs j LEFT JOIN users u ON u.id = j.user_id LEFT JOIN keys k ON k.id = j.key_id ",
            $rest
        )
    };
}

/// How a job stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum JobState {
    /// It is not its turn yet, or not again after the daemon ended.
    Waiting,
    /// It is being written.
    Running,
    /// Its file is complete.
    Done,
    /// It could not be written; [`Job::failure`] says why.
    Failed,
    /// Somebody wanted it no more.
    Cancelled,
}

impl JobState {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
    ];

    /// As it is stored and shown: `waiting`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.as_str())
    }
}

/// An export that is wanted. What the texts mean is who writes' business.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewJob {
    /// Of which archive: servers with one each may share this database.
    pub archive: String,
    /// Its name, for people.
    pub name: String,
    /// Of which rows, as it was typed.
    pub question: String,
    /// Of which time, as it was typed; words such as `yesterday` are of the time at which it was asked.
    pub range: String,
    /// The zone of times in both; empty for UTC.
    pub zone: String,
    /// The format of the file.
    pub format: String,
    /// Whether rows come with their original lines.
    pub with_lines: bool,
}

/// How much is written.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Written {
    /// Rows.
    pub rows: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// Up to where all is on disk.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct JobPlace {
    /// Who writes' own text; empty at the beginning.
    pub place: String,
    /// What is before it.
    pub written: Written,
}

/// An export.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// Whose it is; `None` for a customer's key.
    pub user: Option<UserId>,
    /// The customer's key whose it is.
    pub key: Option<KeyId>,
    /// Login, or name of the key.
    pub owner: String,
    /// Whose mail it has: what its owner could see when it was asked for.
    pub reach: Reach,
    /// What is wanted.
    pub wanted: NewJob,
    /// How it stands.
    pub state: JobState,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it was begun.
    pub began: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// When it goes, with its file.
    pub expires: Option<Timestamp>,
    /// What is written.
    pub written: Written,
    /// Rows that it will have, as they were counted at its begin; `None` where they were not.
    pub rows_in_all: Option<u64>,
    /// How much of its time is done, of a thousand.
    pub permille: u32,
    /// Where it goes on.
    pub place: JobPlace,
    /// SHA-256 of the file, as hexadecimal digits.
    pub hash: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
}

/// How a job ended.
#[derive(Clone, Copy, Debug)]
pub enum JobEnd<'a> {
    /// The file is complete.
    Done {
        /// What it has.
        written: Written,
        /// Its SHA-256, as hexadecimal digits.
        hash: &'a str,
    },
    /// It could not be written, for this reason.
    Failed(&'a str),
}

impl Tenancy {
    /// Asks for an export of mail in the asker's reach.
    pub async fn add_job(&self, asker: &Asker, new: &NewJob) -> Result<JobId> {
        asker.must(Right::ReadMail)?;
        let name = names::shown("name", &new.name)?;
        if new.question.len() + new.range.len() + new.zone.len() > SEARCH_BYTES_MAX {
            return Err(Error::invalid("question", "it is too long", &name));
        }
        if asker.principal.reach != Reach::Everything {
            let mut tx = self.db.begin().await?;
            let id = insert(&mut tx, asker, &name, new).await?;
            return tx.commit().await.map(|()| id);
        }
        let mut change = self.change(asker).await?;
        let id = insert(&mut change.tx, asker, &name, new).await?;
        let detail = json!({
            "job": id.0, "asked": new.question, "range": new.range, "format": new.format, "lines": new.with_lines,
        });
        let recorded = change.commit_quietly(Action::Export, None, detail);
        recorded.await.map(|()| id)
    }

    /// The asker's exports of an archive, the newest first; of those who run the system, everybody's.
    pub async fn jobs(&self, asker: &Asker, archive: &str) -> Result<Vec<Job>> {
        asker.must(Right::ReadMail)?;
        let sql = select!(
            "WHERE j.archive = $1 AND ($2 = 1 OR j.user_id = $3 OR j.key_id = $4) ORDER BY j.id DESC LIMIT $5"
        );
        let (user, key) = owner(asker)?;
        let all = i64::from(sees_all(asker));
        let values = values![archive, all, user, key, i64::from(PAGE_ENTRIES_MAX)];
        let rows = self.db.rows(sql, values).await?;
        rows.iter().map(job).collect()
    }

    /// An export of the asker's; of those who run the system, of anybody.
    pub async fn job(&self, asker: &Asker, id: JobId) -> Result<Job> {
        asker.must(Right::ReadMail)?;
        let job = self.any_job(id).await?;
        match job.is_of(asker) || sees_all(asker) {
            true => Ok(job),
            false => Err(Error::NotFound("job")),
        }
    }

    /// An export whose file the asker may have: it is his, complete, and all in it is what he may see still. That
    /// somebody fetches the mail of others is noted first.
    pub async fn job_to_fetch(&self, asker: &Asker, id: JobId) -> Result<Job> {
        asker.must(Right::ReadMail)?;
        let job = self.any_job(id).await?;
        if !job.is_of(asker) {
            return Err(Error::NotFound("job"));
        }
        if job.state != JobState::Done {
            return Err(Error::NoFile(job.state.as_str()));
        }
        if job.expires.is_some_and(|it| it <= asker.now) {
            return Err(Error::NotFound("job"));
        }
        if !asker.principal.reach.covers_all(&job.reach) {
            return Err(Error::ReachShrunk);
        }
        if job.reach == Reach::Everything {
            let detail = json!({ "job": id.0, "asked": job.wanted.question });
            self.record(asker, Action::FetchExport, None, detail)
                .await?;
        }
        Ok(job)
    }

    /// Cancels an export that has not ended, which goes like others then; else removes it.
    pub async fn remove_job(&self, asker: &Asker, id: JobId, expires: Timestamp) -> Result<()> {
        let job = self.job(asker, id).await?;
        if job.reach == Reach::Everything || !job.is_of(asker) {
            let detail = json!({ "job": id.0, "of": job.owner, "asked": job.wanted.question });
            self.record(asker, Action::RemoveExport, None, detail)
                .await?;
        }
        let sql = "UPDATE jobs SET state = 'cancelled', ended = $1, expires = $2 \
                   WHERE id = $3 AND state IN ('waiting', 'running')";
        let cancelled = self.db.run(sql, values![asker.now, expires, id.0]).await?;
        if cancelled == 0 {
            let sql = "DELETE FROM jobs WHERE id = $1";
            self.db.run(sql, values![id.0]).await?;
        }
        Ok(())
    }

    /// Has what was being written of an archive wait for its turn: for the begin of who writes.
    pub async fn put_jobs_back(&self, archive: &str) -> Result<()> {
        let sql = "UPDATE jobs SET state = 'waiting' WHERE state = 'running' AND archive = $1";
        self.db.run(sql, values![archive]).await.map(drop)
    }

    /// Begins the next job of an archive: first those that were begun before, then one of whoever had none for the longest time.
    pub async fn begin_job(&self, archive: &str, now: Timestamp) -> Result<Option<Job>> {
        let sql = "UPDATE jobs SET state = 'running', began = COALESCE(began, $1) WHERE id = \
                   (SELECT j.id FROM jobs j WHERE j.state = 'waiting' AND j.archive = $2 \
                   ORDER BY CASE WHEN j.began IS NULL THEN 1 ELSE 0 END, (SELECT COALESCE(max(o.began), 0) \
                   FROM jobs o WHERE o.user_id = j.user_id OR o.key_id = j.key_id), j.id LIMIT 1) RETURNING id";
        match self.db.row(sql, values![now, archive]).await? {
            None => Ok(None),
            Some(row) => self.any_job(JobId(row.number(0)?)).await.map(Some),
        }
    }

    /// Whether the owner of a job may still see all that is in it.
    pub async fn may_see_job(&self, job: &Job, now: Timestamp) -> Result<bool> {
        let reader = self.reader(job.user, job.key, now).await?;
        Ok(reader.is_some_and(|it| it.reach.covers_all(&job.reach)))
    }

    /// Notes how many rows a job will have.
    pub async fn job_counted(&self, id: JobId, rows: u64) -> Result<()> {
        let sql = "UPDATE jobs SET rows_in_all = $1 WHERE id = $2";
        self.db
            .run(sql, values![rows.cast_signed(), id.0])
            .await
            .map(drop)
    }

    /// Notes what is written of a job; whether it is still wanted.
    pub async fn job_wrote(&self, id: JobId, written: Written, permille: u32) -> Result<bool> {
        let sql = "UPDATE jobs SET written = $1, bytes = $2, permille = $3 WHERE id = $4 AND state = 'running'";
        let (rows, bytes) = (written.rows.cast_signed(), written.bytes.cast_signed());
        let values = values![rows, bytes, i64::from(permille), id.0];
        Ok(self.db.run(sql, values).await? > 0)
    }

    /// Notes up to where all of a job is on disk; whether it is still wanted.
    pub async fn job_has(&self, id: JobId, place: &JobPlace) -> Result<bool> {
        let sql = "UPDATE jobs SET place = $1, place_rows = $2, place_bytes = $3 WHERE id = $4 AND state = 'running'";
        let (rows, bytes) = (place.written.rows, place.written.bytes);
        let values = values![&place.place, rows.cast_signed(), bytes.cast_signed(), id.0];
        Ok(self.db.run(sql, values).await? > 0)
    }

    /// Has a job that was being written wait for its turn again.
    pub async fn put_job_back(&self, id: JobId) -> Result<()> {
        let sql = "UPDATE jobs SET state = 'waiting' WHERE id = $1 AND state = 'running'";
        self.db.run(sql, values![id.0]).await.map(drop)
    }

    /// Notes how a job ended, and until when it is kept; whether it was still wanted.
    pub async fn end_job(
        &self,
        id: JobId,
        end: JobEnd<'_>,
        (now, expires): (Timestamp, Timestamp),
    ) -> Result<bool> {
        let ended = match end {
            JobEnd::Done { written, hash } => {
                let sql = "UPDATE jobs SET state = 'done', written = $1, bytes = $2, permille = 1000, hash = $3, \
                           ended = $4, expires = $5 WHERE id = $6 AND state = 'running'";
                let (rows, bytes) = (written.rows.cast_signed(), written.bytes.cast_signed());
                let values = values![rows, bytes, hash, now, expires, id.0];
                self.db.run(sql, values).await?
            }
            JobEnd::Failed(why) => {
                let sql = "UPDATE jobs SET state = 'failed', failure = $1, ended = $2, expires = $3 \
                           WHERE id = $4 AND state = 'running'";
                let why = &why[..why.floor_char_boundary(FAILURE_BYTES_MAX)];
                self.db.run(sql, values![why, now, expires, id.0]).await?
            }
        };
        Ok(ended > 0)
    }

    /// Removes jobs that have expired; the numbers of those whose files are kept.
    pub async fn jobs_with_files(&self, now: Timestamp) -> Result<Vec<JobId>> {
        let sql = "DELETE FROM jobs WHERE expires <= $1";
        self.db.run(sql, values![now]).await?;
        let sql = "SELECT id FROM jobs WHERE state IN ('waiting', 'running', 'done') ORDER BY id";
        let rows = self.db.rows(sql, &[]).await?;
        rows.iter().map(|row| row.number(0).map(JobId)).collect()
    }

    async fn any_job(&self, id: JobId) -> Result<Job> {
        let sql = select!("WHERE j.id = $1");
        let row = self.db.row(sql, values![id.0]).await?;
        job(&row.ok_or(Error::NotFound("job"))?)
    }
}

impl Job {
    /// Whether it is the asker's: a user's by himself or by one of his keys, a customer's key's by that key.
    #[must_use]
    pub fn is_of(&self, asker: &Asker) -> bool {
        owner(asker).is_ok_and(|it| it == (self.user.map(|it| it.0), self.key.map(|it| it.0)))
    }
}

/// User or key, as they are stored.
fn owner(asker: &Asker) -> Result<(Option<i64>, Option<i64>)> {
    match (asker.principal.user, asker.principal.who) {
        (Some(user), _) => Ok((Some(user.0), None)),
        (None, Who::Key(key)) => Ok((None, Some(key.0))),
        (None, _) => Err(Error::NotFound("job")),
    }
}

/// Whether everybody's jobs are the asker's business.
fn sees_all(asker: &Asker) -> bool {
    asker.principal.reach == Reach::Everything && asker.principal.may(Right::RunUpkeep)
}

async fn insert(tx: &mut Tx, asker: &Asker, name: &str, new: &NewJob) -> Result<JobId> {
    let (user, key) = owner(asker)?;
    let sql = "SELECT count(*) FROM jobs WHERE user_id = $1 OR key_id = $2";
    let count = tx.row(sql, values![user, key]).await?;
    if count.map_or(Ok(0), |row| row.number(0))? >= JOBS_MAX {
        return Err(Error::invalid(
            "export",
            "there are too many; remove some",
            name,
        ));
    }
    let sql = "INSERT INTO jobs (user_id, key_id, reach, name, question, time_range, zone, format, with_lines, \
               state, created, archive) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting', $10, $11) RETURNING id";
    let reach = asker.principal.reach.to_text();
    let values = values![
        user,
        key,
        &reach,
        name,
        &new.question,
        &new.range,
        &new.zone,
        &new.format,
        new.with_lines,
        asker.now,
        &new.archive
    ];
    let row = tx.row(sql, values).await?;
    Ok(JobId(row.ok_or(Error::NotFound("job"))?.number(0)?))
}

fn job(row: &Row) -> Result<Job> {
    let unsigned = |at| row.number(at).map(i64::cast_unsigned);
    Ok(Job {
        id: JobId(row.number(0)?),
        user: row.number_or_none(1)?.map(UserId),
        key: row.number_or_none(2)?.map(KeyId),
        owner: row.text(3)?,
        reach: row.word(4, "jobs.reach", Reach::read)?,
        wanted: NewJob {
            archive: row.text(25)?,
            name: row.text(5)?,
            question: row.text(6)?,
            range: row.text(7)?,
            zone: row.text(8)?,
            format: row.text(9)?,
            with_lines: row.flag(10)?,
        },
        state: row.word(11, "jobs.state", JobState::parse)?,
        created: row.time(12)?,
        began: row.time_or_none(13)?,
        ended: row.time_or_none(14)?,
        expires: row.time_or_none(15)?,
        written: Written {
            rows: unsigned(16)?,
            bytes: unsigned(18)?,
        },
        rows_in_all: row.number_or_none(17)?.map(i64::cast_unsigned),
        permille: u32::try_from(row.number(19)?).unwrap_or(1_000),
        place: JobPlace {
            place: row.text(20)?,
            written: Written {
                rows: unsigned(21)?,
                bytes: unsigned(22)?,
            },
        },
        hash: row.text_or_none(23)?,
        failure: row.text_or_none(24)?,
    })
}
