//! The loop: looks at rules when it is their turn, and sends what is to be told.

use crate::judge::judge;
use crate::limits::{
    DUE_MAX, JUDGE_MAX, JUDGED_AT_A_TIME, LOOK_EVERY, SAMPLES_MAX, SENT_AT_A_TIME,
};
use crate::message::Message;
use crate::receiver::Receiver;
use crate::rule::Rule;
use crate::source::{Sample, Source};
use crate::state::{State, Turn};
use crate::teller::{Teller, Untold};
use crate::wrong::Wrong;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tenancy::{AlertId, AlertMessage, AlertMessageId, Finding, Tenancy, Watched};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// When rules are looked at, and messages sent again.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How often a rule is looked at.
    pub every: Duration,
    /// After which times a message is sent again; then it is given up.
    pub retries: Vec<Duration>,
}

/// What tasks share.
struct Shared {
    source: Arc<dyn Source>,
    tenancy: Arc<Tenancy>,
    teller: Arc<Teller>,
    settings: Settings,
    /// For looking at rules.
    turns: Semaphore,
}

/// What a task is at.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Work {
    Judge(AlertId),
    Send(AlertMessageId),
}

/// Watches and tells until it is told to stop.
pub async fn run(
    source: Arc<dyn Source>,
    tenancy: Arc<Tenancy>,
    teller: Arc<Teller>,
    settings: Settings,
    mut stop: watch::Receiver<bool>,
) {
    let shared = Arc::new(Shared {
        source,
        tenancy,
        teller,
        settings,
        turns: Semaphore::new(JUDGED_AT_A_TIME),
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
                    tracing::error!(%error, "an alert could not be looked at or told");
                    tasks.shutdown().await;
                    at_work.clear();
                }
            }
        }
        if let Err(error) = shared.begin(&mut tasks, &mut at_work).await {
            tracing::warn!(%error, "alerts cannot be read");
        }
    }
    // What is not told yet is in the database.
    tasks.shutdown().await;
}

impl Shared {
    /// Begins what is due.
    async fn begin(
        self: &Arc<Self>,
        tasks: &mut JoinSet<Work>,
        at_work: &mut HashSet<Work>,
    ) -> tenancy::Result<()> {
        let now = self.source.now();
        let every = SignedDuration::try_from(self.settings.every).unwrap_or(SignedDuration::MAX);
        let since = now.checked_sub(every).unwrap_or(Timestamp::MIN);
        for watched in self.tenancy.due_alerts((since, now), DUE_MAX).await? {
            let work = Work::Judge(watched.alert.id);
            if at_work.insert(work) {
                let shared = Arc::clone(self);
                tasks.spawn(async move {
                    shared.look(&watched).await;
                    work
                });
            }
        }
        for message in self.tenancy.due_alert_messages(now, SENT_AT_A_TIME).await? {
            let work = Work::Send(message.id);
            if at_work.insert(work) {
                let shared = Arc::clone(self);
                tasks.spawn(async move {
                    shared.send(&message).await;
                    work
                });
            }
        }
        Ok(())
    }

    /// Looks at a rule, and notes what is to be told.
    async fn look(&self, watched: &Watched) {
        let Ok(_turn) = self.turns.acquire().await else {
            return;
        };
        let now = self.source.now();
        let found = tokio::time::timeout(JUDGE_MAX, self.find(watched, now)).await;
        let found = found.unwrap_or_else(|_| Err("it took too long".to_owned()));
        let finding = found.unwrap_or_else(|trouble| {
            tracing::warn!(
                alert = watched.alert.id.0,
                trouble,
                "an alert cannot be looked at"
            );
            Finding {
                state: watched.state.clone(),
                firing_since: watched.alert.firing_since,
                trouble: Some(trouble),
                ..Finding::default()
            }
        });
        let noted = self.tenancy.note_finding(watched, &finding, now).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "what an alert found cannot be stored");
        }
    }

    async fn find(&self, watched: &Watched, now: Timestamp) -> Result<Finding, String> {
        let alert = &watched.alert;
        let rule = Rule::read(&alert.rule, alert.customer, |_| true, now);
        let rule = rule.map_err(|wrong| match wrong {
            Wrong::Question(error) => error.under(&alert.rule.question).to_string(),
            wrong @ Wrong::Value { .. } => wrong.to_string(),
        })?;
        let held = judge(&*self.source, &rule, now).await?;
        let mut state = State::read(&watched.state);
        let turn = state.turn(&held, rule.quiet, now);
        let mut finding = Finding {
            state: state.text(),
            firing_since: state.since,
            ..Finding::default()
        };
        let Some(turn) = turn else {
            return Ok(finding);
        };
        let message = Message::new(
            (alert, &rule),
            turn,
            &held,
            now,
            self.teller.page.as_deref(),
        );
        let message = Message {
            since: state.since.or(alert.firing_since),
            ..message
        };
        let message = message.with(self.samples(&rule, turn, now).await?).json();
        // Also what was found when it ended is told by the firing as it was at its height.
        finding.evidence = (turn != Turn::Resolved).then(|| message.clone());
        let receivers = alert.rule.receivers.iter();
        finding.messages = receivers.map(|it| (it.clone(), message.clone())).collect();
        Ok(finding)
    }

    async fn samples(
        &self,
        rule: &Rule,
        turn: Turn,
        now: Timestamp,
    ) -> Result<Vec<Sample>, String> {
        if turn == Turn::Resolved || rule.question.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = (rule.filter.clone(), rule.range(now));
        self.source.samples(rule.owner, wanted, SAMPLES_MAX).await
    }

    /// Sends a message; it is done with when its receiver has it or it is given up.
    async fn send(&self, message: &AlertMessage) {
        let now = self.source.now();
        let told = match (
            Receiver::read(&message.receiver),
            serde_json::from_str(&message.message),
        ) {
            (Ok(receiver), Ok(body)) => {
                self.teller
                    .tell(&receiver, (&body, &message.key), now)
                    .await
            }
            _ => Err(Untold {
                why: "what is stored is not understood".to_owned(),
                is_for_now: false,
            }),
        };
        let tenancy = &self.tenancy;
        let noted = match told {
            Ok(()) => tenancy.alert_message_is_done(message, None).await,
            Err(untold) => {
                let why = format!("{}: {}", message.receiver, untold.why);
                match self.next_try(message, &untold) {
                    Some(next) => tenancy.alert_message_failed(message, &why, next).await,
                    None => tenancy.alert_message_is_done(message, Some(&why)).await,
                }
            }
        };
        if let Err(error) = noted {
            tracing::warn!(%error, "what came of an alert's message cannot be stored");
        }
    }

    /// When a message is sent again; `None` where it is given up.
    fn next_try(&self, message: &AlertMessage, untold: &Untold) -> Option<Timestamp> {
        let tries = usize::try_from(message.tries).ok()?;
        let wait = self
            .settings
            .retries
            .get(tries)
            .filter(|_| untold.is_for_now)?;
        let wait = SignedDuration::try_from(*wait).ok()?;
        self.source.now().checked_add(wait).ok()
    }
}
