//! A rule as it is watched, made of what was said of it.

use crate::kind::Kind;
use crate::limits::{NUMBER_MAX, QUIET_SECS, WINDOW_SECS};
use crate::receiver::Receiver;
use crate::wrong::Wrong;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use search::{Filter, TimeRange};
use tenancy::{CustomerId, NewAlert};

/// What is watched, for whom.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Whose rows; `None`: all.
    pub owner: Option<CustomerId>,
    /// What of them.
    pub kind: Kind,
    /// Which of them, as text that the page takes.
    pub question: String,
    /// The same.
    pub filter: Filter,
    /// The column by which they are counted; `None`: all together.
    pub by: Option<String>,
    /// A number that is not to be reached.
    pub threshold: u64,
    /// A share or growth that is not to be reached.
    pub percent: u64,
    /// How far is looked back.
    pub window: SignedDuration,
    /// For how long the same is not told again.
    pub quiet: SignedDuration,
    /// Who is told.
    pub receivers: Vec<Receiver>,
}

impl Rule {
    /// The rule that was told of an owner; `is_column` knows the columns that rows may be counted by.
    pub fn read(
        new: &NewAlert,
        owner: Option<CustomerId>,
        is_column: impl Fn(&str) -> bool,
        now: Timestamp,
    ) -> Result<Self, Wrong> {
        let wrong = |key, why: &str| Wrong::Value {
            key,
            why: why.to_owned(),
        };
        let names = Kind::ALL.map(Kind::name).join("`, `");
        let kind = Kind::named(&new.kind);
        let kind = kind.ok_or_else(|| wrong("kind", &format!("it is one of `{names}`")))?;
        if kind == Kind::SilentHost && owner.is_some() {
            return Err(wrong("kind", "customers do not know of hosts"));
        }
        let typed = new.question.trim();
        if !typed.is_empty() && !kind.takes_question() {
            return Err(wrong("q", "this kind takes no question"));
        }
        if typed.is_empty() && kind == Kind::Search {
            return Err(wrong(
                "q",
                "it is missing; as `status:bounced from:example.org`",
            ));
        }
        let read = |text: &str| Filter::parse(text, now, &TimeZone::UTC);
        let own = kind.question();
        let filter = Filter::and([read(&own)?, read(&new.question)?]);
        let by = new.by.as_deref().filter(|it| !it.is_empty());
        if by.is_some() && kind != Kind::Search {
            return Err(wrong("by", "only a `search` is counted by a column"));
        }
        if by.is_some_and(|it| !is_column(it)) {
            return Err(wrong(
                "by",
                "there is no such column; GET /api/v1/fields lists them",
            ));
        }
        let number = |key, value: i64| {
            let fits = (0..=NUMBER_MAX).contains(&value);
            let number = u64::try_from(value).ok().filter(|_| fits);
            number.ok_or_else(|| wrong(key, "it is negative, or too large"))
        };
        let seconds = |key, value: i64, may: std::ops::RangeInclusive<i64>| {
            let why = format!(
                "it should be {} to {} minutes",
                may.start() / 60,
                may.end() / 60
            );
            may.contains(&value)
                .then(|| SignedDuration::from_secs(value))
                .ok_or_else(|| wrong(key, &why))
        };
        let receivers = new.receivers.iter().map(|it| Receiver::read(it));
        Ok(Rule {
            owner,
            kind,
            question: both(&own, typed),
            filter,
            by: by.or(kind.by()).map(str::to_owned),
            threshold: number("threshold", new.threshold)?.max(1),
            percent: number("percent", new.percent)?,
            window: seconds("window_minutes", new.window_secs, WINDOW_SECS)?,
            quiet: seconds("quiet_minutes", new.quiet_secs, QUIET_SECS)?,
            receivers: receivers.collect::<Result<_, _>>()?,
        })
    }

    /// What is looked at, now.
    pub(crate) fn range(&self, now: Timestamp) -> TimeRange {
        let until = now.as_microsecond();
        let window = i64::try_from(self.window.as_micros()).unwrap_or(i64::MAX);
        TimeRange {
            from: until.saturating_sub(window),
            until,
        }
    }
}

/// A question that wants what both want.
fn both(one: &str, other: &str) -> String {
    match (one, other) {
        ("", it) | (it, "") => it.to_owned(),
        (one, other) => format!("{one} ({other})"),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::limits::QUIET_SECS_USUAL;

    pub(crate) fn said(kind: Kind) -> NewAlert {
        let usual = kind.usual();
        NewAlert {
            name: "a rule".to_owned(),
            kind: kind.name().to_owned(),
            question: if kind == Kind::Search {
                "status:bounced"
            } else {
                ""
            }
            .to_owned(),
            by: None,
            threshold: usual.threshold,
            percent: usual.percent,
            window_secs: usual.window_secs,
            quiet_secs: QUIET_SECS_USUAL,
            receivers: vec!["mailto:boss@acme.example".to_owned()],
            disabled: false,
        }
    }

    pub(crate) fn rule(new: &NewAlert) -> Result<Rule, Wrong> {
        Rule::read(new, None, |it| it == "account", Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn each_kind_is_a_rule_as_it_usually_is() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(kind));
            let rule = rule(&said(kind)).unwrap_or_else(|wrong| panic!("{kind:?}: {wrong}"));
            let again = Filter::parse(&rule.question, Timestamp::UNIX_EPOCH, &TimeZone::UTC);
            assert_eq!(
                again.ok(),
                Some(rule.filter),
                "{kind:?}: its text is the same question"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let search = said(Kind::Search);
        let question = NewAlert {
            question: "status:bounced form:x.example".to_owned(),
            ..search.clone()
        };
        let Err(Wrong::Question(error)) = rule(&question) else {
            panic!("it is wrong");
        };
        assert_eq!(error.span, 15..19);
        let key = |new: NewAlert| match rule(&new) {
            Err(Wrong::Value { key, .. }) => key,
            other => panic!("{other:?}"),
        };
        let from = |change: fn(&mut NewAlert)| {
            let mut new = said(Kind::Search);
            change(&mut new);
            key(new)
        };
        assert_eq!(from(|it| it.kind = "many".to_owned()), "kind");
        assert_eq!(from(|it| it.question.clear()), "q");
        assert_eq!(from(|it| it.by = Some("colour".to_owned())), "by");
        assert_eq!(from(|it| it.threshold = -1), "threshold");
        assert_eq!(from(|it| it.window_secs = 1), "window_minutes");
        assert_eq!(from(|it| it.quiet_secs = 1), "quiet_minutes");
        assert_eq!(
            from(|it| it.receivers = vec!["boss".to_owned()]),
            "receivers"
        );
        let question = |kind| NewAlert {
            question: "status:bounced".to_owned(),
            ..said(kind)
        };
        assert_eq!(key(question(Kind::QueueGrowth)), "q");
        let of_customer = Rule::read(
            &said(Kind::SilentHost),
            Some(CustomerId(1)),
            |_| true,
            Timestamp::UNIX_EPOCH,
        );
        assert!(of_customer.is_err());
    }
}
