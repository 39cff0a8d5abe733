//! What reports know of the archive, and how they are sent.

use super::alerts::Mail;
use super::config::Config;
use ::schedules::{Answer, Coverage, Host, Map, Poster, Settings, Source, Span};
use jiff::Timestamp;
use query::Sight;
use relay::Relay;
use search::TimeRange;
use std::sync::Arc;
use std::time::Duration;
use tenancy::{CustomerId, Tenancy};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long a question of a report may take: nobody waits before a screen.
const QUESTION_MAX: Duration = Duration::from_secs(300);

/// How reports are written and go out.
pub(super) fn poster(config: &Config, mail: Arc<Mail>, relay: Option<Relay>) -> Arc<Poster> {
    let page = Some(config.web.url.clone()).filter(|it| !it.is_empty());
    Arc::new(Poster::new(mail, relay, page))
}

/// Begins to send what is due, until it is told to stop.
pub(super) fn send(
    config: &Config,
    (tenancy, poster): (&Arc<Tenancy>, &Arc<Poster>),
    stop: watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) {
    let retries = config.webhooks.retry_seconds.iter();
    let settings = Settings {
        retries: retries.map(|it| Duration::from_secs(*it)).collect(),
    };
    let (tenancy, poster) = (Arc::clone(tenancy), Arc::clone(poster));
    tasks.spawn(::schedules::run(tenancy, poster, settings, stop));
}

impl Source for Mail {
    fn rows(&self, owner: Option<CustomerId>, question: String) -> Answer<'_, Vec<Map>> {
        Box::pin(async move {
            let ask = move |sight: Sight| async move {
                query::sql(&sight, &question, QUESTION_MAX).await?.ndjson()
            };
            ::schedules::rows(&self.ask(owner, ask).await?)
        })
    }

    fn coverage(&self, owner: Option<CustomerId>, of: Span) -> Answer<'_, Coverage> {
        Box::pin(async move {
            let range = TimeRange {
                from: of.from.as_microsecond(),
                until: of.until.as_microsecond(),
            };
            let ask = move |sight: Sight| async move { query::coverage(&sight, range).await };
            let found = self.ask(owner, ask).await?;
            let first = found.span().map(|(first, _)| moment(first));
            let host = |it: query::Host| Host {
                host: it.host,
                last: moment(it.last),
                lines: it.lines,
                lines_unknown: it.lines_unknown,
                gaps: spans(it.gaps),
            };
            // Hosts are nobody's but ours.
            let hosts = found.hosts.into_iter().filter(|_| owner.is_none());
            Ok(Coverage {
                first,
                gaps: spans(found.gaps),
                hosts: hosts.map(host).collect(),
            })
        })
    }

    fn now(&self) -> Timestamp {
        ::alerts::Source::now(self)
    }
}

fn moment(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or_default()
}

fn spans(gaps: Vec<(i64, i64)>) -> Vec<Span> {
    let span = |(from, until)| Span {
        from: moment(from),
        until: moment(until),
    };
    gaps.into_iter().map(span).collect()
}
