//! One job, from where it was to its end.

use crate::file::Out;
use crate::format::Format;
use crate::limits::{
    COUNT_MAX, FREE_BYTES_MIN, GIVE_WAY_LOOK, GIVE_WAY_MAX, NOTE_EVERY, TRIES, TRY_AFTER,
};
use crate::{Shared, told};
use jiff::tz::TimeZone;
use query::{Sight, Walk};
use search::{Search, TimeRange};
use std::io;
use std::time::Duration;
use tenancy::{Job, JobEnd, JobPlace, Written};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, timeout};

/// Why a job is not written further.
enum Ended {
    /// The daemon ends; it goes on after.
    Stopped,
    /// Nobody wants it any more.
    Unwanted,
    /// The archive could not be read, which may pass.
    Archive(String),
    /// It cannot be written, for this reason.
    Failed(String),
}

/// Writes a job to its end, or until the daemon ends.
pub(crate) async fn write(shared: &Shared, mut job: Job) {
    let mut tries = TRIES;
    let ended = loop {
        match export(shared, &mut job).await {
            Err(Ended::Archive(why)) if tries > 0 && !is_stopped(shared) => {
                tries -= 1;
                tracing::warn!(job = job.id.0, %why, "an export could not read the archive; it goes on");
                let _ = timeout(TRY_AFTER, shared.stop.clone().wait_for(|stop| *stop)).await;
            }
            ended => break ended,
        }
    };
    let now = shared.source.now();
    let until = (now, shared.jobs.expires(now));
    let (written, hash) = match ended {
        Ok(done) => done,
        Err(Ended::Stopped) => {
            told(shared.tenancy.put_job_back(job.id).await);
            return;
        }
        // Its file is swept away.
        Err(Ended::Unwanted) => return shared.jobs.changed(),
        Err(Ended::Archive(why) | Ended::Failed(why)) => {
            tracing::warn!(job = job.id.0, %why, "an export failed");
            told(
                shared
                    .tenancy
                    .end_job(job.id, JobEnd::Failed(&why), until)
                    .await,
            );
            return shared.jobs.changed();
        }
    };
    let end = JobEnd::Done {
        written,
        hash: &hash,
    };
    // Where that cannot be noted, it stays as it is until the daemon begins again.
    if told(shared.tenancy.end_job(job.id, end, until).await) == Some(true) {
        let Written { rows, bytes } = written;
        tracing::info!(job = job.id.0, rows, bytes, "an export is complete");
    }
    shared.jobs.changed();
}

fn is_stopped(shared: &Shared) -> bool {
    *shared.stop.borrow()
}

/// What is asked for, with words such as `yesterday` as they were meant.
fn search(job: &Job) -> Result<(Search, Format), String> {
    let wanted = &job.wanted;
    let zone = match wanted.zone.as_str() {
        "" => TimeZone::UTC,
        name => TimeZone::get(name).map_err(|error| error.to_string())?,
    };
    let parsed = Search::parse(&wanted.question, job.created, &zone);
    let mut search = parsed.map_err(|error| error.to_string())?;
    if !wanted.range.is_empty() {
        let range = search::time::range(&wanted.range, job.created, &zone);
        search.range = search.range.and(range.map_err(|error| error.to_string())?);
    }
    let format = Format::parse(&wanted.format).ok_or("there is no such format")?;
    Ok((search, format))
}

/// Runs what may wait on a thread of its own.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime ends, and so does this.
            Err(_) => std::future::pending().await,
        },
    }
}

fn disk(error: io::Error) -> Ended {
    Ended::Failed(format!("the file cannot be written: {error}"))
}

fn archive(error: query::Error) -> Ended {
    let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |it| it.source());
    let told: Vec<String> = causes.map(ToString::to_string).collect();
    Ended::Archive(told.join(": "))
}

/// A job that is being written.
struct Writing<'s> {
    shared: &'s Shared,
    job: &'s mut Job,
    search: Search,
    /// When it was noted how far it is.
    noted: Option<Instant>,
}

/// Writes all days that are not written; gives what the file has, and its hash.
async fn export(shared: &Shared, job: &mut Job) -> Result<(Written, String), Ended> {
    let (search, format) = search(job).map_err(Ended::Failed)?;
    let sight = shared.source.sight(&job.reach);
    let mut days = query::days(&sight, search.range);
    let path = shared.jobs.path(job);
    let shape = (format, job.wanted.with_lines);
    let place = job.place.clone();
    let opened = beside(move || Out::open(&path, shape, &place)).await;
    let (mut out, goes_on) = opened.map_err(disk)?;
    if goes_on {
        tracing::info!(job = job.id.0, behind = %job.place.place, "an export goes on");
    } else {
        job.place = JobPlace::default();
    }
    let all = days.len();
    let done = job.place.place.clone();
    days.retain(|day| *day > done);
    let mut writing = Writing {
        shared,
        job,
        search,
        noted: None,
    };
    if writing.job.rows_in_all.is_none() {
        writing.count(sight).await;
    }
    let before = all - days.len();
    for (number, day) in days.into_iter().enumerate() {
        out = writing.day(out, &day, (before + number, all)).await?;
        if format.can_go_on() {
            out = writing.reach(out, day).await?;
        }
    }
    writing.must_be_seen().await?;
    beside(move || out.finish()).await.map_err(disk)
}

impl Writing<'_> {
    /// Counts the rows, if that is soon done.
    async fn count(&mut self, sight: Sight) {
        self.give_way().await;
        let (filter, range) = (self.search.filter.clone(), self.search.range);
        let mut stop = self.shared.stop.clone();
        let counted = beside(move || {
            let asked = sight.clone();
            let groups = async move {
                let all: (_, TimeRange) = (&filter, range);
                query::groups(&asked, all, None, None, 1).await
            };
            sight.wait(async {
                tokio::select! {
                    counted = timeout(COUNT_MAX, groups) => counted.ok()?.ok(),
                    _ = stop.wait_for(|stop| *stop) => None,
                }
            })
        });
        if let Some(groups) = counted.await {
            let rows = groups.first().map_or(0, |it| it.rows);
            self.job.rows_in_all = Some(rows);
            told(self.shared.tenancy.job_counted(self.job.id, rows).await);
        }
    }

    /// Writes a day, which is one of all, given by its number.
    async fn day(
        &mut self,
        mut out: Out,
        day: &str,
        (number, all): (usize, usize),
    ) -> Result<Out, Ended> {
        self.must_be_seen().await?;
        let sight = self.shared.source.sight(&self.job.reach);
        let asked = (&self.search.filter, self.search.range, day);
        let mut walk = Walk::new(&sight, asked, self.job.wanted.with_lines);
        loop {
            let sight = sight.clone();
            let (walked, written, read) = beside(move || {
                let read = match sight.wait(walk.next()) {
                    Ok(None) => Ok(None),
                    Ok(Some(piece)) => match out.piece(&piece) {
                        Ok(()) => Ok(Some(piece.done)),
                        Err(error) => Err(disk(error)),
                    },
                    Err(error) => Err(archive(error)),
                };
                (walk, out, read)
            })
            .await;
            (walk, out) = (walked, written);
            let Some(done) = read? else {
                return Ok(out);
            };
            let done = (number as f64 + done) / all as f64;
            self.note(out.written(), done).await?;
            self.give_way().await;
        }
    }

    /// Has all until the end of a day on disk, and notes it: there it can go on.
    async fn reach(&mut self, mut out: Out, day: String) -> Result<Out, Ended> {
        let synced = beside(move || out.sync().map(|()| out)).await;
        let out = synced.map_err(disk)?;
        let place = JobPlace {
            place: day,
            written: out.written(),
        };
        match told(self.shared.tenancy.job_has(self.job.id, &place).await) {
            Some(true) => self.job.place = place,
            Some(false) => return Err(Ended::Unwanted),
            None => {}
        }
        Ok(out)
    }

    /// Errs where who asked for it may see less than it has.
    async fn must_be_seen(&self) -> Result<(), Ended> {
        let (tenancy, now) = (&self.shared.tenancy, self.shared.source.now());
        match tenancy.may_see_job(self.job, now).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Ended::Failed(
                "who asked for it may see less mail than when it was asked for".to_owned(),
            )),
            Err(error) => Err(Ended::Archive(error.to_string())),
        }
    }

    /// Notes now and then how far it is; errs where it is not to go on.
    async fn note(&mut self, written: Written, done: f64) -> Result<(), Ended> {
        if is_stopped(self.shared) {
            return Err(Ended::Stopped);
        }
        if self.noted.is_some_and(|it| it.elapsed() < NOTE_EVERY) {
            return Ok(());
        }
        self.noted = Some(Instant::now());
        self.must_have_room(written)?;
        let permille = (done * 1_000.0).clamp(0.0, 999.0) as u32;
        let wrote = self
            .shared
            .tenancy
            .job_wrote(self.job.id, written, permille);
        match told(wrote.await) {
            Some(false) => Err(Ended::Unwanted),
            _ => Ok(()),
        }
    }

    fn must_have_room(&self, written: Written) -> Result<(), Ended> {
        let jobs = &self.shared.jobs;
        let megabytes = |bytes: u64| bytes >> 20;
        let max = jobs.settings.file_bytes_max;
        if written.bytes > max {
            return Err(Ended::Failed(format!(
                "the file is larger than {} MB: ask for less time, for less, or without lines",
                megabytes(max)
            )));
        }
        if jobs.bytes().map_err(disk)? > jobs.bytes_max() {
            return Err(Ended::Failed(format!(
                "all exports together are larger than {} MB: remove some",
                megabytes(jobs.bytes_max())
            )));
        }
        let free = self.shared.source.free_bytes();
        if free.is_some_and(|it| it < FREE_BYTES_MIN) {
            return Err(Ended::Failed("the disk is nearly full".to_owned()));
        }
        Ok(())
    }

    /// Waits a while for questions that are being answered.
    async fn give_way(&self) {
        let mut waited = Duration::ZERO;
        while self.shared.jobs.is_asked() && waited < GIVE_WAY_MAX && !is_stopped(self.shared) {
            sleep(GIVE_WAY_LOOK).await;
            waited += GIVE_WAY_LOOK;
        }
    }
}
