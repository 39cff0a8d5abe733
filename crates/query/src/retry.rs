//! When mail that waits in a queue is tried again and when it is given up, by the rules of its server.
//!
//! These are estimates: logs do not tell them. Defaults are those of the servers; what a host has set
//! otherwise can be told in the words of its server.

use crate::queue::{Queued, Server, State};

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The settings of a host that its queues go by.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// Postfix waits as long as a message is old, but no less and no more than these. Source: postfix
    /// `src/qmgr/qmgr_active.c`, postconf(5).
    minimal_backoff: i64,
    maximal_backoff: i64,
    /// Postfix looks for what is due once in this time.
    queue_run: i64,
    /// After these Postfix gives up a message, or a notification.
    lifetime: i64,
    bounce_lifetime: i64,
    /// Exim's retry rule for all hosts. Source: exim `src/configure.default`, `src/retry.c`.
    steps: Vec<Step>,
    /// Exim or Sendmail look for what is due once in this time (`-q30m`).
    interval: Option<i64>,
    /// After this Sendmail gives up a message. Source: Sendmail Installation and Operation Guide §4.1.2.
    queue_return: i64,
}

/// A step of Exim's rule: until so long after the first failure, with such gaps.
#[derive(Clone, Debug, PartialEq)]
struct Step {
    until: i64,
    gap: i64,
    /// By how much each gap is longer than the one before.
    factor: f64,
}

impl Default for Retry {
    fn default() -> Self {
        let step = |until, gap, factor| Step { until, gap, factor };
        Retry {
            minimal_backoff: 300 * SECOND,
            maximal_backoff: 4_000 * SECOND,
            queue_run: 300 * SECOND,
            lifetime: 5 * DAY,
            bounce_lifetime: 5 * DAY,
            steps: vec![
                step(2 * HOUR, 15 * MINUTE, 1.0),
                step(16 * HOUR, HOUR, 1.5),
                step(4 * DAY, 6 * HOUR, 1.0),
            ],
            interval: None,
            queue_return: 5 * DAY,
        }
    }
}

/// How often Exim looks where nothing is told: `-q30m`, as its specification and Debian have it.
const EXIM_INTERVAL: i64 = 30 * MINUTE;

/// What is expected of a recipient that waits. Microseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// The next attempt comes between these; `None` where none is to come by itself, or where the
    /// server's rules are not known.
    pub next: Option<(i64, i64)>,
    /// Whether that is only what was seen between the last two attempts.
    pub is_observed: bool,
    /// An attempt that fails from then on is the last; `None` where it waits for ever, or is not known.
    pub expires: Option<i64>,
}

impl Outlook {
    /// What the next attempt is told by: `rules` of the server, or the `interval` seen until now.
    pub fn by(&self) -> &'static str {
        match self.is_observed {
            true => "interval",
            false => "rules",
        }
    }
}

impl Retry {
    /// Takes `name = value` lines as `postconf` writes them. Names: `minimal_backoff_time`,
    /// `maximal_backoff_time`, `queue_run_delay`, `maximal_queue_lifetime`, `bounce_queue_lifetime`;
    /// Exim's `retry = F,2h,15m; G,16h,1h,1.5; F,4d,6h`; Sendmail's `Timeout.queuereturn`; and
    /// `queue_interval`, what stands behind `-q` of these two. `#` begins a comment.
    ///
    /// Errs with the line that is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut retry = Retry::default();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = || format!("`{line}` is not understood");
            let (name, value) = line.split_once('=').ok_or_else(wrong)?;
            let seconds = || length(value, SECOND).ok_or_else(wrong);
            let days = || length(value, DAY).ok_or_else(wrong);
            match name.trim() {
                "minimal_backoff_time" => retry.minimal_backoff = seconds()?,
                "maximal_backoff_time" => retry.maximal_backoff = seconds()?,
                "queue_run_delay" => retry.queue_run = seconds()?,
                "maximal_queue_lifetime" => retry.lifetime = days()?,
                "bounce_queue_lifetime" => retry.bounce_lifetime = days()?,
                "retry" => retry.steps = steps(value).ok_or_else(wrong)?,
                "queue_interval" => retry.interval = Some(seconds()?),
                "Timeout.queuereturn" => retry.queue_return = days()?,
                _ => return Err(wrong()),
            }
        }
        Ok(retry)
    }

    /// What is expected of a recipient.
    pub fn outlook(&self, queued: &Queued) -> Outlook {
        let by_rules = self.next(queued);
        let seen = queued.interval().zip(queued.last_attempt);
        let seen = seen.map(|(interval, last)| (last + interval, last + interval));
        let waits = queued.state == State::Deferred;
        Outlook {
            next: by_rules.or(seen).filter(|_| waits),
            is_observed: waits && by_rules.is_none() && seen.is_some(),
            expires: self.expires(queued),
        }
    }

    fn next(&self, queued: &Queued) -> Option<(i64, i64)> {
        let last = queued.last_attempt?;
        let (due, run) = match queued.server? {
            Server::Postfix => {
                let age = last - queued.since;
                // As Postfix does it: where they cross, the least time holds.
                let wait = age.min(self.maximal_backoff).max(self.minimal_backoff);
                (last + wait, self.queue_run)
            }
            Server::Exim => {
                let since = last - queued.first_attempt?;
                let step = self.steps.iter().find(|step| since <= step.until)?;
                let gap = match queued.interval() {
                    Some(gap) if step.factor > 1.0 && gap >= step.gap => {
                        (gap as f64 * step.factor) as i64
                    }
                    _ => step.gap,
                };
                // Source: `retry_interval_max`.
                let due = last + gap.min(DAY);
                (due, self.interval.unwrap_or(EXIM_INTERVAL))
            }
            Server::Sendmail => (last, self.interval?),
        };
        Some((due, due.saturating_add(run)))
    }

    fn expires(&self, queued: &Queued) -> Option<i64> {
        if queued.state == State::Held {
            return None;
        }
        let is_notification = queued.mail_from.as_deref() == Some("");
        match queued.server? {
            Server::Postfix if is_notification => Some(queued.since + self.bounce_lifetime),
            Server::Postfix => Some(queued.since + self.lifetime),
            Server::Exim => Some(queued.first_attempt? + self.steps.last()?.until),
            Server::Sendmail => Some(queued.since + self.queue_return),
        }
    }
}

/// A length of time in microseconds: `300s`, `1h30m`, `5d`, `2w`, or a number of a unit.
fn length(text: &str, unit: i64) -> Option<i64> {
    let mut rest = text.trim();
    let mut sum = 0_i64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|it: char| !it.is_ascii_digit());
        let (number, behind) = rest.split_at(digits.unwrap_or(rest.len()));
        let mut letters = behind.chars();
        let of = match letters.next() {
            None => unit,
            Some('s') => SECOND,
            Some('m') => MINUTE,
            Some('h') => HOUR,
            Some('d') => DAY,
            Some('w') => 7 * DAY,
            Some(_) => return None,
        };
        sum = sum.checked_add(number.parse::<i64>().ok()?.checked_mul(of)?)?;
        rest = letters.as_str();
    }
    // Longer than any queue keeps mail.
    (sum <= 10_000 * DAY).then_some(sum)
}

/// `F,2h,15m; G,16h,1h,1.5`. Source: The Exim Specification, chapter 32.
fn steps(text: &str) -> Option<Vec<Step>> {
    let steps = text.split(';').map(|step| {
        let mut parts = step.split(',').map(str::trim);
        let kind = parts.next()?;
        let (until, gap) = (
            length(parts.next()?, SECOND)?,
            length(parts.next()?, SECOND)?,
        );
        let factor = match (kind, parts.next()) {
            ("F", None) => 1.0,
            // `H` makes it a random time up to that.
            ("G" | "H", Some(factor)) => factor
                .parse()
                .ok()
                .filter(|it| (1.0..=100.0).contains(it))?,
            _ => return None,
        };
        Some(Step { until, gap, factor })
    });
    steps.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a message that came at 0; times in seconds.
    fn queued(server: Option<Server>, first: i64, before: Option<i64>, last: i64) -> Queued {
        Queued {
            host: "mx1".to_owned(),
            queue_id: "4abc".to_owned(),
            server,
            since: 0,
            mail_from: Some("anna@example.org".to_owned()),
            rcpt_to: Some("bob@example.net".to_owned()),
            account: None,
            size: None,
            state: State::Deferred,
            attempts: 1,
            first_attempt: Some(first * SECOND),
            attempt_before: before.map(|it| it * SECOND),
            last_attempt: Some(last * SECOND),
            reply: None,
            relay: None,
        }
    }

    fn next(retry: &Retry, queued: &Queued) -> Option<(i64, i64)> {
        let next = retry.outlook(queued).next;
        next.map(|(from, until)| (from / SECOND, until / SECOND))
    }

    #[test]
    fn postfix_waits_as_long_as_a_message_is_old_within_bounds() {
        let retry = Retry::default();
        let at = |last| next(&retry, &queued(Some(Server::Postfix), 1, None, last));
        assert_eq!(at(1), Some((301, 601)));
        assert_eq!(at(1_000), Some((2_000, 2_300)));
        assert_eq!(at(90_000), Some((94_000, 94_300)));
        let outlook = retry.outlook(&queued(Some(Server::Postfix), 1, None, 1));
        assert_eq!(outlook.expires, Some(5 * DAY));
    }

    #[test]
    fn settings_of_postfix_are_as_postconf_tells_them() {
        let told = "minimal_backoff_time = 60s\nmaximal_backoff_time = 1h\nqueue_run_delay = 30\n\
                    maximal_queue_lifetime = 2d\nbounce_queue_lifetime = 1\n";
        let retry = Retry::parse(told).expect("it is right");
        let mut it = queued(Some(Server::Postfix), 1, None, 1);
        assert_eq!(next(&retry, &it), Some((61, 91)));
        assert_eq!(retry.outlook(&it).expires, Some(2 * DAY));
        it.mail_from = Some(String::new());
        assert_eq!(retry.outlook(&it).expires, Some(DAY));
        it.state = State::Held;
        assert_eq!(retry.outlook(&it), Outlook::default());
        it.state = State::Active;
        assert_eq!(next(&retry, &it), None);
        for wrong in [
            "minimal_backoff_time",
            "queue_run_delay = soon",
            "a = 1",
            "retry = F,2h",
        ] {
            assert!(
                Retry::parse(wrong).is_err_and(|it| it.contains(wrong)),
                "{wrong}"
            );
        }
    }

    #[test]
    fn exim_goes_by_its_steps() {
        let retry = Retry::default();
        let at = |before, last| next(&retry, &queued(Some(Server::Exim), 0, before, last));
        assert_eq!(at(None, 0), Some((900, 2_700)));
        assert_eq!(at(Some(9_000), 10_000), Some((13_600, 15_400)));
        assert_eq!(at(Some(10_000), 14_000), Some((20_000, 21_800)));
        assert_eq!(at(Some(60_000), 80_000), Some((101_600, 103_400)));
        let outlook = retry.outlook(&queued(Some(Server::Exim), 7, None, 7));
        assert_eq!(outlook.expires, Some(4 * DAY + 7 * SECOND));
        let own = Retry::parse("retry = F,1d,10m\nqueue_interval = 5m").expect("it is right");
        let it = queued(Some(Server::Exim), 0, None, 0);
        assert_eq!(next(&own, &it), Some((600, 900)));
    }

    #[test]
    fn what_no_rule_is_known_for_is_told_by_what_was_seen() {
        let retry = Retry::default();
        for server in [None, Some(Server::Sendmail)] {
            let it = queued(server, 10, Some(100), 700);
            let outlook = retry.outlook(&it);
            assert_eq!(outlook.next, Some((1_300 * SECOND, 1_300 * SECOND)));
            assert!(outlook.is_observed);
            assert_eq!(next(&retry, &queued(server, 10, None, 10)), None);
        }
        let own = Retry::parse("queue_interval = 10m\nTimeout.queuereturn = 3d");
        let outlook =
            own.expect("it is right")
                .outlook(&queued(Some(Server::Sendmail), 0, None, 0));
        assert_eq!(outlook.next, Some((0, 600 * SECOND)));
        assert_eq!(outlook.expires, Some(3 * DAY));
    }
}
