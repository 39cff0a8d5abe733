//! Writes reports and sends them.

use crate::language::Language;
use crate::limits::{COUNT_MAX, COUNTED_AT_A_TIME};
use crate::report::{Report, Wanted};
use crate::rule::{Every, Rule};
use crate::source::Source;
use crate::span::{Compared, Span};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use relay::{Address, Letter, Relay, Unsent};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tenancy::{DueRun, NewRun, NewSchedule, Schedule, ScheduleMail};
use tokio::sync::Semaphore;

/// How reports are written and go out.
pub struct Poster {
    pub(crate) source: Arc<dyn Source>,
    relay: Option<Relay>,
    /// Where people reach the page.
    page: Option<String>,
    /// For counting.
    turns: Semaphore,
}

/// What a mail says, as it is stored until all have it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Message {
    subject: String,
    text: String,
    html: String,
}

impl Rule {
    /// The rule of what is said of a schedule; errs with the key of what is wrong, and why.
    pub fn read(said: &NewSchedule) -> Result<Self, (&'static str, String)> {
        let wrong = |key, why: &str| Err((key, why.to_owned()));
        let Some(every) = Every::read(&said.every, said.day) else {
            return match said.every.as_str() {
                "week" => wrong("day", "it should be 1 (Monday) to 7"),
                "month" => wrong("day", "it should be 1 to 31"),
                _ => wrong("every", "it should be `day`, `week` or `month`"),
            };
        };
        let minute = i16::try_from(said.minute).ok();
        let Some(minute) = minute.filter(|it| (0..1_440).contains(it)) else {
            return wrong("time", "it should be like `07:00`");
        };
        let Ok(zone) = TimeZone::get(&said.zone) else {
            return wrong("zone", "it is no time zone, as `Europe/Rome`");
        };
        if Language::named(&said.language).is_none() {
            return wrong("language", "it should be `en` or `it`");
        }
        for receiver in &said.receivers {
            let address = receiver.parse::<Address>();
            if address.is_err() || !receiver.is_ascii() {
                let why = format!("`{receiver}` should be like `anna@example.org`");
                return Err(("receivers", why));
            }
        }
        Ok(Rule {
            every,
            minute,
            zone,
        })
    }

    /// The report that is due at a moment, up to which so many were missed.
    pub(crate) fn run(&self, due: Timestamp, missed: i64) -> Option<NewRun> {
        Some(new_run(due, missed, self.period(due)?))
    }

    /// The report that somebody wants now.
    pub fn run_now(&self, now: Timestamp) -> Option<NewRun> {
        Some(new_run(now, 0, self.period_now(now)?))
    }
}

fn new_run(due: Timestamp, missed: i64, Compared { now, before }: Compared) -> NewRun {
    NewRun {
        due,
        missed,
        before_from: before.from,
        from: now.from,
        until: now.until,
    }
}

impl Poster {
    /// One that counts what a source answers, and sends mail by a relay, if there is one.
    pub fn new(source: Arc<dyn Source>, relay: Option<Relay>, page: Option<String>) -> Self {
        Poster {
            source,
            relay,
            page,
            turns: Semaphore::new(COUNTED_AT_A_TIME),
        }
    }

    /// The report of a schedule as it would be sent now.
    pub async fn report(&self, schedule: &Schedule, now: Timestamp) -> Result<Report, String> {
        let rule = Rule::read(&schedule.said).map_err(|(key, why)| format!("`{key}`: {why}"))?;
        let run = rule.run_now(now).ok_or("there is no such time")?;
        self.counted(schedule, &run, None).await
    }

    /// What a report says, to be stored.
    pub(crate) async fn message(&self, run: &DueRun) -> Result<String, String> {
        let due = (!run.by_hand).then_some((run.run.due, run.began));
        let report = self.counted(&run.schedule, &run.run, due).await?;
        let message = Message {
            subject: report.subject(),
            text: report.text(),
            html: report.html(),
        };
        serde_json::to_string(&message).map_err(|error| error.to_string())
    }

    async fn counted(
        &self,
        schedule: &Schedule,
        run: &NewRun,
        due: Option<(Timestamp, Timestamp)>,
    ) -> Result<Report, String> {
        let said = &schedule.said;
        let wanted = Wanted {
            name: said.name.clone(),
            owner: schedule.customer,
            whose: schedule.customer_name.clone(),
            language: Language::named(&said.language).unwrap_or(Language::English),
            zone: TimeZone::get(&said.zone).map_err(|error| error.to_string())?,
            range: Compared {
                now: Span {
                    from: run.from,
                    until: run.until,
                },
                before: Span {
                    from: run.before_from,
                    until: run.from,
                },
            },
            due,
            missed: run.missed,
            page: self.page.clone(),
        };
        let _turn = self.turns.acquire().await;
        let counted = tokio::time::timeout(COUNT_MAX, Report::count(&*self.source, wanted));
        counted.await.map_err(|_| "it took too long")?
    }

    /// Sends a mail; gives what the server said.
    pub(crate) async fn send(&self, mail: &ScheduleMail) -> Result<String, Unsent> {
        let for_good = |why: String| Unsent {
            why,
            is_for_now: false,
            is_unclear: false,
        };
        let none = "mail is not set up: `host` and `from` in `[mail]`";
        let relay = self.relay.as_ref();
        let relay = relay.ok_or_else(|| for_good(none.to_owned()))?;
        let message: Message =
            serde_json::from_str(&mail.message).map_err(|error| for_good(error.to_string()))?;
        let to = mail.receiver.parse::<Address>();
        let letter = Letter {
            // The same each time that it is sent, so that a mail server may know it again.
            id: format!("waybill.report.{}.{}", mail.run, mail.id),
            at: mail.began,
            to: to.map_err(|error| for_good(error.to_string()))?,
            subject: message.subject,
            text: message.text,
            html: Some(message.html),
        };
        relay.send(&letter).await
    }
}
