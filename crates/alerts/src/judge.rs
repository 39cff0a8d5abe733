//! Whether a rule holds: for which subjects, and by how much.

use crate::kind::Kind;
use crate::limits::{COMPARED_MAX, DAYS_BEFORE, HEARD_HOURS, SUBJECTS_MAX};
use crate::rule::Rule;
use crate::source::{Asked, Destination, Group, Source};
use jiff::{SignedDuration, Timestamp};
use search::{AddressTest, Field, Filter, Test, TimeRange};
use std::collections::{HashMap, HashSet};

/// Somebody or something for which a rule holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its name; empty where rows are counted all together.
    pub name: String,
    /// How many were counted.
    pub count: u64,
    /// To what that compares; empty where to the threshold alone.
    pub beside: String,
}

const DAY_MICROS: i64 = 86_400_000_000;

/// The subjects for which a rule holds now, the largest first; none where it does not.
pub async fn judge(
    source: &dyn Source,
    rule: &Rule,
    now: Timestamp,
) -> Result<Vec<Subject>, String> {
    let range = rule.range(now);
    let mut held = match rule.kind {
        Kind::Search | Kind::ManyFailures | Kind::Blocklist => {
            let groups = source.groups(rule.owner, asked(rule, range, None)).await?;
            over(groups, rule, |it| it.rows)
        }
        Kind::ManyAddresses => {
            let different = Some("client_address");
            let groups = source
                .groups(rule.owner, asked(rule, range, different))
                .await?;
            over(groups, rule, |it| it.different)
        }
        Kind::ManyCountries => {
            let filter = rule.filter.clone();
            let told = source.countries(rule.owner, filter, range).await?;
            let several = told.into_iter().filter_map(|it| in_countries(it, rule));
            several.collect()
        }
        Kind::SuddenSending => sudden(source, rule, range).await?,
        Kind::DestinationBounces => {
            let filter = rule.filter.clone();
            let told = source.destinations(rule.owner, filter, range).await?;
            told.into_iter()
                .filter_map(|it| refusing(&it, rule))
                .collect()
        }
        Kind::QueueGrowth => {
            let before = source.queued(rule.owner, range.from).await?;
            let queued = source.queued(rule.owner, range.until).await?;
            grown(before, queued, rule).into_iter().collect()
        }
        Kind::SilentHost => {
            let hours = SignedDuration::from_hours(HEARD_HOURS).max(rule.window * 2);
            let heard = before(range.until, hours);
            silent_hosts(source.hosts(heard).await?, range)
        }
        Kind::SilentCustomer => silent_customers(source, rule, range).await?,
    };
    held.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    held.truncate(SUBJECTS_MAX);
    Ok(held)
}

fn before(until: i64, length: SignedDuration) -> TimeRange {
    let length = i64::try_from(length.as_micros()).unwrap_or(i64::MAX);
    TimeRange {
        from: until.saturating_sub(length),
        until,
    }
}

fn asked(rule: &Rule, range: TimeRange, different: Option<&'static str>) -> Asked {
    Asked {
        filter: rule.filter.clone(),
        range,
        by: rule.by.clone(),
        different,
        limit: SUBJECTS_MAX,
    }
}

/// Groups of which the count reaches the threshold; rows that do not say whose they are make none.
fn over(groups: Vec<Group>, rule: &Rule, count: impl Fn(&Group) -> u64) -> Vec<Subject> {
    let named =
        |it: &Group| rule.by.is_none() || it.value.as_deref().is_some_and(|it| !it.is_empty());
    let groups = groups.into_iter().filter(named);
    let subject = |it: Group| Subject {
        count: count(&it),
        name: it.value.unwrap_or_default(),
        beside: String::new(),
    };
    groups
        .map(subject)
        .filter(|it| it.count >= rule.threshold)
        .collect()
}

/// An account that is used in too many countries at a time.
fn in_countries((name, countries): (String, Vec<String>), rule: &Rule) -> Option<Subject> {
    let count = countries.len() as u64;
    (count >= rule.threshold).then(|| Subject {
        name,
        count,
        beside: countries.join(", "),
    })
}

/// Accounts that send more than the threshold, and than they do in such a time on the mean of the days
/// before.
async fn sudden(
    source: &dyn Source,
    rule: &Rule,
    range: TimeRange,
) -> Result<Vec<Subject>, String> {
    let groups = source.groups(rule.owner, asked(rule, range, None)).await?;
    let mut busy = over(groups, rule, |it| it.rows);
    busy.truncate(COMPARED_MAX);
    if busy.is_empty() {
        return Ok(busy);
    }
    let accounts = busy.iter().map(|it| {
        let whole = AddressTest::Whole(it.name.clone());
        Filter::term(Field::Account, Test::Address(whole))
    });
    let filter = Filter::and([rule.filter.clone(), Filter::or(accounts)]);
    let days = before(range.from, SignedDuration::from_hours(24 * DAYS_BEFORE));
    let groups = source.groups(
        rule.owner,
        Asked {
            filter,
            ..asked(rule, days, None)
        },
    );
    let usual = groups.await?.into_iter();
    let usual: HashMap<String, u64> = usual.filter_map(|it| Some((it.value?, it.rows))).collect();
    let sudden = busy.into_iter().filter_map(|it| {
        let rows = usual.get(&it.name).copied().unwrap_or(0);
        unusual(it, rows, rule)
    });
    Ok(sudden.collect())
}

/// What an account sends, if it is so much more than on the mean: `rows` are those of the days before.
fn unusual(subject: Subject, rows: u64, rule: &Rule) -> Option<Subject> {
    let days = SignedDuration::from_hours(24 * DAYS_BEFORE);
    let mean = rows as f64 * rule.window.as_secs_f64() / days.as_secs_f64();
    let is_more = subject.count as f64 * 100.0 > mean * rule.percent as f64;
    is_more.then(|| Subject {
        beside: format!("{mean:.1} in such a time on the mean of {DAYS_BEFORE} days"),
        ..subject
    })
}

fn refusing(it: &Destination, rule: &Rule) -> Option<Subject> {
    let share = it.wanted.saturating_mul(100) / it.all.max(1);
    (it.wanted >= rule.threshold && share >= rule.percent && !it.domain.is_empty()).then(|| {
        Subject {
            name: it.domain.clone(),
            count: it.wanted,
            beside: format!("of {} attempts, {share} %", it.all),
        }
    })
}

fn grown(before: u64, queued: u64, rule: &Rule) -> Option<Subject> {
    let is_grown =
        queued.saturating_mul(100) >= before.saturating_mul(rule.percent) && queued > before;
    (queued >= rule.threshold && is_grown).then(|| Subject {
        name: String::new(),
        count: queued,
        beside: format!("{before} at the beginning of the time"),
    })
}

fn silent_hosts(heard: Vec<(String, i64)>, range: TimeRange) -> Vec<Subject> {
    let silent = heard
        .into_iter()
        .filter(|(host, last)| !host.is_empty() && *last < range.from);
    let subject = |(name, last): (String, i64)| Subject {
        name,
        count: 0,
        beside: match Timestamp::from_microsecond(last) {
            Ok(last) => format!("since {last:.0}"),
            Err(_) => String::new(),
        },
    };
    silent.map(subject).collect()
}

/// Customers with rows on each of the days before, and none now.
async fn silent_customers(
    source: &dyn Source,
    rule: &Rule,
    range: TimeRange,
) -> Result<Vec<Subject>, String> {
    let names = async |range: TimeRange| -> Result<HashSet<String>, String> {
        let limit = usize::MAX;
        let groups = source.groups(
            rule.owner,
            Asked {
                limit,
                ..asked(rule, range, None)
            },
        );
        let names = groups.await?.into_iter().filter(|it| it.rows > 0);
        Ok(names.filter_map(|it| it.value).collect())
    };
    let mut daily: Option<HashSet<String>> = None;
    for day in 0..DAYS_BEFORE {
        let until = range.from - day * DAY_MICROS;
        let from = until - DAY_MICROS;
        let mut of_day = names(TimeRange { from, until }).await?;
        if let Some(daily) = &daily {
            of_day.retain(|it| daily.contains(it));
        }
        if of_day.is_empty() {
            return Ok(Vec::new());
        }
        daily = Some(of_day);
    }
    let now = names(range).await?;
    let daily = daily.unwrap_or_default().into_iter();
    let silent = daily.filter(|it| !now.contains(it));
    let subject = |name| Subject {
        name,
        count: 0,
        beside: format!("mail on each of {DAYS_BEFORE} days before"),
    };
    Ok(silent.map(subject).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::{rule, said};

    fn kind(kind: Kind) -> Rule {
        rule(&said(kind)).expect("it is right")
    }

    fn subject(name: &str, count: u64) -> Subject {
        Subject {
            name: name.to_owned(),
            count,
            beside: String::new(),
        }
    }

    fn group(value: Option<&str>, rows: u64, different: u64) -> Group {
        Group {
            value: value.map(str::to_owned),
            rows,
            different,
        }
    }

    #[test]
    fn the_threshold_is_reached_or_not() {
        let failures = kind(Kind::ManyFailures);
        let groups = vec![
            group(Some("a@x.example"), 50, 1),
            group(Some("b@x.example"), 49, 1),
            group(None, 900, 1),
            group(Some(""), 900, 1),
        ];
        let held = over(groups.clone(), &failures, |it| it.rows);
        assert_eq!(held, [subject("a@x.example", 50)]);
        assert_eq!(over(groups, &failures, |it| it.different), []);
        let search = kind(Kind::Search);
        let all = over(vec![group(None, 1, 0)], &search, |it| it.rows);
        assert_eq!(all, [subject("", 1)]);
        assert_eq!(over(vec![group(None, 0, 0)], &search, |it| it.rows), []);
    }

    #[test]
    fn countries_are_counted_and_named() {
        let rule = kind(Kind::ManyCountries);
        let of = |countries: &[&str]| {
            let countries = countries.iter().map(|it| (*it).to_owned()).collect();
            in_countries(("a@x.example".to_owned(), countries), &rule)
        };
        assert_eq!(of(&["IT"]), None);
        let held = of(&["IT", "RO"]).expect("two are too many");
        assert_eq!((held.count, held.beside.as_str()), (2, "IT, RO"));
    }

    #[test]
    fn sending_is_compared_to_the_mean() {
        let rule = kind(Kind::SuddenSending);
        // 168 hours before, 100 an hour: three times as much is 300.
        let is = |count, before| unusual(subject("a@x.example", count), before, &rule).is_some();
        assert!(is(301, 16_800));
        assert!(!is(300, 16_800));
        assert!(is(200, 0), "a new account");
    }

    #[test]
    fn a_destination_refuses_by_number_and_share() {
        let rule = kind(Kind::DestinationBounces);
        let is = |wanted, all| {
            let domain = "x.example".to_owned();
            let it = Destination {
                domain,
                wanted,
                all,
            };
            refusing(&it, &rule).is_some()
        };
        assert!(is(50, 100));
        assert!(!is(49, 60));
        assert!(!is(50, 102));
    }

    #[test]
    fn a_queue_grows_by_number_and_share() {
        let rule = kind(Kind::QueueGrowth);
        assert!(grown(500, 1_000, &rule).is_some());
        assert!(grown(0, 1_000, &rule).is_some());
        assert!(grown(501, 1_000, &rule).is_none());
        assert!(grown(10, 999, &rule).is_none());
    }

    #[test]
    fn a_host_is_silent_that_was_heard_before() {
        let range = TimeRange {
            from: 100,
            until: 200,
        };
        let heard = vec![
            ("mx1".to_owned(), 99),
            ("mx2".to_owned(), 100),
            (String::new(), 1),
        ];
        let silent = silent_hosts(heard, range);
        assert_eq!(silent.len(), 1);
        assert_eq!(silent[0].name, "mx1");
        assert_eq!(silent[0].beside, "since 1970-01-01T00:00:00Z");
    }
}
