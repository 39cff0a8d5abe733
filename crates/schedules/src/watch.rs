//! The loop: begins reports that are due, has them counted, and sends their mails.

use crate::limits::{DUE_MAX, LOOK_EVERY, SENT_AT_A_TIME, STOP_MAX, UNCLEAR_MAX};
use crate::poster::Poster;
use crate::rule::Rule;
use jiff::{SignedDuration, Timestamp};
use relay::Unsent;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tenancy::{DueRun, Schedule, ScheduleId, ScheduleMail, ScheduleMailId, ScheduleRunId, Tenancy};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// When reports are sent again.
#[derive(Clone, Debug)]
pub struct Settings {
    /// After which times a report that could not be counted or sent is tried again; then it is given up.
    pub retries: Vec<Duration>,
}

/// What tasks share.
struct Shared {
    tenancy: Arc<Tenancy>,
    poster: Arc<Poster>,
    settings: Settings,
    /// Schedules of which it is not understood when they are due.
    waiting: Mutex<HashSet<ScheduleId>>,
}

/// What a task is at.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Work {
    Count(ScheduleRunId),
    Send(ScheduleMailId),
}

/// Sends reports until it is told to stop.
pub async fn run(
    tenancy: Arc<Tenancy>,
    poster: Arc<Poster>,
    settings: Settings,
    mut stop: watch::Receiver<bool>,
) {
    let shared = Arc::new(Shared {
        tenancy,
        poster,
        settings,
        waiting: Mutex::default(),
    });
    let mut tasks: JoinSet<Work> = JoinSet::new();
    let mut at_work: HashSet<Work> = HashSet::new();
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        while let Some(done) = tasks.try_join_next() {
            match done {
                Ok(work) => drop(at_work.remove(&work)),
                Err(error) => {
                    // Whose it was is not known; all that are not at work begin anew.
                    tracing::error!(%error, "a report could not be counted or sent");
                    tasks.shutdown().await;
                    at_work.clear();
                }
            }
        }
        if let Err(error) = shared.begin(&mut tasks, &mut at_work).await {
            tracing::warn!(%error, "reports on a schedule cannot be read");
        }
    }
    // Of a mail that is cut nobody knows whether it was taken. What is not sent yet is in the database.
    let rest = async { while tasks.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(STOP_MAX, rest).await;
    tasks.shutdown().await;
}

impl Shared {
    fn now(&self) -> Timestamp {
        self.poster.source.now()
    }

    /// Begins what is due.
    async fn begin(
        self: &Arc<Self>,
        tasks: &mut JoinSet<Work>,
        at_work: &mut HashSet<Work>,
    ) -> tenancy::Result<()> {
        let (tenancy, now) = (&self.tenancy, self.now());
        for schedule in tenancy.due_schedules(now, DUE_MAX).await? {
            self.begin_run(&schedule, now).await?;
        }
        for run in tenancy.due_runs(now, DUE_MAX).await? {
            let (shared, work) = (Arc::clone(self), Work::Count(run.id));
            if at_work.insert(work) {
                tasks.spawn(async move {
                    shared.count(&run).await;
                    work
                });
            }
        }
        for mail in tenancy.due_schedule_mails(now, SENT_AT_A_TIME).await? {
            let (shared, work) = (Arc::clone(self), Work::Send(mail.id));
            if at_work.insert(work) {
                tasks.spawn(async move {
                    shared.send(&mail).await;
                    work
                });
            }
        }
        Ok(())
    }

    /// Begins the newest report that is due; those before it are missed.
    async fn begin_run(&self, schedule: &Schedule, now: Timestamp) -> tenancy::Result<()> {
        let rule = Rule::read(&schedule.said).ok();
        let dates = rule.and_then(|rule| {
            let first = schedule.said.next_due;
            // What was due may not be by a newer database of zones.
            let due = rule.latest(now)?.max(first);
            let run = rule.run(due, rule.count(first, due))?;
            Some((run, rule.next(now)?))
        });
        let Some((run, next)) = dates else {
            // It waits for somebody to change it, or for its zone to be known again; that is told once.
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.insert(schedule.id) {
                let id = schedule.id.0;
                tracing::warn!(schedule = id, "it is not understood when a report is due");
            }
            return Ok(());
        };
        self.tenancy.begin_run(schedule, &run, next, now).await?;
        Ok(())
    }

    /// Has a report counted.
    async fn count(&self, run: &DueRun) {
        let noted = match self.poster.message(run).await {
            Ok(message) => self.tenancy.run_is_counted(run.id, &message).await,
            Err(why) => {
                tracing::warn!(run = run.id.0, why, "a report cannot be counted");
                let next = self.next_try(run.tries);
                let why = format!("it cannot be counted: {why}");
                self.tenancy
                    .run_failed(run.id, &why, next, self.now())
                    .await
            }
        };
        if let Err(error) = noted {
            tracing::warn!(%error, "what a report says cannot be stored");
        }
    }

    /// Sends a mail.
    async fn send(&self, mail: &ScheduleMail) {
        if let Err(error) = self.try_send(mail).await {
            tracing::warn!(%error, "what came of a report cannot be stored");
        }
    }

    async fn try_send(&self, mail: &ScheduleMail) -> tenancy::Result<()> {
        let tenancy = &self.tenancy;
        if mail.unclear >= UNCLEAR_MAX {
            let why = "nobody knows whether it was taken: it was begun twice, and its end not seen";
            return tenancy
                .mail_failed(mail, (why, false), None, self.now())
                .await;
        }
        if !tenancy.begin_mail(mail).await? {
            return Ok(());
        }
        match self.poster.send(mail).await {
            Ok(reply) => tenancy.mail_is_sent(mail, &reply, self.now()).await,
            Err(unsent) => {
                let Unsent {
                    why,
                    is_for_now,
                    is_unclear,
                } = unsent;
                let next = self.next_try(mail.tries).filter(|_| is_for_now);
                let failure = (why.as_str(), is_unclear);
                tenancy.mail_failed(mail, failure, next, self.now()).await
            }
        }
    }

    /// When something that failed so often before is tried again; `None` where it is given up.
    fn next_try(&self, tries: i64) -> Option<Timestamp> {
        let tries = usize::try_from(tries).ok()?;
        let wait = SignedDuration::try_from(*self.settings.retries.get(tries)?).ok()?;
        self.now().checked_add(wait).ok()
    }
}
