//! What alerts know of the archive, and how they are told.

use super::Daemon;
use super::config::Config;
use super::web::nets;
use crate::input;
use ::alerts::{Answer, Asked, CUSTOMER, Destination, Group, Sample, Settings, Source, Teller};
use jiff::Timestamp;
use places::Country;
use query::{Column, Found, Sight};
use relay::Relay;
use search::{Filter, Search, TimeRange};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tenancy::{CustomerId, Reach, Tenancy};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Tallies of deliveries that are read for bounces by destination.
const TALLIES_MAX: usize = 1_000_000;

/// So long that all time is one stretch.
const WHOLE: Duration = Duration::from_secs(1_000_000_000_000);

/// The mail of the archive, as owners of alerts and reports see it.
pub(super) struct Mail {
    daemon: Arc<Daemon>,
    tenancy: Arc<Tenancy>,
    internal: Vec<search::Net>,
}

/// How alerts are told.
pub(super) fn teller(config: &Config, relay: Option<Relay>) -> anyhow::Result<Arc<Teller>> {
    let allow = nets("allow", "webhooks", &config.webhooks.allow)?;
    let page = Some(config.web.url.clone()).filter(|it| !it.is_empty());
    Ok(Arc::new(Teller::new(allow, relay, page)))
}

/// Begins to watch, until it is told to stop.
pub(super) fn watch(
    config: &Config,
    mail: Arc<Mail>,
    (tenancy, teller): (&Arc<Tenancy>, &Arc<Teller>),
    stop: watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) {
    let retries = config.webhooks.retry_seconds.iter();
    let settings = Settings {
        every: Duration::from_secs(config.alerts.every_seconds),
        retries: retries.map(|it| Duration::from_secs(*it)).collect(),
    };
    let (tenancy, teller) = (Arc::clone(tenancy), Arc::clone(teller));
    tasks.spawn(::alerts::run(mail, tenancy, teller, settings, stop));
}

impl Mail {
    pub(super) fn new(
        config: &Config,
        daemon: &Arc<Daemon>,
        tenancy: &Arc<Tenancy>,
    ) -> anyhow::Result<Arc<Self>> {
        Ok(Arc::new(Mail {
            daemon: Arc::clone(daemon),
            tenancy: Arc::clone(tenancy),
            internal: nets("internal", "web", &config.web.internal)?,
        }))
    }

    /// Has a question answered within what an owner sees, on a thread that may wait.
    pub(super) async fn ask<T: Send + 'static, F>(
        &self,
        owner: Option<CustomerId>,
        ask: impl FnOnce(Sight) -> F + Send + 'static,
    ) -> Result<T, String>
    where
        F: Future<Output = query::Result<T>>,
    {
        let reach = match owner {
            None => Reach::Everything,
            Some(id) => {
                let reach = self.tenancy.reach_of_customer(id, input::now()).await;
                reach.map_err(|error| super::chain(&error))?
            }
        };
        let sight = desk::sight(self.daemon.view.archive(), &reach, &self.internal);
        let asked = move || sight.clone().wait(ask(sight));
        match tokio::task::spawn_blocking(asked).await {
            Ok(answer) => answer.map_err(|error| super::chain(&error)),
            Err(panic) => Err(panic.to_string()),
        }
    }

    /// Groups by domain put together by the customers whose the domains are.
    async fn by_customer(&self, groups: Vec<Group>) -> Result<Vec<Group>, String> {
        let domains = self.tenancy.customers_of_domains().await;
        let domains = domains.map_err(|error| super::chain(&error))?;
        let customers: HashMap<String, String> = domains.into_iter().collect();
        let mut rows: HashMap<&str, u64> = HashMap::new();
        for group in &groups {
            let domain = group.value.as_deref().unwrap_or_default();
            if let Some(customer) = customers.get(domain) {
                *rows.entry(customer).or_default() += group.rows;
            }
        }
        let group = |(value, rows): (&str, u64)| Group {
            value: Some(value.to_owned()),
            rows,
            different: 0,
        };
        Ok(rows.into_iter().map(group).collect())
    }
}

impl Source for Mail {
    fn groups(&self, owner: Option<CustomerId>, asked: Asked) -> Answer<'_, Vec<Group>> {
        Box::pin(async move {
            let is_by_customer = asked.by.as_deref() == Some(CUSTOMER);
            let by = match asked.by.as_deref() {
                Some(CUSTOMER) => Some(Column::AccountDomain),
                Some(name) => {
                    let unknown = || format!("there is no column `{name}`");
                    Some(Column::named(name).ok_or_else(unknown)?)
                }
                None => None,
            };
            let different = asked.different.and_then(Column::named);
            let limit = if is_by_customer {
                i64::MAX as usize
            } else {
                asked.limit
            };
            let wanted = (asked.filter, asked.range);
            let ask = move |sight: Sight| async move {
                query::groups(&sight, (&wanted.0, wanted.1), by, different, limit).await
            };
            let group = |it: query::Group| Group {
                value: it.value,
                rows: it.rows,
                different: it.different,
            };
            let groups = self.ask(owner, ask).await?;
            let groups = groups.into_iter().map(group).collect();
            match is_by_customer {
                true => self.by_customer(groups).await,
                false => Ok(groups),
            }
        })
    }

    fn countries(
        &self,
        owner: Option<CustomerId>,
        filter: Filter,
        range: TimeRange,
    ) -> Answer<'_, Vec<(String, Vec<String>)>> {
        Box::pin(async move {
            let places = self.daemon.places();
            if places.is_empty() {
                let why = "no country is known of any address; set `database` of `[places]`";
                return Err(why.to_owned());
            }
            let ask = move |sight: Sight| async move {
                let mut told: BTreeMap<String, BTreeSet<Country>> = BTreeMap::new();
                let columns = [Column::Account, Column::ClientAddress];
                query::counted(&sight, (&filter, range), &columns, |_, _, texts| {
                    let [Some(account), Some(address)] = texts else {
                        return;
                    };
                    let country = places.country(address).filter(|_| !account.is_empty());
                    if let Some(country) = country {
                        told.entry((*account).to_owned())
                            .or_default()
                            .insert(country);
                    }
                })
                .await?;
                let named = |it: BTreeSet<Country>| it.iter().map(Country::to_string).collect();
                Ok(told
                    .into_iter()
                    .map(|(account, it)| (account, named(it)))
                    .collect())
            };
            self.ask(owner, ask).await
        })
    }

    fn destinations(
        &self,
        owner: Option<CustomerId>,
        filter: Filter,
        range: TimeRange,
    ) -> Answer<'_, Vec<Destination>> {
        Box::pin(async move {
            let all = "kind:delivered,relayed,bounced,deferred,expired";
            let all = Filter::parse(all, self.now(), &jiff::tz::TimeZone::UTC);
            let all = all.map_err(|error| error.to_string())?;
            let ask = move |sight: Sight| async move {
                let mut told: HashMap<String, Destination> = HashMap::new();
                for (filter, is_wanted) in [(filter, true), (all, false)] {
                    let tallies = query::tally(&sight, &filter, range, WHOLE, TALLIES_MAX).await?;
                    for it in tallies {
                        if !is_wanted && !told.contains_key(&it.rcpt_domain) {
                            continue;
                        }
                        let domain = it.rcpt_domain.clone();
                        let entry = told.entry(domain).or_insert_with(|| Destination {
                            domain: it.rcpt_domain,
                            wanted: 0,
                            all: 0,
                        });
                        match is_wanted {
                            true => entry.wanted += it.events,
                            false => entry.all += it.events,
                        }
                    }
                }
                Ok(told.into_values().collect())
            };
            self.ask(owner, ask).await
        })
    }

    fn hosts(&self, range: TimeRange) -> Answer<'_, Vec<(String, i64)>> {
        Box::pin(async move {
            let ask = move |sight: Sight| async move {
                let coverage = query::coverage(&sight, range).await?;
                let hosts = coverage.hosts.into_iter();
                Ok(hosts.map(|it| (it.host, it.last)).collect())
            };
            self.ask(None, ask).await
        })
    }

    fn queued(&self, owner: Option<CustomerId>, at: i64) -> Answer<'_, u64> {
        Box::pin(async move {
            let ask = move |sight: Sight| async move {
                let queued = query::queue(&sight, at).await?;
                Ok(queued.len() as u64)
            };
            self.ask(owner, ask).await
        })
    }

    fn samples(
        &self,
        owner: Option<CustomerId>,
        (filter, range): (Filter, TimeRange),
        limit: usize,
    ) -> Answer<'_, Vec<Sample>> {
        Box::pin(async move {
            let search = Search {
                filter,
                range,
                limit,
                ..Search::default()
            };
            let ask = move |sight: Sight| async move {
                let page = query::search(&sight, &search).await?;
                Ok(page.rows.iter().take(limit).map(sample).collect())
            };
            self.ask(owner, ask).await
        })
    }

    /// To the microsecond, as the database keeps it.
    fn now(&self) -> Timestamp {
        let now = input::now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}

/// A row for people.
fn sample(row: &Found) -> Sample {
    let text = |column| row.text(column).filter(|it| !it.is_empty());
    let mut sentence = text(Column::Kind).unwrap_or_default().to_owned();
    let told = [
        ("from", text(Column::MailFrom)),
        ("to", text(Column::RcptTo)),
        ("user", text(Column::User)),
        ("client", text(Column::ClientAddress)),
        ("by", text(Column::RelayName)),
    ];
    for (word, value) in told {
        if let Some(value) = value {
            sentence = format!("{sentence} {word} {value}");
        }
    }
    Sample {
        at: Timestamp::from_microsecond(row.at()).unwrap_or_default(),
        host: text(Column::Host).unwrap_or_default().to_owned(),
        sentence,
        reply: row.reply().map(|it| it.into_owned()),
    }
}
